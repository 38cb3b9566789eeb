"""Rows and columns in pairs: the same as by the whole of scipy.optimize."""

import numpy as np
import pytest

from index import assignment
from index.assignment import best_pairs


@pytest.mark.parametrize("seed", range(40))
def test_pairs_are_those_of_scipy(seed: int) -> None:
    from scipy.optimize import linear_sum_assignment

    rng = np.random.default_rng(seed)
    gains = np.round(rng.normal(size=rng.integers(0, 9, 2)), 1)  # with ties
    found, known = best_pairs(gains), linear_sum_assignment(gains, maximize=True)
    np.testing.assert_array_equal(found, known)


def test_a_scipy_that_keeps_the_solver_elsewhere_is_loaded_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.machinery.EXTENSION_SUFFIXES", [])
    solver = assignment._solver.__wrapped__()
    rows, columns = solver(np.array([[1.0, 3.0], [2.0, 3.5]]), maximize=True)
    assert (rows.tolist(), columns.tolist()) == ([0, 1], [1, 0])
