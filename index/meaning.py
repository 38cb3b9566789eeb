"""What a piece of text is about: a vector by which the pieces of one article are told.

The sum of the vectors of its characters and pairs of characters, made a unit vector. They
are learned on news documents so that two passages of one document are nearer than passages
of others (a bag of hashed n-grams as in fastText, Bojanowski et al., 2017, with the
contrastive loss of van den Oord et al., 2018), see ``index/training/page_meaning.py``. A
thousand times cheaper than the encoder, and enough to tell sport from taxes where two
paragraphs share no word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.ngrams import coded, mixed_codes
from index.stored import read_arrays

TABLE = Path(__file__).parent / "model" / "meaning.npz"
SLOT_BITS = 17
MAX_CHARS = 400  # of a text; the rest of it is about the same

_FACTOR = np.uint64(0x9E3779B97F4A7C15)


def features_of(text: str) -> NDArray[np.int64]:
    """Return the slots of the characters of ``text``, then of its pairs of characters."""
    written = coded(text)
    runs = np.concatenate([mixed_codes(written, 1), mixed_codes(written, 2)])
    return ((runs * _FACTOR) >> np.uint64(64 - SLOT_BITS)).astype(np.int64)


@dataclass(frozen=True)
class Meaning:
    """The vector of each slot, shape ``(1 << SLOT_BITS, dimension)``."""

    vectors: NDArray[np.int8]

    def vectors_of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a unit vector for each text, shape ``(len(texts), dimension)``.

        That of a text without a character is zero.
        """
        found = np.zeros((len(texts), self.vectors.shape[1]), dtype=np.float32)
        for row, text in enumerate(texts):
            features = features_of(text[:MAX_CHARS])
            found[row] = self.vectors[features].sum(axis=0, dtype=np.int32)
        norms = np.linalg.norm(found, axis=1, keepdims=True)
        return np.asarray(found / np.maximum(norms, 1e-9), dtype=np.float32)

    def likeness(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the cosine of each two texts, shape ``(len(texts), len(texts))``."""
        vectors = self.vectors_of(texts)
        return np.asarray(vectors @ vectors.T, dtype=np.float32)


@lru_cache(maxsize=1)
def bundled_meaning() -> Meaning:
    """Return the vectors that WenBao carries; raise as :func:`read_arrays` does."""
    return Meaning(*read_arrays(TABLE, ("vectors",)))
