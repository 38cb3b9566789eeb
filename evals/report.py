"""The report of a suite: JSON for machines, HTML for reading, Markdown for the docs."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evals.metrics import rank_of
from evals.report_html import page
from evals.tables import LEGEND, MISSING, Table, gold_rank, held, overview
from evals.types import Row, SuiteResult
from index.types import CorpusError

SHOWN_DIGITS = 6


def write_report(result: SuiteResult, folder: Path) -> tuple[Path, ...]:
    """Write ``report.json``, ``report.html`` and ``report.md``; return their paths.

    Two reports of one commit and model differ in times only. The folder is made where it
    is missing; raises :class:`CorpusError` where it cannot be written.
    """
    texts = {
        "report.json": json.dumps(to_json(result), ensure_ascii=False, indent=1) + "\n",
        "report.html": page(result),
        "report.md": markdown(result),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise CorpusError(
            f"{folder}: cannot write the report ({error}); choose another --report folder"
        ) from None
    return tuple(folder / name for name in texts)


def to_json(result: SuiteResult) -> dict[str, Any]:
    """Return the whole result as JSON values: figures, floors, environment, rows."""
    return {
        "suite": result.suite,
        "environment": dict(result.environment),
        "metrics": {
            name: {"value": round(figure.value, SHOWN_DIGITS), "n": figure.n}
            for name, figure in result.metrics.items()
        },
        "floors": [
            {
                "metric": floor.metric,
                "at_most" if floor.at_most else "at_least": floor.value,
                "held": held(floor, result),
            }
            for floor in result.floors
        ],
        "broken_floors": list(result.broken_floors),
        "rows": [_row_json(row) for row in result.rows],
    }


def markdown(result: SuiteResult) -> str:
    """Return the short summary, for ``docs/eval/<suite>.md``."""
    environment = result.environment
    identity = str(environment.get("model_identity", ""))[:12]
    parts = [
        f"# Evaluation: {_cell(result.suite)}",
        f"`wenbao eval --suite {_cell(result.suite)} --report DIR` at commit "
        f"`{environment.get('commit') or 'unknown'}`, {environment.get('created')}.  ",
        f"Model `{_cell(environment.get('model'))}` ({identity}), "
        f"language model: {_cell(environment.get('llm_model') or 'none')}. "
        f"{environment.get('pages')} pages, {environment.get('articles')} articles, "
        f"{environment.get('chunks')} chunks, {environment.get('cases')} cases. "
        f"Python {environment.get('python')}, {environment.get('machine')}.",
        LEGEND,
        *(part for table in overview(result) for part in _section(table)),
        f"## Not right: {len(result.failures)} of {len(result.rows)}",
        _markdown(_failures(result.failures)),
    ]
    return "\n\n".join(parts).replace("  \n\n", "  \n") + "\n"


def _row_json(row: Row) -> dict[str, Any]:
    case, gold = row.case, row.gold
    answer = row.answer.to_json(case.id)
    passages = answer.pop("passages")
    return {
        **answer,
        "elapsed_ms": round(row.elapsed_ms, 1),
        "verdict": row.verdict,
        "kind": case.kind,
        "pair": case.pair,
        "session": case.session,
        "case_language": case.language,
        "style": case.style,
        "search_text": row.answer.question.search_text,
        "expected": {
            "article": gold.article.id,
            "headline": gold.article.headline,
            "evidence": case.evidence,
            "span": {"file": gold.span.file, "start": gold.span.start, "end": gold.span.end},
            "facts": [list(fact) for fact in case.facts],
        }
        if gold
        else None,
        "facts_found": list(row.facts_found),
        "evidence_hit": row.evidence_hit,
        "citation_problems": list(row.problems),
        "gold_rank": gold_rank(row),
        "baseline_ranks": {
            name: rank_of(gold.article.id, ranked) if gold else None
            for name, ranked in row.baselines.items()
        },
        "passages": [
            {key: passage[key] for key in ("article", "score", "spans")} for passage in passages
        ],
    }


def _failures(rows: Sequence[Row]) -> Table:
    return Table(
        "Not right",
        ("case", "verdict", "rank", "question"),
        tuple(
            (row.case.id, row.verdict, str(gold_rank(row) or MISSING), row.case.question)
            for row in rows
        ),
    )


def _section(table: Table) -> tuple[str, str]:
    return f"## {_cell(table.title)}", _markdown(table)


def _markdown(table: Table) -> str:
    if not table.rows:
        return "None."
    ruler = ("---",) * len(table.header)
    lines = [table.header, ruler, *table.rows]
    return "\n".join(f"| {' | '.join(_cell(text) for text in line)} |" for line in lines)


MARKDOWN_ESCAPES: Mapping[int, str] = str.maketrans(
    {mark: f"\\{mark}" for mark in "\\`*|[]"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
)


def _cell(text: object) -> str:
    """Return ``text`` on one line, with nothing that Markdown or HTML would act on."""
    return " ".join(str(text).split()).translate(MARKDOWN_ESCAPES)
