"""``[n]`` markers: read, rewritten, tied to their statements and to verbatim quotes."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise

from index.numbers import figures, numbers_in
from index.text import bigrams, fold, is_han, sentences
from index.types import Excerpt
from rag.types import Passage

Likeness = Callable[[str, Sequence[str]], Sequence[float]]
"""How alike in meaning, 0 to 1, a statement and each of some sentences are."""

MAX_MARKER_DIGITS = 3  # 〔2026〕 is a year or a document number, not a marker
MAX_QUOTE_SENTENCES = 4
SENTENCE_COST = 0.12  # what a longer quote must gain in shared words

# [1], 【1】, ［1］, 〔1〕; several numbers in one; 【1†source】, [来源1], [^1] as models write
# them; a link target glued behind goes with the marker.
_NUMBERS = r"\d+(?:\s*[,，、;；]\s*\d+)*"
_MARKER = re.compile(
    rf"[ \t]{{0,3}}[\[【［〔]\s*\^?(?:(?:来源|资料|文章|段落|(?i:passage|source|ref|doc))\s*)?"
    rf"(?P<numbers>{_NUMBERS})\s*(?:†[^\]】］〕\n]{{0,40}})?[\]】］〕](?:\((?:https?:|[#/])[^()\s]*\))?"
)
_DIGITS = re.compile(r"\d+")
# A full stop after one of these ends no sentence.
_ABBREVIATION = re.compile(
    r"\b(?:[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|St|No|vs|Inc|Ltd|Co|Corp|approx|Jan|Feb|Mar|Apr|Jun"
    r"|Jul|Aug|Sept?|Oct|Nov|Dec)\.\s*$"
)
# A full stop behind a figure ends an English sentence, but not the number of a list item.
_AFTER_FIGURE = re.compile(r"(?<=\d)(?<!^\d)(?<!^\d\d)\.\s+(?=[A-Z“\"])")
_BULLET = re.compile(r"^\s*(?:[-*•·]\s+|#+\s+|\d{1,2}(?:[.)]\s|、)|[(（]\d{1,2}[)）])\s*")


@dataclass(frozen=True, slots=True)
class Marker:
    """``[n]`` before the character ``at`` of the text without markers."""

    at: int
    n: int
    spaced: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of an answer without its markers, which count from its own start."""

    text: str
    markers: tuple[Marker, ...]

    @property
    def numbers(self) -> tuple[int, ...]:
        """The passages it cites, each once, in order."""
        return tuple(dict.fromkeys(marker.n for marker in self.markers))

    @property
    def claim(self) -> str:
        """What it says: without the bullet or number of a list."""
        return _BULLET.sub("", self.text).strip()


def markers(text: str, count: int | None = None) -> list[int]:
    """Return the cited numbers in order of the text, with repeats.

    With ``count`` only 1 to ``count`` are citations; without it any number of up to
    :data:`MAX_MARKER_DIGITS` digits is.
    """
    return [marker.n for marker in read_markers(text, count)[1]]


def normalise_markers(text: str, count: int | None = None) -> str:
    """Return ``text`` with every marker as ``[n]``; unknown ones, see ``count``, are gone."""
    plain, found, _ = read_markers(text, count)
    return render(plain, found)


def read_markers(
    text: str, count: int | None = None
) -> tuple[str, tuple[Marker, ...], tuple[int, ...]]:
    """Return the text without markers, the markers, and the unknown numbers, each once.

    Unknown is a number outside 1 to ``count``. Brackets that hold a number of more than
    :data:`MAX_MARKER_DIGITS` digits (浙政发〔2026〕15号) are words and stay.
    """
    pieces: list[str] = []
    found: list[Marker] = []
    unknown: dict[int, None] = {}
    length = end = 0
    for match in _MARKER.finditer(text):
        digits = _DIGITS.findall(match["numbers"])
        if any(len(number) > MAX_MARKER_DIGITS for number in digits):
            continue
        pieces.append(text[end : match.start()])
        length += match.start() - end
        end = match.end()
        spaced = text[match.start()] in " \t"
        for n in map(int, digits):
            if n >= 1 and (count is None or n <= count):
                found.append(Marker(length, n, spaced))
                spaced = False
            else:
                unknown[n] = None
    return "".join((*pieces, text[end:])), tuple(found), tuple(unknown)


