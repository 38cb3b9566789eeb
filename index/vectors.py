"""Vectors and their nearest neighbours: the one module that knows FAISS.

A table of vectors is an inner-product index that is mapped into memory as it lies on the disk.
A large one has the same vectors beside it in codes of 8 bits, turned to their principal axes, of
which the first ones are kept: a twelfth of the bytes to read with the bundled model. They propose
candidates, whose scores are then exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from index.tensors import Buffer
from index.types import Vectors

# Vectors that are compared as they are: 7 ms. Of more the codes are: 4 ms for 170,000, where the
# vectors take 36. IVF and HNSW lost: `docs/decisions.md`, 40 and 44.
EXACT_UP_TO = 50_000
KEPT = 0.9  # of the squared lengths: 128 axes of the 384 of the bundled model
AXES_STEP = 16  # that a processor reads at a time
CANDIDATES, MIN_CANDIDATES = 4, 80  # for each that is wanted, and at least


@dataclass(frozen=True)
class VectorTable:
    """Vectors of norm 1 in rows, and what finds the nearest of them.

    ``codes`` is ``None`` where every vector is compared.
    """

    flat: faiss.Index
    codes: faiss.Index | None = None

    def __len__(self) -> int:
        return int(self.flat.ntotal)

    def matrix(self, rows: Sequence[int] | NDArray[np.integer[Any]]) -> Vectors:
        """Return the vectors ``rows``, float32 of shape ``(len(rows), dimension)``."""
        if not len(rows):
            return np.zeros((0, self.flat.d), dtype=np.float32)
        found = self.flat.reconstruct_batch(np.asarray(rows, dtype=np.int64))
        return np.asarray(found, dtype=np.float32)

    def nearest(
        self, vector: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the rows and cosines of the ``k`` nearest vectors, best first.

        ``allowed`` tells of each row whether it may be found; all may by default. Fewer come
        back where there are fewer.
        """
        k = min(k, len(self)) or 1
        if self.codes is None:
            return _search(self.flat, vector, k, allowed)
        candidates = min(max(CANDIDATES * k, MIN_CANDIDATES), len(self))
        rows, _ = _search(self.codes, vector, candidates, allowed)
        scores = self.matrix(rows) @ vector
        best = np.argsort(-scores, kind="stable")[:k]
        return rows[best], scores[best]


def _search(
    index: faiss.Index, vector: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    parameters = None
    if allowed is not None:
        # The types of the library tell the C++ signatures, not those of its wrappers.
        bits = np.packbits(allowed, bitorder="little")
        selector = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]
        parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        if isinstance(index, faiss.IndexPreTransform):
            parameters = faiss.SearchParametersPreTransform(  # type: ignore[call-arg]
                index_params=parameters
            )
    # One query is work for one thread: a second only waits for the first. Told to each thread.
    faiss.omp_set_num_threads(1)
    scores, rows = index.search(vector.reshape(1, -1), k, params=parameters)
    found = rows[0] >= 0
    return rows[0][found], scores[0][found]


def flat_index(vectors: Vectors) -> faiss.Index:
    """Return an exact inner-product index of ``vectors``, of shape ``(n, dimension)``."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return index


def codes_of(vectors: Vectors) -> faiss.Index | None:
    """Return ``vectors`` in the codes of :func:`axis_codes`; ``None`` for so few that need none."""
    if len(vectors) <= EXACT_UP_TO:
        return None
    index = axis_codes(vectors)
    index.add(vectors)
    return index


def axis_codes(vectors: Vectors) -> faiss.Index:
    """Return an empty index that turns to the principal axes of ``vectors``, in codes of 8 bits.

    They are the axes along which the vectors are longest (the singular vectors, with no mean
    taken off, which an inner product would miss). A code counts the steps between the least and
    the largest value along an axis: nothing is drawn at random, so the same vectors give the
    same codes.
    """
    dimension = vectors.shape[1]
    lengths, axes = np.linalg.eigh((vectors.T @ vectors).astype(np.float64))
    enough = np.searchsorted(np.cumsum(lengths[::-1]), KEPT * lengths.sum()) + 1
    kept = min(dimension, -(-int(enough) // AXES_STEP) * AXES_STEP)
    turn = faiss.LinearTransform(dimension, kept, False)
    faiss.copy_array_to_vector(axes.T[::-1][:kept].astype(np.float32).ravel(), turn.A)
    turn.is_trained = True
    codes = faiss.IndexScalarQuantizer(
        kept, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    index = faiss.IndexPreTransform(turn, codes)
    index.train(vectors)
    return index


def to_bytes(index: faiss.Index) -> bytes:
    """Return what :func:`opened` reads."""
    return bytes(faiss.serialize_index(index).tobytes())


def opened(source: Path | Buffer) -> faiss.Index:
    """Return the index in a file, which is mapped and not read, or in the bytes of one."""
    if isinstance(source, Path):
        return faiss.read_index(str(source), faiss.IO_FLAG_MMAP_IFC)
    return faiss.deserialize_index(np.frombuffer(source, dtype=np.uint8))
