"""Cases from what readers said: 👍 with its quotes, 👎 "should have refused"; the rest is listed.

A reader is no judge of the whole corpus, and anybody may press a button. So a case is taken
only where its evidence stands verbatim and once in the corpus, readers do not contradict one
another, and the question can be read alone; a person completes what is listed.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.cases import LANGUAGES, Corpus, find_gold
from evals.types import Case
from index.text import fold, tokens
from index.types import CorpusError

MAX_LINE_CHARS = 200_000
FILES = ("answerable.jsonl", "unanswerable.jsonl", "dialogues.jsonl", "to_complete.jsonl")
STYLE = "feedback"


@dataclass(frozen=True, slots=True)
class FromFeedback:
    """What a file of feedback became, as rows of the files of cases.

    ``to_complete`` holds the feedback that a person must look at, each with ``why``.
    ``unreadable`` counts the lines that are no feedback, ``repeated`` what was said before.
    """

    answerable: tuple[Mapping[str, Any], ...]
    unanswerable: tuple[Mapping[str, Any], ...]
    to_complete: tuple[Mapping[str, Any], ...]
    unreadable: int
    repeated: int

    @property
    def counts(self) -> dict[str, int]:
        """How many of each, by name."""
        return {
            "answerable": len(self.answerable),
            "unanswerable": len(self.unanswerable),
            "to complete": len(self.to_complete),
            "repeated": self.repeated,
            "unreadable lines": self.unreadable,
        }


def from_feedback(path: Path, corpus: Corpus) -> FromFeedback:
    """Return the cases that the feedback at ``path`` gives over ``corpus``.

    Raises :class:`CorpusError` when the file cannot be read.
    """
    try:
        lines = path.read_bytes().decode("utf-8", "replace").split("\n")
    except OSError as error:
        raise CorpusError(f"{path}: cannot read the feedback ({error}); name its file") from None
    rows: dict[str, list[Mapping[str, Any]]] = {}
    unreadable = 0
    for line in filter(str.strip, lines):
        row = _row(line)
        if row is None:
            unreadable += 1
        else:
            rows.setdefault(_key(row), []).append(row)
    answerable, unanswerable, to_complete = [], [], []
    repeated = 0
    for said in rows.values():
        first = said[0]
        repeated += len(said) - 1
        if len({_meaning(row) for row in said}) > 1:
            to_complete.append(_listed(said, "readers disagree"))
        elif first["leans"]:
            to_complete.append(_listed(said, "the question leans on the one before it"))
        elif _meaning(first) == "no":
            unanswerable.append(_case_row(first, None, None, []))
        elif _meaning(first) == "yes":
            try:
                answerable.append(_answered(first, corpus))
            except CorpusError as error:
                to_complete.append(_listed(said, str(error)))
        else:
            to_complete.append(_listed(said, first["reason"] or "no reason was given"))
    return FromFeedback(
        tuple(answerable), tuple(unanswerable), tuple(to_complete), unreadable, repeated
    )


def write_cases(found: FromFeedback, folder: Path) -> None:
    """Write ``found`` into ``folder``: files that :func:`evals.cases.load_cases` reads, a report.

    ``dialogues.jsonl`` is empty. ``to_complete.jsonl`` holds what is no case yet.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in zip(
        FILES, (found.answerable, found.unanswerable, (), found.to_complete), strict=True
    ):
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "report.md").write_text(_report(found), encoding="utf-8")


def _report(found: FromFeedback) -> str:
    why = Counter(row["why"].split(";")[0] for row in found.to_complete)
    return "\n".join(
        (
            "# Cases from feedback",
            "",
            *(f"- {name}: {count}" for name, count in found.counts.items()),
            "",
            "## To complete",
            "",
            *(f"- {count} × {reason}" for reason, count in why.most_common()),
            "",
        )
    )


def _row(line: str) -> Mapping[str, Any] | None:
    """Return a line of feedback, or ``None`` for what is none: torn, or of another kind."""
    if len(line) > MAX_LINE_CHARS:
        return None
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict) or row.get("verdict") not in ("up", "down"):
        return None
    question, citations = row.get("question"), row.get("citations")
    whole = (
        isinstance(question, str)
        and bool(tokens(fold(question)))
        and isinstance(citations, list)
        and row.get("language") in LANGUAGES
        and isinstance(row.get("refused"), bool)
        and isinstance(row.get("leans", False), bool)
        and isinstance(row.get("reason", ""), str)
    )
    return {"leans": False, "reason": "", "note": "", **row} if whole else None


def _key(row: Mapping[str, Any]) -> str:
    """Return a question as questions are compared: words alone, Simplified, in lower case."""
    return " ".join(tokens(fold(row["question"])))


def _meaning(row: Mapping[str, Any]) -> str:
    """Return "yes" where the quotes answer, "no" where nothing does, else what was said."""
    if row["verdict"] == "up":
        return "no" if row["refused"] else "yes"
    return "no" if row["reason"] == "should have refused" else f"down: {row['reason']}"


def _answered(row: Mapping[str, Any], corpus: Corpus) -> dict[str, Any]:
    """Return the case of a good answer; raises :class:`CorpusError` where it proves nothing."""
    pieces = list(dict.fromkeys(_pieces(row["citations"])))
    if not pieces:
        raise CorpusError("the answer has no citation")
    files, evidence = [file for file, _ in pieces], [words for _, words in pieces]
    case = Case(
        id=_id(row),
        kind="answerable",
        language=row["language"],
        style=STYLE,
        question=row["question"],
        file=files[0],
        evidence=evidence[0],
        facts=(),
        pair=None,
        session=None,
        source="feedback",
        also=tuple(pieces[1:]),
    )
    find_gold(case, corpus)
    one = len(pieces) == 1
    facts = [[words] for words in evidence]
    return _case_row(row, files[0] if one else files, evidence[0] if one else evidence, facts)


def _pieces(citations: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """Yield ``(file, evidence)`` of each citation: the longest printed run of its quote."""
    for citation in citations:
        try:
            quote = str(citation["quote"])
            spans = [(str(s["file"]), int(s["end"]) - int(s["start"])) for s in citation["spans"]]
        except (KeyError, TypeError, ValueError, OverflowError):
            raise CorpusError("a citation is not whole") from None
        at, runs = 0, []
        for file, length in spans:
            words = quote[at : at + max(0, length)]
            runs += [(file, line.strip()) for line in words.splitlines() if line.strip()]
            at += max(0, length)
        if not runs:
            raise CorpusError("a citation has no words")
        yield max(runs, key=lambda run: len(run[1]))


def _case_row(
    row: Mapping[str, Any], file: Any, evidence: Any, facts: list[list[str]]
) -> dict[str, Any]:
    return {
        "id": _id(row),
        "language": row["language"],
        "style": STYLE,
        "question": row["question"],
        "file": file,
        "evidence": evidence,
        "facts": facts,
    }


def _listed(said: Sequence[Mapping[str, Any]], why: str) -> dict[str, Any]:
    """Return what a person needs to make a case of it."""
    first = said[0]
    return {
        **_case_row(first, None, None, []),
        "why": why,
        "said": [{key: row[key] for key in ("verdict", "reason", "note")} for row in said],
        "answer": first.get("answer", ""),
        "citations": first["citations"],
        "generation": first.get("generation", ""),
    }


def _id(row: Mapping[str, Any]) -> str:
    return f"feedback-{hashlib.sha256(_key(row).encode()).hexdigest()[:12]}"
