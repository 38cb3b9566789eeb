"""Fits ``index/reassembly.json``: what goes on where, what is joined, whose headline it is.

::

    python -m evals.fit_reassembly --data ../shared/data

Learns on composed pages (``evals/page_generator.py``, split ``train``); the pages that the
eval suite is scored on are composed of other articles. Each of the five models is a
multinomial logistic regression over named features, fitted with L2 by L-BFGS; a choice is
learned with every earlier choice of its kind made as in the gold.
"""

import argparse
import json
import logging
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from evals.fitting import replace_weights
from evals.page_generator import TROUBLES, generate
from evals.page_gold import GoldPage
from evals.page_press import PARAGRAPH_ROLES
from evals.page_sources import load_sources
from index import learned
from index.forms import is_finished
from index.headlines import HeadGroup, groups_of, head_options, kicker_features, told_of
from index.heads import head_features
from index.joins import join_features
from index.learned import Features, weights_of
from index.likeness import likeness_of
from index.lines import lines_of, pieces_of
from index.nearness import nearness_of
from index.ngrams import bundled_ngrams
from index.roles import HEADS, Role, roles_by_form
from index.stories import stream_of_page
from index.stream import Stream
from index.threads import State, Thread, extended, follow, options_of
from index.training.quarters import FIT_QUARTER, quarter_of
from index.types import CorpusError

log = logging.getLogger("evals.fit_reassembly")

TROUBLED_SHARE = 0.7  # of the pages have troubles as often as those that are scored
MANNERS = frozenset(
    "half-width marks,indented paragraphs,traditional,hard-wrapped,dateline,furniture,date line,"
    "no byline,shoulder,deck,kicker,second headline,brief".split(",")
)
STRAYS = frozenset(("foreign head in a cut", "cut on a stop", "advert in a cut"))
MILD_RATES = {
    "one place": 0.7, "section heads": 0.25, "section head of two lines": 0.4,
    "picture story": 0.08,
}  # fmt: skip
PENALTY = 3e-5  # of the squared weights, against the mean loss of a choice


@dataclass(frozen=True, slots=True)
class Choice:
    """Options with their features, and the number of the right one."""

    options: Sequence[Features]
    right: int


ReadThreads = tuple[tuple[Thread, ...], list[str | None]]


def line_choices(gold: GoldPage) -> Iterator[Choice]:
    """Yield whether each short line heads something or is a scrap of text."""
    role_of = {line.number: line.role for line in gold.lines}
    pieces, ngrams = pieces_of(lines_of(gold.page)), bundled_ngrams()
    likeness, roles = likeness_of(pieces, ngrams), roles_by_form(pieces)
    for position, features in head_features(pieces, roles, likeness, ngrams):
        role = role_of[pieces[position].number]
        if role in (Role.HEADLINE, Role.KICKER, Role.SECTION, Role.DECK, Role.BODY):
            yield Choice([{}, features], int(role is not Role.BODY))


def thread_choices(stream: Stream, owners: Mapping[int, str | None]) -> Iterator[Choice]:
    """Yield what each piece of text should do, all pieces above it being where they belong."""
    state = State()
    names: list[str] = []
    for position in stream.texts:
        owner = owners[stream.pieces[position].number]
        if owner is None:
            continue
        options = options_of(stream, position, state)
        thread = names.index(owner) if owner in names else None
        targets = [each for each, _ in options]
        if thread in targets:
            yield Choice([features for _, features in options], targets.index(thread))
        if thread is None:
            names.append(owner)
        state = extended(stream, position, state, thread)


def read_threads(
    stream: Stream, owners: Mapping[int, str | None]
) -> tuple[tuple[Thread, ...], list[str | None]]:
    """Return the threads as the fitted model follows them, faults and all, and whose each is.

    Of several threads of one article, the longest is its own and the others are nobody's.
    """
    threads = follow(stream).threads
    names: list[str | None] = [None] * len(threads)
    votes = [
        Counter(owners[stream.pieces[position].number] for position in thread.pieces)
        for thread in threads
    ]
    by_size = sorted(range(len(threads)), key=lambda each: -max(votes[each].values()))
    for number in by_size:
        owner = votes[number].most_common(1)[0][0]
        if owner not in names:
            names[number] = owner
    return threads, names


