"""Questions made of translated sentences, and Chinese passages that answer them or do not.

A sentence, or a clause of it, asks for one of its words: of its English version, or of another
Chinese one. A passage that holds the Chinese version answers where the word stands in it. It does
not where the sentence was taken out and sentences that are alike were left, or where the question
has another number, name or noun than the sentence: one that is printed nowhere, or one that stands
in another sentence of the passage. So the reader learns from thousands of sentences which English
says the same, and what belongs together; questions that people wrote are fewer.
"""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.meaning import bundled_meaning
from index.text import is_han, sentences, tagged_words, words
from index.training.data import SEED, Pair
from index.training.dictionary import FUNCTION_WORDS
from index.training.reading_pairs import NUMBER_STEPS, ReadingPair, another_number
from index.training.search_pairs import ENGLISH_OPENINGS, PASSAGE_CHARS
from index.training.translation import CHINESE_FUNCTION_WORDS

SENTENCES = 16_000
SENTENCE_CHARS = (20, 120)  # of the Chinese version
SENTENCE_WORDS = 10  # of the English one, at least
HAN = 0.75  # of the characters of the Chinese version: the sets hold lines that are no sentences
ALIKE = 6  # sentences kept of those that are alike
SAME = 0.9  # likeness of two sentences that may say the same
SURE = 3  # English words of a Chinese one, the likeliest first
RUN_WORDS = (5, 16)  # of a question
CHINESE_ASKED = 0.3  # of the questions are another Chinese version
NAMES = frozenset(("nr", "ns", "nt", "nz", "nrt", "nrfg"))  # tags of jieba
NAMED = 0.7  # of the changed questions, where it names something
BESIDE = 0.6  # of the changed questions have a word of another sentence of their passage
LOST = 0.4  # of those passages have lost the sentence that was asked
_NUMBER = re.compile(r"\d+")
_ASKING = {"en": {True: "how many", False: "what"}, "zh": {True: "多少", False: "什么"}}

English = Mapping[str, tuple[list[str], list[float]]]  # of search_pairs.english_of
Nouns = Sequence[tuple[str, str]]  # in English and in Chinese


@dataclass(frozen=True)
class Asking:
    """A question for what stands at ``answer`` of the Chinese sentence ``own``.

    ``others`` are the words of the question, which is in ``language``, that are known in ``own``
    too.
    """

    language: str
    question: str
    own: str
    answer: tuple[int, int]
    others: Mapping[str, str]


class TranslatedPairs:
    """Draws :class:`ReadingPair` of the sentence ``pairs``; ``english`` tells what words mean.

    A draw is ``None`` where the sentence that was drawn has nothing to ask for or to change.
    """

    def __init__(self, pairs: Sequence[Pair], english: English) -> None:
        self._english = english
        versions: dict[str, list[str]] = {}
        for pair in pairs:
            if pair.source.startswith("wmt") and _is_prose(pair):
                versions.setdefault(pair.en, []).append(pair.zh)
        kept = random.Random(SEED).sample(sorted(versions), min(SENTENCES, len(versions)))
        self._sentences = [(text, versions[text]) for text in kept]
        self._alike = alike([own[0] for _, own in self._sentences])
        self._nouns: dict[str, list[tuple[str, str]]] = {}
        for text, (own, *_) in self._sentences:
            for tag, nouns in self._nouns_of(text, own).items():
                self._nouns.setdefault(tag, []).extend(nouns)

    def answered(self, rng: random.Random) -> ReadingPair | None:
        """Return a question with a passage that holds the sentence it was made of."""
        at, asking = self._asking(rng)
        if not asking:
            return None
        passage = _around([asking.own], self._near(at, rng), rng)
        first = passage.index(asking.own)
        start, end = (first + place for place in asking.answer)
        return ReadingPair(asking.question, passage, start, end)

    def of_alike(self, rng: random.Random) -> ReadingPair | None:
        """Return a question with a passage of sentences that are like its own."""
        at, asking = self._asking(rng)
        passage = _around([], self._near(at, rng), rng)
        return ReadingPair(asking.question, passage) if asking and passage else None

    def changed(self, rng: random.Random) -> ReadingPair | None:
        """Return a question with another number, name or noun than its passage."""
        at, asking = self._asking(rng)
        if not asking:
            return None
        near = self._near(at, rng)
        if near and rng.random() < BESIDE:
            other, text = near[0], self._sentences[self._alike[at][0]][0]
            held = self._nouns_of(text, other)
            own = [] if rng.random() < LOST else [asking.own]
            passage = _around([other, *own], near, rng)
            question = _with_another(asking, lambda tag: held.get(tag, []), asking.own, rng)
        else:
            passage = _around([asking.own], near, rng)
            question = _with_another(asking, lambda tag: self._nouns[tag], passage, rng)
        return ReadingPair(question, passage) if question else None

    def _nouns_of(self, english: str, chinese: str) -> dict[str, list[tuple[str, str]]]:
        """Return the nouns of a sentence and what they are in its Chinese version, by their tag."""
        said = english.split()
        found: dict[str, list[tuple[str, str]]] = {}
        for at, word in self._translated(said, chinese).items():
            if tag := _noun(word):
                found.setdefault(tag, []).append((_plain(said[at]), word))
        return found

    def _near(self, at: int, rng: random.Random) -> list[str]:
        """Return Chinese versions of the sentences that are like the one at ``at``."""
        return [rng.choice(self._sentences[near][1]) for near in self._alike[at]]

    def _asking(self, rng: random.Random) -> tuple[int, Asking | None]:
        at = rng.randrange(len(self._sentences))
        text, versions = self._sentences[at]
        own = rng.choice(versions)
        others = [other for other in versions if other != own]
        if others and rng.random() < CHINESE_ASKED:
            said = words(rng.choice(others))
            return at, _asked(said, own, _shared(said, own), "zh", rng)
        said = text.split()
        return at, _asked(said, own, self._translated(said, own), "en", rng)

    def _translated(self, said: Sequence[str], own: str) -> dict[int, str]:
        """Return the word of ``own`` for each place of ``said`` that surely means it."""
        found = _shared(said, own)
        plain = [_plain(word) for word in said]
        for word in words(own):
            if len(word) < 2 or word not in self._english or own.count(word) > 1:
                continue
            for meaning in self._english[word][0][:SURE]:
                if meaning not in FUNCTION_WORDS and plain.count(meaning) == 1:
                    found.setdefault(plain.index(meaning), word)
        return found


