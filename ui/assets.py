"""Style sheets and scripts, each at an address that holds its digest: kept by browsers for good."""

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastapi import APIRouter

HERE = Path(__file__).parent
FOLDER = "/wenbao/"
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript"}
KEPT = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}
PACKED = {"content-encoding": "gzip"}


@lru_cache
def address_of(name: str) -> str:
    """Return the path at which the file ``name`` of this folder is served."""
    digest = hashlib.sha256((HERE / name).read_bytes()).hexdigest()
    return f"{FOLDER}{digest[:12]}-{name}"


def links(*names: str) -> str:
    """Return the HTML that loads the style sheets and scripts ``names``.

    Addresses are relative to the root of the app, so that it may stand behind a prefix.
    """
    return "".join(
        f'<link rel="stylesheet" href="{address_of(name)[1:]}">'
        if name.endswith(".css")
        else f'<script src="{address_of(name)[1:]}" defer></script>'
        for name in names
    )


def routes(*names: str) -> "APIRouter":
    """Return the routes that serve the files ``names``."""
    from fastapi import APIRouter, Response

    router = APIRouter(include_in_schema=False)
    for name in names:
        content = (HERE / name).read_bytes()
        kind = MEDIA_TYPES[Path(name).suffix]
        plain = Response(content, media_type=kind, headers=KEPT)
        packed = Response(gzip.compress(content, mtime=0), media_type=kind, headers=KEPT | PACKED)
        router.add_api_route(address_of(name), _either(packed, plain), methods=["GET"])
    return router


def _either(packed: Any, plain: Any) -> Any:
    from starlette.requests import Request

    async def endpoint(request: Request) -> Any:
        return packed if "gzip" in request.headers.get("accept-encoding", "") else plain

    return endpoint
