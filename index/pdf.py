"""The text layer of a PDF page, in the order in which a reader reads it.

PDFium reads the characters and their boxes as the file holds them, which need not be the order
of reading: :mod:`index.reading_order` finds that from the boxes.

``page.text`` is the text layer: a line of print a line, a blank line between boxes, a form
feed between sheets. Spans count code points of this text, not bytes of the file. Needs the
extra: ``pip install "wenbao[pdf]"``.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from index.decoding import MAX_PAGE_BYTES, read_bytes
from index.reading_order import Piece, ordered, runs_down, runs_on, text_of, together
from index.types import CorpusError, Page

ENCODING = "pdf"


def read(path: Path, file: str) -> Page:
    """Return the page whose text is the text layer of the PDF at ``path``.

    Raises :class:`CorpusError` when the file cannot be read, is empty, too large, encrypted,
    damaged or without a text layer, or when the library for PDF is not installed.
    """
    data = read_bytes(path, file)
    library = _library(file)
    try:
        with library.PdfDocument(data) as document:
            sheets = list(_sheets(library, document))
    except library.PdfiumError as error:
        if error.err_code == library.raw.FPDF_ERR_PASSWORD:
            raise CorpusError(
                f"{file}: encrypted; save a copy of the PDF that needs no password"
            ) from error
        raise CorpusError(f"{file}: no PDF, or a damaged one ({error}); save it again") from error
    text = "\f".join(sheets)
    if not text.strip():
        raise CorpusError(
            f"{file}: {len(sheets)} pages without a text layer, probably scanned; "
            "recognise the text first (OCR)"
        )
    if len(text) > MAX_PAGE_BYTES:
        raise CorpusError(f"{file}: {len(text):,} characters are too many; split the file")
    return Page(file, text, ENCODING, hashlib.sha256(data).hexdigest())


def _library(file: str) -> Any:
    try:
        import pypdfium2
        import pypdfium2.raw
    except ImportError as error:
        raise CorpusError(
            f'{file}: reading PDF needs an extra library; pip install "wenbao[pdf]"'
        ) from error
    return pypdfium2


def _sheets(library: Any, document: Any) -> Iterator[str]:
    """Yield the text of each sheet of a document."""
    for number in range(len(document)):
        sheet = document[number]
        text_layer = sheet.get_textpage()
        pieces = list(_pieces(library, text_layer))
        text_layer.close()
        sheet.close()
        yield text_of(ordered(pieces))


def _pieces(library: Any, text_layer: Any) -> Iterator[Piece]:
    """Yield the pieces of a sheet in the order of the file."""
    current: Piece | None = None
    line, blank = 0, ""
    for number, character in _characters(library, text_layer):
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


def _characters(library: Any, text_layer: Any) -> Iterator[tuple[int, str]]:
    """Yield the number and the character of each place in a text layer, which counts UTF-16."""
    high = 0
    for number in range(text_layer.count_chars()):
        unit = library.raw.FPDFText_GetUnicode(text_layer.raw, number)
        if 0xD800 <= unit < 0xDC00:
            high = unit
        elif 0xDC00 <= unit < 0xE000:
            if high:
                yield number, chr(0x10000 + ((high - 0xD800) << 10) + unit - 0xDC00)
            high = 0
        elif 0x20 <= unit < 0x110000 or unit in (0x0A, 0x0D):
            yield number, chr(unit)
