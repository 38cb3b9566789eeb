"""Articles of files that mark their parts, as Markdown, HTML and JSON Lines do.

What the reassembly must find out on a newspaper page is written down in such a file, so its
articles are taken as they are. Markup is left out by splitting spans, never by changing words.
"""

import datetime
import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from index import bylines, forms
from index.dates import issue_date
from index.ids import stable_id
from index.types import Article, DateSource, Excerpt, Page, Span, join

MAX_TOP_LINE_CHARS = 80

_WHITE = re.compile(r"[ \t\n\r\f]+")
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_BLANK = re.compile(r"\s")
_DATE = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)(?:(?P<m>[01]\d)(?P<d>[0-3]\d)"
    r"|\s?[年./-]\s?(?P<m1>\d{1,2})\s?[月./-]\s?(?P<d1>\d{1,2})\s?日?)(?!\d)"
)
_DATE_LINE = re.compile(
    r"(?:[^\s\d。，]{2,6}[:：])?\s*"
    + _DATE.pattern
    + r"[T\s]*(?:\d{1,2}[:：]\d\d(?:[:：]\d\d)?)?\s*(?:星期.|周.)?[\s|｜·/]*"
    r"(?P<credit>(?:[(（【]?(?:来源|來源|稿源|作者|记者|記者|通讯员|编辑|編輯|责编)\s*[:：].*)?)"
)
_OPINION = re.compile(r"^(?:社论|社論|评论|評論|时评|短评|快评)(?:[:：|｜丨\s]|$)")


@dataclass(slots=True)
class Draft:
    """An article while its file is read.

    ``marked`` are the headline, decks and byline where they stand in the file. ``paragraphs``
    are those of the body in order, each with whether it is a section head.
    """

    headline: str = ""
    kicker: str = ""
    byline: str = ""
    date: str | None = None
    decks: list[str] = field(default_factory=list)
    marked: list[Excerpt] = field(default_factory=list)
    paragraphs: list[tuple[Excerpt, bool]] = field(default_factory=list)

    def head(self, headline: Excerpt) -> None:
        """Set the headline to what stands in the file."""
        self.headline = plain(headline.text)
        self.marked.append(headline)

    def sign(self, byline: Excerpt) -> None:
        """Add what stands in the file to the byline."""
        self.byline = f"{self.byline} {plain(byline.text)}".strip()
        self.marked.append(byline)

    def add(self, paragraph: Excerpt, is_section: bool = False) -> None:
        """Add a paragraph; lines under the headline go where :meth:`take_top_line` puts them."""
        if paragraph and (is_section or not self.take_top_line(paragraph)):
            self.paragraphs.append((paragraph, is_section))

    def take_top_line(self, line: Excerpt) -> bool:
        """Return whether ``line`` is a deck, date or byline under the headline, and keep it."""
        text = line.text
        if self.paragraphs or not self.headline or not 0 < len(text) <= MAX_TOP_LINE_CHARS:
            return False
        if bylines.is_byline(text) or bylines.is_source(text):
            self.sign(line)
        elif forms.is_deck(text) and not forms.stops(text):
            self.decks.append(plain(text))
            self.marked.append(line)
        elif dated := _DATE_LINE.fullmatch(text):
            self.date = self.date or date_in(text)
            self.byline = f"{self.byline} {plain(dated['credit'])}".strip()
            self.marked.append(line)
        else:
            return False
        return True


def articles_from(page: Page, drafts: Iterable[Draft]) -> list[Article]:
    """Return the articles of ``drafts`` in order; one without a paragraph is none."""
    openings: Counter[str] = Counter()
    named, source = issue_date((), page.file, ())
    return [
        _article(page, draft, openings, named, source)
        for draft in drafts
        if any(not is_section for _, is_section in draft.paragraphs)
    ]


