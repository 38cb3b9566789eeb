"""Questions and the passages that they should find, drawn anew for every step.

Three sources make a batch:

- questions that people wrote about a text (news in both languages, encyclopedia in Chinese),
  each with a passage that has its words but not its answer (a hard negative);
- questions made of news: a sentence is taken from a passage and asked as a clause, as
  keywords, with its rarest word put as a question, or word by word in English (through the
  translation table; what it lacks, most of all names, in pinyin). Often the passage loses
  the sentence (the inverse cloze task of Lee, Chang and Toutanova, 2019);
- a sentence, its clause or its rare words, in English or in another Chinese wording, and a
  Chinese passage that holds its translation among other sentences or inside a news text.

Texts of one batch lie near each other in meaning, so that they are hard to tell apart.
"""

import gzip
import random
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.lexical import ANALYSERS, AllPostings, Part, build_postings, exact
from index.meaning import bundled_meaning
from index.text import is_han, sentences, words
from index.training.data import SEED, Asked, Pair, chunks
from index.training.dictionary import FUNCTION_WORDS
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
    group: int


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
        negatives: Mapping[str, Sequence[tuple[str, str]]],
    ) -> None:
        by_document: dict[str, list[Asked]] = {}
        for each in asked:
            by_document.setdefault(each.group, []).append(each)
        self._asked = list(by_document.values())
        self._negatives = negatives
        self._news = news
        self._pairs = [pair for pair in pairs if pair.source != "tatoeba" and len(pair.zh) >= 12]
        self._versions: dict[str, list[str]] = {}
        for pair in self._pairs:
            self._versions.setdefault(pair.en, []).append(pair.zh)
        self.english = english_of(table)  # of Chinese words
        counts: Counter[str] = Counter()
        for text in self._versions:
            counts.update(set(text.split()))
        for _, text in news[:: max(1, len(news) // 8_000)]:
            counts.update(set(words(text[:600])))
        self._counts = counts
        meaning = bundled_meaning()
        self._asked_vectors = meaning.vectors_of([own[0].text[:400] for own in self._asked])
        self._news_vectors = meaning.vectors_of([text[:400] for _, text in news])
        self._orders: dict[int, tuple[NDArray[np.int64], NDArray[np.int64]]] = {}

    def draw(self, step: int, recipe: Recipe) -> tuple[list[SearchPair], list[tuple[str, int]]]:
        """Return the batch of ``step``, and hard negatives with their groups."""
        rng = random.Random(SEED * 1_000_003 + step)
        asked_order, news_order = self._alike(step // 500)
        chosen = [rng.choice(self._asked[at]) for at in _runs(asked_order, recipe.asked, rng)]
        found = [self._of_question(each, rng) for each in chosen]
        for at in _runs(news_order, recipe.cloze, rng):
            made = self._of_news(*self._news[at], rng)
            if made:
                found.append(made)
        found += [self._of_translation(rng) for _ in range(recipe.translated)]
        hard = [rng.choice(self._negatives[q]) for each in chosen
                if self._negatives.get(q := each.question)]  # fmt: skip
        return found, [(text, number_of(name)) for name, text in hard]

    def _alike(self, epoch: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        if epoch not in self._orders:
            rng = np.random.default_rng(SEED + epoch)
            self._orders = {
                epoch: (alike_order(self._asked_vectors, rng), alike_order(self._news_vectors, rng))
            }
        return self._orders[epoch]

    def _of_question(self, asked: Asked, rng: random.Random) -> SearchPair:
        passage = window(asked.text, asked.start, asked.end, rng)
        question = asked.question
        if asked.language == "zh" and rng.random() < 0.2:
            question = self.in_english(words(question), rng)
        return SearchPair(question, passage, number_of(asked.group))

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
            return SearchPair(lead, passage, number_of(name))
        start, end = rng.choice(bounds[:-1] if rng.random() < 0.7 else bounds)
        sentence = passage[start:end].strip()
        if rng.random() < 0.5:
            passage = passage[:start] + passage[end:]
        if lead and rng.random() < 0.3:
            passage = f"{lead[:30].rstrip('。')}\n{passage}"
        return SearchPair(self._asking(sentence, rng), passage, number_of(name))

    def _asking(self, sentence: str, rng: random.Random) -> str:
        """Return a question about ``sentence``, in one of four ways."""
        way = rng.random()
        if way < 0.15:
            return _clause(sentence, rng)
        cut = [word for word in words(sentence[:120]) if word.strip()]
        if way < 0.4:
            return self._rare(cut, rng)
        first = rng.randrange(max(1, len(cut) - 8))
        run = cut[first : first + rng.randint(6, 14)]
        if way < 0.65:
            masked = min(run, key=lambda word: (self._counts[word], rng.random()))
            if rng.random() < 0.5:
                masked = rng.choice(run)
            asking = rng.choice(CHINESE_ASKING)
            put = "".join(asking if word == masked else word for word in run)
            return rng.choice(CHINESE_OPENINGS) + put + rng.choice(CHINESE_ENDINGS)
        return self.in_english(run, rng)

    def in_english(self, run: Sequence[str], rng: random.Random) -> str:
        """Return Chinese words one by one in English; some of those without a translation fall."""
        found = [rng.choice(ENGLISH_OPENINGS)]
        for word in run:
            if word in CHINESE_FUNCTION_WORDS:
                continue
            if not is_han(word[0]):
                found.append(word)
            elif word in self.english:
                names, chances = self.english[word]
                found.append(rng.choices(names, chances)[0])
            elif len(word) > 1 and self._counts[word] < NAME_DOCUMENTS:
                found.append(spelled(word))
        return " ".join(part for part in found if part)

    def _of_translation(self, rng: random.Random) -> SearchPair:
        own = rng.choice(self._pairs)
        versions = [zh for zh in self._versions[own.en] if zh != own.zh]
        if versions and rng.random() < 0.3:
            question = self._shortened(rng.choice(versions), rng)
        else:
            question = self._shortened_english(own.en, rng)
        return SearchPair(question, self._around(own.zh, rng), number_of(own.en))

    def _around(self, sentence: str, rng: random.Random) -> str:
        """Return a passage with ``sentence`` in it, among others of its kind or in a news text."""
        most = PASSAGE_CHARS[1]
        if rng.random() < 0.5:
            parts = [rng.choice(self._pairs).zh for _ in range(rng.randint(2, 5))]
        else:
            _, text = rng.choice(self._news)
            piece = text[: rng.randint(*PASSAGE_CHARS)] if rng.random() < 0.5 else window(
                text, at := rng.randrange(max(1, len(text) - 100)), at, rng
            )  # fmt: skip
            parts = [piece[a:b] for a, b in sentences(piece)]
        parts.insert(rng.randint(0, len(parts)), sentence)
        passage = "".join(parts)
        start = passage.find(sentence)
        return passage[max(0, start + len(sentence) - most) :][:most]

    def _shortened(self, sentence: str, rng: random.Random) -> str:
        """Return a Chinese sentence, a clause of it or its rarer words."""
        way = rng.random()
        if way < 0.4:
            return sentence
        if way < 0.7:
            return _clause(sentence, rng)
        return self._rare(
            [word for word in words(sentence[:120]) if word not in CHINESE_FUNCTION_WORDS], rng
        )

    def _shortened_english(self, sentence: str, rng: random.Random) -> str:
        """Return an English sentence, a clause of it as a question, or its rarer words."""
        way = rng.random()
        cut = sentence.split()
        if way < 0.35 or len(cut) < 6:
            return sentence
        if way < 0.65:
            first = rng.randrange(max(1, len(cut) - 6))
            run = cut[first : first + rng.randint(5, 12)]
            return " ".join(part for part in (rng.choice(ENGLISH_OPENINGS), *run) if part)
        plain = [word.strip(",.") for word in cut]
        return self._rare([word for word in plain if word not in FUNCTION_WORDS], rng)

    def _rare(self, cut: Sequence[str], rng: random.Random) -> str:
        """Return three to six of the rarest words of ``cut``, in their order."""
        rare = sorted(set(cut), key=lambda word: (self._counts[word], word))
        kept = set(rare[: rng.randint(3, 6)])
        return " ".join(word for word in dict.fromkeys(cut) if word in kept)


def number_of(group: str) -> int:
    """Return a number for the document ``group``; two documents hardly ever share one."""
    return zlib.crc32(group.encode())


def hard_negatives(
    asked: Sequence[Asked], news: Sequence[tuple[str, str]], count: int = 5
) -> dict[str, list[tuple[str, str]]]:
    """Return for each question the documents and pieces that share its words but not its answer.

    ``count`` pieces by BM25 over character bigrams, of the documents that are asked about and
    of a fourth of the news; never of the question's own document. An English question is looked
    up by its evidence.
    """
    texts = {each.group: each.text for each in asked}
    texts |= {name: text[:600] for name, text in news[::4] if name not in texts}
    pieces = [(name, text[a:b]) for name, text in texts.items() for a, b in chunks(text)]
    analyse = ANALYSERS["characters"]
    postings = AllPostings((Part(build_postings([text for _, text in pieces], analyse), 0),))
    found = {}
    for each in asked:
        wanted = each.question if each.language == "zh" else each.text[each.start : each.end]
        scores = postings.bm25(exact(analyse(wanted)))
        likely = min(4 * count, len(scores) - 1)
        best = np.argpartition(-scores, likely)[: likely + 1]
        best = best[np.argsort(-scores[best])]
        others = [pieces[at] for at in best if pieces[at][0] != each.group]
        found[each.question] = others[:count]
    return found


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
