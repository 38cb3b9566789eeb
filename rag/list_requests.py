"""What a question asks of the corpus as a whole: articles to count or list, or a field's values.

Only a question that asks for articles is read so. "How many buyers came" is none, nor is
"what do the reports of May say": those are answered from what an article says.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from index.patterns import regex
from index.text import fold, to_simplified
from rag.filters import (
    NAME_EN,
    NO_FILTERS,
    Facets,
    Filters,
    Period,
    asks_for_page,
    filters_in,
    genres_in,
    period_of,
)
from rag.kinds import MAX_READ_CHARS, PIECES_EN, PIECES_ZH
from rag.topics_zh import ASKS_ZH

Facet = Literal["series", "reporters", "genres", "dates"]

MAX_WORDS_CHARS = 60  # of what articles must mention
MIN_NAME_CHARS = 2

_ENDS = " \t\n?？!！。.,，;；：:"
_COUNT_ZH = r"(?:一共|总共|共)?(?:有)?(?:多少|几)"
_PIECE_ZH = rf"(?:篇|则|条)?(?:相关的?)?{PIECES_ZH}|(?:篇|则)"
_MENTION_ZH = (
    r"(?:(?:当中|里面?|中)?(?:都|曾|有)?(?:提到|提及|提过|谈到|谈及|写到|写过|写了|讲到|讲了|说到|涉及|"
    r"出现|报道了|报道过|介绍了|介绍过|关于|有关|包含|含有)(?:过|了)?)"
)
_ABOUT_ZH = (
    r"(?:提到|提及|提过|谈到|谈及|写到|写过|写了|讲到|讲|说到|涉及|出现|"
    r"报道|介绍|关于|有关)(?:过|了)?"
)
_LIST_ZH = (
    r"(?:请|帮我|麻烦)*(?:列出|列举|列一下|罗列|找出|找一下|查一下|给我|统计一下|列个?清单)"
    r"(?:一下|来)?"
    r"(?:所有|全部|一切)?(?:的)?"
)
_WHICH_ZH = rf"(?:都)?(?:有)?哪(?:些|几篇|几则|几条|一?篇)(?:{PIECES_ZH})?"
_WORDS_ASK_ZH = regex(rf"{ASKS_ZH.pattern}|吗$|^(?:的|得|到|了)")
_LEADS_ZH = regex(r"^(?:请问|我想知道|想知道|我想问一?下?|告诉我|报纸[上里]|库里|语料里?)+[，,]?")
_PERIOD_LEAD = r"(?P<lead>.{0,24}?)"
# What articles must mention is the group "words".
_MENTIONS_ZH = tuple(
    regex(pattern)
    for pattern in (
        rf"^{_PERIOD_LEAD}(?:{_COUNT_ZH})(?:{_PIECE_ZH}){_MENTION_ZH}(?P<words>.+)$",
        rf"^{_PERIOD_LEAD}{_WHICH_ZH}{_MENTION_ZH}(?P<words>.+)$",
        rf"^(?:{_ABOUT_ZH})(?P<words>.+?)的(?:相关)?{PIECES_ZH}(?:一共|总共|共)?(?:有)?"
        rf"(?:(?:多少|几)(?:篇|则|条)?|哪(?:些|几篇)|哪几条)$",
        rf"^{_LIST_ZH}(?:{_ABOUT_ZH})(?P<words>.+?)的(?:相关)?{PIECES_ZH}$",
        rf"^(?P<words>.+?)(?:一共|总共)?(?:在|出现在|被)"
        rf"(?:(?:多少|几)篇|哪(?:些|几篇))(?:{PIECES_ZH})?"
        r"(?:里|中|当中)?(?:被)?(?:提到|出现|提及|报道)?(?:过|了)*$",
    )
)
_NARROWED_ZH = tuple(
    regex(pattern)
    for pattern in (
        rf"^{_LIST_ZH}.*?(?:{PIECES_ZH})$",
        rf"^.+?(?:里|中|上)?(?:都)?(?:一共|总共|共)?(?:写|采写|发|发表|刊发|刊登|登|收录)?(?:了|过)?(?:有)?"
        rf"(?:(?:多少|几)(?:{_PIECE_ZH})|哪(?:些|几篇)(?:{PIECES_ZH}))$",
        rf"^.+?的{PIECES_ZH}(?:都)?(?:一共|总共|共)?有(?:(?:多少|几)篇?|哪(?:些|几篇))$",
    )
)
# With no words of their own: all that passes what is given or was asked for before.
_BARE_ZH = regex(
    rf"^(?:{_LIST_ZH}{PIECES_ZH}"
    rf"|(?:都|一共|总共|共)*有?(?:(?:多少|几)(?:{_PIECE_ZH})|哪(?:些|几篇){PIECES_ZH}))$"
)
_ISSUE_ZH = regex(
    r"^.*(?:报纸?|那一?期|这一?期|一期|版面)(?:[上里中])?(?:都)?(?:有|登|刊登|刊发|讲|写)了?(?:些)?"
    r"(?:什么|哪些|啥)"
    rf"(?:内容|{PIECES_ZH})?$"
)
_ALL_ZH = regex(
    rf"^(?:库里|报纸[里上]?|索引里?|语料库?里?|你?这里|系统里?|数据库里?)?(?:现在|目前)?(?:一共|总共|共|收录|收|有|了)*"
    rf"(?:多少|几)(?:篇(?:{PIECES_ZH})?|(?:报道|文章|稿件))$"
)
_FACET_WORDS: Mapping[Facet, str] = {
    "series": r"系列|栏目|专栏|series|columns?",
    "reporters": r"记者|作者|reporters?|journalists?|writers|authors?",
    "genres": r"体裁|genres?",
    "dates": r"日期|期|issues?|dates?|editions?",
}
_FACETS = {
    facet: (
        regex(
            rf"^(?:报纸[里上]?|库里|索引里|这里)?(?:都|一共|总共)*有?(?:哪些|哪几个|什么|多少个?|几个|几位)"
            rf"(?:不同的)?(?:{words})$|^{_LIST_ZH}(?:{words})$"
        ),
        regex(
            rf"^(?:which|what|how many) (?:different )?(?:{words})"
            r"(?: (?:are|do you have|have you got|exist)(?: there)?)?"
            r"(?: (?:in|of) the (?:index|corpus|archive|paper|newspaper|pages))?$"
            rf"|^(?:list|show|name)(?: me)?(?: all)?(?: (?:of )?the)? (?:{words})$",
            re.IGNORECASE,
        ),
    )
    for facet, words in _FACET_WORDS.items()
}
_MENTION_EN = (
    r"(?:(?:that|which|to|do|have|has|are there that|are there)\s+)*"
    r"(?:mention(?:s|ed|ing)?|refer(?:s|red|ring)? to|talk(?:s|ed|ing)? (?:about|of)|"
    r"(?:write|wrote|writing|speak|tell|are|is|were) about|about|"
    r"cover(?:s|ed|ing)?|discuss(?:es|ed|ing)?|report(?:s|ed)? (?:on|about)|name(?:s|d)?|"
    r"deal(?:s|ing)? with|contain(?:s|ing)?(?: the words?)?|concern(?:s|ing)?|on)"
)
_LIST_EN = (
    r"(?:please )?(?:list|show|find|give me|name|enumerate)(?: me)?(?: all| every)?"
    r"(?: (?:of )?the)?"
)
_MENTIONS_EN = tuple(
    regex(pattern, re.IGNORECASE)
    for pattern in (
        rf"^(?:how many|which|what) {PIECES_EN}"
        r"(?P<lead>(?: (?:from|in|of|by) .{3,30}?)?)"
        rf" {_MENTION_EN} (?P<words>.+)$",
        rf"^{_LIST_EN} {PIECES_EN}(?P<lead>(?: (?:from|in|of|by) .{{3,30}}?)?)"
        rf" {_MENTION_EN} (?P<words>.+)$",
        rf"^in (?:how many|which|what) {PIECES_EN} (?:is|are|was|were|does|do|did)"
        r" (?P<words>.+?) (?:mentioned|named|discussed|appear|covered)$",
    )
)
_TAIL_EN = (
    r"(?:\s+(?:are |is |were )?"
    r"(?:there |written |published |printed |by |from |in |of |dated |on )+"
    r"[\w\s,.'’“”\"·■-]{2,60})"
)
_NARROWED_EN = tuple(
    regex(pattern, re.IGNORECASE)
    for pattern in (
        rf"^{_LIST_EN} {PIECES_EN}{_TAIL_EN}$",
        rf"^(?:how many|which|what) {PIECES_EN} (?:are|were|is) (?:there )?"
        r"(?:written |published |printed )?(?:by|from|in|of|dated|on) .{3,60}$",
        rf"^(?:how many|which|what) {PIECES_EN} (?:by|from|in the series) .{{3,60}} "
        r"(?:are|were) there$",
        rf"^(?:how many|which|what) {PIECES_EN} (?:did|has|have) .{{3,40}} "
        r"(?:write|written|publish|published)$",
    )
)
_BARE_EN = regex(
    rf"^(?:{_LIST_EN} {PIECES_EN}|(?:which|what) {PIECES_EN} are there)$", re.IGNORECASE
)
_ISSUE_EN = regex(
    r"^what(?:'s|’s| is| was| are| were| stands)?(?: there)?(?: printed| published)? "
    r"(?:in|on) the (?:[\w\s,-]{3,24} )?(?:issue|paper|newspaper|edition)\b.{0,30}$"
    r"|^what was (?:published|printed) (?:on|in) .{3,30}$",
    re.IGNORECASE,
)
_ALL_EN = regex(
    rf"^how many {PIECES_EN}(?: (?:are|do|did|have|has)(?: there| you)?(?: have| been)?"
    r"(?: indexed)?)?(?: (?:in|on) (?:the )?(?:index|corpus|archive|database|paper|papers|"
    r"newspapers?|pages|total|all|here|everything))*$",
    re.IGNORECASE,
)
_NO_ARTICLES_EN = regex(
    r"\b(?:how many stories (?:does|do|is|has|high|tall)|articles? of (?:the )?(?:law|constitution|"
    r"treaty|contract|agreement|association|clothing))\b",
    re.IGNORECASE,
)
_COUNTED_ZH = regex(r"(?:一共|总共|共)?有?(?:多少|几)篇")
_COUNTED_EN = regex(rf"\bhow many(?= {PIECES_EN}\b)", re.IGNORECASE)
_AGAIN_ZH = regex(
    r"^(?:那|都|分别)*(?:是|有)?(?:哪(?:些|几篇)|列出来|列一下|都列出来|具体是哪些)(?:呢)?$"
)
_AGAIN_EN = regex(
    r"^(?:and )?(?:which(?: ones?)?(?: are (?:they|those))?|what are they|list (?:them|those)|"
    r"show (?:them|me))(?: all)?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the corpus as a whole.

    ``words`` are what the articles must mention; without them every article that passes
    the ``filters`` is meant. ``facet`` asks for the values of a field instead.
    """

    words: str = ""
    facet: Facet | None = None
    filters: Filters = NO_FILTERS


