"""Quantities in English, exactly, and back: CNY 149.75 million is 149,750,000 again."""

import re
from decimal import Decimal
from fractions import Fraction

from index.numbers import EXACT, figures
from rag.quantities import (
    DOUBLINGS,
    JIN,
    MU,
    OF_PRICE,
    ORDINAL,
    PER_CENT,
    TIMES,
    Half,
    Moment,
    Quantity,
    Value,
    quantities,
)

MONTHS = (
    "January February March April May June July August September October November December"
).split()
MAX_DECIMALS = 4  # of a million: 1.2345 million, but 1,234,567
_SCALES = {"trillion": 10**12, "billion": 10**9, "million": 10**6}
_CODE = re.compile("[A-Z]{3}")
_SINGULAR = {
    "people": "person",
    "households": "household",
    "tonnes": "tonne",
    "years old": "year old",
}
_HALVES: dict[str, Half] = {"": "", "a.m.": "a.m.", "p.m.": "p.m."}
_AFTER = ("or more", "or less")

_DATE = re.compile(rf"(?P<month>{'|'.join(MONTHS)})(?: (?P<day>\d\d?)(?!\d))?(?:,? (?P<year>\d+))?")
_YEARS = re.compile(r"the years (?P<first>\d+) to (?P<last>\d+)")
_YEAR = re.compile(r"the year (?P<year>\d+)")
_DAY = re.compile(r"the (?P<day>\d+)(?:st|nd|rd|th)")
_TIME = re.compile(
    r"(?P<hour>\d+)(?::(?P<minute>\d\d)(?: (?P<half>[ap]\.m\.))?| (?P<bare>[ap]\.m\.)| o'clock)"
)


def in_english(quantity: Quantity) -> str:
    """Return the quantity in English words: ``more than CNY 55 million``.

    What is counted is not said where it is not certain. Nothing is rounded, but the hectares
    that are given in brackets behind mu, with "about".
    """
    if isinstance(quantity.value, Moment):
        bounds = [v for v in (quantity.value, quantity.upper) if isinstance(v, Moment)]
        if len(bounds) == 2 and bounds[0] == Moment(year=bounds[0].year):
            return f"the years {bounds[0].year} to {bounds[1].year}"
        return " to ".join(map(_moment, bounds))
    said = _amount(quantity)
    if quantity.modifier in _AFTER:
        said = f"{said} {quantity.modifier}"
    elif quantity.modifier:
        said = f"{quantity.modifier} {said}"
    return " ".join(part for part in (quantity.trend, said, quantity.basis) if part)


def from_english(text: str) -> tuple[Value, ...]:
    """Return the value that :func:`in_english` said, for a range both bounds; empty without."""
    bare = re.sub(r"\s*\([^)]*\)", "", text)
    years = _YEARS.fullmatch(bare)
    if years:
        return Moment(int(years["first"])), Moment(int(years["last"]))
    found = [_value(part.strip()) for part in bare.split(" to ")]
    return tuple(value for value in found if value is not None)


def conversions(text: str) -> list[tuple[str, str]]:
    """Return ``(as printed, in English)`` for the quantities of ``text`` that need English words.

    A bare number in digits, a percentage and a year read the same in both languages.
    """
    found = []
    for quantity in quantities(text):
        printed = " ".join(text[quantity.start : quantity.end].split())
        said = in_english(quantity)
        if quantity.unit != ORDINAL and not _reads_alike(quantity, printed, said):
            found.append((printed, said))
    return list(dict.fromkeys(found))


def _reads_alike(quantity: Quantity, printed: str, said: str) -> bool:
    if isinstance(quantity.value, Moment):
        year, day = Moment(year=quantity.value.year), Moment(day=quantity.value.day)
        return quantity.value in (year, day) and printed[0].isdigit()
    if quantity.unit or quantity.modifier:
        return printed == said
    return printed[0].isdigit() and not re.search("[十百千万亿]", printed)


