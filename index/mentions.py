"""The days that words name: 3月4日, 昨日, 上周五, 今年一季度, each at its place in the text.

The text is read in a copy in which full-width digits and some Traditional characters are
replaced one for one, so offsets are offsets into the text as it was received. Every pattern
has a bounded length: time is linear in the text. Each is guarded against the words that hide
in other words: 明日 in 光明日报, 前年 in 目前年产值, 上周 in 以上周期.
"""

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from index.patterns import regex

YEARS = range(1900, 2100)
NEAR_DAYS = 92  # a month and day without a year is taken as sure within a quarter of the issue
VAGUE_DAYS = 7  # what 近日 covers
PLAIN = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *map(ord, "（）－．／～"))}
PLAIN |= str.maketrans(
    "　〇○—–―〜週禮號農曆歷陰舊個國華後連來這幾將於訊電當該會賽節論壇動開閉啟齡輕貨"
    "紀說説證証聲鮮發聰獲統計數據過僅儀億內兩創劃啓佈噸圓報場屆從擬條標歲氣況滿爭獎畫盤種約終"
    "結網總職臺與舉萬視講較輛輪轉辦進遊達邊間項預頒頭顧餅餘點",
    " 零零----周礼号农历历阴旧个国华后连来这几将于讯电当该会赛节论坛动开闭启龄轻货"
    "纪说说证证声鲜发聪获统计数据过仅仪亿内两创划启布吨圆报场届从拟条标岁气况满争奖画盘种约终"
    "结网总职台与举万视讲较辆轮转办进游达边间项预颁头顾饼余点",
)

