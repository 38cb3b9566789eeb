"""Near misses in bulk: questions with passages that have their words but not their answer.

What people wrote is too little to learn from, so that most are made of questions that a passage
answers: the clause that answers is cut out, the question names somebody else, another edition,
or the counterpart of what it asks for (buyers, exhibitors), or it is asked about the subject of
another document. Passages are those that a search would bring, with most of the words of the
question. So that no trace of the making tells the answer, names and numbers are changed in
question and passage alike too, and then the passage answers as before.
"""

import gzip
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.text import bigrams, fold, is_han, sentences, tagged_words, tokens
from index.training.data import SEED, Asked
from index.training.reading_pairs import ReadingPair, answered, without_its_sentence
from index.training.search_pairs import window

NAMES = ("nr", "nt", "ns", "nz", "nrt")  # jieba's tags of persons, bodies, places and the like
MAX_FORMS = 4  # Chinese words of an English one, in finding a passage
SAME_EVENT = 0.45  # of the bigrams of the evidence: what holds more may answer as well
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_LATIN_NAME = re.compile(r"(?:[A-Z][\w'’&.-]*)(?:\s+(?:(?:of|the|and|for)\s+)?[A-Z0-9][\w'’&.-]*)*")
_NO_NAME = frozenset(
    "What When Where Who Whom Whose Why How Which Did Does Do Is Are Was Were Has Have Had Can "
    "Could Will Would Should In On At By For From Of The A An According After Before During "
    "Since And So Name List If I To As January February March April May June July August "
    "September October November December Jan Feb Mar Apr Jun Jul Aug Sep Oct Nov Dec".split()
)
_CLAUSE = re.compile(r"[^，；、,;：:]+[，；、,;：:]?")
_COUNTERPARTS = Path(__file__).with_name("counterparts.tsv")


@dataclass(frozen=True)
class Named:
    """A question with the names in it and, of an English one, its words as typed."""

    asked: Asked
    typed: str
    names: tuple[tuple[str, str], ...]  # (name, tag); the tag of a Latin name is "latin"


