"""One article as it is set on a made-up page: paragraphs, section heads, cuts, captions."""

import random
import re
from collections.abc import Sequence

from evals import page_fillings as fill
from evals.page_cuts import place_of_cut
from evals.page_heads import set_byline, set_dateline, set_heads
from evals.page_press import PARAGRAPH_ROLES, Block, Draft, Piece, Press
from evals.page_sources import Source, clauses_of, condensed, sentences_of
from index.roles import Role

_SIGNATURE = re.compile(r"[^，。：、\d]{4,24}(?:公司|大队)")  # who sent a notice, on its own line


def set_article(source: Source, press: Press) -> Draft:
    """Return ``source`` as an article of the page: heads, byline, paragraphs, credits."""
    rng, manner = press.rng, press.manner
    draft = Draft("news", source)
    paragraphs = list(source.paragraphs)
    pictured = press.happens("picture story")
    if pictured or press.happens("brief"):
        paragraphs = paragraphs[: rng.randint(1, 2)]
    paragraphs = [manner.printed(text) for text in paragraphs]
    comment = not pictured and press.happens("comment")
    set_heads(draft, press, comment)
    if pictured and draft.headline():
        draft.genre = "caption"
        names = {"title": manner.reporter, "city": manner.city, "paper": manner.paper}
        credit = fill.one_of(fill.PICTURE_CREDITS, rng, **names)
    else:
        credit = set_byline(draft, press, comment)
        if not comment:
            set_dateline(draft, press, paragraphs)
    signed = credit or any(block.kind == "byline" for block in draft.head)
    if not signed and press.happens("trailing credit"):
        paragraphs[-1] += manner.printed(fill.one_of(fill.TRAILING_CREDITS, rng))
    draft.paragraphs = paragraphs
    sectioned = len(paragraphs) >= 4 and press.happens("section heads")
    places = set(rng.sample(range(1, len(paragraphs)), min(2, len(paragraphs) - 1)))
    tabled = len(paragraphs) > 1 and press.happens("table")
    for at, text in enumerate(paragraphs):
        if sectioned and at in places:
            heads = _section_heads(source.paragraphs[at:], press)
            if heads:
                heads[0] = manner.section_mark + heads[0]
                draft.add("extra", [Piece(manner.printed(head), Role.SECTION) for head in heads])
        draft.add("body", press.lines(text, Role.BODY))
        if tabled and at == 0:
            rows = [Piece(manner.printed(row), Role.TABLE) for row in fill.table(rng)]
            draft.add("extra", rows)
    if credit:
        draft.add("extra", [Piece(manner.printed(credit), Role.BYLINE)])
    return draft


def set_small(kind: str, press: Press) -> Draft:
    """Return a made-up notice, advert or weather report (``kind``) as an article."""
    rng, manner = press.rng, press.manner
    draft = Draft(kind)
    heading, texts = fill.small(kind, rng)
    role = {"notice": Role.NOTICE, "advert": Role.ADVERT}.get(kind, Role.BODY)
    draft.add("headline", [Piece(manner.printed(heading), Role.HEADLINE)])
    pieces: list[Piece] = []
    for text in texts:
        signed = kind == "notice" and _SIGNATURE.fullmatch(text)
        pieces += press.lines(manner.printed(text), Role.BYLINE if signed else role)
    draft.paragraphs = paragraphs_of(pieces)
    if kind == "notice" and rng.random() < 0.4:
        starts = [at for at, piece in enumerate(pieces) if not piece.continues]
        for first, last in zip(starts, [*starts[1:], len(pieces)], strict=True):
            draft.add("body", pieces[first:last])
    else:
        draft.add("body", pieces)
    return draft


