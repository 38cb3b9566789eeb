"""Dates: when a page was issued, which days its words name, and where they say nothing."""

import calendar
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.dates import article_year, issue_date, mentions, speaking_day
from index.mentions import number
from tests.growth import grows_linearly

ISSUE = "2026-03-05"  # a Thursday
SEEDS = Path(__file__).parent.parent / "seeds"
# The line on which each body of a seed page begins.
BODIES = {
    "000_361fbcaa1fcc6c1b.txt": (12, 31, 47, 80, 104),
    "001_98d33fa018142c74.txt": (9, 71, 97, 115, 133),
    "002_4b71105106d275e4.txt": (7, 25, 39, 58, 76, 88, 98, 112, 134),
    "003_5e2947be35dd0853.txt": (13, 82, 101, 118, 139),
    "004_5e4219b278fb5d6c.txt": (12, 42, 64, 82, 101, 114),
}


def bodies_of(file: str) -> list[str]:
    lines = (SEEDS / file).read_text(encoding="utf-8").split("\n")
    starts = [*BODIES[file], len(lines) + 1]
    return ["\n".join(lines[a - 1 : b - 1]) for a, b in pairwise(starts)]


def found(text: str, issued: str | None = ISSUE, year: int | None = None) -> list[tuple[str, ...]]:
    """Return the words and days of each mention; a single day once, a guess with a ?."""
    return [
        (
            text[m.start : m.end],
            *dict.fromkeys((m.first, m.last)),
            *(() if m.certain else ("?",)),
        )
        for m in mentions(text, issued, year)
    ]


FULL = [
    ("2026年3月4日", "2026-03-04"),
    ("２０２６年３月４日", "2026-03-04"),
    ("二〇二六年三月四日", "2026-03-04"),
    ("二○二六年三月四日", "2026-03-04"),
    ("一九九八年十二月三十一日", "1998-12-31"),
    ("二〇二六年三月廿一日", "2026-03-21"),
    ("2026年3月 4 日", "2026-03-04"),
    ("2026 年 3 月 4 日", "2026-03-04"),
    ("2026.03.04", "2026-03-04"),
    ("2026-3-4", "2026-03-04"),
    ("2026/3/4", "2026-03-04"),
    ("２０２６．０３．０４", "2026-03-04"),
    ("中華民國115年3月4日", "2026-03-04"),
    ("民国一百一十五年三月四日", "2026-03-04"),
    ("民國一一五年三月四日", "2026-03-04"),
    ("2026年3月4号", "2026-03-04"),
    ("2026年3月4號", "2026-03-04"),
    ("2026年3月4日（星期三）", "2026-03-04"),
    ("2026年3月4日 星期三", "2026-03-04"),
]


@pytest.mark.parametrize(("words", "day"), FULL)
def test_a_full_date_needs_no_issue_and_ends_where_its_words_end(words: str, day: str) -> None:
    text = f"于{words}，举行"
    assert [(m.start, m.end, m.first, m.last, m.certain) for m in mentions(text, None)] == [
        (1, 1 + len(words), day, day, True)
    ]


