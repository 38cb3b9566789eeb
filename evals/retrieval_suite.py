"""The suite of retrieval: does the document with the answer come first, and by which arm?

Each test set is indexed as a user would index it, and every question is asked of all arms
together, of each arm alone, and of all but one.
"""

import tempfile
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import numpy as np

from evals.documents import document_of, write_documents
from evals.metrics import ranking
from evals.retrieval_sets import TRANSLATION, SearchSet, Sought
from evals.types import RERANKED, WHOLE, Figure, RetrievalRow
from index.build import build_index
from index.index import Index
from index.store import load_index
from index.types import Embedder
from rag.answering import answerer_over
from rag.config import Settings
from rag.extractive import answer_models
from rag.question import understand
from rag.reader import load_reader
from rag.reranking import reranked
from rag.retrieval import Retriever
from rag.terms import ALL_ARMS, LEXICAL_ARMS, Arm
from rag.types import Passage

FOUND = 10  # documents that a ranking holds
PASSAGES = 30  # retrieved for it: a document may come more than once

Progress = Callable[[int, int], None]


def ways(ablated: bool = True) -> Mapping[str, tuple[Arm, ...]]:
    """Return the sets of arms to ask, by name: all of them, each alone, and all but one.

    Not ``ablated``, all of them, the vectors, and all but the vectors.
    """
    whole: Mapping[str, tuple[Arm, ...]] = {
        WHOLE: ALL_ARMS, "dense alone": ("dense",), "lexical alone": LEXICAL_ARMS
    }  # fmt: skip
    if not ablated:
        return whole
    return {
        **whole,
        **{f"{arm} alone": (arm,) for arm in LEXICAL_ARMS},
        **{
            f"without {arm}": tuple(other for other in ALL_ARMS if other != arm) for arm in ALL_ARMS
        },
    }


def ask_set(
    searched: SearchSet, embedder: Embedder, settings: Settings, progress: Progress | None = None
) -> list[RetrievalRow]:
    """Return where each question of a set finds its document, in order, for each of :func:`ways`.

    ``progress`` is called with the questions asked and those of the set.
    """
    with tempfile.TemporaryDirectory(prefix="wenbao-eval-") as name:
        folder = Path(name)
        files = {"documents.jsonl": searched.documents}
        index, numbers = index_documents(files, folder, embedder)
        retriever = answerer_over(index, embedder, settings).retriever
        found = []
        for sought in searched.questions:
            found.append(_ask(retriever, numbers, searched, sought))
            if progress:
                progress(len(found), len(searched.questions))
        return found


def index_documents(
    files: Mapping[str, Sequence[str]], folder: Path, embedder: Embedder
) -> tuple[Index, dict[str, int]]:
    """Return an index of ``files`` of documents, written to ``folder``, as a user would build it.

    With it the number of the document of each article, counted within its file.
    """
    pages = folder / "pages"
    pages.mkdir()
    starts = {name: write_documents(pages / name, texts) for name, texts in files.items()}
    build_index([pages], folder / "index", embedder)
    index = load_index(folder / "index")
    numbers = {
        article.id: document_of(article, starts[article.file])
        for article in index.articles.values()
    }
    return index, numbers


def _ask(
    retriever: Retriever, numbers: Mapping[str, int], searched: SearchSet, sought: Sought
) -> RetrievalRow:
    question = understand(sought.question)
    ranks: dict[str, int | None] = {}
    elapsed_ms = 0.0

    def rank(passages: Sequence[Passage]) -> int | None:
        ranked = list(dict.fromkeys(numbers[passage.article.id] for passage in passages))
        return _rank(ranked[:FOUND], sought.right)

    for way, arms in ways(searched.ablated).items():
        started = time.perf_counter()
        passages = retriever.retrieve(question, PASSAGES, arms)
        ranks[way] = rank(passages)
        if way == WHOLE:
            elapsed_ms = (time.perf_counter() - started) * 1000
            if sought.style != TRANSLATION:
                weight = answer_models()[question.language].reading
                ranks[RERANKED] = rank(reranked(question, passages, load_reader(), weight))
    return RetrievalRow(
        searched.name, sought.question, sought.language, sought.style, ranks, elapsed_ms
    )  # fmt: skip


def _rank(ranked: Sequence[int], right: Collection[int]) -> int | None:
    """Return the place, from 1, of the first document that is right."""
    return next((place for place, number in enumerate(ranked, start=1) if number in right), None)


def retrieval_metrics(rows: Sequence[RetrievalRow]) -> dict[str, Figure]:
    """Return the figures of each set and language, ``<set>.<language>.<metric>``.

    Metrics are those of :func:`evals.metrics.ranking`, the first right document counting as
    the only one. Of every other way than the whole: ``<set>.<language>.<way>.<metric>``.
    """
    found: dict[str, Figure] = {}
    groups = dict.fromkeys((row.set, row.language) for row in rows)
    for name, language in groups:
        members = [row for row in rows if (row.set, row.language) == (name, language)]
        for way in members[0].ranks:
            runs = [("right", _run(row.ranks[way])) for row in members]
            for metric, value in ranking(runs).items():
                found[metric_name(name, language, way, metric)] = Figure(value, len(members))
    if rows:
        times = [row.elapsed_ms for row in rows]
        found["all.latency_median_ms"] = Figure(float(np.median(times)), len(rows))
    return found


def metric_name(name: str, language: str, way: str, metric: str) -> str:
    """Return the name of a figure; that of the whole does not say so."""
    return ".".join((name, language, *(() if way == WHOLE else (way,)), metric))


def _run(rank: int | None) -> tuple[str, ...]:
    return tuple("right" if place == rank else str(place) for place in range(1, FOUND + 1))
