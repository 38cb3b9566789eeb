"""The sheet of the suite of retrieval: figures of each set, and what each arm brings."""

from collections.abc import Mapping, Sequence

from evals.charts import Chart
from evals.intervals import interval
from evals.retrieval_suite import metric_name, ways
from evals.tables import LANGUAGES, MISSING, Entry, Filter, Sheet, Table, cell, floors, shown
from evals.types import RERANKED, WHOLE, RetrievalResult, RetrievalRow

SET_NAMES = {
    "news": "news",
    "cmrc": "CMRC 2018 dev",
    "drcd": "DRCD test (Traditional)",
    "rgb": "RGB web pages",
    "ntrex": "NTREX-128 translations",
    "tatoeba": "Tatoeba translations",
}
# Figures of others beside ours, as their sources give them: other questions, documents and
# measures, so that they place ours and rank nothing.
PUBLISHED = (
    ("Belebele, English questions over Chinese passages", "nDCG@10",
     "static-similarity-mrl 67.0, multilingual-e5-small 79.6, bge-m3 89.8, EmbeddingGemma 95.2",
     "MTEB results"),
    ("XQuAD, Chinese", "nDCG@10",
     "paraphrase-multilingual-MiniLM-L12 85.2, LaBSE 85.7, e5-base 95.5, e5-large 96.4",
     "MTEB results"),
    ("Tatoeba, Chinese–English", "F1",
     "potion-multilingual 61.7, static-similarity-mrl 90.0, LaBSE 95.1", "MTEB results"),
    ("CRUD-RAG news, 5,681 documents, Chinese", "R@1",
     "character bigrams 75.9, an 8B embedding model 78.0, both 79.9, with a cross-encoder 85.8",
     "a public study of CRUD-RAG"),
)  # fmt: skip
COLUMNS = {"R@1": "recall_at_1", "R@5": "recall_at_5", "MRR": "mrr", "nDCG@10": "ndcg_at_10"}
LEGEND = (
    "R@1, R@5, MRR, nDCG@10: where the first document that answers stands among ten. "
    "95 %: bootstrap interval of R@1. alone, without: that arm alone, all arms but that one; "
    "reranked: the best passages put in order by the reader; all other figures are of all arms "
    "together."
)
CURVE_COLUMNS = {
    "R@1": ("recall_at_1", WHOLE),
    "R@5": ("recall_at_5", WHOLE),
    "R@1 of the encoder alone": ("recall_at_1", "dense alone"),
    "R@1 of the lexical arms": ("recall_at_1", "lexical alone"),
}
DRAWN = "recall_at_1"
WAYS_DRAWN = {WHOLE: "all arms", "dense alone": "encoder", "lexical alone": "lexical"}
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
        ("group", (("all", "all sets"), *((name, set_name(name)) for name in sets))),
    )
    return Sheet(
        about=f"Retrieval alone, model `{cell(environment.get('model'))}` ({identity}): "
        f"{len(result.rows)} questions.{skipped}",
        legend=LEGEND,
        tables=(
            _figures(result, groups),
            _curve(result, groups),
            _arms(result, groups),
            Table(
                "Figures that others published", ("set", "measure", "figures", "source"), PUBLISHED
            ),
            floors(result),
        ),
        rows="Questions",
        failures=Table(
            "Not first",
            ("set", "rank", "question"),
            tuple((row.set, row.verdict, row.question) for row in result.failures[:LISTED]),
        ),
        filters=filters,
        entries=tuple(_entry(row) for row in result.rows),
    )


def set_name(name: str) -> str:
    """Return what a set is called: ``news-500`` is the news, 500 documents."""
    family, _, rest = name.partition("-")
    title = SET_NAMES[family]
    return f"{title}, {int(rest):,} documents" if rest.isdigit() else title


def _on_curve(name: str) -> bool:
    return name.rpartition("-")[2].isdigit()


def _figures(result: RetrievalResult, groups: Sequence[tuple[str, str]]) -> Table:
    """Return the figures of all arms, and R@1 of the vectors alone, for each set and language."""
    rows: list[tuple[str, ...]] = []
    for name, language in groups:
        if _on_curve(name):
            continue
        members = [row for row in result.rows if (row.set, row.language) == (name, language)]
        low, high = interval([row.passed for row in members])
        figures = (result.metrics.get(f"{name}.{language}.{each}") for each in COLUMNS.values())
        alone, read = (
            result.metrics.get(metric_name(name, language, way, "recall_at_1"))
            for way in ("dense alone", RERANKED)
        )
        rows.append(
            (
                f"{set_name(name)}, {LANGUAGES[language]}",
                str(len(members)),
                *map(shown, figures),
                f"{low:.3f}–{high:.3f}",
                shown(read),
                shown(alone),
            )
        )
    return Table(
        "Retrieval",
        ("questions", "n", *COLUMNS, "95 %", "R@1 reranked", "R@1 of the encoder alone"),
        tuple(rows),
    )


def _curve(result: RetrievalResult, groups: Sequence[tuple[str, str]]) -> Table:
    """Return how R@1 and R@5 of the news fall as the documents grow."""
    counted: Mapping[str, int] = result.environment.get("documents", {})
    rows = []
    lines: dict[str, list[tuple[float, float]]] = {}
    for name, language in groups:
        if name.partition("-")[0] != "news":
            continue
        size = name.partition("-")[2] or str(counted.get("news", "all"))
        cells = []
        for metric, way in CURVE_COLUMNS.values():
            figure = result.metrics.get(metric_name(name, language, way, metric))
            cells.append(shown(figure))
            if metric == DRAWN and figure and size.isdigit():
                line = lines.setdefault(f"{LANGUAGES[language]}, {WAYS_DRAWN[way]}", [])
                line.append((float(size), figure.value))
                line.sort()
        rows.append((size, LANGUAGES[language], *cells))
    header = ("documents", "questions", *CURVE_COLUMNS) if rows else ("documents",)
    title = "News by the number of documents"
    chart = Chart("news-curve", title, "documents", "R@1", lines) if lines else None
    return Table(title, header, tuple(rows), chart)


def _arms(result: RetrievalResult, groups: Sequence[tuple[str, str]]) -> Table:
    """Return R@1 of each way to ask (one a row) for each set and language (one a column)."""
    groups = [group for group in groups if not _on_curve(group[0])]
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
