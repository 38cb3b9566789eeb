"""Applies the corrections of a page to what the reassembly made of it.

Everything is addressed by the number of a line. A piece that was wrapped over several lines
is found by any of them and moves as a whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from index.corrections import OWNERLESS, PAGE_ROLES, PageCorrections
from index.edits import About, Edit, Joint, Lines, Merge, Split
from index.lines import Piece
from index.roles import Role
from index.stories import Cutting, Placed, Story
from index.text import fold

CORRECTED = "corrected by hand"

_LISTS = ("heads", "kickers", "bylines", "body", "captions", "asides")
_LIST_OF = {
    Role.HEADLINE: "heads",
    Role.DECK: "heads",
    Role.KICKER: "kickers",
    Role.BYLINE: "bylines",
    Role.CAPTION: "captions",
    Role.PULL_QUOTE: "asides",
    Role.JUMP: "asides",
}  # every other role: body


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a piece stands: the list that holds it, and its story, if any."""

    placed: Placed
    among: list[Placed]
    story: Story | None


def corrected(cutting: Cutting, corrections: PageCorrections) -> Cutting:
    """Return ``cutting`` with the edits applied from top to bottom; it is itself left alone.

    Articles stay in the order in which their bodies start, and articles that no edit names
    keep every line. Raises :class:`CorpusError` for an edit that does not fit the page: a
    line that is not there or begins in another way, a range that cuts a wrapped piece, a
    joint of lines that do not follow each other, an article that is left without text.
    """
    page = replace(
        cutting,
        stories=[_copy(story) for story in cutting.stories],
        furniture=[replace(placed) for placed in cutting.furniture],
    )
    touched: list[tuple[Story, Edit]] = []
    for edit in corrections.edits:
        spots = _spots(page)
        _check_guard(spots, edit)
        match edit.change:
            case Lines():
                touched.extend((story, edit) for story in _move(page, spots, edit, edit.change))
            case Merge():
                _merge(page, spots, edit, edit.change)
            case Split():
                touched.extend((story, edit) for story in _split(page, spots, edit, edit.change))
            case About():
                _tell(_story_of(spots, edit.change.line, edit), edit.change)
            case Joint():
                pass  # the lines must be neighbours when all is done
    page.stories = [story for story in page.stories if any(_lists(story))]
    for story, edit in touched:
        kept = any(story is each for each in page.stories)
        if kept and not (story.body or story.captions):
            left = next(placed for among in _lists(story) for placed in among)
            raise edit.error(
                f"the article of line {left.piece.number} is left without text; "
                "move its other lines as well, or merge the two articles"
            )
    page.stories.sort(key=_start)
    for edit in corrections.edits:
        if isinstance(edit.change, Joint):
            _check_joint(_spots(page), edit, edit.change)
    return page


def told_join(joins: Mapping[tuple[int, int], bool], first: Piece, second: Piece) -> bool | None:
    """Return whether a person said that ``second`` carries on ``first``; None where none did.

    ``joins`` are those of the corrections of the page, by any line of each piece.
    """
    told = None
    for (before, after), joined in joins.items():
        if _holds(first, before) and _holds(second, after):
            told = joined
    return told


def _holds(piece: Piece, number: int) -> bool:
    return any(line.number == number for line in piece.lines)


def _copy(story: Story) -> Story:
    copied = replace(story)
    for name in _LISTS:
        setattr(copied, name, [replace(placed) for placed in getattr(story, name)])
    return copied


def _lists(story: Story) -> list[list[Placed]]:
    return [getattr(story, name) for name in _LISTS]


def _start(story: Story) -> int:
    return (story.body or story.captions)[0].piece.number


def _spots(page: Cutting) -> dict[int, _Spot]:
    """Return where each line stands, by its number."""
    found: dict[int, _Spot] = {}
    homes: list[tuple[list[Placed], Story | None]] = [(page.furniture, None)]
    homes.extend((among, story) for story in page.stories for among in _lists(story))
    for among, story in homes:
        for placed in among:
            spot = _Spot(placed, among, story)
            found.update((line.number, spot) for line in placed.piece.lines)
    return found