def request_in(
    question: str, facets: Facets, filters: Filters, given: Filters = NO_FILTERS
) -> Request | None:
    """Return what ``question`` asks of the corpus; ``None`` for one about what articles say.

    ``filters`` are those that it asks for, by itself or as a follow-up; the request adds those
    that only a list is narrowed by. ``given`` are those set beside it: they say which issue
    "the paper" is, and are not part of the request.
    """
    text = _plain(question)
    if _NO_ARTICLES_EN.search(text):
        return None
    for facet, patterns in _FACETS.items():
        for pattern in patterns:
            if pattern.match(text):
                return Request(facet=facet, filters=filters)
    asked = _of_mention(text)
    if asked:
        return replace(asked, filters=filters)
    if _ALL_ZH.match(text) or _ALL_EN.match(text):
        return Request(filters=filters)
    return _of_filters(text, facets, filters, given)


def words_in(question: str) -> str:
    """Return what the articles must mention by ``question``; empty where it lists none so."""
    asked = _of_mention(_plain(question))
    return asked.words if asked else ""


def asked_again(text: str, earlier: str) -> str:
    """Return ``earlier``, which counts articles, as asking for a list, if ``text`` asks that.

    哪几篇？ behind 有几篇报道提到渡轮 is 哪几篇报道提到渡轮. Empty for any other text.
    """
    said = text.strip(_ENDS)
    if _AGAIN_ZH.match(said):
        found, times = _COUNTED_ZH.subn("哪几篇", earlier, count=1)
    elif _AGAIN_EN.match(said):
        found, times = _COUNTED_EN.subn("Which", earlier, count=1)
    else:
        return ""
    return found if times else ""


