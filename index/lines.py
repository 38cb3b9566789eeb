"""The lines of a page, and the pieces of running text that they make up."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.bylines import is_byline
from index.text import to_simplified
from index.types import Excerpt, Page, Span

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_INDENT = re.compile(r"\u3000{2}| {2,}\S|\t")
_INVISIBLE = dict.fromkeys(  # what copied text brings along: joiners, marks of direction
    (0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF)
)

# Running text that was wrapped at the width of its column.
MIN_WRAPPED_LINES = 12
WRAPPED_SHARE = 0.45
COLUMN_CHARS = range(8, 46)
RAGGED_CHARS = 2  # a line may be this much shorter, where a mark hangs or a digit run stays whole


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank: its words, the line break after it, and its block.

    ``block`` numbers the runs of lines that no blank line parts. ``number`` counts from 1
    and includes blank lines. ``indented`` tells whether it starts as a paragraph does.
    """

    number: int
    block: int
    excerpt: Excerpt
    line_break: Excerpt
    indented: bool = False

    @property
    def text(self) -> str:
        """The words of the line, without white space or invisible characters at either end."""
        return self.excerpt.text


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of words that was printed in one go: a line, or lines wrapped at a width.

    ``text`` is for deciding, with Traditional characters as Simplified and no invisible
    ones; what was printed is in ``lines``.
    """

    lines: tuple[Line, ...]
    text: str

    @property
    def printed(self) -> str:
        """The words as they stand on the page."""
        return "".join(line.text for line in self.lines)

    @property
    def number(self) -> int:
        """The number of its first line."""
        return self.lines[0].number

    @property
    def block(self) -> int:
        """The block of its first line."""
        return self.lines[0].block

    @property
    def indented(self) -> bool:
        """Whether it starts as a paragraph does."""
        return self.lines[0].indented


def lines_of(page: Page) -> list[Line]:
    """Return the lines of ``page`` that are not blank, in order."""
    found: list[Line] = []
    block, after_blank = 0, True
    for number, match in enumerate(_LINE.finditer(page.text), start=1):
        visible = match[1].translate(_INVISIBLE)
        shown = visible.strip()
        if not shown:
            after_blank = True
            continue
        if after_blank:
            block, after_blank = block + 1, False
        first, last = match[1].index(shown[0]), match[1].rindex(shown[-1]) + 1
        span = Span(page.file, match.start() + first, match.start() + last)
        words = Excerpt(match[1][first:last], (span,))
        line_break = Excerpt(match[2], (Span(page.file, *match.span(2)),) if match[2] else ())
        found.append(Line(number, block, words, line_break, bool(_INDENT.match(visible))))
    return found


def pieces_of(lines: Sequence[Line]) -> list[Piece]:
    """Return the pieces of ``lines`` in order.

    A line is a piece, unless the page wraps its running text at the width of a column: then
    lines that fill the column go together with the line below them in their block.
    """
    width = column_width(lines)
    if width is None:
        return [_piece([line]) for line in lines]
    groups: list[list[Line]] = []
    for line in lines:
        above = groups[-1][-1] if groups else None
        if (
            above is not None
            and above.block == line.block
            and not line.indented
            and width - RAGGED_CHARS <= _width(above) <= width + RAGGED_CHARS
            and _width(line) <= width + RAGGED_CHARS
            and not any(is_byline(to_simplified(each.text)) for each in (line, above))
        ):
            groups[-1].append(line)
        else:
            groups.append([line])
    pieces: list[Piece] = []
    for group in groups:
        if _runs_on(group):
            pieces.append(_piece(group))
        else:
            pieces.extend(_piece([line]) for line in group)
    return pieces


def _piece(lines: Sequence[Line]) -> Piece:
    words = "".join(line.text for line in lines).translate(_INVISIBLE)
    return Piece(tuple(lines), to_simplified(words))


def column_width(lines: Sequence[Line]) -> int | None:
    """Return the characters of a line where the page wraps running text, else ``None``."""
    followed = [
        _width(above) for above, below in pairwise(lines) if above.block == below.block
    ]  # fmt: skip
    if len(followed) < MIN_WRAPPED_LINES:
        return None
    counts = Counter(followed)
    width = max(
        (width for width in counts if width in COLUMN_CHARS),
        key=lambda width: (counts[width] + counts[width - 1], width),
        default=None,
    )
    if width is None:
        return None
    filled = sum(counts[each] for each in range(width - RAGGED_CHARS, width + RAGGED_CHARS + 1))
    return width if filled >= WRAPPED_SHARE * len(followed) else None


def _width(line: Line) -> int:
    return len(line.text) + 2 * line.indented


def _runs_on(group: Sequence[Line]) -> bool:
    """Return whether lines of one width are running text rather than a stack of heads."""
    return len(group) > 1 and any(mark in line.text for line in group for mark in "，。,、；")
