"""Many passages soon: the layers of the bundled encoder once more, in torch and bfloat16.

::

    texts ── word rows ── one long row of tokens ── 6 layers ── a mean for each text ── vectors
             (light.py)   (about 2,000 a batch)     (attention looks at one text at a time)

Processors with matrix units (AMX) multiply bfloat16 several times faster than onnxruntime its
float32; others do not, and loading torch takes seconds. So it is used for many texts only,
and only where a sample of them says that it is faster here and that its vectors are those of
:class:`index.light.LightEmbedder`, with which questions are encoded.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.light import WEIGHTS, LightEmbedder, cores
from index.tensors import mapped_arrays
from index.types import Embedder, Vectors
from index.windows import Bounds, Embedded, embedded_from, pooled

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

LARGE = 1_000  # texts; what loading torch takes is not won back with fewer
SAMPLE = 16  # of them are encoded both ways before the others
MIN_COSINE = 0.99  # of each in the sample with its light vector
BATCH_TOKENS = 2_048  # what a layer makes of them stays in the cache of a core
FILLED_TO = 128  # tokens: oneDNN keeps a plan, megabytes of it, for each length of a batch

Encode = Callable[[Sequence[str]], Embedded]
Rows = tuple[NDArray[np.float32], list[Bounds]]  # of a text, and which are those of its windows

log = logging.getLogger(__name__)


def quickest(embedder: Embedder, texts: Sequence[str]) -> Encode:
    """Return what makes vectors of ``texts`` in the least time on this machine.

    It is ``encode_windows`` of ``embedder``, or for many texts and the bundled encoder that of
    :class:`BulkEncoder`, when a sample shows that it is faster and makes the same vectors. The
    sample is timed by what the processor works, which another busy process does not change.
    """
    if len(texts) < LARGE or not isinstance(embedder, LightEmbedder):
        return embedder.encode_windows
    try:
        bulk = load_bulk(embedder)
        bulk.encode_windows(texts[:1])  # the first time prepares what later ones find
        sample = texts[:: len(texts) // SAMPLE][:SAMPLE]
        light_vectors, light_s = _timed(embedder.encode_windows, sample)
        bulk_vectors, bulk_s = _timed(bulk.encode_windows, sample)
    except (ImportError, OSError, KeyError, ValueError, RuntimeError) as error:
        log.info("passages are encoded by onnxruntime: torch cannot (%s)", error)
        return embedder.encode_windows
    nearest = min(
        float((one * other).sum(axis=1).min(initial=1.0))
        for one, other in (
            (bulk_vectors.matrix, light_vectors.matrix),
            (bulk_vectors.windows.vectors, light_vectors.windows.vectors),
        )
    )
    log.info(
        "a passage takes %.1f ms in torch, %.1f ms in onnxruntime; cosine at least %.4f",
        *(seconds / len(sample) * 1000 for seconds in (bulk_s, light_s)),
        nearest,
    )
    if nearest < MIN_COSINE or bulk_s >= light_s:
        return embedder.encode_windows
    return bulk.encode_windows


def _timed(encode: Encode, texts: Sequence[str]) -> tuple[Embedded, float]:
    """Return the vectors of ``texts``, and the seconds of processor time they took."""
    started = time.process_time()
    vectors = encode(texts)
    return vectors, time.process_time() - started


@dataclass(frozen=True)
class Layer:
    """The weights of one layer, each ``(out, in)`` with its bias; norms are in float32."""

    attended: "tuple[Tensor, Tensor]"  # query, key and value, one below the other
    attention: "tuple[Tensor, Tensor]"
    attention_norm: "tuple[Tensor, Tensor]"
    wide: "tuple[Tensor, Tensor]"
    narrow: "tuple[Tensor, Tensor]"
    norm: "tuple[Tensor, Tensor]"


@dataclass(frozen=True)
class BulkEncoder:
    """Encodes as many batches at a time as there are cores, one thread each.

    Texts are laid end to end without padding; a vector does not depend on its company but for
    rounding.
    """

    light: LightEmbedder
    layers: Sequence[Layer]
    places: "Tensor"  # the row of each place in a text, with that of the first text of two
    norm: "tuple[Tensor, Tensor]"
    turn: "Tensor | None"
    heads: int
    epsilon: float

    def encode_windows(self, texts: Sequence[str]) -> Embedded:
        """Return the vectors of ``texts`` and of their windows, rows of norm 1."""
        import torch

        batches = _batches([self.light.embedded(text) for text in texts])
        threads = torch.get_num_threads()
        try:
            with ThreadPoolExecutor(cores(), "bulk", torch.set_num_threads, (1,)) as pool:
                made = list(chain.from_iterable(pool.map(self._matrices, batches)))
        finally:
            torch.set_num_threads(threads)  # of threads that are yet to come
        return embedded_from(made, self.light.dimension)

    def _matrices(self, batch: Sequence[Rows]) -> list[Vectors]:
        """Return of each text in ``batch`` its vector and those of its windows.

        Behind them comes a text of nothing, up to a multiple of :data:`FILLED_TO` tokens.
        """
        import torch
        from torch.nn.functional import gelu, linear, pad

        lengths = [len(rows) for rows, _ in batch]
        filler = FILLED_TO - sum(lengths) % FILLED_TO
        with torch.inference_mode():
            places = torch.cat([self.places[:length] for length in lengths])
            embedded = np.concatenate([rows for rows, _ in batch])
            state = self._normed(torch.from_numpy(embedded) + places, self.norm)
            state, lengths = pad(state, (0, 0, 0, filler)), [*lengths, filler]
            for layer in self.layers:
                attended = self._attended(linear(state.bfloat16(), *layer.attended), lengths)
                # What is added up from layer to layer stays in float32, else small parts are lost.
                state = state + linear(attended, *layer.attention)
                state = self._normed(state, layer.attention_norm)
                wide = gelu(linear(state.bfloat16(), *layer.wide))
                state = self._normed(state + linear(wide, *layer.narrow), layer.norm)
            turned = state if self.turn is None else linear(state, self.turn)
        return [
            pooled(tokens.numpy(), [(0, len(tokens)), *(ranges if self.light.has_windows else ())])
            for tokens, (_, ranges) in zip(turned.split(lengths), batch, strict=False)
        ]

    def _normed(self, state: "Tensor", norm: "tuple[Tensor, Tensor]") -> "Tensor":
        from torch.nn.functional import layer_norm

        return layer_norm(state, state.shape[-1:], *norm, self.epsilon)

    def _attended(self, projected: "Tensor", lengths: Sequence[int]) -> "Tensor":
        """Return what each token takes from those of its text, ``(tokens, width)``."""
        import torch
        from torch.nn.functional import scaled_dot_product_attention

        tokens, width = len(projected), projected.shape[1] // 3
        parts = projected.view(tokens, 3, self.heads, -1).split(lengths)
        found = []
        for part in parts:
            query, key, value = part.permute(1, 2, 0, 3).unsqueeze(1)
            attended = scaled_dot_product_attention(query, key, value)
            found.append(attended[0].transpose(0, 1).reshape(-1, width))
        return torch.cat(found)


def _batches(texts: Sequence[Rows]) -> Iterator[list[Rows]]:
    """Yield runs of ``texts`` of about :data:`BATCH_TOKENS` tokens."""
    batch: list[Rows] = []
    tokens = 0
    for text in texts:
        if batch and tokens + len(text[0]) > BATCH_TOKENS:
            yield batch
            batch, tokens = [], 0
        batch.append(text)
        tokens += len(text[0])
    if batch:
        yield batch


def load_bulk(light: LightEmbedder) -> BulkEncoder:
    """Return the layers of the BERT in the folder of ``light``, with its means and its turn.

    Raises :class:`OSError`, :class:`KeyError` or :class:`ValueError` where a file is of another
    shape, and :class:`ImportError` without torch. Whatever else the folder holds is not seen:
    compare the vectors.
    """
    import torch

    config = json.loads((light.folder / "config.json").read_bytes())
    weights = _weights(light.folder / WEIGHTS)

    def pair(name: str, dtype: Any) -> "tuple[Tensor, Tensor]":
        return weights[f"{name}.weight"].to(dtype), weights[f"{name}.bias"].to(dtype)

    def layer(number: int) -> Layer:
        name = f"encoder.layer.{number}"
        parts = [
            pair(f"{name}.attention.self.{part}", torch.bfloat16)
            for part in ("query", "key", "value")
        ]
        return Layer(
            (torch.cat([part[0] for part in parts]), torch.cat([part[1] for part in parts])),
            pair(f"{name}.attention.output.dense", torch.bfloat16),
            pair(f"{name}.attention.output.LayerNorm", torch.float32),
            pair(f"{name}.intermediate.dense", torch.bfloat16),
            pair(f"{name}.output.dense", torch.bfloat16),
            pair(f"{name}.output.LayerNorm", torch.float32),
        )

    turn = light.folder / "2_Dense" / WEIGHTS
    return BulkEncoder(
        light=light,
        layers=[layer(number) for number in range(config["num_hidden_layers"])],
        places=weights["embeddings.position_embeddings.weight"]
        + weights["embeddings.token_type_embeddings.weight"][0],
        norm=pair("embeddings.LayerNorm", torch.float32),
        turn=_weights(turn)["linear.weight"] if turn.is_file() else None,
        heads=config["num_attention_heads"],
        epsilon=config["layer_norm_eps"],
    )


def _weights(path: "Path") -> "Mapping[str, Tensor]":
    """Return the tensors of a safetensors file as float32, but for the rows of words."""
    import torch

    return {
        name: torch.from_numpy(array.astype(np.float32))
        for name, array in mapped_arrays(path).items()
        if "word_embeddings" not in name
    }