def _spot(spots: Mapping[int, _Spot], number: int, edit: Edit) -> _Spot:
    if number not in spots:
        raise edit.error(
            f"line {number} is blank or not on the page; `wenbao articles` shows its lines"
        )
    return spots[number]


def _story_of(spots: Mapping[int, _Spot], number: int, edit: Edit) -> Story:
    story = _spot(spots, number, edit).story
    if story is None:
        raise edit.error(f"line {number} belongs to no article; name a line of the one meant")
    return story


def _check_guard(spots: Mapping[int, _Spot], edit: Edit) -> None:
    """Raise where the first line that ``edit`` names does not begin with its guard."""
    piece = _spot(spots, edit.first_line, edit).placed.piece
    words = next(line.text for line in piece.lines if line.number == edit.first_line)
    if not _bare(words).startswith(_bare(edit.starts)):
        raise edit.error(
            f"line {edit.first_line} begins with {words[:12]!r}, not {edit.starts[:40]!r}: the "
            "page has changed; look up the lines again with `wenbao articles`"
        )


def _bare(words: str) -> str:
    return "".join(fold(words.rstrip("… ")).split())


# Lines that belong elsewhere, or are something else


def _move(page: Cutting, spots: Mapping[int, _Spot], edit: Edit, change: Lines) -> Iterator[Story]:
    """Move lines and yield the stories that they leave or enter."""
    named = _named(spots, edit, change)
    anchor = None if change.after is None else _spot(spots, change.after, edit).placed
    if any(spot.placed is anchor for spot in named):
        raise edit.error(f"after = {change.after} is one of these lines; name another")
    stay = change.to is change.after is None and change.role not in OWNERLESS
    target = None if stay else _target(page, spots, edit, change)
    for spot in named:
        story = spot.story if stay else target
        role = change.role or _kept_role(spot.placed.role, story)
        if story is None and role not in PAGE_ROLES:
            raise edit.error(
                f"line {spot.placed.piece.number} belongs to no article; add to = a line of its own"
            )
        placed = Placed(spot.placed.piece, role, reason=CORRECTED)
        among = page.furniture if story is None else getattr(story, _LIST_OF.get(role, "body"))
        at = _index(among, spot.placed)
        if at is not None and anchor is None:
            among[at] = placed  # it stays where it is in the reading order
        else:
            del spot.among[_index(spot.among, spot.placed) or 0]
            above = _index(among, anchor) if anchor else _above(among, placed)
            if above is None:
                raise edit.error(f"line {change.after} is no {role}; use to, or give the same role")
            among.insert(above + 1, placed)
            anchor = placed if anchor else None
        yield from (each for each in (spot.story, story) if each is not None)


def _named(spots: Mapping[int, _Spot], edit: Edit, change: Lines) -> list[_Spot]:
    """Return the pieces of the lines that ``change`` names, each once."""
    found: dict[int, _Spot] = {}
    for first, last in change.ranges:
        _spot(spots, first, edit)
        _spot(spots, last, edit)
        numbers = {number for number in spots if first <= number <= last}
        for number in sorted(numbers):
            spot = spots[number]
            lines = spot.placed.piece.lines
            if first < last and not {line.number for line in lines} <= numbers:
                raise edit.error(
                    f"lines {lines[0].number}-{lines[-1].number} are one wrapped paragraph and "
                    f"move together, {first}-{last} cuts them; name all of them"
                )
            found[spot.placed.piece.number] = spot
    return list(found.values())


def _target(page: Cutting, spots: Mapping[int, _Spot], edit: Edit, change: Lines) -> Story | None:
    """Return the story that the lines go to; None for the page itself."""
    if change.to == "new":
        page.stories.append(Story())
        return page.stories[-1]
    number = change.after if change.to is None else change.to
    return _story_of(spots, number, edit) if isinstance(number, int) else None


def _kept_role(role: Role, story: Story | None) -> Role:
    if story is None:
        return role if role in PAGE_ROLES else Role.FURNITURE
    return Role.BODY if role in OWNERLESS else role


def _index(among: Sequence[Placed], placed: Placed) -> int | None:
    return next((at for at, other in enumerate(among) if other is placed), None)


