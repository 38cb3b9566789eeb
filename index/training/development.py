"""What the encoder finds while it trains: held-out questions among pieces of documents."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.training.data import Asked, chunks
from index.training.student import Student

MAX_PASSAGE_TOKENS = 256
OTHERS = 400  # news documents that nobody asks about


@dataclass(frozen=True)
class Development:
    """Questions, pieces of documents, and the document of each."""

    questions: Sequence[Asked]
    pieces: Sequence[str]
    documents: Sequence[str]

    def recall_at_1(self, student: Student) -> dict[str, float]:
        """Return the share of questions whose nearest piece is of their document, by kind.

        Kinds: ``zh`` and ``en`` over news, ``wiki`` over an encyclopedia in Chinese.
        """
        found = student.encode(student.ids(self.pieces, MAX_PASSAGE_TOKENS))
        asked = student.encode(student.ids([each.question for each in self.questions]))
        nearest = (asked @ found.T).argmax(axis=1)
        hits: dict[str, list[bool]] = {}
        for question, row in zip(self.questions, nearest, strict=True):
            kind = question.language if question.group.startswith("news-") else "wiki"
            hits.setdefault(kind, []).append(self.documents[row] == question.group)
        return {kind: float(np.mean(each)) for kind, each in sorted(hits.items())}


def development(asked: Sequence[Asked], news: Sequence[tuple[str, str]]) -> Development:
    """Return the held-out questions of ``asked`` among their documents and some of ``news``."""
    questions = [each for each in asked if each.held_out]
    texts = {each.group: each.text for each in questions}
    step = max(1, len(news) // OTHERS)
    texts |= {name: text for name, text in news[::step] if name not in texts}
    pieces = [(name, text[a:b]) for name, text in texts.items() for a, b in chunks(text)]
    return Development(questions, [piece for _, piece in pieces], [name for name, _ in pieces])