RELATIVE = [
    ("昨日", "2026-03-04"), ("昨天", "2026-03-04"), ("昨晚", "2026-03-04"),
    ("昨（4）日", "2026-03-04"), ("昨(4日)", "2026-03-04"), ("今日", "2026-03-05"),
    ("今晚", "2026-03-05"), ("今（5）日", "2026-03-05"), ("明日", "2026-03-06"),
    ("前天", "2026-03-03"), ("大前天", "2026-03-02"), ("后天", "2026-03-07"),
    ("後天", "2026-03-07"),
    ("上周五", "2026-02-27"), ("上週五", "2026-02-27"), ("上个星期天", "2026-03-01"),
    ("上個禮拜天", "2026-03-01"), ("本周三", "2026-03-04"), ("这周三", "2026-03-04"),
    ("下周一", "2026-03-09"), ("下下周一", "2026-03-16"), ("上上周日", "2026-02-22"),
    ("5月15日", "2026-05-15"), ("今年5月15日", "2026-05-15"), ("去年5月15日", "2025-05-15"),
    ("前年12月1日", "2024-12-01"), ("明年1月1日", "2027-01-01"), ("本月15日", "2026-03-15"),
    ("上月27日", "2026-02-27"), ("上个月27日", "2026-02-27"), ("下月5日", "2026-04-05"),
    ("三月四日", "2026-03-04"), ("4日", "2026-03-04"), ("将于25日", "2026-03-25"),
]  # fmt: skip
PERIODS = [
    ("3月3日至5日", "2026-03-03", "2026-03-05"), ("3月3日到5日", "2026-03-03", "2026-03-05"),
    ("3月14—16日", "2026-03-14", "2026-03-16"), ("3月14－16日", "2026-03-14", "2026-03-16"),
    ("3月14、15日", "2026-03-14", "2026-03-15"), ("3月3日—4月2日", "2026-03-03", "2026-04-02"),
    ("２月２８日至３月２日", "2026-02-28", "2026-03-02"), ("1日至3日", "2026-03-01", "2026-03-03"),
    ("2025年12月30日至1月2日", "2025-12-30", "2026-01-02"),
    ("12月30日至1月2日", "2025-12-30", "2026-01-02"),
    ("2025年12月30日至2026年1月2日", "2025-12-30", "2026-01-02"),
    ("上周", "2026-02-23", "2026-03-01"), ("本周", "2026-03-02", "2026-03-08"),
    ("下週", "2026-03-09", "2026-03-15"), ("本周末", "2026-03-07", "2026-03-08"),
    ("上周二至周四", "2026-02-24", "2026-02-26"),
    ("本月", "2026-03-01", "2026-03-31"), ("上月", "2026-02-01", "2026-02-28"),
    ("下个月", "2026-04-01", "2026-04-30"), ("今年", "2026-01-01", "2026-12-31"),
    ("去年", "2025-01-01", "2025-12-31"), ("前年", "2024-01-01", "2024-12-31"),
    ("明年", "2027-01-01", "2027-12-31"), ("1月份", "2026-01-01", "2026-01-31"),
    ("1至4月", "2026-01-01", "2026-04-30"), ("今年1—4月", "2026-01-01", "2026-04-30"),
    ("2025年1月至12月", "2025-01-01", "2025-12-31"), ("2024年2月", "2024-02-01", "2024-02-29"),
    ("今年一季度", "2026-01-01", "2026-03-31"), ("2025年第四季度", "2025-10-01", "2025-12-31"),
    ("去年上半年", "2025-01-01", "2025-06-30"), ("今年下半年", "2026-07-01", "2026-12-31"),
    ("2025年", "2025-01-01", "2025-12-31"), ("2026至2028年", "2026-01-01", "2028-12-31"),
    ("2026年至2028年", "2026-01-01", "2028-12-31"),
]  # fmt: skip
GUESSES = [
    ("近日", "2026-02-26", "2026-03-04"), ("日前", "2026-02-26", "2026-03-04"),
    ("连日来", "2026-02-26", "2026-03-04"), ("連日來", "2026-02-26", "2026-03-04"),
    ("周五", "2026-03-06", "2026-03-06"), ("星期一", "2026-03-02", "2026-03-02"),
    ("25日", "2026-02-25", "2026-02-25"), ("今天", "2026-03-05", "2026-03-05"),
    ("明天", "2026-03-06", "2026-03-06"), ("9月1日", "2026-09-01", "2026-09-01"),
    ("四季度", "2025-10-01", "2025-12-31"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "first"), RELATIVE)
def test_a_day_is_counted_from_the_issue(words: str, first: str) -> None:
    days = mentions(f"，{words}，", ISSUE)
    assert [(m.first, m.last, m.certain) for m in days] == [(first, first, True)]
    assert words.endswith(f"，{words}，"[days[0].start : days[0].end])


@pytest.mark.parametrize(("words", "first", "last"), PERIODS)
def test_a_period_has_its_first_and_its_last_day(words: str, first: str, last: str) -> None:
    assert [(*row[:3], "")[:3] for row in found(f"，{words}，")] == [(words, first, last)]
    assert all(m.certain for m in mentions(f"，{words}，", ISSUE))


