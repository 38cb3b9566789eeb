"""The learned weights of the reassembly, and the logistic function over named features."""

import json
import math
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

Features = Mapping[str, float]
WEIGHTS = Path(__file__).parent / "reassembly.json"
MAX_LOG_ODDS = 30.0


@lru_cache(maxsize=8)
def weights_of(model: str) -> Features:
    """Return the weights of ``heads``, ``threads``, ``joins``, ``headlines`` or ``kickers``."""
    loaded: dict[str, Features] = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return loaded[model]


def score(features: Features, weights: Features) -> float:
    """Return the log-odds; a feature without a weight counts nothing."""
    return sum(value * weights.get(name, 0.0) for name, value in features.items())


def probability(features: Features, weights: Features) -> float:
    """Return the logistic function of :func:`score`."""
    return logistic(score(features, weights))


def logistic(log_odds: float) -> float:
    """Return the probability of such log-odds, which is never quite 0 or 1."""
    return 1.0 / (1.0 + math.exp(-max(-MAX_LOG_ODDS, min(MAX_LOG_ODDS, log_odds))))


def clipped(bits: float, least: float = -8.0, most: float = 10.0) -> float:
    """Return evidence in ``bits`` within bounds and scaled, to serve as a feature."""
    return max(least, min(most, bits)) / 4
