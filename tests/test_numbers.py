"""Figures have the values that their words and letters say."""

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