# The parts of a date, for texts that went through PLAIN.
N = "零一二三四五六七八九"
YEAR = rf"(?:(?<![\d.])(?:19|20)[0-9]{{2}}|(?<![{N}])(?:一九|二零)[{N}]{{2}})"
MONTH = rf"(?:(?<![\d.])(?:1[0-2]|0?[1-9])(?!\d)|(?<![{N}十])(?:十[一二]?|[{N}]))"
DAY = rf"(?:(?:3[01]|[12][0-9]|0?[1-9])(?!\d)|[二三]?十[{N}]?|廿[{N}]?|卅一?|[{N}])"
WEEKDAY = "(?:周[一二三四五六日]|(?:星期|礼拜)[一二三四五六日天])"
_TO = "[ ]?(?:[-~]{1,2}|至|到)[ ]?"
_FREE = "(?:(?<![\u4e00-\u9fff])|(?<=[从比较在自到于和与]))"  # 前天, but not 目前天气
_COUNTED = "[个场次天年家名位届轮岁条件种月期人日]"  # 上周五场比赛 is five matches
_MORE = f"(?:{_TO}|[、和])(?:周|星期)?[一二三四五六日天]"
_ANY_YEAR = (
    rf"(?:{YEAR}|(?:中华)?民国 ?(?:[0-9]{{1,3}}|[{N}十百]{{1,6}})|[当同次翌该每历]"
    rf"|(?<![如古])今|(?<!过)去|(?<![光文说证声鲜透])明|{_FREE}[前后])"
)
_KINDS = {
    "lunar": rf"[农阴旧]历[^。,，;；\n]{{0,12}}?月[初廿卅{N}十0-9]{{1,3}}日?",
    "iso": r"(?<![0-9A-Za-z_./-])(?P<iso_y>(?:19|20)[0-9]{2})(?P<sep>[-./])(?P<iso_m>[01]?[0-9])"
    r"(?P=sep)(?P<iso_d>[0-3]?[0-9])(?!\d|[./-]\d)",
    "span": rf"(?P<from>{YEAR}){_TO}(?P<until>{YEAR})年",
    "calendar": rf"(?:(?P<y>{_ANY_YEAR}) ?年(?![代轻均货纪龄味画]) ?)?(?(y)|(?<!年)(?<!年 ))(?:"
    # 3月4日, 本月4日, 3月3日至5日, 5月14—16日, 12月30日至2027年1月2日, 3月4日（周三）
    rf"(?:(?P<m>{MONTH}) {{0,2}}月|(?P<rm>[本上下]个?月)) {{0,2}}(?P<d>{DAY}) {{0,2}}"
    rf"(?:[日号](?:{_TO}(?:(?P<y2>{YEAR})年)?(?:(?P<m2>{MONTH})月)?(?P<d2>{DAY})[日号])?"
    rf"|(?:{_TO}|、)(?P<d3>{DAY})[日号])"
    rf"(?: {{0,2}}(?:\( ?{WEEKDAY} ?\)|{WEEKDAY}(?!{_COUNTED})))?"
    # 1月份, 1至4月, 1月至12月; 一季度; 上半年; 2026年至2028年; the year alone
    rf"|(?P<m3>{MONTH})(?: ?月?{_TO}(?P<m4>{MONTH}))? ?月份?"
    r"|第?(?P<q>[一二三四1-4])季度|(?P<half>[上下])半年"
    rf"|(?(y){_TO}|(?!))(?P<y3>{YEAR})年|(?(y)(?!的?历史)|(?!)))",
    "day": r"昨(?:[日天晚晨夜早]|\([0-9]{1,2}日?\)日?)"
    r"|(?<![如当至迄的有])今(?:[晚晨夜]|早(?![已就在期])|\([0-9]{1,2}日?\)日?"
    r"|[日天](?![的之下气均益头])(?!本(?!报)))"
    r"|(?<![光文说证声鲜透聪发])明(?:[晚晨早]|[日天](?![的之地才文气报]))"
    rf"|{_FREE}(?:大?前天|前日|大?后天(?![性的]))",
    "week": rf"(?<![早晚以会网身街路天])(?P<which>上上|下下|[上本这下])个?(?:周|星期|礼拜)"
    rf"(?![期边年岁转密到刊])(?:(?P<wd>[一二三四五六日天])(?!{_COUNTED})"
    rf"(?:{_TO}(?:周|星期)?(?P<wd2>[一二三四五六日天]))?|(?P<end>末))?",
    "often": rf"[每逢隔]个?{WEEKDAY}(?:{_MORE})?|{WEEKDAY}{_MORE}",
    "weekday": rf"(?<![{N}\d几数两十]){WEEKDAY}(?!{_COUNTED})",
    "vague": r"(?<![附最将接])近日(?![点子均本益常])|近几[日天]|[这前]几天|连日来?"
    rf"|(?<![\d{N}十今昨明节假生当次每近同周这那终休作月])日前(?![夕后往])",
    "month": "(?:(?<!日)本|(?<![晚早海天路湖山江水以])上|(?<!天)下)个?月(?![亮球光台季色饼])",
    "alone": r"(?<![\d.第每近共满期逾超约达仅月])(?P<d4>[0-3]?[0-9])"
    rf"(?:日?(?:{_TO}|、)(?P<d5>[0-3]?[0-9]))?日(?!报(?!道)|前(?!往)|[内游元均龄之间后多以本常圆])",
}
_MENTION = regex(
    rf"(?=[\d{N}十中民今昨明去前后大当同次翌该每逢隔历上下本这近日连周星礼第农阴旧])(?:"
    + "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items())
    + ")"
)
_DIGITS_OF_TEN = {"十": 10, "百": 100, "廿": 20, "卅": 30}
_RELATIVE_YEARS = {"今": 0, "去": -1, "前": -2, "明": 1, "后": 2}
_RELATIVE_DAYS = {"昨": -1, "今": 0, "明": 1, "前": -2, "后": 2, "大前": -3, "大后": 3}
_PERIODS_AWAY = {"上上": -2, "上": -1, "本": 0, "这": 0, "下": 1, "下下": 2}

Period = tuple[date, date, bool]


@dataclass(frozen=True, slots=True)
class DateMention:
    """Words that name a day or days: ``text[start:end]``.

    ``first`` and ``last`` are YYYY-MM-DD, equal for one day. ``certain`` is false where the
    year or the day is an assumption: 近日, a bare 周五, an inferred date of issue.
    """

    start: int
    end: int
    first: str
    last: str
    certain: bool


@dataclass(frozen=True, slots=True)
class _Anchor:
    """What relative words are counted from: the day of issue, else at least the year."""

    issue: date | None
    year: int | None
    sure: bool


