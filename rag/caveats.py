"""Answers with a caveat: what of a question stays open, and where the print disagrees."""

import re
from calendar import month_name
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.numbers import figures
from index.text import fold
from index.types import Article
from rag.evidence import wanted_kinds
from rag.extractive import Candidate
from rag.quantities import Moment, quantities
from rag.types import Citation, Passage, Question
from rag.wording import Frame, wording_of

# A number that tells one of several like things apart: the 18th fair, the third batch.
_UNITS = "届|期|批|季度|轮|集|卷|号公告"
_WHICH = re.compile(
    rf"第\s*(?:[0-9]+|[零一二三四五六七八九十百]+)\s*(?P<unit>{_UNITS})|首(?P<first>[届批期轮])"
    r"|(?<![\d.])\d+(?P<bare>届)"
    # 前三季度 are three of them, 一至三季度 too.
    r"|(?<![\d.一二三四前上每各至到~–-])[1-4一二三四](?P<quarter>季度)"
)
_WORDS_EN = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
_HELD_EN = (
    "fair|expo|exposition|exhibition|festival|session|edition|games|olympics|forum|summit|"
    "conference|convention|championship|cup|tournament|competition|contest"
)
# None of these stands between the number and what is held: the 15th Five-Year Plan and the fair.
_NOT_AN_EDITION = (
    "century|centuries|birthday|floor|anniversary|street|place|largest|biggest|consecutive|"
    "straight|time|year|day|month|week|person|half|line|generation|grade|plan|congress|committee|"
    "a|an|the|this|that|its|of|in|at|on|for|to|by|from|with|about|who|which|what|"
    "is|are|was|were|be|do|does|did|has|have|had|will|would|can|could|say|says|said"
)
_MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_NO_WORD_OF_IT = "|".join((_NOT_AN_EDITION, _MONTH, *month_name[1:]))
_THING_HELD_EN = rf"(?:\s+(?!(?:{_NO_WORD_OF_IT})\b)[^\s.,;:?!]+){{0,8}}?\s+(?:{_HELD_EN})s?\b"
_EDITION_EN = re.compile(
    rf"(?<!\w)(?<!the )(?:(?:{_MONTH})[a-z]*\.?\s+)?(?:the\s+)?(?P<n>\d{{1,3}})(?:st|nd|rd|th)\b"
    rf"(?={_THING_HELD_EN})",
    re.IGNORECASE,
)
_PART_EN = re.compile(
    rf"\b(?P<n>\d{{1,2}}(?:st|nd|rd|th)|{'|'.join(_WORDS_EN)})\s+"
    r"(?P<what>quarter|batch|round|edition)\b",
    re.IGNORECASE,
)
_BARE_YEAR = re.compile(r"(?:19|20)\d\d")
# The 2000 exhibitors; not in 2025 visitors came, nor the 2023 reports and the 2025 traders fair.
_COUNT_EN = re.compile(
    rf"(?<!in )(?<!since )(?<!during )(?<!until )\d{{4}}(?!{_THING_HELD_EN})"
    r"\s+(?:people|guests|students|residents|merchants|companies|enterprises|firms|shops|stores|"
    r"[a-z]+(?:ers|ors|ists|ees))\b(?!['’])",
    re.IGNORECASE,
)
_YEAR_BY_A_WORD = re.compile("[去前今明上当同次]年|(?:last|previous|next) year", re.IGNORECASE)
_UNITS_EN = {"quarter": "季度", "batch": "批", "round": "轮", "edition": "届"}


def partly_answered(missing: Sequence[str], frame: Frame) -> tuple[str, ...]:
    """Return that the parts ``missing`` of a question found no answer; nothing for none."""
    if not missing:
        return ()
    wording = wording_of(frame)
    return (wording.only_part.format(parts=wording.between_titles.join(missing)),)


def figures_differ(
    question: Question, chosen: Sequence[Candidate], cited: Sequence[Citation], frame: Frame
) -> tuple[str, ...]:
    """Return that two articles answer with different figures, where they do.

    Only of a question for a number, and of sentences whose likeliest answer is one; not of
    articles about different editions of a thing.
    """
    if "number" not in wanted_kinds(question.standalone):
        return ()
    if _of_several_editions([each.passage.article for each in chosen]):
        return ()
    said: dict[str, frozenset[str]] = {}
    for each in chosen:
        words = each.passage.article.body.text[slice(*each.words)]
        values = frozenset[str]().union(*(f.values for f in figures(words) if f.firm))
        said.setdefault(each.passage.article.id, values)
    stated = [values for values in said.values() if values]
    if len(stated) < 2 or frozenset.intersection(*stated):
        return ()
    numbers = " ".join(f"[{citation.n}]" for citation in cited)
    return (wording_of(frame).figures_differ.format(numbers=numbers),)