def render(text: str, found: Sequence[Marker]) -> str:
    """Return ``text`` with its markers back in place, the same number once in a row."""
    pieces: list[str] = []
    end, before = 0, 0
    for marker in found:
        if marker.at == end and pieces and marker.n == before:
            continue
        space = " " if marker.spaced else ""
        pieces.append(f"{text[end : marker.at]}{space}[{marker.n}]")
        end, before = marker.at, marker.n
    return "".join((*pieces, text[end:]))


def statements(text: str, found: Sequence[Marker]) -> list[Statement]:
    """Return the sentences of ``text`` (without markers), in order, with their markers.

    Together they cover the text. A marker behind the closing mark of a sentence belongs to
    that sentence. Abbreviations (Co., Ltd.) end none.
    """
    spans: list[tuple[int, int]] = []
    for start, end in _cut_after_figures(text):
        open_before = spans and _ABBREVIATION.search(text, *spans[-1])
        if open_before and "\n" not in text[spans[-1][0] : spans[-1][1]]:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    places = [marker.at for marker in found]
    cuts = [0, *(bisect_right(places, end) for _, end in spans)]  # those at 0 are the first's
    return [
        Statement(
            text[start:end],
            tuple(Marker(mark.at - start, mark.n, mark.spaced) for mark in found[first:last]),
        )
        for (start, end), (first, last) in zip(spans, pairwise(cuts), strict=True)
    ]


def _cut_after_figures(text: str) -> Iterator[tuple[int, int]]:
    for start, end in sentences(text):
        cuts = [start + match.end() for match in _AFTER_FIGURE.finditer(text[start:end])]
        yield from pairwise((start, *cuts, end))


def proved_by(passages: Sequence[Passage]) -> frozenset[str]:
    """Return the figures (see :mod:`index.numbers`) that the passages and their heads prove."""
    proved: frozenset[str] = frozenset()
    for passage in passages:
        article = passage.article
        head = "\n".join((article.headline, article.kicker, *article.subheads, article.date or ""))
        proved |= numbers_in(head) | numbers_in(passage.chunk.excerpt.text, article.date)
    return proved


def shared_words(statement: str, passages: Sequence[Passage]) -> float:
    """Return which part, 0 to 1, of the statement's Chinese bigrams the passages hold.

    1 for a statement without Chinese words: bigrams say nothing about it.
    """
    wanted = {pair for pair in bigrams(fold(statement)) if is_han(pair[0])}
    if not wanted:
        return 1.0
    held: set[str] = set()
    for passage in passages:
        article = passage.article
        text = "\n".join((article.headline, *article.subheads, passage.chunk.excerpt.text))
        held.update(bigrams(fold(text)))
    return len(wanted & held) / len(wanted)


def best_quote(statement: str, passage: Passage, likeness: Likeness | None = None) -> Excerpt:
    """Return the sentences of the passage, verbatim, that best support the statement.

    Up to :data:`MAX_QUOTE_SENTENCES` in a row, by the share of the statement's figures and
    words that they hold, plus ``likeness`` where it is given (the one signal across
    languages). Without any signal, the whole passage.
    """
    excerpt = passage.chunk.excerpt
    spans = [span for span in sentences(excerpt.text) if excerpt.text[slice(*span)].strip()]
    if not spans:
        return excerpt.strip()
    texts = [excerpt.text[start:end] for start, end in spans]
    wanted = _words(statement)
    figured = frozenset[str]().union(*(f.values for f in figures(statement) if f.firm))
    held = [(_words(text), numbers_in(text, passage.article.date)) for text in texts]
    alike = likeness(statement, texts) if likeness else [0.0] * len(texts)
    best, best_score = (0, len(spans)), 0.0
    for first in range(len(spans)):
        words: set[str] = set()
        numbers: set[str] = set()
        for last in range(first, min(first + MAX_QUOTE_SENTENCES, len(spans))):
            words |= held[last][0]
            numbers |= held[last][1]
            signal = _share(wanted, words) + _share(figured, numbers)
            signal += max(alike[first : last + 1])
            score = signal - SENTENCE_COST * (last - first) if signal > 0 else 0.0
            if score > best_score + 1e-9:
                best, best_score = (first, last + 1), score
    return excerpt.slice(spans[best[0]][0], spans[best[1] - 1][1]).strip()


def _words(text: str) -> set[str]:
    return {word for word in bigrams(fold(text)) if not word[0].isdigit()}


def _share(wanted: Set[str], held: Set[str]) -> float:
    return len(wanted & held) / len(wanted) if wanted else 0.0
