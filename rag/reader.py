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
from rag.surroundings import Surrounded, surrounded
from rag.types import Passage, Reading, Words

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

    from index.light import InferenceSession

READER = BUNDLED_FOLDER.parent / "reader" / "reader.onnx"
MAX_QUESTION_TOKENS = 48
MAX_TOKENS = 320
MAX_ANSWER_TOKENS = 40
KEPT = 1_000  # readings
Place = tuple[int, int, int]  # the sentence of a token, and its characters in the passage
NOWHERE: Place = (-1, 0, 0)  # of a token that is not of the passage
UNREAD = -20.0  # the log-probability of a sentence that was cut off


@dataclass(frozen=True)
class Reader:
    """Reads passages for a question; threads may share it."""

    _tokenizer: "Tokenizer"
    _rows: NDArray[Any]
    _graph: "InferenceSession"

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """Return a reading of each text of a passage."""
        return self._read(question, [Surrounded(text) for text in texts])

    def read_passages(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        """Return a reading of each of ``passages``, with what stands around them.

        Without their headlines: one that holds the answer would make every passage of its
        article look as if it did.
        """
        return self._read(question, [surrounded(passage.chunk) for passage in passages])

    def _read(self, question: str, texts: Sequence[Surrounded]) -> list[Reading]:
        """Return a reading of each text, as many at a time as there are cores.

        The last :data:`KEPT` readings are kept.
        """

        def one(text: Surrounded) -> Reading:
            return self._kept(question, text)

        if len(texts) < 2:
            return [one(text) for text in texts]
        with ThreadPoolExecutor(cores()) as pool:
            return list(pool.map(one, texts))

    @cached_property
    def _kept(self) -> Callable[[str, Surrounded], Reading]:
        return lru_cache(KEPT)(self._reading)

    def _reading(self, question: str, passage: Surrounded) -> Reading:
        asked = self._tokenizer.encode(simplify(question)).ids
        asked = [*asked[:-1][: MAX_QUESTION_TOKENS - 1], asked[-1]]
        bounds = sentences(passage.text)
        own: list[int] = []
        places: list[Place] = []
        for number, (start, end) in enumerate(bounds):
            part = simplify(passage.text[start:end])
            found = self._encoded(part)
            exact = len(part) == end - start  # else only the sentence is known, not the words
            own += found.ids
            places += [
                (number, start + a, start + b) if exact else (number, start, end)
                for a, b in found.offsets
            ]
        room = MAX_TOKENS - 1 - len(asked)
        before, after = self._ids(passage.before), self._ids(passage.after)
        if len(before) + len(own) > room:  # the passage first
            before = []
        read = [*before, *own, *after][:room]
        places = [*[NOWHERE] * len(before), *places, *[NOWHERE] * len(after)][:room]
        ids = [*asked, *read, asked[-1]]
        embedded = self._rows[ids].astype(np.float32)[np.newaxis]
        types = (np.arange(len(ids)) >= len(asked)).astype(np.int64)[np.newaxis]
        span, answers = self._graph.run(None, {"embedded": embedded, "types": types})
        scores = _log_softmax(span[len(asked) : -1])
        return Reading(
            float(answers[0]),
            _inside(scores, places),
            tuple(_best(scores, places, number, bound) for number, bound in enumerate(bounds)),
        )

    def _ids(self, text: str) -> list[int]:
        """Return the tokens of a text, sentence by sentence as those of a passage."""
        parts = (simplify(text[start:end]) for start, end in sentences(text))
        return [token for part in parts for token in self._encoded(part).ids]

    def _encoded(self, part: str) -> "Encoding":
        return self._tokenizer.encode(part, add_special_tokens=False)


def _inside(scores: NDArray[np.float32], places: Sequence[Place]) -> float:
    """Return the log-probability that the answer starts at a token of the passage."""
    own = [place != NOWHERE for place in places]
    return max(UNREAD, float(np.log(np.exp(scores[own, 0]).sum()))) if any(own) else UNREAD


def _best(
    scores: NDArray[np.float32],
    places: Sequence[Place],
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
