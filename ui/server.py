"""The HTTP server: it hangs up on who sends too slowly, and stops in good order.

At a first SIGTERM or Ctrl+C no question is taken any more; those under way have time to end,
then they are stopped and told so. At a second one it ends at once.
"""

import os
import sys
import time
from asyncio import AbstractEventLoop, TimerHandle, Transport
from types import FrameType
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.server import ServerState

from rag.config import Settings
from ui.limits import MAX_HEADER_BYTES
from ui.workers import Workers

if TYPE_CHECKING:
    from starlette.types import ASGIApp

HEADERS_S = 10.0  # for the headers of a request to come
KEEP_ALIVE_S = 15
SWITCH_S = 0.0005  # Python's own is ten times as long: with each system call the server waits
SPARE_CONNECTIONS = 50  # that are told to come again, beyond those that are served
FAREWELL_S = 0.5  # for a last word to be sent
CLOSING_S = 2  # for connections to be closed after that


class Connection(H11Protocol):
    """A connection that is closed when the headers of a request do not come in time."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._headers_timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Wait for a request; where far too many connections are open, hang up."""
        super().connection_made(transport)
        limit = self.limit_concurrency
        if limit and len(self.connections) > limit + SPARE_CONNECTIONS:
            transport.abort()
            return
        self._time_headers()

    def data_received(self, data: bytes) -> None:
        """Take what comes."""
        super().data_received(data)
        if self._headers_timer is None and self._reads_headers():
            self._time_headers()
        elif self._headers_timer is not None and not self._reads_headers():
            self._headers_timer.cancel()
            self._headers_timer = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timer."""
        if self._headers_timer is not None:
            self._headers_timer.cancel()
        super().connection_lost(exc)

    def _reads_headers(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete

    def _time_headers(self) -> None:
        self._headers_timer = self.loop.call_later(HEADERS_S, self._hang_up)

    def _hang_up(self) -> None:
        self._headers_timer = None
        if self._reads_headers() and not self.transport.is_closing():
            self.transport.abort()


class Server(uvicorn.Server):
    """A server that lets the questions of ``workers`` end before it stops, for ``grace_s``."""

    def __init__(self, config: uvicorn.Config, workers: Workers, grace_s: float) -> None:
        super().__init__(config)
        self._workers, self._grace_s = workers, grace_s
        self._ends_at = 0.0  # 0: it goes on
        self._told = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Begin to stop; a second signal ends the process at once, and the index stays whole."""
        if self._workers.closing:
            os._exit(128 + sig)
        self._workers.close()
        self._ends_at = time.monotonic() + self._grace_s

    async def on_tick(self, counter: int) -> bool:
        """Return whether the server is to stop now; uvicorn asks ten times a second."""
        if self._ends_at and not self.should_exit:
            now = time.monotonic()
            idle = not self._workers.answering and not self._workers.waiting
            if not self._told and (idle or now >= self._ends_at):
                self._told = True
                self._ends_at = now + FAREWELL_S
                self._workers.stop_all("stopping")
            elif self._told and now >= self._ends_at:
                self._workers.over.set()
                self.should_exit = True
        return await super().on_tick(counter)


def server_of(app: "ASGIApp", workers: Workers, settings: Settings) -> Server:
    """Return the server of ``app`` at the host and the port of ``settings``.

    Threads of this process take turns more often from now on: the server must not wait for
    those that answer.
    """
    sys.setswitchinterval(SWITCH_S)
    config = uvicorn.Config(
        app,
        settings.host,
        settings.port,
        log_config=None,  # that of start_logging
        access_log=False,  # it would hold the questions of some addresses
        ws="none",
        lifespan="on",
        http=Connection,
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
        limit_concurrency=settings.connections,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=CLOSING_S,
        proxy_headers=False,  # ui/door.py believes fewer
        server_header=False,
    )
    return Server(config, workers, settings.grace_s)
