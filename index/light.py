"""The bundled encoder without torch: NumPy looks the words up, onnxruntime does the rest.

::

    text ── tokenizer.json ── ids ── rows of model.safetensors ── onnx/body.onnx ── vector

Beside the vector, the graph tells what it is the mean of: a row for each token, from which
come the vectors of windows (:mod:`index.windows`).

The word rows are most of the model and stand in ``model.safetensors`` only, memory-mapped;
``body.onnx`` is everything after the look-up, its weights in 8 bits, and carries the sha256 of
the weights that it was made from. ``python -m index.training.export`` writes it.
"""

import hashlib
import os
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.tensors import mapped_arrays
from index.text import simplify
from index.types import CorpusError, Vectors
from index.windows import Bounds, Embedded, embedded_from, pooled, windows_of

if TYPE_CHECKING:
    from onnxruntime import InferenceSession as InferenceSession
    from tokenizers import Tokenizer

WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
BODY = "onnx/body.onnx"
VECTOR, TOKENS = "vector", "tokens"  # the outputs of the graph; it may lack the second
EXPORT = "python -m index.training.export"


@dataclass(frozen=True)
class LightEmbedder:
    """An :class:`index.types.Embedder` over a folder with a ``body.onnx``.

    Each text is encoded by itself, without padding: a vector does not depend on what else is
    encoded with it. Threads may share it.
    """

    name: str
    identity: str
    dimension: int
    folder: Path
    _tokenizer: "Tokenizer"
    _max_tokens: int
    _rows: NDArray[Any]
    _body: "InferenceSession"

    @cached_property
    def has_windows(self) -> bool:
        """Whether the graph tells the tokens that a vector is the mean of."""
        return TOKENS in {output.name for output in self._body.get_outputs()}

    def encode_passages(self, texts: Sequence[str], progress: bool = False) -> Vectors:
        """Return float32 vectors of shape ``(len(texts), dimension)``, rows of norm 1.

        As many are encoded at a time as there are cores; ``progress`` shows a bar on stderr.
        """
        if len(texts) < 2:
            return self.encode_questions(texts)
        with ThreadPoolExecutor(cores()) as pool:
            return self._stacked(_shown(pool.map(self._vector, texts), len(texts), progress))

    def encode_windows(self, texts: Sequence[str], progress: bool = False) -> Embedded:
        """Return the vectors of ``texts`` and of their windows, rows of norm 1.

        As many are encoded at a time as there are cores; ``progress`` shows a bar on stderr.
        """
        with ThreadPoolExecutor(cores()) as pool:
            made = list(_shown(pool.map(self._matrix, texts), len(texts), progress))
        return embedded_from(made, self.dimension)

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """Return float32 vectors of shape ``(len(texts), dimension)``, rows of norm 1."""
        return self._stacked(map(self._vector, texts))

    def _stacked(self, vectors: Iterable[NDArray[np.float32]]) -> Vectors:
        found = list(vectors)
        return np.stack(found) if found else np.zeros((0, self.dimension), dtype=np.float32)

    def _vector(self, text: str) -> NDArray[np.float32]:
        """Return the vector of one text, float32 of shape ``(dimension,)``."""
        embedded = self._embedded(self._tokenizer.encode(simplify(text)).ids)
        vector: NDArray[np.float32] = self._body.run([VECTOR], {"embedded": embedded[None]})[0]
        return vector

    def _matrix(self, text: str) -> Vectors:
        """Return the vector of one text and those of its windows."""
        if not self.has_windows:
            return self._vector(text)[np.newaxis]
        embedded, ranges = self.embedded(text)
        inputs = {"embedded": embedded[np.newaxis]}
        vector, tokens = self._body.run([VECTOR, TOKENS], inputs)
        return np.concatenate((vector[np.newaxis], pooled(tokens, ranges)))

    def embedded(self, text: str) -> tuple[NDArray[np.float32], list[Bounds]]:
        """Return the word rows of a text, and of each window which of them are its tokens.

        The rows are float32 of shape ``(tokens, width)``.
        """
        simplified = simplify(text)
        encoding = self._tokenizer.encode(simplified)
        starts = [start for start, _ in encoding.offsets[:-1]]
        bounds = windows_of(text)
        if len(simplified) != len(text):  # a composed character, an ellipsis
            bounds = [(len(simplify(text[:a])), len(simplify(text[:b]))) for a, b in bounds]
        kept = min(len(starts), self._max_tokens - 1)
        ranges = [
            (bisect_left(starts, a, lo=1, hi=kept), bisect_left(starts, b, lo=1, hi=kept))
            for a, b in bounds
        ]
        return self._embedded(encoding.ids), ranges

    def _embedded(self, ids: list[int]) -> NDArray[np.float32]:
        if len(ids) > self._max_tokens:
            ids = [*ids[: self._max_tokens - 1], ids[-1]]
        return self._rows[ids].astype(np.float32)