@dataclass(frozen=True, slots=True)
class Edition:
    """Which of several like things is spoken of: ``value`` counts ``unit`` (20, 届)."""

    value: str
    unit: str
    words: str


def other_edition(question: Question, article: Article) -> tuple[Edition, Edition] | None:
    """Return which edition ``question`` asks about and which other one ``article`` speaks of.

    ``None`` unless the article counts in the unit of the question, and never to its number:
    the 18th fair is asked about, and the article is about the 20th. Or its headline names
    other years: the fair of 2025 is asked about, and this is that of 2026.
    """
    asked = list(editions(question.search_text))
    printed = list(editions(_speaking_text(article))) if asked else []
    for each in asked:
        like = [other for other in printed if other.unit == each.unit]
        if like and all(other.value != each.value for other in like):
            return each, like[0]
    return _other_year(question, article)


def _other_year(question: Question, article: Article) -> tuple[Edition, Edition] | None:
    """Return the year that is asked about, and the other one in the headline of ``article``.

    ``None`` where the article prints the year that is asked about, or speaks of another by a
    word: 去年.
    """
    asked = _years(question.search_text)
    if not asked:
        return None
    headed = _years(article.headline)
    text = _speaking_text(article)
    if not headed or any(year in text for year in asked) or _YEAR_BY_A_WORD.search(fold(text)):
        return None
    return _edition_of(min(asked)), _edition_of(min(headed))


def _edition_of(year: str) -> Edition:
    return Edition(year, "年", year)


def of_edition(question: Question, passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """Return the passages of articles that are not about another edition than ``question``.

    None where some are and no article names the one that is asked about: what the rest say
    without naming any is hardly about that one.
    """
    asked = {(each.value, each.unit) for each in editions(question.search_text)}
    kept = tuple(each for each in passages if not other_edition(question, each.article))
    if not asked or len(kept) == len(passages):
        return kept
    named = any(
        (each.value, each.unit) in asked
        for passage in kept
        for each in editions(_speaking_text(passage.article))
    )
    return kept if named else ()


def _years(text: str) -> set[str]:
    """Return the years that ``text`` names: 2026年, and 2026 where it counts nothing."""
    found = quantities(text)
    uncounted = (each for each in found if not _COUNT_EN.match(text, each.start))
    printed = (text[each.start : each.end] for each in uncounted)
    moments = (value for each in found for value in (each.value, each.upper))
    return {
        *(str(moment.year) for moment in moments if isinstance(moment, Moment) and moment.year),
        *(year for year in printed if _BARE_YEAR.fullmatch(year)),
    }


def _of_several_editions(articles: Sequence[Article]) -> bool:
    """Return whether ``articles`` all name editions of a thing, and not one that is the same."""
    named = [
        {(each.value, each.unit) for each in editions(_speaking_text(article))}
        for article in articles
    ]
    return len(named) > 1 and all(named) and not set.intersection(*named)


def _speaking_text(article: Article) -> str:
    return "\n".join((article.headline, article.kicker, *article.subheads, article.body.text))


def premise_hint(question: Question, article: Article, frame: Frame) -> str:
    """Return what ``article`` speaks of instead of what is asked about; empty where it does not."""
    found = other_edition(question, article)
    if found is None:
        return ""
    asked, printed = found
    wording = wording_of(frame).other_premise
    return wording.format(asked=asked.words, printed=printed.words)


def editions(text: str) -> Iterator[Edition]:
    """Yield what ``text`` tells apart by number, in Chinese and in English."""
    for match in _WHICH.finditer(fold(text)):
        unit = match["unit"] or match["first"] or match["bare"] or match["quarter"]
        values = figures("一" if match["first"] else match[0])
        if values:
            yield Edition(min(values[0].values), unit, match[0])
    for match in _PART_EN.finditer(text):
        number = match["n"].lower()
        value = str(_WORDS_EN.index(number) + 1) if number in _WORDS_EN else number.rstrip("sthnrd")
        yield Edition(value, _UNITS_EN[match["what"].lower()], match[0])
    for match in _EDITION_EN.finditer(text):
        if not re.match(_MONTH, match[0], re.IGNORECASE):
            yield Edition(match["n"], "届", match[0])
