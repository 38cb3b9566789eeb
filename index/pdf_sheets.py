"""The words of a PDF, read in a process of its own.

A PDF of a few megabytes may unfold into more than a machine holds, and a damaged one may end
the library together with its process. So the file is read elsewhere, within bounds: nothing
that it does reaches whoever asked.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from index.reading_order import Piece, ordered, runs_down, runs_on, text_of, together

MAX_CHARS = 4_000_000  # of a file: some 800 sheets of print
MAX_MEMORY_BYTES = 1536 * 1024 * 1024
MAX_CPU_SECONDS = 120
MAX_SECONDS = 900  # on a machine that has much else to do

Problem = Literal["", "password", "damaged", "characters", "bounds"]
_ROOT = str(Path(__file__).resolve().parent.parent)
_START = f"import sys; sys.path.insert(0, {_ROOT!r}); from index.pdf_sheets import main; main()"


@dataclass(frozen=True, slots=True)
class Sheets:
    """The text of each sheet of a PDF, or the problem that kept it from being read.

    ``problem`` is empty, or ``password``, ``damaged`` (``told`` says how), ``characters`` (more
    than :data:`MAX_CHARS`), or ``bounds``: it took too much memory or time, or broke the library.
    """

    texts: tuple[str, ...] = ()
    problem: Problem = ""
    told: str = ""


def sheets_of(data: bytes) -> Sheets:
    """Return the sheets of the PDF ``data``, whatever it does to the process that reads it."""
    command = [sys.executable, "-P", "-c", _START]
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=MAX_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return Sheets(problem="bounds")
    if done.returncode:
        return Sheets(problem="bounds")
    texts, problem, told = json.loads(done.stdout)
    return Sheets(tuple(texts), problem, told)


def main() -> None:
    """Read a PDF from stdin within bounds, and write its sheets to stdout."""
    _bind()
    read = _read(sys.stdin.buffer.read())
    sys.stdout.write(json.dumps((read.texts, read.problem, read.told)))  # in ASCII alone


def _bind() -> None:
    """Bound what this process may take, where the system can."""
    try:
        import resource
    except ImportError:
        return
    for kind, most in (
        (resource.RLIMIT_AS, MAX_MEMORY_BYTES),
        (resource.RLIMIT_CPU, MAX_CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (least, hard))


def _read(data: bytes) -> Sheets:
    import pypdfium2 as library
    import pypdfium2.raw

    texts: list[str] = []
    left = MAX_CHARS
    try:
        with library.PdfDocument(data) as document:
            for number in range(len(document)):
                sheet = document[number]
                text_layer = sheet.get_textpage()
                left -= text_layer.count_chars()
                if left < 0:
                    return Sheets(problem="characters")
                texts.append(text_of(ordered(list(_pieces(pypdfium2.raw, text_layer)))))
                text_layer.close()
                sheet.close()
    except library.PdfiumError as error:
        if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
            return Sheets(problem="password")
        return Sheets(problem="damaged", told=str(error))
    return Sheets(tuple(texts))


def _pieces(raw: Any, text_layer: Any) -> Iterator[Piece]:
    """Yield the pieces of a sheet in the order of the file."""
    current: Piece | None = None
    line, blank = 0, ""
    for number, character in _characters(raw, text_layer):
        if character in "\r\n":
            line += 1
        if not character.strip():
            blank = " "
            continue
        left, bottom, right, top = text_layer.get_charbox(number, loose=True)
        piece = Piece(character, left, bottom, right, top, line)
        if current and runs_on(current, piece):
            current = together(current, piece, blank)
        elif current and runs_down(current, piece):
            current = together(current, piece, "")
        else:
            if current:
                yield current
            current = piece
        blank = ""
    if current:
        yield current


def _characters(raw: Any, text_layer: Any) -> Iterator[tuple[int, str]]:
    """Yield the number and the character of each place in a text layer, which counts UTF-16."""
    high = 0
    for number in range(text_layer.count_chars()):
        unit = raw.FPDFText_GetUnicode(text_layer.raw, number)
        if 0xD800 <= unit < 0xDC00:
            high = unit
        elif 0xDC00 <= unit < 0xE000:
            if high:
                yield number, chr(0x10000 + ((high - 0xD800) << 10) + unit - 0xDC00)
            high = 0
        elif 0x20 <= unit < 0x110000 or unit in (0x0A, 0x0D):
            yield number, chr(unit)