def _plain(question: str) -> str:
    """Return what is read of a question: simplified, without what leads to it."""
    return _LEADS_ZH.sub("", to_simplified(question[:MAX_READ_CHARS]).strip(_ENDS))


def _of_mention(text: str) -> Request | None:
    for pattern in (*_MENTIONS_ZH, *_MENTIONS_EN):
        match = pattern.match(text)
        if not match:
            continue
        words = _named(match["words"])
        lead = match.groupdict().get("lead") or ""
        asks = _WORDS_ASK_ZH.search(words) or re.search(
            r"\b(?:who|what|when|where|which|why|how|it|them|him|her)\b", words, re.IGNORECASE
        )
        about_the_asked = ASKS_ZH.search(re.sub(r"有$", "", lead))
        if MIN_NAME_CHARS <= len(words) <= MAX_WORDS_CHARS and not asks and not about_the_asked:
            return Request(words)
    return None


def _named(words: str) -> str:
    """Return what is to be found, without quotation marks and what belongs to the sentence."""
    quoted = re.fullmatch(
        r"[^“\"「『《]*?[“\"「『《]([^”\"」』》]+)[”\"」』》](?:的?名字|这个?词|一词|的)?", words
    )
    if quoted and words[0] in '“"「『《':
        return quoted[1].strip()
    words = re.sub(r"(?:吗|呢|了|过|的(?:内容|事情?)?|这个?词|一词)+$", "", words.strip(_ENDS))
    words = re.sub(
        r"\s+(?:at all|in (?:the|these|this) (?:index|paper|papers|corpus|archive|pages)|here)$",
        "", words, flags=re.IGNORECASE,
    )  # fmt: skip
    return re.sub(r"^(?:the word |the name |the )", "", words, flags=re.IGNORECASE).strip("“”\"' ")


