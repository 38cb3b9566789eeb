r"""The articles of a JSON Lines file: an object a line, of which only ``text`` is required.

Spans point into the file as it was received, save that ``\uXXXX`` escapes, which many
programs write for every Chinese character, are undone as a part of decoding (:func:`read`).
Of the other escapes, ``\"``, ``\\`` and ``\/`` keep their second character; ``\n``,
``\r``, ``\t`` and ``\f`` part paragraphs and are left out.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from json import JSONDecodeError, JSONDecoder
from pathlib import Path
from typing import Any

from index.decoding import decode, read_bytes
from index.drafts import Draft, articles_from, date_in, excerpt_of, paired
from index.types import Article, CorpusError, Excerpt, Page, join

MAX_COLLECTION_BYTES = 512 * 1024 * 1024

Field = tuple[Any, tuple[int, int]]  # a value, and where it stands in its line

_TEXT = ("text", "content", "body")
_HEADLINE = ("headline", "title")
_BYLINE = ("byline", "author", "authors")
_KICKER = ("kicker",)
_DATE = ("date", "published", "published_at", "datePublished", "pubdate")

_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES = re.compile(r"\\(?:u[0-9a-fA-F]{4}(?:\\u[0-9a-fA-F]{4})*+|.)", re.DOTALL)
# What stays escaped: control characters, the quote, the backslash and half a surrogate pair.
_HELD = re.compile('[\x00-\x1f\x7f-\x9f"\\\\\ud800-\udfff]')
_CHARACTER = re.compile("[\ud800-\udbff][\udc00-\udfff]|.", re.DOTALL)
_WHITE = re.compile(r"[ \t\n\r]*")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f", "\b": "\\b"}
_PARAGRAPH_ESCAPES = frozenset("nrtf")
_DECODER = JSONDecoder()


def read(path: Path, file: str) -> Page:
    r"""Return the decoded page, ``\uXXXX`` escapes undone where that changes no meaning.

    An escaped character becomes that character, a surrogate pair one character. A control
    character, a quote and a backslash stay escaped, in their short form where JSON has one;
    half of a surrogate pair stays as it is. A collection may have
    :data:`MAX_COLLECTION_BYTES`. Raises :class:`CorpusError` as
    :func:`index.decoding.read_page` does.
    """
    data = read_bytes(path, file, MAX_COLLECTION_BYTES)
    text, encoding = decode(data, file)
    if "\\u" in text:
        text = _ESCAPES.sub(_undone, text)
    return Page(file, text, encoding, hashlib.sha256(data).hexdigest())


def _undone(escapes: re.Match[str]) -> str:
    r"""Return what stands in the decoded text for a run of ``\uXXXX``, or for another escape."""
    run = escapes[0]
    if run[1] != "u" or len(run) < 6:
        return run
    units = run.encode("ascii").decode("unicode_escape")
    if _HELD.search(units):
        return "".join(map(_written, _CHARACTER.findall(units)))
    return units


def _written(character: str) -> str:
    """Return a character as it is written in the decoded text; ``character`` may be a pair."""
    if len(character) == 2:
        return character.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    if character in _SHORT:
        return _SHORT[character]
    return f"\\u{ord(character):04x}" if _HELD.match(character) else character


def articles_of(page: Page) -> list[Article]:
    """Return the articles of a JSON Lines ``page``, one for each row that is not blank.

    Raises :class:`CorpusError` for the first row that is no JSON object or has no text.
    """
    return articles_from(page, _drafts(page))


def _drafts(page: Page) -> Iterator[Draft]:
    start = 0
    for number in count(1):
        end = page.text.find("\n", start)
        line = page.text[start : end if end >= 0 else None]
        if line.strip():
            yield _draft(page, line, start, number)
        if end < 0:
            return
        start = end + 1


def _draft(page: Page, line: str, start: int, number: int) -> Draft:
    """Return the article in ``line``, which starts at ``start`` of the page."""
    try:
        fields = dict(_fields(line))
    except (ValueError, RecursionError) as error:
        raise CorpusError(
            f"{page.file}: line {number} is not a JSON object ({_reason(error)}); "
            "write one article a line, or remove the line"
        ) from error
    headline, place = _words(fields, _HEADLINE)
    byline, byline_place = _words(fields, _BYLINE)
    draft = Draft(headline, _words(fields, _KICKER)[0], byline)
    for first, last in (place, byline_place):
        strings = _STRING.finditer(page.text, start + first, start + last)
        draft.marked.extend(join(_paragraphs(page, *string.span(1))) for string in strings)
    dates = (fields[name][0] for name in _DATE if name in fields)
    draft.date = next((day for day in map(date_in, map(str, dates)) if day), None)
    text, (first, last) = _words(fields, _TEXT)
    paragraphs = list(_paragraphs(page, start + first + 1, start + last - 1)) if text else []
    if not paragraphs:
        raise CorpusError(
            f'{page.file}: line {number} has no text; give it a field "text", or remove the line'
        )
    for paragraph in paragraphs[:-1]:
        draft.add(paragraph)
    draft.paragraphs.append((paragraphs[-1], False))  # be it a credit or a date, it is the text
    return draft


def _fields(line: str) -> Iterator[tuple[str, Field]]:
    """Yield the fields of the object in ``line``: name, value, and where the value stands.

    Raises :class:`ValueError` for anything but one object.
    """
    at = _next(line, 0, "{")
    separator = "{"
    while separator != "}":
        at = _skip_white(line, at)
        if separator == "{" and line[at : at + 1] == "}":
            at += 1
            break
        if line[at : at + 1] != '"':
            raise JSONDecodeError("a name in quotes is missing", line, at)
        name, at = _DECODER.raw_decode(line, at)
        at = _skip_white(line, _next(line, at, ":"))
        value, end = _DECODER.raw_decode(line, at)
        yield name, (value, (at, end))
        at = _next(line, end, ",}")
        separator = line[at - 1]
    if line[at:].strip():
        raise JSONDecodeError("more follows its end", line, at)


def _next(line: str, at: int, expected: str) -> int:
    """Return the offset behind the next character, which must be one of ``expected``."""
    at = _skip_white(line, at)
    if at >= len(line) or line[at] not in expected:
        raise JSONDecodeError(f"{' or '.join(expected)} is missing", line, at)
    return at + 1


def _skip_white(line: str, at: int) -> int:
    match = _WHITE.match(line, at)
    return match.end() if match else at


def _reason(error: Exception) -> str:
    if isinstance(error, JSONDecodeError):
        return f"column {error.pos + 1}: {error.msg}"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


def _words(fields: Mapping[str, Field], names: Sequence[str]) -> tuple[str, tuple[int, int]]:
    """Return the words of the first of ``names`` that has any, and where its value stands."""
    for name in names:
        value, place = fields.get(name, ("", (0, 0)))
        if isinstance(value, list) and name not in _TEXT:
            value = " ".join(item for item in value if isinstance(item, str))
        if isinstance(value, str) and value.strip():
            return " ".join(paired(value).split()), place
    return "", (0, 0)


def _paragraphs(page: Page, start: int, end: int) -> Iterator[Excerpt]:
    """Yield the paragraphs of the JSON string between ``start`` and ``end``."""
    places: list[tuple[int, int]] = []
    for escape in (*_ESCAPE.finditer(page.text, start, end), None):
        places.append((start, escape.start() if escape else end))
        if escape and escape[0][1] not in _PARAGRAPH_ESCAPES:
            start = escape.start() + 1 if escape[0][1] in '"\\/' else escape.end()
        else:
            if paragraph := excerpt_of(page, places).strip():
                yield paragraph
            places, start = [], escape.end() if escape else end
