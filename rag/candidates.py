"""What a store has to find for a question, so that all else is one code whichever store it is.

The index in memory and a cluster both answer with a :class:`Pool`: the candidates, and the
exact evidence of every arm for each. The fusion, the reader and the answer do not know from
where it came.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.types import Chunk, Vectors
from index.windows import Cosines
from rag.filters import Facets
from rag.fusion import Evidence, Floats
from rag.terms import Arm
from rag.types import Passage, Question


@dataclass(frozen=True)
class Pool:
    """The candidates of one question; a place among them is what the arrays are indexed by.

    ``found`` holds the evidence for each text that was searched, the whole question first.
    ``english`` tells whether the article of a candidate is in English, ``windows`` the cosines of
    its windows with each text. ``chunks`` and ``vectors`` look up some candidates by place, so
    that a store need not send them all.
    """

    found: Sequence[Evidence]
    english: NDArray[np.bool_]
    windows: Cosines
    chunks: Callable[[Sequence[int]], Sequence[Chunk]]
    vectors: Callable[[Sequence[int]], Vectors]

    def __len__(self) -> int:
        return len(self.english)

    def passage(self, at: int, chunk: Chunk, score: float) -> Passage:
        """Return a candidate as a passage for the whole question."""
        windows = self.windows.of(at)[:, :1].ravel()
        nearest = float(windows.max()) if windows.size else 0.0
        return Passage(chunk, score, nearest, tuple(windows.tolist()))


def by_text(windows: Cosines, texts: int) -> list[Floats | None]:
    """Return for each of ``texts`` the cosine of the nearest window of each candidate.

    ``None`` without the dense arm, whose ``windows`` are near to no text.
    """
    nearest = windows.nearest
    return [nearest[:, at] for at in range(texts)] if nearest.shape[1] else [None] * texts


class Store(Protocol):
    """Where the chunks are."""

    @property
    def facets(self) -> Facets:
        """What the articles can be filtered by."""

    def pool(self, question: Question, texts: Sequence[str], arms: Collection[Arm]) -> Pool:
        """Return the candidates of ``question``, found by ``arms`` for any of ``texts``.

        They are the best of the lexical arms and the best of the vectors for each text, of the
        articles that the filters of the question let pass; adverts only where asked for.
        """
