"""The corpus pages: every issue and article, searched and narrowed, and what is doubtful of them.

Plain HTML that needs no script: a form that asks with GET, links, and no more articles on a
page than :data:`MAX_SHOWN`. Addresses are relative to the root of the app.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from index.forms import dateline_end
from index.lines import lines_of
from index.reading import Doubt
from index.types import Article, CorpusError
from rag.briefing import Item, main_articles
from rag.catalogue import MAX_QUERY_CHARS, Catalogue
from rag.filters import Facets, Filters, bare, filters_from
from rag.wording import Frame, genre_told
from ui.corpus_checks import SelfTests, article_link, bench_html, health_html
from ui.corpus_strings import CORPUS_STRINGS, CorpusStrings, day_in, doubt_in
from ui.facets import MAX_CHOICES
from ui.pages import language_of, language_query, page
from ui.render import inert
from ui.schema import NARROWED_BY
from ui.strings import STRINGS

if TYPE_CHECKING:
    from fastapi import APIRouter

    from rag.answering import Answerer
    from ui.live import Live

MAX_SHOWN = 50  # articles, or doubts, on a page
MAX_CLOSE_FILES = 300  # that can be looked at line by line from the page of doubts
OPENING_CHARS = 88
UNDATED = "undated"  # in an address


class Shelf:
    """Holds the catalogue of the answerer that is asked; another answerer has another."""

    def __init__(self) -> None:
        self._held: tuple[Answerer, Catalogue] | None = None

    def catalogue(self, answerer: "Answerer") -> Catalogue:
        """Return the catalogue of the index of ``answerer``."""
        held = self._held
        if held is None or held[0] is not answerer:
            held = (answerer, Catalogue(answerer.index, answerer.retriever.analyst.names))
            self._held = held
        return held[1]


def routes(live: "Live") -> "APIRouter":
    """Return the routes under ``/corpus``."""
    from fastapi import APIRouter
    from starlette.requests import Request
    from starlette.responses import RedirectResponse, Response

    router = APIRouter(include_in_schema=False)
    shelf, self_tests = Shelf(), SelfTests()

    def shown(request: Request, title: str, main: str, status: int = 200) -> Response:
        body = f'<div class="corpus"><h1>{inert(title)}</h1>{main}</div>'
        return page(request, title, body, status, ["corpus.css"])

    @router.get("/corpus")
    def overview(request: Request) -> Response:
        answerer = live.answerer
        frame = language_of(request)
        strings = CORPUS_STRINGS[frame]
        asked = _asked(request.query_params)
        try:
            _require_order(asked.get("since", ""), asked.get("until", ""), frame)
            filters = filters_from(**{name: asked.get(name) for name in NARROWED_BY})
        except CorpusError as error:
            main = f'<p class="wrong">{inert(str(error))}</p>'
            form = _form(asked, answerer.retriever.facets, frame, language_query(request))
            return shown(request, strings.wrong, form + main, 400)
        catalogue = shelf.catalogue(answerer)
        main = overview_html(
            answerer, catalogue, asked, filters, _place(request), frame, language_query(request)
        )
        return shown(request, strings.title, main)

    @router.get("/corpus/issue/{day}")
    def issue(request: Request, day: str) -> Response:
        frame = language_of(request)
        catalogue = shelf.catalogue(live.answerer)
        articles = catalogue.of_day("" if day == UNDATED else day)
        if not articles:
            return shown(request, CORPUS_STRINGS[frame].not_found, "", 404)
        title = day_in("" if day == UNDATED else day, frame)
        main = issue_html(catalogue, articles, day, _place(request), frame, language_query(request))
        return shown(request, title, main)

    @router.get("/corpus/doubts")
    def doubts(request: Request) -> Response:
        frame = language_of(request)
        strings = CORPUS_STRINGS[frame]
        catalogue = shelf.catalogue(live.answerer)
        file = request.query_params.get("file", "")
        if file in catalogue.index.pages:
            main = close_html(catalogue, file, frame)
        else:
            main = doubts_html(catalogue, _place(request), frame, language_query(request))
        return shown(request, strings.doubts, main)

    @router.get("/corpus/health")
    def health(request: Request) -> Response:
        frame = language_of(request)
        state = self_tests.state(live.answerer)
        main = health_html(state, frame, language_query(request))
        reply = shown(request, CORPUS_STRINGS[frame].health, main)
        if state.running:
            reply.headers["refresh"] = "2"
        return reply

    @router.post("/corpus/health")
    def start(request: Request) -> Response:
        self_tests.start(live.answerer)
        # The address of the page is relative, so that the app may stand behind a prefix.
        query = urlencode(language_query(request))
        return RedirectResponse(f"health{'?' if query else ''}{query}", 303)

    @router.get("/corpus/bench")
    def bench(request: Request) -> Response:
        frame = language_of(request)
        text = request.query_params.get("q", "")
        main = bench_html(live.answerer, text, frame, language_query(request))
        return shown(request, CORPUS_STRINGS[frame].bench, main)

    return router


# The pages


def overview_html(
    answerer: "Answerer",
    catalogue: Catalogue,
    asked: Mapping[str, str],
    filters: Filters,
    at: int,
    frame: Frame,
    language: Mapping[str, str],
) -> str:
    """Return the overview: the form, the main news of the latest issue, the articles, the counts.

    ``asked`` are the words and filters of the address, ``at`` is the page of the list, from 1.
    """
    strings = CORPUS_STRINGS[frame]
    found = catalogue.search(asked.get("q", ""), filters)
    shown, at, of = _slice(found.tolist(), at)
    articles = [catalogue.articles[place] for place in shown]
    parts = [_form(asked, answerer.retriever.facets, frame, language)]
    latest = next(iter(catalogue.days), "")
    if not asked and at == 1 and latest:
        parts.append(_briefing(catalogue, latest, strings.briefing_latest, frame, language))
    parts.append(f'<p class="count">{inert(strings.found_of.format(n=f"{len(found):,}"))}</p>')
    parts.extend(_issues(articles, catalogue, frame, language))
    if not articles:
        parts.append(f'<p class="none">{inert(strings.none)}</p>')
    parts.append(_pager("corpus", {**asked, **language}, at, of, strings))
    parts.append(_held(answerer, catalogue, frame))
    return "".join(parts)


def issue_html(
    catalogue: Catalogue,
    articles: Sequence[Article],
    day: str,
    at: int,
    frame: Frame,
    language: Mapping[str, str],
) -> str:
    """Return one issue: its main news, a printed sentence each, and all its articles."""
    strings = CORPUS_STRINGS[frame]
    shown, at, of = _slice(articles, at)
    parts = []
    if at == 1:
        date = "" if day == UNDATED else day
        parts.append(_briefing(catalogue, date, strings.briefing, frame, language, link=False))
    count = strings.articles_of.format(n=f"{len(articles):,}")
    parts.append(f'<h2>{inert(strings.whole_issue)} <span class="of">{inert(count)}</span></h2>')
    parts.extend(_files(shown, catalogue, frame))
    parts.append(_pager(f"corpus/issue/{quote(day)}", language, at, of, strings))
    return "".join(parts)


def doubts_html(catalogue: Catalogue, at: int, frame: Frame, language: Mapping[str, str]) -> str:
    """Return the articles that a person should look at, and the pages to look at closely."""
    strings = CORPUS_STRINGS[frame]
    doubtful = catalogue.doubtful
    shown, at, of = _slice(doubtful, at)
    parts = [f'<p class="intro">{inert(strings.doubts_intro)}</p>']
    parts.append(f'<p class="count">{inert(strings.found_of.format(n=f"{len(doubtful):,}"))}</p>')
    if not doubtful:
        parts.append(f'<p class="none">{inert(strings.doubts_none)}</p>')
    rows = []
    for article, reasons in shown:
        why = "；".join(strings.reasons[name] for name in reasons)
        why = why if frame != "en" else why.replace("；", "; ")
        href = f"corpus/doubts?{urlencode({'file': article.file, **language})}"
        rows.append(
            f"<li>{_link(article, strings)}"
            f'<p class="why">{inert(why)}</p><p class="meta"><span class="file">'
            f"{inert(article.file)}</span> "
            f'<a href="{inert(href)}">{inert(strings.doubts_close)}</a></p></li>'
        )
    parts.append(f'<ul class="doubtful">{"".join(rows)}</ul>')
    parts.append(_pager("corpus/doubts", language, at, of, strings))
    files = list(catalogue.index.pages)[:MAX_CLOSE_FILES]
    options = "".join(f'<option value="{inert(file)}">{inert(file)}</option>' for file in files)
    parts.append(
        f'<form class="close" action="corpus/doubts"><label>{inert(strings.doubts_closely)} '
        f'<select name="file">{options}</select></label>{_hidden(language)}'
        f"<button>{inert(strings.doubts_close)}</button></form>"
    )
    return "".join(parts)


def close_html(catalogue: Catalogue, file: str, frame: Frame) -> str:
    """Return the doubts of the reading of one page, line by line with the lines."""
    strings = CORPUS_STRINGS[frame]
    try:
        found = _close_doubts(catalogue, file)
    except CorpusError as error:
        return f'<p class="wrong">{inert(str(error))}</p>'
    words = {line.number: line.text for line in lines_of(catalogue.index.pages[file])}
    rows = []
    for doubt in found:
        article = catalogue.index.articles.get(doubt.article_id or "")
        share = round(100 * doubt.confidence)
        where = strings.doubt_of.format(line=doubt.line, share=share)
        printed = words.get(doubt.line, "")
        rows.append(
            f'<li><p class="why">{inert(doubt_in(doubt.message, frame))}</p>'
            f'<p class="printed" lang="zh">{inert(printed[:200])}</p>'
            f'<p class="meta">{inert(where)}</p>{_link(article, strings) if article else ""}</li>'
        )
    told = strings.doubts_close_of.format(file=file, n=len(found))
    none = "" if found else f'<p class="none">{inert(strings.doubts_close_none)}</p>'
    return f'<p class="count">{inert(told)}</p>{none}<ul class="doubtful">{"".join(rows)}</ul>'


def _close_doubts(catalogue: Catalogue, file: str) -> Sequence[Doubt]:
    from ui.readings import indexed, reading_of

    reading = reading_of(indexed(catalogue.index, file))
    return reading.doubts if reading else ()


# Their parts


def _form(
    asked: Mapping[str, str], facets: Facets, frame: Frame, language: Mapping[str, str]
) -> str:
    strings = CORPUS_STRINGS[frame]
    chosen = {name: asked.get(name, "") for name in NARROWED_BY}
    pages = dict(sorted(facets.pages.items(), key=lambda each: (len(each[0]), each[0])))
    genres = {name: genre_told(name, frame) for name in facets.genres}
    days = "".join(
        f'<label>{inert(label)} <input name="{name}" value="{inert(chosen[name])}" '
        'placeholder="2025-05-27" pattern="[0-9]{4}(-[0-9]{2}){0,2}" '
        'maxlength="10"></label>'
        for name, label in (("since", strings.since), ("until", strings.until))
    )
    selects = "".join(
        (
            _select("page", strings.page, pages, chosen["page"], strings),
            _select("genre", strings.genre, facets.genres, chosen["genre"], strings, genres),
            _select("series", strings.series, facets.series, chosen["series"], strings),
            _select("reporter", strings.reporter, facets.reporters, chosen["reporter"], strings),
            _select("file", strings.file, facets.files, chosen["file"], strings),
        )
    )
    open_ = " open" if any(chosen.values()) else ""
    query = f"?{urlencode(language)}" if language else ""
    clear = f'<a href="corpus{inert(query)}">{inert(strings.clear)}</a>' if asked else ""
    return (
        '<form class="find" action="corpus" role="search">'
        f'<div class="row"><input type="search" name="q" value="{inert(asked.get("q", ""))}" '
        f'aria-label="{inert(strings.search)}" placeholder="{inert(strings.search_hint)}" '
        f'maxlength="{MAX_QUERY_CHARS}"><button>{inert(strings.find)}</button>{clear}</div>'
        f"<details{open_}><summary>{inert(strings.narrow)}</summary>"
        f'<div class="narrow">{days}{selects}</div></details>{_hidden(language)}</form>'
    )


def _select(
    name: str,
    label: str,
    counts: Mapping[str, int],
    chosen: str,
    strings: CorpusStrings,
    names: Mapping[str, str] | None = None,
) -> str:
    """Return a choice of the most common values with their counts; nothing where there is none."""
    if not counts and not chosen:
        return ""
    values = list(counts.items())[:MAX_CHOICES]
    if chosen and chosen not in dict(values):
        values.append((chosen, counts.get(chosen, 0)))
    options = "".join(
        f'<option value="{inert(value)}"{" selected" if value == chosen else ""}>'
        f"{inert((names or {}).get(value, value))} ({count:,})</option>"
        for value, count in values
    )
    return (
        f'<label>{inert(label)} <select name="{name}"><option value="">{inert(strings.any)}'
        f"</option>{options}</select></label>"
    )


def _briefing(
    catalogue: Catalogue,
    day: str,
    title: str,
    frame: Frame,
    language: Mapping[str, str],
    link: bool = True,
) -> str:
    """Return the main news of a day: headlines, a printed sentence each, and its article."""
    strings = CORPUS_STRINGS[frame]
    items = main_articles(catalogue.of_day(day), catalogue.index.page_numbers)
    rows = "".join(_item(item, strings) for item in items)
    told = f"<ol>{rows}</ol>" if rows else f'<p class="none">{inert(strings.briefing_none)}</p>'
    name = inert(day_in(day, frame))
    when = f'<a href="{_issue(day, language)}">{name}</a>' if link else ""
    return (
        f'<section class="briefing"><h2>{inert(title)} <span class="of">{when}</span></h2>'
        f"{told}</section>"
    )


def _item(item: Item, strings: CorpusStrings) -> str:
    span = item.quote.spans[0]
    mark = f"#s{span.start}-{span.end}"
    head = _link(item.article, strings, mark)
    return f'<li>{head}<blockquote lang="zh">{inert(item.quote.text)}</blockquote></li>'


def _issues(
    articles: Iterable[Article], catalogue: Catalogue, frame: Frame, language: Mapping[str, str]
) -> Iterator[str]:
    """Yield the articles under the heading of their day."""
    strings = CORPUS_STRINGS[frame]
    for day, group in groupby(articles, key=lambda article: article.date or ""):
        count = inert(strings.articles_of.format(n=f"{catalogue.days[day]:,}"))
        heading = f'<a href="{_issue(day, language)}">{inert(day_in(day, frame))}</a>'
        yield f'<section class="issue"><h2>{heading} <span class="of">{count}</span></h2>'
        yield from _files(list(group), catalogue, frame)
        yield "</section>"


def _files(articles: Sequence[Article], catalogue: Catalogue, frame: Frame) -> Iterator[str]:
    """Yield the articles in columns under the page that they begin on."""
    strings = CORPUS_STRINGS[frame]
    numbers = catalogue.index.page_numbers
    for file, group in groupby(articles, key=lambda article: article.file):
        number = strings.number_of.format(n=numbers[file]) if file in numbers else ""
        name = f'<span class="file">{inert(file)}</span>'
        yield f'<h3 class="page">{inert(number)} {name}</h3><div class="columns">'
        yield from (_article(article, frame) for article in group)
        yield "</div>"


def _article(article: Article, frame: Frame) -> str:
    strings = CORPUS_STRINGS[frame]
    body = article.body.text[:400]
    opening = " ".join(body[dateline_end(body) :].split())
    more = "…" if len(opening) > OPENING_CHARS else ""
    length = strings.chars_of.format(n=f"{printed_length(article):,}")
    facts = " · ".join(
        part for part in (genre_told(article.genre, frame), length, article.byline) if part
    )
    kicker = f'<p class="kicker" lang="zh">{inert(article.kicker)}</p>' if article.kicker else ""
    return (
        f'<article class="item">{kicker}{_link(article, strings, tag="h4")}'
        f'<p class="opening" lang="zh">{inert(opening[:OPENING_CHARS] + more)}</p>'
        f'<p class="meta">{inert(facts)}</p></article>'
    )


def printed_length(article: Article) -> int:
    """Return the length of the text of an article in characters, without white space."""
    return sum(map(len, article.body.text.split()))


def _link(article: Article, strings: CorpusStrings, mark: str = "", tag: str = "p") -> str:
    return f'<{tag} class="headline">{article_link(article, strings, mark)}</{tag}>'


def _issue(day: str, language: Mapping[str, str]) -> str:
    query = f"?{urlencode(language)}" if language else ""
    return inert(f"corpus/issue/{quote(day or UNDATED)}{query}")


def _pager(path: str, query: Mapping[str, str], at: int, of: int, strings: CorpusStrings) -> str:
    """Return the links to the neighbours of page ``at`` of a list; nothing for a single page."""
    if of < 2:
        return ""

    def link(to: int, name: str, rel: str) -> str:
        if not 1 <= to <= of:
            return f'<span class="off">{inert(name)}</span>'
        address = f"{path}?{urlencode({**query, 'at': to})}"
        return f'<a rel="{rel}" href="{inert(address)}">{inert(name)}</a>'

    here = strings.page_of.format(at=f"{at:,}", of=f"{of:,}")
    return (
        f'<nav class="pager" aria-label="{inert(strings.pages)}">'
        f"{link(at - 1, strings.newer, 'prev')}<span>{inert(here)}</span>"
        f"{link(at + 1, strings.older, 'next')}</nav>"
    )


def _held(answerer: "Answerer", catalogue: Catalogue, frame: Frame) -> str:
    """Return what is indexed: counts, model, generation, and when it was built."""
    strings = CORPUS_STRINGS[frame]
    index = answerer.index
    dated = sum(1 for day in catalogue.days if day)
    facts = {
        strings.held_pages: f"{len(index.pages):,}",
        strings.held_articles: f"{len(index.articles):,}",
        strings.held_issues: f"{dated:,}",
        strings.held_undated: f"{catalogue.days.get('', 0):,}",
        strings.held_chunks: f"{len(index.chunks):,}",
        strings.doubts: f"{len(catalogue.doubtful):,}",
        strings.held_model: index.manifest.model_name,
        strings.held_generation: index.manifest.generation,
        strings.held_built: built_at(answerer),
    }
    rows = "".join(
        f"<div><dt>{inert(name)}</dt><dd>{inert(value)}</dd></div>"
        for name, value in facts.items()
        if value
    )
    return f'<section class="held"><h2>{inert(strings.held)}</h2><dl>{rows}</dl></section>'


def built_at(answerer: "Answerer") -> str:
    """Return when the generation was written, in UTC; empty where its files are gone."""
    generation = answerer.index.manifest.generation
    path = answerer.settings.index / "generations" / generation / "manifest.json"
    try:
        seconds = path.stat().st_mtime
    except OSError:
        return ""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


# What an address asks for


def _asked(query: Mapping[str, str]) -> dict[str, str]:
    """Return the words and filters of an address that are not empty."""
    found = {name: " ".join(query.get(name, "").split()) for name in ("q", *NARROWED_BY)}
    found["q"] = found["q"][:MAX_QUERY_CHARS] if bare(found["q"]) else ""
    return {name: value for name, value in found.items() if value}


def _require_order(since: str, until: str, frame: Frame) -> None:
    """Raise :class:`CorpusError`, in the language of the page, where no day lies between."""
    if since and until:
        (first,), (last,) = filters_from(since=since).periods, filters_from(until=until).periods
        if first.first > last.last:
            raise CorpusError(STRINGS[frame].days_crossed_of.format(since=since, until=until))


def _hidden(values: Mapping[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{name}" value="{inert(value)}">'
        for name, value in values.items()
    )


def _place(request: Any) -> int:
    asked = request.query_params.get("at", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1


def _slice(found: Sequence[Any], at: int) -> tuple[Sequence[Any], int, int]:
    """Return what stands on page ``at`` of a list, that page within bounds, and how many are."""
    of = max(1, -(-len(found) // MAX_SHOWN))
    at = min(max(at, 1), of)
    return found[(at - 1) * MAX_SHOWN : at * MAX_SHOWN], at, of
