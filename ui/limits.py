"""What one request may take: its body comes in time, its asker is known, and not too many come.

Pure ASGI, inside of ``ui/shield.py`` and of a login, so that who asks is known: a middleware
that knows the reader sets ``request.state.user``.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Container
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from index.text import is_han, is_traditional
from rag.stopping import Stop
from rag.wording import Frame
from ui import queue_calls
from ui.api import error_json
from ui.askers import COST, Asker, name_of, set_current
from ui.shield import PROGRAM_CALLS
from ui.strings import STRINGS, preferred_language
from ui.workers import BusyError, Workers

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_HEADER_BYTES = 32_768
BODY_S = 15.0  # for a body to come, and more where it comes at least so fast:
BODY_BYTES_A_S = 16_384
STREAMS = ("/gradio_api/queue/data", "/gradio_api/heartbeat/")  # open as long as the page is
MAX_STREAMS = 100  # of one client: a newsroom behind one address has many pages open
FREE = ("/assets/", "/static/", "/healthz", "/readyz", "/metrics", "/favicon.ico")
CHANGES = "/corpus/"  # where a POST begins work that outlasts the request
# In questions: these search too. How far the self-test is, is looked up again and again.
COSTS = {("GET", "/corpus/bench"): 1.0, ("POST", "/corpus/health"): 1.0}
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")  # a character in JSON


class SlowBodyError(Exception):
    """A body did not come in time."""


class Limits:
    """Tells who asks, and refuses what is too much of one client or comes too slowly.

    Every request costs a little; what makes a question of it is counted by
    :class:`ui.workers.Workers`, at the same rate. When the client of a question goes away, its
    work is stopped. ``functions`` are the numbers of what the page may call by Gradio's queue.
    """

    def __init__(
        self,
        app: "ASGIApp",
        workers: Workers,
        local_too: bool = False,
        functions: Container[int] = (),
    ) -> None:
        self.app = app
        self._workers, self._local_too, self._functions = workers, local_too, functions
        self._streams: Counter[str] = Counter()

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path, state = scope["path"], scope.setdefault("state", {})
        name = name_of(scope.get("client"), state, self._local_too)
        languages = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
        stop = Stop()
        asker = Asker(name, preferred_language(languages), stop)
        state["asker"] = name
        set_current(asker)
        body = _Body(receive)
        try:
            if sum(map(len, chain.from_iterable(scope["headers"]))) > MAX_HEADER_BYTES:
                await _say(431, STRINGS[asker.language].headers_large, 0, scope, receive, send)
            elif path in PROGRAM_CALLS:
                async with _heard(body, stop):
                    # Here it costs little; whoever passes may be refused again further in.
                    spoken = replace(asker, language=body.language)
                    self._workers.charge(spoken, COST)
                    self._workers.require_place(spoken)
                    await self.app(scope, body.again, send)
            elif path.startswith(STREAMS):
                await self._stream(asker, scope, receive, send)
            else:
                if self._workers.closing and scope["method"] == "POST" and path.startswith(CHANGES):
                    raise self._workers.busy("stopping", asker, 5)
                if not path.startswith(FREE):
                    self._workers.charge(asker, COSTS.get((scope["method"], path), COST))
                if path in queue_calls.CALLS and scope["method"] == "POST":
                    async with _heard(body, stop):
                        words = queue_calls.objection(path, body.whole, self._functions)
                        if words:
                            await _say(422, f"Refused: {words}", 0, scope, receive, send)
                        else:
                            await self.app(scope, body.again, send)
                else:
                    await self.app(scope, body.next, send)
        except SlowBodyError:
            await _say(408, STRINGS[asker.language].body_slow, 0, scope, receive, send)
        except BusyError as busy:
            await _say(busy.status, str(busy), busy.retry_after_s, scope, receive, send)

    async def _stream(self, asker: Asker, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer with a stream that is ended when the server stops."""
        if asker.name and self._streams[asker.name] >= MAX_STREAMS:
            raise self._workers.busy("share", asker, 5)
        open_ = False

        async def until_over() -> "Message":
            read = asyncio.ensure_future(receive())
            over = asyncio.ensure_future(self._workers.over.wait())
            try:
                await asyncio.wait({read, over}, return_when=asyncio.FIRST_COMPLETED)
                return read.result() if read.done() else {"type": "http.disconnect"}
            finally:
                read.cancel()
                over.cancel()

        async def noted(message: "Message") -> None:
            nonlocal open_
            open_ = message["type"] == "http.response.start" or message.get("more_body", False)
            await send(message)

        self._streams[asker.name] += 1
        try:
            await self.app(scope, until_over, noted)
            if open_:
                await send({"type": "http.response.body", "body": b""})
        finally:
            self._streams[asker.name] -= 1
            if not self._streams[asker.name]:
                del self._streams[asker.name]


class _Body:
    """The body of a request, which has to come in time."""

    def __init__(self, receive: "Receive") -> None:
        self._receive = receive
        self._began = time.monotonic()
        self._size = 0
        self._more = True
        self._read: list[Message] = []
        self.gone = asyncio.Event()

    async def next(self) -> "Message":
        """Return what comes next. Raises :class:`SlowBodyError`."""
        if not self._more:
            return await self._receive()
        until = self._began + BODY_S + self._size / BODY_BYTES_A_S
        try:
            message = await asyncio.wait_for(self._receive(), until - time.monotonic())
        except TimeoutError:
            raise SlowBodyError from None
        self._size += len(message.get("body", b""))
        self._more = message.get("more_body", False)
        return message

    async def read(self) -> None:
        """Read the whole body, which is small, for :meth:`again`."""
        while self._more:
            self._read.append(await self.next())

    @property
    def whole(self) -> bytes:
        """What :meth:`read` read."""
        return b"".join(each.get("body", b"") for each in self._read)

    @property
    def language(self) -> Frame:
        """The language of :attr:`whole`, which is JSON: Chinese where any of it is."""
        text = self.whole.decode("utf-8", "replace")
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
        if not any(map(is_han, text)):
            return "en"
        return "zh-Hant" if is_traditional(text) else "zh"

    async def again(self) -> "Message":
        """Return what was read; after that, that the client has gone, when it has."""
        if self._read:
            return self._read.pop(0)
        await self.gone.wait()
        return {"type": "http.disconnect"}


@asynccontextmanager
async def _heard(body: _Body, stop: Stop) -> AsyncIterator[None]:
    """Read the whole body of a call; stop its work when its client goes away."""

    async def listen() -> None:
        while (await body.next())["type"] != "http.disconnect":
            pass
        body.gone.set()
        stop.stop("gone")

    await body.read()
    listening = asyncio.create_task(listen())
    try:
        yield
    finally:
        listening.cancel()
        stop.stop("gone")  # a place that was taken and not used is left


async def _say(
    status: int, words: str, retry_s: int, scope: "Scope", receive: "Receive", send: "Send"
) -> None:
    from starlette.responses import JSONResponse

    headers = {"retry-after": str(retry_s)} if retry_s else {"connection": "close"}
    body = error_json(scope["path"], status, words)
    await JSONResponse(body, status, headers)(scope, receive, send)
