"""The nouns of a made-up page: its manner, the press that sets it, drafts, blocks and pieces."""

import datetime
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from evals.page_cuts import wrapped
from evals.page_sources import Source
from index.roles import Role

Kind = Literal["kicker", "headline", "byline", "body", "extra", "page"]
WRAPPED_ROLES = frozenset({Role.BODY, Role.NOTICE, Role.ADVERT, Role.CAPTION})
PARAGRAPH_ROLES = frozenset({Role.BODY, Role.NOTICE, Role.ADVERT})

_HALF_WIDTH = str.maketrans("，；：！？（）", ",;:!?()")


@lru_cache(maxsize=1)
def _to_traditional() -> Any:
    from opencc import OpenCC

    return OpenCC("s2t")


@dataclass(frozen=True, slots=True)
class Manner:
    """How a page is set. ``wrap`` is the length of its lines, 0 where a line is a paragraph.

    With ``indent`` paragraphs begin with two full-width spaces and follow each other
    without a blank line; with ``tight_heads`` so do the parts of a head.
    """

    paper: str
    city: str
    day: datetime.date
    reporter: str
    byline_style: str
    section_mark: str
    line_end: str
    half_width: bool
    traditional: bool
    indent: bool
    tight_heads: bool
    wrap: int
    blank_lines_above: int

    def printed(self, text: str) -> str:
        """Return ``text`` in the script and the punctuation of the page."""
        if self.traditional:
            text = str(_to_traditional().convert(text))
        return text.translate(_HALF_WIDTH) if self.half_width else text


@dataclass(slots=True, eq=False)
class Piece:
    """A line to be: ``continues`` where it carries on the piece read before it.

    ``number`` is that of its line once the page is printed.
    """

    text: str
    role: Role
    continues: bool = False
    number: int = 0


@dataclass(slots=True, eq=False)
class Block:
    """Pieces that are set together, and the article that they belong to, if any."""

    kind: Kind
    pieces: list[Piece]
    owner: "Draft | None" = None
    after_cut: bool = False


@dataclass(slots=True, eq=False)
class Draft:
    """An article on its way to the page.

    ``head`` and ``body`` hold its blocks in printed order, ``reading`` its pieces in
    reading order. ``paragraphs`` is what a reader should make of the running text.
    """

    genre: str
    source: Source | None = None
    whole: bool = True
    head: list[Block] = field(default_factory=list)
    body: list[Block] = field(default_factory=list)
    reading: list[Piece] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)

    def add(self, kind: Kind, pieces: Sequence[Piece]) -> Block:
        """Return a new block of this article, read after all that was added before."""
        block = Block(kind, list(pieces), self)
        self.reading.extend(pieces)
        (self.body if kind in ("body", "extra") else self.head).append(block)
        return block

    def headline(self) -> Block | None:
        """Return the block with the headline, if it has one."""
        return next((block for block in self.head if block.kind == "headline"), None)


@dataclass(frozen=True, slots=True)
class Press:
    """What an article is set with: the manner of the page, chance, and what has happened.

    ``happens`` draws a trouble by its name and takes note of it.
    """

    manner: Manner
    rng: random.Random
    troubles: Mapping[str, float]
    seen: Counter[str]

    def happens(self, trouble: str) -> bool:
        """Return whether the trouble happens this time."""
        drawn = self.rng.random() < self.troubles[trouble]
        if drawn:
            self.seen[trouble] += 1
        return drawn

    def lines(self, text: str, role: Role) -> list[Piece]:
        """Return the pieces of a paragraph: one, or its lines where the page is hard-wrapped."""
        if not self.manner.wrap or role not in WRAPPED_ROLES:
            return [Piece(text, role)]
        lines = wrapped(text, self.manner.wrap)
        return [Piece(line, role, continues=at > 0) for at, line in enumerate(lines)]
