"""Near misses made of the names in questions: the right passage, but another place or person.

A place, a person or an organisation that a question names and its passage prints becomes another
one of that kind: one that the same passage tells of elsewhere, or one that it does not print at
all. In English questions a name is known by its pinyin or by the table of translations.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.text import HAN, is_han, sentences, tagged_words
from index.training.data import Asked
from index.training.reading_pairs import ReadingPair, answered
from index.training.translated_pairs import NAMES, English

LEAST_LETTERS = 4  # of a name in an English question
BESIDE = 0.5  # of the questions get a name that stands elsewhere in their passage
_HAN = re.compile(rf"[{HAN}]+")


@dataclass(frozen=True)
class Name:
    """A name of the kind ``tag`` of jieba: as it is ``printed``, and as a question writes it."""

    tag: str
    printed: str
    written: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """Matches the name in a question, an English one as a whole word."""
        word = re.escape(self.written)
        return re.compile(word if is_han(word[0]) else rf"\b{word}\b")

    def asked_in(self, question: str) -> bool:
        """Return whether ``question`` writes the name."""
        return bool(self.pattern.search(question))


class NamedPairs:
    """Draws :class:`ReadingPair` of the questions ``asked``; ``english`` tells what names mean.

    A draw is ``None`` where a question has no name to change.
    """

    def __init__(self, asked: Sequence[Asked], english: English) -> None:
        self._asked = {
            language: [each for each in asked if each.language == language]
            for language in ("zh", "en")
        }
        self._english = english

    def another_name(self, rng: random.Random) -> ReadingPair | None:
        """Return a question with the passage that answered it before a name became another."""
        own = self._asked["en" if rng.random() < 0.5 else "zh"]
        asked = rng.choice(own)
        pair = answered(asked, rng)
        held = self._names(pair.passage, asked.language)
        named = [each for each in held if each.asked_in(asked.question)]
        if not named or not pair.answerable:
            return None
        name = rng.choice(named)
        if rng.random() < BESIDE:
            others, absent = held, _telling(pair)
        else:
            text = rng.choice(own).text[: len(pair.passage)]
            others, absent = self._names(text, asked.language), asked.text
        put = [
            other.written
            for other in others
            if other.tag == name.tag
            and other.printed not in absent
            and other.written not in asked.question
        ]
        if not put:
            return None
        question = name.pattern.sub(rng.choice(put), asked.question)
        return ReadingPair(question, pair.passage)

    def _names(self, text: str, language: str) -> list[Name]:
        """Return the names in ``text`` as questions in ``language`` write them."""
        found = {
            (tag, word)
            for run in _HAN.findall(text)
            for word, tag in tagged_words(run)
            if tag in NAMES and len(word) > 1
        }
        if language == "zh":
            return [Name(tag, word, word) for tag, word in sorted(found)]
        named = [Name(tag, word, self._in_english(word)) for tag, word in sorted(found)]
        return [name for name in named if len(name.written) >= LEAST_LETTERS]

    def _in_english(self, word: str) -> str:
        """Return the likeliest English word of a Chinese name, or else its pinyin."""
        from pypinyin import lazy_pinyin

        if word in self._english:
            return self._english[word][0][0]
        return "".join(lazy_pinyin(word))


def _telling(pair: ReadingPair) -> str:
    """Return the sentences of the passage that hold the answer."""
    passage = pair.passage
    bounds = sentences(passage)
    return "".join(passage[a:b] for a, b in bounds if a < pair.end and b > pair.start)
