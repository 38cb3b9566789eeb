"""Word by word: names first, figures converted, the rest from the dictionary."""

import gzip
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.glossary import joined, load_glossary
from index.training.glosses import glosses as table_of
from index.training.glosses import short_gloss, tone_marked, write_glosses
from index.types import CorpusError
from rag.gloss import glosses
from rag.names import Names

NAMES = Names((("湖心岛", "Lake Heart Isle"), ("同比", "yoy"), ("第3届茶会", "Third Tea Fair")))


def told(text: str, names: Names = NAMES) -> dict[str, tuple[str, str]]:
    return {text[g.start : g.end]: (g.pinyin, g.english) for g in glosses(text, names)}


def test_words_have_pinyin_with_tones_and_the_first_senses() -> None:
    found = told("银行支持女儿。")
    assert found["银行"] == ("yínháng", "bank")
    assert found["女儿"] == ("nǚ'ér", "daughter")
    assert "。" not in found


def test_a_name_of_the_list_has_its_english_whatever_its_parts_mean() -> None:
    assert told("湖心岛银行") == {
        "湖心岛": ("húxīndǎo", "Lake Heart Isle"),
        "银行": ("yínháng", "bank"),
    }


def test_a_figure_has_its_conversion() -> None:
    assert told("成交1.5亿元")["1.5亿元"] == ("", "CNY 150 million")


def test_of_a_figure_and_a_name_that_overlap_the_longer_one_counts() -> None:
    assert set(told("同比增长5%")) == {"同比增长5%"}
    assert set(told("第3届茶会")) == {"第3届茶会"}


def test_a_word_that_the_dictionary_lacks_is_told_by_its_parts() -> None:
    found = told("银行女儿国", Names(()))
    assert all(english for _, english in found.values())
    assert "".join(found) == "银行女儿国"


def test_traditional_characters_are_read_as_simplified_ones() -> None:
    assert told("銀行")["銀行"] == ("yínháng", "bank")


def test_a_long_quote_takes_few_milliseconds() -> None:
    text = "省里的银行支持湖心岛的茶农，贷款1.5亿元，同比增长5%，三百二十户受益。" * 6
    glosses(text, NAMES)
    times = []
    for _ in range(5):
        started = time.perf_counter()
        glosses(text, NAMES)
        times.append(time.perf_counter() - started)
    assert min(times) < 0.05  # 0.004 s; a loaded machine takes longer


@given(st.text(alphabet="銀银行女儿同比增长5%第3届茶会湖心岛 ，aé…亿元\n"))
def test_glosses_stand_in_order_and_cover_every_chinese_character_once(text: str) -> None:
    covered = [at for gloss in glosses(text, NAMES) for at in range(gloss.start, gloss.end)]
    assert covered == sorted(set(covered))
    assert {at for at, char in enumerate(text) if char in "银行女儿"} <= set(covered)


@given(st.text(st.characters(categories=["L", "N", "P", "Z", "S", "C"])))
def test_any_character_may_stand_in_the_quote(text: str) -> None:
    for gloss in glosses(text, NAMES):
        assert 0 <= gloss.start < gloss.end <= len(text)


# How the table is made


def test_numbered_syllables_become_one_word_with_tone_marks() -> None:
    assert tone_marked("nu:3 er2") == "nǚ'ér"
    assert tone_marked("Bei3 jing1") == "Běijīng"
    assert tone_marked("de5") == "de"
    assert joined(["xī", "ān"]) == "xī'ān"


def test_a_gloss_holds_the_first_senses_without_remarks_and_links() -> None:
    assert short_gloss(["CL:個|个[ge4]", "bank (finance)", "shore"]) == "bank; shore"
    assert short_gloss(["county in Jinhua 金華|金华[Jin1 hua2], Zhejiang"]) == (
        "county in Jinhua, Zhejiang"
    )
    assert short_gloss(["variant of 金[jin1]"]) == ""
    assert short_gloss(["(completed action marker)"]) == "(completed action marker)"


def test_the_usual_reading_wins_and_comes_back_from_the_file(tmp_path: Path) -> None:
    def entry(word: str, pinyin: str, *senses: str) -> dict[str, object]:
        return {"simplified": word, "pinyin": pinyin, "definitions": list(senses)}

    found = table_of(
        [
            entry("都", "Du1", "surname Du"),
            entry("都", "dou1", "all"),
            entry("市", "shi4", "city"),
            entry("都市", "du1 shi4", "metropolis"),
            entry("市市", "shi4 shi4", "cities"),
        ]
    )
    write_glosses(found, tmp_path / "glosses.tsv.gz")
    read = load_glossary.__wrapped__(tmp_path / "glosses.tsv.gz")
    assert (read.pinyin("都"), read.gloss("都")) == ("dōu", "all")
    assert (read.pinyin("都市"), read.gloss("都市")) == ("dūshì", "metropolis")
    assert read.pinyin("市市") == "shìshì"
    assert read.lines["市市"].startswith("\t")  # what its characters say is not stored
    assert "都" in read
    assert "省" not in read


def test_a_damaged_table_says_which_file_to_restore(tmp_path: Path) -> None:
    path = tmp_path / "glosses.tsv.gz"
    path.write_bytes(gzip.compress(b"x")[:-4])
    with pytest.raises(CorpusError, match="restore it from git"):
        load_glossary.__wrapped__(path)
