"""What the report of a suite shows: the sheet of questions, pages, retrieval or answers."""

from evals.answer_sheet import answer_sheet
from evals.metrics import rank_of
from evals.page_sheet import page_sheet
from evals.retrieval_sheet import retrieval_sheet
from evals.tables import (
    LEGEND,
    MISSING,
    Entry,
    Filter,
    Sheet,
    Table,
    cell,
    gold_rank,
    location,
    overview,
)
from evals.types import AnswersResult, AnyResult, PagesResult, RetrievalResult, Row, SuiteResult
from rag.types import Citation

FILTERS: tuple[Filter, ...] = (
    ("show", (("every", "all rows"), ("fail", "not right"))),
    ("language", (("both", "both languages"), ("zh", "Chinese"), ("en", "English"))),
)


def sheet_of(result: AnyResult) -> Sheet:
    """Return what the report of ``result`` shows."""
    if isinstance(result, PagesResult):
        return page_sheet(result)
    if isinstance(result, RetrievalResult):
        return retrieval_sheet(result)
    if isinstance(result, AnswersResult):
        return answer_sheet(result)
    return question_sheet(result)


def question_sheet(result: SuiteResult) -> Sheet:
    """Return the sheet of a suite of questions."""
    environment = result.environment
    identity = str(environment.get("model_identity", ""))[:12]
    return Sheet(
        about=f"Model `{cell(environment.get('model'))}` ({identity}), "
        f"language model: {cell(environment.get('llm_model') or 'none')}. "
        f"{environment.get('pages')} pages, {environment.get('articles')} articles, "
        f"{environment.get('chunks')} chunks, {environment.get('cases')} cases.",
        legend=LEGEND,
        tables=overview(result),
        rows="Questions",
        failures=Table(
            "Not right",
            ("case", "verdict", "rank", "question"),
            tuple(
                (row.case.id, row.verdict, str(gold_rank(row) or MISSING), row.case.question)
                for row in result.failures
            ),
        ),
        filters=FILTERS,
        entries=tuple(_entry(row) for row in result.rows),
    )


def _entry(row: Row) -> Entry:
    case, answer = row.case, row.answer
    evidence = f"{case.evidence}\n{location(row)}" if case.evidence else "none: to be refused"
    article = f"{row.gold.article.id} {row.gold.article.headline}" if row.gold else MISSING
    fields = (
        ("search text", answer.question.search_text),
        ("evidence", evidence),
        ("article", article),
        ("facts", "\n".join(_fact(row, number) for number in range(len(case.facts))) or MISSING),
        ("answer", answer.text),
        ("citations", "\n".join(_citation(citation) for citation in answer.citations) or MISSING),
        ("problems", "\n".join(row.problems)),
        ("notices", "\n".join(answer.notices)),
        ("outcome", _outcome(row)),
    )
    rank = gold_rank(row)
    note = f"{case.id} · {case.style}" + (f" · gold rank {rank}" if rank else "")
    return Entry(row.verdict, row.passed, case.question, note, case.language, fields)


def _fact(row: Row, number: int) -> str:
    mark = "✓" if row.facts_found[number] else "✗"
    return f"{mark} {' / '.join(row.case.facts[number])}"


def _citation(citation: Citation) -> str:
    places = ", ".join(f"{span.file} {span.start}–{span.end}" for span in citation.quote.spans)
    return f"[{citation.n}] {citation.quote.text}\n{citation.article.headline} · {places}"


def _outcome(row: Row) -> str:
    parts = [
        f"refused: {'yes' if row.answer.refused else 'no'}",
        f"confidence: {row.answer.confidence:.3f}",
        f"mode: {row.answer.mode}",
        f"{row.elapsed_ms:.0f} ms",
    ]
    if row.gold:
        gold = row.gold.article.id
        parts.insert(0, f"evidence hit: {'yes' if row.evidence_hit else 'no'}")
        parts += [
            f"{name} rank: {rank_of(gold, ranked) or MISSING}"
            for name, ranked in row.baselines.items()
        ]
    return ", ".join(parts)
