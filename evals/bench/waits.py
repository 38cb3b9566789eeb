"""Measures what a user waits for: cold start, and the time of an answer.

::

    python -m evals.bench waits

Cold: whole processes, from the shell to the printed answer, the index being built already.
Warm: every question of the evaluation cases, one after another, in one process. The first
pass reads each sentence for the first time; the second finds the sentences' vectors kept.
The encoder by itself: passages of 300 characters a second, cut from the pages, and the time of
one question. Memory: the most that the process of a cold question ever held, in MB.
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
from index.types import Embedder
from rag.answering import answerer_over
from rag.config import load_settings

COLD_RUNS = 3
PASSAGE_CHARS = 300
PASSAGES = 128
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
        peak_mb = _peak_mb("ask", QUESTION, "--json", "--index", str(built))
        helped = [_process_ms("--help") for _ in range(COLD_RUNS)]
        answerer = answerer_over(load_index(built), embedder, settings)
        questions = [case.question for case in load_cases(SUITES["seeds"]) if not case.session]
        pages = "".join(page.text for page in answerer.index.pages.values())
        passages_a_second = _passages_a_second(embedder, pages)
        encoded = _encode_ms(embedder, questions)
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
                "ask_peak_mb": round(peak_mb),
                "passages_a_second": round(passages_a_second, 1),
                "question_encode_ms": _summary(encoded),
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


def _peak_mb(*arguments: str) -> float:
    """Return what :func:`evals.bench.child.peak_mb` tells at the end of a process."""
    code = (
        "import runpy, sys\n"
        "sys.argv[0] = 'wenbao'\n"
        "try:\n"
        "    runpy.run_module('ui', run_name='__main__')\n"
        "finally:\n"
        "    from evals.bench.child import peak_mb\n"
        "    print(peak_mb(), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], check=True, capture_output=True, text=True
    )
    return float(done.stderr.split()[-1])


def _passages_a_second(embedder: Embedder, text: str) -> float:
    """Return how many passages cut from ``text`` are encoded in a second."""
    starts = range(0, len(text) - PASSAGE_CHARS, PASSAGE_CHARS)
    passages = [text[start : start + PASSAGE_CHARS] for start in starts][:PASSAGES]
    embedder.encode_passages(passages[:4])
    started = time.perf_counter()
    embedder.encode_passages(passages)
    return len(passages) / _since(started) * 1000


def _encode_ms(embedder: Embedder, questions: Sequence[str]) -> list[float]:
    times = []
    for question in questions:
        started = time.perf_counter()
        embedder.encode_questions([question])
        times.append(_since(started))
    return times


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000


def _summary(times: Sequence[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "median": round(statistics.median(ordered), 1),
        "p95": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 1),
    }


if __name__ == "__main__":
    main()
