"""Chinese taught to the English encoder by imitation, and questions to find passages.

Imitation moves the vector of a Chinese sentence to the frozen English encoder's vector of its
translation (Reimers and Gurevych 2020, "Making Monolingual Sentence Embeddings Multilingual
using Knowledge Distillation"), with a contrast against the translations of other sentences.
English sentences take part with their own vectors as targets, because one tower serves both
languages and would forget. Search is a contrast of questions with passages.

Training writes checkpoints and continues from the last one.
"""

import json
import logging
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from index.training.data import SEED, Pair
from index.training.development import Development
from index.training.search_pairs import Recipe as SearchRecipe
from index.training.search_pairs import SearchPairs
from index.training.student import Student, teacher_vectors

log = logging.getLogger(__name__)

MAX_PASSAGE_TOKENS = 192
SAME = 0.9  # targets with such a cosine are not told apart


@dataclass(frozen=True)
class Recipe:
    """How long and how fast to learn."""

    steps: int
    batch: int  # Chinese sentences a step
    replay: int  # English sentences a step: translations of the first of those
    search: SearchRecipe  # questions and passages a step
    search_from: int = 0  # the first step that has them
    warmup_steps: int = 100
    bank: int = 16_384  # other English targets that each sentence is told apart from
    scale: float = 30.0
    cosine_weight: float = 20.0
    rows_rate: float = 2e-3
    body_rate: float = 1e-4
    earlier: int = 2_048  # passages of earlier steps that a question is told apart from
    passage_parts: int = 2  # passages of a step are encoded in so many parts, by length
    workers: int = 0  # processes that draw questions and passages
    save_every: int = 500


# Two cores in three hours.
CPU = Recipe(
    steps=5_200, batch=64, replay=16, search=SearchRecipe(), search_from=3_000, save_every=250
)
# One H100 or H200 in six minutes.
GPU = Recipe(
    steps=2_500,
    batch=1_024,
    replay=1_024,
    search=SearchRecipe(asked=64, cloze=256, translated=192),
    warmup_steps=150,
    body_rate=3e-4,
    passage_parts=3,
    workers=14,
)


def batches(lengths: Sequence[int], size: int, seed: int) -> Iterator[list[int]]:
    """Yield positions in batches of similar length, for ever, reshuffled each time round."""
    shuffler = random.Random(seed)
    order = list(range(len(lengths)))
    size = min(size, len(order))
    while True:
        shuffler.shuffle(order)
        found = []
        for start in range(0, len(order), size * 40):
            pool = sorted(order[start : start + size * 40], key=lambda p: (lengths[p], p))
            found += [pool[i : i + size] for i in range(0, len(pool) - size + 1, size)]
        shuffler.shuffle(found)
        yield from found


def contrast(found: Tensor, target: Tensor, same: Tensor, scale: float) -> Tensor:
    """Return the contrast of ``found`` with ``target``, row for row, both ways.

    Rows that are the ``same`` (rows × rows) are not told apart.
    """
    gold = torch.arange(len(found), device=found.device)
    scores = (found @ target.T * scale).masked_fill(same, -1e4)
    return functional.cross_entropy(scores, gold) + functional.cross_entropy(scores.T, gold)


def imitation_loss(found: Tensor, target: Tensor, bank: Tensor, recipe: Recipe) -> Tensor:
    """Return the loss of vectors ``found`` whose teachers are ``target``, row for row.

    Contrast both ways (the translations of others, ``bank`` among them, and the other rows)
    plus the distance itself. Rows whose teachers nearly agree are not told apart.
    """
    same = target @ target.T > SAME
    same.fill_diagonal_(False)
    forward = torch.cat((found @ target.T, found @ bank.T), dim=1) * recipe.scale
    forward = forward.masked_fill(torch.cat((same, target @ bank.T > SAME), dim=1), -1e4)
    backward = (target @ found.T * recipe.scale).masked_fill(same, -1e4)
    gold = torch.arange(len(found), device=found.device)
    both = functional.cross_entropy(forward, gold) + functional.cross_entropy(backward, gold)
    return both + recipe.cosine_weight * (1 - (found * target).sum(-1)).mean()


