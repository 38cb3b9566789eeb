"""Vectors and their nearest neighbours: the one module that knows FAISS.

A table of vectors is an inner-product index that is mapped into memory as it lies on the disk.
A large one has the same vectors beside it in codes of 4 bits, turned to their principal axes, of
which the first ones are kept: a 24th of the bytes to read with the bundled model. They propose
candidates, whose scores are then exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from index.tensors import Buffer
from index.types import Vectors

# Vectors that are compared as they are: 7 ms. Of more the codes are: 1.4 ms for 170,000, where the
# vectors take 36. IVF, HNSW and codes of 8 bits lost: `docs/decisions.md`, 40, 45 and 46.
EXACT_UP_TO = 50_000
KEPT = 0.9  # of the squared lengths: 128 axes of the 384 of the bundled model
AXES_STEP = 16  # that a processor reads at a time
CODE_BITS = 4  # an axis
CANDIDATES, MIN_CANDIDATES = 8, 160  # whose products are exact: for each wanted, and at least
WITH_FILTER = 4  # vectors that are found for each that is wanted, so that a filter leaves enough

Nearest = tuple[NDArray[np.int64], NDArray[np.float32]]  # rows and cosines, best first


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
        self, vectors: Vectors, k: int, allowed: NDArray[np.bool_] | None = None
    ) -> list[Nearest]:
        """Return the ``k`` nearest vectors to each of ``vectors``, of shape ``(n, dimension)``.

        ``allowed`` tells of each row whether it may be found; all may by default. Fewer come
        back where there are fewer.
        """
        k = min(k, len(self)) or 1
        if self.codes is None:
            return _search(self.flat, vectors, k, _only(allowed))
        candidates = max(CANDIDATES * k, MIN_CANDIDATES)
        if allowed is None:
            return self._refined(vectors, k, candidates)
        found = []
        for rows, cosines in self._refined(vectors, WITH_FILTER * k, candidates):
            passing = np.flatnonzero(allowed[rows])[:k]
            if len(passing) < k:  # the filter leaves few, or those that are far
                return _search(self.flat, vectors, k, _only(allowed))
            found.append((rows[passing], cosines[passing]))
        return found

    def _refined(self, vectors: Vectors, k: int, candidates: int) -> list[Nearest]:
        """Return the best of the ``candidates`` of the codes, compared as they are."""
        parameters = faiss.IndexRefineSearchParameters(  # type: ignore[call-arg]
            k_factor=candidates / k
        )
        return _search(self._refinement, vectors, k, parameters)

    @cached_property
    def _refinement(self) -> faiss.Index:
        return faiss.IndexRefine(self.codes, self.flat)


def _only(allowed: NDArray[np.bool_] | None) -> faiss.SearchParameters | None:
    if allowed is None:
        return None
    # The types of the library tell the C++ signatures, not those of its wrappers.
    bits = np.packbits(allowed, bitorder="little")
    selector = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]
    return faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]


def _search(
    index: faiss.Index, vectors: Vectors, k: int, parameters: faiss.SearchParameters | None
) -> list[Nearest]:
    # A few queries are work for one thread: a second only waits for it. Told to each thread.
    faiss.omp_set_num_threads(1)
    scores, rows = index.search(vectors, k, params=parameters)
    return [(row[row >= 0], score[row >= 0]) for row, score in zip(rows, scores, strict=True)]


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
    """Return an empty index that turns to the principal axes of ``vectors``, in codes of 4 bits.

    They are the axes along which the vectors are longest (the singular vectors, with no mean
    taken off, which an inner product would miss). A code is one of 16 values along an axis,
    those that k-means finds (product quantization of one dimension each, scanned in registers:
    André et al., 2017; FAISS draws from a fixed seed, so the same vectors give the same codes).
    """
    dimension = vectors.shape[1]
    lengths, axes = np.linalg.eigh((vectors.T @ vectors).astype(np.float64))
    enough = np.searchsorted(np.cumsum(lengths[::-1]), KEPT * lengths.sum()) + 1
    kept = min(dimension, -(-int(enough) // AXES_STEP) * AXES_STEP)
    turn = faiss.LinearTransform(dimension, kept, False)
    faiss.copy_array_to_vector(axes.T[::-1][:kept].astype(np.float32).ravel(), turn.A)
    turn.is_trained = True
    codes = faiss.IndexPQFastScan(kept, kept, CODE_BITS, faiss.METRIC_INNER_PRODUCT)
    index = faiss.IndexPreTransform(turn, codes)
    faiss.omp_set_num_threads(1)  # so small are the steps: 7 s for 35 on two busy cores
    index.train(vectors)
    return index


def to_bytes(index: faiss.Index) -> bytes:
    """Return what :func:`opened` reads."""
    return bytes(faiss.serialize_index(index).tobytes())


def opened(data: Buffer) -> faiss.Index:
    """Return the index whose file is ``data``, in memory or mapped; its vectors are not copied."""
    array = np.frombuffer(data, dtype=np.uint8)
    reader = faiss.ZeroCopyIOReader(faiss.swig_ptr(array), array.size)  # type: ignore[attr-defined]
    index = faiss.read_index(reader)
    index.referenced_objects = [array]  # type: ignore[attr-defined]  # so FAISS keeps what it reads
    return index
