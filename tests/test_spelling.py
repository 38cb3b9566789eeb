"""English is found under any spelling, and in the table that knows one of them."""

import pytest

from rag.spelling import Word, american, base_forms, british, halves, latin_words
from rag.translation import Translator
from tests.growth import grows_linearly

TABLE = {
    "center": {"中心": 1.0},
    "organize": {"组织": 0.8, "举办": 0.2},
    "color": {"颜色": 1.0},
    "colour": {"色彩": 1.0},
    "border": {"边境": 1.0},
    "cross": {"跨": 1.0},
    "buyer": {"采购商": 0.7, "买家": 0.3},
    "commerce": {"商务": 1.0},
    "e": {"电子": 1.0},
    "usa": {"美国": 1.0},
    "us": {"我们": 1.0},
    "plan": {"计划": 1.0},
}
TRANSLATOR = Translator(TABLE)


@pytest.mark.parametrize(
    ("british", "spelled"),
    [
        ("centre", "center"), ("metres", "meters"), ("theatre", "theater"), ("colour", "color"),
        ("labour", "labor"), ("programme", "program"), ("organised", "organized"),
        ("globalisation", "globalization"), ("analyse", "analyze"), ("travelling", "traveling"),
        ("defence", "defense"), ("licence", "license"), ("catalogue", "catalog"),
        ("tyres", "tires"), ("judgement", "judgment"), ("grey", "gray"),
    ],
)  # fmt: skip
def test_british_and_american_meet(british: str, spelled: str) -> None:
    assert american(british) == american(spelled)


@pytest.mark.parametrize("word", ["buyer", "market", "railway", "hour", "four", "tree", "rise"])
def test_other_words_stay_as_they_are(word: str) -> None:
    assert american(word) == word or american(word) not in TABLE


@pytest.mark.parametrize(
    ("word", "chinese"),
    [
        ("centre", {"中心"}), ("organised", {"组织", "举办"}), ("organising", {"组织", "举办"}),
        ("colours", {"颜色", "色彩"}), ("buyers", {"采购商", "买家"}), ("planned", {"计划"}),
        ("unheard", set()),
    ],
)  # fmt: skip
def test_a_word_is_translated_under_any_form(word: str, chinese: set[str]) -> None:
    assert set(TRANSLATOR.chinese(word)) == chinese


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("crossborder", ["cross", "border"]),
        ("ecommerce", ["e", "commerce"]),
        ("buyers", ["buyers"]),
        ("zzzz", []),
    ],
)
def test_words_written_together_are_taken_apart(text: str, parts: list[str]) -> None:
    assert TRANSLATOR.parts(Word(text)) == parts


def test_an_acronym_is_not_the_word_of_its_letters() -> None:
    _, word = latin_words("the U.S.")
    assert TRANSLATOR.parts(word) == ["usa"]
    assert [w.text for w in latin_words("He told us about AI, e.g. cross-border e-commerce.")] == [
        "he", "told", "us", "about", "ai", "eg", "cross", "border", "e", "commerce",
    ]  # fmt: skip
    assert [w.text for w in latin_words("THE US AND CHINA") if w.acronym] == []
    assert latin_words("US关税") == [Word("us", acronym=True)]


def test_the_table_is_read_backwards_for_english_articles() -> None:
    assert TRANSLATOR.english("采购商") == {"buyer": 1.0}
    assert TRANSLATOR.english("没有") == {}


def test_forms_come_with_the_word_itself_first() -> None:
    assert next(base_forms("buyers")) == "buyers"
    assert ("cross", "border") in halves("crossborder")


@pytest.mark.parametrize("unit", ["cross-border ", "U.S.", "a", "ß "])
def test_time_grows_with_the_text_and_no_faster(unit: str) -> None:
    assert grows_linearly(lambda size: latin_words(unit * size), 1_000)


def test_what_is_written_otherwise_in_america_is_told_of_many_words() -> None:
    words = [
        "colour",
        "hour",
        "table",
        "tyre",
        "centre",
        "tire",
        "organisation",
        "exercise",
        "oestrus",
    ]
    changed = {word: american(word) for word in words if american(word) != word}
    assert changed.keys() >= {"colour", "tyre", "centre", "organisation", "oestrus"}
    assert dict(british(words)) == changed