@dataclass(frozen=True)
class Fingerprint:
    """The sha256 of each file that a light embedder uses."""

    weights: str
    tokenizer: str
    body: str

    @cached_property
    def identity(self) -> str:
        """One digest of them all, 64 hexadecimal digits: another where any file is another."""
        return hashlib.sha256(f"{self.weights} {self.tokenizer} {self.body}".encode()).hexdigest()


def fingerprint(folder: Path) -> Fingerprint:
    """Return the digests of the files in ``folder``; about 0.1 s for the bundled model."""
    weights, tokenizer, body = (sha256_of(folder / name) for name in (WEIGHTS, TOKENIZER, BODY))
    return Fingerprint(weights, tokenizer, body)


def sha256_of(path: Path) -> str:
    """Return the digest of the bytes of a file, 64 hexadecimal digits."""
    stat = path.stat()
    return _sha256_of(path, stat.st_ino, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=16)
def _sha256_of(path: Path, *_version: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_beside(path: Path) -> Path:
    """Return where the digest of a graph stands, a line that ``sha256sum --check`` reads."""
    return path.with_name(path.name + ".sha256")


def require_digest(path: Path) -> None:
    """Raise :class:`ValueError` when the file is not that of the digest beside it, if any.

    A graph with a bit flipped is still a graph, and answers otherwise.
    """
    beside = digest_beside(path)
    if beside.is_file() and beside.read_bytes().split()[:1] != [sha256_of(path).encode()]:
        raise ValueError(f"{path.name} is not what {beside.name} tells of: its sha256 has changed")


def load_tokenizer(path: Path) -> "Tokenizer":
    """Return the tokenizer in the file at ``path``, which neither pads nor cuts off.

    Whoever loads it shares it, and has checked its digest.
    """
    return _tokenizer_of(path, sha256_of(path))


@lru_cache(maxsize=2)
def _tokenizer_of(path: Path, _digest: str) -> "Tokenizer":
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def load_light(folder: Path, name: str) -> LightEmbedder:
    """Return the embedder in ``folder``, which calls itself ``name``.

    Raises :class:`CorpusError` when a file is damaged, or when the body was made from other
    weights than those that lie beside it.
    """
    try:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(sha256_of, folder / WEIGHTS)  # remembered: done beside what follows
            body = session(folder / BODY)
            made_of = body.get_modelmeta().custom_metadata_map
            _require_made_from(folder, TOKENIZER, made_of)
            tokenizer = load_tokenizer(folder / TOKENIZER)
        _require_made_from(folder, WEIGHTS, made_of)
        digests = fingerprint(folder)
        rows = mapped_arrays(folder / WEIGHTS)[made_of["words"]]
        max_tokens, dimension = int(made_of["max_tokens"]), int(made_of["dimension"])
    except (OSError, ValueError, KeyError) as error:
        raise _damaged(folder, error) from error
    return LightEmbedder(
        name, digests.identity, dimension, folder, tokenizer, max_tokens, rows, body
    )


def _require_made_from(folder: Path, file: str, made_of: Mapping[str, str]) -> None:
    digest = sha256_of(folder / file)
    if (other := made_of.get(f"sha256 of {file}", "unknown")) != digest:
        raise CorpusError(
            f"{folder / BODY}: not made from the {file} beside it ({other[:12]}, not "
            f"{digest[:12]}); make it anew with: {EXPORT} --encoder {folder}"
        )


def session(path: Path) -> "InferenceSession":
    """Return what runs the graph at ``path``, whose digest is checked, one thread a text.

    A text is a few milliseconds of work: a second thread would wait for the first at each of
    some 250 steps, and passages keep every core busy anyway, one text each.
    """
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as errors

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # No fusions: the fused layer norm of the CPU is slower than its parts, and the same
    # operations in the same order give the same vector on every machine, to rounding.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    # The 8-bit weights are made floating point here, once, and not for every text.
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    options.log_severity_level = 3
    require_digest(path)
    try:
        return onnxruntime.InferenceSession(
            path.read_bytes(), options, providers=["CPUExecutionProvider"]
        )
    except (
        errors.Fail,
        errors.InvalidArgument,
        errors.InvalidGraph,
        errors.InvalidProtobuf,
        errors.NotImplemented,
        errors.RuntimeException,
    ) as error:
        raise ValueError(str(error).strip() or type(error).__name__) from error


def _damaged(folder: Path, error: Exception) -> CorpusError:
    reason = " ".join(str(error).split())[:200]
    return CorpusError(
        f"{folder}: the bundled model cannot be read ({reason}); restore it from git, or make "
        f"{BODY} anew with: {EXPORT} --encoder {folder}"
    )


def cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux only
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _shown(items: Iterable[Vectors], total: int, progress: bool) -> Iterable[Vectors]:
    """Return ``items``, counted by a bar on stderr when ``progress``."""
    if not progress:
        return items
    from rich.console import Console
    from rich.progress import track

    return track(items, "embedding", total=total, console=Console(stderr=True))
