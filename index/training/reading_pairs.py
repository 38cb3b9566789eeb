"""Questions with passages that answer them or do not, drawn anew for every step.

An answerable pair is a question that people wrote and a window around its evidence, or a
news sentence asked with one of its words left out. An unanswerable one is made so that its
passage looks like an answer: the sentence that answers was taken out, a number of the question
was changed, the window is another one of the same document, the passage shares the words of
the question (a hard negative), or people wrote the question as a near miss.
"""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from index.text import is_han, sentences, words
from index.training.data import SEED, Asked
from index.training.search_pairs import PASSAGE_CHARS, SearchPairs, window
from index.training.translation import CHINESE_FUNCTION_WORDS
from rag.surroundings import MAX_CHARS

TRIES = 50  # of a way, so that one that often fails keeps its share
NUMBER_STEPS = (-3, -2, -1, 1, 2, 3, 10)  # from a number to another one
_NUMBER = re.compile(r"\d+")
_ASKING = {True: ("多少", "几", "哪年", "什么时候"), False: ("什么", "谁", "哪里", "哪个", "哪家")}


@dataclass(frozen=True)
class ReadingPair:
    """A question and a passage; ``passage[start:end]`` answers it, or nothing (start = end)."""

    question: str
    passage: str
    start: int = 0
    end: int = 0

    @property
    def answerable(self) -> bool:
        """Whether the passage answers the question."""
        return self.end > self.start


Way = Callable[[random.Random], ReadingPair | None]


@dataclass(frozen=True)
class Mixture:
    """Draws batches of :class:`ReadingPair`; the same step draws the same batch.

    ``ways`` make a pair each and have a share of them; ``varied`` is what becomes of a pair.
    """

    ways: Sequence[tuple[float, Way]]
    varied: Callable[[ReadingPair, random.Random], ReadingPair]

    def draw(self, step: int, count: int) -> list[ReadingPair]:
        """Return ``count`` pairs for ``step``."""
        rng = random.Random(SEED * 1_000_033 + step)
        found: list[ReadingPair] = []
        shares = [share for share, _ in self.ways]
        while len(found) < count:
            _, way = rng.choices(self.ways, shares)[0]
            pair = next((made for _ in range(TRIES) if (made := way(rng))), None)
            if pair:
                found.append(self.varied(pair, rng))
        return found


