"""Printed words made harmless for a terminal: what it would act upon is written out.

A page, a file name or a question may hold escape sequences, which colour, move, retitle or
copy to the clipboard, and marks of direction, which let words be read as others.
"""

import json
import re
import unicodedata
from typing import Any

INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # controls, marks of direction, halves
# What json.dumps leaves as it is; it escapes the older controls itself.
_UNESCAPED = re.compile(r"[^\x20-\x7e]")


def visible(text: str) -> str:
    """Return ``text`` in one line, with what a terminal would act upon written out."""
    return " ".join(written_out(text, "\t\r\n").split())


def written_out(text: str, kept: str = "\t\n") -> str:
    r"""Return ``text`` with what a terminal would act upon written out: ``<U+202E>``.

    Line ends become ``\n``. The characters of ``kept`` stay as they are.
    """
    return "".join(
        f"<U+{ord(character):04X}>"
        if unicodedata.category(character) in INVISIBLE and character not in kept
        else character
        for character in text.replace("\r\n", "\n")
    )


def json_line(value: Any) -> str:
    r"""Return ``value`` as JSON in one line, what a terminal would act upon as ``\u202e``."""
    return _UNESCAPED.sub(_escaped, json.dumps(value, ensure_ascii=False))


def _escaped(match: re.Match[str]) -> str:
    hidden = unicodedata.category(match[0]) in INVISIBLE
    return json.dumps(match[0])[1:-1] if hidden else match[0]
