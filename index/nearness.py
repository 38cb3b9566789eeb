"""How near each head line of a page is to each of its articles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from index.roles import HEADS
from index.stream import Stream
from index.threads import Thread

LEAD_PIECES = 2  # of an article, that its headline often repeats
NEAREST_PIECES = 3  # of an article, that a head line is compared with

Table = NDArray[np.float32]


@dataclass(frozen=True)
class Nearness:
    """What head lines and threads have in common; all tables have the shape (lines, threads).

    ``share`` is the share of the rare terms of the line that the thread holds, ``lead`` that
    of its lead; ``alike`` and ``meant`` are likenesses of words and of meaning to the
    pieces of the thread that are nearest. ``rows`` tells the row of each position.
    """

    rows: Mapping[int, int]
    share: Table
    lead: Table
    alike: Table
    meant: Table

    def of(self, table: Table, positions: Sequence[int]) -> Table:
        """Return the rows of ``table`` for some head lines."""
        return table[[self.rows[position] for position in positions]]


def nearness_of(stream: Stream, threads: Sequence[Thread]) -> Nearness:
    """Return how near the head lines of a page are to its threads."""
    heads = [position for position, role in enumerate(stream.roles) if role in HEADS]
    likeness = stream.likeness
    shape = len(heads), len(threads)
    alike, meant = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for number, thread in enumerate(threads):
        pieces = np.array(thread.pieces)
        cells = np.array(heads, dtype=int)[:, None], pieces
        nearest = min(NEAREST_PIECES, len(pieces))
        alike[:, number] = np.sort(likeness.alike[cells], axis=1)[:, -nearest:].sum(axis=1)
        meant[:, number] = np.sort(likeness.meant[cells], axis=1)[:, -nearest:].mean(axis=1)
    return Nearness(
        {position: row for row, position in enumerate(heads)},
        _shares(likeness.terms, heads, [thread.pieces for thread in threads]),
        _shares(likeness.terms, heads, [thread.pieces[:LEAD_PIECES] for thread in threads]),
        alike,
        meant,
    )


def _shares(
    terms: sparse.csr_matrix, heads: Sequence[int], held_by: Sequence[Sequence[int]]
) -> Table:
    """Return the share of the terms of each head line that stand in some of the pieces."""
    owners = np.repeat(np.arange(len(held_by)), [len(pieces) for pieces in held_by])
    columns = np.array([position for pieces in held_by for position in pieces], dtype=int)
    chosen = sparse.csr_matrix(
        (np.ones(len(columns), np.float32), (owners, columns)), (len(held_by), terms.shape[0])
    )
    rows = terms[heads]
    totals = np.maximum(np.asarray(rows.sum(axis=1)), 1e-9)
    return np.asarray((rows @ (chosen @ terms).sign().T).todense() / totals, dtype=np.float32)
