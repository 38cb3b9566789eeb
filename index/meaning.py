"""What a piece of text is about, from the word vectors of the bundled encoder alone.

The mean of the vectors of its tokens, each weighted by how rare it is, less what all news
has in common: smooth inverse frequency (Arora, Liang and Ma, 2017). A thousand times
cheaper than the encoder, and enough to tell sport from taxes where two paragraphs share
no word. The weights come from news documents, see ``index/training/page_tables.py``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from tokenizers import Tokenizer

MODEL = Path(__file__).parent / "model"
TABLE = MODEL / "meaning.npz"
MAX_CHARS = 600  # of a text; the rest of it is about the same


@dataclass(frozen=True)
class Meaning:
    """Word vectors of shape ``(tokens, dimension)`` and what makes a text's vector of them.

    ``weights`` has an entry for each token, ``mean`` is the vector of the usual text and
    ``common`` holds the directions, one a row, that all texts share.
    """

    tokenizer: Tokenizer
    vectors: NDArray[np.float16]
    weights: NDArray[np.float32]
    mean: NDArray[np.float32]
    common: NDArray[np.float32]

    def raw(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the weighted means, shape ``(len(texts), dimension)``."""
        encoded = self.tokenizer.encode_batch(
            [text[:MAX_CHARS].encode("utf-8", "replace").decode("utf-8") for text in texts],
            add_special_tokens=False,
        )
        means = np.tile(self.mean, (len(texts), 1))
        for row, tokens in enumerate(encoded):
            if tokens.ids:
                vectors = self.vectors[tokens.ids].astype(np.float32)
                means[row] = self.weights[tokens.ids] @ vectors / len(tokens.ids)
        return means

    def likeness(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the cosine of each two texts, shape ``(len(texts), len(texts))``."""
        vectors = self.raw(texts) - self.mean
        vectors -= vectors @ self.common.T @ self.common
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        return np.asarray(vectors @ vectors.T, dtype=np.float32)


def word_vectors() -> tuple[Tokenizer, NDArray[np.float16]]:
    """Return the tokenizer of the bundled encoder and the vector of each of its tokens."""
    tokenizer = Tokenizer.from_file(str(MODEL / "encoder" / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    with safe_open(MODEL / "encoder" / "model.safetensors", "np") as weights:
        name = next(name for name in weights.keys() if name.endswith("word_embeddings.weight"))  # noqa: SIM118
        vectors: NDArray[np.float16] = weights.get_tensor(name)
    return tokenizer, vectors


@lru_cache(maxsize=1)
def bundled_meaning() -> Meaning:
    """Return the vectors that WenBao carries."""
    tokenizer, vectors = word_vectors()
    with np.load(TABLE, allow_pickle=False) as stored:
        weights, mean, common = (
            stored[name].astype(np.float32) for name in ("weights", "mean", "common")
        )
    return Meaning(tokenizer, vectors, weights, mean, common)