@pytest.mark.parametrize(("words", "first", "last"), GUESSES)
def test_what_is_an_assumption_says_so(words: str, first: str, last: str) -> None:
    (mention,) = mentions(f"，{words}，", ISSUE)
    assert (mention.first, mention.last, mention.certain) == (first, last, False)


@pytest.mark.parametrize(
    "text",
    [
        "光明日报报道", "文明天下", "时至今日", "能有今天", "今天的义乌", "今日头条",
        "如今天气转暖", "当今日本", "目前天气", "目前年产值3亿元", "20年前年轻人", "过去年代",
        "证明年龄", "至今年轻", "1980年代", "上世纪80年代", "展会共设2012个展位", "2000年历史",
        "1234年", "2199年3月4日", "以上周期", "上周边", "会上周恩来", "四周一片", "每周五",
        "每周一至周五", "周一至周五",
        "本周期", "一周五天", "附近日本料理", "最近日子", "3日前完成", "生日前夕", "日前夕",
        "15日内", "为期3日", "第5日", "每月15日", "7日游", "15日元", "人民日报", "每年3月5日",
        "当年5月15日", "同年12月", "2月30日", "2026年2月30日", "2026-13-01", "13月1日",
        "农历三月初四", "農曆正月十五", "农历二月十五日", "八月桂花", "三月三", "海上月亮",
        "日本月", "3个月", "2026.3.4.1", "电话0579-85381234", "18:30", "3.15", "20年", "晚上月色",
    ],
)  # fmt: skip
def test_words_that_only_look_like_a_date_are_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "issued", "expected"),
    [
        ("昨日（3月4日）上午", ISSUE, [("昨日", "2026-03-04"), ("3月4日", "2026-03-04")]),
        ("5月14日、15日", "2026-05-20", [("5月14日", "2026-05-14"), ("15日", "2026-05-15")]),
        ("1月5日", "2025-12-30", [("1月5日", "2026-01-05")]),
        ("12月30日", "2026-01-02", [("12月30日", "2025-12-30")]),
        ("30日", "2026-01-02", [("30日", "2025-12-30", "?")]),
        ("将于5日", "2026-12-30", [("5日", "2027-01-05")]),
        ("去年12月", "2026-01-02", [("去年12月", "2025-12-01", "2025-12-31")]),
        ("2月29日", "2026-03-05", []),
        ("2月29日", "2025-01-05", [("2月29日", "2024-02-29", "?")]),
        ("截至今年一季度", ISSUE, [("今年一季度", "2026-01-01", "2026-03-31")]),
        ("上周五场比赛", ISSUE, [("上周", "2026-02-23", "2026-03-01")]),
        ("2026年3月4日（周三）和周五", ISSUE,
         [("2026年3月4日（周三）", "2026-03-04"), ("周五", "2026-03-06", "?")]),
        ("会议15日报道，15日报", ISSUE, [("15日", "2026-02-15", "?")]),
    ],
)  # fmt: skip
def test_the_year_month_and_week_follow_from_the_issue(
    text: str, issued: str, expected: list[tuple[str, ...]]
) -> None:
    assert found(text, issued) == expected


def test_without_an_issue_only_what_names_its_year_is_resolved() -> None:
    text = "昨日，3月4日，15日，去年，近日，周五，一季度，2025年6月27日，2024年"
    assert found(text, None) == [
        ("2025年6月27日", "2025-06-27"),
        ("2024年", "2024-01-01", "2024-12-31"),
    ]


def test_a_year_alone_dates_months_but_not_yesterday_and_is_an_assumption() -> None:
    assert found("昨日，3月4日，15日，去年，今年一季度", None, 2026) == [
        ("3月4日", "2026-03-04", "?"),
        ("去年", "2025-01-01", "2025-12-31", "?"),
        ("今年一季度", "2026-01-01", "2026-03-31", "?"),
    ]


def test_an_inferred_issue_makes_what_hangs_on_it_uncertain() -> None:
    text = "昨日，3月3日，去年；2025年6月27日"
    assert [m.certain for m in mentions(text, ISSUE, inferred=True)] == [False, False, False, True]


