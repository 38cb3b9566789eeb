"""Deals the headlines of a page to its articles, one to one, by meaning.

On the printed page a headline stands over its body; in a dump of the page it may stand
thirty lines above, within another article, or be exchanged with another. Each group of head
lines is weighed against each article (what it shares of its rare characters, where it
stands), and against heading no article at all, as a section head does. The weights are
learned by ``python -m evals.fit_reassembly``; the best whole deal is a linear sum
assignment.
"""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from index import forms
from index.assignment import best_pairs
from index.learned import Features, score, weights_of
from index.nearness import Nearness
from index.roles import HEADS, Role
from index.stream import Between, Stream
from index.threads import Thread


@dataclass(frozen=True, slots=True)
class HeadGroup:
    """Head lines that stand together, by position, and where.

    ``home`` is the thread that begins below the group, ``within`` the thread that goes on
    around it, ``cut`` whether it parts two halves of a sentence. ``bylines`` stand with a
    group that has no home. ``before`` is the position of the text below, or the end.
    """

    positions: tuple[int, ...]
    before: int
    home: int | None = None
    within: int | None = None
    cut: bool = False
    bylines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Deal:
    """Which thread each group heads (``None``: no article), and how sure that is."""

    group: HeadGroup
    thread: int | None
    confidence: float


Row = NDArray[np.float32]  # an entry for each thread, and maybe for none
Chances = dict[HeadGroup, Row]
Told = Mapping[HeadGroup, tuple[Row, Row]]  # what each thread holds, how near it is in meaning


@dataclass(frozen=True, slots=True)
class _Assignment:
    """The thread of each group, and the log probability of it all."""

    total: float
    threads: Mapping[HeadGroup, int | None]


def deal(
    stream: Stream, threads: Sequence[Thread], near: Nearness, groups: Sequence[HeadGroup]
) -> list[Deal]:
    """Return the likeliest deal of ``groups``: a thread has at most one of them.

    A stack of head lines is cut in two where both halves head an article, or the deal is
    likelier so: the headline of one article may stand on top of that of another.
    """
    told = told_of(stream, near, groups)

    def chances_of(parts: Sequence[HeadGroup]) -> Chances:
        options = head_options(stream, threads, near, parts, told)
        return {part: _log_chances(each) for part, each in zip(parts, options, strict=True)}

    chances = chances_of(groups)
    best = _assigned(chances)
    for group in groups:
        others = {each: row for each, row in chances.items() if each is not group}
        ways: list[tuple[float, int, _Assignment, Chances]] = []
        for pair in _halves(stream, group):
            parted = others | chances_of(pair)
            way = _assigned(parted)
            if way.total > best.total or all(way.threads[half] is not None for half in pair):
                ways.append((way.total, len(ways), way, parted))
        if ways:
            _, _, best, chances = max(ways)
    return [
        Deal(group, thread, float(np.exp(chances[group][-1 if thread is None else thread])))
        for group, thread in sorted(best.threads.items(), key=lambda each: each[0].positions)
    ]


def _log_chances(options: Sequence[Features]) -> Row:
    """Return the log probability of each option."""
    weights = weights_of("headlines")
    scores = np.array([score(features, weights) for features in options])
    return np.asarray(scores - np.logaddexp.reduce(scores), dtype=np.float32)


def _assigned(chances: Chances) -> _Assignment:
    """Return the likeliest assignment of groups to threads, no thread twice."""
    if not chances:
        return _Assignment(0.0, {})
    table = np.array(list(chances.values()))
    threads = table.shape[1] - 1
    none = np.full((len(table), len(table)), -1e9)
    np.fill_diagonal(none, table[:, -1])
    table = np.hstack([table[:, :-1], none])
    rows, columns = best_pairs(table)
    chosen = [int(column) if column < threads else None for column in columns]
    return _Assignment(float(table[rows, columns].sum()), dict(zip(chances, chosen, strict=True)))


def _halves(stream: Stream, group: HeadGroup) -> list[tuple[HeadGroup, HeadGroup]]:
    """Return the ways to cut a group in two at a blank line, the home with the lower half."""
    found = []
    for at in range(1, len(group.positions)):
        upper, lower = group.positions[:at], group.positions[at:]
        if stream.pieces[upper[-1]].block == stream.pieces[lower[0]].block:
            continue
        if all(stream.roles[p] is not Role.HEADLINE for p in upper) or all(
            stream.roles[p] is not Role.HEADLINE for p in lower
        ):
            continue
        found.append(
            (
                replace(group, positions=upper, bylines=()),
                replace(group, positions=lower),
            )
        )
    return found


def _banner(stream: Stream, heads: Sequence[int]) -> int:
    """Return how many of the first head lines of a page are its slogan, set apart."""
    block = stream.pieces[heads[0]].block
    upper = [position for position in heads if stream.pieces[position].block == block]
    slogan = all(forms.exhorts(stream.pieces[position].text) for position in upper)
    return len(upper) if slogan and len(upper) < len(heads) else 0


