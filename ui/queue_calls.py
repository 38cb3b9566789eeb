"""What a page of this app may send to Gradio's queue; anything else is refused before Gradio.

Gradio takes any object that looks like its ``FileData`` in any argument for a file: it
fetches the address that stands there and keeps what comes. The chat has no files.
"""

import json
from collections.abc import Container
from typing import Any

MAX_DEPTH = 16  # of what the browser kept of a conversation: it needs 8
FIELDS = frozenset(
    {"data", "event_data", "fn_index", "session_hash", "trigger_id", "simple_format"}
)
MAX_NAME_CHARS = 64


def objection(body: bytes, functions: Container[int]) -> str | None:
    """Return why ``body``, a call of ``queue/join``, is refused; None lets it pass.

    It is a JSON object of :data:`FIELDS` that calls one of the page's ``functions`` by its
    number, holds no file and is not deeper than :data:`MAX_DEPTH`.
    """
    try:
        call = json.loads(body)
    except (ValueError, RecursionError):
        return "the body is not JSON in UTF-8"
    if not isinstance(call, dict) or not isinstance(call.get("data"), list):
        return "the body is not a call of the chat"
    unknown = set(call) - FIELDS
    if unknown:
        return f"{min(unknown)[:MAX_NAME_CHARS]!r} is not known here"
    number = call.get("fn_index")
    if not isinstance(number, int) or number not in functions:
        return "fn_index is no function of this page"
    name = call.get("session_hash")
    if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME_CHARS:
        return "session_hash is not a short text"
    return _objection_to([call["data"], call.get("event_data")])


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
        if not below:
            return None
        level = below
    return f"the body is deeper than {MAX_DEPTH} levels"
