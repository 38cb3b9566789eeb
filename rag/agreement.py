"""Whether what is printed speaks of what a question names: the town, the month, the thing.

A near miss asks the right passage about another town or month, or for a thing that it does not
tell. That a name or a noun of the question is printed nowhere near says so, where no vector does.
Of English questions the names that can be read, in pinyin or by the table: of other words too many
are printed in a form that no table holds.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from index.glossary import load_glossary
from index.numbers import figures
from index.text import fold, is_han, tagged_words
from rag.named import names_asked, words_not_printed
from rag.question import ASKING_ZH
from rag.retrieval import coverage
from rag.terms import Analyst, Term
from rag.types import Question

Present = Mapping[str, Collection[str]]  # the terms of a text by field

_NAMES = ("nr", "nt", "ns", "nz")  # jieba's tags of persons, bodies, places, other names
_THINGS = ("n", "v")
_RUN = re.compile(r"[一-鿿]+")
_MONTH = re.compile(r"--(\d\d)")  # of the values of a figure: --05 for May, --05-27


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question names, each name and each noun or verb as its terms, and its months.

    ``latin`` are the names of an English question, as written.
    """

    names: tuple[Sequence[Term], ...] = ()
    latin: tuple[str, ...] = ()
    things: tuple[Sequence[Term], ...] = ()
    months: frozenset[str] = frozenset()


def wanted_of(question: Question, analyst: Analyst) -> Wanted:
    """Return what ``question`` names; of one without Chinese its names and months."""
    months = _months(question.standalone)
    text = fold(question.standalone)
    if not any(is_han(character) for character in text):
        return Wanted(latin=names_asked(question.standalone), months=months)
    names = [name for name in _tagged(text, _NAMES) if not _is_common(name)]
    things = _tagged(ASKING_ZH.sub(" ", text), _THINGS)
    return Wanted(
        names=tuple(analyst.evidence(name) for name in names),
        things=tuple(analyst.evidence(thing) for thing in things),
        months=months,
    )


def names_missing(wanted: Wanted, held: Present, analyst: Analyst) -> float:
    """Return how much of the name that ``held`` has least of is missing, 0 to 1."""
    return max((1.0 - _share(name, held, analyst) for name in wanted.names), default=0.0)


def latin_missing(wanted: Wanted, printed: str, analyst: Analyst) -> float:
    """Return 1 when a word of a name in an English question is ``printed`` in no form, else 0."""
    return float(bool(words_not_printed(wanted.latin, printed, analyst.lexicon)))


def things_missing(wanted: Wanted, held: Present, analyst: Analyst) -> float:
    """Return how much of the nouns and verbs is missing on the whole, 0 to 1."""
    missing = [1.0 - _share(thing, held, analyst) for thing in wanted.things]
    return sum(missing) / len(missing) if missing else 0.0


def month_missing(wanted: Wanted, text: str) -> float:
    """Return 1 when ``text`` names months, but none of those that are asked about; else 0."""
    if not wanted.months:
        return 0.0
    printed = _months(text)
    return float(bool(printed and not wanted.months & printed))


def _months(text: str) -> frozenset[str]:
    """Return the months that ``text`` names, in either language, as two digits."""
    values = (value for figure in figures(text) for value in figure.values)
    return frozenset(found[1] for value in values if (found := _MONTH.match(value)))


def _tagged(text: str, tags: tuple[str, ...]) -> list[str]:
    """Return the words of two characters or more with one of ``tags``, each once, in order."""
    found = (
        word
        for run in _RUN.findall(text)
        for word, tag in tagged_words(run)
        if len(word) > 1 and tag.startswith(tags)
    )
    return list(dict.fromkeys(found))


def _is_common(name: str) -> bool:
    """Return whether the dictionary has a name of jieba's as a common word: 城市, 台风."""
    glossary = load_glossary()
    return name in glossary and glossary.pinyin(name)[:1].islower()


def _share(terms: Sequence[Term], held: Present, analyst: Analyst) -> float:
    return coverage(terms, held, analyst) if terms else 1.0
