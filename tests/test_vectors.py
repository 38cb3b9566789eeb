"""The nearest vectors are those that NumPy finds, by codes and with filters too."""

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import vectors as index_vectors
from index.vectors import VectorTable, axis_codes, codes_of, flat_index

DRAW = np.random.default_rng(1)
VECTORS = DRAW.standard_normal((4_000, 48), dtype=np.float32)
VECTORS *= np.linspace(2, 0.1, 48, dtype=np.float32)
VECTORS /= np.linalg.norm(VECTORS, axis=1, keepdims=True)
CODES = axis_codes(VECTORS)
CODES.add(VECTORS)


def test_faiss_finds_what_numpy_finds() -> None:
    table = VectorTable(flat_index(VECTORS))
    queries = VECTORS[:20] + 0.1 * DRAW.standard_normal((20, 48), dtype=np.float32)
    for query, (rows, scores) in zip(queries, table.nearest(queries, 10), strict=True):
        expected = VECTORS @ query
        assert rows.tolist() == np.argsort(-expected, kind="stable")[:10].tolist()
        np.testing.assert_allclose(scores, np.sort(expected)[::-1][:10], rtol=1e-5)


@given(st.integers(1, 60), st.integers(0, 100), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_codes_find_what_a_filter_lets_pass(k: int, percent: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    allowed = draw.integers(100, size=len(VECTORS)) < percent
    queries = np.ascontiguousarray(VECTORS[draw.integers(len(VECTORS), size=3)])
    table = VectorTable(flat_index(VECTORS), CODES)
    for query, (rows, cosines) in zip(queries, table.nearest(queries, k, allowed), strict=True):
        exact = np.where(allowed, VECTORS @ query, -2)
        assert allowed[rows].all()
        assert len(rows) == min(k, allowed.sum())
        np.testing.assert_allclose(cosines, exact[rows], atol=1e-5)
        assert len(set(rows.tolist()) & set(np.argsort(-exact)[:k].tolist())) >= 0.9 * len(rows)


@pytest.mark.parametrize(("long", "kept"), [(17, 16), (22, 32), (48, 48)])
def test_codes_are_of_the_axes_that_hold_nine_tenths_by_sixteens(long: int, kept: int) -> None:
    vectors = DRAW.standard_normal((1_000, 48), dtype=np.float32)
    vectors[:, long:] *= 1e-3
    turn, *_ = np.linalg.qr(DRAW.standard_normal((48, 48)))
    codes = axis_codes(np.ascontiguousarray(vectors @ turn.astype(np.float32)))
    assert faiss.downcast_index(codes).index.d == kept  # type: ignore[attr-defined]


def test_few_vectors_have_no_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert codes_of(VECTORS) is None
    monkeypatch.setattr(index_vectors, "EXACT_UP_TO", len(VECTORS) - 1)
    codes = codes_of(VECTORS)
    assert codes is not None
    assert codes.ntotal == len(VECTORS)


def test_no_rows_are_a_matrix_too() -> None:
    assert VectorTable(flat_index(VECTORS)).matrix([]).shape == (0, 48)
