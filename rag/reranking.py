"""The best passages in the order in which the reader finds that they answer."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rag.fusion import Floats, probabilities
from rag.reader import READ_PASSAGES, Reader
from rag.types import Passage, Question

LEAST_SCORE = 1e-6


def reranked(
    question: Question, passages: Sequence[Passage], reader: Reader, weight: float
) -> tuple[Passage, ...]:
    """Return ``passages``, the best :data:`READ_PASSAGES` of them in the order of what is read.

    To the logarithm of the score of each comes ``weight`` times the logit of the reader that it
    answers; what they share of the probability stays the same in sum.
    """
    first, rest = passages[:READ_PASSAGES], passages[READ_PASSAGES:]
    if not first:
        return ()
    answers = [each.answers for each in reader.read_passages(question.search_text, first)]
    scores = np.asarray([passage.score for passage in first], dtype=np.float32)
    shares = probabilities(combined(scores, answers, weight)) * scores.sum()
    moved = [replace(p, score=float(share)) for p, share in zip(first, shares, strict=True)]
    return tuple(sorted((*moved, *rest), key=lambda passage: -passage.score))


def combined(scores: Floats, answers: Sequence[float], weight: float) -> Floats:
    """Return log-odds of passages from their scores and what the reader says of them."""
    read = weight * np.asarray(answers, dtype=np.float32)
    return np.asarray(np.log(np.maximum(scores, LEAST_SCORE)) + read, dtype=np.float32)
