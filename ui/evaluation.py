"""What ``wenbao eval`` prints and reads, apart from the suites themselves."""

from pathlib import Path

import typer
from rich.table import Table

from evals.compare import Change, compare, load_report
from evals.fit_fusion import fit_fusion, write_weights
from evals.from_feedback import from_feedback, write_cases
from evals.retrieval_sets import Extent
from evals.run import DATA, run_suite
from evals.sheets import sheet_of
from evals.types import AnyResult
from index.embedding import BUNDLED, load_embedder
from index.store import load_index
from rag.config import Settings
from ui.terminal import count, paper


def measured(
    settings: Settings,
    suite: str,
    report: Path | None,
    data: Path | None,
    sets: str | None,
    documents: str,
    questions: str,
) -> AnyResult:
    """Return what a suite measured; ``sets``, ``documents`` and ``questions`` as typed."""
    names = tuple(name.strip() for name in sets.split(",")) if sets else ()
    extent = Extent(count_of("--documents", documents), count_of("--questions", questions))
    return run_suite(settings, suite, report, progress=True, data=data, sets=names, extent=extent)


def count_of(option: str, value: str) -> int | None:
    """Return a number of one or more, ``None`` for all."""
    if value == "all":
        return None
    if not (value.isascii() and value.isdigit() and int(value) > 0):
        raise typer.BadParameter(
            f"{value!r} is neither a number above 0 nor all", param_hint=option
        )
    return int(value)


def fit_arms(settings: Settings, data: Path | None) -> None:
    """Fit the weights of the arms, print what they reach, and write them."""
    embedder = load_embedder(settings.model or BUNDLED)
    weights, figures = fit_fusion(data or DATA, settings, embedder)
    for name, value in figures.items():
        print(f"{name}  {value:.4f}")
    write_weights(settings.fusion, weights)
    print(f"The weights are in {settings.fusion}.")


def print_cases(path: Path, settings: Settings, report: Path | None) -> None:
    """Print how many cases the feedback at ``path`` gives, and write them into ``report``."""
    found = from_feedback(path, load_index(settings.index))
    for name, number in found.counts.items():
        print(f"{name}: {number}")
    if report is not None:
        write_cases(found, report)
        print(f"The cases are in {report}.")


def print_difference(old: Path, new: Path) -> None:
    """Print what became better and worse between two reports, and the figures that changed.

    Of the figures that one report alone has, their number is told.

    Raises :class:`index.types.CorpusError` for what is no report, and for two suites.
    """
    found = compare(load_report(old), load_report(new))
    for name, value in found.settings:
        print(f"{name}: {value}")
    for title, changes in (("better", found.better), ("worse", found.worse)):
        print(f"{title}: {count(len(changes), 'row')}")
        for change in changes:
            print(f"  {_told(change)}")
    print(f"the same: {count(found.same, 'row')}")
    for title, names in (("only in the old", found.gone), ("only in the new", found.added)):
        if names:
            print(f"{title}: {count(len(names), 'row')}")
    table = Table("metric", "old", "n", "new", "n", "change", title="Figures that changed")
    moved = [delta for delta in found.deltas if delta.change is not None]
    for delta in moved:
        table.add_row(delta.metric, *delta.old, *delta.new, f"{delta.change:+.3f}")
    if moved:
        paper().print(table)
    else:
        print("no figure changed")
    if alone := len(found.deltas) - len(moved):
        print(f"in one report alone: {count(alone, 'figure')}")


def _told(change: Change) -> str:
    return f"{change.row}: {change.old} → {change.new}  {change.question}".rstrip()


def print_result(result: AnyResult) -> None:
    """Print the tables of a suite, and how many cases or pages are as they should be."""
    console = paper()
    for content in sheet_of(result).tables:
        table = Table(*content.header, title=content.title, title_justify="left")
        for column in table.columns[1:]:
            column.justify = "right"
        for row in content.rows:
            table.add_row(*row)
        console.print(table)
    passed = len(result.rows) - len(result.failures)
    what = {"pages": "page", "retrieval": "question", "answers": "question"}.get(
        result.suite, "case"
    )
    print(f"{result.suite}: {passed} of {count(len(result.rows), what)} as they should be")
