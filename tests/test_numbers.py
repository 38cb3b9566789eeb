"""Figures have the values that their words and letters say."""

import time

import pytest

from index.numbers import figures, numbers_in


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("3k", "3000"),
        ("3m", "3000000"),
        ("3mn", "3000000"),
        ("3b", "3000000000"),
        ("3bn", "3000000000"),
        ("3tn", "3000000000000"),
        ("three hundred", "300"),
        ("three thousand", "3000"),
        ("3 million", "3000000"),
        ("3 billion", "3000000000"),
        ("3 trillion", "3000000000000"),
        ("3 hundred", "300"),
        ("a hundred", "100"),
        ("hundred and twelve", "112"),
        ("twenty nine", "29"),
        ("三十", "30"),
        ("三百", "300"),
        ("三千", "3000"),
        ("三万", "30000"),
        ("三亿", "300000000"),
    ],
)
def test_a_magnitude_is_what_it_says(written: str, value: str) -> None:
    (figure,) = figures(f"有 {written} 人")
    assert figure.values - {"3"} == {value}  # 3m may be three of a thing, too


@pytest.mark.parametrize(
    ("words", "first", "step"),
    [
        ("eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen", 11, 1),
        ("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10),
        ("third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth", 3, 1),
    ],
)
def test_every_english_numeral_is_what_it_says(words: str, first: int, step: int) -> None:
    for at, word in enumerate(words.split()):
        assert numbers_in(f"the {word} buyers") == {str(first + at * step)}


@pytest.mark.parametrize(("words", "parts"), [("five six", "5 6"), ("twenty six seven", "20 6 7")])
def test_numerals_in_a_row_prove_each_and_say_none(words: str, parts: str) -> None:
    (figure,) = figures(f"{words} people")
    assert (figure.values, figure.firm) == (frozenset(), False)
    assert figure.proves == set(parts.split())


def test_what_may_be_two_things_proves_both() -> None:
    assert figures("5m")[0].values == {"5", "5000000"}
    assert figures("9点半开会")[0].values == {"9", "t09:30"}
    assert figures("9点开会")[0].values == {"9", "t09:00"}
    assert numbers_in("5月0日") == {"--05", "0"}
    assert numbers_in("5月32日") == {"--05", "32"}


@pytest.mark.parametrize("text", ["型号A380", "7A380", "一二三", "一二三四五"])
def test_a_number_of_a_name_does_not_bind(text: str) -> None:
    assert not figures(text)[-1].firm


@pytest.mark.parametrize("text", ["US380", "RMB380", "二〇二六"])
def test_an_amount_and_a_year_bind(text: str) -> None:
    assert figures(text)[-1].firm


@pytest.mark.parametrize(
    ("word", "day"),
    [
        ("前日", "06-13"),
        ("前天", "06-13"),
        ("昨", "06-14"),
        ("今日", "06-15"),
        ("今天", "06-15"),
        ("明日", "06-16"),
        ("明天", "06-16"),
    ],
)
def test_a_day_is_told_from_that_of_the_issue(word: str, day: str) -> None:
    found = {each for each in numbers_in(f"{word}开幕", "2025-06-15") if each.startswith("--")}
    assert f"--{day}" in found
    assert not {each for each in found if each.startswith("--06-")} - {f"--{day}"}


@pytest.mark.parametrize(
    ("words", "firm"),
    [("三百", True), ("十八", True), ("十万人", True), ("十万火急", False), ("千万要来", False)],
)
def test_a_numeral_binds_where_it_counts(words: str, firm: bool) -> None:
    (figure,) = figures(words)
    assert figure.firm is firm


def test_a_long_run_of_numerals_takes_no_long_time() -> None:
    started = time.monotonic()
    assert set(numbers_in("二十一" * 700)) == {"21"}
    assert time.monotonic() - started < 2.0


def test_the_longest_numeral_is_one() -> None:
    nines = "九千九百九十九"
    assert set(numbers_in(f"{nines}万{nines}亿{nines}万{nines}")) == {"9" * 16}