def join_choices(stream: Stream, gold: GoldPage) -> Iterator[Choice]:
    """Yield whether pieces are joined where the first has no end: true neighbours and false.

    Every piece that breaks off is also held against the piece that stands next on the page
    and against one at random, unless that is the one that carries it on.
    """
    rng = random.Random(gold.name)
    at_line = {stream.pieces[position].number: position for position in stream.texts}
    joinable = [p for p in stream.texts if stream.roles[p] in PARAGRAPH_ROLES]
    above: tuple[str | None, int] | None = None
    for line in gold.lines:
        position = at_line.get(line.number)
        if position is None or line.role not in PARAGRAPH_ROLES or position not in joinable:
            continue
        if above and above[0] == line.article:
            first = above[1]
            if not is_finished(stream.pieces[first].text):
                below = next((p for p in joinable if p > first), position)
                pairs = {position: line.continues}
                pairs |= {
                    p: False for p in (below, rng.choice(joinable)) if p not in (first, position)
                }
                for second, joined in pairs.items():
                    features = join_features(
                        stream.pieces[first], stream.pieces[second], stream.indents, stream.ngrams
                    )
                    yield Choice([{}, features], int(joined))
        above = (line.article, position)


def head_choices(stream: Stream, gold: GoldPage, read: ReadThreads) -> Iterator[Choice]:
    """Yield which article each group of head lines heads, if any."""
    threads, names = read
    heads = {
        line.number: line.article for line in gold.lines if line.role in HEADS and line.article
    }
    near, groups = nearness_of(stream, threads), groups_of(stream, threads)
    parts: list[HeadGroup] = []
    owners: list[str | None] = []
    for group in groups:
        runs = [
            (owner, tuple(run))
            for owner, run in groupby(
                group.positions, lambda position: heads.get(stream.pieces[position].number)
            )
        ]
        for owner, run in runs[:-1]:
            parts.append(replace(group, positions=run, bylines=()))
            owners.append(owner)
        parts.append(replace(group, positions=runs[-1][1]))
        owners.append(runs[-1][0])
    told = told_of(stream, near, groups)
    found = head_options(stream, threads, near, parts, told)
    for owner, options in zip(owners, found, strict=True):
        yield Choice(options, names.index(owner) if owner and owner in names else len(threads))


def kicker_choices(
    stream: Stream, gold: GoldPage, owners: Mapping[int, str | None], read: ReadThreads
) -> Iterator[Choice]:
    """Yield whether each line of a group that heads an article is a kicker."""
    threads, names = read
    role_of = {line.number: line.role for line in gold.lines}
    near = nearness_of(stream, threads)
    for group in groups_of(stream, threads):
        numbers = [stream.pieces[position].number for position in group.positions]
        owner = next((owners[n] for n in numbers if owners[n] and owners[n] in names), None)
        if owner is None:
            continue
        features_of = kicker_features(stream, near, names.index(owner), group)
        for number, features in zip(numbers, features_of, strict=True):
            if role_of[number] in HEADS:
                yield Choice([{}, features], int(role_of[number] is Role.KICKER))


def fit(choices: Sequence[Choice]) -> tuple[dict[str, float], float]:
    """Return the weights of least loss, and the share of choices that they get right."""
    names = sorted({name for choice in choices for options in choice.options for name in options})
    column = {name: number for number, name in enumerate(names)}
    rows = [options for choice in choices for options in choice.options]
    table = np.zeros((len(rows), len(names)))
    for number, options in enumerate(rows):
        for name, value in options.items():
            table[number, column[name]] = value
    starts = np.cumsum([0, *(len(choice.options) for choice in choices[:-1])])
    sizes = np.array([len(choice.options) for choice in choices])
    right = starts + np.array([choice.right for choice in choices])

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        scores = table @ weights
        scores -= np.repeat(np.maximum.reduceat(scores, starts), sizes)
        odds = np.exp(scores)
        sums = np.repeat(np.add.reduceat(odds, starts), sizes)
        chances = odds / sums
        error = chances.copy()
        error[right] -= 1
        value = -np.log(chances[right] + 1e-300).mean() + PENALTY * weights @ weights
        return float(value), table.T @ error / len(choices) + 2 * PENALTY * weights

    found = minimize(
        loss, np.zeros(len(names)), jac=True, method="L-BFGS-B", options={"maxiter": 1000}
    )
    scores = table @ found.x
    best = np.array([
        start + int(scores[start : start + size].argmax())
        for start, size in zip(starts, sizes, strict=True)
    ])  # fmt: skip
    weights = {name: round(float(found.x[column[name]]), 4) for name in names}
    return weights, float((best == right).mean())


