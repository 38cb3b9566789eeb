"""The sheet of the suite of retrieval: figures of each set, and what each arm brings."""

from collections.abc import Sequence

from evals.retrieval_suite import interval, metric_name, ways
from evals.tables import LANGUAGES, MISSING, Entry, Filter, Sheet, Table, cell, floors, shown
from evals.types import RetrievalResult, RetrievalRow

SET_NAMES = {
    "news": "news, 5,000 documents",
    "cmrc": "CMRC 2018 dev",
    "drcd": "DRCD test (Traditional)",
    "rgb": "RGB web pages",
}
COLUMNS = {"R@1": "recall_at_1", "R@5": "recall_at_5", "MRR": "mrr", "nDCG@10": "ndcg_at_10"}
LEGEND = (
    "R@1, R@5, MRR, nDCG@10: where the first document that answers stands among ten. "
    "95 %: bootstrap interval of R@1. alone, without: that arm alone, all arms but that one; "
    "all other figures are of all arms together."
)
LISTED = 40  # of the questions that fail; the JSON has all


def retrieval_sheet(result: RetrievalResult) -> Sheet:
    """Return the sheet of a suite of retrieval."""
    environment = result.environment
    identity = str(environment.get("model_identity", ""))[:12]
    skipped = "".join(f" Skipped: {name} ({cell(why)})." for name, why in result.skipped.items())
    groups = list(dict.fromkeys((row.set, row.language) for row in result.rows))
    sets = list(dict.fromkeys(row.set for row in result.rows))
    filters: tuple[Filter, ...] = (
        ("show", (("every", "all rows"), ("fail", "not first"))),
        ("group", (("all", "all sets"), *((name, SET_NAMES[name]) for name in sets))),
    )
    return Sheet(
        about=f"Retrieval alone, model `{cell(environment.get('model'))}` ({identity}): "
        f"{len(result.rows)} questions.{skipped}",
        legend=LEGEND,
        tables=(_figures(result, groups), _arms(result, groups), floors(result)),
        rows="Questions",
        failures=Table(
            "Not first",
            ("set", "rank", "question"),
            tuple((row.set, row.verdict, row.question) for row in result.failures[:LISTED]),
        ),
        filters=filters,
        entries=tuple(_entry(row) for row in result.rows),
    )


def _figures(result: RetrievalResult, groups: Sequence[tuple[str, str]]) -> Table:
    rows: list[tuple[str, ...]] = []
    for name, language in groups:
        members = [row for row in result.rows if (row.set, row.language) == (name, language)]
        low, high = interval([row.passed for row in members])
        figures = (result.metrics.get(f"{name}.{language}.{each}") for each in COLUMNS.values())
        rows.append(
            (
                f"{SET_NAMES[name]}, {LANGUAGES[language]}",
                str(len(members)),
                *map(shown, figures),
                f"{low:.3f}–{high:.3f}",
            )
        )
    return Table("Retrieval", ("questions", "n", *COLUMNS, "95 %"), tuple(rows))


def _arms(result: RetrievalResult, groups: Sequence[tuple[str, str]]) -> Table:
    """Return R@1 of each way to ask (one a row) for each set and language (one a column)."""
    header = ("R@1", *(f"{name} {language}" for name, language in groups))
    rows = [
        (
            way,
            *(
                shown(result.metrics.get(metric_name(name, language, way, "recall_at_1")))
                for name, language in groups
            ),
        )
        for way in ways()
    ]
    return Table("What each arm brings", header, tuple(rows) if groups else ())


def _entry(row: RetrievalRow) -> Entry:
    ranks = "\n".join(f"{way}: {rank or MISSING}" for way, rank in row.ranks.items())
    note = f"{row.set} · {row.style} · {row.elapsed_ms:.0f} ms"
    return Entry(row.verdict, row.passed, row.question, note, row.set, (("ranks", ranks),))
