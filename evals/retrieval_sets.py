"""Test sets for retrieval: questions, and which of many documents answers each."""

import gzip
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from index.types import CorpusError
from rag.types import Language

DOCUMENTS = 5_000  # of the news, those that are asked about among them
MAX_QUESTIONS = 600  # of a set, drawn at random
SEED = 2026


@dataclass(frozen=True, slots=True)
class Sought:
    """A question and the numbers of the documents that answer it."""

    question: str
    language: Language
    style: str
    right: frozenset[int]


@dataclass(frozen=True, slots=True)
class SearchSet:
    """Questions over documents, all of which are searched for each."""

    name: str
    documents: Sequence[str]
    questions: Sequence[Sought]


def load_set(data: Path, name: str) -> SearchSet:
    """Return a set of :data:`SETS` from the folder ``data``, the same every time.

    ``news`` asks in both languages about Chinese news, ``cmrc`` and ``drcd`` (Traditional)
    about paragraphs of an encyclopedia, ``rgb`` in keywords about pages of the web. Raises
    :class:`CorpusError` where its files cannot be read.
    """
    return SETS[name](data)


def _news(data: Path) -> SearchSet:
    asked = [row for row in _rows(data, "questions-test") if row["s"] != "no"]
    texts = {row["id"]: row["text"] for row in _rows(data, "news")}
    wanted = sorted({row["p"] for row in asked})
    others = sorted(texts.keys() - set(wanted))
    drawn = random.Random(SEED).sample(others, min(DOCUMENTS - len(wanted), len(others)))
    names = [*wanted, *drawn]
    number = {name: at for at, name in enumerate(names)}
    questions = [
        Sought(row["q"], cast(Language, row["l"]), row["s"], frozenset({number[row["p"]]}))
        for row in asked
    ]
    return SearchSet("news", [texts[name] for name in names], questions)


def _reading(data: Path, file: str, name: str) -> SearchSet:
    rows = list(_rows(data, file))
    documents = sorted({row["context"] for row in rows})
    number = {text: at for at, text in enumerate(documents)}
    return SearchSet(
        name,
        documents,
        [
            Sought(row["question"], "zh", "plain", frozenset({number[row["context"]]}))
            for row in _drawn(rows)
        ],
    )


def _rgb(data: Path) -> SearchSet:
    rows = list(_rows(data, "rgb-zh_refine"))
    documents = sorted({text for row in rows for text in (*row["positive"], *row["negative"])})
    number = {text: at for at, text in enumerate(documents)}
    return SearchSet(
        "rgb",
        documents,
        [
            Sought(
                row["query"], "zh", "keywords", frozenset(number[text] for text in row["positive"])
            )
            for row in _drawn(rows)
        ],
    )


SETS: Mapping[str, Callable[[Path], SearchSet]] = {
    "news": _news,
    "cmrc": lambda data: _reading(data, "cmrc2018-dev", "cmrc"),
    "drcd": lambda data: _reading(data, "drcd-test", "drcd"),
    "rgb": _rgb,
}


def _drawn(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return random.Random(SEED).sample(rows, min(MAX_QUESTIONS, len(rows)))


def _rows(data: Path, name: str) -> Iterator[dict[str, Any]]:
    path = data / f"{name}.jsonl.gz"
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)
    except (OSError, EOFError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        raise CorpusError(
            f"{path}: cannot read the questions ({reason}); name their folder with --data"
        ) from None
