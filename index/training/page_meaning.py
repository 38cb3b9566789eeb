"""Learns the vectors by which the reassembly tells what a piece of text is about.

Passages of one news document are drawn together and apart from those of others: InfoNCE
over a batch (van den Oord et al., 2018), every other batch of documents that are alike
already. The vector of a passage is the sum of the vectors of its hashed characters and
pairs of characters (``index/meaning.py``); five minutes on two cores.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import EmbeddingBag
from torch.nn.functional import cross_entropy, normalize

from index.meaning import SLOT_BITS, features_of
from index.text import sentences

log = logging.getLogger("index.training")

DIMENSION = 64
STEPS, BATCH = 5_000, 384
WARM_UP_STEPS, LEARNING_RATE = 100, 2e-2
TEMPERATURE = 0.07
MAX_PARAGRAPHS = 12
PARAGRAPH_CHARS = (40, 90, 160)  # the least that a paragraph may have, one of these
MIN_CHARS, SPAN_CHARS = 12, (10, 300)  # of a paragraph; of a passage drawn from it
GROUPS, GROUPS_IN_BATCH, REGROUPED_STEPS = 120, 6, 600  # of documents that are alike
START_SCALE = 0.05

Slots = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The slots of the characters of a paragraph, and of their pairs."""

    ones: Slots
    twos: Slots

    def span(self, start: int, length: int) -> Slots:
        """Return the slots of ``length`` characters from ``start`` on."""
        return np.concatenate([
            self.ones[start : start + length], self.twos[start : start + length - 1]
        ])  # fmt: skip


Document = Sequence[Paragraph]


