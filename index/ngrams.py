"""How common a character, a pair and a triple of characters is in newspaper Chinese.

Three questions about a page are answered with it: does a paragraph go on across a cut
(:func:`Ngrams.junction`), does a line start in the middle of a sentence
(:func:`Ngrams.opening`), and which words of a page are rare enough to tell one article from
another (:func:`Ngrams.rarity_of`). The counts come from news documents, see
``index/training/page_tables.py``; any text can be asked, nothing in them names a page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.stored import read_arrays

TABLE = Path(__file__).parent / "model" / "ngrams.npz"

START, STOP = "\x02", "\x03"  # the bounds of a sentence
SLOTS = 1 << 22  # of pairs; as many of triples
LEVELS = 8  # steps of the stored logarithm for each doubling of a count

_FULL_STOPS = "。！？!?…"
_CODES = {",": "，", ";": "；", ":": "：", "!": "！", "?": "？", "(": "（", ")": "）"}
_FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)
_BITS = (1 << 64) - 1


def coded(text: str) -> str:
    """Return ``text`` of the same length: digits as 0, Latin letters as a, marks full width."""
    return text.translate(_TRANSLATION)


_TRANSLATION: Mapping[int, str] = {
    **{ord(mark): full for mark, full in _CODES.items()},
    **dict.fromkeys((*range(48, 58), *range(65296, 65306)), "0"),
    **dict.fromkeys((*range(65, 91), *range(97, 123)), "a"),
}


def mixed_codes(text: str, size: int) -> NDArray[np.uint64]:
    """Return a number for each run of ``size`` characters of ``text``, in order.

    Single characters are their code points (at most 65,535), longer runs a 64-bit mixture.
    """
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    count = max(len(codes) - size + 1, 0)
    mixed = codes[:count].astype(np.uint64)
    if size == 1:
        return np.minimum(mixed, np.uint64(0xFFFF))
    for place in range(1, size):
        following = codes[place : place + count].astype(np.uint64)
        mixed = (mixed * np.uint64(_FACTORS[0])) ^ (following * np.uint64(_FACTORS[1]))
    return mixed


def slots(runs: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the slot of each of ``runs``, as :func:`mixed_codes` numbers them."""
    return np.asarray((runs >> np.uint64(20)) % np.uint64(SLOTS), dtype=np.int64)


@dataclass(frozen=True)
class Ngrams:
    """Counts of characters, pairs and triples, as logarithms (base 2) of one plus the count.

    In steps of 1 / :data:`LEVELS`. ``ones`` has 65,536 entries, ``twos`` and ``threes``
    :data:`SLOTS` each, hashed. ``total`` is the logarithm of the number of characters.
    """

    ones: NDArray[np.uint8]
    twos: NDArray[np.uint8]
    threes: NDArray[np.uint8]
    total: float

    def rarity_of(self, pairs: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return for each slot of a pair how rare it is, in bits."""
        return np.asarray(self.total - self.twos[pairs] / np.float32(LEVELS), dtype=np.float32)

    def junction(self, before: str, after: str) -> tuple[float, float]:
        """Return the evidence, in bits, that ``after`` goes on in mid-sentence after ``before``.

        The pointwise information of the two characters that meet, and that of the likelier
        of the two triples across the cut; 0 where either side is empty.
        """
        tail, head = coded(before[-2:]), coded(after[:2])
        if not tail or not head:
            return 0.0, 0.0
        triples = [0.0]
        if len(tail) == 2:
            seen = self._count(self.threes, tail + head[0])
            triples.append(seen - self._count(self.twos, tail) - self._one(head[0]) + self.total)
        if len(head) == 2:
            seen = self._count(self.threes, tail[-1] + head)
            triples.append(seen - self._count(self.twos, head) - self._one(tail[-1]) + self.total)
        return self._bond(tail[-1], head[0]), max(triples)

    def opening(self, text: str) -> float:
        """Return the evidence, in bits, that a sentence starts with ``text``."""
        head = coded(text[:2])
        if not head:
            return 0.0
        bond = self._bond(START, head[0])
        if len(head) == 2:
            started = self._count(self.threes, START + head)
            bond += started - self._count(self.twos, head) - (
                self._count(self.twos, START + head[0]) - self._one(head[0])
            )  # fmt: skip
        return bond

    def ending(self, text: str) -> float:
        """Return the evidence, in bits, that a sentence may stop after ``text``."""
        tail = coded(text[-1:])
        return self._bond(tail, STOP) if tail else 0.0

    def _bond(self, first: str, second: str) -> float:
        both = self._count(self.twos, first + second)
        return both - self._one(first) - self._one(second) + self.total

    def _one(self, character: str) -> float:
        return max(float(self.ones[min(ord(character), 0xFFFF)]) / LEVELS, 1.0)

    def _count(self, table: NDArray[np.uint8], run: str) -> float:
        return float(table[_slot(run)]) / LEVELS


def _slot(run: str) -> int:
    """Return the slot of one run: :func:`slots` of :func:`mixed_codes`, without NumPy."""
    mixed = ord(run[0])
    for character in run[1:]:
        mixed = (mixed * _FACTORS[0] & _BITS) ^ (ord(character) * _FACTORS[1] & _BITS)
    return (mixed >> 20) % SLOTS


@lru_cache(maxsize=1)
def bundled_ngrams() -> Ngrams:
    """Return the counts that WenBao carries; raise as :func:`read_arrays` does."""
    ones, twos, threes, total = read_arrays(TABLE, ("ones", "twos", "threes", "total"))
    return Ngrams(ones, twos, threes, float(total))
