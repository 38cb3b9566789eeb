"""Documents of a test set as a JSON Lines file, and which of them an article was."""

import json
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

from index.types import Article


def write_documents(path: Path, documents: Sequence[str]) -> list[int]:
    """Write ``documents`` as JSON Lines, and return where each one's row begins, and the end."""
    rows = [json.dumps({"text": text}, ensure_ascii=False) for text in documents]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return list(accumulate((len(row) + 1 for row in rows), initial=0))


def document_of(article: Article, starts: Sequence[int]) -> int:
    """Return the number of the document that ``article`` was: it stands in that row."""
    return bisect_right(starts, article.spans[0].start) - 1
