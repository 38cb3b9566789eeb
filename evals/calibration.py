"""Is a confidence of 0.8 right four times in five?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Cases whose confidence lies in [``low``, ``high``): their mean of it, and how many hold.

    ``share``: of the weight of all cases.
    """

    low: float
    high: float
    n: int
    share: float
    confidence: float
    right: float


def reliability(
    confidences: Sequence[float], right: Sequence[bool], weights: Sequence[float] | None = None
) -> list[Bin]:
    """Return the bins of equal width that hold a case, lowest first; cases count by ``weights``."""
    values, held = np.asarray(confidences, float), np.asarray(right, float)
    counts = np.ones(len(values)) if weights is None else np.asarray(weights, float)
    places = np.minimum((values * BINS).astype(int), BINS - 1)
    return [
        Bin(
            number / BINS,
            (number + 1) / BINS,
            int(inside.sum()),
            float(counts[inside].sum() / counts.sum()),
            float(np.average(values[inside], weights=counts[inside])),
            float(np.average(held[inside], weights=counts[inside])),
        )
        for number in range(BINS)
        if (inside := places == number).any()
    ]


def expected_calibration_error(
    confidences: Sequence[float], right: Sequence[bool], weights: Sequence[float] | None = None
) -> float:
    """Return the mean distance of confidence and share of right, over bins by their share.

    (Naeini et al., 2015.) 0 for no cases.
    """
    bins = reliability(confidences, right, weights)
    return sum(each.share * abs(each.confidence - each.right) for each in bins)
