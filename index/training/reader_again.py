"""The bundled reader taught once more, with what the whole search finds.

::

    python -m evals.found_passages --data ../shared/data --out found.jsonl.gz
    python -m index.training.reader_again --data ../shared/data --found found.jsonl.gz

The first lessons (:mod:`index.training.reader`) show windows around the evidence and passages that
share its words. In use a reader meets what the search brings: the best passages of the right
document, and of others that tell of something alike. The weights are read back from the graph of
8-bit integers, of which no other copy is kept.
"""

import argparse
import json
import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from index.training.data import (
    asked_questions,
    near_misses,
    news_documents,
    sentence_pairs,
)
from index.training.encoding import device
from index.training.export import ENCODER, export_reader, from_blocks
from index.training.found_pairs import FoundPairs
from index.training.named_pairs import NamedPairs
from index.training.near_pairs import NearPairs
from index.training.quarters import is_held_out
from index.training.reader import (
    Reader,
    Recipe,
    held_out_pairs,
    reading_figures,
    save_reader,
    train_reader,
)
from index.training.reading_pairs import Mixture, ReadingPairs
from index.training.search_pairs import SearchPairs
from index.training.student import Student
from index.training.translated_pairs import TranslatedPairs
from index.types import CorpusError

log = logging.getLogger("index.training.reader_again")

BUNDLED = ENCODER.parent / "reader" / "reader.onnx"
TABLE = ENCODER.parent / "translations.tsv.gz"
ENGLISH = 0.4  # of the windows around the evidence
CPU = Recipe(steps=2_000, batch=32, rate=8e-5, parts=2, dropout=False, masked=0.04)
GPU = Recipe(steps=2_000, batch=32, rate=8e-5, workers=8, dropout=False, masked=0.04)
SHARE = 0.7  # of what it learns again: decision 47
PRODUCTS = (
    "attention.self.query", "attention.self.key", "attention.self.value",
    "attention.output.dense", "intermediate.dense", "output.dense",
)  # fmt: skip


def mixture_of(
    pairs: ReadingPairs,
    found: FoundPairs,
    near: NearPairs,
    named: NamedPairs,
    translated: TranslatedPairs,
) -> Mixture:
    """Return what the reader learns again: 44 % of the pairs answer."""
    ways = (
        (0.17, pairs.answered),
        (0.19, found.answered),
        (0.08, translated.answered),
        (0.05, pairs.without_its_sentence),
        (0.22, found.near_miss),
        (0.07, found.of_another),
        (0.04, found.elsewhere),
        (0.02, pairs.other_number),
        (0.02, pairs.masked),
        (0.04, near.another_subject),
        (0.02, near.another_name),
        (0.05, named.another_name),
        (0.01, translated.of_alike),
        (0.02, translated.changed),
    )
    return Mixture(ways, pairs.varied)


def weights_of(graph: Path) -> dict[str, NDArray[np.float32]]:
    """Return the weights of a reader by the names of :class:`Reader`, read from its graph.

    The inverse of :func:`index.training.export.export_reader` but for the rounding to 8 bits: the
    products come in the order of the network.
    """
    import onnx
    from onnx import numpy_helper

    model = onnx.load(graph)
    stored = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    found = {
        name.removeprefix("reader."): np.asarray(value, dtype=np.float32)
        for name, value in stored.items()
        if name.startswith("reader.") and value.dtype == np.float32
    }
    products = [node for node in model.graph.node if node.op_type == "DequantizeLinear"]
    layers = (len(products) - 1) // len(PRODUCTS)
    names = [f"body.encoder.layer.{n}.{part}" for n in range(layers) for part in PRODUCTS]
    for name, node in zip([*names, "span"], products, strict=True):
        found[f"{name}.weight"] = from_blocks(*(stored[part] for part in node.input)).T
    return found


def load_trained(body: Any, graph: Path) -> Reader:
    """Return the reader of ``graph``, whose layers are put into ``body``.

    Raises :class:`ValueError` when the graph has other weights than the reader.
    """
    reader = Reader(body)
    state = {name: torch.from_numpy(np.array(v)) for name, v in weights_of(graph).items()}
    missing, unexpected = reader.load_state_dict(state, strict=False)
    lost = [n for n in missing if "word_embeddings" not in n and ".pooler." not in n]
    if lost or unexpected:
        raise ValueError(f"{graph}: other weights than the reader's: {lost[:3]} {unexpected[:3]}")
    return reader


def towards(reader: Reader, before: Mapping[str, Tensor]) -> None:
    """Move the weights of ``reader`` back to those of ``before``; :data:`SHARE` of the way stays.

    What it learned first is kept so (Wortsman et al., 2022, Robust fine-tuning).
    """
    with torch.no_grad():
        for name, weight in reader.state_dict().items():
            if weight.is_floating_point():
                weight.lerp_(before[name].to(weight.device), 1.0 - SHARE)


def main() -> int:
    """Read the data, train, and write the graph; 1 when the data is not there."""
    parser = argparse.ArgumentParser(prog="python -m index.training.reader_again")
    parser.add_argument("--data", type=Path, required=True, help="folder of the *.jsonl.gz files")
    parser.add_argument("--found", type=Path, required=True, help="of evals.found_passages")
    parser.add_argument("--reader", type=Path, default=BUNDLED, help="the graph to start from")
    parser.add_argument("--out", type=Path, default=BUNDLED, help="the graph to write")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        asked, missed = asked_questions(options.data), near_misses(options.data)
        news = [each for each in news_documents(options.data) if not is_held_out(each[0])]
        translations, _ = sentence_pairs(options.data)
        learned = [each for each in asked if not each.held_out]
        missed_learned = [each for each in missed if not each.held_out]
        found = FoundPairs(learned, missed_learned, options.found)
    except CorpusError as error:
        print(error, file=sys.stderr)
        return 1
    student = Student(ENCODER)
    near = NearPairs(learned, missed_learned, lambda texts: student.encode(student.ids(texts)))
    reader = load_trained(student.body, options.reader)
    searched = SearchPairs(learned, news, translations, TABLE, {})
    pairs = ReadingPairs(learned, missed_learned, news, {}, searched, english=ENGLISH)
    named = NamedPairs(learned, searched.english)
    translated = TranslatedPairs(translations, searched.english)
    mixture = mixture_of(pairs, found, near, named, translated)
    recipe = GPU if device().type == "cuda" else CPU
    before = {name: weight.clone() for name, weight in reader.state_dict().items()}
    held_out = held_out_pairs(asked, missed)
    train_reader(reader, student, mixture, held_out, recipe)
    towards(reader, before)
    log.info("reader: %s", json.dumps(reading_figures(reader, student, held_out)))
    weights = options.out.with_suffix(".safetensors")
    save_reader(reader, weights)
    export_reader(weights, ENCODER, options.out)
    weights.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
