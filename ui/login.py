"""The login: whoever is not known is sent to ``/login``, and programs are told to say who they are.

A stranger is answered nothing but the login page, what it loads, ``/healthz`` and ``/readyz``;
``/metrics`` is for addresses, see ``ui/door.py``. An editor may change the corpus, a reader not.
"""

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.accounts import Accounts, NotNowError, Visitor
from ui.assets import FOLDER
from ui.login_strings import LOGIN_STRINGS
from ui.pages import language_of, language_query, page, visitor_of
from ui.render import inert
from ui.shield import CHANGES

if TYPE_CHECKING:
    from fastapi import APIRouter
    from starlette.responses import Response

ASSETS = ("login.css", "login.js")
COOKIE = "wenbao-session"
OPEN = ("/login", "/healthz", "/readyz", "/metrics", "/favicon.ico", "/robots.txt")
EDITING = (*CHANGES, "/corpus/jobs/")
MAX_FORM_BYTES = 8_192
CHALLENGE = {"www-authenticate": 'Bearer realm="WenBao"'}


class Login:
    """Lets through whom ``accounts`` know, with ``user`` and ``role`` in the state of the call."""

    def __init__(self, app: ASGIApp, accounts: Accounts) -> None:
        self.app = app
        self.accounts = accounts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        path = scope["path"]
        visitor: Visitor | None = None
        refusal: Response | None = None
        is_open = path in OPEN or path.startswith(FOLDER)
        try:
            visitor = await self.accounts.visitor(
                request.headers, scope["state"]["client"], request.cookies.get(COOKIE, "")
            )
        except NotNowError as error:
            refusal = None if is_open else _told(str(error), error.status, _wait(error))
        if visitor:
            known = {"user": visitor.name, "role": visitor.role, "visitor": visitor}
            scope = {**scope, "state": {**scope["state"], **known}}
            if visitor.role != "editor" and path.startswith(EDITING):
                refusal = _editors_only(Request(scope), visitor)
        elif not is_open and refusal is None:
            refusal = _who_are_you(request)

        async def private(message: Message) -> None:
            if message["type"] == "http.response.start" and not path.startswith(FOLDER):
                MutableHeaders(scope=message).setdefault("cache-control", "private, no-store")
            await send(message)

        await (refusal or self.app)(scope, receive, private)


def routes(accounts: Accounts | None) -> "APIRouter":
    """Return ``/login`` and ``/logout``; without accounts there is nothing at either."""
    from fastapi import APIRouter
    from starlette.responses import PlainTextResponse, RedirectResponse

    router = APIRouter(include_in_schema=False)

    async def nothing(_request: Request) -> "Response":
        return PlainTextResponse("Not found", 404)

    async def form(request: Request) -> "Response":
        return _login_page(request)

    async def log_in(request: Request) -> "Response":
        assert accounts is not None
        name, password, wanted = await _sent(request)
        try:
            address = request.scope["state"]["client"].address
            user = await accounts.log_in(name, password, address) if name else None
        except NotNowError as error:
            words = LOGIN_STRINGS[language_of(request)]
            told = words.busy if error.busy else words.wait_of.format(seconds=error.wait_s)
            return _login_page(request, told, error.status, name, wanted, error)
        if user is None:
            told = LOGIN_STRINGS[language_of(request)].wrong
            return _login_page(request, told, 401, name, wanted)
        # Never another site: whatever is wanted begins here.
        reply = RedirectResponse(f"./{wanted.lstrip('/')}", 303)
        _set_cookie(reply, request, accounts.session_of(user), accounts.session_s)
        return reply

    async def log_out(request: Request) -> "Response":
        assert accounts is not None
        accounts.end(request.cookies.get(COOKIE, ""))
        # What was asked stands in the storage of the browser: it goes too.
        reply = RedirectResponse("./login", 303, {"clear-site-data": '"storage"'})
        _set_cookie(reply, request, "", 0)
        return reply

    for path, methods, endpoint in (
        ("/login", ["GET"], form),
        ("/login", ["POST"], log_in),
        ("/logout", ["POST"], log_out),
        ("/logout", ["GET"], form),
    ):
        works = accounts is not None and (accounts.by_password or endpoint is form)
        router.add_route(path, endpoint if works else nothing, methods=methods)
    return router


