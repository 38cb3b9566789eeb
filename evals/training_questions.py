"""The training questions over news documents, and the documents to ask them of."""

import random
from pathlib import Path
from typing import Any

from evals.data_rows import read_rows

SEED = 2026


def documents_and_questions(
    data: Path, documents: int, questions: int | None = None
) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Return the texts of news documents by id, and the rows of the questions about them.

    About ``questions`` of the training questions (all by default), near misses among them,
    then others up to ``documents``. What the question test is about is left out. Raises
    :class:`CorpusError` where the files cannot be read.
    """
    draw = random.Random(SEED)
    tested = {row["p"] for row in read_rows(data, "questions-test")}
    rows = [row for row in read_rows(data, "questions-train") if row["p"] not in tested]
    asked_about = sorted({row["p"] for row in rows})
    draw.shuffle(asked_about)
    if questions is not None:
        asked_about = asked_about[: max(1, questions * len(asked_about) // len(rows))]
    news = {row["id"]: row["text"] for row in read_rows(data, "news")}
    others = sorted(news.keys() - set(asked_about) - tested)
    drawn = draw.sample(others, min(len(others), max(0, documents - len(asked_about))))
    chosen = set(asked_about)
    return (
        {name: news[name] for name in (*asked_about, *drawn)},
        [row for row in rows if row["p"] in chosen],
    )
