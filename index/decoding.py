"""Bytes of a received file, decoded: BOM, then strict UTF-8, then the likeliest of the rest."""

import codecs
import hashlib
import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from index.mojibake import CONTROL, cost_of, is_plausible, misread
from index.signatures import kind_of
from index.types import CorpusError, Page

MAX_PAGE_BYTES = 32 * 1024 * 1024
MAX_PAGE_LINES = 200_000  # a minute or two of reassembly; a page of print has a thousand

# UTF-32 stands before UTF-16: its little-endian mark starts with the same two bytes.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Without a mark: tried in this order where two are equally likely.
_CHINESE = ("gb18030", "big5hkscs")
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
SAMPLE_CHARS = 50_000  # of a reading, to tell how likely it is
DAMAGE_BITS = 50.0  # of a byte that does not fit in
_MAX_LOST_SHARE = 0.1  # of the characters, for text to be told as damaged
_LEAST_ENGLISH = 0.8  # of the letters, for Windows' Latin letters to be believed
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_EASTERN = re.compile("[\u3041-\u30fa\uac00-\ud7a3]")
_MAX_CONTROL_SHARE = 0.005
# A letter with an accent among plain ones, the quotes and dashes of Windows, €, £, §, ©, °, ½.
_WESTERN = re.compile(
    r"(?<![À-ÖØ-öø-ÿ])[À-ÖØ-öø-ÿŒœŠšŽžŸ](?![À-ÖØ-öø-ÿ])|[‘’“”–—…•€£§©®°·½¼¾«»¡¿™]"
)


def read_page(path: Path, file: str) -> Page:
    """Return the decoded page at ``path``, named ``file``.

    Raises :class:`CorpusError` when it cannot be read, is empty, too large or not text.
    """
    data = read_bytes(path, file)
    text, encoding = decode(data, file)
    check_lines(text, file)
    return Page(file, text, encoding, hashlib.sha256(data).hexdigest())


def check_lines(text: str, file: str) -> None:
    """Raise :class:`CorpusError` where ``text`` has more lines than a page may have."""
    lines = text.count("\n") + text.count("\r")
    if lines > MAX_PAGE_LINES:
        raise CorpusError(
            f"{file}: {lines:,} lines are more than a page may have ({MAX_PAGE_LINES:,}); "
            "split the file"
        )


