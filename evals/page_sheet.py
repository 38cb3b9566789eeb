"""The sheet of the suite of pages: figures of each group of pages, and what went wrong where."""

from collections.abc import Sequence

from evals.tables import Entry, Filter, Sheet, Table, cell, floors, shown
from evals.types import PageRow, PagesResult

GROUPS = {
    "seeds": "seed pages",
    "written": "written pages",
    "generated": "generated pages",
}
COLUMNS = {
    "article F1": "article_f1",
    "whole": "articles_whole",
    "headline": "headline_accuracy",
    "join precision": "join_precision",
    "join recall": "join_recall",
    "order": "order_accuracy",
    "role": "line_role_accuracy",
    "genre": "genre_accuracy",
    "date": "date_accuracy",
}
LEGEND = (
    "article F1: of the lines that belong to an article, under the best matching of articles. "
    "whole: articles whose lines, order and headline are exactly right. headline: exactly the "
    "printed headlines and decks. join: a paragraph that a column cut was rejoined. order: "
    "neighbours in the body that stayed neighbours. role: lines that were told for what they "
    "are. date: of the issue, where the page states it."
)
FILTERS: tuple[Filter, ...] = (
    ("show", (("every", "all rows"), ("fail", "not right"))),
    ("group", (("all", "all pages"), *GROUPS.items())),
)
LISTED_GENERATED = 20  # of the generated pages, the worst are listed; the JSON has all
SHOWN_FAULTS = 40


def page_sheet(result: PagesResult) -> Sheet:
    """Return the sheet of a suite of pages."""
    counts = [
        f"{sum(row.group == group for row in result.rows)} {name}"
        for group, name in GROUPS.items()
        if group not in result.skipped
    ]
    skipped = "".join(
        f" Skipped: {GROUPS[group]} ({cell(why)})." for group, why in result.skipped.items()
    )
    return Sheet(
        about=f"The reassembly alone: {', '.join(counts)}.{skipped}",
        legend=LEGEND,
        tables=(_figures(result), _speed(result), floors(result)),
        rows="Pages",
        failures=Table(
            "Not right",
            ("page", "group", "articles whole", "faults", "first fault"),
            tuple(
                (row.name, row.group, row.verdict, str(len(row.faults)), row.faults[0])
                for row in _listed(result.failures)
            ),
        ),
        filters=FILTERS,
        entries=tuple(_entry(row) for row in result.rows),
    )


def _figures(result: PagesResult) -> Table:
    rows: list[tuple[str, ...]] = []
    for group, name in GROUPS.items():
        figures = [result.metrics.get(f"{group}.{metric}") for metric in COLUMNS.values()]
        n = str(figures[0].n) if figures[0] else ("skipped" if group in result.skipped else "0")
        rows.append((name, n, *(shown(figure) for figure in figures)))
    return Table("Pages", ("pages", "articles", *COLUMNS), tuple(rows))


def _speed(result: PagesResult) -> Table:
    figure = result.metrics.get("all.pages_per_minute")
    rows = (("pages a minute on one core", str(figure.n), f"{figure.value:.0f}"),) if figure else ()
    return Table("Speed", ("check", "n", "value"), rows)


def _listed(rows: Sequence[PageRow]) -> list[PageRow]:
    """Return the rows to list: all but the better ones of the generated pages."""
    generated = [row for row in rows if row.group == "generated"]
    worst = sorted(generated, key=lambda row: -len(row.faults))[:LISTED_GENERATED]
    return [row for row in rows if row.group != "generated"] + worst


def _entry(row: PageRow) -> Entry:
    shown_faults = list(row.faults[:SHOWN_FAULTS])
    if len(row.faults) > SHOWN_FAULTS:
        shown_faults.append(f"… and {len(row.faults) - SHOWN_FAULTS} more")
    note = f"{row.group} · {len(row.faults)} faults · {row.elapsed_ms:.0f} ms"
    fields = (("faults", "\n".join(shown_faults) or "none"),)
    return Entry(row.verdict, row.passed, row.name, note, row.group, fields)
