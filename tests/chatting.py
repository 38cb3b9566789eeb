"""Clients of the chat and of the API for tests of load, cheap enough to be many at once."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from uuid import uuid4

from tests.conftest import ROOT

START_S = 180.0
LONG_S = 120.0


@dataclass(frozen=True)
class Reply:
    """What came back: the status (0: the connection broke), headers, body, and how soon."""

    status: int
    headers: dict[str, str]
    body: str
    first_s: float
    whole_s: float

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)

    def events(self) -> list[tuple[str, Any]]:
        """Return the server-sent events."""
        blocks = [block.split("\n") for block in self.body.split("\n\n") if block]
        return [
            (lines[0].removeprefix("event: "), json.loads(lines[-1].partition(": ")[2]))
            for lines in blocks
        ]


@dataclass(frozen=True)
class Running:
    """A server in a process of its own."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def address(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def figure(self, name: str) -> float:
        """Return a figure of ``/metrics``: the sum of the samples called ``name``."""
        with urlopen(f"{self.address}/metrics", timeout=30) as reply:
            lines = reply.read().decode().splitlines()
        found = [line for line in lines if line.split("{")[0].split(" ")[0] == name]
        return sum(float(line.rpartition(" ")[2]) for line in found)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.process.send_signal(signal.SIGTERM)


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def running(
    folder: Path, *arguments: str, module: str = "tests.load_server", **settings: object
) -> Iterator[Running]:
    """Yield a server that is ready, with ``settings``; its index is in ``folder``."""
    port = free_port()
    given = {f"WENBAO_{name.upper()}": str(value) for name, value in settings.items()}
    given = {"WENBAO_INDEX": str(folder), "WENBAO_PORT": str(port), "WENBAO_FEEDBACK": "", **given}
    with (folder.parent / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT, env={**os.environ, **given}, stdout=log, stderr=log,
        )  # fmt: skip
    server = Running(process, port)
    try:
        _wait_until_ready(server, folder.parent / "server.log")
        yield server
    finally:
        process.kill()
        process.wait(30)


def _wait_until_ready(server: Running, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert server.process.poll() is None, log.read_text()[-2000:]
        try:
            with urlopen(f"{server.address}/readyz", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"not ready: {log.read_text()[-2000:]}")


# HTTP by hand: hundreds of clients must not cost more than the server


@asynccontextmanager
async def sent(
    port: int, method: str, path: str, body: object = None, **headers: str
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Yield the connection with a request sent; it is closed at the end, whatever came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", f"host: 127.0.0.1:{port}", "connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body is not None:
        lines += ["content-type: application/json", f"content-length: {len(content)}"]
    writer.write("\r\n".join([*lines, "", ""]).encode() + content)
    try:
        await writer.drain()
        yield reader, writer
    finally:
        writer.close()


async def call(
    port: int, path: str, body: object = None, method: str = "", **headers: str
) -> Reply:
    """Return the reply to a request, a POST where there is a ``body``."""
    began = time.monotonic()
    method = method or ("GET" if body is None else "POST")
    status, found, head = 0, b"", ""
    first_s = 0.0
    try:
        async with (
            asyncio.timeout(LONG_S),
            sent(port, method, path, body, **headers) as (reader, _),
        ):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first_s = time.monotonic() - began
            status = int(head.split(" ", 2)[1])
            found = await reader.read()
    except (OSError, asyncio.IncompleteReadError):
        pass  # hung up: before its reply, or after the head of it
    named = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    if named.get("transfer-encoding") == "chunked":
        found = _unchunked(found)
    return Reply(status, named, found.decode(), first_s, time.monotonic() - began)


def _unchunked(body: bytes) -> bytes:
    found = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size or b"0", 16)
        found, body = found + body[:length], body[length + 2 :]
    return found


async def ask(port: int, text: str, path: str = "/api/ask/stream", **headers: str) -> Reply:
    """Return the reply to a question, by default streamed."""
    return await call(port, path, {"question": text}, **headers)


@dataclass
class Page:
    """A chat in a browser, as far as the server sees it: it joins Gradio's queue and listens."""

    port: int
    asks: int  # the number of the event in the page
    session: str = field(default_factory=lambda: uuid4().hex)

    @classmethod
    async def open(cls, port: int) -> "Page":
        """Return a page of the server at ``port``."""
        config = (await call(port, "/config")).json()
        (asks,) = [
            each["id"] for each in config["dependencies"]
            if any(event == "example_select" for _, event in each["targets"])
        ]  # fmt: skip
        return cls(port, asks)

    async def ask(self, text: str) -> Reply:
        """Return the whole stream of what the page is told after ``text`` was sent."""
        await self.send(text)
        return await call(self.port, f"/gradio_api/queue/data?session_hash={self.session}")

    async def send(self, text: str) -> Reply:
        """Send a question and do not listen."""
        narrowed = [""] * 6
        body = {
            "data": [text, "zh", None, "", "", *narrowed],
            "event_data": None,
            "fn_index": self.asks,
            "session_hash": self.session,
        }
        return await call(self.port, "/gradio_api/queue/join", body)


def percentile(values: list[float], share: float) -> float:
    """Return the value that ``share`` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