def read_bytes(path: Path, file: str, max_bytes: int = MAX_PAGE_BYTES) -> bytes:
    """Return the bytes of the file at ``path``, named ``file``, at most ``max_bytes`` of them.

    Raises :class:`CorpusError` when it cannot be read, is empty or too large.
    """
    try:
        # A pipe is not waited for, and what grows while it is read is read no further.
        with open(path, "rb", opener=_without_waiting) as received:
            if not stat.S_ISREG(os.fstat(received.fileno()).st_mode):
                raise CorpusError(f"{file}: no file but a folder, pipe or device; remove it")
            data = received.read(max_bytes + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise CorpusError(f"{file}: cannot be read ({reason}); check the path") from error
    if len(data) > max_bytes:
        raise CorpusError(
            f"{file}: more bytes than a page may have ({max_bytes:,}); split the file"
        )
    if not data.strip():
        raise CorpusError(f"{file}: the file is empty; remove it or fill it")
    return data


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def decode(data: bytes, file: str = "<bytes>", declared: str = "") -> tuple[str, str]:
    """Return the text of ``data`` and the encoding it was read with.

    A byte-order mark decides and is not part of the text; otherwise strict UTF-8; otherwise
    the ``declared`` encoding, if that makes Chinese; otherwise the likeliest of GB18030,
    Big5-HKSCS, UTF-16 and UTF-32 (:func:`index.mojibake.cost_of`), or Windows' Latin letters in
    English. Raises :class:`CorpusError` for what is no text in any of them, for another kind of
    file, for damage, and for text that had been read in a wrong encoding before.
    """
    if kind := kind_of(data):
        raise CorpusError(f"{file}: {kind}, not text; {_remedy(kind)}")
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                text = data[len(mark) :].decode(encoding)
            except UnicodeDecodeError as error:
                raise CorpusError(
                    f"{file}: marked as {encoding} but damaged at byte {error.start}; "
                    "save it again as UTF-8"
                ) from error
            return _checked(text, file), encoding
    found = _likeliest(data, declared)
    if found is None:
        raise CorpusError(
            f"{file}: not text in UTF-8, GB18030, Big5 or UTF-16, or in several of them; "
            "save it as UTF-8 plain text"
        )
    if found.damaged_at is not None:
        raise CorpusError(
            f"{file}: {found.encoding}, but damaged or cut off at byte {found.damaged_at:,}; "
            "get the file again, or save it as UTF-8 plain text"
        )
    return _checked(found.text, file), found.encoding


@dataclass(frozen=True, slots=True)
class _Reading:
    """A way to read some bytes; ``damaged_at`` is the first byte that does not fit in."""

    text: str
    encoding: str
    damaged_at: int | None = None


def _likeliest(data: bytes, declared: str) -> _Reading | None:
    """Return the likeliest reading of ``data`` without a mark; ``None`` where it is no text."""
    strict = _reading(data, "utf-8")
    if strict and strict.damaged_at is None:
        # Some NUL in the text, or two bytes a character of which one is NUL?
        wide = _wide(data) if "\0" in strict.text else []
        return _cheapest([each for each in wide if "\0" not in each.text]) or strict
    said = _read(data, declared) if declared else None
    if said and (is_plausible(said) if declared in _CHINESE else _is_eastern(said)):
        return _Reading(said, declared)
    western = _reading(data, "cp1252")
    readings = [
        *(found for encoding in _CHINESE if (found := _reading(data, encoding))),
        *_wide(data),
        *([strict] if strict else ()),
        *([western] if western and _is_western(western.text) else ()),
    ]
    best = _cheapest(readings)
    is_other = declared not in (*_CHINESE, "cp1252")
    if said and is_other and (best is None or best.damaged_at is not None):
        return _Reading(said, declared)
    return best


def _read(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _wide(data: bytes) -> list[_Reading]:
    return [found for encoding in _WIDE if (found := _reading(data, encoding))]


def _reading(data: bytes, encoding: str) -> _Reading | None:
    """Return ``data`` as read in ``encoding``, or nearly so; ``None`` where that is no text."""
    damaged_at = None
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        damaged_at = error.start
        text = data.decode(encoding, "replace")
        if text.count("\ufffd") > _MAX_LOST_SHARE * len(text):
            return None
    if encoding == "utf-8" and damaged_at is None:
        return _Reading(text, encoding)
    plausible = is_plausible(text if damaged_at is None else text.replace("\ufffd", ""))
    return _Reading(text, encoding, damaged_at) if plausible else None


def _cheapest(readings: Sequence[_Reading]) -> _Reading | None:
    """Return the likeliest of ``readings``, by the bits that a part of them takes for a byte."""

    def cost(reading: _Reading) -> float:
        part = reading.text[:SAMPLE_CHARS]
        kept = part.replace("\ufffd", "")
        lost = len(part) - len(kept)  # unlikely, and of about a byte each
        return (cost_of(kept) + DAMAGE_BITS * lost) / (len(kept.encode(reading.encoding)) + lost)

    return min(readings, key=cost, default=None)


def _is_western(text: str) -> bool:
    """Return whether ``text`` is English with some of Windows' Latin letters and marks."""
    foreign = len(_FOREIGN.findall(text))
    letters = sum(map(str.isalpha, text))
    return foreign == sum(map(len, _WESTERN.findall(text))) and (
        letters - foreign > _LEAST_ENGLISH * letters
    )


def _is_eastern(text: str) -> bool:
    """Return whether ``text`` is Japanese or Korean: a fifth of its letters are theirs alone."""
    return 5 * len(_EASTERN.findall(text)) > len(_FOREIGN.findall(text))


def _remedy(kind: str) -> str:
    if kind == "a PDF":
        return "give it the ending .pdf"
    return "unpack it" if "archive" in kind else "save it as UTF-8 plain text"


def _checked(text: str, file: str) -> str:
    controls = len(CONTROL.findall(text))
    if controls > _MAX_CONTROL_SHARE * len(text):
        raise CorpusError(
            f"{file}: binary data, not text ({controls} control characters); "
            "save it as UTF-8 plain text"
        )
    if not text.strip():
        raise CorpusError(f"{file}: the file holds only white space; remove it or fill it")
    if wrong := misread(text):
        raise CorpusError(
            f"{file}: read in a wrong encoding before it came here ({wrong}); "
            "get the file as it was, or convert it anew"
        )
    return text
