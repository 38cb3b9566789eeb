"""Test sets for answers: questions over many documents, what a right answer holds, near misses.

The public reading sets are asked the way users ask: of all their paragraphs, not of the one that
holds the answer. RGB (Chen et al., 2023) gives every question passages of its own: some that
answer among others that do not (noise), none that does (negative rejection), two that answer only
together (integration), or falsified ones (counterfactual).
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from evals.retrieval_sets import Extent, drawn, load_set, news_documents, tested_questions
from index.training.data import read_rows
from rag.types import Language

PASSAGES = 5  # of each question of RGB
NOISE = (0.0, 0.2, 0.4, 0.6, 0.8)  # shares of them that do not answer


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question, where it is answered, and what a right answer quotes.

    ``file`` names the only documents that are searched, where the set gives each question its
    own. ``gold`` holds, for each thing that the quotes must say, its accepted spellings; none
    where nothing answers. ``document`` is the number of the document that they must be quoted
    from; ``None``: from any.
    """

    question: str
    language: Language
    style: str
    gold: tuple[tuple[str, ...], ...]
    document: int | None = None
    file: str | None = None

    @property
    def answerable(self) -> bool:
        """Whether the documents answer."""
        return bool(self.gold)


@dataclass(frozen=True, slots=True)
class AnswerSet:
    """Questions over files of documents."""

    name: str
    files: Mapping[str, Sequence[str]]
    questions: Sequence[Wanted]


def load_answer_set(data: Path, name: str, extent: Extent) -> AnswerSet:
    """Return a set of :data:`ANSWER_SETS` from the folder ``data``, the same every time.

    Raises :class:`CorpusError` where its files cannot be read.
    """
    return ANSWER_SETS[name](data, extent)


def _reading(data: Path, file: str, name: str, extent: Extent) -> AnswerSet:
    documents = load_set(data, name, extent).documents
    number = {text: at for at, text in enumerate(documents)}
    rows = drawn(list(read_rows(data, file)), extent.questions)
    questions = [
        Wanted(row["question"], "zh", "plain", (tuple(row["answers"]),), number[row["context"]])
        for row in rows
    ]
    return AnswerSet(name, {"documents.jsonl": documents}, questions)


def _news(data: Path, extent: Extent) -> AnswerSet:
    names, texts = news_documents(data, extent)
    number = {name: at for at, name in enumerate(names)}
    questions = [
        Wanted(
            row["q"],
            cast(Language, row["l"]),
            "near-miss" if row["s"] == "no" else row["s"],
            () if row["s"] == "no" else ((row["e"],),),
            None if row["s"] == "no" else number[row["p"]],
        )
        for row in tested_questions(data, extent)
    ]
    return AnswerSet("news", {"documents.jsonl": [texts[name] for name in names]}, questions)


def _rgb(name: str, rows: Iterable[Mapping[str, Any]], language: Language) -> AnswerSet:
    """Return a set of rows with ``query``, ``passages`` and ``gold``."""
    files, questions = {}, []
    for at, row in enumerate(rows):
        file = f"{at:03}.jsonl"
        files[file] = row["passages"]
        questions.append(Wanted(row["query"], language, "keywords", row["gold"], file=file))
    return AnswerSet(name, files, questions)


def _noisy(data: Path, share: float, extent: Extent) -> AnswerSet:
    return _rgb(
        f"rgb-noise-{share:.1f}",
        (
            {
                "query": row["query"],
                "passages": _mixed(row["positive"], row["negative"], share, row["query"]),
                "gold": _facts(row["answer"]),
            }
            for row in drawn(list(read_rows(data, "rgb-zh_refine")), extent.questions)
        ),
        "zh",
    )


def _negative(data: Path, extent: Extent) -> AnswerSet:
    return _rgb(
        "rgb-negative",
        (
            {"query": row["query"], "passages": row["negative"][:PASSAGES], "gold": ()}
            for row in drawn(list(read_rows(data, "rgb-zh_refine")), extent.questions)
            if row["negative"]
        ),
        "zh",
    )


def _integration(data: Path, extent: Extent) -> AnswerSet:
    return _rgb(
        "rgb-integration",
        (
            {
                "query": row["query"],
                "passages": _mixed(
                    [texts[0] for texts in row["positive"]], row["negative"], 0.0, row["query"]
                ),
                "gold": _facts(row["answer"]),
            }
            for row in drawn(list(read_rows(data, "rgb-zh_int")), extent.questions)
        ),
        "zh",
    )


def _counterfactual(data: Path, language: Language, extent: Extent) -> AnswerSet:
    """Return questions over falsified passages: what is printed, true or not, is the answer."""
    return _rgb(
        f"rgb-counterfactual-{language}",
        (
            {
                "query": row["query"],
                "passages": _mixed(row["positive_wrong"], row["negative"], 0.0, row["query"]),
                "gold": _facts([row["fakeanswer"]]),
            }
            for row in drawn(list(read_rows(data, f"rgb-{language}_fact")), extent.questions)
        ),
        language,
    )


def _mixed(
    positive: Sequence[str], negative: Sequence[str], noise: float, seed: str
) -> Sequence[str]:
    """Return up to :data:`PASSAGES` texts, that share of them noise, in a drawn order."""
    noisy = min(round(PASSAGES * noise), len(negative))
    chosen = [*positive[: PASSAGES - noisy], *negative[:noisy]]
    random.Random(seed).shuffle(chosen)
    return chosen


def _facts(answer: Sequence[str | Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Return the facts of RGB: each a spelling, or several."""
    return tuple((fact,) if isinstance(fact, str) else tuple(fact) for fact in answer)


def _noise_set(share: float) -> Callable[[Path, Extent], AnswerSet]:
    return lambda data, extent: _noisy(data, share, extent)


ANSWER_SETS: Mapping[str, Callable[[Path, Extent], AnswerSet]] = {
    "news": _news,
    "cmrc": lambda data, extent: _reading(data, "cmrc2018-dev", "cmrc", extent),
    "drcd": lambda data, extent: _reading(data, "drcd-test", "drcd", extent),
    **{f"rgb-noise-{share:.1f}": _noise_set(share) for share in NOISE},
    "rgb-negative": _negative,
    "rgb-integration": _integration,
    "rgb-counterfactual-zh": lambda data, extent: _counterfactual(data, "zh", extent),
    "rgb-counterfactual-en": lambda data, extent: _counterfactual(data, "en", extent),
}
