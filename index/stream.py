"""A page as a stream: its pieces with their roles, what stands between, and what is alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from index import bylines, forms
from index.likeness import Likeness
from index.lines import Piece
from index.ngrams import Ngrams
from index.roles import HEADS, TEXT_ROLES, Role


@dataclass(slots=True)
class Between:
    """What stands between two pieces of text: the positions of all, and of some by role."""

    positions: list[int] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)
    bylines: list[int] = field(default_factory=list)
    jumps_in: bool = False
    jumps_out: bool = False
    leads_in: bool = False  # the last of them opens an article: a byline or a head


@dataclass(frozen=True)
class Stream:
    """A page ready to be followed: pieces, roles, what stands between, and likeness.

    ``between`` holds, for each position in ``texts``, what stands above that text and below
    the one before it; ``rest`` is what stands below the last. ``signed`` is the share of
    the runs with head lines that have a byline below them; ``indents`` tells whether
    paragraphs are set with an indent.
    """

    pieces: Sequence[Piece]
    roles: Sequence[Role]
    texts: Sequence[int]
    between: Mapping[int, Between]
    rest: Between
    likeness: Likeness
    signed: float
    indents: bool
    ngrams: Ngrams


def stream_of(
    pieces: Sequence[Piece], roles: Sequence[Role], likeness: Likeness, ngrams: Ngrams
) -> Stream:
    """Return the stream of a page."""
    texts = [position for position, role in enumerate(roles) if role in TEXT_ROLES]
    between: dict[int, Between] = {}
    run = Between()
    for position, (piece, role) in enumerate(zip(pieces, roles, strict=True)):
        if role in TEXT_ROLES:
            between[position] = run
            run = Between()
            continue
        run.positions.append(position)
        if role in HEADS:
            run.heads.append(position)
            run.leads_in = True
        elif role is Role.BYLINE:
            run.bylines.append(position)
            run.leads_in = not bylines.ends_article(piece.text)
        elif role is Role.JUMP:
            run.jumps_in |= forms.jumps_in(piece.text)
            run.jumps_out |= not forms.jumps_in(piece.text)
    headed = [each for each in between.values() if each.heads]
    signed = sum(bool(each.bylines) and each.leads_in for each in headed) / max(len(headed), 1)
    indents = 2 * sum(pieces[position].indented for position in texts) > len(texts)
    return Stream(pieces, roles, texts, between, run, likeness, signed, indents, ngrams)