def mentions(
    text: str, issued: str | None, year: int | None = None, *, inferred: bool = False
) -> tuple[DateMention, ...]:
    """Return the days, months and years that ``text`` names, in order, none overlapping.

    ``issued`` is the ISO date that 今天 stands for (see :func:`speaking_day`), ``inferred``
    whether it is a guess. A month and day without a year is the one nearest to it, or the one
    in ``year`` where there is none; a bare 15日 is the last such day, after 将于 the next.
    Weeks begin on Monday; a bare 周五 is in the week of the issue. Without ``issued`` and
    ``year`` only what names its year is returned. Lunar dates, recurring days (每周五) and
    impossible ones (2月30日) are left out.
    """
    plain = text.translate(PLAIN)
    anchor = _Anchor(_iso(issued), year, not inferred)
    found: list[DateMention] = []
    for match in _MENTION.finditer(plain):
        period = _period(match, anchor, found)
        if period and period[0] <= period[1]:
            first, last, certain = period
            found.append(DateMention(*match.span(), str(first), str(last), certain))
    return tuple(found)


def _period(match: re.Match[str], anchor: _Anchor, before: Sequence[DateMention]) -> Period | None:
    kind, issue = match.lastgroup, anchor.issue
    if kind == "iso":
        return _one(day_of(int(match["iso_y"]), int(match["iso_m"]), int(match["iso_d"])), True)
    if kind == "span":
        return _months(number(match["from"]), 1, number(match["until"]), 12, True)
    if kind == "calendar":
        return _days(match, anchor) if match["d"] else _calendar(match, anchor)
    if kind == "alone":
        return _day_alone(match, anchor, before)
    if issue is None or kind in {"lunar", "often"}:
        return None
    monday = issue - timedelta(issue.weekday())
    if kind == "day":
        word = match[0]
        day = issue + timedelta(_RELATIVE_DAYS[word[: 2 if word[0] == "大" else 1]])
        return _one(day, anchor.sure and word not in {"今天", "明天"})  # nowadays, some day
    if kind == "week":
        monday += timedelta(7 * _PERIODS_AWAY[match["which"]])
        first, last = (5, 6) if match["end"] else (0, 6)
        if match["wd"]:
            first, last = weekday(match["wd"]), weekday(match["wd2"] or match["wd"])
        return monday + timedelta(first), monday + timedelta(last), anchor.sure
    if kind == "weekday":
        return _one(monday + timedelta(weekday(match[0])), False)
    if kind == "vague":
        return issue - timedelta(VAGUE_DAYS), issue - timedelta(1), False
    year, month = _shifted(issue, match[0])
    return _months(year, month, year, month, anchor.sure)


def _days(match: re.Match[str], anchor: _Anchor) -> Period | None:
    """Return the period of a month and day, with a year or not, or of a range of days."""
    day, month = number(match["d"]), number(match["m"] or "1")
    if match["y"]:
        year, certain = _year(match["y"], anchor)
    elif match["m"]:
        year, certain = _nearest(month, day, anchor)
    elif anchor.issue:
        (year, month), certain = _shifted(anchor.issue, match["rm"]), anchor.sure
    else:
        return None
    first = day_of(year, month, day)
    if first is None or not (match["d2"] or match["d3"]):
        return _one(first, certain)
    month2 = number(match["m2"]) if match["m2"] else month
    year2 = number(match["y2"]) if match["y2"] else first.year + (month2 < month)
    last = day_of(year2, month2, number(match["d2"] or match["d3"]))
    return (first, last, certain) if last else None


def _calendar(match: re.Match[str], anchor: _Anchor) -> Period | None:
    """Return the period of a year, or of a quarter, half or months with a year or not."""
    if match["q"]:
        first, last = 3 * number(match["q"]) - 2, 3 * number(match["q"])
    elif match["half"]:
        first, last = (1, 6) if match["half"] == "上" else (7, 12)
    elif match["m3"]:
        first, last = number(match["m3"]), number(match["m4"] or match["m3"])
    else:
        first, last = 1, 12
    if match["y"]:
        year, certain = _year(match["y"], anchor)
    elif match["m3"] and not match["m3"].isascii():
        return None  # 八月桂花, 三月三
    else:
        year, certain = _nearest(first, 1, anchor)
    if year is None:
        return None
    until = number(match["y3"]) if match["y3"] else year + (last < first)
    return _months(year, first, until, last, certain)


