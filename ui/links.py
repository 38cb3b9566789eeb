"""Addresses of articles: short enough to share, and good after the pages are indexed anew.

``article/<id>?file=<file>#s<start>-<end>,…`` names the article, the file of its words and
the words. The id changes with the opening words; the file and the places in it do not, so
that the words are found again in whatever article holds them then. A place in another file
is written ``<file>:<start>-<end>``, the file percent-encoded. ``~<check>`` behind the places
tells whether the file still has these words there.
"""

import re
from collections.abc import Sequence
from urllib.parse import quote, urlencode

from index.types import Article, Excerpt, Span

_SPACES = re.compile(r"[\s\x00-\x1f\x7f\x85\ufeff]+")


def article_path(article: Article, part: str = "", **query: str) -> str:
    """Return the address of ``article``, or of a ``part`` of it, from the root of the app."""
    asked = {name: value for name, value in query.items() if value}
    path = f"article/{_encoded(article.id)}{f'/{part}' if part else ''}"
    return f"{path}?{urlencode(asked, errors='replace')}" if asked else path


def places(spans: Sequence[Span], file: str) -> str:
    """Return ``spans`` as the fragment of a link to ``file``, without the ``#``; empty for none."""
    written = (
        f"{'' if span.file == file else _encoded(span.file) + ':'}{span.start}-{span.end}"
        for span in spans
    )
    joined = ",".join(written)
    return f"s{joined}" if joined else ""


def share_link(article: Article, words: Excerpt | None = None) -> str:
    """Return the address to share: of ``article``, with ``words`` of it marked."""
    file = words.files[0] if words and words.files else article.file
    fragment = f"#{places(words.spans, file)}~{check_of(words.text)}" if words else ""
    return article_path(article, file=file) + fragment


def check_of(words: str) -> str:
    """Return four hexadecimal digits that change with ``words``, white space apart."""
    check = 0
    for character in _SPACES.sub("", words):
        check = (check * 31 + ord(character)) % 0x10000
    return f"{check:04x}"


def _encoded(text: str) -> str:
    return quote(text, safe="", errors="replace")
