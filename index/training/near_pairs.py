"""Near misses made of the questions of documents that are alike.

A question is put to the subject of another document, which does not tell it, or a passage that
answers is asked about the subject of another document, which it does not name. What a question
is about is known by its shape: the run of it that its document repeats, or in English, where the
document is Chinese, the run that it shares with another question about the same document.
"""

import random
import re
from collections.abc import Callable, Sequence

import numpy as np

from index.text import is_han
from index.training.data import Asked
from index.training.dictionary import FUNCTION_WORDS
from index.training.reading_pairs import ReadingPair, answered, holds_answer, near_miss
from index.types import Vectors

OPENING_CHARS = 120  # of a document, where its subject is named
SUBJECT_CHARS = (3, 16)  # of a Chinese subject
SUBJECT_WORDS = 6  # of an English one, at most
ONE_WORD_CHARS = 5  # of an English subject of one word, at least
ALIKE = 40  # documents that count as alike
_WORD = re.compile(r"[\w'-]+")
_NO_SUBJECT = FUNCTION_WORDS | frozenset("how many much when where why their from during".split())


class NearPairs:
    """Draws :class:`ReadingPair` that do not answer.

    ``encode`` gives the vectors of texts: documents whose openings lie near are alike.
    """

    def __init__(
        self,
        asked: Sequence[Asked],
        near_misses: Sequence[Asked],
        encode: Callable[[Sequence[str]], Vectors],
    ) -> None:
        self._asked = asked
        self._about: dict[str, list[Asked]] = {}
        for each in (*asked, *near_misses):
            self._about.setdefault(each.group, []).append(each)
        groups = list(self._about)
        vectors = encode([self._about[group][0].text[:300] for group in groups])
        likeness = vectors @ vectors.T
        np.fill_diagonal(likeness, -1.0)
        most = min(ALIKE, len(groups) - 1)
        near = np.argpartition(-likeness, most - 1, axis=1)[:, :most]
        self._alike = {
            group: [groups[at] for at in row] for group, row in zip(groups, near, strict=True)
        }
        self._subjects = {
            (each.group, each.question): subject
            for own in self._about.values()
            for each in own
            if (subject := subject_of(each, own))
        }

    def another_subject(self, rng: random.Random) -> ReadingPair | None:
        """Return a question of another document about the subject of this one."""
        drawn = self._drawn(rng)
        if not drawn:
            return None
        asked, subject, other, others_subject = drawn
        question = _with(other, others_subject, _words(asked, subject))
        own = rng.choice(self._about[asked.group])
        passage = (answered if own.end > own.start else near_miss)(own, rng).passage
        if other.end > other.start and holds_answer(passage, other):
            return None
        return ReadingPair(question, passage)

    def another_name(self, rng: random.Random) -> ReadingPair | None:
        """Return a question about the subject of another document, with its own passage."""
        drawn = self._drawn(rng)
        if not drawn:
            return None
        asked, subject, other, others_subject = drawn
        name, own = _words(other, others_subject), _words(asked, subject)
        if name in own or own in name or name in asked.text:
            return None
        if any(name in each.question for each in self._about[asked.group]):
            return None
        return ReadingPair(_with(asked, subject, name), answered(asked, rng).passage)

    def _drawn(
        self, rng: random.Random
    ) -> tuple[Asked, tuple[int, int], Asked, tuple[int, int]] | None:
        """Return a question and one of a document that is alike, each with its subject."""
        asked = rng.choice(self._asked)
        other = rng.choice(self._about[rng.choice(self._alike[asked.group])])
        subject, others = (self._subjects.get((e.group, e.question)) for e in (asked, other))
        if not subject or not others or asked.language != other.language:
            return None
        return asked, subject, other, others


def subject_of(asked: Asked, about: Sequence[Asked]) -> tuple[int, int] | None:
    """Return where ``asked.question`` names what it is about.

    ``about`` are the questions about its document. The longest run that qualifies; ``None`` when
    there is none.
    """
    if asked.language == "zh":
        return _repeated(asked.question, asked.text)
    others = [e.question for e in about if e.language == "en" and e.question != asked.question]
    return _shared(asked.question, [" ".join(_WORD.findall(other)) for other in others])


def _repeated(question: str, text: str) -> tuple[int, int] | None:
    """Return the longest run of ``question`` that opens ``text`` or stands in it twice."""
    shortest, longest = SUBJECT_CHARS
    opening = text[:OPENING_CHARS]
    for size in range(longest, shortest - 1, -1):
        for start in range(len(question) - size + 1):
            run = question[start : start + size]
            if any(map(is_han, run)) and (run in opening or text.count(run) > 1):
                return start, start + size
    return None


def _shared(question: str, others: Sequence[str]) -> tuple[int, int] | None:
    """Return the longest run of words of ``question`` that another one holds."""
    found = list(_WORD.finditer(question))
    for size in range(SUBJECT_WORDS, 0, -1):
        for first, last in zip(found, found[size - 1 :], strict=False):
            run = question[first.start() : last.end()]
            if {first[0], last[0]} & _NO_SUBJECT or (size == 1 and len(run) < ONE_WORD_CHARS):
                continue
            if any(" ".join(_WORD.findall(run)) in other for other in others):
                return first.start(), last.end()
    return None


def _words(asked: Asked, place: tuple[int, int]) -> str:
    return asked.question[slice(*place)]


def _with(asked: Asked, place: tuple[int, int], words: str) -> str:
    return asked.question[: place[0]] + words + asked.question[place[1] :]