def _above(among: Sequence[Placed], placed: Placed) -> int:
    """Return what a piece goes after by its number: the nearest above it on the page."""
    numbers = [(other.piece.number, at) for at, other in enumerate(among)]
    nearest = max((each for each in numbers if each[0] < placed.piece.number), default=None)
    return nearest[1] if nearest else min(numbers, default=(0, 0))[1] - 1


# Articles that are one, or two


def _merge(page: Cutting, spots: Mapping[int, _Spot], edit: Edit, change: Merge) -> None:
    """Put articles together; the heads of the later ones become heads of sections."""
    first, *others = (_story_of(spots, number, edit) for number in change.lines)
    for number, other in zip(change.lines[1:], others, strict=True):
        if other is first or not any(other is story for story in page.stories):
            raise edit.error(f"line {number} belongs to that article already; leave it out")
        sections = bool(first.heads)
        for name in _LISTS:
            for placed in getattr(other, name):
                role, among = placed.role, getattr(first, name)
                if name == "heads" and sections:
                    role, among = Role.SECTION, first.body
                among.append(Placed(placed.piece, role, reason=CORRECTED))
        other_begins = other.jumped_in and not first.jumped_out
        first.jumped_out = other.jumped_out or (first.jumped_out and not other.jumped_in)
        first.jumped_in = first.jumped_in or other_begins
        first.genre = first.genre or other.genre
        page.stories[:] = [story for story in page.stories if story is not other]


def _split(
    page: Cutting, spots: Mapping[int, _Spot], edit: Edit, change: Split
) -> tuple[Story, Story]:
    """Cut the article of a line in two; the heads printed between it and its text go along."""
    story = _story_of(spots, change.line, edit)
    spot = _spot(spots, change.line, edit)
    number = spot.placed.piece.number
    if number == min(placed.piece.number for among in _lists(story) for placed in among):
        raise edit.error(f"the article begins with line {change.line}; name a line within it")
    at = _cut_of(story.body, spot.placed)
    second = Story(jumped_out=story.jumped_out, genre=story.genre)
    story.jumped_out = False
    text, story.body = story.body[at:], story.body[:at]
    opening = 0
    while opening < len(text) and text[opening].role is Role.SECTION:
        opening += 1
    second.heads = [replace(placed, role=Role.HEADLINE) for placed in text[:opening]]
    second.body = text[opening:]
    below = second.body[0].piece.number if second.body else number
    for name in ("heads", "kickers", "bylines", "captions", "asides"):
        among = getattr(story, name)
        last = below if name in ("heads", "kickers") else None
        goes = [number <= p.piece.number and (last is None or p.piece.number < last) for p in among]
        getattr(second, name).extend(p for p, go in zip(among, goes, strict=True) if go)
        among[:] = [p for p, go in zip(among, goes, strict=True) if not go]
    for among in _lists(second):
        among[:] = [replace(placed, confidence=1.0, reason=CORRECTED) for placed in among]
    page.stories.append(second)
    return story, second


def _cut_of(body: Sequence[Placed], cut: Placed) -> int:
    """Return where a body is cut before ``cut``, which may be one of its head lines."""
    for at, placed in enumerate(body):
        if placed is cut:
            return at
    numbers = [placed.piece.number for placed in body]
    return next((at for at, n in enumerate(numbers) if n > cut.piece.number), len(body))


def _tell(story: Story, change: About) -> None:
    story.genre = change.genre or story.genre
    if change.complete is not None:
        story.jumped_in = story.jumped_in and not change.complete
        story.jumped_out = not change.complete and (story.jumped_out or not story.jumped_in)


def _check_joint(spots: Mapping[int, _Spot], edit: Edit, change: Joint) -> None:
    """Raise where two lines do not follow each other in an article."""
    first, second = (_spot(spots, n, edit).placed for n in (change.first, change.second))
    story = _story_of(spots, change.first, edit)
    running = [*story.body, *story.captions]
    if not any(a is first and b is second for a, b in pairwise(running)):
        raise edit.error(
            f"line {change.second} does not follow line {change.first} in an article; add an "
            f"edit with lines = {change.second}, after = {change.first} above this one"
        )
    if change.joined:
        for placed in (first, second):
            placed.confidence, placed.reason = 1.0, CORRECTED
