"""The encoder in training, and the frozen English encoder that it learns from."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from index.text import is_han
from index.training.encoding import device, encode, padded, sentence_vectors, token_ids
from index.training.vocabulary import PUNCTUATION, teacher_folder

log = logging.getLogger(__name__)

MAX_SENTENCE_TOKENS = 96


class Student:
    """The encoder in training: the network and the rows of its embedding matrix that learn.

    The rows of Latin pieces, digits and marks of the English encoder stay as they are;
    Chinese characters that it had already learn like the added words.
    """

    def __init__(self, folder: Path) -> None:
        from sentence_transformers import SentenceTransformer
        from tokenizers import Tokenizer

        self.model = SentenceTransformer(str(folder), device="cpu").eval()
        self.device = device()
        body: Any = self.model[0].model.to(self.device)
        self.body = body
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        matrix = self.body.get_input_embeddings().weight
        matrix.requires_grad_(False)
        english = Tokenizer.from_file(str(teacher_folder() / "tokenizer.json")).get_vocab()
        old = max(english.values()) + 1
        chinese = [
            number
            for piece, number in english.items()
            if is_han(piece.removeprefix("##")[:1] or " ") or piece in PUNCTUATION
        ]
        learning = sorted(chinese) + list(range(old, len(matrix)))
        self.learning = torch.tensor(learning, device=self.device)
        self.place = torch.full((len(matrix),), -1, dtype=torch.long, device=self.device)
        self.place[self.learning] = torch.arange(len(learning), device=self.device)
        self.frozen = matrix.detach()
        self.rows = torch.nn.Parameter(self.frozen[self.learning].clone())
        self.weights = [
            parameter
            for name, parameter in self.body.named_parameters()
            if parameter.requires_grad and not name.startswith("pooler.")
        ]

    def embed(self, ids: Tensor) -> Tensor:
        """Return the word embeddings of ``ids``; gradients reach the rows that learn."""
        place = self.place[ids]
        learned = functional.embedding(place.clamp(min=0), self.rows)
        fixed = functional.embedding(ids, self.frozen)
        return torch.where((place >= 0).unsqueeze(-1), learned, fixed)

    def vectors(self, rows: Sequence[Sequence[int]], *, dropout: bool = False) -> Tensor:
        """Return the normalised vectors of rows of token ids, with gradients."""
        ids, mask = (each.to(self.device) for each in padded(rows))
        self.body.train(dropout)
        return sentence_vectors(self.body, self.embed(ids), mask)

    def vectors_by_length(
        self, rows: Sequence[Sequence[int]], parts: int, *, dropout: bool = False
    ) -> Tensor:
        """Return the same, in ``parts`` by length one after another: less is padded."""
        order = sorted(range(len(rows)), key=lambda number: len(rows[number]))
        size = -(-len(rows) // parts)
        found = torch.cat(
            [
                self.vectors([rows[n] for n in order[start : start + size]], dropout=dropout)
                for start in range(0, len(rows), size)
            ]
        )
        place = torch.empty(len(rows), dtype=torch.long)
        place[torch.tensor(order)] = torch.arange(len(rows))
        return found[place.to(self.device)]

    def ids(self, texts: Sequence[str], max_tokens: int = MAX_SENTENCE_TOKENS) -> list[list[int]]:
        """Return the token ids of ``texts``."""
        return token_ids(self.tokenizer, texts, max_tokens)

    def encode(self, rows: Sequence[Sequence[int]]) -> npt.NDArray[np.float32]:
        """Return the vectors of rows of token ids, without gradients."""
        self.body.eval()
        return encode(self.body, self.embed, rows)

    def finished(self) -> Any:
        """Return the sentence-transformers model with the learned rows put in place."""
        with torch.no_grad():
            self.body.get_input_embeddings().weight[self.learning] = self.rows.detach()
        self.body.cpu()
        return self.model.eval()


def teacher_vectors(
    texts: Sequence[str], work: Path, name: str, max_tokens: int = MAX_SENTENCE_TOKENS
) -> npt.NDArray[np.float32]:
    """Return the frozen English encoder's vectors of ``texts``, kept in ``work``.

    Computed in parts of 8,192 texts, each its own file, so that a stopped run continues.
    """
    part_size = 8_192
    parts: list[npt.NDArray[np.float32]] = []
    body: Any = None
    tokenizer: Any = None
    for number, start in enumerate(range(0, len(texts), part_size)):
        wanted = texts[start : start + part_size]
        path = work / f"teacher-{name}-{number:03d}.npy"
        if path.is_file() and len(done := np.load(path)) == len(wanted):
            parts.append(done)
            continue
        if body is None:
            from sentence_transformers import SentenceTransformer
            from tokenizers import Tokenizer

            body = SentenceTransformer(str(teacher_folder()), device="cpu").eval()[0].model
            body.to(device())
            tokenizer = Tokenizer.from_file(str(teacher_folder() / "tokenizer.json"))
        rows = token_ids(tokenizer, wanted, max_tokens)
        part = encode(body, body.get_input_embeddings(), rows)
        temporary = path.with_suffix(".tmp.npy")
        np.save(temporary, part)
        temporary.rename(path)
        parts.append(part)
        log.info("teacher %s: %d of %d", name, start + len(wanted), len(texts))
    return np.concatenate(parts)
