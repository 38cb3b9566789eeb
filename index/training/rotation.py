"""The finished encoder turned so that the first numbers of a vector say the most.

A rotation to the principal axes changes no cosine of whole vectors, and makes a vector that
is cut to its first 64, 128 or 256 numbers the best one of that size that a rotation can give
(the use of Matryoshka embeddings, Kusupati et al., 2022, without their training).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from index.training.data import Pair


def principal_axes(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the principal axes of ``vectors`` about the origin, one a row, strongest first.

    An orthogonal matrix; the sign of an axis makes its largest number positive, so that the
    same vectors give the same matrix.
    """
    strength, axes = np.linalg.eigh(vectors.T.astype(np.float64) @ vectors)
    rows = axes.T[np.argsort(-strength)]
    largest = np.abs(rows).argmax(axis=1)
    signs = np.sign(rows[np.arange(len(rows)), largest])
    return np.asarray(rows * signs[:, None], dtype=np.float32)


def turning_sample(pairs: Sequence[Pair], news: Sequence[tuple[str, str]]) -> list[str]:
    """Return texts of both languages by whose vectors the principal axes are found."""
    step = max(1, len(news) // 4_000)
    return [text[:200] for _, text in news[::step]] + [pair.en for pair in pairs[:4_000]]
