"""Question in, passages out: lexical and dense arms, fused over their common candidates."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from index.store import Index
from rag.question import asks_for_adverts
from rag.terms import ALL_ARMS, Analyst, Arm, Term
from rag.types import Language, Passage, Question
from rag.vectors import VectorCache

Scores = NDArray[np.float32]

CANDIDATES = 200  # the best of each side that are fused

# What the dense side weighs beside the lexical side, by the language of the question: the
# bigrams of a Chinese question say more than its vector, an English one has only the table.
# From the first trial on the training questions (see docs/decisions.md).
DENSE_WEIGHT: Mapping[Language, float] = {"zh": 0.7, "en": 2.0}


@dataclass(frozen=True)
class Retriever:
    """Finds the passages of one index."""

    index: Index
    vectors: VectorCache
    analyst: Analyst

    def retrieve(
        self, question: Question, k: int = 10, arms: Collection[Arm] = ALL_ARMS
    ) -> list[Passage]:
        """Return the ``k`` best passages, best first; fewer from a smaller index.

        The lexical arms are summed as BM25, the dense arm is the cosine. Both are
        standardised over the candidates (the best :data:`CANDIDATES` of each) and summed
        with :data:`DENSE_WEIGHT`. ``arms`` leaves arms out, for ablation. A chunk that no
        arm finds is not a passage, nor is an advertisement unless adverts are asked for.
        """
        lexical = self._lexical(question.search_text, arms)
        adverts = set() if asks_for_adverts(question.text) else self._adverts
        lexical[list(adverts)] = 0.0
        candidates = set(_best(lexical, CANDIDATES))
        if "dense" not in arms:
            rows = sorted(candidates, key=lambda row: -lexical[row])[:k]
            return [Passage(self.index.chunks[row], float(lexical[row])) for row in rows]
        vector = self.vectors.question(question.search_text)
        candidates |= {row for row, _ in self.index.nearest(vector, CANDIDATES)} - adverts
        rows = sorted(candidates)
        if not rows:
            return []
        cosines = self.index.cosines(vector, rows)
        scores = DENSE_WEIGHT[question.language] * _standardised(cosines)
        scores += _standardised(lexical[rows])
        return [
            Passage(self.index.chunks[rows[at]], float(scores[at]), float(cosines[at]))
            for at in np.argsort(-scores, kind="stable")[:k]
        ]

    @cached_property
    def _adverts(self) -> set[int]:
        """The rows of advertisements."""
        chunks = enumerate(self.index.chunks)
        return {row for row, chunk in chunks if chunk.article.genre == "advert"}

    def _lexical(self, text: str, arms: Collection[Arm]) -> Scores:
        """Return the summed BM25 of the lexical ``arms`` for every chunk."""
        scores = np.zeros(len(self.index.chunks), dtype=np.float32)
        for term in (*self.analyst.terms(text), *self.analyst.figures(text)):
            if term.arm in arms:
                scores += term.weight * self.analyst.postings(term).bm25([term.forms])
        return scores


def coverage(
    terms: Sequence[Term], present: Mapping[str, Collection[str]], analyst: Analyst
) -> float:
    """Return how much of ``terms`` a text holds, 0 to 1, terms weighted by idf.

    ``present`` holds the text's own terms by field. A term counts by the probability of
    those of its forms that are there, at most 1. No terms: 0.
    """
    total = held = 0.0
    for term in terms:
        weight = term.weight * analyst.postings(term).idf(term.forms)
        likely = sum(p for form, p in term.forms.items() if form in present[term.field])
        total += weight
        held += weight * min(1.0, likely)
    return held / total if total else 0.0


def missing_peak(
    terms: Sequence[Term], present: Mapping[str, Collection[str]], analyst: Analyst
) -> float:
    """Return the idf of the rarest term that a text does not hold, 0 to 1 of the highest idf.

    ``present`` as for :func:`coverage`. Nothing missing: 0.
    """
    missing = [
        analyst.postings(term).idf(term.forms)
        for term in terms
        if not any(form in present[term.field] for form in term.forms)
    ]
    highest = analyst.index.words.idf({})
    return max(missing, default=0.0) / highest if highest else 0.0


def _best(scores: Scores, k: int) -> list[int]:
    """Return the rows of the ``k`` highest scores above zero."""
    rows = np.argsort(-scores, kind="stable")[:k]
    return [int(row) for row in rows if scores[row] > 0]


def _standardised(scores: Scores) -> Scores:
    """Return ``scores`` with mean 0 and deviation 1; all 0 where they do not differ."""
    deviation = float(scores.std())
    if deviation == 0.0:
        return np.zeros_like(scores)
    return np.asarray((scores - scores.mean()) / deviation, dtype=np.float32)
