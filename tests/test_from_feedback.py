"""Feedback becomes cases only where the corpus proves it and readers agree."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from evals.cases import find_gold, load_cases
from evals.from_feedback import from_feedback, write_cases
from index.types import Article, CorpusError, Excerpt, Page, Span

TEXT = "展会\n\n三天里来了五万人。\n明年还要办。\n"
PAGE = Page("a.txt", TEXT, "utf-8", "0" * 64)
BODY = Span("a.txt", 4, len(TEXT))
ARTICLE = Article(
    "a-1", "a.txt", "展会", (), "", "", None, "news", True,
    Excerpt(TEXT[4:], (BODY,)), (Span("a.txt", 0, 2), BODY),
)  # fmt: skip
CORPUS: Any = SimpleNamespace(pages={"a.txt": PAGE}, articles={"a-1": ARTICLE})


def said(question: str, verdict: str = "up", quote: str = "三天里来了五万人。", **more: Any) -> str:
    start = max(TEXT.find(quote), 0)
    span = {"file": "a.txt", "start": start, "end": start + len(quote)}
    cited = [{"n": 1, "article": "a-1", "quote": quote, "spans": [span]}] if quote else []
    row = {
        "verdict": verdict, "reason": "", "note": "", "question": question, "language": "zh",
        "refused": not quote, "leans": False, "answer": quote, "citations": cited,
    }  # fmt: skip
    return json.dumps(row | more, ensure_ascii=False)


def file_of(folder: Path, *lines: str) -> Path:
    path = folder / "feedback.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_good_answer_is_a_case_that_the_loader_reads(tmp_path: Path) -> None:
    found = from_feedback(file_of(tmp_path, said("来了多少人？")), CORPUS)
    write_cases(found, tmp_path / "cases")
    (case,) = load_cases(tmp_path / "cases")
    gold = find_gold(case, CORPUS)
    assert gold is not None
    assert TEXT[gold.span.start : gold.span.end] == "三天里来了五万人。"
    assert case.facts == (("三天里来了五万人。",),)


def test_no_is_a_case_from_a_good_refusal_and_from_a_bad_answer(tmp_path: Path) -> None:
    path = file_of(
        tmp_path,
        said("门票多少钱？", quote=""),
        said("谁来开幕？", "down", reason="should have refused"),
    )
    found = from_feedback(path, CORPUS)
    assert [row["question"] for row in found.unanswerable] == ["门票多少钱？", "谁来开幕？"]
    assert all(row["file"] is None for row in found.unanswerable)


def test_other_complaints_are_listed_for_a_person(tmp_path: Path) -> None:
    path = file_of(tmp_path, said("来了多少人？", "down", reason="wrong figure", note="应为六万"))
    (row,) = from_feedback(path, CORPUS).to_complete
    assert row["why"] == "wrong figure"
    assert row["said"][0]["note"] == "应为六万"


def test_the_same_question_is_one_case(tmp_path: Path) -> None:
    found = from_feedback(file_of(tmp_path, said("来了多少人？"), said("来了多少人")), CORPUS)
    assert len(found.answerable) == 1
    assert found.repeated == 1


def test_readers_who_disagree_make_no_case(tmp_path: Path) -> None:
    path = file_of(
        tmp_path, said("来了多少人？"), said("来了多少人？", "down", reason="wrong sentence")
    )
    found = from_feedback(path, CORPUS)
    assert not found.answerable
    assert found.to_complete[0]["why"] == "readers disagree"


@pytest.mark.parametrize(
    "line",
    [
        said("来了多少人？", quote="来了六万人。"),
        said("来了多少人？", citations=[]),
        said("来了多少人？", citations=[{"quote": "x"}]),
        said("来了多少人？", citations=[7]),
        said(
            "来了多少人？",
            citations=[{"quote": "x", "spans": [{"file": "a", "start": 0, "end": float("inf")}]}],
        ),
        said("那人呢？", leans=True),
    ],
)
def test_what_proves_nothing_is_no_case(tmp_path: Path, line: str) -> None:
    found = from_feedback(file_of(tmp_path, line), CORPUS)
    assert not found.answerable
    assert len(found.to_complete) == 1


@pytest.mark.parametrize(
    "line",
    [
        '{"verdict": "up", "ques',
        "[]",
        "[" * 100_000,
        '{"verdict": "up", "question": 7}',
        said("？"),
        said("来了多少人？", language="fr"),
        said("来了多少人？", citations="none"),
    ],
)
def test_lines_that_are_no_feedback_are_counted_and_left(tmp_path: Path, line: str) -> None:
    found = from_feedback(file_of(tmp_path, line, said("来了多少人？")), CORPUS)
    assert found.unreadable == 1
    assert len(found.answerable) == 1


def test_a_quote_over_a_break_gives_its_longest_line(tmp_path: Path) -> None:
    quote = "三天里来了五万人。\n明年还要办。"
    found = from_feedback(file_of(tmp_path, said("来了多少人？", quote=quote)), CORPUS)
    assert found.answerable[0]["evidence"] == "三天里来了五万人。"


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot read the feedback"):
        from_feedback(tmp_path / "none.jsonl", CORPUS)


def test_the_report_counts_each_kind(tmp_path: Path) -> None:
    path = file_of(tmp_path, said("来了多少人？"), said("门票？", "down", reason="other"))
    write_cases(from_feedback(path, CORPUS), tmp_path / "out")
    report = (tmp_path / "out" / "report.md").read_text("utf-8")
    assert "- answerable: 1" in report
    assert "- 1 × other" in report
