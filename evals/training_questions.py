"""The training questions over news documents, and the documents to ask them of."""

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from index.build import build_index
from index.embedding import load_embedder
from index.store import load_index
from index.training.data import news_questions, read_rows, tested_passages
from index.training.quarters import is_held_out
from rag.answering import Answerer, answerer_over
from rag.config import load_settings

SEED = 2026


def documents_and_questions(
    data: Path, documents: int
) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Return the texts of ``documents`` news documents by id, and the rows of questions about some.

    The questions are those of the training set that the bundled encoder has not seen, near
    misses among them; what the question test is about is left out. Raises
    :class:`CorpusError` where the files cannot be read.
    """
    asked, texts = news_questions(data)
    questions = [row for row in asked if is_held_out(row["p"])]
    asked_about = sorted({row["p"] for row in questions})
    tested = tested_passages(data)
    news = {row["id"]: row["text"] for row in read_rows(data, "news")} | texts
    others = sorted(news.keys() - set(asked_about) - tested)
    most = min(len(others), max(0, documents - len(asked_about)))
    drawn = random.Random(SEED).sample(others, most)
    return {name: news[name] for name in (*asked_about, *drawn)}, questions


def answerer_of(texts: Mapping[str, str], folder: Path) -> tuple[Answerer, dict[str, str]]:
    """Return who answers over ``texts``, a page each, and the file of each by its name.

    The pages and the index lie in ``folder``.
    """
    pages = folder / "pages"
    pages.mkdir()
    files = {name: f"{number}.txt" for number, name in enumerate(texts)}
    for name, file in files.items():
        (pages / file).write_text(texts[name], encoding="utf-8")
    embedder = load_embedder()
    build_index([pages], folder / "index", embedder, progress=True)
    return answerer_over(load_index(folder / "index"), embedder, load_settings()), files