def _article(
    page: Page,
    draft: Draft,
    openings: Counter[str],
    file_date: str | None,
    file_source: DateSource | None,
) -> Article:
    pieces: list[Excerpt] = []
    for paragraph, _ in draft.paragraphs:
        if pieces:
            pieces.append(_break_between(page, pieces[-1], paragraph))
        pieces.append(paragraph)
    body = join(pieces)
    sections = [plain(paragraph.text) for paragraph, is_section in draft.paragraphs if is_section]
    owned = [excerpt for excerpt in (*draft.marked, body) if excerpt]
    owned.sort(key=lambda excerpt: excerpt.spans[0].start)
    return Article(
        id=stable_id(page.file, body.text, openings),
        file=page.file,
        headline=draft.headline,
        subheads=(*draft.decks, *sections),
        kicker=draft.kicker,
        byline=draft.byline,
        date=draft.date or file_date,
        genre=_genre(draft),
        complete=True,
        body=body,
        spans=join(owned).spans,
        date_source="front matter" if draft.date else file_source,
    )


def _break_between(page: Page, before: Excerpt, after: Excerpt) -> Excerpt:
    """Return what parts two paragraphs: the first line break received between them.

    Where there is none, the first other white space does, be it within a tag; else nothing.
    """
    gap = before.spans[-1].end, after.spans[0].start
    found = _LINE_BREAK.search(page.text, *gap) or _BLANK.search(page.text, *gap)
    return excerpt_of(page, [found.span()] if found else [])


def _genre(draft: Draft) -> str:
    heads = (draft.kicker, draft.headline, *draft.decks)
    if "评论员" in draft.byline or any(map(_OPINION.match, heads)):
        return "comment"
    if "专访" in draft.headline or any(d.lstrip("—―─- ").startswith("访") for d in draft.decks):
        return "interview"
    return "news"


def date_in(text: str) -> str | None:
    """Return the first date of ``text`` as YYYY-MM-DD; ``None`` where there is none."""
    for match in _DATE.finditer(text):
        digits = (part for part in match.groups() if part)
        try:
            return datetime.date(*map(int, digits)).isoformat()
        except ValueError:
            continue
    return None


def plain(text: str) -> str:
    """Return ``text`` to be shown: character references undone, white space runs as a blank."""
    return " ".join(paired(html.unescape(text)).split())


def paired(text: str) -> str:
    """Return ``text`` with each surrogate pair as its character, and half of one as U+FFFD.

    JSON and YAML have escapes for halves, which programs leave that cut a headline off within
    a character; they cannot be written in UTF-8.
    """
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def excerpt_of(page: Page, places: Iterable[tuple[int, int]]) -> Excerpt:
    """Return the words of ``page`` at ``places``, in their order; places that touch are one."""
    return join(
        Excerpt(page.text[start:end], (Span(page.file, start, end),))
        for start, end in places
        if start < end
    )


def found_in(page: Page, text: str, start: int, end: int) -> Excerpt:
    """Return where ``text`` stands between ``start`` and ``end``; empty when it does not."""
    at = page.text.find(text, start, end) if text else -1
    return excerpt_of(page, [(at, at + len(text))] if at >= 0 else [])


def flowing(page: Page, places: Sequence[tuple[int, int]]) -> Excerpt:
    """Return the words at ``places`` as they are set, without white space at either end.

    A run of white space counts as one blank: its first blank is kept, or else its line break.
    A line of source that ends or starts with a Chinese character or mark leaves nothing; one
    that is indented by a full-width blank starts a paragraph, so its line break is kept.
    """
    kept: list[tuple[int, int]] = []
    white: re.Match[str] | None = None
    for start, end in places:
        at = start
        for run in (*_WHITE.finditer(page.text, start, end), None):
            stop = run.start() if run else end
            if at < stop:
                if white and kept:
                    kept.append(_kept_white(page.text, white, kept[-1][1] - 1, at))
                white = None
                kept.append((at, stop))
            if run:
                white, at = white if white and _LINE_BREAK.search(white[0]) else run, run.end()
    return excerpt_of(page, kept).strip()


def _kept_white(text: str, white: re.Match[str], before: int, after: int) -> tuple[int, int]:
    """Return what is kept of a run of white space between two characters of ``text``."""
    line_break = _LINE_BREAK.search(white[0])
    if line_break is None:
        return white.start(), white.start() + 1
    broken = white.start() + line_break.start(), white.start() + line_break.end()
    if text[after] == "\u3000":
        return broken
    widths = {unicodedata.east_asian_width(text[before]), unicodedata.east_asian_width(text[after])}
    if widths & {"W", "F"} or widths == {"A"}:
        return white.start(), white.start()
    blank = white[0].find(" ")
    return broken if blank < 0 else (white.start() + blank, white.start() + blank + 1)
