"""Batch files: the questions of ``wenbao ask --batch``, all checked before one is asked."""

import json
from dataclasses import dataclass
from pathlib import Path

from index.types import CorpusError
from rag.filters import NO_FILTERS, Filters, filters_from
from rag.question import readable, understand
from ui.schema import NARROWED_BY


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A line of a batch file; rows of one ``session`` are turns of one conversation."""

    id: str | int
    question: str
    session: str | int | None
    filters: Filters = NO_FILTERS


def read_batch(path: Path) -> list[BatchRow]:
    """Return the rows of a JSON Lines file in its order; blank lines are no rows.

    Raises CorpusError for the first line that is not a row or not a question, so that
    nothing is asked before everything can be.
    """
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path} is not UTF-8 at byte {error.start}: save it as UTF-8") from None
    rows = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                rows.append(_parse(line))
                understand(rows[-1].question)
            except ValueError as error:
                raise CorpusError(
                    f'{path} line {number}: {error}: write {{"id": …, "question": "…"}}'
                    f' with an optional "session", {", ".join(NARROWED_BY)}'
                ) from None
            except CorpusError as error:
                raise CorpusError(f"{path} line {number}: {error}") from None
    return rows


def _parse(line: str) -> BatchRow:
    """Return the row of ``line``; raises ValueError that says what is wrong with it."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError(f"{line[:40]!r} is not JSON") from None
    if not isinstance(row, dict):
        raise ValueError(f"{line[:40]!r} is not an object")
    name, question, session = row.get("id"), row.get("question"), row.get("session")
    if isinstance(name, bool) or not isinstance(name, str | int):
        raise ValueError(f'"id" is {name!r}, not a string or a number')
    if not isinstance(question, str):
        raise ValueError(f'"question" is {question!r}, not words')
    if isinstance(session, bool) or not isinstance(session, str | int | None):
        raise ValueError(f'"session" is {session!r}, not a string or a number')
    given = {key: row[key] for key in NARROWED_BY if row.get(key) is not None}
    for key, value in given.items():
        if not isinstance(value, str):
            raise ValueError(f'"{key}" is {value!r}, not a string')
    return BatchRow(name, readable(question), session, filters_from(**given))
