"""An article on a page of its own, for sharing: set, as printed, or word by word.

::

    /article/<id>                the page; ?view=printed and ?view=words need no script
    /article/<id>/printed        the received page around it, as a fragment of HTML
    /article/<id>/glossed        its text with the gloss of each word, as a fragment

The words to mark stand in the fragment of the address (``ui/links.py``), which only the
browser sees: ``ui/reader.js`` marks them. Where an address leads to no article, or to one
that does not hold these words, the script asks again with ``&at=<start>``, and whatever
article holds the place now is shown.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from threading import Lock
from typing import TYPE_CHECKING, Any

from index.index import Index
from index.types import Article
from rag.names import Names
from rag.wording import Frame, genre_told
from ui.links import article_path, share_link
from ui.live import Live
from ui.pages import language_of, page
from ui.printed import Owned, owned_by, printed_html
from ui.render import article_title, headline_html, inert, title_html, tools_html
from ui.setting import body_html, glossed_html, head_html, squashed
from ui.strings import STRINGS, Strings, frame_in

if TYPE_CHECKING:
    from fastapi import APIRouter
    from starlette.requests import Request

MAX_KEPT = 64  # fragments of one generation
PARTS = {"printed": "printed", "words": "glossed"}  # the view of a page: its fragment
MAX_LISTED = 100  # articles of a file whose wanted article is gone
FRAGMENT_HEADERS = {"cache-control": "no-cache", "x-robots-tag": "noindex"}


@dataclass
class Shelf:
    """The articles of one generation in the order of its pages, and what was drawn of them.

    ``order`` is that of reading: issue by issue, file by file. ``by_file`` has an article
    that lies in several files under each. Threads may share it.
    """

    index: Index
    order: Mapping[str, tuple[Article | None, Article | None]]
    by_file: Mapping[str, Sequence[Article]]
    _owned: dict[str, Owned] = field(default_factory=dict)
    _kept: dict[tuple[str, str, Frame], str] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def owned(self, file: str) -> Owned:
        """Return whose the words of ``file`` are."""
        if file not in self._owned:
            self._owned[file] = owned_by(self.by_file.get(file, ()), file)
        return self._owned[file]

    def kept(self, part: str, article: Article, frame: Frame, draw: Callable[[], str]) -> str:
        """Return the ``part`` of ``article``, drawn once while it is among the last asked for."""
        key = (part, article.id, frame)
        with self._lock:
            kept = self._kept.pop(key, None)
        html = draw() if kept is None else kept
        with self._lock:
            self._kept[key] = html
            while len(self._kept) > MAX_KEPT:
                del self._kept[next(iter(self._kept))]
        return html


def shelf_of(index: Index) -> Shelf:
    """Return the shelf of ``index``."""
    by_file: dict[str, list[Article]] = {}
    for article in index.articles.values():
        for file in article.files:
            by_file.setdefault(file, []).append(article)
    for file, found in by_file.items():
        found.sort(key=lambda article: _start(article, file))
    issues: dict[str, dict[str, Article]] = {}
    for file in index.pages:
        for article in by_file.get(file, ()):
            if article.file == file:  # once, where it begins
                issues.setdefault(article.date or f"/{file}", {})[article.id] = article
    order: dict[str, tuple[Article | None, Article | None]] = {}
    for issue in issues.values():
        row: list[Article | None] = [None, *issue.values(), None]
        for (before, this), (_, after) in pairwise(pairwise(row)):
            if this is not None:
                order[this.id] = before, after
    return Shelf(index, order, by_file)


def _start(article: Article, file: str) -> int:
    spans = (*article.spans, *article.body.spans)
    return min((span.start for span in spans if span.file == file), default=0)


def find(shelf: Shelf, id_: str, file: str = "", at: int | None = None) -> Article | None:
    """Return the article that a link means, by its id or by what it says of its words.

    ``at`` is a place in ``file``: an article that holds it comes before the one of the id.
    The id may also be that of a half whose other half was found meanwhile.
    """
    index = shelf.index
    named = index.articles.get(id_)
    if at is not None:
        holding = [each for each in shelf.by_file.get(file, ()) if _holds(each, file, at)]
        if holding and named not in holding:
            return holding[0]
    return named or _whole_of(id_, shelf)


def _holds(article: Article, file: str, at: int) -> bool:
    spans = (*article.spans, *article.body.spans)
    return any(span.file == file and span.start <= at < span.end for span in spans)


def _whole_of(id_: str, shelf: Shelf) -> Article | None:
    """Return the article that the half called ``id_`` became a part of."""
    for file, halves in shelf.index.unlinked.items():
        for half in halves:
            if half.id == id_:
                places = set(half.spans)
                wholes = shelf.by_file.get(file, ())
                return next((each for each in wholes if places <= set(each.spans)), None)
    return None


# The page


def article_html(
    article: Article,
    shelf: Shelf,
    strings: Strings,
    body: str,
    view: str = "",
    file: str = "",
    notice: str = "",
) -> str:
    """Return ``article`` with its head, the tools of the reader, ``body`` and its neighbours.

    ``file`` is the one that a link to words of it leaves unnamed; ``notice`` is said first.
    """
    pages = shelf.index.pages
    inside = [squashed(line) for line in article.body.text.splitlines()]
    decks = [each for each in article.subheads if squashed(each) not in inside]
    heads = [
        head_html("p", "kicker", article.kicker, article, pages),
        head_html("h1", "headline", article.headline, article, pages)
        or f'<h1 class="headline">{headline_html("", strings)}</h1>',
        *(head_html("p", "subhead", deck, article, pages) for deck in decks),
        head_html("p", "byline", article.byline, article, pages),
    ]
    told = ""
    if notice:
        told = f'<p class="incomplete" role="status" lang="{strings.html_lang}">{inert(notice)}</p>'
    shown = f'<div class="body">{body}</div>'
    if view:
        shown = f'<div class="view">{body}</div>'
    given = file if file in article.files else article.file
    tools = tools_html(article, None, strings, view, alone=True)
    return (
        f'<article class="source whole" lang="zh" data-file="{inert(article.file)}" '
        f'data-given="{inert(given)}">{told}<header>{"".join(heads)}'
        f"{facts_html(article, strings)}</header>{tools}"
        f"{shown}</article>{_neighbours(article, shelf, strings)}"
    )


def facts_html(article: Article, strings: Strings) -> str:
    """Return the line of what is known of ``article``, and what is to be known of its text."""
    facts = [article.date or "", genre_told(article.genre, frame_in(strings)), *article.files]
    line = " · ".join(f"<bdi>{inert(each)}</bdi>" for each in facts if each)
    rows = [f'<p class="place" lang="{strings.html_lang}">{line}</p>']
    if article.joins:
        put = strings.joins_of.format(count=len(article.joins))
        rows.append(f'<p class="place" lang="{strings.html_lang}">{inert(put)}</p>')
    if not article.complete:
        rows.append(
            f'<p class="incomplete" lang="{strings.html_lang}">{inert(strings.incomplete)}</p>'
        )
    return "".join(rows)


def _neighbours(article: Article, shelf: Shelf, strings: Strings) -> str:
    before, after = shelf.order.get(article.id, (None, None))
    links = "".join(
        f'<a class="{name}" rel="{name}" href="{inert(article_path(each))}">'
        f'<span class="which">{inert(label)}</span> '
        f"<bdi>{title_html(each, strings)}</bdi></a>"
        for name, label, each in (
            ("prev", strings.previous_article, before),
            ("next", strings.next_article, after),
        )
        if each is not None
    )
    if not links:
        return ""
    label = inert(strings.neighbours)
    return f'<nav class="neighbours" lang="{strings.html_lang}" aria-label="{label}">{links}</nav>'


def gone_html(shelf: Shelf, file: str, strings: Strings, at: int | None) -> str:
    """Return what is said where there is no article: why, the articles of the file, the way back.

    The script asks again by the place in the file, once: ``at`` is then given.
    """
    listed: Iterable[Article] = shelf.by_file.get(file, ())[:MAX_LISTED]
    rows = "".join(
        f'<li><a href="{inert(share_link(each))}"><bdi>{title_html(each, strings)}</bdi></a></li>'
        for each in listed
    )
    here = f"<h2>{inert(strings.gone_of_file)}</h2><ul>{rows}</ul>" if rows else ""
    ask = f' data-gone="{inert(file)}"' if rows and at is None else ""
    return (
        f'<div class="source gone" lang="{strings.html_lang}"{ask}>'
        f'<h1 class="headline">{inert(strings.gone)}</h1><p>{inert(strings.gone_detail)}</p>'
        f'{here}<p><a href="./">{inert(strings.to_the_chat)}</a></p></div>'
    )


# The routes


def routes(live: Live) -> "APIRouter":
    """Return the routes of the articles of ``live``."""
    from fastapi import APIRouter, Request
    from fastapi.responses import HTMLResponse

    router = APIRouter(include_in_schema=False)
    latest: list[Shelf] = []

    def shelf() -> tuple[Shelf, Names]:
        answerer = live.answerer
        index = answerer.index
        if not latest or latest[0].index is not index:
            latest[:] = [shelf_of(index)]
        found = latest[0] if latest[0].index is index else shelf_of(index)
        return found, answerer.retriever.analyst.names

    def part(name: str, article: Article, frame: Frame, known: Shelf, names: Names) -> str:
        strings = STRINGS[frame]
        draw: Mapping[str, Callable[[], str]] = {
            "": lambda: body_html(article, strings),
            "printed": lambda: printed_html(
                article, known.index.pages, {f: known.owned(f) for f in article.files}, strings
            ),
            "glossed": lambda: glossed_html(article, strings, names),
        }
        return known.kept(name, article, frame, draw[name])

    @router.get("/article/{id_}", response_class=HTMLResponse)
    def whole(request: Request, id_: str) -> HTMLResponse:
        known, names = shelf()
        frame = language_of(request)
        strings = STRINGS[frame]
        file, at = request.query_params.get("file", ""), _offset(request)
        article = find(known, id_, file, at)
        if article is None:
            html = gone_html(known, file, strings, at)
            return page(request, strings.gone, f'<div class="reading">{html}</div>', 404)
        view = request.query_params.get("view", "")
        view = view if view in PARTS else ""
        notice = strings.moved if article.id != id_ else ""
        if not notice and at is not None and not _holds(article, file, at):
            notice = strings.words_gone
        body = part(PARTS.get(view, ""), article, frame, known, names)
        html = article_html(article, known, strings, body, view, file, notice)
        title = article_title(article, strings)
        return page(request, title, f'<div class="reading">{html}</div>')

    def fragment(request: Request, id_: str, name: str) -> HTMLResponse:
        known, names = shelf()
        frame = language_of(request)
        article = find(known, id_)
        if article is None:
            gone = f'<p class="note">{inert(STRINGS[frame].gone)}</p>'
            return HTMLResponse(gone, 404, headers=FRAGMENT_HEADERS)
        html = part(name, article, frame, known, names)
        return HTMLResponse(html, headers=FRAGMENT_HEADERS)

    @router.get("/article/{id_}/printed", response_class=HTMLResponse)
    def printed(request: Request, id_: str) -> HTMLResponse:
        return fragment(request, id_, "printed")

    @router.get("/article/{id_}/glossed", response_class=HTMLResponse)
    def glossed(request: Request, id_: str) -> HTMLResponse:
        return fragment(request, id_, "glossed")

    return router


def _offset(request: "Request") -> int | None:
    """Return the place that a request asks for; ``None`` where it is no number."""
    at: Any = request.query_params.get("at", "")
    return int(at) if at.isascii() and at.isdigit() and len(at) < 12 else None
