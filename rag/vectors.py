"""Vectors of questions and sentences, each encoded once and kept."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock

import numpy as np

from index.types import Embedder, Vectors

KEPT = 20_000  # vectors; at 384 float32 each, 30 MB


class VectorCache:
    """Keeps the vectors of the texts it was asked for last, questions and sentences apart.

    Safe to share between threads; one of them encodes at a time (a tokenizer may not be
    shared, and the encoder uses every core by itself).
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._lock = Lock()
        self._questions: OrderedDict[str, Vectors] = OrderedDict()
        self._sentences: OrderedDict[str, Vectors] = OrderedDict()

    def questions(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of questions, float32 of shape ``(len(texts), dimension)``."""
        return self._kept(texts, self._questions, self._embedder.encode_questions)

    def sentences(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of sentences, float32 of shape ``(len(texts), dimension)``."""
        return self._kept(texts, self._sentences, self._embedder.encode_passages)

    def _kept(
        self,
        texts: Sequence[str],
        cache: OrderedDict[str, Vectors],
        encode: Callable[[Sequence[str]], Vectors],
    ) -> Vectors:
        """Return one vector a text, encoding those that are not in ``cache`` in one batch."""
        if not texts:
            return np.zeros((0, self._embedder.dimension), dtype=np.float32)
        with self._lock:
            missing = [text for text in dict.fromkeys(texts) if text not in cache]
            if missing:
                cache.update(zip(missing, encode(missing), strict=True))
            for text in texts:
                cache.move_to_end(text)
            found = np.stack([cache[text] for text in texts])
            while len(cache) > KEPT:
                cache.popitem(last=False)
        return found
