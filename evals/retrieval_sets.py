"""Test sets for retrieval: questions, and which of many documents answers each."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from index.training.data import read_rows
from index.types import CorpusError
from rag.types import Language

DOCUMENTS = 5_000  # of the news, those that are asked about among them
MAX_QUESTIONS = 600  # of a set, drawn at random
SEED = 2026
TRANSLATION = "translation"  # the style of a question that is a sentence to be found translated
CURVE = (500, 1_000, 2_000, 5_000, 10_000, 20_000, 40_000)  # documents, below those asked for


@dataclass(frozen=True, slots=True)
class Sought:
    """A question and the numbers of the documents that answer it."""

    question: str
    language: Language
    style: str
    right: frozenset[int]


@dataclass(frozen=True, slots=True)
class SearchSet:
    """Questions over documents, all of which are searched for each.

    ``ablated``: each arm is asked alone and left out as well.
    """

    name: str
    documents: Sequence[str]
    questions: Sequence[Sought]
    ablated: bool = True


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of the sets is measured: news documents, and questions of each set.

    Of the news that many are asked in each language, and as many near misses. ``None``: all of
    them.
    """

    documents: int | None = DOCUMENTS
    questions: int | None = MAX_QUESTIONS


DEFAULT = Extent()


def load_set(data: Path, name: str, extent: Extent = DEFAULT) -> SearchSet:
    """Return a set of :data:`SETS` from the folder ``data``, the same every time.

    ``news`` asks in both languages about Chinese news, ``cmrc`` and ``drcd`` (Traditional)
    about paragraphs of an encyclopedia, ``rgb`` in keywords about pages of the web;
    ``ntrex-zh`` and the like look for the translation of a sentence in that language. Raises
    :class:`CorpusError` where its files cannot be read.
    """
    return SETS[name](data, extent)


def curve_of(news: SearchSet) -> Iterator[SearchSet]:
    """Yield the news with fewer documents, smallest first: those asked about, and some others."""
    asked_about = 1 + max(min(each.right) for each in news.questions)
    for size in CURVE:
        if asked_about <= size < len(news.documents):
            name = f"{news.name}-{size}"
            yield SearchSet(name, news.documents[:size], news.questions, ablated=False)


def _translated(data: Path, file: str, language: Language, extent: Extent) -> SearchSet:
    rows = list(read_rows(data, file))
    other = "en" if language == "zh" else "zh"
    number = {row[other]: at for at, row in enumerate(rows)}
    documents = list(number)
    place = {text: at for at, text in enumerate(documents)}
    questions = [
        Sought(row[language], language, TRANSLATION, frozenset({place[row[other]]}))
        for row in drawn(rows, extent.questions)
    ]
    return SearchSet(f"{file.partition('-')[0]}-{language}", documents, questions, ablated=False)


def news_documents(data: Path, extent: Extent) -> tuple[list[str], dict[str, str]]:
    """Return the ids of the news to search, those asked about first, and all texts by id.

    Raises :class:`CorpusError` where the extent has no room for those asked about.
    """
    asked = [row for row in read_rows(data, "questions-test") if row["s"] != "no"]
    texts = {row["id"]: row["text"] for row in read_rows(data, "news")}
    wanted = sorted({row["p"] for row in asked})
    if extent.documents is not None and extent.documents < len(wanted):
        raise CorpusError(
            f"{extent.documents} news documents are too few: {len(wanted)} are asked about; "
            "search these or more"
        )
    others = sorted(texts.keys() - set(wanted))
    # More documents hold the fewer; the first thousands are those of every report so far.
    draw = random.Random(SEED)
    first = draw.sample(others, min(DOCUMENTS - len(wanted), len(others)))
    rest = sorted(set(others) - set(first))
    draw.shuffle(rest)
    return [*wanted, *first, *rest][: extent.documents], texts


def tested_questions(data: Path, extent: Extent) -> list[dict[str, Any]]:
    """Return the rows of the questions about the news, in order, those of ``s`` "no" unanswerable.

    Drawn from each language, and from its near misses, where there are more than are asked for.
    """
    kinds: dict[tuple[str, bool], list[dict[str, Any]]] = {}
    rows = list(read_rows(data, "questions-test"))
    for row in rows:
        kinds.setdefault((row["l"], row["s"] == "no"), []).append(row)
    kept = {id(row) for kind in kinds.values() for row in drawn(kind, extent.questions)}
    return [row for row in rows if id(row) in kept]


def _news(data: Path, extent: Extent) -> SearchSet:
    """Return the news: right is every document that prints the evidence, word for word.

    Of all documents 40 % of the questions have several: agencies are reprinted. Arms are left
    out one by one among no more than :data:`DOCUMENTS`.
    """
    names, by_name = news_documents(data, extent)
    number = {name: at for at, name in enumerate(names)}
    texts = [by_name[name] for name in names]
    questions = [
        Sought(
            row["q"],
            cast(Language, row["l"]),
            row["s"],
            frozenset({number[row["p"]], *_printing(row["e"], texts)}),
        )
        for row in tested_questions(data, extent)
        if row["s"] != "no"
    ]
    return SearchSet("news", texts, questions, ablated=len(texts) <= DOCUMENTS)


def _printing(evidence: str, texts: Sequence[str]) -> Iterator[int]:
    return (at for at, text in enumerate(texts) if evidence in text)


def _reading(data: Path, file: str, name: str, extent: Extent) -> SearchSet:
    rows = list(read_rows(data, file))
    documents = sorted({row["context"] for row in rows})
    number = {text: at for at, text in enumerate(documents)}
    return SearchSet(
        name,
        documents,
        [
            Sought(row["question"], "zh", "plain", frozenset({number[row["context"]]}))
            for row in drawn(rows, extent.questions)
        ],
    )


def _rgb(data: Path, extent: Extent) -> SearchSet:
    rows = list(read_rows(data, "rgb-zh_refine"))
    documents = sorted({text for row in rows for text in (*row["positive"], *row["negative"])})
    number = {text: at for at, text in enumerate(documents)}
    return SearchSet(
        "rgb",
        documents,
        [
            Sought(
                row["query"], "zh", "keywords", frozenset(number[text] for text in row["positive"])
            )
            for row in drawn(rows, extent.questions)
        ],
    )


SETS: Mapping[str, Callable[[Path, Extent], SearchSet]] = {
    "news": _news,
    "cmrc": lambda data, extent: _reading(data, "cmrc2018-dev", "cmrc", extent),
    "drcd": lambda data, extent: _reading(data, "drcd-test", "drcd", extent),
    "rgb": _rgb,
    "ntrex-zh": lambda data, extent: _translated(data, "ntrex-test", "zh", extent),
    "ntrex-en": lambda data, extent: _translated(data, "ntrex-test", "en", extent),
    "tatoeba-zh": lambda data, extent: _translated(data, "tatoeba-test", "zh", extent),
    "tatoeba-en": lambda data, extent: _translated(data, "tatoeba-test", "en", extent),
}


def drawn(rows: list[dict[str, Any]], most: int | None) -> list[dict[str, Any]]:
    """Return ``most`` of ``rows``, the same every time; all for ``None``."""
    return random.Random(SEED).sample(rows, min(most or len(rows), len(rows)))
