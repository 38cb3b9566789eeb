"""Questions and the passages that they should find, drawn anew for every step.

Three sources make a batch:

- questions that people wrote about a text (news in both languages, encyclopedia in Chinese);
- questions made of news: a sentence is taken from a passage and asked as a clause, as
  keywords, with its rarest word put as a question, or word by word in English (through the
  translation table; what it lacks, most of all names, in pinyin). Often the passage loses
  the sentence (the inverse cloze task of Lee, Chang and Toutanova, 2019);
- an English sentence, and a Chinese passage that holds its translation among others.

Texts of one batch lie near each other in meaning, so that they are hard to tell apart.
"""

import gzip
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.meaning import bundled_meaning
from index.text import is_han, sentences, words
from index.training.data import SEED, Asked, Pair
from index.training.translation import CHINESE_FUNCTION_WORDS

PASSAGE_CHARS = (100, 350)
QUESTION_CHARS = 40
NAME_DOCUMENTS = 20  # a word without a translation in so many of 8,000 may be a name
ALIKE = 4  # texts in a row that are alike
ENGLISH_OPENINGS = (
    "what", "what is", "what did", "how many", "how much", "when did", "who", "which", "where",
    "why did", "how did", "how does", "",
)  # fmt: skip
CHINESE_ASKING = ("什么", "谁", "哪", "多少", "哪些", "哪里", "什么时候", "怎么")
CHINESE_OPENINGS = ("请问", "", "", "", "")
CHINESE_ENDINGS = ("？", "?", "", "是什么？", "是多少？", "怎么样", "的情况")


@dataclass(frozen=True)
class SearchPair:
    """A question and a passage that answers it; texts of one ``group`` are never told apart."""

    question: str
    passage: str
    group: str


@dataclass(frozen=True)
class Recipe:
    """How many pairs of each source a batch holds."""

    asked: int = 14
    cloze: int = 12
    translated: int = 6


