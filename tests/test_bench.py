"""The comparison with the peers goes on where it stopped, and marks what it did not measure."""

import gzip
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals import sizing
from evals.bench import __main__ as bench
from evals.bench import child, kinds, ours, runner, waits
from evals.bench.haystack import Haystack, haystack
from evals.bench.sheet import MARK, notes, tables, whole_mb, whole_s
from evals.bench.systems import PILOT, in_time
from tests.embedders import BigramEmbedder

TERMS = runner.Terms(threads=2, most_s=60)
BUILT = {
    "passages": 4_000, "embedded": 4_000, "pilot_s": 0.0, "embed_s": 90.0, "wall_s": 100.0,
    "cpu_s": 150.0, "peak_mb": 500.0, "bytes": 2**20,
}  # fmt: skip
ASKED = {
    "times_ms": [1.0, 2.0, 3.0, 4.0], "places": [1, None, 3, 1], "cpu_ms": 2.0, "peak_mb": 300.0,
    "languages": ["zh", "zh", "en", "en"],
    "load": [{"clients": n, "a_second": 10.0 * n, "failed": 0} for n in child.CLIENTS],
}  # fmt: skip


class Machine:
    """Runs nothing, answers as the child does, and counts what it was asked for."""

    def __init__(self, failing: str = "") -> None:
        self.failing = failing
        self.jobs: list[tuple[str, str]] = []

    def __call__(self, arguments: Sequence[str]) -> runner.Line:
        job: dict[str, Any] = {"stage": "command", "system": " ".join(arguments[:3])}
        if arguments[1] == "evals.bench.child":
            job = json.loads(arguments[2])
        self.jobs.append((job["system"], job["stage"]))
        if job["system"] == self.failing:
            raise runner.FailedRunError("no memory left")
        measured = BUILT if job["stage"] == "build" else ASKED
        return measured | {"process_s": float(len(self.jobs))}


@pytest.fixture
def hay(tmp_path: Path) -> Haystack:
    return Haystack(1_000, tmp_path / "documents.jsonl", "谁来了？")


def compared(
    tmp_path: Path, hay: Haystack, machine: Machine, *systems: str, terms: runner.Terms = TERMS
) -> tuple[list[runner.Line], list[str]]:
    told: list[str] = []
    lines = runner.compare(
        systems, [hay], terms, tmp_path / "work", tmp_path / "report", told.append, machine
    )
    return lines, told


def test_a_system_is_built_started_three_times_and_asked(tmp_path: Path, hay: Haystack) -> None:
    machine = Machine()
    lines, _ = compared(tmp_path, hay, machine, "bm25s")
    stages = [stage for _, stage in machine.jobs]
    assert stages == ["build", "first", "first", "first", "query"]
    assert [line["stage"] for line in lines] == ["build", "query"]
    assert lines[1]["cold_s"] == 3.0  # the middle one of 2, 3 and 4
    assert lines[0]["environment"]["packages"].keys() == {"bm25s"}


def test_what_was_measured_is_not_measured_again(tmp_path: Path, hay: Haystack) -> None:
    before, _ = compared(tmp_path, hay, Machine(), "bm25s")
    again = Machine()
    after, _ = compared(tmp_path, hay, again, "bm25s", "bm25s-jieba")
    assert {name for name, _ in again.jobs} == {"bm25s-jieba"}
    assert after[:2] == before


def test_other_terms_are_another_figure(tmp_path: Path, hay: Haystack) -> None:
    compared(tmp_path, hay, Machine(), "bm25s")
    again = Machine()
    compared(tmp_path, hay, again, "bm25s", terms=runner.Terms(threads=1, most_s=60))
    assert ("bm25s", "build") in again.jobs


def test_a_line_that_a_stop_cut_off_is_measured_again(tmp_path: Path, hay: Haystack) -> None:
    compared(tmp_path, hay, Machine(), "bm25s")
    path = tmp_path / "report" / runner.RESULTS
    path.write_text(path.read_text("utf-8")[:-10], "utf-8")
    again = Machine()
    lines, _ = compared(tmp_path, hay, again, "bm25s")
    assert ("bm25s", "query") in again.jobs
    assert ("bm25s", "build") not in again.jobs
    assert runner.read_lines(tmp_path / "report") == lines


def test_a_system_that_fails_is_told_of_and_the_others_go_on(tmp_path: Path, hay: Haystack) -> None:
    lines, told = compared(tmp_path, hay, Machine(failing="txtai"), "txtai", "bm25s")
    assert {line["system"] for line in lines} == {"bm25s"}
    assert any("txtai" in words and "no memory left" in words for words in told)


