"""Retrieval is measured on test sets: sets are read, asked of every way, and counted."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from evals import retrieval_sets
from evals.intervals import interval
from evals.report import to_json, write_report
from evals.retrieval_sets import Extent, SearchSet, Sought, curve_of, load_set
from evals.retrieval_suite import ask_set, retrieval_metrics, ways
from evals.run import search_documents
from evals.sheets import sheet_of
from evals.types import RERANKED, WHOLE, RetrievalResult, RetrievalRow
from index.types import CorpusError
from rag.config import load_settings
from tests.embedders import BigramEmbedder

TEXTS = (
    "清江大桥昨日合龙，主跨四百二十米，明年底通车。过江时间由四十分钟缩短到五分钟。",
    "小微企业增值税留抵退税三个工作日到账，税务局在各镇设了辅导窗口。",
    "茶农抢采春茶，无人机给山上的茶园施肥，一天能飞六百亩。",
)


def written(folder: Path, **files: list[dict[str, Any]]) -> Path:
    for name, rows in files.items():
        with gzip.open(
            folder / f"{name.replace('_', '-', 1)}.jsonl.gz", "wt", encoding="utf-8"
        ) as out:
            out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return folder


def row(
    rank: int | None, name: str = "news", language: str = "zh", **other: int | None
) -> RetrievalRow:
    ranks = {WHOLE: rank, "dense alone": other.get("dense", rank)}
    return RetrievalRow(name, "问", "en" if language == "en" else "zh", "plain", ranks, 3.0)


# Reading the sets


def test_news_are_asked_about_among_others_without_the_near_misses(tmp_path: Path) -> None:
    data = written(
        tmp_path,
        news=[{"id": f"n{n}", "text": f"第{n}篇"} for n in range(9)],
        questions_test=[
            {"p": "n7", "l": "zh", "s": "plain", "q": "七？", "e": "第7篇"},
            {"p": "n7", "l": "en", "s": "keyword", "q": "seven", "e": "第7篇"},
            {"p": "n2", "l": "zh", "s": "no", "q": "没有"},
        ],
    )
    extent = Extent(documents=3)
    found = load_set(data, "news", extent)
    assert len(found.documents) == 3
    assert [each.question for each in found.questions] == ["七？", "seven"]
    assert [found.documents[min(each.right)] for each in found.questions] == ["第7篇"] * 2
    assert found == load_set(data, "news", extent), "the same every time"


def test_fewer_documents_than_are_asked_about_are_refused(tmp_path: Path) -> None:
    asked = [
        {"p": f"n{n}", "l": "zh", "s": "plain", "q": f"{n}？", "e": f"第{n}篇"} for n in (3, 7)
    ]
    data = written(
        tmp_path, news=[{"id": f"n{n}", "text": f"第{n}篇"} for n in range(9)], questions_test=asked
    )
    with pytest.raises(CorpusError, match="1 news documents are too few: 2 are asked about"):
        load_set(data, "news", Extent(documents=1))
    assert len(load_set(data, "news", Extent(documents=2)).documents) == 2
    (one,) = load_set(data, "news", Extent(documents=2, questions=1)).questions
    assert one.question in {"3？", "7？"}


def test_every_document_that_prints_the_evidence_is_right(tmp_path: Path) -> None:
    data = written(
        tmp_path,
        news=[{"id": "a", "text": "甲：票价五元。"}, {"id": "b", "text": "乙：票价五元。"},
              {"id": "c", "text": "票价六元。"}],
        questions_test=[{"p": "a", "l": "zh", "s": "plain", "q": "多少？", "e": "票价五元"}],
    )  # fmt: skip
    (asked,) = load_set(data, "news", Extent(documents=None)).questions
    texts = load_set(data, "news", Extent(documents=None)).documents
    assert {texts[number] for number in asked.right} == {"甲：票价五元。", "乙：票价五元。"}


def test_more_documents_hold_the_fewer_and_make_a_curve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrieval_sets, "CURVE", (1, 2, 4, 100))
    data = written(
        tmp_path,
        news=[{"id": f"n{n}", "text": f"第{n}篇"} for n in range(9)],
        questions_test=[{"p": "n7", "l": "zh", "s": "plain", "q": "七？", "e": "第7篇"}],
    )
    every = load_set(data, "news", Extent(documents=None))
    assert len(every.documents) == 9
    curve = list(curve_of(every))
    assert [(each.name, len(each.documents)) for each in curve] == [
        ("news-1", 1), ("news-2", 2), ("news-4", 4),
    ]  # fmt: skip
    assert all(list(every.documents[: len(e.documents)]) == list(e.documents) for e in curve)


def test_translations_are_looked_for_both_ways(tmp_path: Path) -> None:
    data = written(tmp_path, ntrex_test=[{"zh": "桥", "en": "bridge"}, {"zh": "茶", "en": "tea"}])
    chinese, english = load_set(data, "ntrex-zh"), load_set(data, "ntrex-en")
    assert chinese.name == "ntrex-zh"
    assert {(q.question, chinese.documents[min(q.right)]) for q in chinese.questions} == {
        ("桥", "bridge"), ("茶", "tea"),
    }  # fmt: skip
    assert {q.language for q in english.questions} == {"en"}


def test_an_unknown_set_is_refused() -> None:
    with pytest.raises(CorpusError, match=r"unknown set 'xquad'; choose from: news"):
        search_documents(load_settings(), names=["xquad"])


def test_a_page_of_the_web_is_right_where_the_set_says_so(tmp_path: Path) -> None:
    data = written(
        tmp_path, rgb_zh_refine=[{"query": "桥", "positive": ["甲", "乙"], "negative": ["丙"]}]
    )
    found = load_set(data, "rgb")
    assert {found.documents[n] for n in found.questions[0].right} == {"甲", "乙"}


def test_a_set_that_is_not_there_or_damaged_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"cmrc2018-dev.*--data"):
        load_set(tmp_path, "cmrc")
    (tmp_path / "drcd-test.jsonl.gz").write_bytes(b"not gzip")
    with pytest.raises(CorpusError, match="drcd-test"):
        load_set(tmp_path, "drcd")


# Asking


def test_every_question_is_asked_in_every_way(tmp_path: Path) -> None:
    questions = [
        Sought("清江大桥主跨多少米？", "zh", "plain", frozenset({0})),
        Sought("增值税留抵退税几天到账？", "zh", "plain", frozenset({1})),
        Sought("茶园施肥", "zh", "keywords", frozenset({0})),
    ]
    told: list[tuple[int, int]] = []
    rows = ask_set(
        SearchSet("news", TEXTS, questions),
        BigramEmbedder(),
        load_settings(index=tmp_path / "index"),
        lambda done, total: told.append((done, total)),
    )
    assert [each.ranks[WHOLE] for each in rows[:2]] == [1, 1]
    assert rows[2].ranks[WHOLE] != 1, "another document is about tea"
    assert all(set(each.ranks) == {*ways(), RERANKED} for each in rows)
    assert rows[0].ranks["characters alone"] == 1
    assert rows[0].ranks["translation alone"] is None, "there is nothing to translate"
    assert told == [(1, 3), (2, 3), (3, 3)]


# Counting


def test_figures_are_of_each_set_and_language_and_way() -> None:
    rows = [row(1), row(3, dense=1), row(None), row(2, language="en")]
    found = retrieval_metrics(rows)
    assert found["news.zh.recall_at_1"].value == pytest.approx(1 / 3)
    assert found["news.zh.recall_at_5"].value == pytest.approx(2 / 3)
    assert found["news.zh.mrr"].value == pytest.approx((1 + 1 / 3) / 3)
    assert found["news.zh.dense alone.recall_at_1"].value == pytest.approx(2 / 3)
    assert found["news.en.recall_at_1"].value == 0
    assert found["news.zh.recall_at_1"].n == 3
    assert retrieval_metrics([]) == {}


def test_an_interval_holds_the_share_and_narrows_with_more_questions() -> None:
    low, high = interval([True] * 60 + [False] * 40)
    assert low < 0.6 < high
    more_low, more_high = interval(([True] * 60 + [False] * 40) * 10)
    assert more_high - more_low < high - low
    assert interval([True] * 5) == (1.0, 1.0)


def test_the_report_shows_every_set_and_what_each_arm_brings(tmp_path: Path) -> None:
    rows = (row(1), row(2, dense=1), row(None, language="en"))
    result = RetrievalResult("retrieval", retrieval_metrics(rows), (), (), {}, rows)
    sheet = sheet_of(result)
    assert [line[0] for line in sheet.tables[0].rows] == [
        "news, Chinese",
        "news, English",
    ]
    assert ("dense alone", "1.000", "0.000") in sheet.tables[2].rows
    assert sheet.tables[1].rows[0][:3] == ("all", "Chinese", "0.500")
    assert [each.verdict for each in sheet.entries] == ["rank 1", "rank 2", "not found"]
    assert len(result.failures) == 2
    assert to_json(result)["rows"][1]["verdict"] == "rank 2"
    assert {path.name for path in write_report(result, tmp_path)} == {
        "report.json", "report.html", "report.md",
    }  # fmt: skip


def test_only_the_floors_of_the_sets_that_were_run_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evals.run.load_embedder", lambda _: BigramEmbedder())
    monkeypatch.setattr("evals.run.VECTORS", tmp_path / "vectors")
    monkeypatch.setattr("evals.run.FLOORS", tmp_path / "floors.toml")
    (tmp_path / "floors.toml").write_text(
        '[retrieval.at_least]\n"ntrex-zh.zh.mrr" = 0\n"news.zh.mrr" = 1\n'
    )
    data = written(tmp_path, ntrex_test=[{"zh": "桥", "en": "bridge"}])
    result = search_documents(load_settings(), data, names=["ntrex-zh"])
    assert not result.broken_floors
    (floor,) = sheet_of(result).tables[-1].rows
    assert (floor[0], floor[-1]) == ("ntrex-zh.zh.mrr", "yes")


def test_without_the_test_sets_all_of_them_are_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evals.run.DATA", tmp_path / "none")
    monkeypatch.setattr("evals.run.load_embedder", lambda _: BigramEmbedder())
    result = search_documents(load_settings())
    assert result.rows == ()
    assert set(result.skipped) == set(retrieval_sets.SETS)
    assert not result.broken_floors
    assert all(result.is_skipped(floor) for floor in result.floors)
    assert "Skipped" in sheet_of(result).about
