"""The bundled encoder without torch: tokenizers, NumPy and ONNX Runtime.

The rows of the vocabulary, three quarters of the weights, are read where they are needed from
the same file that sentence-transformers loads (``model.safetensors``, mapped into memory); the
layers above them are a graph of eight-bit integers (``body.onnx``), made from that file by
``python -m index.training.export``.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.text import simplify
from index.types import CorpusError, Vectors

BUNDLED = "bundled"  # the name of the model that comes with WenBao
FOLDER = Path(__file__).resolve().parent / "model" / "encoder"
GRAPH, WEIGHTS, TOKENIZER = "body.onnx", "model.safetensors", "tokenizer.json"
MADE_OF = "wenbao.weights.sha256"  # what the graph says of the weights that it was made from
MAX_TOKENS = 256
BATCH_TOKENS = 2_048  # of a batch, padding included: more does not fit the cache
REMEDY = "restore the folder from git, or make the graph anew: python -m index.training.export"


class BundledEmbedder:
    """An :class:`index.types.Embedder` over the bundled encoder.

    Safe to share between threads. Raises :class:`CorpusError` when a file is missing or
    damaged.
    """

    name = BUNDLED

    def __init__(self, folder: Path = FOLDER) -> None:
        from tokenizers import Tokenizer

        self._folder = folder
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
            self._rows = word_rows(folder / WEIGHTS)
            self._graph = (folder / GRAPH).read_bytes()
            self._many, self._single = (self._session(n) for n in (os.cpu_count() or 1, 1))
        except Exception as error:
            raise CorpusError(
                f"{folder}: the encoder cannot be read ({error}); {REMEDY}"
            ) from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._lock = Lock()

    @cached_property
    def identity(self) -> str:
        """The sha256 of the graph, which names its weights, and of the tokenizer."""
        digest = hashlib.sha256(self._graph)
        digest.update((self._folder / TOKENIZER).read_bytes())
        return digest.hexdigest()

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._many.get_outputs()[0].shape[1])

    def encode_passages(self, texts: Sequence[str], progress: bool = False) -> Vectors:
        """Return float32 vectors of shape ``(len(texts), dimension)``, rows of norm 1."""
        found = np.empty((len(texts), self.dimension), dtype=np.float32)
        with self._lock:  # truncation is a state of the tokenizer
            ids = [each.ids for each in self._tokenizer.encode_batch([*map(simplify, texts)])]
        for rows in _told(_batches([len(each) for each in ids]), len(texts), progress):
            found[rows] = self._run(self._many, [ids[row] for row in rows])
        return found

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """Return float32 vectors of shape ``(len(texts), dimension)``, rows of norm 1.

        One short text at a time is quicker on one thread.
        """
        if len(texts) > 1:
            return self.encode_passages(texts)
        found = np.empty((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            with self._lock:
                ids = self._tokenizer.encode(simplify(text)).ids
            found[row] = self._run(self._single, [ids])[0]
        return found

    def mismatch(self) -> str:
        """Return what is wrong where the graph was made from other weights; else nothing.

        Reads all weights: a third of a second.
        """
        weights = self._folder / WEIGHTS
        digest = hashlib.sha256(weights.read_bytes()).hexdigest()
        made_of = self._many.get_modelmeta().custom_metadata_map.get(MADE_OF)
        if digest == made_of:
            return ""
        return f"{weights}: {GRAPH} beside it was made from other weights; {REMEDY}"

    def _run(self, session: Any, ids: Sequence[Sequence[int]]) -> Vectors:
        width = max(map(len, ids))
        padded = np.zeros((len(ids), width), dtype=np.int64)
        mask = np.zeros((len(ids), width), dtype=np.int64)
        for row, each in enumerate(ids):
            padded[row, : len(each)] = each
            mask[row, : len(each)] = 1
        words = self._rows[padded].astype(np.float32)
        vectors: Vectors = session.run(None, {"embedded": words, "mask": mask})[0]
        return vectors

    def _session(self, threads: int) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return onnxruntime.InferenceSession(
            self._graph, options, providers=["CPUExecutionProvider"]
        )


def word_rows(path: Path) -> NDArray[np.float16]:
    """Return the word embeddings in a safetensors file, ``(vocabulary, width)``, mapped.

    Only the rows that are read are loaded. Raises ``ValueError`` where there are none.
    """
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        if size > path.stat().st_size:
            raise ValueError(f"{path.name} is no safetensors file")
        header = json.loads(file.read(size))
    entry = next((e for name, e in header.items() if name.endswith("word_embeddings.weight")), None)
    if entry is None or entry["dtype"] != "F16":
        raise ValueError(f"{path.name} holds no word embeddings in half precision")
    start, _ = entry["data_offsets"]
    return np.memmap(
        path, dtype=np.float16, mode="r", offset=8 + size + start, shape=tuple(entry["shape"])
    )


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Return all positions in batches of similar length, at most :data:`BATCH_TOKENS` each."""
    found: list[list[int]] = []
    for row in sorted(range(len(lengths)), key=lambda row: lengths[row]):
        if found and (len(found[-1]) + 1) * lengths[row] <= BATCH_TOKENS:
            found[-1].append(row)
        else:
            found.append([row])
    return found


def _told(batches: list[list[int]], count: int, progress: bool) -> Iterator[list[int]]:
    """Yield ``batches``, with a bar of ``count`` texts on stderr if ``progress``."""
    if not progress:
        yield from batches
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task("embedding", total=count)
        for batch in batches:
            yield batch
            bars.advance(bar, len(batch))
