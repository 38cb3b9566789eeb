"""The bundled reader taught near misses, from the weights that it has.

::

    nice python -m index.training.reader_again --data ../shared/data --out reader.onnx

The weights are read back from the graph of 8-bit integers (no others are kept), learn from
:mod:`index.training.near_pairs`, and are written as such a graph again.
"""

import argparse
import json
import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from index.text import fold
from index.training.data import (
    SEED,
    asked_questions,
    near_misses,
    news_documents,
    rows,
)
from index.training.export import ENCODER, export_reader
from index.training.near_pairs import NearPairs, held_out_near
from index.training.quarters import is_held_out
from index.training.reader import (
    Read,
    Reader,
    as_tokens,
    held_out_pairs,
    logits,
    reading_loss,
    save_reader,
)
from index.training.reading_pairs import ReadingPair
from index.training.search_pairs import hard_negatives
from index.training.student import Student

log = logging.getLogger("index.training.reader_again")

BUNDLED = ENCODER.parent / "reader" / "reader.onnx"
TABLE = ENCODER.parent / "translations.tsv.gz"
STEPS, BATCH, RATE, WARMUP = 1_600, 32, 1e-4, 60
SORTED = 4  # batches that share their pairs, by length, so that less is padded
MINUTES = 45.0
EVERY = 200  # steps between two measurements
FALSE_REFUSALS = 0.06
ZERO_POINT = 128  # of the 8-bit integers
NEWS_SHARE = 2  # one in so many documents may be a hard negative