def test_answers_are_asked_of_the_index_of_the_search(tmp_path: Path, hay: Haystack) -> None:
    machine = Machine()
    compared(tmp_path, hay, machine, "wenbao-ask")
    assert machine.jobs == [*[("-m ui ask", "command")] * 3, ("wenbao-ask", "query")]


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no say in the cores here")
def test_every_process_gets_the_cores_of_the_terms() -> None:
    code = "import json, os; print(json.dumps({'cores': len(os.sched_getaffinity(0))}))"
    before = os.sched_getaffinity(0)
    assert runner.run_python(["-c", code], threads=1)["cores"] == 1
    assert os.sched_getaffinity(0) == before
    assert runner.run_python(["-c", code])["cores"] == len(before)


def test_the_terms_hold_for_a_command_too(
    tmp_path: Path, hay: Haystack, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, int] = {}

    def run_python(arguments: Sequence[str], threads: int = 0) -> runner.Line:
        given[arguments[1]] = threads
        return ASKED | {"process_s": 1.0}

    monkeypatch.setattr(runner, "run_python", run_python)
    runner.compare(["wenbao-ask"], [hay], TERMS, tmp_path, tmp_path / "report", print)
    assert given == {"ui": TERMS.threads, "evals.bench.child": TERMS.threads}


def test_the_memory_of_a_question_is_not_that_of_the_process_that_asks() -> None:
    held = b"x" * (400 << 20)
    assert 10 < waits._peak_mb("--help") < len(held) >> 20


def line(stage: str, system: str, size: int, **figures: object) -> runner.Line:
    return TERMS.key(stage, system, size) | (BUILT if stage == "build" else ASKED) | figures


def cells_of(lines: Sequence[runner.Line], system: str) -> list[str]:
    """Return the cells that tell what was measured of a system, in all tables."""
    rows = [row for table in tables(lines) for row in table.rows if row[1] == system]
    counts = {"4,000", "2"}  # passages, questions: no measurements
    return [cell for row in rows for cell in row[2:] if cell not in counts]


def test_every_figure_of_a_part_is_marked_and_no_other() -> None:
    lines = [
        line("build", "langchain", 1_000, embedded=1_000),
        line("query", "langchain", 1_000, cold_s=1.0),
        line("build", "bm25s", 1_000, embedded=0),
        line("query", "bm25s", 1_000, cold_s=1.0),
    ]
    part = cells_of(lines, "LangChain, 1000/200")
    assert part
    assert all(cell.startswith(MARK) for cell in part), part
    assert not any(MARK in cell for cell in cells_of(lines, "BM25, bm25s"))
    (note,) = notes(lines)
    assert "1,000 of 4,000 passages" in note


def test_only_the_time_of_embedding_grows_with_the_passages() -> None:
    part = line("build", "langchain", 1_000, embedded=1_000)
    assert whole_s(part) == 100 + 90 * 3
    assert whole_mb(part) == 4
    assert whole_s(line("build", "langchain", 1_000)) == 100
    assert whole_s(line("build", "bm25s", 1_000, embedded=0)) == 100


def test_known_items_are_counted_by_language_with_intervals() -> None:
    lines = [line("build", "bm25s", 1_000), line("query", "bm25s", 1_000, cold_s=1.0)]
    chinese, english = tables(lines)[3:]
    assert chinese.rows[0][3].startswith("0.500 (")
    assert english.rows[0][4].startswith("1.000 (")
    assert chinese.chart
    assert chinese.chart.lines == {"BM25, bm25s": [(1_000, 0.5)]}


def test_a_build_in_time_embeds_all_and_a_long_one_the_first() -> None:
    passages = list(range(1_000))
    now = [0.0]

    def embed(some: Sequence[int]) -> None:
        now[0] += len(some) * 0.5

    part, pilot_s = in_time(passages, embed, 10_000, lambda: now[0])
    assert list(part) == passages
    assert pilot_s == (8 + PILOT) * 0.5
    part, _ = in_time(passages, embed, 100, lambda: now[0])
    assert list(part) == passages[:200]
    assert in_time(passages[:PILOT], embed, 1, lambda: now[0]) == (passages[:PILOT], 0.0)


