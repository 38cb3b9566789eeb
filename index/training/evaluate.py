"""What the encoder alone finds in the test sets: ``python -m index.training.evaluate``.

None of these sets was trained on. Documents longer than 300 characters are cut into pieces
of about 300; a document scores as its best piece. All text is folded first.
"""

import argparse
import contextlib
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.text import fold
from index.training.data import SEED, DataFolderError, chunks, rows
from index.training.vocabulary import teacher_folder

NEWS_DOCUMENTS = 5_000
DRIFT_SENTENCES = 1_000

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Figure:
    """One measured number and how much it was measured on."""

    name: str
    queries: int
    documents: int
    recall_at_1: float
    mrr: float


def encode(model: Any, texts: Sequence[str], bfloat16: bool) -> Vectors:
    """Return the normalised vectors of folded ``texts`` (texts × width)."""
    import torch

    with torch.autocast("cpu", torch.bfloat16) if bfloat16 else contextlib.nullcontext():
        found: Vectors = model.encode(list(texts), batch_size=32, normalize_embeddings=True)
    return found.astype(np.float32)


def ranks(scores: Vectors, right: Sequence[frozenset[int]]) -> npt.NDArray[np.int64]:
    """Return the rank (from 1) of the best right document of each row of ``scores``.

    Every other document with at least the same score comes first.
    """
    found = []
    for row, wanted in zip(scores, right, strict=True):
        best = max(row[number] for number in wanted)
        others = np.ones(len(row), dtype=bool)
        others[list(wanted)] = False
        found.append(1 + int((row[others] >= best).sum()))
    return np.array(found)


def _figure(name: str, scores: Vectors, right: Sequence[frozenset[int]], documents: int) -> Figure:
    found = ranks(scores, right)
    return Figure(
        name, len(found), documents, float((found == 1).mean()), float((1 / found).mean())
    )


def _scores(
    model: Any, questions: Sequence[str], documents: Sequence[str], bfloat16: bool
) -> Vectors:
    """Return the score of each document for each question: that of its best piece."""
    pieces: list[str] = []
    first = []
    for document in documents:
        first.append(len(pieces))
        pieces += [document[start:end] for start, end in chunks(document)] or [""]
    similar = encode(model, questions, bfloat16) @ encode(model, pieces, bfloat16).T
    best: Vectors = np.maximum.reduceat(similar, first, axis=1)
    return best


