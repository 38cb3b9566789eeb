"""What the browser may load, and what the server answers.

The page talks to this server alone: the policy names no other host, and no script runs but
those of the page itself, by a nonce. The server answers only what the chat needs.
"""

import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.door import ANYWHERE, Client, Door, came_in

MAX_BODY_BYTES = 262_144  # a question that is a little too long is told so in the chat
MAX_UPLOAD_BYTES = 256 * 1024 * 1024  # of all files that are sent at a time

POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",  # for browsers that do not know frame-ancestors
    "x-permitted-cross-domain-policies": "none",
    "referrer-policy": "no-referrer",
    "permissions-policy": "browsing-topics=(), camera=(), display-capture=(), geolocation=(), "
    "hid=(), microphone=(), midi=(), payment=(), serial=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
ONLY_HTTPS = {"strict-transport-security": "max-age=31536000"}  # where the browser speaks it
PAGES = (
    *("/", "/healthz", "/config", "/theme.css", "/manifest.json", "/favicon.ico", "/robots.txt"),
    *("/corpus", "/login", "/logout"),
)
GRADIO_PAGES = ("/", "/config", "/gradio_api/info")
FOLDERS = ("/assets/", "/static/", "/wenbao/", "/gradio_api/heartbeat/", "/article/", "/corpus/")
FILES = ("/static/", "/assets/")
MAX_NAME_BYTES = 255
# Changes of the corpus, ui/library_pages.py: a GET asks first.
CHANGES = tuple(f"/corpus/{name}" for name in ("add", "remove", "reindex", "undo"))
CALLS = (
    *(f"/gradio_api/{name}" for name in ("queue/join", "queue/data", "cancel", "reset")),
    *CHANGES,
    *("/corpus/health", "/feedback", "/login", "/logout"),
)
# For programs. Their calls must be JSON, which no form of another site can send unasked.
PROGRAM_PAGES = (
    "/api", "/openapi.json", "/readyz", "/metrics", "/v1/models", "/gradio_api/info"
)  # fmt: skip
PROGRAM_FOLDERS = ("/api/", "/v1/")
UNREAD = (411, 413)  # whose body is not read, or ends who knows where
PROGRAM_CALLS = ("/api/ask", "/api/ask/stream", "/v1/chat/completions", "/mcp")


class Shield:
    """Adds the security headers and refuses what the chat does not need.

    Gradio alone accepts uploads, reflects foreign origins and sets no policy. Refused are
    calls by a name that is not of the ``door``, paths outside ``PAGES``, ``FOLDERS`` and
    ``CALLS``, calls from other sites, and bodies over ``MAX_BODY_BYTES``. The scripts of the
    page get a fresh nonce with each response. Whom a call comes from is in its state, as
    ``client``.
    """

    def __init__(self, app: ASGIApp, root_path: str = "", door: Door = ANYWHERE) -> None:
        self.app = app
        self.root_path = root_path  # that a proxy has stripped: addresses are told with it
        self.door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "websocket":  # nothing here speaks it
            await send({"type": "websocket.close", "code": 1000})
            return
        if scope["type"] != "http":  # the start and the end of the app
            await self.app(scope, receive, send)
            return

        scope, client = came_in(scope, self.door)
        scope = {**scope, "state": {**scope.get("state", {}), "client": client}}
        own_headers = HEADERS | ONLY_HTTPS if client.https else HEADERS
        if self.root_path:
            scope = {**scope, "root_path": self.root_path}
        nonce = secrets.token_urlsafe(16)
        page: list[bytes] | None = None
        start: Message = {}
        started = False

        async def guarded(message: Message) -> None:
            nonlocal page, start, started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name in [name for name in headers if name.startswith("access-control-")]:
                    del headers[name]
                headers.update(own_headers)
                headers["content-security-policy"] = POLICY.format(nonce=nonce)
                if headers.get("content-type", "").startswith("text/html"):
                    page, start = [], message
                    return
            elif page is not None:
                page.append(message.get("body", b""))
                if message.get("more_body", False):
                    return
                body = b"".join(page).replace(b"<script", f'<script nonce="{nonce}"'.encode())
                MutableHeaders(scope=start)["content-length"] = str(len(body))
                await send(start)
                message = {"type": "http.response.body", "body": body}
            await send(message)

        headers = Headers(scope=scope)
        refusal = _refusal_at(self.door, client, scope["path"], headers) or _refusal(
            scope["method"], scope["path"], headers
        )
        if refusal:
            status, words = refusal
            program = scope["path"].startswith((*PROGRAM_FOLDERS, *PROGRAM_CALLS))
            reply = JSONResponse({"detail": words}) if program else PlainTextResponse(words)
            reply.status_code = status
            if status in UNREAD:  # what follows on this connection is no request
                reply.headers["connection"] = "close"
            await reply(scope, receive, guarded)
            return
        if scope["path"] in GRADIO_PAGES:  # Gradio reads names of pages and of states from it
            scope = {**scope, "query_string": b""}
        if scope["path"] == "/":  # its scripts are about to get their nonce: no compression
            raw = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
            scope = {**scope, "headers": raw}
        try:
            await self.app(scope, receive, guarded)
        except Exception:  # what the framework says of it would lack the headers
            if not started:
                await PlainTextResponse("Internal Server Error", 500)(scope, receive, guarded)
            raise


