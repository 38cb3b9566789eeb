"""An OpenAI-compatible endpoint that plays a part: a real HTTP server on this machine."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Endpoint:
    """What the server does with a request, what it was asked, and whether its client left."""

    play: Callable[["Handler"], None]
    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)


class Handler(BaseHTTPRequestHandler):
    """Answers as the endpoint of the test plays it."""

    endpoint: Endpoint

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.endpoint.asked.append(json.loads(self.rfile.read(length)))
        self.endpoint.keys.append(self.headers["Authorization"])
        try:
            self.endpoint.play(self)
        except (BrokenPipeError, ConnectionResetError):
            self.endpoint.left.set()

    def log_message(self, *_: Any) -> None:
        """Keep the tests quiet."""

    def head(self, status: int = 200, kind: str = "text/event-stream", **more: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in more.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def event(self, content: str | None = None, finish_reason: str | None = None) -> None:
        delta = {} if content is None else {"role": "assistant", "content": content}
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        row = {"id": "1", "object": "chat.completion.chunk", "model": "m", "choices": [choice]}
        self.raw(f"data: {json.dumps(row)}\n\n".encode())

    def raw(self, data: bytes) -> None:
        self.wfile.write(data)
        self.wfile.flush()

    def stream(self, *pieces: str, finish_reason: str | None = "stop") -> None:
        self.head()
        for piece in pieces:
            self.event(piece)
        if finish_reason:
            self.event(finish_reason=finish_reason)
            self.raw(b"data: [DONE]\n\n")


Play = Callable[[Handler], None]
Serve = Callable[[Play], Endpoint]


def start_endpoint(play: Play) -> tuple[Endpoint, ThreadingHTTPServer]:
    """Return a running endpoint that plays the given part, and its server, to be shut down."""
    endpoint = Endpoint(play)
    handler = type("PlayedHandler", (Handler,), {"endpoint": endpoint})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    endpoint.url = f"http://127.0.0.1:{server.server_port}/v1"
    return endpoint, server
