"""The pages that change the corpus: ``/corpus/add``, ``remove``, ``reindex``, ``undo``, ``jobs``.

Plain forms that need no script; ``library.js`` adds dropping files and the bars. A GET only
asks whether it shall be done. All POSTs are from this site alone, see ``ui/shield.py``.
"""

import asyncio
import os
import secrets
import shutil
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from index.decoding import MAX_PAGE_BYTES
from index.formats import SUFFIXES
from index.types import CorpusError
from ui import received
from ui.library import FileLine, Job, Library
from ui.pages import language_of, page
from ui.private import private
from ui.remedies import told
from ui.render import inert
from ui.shield import CHANGES
from ui.startup import progress_html
from ui.strings import STRINGS, Strings

if TYPE_CHECKING:
    from fastapi import APIRouter
    from starlette.datastructures import UploadFile
    from starlette.requests import Request
    from starlette.responses import Response

ASSETS = ("library.css", "library.js")
MAX_FILES = 100
LISTED_FILES = 200
PIECE_BYTES = 1 << 20
REFRESH_S = 1


def routes(library: Library) -> "APIRouter":
    """Return the routes that let a reader change the corpus of ``library``."""
    from fastapi import APIRouter
    from starlette.concurrency import run_in_threadpool
    from starlette.requests import Request
    from starlette.responses import Response

    router = APIRouter(include_in_schema=False)

    async def add_page(request: Request) -> Response:
        return _add_page(request, library)

    async def add(request: Request) -> Response:
        uploads = library.uploads
        if uploads is None:
            return _closed(request)
        strings = STRINGS[language_of(request)]
        try:
            async with request.form(max_files=MAX_FILES, max_fields=10) as form:
                files = [each for each in form.getlist("pages") if not isinstance(each, str)]
                files = [each for each in files if each.filename]
                if not files:
                    return _mistake(request, strings.library_sent_nothing)
                place = received.incoming(uploads, secrets.token_hex(8))
                try:
                    refused = await run_in_threadpool(_receive, files, place, strings)
                except (OSError, asyncio.CancelledError):
                    shutil.rmtree(place, ignore_errors=True)
                    raise
        except OSError as error:
            return _mistake(request, told(error), 507)
        if len(refused) == len(files):
            shutil.rmtree(place, ignore_errors=True)
            return _mistake(request, "\n".join(line.message for line in refused))
        return _to_job(request, library.add(place, refused))

    async def remove_page(request: Request) -> Response:
        return _ask_first(request, library, "remove", request.query_params.get("name", ""))

    async def remove(request: Request) -> Response:
        if library.uploads is None:
            return _closed(request)
        async with request.form(max_files=0, max_fields=100) as form:
            names = [name for name in form.getlist("name") if isinstance(name, str)]
        unknown = next((name for name in names if not _known(library, name)), "")
        if unknown or not names:
            strings = STRINGS[language_of(request)]
            return _mistake(request, strings.library_unknown_of.format(name=unknown), 404)
        return _to_job(request, library.remove(names))

    async def reindex_page(request: Request) -> Response:
        return _ask_first(request, library, "reindex")

    async def reindex(request: Request) -> Response:
        return _closed(request) if library.uploads is None else _to_job(request, library.reindex())

    async def undo_page(request: Request) -> Response:
        return _ask_first(request, library, "undo")

    async def undo(request: Request) -> Response:
        return _closed(request) if library.uploads is None else _to_job(request, library.undo())

    async def job_page(request: Request) -> Response:
        return _job_page(request, library.job(request.path_params["name"]))

    router.add_route("/corpus/jobs/{name}", job_page, methods=["GET"])
    answered_by = {
        "add": (add_page, add),
        "remove": (remove_page, remove),
        "reindex": (reindex_page, reindex),
        "undo": (undo_page, undo),
    }
    for path in CHANGES:
        asks, does = answered_by[path.removeprefix("/corpus/")]
        router.add_route(path, asks, methods=["GET"])
        router.add_route(path, does, methods=["POST"])
    return router


def _receive(files: "Iterable[UploadFile]", place: Path, strings: Strings) -> list[FileLine]:
    """Write ``files`` into the folder ``place``; return those that were refused, and why."""
    refused = []
    for file in files:
        given = file.filename or ""
        try:
            problem = _received(file, place / received.safe_name(given, strings), strings)
        except CorpusError as error:
            problem = str(error)
        if problem:
            refused.append(FileLine(given[:100], "refused", message=problem))
    return refused