def _refusal_at(door: Door, client: Client, path: str, headers: Headers) -> tuple[int, str] | None:
    """Return what refuses a call by the name it came by and whom it comes from, or None."""
    wrong = door.refuses_host(headers)
    if wrong:
        return 421, (
            f"This server is not known as {wrong}. Whoever runs it can let it be called so: "
            "WENBAO_ALLOWED_HOSTS"
        )
    if path == "/metrics" and not door.may_read_metrics(client):
        return 403, "Figures are for this machine and the addresses of WENBAO_METRICS_FROM"
    return None


def _refusal(method: str, path: str, headers: Headers) -> tuple[int, str] | None:
    """Return the status and the words that refuse a request, or None to let it pass."""
    if "transfer-encoding" in headers:
        return 411, "Length required: say it in the header content-length, and send no chunks"
    known = (*PAGES, *CALLS, *PROGRAM_PAGES, *PROGRAM_CALLS)
    if not (path in known or path.startswith((*FOLDERS, *PROGRAM_FOLDERS))):
        return 404, "Not found"
    if path.startswith(FILES) and max(map(len, path.encode().split(b"/"))) > MAX_NAME_BYTES:
        return 404, "Not found"  # no file has such a name, and asking for it is an error
    if method in ("GET", "HEAD") and path not in PROGRAM_CALLS:  # a GET of /mcp would not end
        return None
    if method != "POST" or path not in (*CALLS, *PROGRAM_CALLS):
        return 405, "Method not allowed"
    if not _is_own(headers):
        origin = headers.get("origin", "unknown")
        return 403, f"Calls from other sites are refused: origin {origin!r}"
    if path in PROGRAM_CALLS:
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            return 415, f"Content type {kind!r}: send JSON, with content-type: application/json"
    length = headers.get("content-length", "")
    if not length.isdecimal():
        return 411, "Length required: say it in the header content-length"
    limit = MAX_UPLOAD_BYTES if path == "/corpus/add" else MAX_BODY_BYTES
    if int(length) > limit:
        return 413, f"Too large: {length} bytes, at most {limit}"
    return None


def _is_own(headers: Headers) -> bool:
    """Return whether a call comes from a page of this app, or from no page at all.

    Browsers say where it comes from, if not by ``Sec-Fetch-Site`` then by ``Origin``;
    another port of this host is another origin.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site in ("same-origin", "none")
    return origin is None or origin.partition("://")[2] == headers.get("host")
