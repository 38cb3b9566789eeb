"""The frame of a page beside the chat: an article, the corpus. Plain HTML that needs no script."""

from typing import TYPE_CHECKING

from rag.wording import Frame
from ui.assets import links
from ui.render import inert
from ui.strings import STRINGS, preferred_language

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import HTMLResponse

COOKIE = "wenbao-language"  # of the reader's choice, set by the script of the chat


def language_of(request: "Request") -> Frame:
    """Return the language to show a page in: ``?lang=``, else the cookie, else the browser's."""
    for asked in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        for frame in STRINGS:
            if asked == frame:
                return frame
    return preferred_language(request.headers.get("accept-language", ""))


def page(request: "Request", title: str, main: str, status: int = 200) -> "HTMLResponse":
    """Return the page ``title`` around ``main``, HTML in which every text is inert already."""
    from starlette.responses import HTMLResponse

    strings = STRINGS[language_of(request)]
    depth = request.url.path.count("/") - 1
    return HTMLResponse(
        f'<!doctype html><html lang="{strings.html_lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<base href="{"../" * depth or "./"}"><title>{inert(title)} · 问报 WenBao</title>'
        f'{links("style.css", "reader.css", "reader.js", "pages.js")}</head><body class="plain">'
        f'<header class="plain-head"><a class="home" href="./">'
        f'<span class="han" lang="zh-Hans">问报</span> WenBao</a></header>'
        f"<main>{main}</main></body></html>",
        status,
    )
