"""A loaded index: the living parts of its segments, seen as one."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Generic, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from index.explained import Explained
from index.lexical import ANALYSERS, AllPostings, Part
from index.long_text import Text
from index.manifest import Manifest
from index.page_numbers import PageNumber
from index.segments import Digests, Head, Living, PageHead, Segment, half_articles
from index.types import Article, Chunk, Page, Vectors
from index.vectors import Nearest
from index.windows import (
    Cosines,
    Embedded,
    WindowTable,
    embedded_from,
    joined,
    joined_tables,
    table_of,
)

KEPT_ARTICLES, KEPT_PAGES = 20_000, 256  # that are not read again

Place = tuple[int, int]  # the number of a segment, and one within it
T = TypeVar("T")
At = TypeVar("At")


@dataclass(frozen=True)
class Lazily(Mapping[str, T], Generic[At, T]):
    """Values by name, in order, each read from where it is when it is asked for."""

    _places: Mapping[str, At]
    _read: Callable[[At], T]

    def __getitem__(self, name: str) -> T:
        return self._read(self._places[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


@dataclass(frozen=True)
class Chunks(Sequence[Chunk]):
    """Chunks by their row, each made when it is asked for."""

    _count: int
    _made: Callable[[int], Chunk]

    @overload
    def __getitem__(self, row: int) -> Chunk: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[Chunk]: ...
    def __getitem__(self, row: int | slice) -> Chunk | Sequence[Chunk]:
        if isinstance(row, slice):
            return [self._made(each) for each in range(*row.indices(self._count))]
        if not -self._count <= row < self._count:
            raise IndexError(row)
        return self._made(int(row) % self._count)

    def __len__(self) -> int:
        return self._count


@dataclass(frozen=True, eq=False)
class Index:
    """A loaded generation. Row ``i`` of the vectors and of the postings is ``chunks[i]``.

    Rows follow the segments; articles and pages the names of their files. Words are read from
    the mapped files when they are asked for. ``probes`` are vectors of :mod:`index.probes`, of
    the model that it was built with; ``None`` for one of a former format.
    """

    manifest: Manifest
    parts: tuple[Living, ...]
    probes: Vectors | None = None

    @cached_property
    def _page_places(self) -> Mapping[str, Place]:
        found = {
            head.file: (part, number)
            for part, living in enumerate(self.parts)
            for number, head in enumerate(living.segment.page_heads)
            if living.pages[number]
        }
        return found if len(self.parts) == 1 else dict(sorted(found.items()))

    @cached_property
    def pages(self) -> Mapping[str, Page]:
        """The received pages, by file."""

        @lru_cache(KEPT_PAGES)
        def read(place: Place) -> Page:
            part, number = place
            return self.parts[part].segment.page(number)

        return Lazily(self._page_places, read)

    @cached_property
    def _texts(self) -> Mapping[str, Text]:
        """The texts of the pages, by file."""

        @lru_cache(KEPT_PAGES)
        def read(place: Place) -> Text:
            part, number = place
            segment = self.parts[part].segment
            long = segment.long_text(number)
            return self.pages[segment.page_heads[number].file].text if long is None else long

        return Lazily(self._page_places, read)

    def page_head(self, file: str) -> PageHead | None:
        """Return what is known of a page without its text; ``None`` where there is none."""
        place = self._page_places.get(file)
        return self.parts[place[0]].segment.page_heads[place[1]] if place else None

    @cached_property
    def page_numbers(self) -> Mapping[str, PageNumber]:
        """The number in its issue of each page that tells one, by file."""
        heads = (
            self.parts[part].segment.page_heads[number]
            for part, number in self._page_places.values()
        )
        return {head.file: head.number for head in heads if head.number}

    @cached_property
    def _order(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Of each article, in the order of their files, its segment and its number there."""
        alive = [np.flatnonzero(living.articles) for living in self.parts]
        parts = np.repeat(np.arange(len(alive)), [len(each) for each in alive])
        numbers = np.concatenate([*alive, np.zeros(0, dtype=np.int64)])
        if len(self.parts) > 1:
            heads = [living.segment.heads for living in self.parts]
            files = [
                heads[part][number].files[0]
                for part, number in zip(parts.tolist(), numbers.tolist(), strict=True)
            ]
            order = sorted(range(len(files)), key=files.__getitem__)
            parts, numbers = parts[order], numbers[order]
        return parts, numbers

    def _places_of(self, part: int) -> NDArray[np.int64]:
        """Return the place among :attr:`articles` of each article of a segment, -1 for none."""
        parts, numbers = self._order
        found = np.full(len(self.parts[part].segment.heads), -1, dtype=np.int64)
        here = np.flatnonzero(parts == part)
        found[numbers[here]] = here
        return found

    @cached_property
    def heads(self) -> Sequence[Head]:
        """What is known of the articles without their words, in their order."""
        parts, numbers = self._order
        heads = [part.segment.heads for part in self.parts]
        return [heads[p][n] for p, n in zip(parts.tolist(), numbers.tolist(), strict=True)]

    @cached_property
    def _read_article(self) -> Callable[[Place], Article]:
        @lru_cache(KEPT_ARTICLES)
        def read(place: Place) -> Article:
            part, number = place
            return self.parts[part].segment.article(number, self._texts)

        return read

    @cached_property
    def articles(self) -> Mapping[str, Article]:
        """The articles, by id."""
        parts, numbers = self._order

        def read(at: int) -> Article:
            return self._read_article((int(parts[at]), int(numbers[at])))

        return Lazily(self._places, read)

    @cached_property
    def articles_of(self) -> Mapping[str, Sequence[str]]:
        """The ids of the articles that begin in each file, in order."""
        found: dict[str, list[str]] = {}
        for head in self.heads:
            found.setdefault(head.file, []).append(head.id)
        return found

    @cached_property
    def halves(self) -> Mapping[str, Sequence[Article]]:
        """Of each file with an article that jumps, the articles as that file alone has them."""
        return {
            file: half_articles(
                self.parts[self._page_places[file][0]].segment.halves[file], self._texts
            )
            for file in sorted(self.half_files)
        }

    @cached_property
    def half_files(self) -> frozenset[str]:
        """The files of :attr:`halves`."""
        return frozenset(
            file
            for part, living in enumerate(self.parts)
            for file in living.segment.halves
            if file in self._page_places and self._page_places[file][0] == part
        )

    @cached_property
    def unlinked(self) -> Mapping[str, Sequence[Article]]:
        """Those of :attr:`halves` whose file shares an article with another file."""
        jumping = {file for head in self.heads if len(head.files) > 1 for file in head.files}
        return {file: halves for file, halves in self.halves.items() if file in jumping}

    @cached_property
    def explained(self) -> Sequence[Explained]:
        """The names that the articles explain in brackets, in the order of the articles."""
        places = [self._places_of(part).tolist() for part in range(len(self.parts))]
        found = [
            (place[number], each)
            for place, living in zip(places, self.parts, strict=True)
            for number, each in living.segment.explained
            if place[number] >= 0
        ]
        found.sort(key=lambda pair: pair[0])
        return [each for _, each in found]

    @cached_property
    def _starts(self) -> Sequence[int]:
        """The first row of each segment, and the number of all rows."""
        counts = [int(living.chunks.sum()) for living in self.parts]
        return [0, *np.cumsum(counts, dtype=np.int64).tolist()]

    @cached_property
    def _locals(self) -> Sequence[NDArray[np.int64] | None]:
        """Of each segment the numbers of its living chunks; ``None`` for all of them."""
        return [
            None if living.chunks.all() else np.flatnonzero(living.chunks).astype(np.int64)
            for living in self.parts
        ]

    @cached_property
    def chunks(self) -> Sequence[Chunk]:
        """The chunks of the articles, by row."""
        return Chunks(self._starts[-1], self._chunk)

    def _local(self, row: int) -> tuple[int, int]:
        """Return the segment of a row, and the number of the chunk in it."""
        part = bisect_right(self._starts, row) - 1
        number = row - self._starts[part]
        local = self._locals[part]
        return part, number if local is None else int(local[number])

    def _chunk(self, row: int) -> Chunk:
        part, number = self._local(row)
        segment = self.parts[part].segment
        owner, start, end = segment.chunks[number].tolist()
        article = self._read_article((part, owner))
        first = int(segment.owners.searchsorted(np.int32(owner)))
        return Chunk(f"{article.id}:{number - first}", article, start, end)

    @cached_property
    def article_numbers(self) -> NDArray[np.int64]:
        """The place among :attr:`articles` of the article of each chunk, by row."""
        found = [
            self._places_of(part)[living.segment.owners][living.chunks]
            for part, living in enumerate(self.parts)
        ]
        return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)

    @cached_property
    def _first_rows(self) -> NDArray[np.int64]:
        """The first row of each article, by its place."""
        found = np.zeros(len(self.heads) + 1, dtype=np.int64)
        rows = np.arange(len(self.article_numbers))[::-1]
        found[self.article_numbers[::-1]] = rows
        return found

    @cached_property
    def _places(self) -> Mapping[str, int]:
        """The place of each article, by id."""
        return dict(zip(map(attrgetter("id"), self.heads), range(len(self.heads)), strict=True))

    def row_of(self, chunk: Chunk) -> int:
        """Return the row of ``chunk``. Raises :class:`KeyError` for one of another index."""
        at = self._places[chunk.article.id]
        return int(self._first_rows[at]) + int(chunk.id.rpartition(":")[2])

    def rows_of(self, article_id: str) -> range:
        """Return the rows of the chunks of an article, none for one that is not here."""
        at = self._places.get(article_id)
        if at is None:
            return range(0)
        first = int(self._first_rows[at])
        last = first
        while last < len(self.article_numbers) and self.article_numbers[last] == at:
            last += 1
        return range(first, last)

    @cached_property
    def postings(self) -> Mapping[str, AllPostings]:
        """The postings of each analyser."""
        rows: list[NDArray[np.int32] | None] = []
        for start, local, living in zip(self._starts, self._locals, self.parts, strict=False):
            if local is None:
                rows.append(None)
                continue
            of = np.full(len(living.segment.chunks), -1, dtype=np.int32)
            of[local] = np.arange(start, start + len(local), dtype=np.int32)
            rows.append(of)
        return {
            name: AllPostings(
                tuple(
                    Part(living.segment.postings[name], start, of)
                    for living, start, of in zip(self.parts, self._starts, rows, strict=False)
                )
            )
            for name in ANALYSERS
        }

    @property
    def characters(self) -> AllPostings:
        """Postings of character bigrams."""
        return self.postings["characters"]

    @property
    def words(self) -> AllPostings:
        """Postings of words."""
        return self.postings["words"]

    def nearest(
        self, vectors: Vectors, k: int, allowed: NDArray[np.bool_] | None = None
    ) -> list[list[tuple[int, float]]]:
        """Return for each of ``vectors`` the ``k`` nearest chunks as ``(row, cosine)``, best first.

        ``vectors`` is float32 of shape ``(n, dimension)``, rows of norm 1. ``allowed`` tells of
        each chunk whether it may be found; all may by default. Fewer than ``k`` come back where
        there are fewer, none from an empty index.
        """
        found: list[list[Nearest]] = [[] for _ in vectors]
        for part, (living, start) in enumerate(zip(self.parts, self._starts, strict=False)):
            table, local = living.segment.table, self._locals[part]
            end = self._starts[part + 1]
            if start == end:
                continue
            holders = self._holders[part]
            may = None
            if allowed is not None or local is not None:
                wanted = (
                    np.arange(end - start)
                    if allowed is None
                    else np.flatnonzero(allowed[start:end])
                )
                may = np.zeros(len(table), dtype=bool)
                may[holders.vector_of[wanted]] = True
            for near, (rows, cosines) in zip(found, table.nearest(vectors, k, may), strict=True):
                here, which = holders.rows(rows)
                cosines = cosines[which]
                here = here + start
                if allowed is not None:
                    here, cosines = here[allowed[here]], cosines[allowed[here]]
                near.append((here, cosines))
        return [_best(near, k) for near in found]

    @cached_property
    def _holders(self) -> Sequence["_Holders"]:
        found = []
        for living, local in zip(self.parts, self._locals, strict=True):
            vector_of = living.segment.vector_of
            found.append(
                _holders(
                    vector_of if local is None else vector_of[local], len(living.segment.table)
                )
            )
        return found

    def matrix(self, rows: Sequence[int] | NDArray[np.int64]) -> Vectors:
        """Return the vectors of the chunks ``rows``, of shape ``(len(rows), dimension)``."""
        found = np.zeros((len(rows), self.manifest.dimension), dtype=np.float32)
        for segment, here, vector_of in self._vectors_of(rows):
            found[here] = segment.table.matrix(vector_of)
        return found

    def _vectors_of(
        self, rows: Sequence[int] | NDArray[np.int64]
    ) -> Iterator[tuple[Segment, NDArray[np.int64], NDArray[np.int32]]]:
        """Yield each segment with some of the chunks ``rows``: their places, and their vectors."""
        wanted = np.asarray(rows, dtype=np.int64)
        for part, (start, end) in enumerate(zip(self._starts, self._starts[1:], strict=False)):
            here = np.flatnonzero((wanted >= start) & (wanted < end))
            if here.size:
                vector_of = self._holders[part].vector_of[wanted[here] - start]
                yield self.parts[part].segment, here, vector_of

    def windows(self, rows: Sequence[int] | NDArray[np.int64]) -> WindowTable:
        """Return the windows of the chunks ``rows``, none of those of a model without them."""
        places, tables = [np.zeros(0, dtype=np.int64)], [table_of([], self.manifest.dimension)]
        for segment, here, vector_of in self._vectors_of(rows):
            tables.append(segment.windows.take(vector_of))
            places.append(here)
        return joined_tables(tables, places)

    def cosines(self, rows: Sequence[int] | NDArray[np.int64], vectors: Vectors) -> Cosines:
        """Return how near the windows of the chunks ``rows`` are to each of ``vectors``.

        A chunk without windows is one itself.
        """
        wanted = np.asarray(rows, dtype=np.int64)
        return self.windows(wanted).cosines(vectors, lambda bare: self.matrix(wanted[bare]))

    def known_vectors(self, digests: Digests) -> tuple[NDArray[np.bool_], Embedded]:
        """Return which of ``digests`` have a vector here, and what they have, in their order."""
        known = np.zeros(len(digests), dtype=bool)
        places, parts = [np.zeros(0, dtype=np.int64)], [embedded_from([], self.manifest.dimension)]
        for living in self.parts:
            rows = _rows_of(digests, living.segment.digests)
            new = np.flatnonzero(~known & (rows >= 0))
            parts.append(living.segment.embedded(rows[new]))
            places.append(new)
            known[new] = True
        return known, joined(parts, places)


