"""Metrics of a reading: how far it is from the gold of its page, and what went wrong where."""

import statistics
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from evals.page_gold import GoldLine, GoldPage
from evals.types import Figure
from index.reading import PlacedLine, Reading
from index.roles import Role
from index.types import Article

HEADLINE_ROLES = frozenset({Role.HEADLINE, Role.DECK})
ORDERED_ROLES = frozenset({Role.BODY, Role.NOTICE, Role.ADVERT, Role.TABLE})

Join = tuple[int, int]  # a line and the line that it carries on


@dataclass(frozen=True, slots=True)
class Match:
    """A gold article and the predicted one that is nearest to it, if any is near.

    ``f1`` is that of their lines. The flags say whether the lines, their order, the
    headline, the genre and the date are right; ``order`` is the share of consecutive lines
    of the body that are consecutive in the reading too, None where there are no two;
    ``dated`` is None where the gold states no date.
    """

    article: str
    id: str | None
    f1: float
    lines: bool
    headline: bool
    genre: bool
    order: float | None
    dated: bool | None

    @property
    def whole(self) -> bool:
        """Whether a reader gets exactly this article."""
        return self.lines and self.headline and self.order in (None, 1.0)


@dataclass(frozen=True, slots=True)
class PageScore:
    """How a page was read: ``matches`` for each gold article, sets of joins, faults in words.

    ``right_roles`` holds a flag for each line. ``predicted_articles`` counts those of the
    reading.
    """

    right_roles: tuple[bool, ...]
    matches: tuple[Match, ...]
    predicted_articles: int
    joins: frozenset[Join]
    predicted_joins: frozenset[Join]
    faults: tuple[str, ...]

    @property
    def whole_articles(self) -> int:
        """How many articles are exactly right."""
        return sum(match.whole for match in self.matches)


def compare(reading: Reading, gold: GoldPage) -> PageScore:
    """Return how ``reading`` differs from ``gold``, which is of the same page."""
    placed = {line.line.number: line for line in reading.lines}
    matches = tuple(_matches(reading, placed, gold))
    joins = frozenset(_gold_joins(gold))
    predicted_joins = frozenset(
        (number, line.continues) for number, line in placed.items() if line.continues is not None
    )
    right_roles = tuple(
        line.number in placed and placed[line.number].role == line.role for line in gold.lines
    )
    return PageScore(
        right_roles,
        matches,
        len(reading.articles),
        joins,
        predicted_joins,
        tuple(_faults(placed, gold, matches, joins, predicted_joins, reading.articles)),
    )


def page_metrics(scores: Sequence[PageScore]) -> dict[str, Figure]:
    """Return every metric of the pages together; what there is nothing of has no figure.

    Of lines: ``line_role_accuracy``. Of articles: ``article_f1`` (of the lines owned, under
    the best matching of articles; one that is missing or too many lowers it),
    ``articles_whole`` (lines, order and headline exactly right), ``headline_accuracy`` (the
    headlines and decks are exactly those of the gold), ``order_accuracy`` (neighbours in
    the body that stay neighbours), ``genre_accuracy``, ``date_accuracy``. Of rejoined
    cuts: ``join_precision``, ``join_recall``.
    """
    matches = [match for score in scores for match in score.matches]
    articles = len(matches) + sum(score.predicted_articles for score in scores)
    found = sum(len(score.joins & score.predicted_joins) for score in scores)
    predicted = sum(len(score.predicted_joins) for score in scores)
    wanted = sum(len(score.joins) for score in scores)
    figures = {
        "line_role_accuracy": _mean(right for score in scores for right in score.right_roles),
        "articles_whole": _mean(match.whole for match in matches),
        "headline_accuracy": _mean(match.headline for match in matches),
        "order_accuracy": _mean(match.order for match in matches if match.order is not None),
        "genre_accuracy": _mean(match.genre for match in matches),
        "date_accuracy": _mean(match.dated for match in matches if match.dated is not None),
        "join_precision": Figure(found / predicted, predicted) if predicted else None,
        "join_recall": Figure(found / wanted, wanted) if wanted else None,
        "article_f1": Figure(2 * sum(match.f1 for match in matches) / articles, len(matches))
        if articles
        else None,
    }
    return {name: figure for name, figure in figures.items() if figure is not None}


def _mean(values: Iterable[float]) -> Figure | None:
    numbers = [float(value) for value in values]
    return Figure(statistics.fmean(numbers), len(numbers)) if numbers else None


