"""The articles of an HTML page.

Each outermost ``<article>`` is one, else the body is. The headline is its ``h1``, else the
``og:title`` or ``<title>``; other headings are section heads; the date is a ``<time
datetime>`` or a meta date, the byline an element that is marked as one or the line under the
headline. Spans point into the file as it was received: tags lie between them, and a character
reference stays as it was received (``&amp;``), except one for white space, which is a break.

Navigation, page header and footer, asides, forms, scripts, hidden elements and comments are
left out, and so are list items and cells that are nothing but a link.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from index.decoding import decode, read_bytes
from index.drafts import Draft, articles_from
from index.html_blocks import HEADINGS, NEVER_SHOWN, SKIPPED, Block, Outline, outline
from index.types import Article, Excerpt, Page

CHARSET_BYTES = 4096
MAX_BYLINE_CHARS = 60

_CHARSET = re.compile(
    rb"<(?:meta|\?xml)[^>]*?(?:charset|encoding)\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE
)
_CODECS = {
    **dict.fromkeys(("gb2312", "gbk", "x-gbk", "gb18030", "gb_2312-80"), "gb18030"),
    **dict.fromkeys(("big5", "big5-hkscs", "cn-big5", "x-x-big5"), "big5hkscs"),
    **dict.fromkeys(("utf-8", "utf8"), "utf-8"),
    **dict.fromkeys(("iso-8859-1", "latin1", "windows-1252", "us-ascii"), "cp1252"),
    **dict.fromkeys(("shift_jis", "sjis", "x-sjis"), "cp932"),
    **{name: name for name in ("euc-jp", "euc-kr")},
}
_MENU = frozenset({"", "byline", "dd", "dt", "li", "td", "th"})
_RUNNING = re.compile(r"[。！？]|[.!?](?:\s|$)")


def read(path: Path, file: str) -> Page:
    """Return the decoded page: by its byte-order mark, its ``<meta charset>``, or its bytes.

    Raises :class:`CorpusError` as :func:`index.decoding.read_page` does.
    """
    data = read_bytes(path, file)
    named = _CHARSET.search(data, 0, CHARSET_BYTES)
    declared = _CODECS.get(named[1].decode("ascii", "replace").lower(), "") if named else ""
    text, encoding = decode(data, file, declared)
    return Page(file, text, encoding, hashlib.sha256(data).hexdigest())


def articles_of(page: Page) -> list[Article]:
    """Return the articles of an HTML ``page`` in order; none when it holds no paragraph."""
    for skipped in (SKIPPED, NEVER_SHOWN):  # some pages lie in one large form
        found = articles_from(page, _drafts(outline(page, 0, len(page.text), skipped)))
        if found:
            return found
    return []


def paragraphs(page: Page, start: int, end: int) -> list[Excerpt]:
    """Return the paragraphs of a stretch of HTML in order."""
    return [block.excerpt for block in outline(page, start, end, NEVER_SHOWN).blocks]


def _drafts(read: Outline) -> Iterator[Draft]:
    """Yield the articles of a page: its article elements, or all of it when more lies outside."""
    groups: dict[int, list[Block]] = {}
    for block in read.blocks:
        groups.setdefault(block.article, []).append(block)
    outside = groups.get(0, [])
    if len(groups) > 1 and 2 * _running_chars(outside) <= _running_chars(read.blocks):
        groups.pop(0, None)
    elif outside:
        groups = {0: read.blocks}
    for number, blocks in groups.items():
        draft = Draft(date=read.days.get(number))
        heads = [block for block in blocks if block.kind == "h1"]
        if len(groups) > 1:
            heads = heads or [block for block in blocks if block.kind in HEADINGS]
        else:
            _take_said(draft, read, has_head=bool(heads), outside=outside)
        _fill(draft, blocks, heads[0] if heads else None)
        if not draft.byline and len(groups) == 1 and "author" in read.said:
            draft.sign(read.said["author"][1])
        yield draft


def _take_said(draft: Draft, read: Outline, has_head: bool, outside: Sequence[Block]) -> None:
    """Give the only article of a page what the page says of itself."""
    if "date" in read.said:
        draft.date = read.said["date"][0]
    if has_head:
        return
    above = next((block.excerpt for block in outside if block.kind == "h1"), None)
    if above:
        draft.head(above)
    elif title := read.said.get("og:title") or read.said.get("title"):
        draft.headline = title[0]
        draft.marked.append(title[1])


def _fill(draft: Draft, blocks: Sequence[Block], headline: Block | None) -> None:
    """Give the blocks of an article their parts in it."""
    marked_up = any(block.kind not in {"", "byline"} | HEADINGS for block in blocks)
    above = headline is not None
    for block in blocks:
        is_running = _RUNNING.search(block.excerpt.text) is not None
        if block is headline:
            draft.head(block.excerpt)
            above = False
        elif block.kind == "byline" and len(block.excerpt.text) <= MAX_BYLINE_CHARS:
            draft.sign(block.excerpt)
        elif above and not is_running:
            continue  # the way to this page, or its section
        elif block.kind in HEADINGS:
            draft.add(block.excerpt, is_section=True)
        elif block.in_links and block.kind in _MENU:
            continue
        elif block.kind or is_running or not marked_up:
            draft.add(block.excerpt)
        else:
            draft.take_top_line(block.excerpt)


def _running_chars(blocks: Sequence[Block]) -> int:
    return sum(len(b.excerpt.text) for b in blocks if _RUNNING.search(b.excerpt.text))
