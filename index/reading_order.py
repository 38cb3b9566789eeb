"""The order of reading of a printed page: where columns, boxes and lines follow each other.

The page is cut at its widest gap again and again (the recursive X-Y cut): between columns,
then between the lines of each.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.text import is_han

GUTTER_EMS = 0.8  # characters further apart are not of one word
MIN_GUTTER_EMS = 0.3  # narrower gaps part no columns
COLUMN_GAIN = 1.5  # a gap between columns counts for so much more than one between lines
EQUAL_GAPS = 0.8  # gaps of at least this share of the widest are cut together
MAX_LEADING_EMS = 1.0  # lines further apart are not of one box
MAX_SIZE_RATIO = 1.25  # nor are lines of type that differs by more
INDENT_EMS = (1.2, 4.0)  # how far the first line of a paragraph is set in
MIN_TEXT_LINES = 3  # a box of fewer is no running text

MAX_PIECE_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters side by side: their words, their box in points, the line they came in."""

    words: str
    left: float
    bottom: float
    right: float
    top: float
    line: int

    @property
    def size(self) -> float:
        """Height of the type."""
        return self.top - self.bottom


def _same_row(piece: Piece, other: Piece) -> bool:
    overlap = min(piece.top, other.top) - max(piece.bottom, other.bottom)
    return overlap > 0.5 * min(piece.size, other.size)


def runs_on(piece: Piece, following: Piece) -> bool:
    """Return whether ``following`` stands right of ``piece``, within the gap of a word."""
    gap = following.left - piece.right
    size = max(piece.size, following.size)
    return (
        piece.line == following.line
        and len(piece.words) < MAX_PIECE_CHARS
        and _same_row(piece, following)
        and -size < gap < GUTTER_EMS * size
    )


def runs_down(piece: Piece, following: Piece) -> bool:
    """Return whether the Chinese character ``following`` carries on a line set vertically."""
    last = piece.size / len(piece.words)
    return (
        is_han(piece.words[-1])
        and is_han(following.words)
        and piece.right - piece.left < 1.5 * last
        and abs(following.left - piece.left) < 0.3 * last
        and abs(piece.bottom - following.top) < 0.2 * last
    )


def together(piece: Piece, following: Piece, blank: str) -> Piece:
    """Return one piece of two, with ``blank`` between their words."""
    return Piece(
        piece.words + blank + following.words,
        min(piece.left, following.left),
        min(piece.bottom, following.bottom),
        max(piece.right, following.right),
        max(piece.top, following.top),
        following.line,
    )


def ordered(pieces: Sequence[Piece]) -> list[Piece]:
    """Return ``pieces`` in the order of reading: columns left to right, each from the top."""
    found: list[Piece] = []
    regions = [list(pieces)]
    while regions:
        region = regions.pop()
        parts = _cut(region)
        if len(parts) < 2:
            found.extend(region)
        else:
            regions.extend(reversed(parts))
    return found


def _cut(region: Sequence[Piece]) -> list[list[Piece]]:
    """Return ``region`` cut at its widest gaps: between columns, or else between lines."""
    if len(region) < 2:
        return [list(region)]
    across = sorted(region, key=lambda piece: piece.left)
    down = sorted(region, key=lambda piece: -piece.top)
    # Lines set tight overlap a little: only the middle of a box counts.
    gutters = _gaps([(piece.left, piece.right) for piece in across])
    leads = _gaps([(0.2 * p.size - p.top, -0.2 * p.size - p.bottom) for p in down])
    size = sorted(piece.size for piece in region)[len(region) // 2]
    gutter, lead = max(gutters), max(leads)
    if gutter > MIN_GUTTER_EMS * size and gutter * COLUMN_GAIN >= lead:
        return _split(across, gutters, EQUAL_GAPS * gutter)
    return _split(down, leads, EQUAL_GAPS * lead) if lead > 0 else [list(region)]


def _gaps(extents: Sequence[tuple[float, float]]) -> list[float]:
    """Return how far each extent starts behind the end of all before it; 0 for the first."""
    gaps = [0.0]
    reach = extents[0][1]
    for start, end in extents[1:]:
        gaps.append(start - reach)
        reach = max(reach, end)
    return gaps


def _split(pieces: Sequence[Piece], gaps: Sequence[float], least: float) -> list[list[Piece]]:
    parts: list[list[Piece]] = []
    for piece, gap in zip(pieces, gaps, strict=True):
        if not parts or gap >= least:
            parts.append([])
        parts[-1].append(piece)
    return parts


def text_of(ordered: Sequence[Piece]) -> str:
    """Return the text of pieces in their order, a blank line between boxes."""
    boxes: list[list[Piece]] = []
    for piece in ordered:
        last = boxes[-1][-1] if boxes else None
        if last and last.line == piece.line and last.right <= piece.left and _same_row(last, piece):
            boxes[-1][-1] = together(last, piece, " ")
        elif last and _same_box(last, piece):
            boxes[-1].append(piece)
        else:
            boxes.append([piece])
    return "\n\n".join("\n".join(_lines(box)) for box in boxes)


def _same_box(piece: Piece, below: Piece) -> bool:
    smaller, larger = sorted((piece.size, below.size))
    return (
        larger <= MAX_SIZE_RATIO * smaller
        and min(piece.right, below.right) > max(piece.left, below.left)
        and -0.5 * larger < piece.bottom - below.top < MAX_LEADING_EMS * larger
    )


def _lines(box: Sequence[Piece]) -> Iterator[str]:
    """Yield the lines of a box; one that is set in, as a paragraph starts, gets its blanks."""
    edge = min(piece.left for piece in box)
    for piece in box:
        inset = (piece.left - edge) / piece.size if piece.size else 0.0
        indent = len(box) >= MIN_TEXT_LINES and INDENT_EMS[0] < inset < INDENT_EMS[1]
        yield ("\u3000\u3000" if indent else "") + piece.words