def head_options(
    stream: Stream,
    threads: Sequence[Thread],
    near: Nearness,
    parts: Sequence[HeadGroup],
    told: Told,
) -> list[list[Features]]:
    """Return for each part the features of heading each thread, then of heading none.

    A part is one of the groups of the page, which are those of ``told``, or some of its lines.
    """
    homes = {group.home for group in told}
    found = []
    for part in parts:
        rivals = [
            nearness
            for group, nearness in told.items()
            if not set(part.positions) & set(group.positions)
        ]
        found.append(
            [*_heading(stream, threads, near, part, homes, rivals), _heading_none(stream, part)]
        )
    return found


def told_of(stream: Stream, near: Nearness, groups: Sequence[HeadGroup]) -> Told:
    """Return for each group how much of its terms each thread holds, and how near they are."""
    return {group: _told(near, _telling(stream, group)) for group in groups}


def _told(near: Nearness, lines: Sequence[int]) -> tuple[Row, Row]:
    return near.of(near.share, lines).mean(axis=0), near.of(near.meant, lines).mean(axis=0)


def _telling(stream: Stream, group: HeadGroup) -> Sequence[int]:
    """Return the lines of a group that tell what its article is about: no kicker, if it can be."""
    plain = [each for each in group.positions if stream.roles[each] is not Role.KICKER]
    return plain or group.positions


def _heading(
    stream: Stream,
    threads: Sequence[Thread],
    near: Nearness,
    group: HeadGroup,
    homes: set[int | None],
    rivals: Sequence[tuple[Row, Row]],
) -> list[Features]:
    telling = _telling(stream, group)
    share, meant = _told(near, telling)
    lead = near.of(near.lead, telling).mean(axis=0)
    alike = near.of(near.alike, telling).max(axis=0)
    best = near.of(near.meant, telling).max(axis=0)
    found: list[Features] = []
    for number, thread in enumerate(threads):
        start = thread.pieces[0]
        away = abs(bisect_left(stream.texts, start) - bisect_left(stream.texts, group.before))
        small = stream.roles[start] in (Role.NOTICE, Role.ADVERT)
        found.append(
            {
                "head": 1.0,
                "head.home": float(group.home == number),
                "head.home of another": float(group.home not in (None, number)),
                "head.orphan": float(number not in homes),
                "head.share": float(share[number]),
                "head.share of lead": float(lead[number]),
                "head.share, more": _lead_of(share, number),
                "head.share, rival": max((float(r[0][number]) for r in rivals), default=0.0),
                "head.alike": float(alike[number]),
                "head.meant": float(meant[number]),
                "head.meant, best line": float(best[number]),
                "head.meant, more": _lead_of(meant, number),
                "head.meant, rival": max((float(r[1][number]) for r in rivals), default=0.0),
                "head.home share": float(share[number]) * float(group.home == number),
                "head.above": float(start >= group.before),
                "head.far": math.log1p(away),
                "head.within": float(group.within == number),
                "head.byline": float(bool(group.bylines) and number not in homes),
                "head.small print": float(small and group.home != number),
                "head.jumped in": float(thread.jumped_in),
            }
        )
    return found


def _lead_of(row: Row, number: int) -> float:
    """Return how much more one entry has than the best of the others."""
    return float(row[number] - max(np.delete(row, number), default=0.0))


def _heading_none(stream: Stream, group: HeadGroup) -> Features:
    texts = [stream.pieces[position].text for position in group.positions]
    kickers = [stream.roles[position] is Role.KICKER for position in group.positions]
    return {
        "none.within": float(group.within is not None and not group.cut),
        "none.cut": float(group.within is not None and group.cut),
        "none.home": float(group.home is not None),
        "none.first": float(
            group.positions[0] == 0 or not stream.texts or group.before == stream.texts[0]
        ),
        "none.slogan": float(
            stream.texts != []
            and group.before == stream.texts[0]
            and all(forms.is_kicker(text) or forms.exhorts(text) for text in texts)
        ),
        "none.deck": float(stream.roles[group.positions[0]] is Role.DECK),
        "none.exhorts": float(forms.exhorts(texts[0])),
        "none.end": float(group.before >= len(stream.pieces)),
        "none.bylines": float(bool(group.bylines)),
        "none.lines": math.log(len(texts)),
        "none.chars": sum(map(len, texts)) / 40,
        "none.kicker": float(all(kickers)),
        "none.numbered": float(forms.is_numbered(texts[0])),
        "none.question": float(texts[-1][-1] in "？?"),
    }


