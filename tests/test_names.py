"""The newsroom's list of names, found in texts of either language."""

import re
from pathlib import Path

import pytest

from index.types import CorpusError
from rag.names import Names, load_names

NAMES = Names(
    (
        ("何犁红", "He Lihong"),
        ("国际商贸城", "International Trade City"),
        ("义乌国际商贸城", "Yiwu International Trade City"),
        ("国际商贸城", "Commodity City"),
    )
)


def test_the_longest_name_wins_and_its_other_rows_do_not_overlap() -> None:
    found = NAMES.find("Where in the Yiwu International Trade City does He Lihong sell?")
    assert found == [
        (("yiwu", "international", "trade", "city"), ("义乌国际商贸城",)),
        (("he", "lihong"), ("何犁红",)),
    ]


def test_case_hyphens_and_possessives_do_not_hide_a_name() -> None:
    assert NAMES.find("commodity-city's rules") == [(("commodity", "city"), ("国际商贸城",))]


def test_the_first_english_name_is_the_one_to_show() -> None:
    assert NAMES.english("国际商贸城") == "International Trade City"
    assert NAMES.english("没有") is None


def test_the_list_of_the_seed_pages_names_what_is_printed(seeds: Path) -> None:
    names = load_names(seeds / "names.tsv")
    pages = "".join(path.read_text("utf-8") for path in seeds.glob("*.txt"))
    printed = pages + re.sub(r"\s*\n\s*", "", pages)  # a column break may cut a name
    assert len({chinese for chinese, _ in names.pairs}) >= 60
    assert [chinese for chinese, _ in names.pairs if chinese not in printed] == []


def test_a_line_that_is_no_name_is_reported_with_its_number(tmp_path: Path) -> None:
    path = tmp_path / "names.tsv"
    path.write_text("chinese\tenglish\tkind\n何犁红 He Lihong\n", "utf-8")
    with pytest.raises(CorpusError, match="line 2"):
        load_names(path)


def test_no_list_is_an_empty_list(tmp_path: Path) -> None:
    assert load_names(tmp_path / "none.tsv").pairs == ()


def test_chinese_names_are_found_for_english_articles() -> None:
    assert NAMES.find_chinese("去义乌国际商贸城找何犁红") == [
        ("义乌国际商贸城", ("Yiwu International Trade City",)),
        ("何犁红", ("He Lihong",)),
    ]
    assert NAMES.find_chinese("") == []


def test_names_are_found_where_they_are_printed_in_either_script() -> None:
    text = "在義烏国际商贸城，何犁紅"
    assert NAMES.places(text) == [
        (1, 8, ("Yiwu International Trade City",)),
        (9, 12, ("He Lihong",)),
    ]
    assert text[1:8] == "義烏国际商贸城"


def test_the_list_says_which_names_are_of_persons(tmp_path: Path) -> None:
    path = tmp_path / "names.tsv"
    path.write_text("chinese\tenglish\tkind\n钱若水\tQian\tperson\n湖\tLake\tplace\n鱼\tFish\n")
    assert load_names(path).people == {"钱若水"}
