"""What each line of a page is: headline, byline, body, advert, and the rest.

The form of a line (``index/forms.py``) tells most of them. What a form leaves open (a
headline or a section head, a headline or a scrap of a paragraph) is decided where more of
the page is known: in ``index/heads.py``, ``index/threads.py`` and ``index/headlines.py``.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise

from index import bylines, forms
from index.lines import Piece
from index.text import is_han


class Role(StrEnum):
    """What a line is for."""

    FURNITURE = "furniture"
    KICKER = "kicker"
    HEADLINE = "headline"
    DECK = "deck"
    BYLINE = "byline"
    DATELINE = "dateline"
    BODY = "body"
    SECTION = "section head"
    PULL_QUOTE = "pull quote"
    CAPTION = "caption"
    TABLE = "table"
    NOTICE = "notice"
    ADVERT = "advert"
    QR = "QR text"
    JUMP = "page jump"


HEADS = frozenset({Role.HEADLINE, Role.KICKER, Role.DECK})
TEXT_ROLES = frozenset({Role.BODY, Role.DATELINE, Role.TABLE, Role.NOTICE, Role.ADVERT})

MAX_MASTHEAD_CHARS, MAX_NAME_CHARS = 30, 8  # of the paper, with what stands beside its name
MAX_PEN_NAME_CHARS = 3
MAX_VERSE_CHARS, MIN_VERSES = 16, 5
MAX_ROW_CHARS = 60
MAX_CELL_CHARS, MAX_AVERAGE_CHARS = 16, 9  # of a table
NAMES_IN_ROW = 3  # or more
MAX_SMALL_PRINT_CHARS = 160  # of a notice or advert that no heading announces

_MAYBE_ROWS = frozenset({Role.HEADLINE, Role.KICKER, Role.BODY, Role.FURNITURE, Role.TABLE})


def roles_by_form(pieces: Sequence[Piece]) -> list[Role]:
    """Return the role that the form of each piece suggests.

    ``HEADLINE`` means that it has the form of a head line: it may turn out to be a scrap of
    text, a section head, or a headline that stands far from its body.
    """
    texts = [piece.text for piece in pieces]
    roles: list[Role] = []
    for position, (piece, text) in enumerate(zip(pieces, texts, strict=True)):
        same_block = position > 0 and pieces[position - 1].block == piece.block
        roles.append(_own_role(text, roles[-1] if roles else None, same_block))
    _mark_masthead(pieces, roles)
    _mark_listed(texts, roles)
    _mark_tables(texts, roles)
    return roles


def refine(pieces: Sequence[Piece], roles: list[Role]) -> None:
    """Mark in ``roles`` what shows only among its neighbours: names, small print, weather."""
    texts = [piece.text for piece in pieces]
    _mark_names(pieces, roles)
    _mark_verse(pieces, roles)
    _mark_small_print(pieces, texts, roles)
    _mark_weather(texts, roles)


def _own_role(text: str, above: Role | None, same_block: bool) -> Role:
    """Return the role that the form of a line suggests, given the one above it."""
    if forms.is_jump(text):
        return Role.JUMP
    if forms.is_qr(text) or (above is Role.QR and same_block and forms.goes_on_from_qr(text)):
        return Role.QR
    if forms.is_dateline(text):
        return Role.DATELINE
    if forms.heads_table(text):
        return Role.HEADLINE  # of the table below it, if there is one
    if bylines.is_byline(text) or bylines.is_source(text):
        return Role.BYLINE
    if above is Role.BYLINE and same_block and bylines.is_names(text):
        return Role.BYLINE
    if forms.is_furniture(text):
        return Role.FURNITURE
    if forms.is_caption(text):
        return Role.CAPTION
    if forms.is_head_like(text) and not forms.is_end_mark(text):
        return (
            Role.KICKER
            if forms.is_kicker(text)
            else Role.DECK
            if forms.is_deck(text)
            else Role.HEADLINE
        )
    return Role.BODY


def _mark_masthead(pieces: Sequence[Piece], roles: list[Role]) -> None:
    """Mark the name of the paper: a short first line, the day or the page right below it."""
    if (
        len(pieces) > 1
        and roles[0] in (*HEADS, Role.BYLINE)
        and len(pieces[0].text) <= MAX_MASTHEAD_CHARS
        and roles[1] is Role.FURNITURE
        and (pieces[0].block == pieces[1].block or len(pieces[0].text) <= MAX_NAME_CHARS)
    ):
        roles[0] = Role.FURNITURE


def _mark_listed(texts: Sequence[str], roles: list[Role]) -> None:
    """Mark as text what looks like captions below each other: items of a list, marked alike."""
    for above, below in pairwise(range(len(texts))):
        if (
            roles[above] in (Role.CAPTION, Role.BODY)
            and roles[below] is Role.CAPTION
            and texts[above][0] == texts[below][0]
            and not is_han(texts[below][0])
            and not any(mark in texts[at] for mark in "图摄" for at in (above, below))
        ):
            roles[above] = roles[below] = Role.BODY


def _mark_verse(pieces: Sequence[Piece], roles: list[Role]) -> None:
    """Mark a poem: under a byline, more short lines than any headline has."""
    start = 0
    while start < len(pieces):
        end = start
        while end < len(pieces) and roles[end] is Role.HEADLINE and (
            len(pieces[end].text) <= MAX_VERSE_CHARS
        ):  # fmt: skip
            end += 1
        if end - start >= MIN_VERSES and start and roles[start - 1] is Role.BYLINE:
            roles[start:end] = [Role.BODY] * (end - start)
        start = max(end, start + 1)


def _mark_names(pieces: Sequence[Piece], roles: list[Role]) -> None:
    """Mark a name that stands alone between a headline and its body as the byline."""
    for position in range(1, len(pieces) - 1):
        text = pieces[position].text
        if (
            roles[position] is Role.HEADLINE
            and (len(text) <= MAX_PEN_NAME_CHARS or (len(text) <= 5 and bylines.is_names(text)))
            and all(map(is_han, text.replace(" ", "")))
            and roles[position - 1] in (Role.HEADLINE, Role.DECK)
            and roles[position + 1] is Role.BODY
        ):
            roles[position] = Role.BYLINE


def _mark_weather(texts: Sequence[str], roles: list[Role]) -> None:
    """Mark the weather: furniture in one line, an article below a heading of its own."""
    below = False
    for position, text in enumerate(texts):
        if forms.is_weather(text) and (below or roles[position] not in (Role.BODY, Role.TABLE)):
            roles[position] = Role.BODY if below else Role.FURNITURE
        else:
            below = roles[position] is Role.HEADLINE and forms.is_weather_head(text)


def _mark_small_print(pieces: Sequence[Piece], texts: Sequence[str], roles: list[Role]) -> None:
    """Mark the text of notices and adverts: below a heading of theirs, or by its own words."""
    current: Role | None = None
    heading, cut = -1, False
    for position, text in enumerate(texts):
        role, own = roles[position], _small_print(text)
        if current is Role.ADVERT and role is Role.BODY and forms.is_listed(text):
            own = Role.ADVERT
        same_block = position > 0 and pieces[position - 1].block == pieces[position].block
        if role in HEADS:
            if forms.heads_advert(text) or forms.heads_notice(text):
                current = Role.ADVERT if forms.heads_advert(text) else Role.NOTICE
                heading = position
            elif current and forms.is_signature(text) and not forms.is_numbered(text):
                roles[position] = Role.BYLINE
            elif current and (own or forms.is_offer(text)):
                roles[position] = current
            elif not (current and same_block):
                current = None
        elif role is Role.BODY and not forms.has_dateline(text):
            if current and cut and not own:
                current = None  # the text above the heading goes on
            elif current and (own or same_block or heading == position - 1):
                roles[position] = current
            elif own and len(text) <= MAX_SMALL_PRINT_CHARS:
                roles[position] = own
            else:
                current = None
            cut = not forms.is_finished(text)
        elif role in (Role.FURNITURE, Role.BYLINE) and current:
            if own or forms.is_offer(text) or (same_block and forms.is_date(text)):
                roles[position] = current
        elif role is not Role.TABLE:
            current = None


def _small_print(text: str) -> Role | None:
    """Return whether a line is of a notice or an advert by its own words."""
    if forms.is_notice(text):
        return Role.NOTICE
    return Role.ADVERT if forms.is_advert(text) else None


def _mark_tables(texts: Sequence[str], roles: list[Role]) -> None:
    """Mark rows of columns: three neighbours of a like number of short cells.

    Figures stand in two of them, or each has three cells, as a list of names has.
    """
    cells = [
        re.split(r"[\s\u3000]+", text) if _may_be_row(text, role) else []
        for text, role in zip(texts, roles, strict=True)
    ]
    counts = [0 if _is_prose(row) else len(row) for row in cells]
    figures = [any(re.search(r"\d", cell) for cell in row[1:]) for row in cells]
    for start in range(len(texts) - 2):
        trio = counts[start : start + 3]
        told = min(trio) >= NAMES_IN_ROW or sum(figures[start : start + 3]) >= 2
        if told and min(trio) >= 2 and (max(trio) - min(trio) <= 1 or min(trio) >= NAMES_IN_ROW):
            roles[start : start + 3] = [Role.TABLE] * 3
            if start and forms.heads_table(texts[start - 1]):
                roles[start - 1] = Role.TABLE


def _may_be_row(text: str, role: Role) -> bool:
    """Return whether a line may be of a table; furniture only where it is all figures."""
    if len(text) > MAX_ROW_CHARS or role not in _MAYBE_ROWS:
        return False
    return role is not Role.FURNITURE or not any(map(is_han, text))


def _is_prose(cells: Sequence[str]) -> bool:
    """Return whether the cells of a row are long, as the halves of a headline are."""
    longest, average = max(map(len, cells), default=0), sum(map(len, cells)) / max(len(cells), 1)
    return longest > MAX_CELL_CHARS or average > MAX_AVERAGE_CHARS
