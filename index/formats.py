"""Every kind of file that holds pages, by the ending of its name.

A newspaper page as plain text or PDF goes through the reassembly; Markdown, HTML and JSON
Lines say themselves where an article begins. In each, a span counts code points of
``page.text``: the decoded text of the received file, for a PDF the text that was read from it.
"""

import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from index.corrections import CORRECTIONS_FILE, PageCorrections
from index.decoding import read_page
from index.types import Article, CorpusError, Page

SUFFIXES = (".txt", ".md", ".markdown", ".html", ".htm", ".jsonl", ".pdf")

# Control characters, bytes that are no UTF-8, line ends, and marks that turn a line around.
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]")

_MARKDOWN = (".md", ".markdown")
_HTML = (".html", ".htm")


def read(path: Path, file: str) -> Page:
    """Return the decoded page at ``path``, named ``file``; any other ending is plain text.

    Raises :class:`CorpusError` when it cannot be read, is empty, too large or not text, and
    for a name that no line can show.
    """
    if _UNSHOWN.search(file):
        raise CorpusError(f"{file!a}: a name with characters that do not show; rename it")
    suffix = _suffix(file)
    if suffix in _HTML:
        from index import html

        return html.read(path, file)
    if suffix == ".jsonl":
        from index import jsonl

        return jsonl.read(path, file)
    if suffix == ".pdf":
        from index import pdf

        return pdf.read(path, file)
    return read_page(path, file)


def articles_in(page: Page, corrections: PageCorrections | None = None) -> list[Article] | None:
    """Return the articles that the file of ``page`` marks as such, in order.

    ``None`` for what the reassembly reads: plain text and PDF. An empty list when the file
    holds no running text. Raises :class:`CorpusError` for a damaged file, and for
    ``corrections`` of one that marks its articles.
    """
    articles_of = _reader(_suffix(page.file))
    if articles_of is None:
        return None
    if corrections and corrections.digest:
        raise CorpusError(
            f"{CORRECTIONS_FILE}: page {page.file} marks its articles itself; "
            "correct the file, and remove its [[page]]"
        )
    return articles_of(page)


def _reader(suffix: str) -> Callable[[Page], list[Article]] | None:
    if suffix in _MARKDOWN:
        from index import markdown

        return markdown.articles_of
    if suffix in _HTML:
        from index import html

        return html.articles_of
    if suffix == ".jsonl":
        from index import jsonl

        return jsonl.articles_of
    return None


def _suffix(file: str) -> str:
    return PurePosixPath(file).suffix.lower()
