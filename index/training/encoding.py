"""Sentence vectors during training: token ids in, normalised vectors out.

The same computation as in the product with the tokenizer and the network apart, on a GPU where
there is one, in bfloat16 where the processor has it (elsewhere that is emulated, and slow).
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor


def token_ids(tokenizer: Any, texts: Sequence[str], max_tokens: int) -> list[list[int]]:
    """Return the ids of each text with [CLS] and [SEP], at most ``max_tokens`` of them."""
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    found: list[list[int]] = []
    for start in range(0, len(texts), 10_000):
        batch = tokenizer.encode_batch(list(texts[start : start + 10_000]))
        found.extend(encoding.ids for encoding in batch)
    return found


def device() -> torch.device:
    """Return where training runs: the GPU if there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _has_bfloat16(where: torch.device) -> bool:
    return where.type == "cuda" or bool(torch.cpu.get_capabilities().get("avx512_bf16"))


def padded(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Return the ids as one matrix, filled up with 0 on the right, and its 0/1 mask."""
    lengths = np.fromiter(map(len, rows), np.int64, len(rows))
    mask = np.arange(lengths.max()) < lengths[:, None]
    ids = np.zeros(mask.shape, dtype=np.int64)
    ids[mask] = np.fromiter(chain.from_iterable(rows), np.int64, int(lengths.sum()))
    return torch.from_numpy(ids), torch.from_numpy(mask.astype(np.int64))


def last_layer(
    body: Any, embedded: Tensor, mask: Tensor, token_types: Tensor | None = None
) -> Tensor:
    """Return the last layer (rows × tokens × width), float32.

    ``embedded`` are word embeddings (rows × tokens × width), ``mask`` and ``token_types`` are
    rows × tokens. On a CPU the library's fused attention is left aside: plain matrix products
    are faster for rows this short (0.58 against 0.75 s a step of 24 × 180 tokens).
    """
    body.config._attn_implementation = "eager" if embedded.device.type == "cpu" else "sdpa"
    where = embedded.device
    with torch.autocast(where.type, torch.bfloat16, enabled=_has_bfloat16(where)):
        last: Tensor = body(
            inputs_embeds=embedded, attention_mask=mask, token_type_ids=token_types
        ).last_hidden_state
    return last.float()


def sentence_vectors(body: Any, embedded: Tensor, mask: Tensor) -> Tensor:
    """Return the normalised mean of the last layer over the real tokens, float32."""
    weights = mask.unsqueeze(-1).to(torch.float32)
    mean = (last_layer(body, embedded, mask) * weights).sum(1) / weights.sum(1)
    return torch.nn.functional.normalize(mean, dim=-1)


def encode(
    body: Any, embed: Any, rows: Sequence[Sequence[int]], batch_tokens: int | None = None
) -> npt.NDArray[np.float32]:
    """Return the vectors of ``rows`` of token ids (rows × width), without gradients.

    ``embed`` maps a matrix of ids to word embeddings. Rows are batched by length, at most
    ``batch_tokens`` at once.
    """
    where = next(body.parameters()).device
    if batch_tokens is None:
        batch_tokens = 4_096 if where.type == "cpu" else 262_144
    order = sorted(range(len(rows)), key=lambda number: len(rows[number]))
    found: npt.NDArray[np.float32] | None = None
    start = 0
    with torch.inference_mode():
        while start < len(order):
            end = start + 1
            while end < len(order) and (end - start + 1) * len(rows[order[end]]) <= batch_tokens:
                end += 1
            chosen = order[start:end]
            ids, mask = (each.to(where) for each in padded([rows[number] for number in chosen]))
            vectors = sentence_vectors(body, embed(ids), mask).cpu().numpy()
            if found is None:
                found = np.empty((len(rows), vectors.shape[1]), dtype=np.float32)
            found[chosen] = vectors
            start = end
    return found if found is not None else np.empty((0, 0), dtype=np.float32)
