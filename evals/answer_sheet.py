"""The sheet of the suite of answers: figures of each set, and how far its confidence holds."""

from collections.abc import Sequence

from evals.calibration import expected_calibration_error, reliability
from evals.intervals import interval
from evals.retrieval_sheet import LISTED
from evals.tables import LANGUAGES, MISSING, Entry, Filter, Sheet, Table, cell, floors, shown
from evals.types import AnswerRow, AnswersResult

SET_NAMES = {
    "news": "news",
    "cmrc": "CMRC 2018 dev",
    "drcd": "DRCD test (Traditional)",
    "rgb-negative": "RGB, no passage answers",
    "rgb-integration": "RGB, two passages answer together",
    "rgb-counterfactual-zh": "RGB, falsified passages",
    "rgb-counterfactual-en": "RGB, falsified passages",
}
COLUMNS = {
    "answer holds": "answer_holds",
    "falsely refused": "false_refusal",
    "sentences": "sentences",
    "citation precision": "citation_precision",
    "citation recall": "citation_recall",
    "refused": "refusal",
    "calibration error": "calibration_error",
}
# Figures of others beside ours, as their sources give them.
PUBLISHED = (
    ("RGB, Chinese, no passage answers: refused", "at most 0.43, the best language model of 2023",
     "Chen et al., 2023"),
)  # fmt: skip
LEGEND = (
    "answer holds: the quotes say all that a right answer says, from the right document where it "
    "is known; 95 %: its bootstrap interval. Citation precision and recall as in ALCE: citations "
    "from the right document, facts that are quoted, both of answers given. refused: of questions "
    "that the documents do not answer. Of falsified passages what they print counts as right: "
    "WenBao proves what is printed, and does not know better."
)


def answer_sheet(result: AnswersResult) -> Sheet:
    """Return the sheet of a suite of answers."""
    environment = result.environment
    identity = str(environment.get("model_identity", ""))[:12]
    skipped = "".join(f" Skipped: {name} ({cell(why)})." for name, why in result.skipped.items())
    sets = list(dict.fromkeys(row.set for row in result.rows))
    filters: tuple[Filter, ...] = (
        ("show", (("every", "all rows"), ("fail", "not right"))),
        ("group", (("all", "all sets"), *((name, set_name(name)) for name in sets))),
    )
    return Sheet(
        about=f"Answers, model `{cell(environment.get('model'))}` ({identity}), language model: "
        f"{cell(environment.get('llm_model') or 'none')}. {len(result.rows)} questions.{skipped}",
        legend=LEGEND,
        tables=(
            _figures(result),
            _reliability(result),
            Table("Figures that others published", ("set", "figures", "source"), PUBLISHED),
            floors(result),
        ),
        rows="Questions",
        failures=Table(
            "Not right",
            ("set", "verdict", "question"),
            tuple((row.set, row.verdict, row.question) for row in result.failures[:LISTED]),
        ),
        filters=filters,
        entries=tuple(_entry(row) for row in result.rows),
    )


def set_name(name: str) -> str:
    """Return what a set is called."""
    if name.startswith("rgb-noise-"):
        return f"RGB, noise {name.removeprefix('rgb-noise-')}"
    return SET_NAMES[name]


def _figures(result: AnswersResult) -> Table:
    rows: list[tuple[str, ...]] = []
    for name, language in dict.fromkeys((row.set, row.language) for row in result.rows):
        members = [row for row in result.rows if (row.set, row.language) == (name, language)]
        figures = [result.metrics.get(f"{name}.{language}.{each}") for each in COLUMNS.values()]
        rows.append(
            (
                f"{set_name(name)}, {LANGUAGES[language]}",
                str(len(members)),
                shown(figures[0]),
                _interval([row for row in members if row.gold]),
                *map(shown, figures[1:]),
            )
        )
    first, *others = COLUMNS
    return Table("Answers", ("questions", "n", first, "95 %", *others), tuple(rows))


def _interval(answerable: Sequence[AnswerRow]) -> str:
    if not answerable:
        return MISSING
    low, high = interval([row.holds for row in answerable])
    return f"{low:.3f}–{high:.3f}"


def _reliability(result: AnswersResult) -> Table:
    """Return, for the sets with both kinds of question, how far a confidence holds."""
    rows: list[tuple[str, ...]] = []
    for language, name in LANGUAGES.items():
        asked = [row for row in result.rows if row.set == "news" and row.language == language]
        values, held = [row.confidence for row in asked], [bool(row.gold) for row in asked]
        if asked:
            rows += [
                (
                    name,
                    f"{each.low:.1f}–{each.high:.1f}",
                    str(each.n),
                    f"{each.confidence:.3f}",
                    f"{each.right:.3f}",
                )
                for each in reliability(values, held)
            ]
            error = expected_calibration_error(values, held)
            rows.append((name, "expected error", str(len(asked)), MISSING, f"{error:.3f}"))
    return Table(
        "Confidence, news", ("questions", "confidence", "n", "mean", "answerable"), tuple(rows)
    )


def _entry(row: AnswerRow) -> Entry:
    facts = "\n".join(
        f"{'✓' if found else '✗'} {' / '.join(spellings)}"
        for found, spellings in zip(row.facts_found, row.gold, strict=True)
    )
    fields = (
        ("expected", facts or "none: to be refused"),
        ("answer", row.answer),
        ("confidence", f"{row.confidence:.3f}"),
    )
    note = f"{row.set} · {row.style} · {row.elapsed_ms:.0f} ms"
    return Entry(row.verdict, row.passed, row.question, note, row.set, fields)