def _of_filters(text: str, facets: Facets, filters: Filters, given: Filters) -> Request | None:
    if any(pattern.match(text) for pattern in (*_NARROWED_ZH, *_NARROWED_EN)):
        # By its own words: 王书记批示了几篇报道 asks for no list, whatever narrows it.
        own = _also_narrowed(text, facets).over(filters_in(text, facets))
        if own:
            return Request(filters=own.over(filters))
    if (filters or given) and (_BARE_ZH.match(text) or _BARE_EN.match(text)):
        return Request(filters=filters)
    if _ISSUE_ZH.match(text) or _ISSUE_EN.match(text):
        days = _day_in(text) or filters.periods
        if days or given.periods:
            return Request(filters=replace(filters, periods=days))
    if (filters.pages or given.pages) and asks_for_page(text):
        return Request(filters=filters)
    return None


def _also_narrowed(text: str, facets: Facets) -> Filters:
    """Return the filters that are clear only because articles are listed: 李大明写的报道."""
    reporters = tuple(
        name
        for name in facets.reporters
        if re.search(rf"{fold(name)}(?:写|采写|撰写|一共|都|的|发|报道)", fold(text))
    )
    match = re.search(rf"\b(?:did|has|have) {NAME_EN}", text)
    if not reporters and match:
        reporters = filters_in(f"articles by {match[1]}", facets).reporters
    genres = genres_in(text) if reporters else ()
    return Filters(genres=genres, reporters=reporters, periods=_day_in(text))


def _day_in(text: str) -> tuple[Period, ...]:
    days = re.findall(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)", text)
    period = period_of(days[0]) if len(days) == 1 else None
    return (period,) if period else ()
