"""Two reports are compared row by row: what got better, what got worse, which figures moved."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evals.compare import Comparison, compare, load_report
from evals.report import to_json, write_report
from evals.run import ask_cases
from evals.types import Figure, PageRow, RetrievalResult, RetrievalRow
from index.types import CorpusError
from tests.test_evals import CASES, TOLD, Answerer, case, pages_result, result
from ui.evaluation import print_difference

ASKED = "来了多少采购商？"
BAD = replace(TOLD, n=2, quote=replace(TOLD.quote, text="不在原文里"))
FULL = {ASKED: TOLD, "How many buyers came?": TOLD}


def report(quotes: Mapping[str, Any], *more: Any) -> dict[str, Any]:
    return to_json(result(ask_cases(Answerer(quotes), [*CASES, *more])))


def difference(old: Mapping[str, Any], new: Mapping[str, Any], *more: Any) -> Comparison:
    return compare(report(old, *more), report(new, *more))


def test_a_question_that_is_answered_now_is_better() -> None:
    found = difference({ASKED: TOLD}, FULL)
    (change,) = found.better
    assert (change.row, change.old, change.new) == ("fair-en", "false refusal", "right")
    assert change.question == "How many buyers came?"
    assert (found.worse, found.same) == ((), 2)


def test_the_gravest_loss_comes_first() -> None:
    found = difference(FULL, {"How many buyers came?": BAD})
    assert [(each.row, each.new) for each in found.worse] == [
        ("fair-en", "unproved"),
        ("fair-zh", "false refusal"),
    ]
    assert found.better == ()


def test_figures_that_moved_are_told_with_their_counts() -> None:
    deltas = {each.metric: each for each in difference({ASKED: TOLD}, FULL).deltas}
    moved = deltas["en.answer_facts"]
    assert (moved.old, moved.new, moved.change) == (("0.000", "1"), ("1.000", "1"), 1.0)
    assert "zh.answer_facts" not in deltas  # did not move
    assert not any("latency" in name for name in deltas)


def test_rows_of_one_report_alone_are_named_and_change_the_counts() -> None:
    old, new = report({}), report({}, case("extra", "几天？"))
    found = compare(old, new)
    assert (found.gone, found.added, found.same) == ((), ("extra",), 3)
    assert compare(new, old).gone == ("extra",)
    counts = {each.metric: (each.old[1], each.new[1]) for each in found.deltas}
    assert counts["zh.false_refusal"] == ("1", "2")


def test_a_report_does_not_differ_from_itself() -> None:
    same = difference(FULL, FULL)
    assert (same.better, same.worse, same.deltas, same.settings) == ((), (), (), ())
    assert same.same == len(CASES)


def test_what_was_measured_is_told_where_it_differs() -> None:
    old, new = report({}), report({})
    old["environment"], new["environment"] = {"model": "a", "cases": 3}, {"model": "b", "cases": 3}
    assert compare(old, new).settings == (("model", "a → b"),)


def test_a_figure_of_one_report_alone_has_no_change() -> None:
    old, new = report({}), report({})
    new["metrics"]["zh.new"] = {"value": 0.5, "n": 4}
    (delta,) = compare(old, new).deltas
    assert (delta.old, delta.new, delta.change) == (("–", "0"), ("0.500", "4"), None)


def test_pages_compare_by_their_faults() -> None:
    row = PageRow("a", "seeds", 2, 1, ("line 1", "line 2"), 1.0)
    old = to_json(pages_result(row, metrics={"seeds.article_f1": Figure(0.5, 2)}))
    new = to_json(pages_result(replace(row, faults=("line 1",))))
    (change,) = compare(old, new).better
    assert (change.row, change.old, change.new) == ("a", "1 of 2, 2 faults", "1 of 2, 1 faults")


def test_retrieval_compares_by_rank_and_tells_equal_questions_apart() -> None:
    def searched(*ranks: int | None) -> dict[str, Any]:
        rows = [RetrievalRow("news", "谁？", "zh", "plain", {"whole": at}, 1.0) for at in ranks]
        return to_json(RetrievalResult("retrieval", {}, (), (), {}, tuple(rows)))

    found = compare(searched(3, None), searched(1, None))
    assert [(each.row, each.new) for each in found.better] == [("news: 谁？", "rank 1")]
    (worse,) = compare(searched(1, 2), searched(1, None)).worse
    assert worse.row == "news: 谁？ (2)"


def test_a_written_report_is_read_from_its_folder_or_its_file(tmp_path: Path) -> None:
    write_report(result(ask_cases(Answerer(FULL), CASES)), tmp_path)
    assert load_report(tmp_path) == load_report(tmp_path / "report.json")
    assert str(Path.home()) not in (tmp_path / "report.json").read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (None, "cannot read the report"),
        ("<!doctype html>", r"not report\.html"),
        ("[]", "no JSON object"),
        ("{}", '"suite" is missing'),
        ('{"suite": "seeds", "metrics": {"a": 1}, "rows": []}', '"metrics" must hold'),
        ('{"suite": "seeds", "metrics": {}, "rows": [{}]}', '"rows" must hold'),
    ],
)
def test_what_is_no_report_is_named_with_a_remedy(
    tmp_path: Path, text: str | None, what: str
) -> None:
    if text is not None:
        (tmp_path / "report.json").write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError, match=what) as error:
        load_report(tmp_path)
    assert str(error.value).startswith(str(tmp_path / "report.json"))
    assert "\n" not in str(error.value)


def test_reports_of_two_suites_are_not_compared() -> None:
    with pytest.raises(CorpusError, match="different suites, 'pages' and 'seeds'"):
        compare(to_json(pages_result()), report({}))


def test_the_difference_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, quotes in (("old", {ASKED: TOLD}), ("new", FULL)):
        write_report(result(ask_cases(Answerer(quotes), CASES)), tmp_path / name)
    print_difference(tmp_path / "old", tmp_path / "new")
    said = capsys.readouterr().out
    assert "better: 1 row\n  fair-en: false refusal → right  How many buyers came?" in said
    assert "worse: 0 rows" in said
    assert "en.answer_facts" in said
    assert "+1.000" in said
    print_difference(tmp_path / "new", tmp_path / "new")
    assert "no figure changed" in capsys.readouterr().out
