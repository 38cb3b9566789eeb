"""Lexical postings: how often each term stands in each chunk, and BM25 over them.

Three postings make an index: character bigrams, which find Chinese without trusting a word
cutter; words, which a bilingual table can translate into; and figures, by what they are worth
and not by how they are printed.
"""

import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from index.numbers import numbers_in
from index.text import bigrams, fold, words

K1, B = 1.2, 0.75  # the usual BM25 parameters (Robertson and Zaragoza, 2009)

Analyser = Callable[[str], list[str]]
ANALYSERS: Mapping[str, Analyser] = {
    "characters": lambda text: bigrams(fold(text)),
    "words": lambda text: words(fold(text)),
    "figures": lambda text: sorted(numbers_in(text)),
}


@dataclass(frozen=True)
class Postings:
    """Term frequencies: ``counts`` is a CSR matrix of shape ``(len(terms), chunks)``."""

    terms: tuple[str, ...]
    counts: sparse.csr_matrix

    @cached_property
    def rows(self) -> dict[str, int]:
        """The row of each term."""
        return {term: row for row, term in enumerate(self.terms)}

    @cached_property
    def _length_norms(self) -> NDArray[np.float32]:
        lengths = np.asarray(self.counts.sum(axis=0), dtype=np.float32).ravel()
        mean = float(lengths.mean()) if lengths.size else 1.0
        return K1 * (1 - B + B * lengths / max(mean, 1.0))

    @cached_property
    def _document_frequencies(self) -> NDArray[np.int64]:
        return np.asarray(np.diff(self.counts.indptr), dtype=np.int64)

    def idf(self, terms: Mapping[str, float]) -> float:
        """Return the inverse document frequency of a query term.

        ``terms`` maps its forms in the index to their probabilities; an exact term is
        ``{term: 1.0}``. The expected document frequency counts, as in probabilistic
        structured queries (Darwish and Oard, 2003).
        """
        frequency = sum(
            probability * self._document_frequencies[self.rows[term]]
            for term, probability in terms.items()
            if term in self.rows
        )
        total = self.counts.shape[1]
        return float(np.log1p((total - frequency + 0.5) / (frequency + 0.5)))

    def bm25(self, query: Iterable[Mapping[str, float]]) -> NDArray[np.float32]:
        """Return the BM25 score of every chunk, float32 of shape ``(chunks,)``.

        Each query term maps its forms to probabilities; their expected term frequency
        counts. A term of the query that no chunk holds adds nothing.
        """
        scores = np.zeros(self.counts.shape[1], dtype=np.float32)
        for terms in query:
            self.add_bm25(scores, terms)
        return scores

    def add_bm25(
        self, scores: NDArray[np.float32], terms: Mapping[str, float], weight: float = 1.0
    ) -> None:
        """Add ``weight`` times the BM25 of one query term to ``scores`` (one a chunk), in place.

        Only the chunks that hold one of its forms are touched.
        """
        found = [
            (slice(*self.counts.indptr[row : row + 2]), probability)
            for term, probability in terms.items()
            if (row := self.rows.get(term)) is not None
        ]
        if not found:
            return
        chunks = np.concatenate([self.counts.indices[place] for place, _ in found])
        expected = np.concatenate([self.counts.data[place] * p for place, p in found])
        if len(found) > 1:
            chunks, which = np.unique(chunks, return_inverse=True)
            expected = np.bincount(which, expected)
        gain = weight * self.idf(terms) * (K1 + 1)
        scores[chunks] += gain * expected / (expected + self._length_norms[chunks])

    def to_bytes(self) -> tuple[bytes, bytes]:
        """Return the terms as JSON and the counts as ``.npz``, for :func:`postings_from_bytes`."""
        buffer = io.BytesIO()
        sparse.save_npz(buffer, self.counts, compressed=True)
        return json.dumps(self.terms, ensure_ascii=False).encode(), buffer.getvalue()


def exact(terms: Iterable[str]) -> list[dict[str, float]]:
    """Return the query of ``terms`` as they are, each once."""
    return [{term: 1.0} for term in dict.fromkeys(terms)]


def build_postings(texts: Sequence[str], analyser: Analyser) -> Postings:
    """Return the postings of ``texts`` (one a chunk), terms in sorted order."""
    counted = [Counter(analyser(text)) for text in texts]
    terms = tuple(sorted(set().union(*counted))) if counted else ()
    rows = {term: row for row, term in enumerate(terms)}
    row_of = [rows[term] for counts in counted for term in counts]
    chunk_of = [chunk for chunk, counts in enumerate(counted) for _ in counts]
    values = [count for counts in counted for count in counts.values()]
    counts = sparse.csr_matrix(
        (np.asarray(values, dtype=np.int32), (row_of, chunk_of)),
        shape=(len(terms), len(texts)),
    )
    return Postings(terms, counts)


def postings_from_bytes(terms: bytes, counts: bytes) -> Postings:
    """Return the postings that :meth:`Postings.to_bytes` wrote."""
    return Postings(
        tuple(json.loads(terms)), sparse.csr_matrix(sparse.load_npz(io.BytesIO(counts)))
    )
