"""Tables of a suite's figures, for the terminal and for the report."""

from collections.abc import Mapping
from dataclasses import dataclass

from evals.charts import Chart
from evals.metrics import broken_floors, rank_of, sought, style_key
from evals.types import SPLITS, Figure, Floor, Result, Row, SuiteResult

LANGUAGES = {"zh": "Chinese", "en": "English"}
BASELINES = {"bm25": "BM25 alone", "dense": "dense alone"}
COLUMNS = {
    "R@1": "recall_at_1",
    "R@5": "recall_at_5",
    "MRR": "mrr",
    "nDCG@10": "ndcg_at_10",
    "facts": "answer_facts",
    "evidence": "evidence_hit",
    "right": "right",
    "refused": "false_refusal",
}
MISSING = "–"
MARKDOWN_ESCAPES: Mapping[int, str] = str.maketrans(
    {mark: f"\\{mark}" for mark in "\\`*|[]"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
)

LEGEND = (
    "R@1, R@5, MRR, nDCG@10: where the article with the answer stands among those found. "
    "facts: states every expected fact. evidence: a quote overlaps the expected words. "
    "right: both, and every citation is sound. refused: low is good where there is an answer, "
    "high where there is none. In brackets: 95 % bootstrap intervals over the questions."
)
SPLIT_COLUMNS = {
    "R@1": "recall_at_1",
    "facts": "answer_facts",
    "evidence": "evidence_hit",
    "right": "right",
    "refused": "false_refusal",
}
NO_ANSWER = {
    "": "",
    ".near_miss": ", near misses",
    ".off_topic": ", off-topic",
    ".small_talk": ", small talk",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text: every row is as long as the header. ``chart`` shows it as a picture."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    chart: Chart | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a suite as the report shows it: a line that opens on named ``fields``.

    ``group`` is what the reader may filter by.
    """

    verdict: str
    passed: bool
    title: str
    note: str
    group: str
    fields: tuple[tuple[str, str], ...]


Filter = tuple[str, tuple[tuple[str, str], ...]]  # its name; the key and label of each choice


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the report of a suite shows, whatever the suite is about.

    ``about`` says what was measured, ``rows`` what its entries are called, ``failures``
    lists those that are not right.
    """

    about: str
    legend: str
    tables: tuple[Table, ...]
    rows: str
    failures: Table
    filters: tuple[Filter, ...]
    entries: tuple[Entry, ...]


def overview(result: SuiteResult) -> tuple[Table, ...]:
    """Return the tables that say how the suite went, the most telling first."""
    return (
        summary(result),
        refusals(result),
        by_split(result),
        refusals_by_split(result),
        by_style(result),
        by_asked(result),
        checks(result),
        floors(result),
    )


def summary(result: SuiteResult) -> Table:
    """Return the figures of answerable questions by language, with baselines and dialogues."""
    rows: list[tuple[str, ...]] = []
    for language, name in LANGUAGES.items():
        rows += _line(result, language, name)
        for baseline, title in BASELINES.items():
            rows += _line(result, f"{baseline}.{language}", f"{name}, {title}")
        rows += _line(result, f"{language}.dialogue", f"{name} dialogues")
        rows += _line(result, f"{language}.follow_up", f"{name} follow-ups")
    return Table("Questions with an answer", ("questions", "n", *COLUMNS), tuple(rows))


def refusals(result: SuiteResult) -> Table:
    """Return the share of unanswerable questions that was refused, by language and style."""
    groups = list(LANGUAGES.items())
    groups += [
        (f"{language}.{style_key(style)}", f"{LANGUAGES[language]} {style}")
        for language, style in _styles(result, answerable=False)
    ]
    rows = [
        (name, str(figure.n), shown(figure))
        for group, name in groups
        if (figure := result.metrics.get(f"{group}.refusal"))
    ]
    return Table("Questions without an answer", ("questions", "n", "refused"), tuple(rows))


def by_style(result: SuiteResult) -> Table:
    """Return the figures of answerable questions by language and style."""
    rows = [
        line
        for language, style in _styles(result, answerable=True)
        for line in _line(
            result, f"{language}.{style_key(style)}", f"{LANGUAGES[language]} {style}"
        )
    ]
    return Table("By style", ("questions", "n", *COLUMNS), tuple(rows))


def by_split(result: SuiteResult) -> Table:
    """Return the figures of answerable questions of either split, with intervals."""
    rows: list[tuple[str, ...]] = []
    for language, title in LANGUAGES.items():
        for split in SPLITS:
            rows += _split_line(result, f"{language}.{split}", f"{title} {split}")
            rows += _split_line(
                result, f"{language}.{split}.follow_up", f"{title} {split}, follow-ups"
            )
    return Table("Tune and test", ("questions", "n", *SPLIT_COLUMNS), tuple(rows))


def refusals_by_split(result: SuiteResult) -> Table:
    """Return the share of unanswerable questions of either split that was refused."""
    rows: list[tuple[str, ...]] = []
    for language, title in LANGUAGES.items():
        for split in SPLITS:
            for group, name in NO_ANSWER.items():
                figure = result.metrics.get(f"{language}.{split}{group}.refusal")
                if figure:
                    rows.append((f"{title} {split}{name}", str(figure.n), between(figure)))
    return Table("Tune and test, no answer", ("questions", "n", "refused"), tuple(rows))


def by_asked(result: SuiteResult) -> Table:
    """Return the figures by what is asked for, or by how the pages are missed."""
    groups = dict.fromkeys(
        (row.case.language, row.case.asks)
        for row in result.rows
        if row.case.asks and row.case.kind != "dialogues"
    )
    rows: list[tuple[str, ...]] = []
    for language, asks in sorted(groups, key=lambda group: list(LANGUAGES).index(group[0])):
        group, name = f"{language}.asks_{style_key(asks)}", f"{LANGUAGES[language]} {asks}"
        refused = result.metrics.get(f"{group}.refusal")
        if refused:
            none = (MISSING,) * (len(SPLIT_COLUMNS) - 1)
            rows.append((name, str(refused.n), *none, between(refused)))
        else:
            rows += _split_line(result, group, name)
    return Table("By what is asked", ("questions", "n", *SPLIT_COLUMNS), tuple(rows))


def checks(result: SuiteResult) -> Table:
    """Return what holds for every answer: citations, language, latency."""
    names = {
        "citation_validity": "answers whose every citation is sound",
        "language_match": "answers in the language of the question",
        "latency_median_ms": "latency, median (ms)",
        "latency_p95_ms": "latency, 95th percentile (ms)",
    }
    rows: list[tuple[str, ...]] = []
    for metric, title in names.items():
        figure = result.metrics.get(f"all.{metric}")
        if figure:
            value = f"{figure.value:.1f}" if metric.endswith("_ms") else shown(figure)
            rows.append((title, str(figure.n), value))
    return Table("Every answer", ("check", "n", "value"), tuple(rows))


def floors(result: Result) -> Table:
    """Return every floor with what was measured."""
    return Table(
        "Floors",
        ("metric", "floor", "measured", "n", "held"),
        tuple(_floor_line(floor, result) for floor in result.floors),
    )


def location(row: Row) -> str:
    """Return where the evidence of ``row`` stands, place by place; empty where there is none."""
    places = [gold.span for gold in row.gold.places] if row.gold else []
    return ", ".join(f"{span.file} {span.start}–{span.end}" for span in places)


def gold_rank(row: Row) -> int | None:
    """Return the rank of the gold article; None where there is none or it was not found."""
    return rank_of(sought(row.gold, row.ranked), row.ranked) if row.gold else None


def held(floor: Floor, result: Result) -> bool:
    """Return whether the metric of ``floor`` is as good as it must be, or was left out."""
    return result.is_skipped(floor) or not broken_floors((floor,), result.metrics)


def shown(figure: Figure | None) -> str:
    """Return the value of a figure as a table has it."""
    return f"{figure.value:.3f}" if figure else MISSING


def between(figure: Figure | None) -> str:
    """Return the value of a figure with its interval, where it has one."""
    if figure is None or figure.interval is None:
        return shown(figure)
    low, high = figure.interval
    return f"{figure.value:.3f} ({low:.2f}–{high:.2f})"


def _split_line(result: SuiteResult, group: str, name: str) -> list[tuple[str, ...]]:
    """Return the line of a group with intervals; nothing where it has no answerable cases."""
    figures = [result.metrics.get(f"{group}.{metric}") for metric in SPLIT_COLUMNS.values()]
    n = next((figure.n for figure in figures if figure), 0)
    return [(name, str(n), *map(between, figures))] if n else []


def _line(result: SuiteResult, group: str, name: str) -> list[tuple[str, ...]]:
    """Return the line of a group; nothing where it has no answerable cases."""
    figures = [result.metrics.get(f"{group}.{metric}") for metric in COLUMNS.values()]
    n = next((figure.n for figure in figures if figure), 0)
    return [(name, str(n), *(shown(figure) for figure in figures))] if n else []


def _styles(result: SuiteResult, answerable: bool) -> list[tuple[str, str]]:
    """Return each language and style of the questions that stand alone, in case order."""
    found = dict.fromkeys(
        (row.case.language, row.case.style)
        for row in result.rows
        if row.case.kind == ("answerable" if answerable else "unanswerable")
    )
    return sorted(found, key=lambda pair: list(LANGUAGES).index(pair[0]))


def _floor_line(floor: Floor, result: Result) -> tuple[str, ...]:
    figure = result.metrics.get(floor.metric)
    verdict = "yes" if held(floor, result) else "no"
    return (
        floor.metric,
        f"{'≤' if floor.at_most else '≥'} {floor.value:g}",
        shown(figure),
        str(figure.n) if figure else "0",
        "skipped" if result.is_skipped(floor) else verdict,
    )


def cell(text: object) -> str:
    """Return ``text`` on one line, with nothing that Markdown or HTML would act on."""
    return " ".join(str(text).split()).translate(MARKDOWN_ESCAPES)
