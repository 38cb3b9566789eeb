"""An embedder for tests: texts are near each other that share characters."""

import zlib
from collections.abc import Sequence

import numpy as np

from index.text import bigrams, fold
from index.types import Vectors
from index.windows import Embedded, table_of, whole_only, windows_of


class BigramEmbedder:
    """Hashes character bigrams into a vector; counts what it was asked to encode."""

    dimension = 64

    def __init__(self, identity: str = "bigrams-1", name: str = "bigrams") -> None:
        self.identity = identity
        self.name = name
        self.encoded: list[str] = []

    def encode_passages(self, texts: Sequence[str], progress: bool = False) -> Vectors:  # noqa: ARG002
        self.encoded.extend(texts)
        return self.encode_questions(texts)

    def encode_windows(self, texts: Sequence[str], progress: bool = False) -> Embedded:
        return whole_only(self.encode_passages(texts, progress))

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        vectors = np.full((len(texts), self.dimension), 1e-3, dtype=np.float32)
        for row, text in enumerate(texts):
            for bigram in bigrams(fold(text)):
                vectors[row, zlib.crc32(bigram.encode()) % self.dimension] += 1
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


class WindowEmbedder(BigramEmbedder):
    """Has a vector for each window, too: that of its words."""

    def encode_windows(self, texts: Sequence[str], progress: bool = False) -> Embedded:
        vectors = self.encode_passages(texts, progress)
        windows = [[text[start:end] for start, end in windows_of(text)] for text in texts]
        own = [self.encode_questions(each) for each in windows]
        return Embedded(vectors, table_of(own, self.dimension))