@pytest.mark.parametrize("issued", ["", "yesterday", "2026-02-30", "0001-01-01", "9999-12-31"])
def test_an_issue_that_is_no_day_is_no_issue(issued: str) -> None:
    assert found("昨日，2025年6月27日", issued) == [("2025年6月27日", "2025-06-27")]


days = st.dates(date(1901, 1, 1), date(2098, 12, 31))
pieces = st.sampled_from(
    [*"0123456789０９一二三十廿零〇年月日号至到-—、周上下本今昨明去前后星期农历近",
     *"中华民国季度半 \n(（)）",
     "2026", "3月4日", "昨日", "近日", "上周五", "将于", "民国", "一季度", "本报讯", "电", "会"]
)  # fmt: skip
texts = st.one_of(st.text(), st.lists(pieces, max_size=30).map("".join))


@given(texts, st.one_of(st.none(), st.text(max_size=12), days.map(str)), st.none() | st.integers())
@example("昨(0)日", "1900-01-01", 0)
@example("\ud800昨日", "2099-12-31", None)
def test_any_text_is_read_without_an_error_and_offsets_hold(
    text: str, issued: str | None, year: int | None
) -> None:
    found_days = mentions(text, issued, year)
    end = 0
    for mention in found_days:
        assert end <= mention.start < mention.end <= len(text)
        assert date.fromisoformat(mention.first) <= date.fromisoformat(mention.last)
        end = mention.end
    printed, source = issue_date([text], text, [text, text])
    assert (printed is None) == (source is None)
    assert printed is None or 1900 <= date.fromisoformat(printed).year <= 2100
    article_year(text)
    speaking_day(text, issued)


@given(days)
def test_days_agree_with_the_calendar(day: date) -> None:
    issued = day.isoformat()
    for word, away in (("前天", -2), ("昨日", -1), ("今日", 0), ("明日", 1), ("后天", 2)):
        assert mentions(word, issued)[0].first == str(day + timedelta(away))
    for week, away in (("上周", -1), ("本周", 0), ("下周", 1)):
        for at, name in enumerate("一二三四五六日"):
            expected = date.fromisocalendar(*(day + timedelta(7 * away)).isocalendar()[:2], at + 1)
            assert mentions(f"{week}{name}", issued)[0].first == str(expected)
    last = calendar.monthrange(day.year, day.month)[1]
    assert mentions("本月", issued)[0].last == str(day.replace(day=last))


@given(days, st.dates(date(1903, 1, 1), date(2096, 12, 31)))
def test_a_day_without_a_year_is_the_nearest_one(other: date, issue: date) -> None:
    (mention,) = mentions(f"{other.month}月{other.day}日", issue.isoformat()) or (None,)
    away = [abs(day - issue) for day in _same_days(other, issue.year)]
    if mention is None:
        assert not away
    else:
        day = date.fromisoformat(mention.first)
        assert (day.month, day.day) == (other.month, other.day)
        assert abs(day - issue) == min(away)


def _same_days(other: date, year: int) -> list[date]:
    years = [y for y in (year - 1, year, year + 1) if calendar.isleap(y) or other.day != 29
             or other.month != 2]  # fmt: skip
    return [other.replace(year=y) for y in years]


