"""Is a confidence of 0.8 right four times in five?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Cases whose confidence lies in [``low``, ``high``): their mean of it, and how many hold."""

    low: float
    high: float
    n: int
    confidence: float
    right: float


def reliability(confidences: Sequence[float], right: Sequence[bool]) -> list[Bin]:
    """Return the bins of equal width that hold a case, lowest first."""
    values, held = np.asarray(confidences, float), np.asarray(right, float)
    places = np.minimum((values * BINS).astype(int), BINS - 1)
    return [
        Bin(
            number / BINS,
            (number + 1) / BINS,
            int(inside.sum()),
            float(values[inside].mean()),
            float(held[inside].mean()),
        )
        for number in range(BINS)
        if (inside := places == number).any()
    ]


def expected_calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """Return the mean distance of confidence and share of right, over bins by their size.

    (Naeini et al., 2015.) 0 for no cases.
    """
    bins = reliability(confidences, right)
    total = sum(each.n for each in bins)
    return sum(each.n * abs(each.confidence - each.right) for each in bins) / max(1, total)
