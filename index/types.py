"""The nouns of the index: spans, excerpts, articles and chunks.

Everything that is ever quoted is an :class:`Excerpt`: words together with the places in
the received file where they stand. One invariant carries the whole proof::

    excerpt.text == "".join(page.text[s.start : s.end] for s in excerpt.spans)
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from index.windows import Embedded

Vectors = NDArray[np.float32]

MAX_HEAD_CHARS = 300  # of headline and subhead, which every chunk of an article repeats


class CorpusError(Exception):
    """Something about the input, the index or the settings that the user can mend.

    The message is one line that says what happened, which value, and what to do.
    """


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a received file.

    ``start`` and ``end`` count code points of the decoded text before any normalisation,
    line ends as they stand; ``end`` is exclusive. ``file`` is relative to the corpus root.
    """

    file: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Received words and their places: ``text`` is the concatenation of ``spans``."""

    text: str
    spans: tuple[Span, ...]

    def slice(self, start: int, end: int) -> "Excerpt":
        """Return the excerpt of ``text[start:end]``, with its own spans."""
        pieces: list[Span] = []
        offset = 0
        for span in self.spans:
            if offset >= end:
                break
            length = span.end - span.start
            first, last = max(start - offset, 0), min(end - offset, length)
            if first < last:
                pieces.append(Span(span.file, span.start + first, span.start + last))
            offset += length
        return Excerpt(self.text[start:end], tuple(pieces))

    def strip(self) -> "Excerpt":
        """Return the excerpt without white space at either end."""
        start = len(self.text) - len(self.text.lstrip())
        return self.slice(start, max(start, len(self.text.rstrip())))

    @property
    def files(self) -> tuple[str, ...]:
        """The files that the words stand in, each once, in their order."""
        return tuple(dict.fromkeys(span.file for span in self.spans))

    def __bool__(self) -> bool:
        return bool(self.text)


def join(excerpts: Iterable[Excerpt]) -> Excerpt:
    """Return one excerpt of all words in the order given; spans that touch become one."""
    texts: list[str] = []
    spans: list[Span] = []
    for excerpt in excerpts:
        texts.append(excerpt.text)
        for span in excerpt.spans:
            if spans and spans[-1].file == span.file and spans[-1].end == span.start:
                span = Span(span.file, spans.pop().start, span.end)
            spans.append(span)
    return Excerpt("".join(texts), tuple(spans))


@dataclass(frozen=True, slots=True)
class Page:
    """A received file: its decoded text, how it was decoded, and the sha256 of its bytes."""

    file: str
    text: str
    encoding: str
    sha256: str


DOUBTFUL = 0.5  # a join that is less sure than this is told to the reader


@dataclass(frozen=True, slots=True)
class Join:
    """A place in a body where two printed pieces were put together.

    ``at`` is the offset in ``body.text`` of the second; ``confidence`` lies between 0 and 1.
    """

    at: int
    confidence: float


DateSource = Literal["masthead", "file name", "inferred", "front matter", "corrected"]


@dataclass(frozen=True, slots=True)
class Article:
    """What a reader would cut out of a page with scissors.

    ``headline``, ``kicker`` and ``byline`` are empty where none was printed; ``subheads``
    are its decks and section heads in printed order. ``body`` is the running text: one
    paragraph a line, rejoined across column breaks, each followed by the received line
    break. ``spans`` cover the headline, byline and body lines in the order of the file; those
    of an article that jumps to another file go on there. ``file`` is where it begins.
    ``date`` is the day of issue as YYYY-MM-DD where it is known, ``date_source`` how it is.
    ``joins`` are the cuts that were rejoined and the jumps from file to file, in order.
    ``broken_off`` tells that it ends with a jump to a page that is not there, ``taken_up``
    that it starts with one from there; ``complete`` is neither.
    """

    id: str
    file: str
    headline: str
    subheads: tuple[str, ...]
    kicker: str
    byline: str
    date: str | None
    genre: str
    complete: bool
    body: Excerpt
    spans: tuple[Span, ...]
    date_source: DateSource | None = None
    joins: tuple[Join, ...] = ()
    broken_off: bool = False
    taken_up: bool = False

    @property
    def files(self) -> tuple[str, ...]:
        """The files that it stands in, each once, in the order of reading."""
        return tuple(dict.fromkeys((self.file, *(span.file for span in self.spans))))


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of whole sentences of one article: ``article.body.slice(start, end)``."""

    id: str
    article: Article
    start: int
    end: int

    @property
    def excerpt(self) -> Excerpt:
        """The words that may be quoted."""
        return self.article.body.slice(self.start, self.end)

    @property
    def search_text(self) -> str:
        """The words that are embedded and searched: headline and date lead the excerpt."""
        article = self.article
        head = " ".join(part for part in (article.headline, *article.subheads[:1]) if part)
        head = head[:MAX_HEAD_CHARS]
        dated = f"{head} {article.date}" if article.date else head
        return f"{dated}\n{self.excerpt.text}" if dated else self.excerpt.text


class Embedder(Protocol):
    """Turns text into vectors of unit length, so that inner product is cosine."""

    @property
    def name(self) -> str:
        """What to give to load it again: a folder, a name, or ``bundled``."""

    @property
    def identity(self) -> str:
        """Names the weights: two embedders of one identity give the same vectors."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def encode_passages(self, texts: Sequence[str], progress: bool = False) -> Vectors:
        """Return float32 vectors of shape ``(len(texts), dimension)``, rows of norm 1."""

    def encode_windows(self, texts: Sequence[str], progress: bool = False) -> "Embedded":
        """Return the vectors of ``texts`` and of their windows; a model may know none of these."""

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """Return float32 vectors of shape ``(len(texts), dimension)``, rows of norm 1."""
