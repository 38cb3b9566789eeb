"""Windows of a passage: a sentence or a few, each with a vector of its own.

The vector of a whole passage is the mean of its tokens, in which a detail is lost. So a passage
is encoded once, as a whole, and the mean is taken once more over each of its windows: their
tokens know what stands around them, and it costs nothing (late chunking: Günther et al., 2024).
The whole passage is what is searched for; how near a passage is to a question is how near its
nearest window is. In an index their numbers are integers of 8 bits with a scale for each window.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.text import sentences
from index.types import Vectors

MIN_CHARS, MAX_CHARS = 25, 100  # of a window, white space not counted
STEPS = 127  # of a number, either way from 0

Bounds = tuple[int, int]
Integers = NDArray[np.integer[Any]]


def windows_of(text: str) -> list[Bounds]:
    """Return the ``(start, end)`` of each window of ``text``: whole sentences, in order.

    A short sentence goes with the next one. Text without words has no windows.
    """
    found: list[Bounds] = []
    start, length = 0, 0
    end = 0
    for first, last in sentences(text):
        chars = len("".join(text[first:last].split()))
        if not chars:
            continue
        if length and (length >= MIN_CHARS or length + chars > MAX_CHARS):
            found.append((start, end))
            length = 0
        start, end, length = (start if length else first), last, length + chars
    return [*found, (start, end)] if length else found


def pooled(tokens: Vectors, ranges: Iterable[Bounds]) -> Vectors:
    """Return the mean of each range of ``tokens``, of norm 1; of all tokens for an empty range.

    ``tokens`` is of shape ``(n, dimension)``; what of a range lies beyond them is left out.
    """
    means = [tokens[start:end].mean(axis=0) if tokens[start:end].size else tokens.mean(axis=0)
             for start, end in ranges]  # fmt: skip
    if not means:
        return np.zeros((0, tokens.shape[1]), dtype=np.float32)
    found = np.stack(means)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(found / np.maximum(lengths, np.finfo(np.float32).tiny), dtype=np.float32)


@dataclass(frozen=True, eq=False)
class WindowTable:
    """The windows of passages by row: those of row ``i`` are ``starts[i]`` to ``starts[i + 1]``.

    ``numbers`` is int8 of shape ``(windows, dimension)``, ``scales`` float32 of ``(windows,)``.
    A row may have none.
    """

    starts: NDArray[np.int64]
    numbers: NDArray[np.int8]
    scales: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what :func:`windows_from` reads."""
        return {
            "window_starts": self.starts,
            "window_numbers": self.numbers,
            "window_scales": self.scales,
        }

    def take(self, rows: Integers) -> "WindowTable":
        """Return the table of ``rows``, in their order."""
        first = self.starts[rows]
        counts = self.starts[rows + 1] - first
        starts = np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))
        places = np.repeat(first - starts[:-1], counts) + np.arange(starts[-1])
        return WindowTable(starts, self.numbers[places], self.scales[places])

    def cosines(self, vectors: Vectors, whole: Callable[[Integers], Vectors]) -> "Cosines":
        """Return how near the windows of each row are to each of ``vectors``.

        A row without windows is one itself: ``whole`` returns the vectors of such rows.
        """
        values = self.numbers.astype(np.float32) @ vectors.T * self.scales[:, np.newaxis]
        bare = np.flatnonzero(np.diff(self.starts) == 0)
        starts = self.starts + np.searchsorted(bare, np.arange(len(self.starts)))
        if len(bare):
            values = np.insert(values, self.starts[bare], whole(bare) @ vectors.T, axis=0)
        return Cosines(values, starts)

    @property
    def vectors(self) -> Vectors:
        """The windows of all rows, float32 of shape ``(windows, dimension)``."""
        return self.numbers.astype(np.float32) * self.scales[:, np.newaxis]

    def packed(self) -> list[bytes]:
        """Return the windows of each row as bytes, which :func:`unpacked` reads."""
        return [
            self.scales[start:end].astype("<f4").tobytes() + self.numbers[start:end].tobytes()
            for start, end in pairwise(self.starts.tolist())
        ]


@dataclass(frozen=True, eq=False)
class Cosines:
    """How near the windows of some passages are to some vectors.

    ``values`` is float32 of shape ``(windows, vectors)``; those of passage ``i`` are
    ``starts[i]`` to ``starts[i + 1]``, at least one.
    """

    values: NDArray[np.float32]
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def of(self, at: int) -> NDArray[np.float32]:
        """Return those of one passage, of shape ``(windows, vectors)``."""
        return self.values[self.starts[at] : self.starts[at + 1]]

    @property
    def nearest(self) -> NDArray[np.float32]:
        """Those of the nearest window of each passage, of shape ``(passages, vectors)``."""
        if not len(self):
            return self.values
        return np.asarray(np.maximum.reduceat(self.values, self.starts[:-1]), dtype=np.float32)


