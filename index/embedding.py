"""Text as vectors: any sentence-transformers model, the bundled one by default."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from index.text import simplify
from index.types import CorpusError, Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH_SIZE = 32
BUNDLED = "bundled"  # the name of the model that comes with WenBao
BUNDLED_FOLDER = Path(__file__).resolve().parent / "model" / "encoder"


class SentenceTransformerEmbedder:
    """An :class:`index.types.Embedder` over a sentence-transformers model.

    Questions and passages get the prompts that the model's own configuration names
    ``query`` and ``passage`` (or ``document``). Text is simplified before it is encoded, so
    that a Traditional question and a Simplified page meet.
    """

    def __init__(self, model: "SentenceTransformer", name: str) -> None:
        self._model = model
        self.name = name

    @cached_property
    def identity(self) -> str:
        """The sha256 of the weights, by tensor name, with the prompts: 64 hexadecimal digits."""
        digest = hashlib.sha256()
        for name, tensor in sorted(self._model.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.detach().float().cpu().contiguous().numpy().tobytes())
        digest.update(repr(sorted(self._model.prompts.items())).encode())
        return digest.hexdigest()

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return cast(int, self._model.get_embedding_dimension())

    def encode_passages(self, texts: Sequence[str], progress: bool = False) -> Vectors:
        """Return float32 vectors of shape ``(len(texts), dimension)``, rows of norm 1."""
        return self._encode(texts, ("passage", "document"), progress)

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """Return float32 vectors of shape ``(len(texts), dimension)``, rows of norm 1."""
        return self._encode(texts, ("query",), progress=False)

    def _encode(self, texts: Sequence[str], prompts: tuple[str, ...], progress: bool) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        known = self._model.prompts
        vectors = self._model.encode(
            [simplify(text) for text in texts],
            prompt=next((known[name] for name in prompts if known.get(name)), None),
            batch_size=BATCH_SIZE,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=progress,
        )
        return np.ascontiguousarray(vectors, dtype=np.float32)


def load_embedder(name: str = BUNDLED) -> SentenceTransformerEmbedder:
    """Return the model ``name``: ``bundled``, a folder, or a name of the sentence-transformers hub.

    Weights are read from safetensors only and no remote code is run. Raises
    :class:`CorpusError` when there is no such model here.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # loading is quick; indexing shows its own bar
    folder = BUNDLED_FOLDER if name == BUNDLED else Path(name)
    is_here = folder.is_dir()
    try:
        model = SentenceTransformer(
            str(folder) if is_here else name,
            trust_remote_code=False,
            local_files_only=is_here,
            model_kwargs={"dtype": torch.float32, "use_safetensors": True},
        )
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise CorpusError(
            f"model {name!r} cannot be loaded ({reason}); give a folder with a "
            "sentence-transformers model in safetensors, or leave --model out for the bundled one"
        ) from error
    return SentenceTransformerEmbedder(model, name)
