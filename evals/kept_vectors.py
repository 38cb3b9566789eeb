"""Vectors of passages kept on disk: a bench encodes each once, and goes on where it stopped."""

import hashlib
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index.types import Embedder, Vectors

PART_TEXTS = 2_048  # encoded and written at a time


class KeptVectors:
    """An :class:`index.types.Embedder` that keeps what another one made of passages.

    ``folder`` holds the vectors of one embedder in parts: the digests of the texts, and a
    matrix. A part that cannot be read is encoded again.
    """

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        self._embedder = embedder
        self._folder = folder / embedder.identity[:16]
        self._kept: dict[bytes, Vectors] = {}
        for path in sorted(self._folder.glob("*.npz")):
            self._kept.update(_read(path, embedder.dimension))

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
        digests = [hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in texts]
        new = {d: text for d, text in zip(digests, texts, strict=True) if d not in self._kept}
        waiting = list(new)
        for start in range(0, len(waiting), PART_TEXTS):
            part = waiting[start : start + PART_TEXTS]
            vectors = self._embedder.encode_passages([new[each] for each in part], progress)
            _write(self._folder / f"{part[0].hex()[:16]}.npz", part, vectors)
            self._kept.update(zip(part, vectors, strict=True))
        if not digests:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.stack([self._kept[digest] for digest in digests])


def _read(path: Path, dimension: int) -> dict[bytes, Vectors]:
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as part:
            digests, vectors = part["digests"], part["vectors"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}
    if vectors.shape != (len(digests), dimension) or vectors.dtype != np.float32:
        return {}
    return {each.tobytes(): vector for each, vector in zip(digests, vectors, strict=True)}


def _write(path: Path, digests: Sequence[bytes], vectors: Vectors) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".new")
    names = np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(len(digests), -1)
    with temporary.open("wb") as file:
        np.savez(file, digests=names, vectors=vectors)
    temporary.replace(path)
