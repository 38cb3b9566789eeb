"""Answers are measured on test sets: what is quoted, what is refused, how far to trust it."""

import math
from pathlib import Path

import pytest

from evals.answer_sets import ANSWER_SETS, AnswerSet, Wanted, load_answer_set
from evals.answer_suite import _says, answer_metrics, answer_set
from evals.calibrate import ANSWERABLE, with_prior
from evals.calibration import expected_calibration_error, reliability
from evals.report import to_json, write_report
from evals.retrieval_sets import Extent
from evals.run import ask_documents
from evals.sheets import sheet_of
from evals.types import AnswerRow, AnswersResult
from index.embedding import load_embedder
from index.types import CorpusError
from rag.config import load_settings
from rag.extractive import Logistic
from tests.embedders import BigramEmbedder
from tests.test_retrieval_suite import TEXTS, written

RGB = {
    "query": "大桥多长？", "answer": ["四百二十米"], "positive": ["主跨四百二十米。"] * 4,
    "negative": ["大桥在清江上。"] * 9,
}  # fmt: skip


def row(*, gold: bool = True, refused: bool = False, found: bool = True) -> AnswerRow:
    return AnswerRow(
        set="news", question="问", language="zh", style="plain", gold=(("三天",),) if gold else (),
        answer="", refused=refused, confidence=0.9, facts_found=(found,) if gold else (),
        citations_right=() if refused else (found,), sentences=0 if refused else 2, elapsed_ms=2.0,
    )  # fmt: skip


def test_passages_of_rgb_are_mixed_with_as_much_noise_as_is_asked_for(tmp_path: Path) -> None:
    data = written(tmp_path, rgb_zh_refine=[RGB])
    for name, good in (("rgb-noise-0.0", 4), ("rgb-noise-0.4", 3), ("rgb-noise-0.8", 1)):
        found = load_answer_set(data, name, Extent())
        (passages,) = found.files.values()
        assert sum("四百" in text for text in passages) == good
        assert found.questions[0].gold == (("四百二十米",),)
    without = load_answer_set(data, "rgb-negative", Extent())
    assert len(without.files["000.jsonl"]) == 5
    assert not without.questions[0].answerable


def test_near_misses_of_the_news_have_no_answer(tmp_path: Path) -> None:
    asked = [
        {"p": "n1", "l": "zh", "s": "plain", "q": "一？", "e": "第一篇"},
        {"p": "n1", "l": "en", "s": "no", "q": "two?", "e": ""},
    ]
    data = written(tmp_path, news=[{"id": "n1", "text": "第一篇"}], questions_test=asked)
    found = load_answer_set(data, "news", Extent())
    assert [(each.style, each.answerable) for each in found.questions] == [
        ("plain", True), ("near-miss", False),
    ]  # fmt: skip


def test_news_are_asked_no_more_of_either_kind_than_is_asked_for(tmp_path: Path) -> None:
    asked = [
        {"p": "n1", "l": language, "s": style, "q": f"{language} {style} {n}", "e": "第一篇"}
        for n in range(5)
        for language in ("zh", "en")
        for style in ("plain", "no")
    ]
    data = written(tmp_path, news=[{"id": "n1", "text": "第一篇"}], questions_test=asked)
    found = load_answer_set(data, "news", Extent(questions=3)).questions
    for language in ("zh", "en"):
        assert sum(each.language == language and each.answerable for each in found) == 3
        assert sum(each.language == language and not each.answerable for each in found) == 3
    every = load_answer_set(data, "news", Extent(questions=5)).questions
    assert [each.question for each in every] == [row["q"] for row in asked]


@pytest.mark.parametrize(
    ("quote", "spellings", "said"),
    [
        ("灯会2018年开幕，18日闭幕。", ["8"], False),
        ("灯会共设 8 个展位。", ["八", "8"], True),
        ("共有58,092人次参观。", ["58092"], True),
        ("She said so.", ["AI"], False),
        ("大桥", ["清江大桥"], False),
        ("清江大桥昨日合龙。", ["清江大桥昨日合龙。明年底通车。"], True),
    ],
)
def test_a_quote_states_a_figure_whole_and_may_be_a_part_of_long_evidence(
    quote: str, spellings: list[str], said: bool
) -> None:
    assert _says([quote], spellings) is said


