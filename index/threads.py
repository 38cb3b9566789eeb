"""Follows the articles of a page down its lines: which piece of text goes on where.

A page is a stream of pieces. Each piece of running text either carries on an article that
was begun above it or begins a new one. The choice is a small multinomial logistic model
over what a reader goes by: what stands between, whether the article above stopped in
mid-sentence and the characters would meet in a word, whether they share rare words. Its
weights are learned on composed pages by ``python -m evals.fit_reassembly``.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from index import forms
from index.learned import Features, clipped, score, weights_of
from index.roles import HEADS, TEXT_ROLES, Role
from index.stream import Between, Stream

MAX_PENDING = 12  # head lines that are kept in mind
AHEAD = 4  # pieces of text that are looked at together
MUCH = 0.5  # likeness; two reports on one matter share more, and are still two
STRANGE = 0.01  # likeness that two articles may have by chance
MAX_THREADS = 40  # articles that a piece may go back to

Nearnesses = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Thread:
    """An article so far: positions of its pieces of text, in order."""

    pieces: tuple[int, ...]
    jumped_out: bool = False
    jumped_in: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """How far a page is read: the articles begun, the one read last, and headlines to come.

    ``pending`` are the positions of head lines that no new article stood below,
    ``sureness`` the probability of each choice once all are made.
    """

    threads: tuple[Thread, ...] = ()
    active: int = -1
    pending: tuple[int, ...] = ()
    sureness: tuple[float, ...] = ()


def follow(stream: Stream) -> State:
    """Return the articles of the page as threads of pieces, each choice the likeliest."""
    weights = weights_of("threads")
    state, sureness = State(), []
    for position in stream.texts:
        options = options_of(stream, position, state)
        scores = np.array([score(features, weights) for _, features in options])
        best = int(scores.argmax())
        sureness.append(math.exp(scores[best] - np.logaddexp.reduce(scores)))
        state = extended(stream, position, state, options[best][0])
    return replace(state, sureness=tuple(sureness))


def extended(stream: Stream, position: int, state: State, thread: int | None) -> State:
    """Return the state after the piece was added to ``thread`` (``None``: it begins one)."""
    run, text = stream.between[position], stream.pieces[position].text
    jumped_in = run.jumps_in or forms.jumps_in(text)
    jumped_out = forms.jumps_out(text)
    threads = list(state.threads)
    if run.jumps_out and threads:
        threads[state.active] = replace(threads[state.active], jumped_out=True)
    if thread is None:
        threads.append(Thread((position,), jumped_out, jumped_in))
        thread, pending = len(threads) - 1, state.pending
    else:
        old = threads[thread]
        threads[thread] = Thread((*old.pieces, position), jumped_out, old.jumped_in)
        pending = (*state.pending, *run.heads)
    return State(tuple(threads), thread, pending)


def options_of(stream: Stream, position: int, state: State) -> list[tuple[int | None, Features]]:
    """Return what the piece may do, with the features of each: carry on a thread, or begin."""
    threads, active = state.threads, state.active
    run, block = stream.between[position], _text_block(stream, position)
    shared = _shared(stream, position) | _heads_meant(stream, position, block)
    begun = sorted(range(len(threads)), key=lambda each: -threads[each].pieces[-1])[:MAX_THREADS]
    taken_up = bool(shared["jump in"])  # then it broke off before, or it is new here
    begun = [each for each in begun if _broke_off(threads[each], each == active, run) is taken_up]
    if shared["dateline"] and run.leads_in:
        begun = []  # a dateline below a head or a byline opens an article, however alike
    if stream.roles[position] is Role.TABLE and active >= 0 and not run.heads:
        return [(active, {})]  # a table stands in the article above it
    near = {each: _nearness(stream, block, threads[each].pieces) for each in begun}
    options: list[tuple[int | None, Features]] = []
    for each in begun:
        features = _carrying_on(stream, position, threads[each], each == active, shared)
        features |= _nearer(near, each)
        features["go.taken up"] = shared["jump in"]
        features["go.taken up, log"] = shared["jump in"] * _log(near[each]["ahead"])
        options.append((each, features))
    features = _beginning(stream, position, threads[active] if active >= 0 else None, shared)
    features |= _pending(stream, state, block)
    for name in ("alike", "ahead"):
        features[f"new.{name}, log"] = _log(max((n[name] for n in near.values()), default=0.0))
    for name in ("meant", "meant ahead"):
        features[f"new.{name}"] = max((n[name] for n in near.values()), default=0.0)
    options.append((None, features))
    return options


def _shared(stream: Stream, position: int) -> dict[str, float]:
    """Return what speaks for or against every option: the piece and what stands above it."""
    run, piece = stream.between[position], stream.pieces[position]
    dateline = forms.has_dateline(piece.text)
    return {
        "opening": clipped(stream.ngrams.opening(piece.text), -8.0, 8.0),
        "dateline": float(dateline),
        "jump in": float(run.jumps_in or forms.jumps_in(piece.text)),
        "small print": float(stream.roles[position] in (Role.NOTICE, Role.ADVERT)),
        "indent": float(piece.indented) if stream.indents else 0.5,
        "credit below": float(_credited_below(stream, position)),
        "unsigned": stream.signed * float(bool(run.heads) and not run.bylines and not dateline),
        "ornament": float(
            bool(run.heads) and forms.is_ornamented(stream.pieces[run.heads[-1]].text)
        ),
    }


def _nearer(near: Mapping[int, Nearnesses], thread: int) -> dict[str, float]:
    """Return how near a piece is to one thread, and how much nearer than to the others."""
    own, others = near[thread], [near[each] for each in near if each != thread]
    found = {"go.only": float(not others)}
    for name in ("alike", "ahead"):
        best = max((other[name] for other in others), default=own[name])
        found[f"go.{name}"] = own[name]
        found[f"go.{name}, log"] = _log(own[name])
        found[f"go.{name}, more"] = _log(own[name]) - _log(best)
        if not others:
            found[f"go.{name}, only"] = _log(own[name])
    for name in ("meant", "meant ahead"):
        best = max((other[name] for other in others), default=own[name])
        found[f"go.{name}"] = own[name]
        found[f"go.{name}, more"] = own[name] - best
    return found


def _log(alike: float) -> float:
    return math.log(alike + STRANGE)


def _signed(stream: Stream, thread: Thread) -> bool:
    """Return whether an article has a byline over its text."""
    front = stream.between[thread.pieces[0]]
    return bool(front.bylines) and front.leads_in


def _credited_below(stream: Stream, position: int) -> bool:
    """Return whether the text from here on ends with a byline, and heads come below it."""
    below = position
    while below < len(stream.pieces) and stream.roles[below] in TEXT_ROLES:
        below += 1
    return (
        below + 1 < len(stream.pieces)
        and stream.roles[below] is Role.BYLINE
        and stream.roles[below + 1] in HEADS
    )


def _broke_off(thread: Thread, active: bool, run: Between) -> bool:
    return thread.jumped_out or (active and run.jumps_out)


def _headed(stream: Stream, head: int, positions: Sequence[int]) -> float:
    """Return how much of the rare characters of a head line some pieces of text hold."""
    return min(1.0, float(stream.likeness.held[head, list(positions)].sum()))


def _heads_meant(stream: Stream, position: int, block: Sequence[int]) -> dict[str, float]:
    """Return whether the head lines above a piece speak of it, or of other text of the page."""
    heads = stream.between[position].heads
    if not heads:
        return dict.fromkeys(
            ("head here", "head elsewhere", "head here, meant", "head elsewhere, meant"), 0.0
        )
    below = [text for text in stream.texts if text > block[-1]]
    held, meant = stream.likeness.held, stream.likeness.meant
    return {
        "head here": max(_headed(stream, head, block) for head in heads),
        "head elsewhere": float(held[np.ix_(heads, below)].max()) if below else 0.0,
        "head here, meant": float(meant[np.ix_(heads, block)].max()),
        "head elsewhere, meant": float(meant[np.ix_(heads, below)].max()) if below else 0.0,
    }


def _pending(stream: Stream, state: State, block: Sequence[int]) -> dict[str, float]:
    """Return how much more a piece fits head lines far above it than the articles begun do."""
    heads = list(state.pending[-MAX_PENDING:])
    if not heads:
        return {"new.pending": 0.0, "new.pending, meant": 0.0}
    begun = [position for thread in state.threads for position in thread.pieces]
    held, meant = stream.likeness.held, stream.likeness.meant
    here = np.minimum(held[np.ix_(heads, block)].sum(axis=1), 1.0)
    gain = meant[np.ix_(heads, block)].max(axis=1) - meant[np.ix_(heads, begun)].max(axis=1)
    return {
        "new.pending": float((here - held[np.ix_(heads, begun)].max(axis=1)).max()),
        "new.pending, meant": float(gain.max()),
    }


def _text_block(stream: Stream, position: int) -> list[int]:
    """Return the position and those of the text right below it, :data:`AHEAD` at most."""
    block = [position]
    for below in range(position + 1, min(position + AHEAD, len(stream.pieces))):
        if stream.roles[below] not in TEXT_ROLES:
            break
        block.append(below)
    return block


def _nearness(stream: Stream, block: Sequence[int], pieces: Sequence[int]) -> Nearnesses:
    """Return how near a thread is to a piece, then to it and what follows (``block``).

    By shared words, alone (``alike``) and with what follows (``ahead``), and by meaning
    (``meant`` and ``meant ahead``); each by the three pieces of the thread that are nearest.
    """
    cells = np.ix_(block, pieces)
    alike = np.sort(stream.likeness.alike[cells], axis=1)[:, -3:].sum(axis=1).clip(max=MUCH)
    meant = np.sort(stream.likeness.meant[cells], axis=1)[:, -3:].mean(axis=1)
    return {
        "alike": float(alike[0]),
        "ahead": float(alike.mean()),
        "meant": float(meant[0]),
        "meant ahead": float(meant.mean()),
    }


def _carrying_on(
    stream: Stream,
    position: int,
    thread: Thread,
    active: bool,
    shared: Features,
) -> dict[str, float]:
    run, piece = stream.between[position], stream.pieces[position]
    last = thread.pieces[-1]
    tail = stream.pieces[last].text
    cut = not forms.is_finished(tail)
    print_differs = shared["small print"] != float(stream.roles[last] in (Role.NOTICE, Role.ADVERT))
    both, triple = stream.ngrams.junction(tail, piece.text) if cut else (0.0, 0.0)
    gap = bisect_left(stream.texts, position) - bisect_right(stream.texts, last)
    features = {
        "go.dateline": shared["dateline"],
        "go.print differs": float(print_differs),
        "go.unsigned": shared["unsigned"],
        "go.credit below": shared["credit below"],
        "go.second credit": shared["credit below"]
        * float(bool(run.heads) and _signed(stream, thread)),
    }
    state = "cut" if cut else "whole"
    if active:
        features[f"go.next, {state}"] = float(not run.positions)
        features[f"go.same block, {state}"] = float(
            stream.pieces[last].lines[-1].block == piece.block
        )
        features[f"go.over a head, {state}"] = float(bool(run.heads) and not run.bylines)
        features[f"go.over a byline, {state}"] = float(bool(run.bylines) and run.leads_in)
        features[f"go.over a credit, {state}"] = float(bool(run.bylines) and not run.leads_in)
        features[f"go.over other, {state}"] = float(
            bool(run.positions) and not run.heads and not run.bylines
        )
        known = max((_headed(stream, head, thread.pieces) for head in run.heads), default=0.0)
        features["go.head known"] = known
        features["go.head here"] = shared["head here"]
        features["go.head elsewhere"] = max(0.0, shared["head elsewhere"] - known)
        if run.heads:
            meant = stream.likeness.meant[np.ix_(run.heads, thread.pieces)]
            features["go.head known, meant"] = float(meant.max())
            features["go.head here, meant"] = shared["head here, meant"]
            features["go.head elsewhere, meant"] = shared["head elsewhere, meant"]
        features["go.heads"] = math.log1p(len(run.heads))
        features["go.ornament"] = shared["ornament"]
    else:
        features[f"go.back, {state}"] = 1.0
        features[f"go.back over a head, {state}"] = float(bool(run.heads or run.bylines))
        features["go.far"] = math.log1p(gap)
    if cut:
        features["go.cut, pair"] = clipped(both, -6.0, 8.0)
        features["go.cut, triple"] = clipped(triple, 0.0, 12.0)
        features["go.cut, opening"] = shared["opening"]
        features["go.cut, indent"] = shared["indent"]
        features["go.cut, comma"] = float(tail[-1] in "，、,")
        features["go.cut, colon"] = float(tail[-1] in "；：;:")
        features["go.cut, quote"] = float(forms.is_open(tail) and forms.closes(piece.text))
    else:
        features["go.whole, opening"] = shared["opening"]
        features["go.whole, indent"] = shared["indent"]
        features["go.whole, quote"] = float(forms.closes(piece.text))
    return features


def _beginning(
    stream: Stream, position: int, active: Thread | None, shared: Features
) -> dict[str, float]:
    run = stream.between[position]
    tail = stream.pieces[active.pieces[-1]].text if active else ""
    state = "cut" if active and not forms.is_finished(tail) else "whole"
    return {
        f"new, {state}": 1.0,
        f"new.bare, {state}": float(not run.positions),
        f"new.head, {state}": float(bool(run.heads)),
        f"new.byline, {state}": float(bool(run.bylines) and run.leads_in),
        "new.credit": float(bool(run.bylines) and not run.leads_in),
        "new.head and byline": float(bool(run.heads and run.bylines) and run.leads_in),
        "new.byline and dateline": float(bool(run.bylines) and run.leads_in) * shared["dateline"],
        "new.ornament": shared["ornament"],
        "new.heads": math.log1p(len(run.heads)),
        "new.dateline": shared["dateline"],
        "new.jump in": shared["jump in"],
        "new.unsigned": shared["unsigned"],
        "new.credit below": shared["credit below"],
        "new.opening": shared["opening"],
        "new.indent": shared["indent"],
        "new.head here": shared["head here"],
        "new.head elsewhere": max(0.0, shared["head elsewhere"] - shared["head here"]),
        "new.head here, meant": shared["head here, meant"],
        "new.head elsewhere, meant": shared["head elsewhere, meant"],
        "new.small print": shared["small print"],
        "new.closes": float(forms.closes(stream.pieces[position].text)),
    }
