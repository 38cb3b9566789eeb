"""A table of many lines that is read where it is asked: no dictionary is made of it.

What is looked up by bytes in an array is found by its first ones as a number (:func:`keys_at`).
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

KEY_BYTES = 8  # what is looked up is found by


def keys_at(data: NDArray[np.uint8], starts: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return the :data:`KEY_BYTES` from each of ``starts`` on as a number, that sorts as they do.

    Behind the end of ``data`` stand zeros.
    """
    padded = np.concatenate((data, np.zeros(KEY_BYTES, np.uint8)))
    read = np.lib.stride_tricks.sliding_window_view(padded, KEY_BYTES)[starts]
    return np.ascontiguousarray(read).view(">u8").reshape(-1).astype(np.uint64)


@dataclass(frozen=True)
class KeyedLines(Mapping[str, str]):
    """Lines by their first column: each is what follows the tab behind it.

    ``data`` is the file in UTF-8, no first column twice. A line is found by bisection.
    """

    data: bytes

    @cached_property
    def _sorted(self) -> Sequence[bytes]:
        return sorted(self.data.splitlines())  # mostly they are: that takes a few milliseconds

    def _found(self, key: object) -> bytes | None:
        """Return what follows ``key``, ``None`` where no line begins with it."""
        if not isinstance(key, str):
            return None
        start = key.encode("utf-8", "surrogatepass") + b"\t"
        at = bisect_left(self._sorted, start)
        found = at < len(self._sorted) and self._sorted[at].startswith(start)
        return self._sorted[at][len(start) :] if found else None

    def __contains__(self, key: object) -> bool:
        return self._found(key) is not None

    def __getitem__(self, key: str) -> str:
        found = self._found(key)
        if found is None:
            raise KeyError(key)
        return found.decode("utf-8")

    def __iter__(self) -> Iterator[str]:
        return (line.partition(b"\t")[0].decode("utf-8") for line in self._sorted)

    def __len__(self) -> int:
        return len(self._sorted)
