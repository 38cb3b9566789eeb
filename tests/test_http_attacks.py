"""The app under attack: whatever is sent, a refusal and no error of the server's own."""

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from rag.config import load_settings
from tests.embedders import BigramEmbedder
from tests.fakes import QUEUE_WARNINGS, FakeAnswerer
from tests.papers import answerer_of
from tests.raw_http import Reply, request, sent
from tests.serving import served
from tests.torture import Torture
from ui.library import Library
from ui.queue_calls import JOIN, MAX_DEPTH, SHORT, objection
from ui.shield import CALLS, MAX_BODY_BYTES, PAGES, PROGRAM_CALLS, PROGRAM_PAGES

if TYPE_CHECKING:
    from fastapi import FastAPI

    from rag.answering import Answerer

pytestmark = QUEUE_WARNINGS

JSON = "Content-Type: application/json"
FETCHED = "http://news.example/picture.png"
FILE = {"path": FETCHED, "url": FETCHED, "meta": {"_type": "gradio.FileData"}}

# Nobody may read a file of the machine, or the words of an error of the program.
SECRETS = (b"root:x:0", b"Traceback (most", b"site-packages", b"[project]")

PLACES = (
    "/etc/passwd", "../../../../../../etc/passwd", "..%2f..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/%2e%2e/etc/passwd", "..%252f..%252fetc%252fpasswd", "..\\..\\etc\\passwd",
    "..%5c..%5cetc%5cpasswd", "%c0%ae%c0%ae/etc/passwd", "....//....//etc/passwd", "%00",
    "a%00.txt", "%ff%fe", "%ED%A0%80", "%", "%zz", "//etc/passwd", "http://news.example/",
    "file:///etc/passwd", "pyproject.toml", "../pyproject.toml", "a" * 5_000, "的" * 500,
    ";/etc/passwd", "?", "#", "%0d%0aX-Injected:%201", "~root", "C:%5cWindows%5cwin.ini", "CON",
    "proc/self/environ", "*", "{{7*7}}", "%u2215etc", "/./././etc/passwd", "%2f%2fetc%2fpasswd",
)  # fmt: skip
PREFIXES = (
    "/", "/static/", "/assets/", "/wenbao/", "/article/", "/corpus/", "/corpus/issue/",
    "/corpus/jobs/", "/api/", "/api/articles/", "/v1/", "/gradio_api/heartbeat/",
    "/gradio_api/file=", "/gradio_api/file/", "/gradio_api/proxy=", "/gradio_api/upload/",
    "/file=", "/proxy=", "/svelte/", "/theme.css/", "/gradio_api/stream/", "/pwa_icon/",
    "/gradio_api/custom_component/", "/monitoring/", "/mcp/", "/../", "/corpus/add/",
)  # fmt: skip
VALUES = (
    "", "%00", "%ff", "-1", "9" * 30, "9" * 4_500, "1e9", "NaN", "%E7%9A%84" * 3_000, "a" * 30_000,
    "..%2f..%2fetc%2fpasswd", "%0d%0aX-Injected:%201", "%ED%A0%80", "null", "[]", "2026-02-31",
    "0000-00-00", "%F0%9F%92%A9", "1&page=2&page=3", "%E2%80%AE",
)  # fmt: skip
ASKED_WITH = (
    "/?page=", "/config?page=", "/gradio_api/info?page=",
    "/?view=", "/?deep_link=", "/?__theme=", "/?lang=", "/config?x=", "/theme.css?v=", "/corpus?q=",
    "/corpus?page=", "/corpus?at=", "/corpus?since=", "/corpus?until=", "/corpus?file=",
    "/corpus?genre=", "/corpus?reporter=", "/corpus?lang=", "/corpus/issue/2025-05-27?at=",
    "/corpus/doubts?at=", "/corpus/doubts?file=", "/corpus/bench?q=", "/corpus/remove?name=",
    "/article/x?at=", "/article/x?file=a&at=", "/article/x?view=", "/api/articles?limit=",
    "/api/articles?offset=", "/api/articles?since=", "/api/articles?file=", "/openapi.json?x=",
    "/gradio_api/queue/data?session_hash=x&y=", "/healthz?x=", "/metrics?x=",
)  # fmt: skip
METHODS = (
    *("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "HEAD", "PROPFIND", "get"),
    *("G" * 3_000, "QUERY", "PURGE"),
)
DEEP = b"[" * 60_000
BODIES: tuple[bytes, ...] = (
    b"", b"{", b"null", b"[]", b"0", b'""', b"\xff\xfe", b"\x00" * 100, DEEP,
    b'{"a":' * 20_000 + b"1" + b"}" * 20_000, b"1" * 6_000, b'{"question": 1e999}', b"NaN",
    b'{"question": "\\ud800"}', b'{"question": "a\\u0000b"}', b'{"question": {"$ne": 1}}',
    b'{"question": ["a"]}', b'{"question": ""}', b'{"question": "a", "question": "b"}',
    b'{"question": "a", "session_history": [[[[]]]]}', b'{"__proto__": {}, "question": "x"}',
    b'{"question": "x", "session_history": ' + json.dumps(["y"] * 20_000).encode() + b"}",
    b'{"question": "x", "limit": ' + b"9" * 5_000 + b"}", "{“question”: 1}".encode(),
    "{\"question\": \"问\"}".encode("utf-16"), b'\xef\xbb\xbf{"question": "x"}',
    b'{"messages": []}', b'{"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}',
    b'{"messages": [{"role": "user", "content": null}], "stream": true}',
    b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "x"}}',
    b'{"jsonrpc": "2.0", "id": {}, "method": 7}', b'{"session_hash": null, "data": []}',
    b'{"verdict": "up", "answer": {}}', b"a" * 200_000, b"question=x", b"<a/>", b"-" * 70_000,
)  # fmt: skip
KINDS = (
    "application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
    "multipart/form-data; boundary=", "multipart/form-data; boundary=" + "x" * 300, "", "json",
    "application/json; charset=utf-16", "application/json\u00e9", "text/html", "*/*",
    "multipart/form-data; boundary=x",
)  # fmt: skip
HEADERS = (
    "Origin: http://[", "Origin: ://", "Origin: \u00e9", "Origin: null", "Sec-Fetch-Site: \u00e9",
    "Content-Length: -1", "Content-Length: +5", "Content-Length: 5, 5", "Content-Length: 0x5",
    "Content-Length: " + "9" * 18, "Content-Length: " + "9" * 5_000, "Content-Length: \u00b2",
    "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: x",
    "Expect: 100-continue", "Expect: x", "Upgrade: h2c\r\nHTTP2-Settings: AAA", "Host: other",
    "Content-Encoding: gzip", "Cookie: " + "a=b; " * 5_000, "Cookie: wenbao-language=\u00e9",
    "Accept-Language: " + "zh," * 8_000, "Accept-Language: ;q=x", "Accept: \u00e9",
    "X-Forwarded-Host: news.example", "X-Forwarded-Proto: javascript",
    "X-Forwarded-For: " + "1.1.1.1, " * 2_000, "Forwarded: for=x;host=news.example",
    "X-Original-URL: /gradio_api/upload", "X-HTTP-Method-Override: DELETE", "A" * 60_000 + ": b",
    "Range: bytes=0-0", "Range: bytes=" + ",".join(["0-1"] * 2_000), "Range: bytes=-1,5-2",
    "Range: lines=1", "If-None-Match: *", "If-Modified-Since: x", "If-Range: \u00e9",
    "If-Match: \"x\"", "X-Gradio-User: x", "X-Gradio-Target: http://news.example/",
    "\r\n".join(f"H{n}: x" for n in range(150)), "Bad Header: x", "\x00: x", "X: \x00", ": x",
    " folded: x", "X: a\n b", "Authorization: Bearer x", "Last-Event-ID: \u00e9",
)  # fmt: skip
FORM = "Content-Type: multipart/form-data; boundary=b"
NAMES = (
    "../../escape.txt", "..\\escape.txt", "/etc/cron.d/x.txt", "a\x00.txt", ".hidden.txt", "",
    "x.txt/", "x.exe", "README.md", "n" * 400 + ".txt", "a\u202etxt.txt", "C:\\x.txt", "x.txt;y",
    "~/.ssh/authorized_keys", "x\r\nX: y.txt", "%2e%2e%2fescape.txt", "con.txt.", "\ud800.txt",
)  # fmt: skip


