"""The reader: the body of the encoder taught to read a passage for a question.

One pass over ``[CLS] question [SEP] passage [SEP]`` says whether the passage answers the
question, and where (the no-answer reader of BERT for SQuAD 2.0, Devlin et al., 2019). It shares
the word rows of the encoder, which stay as they are: only the layers above and two heads are
its own.
"""

import logging
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from index.text import sentences
from index.training.data import SEED, Asked
from index.training.encoding import last_layer, padded
from index.training.reading_pairs import (
    Mixture,
    ReadingPair,
    answered,
    near_miss,
    without_its_sentence,
)
from index.training.student import Student
from rag.reader import MAX_QUESTION_TOKENS, MAX_TOKENS

log = logging.getLogger(__name__)

MAX_NORM = 1.0  # of the gradient of a step


@dataclass(frozen=True)
class Recipe:
    """How long and how fast to learn.

    A batch is learned in ``parts``, by length, so that less is padded. ``masked`` is the share of
    tokens that are hidden in place of dropout, where ``dropout`` is off: on a CPU that takes as
    long as the products.
    """

    steps: int
    batch: int
    rate: float = 3e-4
    warmup_steps: int = 100
    workers: int = 0
    parts: int = 1
    dropout: bool = True
    masked: float = 0.0


CPU = Recipe(steps=2_000, batch=32, rate=1e-4, parts=2, dropout=False, masked=0.04)
GPU = Recipe(steps=1_500, batch=256, workers=14)


@dataclass(frozen=True)
class Read:
    """A pair as token ids: the passage begins at ``first``, the answer is ``[start, end]``.

    ``start`` and ``end`` are tokens, inclusive; both are 0 where there is no answer.
    ``offsets`` are the characters of each passage token.
    """

    ids: list[int]
    first: int
    start: int
    end: int
    offsets: list[tuple[int, int]]


def as_tokens(pairs: Sequence[ReadingPair], tokenizer: Any) -> list[Read]:
    """Return ``pairs`` as the reader sees them."""
    tokenizer.no_padding()
    tokenizer.no_truncation()
    questions = tokenizer.encode_batch([pair.question for pair in pairs])
    passages = tokenizer.encode_batch([pair.passage for pair in pairs])
    found = []
    for pair, question, passage in zip(pairs, questions, passages, strict=True):
        asked = [*question.ids[:-1][:MAX_QUESTION_TOKENS], question.ids[-1]]
        read = passage.ids[1:-1][: MAX_TOKENS - 1 - len(asked)]
        ids = [*asked, *read, passage.ids[-1]]
        offsets = passage.offsets[1 : len(read) + 1]
        inside = [n for n, (a, b) in enumerate(offsets) if a < pair.end and b > pair.start]
        span = (len(asked) + inside[0], len(asked) + inside[-1]) if inside else (0, 0)
        found.append(Read(ids, len(asked), *(span if pair.answerable else (0, 0)), offsets))
    return found


