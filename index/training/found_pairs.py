"""Pairs of a question and a passage that the whole search finds for it.

What :mod:`evals.found_passages` wrote, read again: passages of the question's document answer it
where they hold the evidence, and others do not, whatever they share with the question.
"""

import gzip
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from index.text import fold
from index.training.data import Asked
from index.training.reading_pairs import ReadingPair, holds_answer
from index.types import CorpusError

ENGLISH = 0.45  # of the pairs, where half as many questions are English
SAME_EVENT_CHARS = 6  # of the evidence in another document: it may tell of the same event
SAME_PASSAGE_CHARS = 10  # of the evidence beside it in its own document
RANKS = 10  # of the passages of other documents
NEAR_RANKS = 6  # of those, for a near miss
OTHERS, OWN, NEAR = 4, 2, 3  # passages kept of each question

Passages = list[tuple[str, list[str]]]  # a question with passages
Row = TypeVar("Row")


class FoundPairs:
    """Draws :class:`ReadingPair` of the questions ``asked`` and ``near_misses``.

    ``found`` is the file of :mod:`evals.found_passages`; :class:`CorpusError` is raised where it
    cannot be read. A draw is ``None`` where nothing was found for a question of the language
    that was drawn.
    """

    def __init__(self, asked: Sequence[Asked], near_misses: Sequence[Asked], found: Path) -> None:
        self._answered: dict[str, list[ReadingPair]] = {"zh": [], "en": []}
        self._others: dict[str, Passages] = {"zh": [], "en": []}
        self._own: dict[str, Passages] = {"zh": [], "en": []}
        self._near: dict[str, list[tuple[str, list[str], list[str]]]] = {"zh": [], "en": []}
        passages = _read(found)
        for each in asked:
            self._take(each, passages.get((each.question, each.group), []))
        for each in near_misses:
            read = passages.get((each.question, each.group), [])
            own = [text for name, text in read if name == each.group][:NEAR]
            others = [text for name, text in read[:NEAR_RANKS] if name != each.group][:NEAR]
            if own:
                self._near[each.language].append((each.question, own, others))

    def _take(self, asked: Asked, passages: Sequence[tuple[str, str]]) -> None:
        evidence = asked.text[asked.start : asked.end]
        own: list[str] = []
        others: list[str] = []
        for rank, (name, text) in enumerate(passages):
            at = text.find(evidence)
            if name == asked.group and at >= 0:
                start, end = (at + place - asked.start for place in asked.answer)
                pair = ReadingPair(asked.question, text, start, end)
                self._answered[asked.language].append(pair)
            elif name == asked.group:
                if not _shares(evidence, text, SAME_PASSAGE_CHARS):
                    own.append(text)
            elif rank < RANKS and not _shares(evidence, text, SAME_EVENT_CHARS):
                others.append(text)
        own = [text for text in own if not holds_answer(text, asked)][:OWN]
        others = [text for text in others if not holds_answer(text, asked)][:OTHERS]
        if own:
            self._own[asked.language].append((asked.question, own))
        if others:
            self._others[asked.language].append((asked.question, others))

    def answered(self, rng: random.Random) -> ReadingPair | None:
        """Return a question with a passage that holds its evidence."""
        return _drawn(self._answered, rng)

    def of_another(self, rng: random.Random) -> ReadingPair | None:
        """Return a question with a passage of another document."""
        return _unanswered(self._others, rng)

    def elsewhere(self, rng: random.Random) -> ReadingPair | None:
        """Return a question with a passage of its document that does not hold the evidence."""
        return _unanswered(self._own, rng)

    def near_miss(self, rng: random.Random) -> ReadingPair | None:
        """Return a question that its document does not answer, with what is found for it."""
        drawn = _drawn(self._near, rng)
        if not drawn:
            return None
        question, own, others = drawn
        if others and rng.random() < 0.3:
            return ReadingPair(question, rng.choice(others))
        return ReadingPair(question, own[0] if rng.random() < 0.5 else rng.choice(own))


def _read(found: Path) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Return the passages of each question and document, each with the name of its document."""
    try:
        with gzip.open(found, "rt", encoding="utf-8") as lines:
            return {
                (row["q"], row["p"]): [(name, fold(text)) for name, text in row["passages"]]
                for row in map(json.loads, lines)
            }
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        raise CorpusError(
            f"{found}: cannot be read ({reason}); make it with: python -m evals.found_passages"
        ) from None


def _drawn(rows: Mapping[str, Sequence[Row]], rng: random.Random) -> Row | None:
    own = rows["en" if rng.random() < ENGLISH else "zh"]
    return rng.choice(own) if own else None


def _unanswered(rows: Mapping[str, Passages], rng: random.Random) -> ReadingPair | None:
    drawn = _drawn(rows, rng)
    return ReadingPair(drawn[0], rng.choice(drawn[1])) if drawn else None


def _shares(evidence: str, passage: str, chars: int) -> bool:
    """Return whether ``chars`` characters of ``evidence``, white space apart, are in a passage."""
    printed, held = ("".join(text.split()) for text in (evidence, passage))
    least = min(chars, len(printed))
    return any(printed[at : at + least] in held for at in range(len(printed) - least + 1))
