"""An app that is served on this machine, for tests with browsers and the clients of others."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from rag.config import Settings, load_settings
from ui.library import Library
from ui.live import Live

if TYPE_CHECKING:
    from rag.answering import Answerer

MAX_START_S = 180


@contextmanager
def served(
    answerer: object,
    settings: Settings | None = None,
    library: Callable[[Live], Library] | None = None,
) -> Iterator[str]:
    """Yield the address of the app of ``answerer``, served from a thread."""
    import uvicorn

    from ui.app import create_app

    servers: list[uvicorn.Server] = []

    async def serve() -> None:  # in a loop, or Gradio makes one and leaves it open
        app = create_app(cast("Answerer", answerer), settings or load_settings(), library)
        config = uvicorn.Config(app, port=0, log_level="critical", ws="none")
        servers.append(uvicorn.Server(config))
        await servers[0].serve()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    deadline = time.monotonic() + MAX_START_S
    while not (servers and servers[0].started):
        assert thread.is_alive(), "the app did not start"
        assert time.monotonic() < deadline, "the app took too long to start"
        time.sleep(0.05)
    port = servers[0].servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        servers[0].should_exit = True
        servers[0].force_exit = True
        thread.join(30)