def _day_alone(
    match: re.Match[str], anchor: _Anchor, before: Sequence[DateMention]
) -> Period | None:
    """Return the day of a bare 15日, or the days of a bare 14—16日."""
    day, text, certain = int(match["d4"]), match.string, anchor.sure
    if before and text[before[-1].end : match.start()] in {"、", "和", "及", "与"}:  # 5月14日、15日
        base = date.fromisoformat(before[-1].last)
        year, month, certain = base.year, base.month, before[-1].certain
    elif anchor.issue:
        year, month = anchor.issue.year, anchor.issue.month
        announced = text[max(0, match.start() - 2) : match.start()] in {"将于", "定于", "拟于"}
        if announced and day < anchor.issue.day:
            year, month = _shifted(anchor.issue, "下")
        elif not announced and day > anchor.issue.day:
            (year, month), certain = _shifted(anchor.issue, "上"), False
    else:
        return None
    first, last = day_of(year, month, day), day_of(year, month, int(match["d5"] or day))
    return (first, last, certain) if first and last else None


def _year(token: str, anchor: _Anchor) -> tuple[int | None, bool]:
    """Return the year that 2026, 二〇二六, 民国115 or 去 names, and whether it is certain."""
    if token in _RELATIVE_YEARS:
        now = anchor.issue.year if anchor.issue else anchor.year
        certain = anchor.sure and anchor.issue is not None
        return (now + _RELATIVE_YEARS[token] if now else None), certain
    if token in "当同次翌该每历":
        return None, False
    _, republic, since = token.partition("民国")
    return (1911 + number(since.strip()) if republic else number(token)), True


@lru_cache(maxsize=4096)
def _nearest(month: int, day: int, anchor: _Anchor) -> tuple[int | None, bool]:
    """Return the year that puts the day nearest to the issue, and whether that is certain."""
    issue = anchor.issue
    if issue is None:
        return anchor.year, False
    days = [on for year in (-1, 0, 1) if (on := day_of(issue.year + year, month, day))]
    if not days:
        return None, False
    nearest = min(days, key=lambda on: abs(on - issue))
    return nearest.year, anchor.sure and abs(nearest - issue).days <= NEAR_DAYS


def _months(
    year: int | None, first: int, until: int | None, last: int, certain: bool
) -> Period | None:
    """Return the period from the first day of one month to the last day of another."""
    start, end = day_of(year, first, 1), day_of(until, last, 1)
    if not start or not end:
        return None
    return start, end.replace(day=calendar.monthrange(end.year, end.month)[1]), certain


def _shifted(day: date, words: str) -> tuple[int, int]:
    """Return the year and month that 本月, 上月 or 下月 is on ``day``."""
    months = 12 * day.year + day.month - 1 + _PERIODS_AWAY[words[0]]
    return months // 12, months % 12 + 1


def _iso(issued: str | None) -> date | None:
    try:
        day = date.fromisoformat(issued or "")
    except ValueError:
        return None
    return day if day.year in YEARS else None


def weekday(name: str) -> int:
    """Return 0 for 周一 to 6 for 星期日 and 星期天; only the last character counts."""
    return 6 if name[-1] == "天" else "一二三四五六日".index(name[-1])


def _one(day: date | None, certain: bool) -> Period | None:
    return (day, day, certain) if day else None


def day_of(year: int | None, month: int, day: int) -> date | None:
    """Return the day, None where there is no such day between 1900 and 2099."""
    if year is None or year not in YEARS or not 1 <= month <= 12:
        return None
    return date(year, month, day) if 1 <= day <= calendar.monthrange(year, month)[1] else None


def number(digits: str) -> int:
    """Return the value of 15, 十五, 廿五, 一一五 or 一百一十五 (no more than hundreds)."""
    if digits.isascii():
        return int(digits)
    if len(digits) > 1 and not set(digits) & set(_DIGITS_OF_TEN):
        return int("".join(str(N.index(digit)) for digit in digits))
    value, last = 0, 0
    for character in digits:
        if character in N:
            last = N.index(character)
        else:
            unit = _DIGITS_OF_TEN[character]
            value, last = value + (last or 1) * unit, 0
    return value + last
