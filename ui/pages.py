"""The frame of a page beside the chat: an article, the corpus. Plain HTML that needs no script."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from rag.wording import Frame
from ui.assets import links
from ui.corpus_strings import CORPUS_STRINGS
from ui.render import inert
from ui.strings import LANGUAGE_NAMES, STRINGS, preferred_language

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import HTMLResponse

    from ui.accounts import Visitor

PAGE_ASSETS = ("style.css", "pages.css", "reader.css", "reader.js")
COOKIE = "wenbao-language"  # of the reader's choice; the script of the chat sets it as page does
COOKIE_S = 31_536_000


def language_of(request: "Request") -> Frame:
    """Return the language to show a page in: ``?lang=``, else the cookie, else the browser's."""
    for asked in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        for frame in STRINGS:
            if asked == frame:
                return frame
    return preferred_language(request.headers.get("accept-language", ""))


def page(
    request: "Request", title: str, main: str, status: int = 200, assets: Sequence[str] = ()
) -> "HTMLResponse":
    """Return the page ``title`` around ``main``, HTML in which every text is inert already.

    ``assets`` are the style sheets and scripts that it needs besides those of every page. A
    language that the address names is kept for links and forms that name none.
    """
    from starlette.responses import HTMLResponse

    frame = language_of(request)
    strings = STRINGS[frame]
    depth = request.url.path.count("/") - 1
    reply = HTMLResponse(
        f'<!doctype html><html lang="{strings.html_lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<base href="{"../" * depth or "./"}"><title>{inert(title)} · 问报 WenBao</title>'
        f'{links(*PAGE_ASSETS, *assets)}</head><body class="plain">'
        f'<header class="plain-head"><a class="home" href="./">'
        f'<span class="han" lang="zh-Hans">问报</span> WenBao</a>{_places(request, frame)}</header>'
        f"<main>{main}</main></body></html>",
        status,
    )
    if language_query(request):
        reply.set_cookie(COOKIE, frame, COOKIE_S)
    return reply


def visitor_of(request: "Request") -> "Visitor | None":
    """Return who has logged in, as ``ui/login.py`` found; None for nobody."""
    found: Visitor | None = request.scope.get("state", {}).get("visitor")
    return found


def language_query(request: "Request") -> dict[str, str]:
    """Return the query that keeps the language of an address that names one."""
    asked = request.query_params.get("lang", "")
    return {"lang": asked} if asked in STRINGS else {}


def _places(request: "Request", frame: Frame) -> str:
    """Return the links to the other pages, and to this one in the other languages."""
    corpus, strings = CORPUS_STRINGS[frame], STRINGS[frame]
    places = (
        ("./", strings.to_the_chat),
        ("corpus", corpus.title),
        ("corpus/add", strings.library_short),
        ("corpus/doubts", corpus.doubts),
        ("corpus/health", corpus.health),
        ("corpus/bench", corpus.bench),
    )
    here = request.url.path.strip("/")
    query = inert("?" + urlencode(kept)) if (kept := language_query(request)) else ""
    rows = "".join(
        f'<a href="{path}{query}"{" aria-current=page" if path == here else ""}>{inert(name)}</a>'
        for path, name in places
    )
    visitor = visitor_of(request)
    if visitor:
        rows += f'<a href="login{query}">{inert(visitor.name)}</a>'
    elif here == "login":  # nobody is let in yet
        rows = ""
    asked = [(k, v) for k, v in request.query_params.multi_items() if k != "lang"]
    others = "".join(
        f'<a href="{inert(quote(here))}?{inert(urlencode([*asked, ("lang", each)]))}" '
        f'lang="{STRINGS[each].html_lang}"{" aria-current=true" if each == frame else ""}>'
        f"{inert(name)}</a>"
        for each, name in LANGUAGE_NAMES.items()
    )
    return (
        f'<nav class="places" aria-label="{inert(corpus.navigation)}">{rows}'
        f'<span class="languages" role="group" aria-label="{inert(strings.language_label)}">'
        f"{others}</span></nav>"
    )