@dataclass
class Earlier:
    """Passages of the last steps: more to tell a question apart from, at no cost."""

    vectors: Tensor
    groups: Tensor

    def push(self, vectors: Tensor, groups: Tensor, most: int) -> None:
        """Add the passages of one step and forget all but the last ``most``."""
        self.vectors = torch.cat((self.vectors, vectors.detach()))[-most:]
        self.groups = torch.cat((self.groups, groups))[-most:]


def answer_loss(
    questions: Tensor, passages: Tensor, groups: Tensor, earlier: Earlier, scale: float
) -> Tensor:
    """Return the contrast of questions with their passages, both ways.

    The first ``passages`` answer the questions, row for row; the rest are hard negatives.
    ``groups`` number the documents of the passages: a question is never told apart from a
    passage of its own document. The ``earlier`` passages are negatives too.
    """
    count = len(questions)
    others = torch.cat((groups, earlier.groups))
    same = groups[:count, None] == others[None, :]
    gold = torch.arange(count, device=questions.device)
    same[gold, gold] = False
    scores = questions @ torch.cat((passages, earlier.vectors)).T * scale
    scores = scores.masked_fill(same, -1e4)
    back = scores[:, :count].T
    return functional.cross_entropy(scores, gold) + functional.cross_entropy(back, gold)


def recall_at_1(queries: npt.NDArray[np.float32], documents: npt.NDArray[np.float32]) -> float:
    """Return the share of queries whose nearest document is the one of the same row."""
    return float(((queries @ documents.T).argmax(axis=1) == np.arange(len(queries))).mean())


class SearchBatches(Dataset[Any]):
    """The questions and passages of every step as token ids, with the numbers of documents."""

    def __init__(self, searched: SearchPairs, student: Student, recipe: Recipe, first: int) -> None:
        self._searched, self._recipe = searched, recipe
        self._ids = student.ids  # tokenizer alone: the network stays with the caller
        self._first = max(first, recipe.search_from)

    def __len__(self) -> int:
        return max(0, self._recipe.steps - self._first)

    def __getitem__(self, number: int) -> tuple[list[list[int]], list[list[int]], list[int]]:
        found, negatives = self._searched.draw(self._first + number, self._recipe.search)
        passages = [each.passage for each in found] + [text for text, _ in negatives]
        groups = [each.group for each in found] + [group for _, group in negatives]
        return (
            self._ids([each.question for each in found]),
            self._ids(passages, MAX_PASSAGE_TOKENS),
            groups,
        )


