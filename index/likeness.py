"""What the pieces of a page share: rare words, and what they are about.

Two pieces of one article share words that are rare elsewhere: its names, its figures, its
matter. That likeness is counted once for the page, in pairs of characters weighted by how
rare they are in the news at large and on the page.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from index.lines import Piece
from index.meaning import bundled_meaning
from index.ngrams import Ngrams, coded, mixed_codes, slots

MIN_RARITY = 10.0  # bits; what is more common tells no article from another
BITS_A_CHAR, MAX_BITS = 3.0, 9.0  # rarity of a number or a Latin word, by its length

_SAMPLED_CHARS = 2_000  # of a piece; enough to know what it is about
_WORD = re.compile(r"[A-Za-z]{2,}|\d[\d.]*\d")


@dataclass(frozen=True)
class Likeness:
    """How much each two pieces of a page have in common.

    ``terms`` has a row for each piece: the rare terms in it, weighted, rows of norm 1;
    ``alike`` is the cosine of each two rows. ``held[i, j]`` is the share of the rare terms
    of ``i`` that ``j`` holds; ``meant`` is the likeness of meaning (``meaning.py``).
    """

    terms: sparse.csr_matrix
    alike: NDArray[np.float32]
    held: NDArray[np.float32]
    meant: NDArray[np.float32]


def likeness_of(pieces: Sequence[Piece], ngrams: Ngrams) -> Likeness:
    """Return what the pieces of a page, one or more, have in common."""
    terms = rare_terms(pieces, ngrams)
    alike = np.asarray((terms @ terms.T).todense(), dtype=np.float32)
    totals = np.maximum(np.asarray(terms.sum(axis=1)), 1e-9)
    held = np.asarray((terms @ terms.sign().T).todense() / totals, dtype=np.float32)
    return Likeness(terms, alike, held, bundled_meaning().likeness([p.text for p in pieces]))


def rare_terms(pieces: Sequence[Piece], ngrams: Ngrams) -> sparse.csr_matrix:
    """Return the rare pairs of characters, the numbers and Latin words of each piece, weighted.

    Shape ``(len(pieces), terms)``, rows of norm 1. A pair counts by its rarity in the news
    at large, a number or a word by its length; each also by its rarity on the page.
    """
    runs: list[NDArray[np.uint64]] = []
    rarities: list[NDArray[np.float32]] = []
    owners: list[NDArray[np.int64]] = []
    for position, piece in enumerate(pieces):
        text = piece.text[:_SAMPLED_CHARS]
        codes = np.unique(mixed_codes(coded(text), 2))
        rarity = ngrams.rarity_of(slots(codes)) - MIN_RARITY
        rare = rarity > 0
        words = sorted({word.lower() for word in _WORD.findall(text)})
        runs.append(codes[rare])
        runs.append(np.array([crc32(word.encode()) for word in words], dtype=np.uint64))
        rarities.append(rarity[rare])
        rarities.append(
            np.minimum(BITS_A_CHAR * np.array([len(word) - 1 for word in words]), MAX_BITS)
        )
        owners.append(np.full(int(rare.sum()) + len(words), position))
    codes, columns = np.unique(np.concatenate(runs), return_inverse=True)
    rows, shape = np.concatenate(owners), (len(pieces), len(codes))
    spread = np.bincount(columns, minlength=len(codes))
    weights = np.concatenate(rarities) * np.log1p(len(pieces) / spread[columns])
    norms = np.sqrt(np.bincount(rows, weights**2, minlength=len(pieces)))
    return sparse.csr_matrix((weights / norms[rows], (rows, columns)), shape)
