"""Makes the two tables that the reassembly of pages reads, from news documents.

::

    python -m index.training.page_tables --data ../shared/data --out index/model

``ngrams.npz``: how common pairs and triples of characters are (``index/ngrams.py``).
``meaning.npz``: how much each token of the bundled encoder counts, and what all texts have
in common (``index/meaning.py``); to be made again with every new encoder. Only documents
outside the held-out quarter of the generated pages are read (``evals/page_sources.py``).
"""

import argparse
import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.meaning import Meaning, word_vectors
from index.ngrams import LEVELS, SLOTS, START, STOP, coded, mixed_codes, slots
from index.text import simplify

MIN_COUNT = 4  # a rarer pair or triple counts as unseen
DOCUMENTS = 500  # at a time
SAMPLED_DOCUMENTS = 3_000
PASSAGE_CHARS = 120
SMOOTHING = 1e-4
COMMON_DIRECTIONS = 3
_SENTENCE_END = re.compile(r"(?<=[。！？!?…])[”’」』）)》〉】]*\s*|\s{2,}|\s+(?=[（(])")


def _texts(data: Path) -> Iterator[str]:
    with gzip.open(data / "news.jsonl.gz", "rt", encoding="utf-8") as rows:
        for row in map(json.loads, rows):
            if int(hashlib.sha1(row["id"].encode()).hexdigest(), 16) % 4:
                yield row["text"]


def _logarithms(counts: NDArray[np.int64]) -> NDArray[np.uint8]:
    return np.asarray(np.minimum(np.round(np.log2(1 + counts) * LEVELS), 255), dtype=np.uint8)


def _hashed(runs: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """Return the table of the runs that occur often enough; the likelier wins a shared slot."""
    found, counts = np.unique(runs, return_counts=True)
    often = counts >= MIN_COUNT
    table = np.zeros(SLOTS, dtype=np.int64)
    np.maximum.at(table, slots(found[often]), counts[often])
    return _logarithms(table)


def count(texts: Iterator[str]) -> dict[str, NDArray[Any]]:
    """Return the tables ``ones``, ``twos``, ``threes`` and the ``total`` in bits."""
    ones = np.zeros(0x10000, dtype=np.int64)
    twos: list[NDArray[np.uint64]] = []
    threes: list[NDArray[np.uint64]] = []
    for batch in _batched(texts, DOCUMENTS):
        parts = (part for text in batch for part in _SENTENCE_END.split(simplify(text)) if part)
        marked = coded(START + (STOP + START).join(parts) + STOP)
        ones += np.bincount(mixed_codes(marked, 1).astype(np.int64), minlength=len(ones))
        twos.append(mixed_codes(marked, 2))
        threes.append(mixed_codes(marked, 3))
    return {
        "ones": _logarithms(ones),
        "twos": _hashed(np.concatenate(twos)),
        "threes": _hashed(np.concatenate(threes)),
        "total": np.asarray(np.log2(max(int(ones.sum()), 1))),
    }


def _batched(texts: Iterator[str], size: int) -> Iterator[list[str]]:
    while batch := list(islice(texts, size)):
        yield batch


def meaning(texts: Iterator[str]) -> dict[str, NDArray[Any]]:
    """Return ``weights``, ``mean`` and ``common`` for the encoder's tokens."""
    tokenizer, vectors = word_vectors()
    passages = [
        text[at : at + PASSAGE_CHARS]
        for text in islice(texts, SAMPLED_DOCUMENTS)
        for at in range(0, len(text), PASSAGE_CHARS)
    ]
    encoded = tokenizer.encode_batch(passages, add_special_tokens=False)
    counts = np.bincount(np.concatenate([tokens.ids for tokens in encoded]), minlength=len(vectors))
    weights = np.asarray(SMOOTHING / (SMOOTHING + counts / counts.sum()), dtype=np.float32)
    nothing = np.zeros(vectors.shape[1], dtype=np.float32)
    plain = Meaning(tokenizer, vectors, weights, nothing, nothing[None])
    raw = plain.raw(passages)
    mean = raw.mean(axis=0)
    _, _, directions = np.linalg.svd(raw - mean, full_matrices=False)
    return {
        "weights": weights.astype(np.float16),
        "mean": mean,
        "common": directions[:COMMON_DIRECTIONS].astype(np.float32),
    }


def main() -> None:
    """Make both tables and write them."""
    parser = argparse.ArgumentParser(description="Make the tables of the reassembly.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    for name, make in (("ngrams.npz", count), ("meaning.npz", meaning)):
        tables: dict[str, Any] = make(_texts(chosen.data))
        np.savez_compressed(chosen.out / name, **tables)


if __name__ == "__main__":
    main()
