"""The rows of a test or training set: one JSON object a line, gzipped."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from index.types import CorpusError


def read_rows(data: Path, name: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of ``data/name.jsonl.gz`` in order.

    Raises :class:`CorpusError` where it cannot be read.
    """
    path = data / f"{name}.jsonl.gz"
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)
    except (OSError, EOFError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        raise CorpusError(
            f"{path}: cannot read the questions ({reason}); name their folder with --data"
        ) from None
