"""The training questions over news documents, and the documents to ask them of."""

import random
from pathlib import Path
from typing import Any

from evals.data_rows import read_rows
from index.training.quarters import is_held_out

SEED = 2026


def documents_and_questions(
    data: Path, documents: int
) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Return the texts of ``documents`` news documents by id, and the rows of questions about some.

    The questions are those of the training set that the bundled encoder has not seen, near
    misses among them; what the question test is about is left out. Raises
    :class:`CorpusError` where the files cannot be read.
    """
    tested = {row["p"] for row in read_rows(data, "questions-test")}
    rows = [
        row
        for row in read_rows(data, "questions-train")
        if row["p"] not in tested and is_held_out(row["p"])
    ]
    asked_about = sorted({row["p"] for row in rows})
    news = {row["id"]: row["text"] for row in read_rows(data, "news")}
    others = sorted(news.keys() - set(asked_about) - tested)
    most = min(len(others), max(0, documents - len(asked_about)))
    drawn = random.Random(SEED).sample(others, most)
    return {name: news[name] for name in (*asked_about, *drawn)}, rows
