"""Rows and columns in pairs, each with one other at most, so that the most is gained in all."""

import importlib.machinery
import importlib.util
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


def best_pairs(gains: NDArray[np.float64]) -> Pairs:
    """Return the rows and the columns of the pairs of the largest sum of ``gains``.

    Each row has a column while there are any; the rows ascend. By scipy, after Crouse, "On
    implementing 2D rectangular assignment algorithms" (2016).
    """
    rows, columns = _solver()(gains, maximize=True)
    return rows, columns


@lru_cache(maxsize=1)
def _solver() -> Callable[..., Any]:
    """Return scipy's solver without the rest of ``scipy.optimize``, which takes 0.3 s to load.

    With the rest, where this scipy keeps it elsewhere.
    """
    for suffix in importlib.machinery.EXTENSION_SUFFIXES:
        path = Path(scipy.__file__).parent / "optimize" / f"_lsap{suffix}"
        spec = importlib.util.spec_from_file_location("_lsap", path) if path.is_file() else None
        if spec and spec.loader:
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            break
    else:
        module = importlib.import_module("scipy.optimize")
    solver: Callable[..., Any] = module.linear_sum_assignment
    return solver
