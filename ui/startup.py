"""What the server says from its first second, while the index is built and loaded.

:class:`Starting` answers at once: a page that tells how far things are and looks again by itself.
When the answerer is there, the chat takes its place.
"""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.types import CorpusError
from ui import assets
from ui.door import ANYWHERE, Door
from ui.pages import PAGE_ASSETS, language_of, page
from ui.render import inert
from ui.shield import Shield
from ui.strings import STRINGS, Strings

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from index.build import Progress
    from rag.answering import Answerer

REFRESH_S = 1


@dataclass(slots=True)
class Startup:
    """How far the start is: ``progress`` while pages are indexed, ``ready`` at its end.

    Shared between the thread that works and the requests that look; fields are set whole.
    """

    progress: "Progress | None" = None
    ready: bool = False
    error: Exception | None = None

    def tell(self, progress: "Progress") -> None:
        """Set how far the build is: a watch of :func:`index.build.build_index`."""
        self.progress = progress


def told_of(progress: "Progress | None", strings: Strings) -> str:
    """Return how far a build is, in words."""
    if progress is None:
        return strings.starting_loading
    if progress.stage == "reading":
        return strings.starting_reading_of.format(done=progress.done, total=progress.total)
    if progress.stage == "embedding":
        return strings.starting_embedding_of.format(done=progress.done, total=progress.total)
    return strings.starting_writing


def progress_html(progress: "Progress | None", strings: Strings) -> str:
    """Return a bar and its words; a bar without a value where nobody knows how long."""
    known = progress is not None and progress.total > 0
    value = f' value="{progress.done}" max="{progress.total}"' if progress and known else ""
    words = inert(told_of(progress, strings))
    return f'<p><progress{value} aria-label="{words}"></progress></p><p role="status">{words}</p>'


class Starting:
    """An ASGI app that says how far the start is until the app that it starts is there.

    ``load`` returns the answerer and is run in a thread; ``make`` makes the app of it. When
    either raises :class:`CorpusError` or ``OSError``, that is in ``startup.error`` and
    ``failed`` is called.
    """

    def __init__(
        self,
        startup: Startup,
        load: Callable[[], "Answerer"],
        make: "Callable[[Answerer], FastAPI]",
        failed: Callable[[], None],
        door: Door = ANYWHERE,
    ) -> None:
        self.startup = startup
        self._load, self._make, self._failed = load, make, failed
        self._waiting = waiting_app(startup, self._lifespan, door)
        self._app: ASGIApp = self._waiting

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request; the start and the end of the server are those of both apps."""
        app = self._waiting if scope["type"] == "lifespan" else self._app
        await app(scope, receive, send)

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: object) -> AsyncIterator[None]:
        stopping = asyncio.Event()
        task = asyncio.create_task(self._start(stopping))
        yield
        stopping.set()
        if not self.startup.ready:  # the thread cannot be stopped; nobody waits for it
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def _start(self, stopping: asyncio.Event) -> None:
        app: FastAPI | None = None
        try:
            app = self._make(await asyncio.wrap_future(_in_thread(self._load)))
        except (CorpusError, OSError) as error:
            self.startup.error = error
            return
        finally:
            if app is None:
                self._failed()
        async with app.router.lifespan_context(app):
            self._app = app
            self.startup.ready = True
            await stopping.wait()


def _in_thread(work: "Callable[[], Answerer]") -> "Future[Answerer]":
    """Return what ``work`` will return, done in a thread that does not hold up the end."""
    future: Future[Answerer] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001  (raised again where it is waited for)
            future.set_exception(error)

    threading.Thread(target=run, name="wenbao-start", daemon=True).start()
    return future


def waiting_app(startup: Startup, lifespan: Any = None, door: Door = ANYWHERE) -> "FastAPI":
    """Return the app that tells how far ``startup`` is: at ``/``, ``/healthz`` and ``/readyz``."""
    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import JSONResponse, PlainTextResponse

    app = FastAPI(
        title="WenBao", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan
    )

    @app.get("/healthz")
    def healthz() -> JSONResponse:
        return JSONResponse(state_json(startup) | {"status": "starting"})

    @app.get("/readyz")
    def readyz() -> JSONResponse:
        return JSONResponse(state_json(startup), 503, {"retry-after": str(REFRESH_S)})

    app.include_router(assets.routes(*PAGE_ASSETS))

    @app.api_route("/{path:path}", methods=["GET", "HEAD", "POST"])
    def waiting(request: Request, path: str) -> Any:
        if request.method == "POST" or path not in ("", "corpus", "corpus/add"):
            return PlainTextResponse("Starting", 503, {"retry-after": str(REFRESH_S)})
        return waiting_page(request, startup)

    waiting.__annotations__["request"] = Request
    app.add_middleware(Shield, door=door)
    return app


def state_json(startup: Startup) -> dict[str, Any]:
    """Return the state for ``/readyz``: ``{"ready", "stage", "done", "total"}``."""
    progress = startup.progress
    return {
        "ready": startup.ready,
        "stage": progress.stage if progress else "loading",
        "done": progress.done if progress else 0,
        "total": progress.total if progress else 0,
    }


def waiting_page(request: "Request", startup: Startup) -> "Response":
    """Return the page that says what is being done; it looks again by itself."""
    strings = STRINGS[language_of(request)]
    shown = page(
        request,
        strings.starting,
        f"<h1>{inert(strings.starting)}</h1>{progress_html(startup.progress, strings)}"
        f"<p>{inert(strings.starting_detail)}</p>",
    )
    shown.headers["refresh"] = str(REFRESH_S)
    shown.headers["cache-control"] = "no-store"
    return shown
