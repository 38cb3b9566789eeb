"""Lexical postings: how often each term stands in each chunk, and BM25 over them.

Three postings make an index: character bigrams, which find Chinese without trusting a word
cutter; words, which a bilingual table can translate into; and figures, by what they are worth
and not by how they are printed. Each segment of an index has its own (:class:`Postings`);
:class:`AllPostings` asks them as one.
"""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from index.keyed_lines import KEY_BYTES, keys_at
from index.numbers import numbers_in
from index.text import bigrams, fold, is_han, words

K1, B = 1.2, 0.75  # the usual BM25 parameters (Robertson and Zaragoza, 2009)

PAIR_BITS, PAIR_MASK = 21, 2**21 - 1  # of a code point
FIRST_HAN = 0x3400
KEPT_TERMS = 10_000  # whose chunks are not counted again

Analyser = Callable[[str], list[str]]
ANALYSERS: Mapping[str, Analyser] = {
    "characters": lambda text: bigrams(fold(text)),
    "words": lambda text: words(fold(text)),
    "figures": lambda text: sorted(numbers_in(text)),
}

Rows = NDArray[np.int32]


@dataclass(frozen=True)
class Terms(Sequence[str]):
    """Sorted strings in one array of UTF-8, ``ends`` telling where each ends.

    They are looked up by bisection: UTF-8 sorts as the code points do.
    """

    utf8: NDArray[np.uint8]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, terms: Sequence[str]) -> "Terms":
        """Return ``terms``, which are sorted, packed."""
        data = [term.encode("utf-8", "surrogatepass") for term in terms]
        ends = np.cumsum([len(each) for each in data], dtype=np.int64)
        return cls(np.frombuffer(b"".join(data), np.uint8), ends)

    def __len__(self) -> int:
        return len(self.ends)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...
    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        return self._bytes(at).decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        data, start = self.utf8.tobytes(), 0
        for end in self.ends.tolist():
            yield data[start:end].decode("utf-8", "surrogatepass")
            start = end

    def place_of(self, term: str) -> int | None:
        """Return the place of ``term``; ``None`` where it is none of them."""
        data, key = _keyed(term)
        keys = self._keys
        first = int(keys.searchsorted(key))
        if first == len(keys) or keys[first] != key:
            return None
        last = int(keys.searchsorted(key, "right"))
        at = bisect_left(range(last), data, first, key=self._bytes)
        return at if at < last and self._bytes(at) == data else None

    @cached_property
    def _keys(self) -> NDArray[np.uint64]:
        """The first bytes of each term as a number: they ascend, and find most terms alone."""
        starts = np.concatenate((self.ends[:1] * 0, self.ends[:-1]))
        keys = keys_at(self.utf8, starts)
        # What follows a shorter term is no part of it.
        behind = 8 * (KEY_BYTES - np.minimum(self.ends - starts, KEY_BYTES)).astype(np.uint64)
        return np.asarray((keys >> behind) << behind, dtype=np.uint64)

    def pair_codes(self) -> NDArray[np.int64]:
        """Return :func:`pair_codes` of those of two Chinese characters."""
        lengths = np.diff(self.ends, prepend=0)
        rare = [self[at] for at in np.flatnonzero((lengths == 7) | (lengths == 8)).tolist()]
        starts = self.ends[lengths == 6] - 6
        starts = starts[(self.utf8[starts] >= 0xE3) & (self.utf8[starts + 3] >= 0xE0)]
        first, second = (
            (self.utf8[starts + at] & 0xF).astype(np.int64) << 12
            | (self.utf8[starts + at + 1] & 0x3F).astype(np.int64) << 6
            | (self.utf8[starts + at + 2] & 0x3F)
            for at in (0, 3)
        )
        common = (first << PAIR_BITS) | second
        return np.concatenate((common[first >= FIRST_HAN], pair_codes(rare)))

    def _bytes(self, at: int) -> bytes:
        start = self.ends[at - 1] if at else 0
        return self.utf8[start : self.ends[at]].tobytes()


