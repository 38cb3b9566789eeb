"""Where the blocks of a made-up page stand: interleaved, jumping, displaced, intruded upon."""

import datetime
import random

from evals import page_fillings as fill
from evals.page_article import caption, cut, paragraphs_of, pull_quote
from evals.page_heads import short_headline
from evals.page_press import Block, Draft, Piece, Press
from index.roles import Role


def in_sequence(
    news: list[Draft], given: Draft | None, press: Press
) -> tuple[list[Block], list[Draft]]:
    """Return the blocks in printed order, cut, interleaved and jumping; and the articles."""
    rng = press.rng
    order: list[Block] = []
    later: list[Block] = []
    whole = list(news)
    if len(news) > 2 and press.happens("jump on the page"):
        draft = rng.choice(whole)
        tail = _jump_within(draft, press)
        if tail:
            whole.remove(draft)
            later = tail
    for trouble, side in (("jump to elsewhere", 0), ("jump from elsewhere", 1)):
        if len(whole) > 1 and press.happens(trouble):
            draft = rng.choice(whole)
            half = halves(draft, press, str(rng.randint(2, 8)), str(rng.randint(1, 3)))[side]
            if half:
                whole.remove(draft)
                news[news.index(draft)] = half
    if given is not None:
        news.insert(rng.randint(0, len(news)), given)
    for draft in whole:
        if press.happens("cut"):
            cut(draft, press)
            while press.happens("further cut"):
                cut(draft, press)
    woven = _weave(whole, press)
    for draft in news:
        order += woven.get(id(draft), [*draft.head, *draft.body])
    if later:
        place = _after_next_article(order, later, rng)
        order[place:place] = later
    return order, news


def _weave(drafts: list[Draft], press: Press) -> dict[int, list[Block]]:
    """Return the blocks to print in place of an article where another interrupts it.

    The interrupting article has no blocks of its own then.
    """
    woven: dict[int, list[Block]] = {}
    free = list(drafts)
    for trouble in ("interleaved", "interleaved twice"):
        places = [at for at in range(len(free) - 1) if len(free[at].body) > 1]
        if not places or not press.happens(trouble):
            break
        at = press.rng.choice(places)
        first, second = free[at], free[at + 1]
        del free[at : at + 2]
        outer = cut(first, press, stop=False) if press.rng.random() < 0.6 else None
        outer = outer or press.rng.randrange(1, len(first.body))
        inner = len(second.body)
        if inner > 1 and press.rng.random() < 0.5:
            inner = (cut(second, press, stop=False) if press.rng.random() < 0.5 else None) or (
                press.rng.randrange(1, inner)
            )
        woven[id(first)] = [
            *first.head, *first.body[:outer],
            *second.head, *second.body[:inner],
            *first.body[outer:], *second.body[inner:],
        ]  # fmt: skip
        woven[id(second)] = []
    return woven


def halves(
    draft: Draft, press: Press, target: str, origin: str
) -> tuple[Draft | None, Draft | None]:
    """Return the two halves of an article that jumps, as articles that are not whole.

    Both None where it has too few paragraphs.
    """
    rng, printed = press.rng, press.manner.printed
    blocks = [at for at, block in enumerate(draft.body) if at and block.kind == "body"]
    if not blocks:
        return None, None
    at = (cut(draft, press, stop=False) if rng.random() < 0.25 else None) or rng.choice(blocks)
    out = Piece(printed(fill.one_of(fill.JUMPS_OUT, rng, to=target)), Role.JUMP)
    into = Piece(printed(fill.one_of(fill.JUMPS_IN, rng, to=origin)), Role.JUMP)
    first = Draft(draft.genre, draft.source, False, draft.head, draft.body[:at])
    second = Draft(draft.genre, draft.source, False, [], draft.body[at:])
    first.reading = [p for block in (*first.head, *first.body) for p in block.pieces]
    if rng.random() < 0.4:
        again = short_headline(draft, rng)
        if again:
            second.head.append(Block("headline", [Piece(printed(again), Role.HEADLINE)], second))
    second.head.append(Block("byline", [into], second))
    second.body[0].pieces[0].continues = False
    second.reading = [p for block in (*second.head, *second.body) for p in block.pieces]
    first.add("extra", [out])
    for half in (first, second):
        for block in (*half.head, *half.body):
            block.owner = half
        half.paragraphs = paragraphs_of(half.reading)
    return first, second