def weights_of(graph: Path) -> dict[str, NDArray[np.float32]]:
    """Return the weights of a reader by the names of :class:`Reader`, read from its graph.

    Inverse of :func:`index.training.export.export_reader` but for the rounding to 8 bits: the
    products come in the order of the network, each an integer matrix with a scale for each block.
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
    products = [node for node in model.graph.node if node.op_type == "MatMulNBits"]
    parts = (
        "attention.self.query", "attention.self.key", "attention.self.value",
        "attention.output.dense", "intermediate.dense", "output.dense",
    )  # fmt: skip
    layers = (len(products) - 1) // len(parts)
    names = [f"body.encoder.layer.{n}.{part}" for n in range(layers) for part in parts]
    for name, node in zip([*names, "span"], products, strict=True):
        whole, scales = stored[node.input[1]], stored[node.input[2]]
        values = (whole.astype(np.float32) - ZERO_POINT) * scales.reshape(*whole.shape[:2], 1)
        found[f"{name}.weight"] = values.reshape(len(values), -1)
    return found


def load_bundled(student: Student, graph: Path = BUNDLED) -> Reader:
    """Return the reader of ``graph`` in the body of ``student``, whose word rows stay."""
    reader = Reader(student.body)
    state = {name: torch.from_numpy(np.array(v)) for name, v in weights_of(graph).items()}
    missing, unexpected = reader.load_state_dict(state, strict=False)
    lost = [n for n in missing if "word_embeddings" not in n and ".pooler." not in n]
    if lost or unexpected:
        raise ValueError(f"{graph}: other weights than the reader's: {lost[:3]} {unexpected[:3]}")
    return reader.to(student.device)


def figures_of(
    reader: Reader, student: Student, pairs: Sequence[ReadingPair]
) -> dict[str, float]:
    """Return AUC, refused at :data:`FALSE_REFUSALS`, and how often the span starts in the answer.

    Of English ones alone too: ``auc_en``, ``refused_en``.
    """
    reader.eval()
    read = as_tokens(pairs, student.tokenizer)
    scores = np.zeros(len(pairs))
    hits = []
    order = sorted(range(len(read)), key=lambda at: len(read[at].ids))
    with torch.inference_mode():
        for at in range(0, len(order), 32):
            chosen = order[at : at + 32]
            span, answers, _ = logits(reader, student, [read[n] for n in chosen])
            scores[chosen] = answers.float().cpu().numpy()
            for n, start in zip(chosen, span[..., 0].argmax(1).tolist(), strict=True):
                if read[n].start:
                    hits.append(read[n].start <= start <= read[n].end)
    truth = np.array([pair.answerable for pair in pairs])
    english = np.array([pair.question[:40].isascii() for pair in pairs])
    found = {"starts": round(float(np.mean(hits)), 3)}
    for name, own in (("", truth | True), ("_en", english), ("_zh", ~english)):
        yes, no = scores[own & truth], scores[own & ~truth]
        if len(yes) and len(no):
            auc = (yes[:, None] > no[None, :]).mean()
            refused = (no < np.quantile(yes, FALSE_REFUSALS)).mean()
            found |= {f"auc{name}": round(float(auc), 3), f"refused{name}": round(float(refused), 3)}
    return found


def teach(
    reader: Reader,
    student: Student,
    batches: Callable[[int], list[Read]],
    steps: int,
    measure: Callable[[int], Any],
    minutes: float = MINUTES,
) -> None:
    """Train ``reader`` in place for ``steps`` batches; ``measure`` is called now and then.

    On a slow machine it ends after ``minutes``, its rate having fallen to nothing by then too.
    """
    parameters = [
        parameter
        for name, parameter in reader.named_parameters()
        if parameter.requires_grad and ".pooler." not in name and "word_embeddings" not in name
    ]
    optimizer = torch.optim.AdamW(parameters, lr=RATE, weight_decay=0.01)
    started, total = time.monotonic(), 0.0
    for step in range(steps):
        done = max(step / steps, (time.monotonic() - started) / (60 * minutes))
        if done >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, (step + 1) / WARMUP) * (1 - done)
        reader.train()
        own = batches(step)
        span, answers, _ = logits(reader, student, own)
        loss = reading_loss(span, answers, own)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        total += loss.item()
        if (step + 1) % 50 == 0:
            pace = (time.monotonic() - started) / (step + 1)
            log.info("step %d, loss %.3f, %.2f s a step", step + 1, total / 50, pace)
            total = 0.0
        if (step + 1) % EVERY == 0:
            measure(step + 1)
    measure(step)


def batches_of(pairs: NearPairs, tokenizer: Any) -> Callable[[int], list[Read]]:
    """Return what gives the batch of a step: of :data:`SORTED` batches the pairs by length."""
    drawn: dict[int, list[list[Read]]] = {}

    def batch(step: int) -> list[Read]:
        number, at = divmod(step, SORTED)
        if number not in drawn:
            drawn.clear()
            read = as_tokens(pairs.draw(number, SORTED * BATCH), tokenizer)
            read.sort(key=lambda each: len(each.ids))
            parts = [read[n : n + BATCH] for n in range(0, len(read), BATCH)]
            random.Random(SEED + number).shuffle(parts)
            drawn[number] = parts
        return drawn[number][at]

    return batch


def main(argv: Sequence[str] | None = None) -> None:
    """Read the data, train, log held-out figures on the way, and write the graph."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the *.jsonl.gz files")
    parser.add_argument("--out", type=Path, default=BUNDLED, help="the graph to write")
    parser.add_argument("--steps", type=int, default=STEPS)
    options = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.manual_seed(SEED)
    asked, missed = asked_questions(options.data), near_misses(options.data)
    learned = [each for each in asked if not each.held_out]
    news = [each for each in news_documents(options.data) if not is_held_out(each[0])]
    typed: Mapping[str, str] = {
        fold(row["q"]): row["q"] for row in rows(options.data, "questions-train")
    }
    pairs = NearPairs(
        learned,
        [each for each in missed if not each.held_out],
        hard_negatives(learned, news[::NEWS_SHARE]),
        typed,
        TABLE,
    )
    near, made = held_out_near(asked, missed, TABLE), held_out_pairs(asked, missed)
    student = Student(ENCODER)
    reader = load_bundled(student)
    kept = options.out.with_suffix(".safetensors")

    def measure(step: int) -> None:
        found = {"near": figures_of(reader, student, near)}
        log.info("after %d: %s", step, json.dumps(found))
        save_reader(reader, kept)
        if step:
            export_reader(kept, ENCODER, options.out)

    measure(0)
    teach(reader, student, batches_of(pairs, student.tokenizer), options.steps, measure)
    log.info("made: %s", json.dumps(figures_of(reader, student, made)))
    kept.unlink()


if __name__ == "__main__":
    main()