@lru_cache(4096)
def _keyed(term: str) -> tuple[bytes, np.uint64]:
    """Return a term as bytes, and the first of them as a number."""
    data = term.encode("utf-8", "surrogatepass")
    return data, np.uint64(int.from_bytes(data[:KEY_BYTES].ljust(KEY_BYTES, b"\0"), "big"))


def pair_codes(terms: Iterable[str]) -> NDArray[np.int64]:
    """Return a number for each term of two Chinese characters: their code points side by side."""
    pairs = [term for term in terms if len(term) == 2 and is_han(term[0])]
    codes = [ord(pair[0]) << PAIR_BITS | ord(pair[1]) for pair in pairs]
    return np.asarray(sorted(codes), dtype=np.int64)


@dataclass(frozen=True)
class Postings:
    """Term frequencies of the chunks of one segment, in the rows of a sparse matrix (CSR).

    Term ``i`` stands ``counts[j]`` times in chunk ``chunks[j]`` for each ``j`` from
    ``starts[i]`` up to ``starts[i + 1]``; the chunks ascend. ``lengths`` counts the terms of
    each chunk.
    """

    terms: Terms
    starts: NDArray[np.int64]
    chunks: Rows
    counts: NDArray[np.int32]
    lengths: NDArray[np.int32]

    def of(self, at: int) -> slice:
        """Return where the entries of term ``at`` stand in ``chunks`` and ``counts``."""
        return slice(*self.starts[at : at + 2].tolist())

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return its arrays by name, for :func:`postings_from`."""
        return {
            "terms": self.terms.utf8,
            "ends": self.terms.ends,
            "starts": self.starts,
            "chunks": self.chunks,
            "counts": self.counts,
            "lengths": self.lengths,
        }


@dataclass(frozen=True)
class Part:
    """The postings of one segment among those of an index.

    ``rows`` holds the row in the index of each chunk of the segment, ascending, and -1 for
    one that was taken out; ``None`` where all of them follow each other from ``start`` on.
    """

    postings: Postings
    start: int
    rows: Rows | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """The BM25 of one query term: ``scores`` of the chunks ``rows``, ascending, and its idf."""

    rows: Rows
    scores: NDArray[np.float32]
    idf: float


@dataclass(frozen=True)
class AllPostings:
    """The postings of all segments, as one: rows are those of the index."""

    parts: tuple[Part, ...]

    @cached_property
    def lengths(self) -> NDArray[np.int32]:
        """The number of terms of each chunk."""
        found = [
            part.postings.lengths if part.rows is None else part.postings.lengths[part.rows >= 0]
            for part in self.parts
        ]
        return np.concatenate(found) if found else np.zeros(0, dtype=np.int32)

    @cached_property
    def _length_norms(self) -> NDArray[np.float32]:
        mean = float(self.lengths.mean()) if self.lengths.size else 1.0
        lengths = self.lengths.astype(np.float32)
        return np.asarray(K1 * (1 - B + B * lengths / max(mean, 1.0)), dtype=np.float32)

    def __contains__(self, term: object) -> bool:
        if not isinstance(term, str):
            return False
        for part in self.parts:
            at = part.postings.terms.place_of(term)
            if at is not None and self._living(part, at):
                return True
        return False

    def terms(self) -> Iterator[str]:
        """Yield every term that a chunk holds, each once."""
        if len(self.parts) == 1 and self.parts[0].rows is None:
            yield from self.parts[0].postings.terms
            return
        seen: set[str] = set()
        for part in self.parts:
            for row, term in enumerate(part.postings.terms):
                if term not in seen and self._living(part, row):
                    seen.add(term)
                    yield term

    @staticmethod
    def _living(part: Part, row: int) -> bool:
        if part.rows is None:
            return True
        return bool((part.rows[part.postings.chunks[part.postings.of(row)]] >= 0).any())

    @cached_property
    def pairs(self) -> NDArray[np.int64]:
        """The codes of the Chinese bigrams among the terms, ascending, each once.

        Those of articles that were taken out are among them until segments are merged.
        """
        codes = [part.postings.terms.pair_codes() for part in self.parts]
        # Runs that ascend already are merged, not sorted anew.
        found = np.sort(np.concatenate([*codes, np.zeros(0, dtype=np.int64)]), kind="stable")
        new = np.diff(found, prepend=-1) != 0  # segments share most of them
        return np.asarray(found[new], dtype=np.int64)

    def frequencies(self, term: str) -> tuple[Rows, NDArray[np.int32]]:
        """Return the rows of the chunks that hold ``term``, ascending, and how often each does."""
        rows, counts = [], []
        for part in self.parts:
            postings = part.postings
            at = postings.terms.place_of(term)
            if at is None:
                continue
            place = postings.of(at)
            here, count = postings.chunks[place], postings.counts[place]
            if part.rows is None:
                here = here + np.int32(part.start) if part.start else here
            else:
                here = part.rows[here]
                here, count = here[here >= 0], count[here >= 0]
            rows.append(here)
            counts.append(count)
        if len(rows) == 1:
            return rows[0], counts[0]
        if not rows:
            return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32)
        return np.concatenate(rows), np.concatenate(counts)

    def rows_with(self, term: str) -> Rows:
        """Return the rows of the chunks that hold ``term``, ascending."""
        return self.frequencies(term)[0]

    def idf(self, terms: Mapping[str, float]) -> float:
        """Return the inverse document frequency of a query term.

        ``terms`` maps its forms in the index to their probabilities; an exact term is
        ``{term: 1.0}``. The expected document frequency counts, as in probabilistic
        structured queries (Darwish and Oard, 2003).
        """
        return self._idf(sum(p * self._document_frequency(term) for term, p in terms.items()))

    @cached_property
    def _document_frequency(self) -> Callable[[str], int]:
        return lru_cache(KEPT_TERMS)(lambda term: self.rows_with(term).size)

    def _idf(self, frequency: float) -> float:
        return float(np.log1p((len(self.lengths) - frequency + 0.5) / (frequency + 0.5)))

    def bm25(self, query: Iterable[Mapping[str, float]]) -> NDArray[np.float32]:
        """Return the BM25 score of every chunk, float32 of shape ``(chunks,)``.

        Each query term maps its forms to probabilities; their expected term frequency
        counts. A term of the query that no chunk holds adds nothing.
        """
        scores = np.zeros(len(self.lengths), dtype=np.float32)
        for terms in query:
            self.add_bm25(scores, terms)
        return scores

    def add_bm25(
        self, scores: NDArray[np.float32], terms: Mapping[str, float], weight: float = 1.0
    ) -> float:
        """Add ``weight`` times the BM25 of one query term to ``scores`` (one a chunk), in place.

        Only the chunks that hold one of its forms are touched. Returns the idf of the term.
        """
        found = self.bm25_of(terms)
        scores[found.rows] += np.float32(weight) * found.scores
        return found.idf

    def bm25_of(self, terms: Mapping[str, float]) -> Scored:
        """Return the BM25 of one query term, ``terms`` as for :meth:`idf`."""
        found = [(*self.frequencies(term), probability) for term, probability in terms.items()]
        found = [each for each in found if each[0].size]
        idf = self._idf(sum(probability * rows.size for rows, _, probability in found))
        if not found:
            return Scored(np.zeros(0, np.int32), np.zeros(0, np.float32), idf)
        if len(found) == 1:
            rows, counts, probability = found[0]
            expected = counts * np.float32(probability)
        else:
            every = np.zeros(len(self.lengths), dtype=np.float32)
            for rows, counts, probability in found:
                every[rows] += counts * np.float32(probability)
            rows = np.flatnonzero(every > 0).astype(np.int32)
            expected = every[rows]
        gain = np.float32(idf * (K1 + 1))
        return Scored(rows, gain * expected / (expected + self._length_norms[rows]), idf)


def exact(terms: Iterable[str]) -> list[dict[str, float]]:
    """Return the query of ``terms`` as they are, each once."""
    return [{term: 1.0} for term in dict.fromkeys(terms)]


def build_postings(texts: Sequence[str], analyser: Analyser) -> Postings:
    """Return the postings of ``texts`` (one a chunk), terms in sorted order."""
    return build_all_postings(texts, {"": analyser})[""]


def build_all_postings(
    texts: Sequence[str], analysers: Mapping[str, Analyser] = ANALYSERS
) -> dict[str, Postings]:
    """Return the postings of ``texts`` of each analyser, each text read once by all of them."""
    counted = {name: _Counted() for name in analysers}
    for text in texts:
        for name, analyser in analysers.items():
            counted[name].add(analyser(text))
    return {name: each.postings() for name, each in counted.items()}


@dataclass
class _Counted:
    """The terms of one text after the other: their numbers, and how often each stands there."""

    known: dict[str, int] = field(default_factory=dict)
    terms: "array[int]" = field(default_factory=lambda: array("i"))
    counts: "array[int]" = field(default_factory=lambda: array("i"))
    distinct: "array[int]" = field(default_factory=lambda: array("i"))

    def add(self, terms: Iterable[str]) -> None:
        counted = Counter(terms)
        known = self.known
        self.terms.extend([known.setdefault(term, len(known)) for term in counted])
        self.counts.extend(counted.values())
        self.distinct.append(len(counted))

    def postings(self) -> Postings:
        terms, counts, distinct = (
            np.frombuffer(each, np.int32) if each else np.zeros(0, np.int32)
            for each in (self.terms, self.counts, self.distinct)
        )
        order = sorted(self.known)
        place = np.empty(len(order), dtype=np.int32)
        place[[self.known[term] for term in order]] = np.arange(len(order), dtype=np.int32)
        chunks = np.repeat(np.arange(len(distinct), dtype=np.int32), distinct)
        return _postings(order, place[terms], chunks, counts, len(distinct))


def postings_from(arrays: Mapping[str, NDArray[Any]]) -> Postings:
    """Return the postings of the arrays that :meth:`Postings.arrays` gave."""
    return Postings(
        Terms(arrays["terms"], arrays["ends"]),
        *(arrays[name] for name in ("starts", "chunks", "counts", "lengths")),
    )


def merged(parts: Sequence[Part], chunk_count: int) -> Postings:
    """Return the postings of ``parts`` as those of one segment of ``chunk_count`` chunks."""
    terms = sorted(AllPostings(tuple(parts)).terms())
    places = {term: place for place, term in enumerate(terms)}
    rows, chunks, counts = [], [], []
    for part in parts:
        postings = part.postings
        place = [places.get(term, -1) for term in postings.terms]
        row = np.repeat(np.asarray(place, dtype=np.int32), np.diff(postings.starts))
        if part.rows is None:
            chunk = postings.chunks + np.int32(part.start)
            count = postings.counts
        else:
            chunk = part.rows[postings.chunks]
            row, count, chunk = row[chunk >= 0], postings.counts[chunk >= 0], chunk[chunk >= 0]
        rows.append(row)
        chunks.append(chunk)
        counts.append(count)
    return _postings(
        terms, np.concatenate(rows), np.concatenate(chunks), np.concatenate(counts), chunk_count
    )


def _postings(
    terms: Sequence[str], rows: Rows, chunks: Rows, counts: NDArray[np.int32], chunk_count: int
) -> Postings:
    """Return the postings of which entry ``j`` says ``counts[j]`` of a term in a chunk."""
    from scipy import sparse  # a question needs none of it

    matrix = sparse.csr_matrix((counts, (rows, chunks)), shape=(len(terms), chunk_count))
    matrix.sort_indices()
    lengths = np.bincount(chunks, counts, chunk_count).astype(np.int32)
    return Postings(
        Terms.of(terms),
        matrix.indptr.astype(np.int64),
        matrix.indices.astype(np.int32),
        matrix.data.astype(np.int32),
        lengths,
    )
