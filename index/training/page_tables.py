"""Makes the two tables that the reassembly of pages reads, from news documents.

::

    python -m index.training.page_tables --data ../shared/data --out index/model

``ngrams.npz``: how common pairs and triples of characters are (``index/ngrams.py``).
``meaning.npz``: what characters and their pairs are about (``index/meaning.py``). A quarter
of the documents is held out for the generated test pages, and a second for the pages that
``evals/fit_reassembly.py`` learns on: vectors are never so good as on what they have seen.
The n-grams are counted outside the first, the vectors are learned outside both.
"""

import argparse
import logging
import re
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.ngrams import LEVELS, SLOTS, START, STOP, coded, mixed_codes, slots
from index.text import simplify, to_simplified
from index.training.data import read_rows
from index.training.page_meaning import documents_of, found_first, learned_vectors
from index.training.quarters import FIT_QUARTER, TEST_QUARTER, quarter_of
from index.types import CorpusError

log = logging.getLogger("index.training")

MIN_COUNT = 4  # a rarer pair or triple counts as unseen
DOCUMENTS = 500  # at a time
HELD_OUT_DOCUMENTS = 500  # of the test quarter, to measure on
_SENTENCE_END = re.compile(r"(?<=[。！？!?…])[”’」』）)》〉】]*\s*|\s{2,}|\s+(?=[（(])")


def _texts(data: Path, without: Collection[int]) -> Iterator[str]:
    """Yield the documents outside some quarters."""
    for row in read_rows(data, "news"):
        if quarter_of(row["id"]) not in without:
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


def write_tables(data: Path, out: Path) -> None:
    """Make both tables of the news in ``data`` and write them to the folder ``out``."""
    counts: dict[str, Any] = count(_texts(data, {TEST_QUARTER}))
    np.savez_compressed(out / "ngrams.npz", **counts)
    texts = map(to_simplified, _texts(data, {TEST_QUARTER, FIT_QUARTER}))
    documents = documents_of(texts, np.random.default_rng(0))
    vectors = learned_vectors(documents)
    np.savez_compressed(out / "meaning.npz", vectors=vectors)
    held_out = map(to_simplified, _texts(data, {FIT_QUARTER, 2, 3}))
    sample = documents_of(islice(held_out, HELD_OUT_DOCUMENTS), np.random.default_rng(1))
    log.info("meaning: right document of %d: %.3f", len(sample), found_first(vectors, sample))


def main(arguments: Sequence[str] | None = None) -> None:
    """Make and write the tables as the command line says."""
    parser = argparse.ArgumentParser(description="Make the tables of the reassembly.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        write_tables(chosen.data, chosen.out)
    except CorpusError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