def _received(file: "UploadFile", path: Path, strings: Strings) -> str:
    """Write one file; return why it was not written, nothing when it was."""
    if path.exists():
        return strings.library_twice_of.format(file=path.name)
    if not _written(file, path):
        path.unlink()
        return strings.library_too_large_of.format(file=path.name, size=MAX_PAGE_BYTES >> 20)
    return ""


def _written(file: "UploadFile", path: Path) -> bool:
    """Write a file durably; return whether it was small enough to be written whole."""
    size = 0
    with open(path, "xb", opener=private) as out:
        while piece := file.file.read(PIECE_BYTES):
            size += len(piece)
            if size > MAX_PAGE_BYTES:
                return False
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    return True


def _wants_json(request: "Request") -> bool:
    return "text/html" not in request.headers.get("accept", "")


def _known(library: Library, name: str) -> bool:
    index = library.live.answerer.index
    return name in index.pages or name in index.articles


def _mistake(request: "Request", message: str, status: int = 400) -> "Response":
    """Return what went wrong, as JSON to a script and as a page to a reader."""
    from starlette.responses import JSONResponse

    if _wants_json(request):
        return JSONResponse({"detail": message}, status)
    strings = STRINGS[language_of(request)]
    lines = "".join(f'<p role="alert">{inert(line)}</p>' for line in message.split("\n"))
    return _page(request, strings.library_not_done, lines + _back_to_add(strings), status)


def _closed(request: "Request") -> "Response":
    strings = STRINGS[language_of(request)]
    if _wants_json(request):
        return _mistake(request, strings.library_closed_detail, 403)
    body = f"<p>{inert(strings.library_closed_detail)}</p>"
    status = 200 if request.method == "GET" else 403
    return _page(request, strings.library_closed, body, status)


def _to_job(request: "Request", job: Job) -> "Response":
    """Send the reader to the page of ``job``; a script is told its address."""
    from starlette.responses import JSONResponse, RedirectResponse

    if _wants_json(request):
        return JSONResponse(job.to_json(), 202)
    return RedirectResponse(f"jobs/{job.id}", 303)  # relative: the app may stand behind a prefix


def _page(request: "Request", title: str, body: str, status: int = 200) -> "Response":
    main = f'<div class="library"><h1>{inert(title)}</h1>{body}</div>'
    reply = page(request, title, main, status, ASSETS)
    reply.headers["cache-control"] = "no-store"
    return reply


def _back_to_add(strings: Strings) -> str:
    return f'<p><a href="corpus/add">{inert(strings.library_title)}</a></p>'


def _value(text: str) -> str:
    """Return ``text`` as the value of an attribute that comes back as it was."""
    return escape(text.encode("utf-8", "replace").decode("utf-8"))


def _add_page(request: "Request", library: Library) -> "Response":
    if library.uploads is None:
        return _closed(request)
    strings = STRINGS[language_of(request)]
    limits = strings.library_limits_of.format(
        kinds=" ".join(SUFFIXES), files=MAX_FILES, size=MAX_PAGE_BYTES >> 20
    )
    warning = f'<p role="alert">{inert(library.warning)}</p>' if library.warning else ""
    body = (
        f'{warning}<form class="drop" method="post" action="corpus/add" '
        f'enctype="multipart/form-data" data-sending="{_value(strings.library_sending)}" '
        f'data-failed="{_value(strings.library_failed)}">'
        f'<label for="pages">{inert(strings.library_choose)}</label>'
        f'<input id="pages" type="file" name="pages" multiple required '
        f'accept="{",".join(SUFFIXES)}" aria-describedby="limits">'
        f'<p id="limits">{inert(limits)}</p>'
        f'<button type="submit">{inert(strings.library_send)}</button>'
        f'<div class="sending" hidden><progress max="1"></progress>'
        f'<p role="status" aria-live="polite"></p></div></form>'
        f'<nav class="changes"><a href="corpus/reindex">{inert(strings.library_reindex)}</a> '
        f'<a href="corpus/undo">{inert(strings.library_undo)}</a></nav>'
    )
    return _page(request, strings.library_title, body + _files(library, strings))


