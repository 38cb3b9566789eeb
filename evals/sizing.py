"""How many bytes a chunk takes, in an index and in a cluster: ``python -m evals.sizing``.

The words are those of real articles; the vectors are noise, which takes as much room.
"""

import argparse
import json
import tempfile
from base64 import b64encode
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from index.build import build_index
from index.sparse import chunk_vector, counts_of, packed
from index.store import load_index
from index.training.data import read_rows
from index.types import CorpusError, Vectors
from index.windows import Embedded, embedded_from, windows_of

DIMENSION = 384
ARRAYS = "arrays.safetensors"
PAIR_BYTES = 8  # of a sparse vector: a dimension and a value


class Noise:
    """An embedder as fast as can be; of its vectors only the size matters."""

    name = identity = "noise"
    dimension = DIMENSION

    def encode_passages(self, texts: Sequence[str], progress: bool = False) -> Vectors:  # noqa: ARG002
        """Return random rows of norm 1."""
        return self.encode_questions(texts)

    def encode_windows(self, texts: Sequence[str], progress: bool = False) -> Embedded:  # noqa: ARG002
        """Return random rows of norm 1 for each text and each of its windows."""
        made = [self.encode_questions(["", *windows_of(text)]) for text in texts]
        return embedded_from(made, self.dimension)

    def encode_questions(self, texts: Sequence[object]) -> Vectors:
        """Return random rows of norm 1."""
        rows = np.random.default_rng(0).standard_normal((len(texts), DIMENSION), dtype=np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def sizes(data: Path, documents: int) -> dict[str, float]:
    """Return the bytes of one chunk by what takes them, of an index of some news documents."""
    with tempfile.TemporaryDirectory() as folder:
        pages = Path(folder) / "news.jsonl"
        with pages.open("w", encoding="utf-8") as file:
            for row in islice(read_rows(data, "news"), documents):
                file.write(json.dumps({"text": row["text"]}, ensure_ascii=False) + "\n")
        where = Path(folder) / "index"
        build_index([pages], where, Noise())
        index = load_index(where)
        chunks = len(index.chunks)
        found = {"chunks": float(chunks), "chunks of an article": chunks / len(index.articles)}
        (part,) = index.parts
        for name, content in part.segment.contents.items():
            if name != ARRAYS:
                found[f"index: {name}"] = len(content) / chunks
        for name, array in part.segment.arrays.items():
            found[f"index: {ARRAYS}: {name}"] = array.nbytes / chunks
        sample = [chunk.search_text for chunk in index.chunks[:: max(1, chunks // 500)]]
        counts = [counts_of(text) for text in sample]
        means = dict.fromkeys(counts[0], 1.0)
        found["cluster: vector"] = 4.0 * DIMENSION
        found["cluster: sparse vector"] = PAIR_BYTES * float(
            np.mean([len(chunk_vector(each, means)) for each in counts])
        )
        found["cluster: counts"] = float(np.mean([len(packed(each)) for each in counts]))
        windows = index.windows(range(chunks)).packed()
        found["cluster: windows"] = float(np.mean([len(b64encode(each)) for each in windows]))
        found["cluster: words"] = float(np.mean([len(text.encode()) for text in sample]))
    return found


def main(given: Sequence[str] | None = None) -> None:
    """Print the sizes."""
    parser = argparse.ArgumentParser(prog="python -m evals.sizing", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--documents", type=int, default=1_000)
    arguments = parser.parse_args(given)
    try:
        found = sizes(arguments.data, arguments.documents)
    except CorpusError as error:
        raise SystemExit(str(error)) from None
    for what, figure in found.items():
        print(f"{what:<48}{figure:>10,.1f}")


if __name__ == "__main__":
    main()
