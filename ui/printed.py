"""The received page as HTML, line by line: whose each line is, and where pieces were joined."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from index.lines import Line, lines_of
from index.types import DOUBTFUL, Article, Page
from ui.links import article_path
from ui.render import inert, title_html
from ui.setting import squashed
from ui.strings import Strings

MAX_WHOLE_PAGE_CHARS = 60_000  # a longer file is shown around the lines of the article
LINES_AROUND = 20
MAX_OTHER_CHARS = 600  # of a line that is not the article's

Place = tuple[str, int]  # a file, and an offset in its text


@dataclass(frozen=True, slots=True)
class Owned:
    """The places of a file that belong to articles, in its order; they do not overlap."""

    starts: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    articles: tuple[Article, ...] = ()

    def within(self, start: int, end: int) -> Iterator[tuple[int, int, Article | None]]:
        """Yield the parts of ``start`` to ``end`` in order, each with its article or ``None``."""
        at = max(bisect_right(self.starts, start) - 1, 0)
        while start < end:
            while at < len(self.starts) and self.ends[at] <= start:
                at += 1
            if at == len(self.starts) or self.starts[at] >= end:
                yield start, end, None
                return
            if self.starts[at] > start:
                yield start, self.starts[at], None
                start = self.starts[at]
            last = min(self.ends[at], end)
            yield start, last, self.articles[at]
            start = last


def owned_by(articles: Sequence[Article], file: str) -> Owned:
    """Return which places of ``file`` belong to which of ``articles``."""
    found = sorted(
        {
            (span.start, span.end, article.id): article
            for article in articles
            for span in (*article.spans, *article.body.spans)
            if span.file == file
        }.items(),
        key=lambda each: each[0],
    )
    starts, ends, owners = [], [], []
    reached = 0
    for (start, end, _), article in found:
        start = max(start, reached)
        if start < end:
            starts.append(start)
            ends.append(end)
            owners.append(article)
            reached = end
    return Owned(tuple(starts), tuple(ends), tuple(owners))


@dataclass(frozen=True, slots=True)
class _Marks:
    """What is told at a line of a file: what it carries on, and what carries it on."""

    before: dict[tuple[str, int], str] = field(default_factory=dict)
    behind: dict[tuple[str, int], str] = field(default_factory=dict)


def printed_html(
    article: Article, pages: Mapping[str, Page], owned: Mapping[str, Owned], strings: Strings
) -> str:
    """Return the text of the files of ``article`` as received, its lines among the others.

    ``owned`` tells of each of its files whose words they are. A file that is longer than
    ``MAX_WHOLE_PAGE_CHARS`` is shown in parts, with the count of the lines left out.
    """
    lines = {file: lines_of(pages[file]) for file in article.files}
    marks = _marks(article, lines, strings)
    legend = "".join(
        f'<span class="{name}">{inert(label)}</span>'
        for name, label in (
            ("own", strings.lines_own),
            ("others", strings.lines_of_others),
            ("furniture", strings.lines_of_page),
        )
    )
    sheets = "".join(
        f'<section class="sheet" data-file="{inert(file)}">'
        f'<h2 class="sheet-file" lang="{strings.html_lang}"><bdi>{inert(file)}</bdi></h2>'
        f"{''.join(_sheet(article, pages[file], lines[file], owned[file], marks, strings))}"
        "</section>"
        for file in article.files
    )
    return (
        f'<div class="printed"><p class="legend" lang="{strings.html_lang}">{legend}</p>'
        f"{sheets}</div>"
    )


def _sheet(
    article: Article,
    page: Page,
    lines: Sequence[Line],
    owned: Owned,
    marks: _Marks,
    strings: Strings,
) -> Iterator[str]:
    rows = []
    kicker = squashed(article.kicker)
    for line in lines:
        (span,) = line.excerpt.spans
        parts = list(owned.within(span.start, span.end))
        mine = any(owner is not None and owner.id == article.id for *_, owner in parts)
        if not mine and all(owner is None for *_, owner in parts):
            mine = bool(kicker) and squashed(line.text) in kicker
        rows.append((line, parts, mine))
    shown = _shown([mine for *_, mine in rows], len(page.text) <= MAX_WHOLE_PAGE_CHARS)
    left_out = 0
    block = rows[0][0].block if rows else 0
    before: str | None = article.id
    for (line, parts, mine), seen in zip(rows, shown, strict=True):
        if not seen:
            left_out += 1
            continue
        if left_out:
            yield _note(strings.lines_left_out_of.format(count=left_out), strings)
            left_out = 0
        owner = next((owner for *_, owner in parts if owner is not None), None)
        other = owner if not mine and owner is not None else None
        name = "own" if mine else "others" if other else "furniture"
        if other is not None and other.id != before:
            yield _whose(other, strings)
        before = other.id if other is not None else article.id if mine else None
        gap = " gap" if line.block != block else ""
        block = line.block
        place = (page.file, line.number)
        yield (
            f'<p class="line {name}{gap}"><span class="no" aria-hidden="true">{line.number}</span>'
            f"{marks.before.get(place, '')}{_words(page, parts, article, mine)}"
            f"{marks.behind.get(place, '')}</p>"
        )
    if left_out:
        yield _note(strings.lines_left_out_of.format(count=left_out), strings)


def _shown(mine: Sequence[bool], whole: bool) -> list[bool]:
    """Return which lines are shown: all, or those near to the article's."""
    if whole:
        return [True] * len(mine)
    shown = [False] * len(mine)
    for at, own in enumerate(mine):
        if own:
            first, last = max(0, at - LINES_AROUND), min(len(mine), at + LINES_AROUND + 1)
            shown[first:last] = [True] * (last - first)
    return shown


