"""The articles of a Markdown page.

A level-1 heading starts an article; where there is none, headings of the highest level do
when there are several. The others are section heads. YAML front matter gives the headline
(``title``), ``date``, ``author`` or ``byline`` and ``kicker``. Spans point into the file as
it was received: heading signs, list and quote marks, ``**``, ``_``, backticks and the target
of a link lie between them. Images, comments and code blocks are left out.

The library reads the structure; :class:`_Inline` adds what it does not tell, namely where in
the line each run of words stands.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, link
from markdown_it.token import Token

from index import html as hypertext
from index.drafts import Draft, articles_from, flowing, plain
from index.front_matter import front_matter
from index.types import Article, Excerpt, Page

Place = tuple[int, int]

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_BEFORE_ROW = re.compile(r"[\s>]*(?:(?:[-*+]|\d+[.)])\s+)?\|?\s*")
_CELL_BORDER = re.compile(r"(?<!\\)\|")


class _Inline(StateInline):
    """The state of the inline parser, which also notes in ``meta`` where a token starts."""

    pending_at = 0

    def append_pending(self, text: str) -> None:
        if not self.pending:
            self.pending_at = self.pos
        super().append_pending(text)

    def pushPending(self) -> Token:  # noqa: N802 - named by the library
        token = super().pushPending()
        token.meta["at"] = self.pending_at
        return token

    def push(self, ttype: str, tag: str, nesting: Literal[-1, 0, 1]) -> Token:
        token = super().push(ttype, tag, nesting)
        token.meta["at"] = self.pos
        return token


def _image(state: StateInline, silent: bool) -> bool:
    """Skip an image whole: what stands in for the picture is no part of the article."""
    start = state.pos
    if not state.src.startswith("![", start):
        return False
    state.pos += 1
    if not link(state, True):
        state.pos = start
        return False
    if not silent:
        state.push("image", "img", 0)
    return True


def block_parser() -> MarkdownIt:
    """Return a CommonMark parser, with tables, that leaves the text of a block as it is."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    # Inline text is parsed below, and a paragraph indented by four blanks is no program code.
    parser.disable(["inline", "text_join", "fragments_join", "code"])
    parser.inline.ruler.at("image", _image)
    return parser


def articles_of(page: Page) -> list[Article]:
    """Return the articles of a Markdown ``page`` in order; none when it holds no paragraph.

    Raises :class:`CorpusError` for front matter that is not YAML.
    """
    front, start = front_matter(page)
    reader = _Reader(page, start)
    tops = [t.tag for t in reader.tokens if t.type == "heading_open" and not t.level]
    titled = bool(front.headline)
    top = "h1" if titled else min(tops, default="h1")
    starts_articles = tops.count(top) > 1 or not titled
    kicker, byline, date = front.kicker, front.byline, front.date
    drafts = [front]
    for kind, lines in reader.blocks():
        if kind == top and starts_articles:
            if drafts[-1].headline or drafts[-1].paragraphs:
                drafts.append(Draft(kicker=kicker, byline=byline, date=date))
            drafts[-1].head(_flow(page, lines))
        elif kind.startswith("h"):
            heading = _flow(page, lines)
            if titled and plain(heading.text) == front.headline:
                front.marked.append(heading)
            else:
                drafts[-1].add(heading, is_section=True)
        else:
            while lines and drafts[-1].take_top_line(flowing(page, lines[0])):
                del lines[0]
            drafts[-1].add(_flow(page, lines))
    return articles_from(page, drafts)


def _flow(page: Page, lines: Sequence[Sequence[Place]]) -> Excerpt:
    return flowing(page, [place for line in lines for place in line])


