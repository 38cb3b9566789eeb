"""An inner product of sparse vectors ranks as BM25 does, and the kept counts make it exact."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from index.lexical import ANALYSERS, K1, AllPostings, Part, build_postings
from index.sparse import (
    MAX_COUNT,
    NOTHING,
    Frequencies,
    Held,
    changed,
    chunk_vector,
    counts_of,
    dimension_of,
    gains,
    norms,
    packed,
)

TEXTS = (
    "义乌港铁路口岸通过验收，铁路到港口只要十五分钟。",
    "The ferry from Yiwu port carries 1.5 million tonnes of freight.",
    "渡轮昨日开航，票价12元。渡轮每天四班。",
    "",
    "今天的天气晴到多云。",
)


def postings_of(analyser: str) -> AllPostings:
    return AllPostings((Part(build_postings(TEXTS, ANALYSERS[analyser]), 0),))


def corpus(texts: tuple[str, ...] = TEXTS) -> dict[str, Frequencies]:
    return changed({}, (), map(counts_of, texts))


def test_the_statistics_say_what_the_postings_say() -> None:
    for name, known in corpus().items():
        postings = postings_of(name)
        assert sorted(known.terms()) == list(postings.terms())
        assert known.pairs.tolist() == postings.pairs.tolist()
        for term in known.terms():
            for forms in ({term: 1.0}, {term: 0.3, "no such": 0.7}):
                assert np.isclose(known.idf(forms), postings.idf(forms))
        assert np.isclose(known.idf({}), postings.idf({}))


def test_the_inner_product_of_sure_terms_is_bm25() -> None:
    known = corpus()
    means = {name: each.mean_length for name, each in known.items()}
    chunks = [chunk_vector(counts_of(text), means) for text in TEXTS]
    for name, each in known.items():
        postings = postings_of(name)
        for term in each.terms():
            sought = gains({term: 1.0}, each.idf({term: 1.0}))
            at = dimension_of(name, term)
            products = [chunk.get(at, 0.0) * sought[term] for chunk in chunks]
            assert np.allclose(products, postings.bm25([{term: 1.0}]), atol=1e-5)


def test_the_kept_counts_make_terms_of_several_forms_exact() -> None:
    known = corpus()["characters"]
    postings = postings_of("characters")
    held = Held([packed(counts_of(text)) for text in TEXTS])
    forms = {"渡轮": 0.9, "铁路": 0.4, "无有": 0.2}
    expected = sum(p * held.frequencies("characters", form) for form, p in forms.items())
    lengths = [sum(counts_of(text)["characters"].values()) for text in TEXTS]
    score = known.idf(forms) * (K1 + 1) * expected / (expected + norms(lengths, known.mean_length))
    assert np.allclose(score, postings.bm25([forms]), atol=1e-5)


@settings(deadline=None)  # the machine may have much else to do
@given(st.lists(st.text(alphabet="义乌渡轮 abc1", max_size=12), max_size=6))
def test_what_came_and_went_leaves_the_statistics_of_what_is_there(texts: list[str]) -> None:
    later = changed(changed({}, (), map(counts_of, texts)), map(counts_of, texts[1:]), ())
    assert later == changed({}, (), map(counts_of, texts[:1]))


def test_a_chunk_without_terms_has_a_vector_that_nothing_finds() -> None:
    assert chunk_vector(counts_of(""), dict.fromkeys(ANALYSERS, 1.0)) == {NOTHING: 1.0}
    assert Held([packed(counts_of(""))]).frequencies("words", "a").tolist() == [0.0]
    assert not Held([]).frequencies("words", "a").size


def test_a_count_beyond_what_is_kept_is_the_most_that_is() -> None:
    counts = {name: Counter({"a": MAX_COUNT + 5} if name == "words" else {}) for name in ANALYSERS}
    assert Held([packed(counts)]).frequencies("words", "a").tolist() == [MAX_COUNT]


@settings(deadline=None)
@given(st.text(), st.sampled_from(list(ANALYSERS)))
def test_a_dimension_is_one_that_milvus_takes(term: str, name: str) -> None:
    assert 1 <= dimension_of(name, term) < 2**32 - 1
