"""Text as vectors: the bundled model by default, or any of sentence-transformers."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from index.bundled import BUNDLED, BundledEmbedder
from index.text import simplify
from index.types import CorpusError, Embedder, Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH_SIZE = 32  # halved where memory is short
HUB_TIMEOUT_S = 3.0
E5_PROMPTS = {"query": "query: ", "passage": "passage: "}  # by the model cards of E5
_E5 = re.compile(r"(?:^|[/_-])e5[_-](?!.*instruct)", re.IGNORECASE)


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
        digest.update(repr(sorted(self._prompts.items())).encode())
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
        import torch

        prompt = next((known for name in prompts if (known := self._prompts.get(name))), "")
        simplified = [simplify(text) for text in texts]
        batch_size = BATCH_SIZE
        while True:
            try:
                vectors = self._model.encode(
                    simplified,
                    prompt=prompt,
                    batch_size=batch_size,
                    normalize_embeddings=True,
                    convert_to_numpy=True,
                    show_progress_bar=progress,
                )
            except (MemoryError, torch.OutOfMemoryError) as error:
                if batch_size == 1:
                    raise CorpusError(
                        f"model {self.name!r} needs more memory than there is for one text; "
                        "take a smaller model"
                    ) from error
                batch_size //= 2
            else:
                return np.ascontiguousarray(vectors, dtype=np.float32)

    @cached_property
    def _prompts(self) -> Mapping[str, str]:
        """The prompts of the model's configuration; those of E5, which has none in its own."""
        own = {name: prompt for name, prompt in self._model.prompts.items() if prompt}
        return E5_PROMPTS if not own and _E5.search(self.name) else own


def load_embedder(name: str = BUNDLED) -> Embedder:
    """Return the model ``name``: ``bundled``, a folder, or a name of the sentence-transformers hub.

    The bundled one runs without torch. Of others, weights are read from safetensors only and
    no remote code is run; they use a GPU where there is one, in half precision there. Raises
    :class:`CorpusError` when there is no such model here.
    """
    if name == BUNDLED:
        return BundledEmbedder()
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # loading is quick; indexing shows its own bar
    is_here = Path(name).is_dir()
    on_gpu = torch.cuda.is_available()
    try:
        model = SentenceTransformer(
            name,
            trust_remote_code=False,
            local_files_only=is_here or not _hub_answers(),
            model_kwargs={
                "dtype": torch.float16 if on_gpu else torch.float32,
                "use_safetensors": True,
            },
        )
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise CorpusError(
            f"model {name!r} cannot be loaded ({reason}); give a folder with a "
            "sentence-transformers model in safetensors, or leave --model out for the bundled one"
        ) from error
    return SentenceTransformerEmbedder(model, name)


def _hub_answers() -> bool:
    """Return whether the hub of models can be reached: without it, its client retries a minute.

    Behind a proxy it is taken to answer.
    """
    import socket
    from urllib.parse import urlsplit
    from urllib.request import getproxies

    from huggingface_hub.constants import ENDPOINT

    if getproxies():
        return True
    place = urlsplit(ENDPOINT)
    try:
        with socket.create_connection((place.hostname or "", place.port or 443), HUB_TIMEOUT_S):
            return True
    except OSError:
        return False
