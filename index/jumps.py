"""Articles that jump from one page file to another, put together.

A paper breaks an article off on one page （下转第二版） and takes it up on another （上接第一版）.
Where the pages are files of their own, each half is read by itself; here they come together
(``halves.py`` tells which), across all files of an issue.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from index import forms
from index.halves import Half, matches
from index.page_numbers import PageNumber, number_meant
from index.text import to_simplified
from index.types import Article, Excerpt, Join, Page, Span, join

MAX_LINES_ABOVE = 6  # so far above the text its jump line may stand
CHARS_THAT_MEET = 40

_TO = r"(?P<to>[^。，（(\n]{1,16}?)"
_OUT = re.compile(rf"(?:^|[（(【\[〔▶►→]\s*)(?:全文)?(?:下[转轉]|[转轉]第){_TO}[）)】\]〕]?\s*$")
_IN = re.compile(rf"^\s*[（(【\[〔◀◄←▲▶]?\s*{forms.TAKEN_UP}{_TO}(?:[）)】\]〕]\s*|\s*$)")
_LINE = re.compile(r"[^\r\n]+")
_LINE_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class _Part:
    """An article of one file: where its running text lies in its body, between jumps.

    ``text[start:stop]`` is the running text; what comes from ``rest`` on stands below the
    jump: captions. ``back`` and ``on`` are the pages that its jumps name.
    """

    article: Article
    start: int
    stop: int
    rest: int
    back: PageNumber | None
    on: PageNumber | None

    @property
    def words(self) -> Excerpt:
        """The running text."""
        return self.article.body.slice(self.start, self.stop)


def linked(articles: Sequence[Article], pages: Mapping[str, Page]) -> list[Article]:
    """Return ``articles`` with the halves of each that jumps between files put together.

    The whole stands where its first half stood and keeps its id; the second half is gone.
    ``articles`` are those of all files, each file read by itself. A jump within a file is the
    business of the reassembly.
    """
    parts = {
        number: _part(article, pages[article.file])
        for number, article in enumerate(articles)
        if not article.complete and (article.broken_off or article.taken_up)
    }
    firsts = [
        Half(number, part.article, part.words.text[-CHARS_THAT_MEET:], part.on)
        for number, part in parts.items()
        if part.article.broken_off
    ]
    seconds = [
        Half(number, part.article, part.words.text[:CHARS_THAT_MEET], part.back)
        for number, part in parts.items()
        if part.article.taken_up
    ]
    following = {match.first: match for match in matches(articles, firsts, seconds, pages)}
    taken = {match.second for match in following.values()}
    found: list[Article] = []
    for number, article in enumerate(articles):
        if number in taken:
            continue
        if number not in following:
            found.append(article)
            continue
        chain, confidences = [parts[number]], []
        while number in following:
            confidences.append(following[number].confidence)
            number = following[number].second
            chain.append(parts[number])
        found.append(_together(chain, confidences, pages))
    return found


def _part(article: Article, page: Page) -> _Part:
    """Return where the text of an article breaks off and is taken up."""
    text = article.body.text
    start, back = _opening(article, page) if article.taken_up else (0, None)
    stop, rest, on = len(text.rstrip()), len(text), None
    if article.broken_off:
        stop, rest, on = _ending(article, page) or (stop, rest, on)
    start = min(start, stop)
    return _Part(article, start, stop, rest, back, on)


def _opening(article: Article, page: Page) -> tuple[int, PageNumber | None]:
    """Return where the text starts behind its jump mark, and the page that this names."""
    match = _IN.match(article.body.text.split("\n", 1)[0])
    if match and _names_a_page(match):
        text = article.body.text
        start = match.end() + len(text[match.end() :]) - len(text[match.end() :].lstrip())
        return start, number_meant(match["to"])
    above = page.text[: article.body.spans[0].start].splitlines() if article.body.spans else []
    lines = [line for line in above[-4 * MAX_LINES_ABOVE :] if line.strip()]
    for line in reversed(lines[-MAX_LINES_ABOVE:]):
        match = _IN.fullmatch(line)
        if match and _names_a_page(match):
            return 0, number_meant(match["to"])
    return 0, None


def _ending(article: Article, page: Page) -> tuple[int, int, PageNumber | None] | None:
    """Return where the text stops before its jump mark, what follows that, and the page named.

    ``None`` when the mark is not found at a line of the body or right below it.
    """
    text = article.body.text
    for line in reversed(list(_LINE.finditer(text))):
        match = _OUT.search(line[0])
        if match and _names_a_page(match):
            stop = len(text[: line.start() + match.start()].rstrip())
            return stop, line.end(), number_meant(match["to"])
        last = article.body.slice(line.end() - 1, line.end()).spans[-1]
        below = _LINE.search(page.text[last.end : last.end + 400].lstrip())
        match = _OUT.search(below[0].strip()) if below else None
        if match and _names_a_page(match):
            return line.end(), line.end(), number_meant(match["to"])
    return None


def _names_a_page(match: re.Match[str]) -> bool:
    words = match["to"].rstrip()
    return number_meant(words) is not None or words.endswith(("版", "页", "頁"))


def _together(
    parts: Sequence[_Part], confidences: Sequence[float], pages: Mapping[str, Page]
) -> Article:
    """Return the article whose halves are ``parts``; a half between two jumps is one, too."""
    pieces: list[Excerpt] = []
    joins: list[Join] = []
    length = 0
    for number, part in enumerate(parts):
        if number:
            before = parts[number - 1]
            if not _goes_on(before, part):
                pieces.append(_break_after(before, pages))
                length += len(pieces[-1].text)
            joins.append(Join(length, confidences[number - 1]))
        joins.extend(_joins_within(part, part.start, part.stop, length))
        pieces.append(part.words)
        length += len(part.words.text)
    for part in parts:
        end = len(part.article.body.text)
        rest = part.article.body.slice(part.rest, end).strip()
        if rest:
            start = part.rest + part.article.body.text[part.rest :].index(rest.text)
            pieces += [_break_after(part, pages), rest]
            length += len(pieces[-2].text)
            joins.extend(_joins_within(part, start, end, length))
            length += len(rest.text)
    articles = [part.article for part in parts]
    first, last = articles[0], articles[-1]
    dated = next((article for article in articles if article.date), first)
    return replace(
        first,
        headline=next((each.headline for each in articles if each.headline), ""),
        subheads=tuple(dict.fromkeys(head for each in articles for head in each.subheads)),
        kicker=next((each.kicker for each in articles if each.kicker), ""),
        byline=next((each.byline for each in articles if each.byline), ""),
        date=dated.date,
        date_source=dated.date_source,
        complete=not (first.taken_up or last.broken_off),
        body=join(pieces),
        spans=tuple(span for article in articles for span in article.spans),
        joins=tuple(joins),
        broken_off=last.broken_off,
    )


def _joins_within(part: _Part, start: int, end: int, offset: int) -> list[Join]:
    """Return the joins between two places of a body that now starts at ``offset``."""
    return [
        Join(each.at - start + offset, each.confidence)
        for each in part.article.joins
        if start < each.at < end
    ]


def _goes_on(before: _Part, after: _Part) -> bool:
    """Return whether the second half carries on the paragraph that the first stops in."""
    tail, head = to_simplified(before.words.text), to_simplified(after.words.text)
    if not tail or not head or forms.is_finished(tail):
        return False
    opening = head.splitlines()[0]
    heads_a_section = opening in map(to_simplified, after.article.subheads)
    return not (heads_a_section or forms.has_dateline(opening) or forms.is_ornamented(opening))


def _break_after(part: _Part, pages: Mapping[str, Page]) -> Excerpt:
    """Return the line break received after the running text of ``part``, or else another."""
    last = part.words.spans[-1] if part.words else part.article.spans[-1]
    page = pages[last.file]
    found = _LINE_BREAK.search(page.text, last.end) or _LINE_BREAK.search(page.text)
    if found is None:
        return Excerpt("", ())
    return Excerpt(found[0], (Span(page.file, *found.span()),))