def cut(draft: Draft, press: Press, stop: bool | None = None) -> int | None:
    """Cut a paragraph of ``draft`` in two; return the place of its second half in ``body``.

    With ``stop`` the cut falls on the end of a sentence, which leaves no trace; by default
    chance decides. None where no paragraph is long enough.
    """
    rng = press.rng
    blocks = [
        block
        for block in draft.body
        if block.kind == "body" and sum(len(piece.text) for piece in block.pieces) >= 50
    ]
    rng.shuffle(blocks)
    for block in blocks:
        at = draft.body.index(block)
        if press.manner.wrap:
            if len(block.pieces) < 4:
                continue
            middle = rng.randrange(2, len(block.pieces) - 1)
            second = Block("body", block.pieces[middle:], draft, after_cut=True)
            del block.pieces[middle:]
        else:
            piece = block.pieces[0]
            may_stop = not press.manner.indent
            wanted = rng.random() < press.troubles["cut on a stop"] if stop is None else stop
            place = place_of_cut(piece.text, rng, stop=wanted and may_stop)
            if place is None:
                continue
            rest = Piece(piece.text[place:], piece.role, continues=not (wanted and may_stop))
            if wanted and may_stop:
                press.seen["cut on a stop"] += 1
                _split_paragraph(draft, piece, place)
            piece.text = piece.text[:place]
            draft.reading.insert(draft.reading.index(piece) + 1, rest)
            second = Block("body", [rest], draft, after_cut=True)
        draft.body.insert(at + 1, second)
        return at + 1
    return None


def pull_quote(draft: Draft, rng: random.Random) -> Piece | None:
    """Return a sentence of the article set apart, whole or slightly shortened."""
    found = [
        sentence
        for text in draft.paragraphs
        if len(of_text := sentences_of(text)) > 1  # else it could as well be the paragraph
        for sentence in of_text
        if 16 <= len(sentence) <= 60 and not sentence.startswith(("本报", "新华社", "据新华社"))
    ]
    if not found:
        return None
    chosen = rng.choice(found)
    if rng.random() < 0.4:
        chosen = chosen.rstrip("。") if rng.random() < 0.5 else _without_a_clause(chosen, rng)
    return Piece(chosen, Role.PULL_QUOTE)


def caption(draft: Draft, press: Press) -> list[Piece]:
    """Return the lines of a caption that tells of the article; none where nothing fits."""
    rng, manner = press.rng, press.manner
    clauses = clauses_of(draft.source.paragraphs, 10, 30) if draft.source else []
    if not clauses:
        return []
    what = rng.choice(clauses)
    credit = fill.one_of(fill.PHOTO_CREDITS, rng, title=manner.reporter)
    if rng.random() < 0.15:
        texts = [(f"图为{what}。", Role.CAPTION), (credit, Role.BYLINE)]
    else:
        form = rng.choice(("图为{}。{}", "▲{}。（{}）", "▲{}。", "图为{}。", "{}。（{}）"))
        texts = [(form.format(what, credit), Role.CAPTION)]
    return [piece for text, role in texts for piece in press.lines(manner.printed(text), role)]


def paragraphs_of(reading: Sequence[Piece]) -> list[str]:
    """Return the paragraphs of the running text among ``reading``."""
    found: list[str] = []
    for piece in reading:
        if piece.role in PARAGRAPH_ROLES:
            found[len(found) - piece.continues :] = [
                (found[-1] if piece.continues else "") + piece.text
            ]
    return found


def _section_heads(paragraphs: Sequence[str], press: Press) -> list[str]:
    """Return the lines of a heading for ``paragraphs``: one, or at times two; none if unfit."""
    clauses = clauses_of(paragraphs[:1], 6, 14) or clauses_of(paragraphs, 6, 14)
    if not clauses:
        return []
    count = 2 if len(clauses) > 1 and press.happens("section head of two lines") else 1
    return [condensed(clause) for clause in press.rng.sample(clauses, count)]


def _split_paragraph(draft: Draft, piece: Piece, place: int) -> None:
    """Part the paragraph of ``draft`` that ``piece`` belongs to where ``piece`` is cut."""
    number, offset = -1, 0
    for read in draft.reading:
        if read.role in PARAGRAPH_ROLES:
            number, offset = (number, offset) if read.continues else (number + 1, 0)
            if read is piece:
                break
            offset += len(read.text)
    text, at = draft.paragraphs[number], offset + place
    draft.paragraphs[number : number + 1] = [text[:at], text[at:]]


def _without_a_clause(sentence: str, rng: random.Random) -> str:
    comma = "，" if "，" in sentence else ","
    clauses = sentence.split(comma)
    if len(clauses) > 2 and "“" not in sentence:
        del clauses[rng.randrange(len(clauses) - 1)]
    return comma.join(clauses)
