"""BM25 over postings agrees with a library that does nothing else."""

import math
from collections.abc import Sequence

import bm25s
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import tensors
from index.lexical import (
    ANALYSERS,
    K1,
    AllPostings,
    B,
    Part,
    Terms,
    build_postings,
    exact,
    pair_codes,
    postings_from,
)
from index.text import bigrams, fold

TEXTS = [
    "展会共吸引专业采购商58092人次",
    "外商采购商人数1657人,同比增长10.76%",
    "货物从义乌铁路口岸启程,抵达温州乐清湾港区",
    "Yiwu Selection品牌集合店 2.0 落地",
    "采购商 采购商 采购商",
]


def postings_of(texts: Sequence[str], analyser: str) -> AllPostings:
    return AllPostings((Part(build_postings(texts, ANALYSERS[analyser]), 0),))


@pytest.fixture
def postings() -> AllPostings:
    return postings_of(TEXTS, "characters")


def test_exact_terms_score_as_bm25s_does(postings: AllPostings) -> None:
    query = bigrams(fold("采购商多少人次"))
    theirs = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
    theirs.index([bigrams(fold(text)) for text in TEXTS], show_progress=False)
    expected = theirs.get_scores(query) * (K1 + 1)  # lucene leaves the constant factor out
    np.testing.assert_allclose(postings.bm25(exact(query)), expected, rtol=1e-4)


def test_a_probable_form_counts_by_its_probability(postings: AllPostings) -> None:
    scores = postings.bm25([{"采购": 0.5, "铁路": 0.25}])
    # 采购 stands in chunks 0, 1 and (three times) 4, 铁路 once in chunk 2, of 5 chunks.
    frequency = 0.5 * 3 + 0.25 * 1
    idf = math.log(1 + (5 - frequency + 0.5) / (frequency + 0.5))
    lengths = [len(bigrams(fold(text))) for text in TEXTS]
    for chunk, expected in ((0, 0.5), (2, 0.25), (4, 1.5)):
        norm = K1 * (1 - B + B * lengths[chunk] / (sum(lengths) / 5))
        assert scores[chunk] == pytest.approx(idf * expected * (K1 + 1) / (expected + norm))
    assert scores[3] == 0


def test_one_form_alone_counts_by_its_probability_too(postings: AllPostings) -> None:
    alone, among = postings.bm25([{"铁路": 0.25}]), postings.bm25([{"铁路": 0.25, "没有": 0.5}])
    np.testing.assert_allclose(alone, among)
    together = postings.bm25([{"铁路": 0.25, "采购": 1e-9}])
    np.testing.assert_allclose(alone[2], together[2], rtol=1e-5)


def test_a_term_that_no_chunk_holds_adds_nothing(postings: AllPostings) -> None:
    assert not postings.bm25(exact(["没有"])).any()
    assert not postings.bm25([]).any()


def test_latin_words_and_numbers_are_found_in_chinese(postings: AllPostings) -> None:
    assert int(postings.bm25(exact(["yiwu"])).argmax()) == 3
    assert int(postings.bm25(exact(["58092"])).argmax()) == 0


def test_postings_come_back_as_they_were_written(postings: AllPostings) -> None:
    (part,) = postings.parts
    written = tensors.to_bytes(part.postings.arrays())
    again = AllPostings((Part(postings_from(tensors.arrays_in(written)), 0),))
    assert list(again.terms()) == list(postings.terms()) == sorted(postings.terms())
    for term in postings.terms():
        for ours, theirs in zip(again.frequencies(term), postings.frequencies(term), strict=True):
            assert ours.tolist() == theirs.tolist()


def test_no_texts_make_empty_postings() -> None:
    empty = postings_of([], "characters")
    assert empty.bm25(exact(["采购"])).shape == (0,)


@pytest.mark.parametrize(
    ("value", "chunk"),
    [("149750000", 0), ("58092", 1), ("--05-15", 2), ("4.7%", 3)],
    ids=["a number and its unit", "full width", "a day", "per cent"],
)
def test_a_figure_is_found_by_its_value_however_it_is_printed(value: str, chunk: int) -> None:
    texts = ["成交额1.4975亿元", "采购商５８０９２人次", "5月15日，五月", "增长4.7%，47人"]
    found = postings_of(texts, "figures").bm25(exact([value]))
    assert found.nonzero()[0].tolist() == [chunk]