class NearPairs:
    """Draws batches of :class:`ReadingPair`; the same step draws the same batch.

    ``typed`` holds questions as they were typed, by folded question, for the names in them.
    """

    def __init__(
        self,
        asked: Sequence[Asked],
        near_misses: Sequence[Asked],
        negatives: Mapping[str, Sequence[tuple[str, str]]],
        typed: Mapping[str, str],
        table: Path,
    ) -> None:
        self._chinese = chinese_of(table)
        self._named = [_named(each, typed.get(each.question, each.question)) for each in asked]
        news_zh = [n for n in self._named if n.asked.language == "zh" and _is_news(n.asked)]
        english = [n for n in self._named if n.asked.language == "en"]
        rest = [n for n in self._named if n.asked.language == "zh" and not _is_news(n.asked)]
        self._sources = [(0.4, english), (0.4, news_zh), (0.2, rest)]
        self._sources = [(share, own) for share, own in self._sources if own]
        self._near_misses = near_misses
        self._negatives = negatives
        self._by_tag: dict[str, list[tuple[str, Named]]] = {}
        for each in self._named:
            for name, tag in each.names:
                self._by_tag.setdefault(tag, []).append((name, each))
        self._counterparts = counterparts()
        self._places: dict[tuple[str, str], list[tuple[int, int]]] = {}
        self._ways: tuple[tuple[float, Callable[[random.Random], ReadingPair | None]], ...] = (
            (0.38, self._answered),
            (0.06, self._renamed_alike),
            (0.02, self._renumbered_alike),
            (0.10, self._without_its_sentence),
            (0.07, self._without_its_clause),
            (0.12, self._near_miss),
            (0.04, self._hard_negative),
            (0.04, self._elsewhere),
            (0.05, self._another_name),
            (0.06, self._another_subject),
            (0.03, self._another_number),
            (0.03, self._counterpart),
        )

    def draw(self, step: int, count: int) -> list[ReadingPair]:
        """Return ``count`` pairs for ``step``."""
        rng = random.Random(SEED * 1_000_037 + step)
        shares = [share for share, _ in self._ways]
        found: list[ReadingPair] = []
        while len(found) < count:
            _, way = rng.choices(self._ways, shares)[0]
            for _ in range(20):  # so that a way that often fails keeps its share
                pair = way(rng)
                if pair:
                    found.append(pair)
                    break
        return found

    def _one(self, rng: random.Random) -> Named:
        shares = [share for share, _ in self._sources]
        return rng.choice(rng.choices(self._sources, shares)[0][1])

    def _answered(self, rng: random.Random) -> ReadingPair:
        return answered(self._one(rng).asked, rng)

    def _without_its_sentence(self, rng: random.Random) -> ReadingPair | None:
        return without_its_sentence(self._one(rng).asked, rng)

    def _without_its_clause(self, rng: random.Random) -> ReadingPair | None:
        """Return a pair whose sentence has lost the clause with the answer."""
        pair = answered(self._one(rng).asked, rng)
        bounds = [b for b in sentences(pair.passage) if b[0] <= pair.start < b[1]]
        if not pair.answerable or not bounds or pair.end > bounds[0][1]:
            return None
        first, last = bounds[0]
        clauses = [
            (first + m.start(), first + m.end()) for m in _CLAUSE.finditer(pair.passage[first:last])
        ]
        kept = [(a, b) for a, b in clauses if b <= pair.start or a >= pair.end]
        if not kept or len(clauses) < 3:
            return None
        sentence = "".join(pair.passage[a:b] for a, b in kept).rstrip("，；、,;：: ")
        ending = "" if sentence.endswith(("。", "！", "？")) else "。"
        passage = pair.passage[:first] + sentence + ending + pair.passage[last:]
        if _repeats(passage, pair):
            return None
        return ReadingPair(pair.question, passage)

    def _near_miss(self, rng: random.Random) -> ReadingPair:
        each = rng.choice(self._near_misses)
        return ReadingPair(each.question, self._found(each.question, each.text, rng))

    def _hard_negative(self, rng: random.Random) -> ReadingPair | None:
        each = self._one(rng).asked
        others = self._negatives.get(each.question)
        if not others:
            return None
        text = rng.choice(others)[1]
        return None if _may_answer(text, each) else ReadingPair(each.question, text)

    def _elsewhere(self, rng: random.Random) -> ReadingPair | None:
        """Return the likeliest window of the right document without the evidence."""
        each = self._one(rng).asked
        bounds = [b for b in sentences(each.text) if b[0] >= each.end or b[1] <= each.start]
        left = "".join(each.text[a:b] for a, b in bounds)
        if len(left) < 150:
            return None
        passage = self._found(each.question, left, rng)
        return None if _may_answer(passage, each) else ReadingPair(each.question, passage)

    def _another_name(self, rng: random.Random) -> ReadingPair | None:
        """Return a question whose name is another one, of the document or of another."""
        own = self._one(rng)
        if not own.names:
            return None
        name, tag = rng.choice(own.names)
        pair = answered(own.asked, rng)
        others = [n for n, _ in rng.choices(self._by_tag[tag], k=3)]
        if tag != "latin" and rng.random() < 0.5:
            sentence = next((s for s in sentences(pair.passage) if s[0] <= pair.start < s[1]), None)
            near = pair.passage[slice(*sentence)] if sentence else ""
            others = [n for n, t in _han_names(pair.passage) if t == tag and n not in near] or others
        else:
            others = [n for n in others if n not in pair.passage]
        others = [n for n in others if n != name and n not in own.asked.question]
        if not others or (tag != "latin" and name not in pair.passage):
            return None
        return ReadingPair(own.asked.question.replace(name, rng.choice(others)), pair.passage)

    def _another_subject(self, rng: random.Random) -> ReadingPair | None:
        """Return a question put to the subject of another document, with a passage of that."""
        own = self._one(rng)
        if not own.names:
            return None
        name, tag = rng.choice(own.names)
        other, about = rng.choice(self._by_tag[tag])
        if about.asked.group == own.asked.group or other in own.asked.question:
            return None
        question = own.asked.question.replace(name, other)
        passage = self._found(question, about.asked.text, rng)
        return None if _may_answer(passage, own.asked) else ReadingPair(question, passage)

    def _another_number(self, rng: random.Random) -> ReadingPair | None:
        """Return a question whose year or number is another one: the 20th becomes the 18th."""
        each = self._one(rng).asked
        numbers = list(_NUMBER.finditer(each.question))
        if not numbers:
            return None
        number = rng.choice(numbers)
        other = _other_number(number[0], rng)
        passage = answered(each, rng).passage
        if other == number[0] or other in passage or number[0] not in passage:
            return None
        changed = each.question[: number.start()] + other + each.question[number.end() :]
        return ReadingPair(changed, passage)

    def _counterpart(self, rng: random.Random) -> ReadingPair | None:
        """Return a question for the counterpart of what the passage tells: exports, imports."""
        each = self._one(rng).asked
        pair = answered(each, rng)
        side = 0 if each.language == "zh" else 1
        rows = list(self._counterparts)
        rng.shuffle(rows)
        for row in rows:
            for said, other in (row, row[::-1]):
                held = said[side] if side == 0 else rf"\b{re.escape(said[side])}\b"
                if re.search(held, each.question) and other[0] not in pair.passage:
                    question = re.sub(held, other[side], each.question)
                    return ReadingPair(question, pair.passage)
        return None

    def _renamed_alike(self, rng: random.Random) -> ReadingPair | None:
        """Return a Chinese question and its passage, a name changed in both: still answered."""
        own = self._one(rng)
        names = [(n, t) for n, t in own.names if t != "latin"]
        if not names:
            return None
        name, tag = rng.choice(names)
        pair = answered(own.asked, rng)
        other, _ = rng.choice(self._by_tag[tag])
        answer = pair.passage[pair.start : pair.end]
        if name not in pair.passage or other in pair.passage or name in answer:
            return None
        return _changed_alike(pair, name, other)

    def _renumbered_alike(self, rng: random.Random) -> ReadingPair | None:
        """Return a question and its passage, a number changed in both: still answered."""
        pair = self._answered(rng)
        numbers = [n for n in _NUMBER.findall(pair.question) if len(n) > 1 and n in pair.passage]
        if not numbers:
            return None
        number = rng.choice(numbers)
        other = _other_number(number, rng)
        if other in pair.passage or number in pair.passage[pair.start : pair.end]:
            return None
        return _changed_alike(pair, number, other)

    def _found(self, question: str, text: str, rng: random.Random) -> str:
        """Return a window of ``text`` around one of the sentences with most of the question."""
        key = (question, text)
        if key not in self._places:
            self._places[key] = self._best_places(question, text)
        start, end = rng.choice(self._places[key])
        return window(text, start, end, rng)

    def _best_places(self, question: str, text: str) -> list[tuple[int, int]]:
        wanted: list[set[str]] = [{pair} for pair in set(bigrams(question)) if is_han(pair[0])]
        for token in set(tokens(question)):
            if not is_han(token[0]):
                wanted.append({token, *self._chinese.get(token, ())})
        bounds = sentences(text) or [(0, len(text))]
        held = {
            (a, b): sum(any(form in text[a:b] for form in forms) for forms in wanted)
            for a, b in bounds
        }
        return sorted(bounds, key=lambda each: -held[each])[:3]


