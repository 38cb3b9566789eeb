"""Articles cut into chunks of whole sentences."""

import re

from index.text import sentences
from index.types import Article, Chunk

MIN_CHARS = 150
MAX_CHARS = 350
OVERLAP_CHARS = 60

_CLAUSE = re.compile(rf".{{0,{MAX_CHARS - 1}}}[，、；：,;:\s]|.{{1,{MAX_CHARS}}}", re.DOTALL)


def chunks_of(article: Article) -> list[Chunk]:
    """Return the chunks of ``article`` in order: whole sentences, about 150 to 350 characters.

    A chunk starts with the last sentence of the one before when that sentence is short
    (:data:`OVERLAP_CHARS`). A sentence longer than :data:`MAX_CHARS` is cut at its commas.
    A short article is one chunk; a body without words has none.
    """
    text = article.body.text
    pieces = _pieces(text)
    if not pieces:
        return []
    bounds: list[tuple[int, int]] = []
    start, end = pieces[0]
    previous = pieces[0]
    for piece in pieces[1:]:
        new_paragraph = text[piece[0] - 1] in "\n\r"
        long_enough = end - start >= MIN_CHARS and new_paragraph
        if piece[1] - start > MAX_CHARS or long_enough:
            bounds.append((start, end))
            overlap = previous[1] - previous[0]
            start = previous[0] if overlap <= OVERLAP_CHARS else piece[0]
            if piece[1] - start > MAX_CHARS:
                start = piece[0]
        end, previous = piece[1], piece
    bounds.append((start, end))
    return [
        Chunk(f"{article.id}:{number}", article, *_stripped(text, *bound))
        for number, bound in enumerate(bounds)
    ]


def _pieces(text: str) -> list[tuple[int, int]]:
    """Return the sentences of ``text``, those that are too long cut at their commas."""
    found: list[tuple[int, int]] = []
    for start, end in sentences(text):
        if not text[start:end].strip():
            continue
        if end - start <= MAX_CHARS:
            found.append((start, end))
        else:
            clauses = _CLAUSE.finditer(text, start, end)
            found.extend(clause.span() for clause in clauses if clause[0].strip())
    return found


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    words = text[start:end]
    return start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())
