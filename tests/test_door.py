"""By what name and from where a server may be called, and what is told before it is opened."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest
from starlette.datastructures import Headers

from index.types import CorpusError
from rag.config import load_settings
from tests.conftest import ROOT
from tests.fakes import QUEUE_WARNINGS, FakeAnswerer
from ui.door import (
    Client,
    Door,
    came_in,
    door_of,
    host_in,
    is_open,
    network_of,
    networks,
    warnings_of,
)
from ui.shield import HEADERS

if TYPE_CHECKING:
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from rag.answering import Answerer

pytestmark = QUEUE_WARNINGS

PROXIES = networks("X", "127.0.0.1, 10.0.0.0/24")


def seen(peer: str, door: Door, **headers: str) -> tuple[Any, Client]:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "client": (peer, 1), "scheme": "http", "headers": raw}
    return came_in(scope, door)


def answers_to(door: Door, **headers: str) -> bool:
    return not door.refuses_host(
        Headers({name.replace("_", "-"): each for name, each in headers.items()})
    )


# Names


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:7860", "127.0.0.1", "127.0.0.1:7860", "[::1]:7860", "a.localhost",
     "localhost.", "127.1.2.3", "news.example", "News.Example:443", "192.0.2.7:7860"],
)  # fmt: skip
def test_the_names_of_this_machine_and_those_of_the_settings_are_answered(host: str) -> None:
    door = door_of(load_settings(host="192.0.2.7", allowed_hosts="news.example,other.example"))
    assert answers_to(door, host=host)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:7860", "localhost.evil.example", "127.0.0.1.evil.example",
     "news.example.evil", "notnews.example", "192.0.2.8", "0.0.0.0", "[2001:db8::1]", "",
     "evil.example:localhost", "localhost@evil.example", "2130706433", "news.example, evil", "x y"],
)  # fmt: skip
def test_any_other_name_is_refused(host: str) -> None:
    door = door_of(load_settings(host="192.0.2.7", allowed_hosts="news.example"))
    assert not answers_to(door, host=host)
    assert not answers_to(door, host="localhost", x_forwarded_host=host)


def test_a_call_that_names_no_host_is_refused() -> None:
    assert not answers_to(door_of(load_settings()), accept="*/*")


def test_listening_everywhere_any_address_is_a_name_and_no_name_is() -> None:
    door = door_of(load_settings(host="0.0.0.0", allowed_hosts=""))
    assert answers_to(door, host="192.0.2.99:7860")
    assert answers_to(door, host="[2001:db8::1]:7860")
    assert not answers_to(door, host="rebound.example")


def test_a_star_lets_any_name_in() -> None:
    assert answers_to(door_of(load_settings(allowed_hosts="*")), host="anything.example")


@pytest.mark.parametrize(
    ("header", "host"),
    [("a.b:80", "a.b"), ("[::1]:80", "::1"), ("::1", "::1"), ("A.B.", "a.b"), ("a.b", "a.b")],
)
def test_a_host_is_read_without_its_port(header: str, host: str) -> None:
    assert host_in(header) == host


# Clients


@pytest.mark.parametrize(
    ("peer", "told", "address", "here"),
    [
        ("198.51.100.7", "", "198.51.100.7", False),
        ("198.51.100.7", "127.0.0.1", "198.51.100.7", False),
        ("127.0.0.1", "", "127.0.0.1", True),
        ("127.0.0.1", "198.51.100.7", "198.51.100.7", False),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1", False),
        ("10.0.0.2", "198.51.100.7, 10.0.0.3", "198.51.100.7", False),
        ("10.0.0.2", "127.0.0.1, 198.51.100.7", "198.51.100.7", False),
        ("10.0.0.2", "", "10.0.0.2", False),
        ("10.0.0.2", "198.51.100.7:41234", "198.51.100.7", False),
        ("10.0.0.2", "198.51.100.7, 10.0.0.3:80", "198.51.100.7", False),
        ("10.0.0.2", "[2001:db8::7]:41234", "2001:db8::7", False),
        ("10.0.0.2", "198.51.100.7, unknown", "10.0.0.2", False),
        ("", "", "", True),
        ("", "127.0.0.1", "", False),
    ],
)
def test_a_client_is_the_last_address_that_is_no_trusted_proxy(
    peer: str, told: str, address: str, here: bool
) -> None:
    headers = {"x_forwarded_for": told} if told else {}
    _, client = seen(peer, Door(proxies=PROXIES), **headers)
    assert (client.address, client.here) == (address, here)


def test_the_addresses_of_one_network_are_one() -> None:
    assert network_of("2001:db8:1:2::7") == network_of("2001:db8:1:2:ffff::1")
    assert network_of("2001:db8:1:2::7") != network_of("2001:db8:1:3::7")
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1") == "192.0.2.1"
    assert network_of("") == ""


def test_what_strangers_say_of_proxies_is_taken_out() -> None:
    said = {"x_forwarded_host": "a", "x_forwarded_proto": "https", "x_user": "b", "accept": "c"}
    door = Door(proxies=PROXIES, auth_header="x-user")
    scope, client = seen("198.51.100.7", door, **said)
    assert scope["headers"] == [(b"accept", b"c")]
    assert not client.https
    assert not client.proxied
    scope, client = seen("10.0.0.2", door, **said)
    assert len(scope["headers"]) == 4
    assert (scope["scheme"], client.https, client.proxied) == ("https", True, True)


@pytest.mark.parametrize("setting", ["localhost", "10.0.0.0/40", "10.0.0.1 10.0.0.2"])
def test_what_is_no_network_is_told(setting: str) -> None:
    with pytest.raises(CorpusError, match="WENBAO_TRUSTED_PROXIES"):
        door_of(load_settings(trusted_proxies=setting))


# Before it is opened


@pytest.mark.parametrize(
    ("host", "open_"),
    [("127.0.0.1", False), ("localhost", False), ("::1", False), ("127.9.9.9", False),
     ("0.0.0.0", True), ("::", True), ("192.0.2.7", True), ("news.example", True)],
)  # fmt: skip
def test_a_port_is_open_where_other_machines_reach_it(host: str, open_: bool) -> None:
    assert is_open(load_settings(host=host)) is open_


def test_an_open_port_without_a_login_is_told_in_one_line(tmp_path: Path) -> None:
    (warning,) = warnings_of(load_settings(host="0.0.0.0"))
    assert "WENBAO_USERS" in warning
    assert "\n" not in warning
    assert not warnings_of(load_settings(host="127.0.0.1"))
    assert not warnings_of(load_settings(host="0.0.0.0", users=tmp_path / "users"))
    assert not warnings_of(load_settings(host="0.0.0.0", auth_header="X-User"))


def test_uploads_on_an_open_port_need_a_login_or_a_word(tmp_path: Path) -> None:
    opened = {"host": "0.0.0.0", "uploads": tmp_path}
    with pytest.raises(CorpusError, match="WENBAO_OPEN_UPLOADS=1"):
        warnings_of(load_settings(**opened))
    assert "change" in warnings_of(load_settings(**opened, open_uploads=True))[0]
    assert not warnings_of(load_settings(**opened, users=tmp_path / "users"))
    assert not warnings_of(load_settings(uploads=tmp_path))


# The app


@pytest.fixture(scope="module")
def app() -> Iterator["FastAPI"]:
    from fastapi.testclient import TestClient

    from ui.app import create_app

    async def in_a_loop() -> "FastAPI":  # without one, Gradio makes one and leaves it open
        settings = load_settings(metrics_from="192.0.2.0/24")
        return create_app(cast("Answerer", FakeAnswerer()), settings)

    app = asyncio.run(in_a_loop())
    with TestClient(app):
        yield app


def client_at(app: "FastAPI", address: str) -> "TestClient":
    from fastapi.testclient import TestClient

    return TestClient(app, client=(address, 1), raise_server_exceptions=False)


@pytest.mark.parametrize(
    "path", ["/", "/api/articles", "/mcp", "/healthz", "/gradio_api/queue/join"]
)
def test_the_app_does_not_answer_to_a_name_that_is_not_its_own(app: "FastAPI", path: str) -> None:
    client = client_at(app, "127.0.0.1")
    for method in ("GET", "POST"):
        reply = client.request(method, path, headers={"host": "evil.example"})
        assert reply.status_code == 421
        assert "evil.example" in reply.text
        assert "WENBAO_ALLOWED_HOSTS" in reply.text


def test_figures_are_for_this_machine_and_those_of_the_settings(app: "FastAPI") -> None:
    for address, status in (("127.0.0.1", 200), ("192.0.2.5", 200), ("198.51.100.7", 403)):
        assert client_at(app, address).get("/metrics").status_code == status
    through = {"x-forwarded-for": "198.51.100.7"}
    assert client_at(app, "127.0.0.1").get("/metrics", headers=through).status_code == 403


def test_every_answer_has_every_header(app: "FastAPI") -> None:
    from tests.test_login import addresses_of

    found = {*addresses_of(client_at(app, "10.0.0.9")), ("GET", "/no/such"), ("PUT", "/")}
    found.discard(("POST", "/corpus/health"))  # starts a self-test, for which the fake is too small
    starts = asyncio.run(starts_of(app, sorted(found)))
    assert {status for status, _ in starts.values()} >= {200, 404, 405, 422}
    for call, (_, headers) in starts.items():
        for name, value in HEADERS.items():
            assert headers[name] == value, (call, name)
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "strict-transport-security" not in headers
        assert not [name for name in headers if name.startswith("access-control-")], call


Starts = dict[tuple[str, str], tuple[int, Headers]]


async def starts_of(app: "FastAPI", calls: list[tuple[str, str]]) -> Starts:
    """Return the status and the headers of each call; some answers never end."""
    told = {}
    for call in calls:
        start: asyncio.Future[tuple[int, Headers]] = asyncio.Future()

        bodies = [b"{}"]

        async def receive(bodies: list[bytes] = bodies) -> Any:
            if not bodies:
                await asyncio.sleep(3600)  # the client stays
            return {"type": "http.request", "body": bodies.pop(), "more_body": False}

        async def send(message: Any, start: Any = start) -> None:
            if message["type"] == "http.response.start" and not start.done():
                start.set_result((message["status"], Headers(raw=message["headers"])))

        task = asyncio.ensure_future(app(scope_of(*call), receive, send))
        try:
            told[call] = await asyncio.wait_for(start, 20)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    return told


def scope_of(method: str, path: str) -> dict[str, Any]:
    headers = {
        "host": "localhost", "origin": "http://localhost", "content-length": "2",
        "content-type": "application/json",
    }  # fmt: skip
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("10.0.0.9", 1), "server": ("localhost", 80), "root_path": "", "state": {},
    }  # fmt: skip


# `wenbao serve`


@pytest.mark.slow
def test_the_server_checks_names_and_says_what_is_open(seed_index: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = ("serve", "--host", "0.0.0.0", "--port", str(port), "--index", str(seed_index))
    environment = {**os.environ, "WENBAO_ALLOWED_HOSTS": "news.example"}
    server = subprocess.Popen(
        [sys.executable, "-m", "ui", *words],
        cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{address}/readyz").status_code == 200:
                    break
            except httpx.TransportError:
                assert server.poll() is None
            time.sleep(0.2)
        for host, status in (("news.example", 200), ("127.0.0.1", 200), ("evil.example", 421)):
            reply = httpx.get(f"{address}/healthz", headers={"host": host})
            assert reply.status_code == status
            assert "server" not in reply.headers
        marker = "标记问题zq7"
        asked = {"question": marker}
        assert httpx.post(f"{address}/api/ask", json=asked, timeout=60).status_code == 200
        assert httpx.get(f"{address}/corpus/bench", params={"q": marker}).status_code == 200
    finally:
        server.terminate()
        _, told = server.communicate(timeout=60)
    assert "without a login" in told
    assert "zq7" not in told