def _matches(reading: Reading, placed: Mapping[int, PlacedLine], gold: GoldPage) -> Iterator[Match]:
    """Yield a match for each gold article, in its order."""
    owned = {
        article.id: frozenset(n for n, line in placed.items() if line.article_id == article.id)
        for article in reading.articles
    }
    wanted = {
        letter: frozenset(line.number for line in gold.lines_of(letter)) for letter in gold.genres
    }
    pairs = _paired(wanted, owned)
    articles = {article.id: article for article in reading.articles}
    for letter, lines in wanted.items():
        partner = pairs.get(letter)
        if partner is None:
            order = _order(gold.lines_of(letter), {}, "")
            dated = False if gold.date else None
            yield Match(letter, None, 0.0, False, False, False, order, dated)
            continue
        article, found = articles[partner], owned[partner]
        heads = {line.number for line in gold.lines_of(letter) if line.role in HEADLINE_ROLES}
        yield Match(
            article=letter,
            id=partner,
            f1=_f1(lines, found),
            lines=lines == found,
            headline=heads == {n for n in found if placed[n].role in HEADLINE_ROLES},
            genre=article.genre == gold.genres[letter],
            order=_order(gold.lines_of(letter), placed, partner),
            dated=article.date == gold.date if gold.date else None,
        )


def _paired(
    wanted: Mapping[str, frozenset[int]], owned: Mapping[str, frozenset[int]]
) -> dict[str, str]:
    """Return which predicted article stands for which gold article; each at most once."""
    if not wanted or not owned:
        return {}
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    scores = np.array(
        [[_f1(lines, found) for found in owned.values()] for lines in wanted.values()]
    )
    letters, ids = list(wanted), list(owned)
    rows, columns = linear_sum_assignment(scores, maximize=True)
    return {
        letters[row]: ids[column]
        for row, column in zip(rows, columns, strict=True)
        if scores[row, column] > 0
    }


def _f1(wanted: Collection[int], found: Collection[int]) -> float:
    both = len(set(wanted) & set(found))
    return 2 * both / (len(wanted) + len(found)) if both else 0.0


def _order(
    lines: Sequence[GoldLine], placed: Mapping[int, PlacedLine], article: str
) -> float | None:
    """Return the share of neighbours in the body that are neighbours in the reading too."""
    numbers = [line.number for line in lines if line.role in ORDERED_ROLES]
    if len(numbers) < 2:
        return None
    read = sorted(
        (line.at, number)
        for number in numbers
        if (line := placed.get(number)) and line.article_id == article and line.at is not None
    )
    neighbours = set(pairwise(number for _, number in read))
    kept = [pair in neighbours for pair in pairwise(numbers)]
    return sum(kept) / len(kept)


def _gold_joins(gold: GoldPage) -> Iterator[Join]:
    for before, line in pairwise(gold.lines):
        if line.continues:
            yield line.number, before.number


def _faults(
    placed: Mapping[int, PlacedLine],
    gold: GoldPage,
    matches: Sequence[Match],
    joins: Collection[Join],
    predicted_joins: Collection[Join],
    articles: Sequence[Article],
) -> Iterator[str]:
    """Yield what is wrong with a reading, lines in their order, then articles."""
    letters = {match.id: match.article for match in matches if match.id is not None}
    openings = {line.number: line.opening for line in gold.lines}
    for line in sorted(gold.lines, key=lambda line: line.number):
        found = placed.get(line.number)
        where = f"line {line.number} “{line.opening}”"
        if found is None:
            yield f"{where}: left out of the reading"
            continue
        if found.role != line.role:
            yield f"{where}: {line.role}, read as {found.role}"
        owner = None if found.article_id is None else letters.get(found.article_id, "one too many")
        if owner != line.article:
            right, wrong = line.article or "the page", owner or "the page"
            yield f"{where}: belongs to {right}, given to {wrong}"
    for number, before in sorted(set(joins) - set(predicted_joins)):
        yield f"line {number} “{openings[number]}”: carries on line {before}, not joined"
    for number, before in sorted(set(predicted_joins) - set(joins)):
        words = openings.get(number, "")
        yield f"line {number} “{words}”: joined to line {before}, does not carry it on"
    for match in matches:
        yield from _faults_of_article(match, gold)
    for article in articles:
        if article.id not in letters:
            yield f"article “{article.headline or article.body.text[:12]}”: one too many"


def _faults_of_article(match: Match, gold: GoldPage) -> Iterator[str]:
    lines = gold.lines_of(match.article)
    where = f"article {match.article} (line {min(line.number for line in lines)})"
    if match.id is None:
        yield f"{where}: not found"
        return
    if not match.headline:
        heads = [str(line.number) for line in lines if line.role in HEADLINE_ROLES]
        yield f"{where}: headline is {'line ' + ', '.join(heads) if heads else 'none'}"
    if match.order is not None and match.order < 1:
        yield f"{where}: body out of order, {match.order:.0%} of neighbours kept"
    if not match.genre:
        yield f"{where}: genre is {gold.genres[match.article]}"
    if match.dated is False:
        yield f"{where}: date is {gold.date}"
