"""How common characters, pairs and triples are: what a cut, an opening and a rarity look like."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import ngrams as module
from index.ngrams import LEVELS, SLOTS, TABLE, Ngrams, bundled_ngrams, coded, mixed_codes, slots


@pytest.fixture(scope="module")
def ngrams() -> Ngrams:
    return bundled_ngrams()


any_text = st.text(st.characters(codec=None, exclude_categories=()), max_size=12)


# Numbers of runs


@given(any_text.filter(bool), st.integers(2, 3))
def test_one_run_has_the_slot_that_many_at_once_have(text: str, size: int) -> None:
    runs = [text[at : at + size] for at in range(len(text) - size + 1)]
    many = slots(mixed_codes(text, size))
    assert many.tolist() == [module._slot(run) for run in runs]


@pytest.mark.parametrize(
    "run", ["讨价", "讨价还", "\x02据", "\ud800价", "😀价", "\U0010ffff\U0010ffff"]
)
def test_a_run_has_one_slot_in_the_table(run: str) -> None:
    (slot,) = slots(mixed_codes(run, len(run)))
    assert slot == module._slot(run)
    assert 0 <= slot < SLOTS


def test_the_order_of_characters_matters() -> None:
    assert mixed_codes("还价", 2)[0] != mixed_codes("价还", 2)[0]
    assert mixed_codes("讨价还", 3)[0] != mixed_codes("还价讨", 3)[0]


def test_single_characters_are_their_code_points_at_most_of_two_bytes() -> None:
    assert mixed_codes("a还😀", 1).tolist() == [0x61, 0x8FD8, 0xFFFF]


def test_a_text_shorter_than_the_run_has_none() -> None:
    assert len(mixed_codes("", 2)) == len(mixed_codes("价", 2)) == len(mixed_codes("讨价", 3)) == 0


def test_digits_letters_and_marks_are_alike_in_any_width() -> None:
    assert coded("2026，AI") == coded("1999,Zz") == "0000，aa"
    assert coded("（！？；：）") == coded("(!?;:)")
    assert coded("３") == "0"


@given(any_text)
def test_a_coded_text_is_as_long_as_it_was(text: str) -> None:
    assert len(coded(text)) == len(text)


# Evidence


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("他嘴里说着讨价还", "价,再敲回一个数字。"),
        ("全市经济社会高质量发", "展取得新成效。"),
        ("这座一百多年的老图书", "馆重新开放。"),
        ("记者从市交通局获", "悉，大桥年底通车。"),
    ],
)
def test_halves_of_a_word_meet_closer_than_strangers(
    ngrams: Ngrams, before: str, after: str
) -> None:
    for stranger in ("本报讯 昨日，大桥合龙。", "我在这里住了三十年。"):
        assert sum(ngrams.junction(before, after)) > sum(ngrams.junction(before, stranger)) + 2


def test_a_word_that_is_cut_meets_closer_than_a_name_and_the_next_report(ngrams: Ngrams) -> None:
    cut = sum(ngrams.junction("他嘴里说着讨价还", "价,我在旁边听着。"))
    apart = sum(ngrams.junction("中共中央总书记习近平", "本报讯 昨日，大桥合龙。"))
    assert cut > apart + 5


@pytest.mark.parametrize(
    "starts", ["据了解，大桥年底通车。", "近日，大桥合龙。", "记者从市交通局获悉"]
)
@pytest.mark.parametrize("goes_on", ["的时候，大桥合龙。", "了一座大桥。", "们都来看大桥。"])
def test_a_sentence_starts_where_it_may(ngrams: Ngrams, starts: str, goes_on: str) -> None:
    assert ngrams.opening(starts) > ngrams.opening(goes_on)


def test_a_sentence_stops_where_it_may(ngrams: Ngrams) -> None:
    assert ngrams.ending("大桥已经通车了") > ngrams.ending("大桥以及其")


def test_rare_pairs_are_rarer_than_common_ones(ngrams: Ngrams) -> None:
    common, rare = ngrams.rarity_of(slots(np.concatenate([
        mixed_codes(coded(pair), 2) for pair in ("我们", "鳜鱼")
    ])))  # fmt: skip
    assert rare > common + 5


def test_nothing_speaks_for_or_against_nothing(ngrams: Ngrams) -> None:
    assert ngrams.junction("", "价") == ngrams.junction("还", "") == (0.0, 0.0)
    assert ngrams.opening("") == ngrams.ending("") == 0.0


@pytest.mark.parametrize(
    "text", ["\ud800", "\udfff\ud800", "😀", "\x00", "\u2028", "a", "\u202e本", "\uffff"]
)
def test_any_character_can_be_asked(ngrams: Ngrams, text: str) -> None:
    assert np.isfinite(
        [*ngrams.junction(text, text), ngrams.opening(text), ngrams.ending(text)]
    ).all()


@given(any_text, any_text)
def test_any_text_can_be_asked(before: str, after: str) -> None:
    ngrams = bundled_ngrams()
    both = *ngrams.junction(before, after), ngrams.opening(after), ngrams.ending(before)
    assert np.isfinite(both).all()
    rarity = ngrams.rarity_of(slots(mixed_codes(coded(before), 2)))
    assert rarity.shape == (max(len(before) - 1, 0),)


# The tables


def test_the_tables_load_without_pickle_and_have_their_sizes(ngrams: Ngrams) -> None:
    with np.load(TABLE, allow_pickle=False) as stored:
        assert {"ones", "twos", "threes", "total"} <= set(stored.files)
        assert all(stored[name].dtype != object for name in stored.files)
    assert ngrams.ones.shape == (1 << 16,)
    assert ngrams.twos.shape == ngrams.threes.shape == (SLOTS,)
    assert ngrams.ones.dtype == ngrams.twos.dtype == ngrams.threes.dtype == np.uint8


def test_the_total_is_that_of_the_characters(ngrams: Ngrams) -> None:
    counted = (np.exp2(ngrams.ones / LEVELS) - 1).sum()
    assert abs(np.log2(counted) - ngrams.total) < 0.5