class ReadingPairs:
    """Makes pairs of the questions ``asked``, of ``near_misses`` and of the sentences of news.

    ``english`` is the share of English questions; by default what is there.
    """

    def __init__(
        self,
        asked: Sequence[Asked],
        near_misses: Sequence[Asked],
        news: Sequence[tuple[str, str]],
        negatives: Mapping[str, Sequence[tuple[str, str]]],
        searched: SearchPairs,
        english: float = 0.0,
    ) -> None:
        self._asked = asked
        self._english = [each for each in asked if each.language == "en"] if english else []
        self._english_share = english
        self._near_misses = near_misses
        self._news = news
        self._negatives = negatives
        self._in_english = searched.in_english

    def mixture(self) -> Mixture:
        """Return what a reader learns first."""
        ways = (
            (0.44, self.answered),
            (0.14, self.without_its_sentence),
            (0.12, self._near_miss),
            (0.08, self._hard_negative),
            (0.06, self.other_number),
            (0.06, self._elsewhere),
            (0.10, self.masked),
        )
        return Mixture(ways, self.varied)

    def _one(self, rng: random.Random) -> Asked:
        english = self._english and rng.random() < self._english_share
        return rng.choice(self._english if english else self._asked)

    def varied(self, pair: ReadingPair, rng: random.Random) -> ReadingPair:
        """Return ``pair``, at times with its question word by word in English."""
        if rng.random() < 0.2 and is_han(pair.question[:1]):
            question = self._in_english(words(pair.question), rng)
            return ReadingPair(question, pair.passage, pair.start, pair.end)
        return pair

    def answered(self, rng: random.Random) -> ReadingPair:
        """Return a question with a passage that answers it."""
        return answered(self._one(rng), rng)

    def without_its_sentence(self, rng: random.Random) -> ReadingPair | None:
        """Return a question with a passage that has lost the sentence that answers it."""
        return without_its_sentence(self._one(rng), rng)

    def _near_miss(self, rng: random.Random) -> ReadingPair:
        return near_miss(rng.choice(self._near_misses), rng)

    def _hard_negative(self, rng: random.Random) -> ReadingPair | None:
        each = rng.choice(self._asked)
        others = self._negatives.get(each.question)
        if not others:
            return None
        _, text = rng.choice(others)
        return None if holds_answer(text, each) else ReadingPair(each.question, text)

    def other_number(self, rng: random.Random) -> ReadingPair | None:
        """Return a question whose number is another one: 第20届 becomes 第18届."""
        each = rng.choice(self._asked)
        numbers = list(_NUMBER.finditer(each.question))
        if not numbers:
            return None
        number = rng.choice(numbers)
        other = another_number(number[0], NUMBER_STEPS, rng)
        passage = answered(each, rng).passage
        if other == number[0] or other in passage or number[0] not in passage:
            return None
        changed = each.question[: number.start()] + other + each.question[number.end() :]
        return ReadingPair(changed, passage)

    def _elsewhere(self, rng: random.Random) -> ReadingPair | None:
        """Return a window of the right document that does not hold the evidence."""
        each = rng.choice(self._asked)
        if len(each.text) < 3 * PASSAGE_CHARS[0]:
            return None
        at = rng.randrange(len(each.text))
        passage = window(each.text, at, at, rng)
        evidence = each.text[each.start : each.end]
        if len(passage) < 40 or evidence in passage or holds_answer(passage, each):
            return None
        return ReadingPair(each.question, passage)

    def masked(self, rng: random.Random) -> ReadingPair | None:
        """Return a news sentence as a question for one of its words; half lose the sentence."""
        _, text = rng.choice(self._news)
        at = rng.randrange(max(1, len(text) - 60))
        passage = window(text, at, min(at + 30, len(text)), rng)
        bounds = [b for b in sentences(passage) if 12 <= b[1] - b[0] <= 100]
        if not bounds:
            return None
        start, end = rng.choice(bounds)
        cut = [w for w in words(passage[start:end]) if w not in CHINESE_FUNCTION_WORDS]
        wanted = [w for w in set(cut) if w[0].isdigit() or (len(w) > 1 and is_han(w[0]))]
        wanted = [w for w in sorted(wanted) if passage.count(w) == 1]
        if len(cut) < 5 or not wanted:
            return None
        numbers = [w for w in wanted if w[0].isdigit()]
        answer = rng.choice(numbers if numbers and rng.random() < 0.6 else wanted)
        put = rng.choice(_ASKING[answer[0].isdigit()])
        kept = [put if w == answer else w for w in cut if w == answer or rng.random() < 0.7]
        question = "".join(kept) or put
        if rng.random() < 0.35:
            return ReadingPair(question, passage[:start] + passage[end:])
        first = passage.index(answer)
        return ReadingPair(question, passage, first, first + len(answer))


def answered(asked: Asked, rng: random.Random) -> ReadingPair:
    """Return the question with a window around its evidence, at times after its first sentence."""
    passage = window(asked.text, asked.start, asked.end, rng)
    evidence = asked.text[asked.start : asked.end]
    at = passage.find(evidence)
    shift = at - asked.start
    start, end = asked.answer[0] + shift, asked.answer[1] + shift
    if at < 0:
        start = end = 0
    opening = _opening(asked.text, passage)
    shift = len(opening) if end > start else 0
    return ReadingPair(asked.question, opening + passage, start + shift, end + shift)


def without_its_sentence(asked: Asked, rng: random.Random) -> ReadingPair | None:
    """Return :func:`answered` less the sentences that answer; ``None`` when little is left."""
    pair = answered(asked, rng)
    kept = [
        pair.passage[a:b]
        for a, b in sentences(pair.passage)
        if b <= pair.start or a >= pair.end
    ]  # fmt: skip
    passage = "".join(kept)
    if len(passage) < 60 or holds_answer(passage, asked):
        return None
    return ReadingPair(asked.question, passage)


def near_miss(asked: Asked, rng: random.Random) -> ReadingPair:
    """Return a question that its document does not answer with a window of the document."""
    at = rng.randrange(max(1, len(asked.text) - 60))
    passage = window(asked.text, at, at, rng)
    return ReadingPair(asked.question, _opening(asked.text, passage) + passage)


def _opening(text: str, passage: str) -> str:
    """Return the first sentence of ``text`` where it is read with a later passage of it."""
    opening = text[slice(*sentences(text)[0])]
    fits = len(opening) + len(passage) <= MAX_CHARS
    return opening if fits and text.find(passage) >= len(opening) else ""


def another_number(number: str, steps: Sequence[int], rng: random.Random) -> str:
    """Return a number, at least 1, that is one of ``steps`` away from ``number``."""
    return str(max(1, int(number[:9]) + rng.choice(steps)))


def holds_answer(passage: str, asked: Asked) -> bool:
    """Return whether the short answer is printed in ``passage``."""
    answer = asked.text[slice(*asked.answer)]
    return 0 < len(answer) <= 20 and answer in passage