def kicker_features(
    stream: Stream, near: Nearness, thread: int, group: HeadGroup
) -> list[Features]:
    """Return for each line of a group what speaks for and against a kicker.

    A kicker names a series or a cause, not what its article tells.
    """
    shares = near.of(near.share, group.positions)[:, thread].tolist()
    meant = near.of(near.meant, group.positions)[:, thread].tolist()
    texts = [stream.pieces[position].text for position in group.positions]
    decks = [stream.roles[position] is Role.DECK for position in group.positions]
    found: list[Features] = []
    for number, (position, text) in enumerate(zip(group.positions, texts, strict=True)):
        others = [share for other, share in enumerate(shares) if other != number]
        lengths = {len(half) for half in text.split()}
        neighbours = [
            stream.pieces[other].block == stream.pieces[position].block
            for other in (position - 1, position + 1)
            if other in group.positions
        ]
        form, exhorts = forms.is_kicker(text), forms.exhorts(text)
        first = number == 0 and bool(others) and group.before == stream.texts[0]
        slogan = exhorts and first and not any(neighbours)
        found.append(
            {
                "kicker": 1.0,
                "kicker.form": float(form),
                "kicker.slogan": float(slogan),
                "kicker.ornament": float(forms.is_ornamented(text) or text[0] in "【[「"),
                "kicker.exhorts": float(exhorts),
                "kicker.share": 0.0 if form or slogan else shares[number],
                "kicker.none": float(shares[number] < 0.1),
                "kicker.others share": max(others, default=0.0),
                "kicker.alone": float(not others),
                "kicker.chars": math.log(len(text)) / 3,
                "kicker.short": float(len(text) <= 8),
                "kicker.halves": float(len(text.split()) > 1 and len(lengths) == 1),
                "kicker.halves, exhorts": float(exhorts and len(text.split()) > 1),
                "kicker.meant": 0.0 if form or slogan else meant[number],
                "kicker.above": float(number == 0 and bool(others)),
                "kicker.below": float(number > 0 and number == len(texts) - 1),
                "kicker.own block": float(not any(neighbours)),
                "kicker.figures": float(any(character.isdigit() for character in text)),
                "kicker.under a deck": float(any(decks[:number])),
                "kicker.deck": float(decks[number]),
            }
        )
    return found


def is_kicker_of(stream: Stream, near: Nearness, thread: int, group: HeadGroup) -> list[bool]:
    """Return which lines of a group are kickers."""
    weights = weights_of("kickers")
    odds = [score(features, weights) for features in kicker_features(stream, near, thread, group)]
    labels = [forms.is_kicker(stream.pieces[position].text) for position in group.positions]
    plain = [
        forms.heads_notice(text) or forms.heads_advert(text) or forms.is_weather_head(text)
        for text in (stream.pieces[position].text for position in group.positions)
    ]
    return [
        (each > 0 or label) and not bare
        for each, label, bare in zip(odds, labels, plain, strict=True)
    ]


def groups_of(stream: Stream, threads: Sequence[Thread]) -> list[HeadGroup]:
    """Return the groups of head lines of the page, in order."""
    owner = {position: n for n, thread in enumerate(threads) for position in thread.pieces}
    begun: set[int] = set()
    groups: list[HeadGroup] = []
    above: int | None = None
    cut = False
    for position in stream.texts:
        thread = owner[position]
        begins = thread not in begun
        begun.add(thread)
        within = thread if not begins and above == thread else None
        groups.extend(
            _groups_in(
                stream, stream.between[position], position, thread if begins else None, within, cut
            )
        )
        above, cut = thread, not forms.is_finished(stream.pieces[position].text)
    groups.extend(_groups_in(stream, stream.rest, len(stream.pieces), None, None, False))
    return groups


def _groups_in(
    stream: Stream, run: Between, before: int, home: int | None, within: int | None, cut: bool
) -> list[HeadGroup]:
    """Return the groups of one run; only the last of them can stand over the text below."""
    stacks: list[tuple[list[int], list[int]]] = []
    for position in run.positions:
        role = stream.roles[position]
        if role in HEADS:
            headed = role is not Role.KICKER
            if not stacks or (stacks[-1][1] and headed):
                stacks.append(([], []))
            stacks[-1][0].append(position)
        elif role is Role.BYLINE and stacks:
            stacks[-1][1].append(position)
    groups = []
    if stream.texts and before == stream.texts[0] and stacks:
        banner = _banner(stream, stacks[0][0])
        stacks[:1] = [(stacks[0][0][:banner], []), (stacks[0][0][banner:], stacks[0][1])]
    stacks = [stack for stack in stacks if stack[0]]
    for number, (heads, bylines) in enumerate(stacks):
        at_home = home if number == len(stacks) - 1 else None
        floating = () if at_home is not None else tuple(bylines)
        groups.append(HeadGroup(tuple(heads), before, at_home, within, cut, floating))
    return groups