@given(st.integers(1, 99))
def test_chinese_numerals_below_a_hundred_are_read(value: int) -> None:
    digits = "零一二三四五六七八九"
    tens, ones = divmod(value, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{digits[tens]}十"
    assert number(head + (digits[ones] if ones or not tens else "")) == value


MASTHEADS = [
    (["义乌商报", "2026年3月4日 星期三", "第2版"], "2026-03-04"),
    (["二〇二六年三月四日 农历丙午年正月十六 星期三"], "2026-03-04"),
    (["２０２６年３月４日"], "2026-03-04"),
    (["2026.03.04", "A01"], "2026-03-04"),
    (["中華民國115年3月4日 星期三"], "2026-03-04"),
    (["農曆丙午年正月十六 2026年3月 4 日"], "2026-03-04"),
    (["2026年3月", "4日", "星期三"], "2026-03-04"),
    (["星期三 2026-3-4"], "2026-03-04"),
    (["1949年5月1日创刊 2026年3月4日"], "2026-03-04"),
    (["创刊于1949年5月1日", "2026年3月4日"], "2026-03-04"),
    (["2026年3月3日截稿", "2026年3月4日 星期三"], "2026-03-04"),
    (["20260304 义乌商报 A08", "星期三"], "2026-03-04"),
    (["20260304 义乌商报 A08", "星期五"], None),
    (["电话 20260304", "120260304"], None),
    (["热线 0579-85381234", "邮编322000", "扫一扫"], None),
    (["2026年2月30日"], None),
    (["1899年3月4日"], None),
    (["2026年3月"], None),
    (["2026年3月4日 星期五"], None),  # a Wednesday: nothing says what is misread
    (["2026年3月4日 星期五", "2026年3月5日 星期四"], "2026-03-05"),
    ([], None),
]


@pytest.mark.parametrize(("lines", "day"), MASTHEADS)
def test_the_masthead_dates_the_page(lines: list[str], day: str | None) -> None:
    assert issue_date(lines, "000_361fbcaa1fcc6c1b.txt", ["昨日"]) == (
        (day, "masthead") if day else (None, None)
    )


FILES = [
    ("2026-03-04_01.txt", "2026-03-04"),
    ("20260304-A01.txt", "2026-03-04"),
    ("20260304A01.txt", "2026-03-04"),
    ("2026/03/04/page1.txt", "2026-03-04"),
    ("2026-03/04/node_2.txt", "2026-03-04"),
    ("202603/04/node_2.txt", "2026-03-04"),
    ("rmrb_1998-01-01", "1998-01-01"),
    ("rmrb19980101.txt", "1998-01-01"),
    ("义乌商报2026年3月4日第1版.txt", "2026-03-04"),
    ("ywsb_2026.03.04.txt", "2026-03-04"),
    ("crawl-2026-05-01/2026-03-04_01.txt", "2026-03-04"),
    ("２０２６０３０４.txt", "2026-03-04"),
    ("000_361fbcaa1fcc6c1b.txt", None),
    ("98d33fa018142c74", None),
    ("a20260304f.txt", None),
    ("0020260304.txt", None),
    ("20260304123000.txt", None),
    ("13819981231.txt", None),
    ("0579-20011231.txt", None),
    ("2026-13-04.txt", None),
    ("20260230.txt", None),
    ("2026/03/page4.txt", None),
    ("18991231.txt", None),
    ("", None),
]


@pytest.mark.parametrize(("file", "day"), FILES)
def test_a_date_in_the_path_dates_the_page_and_other_digits_do_not(
    file: str, day: str | None
) -> None:
    assert issue_date([], file, []) == ((day, "file name") if day else (None, None))


def test_the_masthead_comes_before_the_file_name_unless_its_weekday_contradicts_it() -> None:
    assert issue_date(["2026年3月4日 星期三"], "2026-03-05.txt", []) == ("2026-03-04", "masthead")
    assert issue_date(["2026年3月4日 星期四"], "2026-03-05.txt", []) == ("2026-03-05", "file name")


EVENT = "本报讯 3月4日，2026年义乌车展在博览中心开幕。"
INFERRED = [
    ([EVENT, "本报讯 3月4日，市长调研。", "本报讯 3月3日，开会。"], "2026-03-05"),
    (["本报讯 昨日（2026年3月4日），全市大会召开。"], "2026-03-05"),
    (["本报讯 今日（2026年3月5日），全市大会召开。"], "2026-03-05"),
    (["本报訊 昨天（2026年3月4日），全市大會召開。"], "2026-03-05"),
    (["本报讯 2026年3月4日，甲。", "本报讯 2026年3月4日，乙。"], "2026-03-05"),
    ([EVENT, "本报讯 昨（3月4日）日，乙。"], "2026-03-05"),
    ([EVENT], None),  # one article only
    ([EVENT, "本报讯 3月4日，甲。", "本报讯 3月6日，乙。"], None),  # a later one
    ([EVENT, "本报讯 昨日，甲。"], None),  # 昨日 may be any day
    (["本报讯 3月4日，甲。", "本报讯 3月4日，乙。"], None),  # no year
    (["本报讯 3月6日，2026年车展开幕式举行。", "本报讯 3月6日，乙。"], None),  # a Friday
    ([EVENT, "将于3月4日举行。"], None),  # announced
    (["本报讯 昨日（2026年3月4日），甲。", "本报讯 昨日（2026年3月3日），乙。"], None),
    (["本报讯 昨日（2026年3月4日），甲。", "本报讯 3月9日，乙。"], None),
    (["1949年5月1日，义乌解放。", "1949年5月1日，开会。"], None),
    ([], None),
]


@pytest.mark.parametrize(("bodies", "day"), INFERRED)
def test_an_issue_is_inferred_only_where_the_text_pins_it_down(
    bodies: list[str], day: str | None
) -> None:
    assert issue_date([], "page.txt", bodies) == ((day, "inferred") if day else (None, None))


@pytest.mark.parametrize(
    ("file", "year", "day"),
    [
        ("000_361fbcaa1fcc6c1b.txt", None, None),  # 昨日 and no date
        ("001_98d33fa018142c74.txt", 2026, None),  # Friday 15 May, twice
        ("002_4b71105106d275e4.txt", 2026, None),  # 1 February twice, then 2 February
        ("003_5e2947be35dd0853.txt", 2026, None),  # one article of 18 May
        ("004_5e4219b278fb5d6c.txt", 2026, "2026-03-05"),  # 4 March, twice
    ],
)
def test_the_seed_pages_give_what_a_careful_reader_would_swear_to(
    file: str, year: int | None, day: str | None
) -> None:
    bodies = bodies_of(file)
    assert article_year("\n".join(bodies)) == year
    assert issue_date([], file, bodies) == ((day, "inferred") if day else (None, None))


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("今年（2026年）一季度", 2026),
        ("今年是2026年", 2026),
        ("新华社北京2026年3月4日电 记者", 2026),
        ("本报讯 2026年3月4日，会议召开。", 2026),
        ("5月14日，为期三天的2026义博会印尼展在雅加达收官。", 2026),
        ("昨日，2026年“三八”国际妇女节活动在六区启幕。", 2026),
        ("昨日获悉，2026年全国城市巡回招聘活动，将于5月22日举行。", 2026),
        ("昨日，2026年車展開幕。到2030年，建成。", 2026),
        ("昨日，2026年车展开幕。2027年车展已结束。", None),
        ("昨日，2026年车展开幕。昨日，2025年车展开幕。", None),
        ("昨日，2025年度总结大会召开。", None),
        ("昨日从统计局获悉，2025年我市展会举行30场。", None),
        ("12月28日，2027年新年音乐会举行。", None),
        ("12月28日获悉，2027年车展将于1月8日举行。", None),
        ("2014年11月18日，首列班列启程。", None),
        ("昨日，共设2012个展位的展会开幕。", None),
        ("2025年，产值增长。", None),
        ("本报1949年5月1日创刊。", None),
        ("", None),
    ],
)
def test_the_year_of_a_text_is_given_only_where_it_is_certain(text: str, year: int | None) -> None:
    assert article_year(text) == year


@pytest.mark.parametrize(
    ("body", "day"),
    [
        ("新华社北京3月4日电（记者 王某）今天，会议召开。", "2026-03-04"),
        ("本报北京3月3日电 记者", "2026-03-03"),
        ("據新華社北京3月4日電", "2026-03-04"),
        ("本报讯 3月4日，会议召开。", ISSUE),
        ("会议召开。", ISSUE),
        ("", ISSUE),
    ],
)
def test_today_in_an_agency_report_is_the_day_of_its_dateline(body: str, day: str) -> None:
    assert speaking_day(body, ISSUE) == day


@pytest.mark.parametrize(
    "unit", ["1", "日", "2026年", "1月", "1-", "中华民国一", "周一至", "农历", "2026 年 ", "十",
             "\n本报", "昨日2026年会举", "昨日，2026年展展展展展展", "5月14日、15日、",
             "。", "义乌"]
)  # fmt: skip
def test_time_grows_with_the_text_and_no_faster(unit: str) -> None:
    def read(size: int) -> None:
        text = (unit * (size // len(unit) + 1))[:size]
        mentions(text, ISSUE)
        issue_date([text], text, [text])

    assert grows_linearly(read, 10_000)
