"""What the pieces of a page share: rare pairs of characters, figures and Latin words."""

import numpy as np
import pytest
from numpy.typing import NDArray

from index.likeness import Likeness, likeness_of, rare_terms
from index.lines import Piece, lines_of, pieces_of
from index.ngrams import bundled_ngrams
from index.types import Page

BRIDGE = "清江大桥主桥合龙"
BRIDGE_TEXT = "清江大桥主桥昨日合龙，大桥全长2160米，两岸居民过江只要五分钟。"
TEA = "临湖茶农用上植保无人机，给三万亩茶园施肥。"
TEA_TEXT = "茶园里，两架植保无人机来回穿梭，飞手都是本村的年轻人。"
BARE = "的"  # nothing in it is rare
TEXTS = (BRIDGE, BRIDGE_TEXT, TEA, TEA_TEXT, BARE)


def pieces_in(*texts: str) -> list[Piece]:
    return pieces_of(lines_of(Page("page.txt", "\n\n".join(texts) + "\n", "utf-8", "")))


def likeness_in(*texts: str) -> Likeness:
    return likeness_of(pieces_in(*texts), bundled_ngrams())


def terms_in(*texts: str) -> NDArray[np.float64]:
    terms = rare_terms(pieces_in(*texts), bundled_ngrams())
    return np.asarray(terms.todense(), dtype=np.float64)


def term_count(text: str) -> int:
    return len(terms_in(text)[0])


@pytest.fixture(scope="module")
def likeness() -> Likeness:
    return likeness_in(*TEXTS)


# Rare terms


def test_each_piece_has_its_rare_terms_with_a_norm_of_one() -> None:
    terms = terms_in(*TEXTS)
    assert len(terms) == len(TEXTS)
    assert np.linalg.norm(terms, axis=1).tolist() == pytest.approx([1, 1, 1, 1, 0])
    assert (terms >= 0).all()
    assert (terms > 0).any(axis=0).all(), "no term that no piece has"


@pytest.mark.parametrize(
    ("text", "other"),
    [("2160", "3270"), ("46", "57"), ("3.2", "4.3"), ("AI", "BK"), ("HiFi", "Jazz")],
)
def test_a_number_and_a_latin_word_are_rare_terms(text: str, other: str) -> None:
    assert likeness_in(text, text).alike[0, 1] == pytest.approx(1)
    shared, strange = likeness_in(f"桥{text}米", f"茶{text}亩", f"茶{other}亩").alike[0, 1:]
    assert shared > strange, "no pair of characters tells figures or letters apart"


@pytest.mark.parametrize("text", ["5", "A", "年", "的"])
def test_a_single_figure_or_letter_and_common_words_are_none(text: str) -> None:
    assert term_count(text) == 0
    assert not likeness_in(text, text).alike.any()


def test_letters_are_the_same_words_in_either_case() -> None:
    assert likeness_in("HIFI", "hifi").alike[0, 1] == pytest.approx(1)


def test_figures_are_told_apart_although_their_characters_are_not() -> None:
    same, other = likeness_in("2160", "2160"), likeness_in("2160", "3270")
    assert same.alike[0, 1] == pytest.approx(1)
    assert other.alike[0, 1] < 0.5


def test_a_long_number_says_more_than_a_short_one() -> None:
    held = likeness_in("桥12，桥2160", "茶12", "茶2160").held
    assert held[0, 2] > held[0, 1] > 0


def test_what_stands_in_many_pieces_says_less_than_what_stands_in_two() -> None:
    held = likeness_in("2160，3270", "2160桥", "3270桥", "2160岸", "2160船").held
    assert held[0, 2] > held[0, 1] + 0.1


def test_a_term_counts_once_however_often_it_is_said() -> None:
    assert likeness_in("2160 桥", "2160 2160 2160 桥").alike[0, 1] == pytest.approx(1)


# Likeness


def test_the_tables_have_a_row_and_a_column_for_each_piece(likeness: Likeness) -> None:
    for table in (likeness.alike, likeness.held, likeness.meant):
        assert table.shape == (len(TEXTS), len(TEXTS))
        assert table.dtype == np.float32
        assert np.isfinite(table).all()
    assert likeness.terms.shape[0] == len(TEXTS)


def test_likeness_of_words_is_the_cosine_of_the_terms(likeness: Likeness) -> None:
    terms = np.asarray(likeness.terms.todense())
    assert np.allclose(likeness.alike, terms @ terms.T, atol=1e-6)
    assert likeness.alike[0, 1] > 0.2
    assert likeness.alike[2, 3] > 0.05
    assert not likeness.alike[0, 2:].any(), "what shares no word is not alike"


def test_a_piece_holds_all_its_own_terms_and_a_share_of_those_of_others(
    likeness: Likeness,
) -> None:
    terms = np.asarray(likeness.terms.todense())
    share = terms[0][terms[1] > 0].sum() / terms[0].sum()
    assert likeness.held[0, 1] == pytest.approx(share, abs=1e-6)
    assert np.diag(likeness.held).tolist() == pytest.approx([1, 1, 1, 1, 0], abs=1e-6)
    assert likeness.held.min() >= 0
    assert likeness.held.max() <= 1 + 1e-6


def test_a_headline_is_held_by_its_text_more_than_it_holds_it(likeness: Likeness) -> None:
    assert likeness.held[0, 1] > 0.6
    assert likeness.held[0, 1] > likeness.held[1, 0] > 0


def test_a_piece_without_rare_terms_is_held_by_nothing_and_holds_nothing(
    likeness: Likeness,
) -> None:
    assert not likeness.held[4].any()
    assert not likeness.held[:, 4].any()
    assert not likeness.alike[4].any()


def test_pieces_are_meant_alike_although_they_share_no_word() -> None:
    found = likeness_in(
        "税务部门推出新的退税措施，三个工作日内即可到账。",
        "财政局介绍，减免的费用主要用于企业扩大生产。",
        "龙舟赛在小雨中开桨，桡手们划得浑身是劲。",
    )
    assert found.alike[0, 1] == 0
    assert found.meant[0, 1] > found.meant[0, 2] + 0.2
    assert np.diag(found.meant).tolist() == pytest.approx([1, 1, 1], abs=1e-5)


@pytest.mark.parametrize("text", [BRIDGE, BARE, "\ud800", "😀😀", "\x00", "a" * 5000])
def test_a_page_may_be_one_piece(text: str) -> None:
    found = likeness_in(text)
    assert found.alike.shape == found.held.shape == found.meant.shape == (1, 1)
    assert found.meant[0, 0] == pytest.approx(1, abs=1e-5)
    assert 0 <= found.alike[0, 0] <= 1 + 1e-6
    assert found.held[0, 0] == pytest.approx(float(found.terms.nnz > 0))


def test_traditional_characters_are_alike_to_simplified_ones() -> None:
    assert likeness_in("清江大橋主橋合龍", BRIDGE).alike[0, 1] == pytest.approx(1)
