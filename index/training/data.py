"""The training and test sets as folded text: sentence pairs, news, questions.

Everything is read from one folder of ``*.jsonl.gz`` files (its README names sources and
licences). All text leaves this module through :func:`index.text.fold`, because that is
what the product shows to the encoder and to the translation table.
"""

import gzip
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.text import fold, sentences
from index.training.quarters import is_held_out
from index.types import CorpusError

SEED = 20261122
MAX_ZH_CHARS = 150
MAX_EN_CHARS = 400
MAX_VERSIONS_OF_ENGLISH = 8
MAX_VERSIONS_OF_CHINESE = 2
DEV_PAIRS = 1_000
CHUNK_CHARS = 300
WRITTEN = Path(__file__).with_name("questions.jsonl")
WRITTEN_CHARS = 1_200  # of a document: what is asked of it in WRITTEN was read no further


@dataclass(frozen=True)
class Pair:
    """A Chinese sentence and an English one that say the same, both folded."""

    zh: str
    en: str
    source: str


@dataclass(frozen=True)
class Asked:
    """A question in ``language`` (zh or en) about ``text``, answered at ``[start, end)`` of it.

    Question and text are folded. ``answer`` is the short answer where it is printed between
    the two, else the whole evidence.
    """

    question: str
    text: str
    start: int
    end: int
    language: str
    group: str  # questions of one group share a document: never negatives of each other
    answer: tuple[int, int] = (0, 0)

    @property
    def held_out(self) -> bool:
        """Whether it only measures."""
        return is_held_out(self.group)


def read_rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of ``folder/name.jsonl.gz`` in order.

    Raises :class:`CorpusError` where it cannot be read.
    """
    path = folder / f"{name}.jsonl.gz"
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)
    except (OSError, EOFError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        raise CorpusError(
            f"{path}: cannot be read ({reason}); name the folder that holds it with --data"
        ) from None


def tested_passages(folder: Path) -> frozenset[str]:
    """Return the ids of the news documents that the question test uses: never trained on."""
    return frozenset(row["p"] for row in read_rows(folder, "questions-test"))


def sentence_pairs(folder: Path) -> tuple[list[Pair], list[Pair]]:
    """Return (training pairs, dev pairs) of ``parallel.jsonl.gz``, in a fixed random order.

    At most eight Chinese versions of one English sentence and two English versions of one
    Chinese sentence are kept, because the file holds every system's output of a
    translation task. Pairs longer than 150 Chinese or 400 English characters are dropped,
    and so is every pair with a sentence of NTREX-128 or of the Tatoeba test. A sentence of
    a dev pair occurs in no training pair.
    """
    tested = {
        fold(row[language])
        for name in ("ntrex-test", "tatoeba-test")
        for row in read_rows(folder, name)
        for language in ("zh", "en")
    }
    found = [
        (row["zh"], row["en"], row["src"])
        for row in read_rows(folder, "parallel")
        if 0 < len(row["zh"]) <= MAX_ZH_CHARS and 0 < len(row["en"]) <= MAX_EN_CHARS
    ]
    random.Random(SEED).shuffle(found)
    dev: list[Pair] = []
    dev_en: set[str] = set()
    dev_zh: set[str] = set()
    for zh, en, source in found:
        if len(dev) == DEV_PAIRS:
            break
        if source.startswith("wmt") and 40 <= len(en) <= 300 and len(zh) >= 10:
            if en in dev_en or zh in dev_zh:
                continue
            dev_en.add(en)
            dev_zh.add(zh)
            dev.append(Pair(fold(zh), fold(en), source))
    versions_en: Counter[str] = Counter()
    versions_zh: Counter[str] = Counter()
    training: list[Pair] = []
    for zh, en, source in found:
        if en in dev_en or zh in dev_zh:
            continue
        if versions_en[en] >= MAX_VERSIONS_OF_ENGLISH:
            continue
        if versions_zh[zh] >= MAX_VERSIONS_OF_CHINESE:
            continue
        pair = Pair(fold(zh), fold(en), source)
        if pair.zh in tested or pair.en in tested:
            continue
        versions_en[en] += 1
        versions_zh[zh] += 1
        training.append(pair)
    return training, dev


def news_sample(folder: Path, every: int = 4, max_chars: int = 1_000) -> list[str]:
    """Return the folded beginning of every ``every``-th news document.

    Documents that the question test uses are left out.
    """
    tested = tested_passages(folder)
    return [
        fold(row["text"][:max_chars])
        for number, row in enumerate(read_rows(folder, "news"))
        if number % every == 0 and row["id"] not in tested
    ]


def chunks(text: str, max_chars: int = CHUNK_CHARS) -> list[tuple[int, int]]:
    """Return the ``(start, end)`` of consecutive pieces of about ``max_chars`` of ``text``.

    A piece ends after a sentence where one ends in its second half, else at its limit.
    Empty text has no pieces.
    """
    found = []
    start = 0
    while start < len(text):
        end = min(start + max_chars, len(text))
        if end < len(text):
            stops = (text.rfind(mark, start + max_chars // 2, end) for mark in "。！？\n")
            end = max(max(stops) + 1, 0) or end
        found.append((start, end))
        start = end
    return found


def news_documents(folder: Path) -> list[tuple[str, str]]:
    """Return the id and the folded text of every news document that may train, in file order.

    Documents that the question test uses are left out.
    """
    tested = tested_passages(folder)
    return [
        (row["id"], fold(row["text"]))
        for row in read_rows(folder, "news")
        if row["id"] not in tested
    ]


def news_questions(folder: Path) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return the rows of the questions about news that may train, and the text of each document.

    Rows have the fields of ``questions-train``: ``p`` the id of the document, ``l``, ``q``, and
    ``s``, where ``no`` is a near miss; the others have ``e``, the evidence, and ``a``, the short
    answer. Every question about a document of ``questions-test`` is left out. Those of
    :data:`WRITTEN` follow, about the beginnings of other documents.
    """
    tested = tested_passages(folder)
    asked = [row for row in read_rows(folder, "questions-train") if row["p"] not in tested]
    with WRITTEN.open(encoding="utf-8") as lines:
        written = [json.loads(line) for line in lines]
    wanted = {row["p"] for row in (*asked, *written)}
    texts = {row["id"]: row["text"] for row in read_rows(folder, "news") if row["id"] in wanted}
    written = [row for row in written if row["p"] in texts.keys() - tested]
    texts |= {row["p"]: beginning(texts[row["p"]]) for row in written}
    return [*asked, *(_with_evidence(row, texts[row["p"]]) for row in written)], texts


