"""The best passages, read, in the order in which the reader finds that they answer."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rag.caveats import of_edition
from rag.extractive import answer_models
from rag.fusion import Floats, probabilities
from rag.reader import Reader
from rag.types import Passage, Question, Reading

READ_PASSAGES = 4  # at most; their sentences may be quoted
READ_AT_ONCE = 2  # a core each
SURE_ANSWER = 3.0  # the logit of a passage that answers beyond doubt
LEAST_SCORE = 1e-6
LEAST_INSIDE = math.log(1e-3)


def reranked(
    question: Question, passages: Sequence[Passage], reader: Reader, weight: float
) -> tuple[Passage, ...]:
    """Return ``passages``, the best of them with their readings, in the order of what is read.

    To the logarithm of the score of each comes ``weight`` times its :func:`logit_of`; what those
    that are read share of the probability stays the same in sum. At most :data:`READ_PASSAGES`
    are read, and no more when the best of those read stays the best even if the next one answers
    beyond doubt (a cascade with early exit, by the threshold algorithm of Fagin, Lotem and
    Naor, 2001).
    """
    read: list[Passage] = []
    rest = list(passages)
    while rest and len(read) < READ_PASSAGES and not _settled(read, rest[0], weight):
        chosen, rest = rest[:READ_AT_ONCE], rest[READ_AT_ONCE:]
        readings = reader.read_passages(question.search_text, chosen)
        read += [replace(p, reading=found) for p, found in zip(chosen, readings, strict=True)]
    if not read:
        return ()
    scores = _scores(read)
    shares = probabilities(combined(scores, _answers(read), weight)) * scores.sum()
    moved = [replace(p, score=float(share)) for p, share in zip(read, shares, strict=True)]
    return tuple(sorted((*moved, *rest), key=lambda passage: -passage.score))


def read_in_order(
    question: Question, found: Sequence[Passage], reader: Reader
) -> tuple[Passage, ...]:
    """Return the passages that were ``found``, :func:`reranked`.

    Those of articles about another edition are not read, and come last.
    """
    meant = of_edition(question, found)
    others = [passage for passage in found if passage not in meant]
    weight = answer_models()[question.language].reading
    return (*reranked(question, meant, reader, weight), *others)


def _settled(read: Sequence[Passage], following: Passage, weight: float) -> bool:
    """Return whether the best of ``read`` comes before ``following`` whatever that says."""
    if not read:
        return False
    best = combined(_scores(read), _answers(read), weight).max()
    return bool(best >= combined(_scores([following]), [SURE_ANSWER], weight).max())


def _scores(passages: Sequence[Passage]) -> Floats:
    return np.asarray([passage.score for passage in passages], dtype=np.float32)


def _answers(passages: Sequence[Passage]) -> list[float]:
    return [logit_of(passage.reading) for passage in passages if passage.reading]


def logit_of(reading: Reading) -> float:
    """Return about the logit of whether the passage itself answers, not what stands around it."""
    return reading.answers + max(LEAST_INSIDE, reading.inside)


def combined(scores: Floats, answers: Sequence[float], weight: float) -> Floats:
    """Return log-odds of passages from their scores and what the reader says of them."""
    read = weight * np.asarray(answers, dtype=np.float32)
    return np.asarray(np.log(np.maximum(scores, LEAST_SCORE)) + read, dtype=np.float32)
