"""What a page of this app may send to Gradio's queue; anything else is refused before Gradio.

Gradio takes any object that looks like its ``FileData`` in any argument for a file: it
fetches the address that stands there and keeps what comes. The chat has no files.
"""

import json
import math
from collections.abc import Container
from typing import Any

JOIN = "/gradio_api/queue/join"
SHORT = ("/gradio_api/cancel", "/gradio_api/reset")  # that name a call and nothing else
CALLS = (JOIN, *SHORT)
MAX_DEPTH = 16  # of what the browser kept of a conversation: it needs 8
FIELDS = frozenset(
    {"data", "event_data", "fn_index", "session_hash", "trigger_id", "simple_format"}
)
MAX_NAME_CHARS = 64


def objection(path: str, body: bytes, functions: Container[int]) -> str | None:
    """Return why ``body``, a call of one of :data:`CALLS`, is refused; None lets it pass.

    It is a JSON object of short names and numbers, or one of :data:`FIELDS` that calls one of
    the page's ``functions`` by its number, holds no file and is not deeper than
    :data:`MAX_DEPTH`.
    """
    try:
        call = json.loads(body)
    except (ValueError, RecursionError):
        return "the body is not JSON in UTF-8"
    if not isinstance(call, dict):
        return "the body is not a call of the chat"
    named = [call.get(name) for name in ("session_hash", "event_id") if name in call]
    if not all(map(_is_name, named)):
        return "session_hash and event_id are short texts"
    if path in SHORT:
        numbers = [
            value for name, value in call.items() if name not in ("session_hash", "event_id")
        ]
        return None if all(map(_is_number, numbers)) else "the body is not a call of the chat"
    if not isinstance(call.get("data"), list) or "session_hash" not in call:
        return "the body is not a call of the chat"
    unknown = set(call) - FIELDS
    if unknown:
        return f"{min(unknown)[:MAX_NAME_CHARS]!r} is not known here"
    if not _is_number(call.get("fn_index")) or call["fn_index"] not in functions:
        return "fn_index is no function of this page"
    if not (call.get("trigger_id") is None or _is_number(call["trigger_id"])):
        return "trigger_id is not a number"
    return _objection_to([call["data"], call.get("event_data")])


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and 0 < len(value) <= MAX_NAME_CHARS


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and 0 <= value < 1_000_000


def _objection_to(given: list[Any]) -> str | None:
    level = given
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                if "path" in value or "meta" in value:
                    return "files are not taken here"
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
            elif isinstance(value, float) and not math.isfinite(value):
                return "a number is not finite"
        if not below:
            return None
        level = below
    return f"the body is deeper than {MAX_DEPTH} levels"
