"""Chinese taught to the English encoder by imitation, then questions to passages.

The first phase moves the vector of a Chinese sentence to the frozen English encoder's
vector of its translation (Reimers and Gurevych 2020, "Making Monolingual Sentence
Embeddings Multilingual using Knowledge Distillation"), with a contrast against the
translations of other sentences. English sentences take part with their own vectors as
targets, because one tower serves both languages and would forget. The second phase adds a
contrast of questions with passages.

Both phases write checkpoints and continue from the last one.
"""

import json
import logging
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from index.training.data import SEED, Pair
from index.training.development import Development
from index.training.search_pairs import Recipe as SearchRecipe
from index.training.search_pairs import SearchPairs
from index.training.student import Student, teacher_vectors

log = logging.getLogger(__name__)

MAX_PASSAGE_TOKENS = 192


@dataclass(frozen=True)
class Recipe:
    """How long and how fast to learn."""

    steps: int = 3_000
    warmup_steps: int = 100
    batch: int = 64  # Chinese sentences a step
    replay: int = 16  # English sentences a step
    bank: int = 1_024  # other English targets that each sentence is told apart from
    scale: float = 20.0
    cosine_weight: float = 20.0
    rows_rate: float = 2e-3
    body_rate: float = 1e-4
    long_every: int = 20  # one step in so many is of joined sentences
    long_batch: int = 24
    long_texts: int = 3_000
    save_every: int = 500
    search: SearchRecipe | None = None  # questions and passages a step; none in the first phase
    earlier: int = 2_048  # passages of earlier steps that a question is told apart from


DISTILLATION = Recipe()
SEARCH = Recipe(
    steps=2_200,
    batch=64,
    bank=16_384,
    scale=30.0,
    rows_rate=1e-3,
    long_every=0,
    save_every=250,
    search=SearchRecipe(),
)


def batches(lengths: Sequence[int], size: int, seed: int) -> Iterator[list[int]]:
    """Yield positions in batches of similar length, for ever, reshuffled each time round."""
    shuffler = random.Random(seed)
    order = list(range(len(lengths)))
    while True:
        shuffler.shuffle(order)
        found = []
        for start in range(0, len(order), size * 40):
            pool = sorted(order[start : start + size * 40], key=lambda p: (lengths[p], p))
            found += [pool[i : i + size] for i in range(0, len(pool) - size + 1, size)]
        shuffler.shuffle(found)
        yield from found


def imitation_loss(found: Tensor, target: Tensor, bank: Tensor, recipe: Recipe) -> Tensor:
    """Return the loss of vectors ``found`` whose teachers are ``target``, row for row.

    Contrast both ways (the translations of others, ``bank`` among them, and the other rows)
    plus the distance itself. Rows whose teachers nearly agree are not told apart.
    """
    same = target @ target.T > 0.9
    same.fill_diagonal_(False)
    forward = torch.cat((found @ target.T, found @ bank.T), dim=1) * recipe.scale
    forward = forward.masked_fill(torch.cat((same, target @ bank.T > 0.9), dim=1), -1e4)
    backward = (target @ found.T * recipe.scale).masked_fill(same, -1e4)
    gold = torch.arange(len(found))
    contrast = functional.cross_entropy(forward, gold) + functional.cross_entropy(backward, gold)
    return contrast + recipe.cosine_weight * (1 - (found * target).sum(-1)).mean()


@dataclass
class Earlier:
    """Passages of the last steps: more to tell a question apart from, at no cost."""

    vectors: Tensor
    groups: list[str]

    def push(self, vectors: Tensor, groups: Sequence[str], most: int) -> None:
        """Add the passages of one step and forget all but the last ``most``."""
        self.vectors = torch.cat((self.vectors, vectors.detach()))[-most:]
        self.groups = [*self.groups, *groups][-most:]


def answer_loss(
    questions: Tensor, passages: Tensor, groups: Sequence[str], earlier: Earlier, scale: float
) -> Tensor:
    """Return the contrast of questions with their passages, both ways.

    A question is told apart from the ``earlier`` passages too, never from one of its own
    document.
    """
    others = [*groups, *earlier.groups]
    same = torch.tensor([[one == other for other in others] for one in groups])
    gold = torch.arange(len(groups))
    same[gold, gold] = False
    scores = questions @ torch.cat((passages, earlier.vectors)).T * scale
    scores = scores.masked_fill(same, -1e4)
    back = scores[:, : len(groups)].T
    return functional.cross_entropy(scores, gold) + functional.cross_entropy(back, gold)


def recall_at_1(queries: npt.NDArray[np.float32], documents: npt.NDArray[np.float32]) -> float:
    """Return the share of queries whose nearest document is the one of the same row."""
    return float(((queries @ documents.T).argmax(axis=1) == np.arange(len(queries))).mean())


