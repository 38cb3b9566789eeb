"""Logging in: who may come in, what a reader and an editor may do, and how a session ends."""

import asyncio
import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from starlette.datastructures import Headers

from index.types import CorpusError
from rag.config import Settings, load_settings
from tests.fakes import QUEUE_WARNINGS, FakeAnswerer
from ui.accounts import Accounts, NotNowError, accounts_of, secret_path
from ui.door import Client
from ui.login import COOKIE, EDITING
from ui.login_strings import LOGIN_STRINGS
from ui.strings import STRINGS
from ui.users import add_user, make_token, remove_user

if TYPE_CHECKING:
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from rag.answering import Answerer

pytestmark = QUEUE_WARNINGS

PASSWORDS = {"lin": "ferry harbour lamp", "chen": "渡轮 港口 灯塔 清晨"}
HTML = {"accept": "text/html", "accept-language": "en"}
EN = LOGIN_STRINGS["en"]
ADDRESSES = count(1)
OPEN = ("/login", "/healthz", "/readyz", "/favicon.ico", "/robots.txt")
ASK = {"question": "第20届文旅博览会来了多少采购商？"}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("login")
    fill(folder / "users")
    return load_settings(
        users=folder / "users", uploads=folder / "uploads", index=folder / "index"
    )  # fmt: skip


def fill(users: Path) -> None:
    users.unlink(missing_ok=True)
    add_user(users, "lin", "reader", PASSWORDS["lin"])
    add_user(users, "chen", "editor", PASSWORDS["chen"])


@contextmanager
def started(settings: Settings) -> Iterator["FastAPI"]:
    from fastapi.testclient import TestClient

    from ui.app import create_app

    async def in_a_loop() -> "FastAPI":  # without one, Gradio makes one and leaves it open
        return create_app(cast("Answerer", FakeAnswerer()), settings)

    app = asyncio.run(in_a_loop())
    with TestClient(app):
        yield app


@pytest.fixture(scope="module")
def app(settings: Settings) -> Iterator["FastAPI"]:
    with started(settings) as app:
        yield app


def client_of(app: "FastAPI", address: str, **options: Any) -> "TestClient":
    from fastapi.testclient import TestClient

    return TestClient(app, client=(address, 1), follow_redirects=False, **options)


@pytest.fixture
def client(app: "FastAPI", settings: Settings) -> "TestClient":
    """Return a client of its own, at an address of its own, of an app with two users."""
    fill(cast("Path", settings.users))
    return client_of(app, f"10.1.{next(ADDRESSES)}.9")


def log_in(client: "TestClient", name: str, password: str = "", **fields: str) -> Any:
    form = {"name": name, "password": password or PASSWORDS[name], **fields}
    return client.post("/login", data=form, headers=HTML)