def _files(library: Library, strings: Strings) -> str:
    """Return the list of the files of the corpus, each with a link to remove it."""
    index = library.live.answerer.index
    counts = dict.fromkeys(index.pages, 0)
    for article in index.articles.values():
        counts[article.file] = counts.get(article.file, 0) + 1
    rows = [
        f"<li><span>{inert(file)}</span> "
        f"<small>{inert(strings.library_articles_of.format(count=count))}</small> "
        f'<a href="corpus/remove?name={quote(file, errors="replace")}">'
        f"{inert(strings.library_remove)}</a></li>"
        for file, count in sorted(counts.items())[:LISTED_FILES]
    ]
    left = len(counts) - len(rows)
    more = f"<p>{inert(strings.library_more_of.format(count=left))}</p>" if left else ""
    return f'<h2>{inert(strings.library_files)}</h2><ul class="files">{"".join(rows)}</ul>{more}'


def _ask_first(request: "Request", library: Library, what: str, name: str = "") -> "Response":
    """Return the page that asks whether a change shall be made."""
    if library.uploads is None:
        return _closed(request)
    strings = STRINGS[language_of(request)]
    if what == "remove" and not _known(library, name):
        return _mistake(request, strings.library_unknown_of.format(name=name), 404)
    question, detail = {
        "remove": (
            strings.library_remove_ask_of.format(name=_shown(library, name)),
            strings.library_remove_detail,
        ),
        "reindex": (strings.library_reindex_ask, strings.library_reindex_detail),
        "undo": (strings.library_undo_ask, strings.library_undo_detail),
    }[what]
    field = f'<input type="hidden" name="name" value="{_value(name)}">' if name else ""
    body = (
        f"<p>{inert(detail)}</p>"
        f'<form method="post" action="corpus/{what}" enctype="multipart/form-data">{field}'
        f'<button type="submit">{inert(strings.library_yes)}</button> '
        f'<a href="corpus/add">{inert(strings.library_no)}</a></form>'
    )
    return _page(request, question, body)


def _shown(library: Library, name: str) -> str:
    """Return the headline of an article, else its name as it stands."""
    article = library.live.answerer.index.articles.get(name)
    return article.headline if article and article.headline else name


def _job_page(request: "Request", job: Job | None) -> "Response":
    """Return how far a job is: JSON to a script, to a reader a page that looks again by itself."""
    from starlette.responses import JSONResponse

    strings = STRINGS[language_of(request)]
    if job is None:
        return _mistake(request, strings.library_job_unknown, 404)
    if _wants_json(request):
        return JSONResponse(job.to_json(), headers={"cache-control": "no-store"})
    if not job.done:
        if job.started:
            body = progress_html(job.progress, strings)
        else:
            body = f'<p role="status">{inert(strings.library_waiting)}</p>'
        reply = _page(request, strings.library_running, body)
        reply.headers["refresh"] = str(REFRESH_S)
        return reply
    title = strings.library_done if job.changed else strings.library_nothing_done
    if job.error:
        title = strings.library_not_done
    problem = f'<p role="alert">{inert(job.error)}</p>' if job.error else ""
    undo = f'<p><a href="corpus/undo">{inert(strings.library_undo)}</a></p>' if job.changed else ""
    report = (
        f'{problem}<ul class="files">{"".join(_line(line, strings) for line in job.files)}</ul>'
    )
    return _page(request, title, report + undo + _back_to_add(strings))


def _line(line: FileLine, strings: Strings) -> str:
    """Return the report of one file as an item of a list."""
    words = {
        "added": strings.library_added,
        "changed": strings.library_changed,
        "unchanged": strings.library_unchanged,
        "removed": strings.library_removed,
        "undone": strings.library_undone,
    }
    said = [words.get(line.status, strings.library_refused)]
    if line.status in ("added", "changed"):
        said.append(strings.library_articles_of.format(count=line.article_count))
    if line.replaced and line.status == "changed":
        said.append(strings.library_replaced)
    if line.message:
        said.append(line.message)
    kind = "bad" if line.status in ("failed", "refused") else "good"
    return (
        f'<li class="{kind}"><span>{inert(line.file)}</span> '
        f"<small>{inert(' · '.join(said))}</small></li>"
    )
