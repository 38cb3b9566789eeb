"""Which articles are asked about: by day of issue, file, genre, series or reporter.

Filters narrow and never widen: an article that does not say when it was printed is not of
May. A question is narrowed only where it speaks of articles and not of events: "interviews
from May", 五月中旬的访谈, "articles by Gong Yingying", 记者龚盈盈写的. A day that something
happened on is left to the search.
"""

import calendar
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from functools import lru_cache
from itertools import pairwise, product
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from index.bylines import BETWEEN_NAMES
from index.corrections import GENRES
from index.page_numbers import PageNumber, page_asked
from index.patterns import regex
from index.segments import Head
from index.text import HAN, fold, simplify
from index.types import Article, CorpusError
from rag.kinds import MAX_READ_CHARS
from rag.pinyin import readings

MIN_SERIES_CHARS = 4
MAX_NAME_CHARS = 6  # of a reporter, spelled in pinyin
OR = "/"  # between reporters of whom any will do: Li Wei is 李伟 or 李玮

# 通讯 is telecommunications too: 哪些通讯企业, 通讯中断.
_FEATURE_ZH = r"通讯(?=\W|$|有|里|上|中(?!断)|都|讲|写|说|提|谈|是|吗)"
_GENRE_WORDS: Mapping[str, re.Pattern[str]] = {
    "interview": regex(r"访谈|专访|\binterviews?\b", re.IGNORECASE),
    "comment": regex(
        r"评论(?!员)|社论|时评|\b(?:comments?|commentar(?:y|ies)|editorials?|opinion pieces?)\b",
        re.IGNORECASE,
    ),
    "feature": regex(rf"特写|{_FEATURE_ZH}|\bfeatures?\b", re.IGNORECASE),
    "notice": regex(r"公告|启事|\bnotices\b", re.IGNORECASE),
    "caption": regex(r"图片新闻|\bphoto (?:news|captions?)\b", re.IGNORECASE),
    "weather": regex(r"天气预报|\bweather (?:reports?|forecasts?)\b", re.IGNORECASE),
}
_KINDS_ZH = rf"访谈|专访|评论(?!员)|社论|时评|特写|{_FEATURE_ZH}|公告|启事|图片新闻|天气预报"
_NEWS_ZH = "新闻(?!发布|出版|中心|办|记者|奖|媒体|学)"
_PIECES_ZH = rf"(?:{_KINDS_ZH}|报道|{_NEWS_ZH}|文章|稿件|稿子|报纸|报上|那一?期|一期)"
_KINDS_EN = (
    r"(?:interviews?|comments?|commentar(?:y|ies)|editorials?|features?|notices|weather reports?)"
)
_ARTICLES_EN = rf"(?:{_KINDS_EN}|articles?|stories|news)"
_PIECES_EN = rf"(?:{_ARTICLES_EN}|reports?|pieces?|pages?|papers?|issues?)"
_DIGITS_ZH = "一二三四五六七八九十"
_NUMBER_ZH = rf"(?:\d{{1,4}}|[{_DIGITS_ZH}]{{1,3}})"
_YEAR_ZH = r"(?:(?P<year>[1-9]\d{3})\s*年的?)?"
_MONTH_ZH = (
    rf"(?P<month>{_NUMBER_ZH})\s*月(?:份)?的?"
    rf"(?:(?P<part>上旬|中旬|下旬|初|中|底|末)|(?P<day>{_NUMBER_ZH})\s*[日号])?"
)
_PERIOD_ZH = rf"{_YEAR_ZH}(?:{_MONTH_ZH})?"
_MONTHS = {name.lower(): n for n, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): n for n, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_MONTH_EN = rf"(?:{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b\.?"
_DAY_EN = (
    r"(?:the\s+)?(?:(?P<part>early|mid|late|beginning of|middle of|end of)[\s-]+)?"
    rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?P<month>{_MONTH_EN})"
    r"(?:\s+(?P<day2>\d{1,2})(?:st|nd|rd|th)?\b)?"
)
_YEAR_EN = r"(?:,?\s+(?P<year>[1-9]\d{3}))?"
_ISO = r"(?P<iso>\d{4}-\d{2}(?:-\d{2})?)"
_BARE_YEAR = r"(?P<bare>(?:19|20)\d{2})"
_DAYS_EN = rf"(?:{_DAY_EN}{_YEAR_EN}|{_ISO})"
_PERIOD_EN = rf"(?:{_DAYS_EN}|{_BARE_YEAR})"
# What stands beside days and belongs to them: from May to July, 5到7月, May 27-29, until now.
_END_EN = (
    rf"(?:(?:{_DAY_EN}|(?P<number>\d{{1,2}})(?:st|nd|rd|th)?\b){_YEAR_EN}|{_ISO}|{_BARE_YEAR}"
    r"|now|today)(?!\w)"
)
_END_ZH = (
    rf"(?=[\d{_DIGITS_ZH}]){_YEAR_ZH}(?:{_MONTH_ZH}|(?P<number>{_NUMBER_ZH}))?(?![\d{_DIGITS_ZH}])"
)
_JOINED = (
    r"(?:(?P<to>\s*(?:to|through|until|till|[-–—~]|起?[至到])\s*)"
    r"|\s*(?:,?\s*(?:and|or)\b|以及|[,、和与及或])\s*)"
)
_EARLIER = (
    regex(rf"(?<![\w.]){_END_EN}{_JOINED}$", re.IGNORECASE),
    regex(rf"(?<![\d.{_DIGITS_ZH}]){_END_ZH}{_JOINED}$"),
)
_LATER = (regex(rf"{_JOINED}{_END_EN}", re.IGNORECASE), regex(rf"{_JOINED}{_END_ZH}"))
_MAX_END_CHARS = 40
_PAGE_ZH = rf"第?(?P<page>[A-H]?(?:\d{{1,3}}|[{_DIGITS_ZH}]{{1,3}}))版(?:面)?"
_PAGE_EN = r"page\s+(?P<page>[A-H]?\d{1,3})\b"
_PAGE_ASKED = (
    regex(
        rf"第{_PAGE_ZH[2:]}(?:[上里](?:都|主要)?(?:有|登|刊登|讲|写|是)?|都?(?:有|登|刊登|讲|写))了?些?"
        rf"(?:什么|哪些|啥)(?:内容|{_PIECES_ZH})?[？?。\s]*$"
    ),
    regex(
        r"^what(?:'s|’s|\s+is|\s+was|\s+are|\s+stands)?(?:\s+there)?(?:\s+(?:printed|published))?"
        rf"\s+(?:is\s+|was\s+)?on\s+{_PAGE_EN}.{{0,40}}$",
        re.IGNORECASE,
    ),
)
_ON_PAGE = (
    *_PAGE_ASKED,
    regex(rf"(?<![{_DIGITS_ZH}\d]){_PAGE_ZH}[上里]?(?:刊登|刊发|登载|登出)?的?(?={_PIECES_ZH})"),
    regex(
        rf"\b{_PIECES_EN}\s+(?:are\s+|is\s+|there\s+)*(?:printed\s+)?(?:on|from|of)\s+{_PAGE_EN}",
        re.IGNORECASE,
    ),
)
_WHOLE_ZH = regex(_PERIOD_ZH)
_WHOLE_EN = regex(_PERIOD_EN, re.IGNORECASE)
_DATED = (
    regex(
        rf"(?<![\d{_DIGITS_ZH}])(?P<days>{_PERIOD_ZH})(?:刊登|刊发|发表|登出|见报|出版)?的?\s*"
        rf"(?={_PIECES_ZH})"
    ),
    regex(rf"(?:刊登|刊发|发表|(?<![拜攀])登|见报)[于在]\s*(?P<days>{_PERIOD_ZH})(?!\d)"),
    *(
        # What an office did issue in May and report for 2024 are no articles.
        regex(
            rf"\b(?!(?:issues?|report)\s+(?:in|for)\b){pieces}\s+(?:from|of|in|for|dated"
            r"|(?:(?:about|on|by)\s+(?:[\w'’-]+\s+){1,5}?)?"
            r"(?:(?:that|which|is|are|was|were|has|have|been)\s+)*(?:published|printed)\s+(?:in|on))"
            rf"\s+(?P<days>{period})\b",
            re.IGNORECASE,
        )
        for pieces, period in ((_PIECES_EN, _DAYS_EN), (_ARTICLES_EN, _BARE_YEAR))
    ),
    regex(
        r"\bwhat\s+(?:(?:is|was|were|has|have|been)\s+)*(?:published|printed)\s+(?:in|on)\s+"
        rf"(?P<days>{_PERIOD_EN})\b",
        re.IGNORECASE,
    ),
    regex(rf"\b(?P<days>{_DAYS_EN})\s+(?:issue|paper|edition(?!\s+of\b))\b", re.IGNORECASE),
)
_WRITTEN_ZH = (
    regex(rf"记者([{HAN}]{{2,4}}?)(?:写|采写|撰写|采访|报道|拍摄|拍)"),
    regex(rf"记者([{HAN}]{{2,4}}?)的(?={_PIECES_ZH})"),
)
NAME_EN = r"([A-Z][a-zü]+(?:\s+[A-Z][a-zü]+){1,2})"
_WRITTEN_EN = regex(
    rf"\b(?i:(?:{_PIECES_EN}\s+(?:written\s+)?by|written\s+by"
    r"|by\s+(?:the\s+)?(?:reporter|journalist))"
    rf"\s+(?:the\s+)?(?:reporter\s+|journalist\s+)?){NAME_EN}"
)
_SERIES = r"系列|专栏|栏目|series"
_SERIES_NAMED = r"{0}(?:这个|这一)?(?:系列|专栏|栏目|series)|series{0}"
# What features does the app have asks for no articles; which features do mention it does.
_WHICH_KIND = regex(
    rf"(?:哪些|哪几?篇|哪一?期)(?:{_KINDS_ZH})|\b(?:which|what) {_KINDS_EN}\b"
    r"(?!\s+(?:does|did|do|has|have)\s+(?!(?:not|been|\w+ed|mention|cover|discuss|talk|speak|deal"
    r"|report|tell|say|appear)\b))",
    re.IGNORECASE,
)
_FIRST, _SECOND, _LAST = (1, 10), (11, 20), (21, 31)  # days of a third of a month
_THIRDS = {
    **dict.fromkeys(("上旬", "初", "early", "beginning of"), _FIRST),
    **dict.fromkeys(("中旬", "中", "mid", "middle of"), _SECOND),
    **dict.fromkeys(("下旬", "底", "末", "late", "end of"), _LAST),
}


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``first`` to ``last``, both of them within; as YYYY-MM-DD.

    Without a year (``MM-DD``) they are those days of any year.
    """

    first: str
    last: str

    def holds(self, day: str) -> bool:
        """Return whether ``day`` (YYYY-MM-DD) is one of them."""
        return (
            self.first <= day[len("YYYY-") if len(self.first) == len("MM-DD") else 0 :] <= self.last
        )

    def __str__(self) -> str:
        return self.first if self.first == self.last else f"{self.first}–{self.last}"


@dataclass(frozen=True, slots=True)
class Filters:
    """What an article must be to be searched; empty fields ask for nothing.

    All ``periods`` must hold its day of issue. ``series`` is a part of its kicker,
    ``reporter`` a name in its byline, or several with :data:`OR` between. ``pages`` are numbers
    of pages in their issue: 3, A2.
    """

    periods: tuple[Period, ...] = ()
    files: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    reporters: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, each.name) for each in fields(self))

    def __and__(self, other: "Filters") -> "Filters":
        """Return the filters that ask for what both ask for."""
        return Filters(**{
            each.name: tuple(dict.fromkeys(getattr(self, each.name) + getattr(other, each.name)))
            for each in fields(self)
        })  # fmt: skip

    def over(self, other: "Filters") -> "Filters":
        """Return these filters, and those of ``other`` where these ask for nothing."""
        return Filters(**{
            each.name: getattr(self, each.name) or getattr(other, each.name)
            for each in fields(self)
        })  # fmt: skip

    def passes(
        self, article: Article | Head, numbers: Mapping[str, PageNumber] = MappingProxyType({})
    ) -> bool:
        """Return whether ``article`` is all that is asked for.

        ``numbers`` are those of pages, by file: a page without one is not page 3.
        """
        return (
            all(article.date and period.holds(article.date) for period in self.periods)
            and all(file in article.files for file in self.files)
            and all(genre == article.genre for genre in self.genres)
            and all(bare(name) in bare(article.kicker) for name in self.series)
            and all(reporter_in(article.byline, names) is not None for names in self.reporters)
            and all(_is_on(article, page, numbers) for page in self.pages)
        )

    def to_json(self) -> dict[str, list[str]]:
        """Return the values that are asked for, by field."""
        return {
            each.name: [str(value) for value in getattr(self, each.name)]
            for each in fields(self)
            if getattr(self, each.name)
        }


NO_FILTERS = Filters()


def _is_on(article: Article | Head, page: str, numbers: Mapping[str, PageNumber]) -> bool:
    """Return whether any part of ``article`` stands on a page of the number ``page``."""
    asked = page_asked(page)
    found = (numbers.get(file) for file in article.files)
    return asked is not None and any(number and number.fits(asked) for number in found)


def reporter_in(byline: str, names: str) -> str | None:
    """Return the first of ``names``, with :data:`OR` between, that stands in ``byline``."""
    return next((name for name in names.split(OR) if bare(name) in bare(byline)), None)


@lru_cache(maxsize=65_536)
def bare(text: str) -> str:
    """Return ``text`` as names are compared: folded, without spaces, quotes and marks."""
    return re.sub(r"[\W_]+", "", fold(text))


def filters_from(
    since: str | None = None,
    until: str | None = None,
    file: str | None = None,
    genre: str | None = None,
    series: str | None = None,
    reporter: str | None = None,
    page: str | None = None,
) -> Filters:
    """Return the filters of arguments. A day is YYYY-MM-DD, YYYY-MM or YYYY, both ends within.

    Raises :class:`CorpusError` for what is no day, no genre or no page, and for an empty period.
    """
    first = _day("since", since, last=False) if since else "0000-01-01"
    last = _day("until", until, last=True) if until else "9999-12-31"
    if first > last:
        raise CorpusError(f"no day lies between since {since} and until {until}: exchange them")
    if genre and genre not in GENRES:
        raise CorpusError(f"genre {genre!r} is unknown; choose from: {', '.join(GENRES)}")
    number = page_asked(page) if page else None
    if page and number is None:
        raise CorpusError(f"page {page!r} is no number of a page: write 3 or A2")
    return Filters(
        periods=(Period(first, last),) if since or until else (),
        files=(file,) if file else (),
        genres=(genre,) if genre else (),
        series=(series,) if series else (),
        reporters=(reporter,) if reporter else (),
        pages=(str(number),) if number else (),
    )


def _day(name: str, value: str, last: bool) -> str:
    match = re.fullmatch(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", value.strip())
    year, month, day = map(int, match.groups("0")) if match else (0, 0, 0)
    month = month or (12 if last else 1)
    if year >= 1 and 1 <= month <= 12:
        length = calendar.monthrange(year, month)[1]
        day = day or (length if last else 1)
        if 1 <= day <= length:
            return f"{year:04}-{month:02}-{day:02}"
    raise CorpusError(f"{name} {value!r} is no day: write YYYY-MM-DD, YYYY-MM or YYYY")


@dataclass(frozen=True, slots=True)
class Facets:
    """How many articles have each value, most common first: what can be filtered by."""

    dates: Mapping[str, int]
    files: Mapping[str, int]
    genres: Mapping[str, int]
    series: Mapping[str, int]
    reporters: Mapping[str, int]
    pages: Mapping[str, int] = field(default_factory=dict)


def facets_of(
    articles: Iterable[Article | Head], numbers: Mapping[str, PageNumber] = MappingProxyType({})
) -> Facets:
    """Return the facets of ``articles``; ``numbers`` are those of pages, by file."""
    every = list(articles)

    # What many articles share is looked at once, with their number: there may be a million.
    def counted(name: str) -> Counter[Any]:
        return Counter(map(attrgetter(name), every))

    by_files, bylines = counted("files"), counted("byline")
    counts = {
        "dates": counted("date"),
        "files": _summed((file, n) for files, n in by_files.items() for file in files),
        "genres": counted("genre"),
        "series": counted("kicker"),
        "reporters": _summed(
            (name, n) for line, n in bylines.items() if line for name in reporters_of(line)
        ),
        "pages": _summed(
            (page, n)
            for files, n in by_files.items()
            for page in {str(numbers[file]) for file in files if file in numbers}
        ),
    }
    for name, nothing in (("dates", None), ("series", "")):
        counts[name].pop(nothing, None)
    return Facets(**{name: dict(found.most_common()) for name, found in counts.items()})


def _summed(found: Iterable[tuple[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for value, count in found:
        total[value] += count
    return total


_CREDITS = frozenset("文图摄影")  # behind a name: who wrote, who took the picture


def reporters_of(byline: str) -> list[str]:
    """Return the names in a byline: 全媒体记者 陈 聪 names 陈聪."""
    found = re.sub(r"[（(].*?[)）]|[/／].*$", " ", byline)
    marked = re.search(r"(?:记者|通讯员|评论员)[\s:：]*(.*)", found)
    if not marked:
        return []
    words = (re.sub("^.*(?:记者|通讯员|评论员)", "", w) for w in BETWEEN_NAMES.split(marked[1]))
    names: list[str] = []
    for word in filter(None, words):
        if names and len(names[-1]) == 1 and len(word) <= 2:
            names[-1] += word  # a name of two characters is set wide: 陈 聪
        elif not (names and _CREDITS.issuperset(word)):
            names.append(word)
    return [name for name in names if re.fullmatch(rf"[{HAN}]{{2,4}}", name)]


def filters_in(question: str, facets: Facets) -> Filters:
    """Return the filters that ``question`` itself asks for; most ask for none.

    A series or a reporter counts only when ``facets`` has it, so that a misread one hides
    nothing.
    """
    text = simplify(question)[:MAX_READ_CHARS]
    periods = tuple(_periods(text))
    reporters = tuple(_reporters(text, facets.reporters))
    series = tuple(_series(text, facets.series))
    pages = tuple(_pages(text)) if facets.pages else ()
    genres: tuple[str, ...] = ()
    kind = _WHICH_KIND.search(text)
    if kind:
        genres = genres_in(kind[0])
    elif periods or reporters or series:
        genres = genres_in(text)
    return Filters(periods, (), genres, series, reporters, pages)


def genres_in(text: str) -> tuple[str, ...]:
    """Return the first genre that ``text`` names; none where it names none."""
    return tuple(genre for genre, pattern in _GENRE_WORDS.items() if pattern.search(text))[:1]


def _pages(text: str) -> Iterable[str]:
    """Yield the page that the text asks for: 第三版的报道, what is on page 3."""
    for pattern in _ON_PAGE:
        match = pattern.search(text)
        asked = page_asked(match["page"]) if match else None
        if asked:
            yield str(asked)
            return


def asks_for_page(text: str) -> bool:
    """Return whether ``text`` asks what stands on a page, and nothing else."""
    return any(pattern.search(text) for pattern in _PAGE_ASKED)


def _periods(text: str) -> Iterable[Period]:
    for pattern in _DATED:
        for match in pattern.finditer(text):
            if _period(match.groupdict()):
                period = _span(text, match)
                if period:
                    yield period
                return


def _span(text: str, match: re.Match[str]) -> Period | None:
    """Return the days of ``match`` and of what is joined to them: 5月到7月, May and June.

    ``None`` where it is not certain, or where other days lie between: May and July.
    """
    ends, joined = [match.groupdict()], list[bool]()
    start, end = match.span("days")
    while earlier := _first(
        p.search(text[max(0, start - _MAX_END_CHARS) : start]) for p in _EARLIER
    ):
        ends.insert(0, earlier.groupdict())
        joined.insert(0, bool(earlier["to"]))
        start -= len(earlier[0])
    while later := _first(p.match(text, end) for p in _LATER):
        ends.append(later.groupdict())
        joined.append(bool(later["to"]))
        end = later.end()
    periods = [_period(each) for each in _completed(ends, match.groupdict())]
    for (one, other), through in zip(pairwise(periods), joined, strict=True):
        if not one or not other or len(one.last) != len(other.first) or one.last >= other.first:
            return None
        if not through and (_date(other.first) - _date(one.last)).days != 1:
            return None
    first, last = periods[0], periods[-1]
    return Period(first.first, last.last) if first and last else None


def _first(found: Iterable[re.Match[str] | None]) -> re.Match[str] | None:
    return next(filter(None, found), None)


def _date(day: str) -> date:
    """Return ``day``; one without a year in 2024, which has all days."""
    return date.fromisoformat(f"2024-{day}"[-len("YYYY-MM-DD") :])


def _completed(
    ends: Iterable[dict[str, str | None]], read: Mapping[str, str | None]
) -> Iterable[Mapping[str, str | None]]:
    """Yield ``ends`` with what stands at another: the month and year of 27 in May 27-29, 2025.

    A bare number counts what is named last in ``read``: days, months or years; else it is lost.
    """
    ends = list(ends)
    years = {each["year"] for each in ends if each.get("year")}
    year = years.pop() if len(years) == 1 else None
    counted = next((n for n in ("day", "day2", "month", "year") if read.get(n)), "")
    for each in ends:
        if each.get("number"):
            own = each.get("year") or read.get("year")
            each = {**read, "year": own, counted: each["number"]}
        if each.get("month"):
            each = {**each, "year": each.get("year") or year}
        yield each


def period_of(words: str) -> Period | None:
    """Return the days that ``words`` name from the first letter to the last; ``None``: no days.

    5月27日, 2025年5月, May 27, the end of May and 2025-05-27 are days.
    """
    for pattern in (_WHOLE_ZH, _WHOLE_EN):
        match = pattern.fullmatch(words.strip())
        if match and words.strip():
            return _period(match.groupdict())
    return None


def _period(found: Mapping[str, str | None]) -> Period | None:
    """Return the days of a year, a month, a third of one or a day; ``None`` for no such day."""
    written = found.get("iso") or found.get("bare")
    if written:
        try:
            (period,) = filters_from(written, written).periods
        except CorpusError:  # 2025-02-31
            return None
        return period
    year = f"{int(found['year'] or 0)}-" if found.get("year") else ""
    if not found.get("month"):
        return Period(f"{year}01-01", f"{year}12-31") if year else None
    month = _MONTHS.get((found["month"] or "").lower().rstrip(".")) or _number(found["month"])
    if not 1 <= month <= 12:
        return None
    length = calendar.monthrange(int(found.get("year") or 2024), month)[1]
    first, last = _THIRDS.get((found.get("part") or "").lower(), (1, length))
    day = found.get("day") or found.get("day2")
    if day:
        first = last = _number(day)
        if not 1 <= first <= length:
            return None
    return Period(f"{year}{month:02}-{first:02}", f"{year}{month:02}-{min(last, length):02}")


def _number(text: str | None) -> int:
    """Return a number up to 31 in digits or Chinese numerals; 0 for none and for several: 五六."""
    if not text or text.isdigit():
        return int(text or 0)
    tens, ten, ones = text.partition("十")
    if len(tens) > 1 or len(ones) > 1:
        return 0
    value = (_DIGITS_ZH.find(tens) + 1 if tens else 1) * 10 if ten else _DIGITS_ZH.find(text) + 1
    return value + (_DIGITS_ZH.find(ones) + 1 if ten and ones else 0)


def _reporters(text: str, known: Mapping[str, int]) -> Iterable[str]:
    written = [match[1] for pattern in _WRITTEN_ZH for match in pattern.finditer(text)]
    printed = {fold(name): name for name in known} if written else {}
    found = next((printed[name] for name in written if name in printed), None)
    if found:
        yield found
        return
    match_en = _WRITTEN_EN.search(text)
    if match_en:
        asked = match_en[1].lower().split()
        spellings = {
            "".join(asked),
            "".join([*asked[1:], asked[0]]),
            "".join([asked[-1], *asked[:-1]]),
        }
        meant = [name for name in known if _spelled(name) & spellings]
        if meant:
            yield OR.join(meant)


def _spelled(name: str) -> set[str]:
    """Return the ways to spell a name in pinyin: a character may have several readings.

    ü is written ü, v, u or yu.
    """
    syllables = [readings(simplify(character)) or ("",) for character in name[:MAX_NAME_CHARS]]
    spelled = {"".join(chosen) for chosen in product(*syllables)}
    return {each.replace("v", letters) for each in spelled for letters in ("ü", "v", "u", "yu")}


def _series(text: str, known: Mapping[str, int]) -> Iterable[str]:
    """Yield the kicker, or a part of one, that the text calls a series."""
    read = bare(text)
    if not re.search(_SERIES, read):
        return
    parts = {part for kicker in known for part in (kicker, *re.split(r"[·■|\s]+", kicker))}
    for part in sorted(parts, key=lambda part: (-len(part), part)):
        name = bare(part)
        if len(name) >= MIN_SERIES_CHARS and re.search(_SERIES_NAMED.format(re.escape(name)), read):
            yield part
            return