def number_in_english(value: Decimal) -> str:
    """Return the number in digits, in millions, billions or trillions where that is shorter."""
    for name, scale in _SCALES.items():
        if abs(value) >= scale:
            share = EXACT.divide(value, Decimal(scale))
            if len(_digits(share).partition(".")[2]) <= MAX_DECIMALS:
                return f"{_digits(share)} {name}"
            break
    return _digits(value)


def _value(said: str) -> Value | None:
    date = _DATE.fullmatch(said)
    if date:
        day, year = date["day"], date["year"]
        month = MONTHS.index(date["month"]) + 1
        return Moment(int(year) if year else None, month, int(day) if day else None)
    year_alone, day_alone, time = _YEAR.fullmatch(said), _DAY.fullmatch(said), _TIME.fullmatch(said)
    if year_alone:
        return Moment(year=int(year_alone["year"]))
    if day_alone:
        return Moment(day=int(day_alone["day"]))
    if time:
        half = _HALVES[time["half"] or time["bare"] or ""]
        minute = int(time["minute"]) if time["minute"] else None
        return Moment(hour=int(time["hour"]), minute=minute, half=half)
    for figure in figures(said):
        (value,) = figure.values
        number = Decimal(value.rstrip("%p"))
        return -number if said[: figure.start].endswith("-") else number
    return None


def _digits(value: Decimal) -> str:
    said = f"{value:,f}"
    return said.rstrip("0").rstrip(".") if "." in said else said


def _amount(quantity: Quantity) -> str:
    bounds = [value for value in (quantity.value, quantity.upper) if isinstance(value, Decimal)]
    numbers = [number_in_english(value) for value in bounds]
    unit = quantity.unit
    if unit == ORDINAL:
        return f"{_digits(bounds[0])}{_ordinal(int(bounds[0]))}"
    if unit in (PER_CENT, OF_PRICE):
        return " to ".join(f"{number}%" for number in numbers) + unit.removeprefix("%")
    number = " to ".join(numbers)
    if not unit:
        return number
    if _CODE.fullmatch(unit) and unit != "TEU":
        return f"{unit} {number}"
    if bounds == [1]:
        unit = _SINGULAR.get(unit, unit.removesuffix("s"))
    said = f"{number} {unit}"
    if quantity.unit == MU:
        said += f" ({' to '.join(_hectares(value) for value in bounds)} ha)"
    if quantity.unit == JIN:
        said += f" ({' to '.join(_digits(EXACT.divide(v, Decimal(2))) for v in bounds)} kg)"
    if quantity.unit == TIMES and quantity.trend == "up" and bounds == [1]:
        said += " (doubled)"
    if quantity.unit == DOUBLINGS and bounds[0] == int(bounds[0]) and bounds[0] < 10:
        said += f" ({2 ** int(bounds[0])} times as much)"
    return said


def _hectares(mu: Decimal) -> str:
    """Return mu, fifteen to the hectare, as hectares: exact where the decimals end soon."""
    exact = Fraction(mu) / 15
    hundredths = exact * 100
    if hundredths.denominator == 1:
        return _digits(Decimal(hundredths.numerator).scaleb(-2))
    return f"about {_digits(Decimal(f'{float(exact):.3g}'))}"


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _moment(moment: Moment) -> str:
    if moment.hour is not None:
        said = str(moment.hour) if moment.minute is None else f"{moment.hour}:{moment.minute:02}"
        if moment.half:
            return f"{said} {moment.half}"
        return said if moment.minute is not None else f"{said} o'clock"
    if moment.month is None:
        day = moment.day
        return f"the year {moment.year}" if day is None else f"the {day}{_ordinal(day)}"
    said = MONTHS[moment.month - 1]
    if moment.day is not None:
        said += f" {moment.day}" + ("," if moment.year is not None else "")
    return f"{said} {moment.year}" if moment.year is not None else said
