"""When a page was issued, and which days its articles name (:func:`mentions`)."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from index.mentions import DAY, MONTH, PLAIN, WEEKDAY, YEAR, DateMention, day_of, mentions, number
from index.mentions import weekday as weekday_of
from index.patterns import regex
from index.types import DateSource

__all__ = ["DateMention", "article_year", "issue_date", "mentions", "speaking_day"]

OPENING_CHARS = 120  # an opening names its day here or not at all
NOTED_DAYS = 2  # an inferred issue is at most so many days after the latest opening
DAYS_OF_AN_EVENT = 15  # a longer period is a month or a year
FRIDAY, SATURDAY = 4, 5

_PATH_DATE = regex(
    r"(?<![0-9])(?P<y>(?:19|20)[0-9]{2})(?:"
    r"(?P<s>[-_.])(?P<m1>[01]?[0-9])(?:(?P=s)|/)(?P<d1>[0-3]?[0-9])(?![0-9])"  # 2026-03/04, too
    r"|/(?P<m2>[01]?[0-9])/(?P<d2>[0-3]?[0-9])(?![0-9])"
    r"|(?P<m3>[01][0-9])/(?P<d3>[0-3][0-9])(?=/)"
    r"|年(?P<m4>[01]?[0-9])月(?P<d4>[0-3]?[0-9])日)"
    # 20260304, rmrb20260304, 20260304A01; not within a hash, a phone number, a time stamp
    r"|(?<![0-9A-Za-z])(?<!0[0-9]{3}-)(?:[A-Za-z]{0,12}[g-zG-Z][A-Za-z]{0,12})?"
    r"(?P<y5>(?:19|20)[0-9]{2})(?P<m5>[01][0-9])(?P<d5>[0-3][0-9])"
    r"(?:[A-Za-z][0-9]{1,2})?(?![0-9A-Za-z])"
)
_COMPACT = regex(r"^\s*((?:19|20)[0-9]{2})([01][0-9])([0-3][0-9])(?=\s|$)")  # 20260304 A01
_DATELINE = regex(
    rf"\s*[（(【]?(?:据?新华社|中新社|中新网|本报|本社|人民网|央视网)[^。，,\n\d]{{0,12}}"
    rf"(?P<day>(?:{YEAR}年)?{MONTH}月{DAY}日)[^。，,\n\d]{{0,6}}电"
)
_SPOKEN = regex(
    rf"今年(?:\(|是)({YEAR})|({YEAR})年?\(今年\)|[昨今][日天]?\(({YEAR})年{MONTH}月{DAY}日"
    r"|(?m:^)\s{0,4}[（(【]?(?:本报|本社|新华社|中新社)[^，。,\n\d]{0,12}"
    rf"({YEAR})年(?!12月|十二月){MONTH}月{DAY}日(?!创刊)"
)
_NAMED = regex(
    r"(?<![\d.第])(?P<y>(?:19|20)[0-9]{2})年?(?![年度个家名位人次天项条座届轮倍岁种场吨元件台辆万亿多余])"
    r"[^，。、；：,;:\n\d]{1,24}?(?:会|展|赛|节|站|活动|仪式|论坛)"
)
_NEAR = regex(rf"昨[日天晚]|今[日天](?!的)|(?<![年\d])({MONTH})月{DAY}日")
_ANNOUNCED = regex("[将拟定]于(1[0-2]|[1-9])月")
_COMING = regex("^[起前]|即将|将(?:于|在|举|迎|开|正|全|有|召|进)")
_HELD = regex("举[行办]|召开|[开启闭]幕|收官|落幕|开赛|开讲|启动|拉开")
_RECAP = regex(
    "发布|总结|表彰|述职|考核|盘点|回顾|年度|情况|通报|颁奖|年会|获悉|统计|数据|公[布示]"
)
_FOUNDED = regex("创刊(?:于|日期|[:：]) ?$")
_AHEAD = regex("[到至将拟~-]|计划|预计|力争|有望|目标|明年")


def speaking_day(body: str, issued: str | None) -> str | None:
    """Return the day that 今天 means in an article: that of its dateline, else ``issued``.

    An agency writes 新华社北京3月4日电 and 今天 for 4 March; it is printed on the 5th.
    """
    match = _DATELINE.match(body[:OPENING_CHARS].translate(PLAIN))
    days = mentions(match["day"], issued) if match else ()
    return days[0].first if days else issued


def issue_date(
    head_lines: Sequence[str], file: str, bodies: Sequence[str]
) -> tuple[str | None, DateSource | None]:
    """Return the day of issue as YYYY-MM-DD and where it was read, or ``(None, None)``.

    *masthead*: the first full date of ``head_lines``, one beside its weekday before others. A
    date that its weekday contradicts is left out: nothing says which of the two is misread, and
    a wrong day would move every 昨日 of the page.

    *file name*: the last date in the path, as 2026-03-04, 20260304 or 2026/03/04; digits within
    a longer number or word are none.

    *inferred*: a daily prints the day after. The year must be certain (:func:`article_year`),
    and either one opening says which day it calls 昨日 or 今日, as in 昨日（3月4日）, or at least
    two articles open with the same day; in both cases none opens with a later one. Announced
    days (将于) do not count. Nothing is inferred from a Friday or a Saturday, which a paper
    that rests at the weekend reports on Monday.
    """
    if printed := _masthead(" ".join(_COMPACT.sub(r"\1-\2-\3", line) for line in head_lines)):
        return printed, "masthead"
    if named := _in_path(file):
        return named, "file name"
    if inferred := _inferred(bodies):
        return inferred, "inferred"
    return None, None


def article_year(text: str) -> int | None:
    """Return the year that ``text`` speaks from where that is certain, else None.

    Certain is: 今年（2026年）; a full date in a dateline or after 昨日; an event that bears the
    year and took place 昨日 or on a month and day (5月14日，…2026义博会…收官), or is to. All such
    must agree, and a later year may only be spoken of as the future. Other years say nothing
    (2025年，产值…), nor do dates about the turn of the year.
    """
    plain = text.translate(PLAIN)
    years = {number(year) for match in _SPOKEN.finditer(plain) for year in match.groups() if year}
    years.update(_years_of_events(plain))
    if len(years) != 1:
        return None
    (year,) = years
    for match in re.finditer(rf"({YEAR})年(?![底末前起])", plain):
        ahead = _AHEAD.search(plain, max(0, match.start() - 8), match.start())
        if number(match[1]) > year and not ahead:
            return None
    return year


def _years_of_events(plain: str) -> Iterator[int]:
    for match in _NAMED.finditer(plain):
        before = re.split(r"[。！？\n]", plain[max(0, match.start() - 60) : match.start()])[-1]
        after = re.split(r"[。！？\n]", plain[match.end() : match.end() + 40])[0]
        announced, near = _ANNOUNCED.search(after), _NEAR.search(before)
        if announced:
            held = int(announced[1]) > 3  # in December, next January's fair bears next year
        else:
            recap = _RECAP.search(before + match[0] + after)
            held = bool(near and number(near[1] or "1") < 11 and _HELD.search(after) and not recap)
        if held:
            yield int(match["y"])


def _masthead(head: str) -> str | None:
    plain, unmarked = head.translate(PLAIN), ""
    for mention in mentions(head, None):
        before = plain[max(0, mention.start - 6) : mention.start]
        after = plain[mention.end : mention.end + 20]
        words = before + plain[mention.start : mention.end] + after
        if mention.first != mention.last or after.startswith("创刊") or _FOUNDED.search(before):
            continue
        weekdays = {weekday_of(name) for name in re.findall(WEEKDAY, words)}
        if date.fromisoformat(mention.first).weekday() in weekdays:
            return mention.first
        if not weekdays:
            unmarked = unmarked or mention.first
    return unmarked or None


def _in_path(file: str) -> str | None:
    found: date | None = None
    for match in _PATH_DATE.finditer(file.translate(PLAIN)):
        digits = (part for part in match.groups() if part and part.isdigit())
        found = day_of(*map(int, digits)) or found
    return str(found) if found else None


def _inferred(bodies: Sequence[str]) -> str | None:
    year = article_year("\n".join(bodies))
    days: list[date] = []
    issues: set[date] = set()
    for body in bodies if year else ():
        opening = body.lstrip()[:OPENING_CHARS].split("\n")[0].translate(PLAIN)
        for mention in mentions(opening, None, year):
            before, after = opening[: mention.start], opening[mention.end : mention.end + 16]
            first, last = date.fromisoformat(mention.first), date.fromisoformat(mention.last)
            a_day = last.year == year and (last - first).days < DAYS_OF_AN_EVENT
            if a_day and not re.search("[将拟定]于$", before) and not _COMING.search(after):
                days.append(last)
                if spoken := re.search(r"([昨今])[日天]?\($", before):
                    issues.add(last + timedelta(spoken[1] == "昨"))
                break
    if not days:
        return None
    latest = max(days)
    if not issues and days.count(latest) > 1 and latest.weekday() not in {FRIDAY, SATURDAY}:
        issues = {latest + timedelta(1)}
    fitting = {day for day in issues if 0 <= (day - latest).days <= NOTED_DAYS}
    return str(fitting.pop()) if len(issues) == len(fitting) == 1 else None