def learn(pages: Sequence[GoldPage], held_out: Sequence[GoldPage]) -> None:
    """Fit the five models in turn, each on what those before it make of the pages.

    Logs how often each is right on its own pages and on others, and writes the weights of
    each to :data:`index.learned.WEIGHTS` as soon as they are known: those after it read pages
    with them.
    """
    out = learned.WEIGHTS
    written: dict[str, Features] = (
        json.loads(out.read_text(encoding="utf-8")) if out.is_file() else {}
    )

    def add(model: str, made: Callable[[GoldPage], Iterable[Choice]]) -> None:
        choices, others = ([c for gold in group for c in made(gold)] for group in (pages, held_out))
        weights, share = fit(choices)
        hits = float(np.mean([_chosen(choice, weights) == choice.right for choice in others]))
        log.info("%s: %d choices, right %.4f; other pages %.4f", model, len(choices), share, hits)
        written[model] = weights
        replace_weights(out, written)
        weights_of.cache_clear()

    add("heads", line_choices)
    streams = {
        id(gold): stream_of_page(pieces_of(lines_of(gold.page)), bundled_ngrams())
        for gold in (*pages, *held_out)
    }
    owners = {
        id(gold): {line.number: line.article for line in gold.lines} for gold in (*pages, *held_out)
    }
    add("threads", lambda gold: thread_choices(streams[id(gold)], owners[id(gold)]))
    add("joins", lambda gold: join_choices(streams[id(gold)], gold))
    read = {
        id(gold): read_threads(streams[id(gold)], owners[id(gold)]) for gold in (*pages, *held_out)
    }
    add("headlines", lambda gold: head_choices(streams[id(gold)], gold, read[id(gold)]))
    add(
        "kickers",
        lambda gold: kicker_choices(streams[id(gold)], gold, owners[id(gold)], read[id(gold)]),
    )


def mild(troubles: Mapping[str, float]) -> dict[str, float]:
    """Return ``troubles`` as an ordinary day has them: pages as the paper meant them, mostly.

    How a page is set stays as it is; what goes wrong does so at a third of the rate, and
    what strays into the middle of an article at a tenth. Articles of one place and section
    heads, on which articles are told apart, are more frequent.
    """
    rates = {
        name: rate * (1.0 if name in MANNERS else 0.1 if name in STRAYS else 0.3)
        for name, rate in troubles.items()
    }
    return rates | MILD_RATES


def main(arguments: Sequence[str] | None = None) -> None:
    """Compose the pages and learn from them."""
    parser = argparse.ArgumentParser(description="Fit the weights of the reassembly.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=1600)
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        articles = load_sources(chosen.data, "train")
    except CorpusError as error:
        raise SystemExit(str(error)) from None
    sources = [source for source in articles if quarter_of(source.id) == FIT_QUARTER]
    troubled = round(chosen.pages * TROUBLED_SHARE)
    pages = [
        *generate(sources, troubled, seed=11, split="train"),
        *generate(
            sources, chosen.pages - troubled, seed=13, split="train", troubles=mild(TROUBLES)
        ),
    ]
    held_out = generate(sources, chosen.pages // 6, seed=12, split="train")
    learn([each.gold for each in pages], [each.gold for each in held_out])


def _chosen(choice: Choice, weights: Features) -> int:
    scores = [sum(v * weights.get(n, 0.0) for n, v in each.items()) for each in choice.options]
    return int(np.argmax(scores))


if __name__ == "__main__":
    main()
