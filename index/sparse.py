"""Chunks and questions as sparse vectors whose inner product is BM25, for a vector database.

A database that knows sparse vectors and inner products can then search as the postings of the
index do. The chunk's side of a term is its saturated frequency, ``tf (k1 + 1) / (tf + norm)``,
the question's side its weight and idf. Terms of all fields share one vector, because the best
of their sum is wanted, and not the best of each. A dimension is a hash, so that nobody has to
agree on a vocabulary; two terms that meet in one change which chunks are candidates, and
nothing else.

The inner product is exact for terms of one sure form. Of several forms the expected frequency
is saturated as a whole (:meth:`index.lexical.AllPostings.bm25_of`), which no inner product can
say: their scores are near, and :func:`packed` keeps the counts that make them exact.
"""

import zlib
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Never

import numpy as np
from numpy.typing import NDArray

from index.lexical import ANALYSERS, K1, B, pair_codes
from index.types import CorpusError

SparseVector = dict[int, float]  # dimension → value
Counts = Mapping[str, Mapping[str, int]]  # field → term → how often

NOTHING = 0  # the dimension of a chunk without terms: a vector may not be empty
MAX_COUNT = 2**16 - 1  # of one term in one chunk
_DIMENSIONS = 2**32 - 2
_PAIR = np.dtype([("dimension", "<u4"), ("count", "<u2")])


def dimension_of(name: str, term: str) -> int:
    """Return the dimension of ``term`` in the field ``name``, from 1 to 2³² - 2."""
    return zlib.crc32(f"{name}\n{term}".encode("utf-8", "surrogatepass")) % _DIMENSIONS + 1


def counts_of(text: str) -> dict[str, Counter[str]]:
    """Return how often each term stands in ``text``, by field."""
    return {name: Counter(analyser(text)) for name, analyser in ANALYSERS.items()}


@dataclass(frozen=True)
class Frequencies:
    """What the chunks of a corpus say of the terms of one field.

    ``document`` maps each term to the number of chunks that hold it, ``length`` is the number
    of all terms in all ``chunks``. It answers what :class:`index.lexical.AllPostings` answers
    without looking at a chunk.
    """

    document: Mapping[str, int] = field(default_factory=dict)
    length: int = 0
    chunks: int = 0

    def __contains__(self, term: object) -> bool:
        return term in self.document

    def terms(self) -> Iterator[str]:
        """Yield every term that a chunk holds, each once."""
        return iter(self.document)

    @cached_property
    def pairs(self) -> NDArray[np.int64]:
        """The codes of the Chinese bigrams among the terms, ascending."""
        return pair_codes(self.document)

    @property
    def mean_length(self) -> float:
        """The number of terms of a chunk, in the mean; at least 1."""
        return max(self.length / self.chunks, 1.0) if self.chunks else 1.0

    def rows_with(self, term: str) -> Never:  # noqa: ARG002
        """Not known chunk by chunk: raises :class:`CorpusError`."""
        raise _by_chunk()

    def bm25_of(self, *_: object) -> Never:
        """Not known chunk by chunk: raises :class:`CorpusError`."""
        raise _by_chunk()

    def idf(self, terms: Mapping[str, float]) -> float:
        """Return the inverse document frequency of a query term, as the postings reckon it."""
        frequency = sum(p * self.document.get(term, 0) for term, p in terms.items())
        return float(np.log1p((self.chunks - frequency + 0.5) / (frequency + 0.5)))


def _by_chunk() -> CorpusError:
    return CorpusError(
        "this looks words up in every chunk, which is not done with a cluster; ask a question, "
        "or use the index of a part"
    )


def changed(
    former: Mapping[str, Frequencies], gone: Iterable[Counts], fresh: Iterable[Counts]
) -> dict[str, Frequencies]:
    """Return the frequencies after the chunks ``gone`` left and ``fresh`` ones came."""
    document = {name: Counter(former[name].document) for name in ANALYSERS if name in former}
    found = {name: document.get(name, Counter()) for name in ANALYSERS}
    length = {name: former[name].length if name in former else 0 for name in ANALYSERS}
    chunks = max((each.chunks for each in former.values()), default=0)
    for sign, many in ((-1, gone), (1, fresh)):
        for counts in many:
            chunks += sign
            for name in ANALYSERS:
                length[name] += sign * sum(counts[name].values())
                for term in counts[name]:
                    found[name][term] += sign
    return {
        name: Frequencies({t: n for t, n in sorted(found[name].items()) if n}, length[name], chunks)
        for name in ANALYSERS
    }


def norms(lengths: Sequence[int] | NDArray[np.int64], mean: float) -> NDArray[np.float64]:
    """Return the norm of BM25 for chunks of ``lengths`` terms where ``mean`` is usual."""
    return np.asarray(K1 * (1 - B + B * np.asarray(lengths, dtype=np.float64) / mean))


def chunk_vector(counts: Counts, means: Mapping[str, float]) -> SparseVector:
    """Return the sparse vector of a chunk; ``means`` are the usual lengths by field."""
    found: SparseVector = {}
    for name, terms in counts.items():
        norm = float(norms([sum(terms.values())], means[name])[0])
        for term, tf in terms.items():
            found[dimension_of(name, term)] = tf * (K1 + 1) / (tf + norm)
    return found or {NOTHING: 1.0}


def packed(counts: Counts) -> str:
    """Return the counts of a chunk as ASCII, 8 characters a term, for :class:`Held`."""
    by_dimension: dict[int, int] = {}
    for name, terms in counts.items():
        for term, tf in terms.items():
            at = dimension_of(name, term)
            by_dimension[at] = min(by_dimension.get(at, 0) + tf, MAX_COUNT)
    pairs = np.fromiter(by_dimension.items(), dtype=_PAIR, count=len(by_dimension))
    return b64encode(pairs.tobytes()).decode("ascii")


class Held:
    """The counts of some chunks, each as :func:`packed` made it."""

    def __init__(self, chunks: Sequence[str]) -> None:
        parts = [np.frombuffer(b64decode(each), dtype=_PAIR) for each in chunks]
        pairs = np.concatenate(parts) if parts else np.zeros(0, dtype=_PAIR)
        self._chunks = len(chunks)
        self._dimensions = np.ascontiguousarray(pairs["dimension"])
        self._counts = pairs["count"]
        self._rows = np.repeat(np.arange(len(parts)), [len(part) for part in parts])

    def frequencies(self, name: str, term: str) -> NDArray[np.float64]:
        """Return how often ``term`` stands in the field ``name`` of each chunk."""
        found = np.zeros(self._chunks, dtype=np.float64)
        here = np.flatnonzero(self._dimensions == dimension_of(name, term))
        found[self._rows[here]] = self._counts[here]
        return found


def gains(forms: Mapping[str, float], gain: float) -> dict[str, float]:
    """Return the question's side of one query term, by form; ``gain`` is its weight times idf.

    A form of probability ``p`` counts as it would where it stands once in a chunk of usual
    length: there ``p`` is saturated, and not what it is multiplied with.
    """
    return {form: gain * p * (1 + K1) / (p + K1) for form, p in forms.items() if p > 0}
