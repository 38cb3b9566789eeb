"""The articles of an index as a reader browses them: newest first, searched by their words.

Made for large corpora: what is asked of every article is asked once and kept, a search looks
words up in the postings, and only what is shown is ever read.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from index.index import Index
from index.text import bigrams, fold, is_han
from index.types import DOUBTFUL, Article
from rag.filters import NO_FILTERS, Filters
from rag.listing import forms_of, pattern_of
from rag.names import Names

MAX_QUERY_CHARS = 100
KEPT_SEARCHES = 64
Numbers = NDArray[np.int64]

DOUBTS = ("headline", "half", "join")  # what is doubted, gravest first


@dataclass(frozen=True)
class Catalogue:
    """The articles of one index in the order of reading. Threads may share it."""

    index: Index
    names: Names

    @cached_property
    def articles(self) -> Sequence[Article]:
        """All articles, newest issue first, undated ones last; within an issue as printed."""
        numbers = self.index.page_numbers

        def place(article: Article) -> tuple[int, str, int, str, int]:
            number = numbers.get(article.file)
            start = min((s.start for s in article.spans if s.file == article.file), default=0)
            day = int((article.date or "0").replace("-", ""))
            return (
                -day,
                number.letter if number else "~",
                number.number if number else 0,
                article.file,
                start,
            )

        return sorted(self.index.articles.values(), key=place)

    def search(self, words: str = "", filters: Filters = NO_FILTERS) -> Numbers:
        """Return the places in :attr:`articles` of those that hold ``words``, in order.

        The words stand in the headline or the text as they are, or in another of their forms in
        the list of names; words parted by spaces may stand apart. No words: all that pass
        ``filters``. The last :data:`KEPT_SEARCHES` are kept.
        """
        return self._kept(" ".join(words.split())[:MAX_QUERY_CHARS], filters)

    @cached_property
    def days(self) -> dict[str, int]:
        """The days of issue, newest first, with their number of articles; ``""`` for undated."""
        found: dict[str, int] = {}
        for article in self.articles:
            found[article.date or ""] = found.get(article.date or "", 0) + 1
        return found

    def of_day(self, day: str) -> list[Article]:
        """Return the articles of ``day``, as printed; ``""`` are those without a date."""
        at = 0
        for each, count in self.days.items():
            if each == day:
                return list(self.articles[at : at + count])
            at += count
        return []

    @cached_property
    def doubtful(self) -> Sequence[tuple[Article, tuple[str, ...]]]:
        """The articles that a person should look at, with why (:data:`DOUBTS`), gravest first."""
        found = [(article, reasons) for article in self.articles if (reasons := doubts_in(article))]
        return sorted(found, key=lambda each: DOUBTS.index(each[1][0]))

    @cached_property
    def _kept(self) -> Callable[[str, Filters], Numbers]:
        return lru_cache(KEPT_SEARCHES)(self._searched)

    def _searched(self, words: str, filters: Filters) -> Numbers:
        found = np.arange(len(self.articles), dtype=np.int64)
        if words:
            found = self._holding(forms_of(words, self.names))
            parts = words.split()
            if not found.size and len(parts) > 1:
                found = np.arange(len(self.articles), dtype=np.int64)
                for part in parts:
                    found = np.intersect1d(found, self._holding(forms_of(part, self.names)))
        if filters:
            numbers = self.index.page_numbers if filters.pages else {}
            passing = [filters.passes(self.articles[at], numbers) for at in found.tolist()]
            found = found[np.asarray(passing, dtype=bool)]
        return found

    def _holding(self, forms: Sequence[str]) -> Numbers:
        """Return the places of the articles that hold one of ``forms``."""
        rows = [self._rows(fold(form)) for form in forms]
        found = [self._places[each] for each in rows]
        return np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)

    def _rows(self, form: str) -> Numbers:
        """Return the chunks that hold ``form``, which is folded.

        The postings prove a single term; of a longer form its terms must stand together.
        """
        terms = list(dict.fromkeys(bigrams(form)))
        rows: Numbers | None = None
        for term in terms:
            held = self.index.characters.rows_with(term).astype(np.int64)
            rows = held if rows is None else np.intersect1d(rows, held, assume_unique=True)
            if not rows.size:
                return rows
        if rows is None:
            return np.zeros(0, dtype=np.int64)
        if len(terms) == 1 and (terms[0] == form or is_han(form[0])):
            return rows
        pattern = re.compile(pattern_of(form))
        chunks = self.index.chunks
        return rows[[_holds(chunks[row].search_text, form, pattern) for row in rows]]

    @cached_property
    def _places(self) -> Numbers:
        """The place in :attr:`articles` of the article of each chunk."""
        place = {article.id: at for at, article in enumerate(self.articles)}
        own = np.asarray([place[id_] for id_ in self.index.articles], dtype=np.int64)
        return own[self.index.article_numbers]


def doubts_in(article: Article) -> tuple[str, ...]:
    """Return what is doubtful of ``article`` by what the index knows, of :data:`DOUBTS`.

    It has no headline; its other half stands on a page that is not there; it
    was put together at a place that is not sure.
    """
    untitled = not article.headline and article.genre not in ("advert", "caption")
    doubtful = {
        "headline": untitled,
        "half": not article.complete,
        "join": any(join.confidence < DOUBTFUL for join in article.joins),
    }
    return tuple(name for name in DOUBTS if doubtful[name])


def _holds(text: str, form: str, pattern: re.Pattern[str]) -> bool:
    # Most text is printed as it is folded, and folding is what takes long.
    return (is_han(form[0]) and form in text) or pattern.search(fold(text)) is not None
