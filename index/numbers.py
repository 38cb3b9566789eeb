"""Figures as comparable values: 58,092 is 58092, 1.4975亿 is 149.75 million, 4.7% is not 4.7.

A figure becomes one or more *values*, short exact strings: ``149750000`` (a number),
``4.7%`` and ``1.2pp`` (per cent, percentage points), ``--05-15``, ``--05`` and ``---15``
(day and month as in ISO 8601), ``80s`` (a decade), ``t09:30`` (a time, by the twelve-hour
clock). Signs are left out: 下降5% and -5% are the same figure. Nothing is rounded.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal
from itertools import pairwise

from index.patterns import regex

EXACT = Context(prec=100_000)  # the default context would round after 28 digits

_FULL_WIDTH_COMMA = regex("(?<=[０-９])，(?=[０-９]{3}(?![０-９]))")
_HALF_WIDTH = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *map(ord, "％．：－～"))}
_HALF_WIDTH |= str.maketrans("億萬兩〇○點號時", "亿万两零零点号时")

_DIGITS = {digit: Decimal(n) for n, digit in enumerate("零一二三四五六七八九")} | {"两": Decimal(2)}
MAX_ZH_NUMERAL = 40  # characters; what is longer is several in a row
_UNITS = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_VAGUE = "[多余来几]"
# What a Chinese numeral counts. Before one of these 三 is a figure; in 三峡 it is not.
_COUNTED = "个家名位人次年天项条座届轮倍岁种场吨元件台辆列箱城国区县市镇村批期段层只号户亩"

_NUM = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_MON = r"(?:1[0-2]|0?[1-9])(?!\d)"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?!\d)"
_ZH_SMALL = "[一二三四五六七八九十]{1,3}"
_ZH_DIGITS = "[零一二两三四五六七八九]"
_ZH_RUN = "[零一二两三四五六七八九十百千万亿]"
# 千 and 百 belong to the unit of measure in 20万千瓦 and to the fraction in 百分之.
_SCALE = "(?:十|百(?!分)|千(?![瓦米克卡帕伏焦赫])|万|亿)"
_TO = r"\s*(?:[-–—~、]|至|到|to|and|through)\s*"
_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in _MONTHS).replace("Sep(", "Sept?(")
_ORDINAL = "(?:st|nd|rd|th)?"

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
_WORDS = (
    {word: n for n, word in enumerate(_ONES)}
    | {word: 10 * n for n, word in enumerate(_TENS, start=2)}
    | {word: n for n, word in enumerate(_ORDINALS, start=3)}
)
_MAGNITUDES = {
    "hundred": 100,
    "thousand": 1_000,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}
_SHORT = {"k": 10**3, "m": 10**6, "mn": 10**6, "b": 10**9, "bn": 10**9, "tn": 10**12}
_WORD = "|".join(sorted([*_WORDS, *_MAGNITUDES, "dozen"], key=len, reverse=True))
_MAGNITUDE = "|".join(_MAGNITUDES)

_FIGURE = regex(
    rf"""
    (?=[\d零一二两三四五六七八九十百千万亿A-Za-z])(?:  # nothing else is tried: 3 times as fast
    (?P<date>(?<!\d)(?P<iso_y>\d{{4}})[-/.](?P<iso_m>{_MON})[-/.](?P<iso_d>{_DAY}))
  | (?P<zh_date>(?:(?<!\d)(?P<zh_y>\d{{4}}|{_ZH_DIGITS}{{4}})年)?
        (?<!\d)(?P<zh_m>{_MON}|{_ZH_SMALL})月(?:份)?
        (?:(?P<zh_d>{_DAY}|{_ZH_SMALL})[日号]?(?:{_TO}(?P<zh_d2>{_DAY}|{_ZH_SMALL}))?[日号])?)
  | (?P<en_date>\b(?P<en_m>{_MONTH})\.?\s+(?P<en_d>{_DAY}){_ORDINAL}
        (?:{_TO}(?P<en_d2>{_DAY}){_ORDINAL}(?!\s*(?i:{_MAGNITUDE}|%)))?
        (?:,?\s+(?P<en_y>\d{{4}})(?!\d))?)
  | (?P<uk_date>(?<![\d.,])(?P<uk_d>{_DAY}){_ORDINAL}(?:{_TO}(?P<uk_d2>{_DAY}){_ORDINAL})?
        \s+(?:of\s+)?(?P<uk_m>{_MONTH})\b\.?(?:,?\s+(?P<uk_y>\d{{4}})(?!\d))?)
  | (?P<month>\b(?:(?!May)(?P<m_name>{"|".join(_MONTHS)})|
        (?i:in|of|since|until|by|from|early|late|mid|last|this|to|through)[ -](?P<may>May)
        |(?P<may_y>May)(?=,?\s+\d{{4}}))\b)
  | (?P<decade>(?<![\d])(?:(?:18|19|20)?(?P<en_10>\d0)['’]?s\b
        |(?:\d\d)?(?P<zh_10>\d0|[一二三四五六七八九]十)年代))
  | (?P<time>(?<![\d:.])(?P<h>[01]?\d|2[0-4])(?::(?P<min>[0-5]\d)(?!\d)
        (?:\s*(?:[ap]\.?m\b\.?|[AP]\.?M\b\.?))?
        |\s*(?:[ap]\.?m\b\.?|[AP]\.?M\b\.?)
        |(?P<zh_h>[时点])(?!间|代|刻|候)(?:(?P<zh_min>[0-5]?\d)分|(?P<half>半))?))
  | (?P<day>(?<![\d第.])(?P<d>{_DAY})[日号])
  | (?P<percent>百分之(?P<zh_pc>{_NUM}|{_ZH_RUN}+(?:点{_ZH_DIGITS}+)?)
        |(?P<pp>{_NUM})(?:\s*个?百分点|[\s-]*(?i:percentage[\s-]points?)\b)
        |(?P<pc>{_NUM})(?:\s*%|[\s-]*(?i:per\s?cent|pct)\b))
  | (?P<mixed>(?P<mixed_n>{_NUM})\s?{_VAGUE}?(?P<mixed_u>{_SCALE}+(?:{_NUM}{_SCALE}+)*))
  | (?P<scaled>(?P<scaled_n>{_NUM})(?:[\s-]*(?P<scale>(?i:{_MAGNITUDE}))
        (?:\s+(?P<scale2>(?i:million|billion|trillion)))?
        |\s?(?P<abbr>(?i:mn|bn|tn))|(?P<letter>[kKmMbB]))\b)
  | (?P<number>{_NUM})
  | (?P<zh>(?P<zh_n>{_ZH_RUN}+(?:{_VAGUE}[十百千万亿]+)*)(?P<zh_f>点(?P<zh_dec>{_ZH_DIGITS}+))?)
  | (?P<words>\b(?i:(?:{_WORD})(?:(?:[\s-]+|(?<=hundred)\s+and\s+|(?<=thousand)\s+and\s+)
        (?:{_WORD}))*)\b)
    )
    """,
    re.VERBOSE,
)
_COUNTS = regex(rf"{_VAGUE}?[{_COUNTED}]")
_RANGE = regex(r"\s*(?:[-–—~]|至|到|to)\s*")
_CURRENCY = regex(r"(?:RMB|CNY|USD|EUR|GBP|HKD|US|HK)$")
_RELATIVE = {"前日": -2, "前天": -2, "昨": -1, "今日": 0, "今天": 0, "明日": 1, "明天": 1}


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure where it stands: ``text[start:end]``.

    ``values``: any one of them proves it (5m is five or five million). ``proves``: all
    that it can prove elsewhere (5月15日 also proves 5月). ``firm`` is false where the words
    may be an idiom (一个, 千万, "one"): such a figure proves others but asks for no proof.
    """

    start: int
    end: int
    values: frozenset[str]
    proves: frozenset[str]
    firm: bool = True


def figures(text: str, printed: str | None = None) -> list[Figure]:
    """Return the figures of ``text`` in order; a year beside a day is a figure of its own.

    ``printed`` is the ISO date of issue, if known: then a bare 15日 also proves the day of
    that month, and 昨日 the day before. Otherwise a bare day takes the month named last.
    """
    text = _FULL_WIDTH_COMMA.sub(",", text).translate(_HALF_WIDTH)
    issue = _issue(printed)
    month = issue.month if issue else None
    found: list[Figure] = []
    for match in _FIGURE.finditer(text):
        for figure, named in _read(match, month):
            found.append(figure)
            month = named or month
    if issue:
        found += _relative(text, issue)
    return _share_units(text, sorted(found, key=lambda figure: figure.start))


def numbers_in(text: str, printed: str | None = None) -> frozenset[str]:
    """Return all values that ``text`` can prove (see :func:`figures`)."""
    return frozenset().union(*(figure.proves for figure in figures(text, printed)))


def unproved(statement: str, proved: frozenset[str]) -> list[str]:
    """Return the figures of ``statement``, as written, that are not among ``proved``."""
    return [
        statement[figure.start : figure.end]
        for figure in figures(statement)
        if figure.firm and not figure.values & proved
    ]


def _read(match: re.Match[str], month: int | None) -> Iterator[tuple[Figure, int | None]]:
    """Yield the figures of one match, each with the month it names."""
    kind = match.lastgroup
    # lastgroup is the last group that closed, which is the outermost: the kind.
    if kind in {"date", "zh_date", "en_date", "uk_date"}:
        yield from _dates(match)
    elif kind == "month":
        number = _month(match["m_name"] or "May")
        yield _figure(match, {f"--{number:02}"}), number
    elif kind == "decade":
        tens = match["en_10"] or match["zh_10"]
        tens = tens if tens[0].isdigit() else f"{_DIGITS[tens[0]]}0"
        values = {f"{tens}s"} | ({tens} if match[0].startswith(tens) else set())
        yield _figure(match, values), None  # in his 50s: 50多岁
    elif kind == "time":
        minute = int(match["min"] or match["zh_min"] or (30 if match["half"] else 0))
        values = {f"t{int(match['h']) % 12:02}:{minute:02}"}
        if match["zh_h"] == "点":
            values.add(_plain(Decimal(match["h"])))  # 9点建议: nine points
        yield _figure(match, values), None
    elif kind == "day":
        day = int(match["d"])
        values = {f"---{day:02}", str(day)} | ({f"--{month:02}-{day:02}"} if month else set())
        yield _figure(match, values), None
    elif kind == "percent":
        chinese = match["zh_pc"]
        value = _number(match["pc"] or match["pp"]) if not chinese else _zh_decimal(chinese)
        yield _figure(match, {f"{_plain(value)}{'pp' if match['pp'] else '%'}"}), None
    elif kind == "zh":
        yield _zh_figure(match), None
    elif kind == "words":
        yield _words_figure(match), None
    else:
        yield _number_figure(match), None


def _dates(match: re.Match[str]) -> Iterator[tuple[Figure, int]]:
    prefix = {"date": "iso", "zh_date": "zh", "en_date": "en", "uk_date": "uk"}[
        match.lastgroup or ""
    ]
    year, months = match[f"{prefix}_y"], _months(match[f"{prefix}_m"])
    if not months:
        return
    if year:
        digits = "".join(str(_DIGITS[char]) if char in _DIGITS else char for char in year)
        yield _figure(match, {_plain(Decimal(digits))}), months[-1]
    printed = [match[f"{prefix}_d"], match[f"{prefix}_d2"] if prefix != "iso" else None]
    named = [day for each in printed if each for day in _whole(each) if 1 <= day <= 31]
    for month in months:
        if not named:
            yield _figure(match, {f"--{month:02}"}), month
        for day in named:
            full = f"--{month:02}-{day:02}"
            yield _figure(match, {full}, {full, f"--{month:02}", f"---{day:02}"}), month


def _number_figure(match: re.Match[str]) -> Figure:
    before = match.string[: match.start()]
    glued = before[-1:].isascii() and before[-1:].isalpha() and not _CURRENCY.search(before[-4:])
    if match["mixed"]:
        values = {_plain(_zh_decimal(match["mixed_n"] + match["mixed_u"]))}
    elif match["scaled"]:
        number = _number(match["scaled_n"])
        letter = (match["letter"] or "").lower()
        scale = _MAGNITUDES.get((match["scale"] or "").lower(), 1)
        scale *= _MAGNITUDES.get((match["scale2"] or "").lower(), 1)
        scale *= _SHORT.get(letter or (match["abbr"] or "").lower(), 1)
        values = {_plain(EXACT.multiply(number, Decimal(scale)))}
        if letter:
            values.add(_plain(number))
    else:
        values = {_plain(_number(match["number"]))}
    return _figure(match, values, firm=not glued)


def _zh_figure(match: re.Match[str]) -> Figure:
    run, decimals = re.sub(_VAGUE, "", match["zh_n"]), match["zh_dec"]
    counts = _COUNTS.match(match.string, match.end()) is not None
    if decimals and (value := _zh_value(run)) is not None:
        fraction = "".join(str(_DIGITS[digit]) for digit in decimals)
        # 三点五 may also be five past three: the parts are proved as well.
        exact = _plain(EXACT.add(value, Decimal(f"0.{fraction}")))
        return _figure(match, {exact}, {exact, _plain(value)}, firm=False)
    if run[0] in _DIGITS and len(run) > 1 and not set(run) & set(_UNITS):
        spelt = Decimal("".join(str(_DIGITS[digit]) for digit in run))
        proves = {_plain(spelt)} | {_plain(_DIGITS[digit]) for digit in run}
        return _figure(match, {_plain(spelt)}, proves, firm=len(run) == 4)
    value = _zh_value(run)
    if value is None:  # 十四五, 五六十: what its regular parts say
        return _figure(match, set(), {_plain(part) for part in _zh_parts(run)}, firm=False)
    if len(run) == 1:
        firm = counts and run in "三四五六七八九十"
    else:
        firm = counts or run[0] in _DIGITS or (run[0] == "十" and run[1] in _DIGITS)
    return _figure(match, {_plain(value)}, firm=firm)


def _words_figure(match: re.Match[str]) -> Figure:
    words = re.split(r"[\s-]+", match[0].lower())
    total, current, regular = 0, 0, True
    for at, word in enumerate(words):
        if word == "dozen":
            current = max(current, 1) * 12
        elif word in _MAGNITUDES and word != "hundred":
            total, current = total + max(current, 1) * _MAGNITUDES[word], 0
        elif word == "hundred":
            current = max(current, 1) * 100
        elif word != "and":
            before = words[at - 1] if at else ""
            regular &= not at or before not in _WORDS or (before in _TENS and _WORDS[word] < 10)
            current += _WORDS[word]
    if not regular:
        parts = {str(_WORDS[word]) for word in words if word in _WORDS}
        return _figure(match, set(), parts, firm=False)
    firm = words not in (["one"], ["two"]) and words[0] not in {*_MAGNITUDES, "dozen"}
    return _figure(match, {str(total + current)}, firm=firm)


def _zh_value(run: str) -> Decimal | None:
    """Return the value of a regular Chinese numeral, None for 十四五 and the like."""
    return _evaluate([char if char in _UNITS else _DIGITS[char] for char in run])


def _zh_decimal(text: str) -> Decimal:
    """Return the value of digits, of a Chinese numeral, or of both (1.5万亿, 3亿2000万)."""
    whole, point, decimals = text.partition("点")
    parts = re.findall(rf"{_NUM}|[{''.join(_UNITS)}]|{_ZH_DIGITS}", whole)
    tokens = [
        part if part in _UNITS else _DIGITS[part] if part in _DIGITS else _number(part)
        for part in parts
    ]
    value = _evaluate(tokens)
    if value is None:
        value = Decimal("".join(_plain(t) for t in tokens if isinstance(t, Decimal)))
    fraction = "".join(str(_DIGITS[digit]) for digit in decimals)
    return EXACT.add(value, Decimal(f"0.{fraction}")) if point else value


def _zh_parts(run: str) -> list[Decimal]:
    """Return the values of the longest regular pieces of ``run``: 14 and 5 of 十四五."""
    parts: list[Decimal] = []
    while run:
        for end in range(min(len(run), MAX_ZH_NUMERAL), 0, -1):
            value = _zh_value(run[:end])
            if value is not None:
                parts.append(value)
                run = run[end:]
                break
    return parts


def _evaluate(tokens: list[Decimal | str]) -> Decimal | None:
    """Return the value of digits and units in order; None where digit follows digit."""
    zero = Decimal(0)
    total, section, digit, last, gap = zero, zero, None, 1, False
    for at, token in enumerate(tokens):
        if isinstance(token, Decimal):
            if digit is not None:
                return None
            gap, digit = (True, None) if token == 0 and at else (gap, token)
            continue
        unit = _UNITS[token]
        if unit < 10_000:
            factor = Decimal(1) if digit is None else digit
            section = EXACT.add(section, EXACT.multiply(factor, Decimal(unit)))
        else:
            section = EXACT.add(section, digit or zero)
            if unit == _UNITS["亿"]:
                section, total = EXACT.add(total, section), zero
            if digit is None and not section:  # 亿 alone is one 亿, 0亿 is none
                section = Decimal(1)
            total = EXACT.add(total, EXACT.multiply(section, Decimal(unit)))
            section = zero
        digit, last, gap = None, unit, False
    tail = digit or zero
    if last > 1 and not gap:  # 三千五 is 3500
        tail = EXACT.multiply(tail, Decimal(last // 10))
    return EXACT.add(EXACT.add(total, section), tail)


def _share_units(text: str, found: list[Figure]) -> list[Figure]:
    """Give the first number of a range the unit of the second: 3–5 million, 3至5万, 3-5%."""
    shared = list(found)
    for at, (first, second) in enumerate(pairwise(found)):
        number = re.fullmatch(_NUM, text[first.start : first.end])
        if not number or not _RANGE.fullmatch(text, first.end, second.start):
            continue
        unit = re.sub(rf"^{_NUM}", "", text[second.start : second.end])
        same = figures(text[first.start : first.end] + unit) if unit else []
        if len(same) == 1:
            values = first.values | same[0].values
            shared[at] = Figure(first.start, first.end, values, first.proves | values, first.firm)
    return shared


def _relative(text: str, issue: date) -> Iterator[Figure]:
    for word, days in _RELATIVE.items():
        for match in re.finditer(word, text):
            try:
                day = issue + timedelta(days=days)
            except OverflowError:
                continue
            values = {f"--{day:%m-%d}", f"--{day:%m}", f"---{day:%d}"}
            yield _figure(match, values, firm=False)


def _figure(
    match: re.Match[str], values: set[str], proves: set[str] | None = None, firm: bool = True
) -> Figure:
    start, end = match.span()
    return Figure(start, end, frozenset(values), frozenset(proves or values), firm)


def _months(name: str) -> list[int]:
    """Return the month that ``name`` says, two for 七八, and none where there is no such month."""
    if name[0].isalpha() and name.isascii():
        return [_month(name)]
    return [month for month in _whole(name) if 1 <= month <= 12]


def _month(name: str) -> int:
    return next(n for n, month in enumerate(_MONTHS, start=1) if month[:3] == name[:3])


def _whole(name: str) -> list[int]:
    """Return the number that ``name`` says, or the two that 七八 and 十一二 leave open."""
    tens, last = name[:-2], [int(_DIGITS.get(digit, 0)) for digit in name[-2:]]
    if len(last) == 2 and last[0] > 0 and last[1] == last[0] + 1 and not name.isdigit():
        more = int(_zh_decimal(tens)) if tens else 0
        return [more + digit for digit in last]
    return [int(_zh_decimal(name))]


def _number(digits: str) -> Decimal:
    return Decimal(digits.replace(",", ""))


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _issue(printed: str | None) -> date | None:
    try:
        return date.fromisoformat(printed) if printed else None
    except ValueError:
        return None
