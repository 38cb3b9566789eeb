"""The user's own model: any of sentence-transformers, by folder or by name on its hub."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from index.text import simplify
from index.types import CorpusError, Vectors
from index.windows import Embedded, whole_only

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH_SIZE = 32  # to begin with: halved for as long as the memory of a device does not suffice
HUB_TIMEOUT_S = 4.0

QUERY_PROMPTS = ("query", "question", "retrieval.query")
PASSAGE_PROMPTS = ("passage", "document", "retrieval.passage", "corpus")

# Families that were trained with prompts which their configuration does not name, only their
# card: a part of the last name of the path, the prompt of a question, the prompt of a passage.
FAMILIES = (
    ("-e5-", "query: ", "passage: "),
    ("-bge-small-zh-", "为这个句子生成表示以用于检索相关文章：", ""),
    ("-bge-base-zh-", "为这个句子生成表示以用于检索相关文章：", ""),
    ("-bge-large-zh-", "为这个句子生成表示以用于检索相关文章：", ""),
)
INSTRUCTED = "instruct"  # e5-…-instruct takes another prompt, which its configuration names

log = logging.getLogger(__name__)


class SentenceTransformerEmbedder:
    """An :class:`index.types.Embedder` over a sentence-transformers model.

    Questions and passages get the prompts that the model's own configuration names
    ``query`` and ``passage`` (or ``document``), else those of its family. Text is simplified
    before it is encoded, so that a Traditional question and a Simplified page meet; what is
    longer than the model reads is cut off.
    """

    def __init__(self, model: "SentenceTransformer", name: str) -> None:
        self._model = model
        self._batch_size = BATCH_SIZE
        self._prompts = prompts_of(model.prompts, name)
        self.name = name

    @cached_property
    def identity(self) -> str:
        """The sha256 of the weights, by tensor name, with the prompts: 64 hexadecimal digits."""
        digest = hashlib.sha256()
        for name, tensor in sorted(self._model.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.detach().float().cpu().contiguous().numpy().tobytes())
        digest.update(repr(sorted(self._model.prompts.items())).encode())
        if not any(self._model.prompts.values()) and any(self._prompts):
            digest.update(repr(self._prompts).encode())
        return digest.hexdigest()

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return cast(int, self._model.get_embedding_dimension())

    def encode_passages(self, texts: Sequence[str], progress: bool = False) -> Vectors:
        """Return float32 vectors of shape ``(len(texts), dimension)``, rows of norm 1."""
        return self._encode(texts, self._prompts[1], progress)

    def encode_windows(self, texts: Sequence[str], progress: bool = False) -> Embedded:
        """Return the vectors of ``texts`` alone: how tokens become one is the model's affair."""
        return whole_only(self.encode_passages(texts, progress))

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """Return float32 vectors of shape ``(len(texts), dimension)``, rows of norm 1."""
        return self._encode(texts, self._prompts[0], progress=False)

    def _encode(self, texts: Sequence[str], prompt: str, progress: bool) -> Vectors:
        """Return the vectors of ``texts``; the library batches them by length."""
        import torch

        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        simplified = [simplify(text) for text in texts]
        while True:
            try:
                vectors: Any = self._model.encode(
                    simplified,
                    prompt=prompt,  # "" and not None: None is the model's default prompt
                    batch_size=self._batch_size,
                    convert_to_numpy=True,
                    show_progress_bar=progress,
                )
                break
            except torch.OutOfMemoryError:
                if self._batch_size == 1:
                    raise
                self._batch_size //= 2
                log.info("out of memory: batches of %d now", self._batch_size)
            if torch.cuda.is_available():  # outside the handler, which keeps the tensors alive
                torch.cuda.empty_cache()
        return _normalised(vectors)


def _normalised(vectors: Any) -> Vectors:
    """Return the rows as float32 of norm 1; float16 ones would be of norm 1 to 0.001 only."""
    wide = np.asarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    return np.ascontiguousarray(wide / np.maximum(lengths, np.finfo(np.float32).tiny))


def prompts_of(configured: Mapping[str, str | None], name: str) -> tuple[str, str]:
    """Return the prompt of a question and that of a passage, empty where the model has none.

    What the configuration names wins; a model without any gets those of its family, told by
    ``name``.
    """
    if any(configured.values()):
        return _named(configured, QUERY_PROMPTS), _named(configured, PASSAGE_PROMPTS)
    last = name.lower().replace("\\", "/").rstrip("/").rpartition("/")[2]
    lowered = f"-{last.replace('_', '-')}-"
    for part, question, passage in FAMILIES:
        if part in lowered and INSTRUCTED not in lowered:
            return question, passage
    return "", ""


def _named(configured: Mapping[str, str | None], names: Sequence[str]) -> str:
    return next((prompt for name in names if (prompt := configured.get(name))), "")


def load_pretrained(source: str, name: str) -> SentenceTransformerEmbedder:
    """Return the model at ``source``, a folder or a name of the hub, which calls itself ``name``.

    What was downloaded before is taken from the cache, without asking the hub. On a GPU, if
    there is one, it computes in half precision. Raises :class:`CorpusError` when the model is
    neither here nor to be had.
    """
    try:
        if Path(source).is_dir() or _is_cached(source):
            return _embedder(source, name, local_files_only=True)
        _require_hub()
        return _embedder(source, name, local_files_only=False)
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise CorpusError(
            f"model {name!r} cannot be loaded ({reason}); give a folder with a "
            "sentence-transformers model in safetensors, or leave --model out for the bundled one"
        ) from error


def _embedder(source: str, name: str, local_files_only: bool) -> SentenceTransformerEmbedder:
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # loading is quick; indexing shows its own bar
    model = SentenceTransformer(
        source,
        trust_remote_code=False,
        local_files_only=local_files_only,
        model_kwargs={"dtype": torch.float32, "use_safetensors": True},
    )
    embedder = SentenceTransformerEmbedder(model, name)
    if model.device.type == "cuda" and not _overflows(model):
        embedder.identity  # noqa: B018  of the weights as they were read: no GPU changes it
        model.half()
    return embedder


def _overflows(model: Any) -> bool:
    """Return whether half precision is too narrow for the activations of ``model``: Gemma's."""
    config = getattr(getattr(model[0], "model", None), "config", None)
    return "gemma" in getattr(config, "model_type", "")


def _is_cached(name: str) -> bool:
    """Return whether the hub's cache on this machine has the model ``name``."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    candidates = [name] if "/" in name else [f"sentence-transformers/{name}", name]
    try:
        return any(
            isinstance(try_to_load_from_cache(candidate, file), str)
            for candidate in candidates
            for file in ("modules.json", "config.json")
        )
    except HFValidationError:  # a path, and no folder is there
        return False


def _require_hub() -> None:
    """Raise :class:`OSError` when the hub cannot be reached.

    One request tells in seconds what the library's own retries take more than a minute for.
    """
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    from huggingface_hub import constants

    problem = (
        f"it is no folder, was not downloaded before, and {constants.ENDPOINT} cannot be reached"
    )
    if constants.is_offline_mode():
        raise OSError(problem)
    try:
        urlopen(Request(constants.ENDPOINT, method="HEAD"), timeout=HUB_TIMEOUT_S).close()
    except HTTPError:
        return  # whatever it answers, it is there
    except OSError as error:
        raise OSError(problem) from error