def beginning(text: str) -> str:
    """Return the sentences of ``text`` that lie within its first :data:`WRITTEN_CHARS`."""
    if len(text) <= WRITTEN_CHARS:
        return text
    return text[: max((end for _, end in sentences(text) if end <= WRITTEN_CHARS), default=0)]


def _with_evidence(row: dict[str, Any], text: str) -> dict[str, Any]:
    """Return a row of :data:`WRITTEN`, where ``a`` is the place of an answer, with words."""
    if "a" not in row:
        return row | {"s": "no"}
    start, end = row["a"]
    (evidence,) = (text[a:b] for a, b in sentences(text) if a <= start < b)
    return row | {"s": "written", "e": evidence, "a": text[start:end]}


def asked_questions(folder: Path) -> list[Asked]:
    """Return the questions that may train, in file order.

    :func:`news_questions` without near misses, the CMRC 2018 trial set and the DRCD dev set.
    Paragraphs that occur in the CMRC dev or DRCD test sets are left out, and so is what folding
    would move.
    """
    asked, texts = news_questions(folder)
    found = [
        (row["q"], texts[row["p"]], row["e"], row["a"], row["l"], row["p"])
        for row in asked
        if row["s"] != "no"
    ]
    held_out = {
        row["context"] for name in ("cmrc2018-dev", "drcd-test") for row in read_rows(folder, name)
    }
    for name in ("cmrc2018-trial", "drcd-dev"):
        for row in read_rows(folder, name):
            context = row["context"]
            answer = next((a for a in row["answers"] if a and a in context), None)
            if context not in held_out:
                found.append((row["question"], context, answer, answer, "zh", context[:60]))
    folded: dict[str, str] = {}
    questions = []
    for question, text, evidence, short, language, group in found:
        whole = folded.setdefault(text, fold(text))
        start = whole.find(fold(evidence)) if evidence else -1
        if start >= 0:
            end = start + len(fold(evidence))
            inside = whole.find(fold(short), start, end)
            answer = (inside, inside + len(fold(short))) if inside >= 0 and short else (start, end)
            questions.append(Asked(fold(question), whole, start, end, language, group, answer))
    return questions


def near_misses(folder: Path) -> list[Asked]:
    """Return the questions of :func:`news_questions` that their document does not answer.

    They have no evidence: ``start`` and ``end`` are 0.
    """
    asked, texts = news_questions(folder)
    return [
        Asked(fold(row["q"]), fold(texts[row["p"]]), 0, 0, row["l"], row["p"])
        for row in asked
        if row["s"] == "no"
    ]
