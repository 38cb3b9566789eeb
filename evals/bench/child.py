"""One stage of one system in a process of its own, so that its memory and times are its own.

::

    python -m evals.bench.child '{"stage": "build", "system": "wenbao", …}'

Prints one JSON object, on the last line of what it prints.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from evals.bench.systems import SYSTEMS, Search, System

FOUND = 10  # passages that are asked for
CLIENTS = (1, 2, 4, 8, 16)
WARM_UP = 8  # questions
SENT = 160  # questions at each number of clients


def main() -> None:
    """Do the stage that the argument tells of."""
    job = json.loads(sys.argv[1])
    system = SYSTEMS[job["system"]]
    documents, folder = Path(job["documents"]), Path(job["folder"])
    if job["stage"] == "build":
        done = build(system, documents, folder, job["most_s"])
    elif job["stage"] == "first":
        done = {"found": _load(system, folder, documents)(job["question"], FOUND)}
    else:
        done = query(_load(system, folder, documents), *_questions(documents.parent))
    print(json.dumps(done | {"peak_mb": peak_mb()}), flush=True)
    os._exit(0)  # what libraries do at their end is none of the figures


def build(system: System, documents: Path, folder: Path, most_s: float) -> dict[str, Any]:
    """Return what building took; the import of the libraries is a part of it."""
    started, busy = time.perf_counter(), time.process_time()
    built = system.open().build(documents, folder, most_s, **system.options)
    wall_s = time.perf_counter() - started - built.pilot_s
    return asdict(built) | {"wall_s": wall_s, "cpu_s": time.process_time() - busy}


def query(search: Search, asked: Sequence[dict[str, Any]], others: Sequence[str]) -> dict[str, Any]:
    """Return latencies, places of the right documents, and questions a second by clients.

    No question is asked twice, so that nothing kept from one answer helps another. ``asked``
    have the right documents; ``others`` warm up and make the load.
    """
    fresh = iter(others)
    for question in _next(fresh, WARM_UP):
        search(question, FOUND)
    times, places = [], []
    busy = time.process_time()
    for each in asked:
        started = time.perf_counter()
        found = search(each["question"], FOUND)
        times.append((time.perf_counter() - started) * 1000)
        ranked = list(dict.fromkeys(found))
        places.append(next((at for at, n in enumerate(ranked, 1) if n in each["right"]), None))
    cpu_ms = (time.process_time() - busy) / max(len(asked), 1) * 1000
    load = [_load_of(search, clients, _next(fresh, SENT)) for clients in CLIENTS]
    languages = [each["language"] for each in asked]
    return {
        "times_ms": [round(each, 3) for each in times],
        "places": places,
        "languages": languages,
        "cpu_ms": cpu_ms,
        "load": load,
    }


def _load_of(search: Search, clients: int, questions: Sequence[str]) -> dict[str, Any]:
    """Return how many questions a second ``clients`` threads get answered, and the failed ones."""

    def ask(question: str) -> bool:
        try:
            search(question, FOUND)
        except (RuntimeError, ValueError):  # of a library that is not made for threads
            return False
        return True

    with ThreadPoolExecutor(clients) as pool:
        started = time.perf_counter()
        answered = sum(pool.map(ask, questions))
        elapsed = time.perf_counter() - started
    return {
        "clients": clients,
        "a_second": answered / elapsed,
        "failed": len(questions) - answered,
    }


def peak_mb() -> float:
    """Return the most memory that this process ever held, in MB, mapped files among it.

    The kernel's own count where there is one: ``getrusage`` may tell the parent's.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(each for each in status.read_text().splitlines() if each.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _load(system: System, folder: Path, documents: Path) -> Search:
    return system.open().load(folder, documents, **system.options)


def _questions(haystack: Path) -> tuple[list[dict[str, Any]], list[str]]:
    kept = json.loads((haystack / "questions.json").read_text(encoding="utf-8"))
    return kept["asked"], kept["others"]


def _next(questions: Iterator[str], count: int) -> list[str]:
    return [question for _, question in zip(range(count), questions, strict=False)]


def last_line(output: Iterable[str]) -> dict[str, Any]:
    """Return the JSON object on the last line that holds one; libraries print before it."""
    lines = [line for line in output if line.startswith("{")]
    return dict(json.loads(lines[-1])) if lines else {}


if __name__ == "__main__":
    main()