@pytest.mark.slow
def test_answers_are_quoted_from_the_right_document_and_the_rest_refused() -> None:
    asked = AnswerSet(
        "news",
        {"000.jsonl": TEXTS[:2], "001.jsonl": TEXTS[2:]},
        [
            Wanted("清江大桥什么时候通车？", "zh", "plain", (("明年底",),), 0, "000.jsonl"),
            Wanted("清江大桥什么时候通车？", "zh", "plain", (), None, "001.jsonl"),
        ],
    )
    answered, refused = answer_set(asked, load_embedder(), load_settings())
    assert answered.verdict == "right"
    assert answered.citations_right == (True,)
    assert refused.verdict == "refused", "its file holds nothing about a bridge"


def test_figures_tell_answers_refusals_and_citations_apart() -> None:
    rows = [
        row(), row(found=False), row(refused=True, found=False),
        row(gold=False, refused=True), row(gold=False),
    ]  # fmt: skip
    found = {name: round(each.value, 3) for name, each in answer_metrics(rows).items()}
    assert found["news.zh.answer_holds"] == 0.333
    assert found["news.zh.false_refusal"] == 0.333
    assert found["news.zh.refusal"] == 0.5
    assert found["news.zh.sentences"] == 2.0
    assert found["news.zh.citation_precision"] == 0.5
    assert found["news.zh.calibration_error"] == pytest.approx(0.3)
    assert [each.verdict for each in rows] == [
        "right", "missing fact", "false refusal", "refused", "not refused",
    ]  # fmt: skip


def test_a_confidence_is_right_as_often_as_it_says_or_it_errs() -> None:
    assert expected_calibration_error([0.75] * 4, [True, True, True, False]) == 0.0
    assert expected_calibration_error([0.95] * 4, [False] * 4) == pytest.approx(0.95)
    assert expected_calibration_error([], []) == 0.0
    (low, high) = reliability([0.05, 1.0], [False, True])
    assert (low.low, high.high, high.n) == (0.0, 1.0, 1)
    assert expected_calibration_error([0.75, 0.75], [True, False], [3.0, 1.0]) == 0.0


def test_a_confidence_is_that_of_questions_most_of_which_have_an_answer() -> None:
    rare = Logistic(0.0, {"cosine": 2.0})  # fitted where one in five has an answer
    common = with_prior(rare, [True, False, False, False, False])
    assert common.weights == rare.weights
    assert common.intercept == pytest.approx(math.log(ANSWERABLE / (1 - ANSWERABLE) * 4), abs=1e-4)
    assert with_prior(rare, [True, True, False]).intercept == 0.0


def test_the_report_shows_each_set_and_how_far_its_confidence_holds(tmp_path: Path) -> None:
    rows = (row(), row(gold=False))
    result = AnswersResult("answers", answer_metrics(rows), (), (), {"model": "bundled"}, rows=rows)
    write_report(result, tmp_path)
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "news, Chinese | 2 | 1.000" in text
    assert "Confidence, news" in text
    assert [each["verdict"] for each in to_json(result)["rows"]] == ["right", "not refused"]


def test_an_unknown_set_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(CorpusError, match="choose from: news, cmrc"):
        ask_documents(load_settings(), names=("squad",))


def test_without_the_data_every_set_is_skipped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("evals.run.DATA", tmp_path / "none")
    result = ask_documents(load_settings())
    assert set(result.skipped) == set(ANSWER_SETS)
    assert not result.rows
    assert not result.broken_floors
    assert all(result.is_skipped(floor) for floor in result.floors)


def test_only_the_floors_of_the_sets_that_were_run_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evals.run.load_embedder", lambda _: BigramEmbedder())
    monkeypatch.setattr("evals.run.VECTORS", tmp_path / "vectors")
    monkeypatch.setattr("evals.run.FLOORS", tmp_path / "floors.toml")
    (tmp_path / "floors.toml").write_text(
        '[answers.at_least]\n"rgb-negative.zh.refusal" = 0\n"news.zh.refusal" = 1\n'
    )
    data = written(tmp_path, rgb_zh_refine=[RGB])
    result = ask_documents(load_settings(), data, names=("rgb-negative",))
    assert not result.broken_floors
    (row,) = sheet_of(result).tables[-1].rows
    assert (row[0], row[-1]) == ("rgb-negative.zh.refusal", "yes")
