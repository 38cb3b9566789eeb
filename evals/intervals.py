"""How sure a figure is: bootstrap intervals over the cases that it was measured on."""

from collections.abc import Sequence

import numpy as np

RESAMPLES = 1_000


def interval(hits: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % bootstrap interval (percentiles) of the mean of ``hits``, one or more.

    Cases are drawn one by one (Efron and Tibshirani, 1993); those of one article are alike,
    so that the interval is somewhat too narrow. The same hits give the same interval.
    """
    drawn = np.random.default_rng(0).choice(np.asarray(hits, float), (RESAMPLES, len(hits)))
    low, high = np.percentile(drawn.mean(axis=1), (2.5, 97.5))
    return float(low), float(high)
