"""What the arms say of a passage, weighed into one probability that it is the one that answers.

A conditional logit over the candidates of a question (McFadden, 1974; as a ranking loss,
ListNet of Cao et al., 2007): each candidate has a score, a weighted sum of a few features, and
the softmax of the scores is the probability of each, given that one of them answers. Every
feature speaks for a passage, so no weight is negative. The weights are fitted by
``wenbao eval --fit`` on questions over small and large corpora, apart for passages in the
language of the question and in the other.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.types import CorpusError
from rag.terms import Arm

Floats = NDArray[np.float32]
Weights = Mapping[str, float]  # feature → weight, none negative

WEIGHTS = Path(__file__).with_name("fusion.json")
PAIRS = ("same", "cross")  # is the passage in the language of the question?


@dataclass(frozen=True)
class Evidence:
    """What the arms found for the candidates of one question, one number a candidate.

    ``shares`` holds, for each lexical arm, its BM25 as a share of the most that all terms of
    the question could bring; ``cosines`` those of the vectors, ``None`` without that arm.
    ``articles`` numbers the article of each candidate.
    """

    shares: Mapping[Arm, Floats]
    cosines: Floats | None
    articles: NDArray[np.int64]

    def features(self) -> dict[str, Floats]:
        """Return every feature of every candidate, each of shape ``(candidates,)``.

        The share of each lexical arm; ``lexical`` and ``dense``: their sum and the cosine,
        standardised over the candidates; ``cosine`` as it is; ``article_lexical`` and
        ``article_cosine``: the best of the candidates of the same article, since neighbours
        lend context.
        """
        found: dict[str, Floats] = dict(self.shares.items())
        lexical = np.asarray(sum(self.shares.values()), dtype=np.float32)
        found["lexical"] = standardised(lexical)
        found["article_lexical"] = self._best_of_article(lexical)
        if self.cosines is not None:
            found["dense"] = standardised(self.cosines)
            found["cosine"] = self.cosines
            found["article_cosine"] = self._best_of_article(self.cosines)
        return found

    def _best_of_article(self, values: Floats) -> Floats:
        best = np.full(int(self.articles.max(initial=-1)) + 1, -1.0, dtype=np.float32)
        np.maximum.at(best, self.articles, values)
        return np.asarray(best[self.articles], dtype=np.float32)


def standardised(scores: Floats) -> Floats:
    """Return ``scores`` with mean 0 and deviation 1; all 0 where they do not differ."""
    deviation = float(scores.std()) if scores.size else 0.0
    if deviation < 1e-6:
        return np.zeros_like(scores)
    return np.asarray((scores - scores.mean()) / deviation, dtype=np.float32)


def scores(features: Mapping[str, Floats], weights: Weights) -> Floats:
    """Return the weighted sum of ``features`` for each candidate; without a weight, nothing."""
    size = len(next(iter(features.values()), ()))
    total = np.zeros(size, dtype=np.float32)
    for name, values in features.items():
        total += weights.get(name, 0.0) * values
    return total


def probabilities(scores: Floats) -> Floats:
    """Return the softmax of ``scores``: the probability of each candidate, summing to 1."""
    if not scores.size:
        return scores
    grown = np.exp(scores - scores.max())
    return np.asarray(grown / grown.sum(), dtype=np.float32)


def load_weights(path: Path = WEIGHTS) -> Mapping[str, Weights]:
    """Return the weights in the file at ``path``, for each of :data:`PAIRS`.

    Raises :class:`CorpusError` where it is missing, damaged or has a negative weight.
    """
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))["pairs"]
        found = {pair: {name: float(w) for name, w in loaded[pair].items()} for pair in PAIRS}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorpusError(
            f"{path}: the weights of the arms cannot be read ({error!r}); make them anew with: "
            "wenbao eval --fit"
        ) from error
    if any(not 0 <= weight < float("inf") for each in found.values() for weight in each.values()):
        raise CorpusError(f"{path}: a weight is not a number of 0 or more; wenbao eval --fit")
    return found


@lru_cache(maxsize=1)
def bundled_weights() -> Mapping[str, Weights]:
    """Return the weights that WenBao carries."""
    return load_weights()
