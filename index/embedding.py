"""Text as vectors: the bundled encoder by default, any sentence-transformers model by name."""

import logging
from collections.abc import Sequence
from pathlib import Path

from index.light import BODY, EXPORT, load_light
from index.types import Embedder, Vectors

BUNDLED = "bundled"  # the name of the model that comes with WenBao
BUNDLED_FOLDER = Path(__file__).resolve().parent / "model" / "encoder"

log = logging.getLogger(__name__)


def load_embedder(name: str = BUNDLED) -> Embedder:
    """Return the model ``name``: ``bundled``, a folder, or a name of the sentence-transformers hub.

    The bundled one is run by onnxruntime (:mod:`index.light`), or by sentence-transformers in a
    checkout that has no ``body.onnx`` yet. Weights are read from safetensors only and no remote
    code is run. Raises :class:`CorpusError` when there is no such model here, or when the
    bundled one is damaged.
    """
    if name == BUNDLED and (BUNDLED_FOLDER / BODY).is_file():
        return load_light(BUNDLED_FOLDER, name)
    from index.pretrained import load_pretrained

    if name == BUNDLED:
        log.warning(
            "%s is missing, so the bundled model runs many times slower; restore it from git, "
            "or make it with: %s",
            BUNDLED_FOLDER / BODY,
            EXPORT,
        )
    return load_pretrained(str(BUNDLED_FOLDER) if name == BUNDLED else name, name)


class EmbedderOver:
    """An embedder that has another's model, and makes the vectors of windows in its own way."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

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

    def encode_passages(self, texts: Sequence[str], progress: bool = False) -> Vectors:
        """Return what the other embedder makes of passages."""
        return self._embedder.encode_passages(texts, progress)

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """Return what the other embedder makes of questions."""
        return self._embedder.encode_questions(texts)
