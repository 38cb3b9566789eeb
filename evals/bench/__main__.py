"""Measures WenBao beside its peers, the kinds of vector index, and what a user waits for.

::

    python -m evals.bench [peers] [kinds] [waits] [--data ../shared/data] [--sizes 1000,10000]

``peers``: WenBao, a plain LangChain pipeline, txtai and BM25 on the same news articles, each in
processes of its own (:mod:`evals.bench.runner`). ``kinds``: kinds of FAISS index over synthetic
vectors (:mod:`evals.bench.kinds`). ``waits``: cold start and the time of an answer on the seed
pages (:mod:`evals.bench.waits`). All three by default. A run that is stopped goes on where it
was; ``--report`` another folder to measure anew.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from evals.bench import kinds, waits
from evals.bench.haystack import haystack
from evals.bench.runner import Line, Terms, compare, missing, read_lines
from evals.bench.sheet import LEGEND, notes, tables
from evals.bench.systems import SYSTEMS
from evals.charts import svg
from evals.report import section
from evals.run import DATA, machine_and_commit
from evals.tables import Table
from index.types import CorpusError
from rag.config import ROOT

PARTS = ("peers", "kinds", "waits")
SIZES = (1_000, 10_000, 68_156)
OUT = ROOT / "evals" / "out" / "bench"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the command line names, and write the report."""
    parser = argparse.ArgumentParser(prog="python -m evals.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of news.jsonl.gz")
    parser.add_argument("--sizes", type=_numbers, default=SIZES, help="documents: 1000,10000")
    parser.add_argument("--systems", type=_names, default=tuple(SYSTEMS), help=",".join(SYSTEMS))
    parser.add_argument("--vectors", type=_numbers, default=kinds.SIZES, help="of the kinds")
    parser.add_argument("--threads", type=int, default=0, help="cores for each system; 0: all")
    parser.add_argument("--most-minutes", type=float, default=60.0, help="of embedding, a system")
    parser.add_argument("--report", type=Path, default=OUT / "report", help="folder to write to")
    parser.add_argument("--work", type=Path, default=OUT, help="folder to keep indexes in")
    given = parser.parse_args(arguments)
    parts = given.parts or PARTS
    if set(parts) - set(PARTS):
        parser.error(f"a part is one of {', '.join(PARTS)}")
    if "peers" in parts:
        try:
            _peers(given)
        except CorpusError as error:
            raise SystemExit(str(error)) from None
    if "kinds" in parts:
        kinds.measure_all(given.vectors, given.report, _tell)
    if read_lines(given.report):
        write_report(given.report)
    if "waits" in parts:
        waits.main()


def _peers(given: argparse.Namespace) -> None:
    if not (given.data / "news.jsonl.gz").is_file():
        _tell(f"peers skipped: {given.data} has no news.jsonl.gz; name its folder with --data")
        return
    systems = []
    for name in given.systems:
        lacking = missing(SYSTEMS[name])
        if lacking:
            _tell(f"{name} skipped: {', '.join(lacking)} not installed (pip install -e '.[bench]')")
        else:
            systems.append(name)
    haystacks = [haystack(given.data, size, given.work) for size in given.sizes]
    terms = Terms(given.threads, given.most_minutes * 60)
    compare(systems, haystacks, terms, given.work, given.report, _tell)


def write_report(report: Path) -> None:
    """Write ``report.md``, ``report.json`` and the curves from what was measured so far."""
    lines = read_lines(report)
    peers = [each for each in lines if each["stage"] in ("build", "query")]
    shown: list[Table] = tables(peers) if peers else []
    of_kinds = kinds.table(lines)
    shown += [of_kinds] if of_kinds.rows else []
    about = machine_and_commit()
    parts = [
        "# WenBao beside its peers",
        f"`python -m evals.bench`, {about['created']}, {_measured_on(lines)}.",
        *([LEGEND] if peers else []),
        *notes(peers),
        *(part for table in shown for part in section(table)),
        *([kinds.LEGEND] if of_kinds.rows else []),
    ]
    (report / "report.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    (report / "report.json").write_text(
        json.dumps({**about, "lines": lines}, ensure_ascii=False, indent=1) + "\n",
        encoding="utf-8",
    )
    for table in shown:
        if table.chart:
            picture = report / f"{table.chart.name}.svg"
            picture.write_text(svg(table.chart) + "\n", encoding="utf-8")
    _tell(f"{report / 'report.md'}")


def _measured_on(lines: Sequence[Line]) -> str:
    """Return the commits and machines of ``lines``, and how busy these were with other work."""
    told = [each["environment"] for each in lines if "environment" in each]
    commits = " ".join(dict.fromkeys(str(each["commit"]) for each in told))
    cores = " ".join(dict.fromkeys(f"{each['machine']}, {each['cores']} cores" for each in told))
    load = max((each["load"] for each in told), default=0.0)
    return f"commit {commits or 'unknown'}; {cores}; load before a measurement at most {load}"


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(each) for each in text.split(","))


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := set(names) - set(SYSTEMS):
        raise argparse.ArgumentTypeError(f"no such system: {', '.join(sorted(unknown))}")
    return names


def _tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