def _set_cookie(reply: "Response", request: Request, value: str, max_age_s: int) -> None:
    reply.set_cookie(
        COOKIE,
        value,
        max_age=max_age_s,
        path=request.scope.get("root_path") or "/",
        secure=request.scope["scheme"] == "https",
        httponly=True,
        samesite="lax",
    )


async def _sent(request: Request) -> tuple[str, str, str]:
    """Return the name, the password and the wanted address of a form; empty for what is none."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_FORM_BYTES:
            return "", "", ""
    try:
        fields = parse_qs(body.decode("ascii", "replace"), max_num_fields=10)
    except ValueError:
        return "", "", ""
    name, password, wanted = (fields.get(key, [""])[0] for key in ("name", "password", "next"))
    return name.strip(), password, wanted


def _login_page(
    request: Request,
    problem: str = "",
    status: int = 200,
    name: str = "",
    wanted: str = "",
    too_early: NotNowError | None = None,
) -> "Response":
    words = LOGIN_STRINGS[language_of(request)]
    visitor = visitor_of(request)
    if visitor:
        role = words.editor if visitor.role == "editor" else words.reader
        said = inert(words.logged_in_of.format(name=visitor.name, role=role))
        button = f"<button>{inert(words.log_out)}</button>"
        out = f'<form method="post" action="logout">{button}</form>'
        if visitor.by == "proxy":
            out = f"<p>{inert(words.by_proxy)}</p>"
        main = f'<div class="login"><h1>{said}</h1>{out}</div>'
    else:
        wanted = wanted or request.query_params.get("next", "")
        alert = f'<p class="problem" role="alert">{inert(problem)}</p>' if problem else ""
        main = (
            f'<div class="login"><h1>{inert(words.title)}</h1><p>{inert(words.intro)}</p>{alert}'
            f'<form method="post" action="login{_query(request)}">'
            f'<label for="name">{inert(words.name)}</label>'
            f'<input id="name" name="name" value="{inert(name[:64])}" autocomplete="username" '
            f'autocapitalize="none" spellcheck="false" required>'
            f'<label for="password">{inert(words.password)}</label>'
            f'<input id="password" name="password" type="password" '
            f'autocomplete="current-password" required>'
            f'<input type="hidden" name="next" value="{inert(wanted[:2000])}">'
            f"<button>{inert(words.go)}</button></form></div>"
        )
    reply = page(request, words.title, main, status, ASSETS)
    reply.headers["cache-control"] = "no-store"
    if too_early:
        reply.headers.update(_wait(too_early))
    return reply


def _query(request: Request) -> str:
    asked = language_query(request)
    return f"?lang={asked['lang']}" if asked else ""


def _wait(error: NotNowError) -> dict[str, str]:
    return {"retry-after": str(error.wait_s)}


def _wants_page(headers: Headers) -> bool:
    return "text/html" in headers.get("accept", "")


def _who_are_you(request: Request) -> "Response":
    """Send a reader to the login page; tell a program, or a script, to say who it is."""
    from starlette.responses import RedirectResponse

    path = request.scope["path"]
    if request.method not in ("GET", "HEAD") or not _wants_page(request.headers):
        return _told(
            "log in first: send a token (authorization: Bearer …, from `wenbao user token`) or a "
            "name and a password (HTTP Basic)",
            401,
            CHALLENGE,
        )
    asked = request.scope.get("query_string", b"").decode("latin-1")
    wanted = path.lstrip("/") + (f"?{asked}" if asked else "")
    lang = language_query(request).get("lang", "")
    query = f"?next={quote(wanted, safe='')}" if wanted else ""
    if lang:
        query += f"{'&' if query else '?'}lang={lang}"
    return RedirectResponse(f"{'../' * (path.count('/') - 1) or './'}login{query}", 303)


def _editors_only(request: Request, visitor: Visitor) -> "Response":
    words = LOGIN_STRINGS[language_of(request)]
    told = words.editors_only_of.format(name=visitor.name)
    if not _wants_page(request.headers):
        return _told(told, 403)
    main = f'<div class="login"><h1>{inert(words.editors_only)}</h1><p>{inert(told)}</p></div>'
    return page(request, words.editors_only, main, 403, ASSETS)


def _told(detail: str, status: int, headers: dict[str, str] | None = None) -> "Response":
    from starlette.responses import JSONResponse

    return JSONResponse({"detail": detail}, status, headers)
