"""Names across scripts: the newsroom's list, and pinyin in the orders people write."""

from pathlib import Path

import pytest

from index.types import CorpusError
from rag.names import Names, load_names, pinyin_bigrams, spelled_names, syllables

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
    printed = "".join(path.read_text("utf-8") for path in seeds.glob("*.txt"))
    assert len({chinese for chinese, _ in names.pairs}) >= 60
    assert [chinese for chinese, _ in names.pairs if chinese not in printed] == []


def test_a_line_that_is_no_name_is_reported_with_its_number(tmp_path: Path) -> None:
    path = tmp_path / "names.tsv"
    path.write_text("chinese\tenglish\tkind\n何犁红 He Lihong\n", "utf-8")
    with pytest.raises(CorpusError, match="line 2"):
        load_names(path)


def test_no_list_is_an_empty_list(tmp_path: Path) -> None:
    assert load_names(tmp_path / "none.tsv").pairs == ()


@pytest.mark.parametrize(
    ("word", "cut"),
    [
        ("lihong", ("li", "hong")),
        ("yiwu", ("yi", "wu")),
        ("zhejiang", ("zhe", "jiang")),
        ("lv", ("lv",)),
        ("buyer", ()),
        ("fair", ()),
        ("", ()),
    ],
)
def test_pinyin_is_cut_into_syllables(word: str, cut: tuple[str, ...]) -> None:
    assert syllables(word) == cut


def test_a_name_is_found_with_the_surname_first_or_last() -> None:
    wanted = (("he", "li"), ("li", "hong"))
    assert wanted in spelled_names(["He", "Lihong"])
    assert wanted in spelled_names(["Lihong", "He"])
    assert spelled_names(["Fair", "Lihong"]) == []


def test_bigrams_of_the_index_are_found_by_every_reading() -> None:
    sounds = pinyin_bigrams(["犁红", "重庆", "银行", "abc"])
    assert sounds["li", "hong"] == ("犁红",)
    assert sounds["chong", "qing"] == sounds["zhong", "qing"] == ("重庆",)
