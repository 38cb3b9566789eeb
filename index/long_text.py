"""A long text where it lies in UTF-8: what is asked of it is decoded, and little more.

A collection of articles is one page, of a hundred megabytes in a large archive, and a question
reads a few dozen of its articles.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from index.tensors import Buffer

BLOCK = 1 << 14  # bytes that are decoded together
KEPT_BLOCKS = 512  # decoded ones
LAST_IN_CHARACTER = -65  # a byte up to it, taken as signed, goes on with a character


@dataclass(frozen=True, eq=False)
class LongText:
    """Text to be sliced as a :class:`str` is, by code points from 0 on. Threads may share it."""

    utf8: Buffer

    @cached_property
    def _signed(self) -> NDArray[np.int8]:
        return np.frombuffer(self.utf8, np.int8)

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        """Of each block, and of the end, how many code points begin before it."""
        counts = [
            np.count_nonzero(self._signed[at : at + BLOCK] > LAST_IN_CHARACTER)
            for at in range(0, len(self._signed), BLOCK)
        ]
        return np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))

    @cached_property
    def _block(self) -> Callable[[int], str]:
        return lru_cache(KEPT_BLOCKS)(self._decoded)

    def _decoded(self, number: int) -> str:
        """Return the characters that begin in a block."""
        first, last = (self._begins(at * BLOCK) for at in (number, number + 1))
        return str(self.utf8[first:last], "utf-8")

    def _begins(self, at: int) -> int:
        """Return where the first character from the byte ``at`` on begins."""
        while at < len(self._signed) and self._signed[at] <= LAST_IN_CHARACTER:
            at += 1
        return at

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __getitem__(self, place: slice) -> str:
        start, end, _ = place.indices(len(self))
        if start >= end:
            return ""
        first, last = (np.searchsorted(self._starts, (start, end - 1), "right") - 1).tolist()
        text = "".join(map(self._block, range(first, last + 1)))
        before = int(self._starts[first])
        return text[start - before : end - before]


Text = str | LongText
