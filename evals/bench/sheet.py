"""What the comparison shows: tables of the figures of each size, and growth curves."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from evals.bench.runner import Line
from evals.bench.systems import SYSTEMS
from evals.charts import Chart
from evals.intervals import interval
from evals.tables import LANGUAGES, MISSING, Table

MARK = "≈"
LEGEND = (
    "The same articles, questions, machine and cores for all; each system in processes of its "
    "own. build: from the file of articles to the saved index. memory: the most that the process "
    "held, mapped files among it. cold: from the start of a process to its first result, files in "
    "the cache of the system. p50, p95, p99: one question at a time, none asked twice. R@1, R@5: "
    "of the documents of the ten best passages, the first, or one of the first five, prints the "
    "answer; in brackets 95 % bootstrap intervals."
)
EXTRAPOLATED = (
    f"{MARK} More time than allowed: of {{system}}, {{embedded:,}} of {{passages:,}} passages of "
    "{size:,} documents were embedded. Its build time and size on disk are extrapolated from "
    "these; memory, latencies, questions a second, R@1 and R@5 are those of this part, among "
    "which an answer is found faster and more easily than among all."
)


def tables(lines: Sequence[Line]) -> list[Table]:
    """Return the tables of ``lines``, sizes in order; the first tables carry the curves."""
    builds, queries = _by_key(lines, "build"), _by_key(lines, "query")
    return [
        Table("Building an index", BUILD, tuple(_build_row(each) for each in builds.values()),
              _chart("build-time", "Build time", "s", builds, whole_s)),
        Table("Asking", ASK, tuple(_ask_row(each, builds) for each in queries.values()),
              _chart("query-p95", "Time of a question, p95", "ms", queries,
                     lambda each: _percentile(each, 95))),
        Table("Questions a second by clients", CLIENTS,
              tuple(_load_row(each, builds) for each in queries.values()),
              _chart("index-size", "Index on disk", "MB", builds, whole_mb)),
        *(
            Table(
                f"Known items, {LANGUAGES[language]} questions", KNOWN,
                tuple(_known_row(each, builds, language) for each in queries.values()),
                _chart(f"recall-{language}", f"R@1, {LANGUAGES[language]} questions", "R@1",
                       queries, partial(_mean, language=language, among=1), by_tens=False),
            )
            for language in LANGUAGES
        ),
    ]  # fmt: skip


BUILD = (
    "documents", "system", "build, s", "CPU, s", "passages", "passages a second", "on disk, MB",
    "memory, MB",
)  # fmt: skip
ASK = ("documents", "system", "cold, s", "p50, ms", "p95, ms", "p99, ms", "CPU, ms", "memory, MB")
CLIENTS = ("documents", "system", "1", "2", "4", "8", "16")
KNOWN = ("documents", "system", "n", "R@1", "R@5")


def notes(lines: Sequence[Line]) -> list[str]:
    """Return what must be said of every build that was cut short."""
    return [
        EXTRAPOLATED.format(
            system=_title(each), embedded=each["embedded"], passages=each["passages"],
            size=each["size"],
        )
        for each in _by_key(lines, "build").values()
        if is_part(each)
    ]  # fmt: skip


def is_part(build: Line) -> bool:
    """Return whether a part of the passages was embedded only; BM25 embeds none."""
    return bool(0 < build["embedded"] < build["passages"])


def whole_s(build: Line) -> float:
    """Return the time of a build, that of a part extrapolated to all passages."""
    return float(build["wall_s"] + build["embed_s"] * (_times(build) - 1))


def whole_mb(build: Line) -> float:
    """Return the size of an index on disk, that of a part extrapolated to all passages."""
    return float(build["bytes"] / 2**20 * _times(build))


def _times(build: Line) -> float:
    return float(build["passages"] / build["embedded"]) if is_part(build) else 1.0


def _by_key(lines: Sequence[Line], stage: str) -> dict[tuple[int, str], Line]:
    """Return the last line of each size and system, sizes and systems in order."""
    found = {(each["size"], each["system"]): each for each in lines if each["stage"] == stage}
    order = list(SYSTEMS)
    return dict(sorted(found.items(), key=lambda pair: (pair[0][0], order.index(pair[0][1]))))


def _mark(line: Line, builds: Mapping[tuple[int, str], Line]) -> str:
    build = builds.get((line["size"], SYSTEMS[line["system"]].index_of or line["system"]))
    return f"{MARK} " if build and is_part(build) else ""


def _title(line: Line) -> str:
    return SYSTEMS[line["system"]].title


def _head(line: Line) -> tuple[str, str]:
    return f"{line['size']:,}", _title(line)


def _build_row(build: Line) -> tuple[str, ...]:
    mark = f"{MARK} " if is_part(build) else ""
    seconds, times = whole_s(build), _times(build)
    cpu_s = build["cpu_s"] + (seconds - build["wall_s"]) * build["cpu_s"] / build["wall_s"]
    return (
        *_head(build),
        f"{mark}{seconds:,.1f}",
        f"{mark}{cpu_s if times > 1 else build['cpu_s']:,.1f}",
        f"{build['passages']:,}",
        f"{mark}{build['passages'] / seconds:,.0f}",
        f"{mark}{whole_mb(build):,.1f}",
        f"{mark}{build['peak_mb']:,.0f}",
    )


def _ask_row(line: Line, builds: Mapping[tuple[int, str], Line]) -> tuple[str, ...]:
    mark = _mark(line, builds)
    figures = [_percentile(line, share) for share in (50, 95, 99)]
    return (
        *_head(line),
        f"{mark}{line['cold_s']:.2f}",
        *(f"{mark}{each:,.1f}" for each in figures),
        f"{mark}{line['cpu_ms']:,.1f}",
        f"{mark}{line['peak_mb']:,.0f}",
    )


def _load_row(line: Line, builds: Mapping[tuple[int, str], Line]) -> tuple[str, ...]:
    mark = _mark(line, builds)
    cells = [
        f"{mark}{each['a_second']:,.1f}" + (f" ({each['failed']} failed)" if each["failed"] else "")
        for each in line["load"]
    ]
    return (*_head(line), *cells)


def _known_row(
    line: Line, builds: Mapping[tuple[int, str], Line], language: str
) -> tuple[str, ...]:
    mark = _mark(line, builds)
    cells = []
    for among in (1, 5):
        hits = _hits(line, language, among)
        low, high = interval(hits) if hits else (0.0, 0.0)
        value = _mean(line, language, among)
        cells.append(f"{mark}{value:.3f} ({low:.2f}–{high:.2f})" if hits else MISSING)
    return (*_head(line), str(len(_hits(line, language, 1))), *cells)


def _hits(line: Line, language: str, among: int) -> list[float]:
    """Return of each question of a language whether its document is ``among`` the first."""
    pairs = zip(line["places"], line["languages"], strict=True)
    return [float(place is not None and place <= among) for place, of in pairs if of == language]


def _mean(line: Line, language: str, among: int) -> float:
    hits = _hits(line, language, among)
    return sum(hits) / max(len(hits), 1)


def _percentile(line: Line, share: int) -> float:
    return float(np.percentile(line["times_ms"], share))


def _chart(
    name: str,
    title: str,
    unit: str,
    lines: Mapping[tuple[int, str], Line],
    value: Callable[[Line], float],
    by_tens: bool = True,
) -> Chart | None:
    courses: dict[str, list[tuple[float, float]]] = {}
    for line in lines.values():
        courses.setdefault(_title(line), []).append((line["size"], value(line)))
    return Chart(name, title, "documents", unit, courses, by_tens) if courses else None