class SearchPairs:
    """Draws batches of :class:`SearchPair`; the same step draws the same batch."""

    def __init__(
        self,
        asked: Sequence[Asked],
        news: Sequence[tuple[str, str]],
        pairs: Sequence[Pair],
        table: Path,
    ) -> None:
        by_document: dict[str, list[Asked]] = {}
        for each in asked:
            by_document.setdefault(each.group, []).append(each)
        self._asked = list(by_document.values())
        self._news = news
        self._pairs = [pair for pair in pairs if pair.source != "tatoeba" and len(pair.zh) >= 12]
        self._english = english_of(table)
        counts: Counter[str] = Counter()
        for _, text in news[:: max(1, len(news) // 8_000)]:
            counts.update(set(words(text[:600])))
        self._counts = counts
        meaning = bundled_meaning()
        self._asked_vectors = meaning.vectors_of([own[0].text[:400] for own in self._asked])
        self._news_vectors = meaning.vectors_of([text[:400] for _, text in news])
        self._orders: dict[int, tuple[NDArray[np.int64], NDArray[np.int64]]] = {}

    def draw(self, step: int, recipe: Recipe) -> list[SearchPair]:
        """Return the batch of ``step``."""
        rng = random.Random(SEED * 1_000_003 + step)
        asked_order, news_order = self._alike(step // 500)
        found = [
            self._of_question(rng.choice(self._asked[at]), rng)
            for at in _runs(asked_order, recipe.asked, rng)
        ]
        for at in _runs(news_order, recipe.cloze, rng):
            made = self._of_news(*self._news[at], rng)
            if made:
                found.append(made)
        found += [self._of_translation(rng, number) for number in range(recipe.translated)]
        return found

    def _alike(self, epoch: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        if epoch not in self._orders:
            rng = np.random.default_rng(SEED + epoch)
            self._orders = {
                epoch: (alike_order(self._asked_vectors, rng), alike_order(self._news_vectors, rng))
            }
        return self._orders[epoch]

    def _of_question(self, asked: Asked, rng: random.Random) -> SearchPair:
        passage = window(asked.text, asked.start, asked.end, rng)
        return SearchPair(asked.question, passage, asked.group)

    def _of_news(self, name: str, text: str, rng: random.Random) -> SearchPair | None:
        """Return a question made of a news document, ``None`` where it has too few sentences."""
        if len(text) < 80:
            return None
        start = rng.randrange(max(1, len(text) - 100))
        passage = window(text, start, min(start + 10, len(text)), rng)
        bounds = [b for b in sentences(passage) if b[1] - b[0] >= 12]
        if len(bounds) < 2:
            return None
        lead = text[: text.find("。") + 1][:60]
        if lead and not passage.startswith(lead[:20]) and rng.random() < 0.15:
            return SearchPair(lead, passage, name)
        start, end = rng.choice(bounds[:-1] if rng.random() < 0.7 else bounds)
        sentence = passage[start:end].strip()
        if rng.random() < 0.5:
            passage = passage[:start] + passage[end:]
        if lead and rng.random() < 0.3:
            passage = f"{lead[:30].rstrip('。')}\n{passage}"
        return SearchPair(self._asking(sentence, rng), passage, name)

    def _asking(self, sentence: str, rng: random.Random) -> str:
        """Return a question about ``sentence``, in one of four ways."""
        way = rng.random()
        if way < 0.15:
            return _clause(sentence, rng)
        cut = [word for word in words(sentence[:120]) if word.strip()]
        rare = sorted(set(cut), key=lambda word: (self._counts[word], word))
        if way < 0.4:
            kept = set(rare[: rng.randint(3, 6)])
            return " ".join(word for word in dict.fromkeys(cut) if word in kept)
        first = rng.randrange(max(1, len(cut) - 8))
        run = cut[first : first + rng.randint(6, 14)]
        if way < 0.65:
            masked = min(run, key=lambda word: (self._counts[word], rng.random()))
            if rng.random() < 0.5:
                masked = rng.choice(run)
            asking = rng.choice(CHINESE_ASKING)
            put = "".join(asking if word == masked else word for word in run)
            return rng.choice(CHINESE_OPENINGS) + put + rng.choice(CHINESE_ENDINGS)
        return self._in_english(run, rng)

    def _in_english(self, run: Sequence[str], rng: random.Random) -> str:
        found = [rng.choice(ENGLISH_OPENINGS)]
        for word in run:
            if word in CHINESE_FUNCTION_WORDS:
                continue
            if not is_han(word[0]):
                found.append(word)
            elif word in self._english:
                names, chances = self._english[word]
                found.append(rng.choices(names, chances)[0])
            elif len(word) > 1 and self._counts[word] < NAME_DOCUMENTS:
                found.append(spelled(word))
        return " ".join(part for part in found if part)

    def _of_translation(self, rng: random.Random, number: int) -> SearchPair:
        own = rng.choice(self._pairs)
        others = [rng.choice(self._pairs) for _ in range(rng.randint(2, 5))]
        parts = [own.zh, *(other.zh for other in others)]
        rng.shuffle(parts)
        passage = "".join(parts)[: PASSAGE_CHARS[1]]
        if own.zh not in passage:
            passage = (own.zh + passage)[: PASSAGE_CHARS[1]]
        return SearchPair(own.en, passage, f"translated-{number}")


def window(text: str, start: int, end: int, rng: random.Random) -> str:
    """Return a passage of random length around ``[start, end)``, from a sentence on if it can."""
    size = max(rng.randint(*PASSAGE_CHARS), end - start)
    least = max(0, end - size)
    left = rng.randint(least, max(least, min(start, len(text) - size)))
    before = text.rfind("。", max(0, left - 80), left)
    if left and before >= 0:
        left = before + 1
    return text[left : max(left + size, end)][: PASSAGE_CHARS[1] + 80]


def _clause(sentence: str, rng: random.Random) -> str:
    size = rng.randint(10, QUESTION_CHARS)
    first = rng.randrange(max(1, len(sentence) - size))
    return sentence[first : first + size]


def spelled(word: str) -> str:
    """Return a Chinese word in pinyin, its first syllable apart as in a name."""
    from pypinyin import lazy_pinyin

    syllables = lazy_pinyin(word)
    return " ".join(part for part in (syllables[0], "".join(syllables[1:])) if part)


def english_of(table: Path) -> dict[str, tuple[list[str], list[float]]]:
    """Return the likely English words of each Chinese word with their weights, at most five.

    ``table`` is the file of :func:`index.training.translation.write_table`.
    """
    found: dict[str, list[tuple[float, str]]] = {}
    with gzip.open(table, "rt", encoding="utf-8") as lines:
        for line in lines:
            english, *columns = line.rstrip("\n").split("\t")
            for column in columns:
                chinese, _, chance = column.rpartition(":")
                found.setdefault(chinese, []).append((float(chance), english))
    best = {chinese: sorted(links, reverse=True)[:5] for chinese, links in found.items()}
    return {
        chinese: ([english for _, english in links], [chance for chance, _ in links])
        for chinese, links in best.items()
    }


def alike_order(vectors: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return all rows so that neighbours are alike: halved again and again by a random direction.

    A direction is the difference of two rows (a random projection tree, Dasgupta and Freund,
    2008).
    """
    done: list[NDArray[np.int64]] = []
    waiting = [rng.permutation(len(vectors))]
    while waiting:
        rows = waiting.pop()
        if len(rows) <= ALIKE:
            done.append(rows)
            continue
        one, other = rng.choice(rows, 2, replace=False)
        along = vectors[rows] @ (vectors[one] - vectors[other])
        rows = rows[np.argsort(along, kind="stable")]
        waiting += [rows[len(rows) // 2 :], rows[: len(rows) // 2]]
    return np.concatenate(done) if done else np.empty(0, np.int64)


def _runs(order: NDArray[np.int64], count: int, rng: random.Random) -> list[int]:
    """Return ``count`` different members of ``order``, in runs of neighbours."""
    found: dict[int, None] = {}
    count = min(count, len(order))
    while len(found) < count:
        start = rng.randrange(len(order))
        found.update(dict.fromkeys(int(row) for row in order[start : start + ALIKE]))
    return list(found)[:count]
