"""Folding, cutting and sentences, on the text that people and files really hold."""

import jieba
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text import (
    bigrams,
    fold,
    is_traditional,
    sentences,
    simplify,
    to_traditional,
    tokens,
    words,
)

ZOO = [
    "", " ", "\u3000", "\r\n", "\u2028", "\ufeff题", "é", "e\u0301", "ﬁ", "ｆｕｌｌ　ｗｉｄｔｈ",
    "𠮷野家", "👩‍👩‍👧 家", "\u202eabc", "\x00", "\ud800", "ß", "İ", "龍臺灣", "①②③", "㈱", "½",
    "的" * 5000, "a" * 5000, "“”‘’「」『』", "1,234.5%",
]  # fmt: skip


@pytest.mark.parametrize("text", ZOO)
def test_any_text_is_cut_without_an_error_and_without_a_loss(text: str) -> None:
    assert "".join(text[start:end] for start, end in sentences(text)) == text
    folded = fold(text)
    assert "".join(words(folded)) == "".join(tokens(folded))
    assert all(bigrams(folded))


@given(st.text(st.characters(categories=["L", "N", "P", "Z", "S", "C"])))
def test_sentences_cover_any_text_in_order(text: str) -> None:
    assert "".join(text[start:end] for start, end in sentences(text)) == text


def test_traditional_and_full_width_forms_meet_the_simplified_page() -> None:
    assert fold("義烏國際商貿城 ＡＩ　５８０９２") == "义乌国际商贸城 ai 58092"
    assert simplify("ＡＩ") == "AI"


def test_thousands_separators_do_not_hide_a_number() -> None:
    assert tokens("58,092人次,增长4.7%") == ["58092", "人次", "增长", "4.7"]


def test_a_closing_quote_stays_with_its_sentence() -> None:
    text = "“没有路,我们就自己闯一条出来!”成为信念。他说:“好。”真的？！是。"
    assert [text[start:end] for start, end in sentences(text)] == [
        "“没有路,我们就自己闯一条出来!”",
        "成为信念。",
        "他说:“好。”",
        "真的？！",
        "是。",
    ]


def test_a_line_ends_a_sentence_and_a_decimal_point_does_not() -> None:
    text = "一条逆行之路\n增长4.7%。The fair closed. It grew."
    assert [text[start:end].strip() for start, end in sentences(text)] == [
        "一条逆行之路",
        "增长4.7%。",
        "The fair closed.",
        "It grew.",
    ]


def test_bigrams_overlap_within_a_run_and_never_across_punctuation() -> None:
    assert bigrams("采购商,来了") == ["采购", "购商", "来了"]
    assert bigrams("中x国") == ["中", "x", "国"]


def test_words_agree_with_jieba_on_a_news_sentence() -> None:
    sentence = "为期三天的展会共吸引专业采购商人次同比增长"
    ours, theirs = set(words(sentence)), set(jieba.cut(sentence, HMM=True))
    assert len(ours & theirs) >= 0.8 * len(ours | theirs)


@pytest.mark.parametrize("text", ["龍臺灣", "展會來了多少人", "他說：“開門”", "3.5億元"])
def test_traditional_text_is_known_by_its_characters(text: str) -> None:
    assert is_traditional(text)
    assert not is_traditional(simplify(text))


@pytest.mark.parametrize(
    "text", ["", "北京", "hello", "展会来了多少人", "乾隆皇帝著书立说", "皇后在后面"]
)
def test_text_in_characters_of_both_scripts_is_not_traditional(text: str) -> None:
    assert not is_traditional(text)


def test_simplified_text_becomes_that_of_taiwan() -> None:
    assert to_traditional("这里没有答案") == "這裡沒有答案"
