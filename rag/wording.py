"""What WenBao itself says in an answer, in the two languages of its users.

A frame is a language and a script: who asks in Traditional characters is answered in them.
What is printed (quotes, headlines, names) stays as it is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import lru_cache
from typing import Any, Literal

from index.dates import mentions, speaking_day
from index.text import is_han, is_traditional, to_traditional
from index.types import Article
from rag.filters import Filters
from rag.in_english import MONTHS, conversions
from rag.names import Names
from rag.small_talk import Talk
from rag.speakers import speakers
from rag.types import Citation, Language, Question

Frame = Language | Literal["zh-Hant"]
NO_NAMES = Names(())


@dataclass(frozen=True, slots=True)
class Wording:
    """The frame of an answer in one language; ``{…}`` are filled in."""

    lead_in: str
    dated_lead_in: str
    untitled: str
    refusal: str
    nearest: str
    title: str
    between_titles: str
    fell_back: str
    resolved: str
    doubtful_join: str
    narrowed: str
    nothing_passes: str
    only_part: str
    figures_differ: str
    other_premise: str


WORDING: Mapping[Language, Wording] = {
    "zh": Wording(
        lead_in="据{title}：",
        dated_lead_in="据{title}（{day}）：",
        untitled="无标题报道（{opening}……）",
        refusal="这些报纸页面里没有找到这个问题的答案。",
        nearest="最接近的报道：{titles}。",
        title="《{headline}》",
        between_titles="、",
        fell_back="语言模型没有给出可用的回答（{reason}），以下改为直接引用原文。",
        resolved="按{source}，{days}。",
        doubtful_join="[{n}] 的引文由两段拼接而成，拼接把握约 {share}%，请对照原版面。",
        narrowed="只在符合条件的报道里查找：{values}。",
        nothing_passes="没有符合条件的报道：{values}。",
        only_part="只找到了问题的一部分；没有找到：{parts}。",
        figures_differ="各报道给出的数字不同，说的也可能不是同一件事，请对照 {numbers}。",
        other_premise="问的是“{asked}”，最接近的报道写的是“{printed}”。",
    ),
    "en": Wording(
        lead_in="From {title}, as printed:",
        dated_lead_in="From {title}, printed {day}:",
        untitled="an article without a headline (it opens: {opening}…)",
        refusal="The indexed pages do not answer this question.",
        nearest="The nearest articles: {titles}.",
        title="《{headline}》",
        between_titles="; ",
        fell_back="The language model gave no usable answer ({reason}); "
        "the printed words are quoted instead.",
        resolved="By {source}, {days}.",
        doubtful_join="The quote of [{n}] was put together from two printed pieces; "
        "that they belong together is about {share} % sure: check the page.",
        narrowed="Only these articles were searched: {values}.",
        nothing_passes="No article is of this kind: {values}.",
        only_part="Only a part of the question is answered; not found: {parts}.",
        figures_differ=(
            "The articles give different figures, or speak of different things: compare {numbers}."
        ),
        other_premise="The question says “{asked}”; the nearest article says “{printed}”.",
    ),
}

DATED_BY: Mapping[str, Mapping[Language, str]] = {
    "masthead": {"zh": "报头日期", "en": "the date printed on the page"},
    "file name": {"zh": "文件名日期", "en": "the date in the file name"},
    "inferred": {"zh": "推断的出版日期", "en": "an inferred date of issue"},
    "front matter": {"zh": "文件头日期", "en": "the date in the head of the file"},
    "corrected": {"zh": "校订的日期", "en": "the corrected date"},
    "dateline": {"zh": "电头日期", "en": "the dateline"},
}
OPENING_CHARS = 16
_LIKE_A_MARKER = re.compile(r"\[(\d+)\]")
MAX_LEADS = 3
MAX_NAMES = 8  # told of one quote


def frame_of(question: Question) -> Frame:
    """Return the language and the script to answer ``question`` in."""
    if question.spoken == question.language == "zh" and is_traditional(question.text):
        return "zh-Hant"
    return question.spoken


@lru_cache(maxsize=3)
def wording_of(frame: Frame) -> Wording:
    """Return the frame of an answer; the Traditional one is the Simplified one, converted."""
    return in_traditional(WORDING["zh"]) if frame == "zh-Hant" else WORDING[frame]


def in_traditional(said: Any) -> Any:
    """Return a text, or a tuple, a mapping or a record of texts, in Traditional characters."""
    if isinstance(said, str):
        return to_traditional(said)
    if isinstance(said, tuple):
        return tuple(in_traditional(each) for each in said)
    if isinstance(said, Mapping):
        return {name: in_traditional(text) for name, text in said.items()}
    values = {each.name: in_traditional(getattr(said, each.name)) for each in fields(said)}
    return replace(said, **values)


def _in(frame: Frame, said: Mapping[Language, str]) -> str:
    return to_traditional(said["zh"]) if frame == "zh-Hant" else said[frame]


def unmarked(text: str) -> str:
    """Return printed ``text`` without what could be taken for a marker: ``[1]`` as ``(1)``.

    Of the same length, so that places in it stay what they are.
    """
    return _LIKE_A_MARKER.sub(r"(\1)", text)


def title_of(article: Article, frame: Frame) -> str:
    """Return how an article is named in running text: its headline, or its opening words."""
    wording = wording_of(frame)
    if article.headline:
        return wording.title.format(headline=unmarked(article.headline))
    opening = unmarked(article.body.text[:OPENING_CHARS].strip())
    return wording.untitled.format(opening=opening)


def quoting(citations: Sequence[Citation], frame: Frame, names: Names = NO_NAMES) -> str:
    """Return the answer that quotes ``citations``: a lead-in for each article, quotes with [n].

    In English the lead-in says when the article was printed, and lines before a Chinese quote
    say what is certain of it: who speaks, its names by ``names`` and its figures in English.
    The markers are those of the citations, whatever is printed, see :func:`unmarked`.
    """
    lines: list[str] = []
    before: str | None = None
    for citation in citations:
        if citation.article.id != before:
            lines.append(_lead_in(citation.article, frame))
            before = citation.article.id
        if frame == "en":
            lines.extend(map(unmarked, certain(citation.quote.text, names)))
        lines.append(f"{unmarked(citation.quote.text)}[{citation.n}]")
    return "\n".join(lines)


def _lead_in(article: Article, frame: Frame) -> str:
    wording = wording_of(frame)
    title = title_of(article, frame)
    if frame == "en" and article.date and article.date_source != "inferred":
        return wording.dated_lead_in.format(title=title, day=day_in_english(article.date))
    return wording.lead_in.format(title=title)


def day_in_english(iso: str) -> str:
    """Return an ISO date as ``May 27, 2025``; what is no such date, as it is."""
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"


def certain(quote: str, names: Names) -> Iterator[str]:
    """Yield a line each on the speakers, the names and the figures of a Chinese ``quote``."""
    if not any(map(is_han, quote)):
        return
    speaking = speakers(quote, names)
    if speaking:
        yield f"Speaker: {'; '.join(f'{english} ({name})' for name, english in speaking)}"
    figures = conversions(quote)
    rest = quote  # 同比 in 同比增长4.7% is told by the figure
    for printed in (*dict(speaking), *dict(figures)):
        rest = rest.replace(printed, " " * len(printed))
    found = {quote[start:end]: english[0] for start, end, english in names.places(rest)}
    told = [f"{name} = {english}" for name, english in found.items() if name != english]
    if told:
        yield f"Names: {'; '.join(told[:MAX_NAMES])}"
    if figures:
        yield f"Figures: {'; '.join(f'{printed} = {english}' for printed, english in figures)}"


def refusing(nearest: Sequence[Article], frame: Frame, hint: str = "") -> str:
    """Return a refusal that names the nearest articles, at most :data:`MAX_LEADS`, as leads.

    ``hint`` says what they have instead.
    """
    return with_leads(_joined((wording_of(frame).refusal, hint), frame), nearest, frame)


def with_leads(text: str, nearest: Sequence[Article], frame: Frame) -> str:
    """Return ``text``, a refusal, with the names of the ``nearest`` articles behind it."""
    return _joined((text, naming(nearest, frame)), frame)


def naming(nearest: Sequence[Article], frame: Frame) -> str:
    """Return the sentence that names the nearest articles; empty for none."""
    if not nearest:
        return ""
    wording = wording_of(frame)
    titles = wording.between_titles.join(title_of(article, frame) for article in nearest)
    return wording.nearest.format(titles=titles)


def _joined(sentences: Sequence[str], frame: Frame) -> str:
    return (" " if frame == "en" else "").join(each for each in sentences if each)


def talking(talk: Talk, frame: Frame) -> str:
    """Return the friendly line for small talk."""
    return _in(frame, SMALL_TALK[talk])


SMALL_TALK: Mapping[Talk, Mapping[Language, str]] = {
    "greeting": {
        "zh": "你好！我是问报，只根据已收录的报纸页面回答。请问你想了解哪件事？",
        "en": "Hello! I am WenBao, and I answer from the indexed newspaper pages. "
        "What would you like to know?",
    },
    "thanks": {
        "zh": "不客气！还想了解报纸上的什么，接着问就行。",
        "en": "You are welcome! Ask on whenever there is more to find in the pages.",
    },
    "farewell": {
        "zh": "再见！欢迎再来问报。",
        "en": "Goodbye! Come back whenever you have a question.",
    },
    "identity": {
        "zh": "我是问报：你用中文或英文提问，我在已收录的报纸页面里找答案，并附上原文出处。",
        "en": "I am WenBao: ask in Chinese or English, and I look the answer up in the indexed "
        "newspaper pages and show the printed words that prove it.",
    },
    "abilities": {
        "zh": "可以问报纸上的人、时间、地点、数字和原因，可以接着追问，也可以问“有几篇报道提到某事”"
        "或“列出某位记者写的报道”。页面里没有的，我会直说没有。",
        "en": "Ask who, when, where, how many and why, follow up on an answer, or ask things like "
        "“How many articles mention …?” and “List the articles by …”. "
        "What the pages do not say, I do not answer.",
    },
    "courtesy": {
        "zh": "我在这里。请问你想了解报纸上的哪件事？",
        "en": "I am here. What would you like to know from the newspaper?",
    },
}


@dataclass(frozen=True, slots=True)
class ListingWording:
    """The frame of a count or a list of articles in one language; ``{…}`` are filled in."""

    words: str
    also: str
    between: str
    colon: str
    mention: str
    mention_one: str
    no_mention: str
    pass_filters: str
    passes_filters: str
    none_pass: str
    all: str
    all_one: str
    none_at_all: str
    more: str
    undated: str
    facet: str
    no_facet: str
    pieces: str
    pieces_one: str
    facets: Mapping[str, str]


LISTING: Mapping[Language, ListingWording] = {
    "zh": ListingWording(
        words="“{words}”",
        also="（含{forms}）",
        between="、",
        colon="：",
        mention="有 {n} 篇报道提到{words}：",
        mention_one="有 {n} 篇报道提到{words}：",
        no_mention="没有报道提到{words}。",
        pass_filters="符合条件的报道有 {n} 篇（{words}）：",
        passes_filters="符合条件的报道有 {n} 篇（{words}）：",
        none_pass="没有符合条件的报道（{words}）。",
        all="一共收录了 {n} 篇报道：",
        all_one="一共收录了 {n} 篇报道：",
        none_at_all="还没有收录任何报道。",
        more="以上是前 {shown} 篇，另有 {rest} 篇没有列出。",
        undated="另有 {n} 篇报道不知道刊期，没有算在内。",
        facet="共有 {n} 个{name}：",
        no_facet="这些页面没有标明{name}。",
        pieces="{n} 篇",
        pieces_one="{n} 篇",
        facets={"series": "系列", "reporters": "记者", "genres": "体裁", "dates": "刊期"},
    ),
    "en": ListingWording(
        words="“{words}”",
        also=" (also as {forms})",
        between=", ",
        colon=": ",
        mention="{n} articles mention {words}:",
        mention_one="{n} article mentions {words}:",
        no_mention="No article mentions {words}.",
        pass_filters="{n} articles are of this kind ({words}):",
        passes_filters="{n} article is of this kind ({words}):",
        none_pass="No article is of this kind ({words}).",
        all="There are {n} articles:",
        all_one="There is {n} article:",
        none_at_all="No article is indexed yet.",
        more="These are the first {shown}; {rest} more are not listed.",
        undated="{n} more have no known day of issue and are not counted.",
        facet="{name}, {n} in all:",
        no_facet="The pages name none: {name}.",
        pieces="{n} articles",
        pieces_one="{n} article",
        facets={
            "series": "Series", "reporters": "Reporters", "genres": "Genres",
            "dates": "Days of issue",
        },
    ),
}  # fmt: skip

FILTER_NAMES: Mapping[str, Mapping[Language, str]] = {
    "periods": {"zh": "刊期", "en": "printed"},
    "files": {"zh": "文件", "en": "file"},
    "genres": {"zh": "体裁", "en": "genre"},
    "series": {"zh": "栏题", "en": "series"},
    "reporters": {"zh": "记者", "en": "by"},
    "pages": {"zh": "版次", "en": "page"},
}
GENRE_NAMES_ZH = {
    "news": "消息", "feature": "通讯", "comment": "评论", "interview": "访谈", "notice": "公告",
    "advert": "广告", "caption": "图片新闻", "weather": "天气",
}  # fmt: skip


def genre_told(genre: str, frame: Frame) -> str:
    """Return what a genre is called."""
    return _in(frame, {"zh": GENRE_NAMES_ZH.get(genre, genre), "en": genre})


def filters_told(filters: Filters, frame: Frame) -> str:
    """Return what ``filters`` ask for, in words."""
    found = []
    for name, values in filters.to_json().items():
        shown = values
        if name == "genres":
            shown = [genre_told(genre, frame) for genre in values]
        found.append(f"{_in(frame, FILTER_NAMES[name])} {', '.join(shown)}")
    return ("；" if frame != "en" else "; ").join(found)


def resolved_notice(quote: str, article: Article, frame: Frame) -> str:
    """Return which days 昨日, 上周五 and the like in ``quote`` are, and by what; empty without."""
    today = speaking_day(article.body.text, article.date)
    found = {quote[m.start : m.end]: m for m in mentions(quote, today) if m.certain}
    days = [f"“{w}” = {m.first}" for w, m in found.items() if m.first == m.last and w[0] > "9"]
    if not (days and article.date_source):
        return ""
    source = _in(frame, DATED_BY[article.date_source if today == article.date else "dateline"])
    return wording_of(frame).resolved.format(source=source, days="; ".join(days))


@lru_cache
def listing_wording_of(frame: Frame) -> ListingWording:
    """Return the frame of a count or a list; the Traditional one is converted."""
    return in_traditional(LISTING["zh"]) if frame == "zh-Hant" else LISTING[frame]