def test_no_question_is_asked_twice_and_failures_are_counted() -> None:
    asked: list[str] = []

    def search(question: str, k: int) -> list[int]:
        asked.append(question)
        if question == "l3":
            raise RuntimeError("already borrowed")
        return [7, 7, 5, 9][:k]

    right = [{"question": "q1", "language": "zh", "right": [5]},
             {"question": "q2", "language": "en", "right": [1]}]  # fmt: skip
    fresh = [f"w{n}" for n in range(child.WARM_UP)] + [f"l{n}" for n in range(4)]
    found = child.query(search, right, fresh)
    assert found["places"] == [2, None]  # a document that comes twice counts once
    assert len(asked) == len(set(asked)) == len(fresh) + 2
    assert [each["failed"] for each in found["load"]] == [1, 0, 0, 0, 0]
    assert child.peak_mb() > 10


def test_the_last_line_of_an_object_is_what_a_process_tells() -> None:
    assert child.last_line(["loading", '{"a": 1}', '{"a": 2}', "bye"]) == {"a": 2}
    assert child.last_line([]) == {}


def write_rows(data: Path, name: str, rows: Sequence[dict[str, Any]]) -> None:
    with gzip.open(data / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    news = [{"id": f"n{n}", "text": f"第{n}座大桥今天在{n}号河上合龙。"} for n in range(6)]
    write_rows(folder, "news", news)
    question = {"p": "n4", "l": "zh", "s": "plain", "q": "第4座大桥在哪里？", "e": "4号河上"}
    write_rows(folder, "questions-test", [question, question | {"s": "no", "q": "多少钱？"}])
    write_rows(folder, "questions-train", [question | {"q": "第2座大桥？"}])
    return folder


def test_wenbao_finds_the_document_in_the_haystack(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ours, "load_embedder", BigramEmbedder)
    made = haystack(data, 5, tmp_path / "work")
    kept = json.loads((made.documents.parent / "questions.json").read_text("utf-8"))
    assert [each["question"] for each in kept["asked"]] == ["第4座大桥在哪里？"]
    assert kept["others"] == ["第2座大桥？"]
    assert haystack(data, 5, tmp_path / "work") == made
    built = ours.build(made.documents, tmp_path, 60)
    assert built.passages == built.embedded == 5
    found = ours.load(tmp_path, made.documents)(made.question, 10)
    assert found[0] in kept["asked"][0]["right"]


def test_data_that_is_not_whole_is_told_in_a_sentence(data: Path, tmp_path: Path) -> None:
    (data / "questions-test.jsonl.gz").unlink()
    given = ["--report", str(tmp_path / "report"), "--work", str(tmp_path / "work")]
    with pytest.raises(SystemExit, match=r"questions-test\.jsonl\.gz: cannot be read"):
        bench.main(["peers", "--data", str(data), "--systems", "wenbao", *given])


def test_without_the_data_the_sizes_are_not_measured(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"news\.jsonl\.gz: cannot be read"):
        sizing.main(["--data", str(tmp_path)])


def test_without_the_data_the_peers_are_skipped_in_a_plain_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.main(["peers", "--data", str(tmp_path), "--report", str(tmp_path / "report")])
    assert "peers skipped" in capsys.readouterr().err
    assert not (tmp_path / "report").exists()


def test_the_report_has_the_tables_and_the_curves(tmp_path: Path) -> None:
    for size in (1_000, 10_000):
        runner.add_line(tmp_path, line("build", "bm25s", size))
        runner.add_line(tmp_path, line("query", "bm25s", size, cold_s=1.0))
    bench.write_report(tmp_path)
    written = (tmp_path / "report.md").read_text("utf-8")
    assert "## Building an index" in written
    assert "![R@1, Chinese questions](recall-zh.svg)" in written
    assert (tmp_path / "build-time.svg").read_text("utf-8").startswith("<svg")
    assert len(json.loads((tmp_path / "report.json").read_text("utf-8"))["lines"]) == 4


def test_synthetic_vectors_are_unit_vectors_and_the_same_again(tmp_path: Path) -> None:
    queries = kinds.draw(300, 5, tmp_path / "one.npy")
    again = kinds.draw(300, 5, tmp_path / "two.npy")
    vectors = np.load(tmp_path / "one.npy")
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(300), abs=1e-5)
    assert (vectors == np.load(tmp_path / "two.npy")).all()
    assert (queries == again).all()


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_every_kind_finds_the_neighbours(kind: str, tmp_path: Path) -> None:
    queries = kinds.draw(2_000, 10, tmp_path / "vectors.npy")
    found = kinds.measure(kind, np.load(tmp_path / "vectors.npy", mmap_mode="r"), queries)
    assert found["recall"] >= (1.0 if kind == "flat" else 0.8)
    assert kinds.table([found]).rows[0][1] == kinds.KINDS[kind][0]