def counterparts() -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """Return pairs of (Chinese, English) words that a near miss takes for each other."""
    lines = _COUNTERPARTS.read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line]
    return [((row[0], row[1]), (row[2], row[3])) for row in rows]


def chinese_of(table: Path) -> dict[str, list[str]]:
    """Return the likeliest Chinese words of each English word of the translation table."""
    with gzip.open(table, "rt", encoding="utf-8") as lines:
        rows = (line.rstrip("\n").split("\t") for line in lines)
        return {
            english: [column.rpartition(":")[0] for column in columns[:MAX_FORMS]]
            for english, *columns in rows
        }


def held_out_near(
    asked: Sequence[Asked], near_misses: Sequence[Asked], table: Path
) -> list[ReadingPair]:
    """Return what measures: held-out questions answered, and near misses with what is found."""
    rng = random.Random(SEED)
    own = [each for each in asked if each.held_out and _is_news(each)]
    missed = [each for each in near_misses if each.held_out]
    finder = NearPairs(own, missed, {}, {}, table)
    return [answered(each, rng) for each in own] + [
        ReadingPair(each.question, finder._found(each.question, each.text, rng)) for each in missed
    ]


def _is_news(asked: Asked) -> bool:
    return asked.group.startswith("news-")


def _named(asked: Asked, typed: str) -> Named:
    if asked.language == "zh":
        return Named(asked, typed, tuple(_han_names(asked.question)))
    found = [m[0] for m in _LATIN_NAME.finditer(typed)]
    found = [" ".join(n.split()[1:]) if n.split()[0] in _NO_NAME else n for n in found]
    found = [n for n in found if n and n.split()[0] not in _NO_NAME]
    names = {fold(re.sub(r"['’]s?$", "", n).strip(" .")) for n in found}
    kept = sorted(n for n in names if len(n) > 2 and n in asked.question)
    return Named(asked, typed, tuple((n, "latin") for n in kept))


def _han_names(text: str) -> list[tuple[str, str]]:
    found = {
        (word, tag)
        for run in re.findall(r"[一-鿿]+", text)
        for word, tag in tagged_words(run)
        if tag in NAMES and len(word) > 1
    }
    return sorted(found)


def _other_number(number: str, rng: random.Random) -> str:
    if "." in number:
        return f"{float(number) + rng.choice((-1.3, -0.4, 0.2, 0.9, 2.1)):.1f}".lstrip("-")
    return str(max(1, int(number[:9]) + rng.choice((-5, -3, -2, -1, 1, 2, 3, 10))))


def _changed_alike(pair: ReadingPair, name: str, other: str) -> ReadingPair:
    before = pair.passage[: pair.start].replace(name, other)
    answer = pair.passage[pair.start : pair.end]
    passage = before + answer + pair.passage[pair.end :].replace(name, other)
    question = pair.question.replace(name, other)
    return ReadingPair(question, passage, len(before), len(before) + len(answer))


def _repeats(passage: str, pair: ReadingPair) -> bool:
    answer = pair.passage[pair.start : pair.end]
    return 0 < len(answer) <= 20 and answer in passage


def _may_answer(passage: str, asked: Asked) -> bool:
    """Return whether ``passage`` holds the short answer, or much of the evidence."""
    answer = asked.text[slice(*asked.answer)]
    if 0 < len(answer) <= 20 and answer in passage:
        return True
    evidence = set(bigrams(asked.text[asked.start : asked.end]))
    return len(evidence & set(bigrams(passage))) > SAME_EVENT * len(evidence)
