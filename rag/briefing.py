"""A briefing, 今日要闻: the main articles of an issue, a printed sentence each that says the news.

No sentence is written for it. Of every article that leads, one of its opening sentences is
quoted, without the dateline, and cited like any other quote.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from index.index import Index
from index.page_numbers import PageNumber
from index.patterns import regex
from index.text import bigrams, fold, sentences, to_simplified
from index.types import Article, Excerpt
from rag.filters import Filters, Period, period_of
from rag.names import Names
from rag.notices import filter_notices
from rag.types import Answer, Citation, Language, Passage, Question
from rag.wording import Frame, certain, filters_told, frame_of, in_traditional, title_of, unmarked

MAX_ITEMS = 8
MAX_READ_CHARS = 80  # of a question; a longer one asks for something else as well
TOLD_GENRES = frozenset({"news", "feature", "interview", "comment"})
OPENING_SENTENCES = 6  # one of them says the news
MIN_SENTENCE_CHARS, MAX_SENTENCE_CHARS = 12, 160
MIN_BODY_CHARS = 60

# What an article gains over one of the same length, in logarithms of its length.
OF_GENRE = {"news": 0.3, "feature": 0.0, "interview": -0.2, "comment": -0.4}
ON_FRONT_PAGE = 0.8
FIRST_ON_PAGE = 0.6
HEADLINE = 0.5

# What a sentence gains over one that shares no character pair with the headline.
FIRST_SENTENCE = 0.35
LEANS_BACK = -0.3
TOO_LONG = -0.2

_LEANS_BACK = regex(
    r"(?:此外|同时|另外|其中|与此同时|这[个一次些]?|[他她它]们?|该|对此|据悉|而|但)"
)
_ASKS = regex(r"[？?][”’」』\s]*$|^(?:问|记者)[:：]")

_ENDS = " \t\n?？!！。.,，;；：:"
_POLITE_ZH = (
    r"(?:请问|请|麻烦|帮我|给我|我?想知道|说说|看看|讲讲|播报|列出|总结|概括|来|一下|一份|下)*"
)
_TODAY_ZH = r"(?:今日|今天|本期|当天|这一?期|最新(?:一期)?|最近(?:一期)?)"
_IN_PAPER_ZH = r"(?:的|这天|那天|当天)?(?:报纸|报|这?一?期)?(?:上|里)?的?"
_ASKS_ZH = r"(?:都|主要|还)?(?:有|是)?(?:些)?(?:什么|哪些|啥)"
_MAIN_ZH = r"(?:要闻|重要新闻|主要新闻|头条新闻|新闻(?:简报|摘要|提要|速览|概要)|简报|大新闻)"
_BEHIND_ZH = r"(?:都?有哪些|是什么|都?是哪些|摘要|提要|速览|一览|简报|列表)?(?:呢|呀|啊)?"
_ZH = (
    regex(
        rf"{_POLITE_ZH}(?P<day>{_TODAY_ZH}|[^的有什哪要新主重头]{{4,12}})?{_IN_PAPER_ZH}"
        rf"(?:{_ASKS_ZH})?{_MAIN_ZH}{_BEHIND_ZH}"
    ),
    regex(
        rf"{_POLITE_ZH}(?P<day>{_TODAY_ZH}|[^的有什哪要新主重头]{{4,12}}){_IN_PAPER_ZH}"
        r"(?:(?:都|主要|还)?有?(?:些)?(?:什么|啥)新闻|新闻)(?:呢|呀|啊)?"
    ),
)
_NEWS_EN = (
    r"(?:(?:news\s+)?briefing|news\s+(?:summary|digest|round-?up|overview|in\s+brief)"
    r"|(?:(?:main|top|biggest|most\s+important|important|key)\s+(?:news|stories|headlines|articles)"
    r"(?:\s+of\s+the\s+day)?)|headlines|news)"
)
_TODAY_EN = (
    r"(?:today|this\s+issue|the\s+day|the\s+paper|the\s+(?:latest|newest|current|last)\s+"
    r"(?:issue|edition|paper|day))"
)
_EN = regex(
    r"(?:please\s+)?(?:(?:can|could)\s+you\s+)?"
    r"(?:(?:give|show|tell|read)\s+me\s+|(?:what(?:['’]s|\s+is|\s+are|\s+was|\s+were)\s+))?"
    rf"(?:a\s+|the\s+|your\s+)?(?P<now>(?:today|this\s+issue)['’]s\s+|latest\s+|daily\s+)?{_NEWS_EN}"
    rf"(?:\s+(?:of|for|from|on|in)\s+(?P<day>{_TODAY_EN}|.{{3,28}}?)|\s+(?P<alone>today))?"
    r"(?:,?\s+please)?",
    re.IGNORECASE,
)
_NOW = regex(rf"{_TODAY_ZH}|{_TODAY_EN}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BriefingWording:
    """The frame of a briefing in one language; ``{…}`` are filled in."""

    opening: str
    none: str
    latest: str
    undated: str
    line: str


WORDING: Mapping[Language, BriefingWording] = {
    "zh": BriefingWording(
        opening="{what} · 要闻 {n} 条：",
        none="没有可以列为要闻的报道（{what}）。",
        latest="最新一期（{day}）",
        undated="未标日期的版面",
        line="{title}：{quote}[{n}]",
    ),
    "en": BriefingWording(
        opening="Main news, {what} ({n}):",
        none="There is no main news ({what}).",
        latest="latest issue, {day}",
        undated="pages without a date",
        line="{title}: {quote}[{n}]",
    ),
}


@dataclass(frozen=True, slots=True)
class Item:
    """A main article, and the sentence of it that says the news. ``weight``: higher is first."""

    article: Article
    quote: Excerpt
    weight: float


# What is asked


def day_asked(question: str) -> Period | str | None:
    """Return the days whose main news ``question`` asks for, ``"latest"`` without any.

    ``None`` for a question that asks for no briefing; what is named beside the days (the news
    of Yiwu) makes it one.
    """
    if len(question) > MAX_READ_CHARS:
        return None
    text = to_simplified(question).strip(_ENDS)
    for pattern in (*_ZH, _EN):
        match = pattern.fullmatch(text)
        if match is None:
            continue
        day = match["day"]
        if not day or _NOW.fullmatch(day):
            return "latest"
        period = period_of(day)
        if period:
            return period
    return None


# What is main, and what says it


def main_articles(
    articles: Sequence[Article],
    numbers: Mapping[str, PageNumber] | None = None,
    max_items: int = MAX_ITEMS,
) -> list[Item]:
    """Return the main ones of ``articles``, the most important first.

    Long ones, high on their page, on the front page if ``numbers`` tells that of their file.
    No advertisement, notice, picture or weather report, and none without a sentence to quote.
    """
    places: dict[str, int] = {}
    found: list[Item] = []
    for article in sorted(articles, key=_printed_place):
        place = places[article.file] = places.get(article.file, -1) + 1
        if not _is_news(article):
            continue
        quote = leading_sentence(article)
        if quote:
            front = bool(numbers) and (numbers or {}).get(article.file) in _FRONT_PAGES
            found.append(Item(article, quote, _weight(article, place, front)))
    return sorted(found, key=lambda item: -item.weight)[:max_items]


def leading_sentence(article: Article) -> Excerpt:
    """Return the printed sentence of ``article`` that says its news; empty where none does.

    The first one, unless a later one of the opening shares more with the headline. Without
    its dateline; never a question, and never a scrap.
    """
    from index.forms import dateline_end  # its patterns are made for a briefing alone

    text = article.body.text
    head = set(bigrams(fold(" ".join((article.headline, *article.subheads)))))
    best, best_score = Excerpt("", ()), -math.inf
    read = 0
    for start, end in sentences(text):
        start += dateline_end(text[start:end])
        quote = article.body.slice(start, end).strip()
        if len(quote.text) < MIN_SENTENCE_CHARS or _ASKS.search(quote.text):
            continue
        held = set(bigrams(fold(quote.text)))
        score = len(head & held) / len(head) if head else 0.0
        score += FIRST_SENTENCE if read == 0 else 0.0
        score += LEANS_BACK if _LEANS_BACK.match(quote.text) else 0.0
        score += TOO_LONG if len(quote.text) > MAX_SENTENCE_CHARS else 0.0
        if score > best_score:
            best, best_score = quote, score
        read += 1
        if read == OPENING_SENTENCES:
            break
    return best


_FRONT_PAGES = frozenset(PageNumber(letter, 1) for letter in ("", "A"))


def _is_news(article: Article) -> bool:
    from index.forms import heads_advert, heads_notice

    return (
        article.genre in TOLD_GENRES
        and len(article.body.text) >= MIN_BODY_CHARS
        and not (heads_notice(article.headline) or heads_advert(article.headline))
    )


def _weight(article: Article, place: int, front: bool) -> float:
    return (
        math.log(len(article.body.text))
        + OF_GENRE[article.genre]
        + FIRST_ON_PAGE / (1 + place)
        + (ON_FRONT_PAGE if front else 0.0)
        + (HEADLINE if article.headline else 0.0)
    )


def _printed_place(article: Article) -> tuple[str, int]:
    return article.file, min((s.start for s in article.spans if s.file == article.file), default=0)


# The answer


def briefed(question: Question, index: Index, names: Names, max_passages: int) -> Answer | None:
    """Return the briefing that ``question`` asks for; ``None`` where it asks for none.

    One citation an article, of at most :data:`MAX_ITEMS`. A day without main news: a refusal
    that says so, without passages.
    """
    asked = day_asked(question.standalone)
    if asked is None:
        return None
    frame = frame_of(question)
    if isinstance(asked, Period):
        question = replace(question, filters=Filters(periods=(asked,)) & question.filters)
    filters = question.in_force
    articles = [
        each for each in index.articles.values() if filters.passes(each, index.page_numbers)
    ]
    if isinstance(asked, Period):
        dated_only = filters == Filters(periods=(asked,))
        what = str(asked) if dated_only else filters_told(filters, frame)
    else:
        day = max((each.date for each in articles if each.date), default=None)
        articles = [each for each in articles if each.date == day]
        wording = wording_of(frame)
        what = wording.latest.format(day=day) if day else wording.undated
    answer = answer_of(question, articles, what, index, names, max_passages)
    return answer if articles else replace(answer, notices=filter_notices(question, found=False))


def answer_of(
    question: Question,
    articles: Sequence[Article],
    what: str,
    index: Index,
    names: Names,
    max_passages: int = MAX_ITEMS,
) -> Answer:
    """Return the briefing of ``articles``, called ``what``, as the answer to ``question``."""
    frame = frame_of(question)
    wording = wording_of(frame)
    items = main_articles(articles, index.page_numbers)
    if not items:
        return Answer(question, wording.none.format(what=what), True, "extractive", 0.0, (), ())
    lines = [wording.opening.format(what=what, n=len(items))]
    for n, item in enumerate(items, start=1):
        if frame == "en":
            lines.extend(map(unmarked, certain(item.quote.text, names)))
        title = title_of(item.article, frame)
        lines.append(wording.line.format(title=title, quote=unmarked(item.quote.text), n=n))
    citations = tuple(Citation(n, each.article, each.quote) for n, each in enumerate(items, 1))
    return Answer(
        question,
        "\n".join(lines),
        refused=False,
        mode="extractive",
        confidence=1.0,
        citations=citations,
        passages=_passages(items, index)[:max_passages],
    )


def wording_of(frame: Frame) -> BriefingWording:
    """Return the frame of a briefing; the Traditional one is converted."""
    return in_traditional(WORDING["zh"]) if frame == "zh-Hant" else WORDING[frame]


def _passages(items: Sequence[Item], index: Index) -> tuple[Passage, ...]:
    """Return the chunk of each item that holds the beginning of its quote."""
    found = []
    for item in {item.article.id: item for item in items}.values():
        chunks = (index.chunks[row] for row in index.rows_of(item.article.id))
        found += [c for c in chunks if item.quote.text in c.excerpt.text][:1]
    return tuple(Passage(chunk, 1.0) for chunk in found)
