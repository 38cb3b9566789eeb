"""Names are found by their sound in every order people write, and typos by theirs."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.lexical import pair_codes
from index.text import bigrams
from rag.pinyin import Sounds, romanised, syllables
from tests.growth import grows_linearly

SOUNDS = Sounds(pair_codes(bigrams("何犁红和王洽清在西安说吕良伟去了义乌重庆银行的采购商那里")))
ENGLISH = frozenset({"he", "long", "can", "men", "women", "home", "said", "bank", "wang"})


@pytest.mark.parametrize(
    ("word", "cut"),
    [
        ("lihong", ("li", "hong")),
        ("yiwu", ("yi", "wu")),
        ("zhejiang", ("zhe", "jiang")),
        ("lv", ("lv",)),
        ("lyu", ("lv",)),
        ("lü", ("lv",)),
        ("buyer", ()),
        ("fair", ()),
        ("", ()),
    ],
)
def test_pinyin_is_cut_into_syllables(word: str, cut: tuple[str, ...]) -> None:
    assert syllables(word) == cut


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("What did He Lihong found?", [("何犁",), ("犁红",)]),
        ("What did Lihong He found?", [("何犁",), ("犁红",)]),
        ("What did HE Li-hong found?", [("何犁",), ("犁红",)]),
        ("He Li Hong's school", [("何犁",), ("犁红",)]),
        ("“lihong”", [("犁红",)]),
        ("wang qiaqing said", [("王洽",), ("洽清",)]),
        ("trains to Xi'an", [("西安",)]),
        ("trains to Xi’an", [("西安",)]),
        ("Lu Liangwei", [("吕良",), ("良伟",)]),
        ("Lyu Liangwei", [("吕良",), ("良伟",)]),
        ("Lv Liangwei", [("吕良",), ("良伟",)]),
        ("Chongqing", [("重庆",)]),
    ],
)
def test_a_name_in_pinyin_finds_what_is_printed(text: str, pairs: list[tuple[str, ...]]) -> None:
    assert pairs in SOUNDS.names(text, ENGLISH)


@pytest.mark.parametrize("text", ["L. H. He", "He L.H.", "H.L. Hong", ""])
def test_initials_stand_for_given_names(text: str) -> None:
    found = SOUNDS.names(text, ENGLISH)
    assert ([("何犁",), ("犁红",)] in found) == ("He" in text)


@pytest.mark.parametrize("text", ["he can go home", "women said", "The Bank", "long men", "fair"])
def test_english_words_are_no_names(text: str) -> None:
    assert SOUNDS.names(text, ENGLISH) == []


def test_a_name_that_is_not_printed_finds_nothing() -> None:
    assert SOUNDS.names("Zhang Wei", ENGLISH) == []


def test_what_sounds_alike_stands_in_for_a_typo() -> None:
    assert SOUNDS.homophones("彩购") == ("采购",)
    assert SOUNDS.homophones("采购") == ()
    assert SOUNDS.homophones("中青") == ("重庆",) or SOUNDS.homophones("中青") == ()


def test_a_chinese_name_is_romanised_for_english_articles() -> None:
    assert "yiwu" in romanised("义乌")
    assert {"nvhai", "nuhai"} <= set(romanised("女孩"))


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    SOUNDS.names(text, ENGLISH)


@pytest.mark.parametrize("unit", ["He Lihong ", "Lihong", "Li-", "he ", "L. H. "])
def test_time_grows_with_the_text_and_no_faster(unit: str) -> None:
    assert grows_linearly(lambda size: SOUNDS.names(unit * size, ENGLISH), 300)


@given(st.lists(st.sampled_from("何犁红和王洽清路"), unique=True, max_size=6), st.randoms())
def test_bigrams_of_two_groups_are_those_that_are_printed(firsts: list[str], rng: Random) -> None:
    seconds = rng.sample("何犁红和王洽清路", 5)
    printed = set(bigrams("何犁红和王洽清在西安说吕良伟去了义乌重庆银行的采购商那里"))
    expected = tuple(a + b for a in firsts for b in seconds if a + b in printed)
    assert SOUNDS.chained([firsts, seconds]) == ([expected] if expected else [])
