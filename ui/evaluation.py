"""What ``wenbao eval`` prints and reads, apart from the suites themselves."""

from pathlib import Path

import typer
from rich.table import Table

from evals.fit_fusion import fit_fusion, write_weights
from evals.retrieval_sets import Extent
from evals.run import DATA, run_suite
from evals.sheets import sheet_of
from evals.types import AnyResult
from index.embedding import BUNDLED, load_embedder
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