def windows_from(arrays: Mapping[str, NDArray[Any]], rows: int, dimension: int) -> WindowTable:
    """Return the table in ``arrays``; one of ``rows`` without windows where there is none."""
    if "window_starts" not in arrays:
        return no_windows(rows, dimension)
    return WindowTable(*(arrays[f"window_{name}"] for name in ("starts", "numbers", "scales")))


def unpacked(rows: Sequence[bytes], dimension: int) -> WindowTable:
    """Return the table whose rows are ``rows``, as :meth:`WindowTable.packed` returns them."""
    scales, numbers, starts = [b""], [b""], [0]
    for row in rows:
        count = len(row) // (dimension + 4)
        scales.append(row[: 4 * count])
        numbers.append(row[4 * count :])
        starts.append(starts[-1] + count)
    return WindowTable(
        np.asarray(starts, dtype=np.int64),
        np.frombuffer(b"".join(numbers), dtype=np.int8).reshape(-1, dimension),
        np.frombuffer(b"".join(scales), dtype="<f4"),
    )


def table_of(windows: Sequence[Vectors], dimension: int) -> WindowTable:
    """Return the table of ``windows``, of each row a matrix of shape ``(windows, dimension)``."""
    starts = np.cumsum([0, *map(len, windows)], dtype=np.int64)
    whole = np.concatenate([np.zeros((0, dimension), np.float32), *windows])
    scales = np.abs(whole).max(axis=1, initial=np.finfo(np.float32).tiny) / STEPS
    numbers = np.rint(whole / scales[:, np.newaxis]).astype(np.int8)
    return WindowTable(starts, numbers, scales.astype(np.float32))


def no_windows(rows: int, dimension: int) -> WindowTable:
    """Return the table of ``rows`` that have none."""
    return table_of([np.zeros((0, dimension), dtype=np.float32)] * rows, dimension)


def joined_tables(tables: Sequence[WindowTable], places: Sequence[Integers]) -> WindowTable:
    """Return the rows of several tables as one, in the order of their ``places``."""
    counts = np.concatenate([np.diff(table.starts) for table in tables])
    table = WindowTable(
        np.concatenate(([0], np.cumsum(counts, dtype=np.int64))),
        np.concatenate([table.numbers for table in tables]),
        np.concatenate([table.scales for table in tables]),
    )
    return table.take(np.argsort(np.concatenate(places)))


@dataclass(frozen=True, eq=False)
class Embedded:
    """The vectors of some texts, float32 of shape ``(texts, dimension)``, and their windows."""

    matrix: Vectors
    windows: WindowTable

    def take(self, rows: Integers) -> "Embedded":
        """Return what the texts ``rows`` became, in their order."""
        return Embedded(self.matrix[rows], self.windows.take(rows))

    def packed(self) -> list[bytes]:
        """Return the vectors of each text as bytes, which :func:`embedded_in` reads."""
        whole = (row.tobytes() for row in self.matrix.astype("<f4"))
        return [one + other for one, other in zip(whole, self.windows.packed(), strict=True)]


def embedded_in(rows: Sequence[bytes], dimension: int) -> Embedded:
    """Return what lies in ``rows``, as :meth:`Embedded.packed` returns them."""
    size = 4 * dimension
    matrix = np.frombuffer(b"".join(row[:size] for row in rows), dtype="<f4")
    windows = unpacked([row[size:] for row in rows], dimension)
    return Embedded(matrix.reshape(-1, dimension), windows)


def embedded_from(made: Sequence[Vectors], dimension: int) -> Embedded:
    """Return the vectors in ``made``: of each text that of the whole, then those of its windows."""
    whole = [each[0] for each in made]
    matrix = np.asarray(whole, dtype=np.float32).reshape(len(whole), dimension)
    return Embedded(matrix, table_of([each[1:] for each in made], dimension))


def whole_only(vectors: Vectors) -> Embedded:
    """Return ``vectors`` of texts whose windows have none."""
    return Embedded(vectors, no_windows(*vectors.shape))


def joined(parts: Sequence[Embedded], places: Sequence[Integers]) -> Embedded:
    """Return what several lots of texts became as one, in the order of their ``places``."""
    matrix = np.concatenate([part.matrix for part in parts])
    order = np.argsort(np.concatenate(places))
    windows = joined_tables([part.windows for part in parts], places)
    return Embedded(matrix[order], windows)
