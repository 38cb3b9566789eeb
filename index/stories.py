"""The articles of a page while they are put together: their pieces, sorted by role."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from index import bylines, forms
from index.headlines import Deal, HeadGroup, deal, groups_of, is_kicker_of
from index.heads import tell_heads
from index.likeness import Likeness, likeness_of
from index.lines import Piece
from index.nearness import Nearness, nearness_of
from index.ngrams import Ngrams
from index.roles import Role, refine, roles_by_form
from index.stream import Stream, stream_of
from index.threads import Thread, follow

MAX_PULL_QUOTE_CHARS = 90
MIN_REPEATED_CHARS = 12
MAX_QUESTION_CHARS = 12
REPEATED = 0.9  # of the rare characters of a pull quote stand in the paragraph it repeats


@dataclass(slots=True)
class Placed:
    """A piece, its role in an article or on the page, how sure that is, and why."""

    piece: Piece
    role: Role
    confidence: float = 1.0
    reason: str = ""


@dataclass(slots=True)
class Story:
    """An article while it is put together; every list is in reading order.

    ``heads`` holds headlines and decks, ``asides`` what belongs to it but is not running
    text: pull quotes and page jumps. ``sureness`` is that of its headline.
    """

    heads: list[Placed] = field(default_factory=list)
    kickers: list[Placed] = field(default_factory=list)
    bylines: list[Placed] = field(default_factory=list)
    body: list[Placed] = field(default_factory=list)
    captions: list[Placed] = field(default_factory=list)
    asides: list[Placed] = field(default_factory=list)
    jumped_in: bool = False
    jumped_out: bool = False
    genre: str | None = None  # where a person has said so


@dataclass(slots=True)
class Cutting:
    """A page cut into stories, and what belongs to none of them."""

    stories: list[Story]
    furniture: list[Placed]
    indents: bool = False


def cutting_of(pieces: Sequence[Piece], ngrams: Ngrams) -> Cutting:
    """Return the stories of a page in the order in which their bodies start."""
    stream = stream_of_page(pieces, ngrams)
    roles = stream.roles
    followed = follow(stream)
    threads = followed.threads
    sureness = dict(zip(stream.texts, followed.sureness, strict=True))
    near = nearness_of(stream, threads)
    deals = deal(stream, threads, near, groups_of(stream, threads))
    stories = [
        Story(
            body=[
                Placed(pieces[position], roles[position], sureness[position])
                for position in thread.pieces
            ],
            jumped_in=thread.jumped_in,
            jumped_out=thread.jumped_out,
        )
        for thread in threads
    ]
    cutting = Cutting(stories, [], stream.indents)
    _place_heads(stream, near, cutting, deals)
    _place_rest(stream, threads, cutting, deals)
    return cutting


def stream_of_page(pieces: Sequence[Piece], ngrams: Ngrams) -> Stream:
    """Return the stream of a page, with a role for each piece."""
    likeness = likeness_of(pieces, ngrams)
    roles = roles_by_form(pieces)
    tell_heads(pieces, roles, likeness, ngrams)
    refine(pieces, roles)
    for position in _pull_quotes(pieces, roles, likeness):
        roles[position] = Role.PULL_QUOTE
    return stream_of(pieces, roles, likeness, ngrams)


def _place_heads(stream: Stream, near: Nearness, cutting: Cutting, deals: Sequence[Deal]) -> None:
    """Give the head lines to the stories that they were dealt to."""
    for each in deals:
        group = each.group
        if each.thread is not None:
            story = cutting.stories[each.thread]
            moved = group.home != each.thread
            reason = "shares its words" if moved else "stands above its body"
            kickers = is_kicker_of(stream, near, each.thread, group)
            for position, is_kicker in zip(group.positions, kickers, strict=True):
                piece = stream.pieces[position]
                if is_kicker and _spans_the_page(stream, position):
                    cutting.furniture.append(Placed(piece, Role.KICKER, reason="opens the page"))
                    continue
                if (
                    is_kicker
                    and moved
                    and group.home is not None
                    and position == group.positions[-1]
                ):
                    label = Placed(piece, Role.KICKER, reason="stands with the byline")
                    cutting.stories[group.home].kickers.append(label)
                    continue
                if _opens_the_text(stream, group, position):
                    opening = Placed(piece, Role.BODY, reason="a question opens the text")
                    cutting.stories[each.thread].body.insert(0, opening)
                    continue
                role = Role.KICKER if is_kicker else Role.HEADLINE
                if not is_kicker and forms.is_deck(piece.text):
                    role = Role.DECK
                place = story.kickers if is_kicker else story.heads
                place.append(Placed(piece, role, each.confidence, reason))
            if group.bylines and not story.bylines:
                story.bylines.extend(_placed(stream, group.bylines, Role.BYLINE))
            elif group.bylines:
                cutting.furniture.extend(_placed(stream, group.bylines, Role.BYLINE))
            continue
        if group.within is not None and not group.cut:
            story = cutting.stories[group.within]
            sections = [
                Placed(stream.pieces[p], Role.SECTION, each.confidence, "heads a section")
                for p in group.positions
            ]
            at = next(
                index
                for index, placed in enumerate(story.body)
                if placed.piece is stream.pieces[group.before]
            )
            story.body[at:at] = sections
            story.bylines.extend(_placed(stream, group.bylines, Role.BYLINE))
            continue
        for position in group.positions:
            piece = stream.pieces[position]
            slogan = forms.exhorts(piece.text) or forms.is_kicker(piece.text)
            role = Role.KICKER if slogan else stream.roles[position]
            cutting.furniture.append(Placed(piece, role, reason="heads no article"))
        cutting.furniture.extend(_placed(stream, group.bylines, Role.BYLINE))


def _spans_the_page(stream: Stream, position: int) -> bool:
    """Return whether a kicker is the slogan of the whole page: the first line, set apart."""
    opens = all(stream.roles[above] in (Role.FURNITURE, Role.QR) for above in range(position))
    below = position + 1
    apart = below < len(stream.pieces) and (
        stream.pieces[below].block != stream.pieces[position].block
    )
    return opens and apart and not forms.is_kicker(stream.pieces[position].text)


def _opens_the_text(stream: Stream, group: HeadGroup, position: int) -> bool:
    """Return whether a short question under a headline is the first line of the text."""
    text = stream.pieces[position].text
    return (
        len(group.positions) > 1
        and position == group.positions[-1]
        and position + 1 == group.before
        and len(text) <= MAX_QUESTION_CHARS
        and text[-1] in "？?"
        and stream.pieces[position - 1].block != stream.pieces[position].block
    )


def _placed(stream: Stream, positions: Sequence[int], role: Role) -> list[Placed]:
    return [Placed(stream.pieces[position], role) for position in positions]


def _place_rest(
    stream: Stream, threads: Sequence[Thread], cutting: Cutting, deals: Sequence[Deal]
) -> None:
    """Place bylines, captions, pull quotes, jumps and furniture."""
    owner = {position: n for n, thread in enumerate(threads) for position in thread.pieces}
    taken = {p for each in deals for p in (*each.group.positions, *each.group.bylines)}
    above: int | None = None
    begun: set[int] = set()
    runs = [(stream.between[position], position) for position in stream.texts]
    for run, below in [*runs, (stream.rest, -1)]:
        following = owner.get(below)
        begins = following is not None and following not in begun
        if following is not None:
            begun.add(following)
        photographed: int | None = None
        for index, position in enumerate(run.positions):
            if position in taken:
                photographed = None
                continue
            role, piece = stream.roles[position], stream.pieces[position]
            heads_follow = any(p in run.heads for p in run.positions[index + 1 :])
            if role is Role.BYLINE:
                ends = above is not None and (
                    not begins or bylines.ends_article(piece.text) or heads_follow
                )
                if photographed is not None and bylines.credits_photo(piece.text):
                    to: int | None = photographed
                else:
                    to = above if ends else following
                if to is None:
                    cutting.furniture.append(Placed(piece, role))
                else:
                    cutting.stories[to].bylines.append(Placed(piece, role))
            elif role is Role.JUMP:
                entering = forms.jumps_in(piece.text)
                to = following if entering else above
                if to is None:
                    cutting.furniture.append(Placed(piece, role))
                    continue
                story = cutting.stories[to]
                story.asides.append(Placed(piece, role))
                if not entering and below < 0:
                    story.jumped_out = True
            elif role in (Role.CAPTION, Role.PULL_QUOTE):
                to = _nearest(stream, threads, position, above, following)
                if to is None:
                    cutting.furniture.append(Placed(piece, role))
                elif role is Role.CAPTION:
                    photographed = to
                    cutting.stories[to].captions.append(Placed(piece, role))
                else:
                    cutting.stories[to].asides.append(Placed(piece, role))
            else:
                cutting.furniture.append(Placed(piece, role))
        above = following if following is not None else above


def _nearest(
    stream: Stream,
    threads: Sequence[Thread],
    position: int,
    above: int | None,
    below: int | None,
) -> int | None:
    """Return the story that shares most with a piece; the one above it has a small lead."""
    if not threads:
        return None
    shares = [
        float(stream.likeness.alike[position, list(thread.pieces)].max())
        + 0.05 * (n == above)
        + 0.02 * (n == below)
        for n, thread in enumerate(threads)
    ]
    return max(range(len(threads)), key=lambda n: shares[n])


def _pull_quotes(pieces: Sequence[Piece], roles: Sequence[Role], likeness: Likeness) -> list[int]:
    """Return the positions of short pieces that repeat a sentence of a longer one."""
    found = []
    for position, piece in enumerate(pieces):
        text = piece.text
        if (
            roles[position] not in (Role.BODY, Role.HEADLINE)
            or not MIN_REPEATED_CHARS <= len(text) <= MAX_PULL_QUOTE_CHARS
        ):
            continue
        shares = likeness.held[position].copy()
        shares[position] = 0
        other = int(shares.argmax())
        longer = len(pieces[other].text) > 1.4 * len(text)
        if roles[other] is not Role.BODY or not longer:
            continue
        sentence = forms.stops(text) or "，" in text or "," in text
        printed = text.strip("“”。！？ ") in pieces[other].text
        if sentence and (printed or (shares[other] >= REPEATED and forms.stops(text))):
            found.append(position)
    return found