def part(name: str, filename: str | None, text: bytes = b"x\n") -> bytes:
    """Return a part of a form between boundaries ``b``."""
    file = "" if filename is None else f'; filename="{filename}"'
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
    return head.encode("utf-8", "surrogatepass") + text + b"\r\n"


FORMS: tuple[bytes, ...] = (
    *(part("pages", name) + b"--b--\r\n" for name in NAMES),
    b"--b--\r\n", b"--b", b"", b"no boundary at all", b"--b\r\n\r\nx\r\n--b--\r\n",
    b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n",
    b"--b\r\n" + b"X: y\r\n" * 5_000 + b"\r\nx\r\n--b--\r\n",
    b"--b\r\nContent-Disposition: form-data; name=\"pages\"; filename=\"" + b"a" * 9_000,
    b"".join(part("pages", f"{n}.exe") for n in range(300)) + b"--b--\r\n",
    b"".join(part("name", None) for _ in range(3_000)) + b"--b--\r\n",
    part("name", None, b"x" * 200_000) + b"--b--\r\n",
    part("name", None, b"\xff\xfe") + b"--b--\r\n",
    part("pages", "x.txt", b"--b\r\n" * 1_000) + b"--b--\r\n",
    part("name", None, b"no such file") + b"--b--\r\n",
)  # fmt: skip


