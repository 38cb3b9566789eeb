"""What the question wants to know, and whether a sentence holds that kind of thing."""

import re
from collections.abc import Mapping

from index.patterns import regex
from rag.kinds import HOW_MANY_ZH

_WANTED: Mapping[str, re.Pattern[str]] = {
    "number": regex(
        rf"{HOW_MANY_ZH}|多大|多长|多高|比例|百分之|增幅|占比|"
        r"\bhow (?:many|much|long|large|big|far|old|fast|often)\b|"
        r"\bwhat (?:percent|share|proportion)|"
        r"\b(?:percentage|number of|total)\b",
        re.IGNORECASE,
    ),
    "date": regex(
        r"什么时候|何时|哪年|哪一年|哪天|哪一天|几月|几号|日期|时间|"
        r"\bwhen\b|\bwhat (?:year|date|day|month|time)\b|\bwhich (?:year|day|month)\b",
        re.IGNORECASE,
    ),
    "person": regex(r"谁|哪位|何人|\bwho(?:se|m)?\b", re.IGNORECASE),
    "place": regex(r"哪里|哪儿|在哪|何地|何处|地点|\bwhere\b", re.IGNORECASE),
    "reason": regex(r"为什么|为何|原因|怎么会|\bwhy\b|\breasons?\b", re.IGNORECASE),
}
_HELD: Mapping[str, re.Pattern[str]] = {
    "number": regex(r"\d|[一二两三四五六七八九十百千]+(?:个|家|名|次|年|天|万|亿|倍|成|项|位)"),
    "date": regex(r"\d+\s*(?:年|月|日|点|时)|昨[日天]|今[日天年]|去年|近日|上午|下午|晚"),
    "person": regex(
        r"先生|女士|记者|介绍|表示|董事长|总裁|经理|负责人|会长|主席|创始人|教授|书记|[市省部局校院]长"
    ),
    "place": regex(r"[省市县区镇乡村路街馆园站港]|中心|广场|大厦|位于|举行|在"),
    "reason": regex(r"因|由于|为了|得益|源于|所以|导致|关键"),
}
# What stands right behind the question word is what the answer must name or count.
_FOCUS = regex(
    rf"(?:{HOW_MANY_ZH}|哪些|哪个|哪家|哪位|什么(?!时候)|哪)\s*([一-鿿]{{2,6}})"
    r"|\b(?:how (?:many|much|long|large|big|far|old)|what|which|whose|number of)\s+"
    r"((?:[A-Za-z-]+\s*){1,3})",
    re.IGNORECASE,
)
# What is counted, and the units that a page may count it in.
_TIME = "天|日|周|年|个?月|小时|分钟|秒"
_COUNTED: Mapping[str, re.Pattern[str]] = {
    units: regex(asked, re.IGNORECASE)
    for units, asked in {
        "[天日]": r"(?:多少|几)\s*天|\bhow many days\b",
        "周|星期": r"(?:多少|几)\s*(?:周|星期)|\bhow many weeks\b",
        "个?月": r"(?:多少|几)\s*个月|\bhow many months\b",
        "年": r"多少年|几年|\bhow many years\b",
        "小时": r"(?:多少|几)个?小时|\bhow many hours\b",
        "分钟": r"(?:多少|几)分钟|\bhow many minutes\b",
        _TIME: r"多久|多长时间|\bhow long\b",
        "岁": r"(?:多少|几)岁|多大年纪|多大岁数|\bhow old (?:is|was|are)\b",
        "元|美元|块": r"多少(?:钱|元|人民币)|几块钱|\bhow much (?:money|(?:did|does) .+ cost)\b",
        "%|成|个百分点": r"百分之几|百分之多少|几成|\bwhat (?:percent|percentage|share)\b",
        "[人名位]": r"(?:多少|几)[人名位]|\bhow many (?:people|persons|workers|employees|students|"
        r"visitors|buyers|residents|volunteers|teachers|children)\b",
        "个?(?:国家|国)": r"(?:多少|几)个国家|\bhow many countries\b",
        "家": r"(?:多少|几)家|\bhow many (?:companies|firms|enterprises)\b",
        "公里|千米|米": r"多少(?:公里|千米|米)|多远|\bhow (?:far|many kilomet)",
        "吨": r"多少吨|\bhow many ton",
        "平方米|亩|公顷|平方公里": r"多少(?:平方|亩|公顷)|\bhow many (?:square|mu)\b",
    }.items()
}
_NUMERAL = r"(?:\d|[零一二两三四五六七八九十百千万亿])\s*[余多万亿千百几]*\s*"


def wanted_kinds(question: str) -> tuple[str, ...]:
    """Return the kinds of thing that ``question`` asks for; none when it asks for no such kind."""
    return tuple(kind for kind, pattern in _WANTED.items() if pattern.search(question))


def focus_of(question: str) -> str:
    """Return the words right behind the question word, as in 多少*采购商*; empty when none."""
    match = _FOCUS.search(question)
    return (match[1] or match[2]).strip() if match else ""


def kind_evidence(kinds: tuple[str, ...], sentence: str) -> float:
    """Return 1 when ``sentence`` holds what is wanted, -1 when it does not, 0 when nothing is."""
    if not kinds:
        return 0.0
    return 1.0 if any(_HELD[kind].search(sentence) for kind in kinds) else -1.0


def counts_the_same(question: str, sentence: str) -> float:
    """Return 1 when a number in ``sentence`` counts what is asked for, -1 when none does.

    0 when nothing is asked to be counted, or in units that are not known.
    """
    units = [units for units, pattern in _COUNTED.items() if pattern.search(question)]
    if not units:
        return 0.0
    found = any(re.search(rf"{_NUMERAL}(?:{each})", sentence) for each in units)
    return 1.0 if found else -1.0