def basic(name: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def addresses_of(client: "TestClient") -> Iterator[tuple[str, str]]:
    """Yield the methods and paths of every route, those of Gradio too."""

    def walk(routes: Any) -> Iterator[tuple[str, str]]:
        for route in routes:
            if hasattr(route, "methods"):
                path = re.sub(r"\{[^}]*\}", "x", route.path)
                yield from ((method, path) for method in route.methods or {"GET"})
            for inner in (getattr(route, "app", None), getattr(route, "original_router", None)):
                if inner is not None and hasattr(inner, "routes"):
                    yield from walk(inner.routes)

    yield from walk(cast("Any", client.app).routes)


# Strangers


def test_a_stranger_is_answered_nothing_on_any_route(client: "TestClient") -> None:
    asked = 0
    for method, path in sorted(set(addresses_of(client))):
        if path in OPEN or path.startswith("/wenbao/"):
            continue
        reply = client.request(method, path, json={})
        assert reply.status_code in (401, 403, 404, 405, 411, 413, 422), (method, path)
        if method in ("GET", "HEAD") and path not in ("/metrics", "/mcp"):
            assert reply.status_code in (401, 404), (method, path)
        asked += 1
    assert asked > 60


def test_no_body_of_a_stranger_is_waited_for(app: "FastAPI") -> None:
    from tests.test_door import scope_of

    async def join() -> int:
        told: asyncio.Future[int] = asyncio.Future()

        async def receive() -> Any:
            await asyncio.sleep(3600)

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                told.set_result(message["status"])

        scope = scope_of("POST", "/gradio_api/queue/join")
        await asyncio.wait_for(app(scope, receive, send), 5)
        return await told

    assert asyncio.run(join()) == 401


def test_what_watches_the_server_is_let_in(client: "TestClient") -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200


def test_a_reader_is_led_to_the_login_and_from_there_to_what_was_wanted(
    client: "TestClient",
) -> None:
    there = "/article/one?file=a%20b.txt&lang=en"
    reply = client.get(there, headers=HTML)
    assert reply.status_code == 303
    page = client.get(f"/article/{reply.headers['location']}", headers=HTML)
    assert page.url.path == "/login"
    assert EN.intro in plain(page.text)
    wanted = re.search(r'name="next" value="([^"]*)"', page.text)
    assert wanted
    assert log_in(client, "lin", next=plain(wanted[1])).headers["location"] == f".{there}"


@pytest.mark.parametrize(
    "wanted", ["//evil.example/", "https://evil.example", "\\\\evil.example", "/\r\nx: y", "@evil"]
)
def test_no_login_leads_to_another_site(client: "TestClient", wanted: str) -> None:
    reply = log_in(client, "lin", next=wanted)
    assert reply.headers["location"].startswith("./")
    assert "\n" not in reply.headers["location"]
    assert client.base_url.join(reply.headers["location"]).host == "testserver"


def test_the_style_of_the_login_page_is_served_to_strangers(client: "TestClient") -> None:
    page = client.get("/login", headers=HTML)
    sheets = re.findall(r'(?:href|src)="(wenbao/[^"]+)"', page.text)
    assert any("login.css" in sheet for sheet in sheets)
    assert {client.get(f"/{sheet}").status_code for sheet in sheets} == {200}


@pytest.mark.parametrize("frame", ["zh", "en", "zh-Hant"])
def test_the_login_page_speaks_the_language_of_the_reader(client: "TestClient", frame: Any) -> None:
    page = client.get(f"/login?lang={frame}", headers=HTML).text
    assert f'lang="{STRINGS[frame].html_lang}"' in page
    form = {"name": "lin", "password": "not this one"}
    again = client.post(f"/login?lang={frame}", data=form, headers=HTML)
    assert LOGIN_STRINGS[frame].wrong in plain(again.text)


# Sessions


def test_a_session_is_a_cookie_that_scripts_and_other_sites_cannot_use(
    client: "TestClient",
) -> None:
    cookie = log_in(client, "lin").headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    for word in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=43200"):
        assert word in cookie
    assert "Secure" not in cookie
    assert PASSWORDS["lin"] not in cookie


def test_behind_https_the_cookie_is_for_https_alone(app: "FastAPI") -> None:
    proxy = client_of(app, "127.0.0.1")
    form = {"name": "lin", "password": PASSWORDS["lin"]}
    reply = proxy.post("/login", data=form, headers={"x-forwarded-proto": "https"})
    assert "Secure" in reply.headers["set-cookie"]
    assert "strict-transport-security" in reply.headers


def test_who_has_logged_in_asks_and_reads(client: "TestClient") -> None:
    assert log_in(client, "lin").status_code == 303
    assert client.get("/", headers=HTML).status_code == 200
    assert client.post("/api/ask", json=ASK).status_code == 200
    page = client.get("/login", headers=HTML)
    assert EN.logged_in_of.format(name="lin", role=EN.reader) in plain(page.text)


def plain(html: str) -> str:
    return re.sub(r"&#(\d+);", lambda match: chr(int(match[1])), html)


def test_what_a_session_sees_is_kept_by_no_cache(client: "TestClient") -> None:
    log_in(client, "lin")
    for path in ("/", "/api", "/api/articles", "/config"):
        assert "no-store" in client.get(path, headers=HTML).headers["cache-control"], path


def test_logging_out_ends_the_session_also_for_who_kept_its_cookie(client: "TestClient") -> None:
    log_in(client, "lin")
    cookie = client.cookies[COOKIE]
    out = client.post("/logout", headers=HTML)
    assert out.status_code == 303
    assert out.headers["clear-site-data"] == '"storage"'
    assert COOKIE not in client.cookies
    client.cookies.set(COOKIE, cookie)
    assert client.get("/api/articles").status_code == 401


def test_a_session_ends_when_its_time_is_up(
    client: "TestClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    log_in(client, "lin")
    assert client.get("/api/articles").status_code == 200
    cookie, later = client.cookies[COOKIE], time.time() + 12 * 3600 + 5
    monkeypatch.setattr(time, "time", lambda: later)
    assert client.get("/api/articles", headers={"cookie": f"{COOKIE}={cookie}"}).status_code == 401


def test_a_session_ends_when_the_password_changes(settings: Settings, client: "TestClient") -> None:
    log_in(client, "lin")
    assert client.get("/api/articles").status_code == 200
    add_user(cast("Path", settings.users), "lin", "reader", "another four words now")
    assert client.get("/api/articles").status_code == 401
    assert log_in(client, "lin", PASSWORDS["lin"]).status_code == 401
    assert log_in(client, "lin", "another four words now").status_code == 303


def test_a_session_ends_when_the_user_is_removed(settings: Settings, client: "TestClient") -> None:
    log_in(client, "lin")
    remove_user(cast("Path", settings.users), "lin")
    assert client.get("/api/articles").status_code == 401


def test_a_session_survives_a_restart_and_no_other_server_takes_it(
    settings: Settings, client: "TestClient", tmp_path: Path
) -> None:
    log_in(client, "lin")
    cookie = client.cookies[COOKIE]
    assert secret_path(settings).stat().st_mode & 0o777 == 0o600
    elsewhere = settings.model_copy(update={"secret_file": tmp_path / "another"})
    for each, name in ((settings, "lin"), (elsewhere, None)):
        headers, here = Headers(), Client("10.0.0.9", here=False, https=False, proxied=False)
        visitor = asyncio.run(Accounts(each).visitor(headers, here, cookie))
        assert (visitor.name if visitor else None) == name


@pytest.mark.parametrize("place", [0, 5, -1])
def test_a_forged_cookie_is_worth_nothing(client: "TestClient", place: int) -> None:
    log_in(client, "lin")
    cookie = client.cookies[COOKIE]
    changed = "A" if cookie[place] != "A" else "B"
    parts = list(cookie)
    parts[place] = changed
    client.cookies.clear()
    client.cookies.set(COOKIE, "".join(parts)[: -1 if place == -1 else None])
    assert client.get("/api/articles").status_code == 401


def test_a_damaged_password_file_lets_nobody_in(settings: Settings, client: "TestClient") -> None:
    log_in(client, "lin")
    cast("Path", settings.users).write_text("lin:admin:secret\n", "utf-8")
    assert client.get("/api/articles").status_code == 401


def test_an_app_without_anybody_to_let_in_does_not_start(tmp_path: Path) -> None:
    (tmp_path / "users").write_text("# nobody yet\n", "utf-8")
    for users in (tmp_path / "users", tmp_path / "none"):
        with pytest.raises(CorpusError, match="wenbao user add"):
            accounts_of(load_settings(users=users))


# Roles


@pytest.mark.parametrize("path", EDITING)
def test_a_reader_changes_nothing(client: "TestClient", path: str) -> None:
    log_in(client, "lin")
    for method in ("GET", "POST"):
        address = f"{path}x" if path.endswith("/") else path
        reply = client.request(method, address, headers=HTML, files={"pages": ("a.txt", b"x")})
        assert reply.status_code in (403, 405), (method, path)
    assert EN.editors_only in plain(client.get("/corpus/add", headers=HTML).text)


def test_an_editor_may_change_the_corpus(client: "TestClient") -> None:
    log_in(client, "chen")
    assert client.get("/corpus/add", headers=HTML).status_code == 200
    reply = client.post("/corpus/add", headers=HTML)
    assert reply.status_code == 400  # nothing was sent


# Programs


def test_a_program_sends_a_token_or_a_password(settings: Settings, client: "TestClient") -> None:
    token = make_token(cast("Path", settings.users), "lin")
    bearer = {"authorization": f"Bearer {token}"}
    for headers in (bearer, basic("chen", PASSWORDS["chen"])):
        assert client.post("/api/ask", json=ASK, headers=headers).status_code == 200
        body = {"messages": [{"role": "user", "content": ASK["question"]}]}
        assert client.post("/v1/chat/completions", json=body, headers=headers).status_code == 200
        assert client.get("/v1/models", headers=headers).status_code == 200


def test_who_says_nothing_or_something_wrong_is_told_what_to_send(client: "TestClient") -> None:
    for headers in (
        {},
        {"authorization": "Bearer wenbao_wrong"},
        {"authorization": "Bearer"},
        basic("lin", "wrong"),
        basic("", ""),
        {"authorization": "Basic %%%"},
        {"authorization": "Digest x"},
    ):
        reply = client.post("/mcp", json={}, headers=headers)
        assert reply.status_code == 401, headers
        assert "wenbao user token" in reply.json()["detail"]
        assert reply.headers["www-authenticate"].startswith("Bearer")


def test_a_new_token_ends_the_one_before(settings: Settings, client: "TestClient") -> None:
    users = cast("Path", settings.users)
    old, new = make_token(users, "lin"), make_token(users, "lin")
    for token, status in ((old, 401), (new, 200)):
        headers = {"authorization": f"Bearer {token}"}
        assert client.get("/api/articles", headers=headers).status_code == status


def test_a_password_that_comes_with_each_call_is_looked_at_once(
    client: "TestClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    from ui import accounts

    looked: list[object] = []

    def counted(user: Any, password: str) -> bool:
        looked.append(user)
        return password == PASSWORDS["lin"]

    monkeypatch.setattr(accounts, "is_password", counted)
    for _ in range(5):
        headers = basic("lin", PASSWORDS["lin"])
        assert client.get("/api/articles", headers=headers).status_code == 200
    assert len(looked) == 1


def test_too_many_passwords_at_once_are_another_thing_than_too_many_tries(
    client: "TestClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    for busy, status in ((True, 503), (False, 429)):

        async def refuse(*_: object, busy: bool = busy) -> None:
            raise NotNowError(7, busy=busy)

        monkeypatch.setattr(Accounts, "log_in", refuse)
        reply = client.get("/api/articles", headers=basic("lin", "wrong"))
        assert (reply.status_code, reply.headers["retry-after"]) == (status, "7")
        assert ("too many tries" in reply.json()["detail"]) is not busy
        assert log_in(client, "lin").status_code == status


# A proxy that knows who it is, and no login at all


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator["FastAPI"]:
    folder = tmp_path_factory.mktemp("proxied")
    settings = load_settings(
        auth_header="X-Forwarded-User", trusted_proxies="10.0.0.0/24", editors="chen, wu",
        index=folder / "index", uploads=folder / "uploads",
    )  # fmt: skip
    with started(settings) as app:
        yield app


def test_a_trusted_proxy_says_who_somebody_is(proxied: "FastAPI") -> None:
    client = client_of(proxied, "10.0.0.7")
    assert client.get("/api/articles").status_code == 401
    for name, status in (("lin", 403), ("chen", 200)):
        headers = {"x-forwarded-user": name, **HTML}
        assert client.get("/api/articles", headers=headers).status_code == 200
        assert client.get("/corpus/add", headers=headers).status_code == status
    page = client.get("/login", headers={"x-forwarded-user": "lin", **HTML})
    assert EN.by_proxy in plain(page.text)


def test_nobody_else_is_believed(proxied: "FastAPI") -> None:
    client = client_of(proxied, "10.0.1.7")
    headers = {"x-forwarded-user": "chen", "x-forwarded-for": "10.0.0.7"}
    assert client.get("/api/articles", headers=headers).status_code == 401


def test_without_a_login_there_is_no_login_page(tmp_path: Path) -> None:
    with started(load_settings(index=tmp_path)) as app:
        client = client_of(app, "10.0.0.9")
        assert client.get("/login", headers=HTML).status_code == 404
        assert client.post("/login", data={"name": "x", "password": "y"}).status_code == 404
        assert client.get("/logout", headers=HTML).status_code == 404
        assert client.get("/", headers=HTML).status_code == 200
        assert "login" not in plain(client.get("/api?lang=en", headers=HTML).text)
