"""Tells short lines that head something from scraps of running text.

A column break may leave six characters of a sentence on a line of their own, which then has
the form of a headline. The choice is a small logistic model over the line and what it would
meet above and below; its weights are learned by ``python -m evals.fit_reassembly``.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from index import forms
from index.learned import Features, clipped, probability, weights_of
from index.likeness import Likeness
from index.lines import Piece
from index.ngrams import Ngrams
from index.roles import HEADS, Role

MAX_CHARS = 80
LIKELY_HEAD = 0.35  # probability; a head taken for a scrap costs an article, a scrap a join
NEAR = 9  # pieces within which the text above and below a line is looked for
SERIES_CHARS, SERIES_LINES = 6, 3  # of section heads that are set alike

_DOUBTED = (Role.HEADLINE, Role.KICKER, Role.BODY)


def tell_heads(
    pieces: Sequence[Piece], roles: list[Role], likeness: Likeness, ngrams: Ngrams
) -> None:
    """Turn head lines that are scraps of text into body, and body that heads into headlines."""
    weights = weights_of("heads")
    doubted = list(head_features(pieces, roles, likeness, ngrams))
    series = _series([pieces[position].text for position, _ in doubted])
    for position, features in doubted:
        text = pieces[position].text
        if forms.is_open(text) and not _closed_below(pieces, position):
            heads = False
        elif text in series and position and forms.is_finished(pieces[position - 1].text):
            heads = True
        else:
            heads = probability(features, weights) >= LIKELY_HEAD
        if heads and roles[position] is Role.BODY:
            roles[position] = Role.HEADLINE
        elif not heads:
            roles[position] = Role.BODY


def _closed_below(pieces: Sequence[Piece], position: int) -> bool:
    """Return whether the next line of a stack closes the quote that this one opens."""
    below = position + 1
    if below >= len(pieces) or pieces[below].block != pieces[position].block:
        return False
    return len(pieces[below].text) <= MAX_CHARS and not forms.is_open(
        pieces[position].text + pieces[below].text
    )


def _series(texts: Sequence[str]) -> set[str]:
    """Return the short lines that begin and end alike, as the section heads of an essay do."""
    short = [text for text in texts if SERIES_CHARS <= len(text) <= 30]
    ends = Counter((text[:2], text[-2:]) for text in short)
    return {text for text in short if ends[text[:2], text[-2:]] >= SERIES_LINES}


def head_features(
    pieces: Sequence[Piece], roles: Sequence[Role], likeness: Likeness, ngrams: Ngrams
) -> Iterator[tuple[int, Features]]:
    """Yield the lines in doubt, by position, with what speaks for and against a head."""
    indents = 2 * sum(p.indented for p in pieces) > sum(r is Role.BODY for r in roles)
    longs = [_is_long(piece, role) for piece, role in zip(pieces, roles, strict=True)]
    longs_at = [position for position, long in enumerate(longs) if long]
    for position, piece in enumerate(pieces):
        text = piece.text
        if roles[position] not in _DOUBTED or len(text) > MAX_CHARS or "。" in text:
            continue
        if forms.has_dateline(text) or forms.is_salutation(text) or forms.is_end_mark(text):
            continue
        above = position - 1
        while above >= 0 and roles[above] in (Role.FURNITURE, Role.CAPTION, Role.QR):
            above -= 1
        below = position + 1
        features = {
            "line": 1.0,
            "line.long": max(0.0, len(text) - 24) / 20,
            "line.chars": math.log(len(text)) / 3,
            "line.form": float(forms.is_head_like(text)),
            "line.notice": float(forms.heads_notice(text) or forms.heads_advert(text)),
            "line.numbered": float(forms.is_numbered(text)),
            "line.kicker": float(roles[position] is Role.KICKER),
            "line.commas": min(3, sum(text.count(mark) for mark in "，,、")) / 3,
            "line.stop": float(forms.stops(text)),
            "line.pause": float(text[-1] in "，、；,;"),
            "line.colon": float(text[-1] in "：:"),
            "line.open": float(forms.is_open(text)),
            "line.space": float(" " in text or "\u3000" in text),
            "line.opening": clipped(ngrams.opening(text)),
            "line.ending": clipped(ngrams.ending(text)),
            "line.indent": float(piece.indented) if indents else 0.5,
            "line.first": float(above < 0),
            "line.last": float(below >= len(pieces)),
            "line.block": float(position > 0 and pieces[position - 1].block == piece.block),
        }
        if above >= 0:
            role, words = roles[above], pieces[above].text
            features["above.head"] = float(role in HEADS)
            features["above.byline"] = float(role is Role.BYLINE)
            features["above.jump"] = float(role is Role.JUMP)
            if role is Role.BODY:
                features["above.body"] = 1.0
                if not forms.is_finished(words):
                    pair, triple = ngrams.junction(words, text)
                    features["above.cut"] = 1.0
                    features["above.cut, pair"] = clipped(pair)
                    features["above.cut, triple"] = clipped(triple)
                    features["above.cut, opening"] = clipped(ngrams.opening(text))
                    features["above.cut, pause"] = float(words[-1] in "，、；,;")
        if below < len(pieces):
            role, words = roles[below], pieces[below].text
            features["below.head"] = float(role in HEADS)
            features["below.byline"] = float(role is Role.BYLINE)
            features["below.dateline"] = float(role is Role.DATELINE or forms.has_dateline(words))
            if role is Role.BODY:
                pair, triple = ngrams.junction(text, words)
                features["below.body"] = 1.0
                features["below.pair"] = clipped(pair)
                features["below.triple"] = clipped(triple)
                features["below.opening"] = clipped(ngrams.opening(words))
                features["below.indent"] = float(pieces[below].indented) if indents else 0.5
        long_above = next(
            (p for p in range(position - 1, max(-1, position - NEAR), -1) if longs[p]), None
        )
        long_below = next(
            (p for p in range(position + 1, min(len(pieces), position + NEAR)) if longs[p]), None
        )
        for name, other in (("above", long_above), ("below", long_below)):
            if other is not None:
                features[f"{name}.text"] = 1.0
                features[f"{name}.meant"] = float(likeness.meant[position, other])
                features[f"{name}.held"] = float(likeness.held[position, other])
        features["page.held"] = max(
            (float(likeness.held[position, p]) for p in longs_at if p != position), default=0.0
        )
        if long_above is not None and long_below is not None:
            features.update(_skipped(pieces[long_above].text, pieces[long_below].text, ngrams))
        yield position, features


def _skipped(above: str, below: str, ngrams: Ngrams) -> Features:
    """Return whether the text above goes on in the text below, over the line and its like."""
    if forms.is_finished(above):
        return {}
    pair, triple = ngrams.junction(above, below)
    return {
        "skipped": 1.0,
        "skipped, pair": clipped(pair),
        "skipped, triple": clipped(triple),
        "skipped, opening": clipped(ngrams.opening(below)),
    }


def _is_long(piece: Piece, role: Role) -> bool:
    return role is Role.BODY and (len(piece.text) > MAX_CHARS or "。" in piece.text)
