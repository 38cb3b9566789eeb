"""The app: the chat and all that is beside it, on a FastAPI server.

The chat is in ``ui/chat.py``; what the browser and the server may do at all in ``ui/shield.py``.
"""

import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from index.types import CorpusError
from rag.config import Settings
from ui import (
    api,
    api_page,
    article,
    assets,
    chat,
    chat_completions,
    corpus,
    feedback,
    library_pages,
    login,
    mcp_tools,
    metrics,
)
from ui.accounts import accounts_of
from ui.cluster_library import library_of
from ui.door import door_of, warnings_of
from ui.library import Library
from ui.limits import Limits
from ui.live import Live
from ui.logs import start_logging
from ui.shield import Shield
from ui.startup import Starting, Startup
from ui.strings import STRINGS
from ui.suggested import Examples
from ui.workers import Workers

if TYPE_CHECKING:
    from fastapi import FastAPI

    from rag.answering import Answerer

CHAT_ASSETS = ("style.css", "chat.css", "reader.css", "script.js", "chat.js", "reader.js")
OTHER_ASSETS = (
    *("pages.css", "feedback.js", "api.css", "corpus.css"),
    *("library.css", "library.js", "login.css", "login.js"),
)


def create_app(
    answerer: "Answerer",
    settings: Settings,
    library: Callable[[Live], Library] | None = None,
    workers: Workers | None = None,
) -> "FastAPI":
    """Return the app of ``answerer``: the chat at ``/``, what programs ask beside it.

    ``workers`` answer the questions; by default those that ``settings`` ask for.
    """
    from fastapi import FastAPI

    accounts = accounts_of(settings)
    live = Live(answerer)
    offered = Examples()
    threading.Thread(target=_look_for_examples, args=(live, offered), daemon=True).start()
    app = FastAPI(
        title="WenBao",
        summary="Ask a newspaper; every answer is proved by its printed words.",
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
    )

    @app.get("/healthz", tags=["operation"])
    def healthz() -> dict[str, str | int]:
        """Whether the server runs, and what it serves."""
        index = live.answerer.index
        return {
            "status": "ok",
            "generation": index.manifest.generation,
            "articles": len(index.articles),
            "chunks": len(index.chunks),
        }

    workers = workers or Workers.of(settings)
    keeper = library(live) if library else Library(live, settings)
    for router in (
        login.routes(accounts),
        article.routes(live),
        corpus.routes(live),
        library_pages.routes(keeper),
        feedback.routes(live, settings),
        api_page.routes(app),
        api.routes(live, workers),
        chat_completions.routes(live, workers),
        metrics.routes(live, workers),
        assets.routes(*CHAT_ASSETS, *OTHER_ASSETS),
    ):
        app.include_router(router)
    api.tell_errors(app)
    mcp_tools.serve_at(app, live, workers)
    blocks = chat.chat_of(live, offered, workers, has_accounts=accounts is not None)
    app.add_middleware(
        Limits,
        workers=workers,
        local_too=settings.limit_local,
        functions=frozenset(blocks.fns),
    )
    if accounts:
        app.add_middleware(login.Login, accounts=accounts)
    app.add_middleware(Shield, root_path=settings.root_path, door=door_of(settings))
    asked = feedback.feedback_file(settings) is not None
    head = assets.links(*CHAT_ASSETS, *(["feedback.js"] if asked else []))
    return chat.mounted(app, blocks, settings, head)


def serve(load: Callable[[Startup], "Answerer"], settings: Settings) -> None:
    """Serve the chat app at ``settings.host`` and ``settings.port`` until it is interrupted.

    It answers at once and says how far ``load`` is, which returns the answerer. Raises what
    ``load`` raises.
    """
    from ui.server import server_of

    for warning in warnings_of(settings):
        print(f"wenbao: {warning}", file=sys.stderr, flush=True)
    accounts_of(settings)  # what is wrong with them is told before a minute is spent on loading
    start_logging(settings)
    startup, workers, ending = Startup(), Workers.of(settings), ExitStack()

    def loaded() -> "Answerer":
        chat.load_gradio()  # here, since the server answers meanwhile
        return load(startup)

    def made(answerer: "Answerer") -> "FastAPI":
        return create_app(answerer, settings, watching, workers)

    def watching(live: Live) -> Library:
        library = library_of(live, settings)
        library.watch()
        ending.callback(library.close)
        return library

    def failed() -> None:
        server.should_exit = True

    starting = Starting(startup, loaded, made, failed, door_of(settings))
    server = server_of(starting, workers, settings)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    print(f"问报 WenBao: http://{host}:{settings.port}  (Ctrl+C stops)", flush=True)
    with ending:
        server.run()
    if startup.error:
        raise startup.error


def _look_for_examples(live: Live, offered: Examples) -> None:
    """Look for the examples before the first reader comes, which warms the answerer up too."""
    with suppress(CorpusError):  # whoever asks is told
        for frame in STRINGS:
            offered.of(live.answerer, frame)
