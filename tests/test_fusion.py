"""Evidence of the arms becomes a probability that only grows with each of them."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from index.types import CorpusError
from rag.fusion import (
    PAIRS,
    Evidence,
    Floats,
    bundled_weights,
    load_weights,
    probabilities,
    scores,
    standardised,
)
from rag.terms import Arm

SHARES: dict[Arm, Floats] = {
    "characters": np.array([0.2, 0.5, 0.0], dtype=np.float32),
    "translation": np.array([0.1, 0.0, 0.0], dtype=np.float32),
}
COSINES = np.array([0.3, 0.6, 0.1], dtype=np.float32)
ARTICLES = np.array([4, 4, 9])


def test_candidates_of_one_article_lend_each_other_their_best() -> None:
    features = Evidence(SHARES, COSINES, ARTICLES).features()
    assert features["cosine"].tolist() == COSINES.tolist()
    assert features["article_cosine"] == pytest.approx([0.6, 0.6, 0.1])
    below = Evidence(SHARES, -COSINES, ARTICLES).features()
    assert below["article_cosine"] == pytest.approx([-0.3, -0.3, -0.1])
    assert features["article_lexical"] == pytest.approx([0.5, 0.5, 0.0])
    assert features["lexical"].mean() == pytest.approx(0.0, abs=1e-6)
    assert features["dense"].std() == pytest.approx(1.0, abs=1e-5)


def test_without_vectors_there_is_no_feature_of_them() -> None:
    features = Evidence(SHARES, None, ARTICLES).features()
    assert not {"dense", "cosine", "article_cosine"} & features.keys()


def test_scores_that_do_not_differ_say_nothing() -> None:
    assert standardised(np.full(3, 0.7, dtype=np.float32)).tolist() == [0, 0, 0]
    assert standardised(np.empty(0, dtype=np.float32)).size == 0


@given(arrays(np.float32, st.integers(1, 30), elements=st.floats(-80, 80, width=32)))
def test_probabilities_sum_to_one_and_keep_the_order(values: np.ndarray) -> None:
    found = probabilities(values)
    assert found.sum() == pytest.approx(1.0, abs=1e-4)
    assert found[values.argmax()] == found.max()


def test_more_evidence_is_never_held_against_a_passage() -> None:
    for pair in PAIRS:
        for name in bundled_weights()[pair]:
            features = {name: np.array([0.1, 0.2], dtype=np.float32)}
            low, high = scores(features, bundled_weights()[pair])
            assert high >= low


def test_an_unknown_feature_counts_nothing() -> None:
    features = {"new": np.ones(2, dtype=np.float32)}
    assert scores(features, {"dense": 1.0}).tolist() == [0, 0]
    assert scores({}, {"dense": 1.0}).size == 0


@pytest.mark.parametrize(
    "text",
    ["", "{}", '{"pairs": {"same": {}}}', '{"pairs": {"same": {"a": "x"}, "cross": {}}}',
     '{"pairs": {"same": {"dense": -1}, "cross": {}}}',
     '{"pairs": {"same": {"dense": NaN}, "cross": {}}}', "[]"]
)  # fmt: skip
def test_damaged_weights_are_refused_with_what_to_do(tmp_path: Path, text: str) -> None:
    path = tmp_path / "fusion.json"
    path.write_text(text)
    with pytest.raises(CorpusError, match=r"fusion\.json.*wenbao eval --fit"):
        load_weights(path)


def test_weights_of_a_users_own_are_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(
        json.dumps({"pairs": {"same": {"dense": 2}, "cross": {"dense": 3, "lexical": 0}}})
    )
    assert load_weights(path)["cross"] == {"dense": 3.0, "lexical": 0.0}
