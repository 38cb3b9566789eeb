"""The tags of an HTML text and the words between them, with their places.

A tokenizer of its own, because no library gives the place of text: tree builders merge the
text around a tag, and ``html.parser`` of the oldest Python that is supported takes time that
is quadratic in unclosed tags (37 s for 60 KB) and reads them otherwise from one patch release
to the next. This one follows the tokenization of the HTML standard in what matters to text,
and is linear: no pattern can fail after it has looked ahead.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

_ATTRIBUTE = (
    r"[^\s/>][^\s/>=]*+"
    r"(?:\s*+=\s*+(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^\s>\"'][^\s>]*+)?+)?+"
)
_MARKUP = re.compile(
    r"<(?:!--(?:-?>|.*?(?:--!?>|\Z))"  # a comment, to the end of the text if need be
    r"|(?:[!?]|/[^a-zA-Z>])[^>]*+(?:>|\Z)"  # a declaration, or what looks like one
    r"|/>"
    rf"|(?P<slash>/?)(?P<name>[a-zA-Z][^\s/>]*+)(?P<attributes>(?:[\s/]++|{_ATTRIBUTE})*+)(?:>|\Z))",
    re.DOTALL | re.ASCII,
)
_VALUE = re.compile(
    r"(?P<name>[^\s/>][^\s/>=]*+)"
    r"(?:\s*+=\s*+(?:\"(?P<double>[^\"]*+)|'(?P<single>[^']*+)|(?P<bare>[^\s>\"'][^\s>]*+))?+\"?'?)?+",
    re.ASCII,
)

# What stands in these is no markup; only in a title is it words.
RAW_TEXT = frozenset("iframe noembed noframes plaintext script style textarea title xmp".split())


@dataclass(frozen=True, slots=True)
class Tag:
    """A start or end tag: its name in lower case, and where its attributes stand."""

    name: str
    is_end: bool
    attributes: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Words:
    """Text between two tags; ``within`` names the raw-text element that holds it, if any."""

    start: int
    end: int
    within: str = ""


def tokens(text: str, start: int, end: int) -> Iterator[Tag | Words]:
    """Yield the tags and the words of ``text[start:end]`` in order; comments are left out."""
    at = start
    while at < end:
        markup = _MARKUP.search(text, at, end)
        if markup is None:
            yield Words(at, end)
            return
        if markup.start() > at:
            yield Words(at, markup.start())
        at = markup.end()
        if markup["name"] is None:
            continue
        tag = Tag(markup["name"].lower(), bool(markup["slash"]), markup.span("attributes"))
        yield tag
        if tag.name in RAW_TEXT and not tag.is_end:
            closing = _closing(tag.name).search(text, at, end)
            stop = closing.start() if closing else end
            yield Words(at, stop, within=tag.name)
            at = stop


def _closing(name: str) -> re.Pattern[str]:
    return re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE | re.ASCII)


def attributes(text: str, tag: Tag) -> dict[str, tuple[str, int, int]]:
    """Return the attributes of ``tag`` by name: value, and where it stands in ``text``.

    The first of equal names counts.
    """
    found: dict[str, tuple[str, int, int]] = {}
    for match in _VALUE.finditer(text, *tag.attributes):
        group = next((g for g in ("double", "single", "bare") if match[g] is not None), "")
        start, end = match.span(group) if group else (match.end(), match.end())
        found.setdefault(match["name"].lower(), (html.unescape(text[start:end]), start, end))
    return found
