"""A page as a stream: its pieces with their roles, what stands between, and what is alike.

Two pieces of one article share words that are rare elsewhere: its names, its figures, its
matter. That likeness is counted once for the page, in pairs of characters weighted by how
rare they are in the news at large and on the page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from index import forms
from index.lines import Piece
from index.meaning import bundled_meaning
from index.ngrams import Ngrams, coded, mixed_codes, slots
from index.roles import TEXT_ROLES, Role

MIN_RARITY = 10.0  # bits; what is more common tells no article from another

_SAMPLED_CHARS = 2_000  # of a piece; enough to know what it is about


@dataclass(slots=True)
class Between:
    """What stands between two pieces of text: the positions of all, and of some by role."""

    positions: list[int] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)
    bylines: list[int] = field(default_factory=list)
    jumps_in: bool = False
    jumps_out: bool = False
    leads_in: bool = False  # the last of them opens an article: a byline or a head


@dataclass(frozen=True)
class Stream:
    """A page ready to be followed: pieces, roles, what stands between, and likeness.

    ``between`` holds, for each position in ``texts``, what stands above that text and below
    the one before it; ``rest`` is what stands below the last. ``terms`` has a row for each
    piece: the rare pairs of characters in it, weighted, rows of norm 1; ``alike`` is the
    cosine of each two rows. ``held[i, j]`` is the share of the rare pairs of ``i`` that ``j``
    holds; ``meant`` is the likeness of meaning (``meaning.py``). ``signed`` is the share of the
    runs with head lines that have a byline below them; ``indents`` tells
    whether paragraphs are set with an indent.
    """

    pieces: Sequence[Piece]
    roles: Sequence[Role]
    texts: Sequence[int]
    between: Mapping[int, Between]
    rest: Between
    terms: sparse.csr_matrix
    alike: NDArray[np.float32]
    held: NDArray[np.float32]
    meant: NDArray[np.float32]
    signed: float
    indents: bool
    ngrams: Ngrams


def stream_of(pieces: Sequence[Piece], roles: Sequence[Role], ngrams: Ngrams) -> Stream:
    """Return the stream of a page."""
    texts = [position for position, role in enumerate(roles) if role in TEXT_ROLES]
    between: dict[int, Between] = {}
    run = Between()
    for position, (piece, role) in enumerate(zip(pieces, roles, strict=True)):
        if role in TEXT_ROLES:
            between[position] = run
            run = Between()
            continue
        run.positions.append(position)
        if role in (Role.HEADLINE, Role.KICKER, Role.DECK):
            run.heads.append(position)
            run.leads_in = True
        elif role is Role.BYLINE:
            run.bylines.append(position)
            run.leads_in = not forms.is_source(piece.text)
        elif role is Role.JUMP:
            run.jumps_in |= forms.jumps_in(piece.text)
            run.jumps_out |= not forms.jumps_in(piece.text)
    indented = sum(pieces[position].indented for position in texts)
    terms = rare_terms(pieces, ngrams)
    alike = np.asarray((terms @ terms.T).todense(), dtype=np.float32)
    present = terms.sign()
    totals = np.maximum(np.asarray(terms.sum(axis=1)), 1e-9)
    held = np.asarray((terms @ present.T).todense() / totals, dtype=np.float32)
    indents = indented * 2 > len(texts)
    headed = [each for each in between.values() if each.heads]
    signed = sum(bool(each.bylines) and each.leads_in for each in headed) / max(len(headed), 1)
    meant = bundled_meaning().likeness([piece.text for piece in pieces])
    return Stream(
        pieces, roles, texts, between, run, terms, alike, held, meant, signed, indents, ngrams
    )


def rare_terms(pieces: Sequence[Piece], ngrams: Ngrams) -> sparse.csr_matrix:
    """Return the rare pairs of characters of each piece, weighted, rows of norm 1.

    Shape ``(len(pieces), pairs)``. A pair counts by its rarity in the news at large and on
    the page.
    """
    runs, rarities, owners = [], [], []
    for position, piece in enumerate(pieces):
        codes = np.unique(mixed_codes(coded(piece.text[:_SAMPLED_CHARS]), 2))
        rarity = ngrams.rarity_of(slots(codes)) - MIN_RARITY
        rare = rarity > 0
        runs.append(codes[rare])
        rarities.append(rarity[rare])
        owners.append(np.full(int(rare.sum()), position))
    codes, columns = np.unique(np.concatenate(runs), return_inverse=True)
    rows, shape = np.concatenate(owners), (len(pieces), len(codes))
    spread = np.bincount(columns, minlength=len(codes))
    weights = np.concatenate(rarities) * np.log1p(len(pieces) / spread[columns])
    norms = np.sqrt(np.bincount(rows, weights**2, minlength=len(pieces)))
    return sparse.csr_matrix((weights / norms[rows], (rows, columns)), shape)
