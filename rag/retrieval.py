"""Question in, passages out: every arm is asked, and their evidence becomes one probability."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from index.index import Chunks, Index
from index.lexical import K1, Scored
from index.text import bigrams, fold
from index.types import Chunk, Vectors
from rag import fusion
from rag.candidates import Pool, Store, by_text
from rag.filters import Facets, facets_of
from rag.fusion import Evidence, Floats, Weights
from rag.parts import parts_of
from rag.question import wants_adverts
from rag.terms import ALL_ARMS, LEXICAL_ARMS, Analyst, Arm, Term
from rag.types import Passage, Question
from rag.vectors import VectorCache

CANDIDATES = 200  # the best of each side that are fused
ROW = 64  # values that are looked through at a time
REPEAT_COSINE, REPEAT_SHARE = 0.9, 0.8  # of vectors, then of bigrams, where words are repeated


@dataclass(frozen=True)
class Search:
    """What the lexical arms found for one text.

    ``bm25`` is that of every chunk, of each arm that has something to look for. ``most`` is
    what the terms of all arms could bring.
    """

    bm25: Mapping[Arm, Floats]
    most: float

    def shares(self, rows: Sequence[int] | NDArray[np.int64]) -> dict[Arm, Floats]:
        """Return of each lexical arm the BM25 of the chunks ``rows`` as a share of the most.

        So questions of any length and corpora of any size compare.
        """
        nothing = np.zeros(len(rows), dtype=np.float32)
        return {
            arm: self.bm25[arm][rows] / np.float32(self.most) if arm in self.bm25 else nothing
            for arm in LEXICAL_ARMS
        }


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
            pool.passage(best[at], chunks[at], float(probability[best[at]]))
            for at in islice(_distinct(chunks, pool.vectors(best)), k)
        ]

    def pool(self, question: Question, texts: Sequence[str], arms: Collection[Arm]) -> Pool:
        """Return the candidates of ``question`` in the index itself (:class:`Store`)."""
        allowed = self.allowed(question)
        scored = _Scored(self.analyst)

        def nearest() -> tuple[Vectors, set[int]]:
            vectors = self.vectors.questions(texts if "dense" in arms else ())
            found = self.index.nearest(vectors, CANDIDATES, allowed)
            return vectors, {row for each in found for row, _ in each}

        # The model and FAISS leave the interpreter free for the words.
        with ThreadPoolExecutor(1, "nearest") as beside:
            near = beside.submit(nearest)
            searches = [self.search(text, arms, scored) for text in texts]
            best = set[int]().union(*(self._fullest(each, allowed) for each in searches))
            vectors, close = near.result()
        rows = np.asarray(sorted(best | close), dtype=np.int64)
        articles = self.index.article_numbers[rows]
        windows = self.index.cosines(rows, vectors)
        cosines = by_text(windows, len(texts))
        return Pool(
            [Evidence(s.shares(rows), c, articles) for s, c in zip(searches, cosines, strict=True)],
            self._english[articles],
            windows,
            lambda places: Chunks(len(places), lambda at: self.index.chunks[int(rows[places[at]])]),
            lambda places: self.index.matrix(rows[places]),
        )

    def search(
        self, text: str, arms: Collection[Arm] = ALL_ARMS, scored: "_Scored | None" = None
    ) -> Search:
        """Return what the lexical ones of ``arms`` find for ``text``.

        ``scored`` holds what other texts of the same question have in common with it.
        """
        scored = scored or _Scored(self.analyst)
        found: dict[Arm, Floats] = {}
        most = 0.0
        for term in (*self.analyst.terms(text), *self.analyst.figures(text)):
            of_term = scored.of(term)
            if term.arm in arms and len(of_term.rows):
                if term.arm not in found:
                    found[term.arm] = np.zeros(len(self.index.chunks), dtype=np.float32)
                found[term.arm][of_term.rows] += np.float32(term.weight) * of_term.scores
            most += term.weight * of_term.idf * (K1 + 1)
        return Search(found, max(most, 1e-6))

    def _fullest(self, found: Search, allowed: NDArray[np.bool_] | None) -> set[int]:
        """Return the best :data:`CANDIDATES` chunks of all lexical arms together."""
        total = np.zeros(len(self.index.chunks), dtype=np.float32)
        for scores in found.bm25.values():
            total += scores
        if allowed is not None:
            total *= allowed
        best = _largest(total, CANDIDATES)
        return set(best[total[best] > 0].tolist())

    @cached_property
    def _english(self) -> NDArray[np.bool_]:
        """Which articles are in English."""
        return np.asarray([head.english for head in self.index.heads], dtype=bool)

    def _logits(self, found: Evidence, in_language: NDArray[np.bool_]) -> Floats:
        features = found.features()
        same, cross = (fusion.scores(features, self.weights[pair]) for pair in fusion.PAIRS)
        return np.where(in_language, same, cross)

    def allowed(self, question: Question) -> NDArray[np.bool_] | None:
        """Return which chunks may answer; ``None`` where all may."""
        with_adverts, filters = wants_adverts(question), question.in_force
        if not filters:
            return None if with_adverts or self._newsworthy.all() else self._newsworthy
        numbers = self.index.page_numbers if filters.pages else {}
        passing = [filters.passes(head, numbers) for head in self.index.heads]
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


@dataclass(frozen=True)
class _Scored:
    """The BM25 of terms, each looked up once: the parts of a question share most of them."""

    analyst: Analyst
    kept: dict[tuple[str, frozenset[tuple[str, float]]], Scored] = field(default_factory=dict)

    def of(self, term: Term) -> Scored:
        """Return the BM25 of ``term``, of weight 1."""
        key = term.field, frozenset(term.forms.items())
        if key not in self.kept:
            self.kept[key] = self.analyst.postings(term).bm25_of(term.forms)
        return self.kept[key]


def _largest(values: Floats, k: int) -> NDArray[np.int64]:
    """Return the places of the ``k`` largest ``values``, the first of equal ones."""
    if len(values) > k:
        # As many rows of values hold one of at least this: so do not fewer than k values.
        rows = values[: len(values) // ROW * ROW].reshape(-1, ROW).max(axis=1)
        floor = np.partition(rows, -k)[-k] if len(rows) > k else values.min()
        least = np.partition(values[values >= floor], -k)[-k]
        above, equal = np.flatnonzero(values > least), np.flatnonzero(values == least)
        return np.concatenate((above, equal[: k - len(above)]))
    return np.arange(len(values))


def _distinct(chunks: Sequence[Chunk], vectors: Vectors) -> Iterator[int]:
    """Yield the places in ``chunks`` of those that do not repeat one before."""
    alike = vectors @ vectors.T > REPEAT_COSINE
    kept: list[int] = []
    for at in range(len(chunks)):
        near = [other for other in kept if alike[at, other]]
        if not any(_repeats(chunks[at], chunks[other]) for other in near):
            kept.append(at)
            yield at


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
