"""Which halves of articles that jump between files belong together.

The halves of one issue are compared by the words that are rare elsewhere, by the pages that
their jumps name, by a repeated headline and by the characters that meet. Better no match than
a wrong one: a match must be likely by itself and clearly the best for both halves.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from heapq import nlargest
from pathlib import PurePosixPath

import numpy as np

from index import forms
from index.assignment import best_pairs
from index.dates import issue_date
from index.learned import logistic
from index.ngrams import bundled_ngrams, coded, mixed_codes, slots
from index.page_numbers import PageNumber, named_number, printed_numbers
from index.text import bigrams, fold, to_simplified
from index.types import Article, Page

MAX_RIVALS = 20  # second halves that are compared with a first half
COMMON_BITS = 14.0  # words that are no rarer tell nothing
NUMBER_BITS = 18.0  # of a figure of three digits or a Latin word

# Evidence of a match. Halves of one article share words worth 1.1 or more, nine times in ten;
# articles of the same town and campaign up to 0.6, nine times in ten, or 2, 99 times in 100.
NEEDED = 2.0
MARGIN = 0.5  # over the next best
FILE_NUMBER_DIFFERS = -1.5
HEADLINE_REPEATED = 0.8

_YEAR = re.compile(r"(?:19|20)\d\d")


class Issue(Enum):
    """How two pages are known to be of one issue; the value is the evidence that this gives.

    First that of being together at all, then that of a jump which names the other's page.
    """

    DAY = 0.0, 0.7
    NAMES = 0.0, 0.5
    FOLDER = -0.5, 0.3


@dataclass(frozen=True, slots=True)
class Half:
    """An article that is open at an end, and how it reads there.

    ``number`` is its place among the articles. ``words`` are the last before the jump of a
    first half, the first after that of a second. ``page`` is the one that the jump names.
    """

    number: int
    article: Article
    words: str
    page: PageNumber | None


@dataclass(frozen=True, slots=True)
class Match:
    """The numbers of a first and a second half, and the probability that they are one article."""

    first: int
    second: int
    confidence: float


def matches(
    articles: Sequence[Article],
    firsts: Sequence[Half],
    seconds: Sequence[Half],
    pages: Mapping[str, Page],
) -> list[Match]:
    """Return the halves of different files that belong together, each once.

    ``articles`` are all those of the files: what many of them say tells no two halves apart.
    """
    halves = {half.number: half for half in (*firsts, *seconds)}
    words = {number: rare_words(half.article) for number, half in halves.items()}
    pairs = list(_pairs(firsts, seconds, words))
    files = {half.article.file for pair in pairs for half in pair}
    held: dict[str, Counter[str]] = {file: Counter() for file in files}
    for number, article in enumerate(articles):
        if article.file in files:
            held[article.file].update((words.get(number) or rare_words(article)).keys())
    printed = {file: printed_numbers(pages[file]) for file in files}
    scores: dict[tuple[int, int], float] = {}
    for first, second in pairs:
        place = _place_evidence(first, second, printed)
        if place is None:
            continue
        elsewhere = held[first.article.file] + held[second.article.file]
        shared = _shared(words[first.number], words[second.number], elsewhere)
        scores[first.number, second.number] = (
            shared
            + place
            + HEADLINE_REPEATED * _repeats_headline(first.article, second.article)
            + _bond(first.words, second.words)
        )
    return [
        Match(first, second, logistic(2 * (score - NEEDED)))
        for (first, second), score in _best(scores)
    ]


def rare_words(article: Article) -> dict[str, float]:
    """Return the rare character pairs, figures and Latin words of an article, and their bits."""
    heads = (article.headline, *article.subheads, article.byline)
    found: dict[str, float] = {}
    pairs: list[str] = []
    for word in set(bigrams(fold("\n".join((*heads, article.body.text))))):
        if len(word) == 2 and not word.isascii():
            pairs.append(word)
        elif len(word) > 2 and not _YEAR.fullmatch(word):
            found[word] = NUMBER_BITS - COMMON_BITS
    runs = mixed_codes(coded("".join(pairs)), 2)[::2]
    for pair, bits in zip(pairs, bundled_ngrams().rarity_of(slots(runs)), strict=True):
        if bits > COMMON_BITS:
            found[pair] = float(bits) - COMMON_BITS
    return found


def _pairs(
    firsts: Sequence[Half], seconds: Sequence[Half], words: Mapping[int, Mapping[str, float]]
) -> Iterator[tuple[Half, Half]]:
    """Yield the halves of one issue that share rare words; the likeliest of many for each."""
    holders: dict[str, list[Half]] = defaultdict(list)
    for half in seconds:
        for word in words[half.number]:
            holders[word].append(half)
    for first in firsts:
        shared: dict[int, float] = defaultdict(float)
        rivals: dict[int, Half] = {}
        for word, bits in words[first.number].items():
            for second in holders.get(word, ()):
                shared[second.number] += bits
                rivals[second.number] = second
        likely = (
            number
            for number, second in rivals.items()
            if second.article.file != first.article.file
            and issue_of(first.article, second.article) is not None
        )
        for number in nlargest(MAX_RIVALS, likely, key=lambda each: (shared[each], -each)):
            yield first, rivals[number]


def issue_of(first: Article, second: Article) -> Issue | None:
    """Return how two articles are known to be of one issue; ``None`` when they are not.

    One issue are the pages of one day, or else those of one folder whose names differ in the
    page number only, or that bear none.
    """
    days = [day_of(each) for each in (first, second)]
    in_one_folder = PurePosixPath(first.file).parent == PurePosixPath(second.file).parent
    if all(days):
        if days[0] != days[1]:
            return None
        return Issue.DAY if in_one_folder else Issue.FOLDER
    (series, number), (other_series, other_number) = map(named_number, (first.file, second.file))
    if not in_one_folder or (number and other_number and series != other_series):
        return None
    return Issue.NAMES if number and other_number else Issue.FOLDER


def day_of(article: Article) -> str | None:
    """Return the day of issue of ``article``, by the name of its file where it tells none."""
    return article.date or _day_in(article.file)


@lru_cache(maxsize=4096)
def _day_in(file: str) -> str | None:
    return issue_date((), file, ())[0]


def _place_evidence(
    first: Half, second: Half, printed: Mapping[str, frozenset[PageNumber]]
) -> float | None:
    """Return what issue and page numbers speak for a match; ``None`` when they rule it out."""
    issue = issue_of(first.article, second.article)
    if issue is None:
        return None
    evidence, agreeing = issue.value
    for meant, there in ((first.page, second.article), (second.page, first.article)):
        known = printed[there.file]
        _, named = named_number(there.file)
        if meant is None or not (known or named):
            continue
        if any(meant.fits(number) for number in known or {named} if number):
            evidence += agreeing
        elif known:
            return None
        else:
            evidence += FILE_NUMBER_DIFFERS
    return float(evidence)


def _shared(
    first: Mapping[str, float], second: Mapping[str, float], held: Mapping[str, int]
) -> float:
    """Return how many rare words two halves share, for their length.

    ``held`` counts the articles of both files that hold a word: one that others hold as well
    counts the less.
    """

    def worth(words: Iterable[str], bits: Mapping[str, float]) -> float:
        return sum(
            bits[word] / max(1, held[word] - (word in first) - (word in second) + 1)
            for word in words
        )

    least = min(worth(first, first), worth(second, second))
    return worth(first.keys() & second.keys(), first) / math.sqrt(least) if least else 0.0


def _repeats_headline(first: Article, second: Article) -> bool:
    """Return whether the headline over the second half is made of that over the first."""
    again = set(bigrams(fold(second.headline)))
    before = set(bigrams(fold("\n".join((first.headline, *first.subheads)))))
    return len(again) > 2 and len(again & before) >= 0.6 * len(again)


def _bond(before: str, after: str) -> float:
    """Return what the characters that meet speak for; nothing after a full stop."""
    if not before or not after or forms.is_finished(to_simplified(before)):
        return 0.0
    both, _ = bundled_ngrams().junction(to_simplified(before), to_simplified(after))
    return max(-0.5, min(0.8, both / 6))


def _best(scores: Mapping[tuple[int, int], float]) -> list[tuple[tuple[int, int], float]]:
    """Return the pairs that are matched one to one, best first, where no rival is as good."""
    chosen: dict[tuple[int, int], float] = {}
    for group in _groups([pair for pair, score in scores.items() if score > NEEDED]):
        firsts, seconds = (sorted(set(side)) for side in zip(*group, strict=True))
        gains = np.zeros((len(firsts), len(seconds)))
        for first, second in group:
            gains[firsts.index(first), seconds.index(second)] = scores[first, second] - NEEDED
        for row, column in zip(*best_pairs(gains), strict=True):
            if gains[row, column] > 0:
                pair = firsts[row], seconds[column]
                chosen[pair] = scores[pair]
    of_first = {first: score for (first, _), score in chosen.items()}
    of_second = {second: score for (_, second), score in chosen.items()}
    doubtful: set[tuple[int, int]] = set()
    for (first, second), score in scores.items():
        placed = max(of_first.get(first, 0.0), of_second.get(second, 0.0))
        if (first, second) not in chosen and placed < score + MARGIN:
            doubtful.update(pair for pair in chosen if pair[0] == first or pair[1] == second)
    found: list[tuple[tuple[int, int], float]] = []
    following: dict[int, int] = {}
    for (first, second), score in sorted(chosen.items(), key=lambda each: -each[1]):
        last = second
        while last in following:
            last = following[last]
        if (first, second) not in doubtful and last != first:  # no article runs in a ring
            following[first] = second
            found.append(((first, second), score))
    return found


def _groups(pairs: Iterable[tuple[int, int]]) -> Iterable[set[tuple[int, int]]]:
    """Return the pairs in groups that have no half in common."""
    group_of: dict[tuple[str, int], set[tuple[int, int]]] = {}
    for first, second in pairs:
        own = {(first, second)}
        for half in (("first", first), ("second", second)):
            own |= group_of.get(half, set())
        for one, other in own:
            group_of["first", one] = group_of["second", other] = own
    return {id(group): group for group in group_of.values()}.values()
