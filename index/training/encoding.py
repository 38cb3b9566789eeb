"""Sentence vectors during training: token ids in, normalised vectors out, fast on a CPU.

The product encodes with sentence-transformers; this is the same computation with the
tokenizer and the network apart, in bfloat16 where the processor has it.
"""

from collections.abc import Sequence
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


def padded(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Return the ids as one matrix, filled up with 0 on the right, and its 0/1 mask."""
    width = max(map(len, rows))
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    mask = torch.zeros(len(rows), width, dtype=torch.long)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = torch.tensor(row)
        mask[number, : len(row)] = 1
    return ids, mask


def sentence_vectors(body: Any, embedded: Tensor, mask: Tensor) -> Tensor:
    """Return the normalised mean of the last layer over the real tokens, float32.

    ``embedded`` are word embeddings (rows × tokens × width), ``mask`` is rows × tokens. The
    library's fused attention is left aside: on a CPU plain matrix products are faster for
    rows this short (0.58 against 0.75 s a step of 24 × 180 tokens).
    """
    body.config._attn_implementation = "eager"
    with torch.autocast("cpu", torch.bfloat16):
        last = body(inputs_embeds=embedded, attention_mask=mask).last_hidden_state
    weights = mask.unsqueeze(-1).to(torch.float32)
    mean = (last.float() * weights).sum(1) / weights.sum(1)
    return torch.nn.functional.normalize(mean, dim=-1)


def encode(
    body: Any, embed: Any, rows: Sequence[Sequence[int]], batch_tokens: int = 4_096
) -> npt.NDArray[np.float32]:
    """Return the vectors of ``rows`` of token ids (rows × width), without gradients.

    ``embed`` maps a matrix of ids to word embeddings. Rows are batched by length.
    """
    order = sorted(range(len(rows)), key=lambda number: len(rows[number]))
    found: npt.NDArray[np.float32] | None = None
    start = 0
    with torch.inference_mode():
        while start < len(order):
            end = start + 1
            while end < len(order) and (end - start + 1) * len(rows[order[end]]) <= batch_tokens:
                end += 1
            chosen = order[start:end]
            ids, mask = padded([rows[number] for number in chosen])
            vectors = sentence_vectors(body, embed(ids), mask).numpy()
            if found is None:
                found = np.empty((len(rows), vectors.shape[1]), dtype=np.float32)
            found[chosen] = vectors
            start = end
    return found if found is not None else np.empty((0, 0), dtype=np.float32)
