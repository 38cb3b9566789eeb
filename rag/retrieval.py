"""Question in, passages out: every arm is asked, and their evidence becomes one probability."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from index.index import Index
from index.lexical import K1
from index.text import bigrams, fold
from index.types import Chunk, Vectors
from rag import fusion
from rag.candidates import Pool, Store
from rag.filters import Facets, facets_of
from rag.fusion import Evidence, Floats, Weights
from rag.parts import parts_of
from rag.question import asks_for_adverts
from rag.terms import ALL_ARMS, LEXICAL_ARMS, Analyst, Arm, Term
from rag.types import Language, Passage, Question
from rag.vectors import VectorCache

CANDIDATES = 200  # the best of each side that are fused
REPEAT_COSINE, REPEAT_SHARE = 0.9, 0.8  # of vectors, then of bigrams, where words are repeated


@dataclass(frozen=True)
class Search:
    """What the arms found for one text: a BM25 share of every chunk by arm, and its vector."""

    lexical: Mapping[Arm, Floats]
    vector: Floats | None


@dataclass(frozen=True)
class Retriever:
    """Finds the passages of one index. ``weights`` are those of :mod:`rag.fusion`.

    The candidates come from ``store``, by default from the index itself.
    """

    index: Index
    vectors: VectorCache
    analyst: Analyst
    weights: Mapping[str, Weights] = field(default_factory=fusion.bundled_weights)
    store: Store | None = None

    def retrieve(
        self, question: Question, k: int = 10, arms: Collection[Arm] = ALL_ARMS
    ) -> list[Passage]:
        """Return the ``k`` best passages, best first; fewer from a smaller index.

        The score of a passage is the probability that it is the one that answers, if one
        does; of a question in several parts, that it answers the whole or a part of it.
        A passage that says the same as a better one (a reprint) is left out. ``arms`` leaves
        arms out, for ablation. A chunk that no arm finds is not a passage, nor is one that the
        filters of the question leave out, or an advertisement unless adverts are asked for.
        """
        texts = [question.search_text, *parts_of(question.search_text)]
        pool = (self.store or self).pool(question, texts, arms)
        if not len(pool):
            return []
        whole, *parts = pool.found
        in_language = pool.english == (question.language == "en")
        logits = self._logits(whole, in_language)
        probability = fusion.probabilities(logits)
        for part in parts:
            of_part = logits + self._logits(part, in_language)
            probability = np.maximum(probability, fusion.probabilities(of_part))
        best = np.argsort(-probability, kind="stable")[: 3 * k].tolist()
        chunks = pool.chunks(best)
        return [
            Passage(
                chunks[at],
                float(probability[best[at]]),
                0.0 if whole.cosines is None else float(whole.cosines[best[at]]),
            )
            for at in _distinct(chunks, pool.vectors(best))[:k]
        ]

    def pool(self, question: Question, texts: Sequence[str], arms: Collection[Arm]) -> Pool:
        """Return the candidates of ``question`` in the index itself (:class:`Store`)."""
        searches = [self.search(text, arms) for text in texts]
        allowed = self.allowed(question)
        found = (row for each in searches for row in self.candidates(each, allowed))
        rows = np.asarray(sorted(set(found)), dtype=np.int64)
        return Pool(
            [self.evidence(rows.tolist(), each) for each in searches],
            np.asarray([self.is_in(row, "en") for row in rows.tolist()], dtype=bool),
            lambda places: [self.index.chunks[row] for row in rows[places].tolist()],
            lambda places: self.index.matrix(rows[places].tolist()),
        )

    def search(self, text: str, arms: Collection[Arm] = ALL_ARMS) -> Search:
        """Return what ``arms`` find for ``text``.

        BM25 is a share of the most that the terms of all arms could bring, so that questions
        of any length and corpora of any size compare.
        """
        found: dict[Arm, Floats] = {
            arm: np.zeros(len(self.index.chunks), dtype=np.float32) for arm in LEXICAL_ARMS
        }
        most = 0.0
        for term in (*self.analyst.terms(text), *self.analyst.figures(text)):
            postings = self.index.postings[term.field]
            if term.arm in arms:
                idf = postings.add_bm25(found[term.arm], term.forms, term.weight)
            else:
                idf = postings.idf(term.forms)
            most += term.weight * idf * (K1 + 1)
        return Search(
            {arm: values / max(most, 1e-6) for arm, values in found.items()},
            self.vectors.question(text) if "dense" in arms else None,
        )

    def candidates(self, found: Search, allowed: NDArray[np.bool_] | None = None) -> list[int]:
        """Return the best :data:`CANDIDATES` chunks of the lexical arms, and of the vectors.

        ``allowed`` tells of each chunk whether it may be one; all may by default.
        """
        total = np.asarray(sum(found.lexical.values()), dtype=np.float32)
        if allowed is not None:
            total = np.where(allowed, total, 0.0)
        best = {int(row) for row in _largest(total, CANDIDATES) if total[row] > 0}
        if found.vector is not None:
            best |= {row for row, _ in self.index.nearest(found.vector, CANDIDATES, allowed)}
        return sorted(best)

    def evidence(self, rows: Sequence[int], found: Search) -> Evidence:
        """Return what was found for the chunks ``rows``."""
        shares = {arm: values[rows] for arm, values in found.lexical.items()}
        return Evidence(shares, self._cosines(found, rows), self.index.article_numbers[rows])

    def is_in(self, row: int, language: Language) -> bool:
        """Return whether the article of a chunk is in ``language``."""
        return self.index.heads[self.index.article_numbers[row]].english is (language == "en")

    def _cosines(self, found: Search, rows: Sequence[int]) -> Floats | None:
        return None if found.vector is None else self.index.cosines(found.vector, rows)

    def _logits(self, found: Evidence, in_language: NDArray[np.bool_]) -> Floats:
        features = found.features()
        same, cross = (fusion.scores(features, self.weights[pair]) for pair in fusion.PAIRS)
        return np.where(in_language, same, cross)

    def allowed(self, question: Question) -> NDArray[np.bool_] | None:
        """Return which chunks may answer; ``None`` where all may."""
        with_adverts = asks_for_adverts(question.text) or "advert" in question.filters.genres
        if not question.filters:
            return None if with_adverts or self._newsworthy.all() else self._newsworthy
        numbers = self.index.page_numbers if question.filters.pages else {}
        passing = [question.filters.passes(head, numbers) for head in self.index.heads]
        allowed = np.asarray(passing, dtype=bool)[self.index.article_numbers]
        return allowed if with_adverts else allowed & self._newsworthy

    def row_of(self, chunk: Chunk) -> int:
        """Return the row of ``chunk`` in the vectors and the postings."""
        return self.index.row_of(chunk)

    @cached_property
    def facets(self) -> Facets:
        """What the articles can be filtered by."""
        if self.store:
            return self.store.facets
        return facets_of(self.index.heads, self.index.page_numbers)

    @cached_property
    def _newsworthy(self) -> NDArray[np.bool_]:
        """Which chunks are no advertisement."""
        newsworthy = np.asarray([head.genre != "advert" for head in self.index.heads], dtype=bool)
        return newsworthy[self.index.article_numbers]


def _largest(values: Floats, k: int) -> NDArray[np.int64]:
    """Return the places of the ``k`` largest ``values``, the first of equal ones."""
    if len(values) > k:
        least = np.partition(values, -k)[-k]
        above, equal = np.flatnonzero(values > least), np.flatnonzero(values == least)
        return np.concatenate((above, equal[: k - len(above)]))
    return np.arange(len(values))


def _distinct(chunks: Sequence[Chunk], vectors: Vectors) -> list[int]:
    """Return the places in ``chunks`` of those that do not repeat one before."""
    alike = vectors @ vectors.T > REPEAT_COSINE
    kept: list[int] = []
    for at, chunk in enumerate(chunks):
        if not any(alike[at, other] and _repeats(chunk, chunks[other]) for other in kept):
            kept.append(at)
    return kept


def _repeats(chunk: Chunk, other: Chunk) -> bool:
    """Return whether two chunks of different articles hold nearly the same words."""
    if chunk.article.id == other.article.id:
        return False
    one, two = (_pairs_of(each.excerpt.text) for each in (chunk, other))
    return len(one & two) >= REPEAT_SHARE * max(len(one), len(two), 1)


@lru_cache(1024)
def _pairs_of(text: str) -> frozenset[str]:
    return frozenset(bigrams(fold(text)))


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