def _around(held: Sequence[str], near: Sequence[str], rng: random.Random) -> str:
    """Return the sentences ``held`` among those of ``near``, in a passage of a usual length."""
    size = rng.randint(*PASSAGE_CHARS)
    parts = list(held or near[:1])
    rng.shuffle(parts)
    for text in rng.sample(near, len(near)):
        if text not in parts and sum(map(len, parts)) + len(text) <= size:
            parts.insert(rng.randint(0, len(parts)), text)
    return "".join(parts)


def _with_another(
    asking: Asking, nouns_of: Callable[[str], Nouns], absent: str, rng: random.Random
) -> str | None:
    """Return the question of ``asking`` with another number, name or noun.

    A noun comes from ``nouns_of`` its tag; what is put in does not stand in ``absent``.
    """
    nouns = [(word, tag) for word, own in asking.others.items() if (tag := _noun(own))]
    names = [(word, tag) for word, tag in nouns if tag in NAMES]
    numbers = [(word, "") for word in asking.others if word[:1].isdigit()]
    if not nouns and not numbers:
        return None
    special = names + numbers
    word, tag = rng.choice(special if special and rng.random() < NAMED else nouns or numbers)
    if tag:
        choices = nouns_of(tag)
        if not choices:
            return None
        english, printed = rng.choice(choices)
        put = english if asking.language == "en" else printed
    else:
        digits = _NUMBER.match(word)
        number = digits[0] if digits else "0"
        put = printed = another_number(number, (-10, *NUMBER_STEPS), rng)
    if printed in absent or put in asking.question:
        return None
    return asking.question.replace(word, put)


def alike(texts: Sequence[str]) -> list[list[int]]:
    """Return for each text the places of others that are most like it but hardly say the same."""
    vectors = bundled_meaning().vectors_of(texts)
    most = min(ALIKE, len(texts))
    found: list[list[int]] = []
    for first in range(0, len(texts), 1_000):
        likeness = vectors[first : first + 1_000] @ vectors.T
        likeness[likeness > SAME] = -1.0
        near = np.argpartition(-likeness, most - 1, axis=1)[:, :most]
        found += [[at for at in row if own[at] > -1.0]
                  for row, own in zip(near.tolist(), likeness, strict=True)]  # fmt: skip
    return found


def _is_prose(pair: Pair) -> bool:
    """Return whether both sides look like a sentence or two of a text."""
    shortest, longest = SENTENCE_CHARS
    return (
        shortest <= len(pair.zh) <= longest
        and sum(map(is_han, pair.zh)) >= HAN * len(pair.zh)
        and pair.zh[-1] in '。!?！？”"'
        and len(sentences(pair.zh)) <= 2
        and len(pair.en.split()) >= SENTENCE_WORDS
    )


def _plain(word: str) -> str:
    return word.strip(".,;:!?\"'()%$“”’")


def _noun(word: str) -> str:
    """Return the tag of jieba of a Chinese noun, nothing of another word."""
    if not is_han(word[0]):
        return ""
    (_, tag), *more = tagged_words(word)
    return tag if tag.startswith("n") and not more else ""


def _shared(said: Sequence[str], own: str) -> dict[int, str]:
    """Return the places of numbers and words that stand once in ``said`` and once in ``own``."""
    found = {}
    for at, word in enumerate(map(_plain, said)):
        long = len(word) > 1 and is_han(word[0]) and word not in CHINESE_FUNCTION_WORDS
        if (long or word[:1].isdigit()) and said.count(said[at]) == 1 and _once(word, own):
            found[at] = word
    return found


def _once(word: str, text: str) -> bool:
    """Return whether ``word`` stands once in ``text``, a number as a whole."""
    if not word[0].isdigit():
        return text.count(word) == 1
    return len(re.findall(rf"(?<![\d.,]){re.escape(word)}(?!\d|[.,]\d)", text)) == 1


def _asked(
    said: Sequence[str], own: str, known: Mapping[int, str], language: str, rng: random.Random
) -> Asking | None:
    """Return a question for one of the ``known`` words, numbers for preference."""
    if len(said) < RUN_WORDS[0] or not known:
        return None
    numbers = [at for at, word in known.items() if word[0].isdigit()]
    at = rng.choice(numbers if numbers and rng.random() < 0.6 else sorted(known))
    answer = known[at]
    size = rng.randint(*RUN_WORDS)
    first = max(0, min(at - rng.randrange(size), len(said) - size))
    places = range(first, min(first + size, len(said)))
    put = _ASKING[language][answer[0].isdigit()]
    run = [put if place == at else said[place] for place in places]
    if language == "en" and rng.random() < 0.3:
        run.insert(0, rng.choice(ENGLISH_OPENINGS))
    question = ("" if language == "zh" else " ").join(part for part in run if part)
    others = {_plain(said[place]): known[place] for place in places if place in known}
    others.pop(_plain(said[at]))
    start = own.index(answer)
    place = (start, start + len(answer))
    return Asking(language, question.rstrip(".,;。，；") + "?", own, place, others)