def _flat(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    else:
        for part in value:
            yield from _flat(part)


def sentences(model: Any, folder: Path, name: str, bfloat16: bool) -> list[Figure]:
    """Return the figures of finding the translation, both ways, in a parallel test set."""
    found = list(rows(folder, name))
    zh = encode(model, [fold(row["zh"]) for row in found], bfloat16)
    en = encode(model, [fold(row["en"]) for row in found], bfloat16)
    own = [frozenset({number}) for number in range(len(found))]
    return [
        _figure(f"{name} zh→en", zh @ en.T, own, len(found)),
        _figure(f"{name} en→zh", en @ zh.T, own, len(found)),
    ]


def reading(model: Any, folder: Path, name: str, bfloat16: bool) -> Figure:
    """Return the figure of finding the paragraph of each question of CMRC or DRCD."""
    found = list(rows(folder, name))
    documents = sorted({row["context"] for row in found})
    number = {text: position for position, text in enumerate(documents)}
    scores = _scores(
        model, [fold(row["question"]) for row in found], [fold(d) for d in documents], bfloat16
    )
    return _figure(
        name, scores, [frozenset({number[row["context"]]}) for row in found], len(documents)
    )


def noisy_passages(model: Any, folder: Path, name: str, bfloat16: bool) -> Figure:
    """Return the figure of finding a positive passage of RGB among those of all questions."""
    found = list(rows(folder, name))
    documents = sorted({t for row in found for t in _flat([row["positive"], row["negative"]])})
    number = {text: position for position, text in enumerate(documents)}
    scores = _scores(
        model, [fold(row["query"]) for row in found], [fold(d) for d in documents], bfloat16
    )
    right = [frozenset(number[text] for text in _flat(row["positive"])) for row in found]
    return _figure(name, scores, right, len(documents))


def news_questions(model: Any, folder: Path, bfloat16: bool) -> list[Figure]:
    """Return the figures of the question test among 5,000 news documents, by language.

    The documents are those of the questions and others drawn at random.
    """
    asked = [row for row in rows(folder, "questions-test") if row["s"] != "no"]
    texts = {row["id"]: row["text"] for row in rows(folder, "news")}
    wanted = sorted({row["p"] for row in asked})
    others = sorted(texts.keys() - set(wanted))
    ids = wanted + random.Random(SEED).sample(others, NEWS_DOCUMENTS - len(wanted))
    number = {name: position for position, name in enumerate(ids)}
    scores = _scores(
        model, [fold(row["q"]) for row in asked], [fold(texts[i]) for i in ids], bfloat16
    )
    found = []
    for language in ("zh", "en"):
        chosen = [n for n, row in enumerate(asked) if row["l"] == language]
        right = [frozenset({number[asked[n]["p"]]}) for n in chosen]
        found.append(_figure(f"questions-test {language}", scores[chosen], right, len(ids)))
    return found


def english_drift(model: Any, folder: Path, bfloat16: bool) -> tuple[float, Figure, Figure]:
    """Return how far English moved: the mean cosine of 1,000 sentences, and RGB before, after."""
    from sentence_transformers import SentenceTransformer

    teacher = SentenceTransformer(str(teacher_folder()), device="cpu")
    texts = [fold(row["en"]) for row in rows(folder, "ntrex-test")][:DRIFT_SENTENCES]
    new, old = encode(model, texts, bfloat16), encode(teacher, texts, bfloat16)
    return (
        float((new * old).sum(axis=1).mean()),
        noisy_passages(teacher, folder, "rgb-en_fact", bfloat16),
        noisy_passages(model, folder, "rgb-en_fact", bfloat16),
    )


def report(model: Any, folder: Path, bfloat16: bool, news: bool = True) -> Iterator[str]:
    """Yield the lines of the table of figures, each as soon as it is measured."""
    yield "| set | queries | documents | R@1 | MRR |"
    yield "|---|---|---|---|---|"
    for name in ("ntrex-test", "tatoeba-test"):
        for figure in sentences(model, folder, name, bfloat16):
            yield _line(figure)
    for name in ("cmrc2018-dev", "drcd-test"):
        yield _line(reading(model, folder, name, bfloat16))
    cosine, before, after = english_drift(model, folder, bfloat16)
    yield _line(after)
    yield _line(before, " (English encoder before training)")
    yield f"| English: mean cosine with before training | {DRIFT_SENTENCES} | | {cosine:.4f} | |"
    if news:
        for figure in news_questions(model, folder, bfloat16):
            yield _line(figure)
    yield _line(noisy_passages(model, folder, "rgb-zh_refine", bfloat16))


def _line(figure: Figure, remark: str = "") -> str:
    return (
        f"| {figure.name}{remark} | {figure.queries} | {figure.documents} "
        f"| {figure.recall_at_1:.3f} | {figure.mrr:.3f} |"
    )


def main() -> int:
    """Print the table; the exit status is 1 when the data folder is not there."""
    parser = argparse.ArgumentParser(prog="python -m index.training.evaluate", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the *.jsonl.gz files")
    parser.add_argument("--model", type=Path, default=Path("index/model/encoder"))
    parser.add_argument(
        "--bfloat16", action="store_true", help="faster where the processor has bfloat16"
    )
    parser.add_argument("--no-news", action="store_true", help="leave the slow news set out")
    options = parser.parse_args()
    from sentence_transformers import SentenceTransformer

    if not options.model.is_dir():
        print(f"{options.model} is not a folder; --model names the encoder", file=sys.stderr)
        return 1
    model = SentenceTransformer(str(options.model), device="cpu")
    try:
        for line in report(model, options.data, options.bfloat16, not options.no_news):
            print(line, flush=True)
    except DataFolderError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