def _words(
    page: Page, parts: Sequence[tuple[int, int, Article | None]], article: Article, mine: bool
) -> str:
    if not mine:
        start, end = parts[0][0], parts[-1][1]
        cut = min(end, start + MAX_OTHER_CHARS)
        return inert(page.text[start:cut]) + ("…" if cut < end else "")
    shown = []
    for start, end, owner in parts:
        strange = owner is not None and owner.id != article.id
        name = ' class="others"' if strange else ""
        shown.append(f'<span{name} data-at="{start}-{end}">{inert(page.text[start:end])}</span>')
    return "".join(shown)


def _whose(article: Article, strings: Strings) -> str:
    return (
        f'<p class="whose" lang="{strings.html_lang}">{inert(strings.lines_of_others)} · '
        f'<a href="{article_path(article)}"><bdi>{title_html(article, strings)}</bdi></a></p>'
    )


def _note(text: str, strings: Strings) -> str:
    return f'<p class="note" lang="{strings.html_lang}">{inert(text)}</p>'


# The joins


def _marks(article: Article, lines: Mapping[str, Sequence[Line]], strings: Strings) -> _Marks:
    marks = _Marks()
    for joint in article.joins:
        first = _line_at(_last_place(article, joint.at), lines)
        second = _line_at(_place(article, joint.at), lines)
        if first is None or second is None:
            continue
        unsure = strings.join_unsure if joint.confidence < DOUBTFUL else ""
        marks.before[second] = _mark(strings.join_from, first, second[0], unsure, strings)
        marks.behind[first] = _mark(strings.join_to, second, first[0], unsure, strings)
    return marks


def _mark(template: str, line: tuple[str, int], file: str, unsure: str, strings: Strings) -> str:
    there = "" if line[0] == file else f"{line[0]} "
    text = template.format(file=there, line=line[1]) + unsure
    return f'<span class="join" lang="{strings.html_lang}"><bdi>{inert(text)}</bdi></span>'


def _place(article: Article, at: int) -> Place | None:
    """Return where the words of the body from ``at`` on stand, white space passed over."""
    words = article.body.text[at:]
    at += len(words) - len(words.lstrip())
    found = article.body.slice(at, at + 1).spans
    return (found[0].file, found[0].start) if found else None


def _last_place(article: Article, at: int) -> Place | None:
    end = len(article.body.text[:at].rstrip())
    found = article.body.slice(end - 1, end).spans if end else ()
    return (found[0].file, found[0].start) if found else None


def _line_at(place: Place | None, lines: Mapping[str, Sequence[Line]]) -> tuple[str, int] | None:
    """Return the file and the number of the line that holds ``place``."""
    if place is None or place[0] not in lines:
        return None
    found = lines[place[0]]
    at = bisect_right([line.excerpt.spans[0].start for line in found], place[1]) - 1
    return (place[0], found[at].number) if at >= 0 else None
