"""Short names and full ones: 数贸中心 and 全球数字贸易中心 are looked for together.

A short name takes characters of the full one in order, the first ones of its words. Brackets
tell some pairs (:mod:`rag.mined_names`); the others are looked for in the articles that hold
what the question says.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from index.explained import is_short_for
from index.index import Index
from index.text import HAN, fold, words
from rag.kinds import MAX_READ_CHARS

MIN_CHARS, MAX_CHARS = 3, 6  # of a short name
LONG_WORD_CHARS = 4
MAX_SKIPPED = 3  # characters of the full name between two of the short one
MAX_TRIED = 24  # of one question
MAX_CHUNKS = 8  # looked into for each
MAX_FULL = 2  # names of a short one
MAX_MINED_CHARS = 20

_RUN, _NOT_HAN = re.compile(rf"[{HAN}]+"), re.compile(rf"[^{HAN}]+")
_LITTLE = frozenset(
    "的了在和与及对将为由向从据被把是有于以等并或就也还都又很到上下中里年月日个这那哪几多"
)


def short_names(question: str) -> Iterator[str]:
    """Yield what may be a short name in ``question`` (folded): words, one of one character.

    Neighbouring words of three to six characters together, the longest first at each place.
    """
    for run in _RUN.findall(question):
        cut = words(run, guessed=False)
        for start in range(len(cut)):
            for end in range(min(start + 4, len(cut)), start + 1, -1):
                parts = cut[start:end]
                single = [part for part in parts if len(part) == 1]
                name = "".join(parts)
                if single and MIN_CHARS <= len(name) <= MAX_CHARS and not _LITTLE & set(single):
                    yield name


def full_names(short: str, texts: Sequence[str]) -> list[str]:
    """Return the full names of ``short`` in ``texts`` (folded), each once."""
    # Lines of Chinese: a pattern with all of its characters in it takes 20 ms to compile.
    pattern = re.compile(f".{{0,{MAX_SKIPPED}}}?".join(map(re.escape, short)))
    return list(
        dict.fromkeys(
            match[0]
            for text in texts
            for match in pattern.finditer(_NOT_HAN.sub("\n", text))
            if is_short_for(short, match[0]) and _begins_words(short, match[0])
        )
    )


def _begins_words(short: str, full: str) -> bool:
    """Return whether each character of ``short`` begins a word of ``full`` or goes on with it.

    A long word counts as its pairs of characters: 贸易中心 is 贸易 and 中心.
    """
    at = 0
    for word in words(full):
        step = 2 if len(word) >= LONG_WORD_CHARS else len(word)
        for start in range(0, len(word), step):
            for character in word[start : start + step]:
                if short[at : at + 1] != character:
                    break
                at += 1
    return at == len(short)


def holding(name: str, index: Index, limit: int = MAX_CHUNKS) -> list[str]:
    """Return the folded texts of the first chunks that hold ``name``, at most ``limit``."""
    postings = index.characters
    chunks: NDArray[np.int32] | None = None
    for rows in sorted((postings.rows_with(a + b) for a, b in pairwise(name)), key=len):
        if not rows.size:
            return []
        if chunks is None:
            chunks = rows
        else:
            at = np.minimum(rows.searchsorted(chunks), len(rows) - 1)
            chunks = chunks[rows[at] == chunks]
    found = [] if chunks is None else chunks[:limit].tolist()
    texts = (fold(index.chunks[chunk].search_text) for chunk in found)
    return [text for text in texts if name in text]


def expansions(
    question: str,
    texts_with: Callable[[str], Sequence[str]],
    mined: Mapping[str, Sequence[str]],
) -> dict[str, list[str]]:
    """Return what to look for besides, by the names of ``question`` (folded) that have more.

    ``mined`` maps names to their other ones, as brackets told; of other short names the full
    ones come from ``texts_with`` it, the folded texts of chunks.
    """
    found = {name: list(mined[name]) for name in _mined_in(question, mined)}
    tried = dict.fromkeys(short_names(question[:MAX_READ_CHARS]))
    for name in list(tried)[:MAX_TRIED]:
        if not any(name in other for other in found):  # 贸中心 within 数贸中心
            full = full_names(name, texts_with(name))
            if full:
                found[name] = full[:MAX_FULL]
    return found


def _mined_in(question: str, mined: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for run in _RUN.findall(question[:MAX_READ_CHARS]):
        at = 0
        while at < len(run):
            for end in range(min(len(run), at + MAX_MINED_CHARS), at + 1, -1):
                if run[at:end] in mined:
                    yield run[at:end]
                    at = end
                    break
            else:
                at += 1