def attacks() -> Iterator[bytes]:
    """Yield every request of the families above."""
    for prefix in PREFIXES:
        for place in PLACES:
            yield request("GET", f"{prefix}{place}")
    for asked in ASKED_WITH:
        for value in VALUES:
            yield request("GET", f"{asked}{value}")
    posts = (*CALLS, *PROGRAM_CALLS)
    for path in (
        *PAGES,
        *PROGRAM_PAGES,
        *posts,
        "/article/x",
        "/api/articles",
        "/v1/x",
        "/nothing",
    ):
        for method in METHODS:
            yield request(method, path)
        for header in HEADERS:
            yield request("GET", path, headers=(header,))
    for path in posts:
        for body in BODIES:
            yield request("POST", path, body, (JSON,))
        for kind in KINDS:
            yield request("POST", path, b'{"question": "x"}', (f"Content-Type: {kind}",))
        for header in HEADERS:
            yield request("POST", path, b'{"question": "x"}', (JSON, header))
    for path in ("/corpus/add", "/corpus/remove"):
        for form in FORMS:
            yield request("POST", path, form, (FORM,))
    for line in (
        "GET /", "GET / HTTP/0.9", "GET / HTTP/1.0", "GET / HTTP/3.0", "GET  / HTTP/1.1", "",
        "\x00", "GET http://news.example/ HTTP/1.1",
        "GET news.example:443 HTTP/1.1", "GET * HTTP/1.1",
        "PRI * HTTP/2.0", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "GET /\x00 HTTP/1.1",
        "GET /\u00e9 HTTP/1.1", "GET /" + "a" * 70_000 + " HTTP/1.1", "SSH-2.0-x",
    ):  # fmt: skip
        yield f"{line}\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("attacked")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """Yield the address of an app over a small archive that lets readers add pages."""
    answerer = answerer_of(folder)
    settings = load_settings(index=folder / "index", uploads=folder / "received")
    embedder = BigramEmbedder()
    with served(answerer, settings, lambda live: Library(live, settings, embedder)) as address:
        yield address


def amiss(reply: Reply) -> str:
    """Return what is wrong with a reply; nothing where nothing is."""
    if reply.status >= 500 and reply.status != 501:  # not implemented is an answer
        return f"an error of the server, {reply.status}"
    if "x-injected" in reply.head or "access-control-allow" in reply.head:
        return "a header that was put in"
    found = [secret for secret in SECRETS if secret in reply.body]
    return f"it tells {found}" if found else ""


@pytest.mark.torture
def test_no_request_is_an_error_of_the_server(address: str, folder: Path, torture: Torture) -> None:
    every = list(attacks())
    chosen = random.Random(7).sample(every, torture.times(150, len(every)))
    statuses: Counter[int] = Counter()
    wrong = []
    for data in chosen:
        reply = sent(address, data)
        statuses[reply.status] += 1
        if amiss(reply):
            wrong.append(f"{amiss(reply)}: {data[:200]!r} got {reply.body[:200]!r}")
    assert not wrong, "\n".join(wrong[:20])
    assert sent(address, request("GET", "/healthz")).status == 200
    kept = {path.name for path in folder.rglob("*escape*")}
    assert not kept
    torture.tell(
        "raw HTTP attacks", requests=len(chosen), server_errors=0, closed=statuses[0],
        refused=sum(n for status, n in statuses.items() if 400 <= status < 500),
    )  # fmt: skip


# The description of the API, and what hypothesis makes of it

HELD = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance"),
    *("response_schema_conformance", "response_headers_conformance"),
)
LEAST = 4  # requests of an operation without parameters: they are all alike


def operations(address: str) -> list[Any]:
    """Return what ``/openapi.json`` describes."""
    import schemathesis

    schema: Any = schemathesis.openapi.from_url(f"{address}/openapi.json")
    return [found.ok() for found in schema.get_all_operations()]


@pytest.mark.torture
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_every_reply_is_one_that_the_api_describes(address: str, torture: Torture) -> None:
    schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
    import requests
    from hypothesis import HealthCheck, Phase, given, seed, settings
    from hypothesis.errors import Unsatisfiable
    from schemathesis import checks

    held = [getattr(checks, name) for name in HELD]
    statuses: Counter[int] = Counter()
    found = operations(address)
    asked = [each for each in found if each.body or any(each.iter_parameters())]
    wanted = torture.times(60, 10_000)
    modes = [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]

    with requests.Session() as session:
        for operation in found:
            most = wanted // (len(asked) * 2 - 1) + 1
            times, tried = (most, modes) if operation in asked else (LEAST, modes[:1])
            for mode in tried:
                case_of = operation.as_strategy(generation_mode=mode)

                @seed(20_260_528)
                @settings(
                    max_examples=times, deadline=None, database=None, derandomize=False,
                    phases=[Phase.generate], suppress_health_check=list(HealthCheck),
                )  # fmt: skip
                @given(case=case_of)
                def holds(case: Any) -> None:
                    reply = case.call(session=session)
                    statuses[reply.status_code] += 1
                    case.validate_response(reply, checks=held)

                with suppress(Unsatisfiable):  # of a path that may be anything, nothing is wrong
                    holds()
    torture.tell(
        "schemathesis over the API", requests=statuses.total(),
        server_errors=sum(n for status, n in statuses.items() if status >= 500),
        answered=statuses[200], refused=sum(n for s, n in statuses.items() if 400 <= s < 500),
    )  # fmt: skip
    assert statuses.total() >= wanted
    assert max(statuses) < 500


# Smuggling: what one reads as one request, nobody may read as two


@pytest.mark.parametrize(
    "headers",
    [
        ("Content-Length: 3", "Content-Length: 40"),
        ("Content-Length: 3", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
        ("Transfer-Encoding: xchunked",),
        ("Transfer-Encoding : chunked",),
        ("Content-Length: 3 ", "Transfer-Encoding:\tchunked"),
    ],
)
def test_no_second_request_hides_in_the_first(address: str, headers: Sequence[str]) -> None:
    hidden = b"0\r\n\r\nGET /openapi.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    lines = ("POST /api/ask HTTP/1.1", "Host: localhost", JSON, *headers, "", "")
    reply = sent(address, "\r\n".join(lines).encode() + hidden)
    assert 400 <= reply.status < 500
    assert b"openapi" not in reply.body


# Other sites


@pytest.mark.parametrize("path", [*CALLS, *PROGRAM_CALLS])
@pytest.mark.parametrize(
    "header",
    [
        "Origin: http://news.example", "Origin: null", "Origin: http://x:81",
        "Origin: http://x.news.example", "Origin: http://[", "Origin: http://x@news.example",
        "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Sec-Fetch-Site: x",
    ],
)  # fmt: skip
def test_calls_from_other_sites_are_refused(address: str, path: str, header: str) -> None:
    reply = sent(address, request("POST", path, b"{}", (JSON, header)))
    assert reply.status == 403


def test_no_page_may_speak_by_websocket(address: str) -> None:
    upgrade = ("Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: eA==")
    for path in ("/", "/gradio_api/queue/join", "/queue/join", "/mcp", "/ws"):
        data = request("GET", path, headers=upgrade).replace(b"close", b"Upgrade")
        reply = sent(address, data.replace(b"Connection: Upgrade", b"Connection: Upgrade, close"))
        assert reply.status != 101
        assert not amiss(reply)


# Gradio's own doors

OPEN = {  # what the page needs of Gradio; everything else of it is answered with 404
    "/openapi.json",  # that of this app comes before
    "/", "/config", "/theme.css", "/manifest.json", "/favicon.ico", "/robots.txt",
    "/static/{path:path}", "/assets/{path:path}", "/gradio_api/info",
    "/gradio_api/heartbeat/{session_hash}", "/gradio_api/reset", "/gradio_api/cancel",
    "/gradio_api/queue/join", "/gradio_api/queue/data",
}  # fmt: skip


def gradio_paths(app: "FastAPI") -> set[str]:
    """Return every path that Gradio serves."""
    import gradio.routes
    from starlette.routing import Mount

    mounts = [each for each in app.routes if isinstance(each, Mount)]
    (inside,) = [each.app for each in mounts if isinstance(each.app, gradio.routes.App)]
    found = set()
    for path in inside.openapi()["paths"]:
        found.add(path)
    found |= {str(getattr(each, "path", "")) for each in inside.routes}
    return {path for path in found if path}


@pytest.fixture(scope="module")
def app() -> "FastAPI":
    import asyncio

    from ui.app import create_app

    async def in_a_loop() -> "FastAPI":  # without one, Gradio makes one and leaves it open
        return create_app(cast("Answerer", FakeAnswerer()), load_settings())

    return asyncio.run(in_a_loop())


def test_only_what_the_page_needs_of_gradio_is_open(app: "FastAPI", address: str) -> None:
    paths = gradio_paths(app)
    assert {"/gradio_api/upload", "/gradio_api/file={path_or_url}"} & paths, sorted(paths)[:9]
    shut = {path for path in paths if path.replace(":path", "") not in OPEN and path not in OPEN}
    for path in shut:
        for method in ("GET", "POST"):
            where = path.replace("{", "").replace("}", "").replace(":path", "")
            reply = sent(
                address, request(method, where, b"{}" if method == "POST" else b"", (JSON,))
            )
            assert reply.status in (404, 405), (method, where, reply)


# What Gradio's queue takes

HIDDEN_FILES: list[Any] = [
    FILE,
    [FILE],
    {"value": FILE},
    {"version": 1, "exchanges": [{"text": "x", "more": [[FILE]]}]},
    {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}},
    {"path": "x", "meta": None},
    {"text": "x", "files": [FILE]},
]


@pytest.mark.parametrize("hidden", HIDDEN_FILES)
def test_a_call_of_the_chat_holds_no_file(hidden: Any) -> None:
    call = {"fn_index": 1, "session_hash": "s", "data": ["x", hidden]}
    assert objection(JOIN, json.dumps(call).encode(), {1}) == "files are not taken here"
    spelt = json.dumps(call).replace("path", "\\u0070ath").replace("FileData", "\\u0046ileData")
    assert objection(JOIN, spelt.encode(), {1}) == "files are not taken here"
    event = call | {"data": [], "event_data": hidden}
    assert objection(JOIN, json.dumps(event).encode(), {1}) == "files are not taken here"


def test_a_call_of_the_chat_is_small_and_known() -> None:
    deep: Any = []
    for _ in range(MAX_DEPTH):
        deep = [deep]
    good = {"fn_index": 1, "session_hash": "s", "data": ["x", None, {"a": [1]}]}
    assert objection(JOIN, json.dumps(good).encode(), {1}) is None
    assert objection(JOIN, json.dumps(good).encode(), {2}) == "fn_index is no function of this page"
    wrong: tuple[dict[str, Any], ...] = (
        *({"fn_index": "1"}, {"session_hash": ""}, {"session_hash": "s" * 99}, {"data": {}}),
        *({"data": deep}, {"data": [1e999]}, {"trigger_id": "1"}, {"request": {}}),
    )
    for more in wrong:
        assert objection(JOIN, json.dumps(good | more).encode(), {1}), more
    for broken in (b"", b"\xff", DEEP, b"[]", b"null", b"1" * 5_000):
        assert objection(JOIN, broken, {1})


@pytest.mark.parametrize("path", SHORT)
def test_a_call_that_ends_another_names_it_and_nothing_else(path: str) -> None:
    good = {"session_hash": "s", "fn_index": 1, "event_id": "e"}
    assert objection(path, json.dumps(good).encode(), ()) is None
    wrong: tuple[dict[str, Any], ...] = (
        {"event_id": "\ud800"},
        {"event_id": {}},
        {"x": 1e999},
        {"fn_index": "x" * 99},
    )
    for more in wrong:
        assert objection(path, json.dumps(good | more).encode(), ()), more


def test_no_address_is_fetched_for_a_caller(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from gradio import processing_utils

    fetched: list[str] = []

    async def noted(url: str, *_: Any, **__: Any) -> str:
        fetched.append(url)
        return "/nowhere"

    monkeypatch.setattr(processing_utils, "async_ssrf_protected_download", noted)
    config = json.loads(sent(address, request("GET", "/config")).body)
    for function in filter(lambda each: each["inputs"], config["dependencies"]):
        data: list[Any] = [FILE] * len(function["inputs"])
        call = {"fn_index": function["id"], "session_hash": "s", "data": data}
        reply = sent(address, request("POST", JOIN, json.dumps(call).encode(), (JSON,)))
        assert reply.status == 422
    assert fetched == []


def test_a_body_is_no_larger_than_it_may_be(address: str) -> None:
    for path in (*CALLS, *PROGRAM_CALLS):
        if path == "/corpus/add":
            continue
        told = f"Content-Length: {MAX_BODY_BYTES + 1}"
        assert sent(address, request("POST", path, b"{}", (JSON, told))).status == 413