class Reader(nn.Module):
    """The body with two heads: (rows × tokens × 2) start and end, (rows) whether it answers."""

    def __init__(self, body: Any) -> None:
        super().__init__()
        self.body = body
        width = body.config.hidden_size
        self.span = nn.Linear(width, 2)
        self.answers = nn.Linear(width, 1)

    def forward(self, embedded: Tensor, mask: Tensor, types: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits of start and end of each token, and of whether it answers."""
        last = last_layer(self.body, embedded, mask, types)
        return self.span(last), self.answers(last[:, 0]).squeeze(-1)


def logits(reader: Reader, student: Student, rows: Sequence[Read]) -> tuple[Tensor, Tensor, Tensor]:
    """Return start and end logits (rows × tokens, passage alone), answer logits, and the mask."""
    ids, mask = (each.to(student.device) for each in padded([row.ids for row in rows]))
    first = torch.tensor([row.first for row in rows], device=student.device)
    places = torch.arange(ids.shape[1], device=student.device)
    types = (places[None, :] >= first[:, None]).long() * mask
    span, answers = reader(student.embed(ids).detach(), mask, types)
    passage = types.bool() & (places[None, :] < mask.sum(1, keepdim=True) - 1)
    return span.masked_fill(~passage.unsqueeze(-1), -1e4), answers, passage


def reading_loss(span: Tensor, answers: Tensor, rows: Sequence[Read]) -> Tensor:
    """Return the loss of where the answer is, where there is one, and of whether there is one."""
    start = torch.tensor([row.start for row in rows], device=span.device)
    end = torch.tensor([row.end for row in rows], device=span.device)
    known = start > 0
    loss = functional.binary_cross_entropy_with_logits(answers, known.float())
    if known.any():
        loss = loss + functional.cross_entropy(span[known, :, 0], start[known]) / 2
        loss = loss + functional.cross_entropy(span[known, :, 1], end[known]) / 2
    return loss


class ReadingBatches(Dataset[Any]):
    """The pairs of every step as tokens, in parts by length."""

    def __init__(self, mixture: Mixture, tokenizer: Any, recipe: Recipe) -> None:
        self._mixture, self._tokenizer, self._recipe = mixture, tokenizer, recipe
        self._hidden = tokenizer.token_to_id("[MASK]")

    def __len__(self) -> int:
        return self._recipe.steps

    def __getitem__(self, step: int) -> list[list[Read]]:
        read = as_tokens(self._mixture.draw(step, self._recipe.batch), self._tokenizer)
        read.sort(key=lambda each: len(each.ids))
        rng = random.Random(SEED + step)
        for each in read:
            for at in range(1, len(each.ids) - 1):
                if at != each.first - 1 and rng.random() < self._recipe.masked:
                    each.ids[at] = self._hidden
        size = -(-len(read) // self._recipe.parts)
        return [read[at : at + size] for at in range(0, len(read), size)]


def train_reader(
    reader: Reader,
    student: Student,
    mixture: Mixture,
    held_out: Sequence[ReadingPair],
    recipe: Recipe,
) -> dict[str, float]:
    """Train ``reader``, whose body is that of ``student``, and return its held-out figures.

    The word rows of ``student`` stay as they are.
    """
    reader.to(student.device)
    for module in reader.modules():
        if isinstance(module, nn.Dropout) and not recipe.dropout:
            module.p = 0.0
    parameters = [
        parameter
        for name, parameter in reader.named_parameters()
        if parameter.requires_grad and ".pooler." not in name and "word_embeddings" not in name
    ]
    optimizer = torch.optim.AdamW(parameters, lr=recipe.rate, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min(1.0, (step + 1) / recipe.warmup_steps) * (1 - step / recipe.steps),
    )
    loader = DataLoader(
        ReadingBatches(mixture, student.tokenizer, recipe),
        batch_size=None,
        num_workers=recipe.workers,
        prefetch_factor=4 if recipe.workers else None,
    )
    started = time.monotonic()
    total = 0.0
    for step, parts in enumerate(loader):
        reader.train()
        for rows in parts:
            span, answers, _ = logits(reader, student, rows)
            loss = reading_loss(span, answers, rows) / len(parts)
            loss.backward()
            total += loss.item()
        nn.utils.clip_grad_norm_(parameters, MAX_NORM)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
        if (step + 1) % 100 == 0:
            pace = (time.monotonic() - started) / (step + 1)
            log.info("reader step %d, loss %.3f, %.3f s a step", step + 1, total / 100, pace)
            total = 0.0
        if (step + 1) % 500 == 0 or step + 1 == recipe.steps:
            figures = reading_figures(reader, student, held_out)
            log.info("reader dev %s", figures)
    return figures


def reading_figures(
    reader: Reader, student: Student, pairs: Sequence[ReadingPair]
) -> dict[str, float]:
    """Return how often the likeliest span lies in the sentence that answers, and the AUC.

    The AUC is the chance that an answerable pair looks more so than an unanswerable one.
    """
    reader.eval()
    rows = as_tokens(pairs, student.tokenizer)
    hits: list[bool] = []
    scores: list[float] = []
    with torch.inference_mode():
        for at in range(0, len(rows), 64):
            batch = rows[at : at + 64]
            span, answers, _ = logits(reader, student, batch)
            scores += answers.float().cpu().tolist()
            starts = span[..., 0].argmax(1).tolist()
            for pair, row, start in zip(pairs[at : at + 64], batch, starts, strict=True):
                if pair.answerable and row.start:
                    character = row.offsets[start - row.first][0]
                    bounds = next(b for b in sentences(pair.passage) if b[0] <= character < b[1])
                    hits.append(bounds[0] <= pair.start < bounds[1])
    truth = np.array([pair.answerable for pair in pairs])
    values = np.array(scores)
    ranks = values.argsort().argsort() + 1
    yes, no = int(truth.sum()), int((~truth).sum())
    auc = (ranks[truth].sum() - yes * (yes + 1) / 2) / max(1, yes * no)
    return {"sentence": round(float(np.mean(hits)), 3), "auc": round(float(auc), 3)}


def held_out_pairs(asked: Sequence[Asked], near_misses: Sequence[Asked]) -> list[ReadingPair]:
    """Return pairs of the held-out questions: answered, less their sentence, near misses."""
    rng = random.Random(SEED)
    found = []
    for each in asked:
        if each.held_out:
            made = without_its_sentence(each, rng)
            found += [answered(each, rng)] + ([made] if made else [])
    return found + [near_miss(each, rng) for each in near_misses if each.held_out]


def save_reader(reader: Reader, path: Path) -> None:
    """Write the weights above the word rows in half precision to ``path``."""
    from safetensors.torch import save_file

    state = {
        name: tensor.detach().cpu().to(torch.float16).contiguous()
        for name, tensor in reader.state_dict().items()
        if "word_embeddings" not in name and "position_ids" not in name and ".pooler." not in name
    }
    save_file(state, path, metadata={"format": "pt"})