def train(
    student: Student,
    pairs: Sequence[Pair],
    dev: Sequence[Pair],
    recipe: Recipe,
    work: Path,
    searched: SearchPairs,
    development: Development,
) -> list[dict[str, float]]:
    """Train ``student`` in place and return the dev figures measured on the way.

    The checkpoint is ``encoder.pt`` in ``work``; a finished one is only loaded.
    """
    where = student.device
    english = sorted({pair.en for pair in pairs})
    number_of = {text: number for number, text in enumerate(english)}
    targets = torch.from_numpy(teacher_vectors(english, work, "english")).to(where)
    dev_targets = teacher_vectors([pair.en for pair in dev], work, "dev")
    chinese_ids = student.ids([pair.zh for pair in pairs])
    english_ids = student.ids(english)
    teacher_of = torch.tensor([number_of[pair.en] for pair in pairs])
    dev_ids = (student.ids([p.zh for p in dev]), student.ids([p.en for p in dev]))

    optimizer = torch.optim.AdamW(
        [
            {"params": [student.rows], "lr": recipe.rows_rate, "weight_decay": 0.0},
            {"params": student.weights, "lr": recipe.body_rate, "weight_decay": 0.01},
        ],
        fused=True,
    )

    def rate(step: int) -> float:
        warm = min(1.0, (step + 1) / recipe.warmup_steps)
        return warm * max(0.0, 1 - step / recipe.steps)

    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    checkpoint = work / "encoder.pt"
    figures: list[dict[str, float]] = []
    first = 0
    if checkpoint.is_file():
        saved = torch.load(checkpoint, weights_only=True, map_location=where)
        with torch.no_grad():
            student.rows.copy_(saved["rows"])
            for parameter, value in zip(student.weights, saved["weights"], strict=True):
                parameter.copy_(value)
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
        figures, first = saved["figures"], saved["step"]
        log.info("training continues at step %d", first)

    def save(step: int) -> None:
        temporary = checkpoint.with_suffix(".tmp")
        torch.save(
            {
                "rows": student.rows.detach(),
                "weights": [parameter.detach() for parameter in student.weights],
                "optimizer": optimizer.state_dict(),
                "schedule": schedule.state_dict(),
                "figures": figures,
                "step": step,
            },
            temporary,
        )
        temporary.replace(checkpoint)

    sentence_batches = batches([len(ids) for ids in chinese_ids], recipe.batch, SEED + first)
    search_batches = iter(
        DataLoader(
            SearchBatches(searched, student, recipe, first),
            batch_size=None,
            num_workers=recipe.workers,
            prefetch_factor=4 if recipe.workers else None,
        )
    )
    chance = torch.Generator().manual_seed(SEED + first)
    started = time.monotonic()
    losses: list[list[float]] = []
    earlier = Earlier(
        torch.empty(0, targets.shape[1], device=where),
        torch.empty(0, dtype=torch.long, device=where),
    )
    for step in range(first, recipe.steps):
        chosen = next(sentence_batches)
        numbers = teacher_of[chosen]
        replayed = numbers[: recipe.replay]
        rows = [chinese_ids[n] for n in chosen] + [english_ids[n] for n in replayed.tolist()]
        target = targets[torch.cat((numbers, replayed)).to(where)]
        bank = targets[torch.randint(len(targets), (recipe.bank,), generator=chance).to(where)]
        found = student.vectors(rows)
        loss = imitation_loss(found, target, bank, recipe)
        aligned = target[: len(replayed)] @ target[: len(replayed)].T > SAME
        aligned.fill_diagonal_(False)
        zh, en = found[: len(replayed)], found[len(chosen) :]
        loss = loss + contrast(zh, en, aligned, recipe.scale)
        loss.backward()
        losses.append([loss.item()])
        if step >= recipe.search_from:
            question_ids, passage_ids, documents = next(search_batches)
            groups = torch.tensor(documents, device=where)
            questions = student.vectors(question_ids, dropout=True)
            passages = student.vectors_by_length(passage_ids, recipe.passage_parts, dropout=True)
            extra = answer_loss(questions, passages, groups, earlier, recipe.scale)
            extra.backward()
            earlier.push(passages, groups, recipe.earlier)
            losses[-1].append(extra.item())
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
        done = step + 1
        if done % 50 == 0:
            pace = (time.monotonic() - started) / (done - first)
            mean = [round(float(np.mean(each)), 3) for each in zip(*losses, strict=False)]
            log.info("step %d of %d, loss %s, %.3f s a step", done, recipe.steps, mean, pace)
            losses = []
        if done % recipe.save_every == 0 or done == recipe.steps:
            zh_dev, en_dev = student.encode(dev_ids[0]), student.encode(dev_ids[1])
            figures.append(
                {
                    "step": float(done),
                    "zh_en": recall_at_1(zh_dev, en_dev),
                    "en_zh": recall_at_1(en_dev, zh_dev),
                    "english_cosine": float((en_dev * dev_targets).sum(axis=1).mean()),
                    "chinese_cosine": float((zh_dev * dev_targets).sum(axis=1).mean()),
                }
            )
            figures[-1] |= development.recall_at_1(student)
            log.info("dev %s", json.dumps(figures[-1]))
            save(done)
    return figures
