"""The reader: does this passage answer this question, and with which of its words?

A small cross-encoder that sees question and passage together (trained by
:mod:`index.training.reader`), run by onnxruntime over the word rows of the bundled encoder,
whatever model the index was built with.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.embedding import BUNDLED_FOLDER
from index.light import (
    EXPORT,
    TOKENIZER,
    WEIGHTS,
    cores,
    load_tokenizer,
    session,
    sha256_of,
)
from index.tensors import mapped_arrays
from index.text import sentences, simplify
from index.types import CorpusError
from rag.types import Passage

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from index.light import InferenceSession

READER = BUNDLED_FOLDER.parent / "reader" / "reader.onnx"
MAX_QUESTION_TOKENS = 48
MAX_TOKENS = 320
MAX_ANSWER_TOKENS = 40
READ_PASSAGES = 4  # the best ones, whose sentences may be quoted
KEPT = 1_000  # readings
UNREAD = -20.0  # the log-probability of a sentence that was cut off


@dataclass(frozen=True, slots=True)
class Words:
    """The likeliest answer in one sentence: ``text[start:end]``, and its log-probability.

    The probability is among all spans of the passage, given that the passage answers.
    """

    start: int
    end: int
    log_probability: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader says of one passage.

    ``answers`` is the logit of whether the passage answers. ``sentences`` holds one
    :class:`Words` for each sentence of the passage, in order.
    """

    answers: float
    sentences: tuple[Words, ...]


@dataclass(frozen=True)
class Reader:
    """Reads passages for a question; threads may share it."""

    _tokenizer: "Tokenizer"
    _rows: NDArray[Any]
    _graph: "InferenceSession"

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """Return a reading of each text of a passage.

        As many are read at a time as there are cores; the last :data:`KEPT` are kept.
        """

        def one(text: str) -> Reading:
            return self._kept(question, text)

        if len(texts) < 2:
            return [one(text) for text in texts]
        with ThreadPoolExecutor(cores()) as pool:
            return list(pool.map(one, texts))

    def read_passages(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        """Return a reading of each of ``passages``.

        Without their headlines: one that holds the answer would make every passage of its
        article look as if it did.
        """
        return self.read(question, [passage.chunk.excerpt.text for passage in passages])

    @cached_property
    def _kept(self) -> Callable[[str, str], Reading]:
        return lru_cache(KEPT)(self._reading)

    def _reading(self, question: str, text: str) -> Reading:
        asked = self._tokenizer.encode(simplify(question)).ids
        asked = [*asked[:-1][: MAX_QUESTION_TOKENS - 1], asked[-1]]
        bounds = sentences(text)
        ids, places = list(asked), [(-1, 0, 0)] * len(asked)
        for number, (start, end) in enumerate(bounds):
            part = simplify(text[start:end])
            found = self._tokenizer.encode(part, add_special_tokens=False)
            exact = len(part) == end - start  # else only the sentence is known, not the words
            ids += found.ids
            places += [
                (number, start + a, start + b) if exact else (number, start, end)
                for a, b in found.offsets
            ]
        ids, places = [*ids[: MAX_TOKENS - 1], asked[-1]], places[: MAX_TOKENS - 1]
        embedded = self._rows[ids].astype(np.float32)[np.newaxis]
        types = (np.arange(len(ids)) >= len(asked)).astype(np.int64)[np.newaxis]
        span, answers = self._graph.run(None, {"embedded": embedded, "types": types})
        read = places[len(asked) :]
        scores = _log_softmax(span[len(asked) : -1])
        return Reading(
            float(answers[0]),
            tuple(_best(scores, read, number, bound) for number, bound in enumerate(bounds)),
        )


def _best(
    scores: NDArray[np.float32],
    places: Sequence[tuple[int, int, int]],
    number: int,
    bound: tuple[int, int],
) -> Words:
    """Return the likeliest span within one sentence."""
    own = [at for at, place in enumerate(places) if place[0] == number]
    if not own:
        return Words(*bound, UNREAD)
    first, last = own[0], own[-1] + 1
    joint = scores[first:last, 0][:, None] + scores[first:last, 1][None, :]
    allowed = np.triu(np.tril(np.ones_like(joint, dtype=bool), MAX_ANSWER_TOKENS))
    joint = np.where(allowed, joint, -np.inf)
    start, end = divmod(int(joint.argmax()), joint.shape[1])
    value = max(UNREAD, float(joint[start, end]))
    return Words(places[first + start][1], places[first + end][2], value)


def _log_softmax(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the log-probabilities of each column; nothing for no rows."""
    if not len(values):
        return values
    shifted = values - values.max(axis=0, keepdims=True)
    result: NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum(axis=0, keepdims=True))
    return result


@lru_cache(maxsize=1)
def load_reader(path: Path = READER) -> Reader:
    """Return the bundled reader.

    Raises :class:`CorpusError` when it is damaged, or made for other word rows than those of
    the bundled encoder.
    """
    try:
        graph = session(path)
        made_of = graph.get_modelmeta().custom_metadata_map
        rows = mapped_arrays(BUNDLED_FOLDER / WEIGHTS)[made_of["words"]]
        for file in (WEIGHTS, TOKENIZER):
            if made_of.get(f"sha256 of {file}") != sha256_of(BUNDLED_FOLDER / file):
                raise CorpusError(f"{path}: made for another {file}; restore both from git")
        tokenizer = load_tokenizer(BUNDLED_FOLDER / TOKENIZER)
    except (OSError, ValueError, KeyError) as error:
        reason = " ".join(str(error).split())[:200]
        raise CorpusError(
            f"{path}: the bundled reader cannot be read ({reason}); restore it from git, or make "
            f"it anew with: {EXPORT}"
        ) from error
    return Reader(tokenizer, rows, graph)
