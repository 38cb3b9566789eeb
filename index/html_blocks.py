"""The blocks of an HTML page: each stretch of words that is set by itself, and its element."""

import html
import re
from collections import Counter
from dataclasses import dataclass, field

from index.drafts import date_in, flowing, found_in, plain
from index.tags import RAW_TEXT, Tag, attributes, tokens
from index.types import Excerpt, Page

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_PARAGRAPHS = frozenset("blockquote caption dd dt figcaption li p pre td th".split()) | HEADINGS
_OTHER_BLOCKS = frozenset(
    "address article aside body br center details dialog dir div dl fieldset figure footer form "
    "header hr html legend main menu nav ol section summary table tbody tfoot thead tr ul".split()
)
_BLOCKS = _PARAGRAPHS | _OTHER_BLOCKS
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_ENDED_BY_NEXT = frozenset("dd dt li option p td th tr".split())
_PARENTS = _BLOCKS - _ENDED_BY_NEXT - _VOID  # their end tags end what they hold
_HOLD_THE_LIKE = frozenset("dl menu ol table ul".split())  # an li within one is another's
_FOREIGN = frozenset({"math", "svg"})  # of all elements, these alone may be closed as <svg/>
NEVER_SHOWN = frozenset(
    "aside audio button canvas datalist footer map math nav noscript object "
    "select svg template video".split()
)
SKIPPED = NEVER_SHOWN | {"form", "header"}
_SIGNED = frozenset("author authors by-line byline article-author post-author reporter".split())
_DATED = frozenset(
    "article:published_time date datepublished dc.date dc.date.issued og:release_date pubdate "
    "publish-date publish_date publishdate published_time".split()
)
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_LETTER = re.compile(r"[A-Za-z0-9]")

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of words that is set by itself.

    ``kind`` is its element, ``byline``, or empty for text in none; ``article`` numbers the
    article element around it (0: none); ``in_links`` tells that all of it is a link.
    """

    kind: str
    article: int
    excerpt: Excerpt
    in_links: bool


@dataclass(slots=True)
class Outline:
    """What was read of a page: its blocks in order, and what is said about them.

    ``said`` holds the first ``title``, ``og:title``, ``author`` and ``date`` of the page;
    ``days`` the date of each article element.
    """

    blocks: list[Block] = field(default_factory=list)
    said: dict[str, tuple[str, Excerpt]] = field(default_factory=dict)
    days: dict[int, str] = field(default_factory=dict)


class _Walk:
    """Where the reader stands in a page, and the words of the block that it is in."""

    def __init__(self, page: Page, skipped: frozenset[str]) -> None:
        self.page, self.text, self.skipped = page, page.text, skipped
        self.outline = Outline()
        self.open: list[tuple[str, str]] = []  # name and kind of the elements that give a kind
        self.names: Counter[str] = Counter()
        self.places: list[Place] = []
        self.blank: Place | None = None
        self.shown = self.linked = 0
        self.in_link = False
        self.article = self.article_count = self.article_depth = 0
        self.skip = ""  # the element that is left out, and what is open within it
        self.within: Counter[str] = Counter()

    def end_block(self) -> None:
        """Put the words since the last block away as a block of their own."""
        excerpt = flowing(self.page, self.places)
        if excerpt:
            kind = self.open[-1][1] if self.open else ""
            in_links = self.linked == self.shown
            self.outline.blocks.append(Block(kind, self.article, excerpt, in_links))
        self.places, self.blank, self.shown, self.linked = [], None, 0, 0

    def words(self, start: int, end: int) -> None:
        """Take in text; references to white space are left out, but never between letters."""
        at = start
        for reference in _REFERENCE.finditer(self.text, start, end):
            if html.unescape(reference[0]).isspace():
                self._add(at, reference.start())
                self.blank, at = reference.span(), reference.end()
        self._add(at, end)

    def _add(self, start: int, end: int) -> None:
        if start >= end:
            return
        if self.blank and self.places:
            before, after = self.text[self.places[-1][1] - 1], self.text[start]
            if _LETTER.match(before) and _LETTER.match(after):
                self.places.append(self.blank)
        self.blank = None
        self.places.append((start, end))
        if not self.text[start:end].isspace():
            self.shown += end - start
            self.linked += (end - start) * self.in_link

    def start_tag(self, tag: Tag) -> None:
        """Take in a start tag."""
        name = tag.name
        if name in _FOREIGN and self._is_closed(tag):
            return
        if self.skip:
            if name not in _ENDED_BY_NEXT:
                self.within[name] += 1
                return
            if not self._is_of_skipped(name):
                return
            self.skip = ""
        if name in _BLOCKS:
            self.end_block()
            top = self.open[-1][0] if self.open else ""
            if (top == "p" and name != "br") or (top == name and name in _ENDED_BY_NEXT):
                self._close(top)
        has_attributes = tag.attributes[0] < tag.attributes[1]
        said = attributes(self.text, tag) if has_attributes else {}
        if name == "meta":
            self._meta(said)
        elif name == "time" and (day := date_in(said.get("datetime", ("",))[0])):
            self.outline.days.setdefault(self.article, day)
        if name in _VOID or name in RAW_TEXT:
            return
        is_head_of_article = name == "header" and self.article
        if (name in self.skipped and not is_head_of_article) or _is_hidden(said):
            self.end_block()
            self.skip, self.within = name, Counter()
            return
        if name == "article":
            if not self.article_depth:
                self.article_count += 1
                self.article = self.article_count
            self.article_depth += 1
        elif name == "a":
            self.in_link = True
        if self.open and self.open[-1] == (name, "byline"):
            self._open(name, "byline")
        elif _is_signed(said):
            self.end_block()
            self._open(name, "byline")
        elif name in _PARAGRAPHS:
            self._open(name, name)

    def end_tag(self, name: str) -> None:
        """Take in an end tag; one that nothing opened only ends the block."""
        if self.skip:
            if self.within[name]:
                self.within[name] -= 1
                return
            ends_with_parent = self.skip in _ENDED_BY_NEXT and name in _PARENTS
            if self._is_of_skipped(name) or ends_with_parent:
                self.skip = ""
            if not ends_with_parent:
                return
        signed = (name, "byline")
        if name in _BLOCKS or (self.names[name] and self.open[-2:] != [signed, signed]):
            self.end_block()
        if self.names[name]:
            self._close(name)
        if name == "a":
            self.in_link = False
        elif name == "article" and self.article_depth:
            self.article_depth -= 1
            if not self.article_depth:
                self.article = 0

    def title(self, start: int, end: int) -> None:
        """Take in the words of a title element."""
        if not self.skip and self.text[start:end].strip():
            excerpt = flowing(self.page, [(start, end)])
            self.outline.said.setdefault("title", (plain(excerpt.text), excerpt))

    def _meta(self, said: dict[str, tuple[str, int, int]]) -> None:
        name = next((said[k][0].lower() for k in ("property", "name", "itemprop") if k in said), "")
        key = "date" if name in _DATED else name
        value, start, end = said.get("content", ("", 0, 0))
        if key == "date":
            value = date_in(value) or ""
        if value.strip() and key in ("author", "date", "og:title"):
            excerpt = found_in(self.page, self.text[start:end].strip(), start, end)
            self.outline.said.setdefault(key, (plain(value), excerpt))

    def _is_closed(self, tag: Tag) -> bool:
        """Return whether ``tag`` ends with a slash that belongs to no value."""
        said = attributes(self.text, tag).values()
        ends = {end for _, _, end in said}
        return self.text.endswith("/", *tag.attributes) and tag.attributes[1] not in ends

    def _is_of_skipped(self, name: str) -> bool:
        """Return whether a tag is of the skipped element, not of one like it in a list within."""
        is_within = name in _ENDED_BY_NEXT and any(self.within[each] for each in _HOLD_THE_LIKE)
        return name == self.skip and not is_within

    def _open(self, name: str, kind: str) -> None:
        self.open.append((name, kind))
        self.names[name] += 1

    def _close(self, name: str) -> None:
        while self.names[name]:
            last, _ = self.open.pop()
            self.names[last] -= 1
            if last == name:
                return


def _is_hidden(said: dict[str, tuple[str, int, int]]) -> bool:
    style, aria = said.get("style", ("",))[0], said.get("aria-hidden", ("",))[0]
    return "hidden" in said or aria.lower() == "true" or bool(_HIDING.search(style))


def _is_signed(said: dict[str, tuple[str, int, int]]) -> bool:
    marks = " ".join(said[name][0] for name in ("class", "itemprop", "rel") if name in said)
    return not _SIGNED.isdisjoint(marks.lower().split())


def outline(page: Page, start: int, end: int, skipped: frozenset[str]) -> Outline:
    """Return what is read of a stretch of HTML without the elements named in ``skipped``."""
    walk = _Walk(page, skipped)
    for token in tokens(page.text, start, end):
        if isinstance(token, Tag):
            if token.is_end:
                walk.end_tag(token.name)
            else:
                walk.start_tag(token)
        elif token.within == "title":
            walk.title(token.start, token.end)
        elif not token.within and not walk.skip:
            walk.words(token.start, token.end)
    walk.end_block()
    return walk.outline
