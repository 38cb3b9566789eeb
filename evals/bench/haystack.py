"""The articles that are searched, and the questions about them: the same for every system."""

import json
from dataclasses import dataclass
from pathlib import Path

from evals.bench.child import CLIENTS, SENT, WARM_UP
from evals.documents import write_documents
from evals.retrieval_sets import Extent, load_set
from index.training.data import read_rows


@dataclass(frozen=True, slots=True)
class Haystack:
    """A file of documents, and one question to begin with; ``questions.json`` lies beside it."""

    size: int
    documents: Path
    question: str


def haystack(data: Path, size: int, folder: Path) -> Haystack:
    """Return ``size`` news documents, those that the test questions are about among them.

    Written to ``folder`` once. Questions of the training set, which no answer is judged by,
    make the load. Raises :class:`CorpusError` where ``data`` cannot be read.
    """
    place = folder / f"haystack-{size}"
    documents, kept = place / "documents.jsonl", place / "questions.json"
    if not kept.is_file():  # it is written last
        news = load_set(data, "news", Extent(size, None))
        others = [row["q"] for row in read_rows(data, "questions-train") if row["s"] != "no"]
        place.mkdir(parents=True, exist_ok=True)
        starts = write_documents(documents, news.documents)
        (place / "starts.json").write_text(json.dumps(starts), encoding="utf-8")
        asked = [
            {"question": each.question, "language": each.language, "right": sorted(each.right)}
            for each in news.questions
        ]
        others = list(dict.fromkeys(others))[: WARM_UP + SENT * len(CLIENTS)]
        kept.write_text(
            json.dumps({"asked": asked, "others": others}, ensure_ascii=False), encoding="utf-8"
        )
    asked = json.loads(kept.read_text(encoding="utf-8"))["asked"]
    return Haystack(size, documents, asked[0]["question"])
