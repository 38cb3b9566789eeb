"""Vectors of passages kept on disk: a bench encodes each once, and goes on where it stopped."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index.resuming import complete, parts_of, read_parts
from index.text import digest_of
from index.types import Embedder, Vectors


class KeptVectors:
    """An :class:`index.types.Embedder` that keeps what another one made of passages.

    ``folder`` holds the vectors of one embedder in parts (:mod:`index.resuming`). A part that
    is damaged is encoded again.
    """

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        self._embedder = embedder
        self._place = parts_of(folder, embedder)
        self._kept = read_parts(self._place, embedder)

    @property
    def name(self) -> str:
        """That of the other embedder."""
        return self._embedder.name

    @property
    def identity(self) -> str:
        """That of the other embedder."""
        return self._embedder.identity

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._embedder.dimension

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """Return what the other embedder makes of questions."""
        return self._embedder.encode_questions(texts)

    def encode_passages(self, texts: Sequence[str], progress: bool = False) -> Vectors:
        """Return float32 vectors of shape ``(len(texts), dimension)``, those kept from disk."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        digests = [digest_of(text) for text in texts]
        wanted = dict(zip(digests, texts, strict=True))
        complete(self._kept, wanted, self._embedder, self._place, progress)
        return np.stack([self._kept[digest] for digest in digests])