def _jump_within(draft: Draft, press: Press) -> list[Block]:
    """Break ``draft`` by a jump; return the blocks to print later, none where it is too short."""
    rng, printed = press.rng, press.manner.printed
    blocks = [at for at, block in enumerate(draft.body) if at and block.kind == "body"]
    if not blocks:
        return []
    at = (cut(draft, press, stop=False) if rng.random() < 0.25 else None) or rng.choice(blocks)
    page = rng.choice("二三四")
    tail = draft.body[at:]
    del draft.body[at:]
    notes = [
        Piece(printed(fill.one_of(fill.JUMPS_OUT, rng, to=page)), Role.JUMP),
        Piece(printed(fill.one_of(fill.JUMPS_IN, rng, to="一")), Role.JUMP),
    ]
    if tail[0].pieces[0].continues:
        draft.reading += notes
    else:
        place = draft.reading.index(tail[0].pieces[0])
        draft.reading[place:place] = notes
    draft.body.append(Block("extra", notes[:1], draft))
    later = [Block("extra", notes[1:], draft), *tail]
    again = short_headline(draft, rng)
    if again and rng.random() < 0.4:
        piece = Piece(printed(again), Role.HEADLINE)
        heads = [at for at, read in enumerate(draft.reading) if read.role is Role.HEADLINE]
        draft.reading.insert(heads[-1] + 1 if heads else 0, piece)
        later.insert(0, Block("headline", [piece], draft))
    return later


def _after_next_article(order: list[Block], later: list[Block], rng: random.Random) -> int:
    """Return a place between articles that is not straight after the first half."""
    owner = later[0].owner
    last = max(at for at, block in enumerate(order) if block.owner is owner)
    places = [at for at in _borders(order) if at > last + 1]
    return rng.choice(places) if places else len(order)


def move_heads(order: list[Block], news: list[Draft], press: Press) -> None:
    """Exchange and displace headlines; an article meets one of these troubles at most."""
    rng = press.rng
    free = [draft for draft in news if draft.headline() and draft.whole]
    rng.shuffle(free)
    if len(free) > 1 and press.happens("exchanged headlines"):
        first, second = free.pop(), free.pop()
        ours, theirs = _taken(order, first), _taken(order, second)
        moved = {id(ours[0]): theirs, id(theirs[0]): ours}
        rest = [block for block in order if block not in ours[1:] and block not in theirs[1:]]
        order[:] = [new for block in rest for new in moved.get(id(block), [block])]
    for trouble in ("displaced headline", "headline after its body", "foreign head in a cut"):
        if not free or not press.happens(trouble):
            continue
        draft = free.pop()
        heads = _taken(order, draft, byline=rng.random() < 0.5)
        at = order.index(heads[0])
        place: int | None
        if trouble == "displaced headline":
            place = _above(order, at, draft, rng)
        elif trouble == "headline after its body":
            body = [
                n for n, block in enumerate(order) if block.owner is draft and block not in heads
            ]
            place = max(body) + 1
        else:
            place = in_a_cut(order, rng, draft)
        if place is None:
            press.seen[trouble] -= 1
            continue
        anchor = order[place] if place < len(order) else None
        for block in heads:
            order.remove(block)
        place = order.index(anchor) if anchor is not None else len(order)
        order[place:place] = heads


def _taken(order: list[Block], draft: Draft, byline: bool = False) -> list[Block]:
    """Return the blocks of a head that move together, in printed order."""
    kinds = ("headline", "byline") if byline else ("headline",)
    first = [block for block in draft.head if block.kind in kinds]
    return [block for block in order if block in first and _is_head(block)]


def _is_head(block: Block) -> bool:
    return block.pieces[0].role in (Role.HEADLINE, Role.DECK, Role.BYLINE)


def _above(order: list[Block], at: int, draft: Draft, rng: random.Random) -> int | None:
    """Return a place up to thirty lines above ``at`` at which a paragraph begins."""
    places = [
        place
        for place in range(max(at - 15, 0), at - 1)
        if order[place].owner is not draft
        and not order[place].pieces[0].continues
        and not (place and _heads(order[place - 1], order[place]))
    ]
    return rng.choice(places) if places else None


