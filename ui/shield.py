"""What the browser may load, and what the server answers.

The page talks to this server alone: the policy names no other host, and no script runs but
those of the page itself, by a nonce. The server answers only what the chat needs.
"""

import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 262_144  # a question that is a little too long is told so in the chat
MAX_UPLOAD_BYTES = 256 * 1024 * 1024  # of all files that are sent at a time

POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
PAGES = ("/", "/healthz", "/config", "/theme.css", "/manifest.json", "/favicon.ico", "/robots.txt")
FOLDERS = ("/assets/", "/static/", "/wenbao/", "/gradio_api/heartbeat/")
CALLS = tuple(
    f"/gradio_api/{name}"
    for name in ("queue/join", "queue/data", "cancel", "reset", "startup-events")
)
# Changes of the corpus, ui/library_pages.py: a GET asks first, the POST is from this site alone.
CHANGES = tuple(f"/corpus/{name}" for name in ("add", "remove", "reindex", "undo"))
JOBS = "/corpus/jobs/"


class Shield:
    """Adds the security headers and refuses what the chat does not need.

    Gradio alone accepts uploads, reflects foreign origins and sets no policy. Refused are
    paths outside ``PAGES``, ``FOLDERS`` and ``CALLS``, calls from other sites, and bodies
    over ``MAX_BODY_BYTES``. The scripts of the page get a fresh nonce with each response.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":  # the start and the end of the app
            await self.app(scope, receive, send)
            return

        nonce = secrets.token_urlsafe(16)
        page: list[bytes] | None = None
        start: Message = {}

        async def guarded(message: Message) -> None:
            nonlocal page, start
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name in [name for name in headers if name.startswith("access-control-")]:
                    del headers[name]
                headers.update(HEADERS | {"content-security-policy": POLICY.format(nonce=nonce)})
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
        refusal = _refusal(scope["method"], scope["path"], headers)
        if refusal:
            await PlainTextResponse(refusal[1], refusal[0])(scope, receive, guarded)
            return
        if scope["path"] == "/":  # its scripts are about to get their nonce: no compression
            raw = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
            scope = {**scope, "headers": raw}
        await self.app(scope, receive, guarded)


def _refusal(method: str, path: str, headers: Headers) -> tuple[int, str] | None:
    """Return the status and the words that refuse a request, or None to let it pass."""
    if path in CHANGES or path.startswith(JOBS) or path == "/readyz":
        return _refusal_of_a_change(method, path, headers)
    if not (path in PAGES or path in CALLS or path.startswith(FOLDERS)):
        return 404, "Not found"
    if method in ("GET", "HEAD"):
        return None
    if method != "POST" or path not in CALLS:
        return 405, "Method not allowed"
    if headers.get("sec-fetch-site") == "cross-site":
        return 403, "Calls from other sites are refused"
    length = headers.get("content-length", "")
    if not length.isdecimal():
        return 411, "Length required"
    if int(length) > MAX_BODY_BYTES:
        return 413, "Too large"
    return None


def _refusal_of_a_change(method: str, path: str, headers: Headers) -> tuple[int, str] | None:
    """Return what refuses a request that may change the corpus, or None to let it pass.

    Another site, also one on another port of this host, cannot send one from a browser:
    browsers say where a POST comes from, if not by ``Sec-Fetch-Site`` then by ``Origin``.
    """
    if method in ("GET", "HEAD"):
        return None
    if method != "POST" or path not in CHANGES:
        return 405, "Method not allowed"
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        own = site in ("same-origin", "none")
    else:  # an older browser, or no browser at all
        own = origin is None or origin.partition("://")[2] == headers.get("host")
    if not own:
        return 403, "Calls from other sites are refused"
    length = headers.get("content-length", "")
    if not length.isdecimal():
        return 411, "Length required"
    limit = MAX_UPLOAD_BYTES if path == "/corpus/add" else MAX_BODY_BYTES
    if int(length) > limit:
        return 413, f"Too large: at most {limit >> 20 or 1} MB at a time"
    return None
