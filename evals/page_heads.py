"""The head of an article on a made-up page: kicker, headline, deck, byline, dateline."""

import random

from evals import page_fillings as fill
from evals.page_cuts import halves_of
from evals.page_press import Draft, Piece, Press
from evals.page_sources import Source, clauses_of, compressed
from index.roles import Role


def set_heads(draft: Draft, press: Press, comment: bool) -> None:
    """Set the kicker, the headline and the deck of ``draft``, as far as it has them."""
    rng, printed, source = press.rng, press.manner.printed, draft.source
    if source is None:
        return
    kicker = ""
    if comment and rng.random() < 0.5:
        kicker = rng.choice(fill.COMMENT_LABELS)
    elif press.happens("kicker"):
        kicker = rng.choice(fill.KICKERS)
    above = rng.random() < 0.4
    if kicker and above:
        draft.add("kicker", [Piece(printed(kicker), Role.KICKER)])
    only_deck = press.happens("only a deck")
    lines = [] if only_deck or press.happens("no headline") else _headline(source, press)
    pieces = [Piece(printed(line), Role.HEADLINE) for line in lines]
    if len(pieces) > 1 and rng.random() < 0.15:
        draft.add("headline", pieces[:1])  # a shoulder may stand apart
        pieces = pieces[1:]
    if only_deck or (pieces and press.happens("deck")):
        draft.genre, text = _deck(source, press)
        deck = Piece(printed(text), Role.DECK)
        if pieces and rng.random() < 0.4:
            draft.add("headline", pieces)
            pieces = []
        pieces.append(deck)
    if pieces:
        draft.add("headline", pieces)
    if kicker and not above:
        draft.add("kicker", [Piece(printed(kicker), Role.KICKER)])
    if comment:
        draft.genre = "comment"


def set_byline(draft: Draft, press: Press, comment: bool) -> str:
    """Set the byline; return the credit that goes under the article instead, if any.

    An article without a headline keeps its byline: its beginning would not show.
    """
    rng, manner = press.rng, press.manner
    names = {"title": manner.reporter, "city": manner.city, "paper": manner.paper}
    if comment:
        text = fill.one_of(fill.COMMENT_BYLINES, rng, **names)
    elif draft.headline() and press.happens("no byline"):
        return ""
    elif draft.headline() and press.happens("credit at the end"):
        return fill.one_of(fill.CLOSING_CREDITS, rng, **names)
    else:
        own = rng.random() < 0.3
        style = fill.weighed(fill.BYLINES, rng) if own else manner.byline_style
        text = fill.filled(style, rng, **names)
    pieces = [Piece(manner.printed(line), Role.BYLINE) for line in text.split("\n")]
    press.seen["byline of two lines"] += len(pieces) > 1
    draft.add("byline", pieces)
    return ""


def set_dateline(draft: Draft, press: Press, paragraphs: list[str]) -> None:
    """Set the dateline, before the first of ``paragraphs`` or on a line of its own."""
    rng, manner = press.rng, press.manner
    if not press.happens("dateline"):
        return
    template = fill.weighed(fill.DATELINES, rng)
    while "{name}" in template and any(block.kind == "byline" for block in draft.head):
        template = fill.weighed(fill.DATELINES, rng)
    text = manner.printed(
        fill.filled(template, rng, city=manner.city, eve=fill.dates(manner.day)["eve"])
    )
    if press.happens("dateline on its own line"):
        draft.add("byline", [Piece(text, Role.DATELINE)])
    else:
        paragraphs[0] = f"{text} {paragraphs[0]}"


def short_headline(draft: Draft, rng: random.Random) -> str:
    """Return the headline as it is repeated over the rest of an article; empty without one."""
    headline = (draft.source.headline if draft.source else None) or ""
    if not draft.headline() or not headline:
        return ""
    part = headline.replace(" ", "，").split("，")[0]
    if part.count("“") != part.count("”") or len(part) < 4 or rng.random() < 0.3:
        return headline
    return part


def _headline(source: Source, press: Press) -> list[str]:
    """Return the lines of a headline, the real one or one made up; at most three."""
    rng = press.rng
    main = source.headline or compressed(source, rng)
    if not main:
        return []
    lines = [main]
    if len(main) > 14 and rng.random() < 0.45:
        lines = halves_of(main)
        if rng.random() < 0.3:
            lines = [" ".join(lines)]
    if press.happens("shoulder"):
        lines.insert(0, compressed(source, rng))
    if press.happens("second headline"):
        lines.append(compressed(source, rng))
    return [line for line in dict.fromkeys(lines) if line][:3]


def _deck(source: Source, press: Press) -> tuple[str, str]:
    """Return the genre that a deck tells, and its words."""
    rng = press.rng
    dash = rng.choice(("——", "——", "—— ", "──"))
    clauses = clauses_of(source.paragraphs, 8, 16)
    if clauses and rng.random() < 0.4:
        return "feature", f"{dash}记{rng.choice(clauses)}纪实"
    deck = fill.one_of(fill.DECKS, rng, city=press.manner.city)
    return "interview" if deck.startswith("访") else "feature", dash + deck
