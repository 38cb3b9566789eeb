"""What articles explain in brackets is known, and short names find their full ones."""

import json
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.build import build_index
from index.explained import explained_in, is_short_for
from index.index import Index
from index.store import load_index
from rag.abbreviations import expansions, full_names, holding, short_names
from rag.mined_names import MinedNames, mined_names
from rag.names import Names
from rag.terms import Analyst
from tests.embedders import BigramEmbedder
from tests.growth import grows_linearly

TEXT = (
    "世界卫生组织（WHO）昨日表示，全球数字贸易中心（以下简称“数贸中心”）在义乌开业。"
    "首席执行官丹·舒尔曼（Dan Schulman）到场。电商平台Shopee（虾皮）参展。（记者 王五）"
)


def mine_names(texts: Iterable[str]) -> MinedNames:
    return mined_names(each for text in texts for each in explained_in(text))


def test_names_in_brackets_are_known_in_both_languages() -> None:
    found = mine_names([TEXT])
    assert found.acronyms["WHO"] == ("世界卫生组织",)
    assert found.english["dan schulman"] == ("丹·舒尔曼",)
    assert found.english["shopee"] == ("虾皮",)
    assert found.short["数贸中心"] == ("全球数字贸易中心",) or "数字贸易中心" in str(found.short)


def test_a_name_begins_where_most_places_agree() -> None:
    found = mine_names(
        ["他在浙江大学（ZJU）读书。", "她从浙江大学（ZJU）毕业。", "杭州浙江大学（ZJU）开学。"]
    )
    assert found.acronyms["ZJU"] == ("浙江大学",)


def test_a_short_name_takes_characters_in_order() -> None:
    assert is_short_for("数贸中心", "全球数字贸易中心")
    assert not is_short_for("中数", "数字中心")
    assert not is_short_for("数字", "数字中心")


def test_a_short_name_of_the_question_finds_the_full_one() -> None:
    assert "数贸中心" in set(short_names("数贸中心什么时候开业"))
    assert full_names("数贸中心", ["数字贸易中心已经开业"]) == ["数字贸易中心"]
    assert full_names("数贸中心", ["没有这样的地方"]) == []


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder: Path = tmp_path_factory.mktemp("names")
    english = "The mayor of Yiwu opened the railway bridge on Monday. Buyers welcomed it."
    rows = [{"text": text} for text in (TEXT, "采购商在银行门口排队等候开门。", english)]
    (folder / "a.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    build_index([folder / "a.jsonl"], folder / "index", BigramEmbedder())
    return load_index(folder / "index")


@pytest.fixture(scope="module")
def analyst(index: Index) -> Analyst:
    table = {"buyer": {"采购商": 1.0}, "railway": {"铁路": 1.0}, "bridge": {"大桥": 1.0}}
    return Analyst(index, Names((("王五", "Wang Wu"),)), table)


def arms(analyst: Analyst, question: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for term in analyst.terms(question):
        found.setdefault(term.arm, set()).update(term.forms)
    return found


def test_an_acronym_looks_for_its_chinese_name(analyst: Analyst) -> None:
    assert "卫生" in arms(analyst, "What did the WHO say?")["names"]
    assert "names" not in arms(analyst, "who said it?")


def test_a_short_name_looks_for_the_full_one_besides(analyst: Analyst) -> None:
    assert "贸易" in arms(analyst, "数贸中心在哪里？")["abbreviations"]


def test_a_typo_looks_for_what_sounds_alike_only_where_nothing_is_printed(
    analyst: Analyst,
) -> None:
    assert "采购" in arms(analyst, "彩购商排队")["typos"]
    assert "typos" not in arms(analyst, "采购商排队")


def test_a_chinese_question_looks_for_english_words_in_a_mixed_corpus(analyst: Analyst) -> None:
    found = arms(analyst, "采购商怎么看铁路大桥？")
    assert {"railway", "bridge"} <= found["translation"]
    assert "yiwu" in arms(analyst, "义乌市长")["pinyin"]


def test_expansions_come_by_the_name_that_has_them(index: Index) -> None:
    texts_with = partial(holding, index=index)
    assert expansions("数贸中心", texts_with, {"数贸中心": ["全球数字贸易中心"]}) == {
        "数贸中心": ["全球数字贸易中心"]
    }
    assert expansions("", texts_with, {}) == {}


@given(st.text(max_size=200))
def test_any_text_is_mined(text: str) -> None:
    mine_names([text])
    list(short_names(text))


@pytest.mark.parametrize("unit", ["世界（WHO）", "（", "(A", "“以下简称”（", "数贸中"])
def test_time_grows_with_the_text_and_no_faster(unit: str) -> None:
    assert grows_linearly(lambda size: mine_names([unit * size]), 500)
