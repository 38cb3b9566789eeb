"""Runs what is to be measured, one process after another, and goes on where it was stopped.

Each figure is a line of ``results.jsonl`` in the report folder; what stands there for the same
system, size, cores and limit is not measured again.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from evals.bench.child import last_line
from evals.bench.haystack import Haystack
from evals.bench.systems import SYSTEMS, System
from evals.run import machine_and_commit, version_of

COLD_RUNS = 3
RESULTS = "results.jsonl"
ROOT = Path(__file__).resolve().parents[2]

Line = dict[str, Any]
Run = Callable[[Sequence[str]], Line]  # a Python with these arguments, what it printed, the time


class FailedRunError(Exception):
    """A process of a system ended with an error."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What every system gets: cores (0: all), and seconds for what is embedded."""

    threads: int
    most_s: float

    def key(self, stage: str, system: str, size: int) -> Line:
        """Return what makes two lines the same figure."""
        return {
            "stage": stage, "system": system, "size": size,
            "threads": self.threads, "most_s": self.most_s,
        }  # fmt: skip


def compare(
    systems: Sequence[str],
    haystacks: Sequence[Haystack],
    terms: Terms,
    work: Path,
    report: Path,
    tell: Callable[[str], None],
    run: Run | None = None,
) -> list[Line]:
    """Return the lines of all systems at all sizes, those measured before among them.

    Indexes are kept under ``work``. A system that fails is told of, and left out.
    """
    run = run or partial(run_python, threads=terms.threads)
    report.mkdir(parents=True, exist_ok=True)
    kept = read_lines(report)
    for hay in haystacks:
        for name in systems:
            for stage in ("build", "query"):
                system = SYSTEMS[name]
                key = terms.key(stage, name, hay.size)
                if (stage == "build" and system.index_of) or _in(kept, key):
                    continue
                tell(f"{name}, {hay.size:,} documents: {stage}")
                folder = work / f"{system.index_of or name}-{hay.size}"
                about = busy_machine()
                try:
                    measured = _measure(stage, name, hay, folder, terms, run)
                except FailedRunError as error:
                    tell(f"{name}, {hay.size:,} documents: {stage} failed: {error}")
                    break
                about["packages"] = {each: version_of(each) for each in system.needs}
                line = key | measured | {"environment": about}
                add_line(report, line)
                kept.append(line)
    return kept


def read_lines(report: Path) -> list[Line]:
    """Return what was measured so far; a line that was cut off by a stop does not count."""
    path = report / RESULTS
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        path.write_text(whole, encoding="utf-8")
    return [json.loads(line) for line in whole.splitlines()]


def add_line(report: Path, line: Line) -> None:
    """Write ``line`` behind the others."""
    with (report / RESULTS).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def busy_machine() -> Line:
    """Return what :func:`machine_and_commit` does, the cores, and the load by other work."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return machine_and_commit() | {"cores": os.cpu_count(), "load": round(load, 1)}


def missing(system: System) -> list[str]:
    """Return the packages that ``system`` needs and that are not installed."""
    return [each for each in system.needs if version_of(each) is None]


def run_python(arguments: Sequence[str], threads: int = 0) -> Line:
    """Return what a Python with ``arguments`` printed last, and ``process_s``, its whole time.

    ``threads`` is the number of cores that it gets; 0: all.
    """
    with _on_cores(threads):
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
        process_s = time.perf_counter() - started
    if done.returncode:
        reason = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise FailedRunError(reason[-1])
    return last_line(done.stdout.splitlines()) | {"process_s": process_s}


@contextmanager
def _on_cores(count: int) -> Iterator[None]:
    """Let this thread, and the processes that it starts, have ``count`` cores; 0: all.

    Where the system has no say in it, all as well.
    """
    if not count or not hasattr(os, "sched_setaffinity"):
        yield
        return
    every = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(every)[:count])
    try:
        yield
    finally:
        os.sched_setaffinity(0, every)


def _measure(stage: str, name: str, hay: Haystack, folder: Path, terms: Terms, run: Run) -> Line:
    system = SYSTEMS[name]

    def child(stage: str) -> list[str]:
        job: Mapping[str, object] = {
            "stage": stage, "system": name, "documents": str(hay.documents),
            "folder": str(folder), "most_s": terms.most_s, "question": hay.question,
        }  # fmt: skip
        return ["-m", "evals.bench.child", json.dumps(job)]

    if stage == "build":
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        built = run(child("build"))
        return built | {"bytes": sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())}
    cold = [each.format(question=hay.question, folder=folder) for each in system.command]
    cold_s = sorted(run(cold or child("first"))["process_s"] for _ in range(COLD_RUNS))
    return run(child("query")) | {"cold_s": cold_s[COLD_RUNS // 2]}


def _in(lines: Sequence[Line], key: Line) -> bool:
    return any(all(line.get(name) == value for name, value in key.items()) for line in lines)
