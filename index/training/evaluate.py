"""What the bench of retrieval does not tell: English before and after, and shorter vectors.

``python -m index.training.evaluate``; everything else is ``wenbao eval --suite retrieval``. None
of these sets was trained on. Documents longer than 300 characters are cut into pieces of about
300; a document scores as its best piece.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.text import fold
from index.training.data import chunks, read_rows
from index.training.vocabulary import teacher_folder
from index.types import CorpusError

SIZES = (384, 256, 128, 64)
DRIFT_SENTENCES = 1_000

Vectors = npt.NDArray[np.float32]


def encode(model: Any, texts: Sequence[str]) -> Vectors:
    """Return the normalised vectors of folded ``texts`` (texts × width)."""
    found: Vectors = model.encode(list(texts), batch_size=32, normalize_embeddings=True)
    return found.astype(np.float32)


def recall_at_1(questions: Vectors, documents: Vectors, right: Sequence[frozenset[int]]) -> float:
    """Return the share of questions whose nearest document is a right one; a tie is a miss."""
    hits = []
    for scores, wanted in zip(questions @ documents.T, right, strict=True):
        others = np.ones(len(scores), dtype=bool)
        others[list(wanted)] = False
        best = max(scores[number] for number in wanted)
        hits.append(not (scores[others] >= best).any())
    return float(np.mean(hits))


def english_passages(model: Any, folder: Path) -> float:
    """Return R@1 of finding a positive passage of RGB's English facts among those of all."""
    found = list(read_rows(folder, "rgb-en_fact"))
    documents = sorted({text for row in found for text in (*row["positive"], *row["negative"])})
    pieces = [
        (number, document[start:end])
        for number, document in enumerate(map(fold, documents))
        for start, end in chunks(document)
    ]
    owner = [number for number, _ in pieces]
    right = [
        frozenset(at for at, text in enumerate(owner) if documents[text] in set(row["positive"]))
        for row in found
    ]
    vectors = encode(model, [text for _, text in pieces])
    return recall_at_1(encode(model, [fold(row["query"]) for row in found]), vectors, right)


def english_moved(model: Any, teacher: Any, folder: Path) -> float:
    """Return the mean cosine of English sentences with what they were before training."""
    from sentence_transformers import SentenceTransformer

    # Without the turn to the principal axes, which changes every vector and no cosine.
    unturned = SentenceTransformer(modules=[model[0], model[1], model[-1]], device="cpu")
    texts = [fold(row["en"]) for row in read_rows(folder, "ntrex-test")][:DRIFT_SENTENCES]
    return float((encode(unturned, texts) * encode(teacher, texts)).sum(axis=1).mean())


def by_size(model: Any, folder: Path) -> Iterator[tuple[int, float, float]]:
    """Yield the length of a cut vector and R@1 of NTREX zh→en and en→zh with it."""
    found = list(read_rows(folder, "ntrex-test"))
    zh, en = (encode(model, [fold(row[language]) for row in found]) for language in ("zh", "en"))
    own = [frozenset({number}) for number in range(len(found))]
    for size in SIZES:
        short_zh, short_en = (
            side[:, :size] / np.linalg.norm(side[:, :size], axis=1, keepdims=True)
            for side in (zh, en)
        )
        yield size, recall_at_1(short_zh, short_en, own), recall_at_1(short_en, short_zh, own)


def report(model: Any, folder: Path) -> Iterator[str]:
    """Yield the lines of the table of figures, each as soon as it is measured."""
    from sentence_transformers import SentenceTransformer

    teacher = SentenceTransformer(str(teacher_folder()), device="cpu")
    yield "| figure | before training | after |"
    yield "|---|---|---|"
    before, after = (english_passages(each, folder) for each in (teacher, model))
    yield f"| RGB English facts, R@1 | {before:.3f} | {after:.3f} |"
    yield f"| English sentences, mean cosine | 1 | {english_moved(model, teacher, folder):.3f} |"
    for size, zh_en, en_zh in by_size(model, folder):
        name = f"NTREX-128 zh→en / en→zh, R@1, first {size} numbers"
        yield f"| {name} | | {zh_en:.3f} / {en_zh:.3f} |"


def main() -> int:
    """Print the table; the exit status is 1 when the data folder is not there."""
    parser = argparse.ArgumentParser(prog="python -m index.training.evaluate", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the *.jsonl.gz files")
    parser.add_argument("--model", type=Path, default=Path("index/model/encoder"))
    options = parser.parse_args()
    from sentence_transformers import SentenceTransformer

    if not options.model.is_dir():
        print(f"{options.model} is not a folder; --model names the encoder", file=sys.stderr)
        return 1
    try:
        for line in report(SentenceTransformer(str(options.model), device="cpu"), options.data):
            print(line, flush=True)
    except CorpusError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