def train(
    student: Student,
    pairs: Sequence[Pair],
    dev: Sequence[Pair],
    recipe: Recipe,
    work: Path,
    name: str,
    searched: SearchPairs | None = None,
    development: Development | None = None,
) -> list[dict[str, float]]:
    """Train ``student`` in place and return the dev figures measured on the way.

    ``name`` names the checkpoint in ``work``; a finished one is only loaded. ``searched``
    is used when ``recipe.search`` is set.
    """
    english = sorted({pair.en for pair in pairs})
    number_of = {text: number for number, text in enumerate(english)}
    targets = torch.from_numpy(teacher_vectors(english, work, "english"))
    dev_targets = teacher_vectors([pair.en for pair in dev], work, "dev")
    chinese_ids = student.ids([pair.zh for pair in pairs])
    english_ids = student.ids(english)
    teacher_of = torch.tensor([number_of[pair.en] for pair in pairs])
    by_length = sorted(range(len(english)), key=lambda n: (len(english_ids[n]), n))
    sorted_lengths = np.array([len(english_ids[n]) for n in by_length])
    joined_zh, joined_en = joined(pairs, recipe.long_texts)
    joined_ids = student.ids(joined_zh, MAX_PASSAGE_TOKENS)
    joined_targets = torch.from_numpy(
        teacher_vectors(joined_en, work, "joined", MAX_PASSAGE_TOKENS)
    )
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
    checkpoint = work / f"{name}.pt"
    figures: list[dict[str, float]] = []
    first = 0
    if checkpoint.is_file():
        saved = torch.load(checkpoint, weights_only=True)
        with torch.no_grad():
            student.rows.copy_(saved["rows"])
            for parameter, value in zip(student.weights, saved["weights"], strict=True):
                parameter.copy_(value)
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
        figures, first = saved["figures"], saved["step"]
        log.info("%s continues at step %d", name, first)

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
    long_batches = batches([len(ids) for ids in joined_ids], recipe.long_batch, SEED + first)
    chance = np.random.default_rng(SEED + first)
    started = time.monotonic()
    mean_loss = mean_answer_loss = 0.0
    tokens = 0
    earlier = Earlier(torch.empty(0, targets.shape[1]), [])
    for step in range(first, recipe.steps):
        if recipe.long_every and step % recipe.long_every == recipe.long_every - 1:
            chosen = next(long_batches)
            rows = [joined_ids[n] for n in chosen]
            target = joined_targets[chosen]
        else:
            chosen = next(sentence_batches)
            rows = [chinese_ids[n] for n in chosen]
            # English of about the same length, so that nothing is padded for it
            width = sum(map(len, rows)) // len(rows)
            low, high = np.searchsorted(sorted_lengths, (width - 4, width + 5))
            low = min(low, len(by_length) - 1)
            drawn = chance.integers(low, max(high, low + 1), recipe.replay)
            replayed = [by_length[n] for n in drawn]
            rows += [english_ids[n] for n in replayed]
            target = torch.cat((targets[teacher_of[chosen]], targets[replayed]))
        bank = targets[torch.from_numpy(chance.integers(0, len(targets), recipe.bank))]
        loss = imitation_loss(student.vectors(rows), target, bank, recipe)
        loss.backward()
        if searched and recipe.search:
            found = searched.draw(step, recipe.search)
            questions = student.vectors(student.ids([each.question for each in found]))
            passages = student.vectors_by_length(
                student.ids([each.passage for each in found], MAX_PASSAGE_TOKENS)
            )
            groups = [each.group for each in found]
            extra = answer_loss(questions, passages, groups, earlier, recipe.scale)
            extra.backward()
            earlier.push(passages, groups, recipe.earlier)
            mean_answer_loss += extra.item()
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
        mean_loss += loss.item()
        tokens += sum(map(len, rows))
        done = step + 1
        if done % 50 == 0:
            pace = (time.monotonic() - started) / (done - first)
            log.info(
                "%s step %d of %d, loss %.3f and %.3f, %.2f s a step, %d tokens a step",
                *(name, done, recipe.steps, mean_loss / 50, mean_answer_loss / 50),
                *(pace, tokens // 50),
            )
            mean_loss = mean_answer_loss = 0.0
            tokens = 0
        if done % recipe.save_every == 0 or done in (300, recipe.steps):
            zh, en = student.encode(dev_ids[0]), student.encode(dev_ids[1])
            figures.append(
                {
                    "step": float(done),
                    "zh_en": recall_at_1(zh, en),
                    "en_zh": recall_at_1(en, zh),
                    "english_cosine": float((en * dev_targets).sum(axis=1).mean()),
                    "chinese_cosine": float((zh * dev_targets).sum(axis=1).mean()),
                }
            )
            if development:
                figures[-1] |= development.recall_at_1(student)
            log.info("%s dev %s", name, json.dumps(figures[-1]))
            save(done)
    return figures


def joined(pairs: Sequence[Pair], count: int) -> tuple[list[str], list[str]]:
    """Return ``count`` Chinese passages of three to six sentences and their translations.

    The sentences are drawn at random from one source: the order of documents is not kept in
    the pair file.
    """
    shuffler = random.Random(SEED)
    by_source: dict[str, list[Pair]] = {}
    for pair in pairs:
        if pair.source != "tatoeba" and len(pair.zh) >= 20:
            by_source.setdefault(pair.source, []).append(pair)
    sources = sorted(by_source)
    found = []
    for _ in range(count):
        source = shuffler.choice(sources)
        found.append(shuffler.sample(by_source[source], shuffler.randint(3, 6)))
    return (
        ["".join(pair.zh for pair in group) for group in found],
        [" ".join(pair.en for pair in group) for group in found],
    )