def test_pairs_of_chinese_characters_have_their_code_points_as_numbers() -> None:
    # Of three bytes, of four (beyond U+FFFF), and what is no pair of them.
    texts = ["义乌铁路口岸", "𠮷野𠮷𠮷家", "一丁鿿鿿", "㐀㐁", "é中ab 2.0", "！？（）", "中กข"]
    postings = build_postings(texts, bigrams)
    expected = pair_codes(list(postings.terms))
    assert len(expected) > 8
    assert sorted(postings.terms.pair_codes().tolist()) == sorted(expected.tolist())
    mixed = Terms.of(["中ก", "中é1", "中文"])  # all of six bytes
    assert mixed.pair_codes().tolist() == pair_codes(["中ก", "中文"]).tolist()


@given(st.sets(st.text("ab\0大桥𠮷", max_size=5)), st.text("ab\0大桥𠮷", max_size=5))
def test_a_term_is_found_where_it_stands(terms: set[str], other: str) -> None:
    packed = Terms.of(sorted(terms, key=lambda term: term.encode()))
    assert [packed.place_of(term) for term in packed] == list(range(len(terms)))
    assert (packed.place_of(other) is not None) == (other in terms)


def test_an_expected_frequency_is_the_same_in_parts_and_whole() -> None:
    postings = postings_of(["大桥大桥通车", "桥梁通车", "图书馆"], "characters")
    forms = {"大桥": 0.75, "桥梁": 0.25, "火车": 0.5}
    whole = postings.bm25([forms])
    scored = postings.bm25_of(forms)
    assert scored.rows.tolist() == [0, 1]
    assert scored.idf == pytest.approx(postings.idf(forms))
    np.testing.assert_allclose(whole[scored.rows], scored.scores)
    assert whole[2] == 0


def test_a_chunk_that_was_taken_out_moves_the_others_up_from_the_first_row() -> None:
    postings = build_postings(["大桥", "大桥通车", "大桥大桥"], bigrams)
    rows = np.asarray([0, -1, 1], dtype=np.int32)
    found, counts = AllPostings((Part(postings, 0, rows),)).frequencies("大桥")
    assert found.tolist() == [0, 1]
    assert counts.tolist() == [1, 2]


def test_only_what_is_left_of_a_segment_counts() -> None:
    texts = ["大桥大桥", "茶农", "灯会大桥", "灯会开幕"]
    one, two = (build_postings(each, bigrams) for each in (texts[:2], texts[2:]))
    left = AllPostings((Part(one, 0, np.asarray([0, -1], dtype=np.int32)), Part(two, 1)))
    fresh = postings_of([texts[0], *texts[2:]], "characters")
    assert sorted(left.terms()) == sorted(fresh.terms())
    assert [term in left for term in ("大桥", "茶农", "开幕", "没有")] == [True, False, True, False]
    assert left.lengths.tolist() == fresh.lengths.tolist()
    for term in fresh.terms():
        for ours, theirs in zip(left.frequencies(term), fresh.frequencies(term), strict=True):
            assert ours.tolist() == theirs.tolist()
        np.testing.assert_allclose(left.bm25(exact([term])), fresh.bm25(exact([term])))
    of_one = AllPostings((Part(one, 0, np.asarray([0, -1], dtype=np.int32)),))
    assert list(of_one.terms()) == ["大桥", "桥大"]


def test_terms_are_a_sequence() -> None:
    terms = build_postings(["大桥通车"], bigrams).terms
    assert terms[0:2] == list(terms)[0:2]
    assert terms[::-1] == list(terms)[::-1]


def test_what_is_added_tells_its_idf(postings: AllPostings) -> None:
    scores = np.zeros(len(TEXTS), dtype=np.float32)
    assert postings.add_bm25(scores, {"采购": 1.0}, 2.0) == postings.idf({"采购": 1.0})
    np.testing.assert_allclose(scores, 2 * postings.bm25(exact(["采购"])))


def test_the_pairs_of_segments_that_share_them_are_told_once() -> None:
    one, two = (build_postings([text], bigrams) for text in ("大桥通车", "大桥停车"))
    pairs = AllPostings((Part(one, 0), Part(two, 1))).pairs
    assert pairs.tolist() == pair_codes(["大桥", "桥通", "通车", "桥停", "停车"]).tolist()


def test_a_term_that_stands_nowhere_scores_nothing() -> None:
    postings = postings_of(["大桥通车"], "characters")
    found = postings.bm25_of({"火车": 1.0})
    assert found.rows.size == found.scores.size == 0
    assert found.idf == postings.idf({})
