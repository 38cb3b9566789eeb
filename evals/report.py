"""The report of a suite: JSON for machines, HTML for reading, Markdown for the docs."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from evals.charts import Chart, svg
from evals.metrics import rank_of, sought
from evals.report_html import page
from evals.sheets import sheet_of
from evals.tables import Table, cell, gold_rank, held
from evals.types import AnswerRow, AnyResult, Figure, Gold, PageRow, RetrievalRow, Row
from index.types import CorpusError

SHOWN_DIGITS = 6


def write_report(result: AnyResult, folder: Path) -> tuple[Path, ...]:
    """Write ``report.json``, ``report.html``, ``report.md`` and its pictures; return their paths.

    Two reports of one commit and model differ in times only. The folder is made where it
    is missing; raises :class:`CorpusError` where it cannot be written.
    """
    texts = {
        "report.json": json.dumps(to_json(result), ensure_ascii=False, indent=1) + "\n",
        "report.html": page(result),
        "report.md": markdown(result),
        **{f"{each.name}.svg": svg(each) + "\n" for each in _charts(result)},
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


def to_json(result: AnyResult) -> dict[str, Any]:
    """Return the whole result as JSON values: figures, floors, environment, rows."""
    return {
        "suite": result.suite,
        "environment": dict(result.environment),
        "metrics": {name: _figure_json(figure) for name, figure in result.metrics.items()},
        "floors": [
            {
                "metric": floor.metric,
                "at_most" if floor.at_most else "at_least": floor.value,
                "held": held(floor, result),
                **({"skipped": True} if result.is_skipped(floor) else {}),
            }
            for floor in result.floors
        ],
        "broken_floors": list(result.broken_floors),
        **({"skipped": dict(result.skipped)} if result.skipped else {}),
        "rows": [
            asdict(row) | {"elapsed_ms": round(row.elapsed_ms, 1), "verdict": row.verdict}
            if isinstance(row, PageRow | RetrievalRow | AnswerRow)
            else _row_json(row)
            for row in result.rows
        ],
    }


def markdown(result: AnyResult) -> str:
    """Return the short summary, for ``docs/eval/<suite>.md``."""
    environment, sheet = result.environment, sheet_of(result)
    parts = [
        f"# Evaluation: {cell(result.suite)}",
        f"`wenbao eval --suite {cell(result.suite)} --report DIR` at commit "
        f"`{environment.get('commit') or 'unknown'}`, {environment.get('created')}.  ",
        f"{sheet.about} Python {environment.get('python')}, {environment.get('machine')}.",
        sheet.legend,
        *(part for table in sheet.tables for part in section(table)),
        f"## Not right: {len(result.failures)} of {len(result.rows)}",
        _markdown(sheet.failures),
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
        "asks": case.asks,
        "split": case.split,
        "edition": case.edition,
        "search_text": row.answer.question.search_text,
        "expected": {
            **_place_json(gold, case.evidence),
            "facts": [list(fact) for fact in case.facts],
            "also": [
                _place_json(place, evidence)
                for place, (_, evidence) in zip(gold.also, case.also, strict=True)
            ],
        }
        if gold
        else None,
        "facts_found": list(row.facts_found),
        "evidence_hit": row.evidence_hit,
        "citation_problems": list(row.problems),
        "gold_rank": gold_rank(row),
        "baseline_ranks": {
            name: rank_of(sought(gold, ranked), ranked) if gold else None
            for name, ranked in row.baselines.items()
        },
        "passages": [
            {key: passage[key] for key in ("article", "score", "spans")} for passage in passages
        ],
    }


def _figure_json(figure: Figure) -> dict[str, Any]:
    shown: dict[str, Any] = {"value": round(figure.value, SHOWN_DIGITS), "n": figure.n}
    if figure.interval:
        shown["interval"] = [round(end, SHOWN_DIGITS) for end in figure.interval]
    return shown


def _place_json(gold: Gold, evidence: str | None) -> dict[str, Any]:
    span = gold.span
    return {
        "article": gold.article.id,
        "headline": gold.article.headline,
        "evidence": evidence,
        "span": {"file": span.file, "start": span.start, "end": span.end},
    }


def _charts(result: AnyResult) -> list[Chart]:
    return [table.chart for table in sheet_of(result).tables if table.chart]


def section(table: Table) -> tuple[str, ...]:
    """Return the parts of ``table`` in Markdown: its title, its rows, its picture."""
    picture = (f"![{cell(table.chart.title)}]({table.chart.name}.svg)",) if table.chart else ()
    return f"## {cell(table.title)}", _markdown(table), *picture


def _markdown(table: Table) -> str:
    if not table.rows:
        return "None."
    ruler = ("---",) * len(table.header)
    lines = [table.header, ruler, *table.rows]
    return "\n".join(f"| {' | '.join(cell(text) for text in line)} |" for line in lines)
