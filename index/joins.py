"""Decides whether two pieces of an article are halves of one paragraph.

A column break leaves the first half without a full stop; so does a line of verse, an item
of a list, or a printer's slip. The choice is a small logistic model over the marks and
characters that meet; its weights are learned by ``python -m evals.fit_reassembly``. A cut
that falls on a full stop leaves no trace, and nothing is joined there.
"""

from collections.abc import Mapping

from index import forms
from index.learned import clipped, probability, weights_of
from index.lines import Piece
from index.ngrams import Ngrams
from index.roles import Role


def join_features(
    first: Piece, second: Piece, indents: bool, ngrams: Ngrams
) -> Mapping[str, float]:
    """Return what speaks for and against a join where ``first`` does not end a sentence."""
    before, after = first.text, second.text
    both, triple = ngrams.junction(before, after)
    return {
        "join": 1.0,
        "join.pair": clipped(both, -6.0, 8.0),
        "join.triple": clipped(triple, 0.0, 12.0),
        "join.opening": clipped(ngrams.opening(after), -8.0, 8.0),
        "join.ending": clipped(ngrams.ending(before), -10.0, 6.0),
        "join.comma": float(before[-1] in "，、,"),
        "join.colon": float(before[-1] in "：:"),
        "join.semicolon": float(before[-1] in "；;"),
        "join.stop": float(forms.stops(before)),
        "join.closes": float(forms.closes(after) and forms.is_open(before)),
        "join.reopens": float(after[0] in "“「『"),
        "join.indent": float(second.indented) if indents else 0.5,
        "join.next line": float(second.block == first.lines[-1].block and not indents),
        "join.short": float(len(before) < 25 and "，" not in before and "," not in before),
        "join.short after": float(len(after) < 25 and not forms.stops(after)),
        "join.dateline": float(forms.has_dateline(after) or forms.is_numbered(after)),
    }


def join_confidence(
    first: Piece, first_role: Role, second: Piece, second_role: Role, indents: bool, ngrams: Ngrams
) -> float:
    """Return the probability that ``second`` carries on the paragraph of ``first``."""
    apart = (Role.TABLE, Role.DATELINE)
    if forms.is_finished(first.text) or first_role in apart or second_role in apart:
        return 0.0
    return probability(join_features(first, second, indents, ngrams), weights_of("joins"))
