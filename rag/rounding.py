"""Rounded figures: 58,092 and 5.8万余 name one count, and so do 近6万 and 58,092.

The index keeps exact values only; what is near a value is looked up among them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cached_property

LEAST = 1_000  # smaller figures are seldom rounded, and meet by chance
DIGITS = (2, 3)  # significant ones that a figure is rounded to
WHOLE_SHARE = Decimal("0.05")  # so far may 近6万, of one digit, be from what it rounds
YEARS = frozenset(range(1900, 2101))
MAX_VALUE_CHARS = 25  # longer ones are no count of anything


@dataclass(frozen=True)
class RoundFigures:
    """The figures of one index by size. ``terms`` are values of :mod:`index.numbers`."""

    terms: Iterable[str]

    @cached_property
    def _sorted(self) -> tuple[list[Decimal], list[str]]:
        counts = sorted((count, term) for term in self.terms if (count := _count(term)) is not None)
        return [count for count, _ in counts], [term for _, term in counts]

    def near(self, value: str) -> Mapping[str, float]:
        """Return the other values that ``value`` rounds to or that round to it, with weights.

        Rounded means cut, rounded or rounded up to two or three significant digits, or to
        one where that changes little. The nearer, the higher the weight, 0 to 1. Empty for
        what is no count of at least :data:`LEAST`; years are none.
        """
        asked = _count(value)
        if asked is None:
            return {}
        counts, terms = self._sorted
        low, high = asked * (1 - WHOLE_SHARE), asked * (1 + WHOLE_SHARE)
        found = {}
        for at in range(bisect_left(counts, low), bisect_right(counts, high)):
            other = counts[at]
            # 6万 is asked too often for all that it may round.
            wide = _significant(asked) > 1 and _rounds_to(other, asked)
            if other != asked and (wide or _rounds_to(asked, other)):
                found[terms[at]] = float(1 - abs(other - asked) / (asked * 2 * WHOLE_SHARE))
        return found


def _rounds_to(exact: Decimal, rounded: Decimal) -> bool:
    digits = _significant(rounded)
    if digits > max(DIGITS) or digits >= _significant(exact):
        return False
    for kept in range(max(digits, 1), max(DIGITS) + 1):
        unit = Decimal(1).scaleb(exact.adjusted() - kept + 1)
        steps = exact / unit
        floor = steps.to_integral_value(ROUND_FLOOR) * unit
        if rounded in (floor, steps.to_integral_value(ROUND_CEILING) * unit):
            return True
    return False


def _significant(count: Decimal) -> int:
    return len(count.normalize().as_tuple().digits)


def _count(value: str) -> Decimal | None:
    """Return ``value`` as a number that may be rounded; None for dates, shares and years."""
    if len(value) > MAX_VALUE_CHARS or not value.replace(".", "", 1).isdigit():
        return None
    if not value.isascii():
        return None
    count = Decimal(value)
    return count if count >= LEAST and count not in YEARS else None
