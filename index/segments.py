"""A segment: some files of an index with all that was made of them, written once.

::

    pages.txt, pages.json     the received pages, decoded, and what is known of each
    articles.jsonl            what they were made into; words stay in the pages
    heads.json                of each article what it can be filtered by
    halves.jsonl              of files with an article that jumps: their articles as that file
                              alone has them
    explained.json            names that the articles explain in brackets
    arrays.safetensors        chunks, digests of their words, the postings, and the vectors of
                              windows
    vectors.faiss             a vector for each chunk; one for all that hold the same words
    codes.faiss               in a large segment: the vectors in 4 bits, which are searched

What is taken out of an index stays in its segment and is named by the manifest, until segments
are merged.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index import tensors, vectors
from index.chunking import chunks_of
from index.explained import Explained, explained_in
from index.lexical import ANALYSERS, Part, Postings, build_all_postings, merged, postings_from
from index.long_text import LongText, Text
from index.manifest import SegmentRef
from index.page_numbers import PageNumber, numbers_of
from index.records import article_from_json, article_to_json
from index.tensors import Buffer
from index.text import digest_of, is_han
from index.types import Article, Chunk, Page
from index.windows import Embedded, WindowTable, joined, windows_from

LONG_BYTES = 1 << 20  # of the text of a page: a newspaper page has some 20,000
SAMPLE_CHARS, ASCII_SHARE = 200, 0.8  # of the opening of an article in English

Digests = NDArray[np.uint64]


# Heads are tuples, which are made in a fifth of the time of dataclasses: all of them are read
# before the first question, and a large archive has hundreds of thousands.


class PageHead(NamedTuple):
    """What is known of a page without its text, which is ``pages.txt[start:end]``, in bytes."""

    file: str
    encoding: str
    sha256: str
    number: PageNumber | None
    start: int
    end: int


class Head(NamedTuple):
    """What is known of an article without its words.

    ``english``: it opens in English. ``latin``: most words of some chunk are Latin ones.
    """

    id: str
    files: tuple[str, ...]
    date: str | None
    genre: str
    byline: str
    kicker: str
    english: bool
    latin: bool

    @property
    def file(self) -> str:
        """The file that it begins in."""
        return self.files[0]


@dataclass(frozen=True, eq=False)
class Segment:
    """A segment as it lies on the disk, with what was taken out meanwhile still in it.

    ``contents`` are its files by name, mapped or in memory. ``table`` are its vectors.
    """

    contents: Mapping[str, Buffer]
    table: vectors.VectorTable

    @cached_property
    def page_heads(self) -> tuple[PageHead, ...]:
        """What is known of its pages, by file."""
        return tuple(
            PageHead(file, encoding, sha256, PageNumber(*number) if number else None, start, end)
            for file, encoding, sha256, number, start, end in _json(self.contents["pages.json"])
        )

    def page(self, number: int) -> Page:
        """Return a page, by its place in :attr:`page_heads`."""
        head = self.page_heads[number]
        return Page(head.file, str(self._utf8(head), "utf-8"), head.encoding, head.sha256)

    def long_text(self, number: int) -> LongText | None:
        """Return the text of a page that had better not be decoded whole; ``None`` of others."""
        head = self.page_heads[number]
        return LongText(self._utf8(head)) if head.end - head.start > LONG_BYTES else None

    def _utf8(self, head: PageHead) -> Buffer:
        return self.contents["pages.txt"][head.start : head.end]

    @cached_property
    def heads(self) -> tuple[Head, ...]:
        """What is known of its articles, in the order of their files."""
        columns = _json(self.contents["heads.json"])
        columns[1] = map(tuple, columns[1])
        return tuple(map(Head._make, zip(*columns, strict=True)))

    def article_row(self, number: int) -> bytes:
        """Return an article as JSON, by its place in :attr:`heads`."""
        ends = self.arrays["article_ends"]
        return bytes(
            self.contents["articles.jsonl"][ends[number - 1] if number else 0 : ends[number]]
        )

    def article(self, number: int, texts: Mapping[str, Text]) -> Article:
        """Return an article, by its place in :attr:`heads`; ``texts`` are those of all pages."""
        return article_from_json(json.loads(self.article_row(number)), texts)

    @cached_property
    def halves(self) -> Mapping[str, Sequence[bytes]]:
        """The articles of files with one that jumps, as JSON, by file."""
        found: dict[str, list[bytes]] = {}
        for row in bytes(self.contents["halves.jsonl"]).splitlines(keepends=True):
            found.setdefault(json.loads(row)["file"], []).append(row)
        return found

    @cached_property
    def explained(self) -> Sequence[tuple[int, Explained]]:
        """The names that its articles explain, with the number of the article."""
        return [
            (number, Explained(kind, name, tuple(meanings)))
            for number, kind, name, meanings in _json(self.contents["explained.json"])
        ]

    @cached_property
    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """The arrays of ``arrays.safetensors``."""
        return tensors.arrays_in(self.contents["arrays.safetensors"])

    @property
    def chunks(self) -> NDArray[np.int32]:
        """Of each chunk the number of its article, and its start and end in the body."""
        return self.arrays["chunks"]

    @cached_property
    def owners(self) -> NDArray[np.int32]:
        """Of each chunk the number of its article, ascending."""
        return np.ascontiguousarray(self.chunks[:, 0])

    @property
    def digests(self) -> Digests:
        """Of each vector the digest of its words, 128 bits of :func:`index.text.digest_of`."""
        return self.arrays["digests"]

    @property
    def vector_of(self) -> NDArray[np.int32]:
        """The row in the table of vectors of each chunk."""
        return self.arrays["vector_of"]

    @cached_property
    def windows(self) -> WindowTable:
        """The windows of each vector; an older segment has none."""
        return windows_from(self.arrays, len(self.digests), self.table.flat.d)

    def embedded(self, rows: NDArray[np.integer[Any]]) -> Embedded:
        """Return the vectors of the texts ``rows`` of the table, and their windows."""
        return Embedded(self.table.matrix(rows), self.windows.take(rows))

    @cached_property
    def postings(self) -> Mapping[str, Postings]:
        """The postings of each analyser."""
        return {
            name: postings_from(
                {
                    key.removeprefix(f"{name}."): array
                    for key, array in self.arrays.items()
                    if key.startswith(f"{name}.")
                }
            )
            for name in ANALYSERS
        }


def half_articles(rows: Sequence[bytes], texts: Mapping[str, Text]) -> list[Article]:
    """Return the articles in ``rows`` of :attr:`Segment.halves`."""
    return [article_from_json(json.loads(row), texts) for row in rows]


@dataclass(frozen=True, eq=False)
class Living:
    """A segment and which of its pages and articles are still in the index, by number."""

    segment: Segment
    ref: SegmentRef
    pages: NDArray[np.bool_]
    articles: NDArray[np.bool_]

    @cached_property
    def chunks(self) -> NDArray[np.bool_]:
        """Which of its chunks are still in the index."""
        return self.articles[self.segment.owners]

    @cached_property
    def whole(self) -> bool:
        """Whether nothing of it was taken out."""
        return bool(self.pages.all() and self.articles.all())


def digests_of(texts: Sequence[str]) -> Digests:
    """Return 128 bits of the digest of each text, of shape ``(len(texts), 2)``."""
    digests = b"".join(digest_of(text)[:16] for text in texts)
    return np.frombuffer(digests, dtype=np.uint64).reshape(-1, 2)


@dataclass(frozen=True)
class Drafted:
    """What a segment is to hold, before its words have vectors.

    ``articles`` are in the order of their files, those of ``halves`` as one file alone has
    them. The first of the same words in ``texts`` stands for all of them: ``vector_of``.
    """

    pages: Sequence[Page]
    articles: Sequence[Article]
    halves: Sequence[Article]
    chunks: NDArray[np.int32]
    texts: Sequence[str]
    vector_of: NDArray[np.int32]
    digests: Digests

    @property
    def words(self) -> list[str]:
        """The text of each vector, in their order."""
        return [self.texts[at] for at in self.firsts]

    @property
    def firsts(self) -> NDArray[np.int64]:
        """The first chunk of each vector, in their order."""
        return np.unique(self.vector_of, return_index=True)[1].astype(np.int64)


def drafted(
    pages: Sequence[Page], articles: Sequence[Article], halves: Sequence[Article]
) -> Drafted:
    """Return the draft of a segment of ``pages`` and ``articles``, cut into chunks."""
    cut = [
        (number, chunk.start, chunk.end)
        for number, article in enumerate(articles)
        for chunk in chunks_of(article)
    ]
    return draft_of(pages, articles, halves, cut)


def draft_of(
    pages: Sequence[Page],
    articles: Sequence[Article],
    halves: Sequence[Article],
    cut: Sequence[tuple[int, int, int]],
) -> Drafted:
    """Return the draft of a segment; ``cut`` tells of each chunk its article, start and end."""
    texts = [Chunk("", articles[number], start, end).search_text for number, start, end in cut]
    vector_of, digests = _shared(digests_of(texts))
    table = np.asarray(cut, dtype=np.int32).reshape(-1, 3)
    return Drafted(pages, articles, halves, table, texts, vector_of, digests)


def _shared(digests: Digests) -> tuple[NDArray[np.int32], Digests]:
    """Return the row of each digest among the different ones, in order of appearance, and them."""
    _, firsts, which = np.unique(digests, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(firsts, kind="stable")
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    return place[which.reshape(-1)], digests[firsts[order]]


def contents_of(draft: Drafted, embedded: Embedded) -> dict[str, bytes]:
    """Return the files of a segment; ``embedded`` is what ``draft.words`` became."""
    postings = build_all_postings(draft.texts)
    latin = np.zeros(len(draft.articles), dtype=bool)
    latin[draft.chunks[_mostly_latin(postings["words"]), 0]] = True
    numbers = numbers_of({page.file: page for page in draft.pages})
    explained = [
        (number, each.kind, each.name, each.meanings)
        for number, article in enumerate(draft.articles)
        for each in explained_in(article.body.text)
    ]
    return _packed(
        [
            (page.file, page.encoding, page.sha256, numbers.get(page.file), page.text.encode())
            for page in draft.pages
        ],
        [_line(article_to_json(article)) for article in draft.articles],
        [
            _head(article, bool(is_latin))
            for article, is_latin in zip(draft.articles, latin, strict=True)
        ],
        [_line(article_to_json(article)) for article in draft.halves],
        explained,
        {"chunks": draft.chunks, "vector_of": draft.vector_of, "digests": draft.digests},
        postings,
        embedded,
    )


def _head(article: Article, latin: bool) -> Head:
    return Head(
        article.id,
        article.files,
        article.date,
        article.genre,
        article.byline,
        article.kicker,
        in_english(article),
        latin,
    )


def in_english(article: Article) -> bool:
    """Return whether ``article`` opens in English."""
    opening = article.body.text[:SAMPLE_CHARS]
    return len(opening.encode("ascii", "ignore")) > ASCII_SHARE * len(opening)


def _mostly_latin(words: Postings) -> NDArray[np.bool_]:
    """Return of each chunk whether most of its words are Latin ones."""
    latin = np.asarray([term[0].isalpha() and not is_han(term[0]) for term in words.terms], bool)
    entries = np.repeat(latin, np.diff(words.starts))
    counted = np.bincount(words.chunks[entries], words.counts[entries], len(words.lengths))
    return np.asarray(2 * counted > words.lengths)


def merge(parts: Sequence[Living]) -> dict[str, bytes]:
    """Return the files of one segment that holds what is alive in ``parts``, by file."""
    pages = sorted(
        (head.file, part, number)
        for part, living in enumerate(parts)
        for number, head in enumerate(living.segment.page_heads)
        if living.pages[number]
    )
    # Articles of one file lie in one segment, in order.
    articles = sorted(
        (head.file, part, number)
        for part, living in enumerate(parts)
        for number, head in enumerate(living.segment.heads)
        if living.articles[number]
    )
    place = {(part, number): at for at, (_, part, number) in enumerate(articles)}
    bounds = [_bounds(living.segment) for living in parts]
    chunks = [np.zeros((0, 3), dtype=np.int32)]
    taken = [np.full(len(part.segment.chunks), -1, np.int32) for part in parts]
    count = 0
    for at, (_, part, number) in enumerate(articles):
        first, last = bounds[part][number : number + 2]
        table = parts[part].segment.chunks[first:last].copy()
        table[:, 0] = at
        chunks.append(table)
        taken[part][first:last] = np.arange(count, count + len(table), dtype=np.int32)
        count += len(table)
    explained = sorted(
        (
            (place[part, number], each.kind, each.name, each.meanings)
            for part, living in enumerate(parts)
            for number, each in living.segment.explained
            if living.articles[number]
        ),
        key=lambda row: row[0],
    )
    digests = np.zeros((count, 2), dtype=np.uint64)
    for living, rows in zip(parts, taken, strict=True):
        segment = living.segment
        digests[rows[rows >= 0]] = segment.digests[segment.vector_of[rows >= 0]]
    vector_of, digests = _shared(digests)
    # Of the same words in several segments, those of the last stay.
    source = np.zeros((len(digests), 2), dtype=np.int64)
    for part, (living, rows) in enumerate(zip(parts, taken, strict=True)):
        source[vector_of[rows[rows >= 0]], 0] = part
        source[vector_of[rows[rows >= 0]], 1] = living.segment.vector_of[rows >= 0]
    return _packed(
        [_page_row(parts[part].segment, number) for _, part, number in pages],
        [parts[part].segment.article_row(number) for _, part, number in articles],
        [parts[part].segment.heads[number] for _, part, number in articles],
        [row for file, part, _ in pages for row in parts[part].segment.halves.get(file, ())],
        explained,
        {
            "chunks": np.concatenate(chunks),
            "vector_of": vector_of,
            "digests": digests,
        },
        {
            name: merged(
                [
                    Part(living.segment.postings[name], 0, rows)
                    for living, rows in zip(parts, taken, strict=True)
                ],
                count,
            )
            for name in ANALYSERS
        },
        _gathered([living.segment for living in parts], source),
    )


def _gathered(segments: Sequence[Segment], source: NDArray[np.int64]) -> Embedded:
    """Return the vectors that ``source`` names, each by its segment and its row there."""
    places = [np.flatnonzero(source[:, 0] == part) for part in range(len(segments))]
    found = [
        segment.embedded(source[here, 1]) for segment, here in zip(segments, places, strict=True)
    ]
    return joined(found, places)


def _bounds(segment: Segment) -> NDArray[np.int64]:
    """Return where the chunks of each article begin, and their end."""
    numbers = np.arange(len(segment.heads) + 1)
    return np.searchsorted(segment.owners, numbers).astype(np.int64)


_PageRow = tuple[str, str, str, PageNumber | None, bytes]


def _page_row(segment: Segment, number: int) -> _PageRow:
    head = segment.page_heads[number]
    return head.file, head.encoding, head.sha256, head.number, bytes(segment._utf8(head))


def _packed(
    pages: Sequence[_PageRow],
    articles: Sequence[bytes],
    heads: Sequence[Head],
    halves: Sequence[bytes],
    explained: Iterable[tuple[Any, ...]],
    arrays: Mapping[str, NDArray[Any]],
    postings: Mapping[str, Postings],
    embedded: Embedded,
) -> dict[str, bytes]:
    rows, end = [], 0
    for file, encoding, sha256, number, text in pages:
        start, end = end, end + len(text)
        rows.append((file, encoding, sha256, number and astuple(number), start, end))
    ends = np.cumsum([len(row) for row in articles], dtype=np.int64)
    named = {
        f"{name}.{key}": a for name, each in postings.items() for key, a in each.arrays().items()
    }
    named |= embedded.windows.arrays()
    flat = vectors.flat_index(embedded.matrix)
    codes = vectors.codes_of(embedded.matrix)
    return {
        "pages.txt": b"".join(text for *_, text in pages),
        "pages.json": _line(rows),
        "articles.jsonl": b"".join(articles),
        "heads.json": _line([[getattr(head, name) for head in heads] for name in Head._fields]),
        "halves.jsonl": b"".join(halves),
        "explained.json": _line(list(explained)),
        "arrays.safetensors": tensors.to_bytes({**arrays, **named, "article_ends": ends}),
        "vectors.faiss": vectors.to_bytes(flat),
        **({"codes.faiss": vectors.to_bytes(codes)} if codes else {}),
    }


def _line(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False) + "\n").encode()


def _json(buffer: Buffer) -> Any:
    return json.loads(bytes(buffer))