def _best(found: Sequence[Nearest], k: int) -> list[tuple[int, float]]:
    """Return the ``k`` best of what each segment found, of equal ones the first row."""
    every = np.concatenate([np.zeros(0, dtype=np.int64), *(rows for rows, _ in found)])
    cosine = np.concatenate([np.zeros(0, dtype=np.float32), *(each for _, each in found)])
    best = np.lexsort((every, -cosine))[:k]
    return list(zip(every[best].tolist(), cosine[best].tolist(), strict=True))


def _rows_of(digests: Digests, table: Digests) -> NDArray[np.int64]:
    """Return the row in ``table`` of each of ``digests``, -1 for none; no row stands there twice.

    Of ``table`` only the rows with the first half of one of them are looked at closely.
    """
    alike = np.flatnonzero(np.isin(table[:, 0], digests[:, 0]))
    row_of = dict(zip(map(tuple, table[alike].tolist()), alike, strict=True))
    return np.asarray([row_of.get(pair, -1) for pair in map(tuple, digests.tolist())], np.int64)


@dataclass(frozen=True)
class _Holders:
    """Which living chunks of a segment hold the words of each vector.

    Chunk ``i`` has the vector ``vector_of[i]``; the vector ``v`` stands for the chunks
    ``chunks[starts[v] : starts[v + 1]]``.
    """

    vector_of: NDArray[np.int32]
    starts: NDArray[np.int64]
    chunks: NDArray[np.int64]

    def rows(self, found: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the chunks of the vectors ``found``, and of each the place of its vector."""
        rows = [self.chunks[self.starts[each] : self.starts[each + 1]] for each in found.tolist()]
        which = np.repeat(np.arange(len(rows)), [len(each) for each in rows])
        return np.concatenate([np.zeros(0, dtype=np.int64), *rows]), which


def _holders(vector_of: NDArray[np.int32], vector_count: int) -> _Holders:
    order = np.argsort(vector_of, kind="stable").astype(np.int64)
    starts = np.searchsorted(vector_of[order], np.arange(vector_count + 1)).astype(np.int64)
    return _Holders(vector_of, starts, order)
