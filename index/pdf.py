"""The text layer of a PDF page, in the order in which a reader reads it.

PDFium reads the characters and their boxes as the file holds them, which need not be the order
of reading: :mod:`index.reading_order` finds that from the boxes (:mod:`index.pdf_sheets`).

``page.text`` is the text layer: a line of print a line, a blank line between boxes, a form
feed between sheets. Spans count code points of this text, not bytes of the file. Needs the
extra: ``pip install "wenbao[pdf]"``.
"""

import hashlib
from importlib.util import find_spec
from pathlib import Path

from index.decoding import check_lines, read_bytes
from index.pdf_sheets import MAX_CHARS, sheets_of
from index.types import CorpusError, Page

ENCODING = "pdf"
BETWEEN_SHEETS = "\n\f\n"


def read(path: Path, file: str) -> Page:
    """Return the page whose text is the text layer of the PDF at ``path``.

    Raises :class:`CorpusError` when the file cannot be read, is empty, too large, encrypted,
    damaged or without a text layer, or when the library for PDF is not installed.
    """
    data = read_bytes(path, file)
    if not find_spec("pypdfium2"):
        raise CorpusError(f'{file}: reading PDF needs an extra library; pip install "wenbao[pdf]"')
    sheets = sheets_of(data)
    match sheets.problem:
        case "password":
            raise CorpusError(f"{file}: encrypted; save a copy of the PDF that needs no password")
        case "damaged":
            raise CorpusError(f"{file}: no PDF, or a damaged one ({sheets.told}); save it again")
        case "characters":
            raise CorpusError(
                f"{file}: more characters than a PDF may have ({MAX_CHARS:,}); split the file"
            )
        case "bounds":
            raise CorpusError(
                f"{file}: takes more memory or time than a PDF may; save it again, or split it"
            )
    text = BETWEEN_SHEETS.join(sheets.texts)
    if not text.strip():
        raise CorpusError(
            f"{file}: {len(sheets.texts)} pages without a text layer, probably scanned; "
            "recognise the text first (OCR)"
        )
    check_lines(text, file)
    return Page(file, text, ENCODING, hashlib.sha256(data).hexdigest())