class _Reader:
    """The blocks of a page from ``start`` on, and where their words stand."""

    def __init__(self, page: Page, start: int) -> None:
        self.page = page
        self.lines = [match.span(1) for match in _LINE.finditer(page.text, start)]
        self.parser = block_parser()
        self.env: dict[str, object] = {}
        self.tokens = self.parser.parse(page.text[start:], self.env)
        for token, inline in pairwise(self.tokens):
            if token.type == "heading_open" and token.markup == "-" and "。" in inline.content:
                token.type = "paragraph_open"  # a rule right below a paragraph, meant as such

    def blocks(self) -> Iterator[tuple[str, list[list[Place]]]]:
        """Yield each heading (``h1`` to ``h6``) and paragraph (``p``) as places, line by line."""
        kind, table_end = "p", 0
        for token in self.tokens:
            first, last = token.map or (0, 0)
            if token.type == "heading_open":
                kind = "p" if token.level else token.tag
            elif token.type == "inline" and first >= table_end:
                yield kind, self._words(token.content, range(first, last))
                kind = "p"
            elif token.type == "table_open":
                table_end = last
                for row in (first, *range(first + 2, last)):
                    yield "p", [self._row(row)]
            elif token.type == "html_block":
                end = self.lines[min(last, len(self.lines)) - 1][1]
                for excerpt in hypertext.paragraphs(self.page, self.lines[first][0], end):
                    yield "p", [[(span.start, span.end) for span in excerpt.spans]]

    def _row(self, number: int) -> list[Place]:
        """Return the places of a table row; between cells a blank stays, or the border."""
        start, end = self.lines[number]
        before = _BEFORE_ROW.match(self.page.text, start, end)
        start = before.end() if before else start
        borders = [match.start() for match in _CELL_BORDER.finditer(self.page.text, start, end)]
        places: list[Place] = []
        for border in (*borders, end):
            cell = self.page.text[start:border]
            words = cell.strip(" \t")
            at = start + cell.find(words)
            if places and words:
                gap = places[-1][1], at
                blank = self.page.text.find(" ", *gap)
                places.append((blank, blank + 1) if blank >= 0 else (start - 1, start))
            places.extend(self._inline(words, [(0, len(words), at)]))
            start = border + 1
        return places

    def _words(self, content: str, numbers: range) -> list[list[Place]]:
        """Return the places of the words of ``content``, which stands on the lines ``numbers``."""
        stretches: list[tuple[int, int, int]] = []
        breaks: list[Place] = []
        offset = 0
        for number, line in zip(numbers, content.split("\n"), strict=False):
            first, end = self.lines[number]
            words = line.strip(" \t")
            at = self.page.text[first:end].replace("\0", "\ufffd").rfind(words)
            start = offset + line.find(words)
            stretches.append((start, start + len(words), first + max(at, 0)))
            following = self.lines[number + 1][0] if number + 1 < len(self.lines) else end
            breaks.append((end, following))
            offset += len(line) + 1
        lines: list[list[Place]] = [[]]
        for place in self._inline(content, stretches):
            while len(lines) <= len(breaks) and place[0] >= breaks[len(lines) - 1][1]:
                lines[-1].append(breaks[len(lines) - 1])
                lines.append([])
            lines[-1].append(place)
        return lines

    def _inline(self, content: str, stretches: Sequence[tuple[int, int, int]]) -> Iterator[Place]:
        """Yield the places of the words of ``content``.

        ``stretches`` holds for each line where its words start and end in ``content``, and
        where they start in the page.
        """
        state = _Inline(content, self.parser, self.env, [])
        self.parser.inline.tokenize(state)
        for rule in self.parser.inline.ruler2.getRules(""):
            rule(state)
        flat = content.replace("\n", " ")
        cursor = 0
        for token in state.tokens:
            if token.type not in ("text", "text_special", "code_inline") or not token.content:
                continue
            is_reference = token.info == "entity"
            if is_reference and token.content.isspace():
                continue
            words = token.markup if is_reference else token.content
            at = max(cursor, token.meta["at"])
            if token.type == "code_inline":
                at += len(token.markup)
            at = next((a for a in (at, at + 1) if flat.startswith(words, a)), -1)
            if at < 0:
                continue  # a bare address that the library wrote in another way
            cursor = at + len(words)
            number = max(bisect_right(stretches, (at, len(content), 0)) - 1, 0)
            while number < len(stretches) and stretches[number][0] < cursor:
                start, end, shifted = stretches[number]
                shift = shifted - start
                yield max(at, start) + shift, min(cursor, end) + shift
                number += 1
