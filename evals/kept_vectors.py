"""Vectors of passages kept on disk: a bench encodes each once, and goes on where it stopped."""

from collections.abc import Sequence
from pathlib import Path

from index.embedding import EmbedderOver
from index.resuming import complete, parts_of, read_parts
from index.text import digest_of
from index.types import Embedder
from index.windows import Embedded, embedded_in


class KeptVectors(EmbedderOver):
    """An :class:`index.types.Embedder` that keeps what another one made of passages.

    ``folder`` holds the vectors of one embedder in parts (:mod:`index.resuming`). A part that
    is damaged is encoded again.
    """

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        super().__init__(embedder)
        self._place = parts_of(folder, embedder)
        self._kept = read_parts(self._place, embedder)

    def encode_windows(self, texts: Sequence[str], progress: bool = False) -> Embedded:
        """Return the vectors of ``texts`` and of their windows, those kept from disk."""
        digests = [digest_of(text) for text in texts]
        wanted = dict(zip(digests, texts, strict=True))
        complete(self._kept, wanted, self._embedder, self._place, progress)
        return embedded_in([self._kept[digest] for digest in digests], self.dimension)
