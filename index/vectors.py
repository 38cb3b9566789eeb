"""Vectors and their nearest neighbours: the one module that knows FAISS.

A table of vectors is an inner-product index that is mapped into memory as it lies on the disk.
A large one has the same vectors beside it in codes of 8 bits, a quarter of the bytes to read:
they propose candidates, whose scores are then exact.
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

# One query at a time on a busy small machine: a second thread only waits for the first.
faiss.omp_set_num_threads(1)

# Vectors that are compared as they are: 7 ms. Of more the codes are: 20 ms for 270,000, where the
# vectors take 46. IVF and HNSW lost: `docs/decisions.md`, 40.
EXACT_UP_TO = 50_000
MIN_CANDIDATES = 20  # that are compared exactly


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
        rows, _ = _search(self.codes, vector, max(k, MIN_CANDIDATES), allowed)
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
    scores, rows = index.search(vector.reshape(1, -1), k, params=parameters)
    found = rows[0] >= 0
    return rows[0][found], scores[0][found]


def flat_index(vectors: Vectors) -> faiss.Index:
    """Return an exact inner-product index of ``vectors``, of shape ``(n, dimension)``."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return index


def codes_of(vectors: Vectors) -> faiss.Index | None:
    """Return ``vectors`` in codes of 8 bits, or ``None`` for so few that they need none.

    A code counts the steps between the least and the largest value of its dimension: nothing
    is drawn at random, so the same vectors give the same codes.
    """
    if len(vectors) <= EXACT_UP_TO:
        return None
    index = faiss.IndexScalarQuantizer(
        vectors.shape[1], faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    index.train(vectors)
    index.add(vectors)
    return index


def to_bytes(index: faiss.Index) -> bytes:
    """Return what :func:`opened` reads."""
    return bytes(faiss.serialize_index(index).tobytes())


def opened(source: Path | Buffer) -> faiss.Index:
    """Return the index in a file, which is mapped and not read, or in the bytes of one."""
    if isinstance(source, Path):
        return faiss.read_index(str(source), faiss.IO_FLAG_MMAP_IFC)
    return faiss.deserialize_index(np.frombuffer(source, dtype=np.uint8))