def _heads(before: Block, block: Block) -> bool:
    """Return whether ``before`` is the head, or a part of the head, of ``block``."""
    return before.owner is block.owner and before.kind in ("kicker", "headline", "byline")


def in_a_cut(order: list[Block], rng: random.Random, stranger: Draft | None) -> int | None:
    """Return the place of a cut in an article other than ``stranger``; None without one."""
    places = [
        at
        for at, block in enumerate(order)
        if block.pieces[0].continues
        and block.owner is not stranger
        and order[at - 1].owner is block.owner
    ]
    return rng.choice(places) if places else None


def _borders(order: list[Block]) -> list[int]:
    """Return the places at which one article ends and another begins."""
    return [
        at
        for at in range(1, len(order))
        if order[at].owner is not order[at - 1].owner
        and order[at].owner is not None
        and not order[at].pieces[0].continues
        and not any(block.owner is order[at - 1].owner for block in order[at:])
        and not any(block.owner is order[at].owner for block in order[:at])
    ]


def between(order: list[Block], rng: random.Random) -> int:
    """Return a place between two articles, or the end of the page."""
    places = _borders(order)
    return rng.choice([*places, len(order)])


def intrude(order: list[Block], news: list[Draft], press: Press) -> None:
    """Set pull quotes, captions and QR text among the blocks."""
    rng = press.rng
    if press.happens("pull quote"):
        draft = rng.choice(news)
        piece = pull_quote(draft, rng)
        paragraph = [block.owner is draft and block.kind == "body" for block in order]
        own = [at for at in range(1, len(order)) if paragraph[at - 1] and paragraph[at]]
        cuts = [at for at in own if order[at].pieces[0].continues]
        if piece and own:
            place = rng.choice(cuts) if cuts and rng.random() < 0.6 else rng.choice(own)
            order.insert(place, Block("extra", [piece], draft))
            draft.reading.append(piece)
        else:
            press.seen["pull quote"] -= 1
    while press.happens("caption"):
        draft = rng.choice(news)
        pieces = caption(draft, press)
        if not pieces:
            press.seen["caption"] -= 1
            break
        own = [
            at for at, block in enumerate(order) if block.owner is draft and block.kind == "body"
        ]
        place = rng.choice([*own, own[-1] + 1])
        if rng.random() < 0.2:
            place = in_a_cut(order, rng, None) or place
        order.insert(place, Block("extra", pieces, draft))
        draft.reading += pieces
    if press.happens("QR text"):
        pieces = [
            Piece(press.manner.printed(text), Role.QR)
            for text in fill.one_of(fill.QR_TEXTS, rng).split("\n")
        ]
        order.insert(between(order, rng), Block("page", pieces))


def furnish(order: list[Block], press: Press) -> datetime.date | None:
    """Set what belongs to the page as a whole; return the day where it is printed."""
    rng, manner = press.rng, press.manner
    date = None
    if press.happens("slogan"):
        slogan = Piece(manner.printed(rng.choice(fill.SLOGANS)), Role.KICKER)
        order.insert(0, Block("page", [slogan]))
    if press.happens("furniture"):
        texts = fill.furniture(rng, manner.paper)
        if press.happens("date line"):
            texts.insert(
                rng.randint(0, len(texts)),
                fill.one_of(fill.DATE_LINES, rng, **fill.dates(manner.day)),
            )
            date = manner.day
        pieces = [Piece(manner.printed(text), Role.FURNITURE) for text in texts]
        middle = rng.randint(0, len(pieces)) if rng.random() < 0.4 else len(pieces)
        above, below = pieces[:middle], pieces[middle:]
        if rng.random() < 0.2:
            above, below = [], pieces
        order[0:0] = [Block("page", above)] if above else []
        order += [Block("page", below)] if below else []
    if press.happens("furniture in between"):
        text = rng.choice(fill.furniture(rng, manner.paper))
        block = Block("page", [Piece(manner.printed(text), Role.FURNITURE)])
        place = in_a_cut(order, rng, None) if rng.random() < 0.5 else None
        order.insert(place or between(order, rng), block)
    return date
