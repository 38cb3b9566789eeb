"""WenBao as a user has it: an index of a JSON Lines file, with everything by default."""

import json
from pathlib import Path

from evals.bench.systems import Built, Search
from evals.documents import document_of
from index.build import build_index
from index.embedding import load_embedder
from index.store import load_index
from rag.answering import answerer_over
from rag.config import load_settings
from rag.question import understand


def build(documents: Path, folder: Path, most_s: float) -> Built:  # noqa: ARG001
    """Build the index; it is never cut short."""
    report = build_index([documents], folder / "index", load_embedder())
    return Built(report.chunk_count, report.chunk_count)


def load(folder: Path, documents: Path, answers: bool = False) -> Search:
    """Return the search for passages, or with ``answers`` for those that an answer is made of."""
    starts = json.loads((documents.parent / "starts.json").read_text(encoding="utf-8"))
    answerer = answerer_over(load_index(folder / "index"), load_embedder(), load_settings())

    def search(question: str, k: int) -> list[int]:
        if answers:
            passages = list(answerer.ask(question).passages)[:k]
        else:
            passages = answerer.retriever.retrieve(understand(question), k)
        return [document_of(passage.article, starts) for passage in passages]

    return search
