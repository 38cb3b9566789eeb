"""Measures what a user waits for: cold start, and the time of an answer.

::

    python -m evals.bench

Cold: whole processes, from the shell to the printed answer, the index being built already.
Warm: every question of the evaluation cases, one after another, in one process. The first
pass reads each sentence for the first time; the second finds the sentences' vectors kept.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from evals.cases import load_cases
from evals.run import SUITES
from index.build import build_index
from index.embedding import load_embedder
from index.store import load_index
from rag.answering import answerer_over
from rag.config import load_settings

COLD_RUNS = 3
QUESTION = "第20届文旅博览会来了多少采购商？"


def main() -> None:
    """Print the figures as one JSON object, times in milliseconds."""
    settings = load_settings()
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder) / "index"
        embedder = load_embedder()
        started = time.perf_counter()
        report = build_index([settings.seeds], built, embedder)
        build_ms = _since(started)
        cold = [
            _process_ms("ask", QUESTION, "--json", "--index", str(built)) for _ in range(COLD_RUNS)
        ]
        helped = [_process_ms("--help") for _ in range(COLD_RUNS)]
        answerer = answerer_over(load_index(built), embedder, settings)
        questions = [case.question for case in load_cases(SUITES["seeds"]) if not case.session]
        answerer.ask(QUESTION)
        passes = []
        for _ in range(2):
            times = []
            for question in questions:
                started = time.perf_counter()
                answerer.ask(question)
                times.append(_since(started))
            passes.append(times)
    print(
        json.dumps(
            {
                "build_ms": round(build_ms),
                "chunks": report.chunk_count,
                "help_cold_ms": _summary(helped),
                "ask_cold_ms": _summary(cold),
                "questions": len(questions),
                "ask_first_pass_ms": _summary(passes[0]),
                "ask_second_pass_ms": _summary(passes[1]),
            },
            indent=1,
        )
    )


def _process_ms(*arguments: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "ui", *arguments], check=True, stdout=subprocess.DEVNULL)
    return _since(started)


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000


def _summary(times: Sequence[float]) -> dict[str, int]:
    ordered = sorted(times)
    return {
        "median": round(statistics.median(ordered)),
        "p95": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]),
    }


if __name__ == "__main__":
    main()