def documents_of(texts: Iterable[str], rng: np.random.Generator) -> list[Document]:
    """Return the paragraphs of each (Simplified) text that has two or more.

    The texts come without line breaks: whole sentences make up paragraphs of random length.
    """
    found: list[Document] = []
    for text in texts:
        paragraphs, current = [], ""
        for start, end in sentences(text):
            current += text[start:end].strip()
            if len(current) > rng.choice(PARAGRAPH_CHARS):
                paragraphs.append(current)
                current = ""
        paragraphs.append(current)
        kept = [p[:400] for p in paragraphs if len(p) >= MIN_CHARS][:MAX_PARAGRAPHS]
        if len(kept) > 1:
            features = (features_of(paragraph).astype(np.int32) for paragraph in kept)
            found.append([
                Paragraph(slots[: (len(slots) + 1) // 2], slots[(len(slots) + 1) // 2 :])
                for slots in features
            ])  # fmt: skip
    return found


def learned_vectors(documents: Sequence[Document], seed: int = 0) -> NDArray[np.int8]:
    """Return the vectors of all slots, shape ``(1 << SLOT_BITS, DIMENSION)``."""
    rng = np.random.default_rng(seed)
    bag = EmbeddingBag(1 << SLOT_BITS, DIMENSION, mode="sum", sparse=True)
    bag.weight.data = _first_guess(documents, seed)
    optimizer = torch.optim.SparseAdam(bag.parameters(), lr=LEARNING_RATE)
    groups: list[NDArray[np.int64]] = []
    for step in range(STEPS):
        warmth = min(1.0, (step + 1) / WARM_UP_STEPS)
        optimizer.param_groups[0]["lr"] = LEARNING_RATE * (1 - step / STEPS) * warmth
        if step % REGROUPED_STEPS == REGROUPED_STEPS // 2:
            groups = _groups(bag, documents, rng)
        pool = np.arange(len(documents))
        if groups and step % 2:
            drawn = rng.choice(len(groups), min(GROUPS_IN_BATCH, len(groups)), replace=False)
            pool = np.concatenate([groups[each] for each in drawn])
        chosen = rng.choice(pool, min(BATCH, len(pool)), replace=False)
        pairs = [_pair(documents[each], rng) for each in chosen]
        first, second = (_vectors(bag, side) for side in zip(*pairs, strict=True))
        cosines = first @ second.T / TEMPERATURE
        right = torch.arange(len(chosen))
        loss = (cross_entropy(cosines, right) + cross_entropy(cosines.T, right)) / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if not (step + 1) % 500:
            log.info("meaning: step %d, loss %.3f", step + 1, loss.item())
    weights: NDArray[np.float32] = bag.weight.data.numpy()
    scale = 127 / np.quantile(np.abs(weights), 0.9999)
    return np.asarray(np.clip(np.round(weights * scale), -127, 127), dtype=np.int8)


def _first_guess(documents: Sequence[Document], seed: int) -> torch.Tensor:
    """Return random vectors, the longer the rarer their slot is."""
    spread = np.zeros(1 << SLOT_BITS)
    for document in documents:
        spread[
            np.unique(np.concatenate([each for p in document for each in (p.ones, p.twos)]))
        ] += 1
    rarity = np.log((len(documents) + 1) / (spread + 1)).astype(np.float32)
    noise = torch.randn(1 << SLOT_BITS, DIMENSION, generator=torch.Generator().manual_seed(seed))
    return noise * torch.from_numpy(rarity)[:, None] * START_SCALE


def _whole(document: Document) -> Slots:
    return np.concatenate([paragraph.span(0, len(paragraph.ones)) for paragraph in document])


def _pair(document: Document, rng: np.random.Generator) -> tuple[Slots, Slots]:
    """Return passages of two paragraphs, a third of them as short as a headline."""
    first, second = rng.choice(len(document), 2, replace=False)
    return _span(document[first], rng), _span(document[second], rng)


def _span(paragraph: Paragraph, rng: np.random.Generator) -> Slots:
    least, most = np.log(SPAN_CHARS)
    length = min(len(paragraph.ones), int(np.exp(rng.uniform(least, most))))
    return paragraph.span(int(rng.integers(len(paragraph.ones) - length + 1)), length)


def _vectors(bag: EmbeddingBag, passages: Sequence[Slots]) -> torch.Tensor:
    ends = np.cumsum([len(passage) for passage in passages])
    found: torch.Tensor = bag(
        torch.from_numpy(np.concatenate(passages)),
        torch.from_numpy(np.concatenate([[0], ends[:-1]]).astype(np.int32)),
    )
    return normalize(found, dim=1)


@torch.no_grad()
def _groups(
    bag: EmbeddingBag, documents: Sequence[Document], rng: np.random.Generator
) -> list[NDArray[np.int64]]:
    """Return groups of documents that are alike by now: four rounds of spherical k-means."""
    whole = [_whole(document) for document in documents]
    bounds = [*range(0, len(whole), 512), len(whole)]
    vectors = torch.cat([_vectors(bag, whole[start:end]) for start, end in pairwise(bounds)])
    centres = vectors[torch.from_numpy(rng.permutation(len(whole))[:GROUPS])]
    for _ in range(4):
        nearest = (vectors @ centres.T).argmax(1)
        sums = torch.zeros_like(centres).index_add_(0, nearest, vectors)
        centres = normalize(sums, dim=1)
    labels = (vectors @ centres.T).argmax(1).numpy()
    return [group for each in range(len(centres)) if len(group := np.flatnonzero(labels == each))]


def found_first(vectors: NDArray[np.int8], documents: Sequence[Document]) -> float:
    """Return how often a passage is nearer to another one of its document than to the others'.

    Each document gives one passage to look with and one to be found among those of all.
    """
    rng = np.random.default_rng(0)
    pairs = [_pair(document, rng) for document in documents]
    first, second = (
        normalize(torch.tensor(np.array([vectors[slots].sum(0, np.float32) for slots in side])))
        for side in zip(*pairs, strict=True)
    )
    hits = (first @ second.T).argmax(1) == torch.arange(len(pairs))
    return float(hits.float().mean())
