"""Requests as bytes on a socket, for what no HTTP client would send."""

import socket
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

TIMEOUT_S = 20.0


@dataclass(frozen=True)
class Reply:
    """What came back: the status (0: the connection was closed), the head and the body."""

    status: int
    head: str
    body: bytes


def sent(address: str, data: bytes) -> Reply:
    """Return the reply to ``data``, sent as it is, as far as it came."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), TIMEOUT_S) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):  # refused before it was all sent
            connection.sendall(data)
        return _read(connection)


def _read(connection: socket.socket) -> Reply:
    got = b""
    with suppress(TimeoutError, ConnectionResetError):
        while piece := connection.recv(65_536):
            got += piece
            if b"\r\n\r\n" in got and b"text/event-stream" in got:
                break
    head, _, body = got.partition(b"\r\n\r\n")
    first = head.split(b"\r\n")[0].split(b" ")
    status = int(first[1]) if len(first) > 1 and first[1].isdigit() else 0
    return Reply(status, head.decode("latin-1").lower(), body)


def request(
    method: str,
    path: str,
    body: bytes = b"",
    headers: tuple[str, ...] = (),
    host: str = "localhost",
) -> bytes:
    """Return a request that asks for the connection to be closed; ``path`` goes as it is."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close", *headers]
    if body and not any(each.lower().startswith("content-length") for each in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join((*lines, "", "")).encode("utf-8", "surrogatepass") + body
