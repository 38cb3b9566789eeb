"""A question about articles of a day, a kind or a writer is asked of those alone."""

from calendar import month_abbr, month_name, monthrange
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.page_fillings import in_chinese
from index.types import Article, CorpusError, Excerpt
from rag.filters import (
    Facets,
    Filters,
    Period,
    facets_of,
    filters_from,
    filters_in,
    reporters_of,
)
from rag.kinds import MAX_READ_CHARS
from tests.growth import grows_linearly

FACETS = Facets(
    dates={"2026-03-05": 3},
    files={"a.txt": 3},
    genres={"news": 2},
    series={"“义乌发展经验”20年·“义”起见证": 2, "奋战二季度 实干创实绩": 1},
    reporters={"龚盈盈": 3, "陈聪": 1, "吴峰宇": 2, "欧阳一鸣": 1},
)
MAY = Period("05-01", "05-31")
ARTICLE = Article(
    "a1", "a.txt", "标题", (), "■“义乌发展经验”20年·“义”起见证", "全媒体记者 龚盈盈 陈 聪",
    "2026-05-15", "interview", True, Excerpt("正文。", ()), (),
)  # fmt: skip


@pytest.mark.parametrize(
    ("question", "filters"),
    [
        ("五月中旬的访谈", Filters((Period("05-11", "05-20"),), genres=("interview",))),
        ("5月的访谈里谁谈到了义新欧？", Filters((MAY,), genres=("interview",))),
        ("五月份的报道提到哪些企业？", Filters((MAY,))),
        ("2026年3月5日的报纸上有什么？", Filters((Period("2026-03-05", "2026-03-05"),))),
        ("3月5日的新闻", Filters((Period("03-05", "03-05"),))),
        ("十二月二十一日的文章讲了什么", Filters((Period("12-21", "12-21"),))),
        ("2025年的社论", Filters((Period("2025-01-01", "2025-12-31"),), genres=("comment",))),
        ("2月底的新闻", Filters((Period("02-21", "02-29"),))),
        ("刊登于2026年3月5日的那篇讲什么", Filters((Period("2026-03-05", "2026-03-05"),))),
        ("记者龚盈盈写的报道", Filters(reporters=("龚盈盈",))),
        ("記者龔盈盈寫的報道", Filters(reporters=("龚盈盈",))),
        ("记者吴峰宇的文章里展会来了多少人？", Filters(reporters=("吴峰宇",))),
        ("２０２６年５月的访谈有哪些？",
         Filters((Period("2026-05-01", "2026-05-31"),), genres=("interview",))),
        ("2026年5月的報道有哪些？", Filters((Period("2026-05-01", "2026-05-31"),))),
        ("5月的通讯有哪些", Filters((MAY,), genres=("feature",))),
        ("哪些通讯提到了义新欧？", Filters(genres=("feature",))),
        ("记者龚盈盈采写的访谈", Filters(genres=("interview",), reporters=("龚盈盈",))),
        ("“义”起见证系列讲了哪些人", Filters(series=("“义”起见证",))),
        ("“奋战二季度 实干创实绩”系列有哪些报道", Filters(series=("奋战二季度 实干创实绩",))),
        ("哪些访谈提到了义新欧？", Filters(genres=("interview",))),
        ("哪篇评论谈到了义乌经验？", Filters(genres=("comment",))),
        ("interviews from May", Filters((MAY,), genres=("interview",))),
        ("Which articles from mid-May mention rail?", Filters((Period("05-11", "05-20"),))),
        ("news from early March 2026", Filters((Period("2026-03-01", "2026-03-10"),))),
        ("reports of March 5", Filters((Period("03-05", "03-05"),))),
        ("What was published on 5 March 2026?", Filters((Period("2026-03-05", "2026-03-05"),))),
        ("the March 5 issue", Filters((Period("03-05", "03-05"),))),
        ("articles from 2026-03", Filters((Period("2026-03-01", "2026-03-31"),))),
        ("stories from 2025", Filters((Period("2025-01-01", "2025-12-31"),))),
        ("reports in May", Filters((MAY,))),
        ("the May 27 edition", Filters((Period("05-27", "05-27"),))),
        ("articles about the Yiwu fair published in May", Filters((MAY,))),
        ("Which features do mention rail?", Filters(genres=("feature",))),
        ("Which interviews have mentioned rail?", Filters(genres=("interview",))),
        ("articles by Gong Yingying", Filters(reporters=("龚盈盈",))),
        ("Articles by Gong Yingying", Filters(reporters=("龚盈盈",))),
        ("Written by the reporter Gong Yingying", Filters(reporters=("龚盈盈",))),
        ("stories written by Yingying Gong", Filters(reporters=("龚盈盈",))),
        ("stories written by Ying Ying Gong", Filters(reporters=("龚盈盈",))),
        ("articles by Yiming Ou Yang", Filters(reporters=("欧阳一鸣",))),
        ("Which interviews mention rail?", Filters(genres=("interview",))),
        ('Who is in the series "“义”起见证"?', Filters(series=("“义”起见证",))),
    ],
)  # fmt: skip
def test_a_question_about_articles_is_narrowed(question: str, filters: Filters) -> None:
    assert filters_in(question, FACETS) == filters


@pytest.mark.parametrize(
    "question",
    [
        "5月15日签约的项目有哪些？",
        "5月15日发生了什么？",
        "展会5月举行吗？",
        "2026年展会来了多少采购商？",
        "今年第一季度的进出口总值是多少？",
        "3月4日义乌发出了多少快递？",
        "记者采访了谁？",
        "记者李四写的报道",
        "新闻发布会什么时候举行？",
        "五月花号是什么船？",
        "访谈是谁做的？",
        "谁接受了采访？",
        "他对评论员说了什么？",
        "这条新闻说了什么",
        "十五日的报名人数",
        "“共富仓”是什么？",
        "When did the fair open in May?",
        "What happened on March 5?",
        "How many buyers came in 2026?",
        "Which companies signed deals in May 2026?",
        "Who was interviewed by the mayor?",
        "deals signed by Gong Yingying",
        "articles by John Smith",
        "What did the May Day holiday bring?",
        "What may happen next?",
        "Is there news about exports?",
        "the series of fairs",
        "What did he say in the interview?",
        "他在专访中说了什么？",
        "哪些通讯企业参加了展会？",
        "5月的通讯中断是怎么回事？",
        "5月的通讯员是谁？",
        "5月27日新闻发布会公布了哪些数据？",
        "2024年新闻出版业产值是多少？",
        "拜登在2022年的峰会上见了谁？",
        "What features does the AI translation app have?",
        "What comments did the buyers make on the fair?",
        "How was the 2025 edition of the fair?",
        "Who visited the May edition of the fair?",
        "What does the annual report for 2024 say?",
        "What profit did the company report in May?",
        "What issues in 2025 worried exporters?",
        "How many certificates did the customs office issue in July?",
        "How many books were published in 2024?",
        "Which articles mention books published in May?",
    ],
)
def test_a_question_about_events_is_not(question: str) -> None:
    assert not filters_in(question, FACETS)


@pytest.mark.parametrize(
    ("first", "last", "questions"),
    [
        ("05-01", "07-31", (
            "articles from May to July", "articles from May, June and July", "5到7月的报道",
            "5月、6月和7月的报道", "5月至7月的报道", "从5月起到7月的报道", "刊登于5月到7月的报道",
        )),
        ("05-01", "06-30", (
            "articles published in May and June", "5月和6月的访谈", "五月到六月的报道",
        )),
        ("05-27", "05-29", (
            "news from May 27 to May 29", "news from May 27-29", "the 27–29 May issue",
            "5月27日到5月29日的报道", "刊登于5月27日至29日的报道",
        )),
        ("2025-05-27", "2025-05-29", (
            "news from May 27 to 29, 2025", "articles from 2025-05-27 to 2025-05-29",
        )),
        ("2025-05-01", "2025-07-31", (
            "articles from May to July 2025", "articles from May 2025 through July",
            "2025年5月到7月的报道", "2025年5到7月的报道",
        )),
        ("2025-12-01", "2026-01-31", (
            "2025年12月到2026年1月的报道", "news from December 2025 and January 2026",
        )),
        ("2025-01-01", "2026-12-31", ("articles of 2025 and 2026", "2025到2026年的报道")),
        ("02-01", "03-31", ("2月和3月的报道", "stories from February and March")),
    ],
)  # fmt: skip
def test_days_are_read_from_the_first_to_the_last(
    first: str, last: str, questions: tuple[str, ...]
) -> None:
    for question in questions:
        assert filters_in(question, FACETS).periods == (Period(first, last),), question


@pytest.mark.parametrize(
    "question",
    [
        "articles from May and July",
        "5月和7月的报道",
        "5月27日和5月29日的报道",
        "五六月的报道",
        "12月到1月的报道",
        "articles from 2024 and 2026",
        "articles from May until now",
        "articles from May and 20 others",
        "articles from 2025-05-27 and 28",
    ],
)
def test_days_that_are_no_one_span_narrow_nothing(question: str) -> None:
    assert filters_in(question, FACETS).periods == ()


@pytest.mark.parametrize("name", ["Lü Min", "Lu Min", "Lv Min", "Lyu Min", "Min Lü"])
def test_a_reporter_with_a_vowel_that_english_lacks_is_found(name: str) -> None:
    facets = replace(FACETS, reporters={"吕敏": 1})
    assert filters_in(f"articles by {name}", facets).reporters == ("吕敏",)


def test_reporters_whose_names_are_spelled_alike_are_all_meant() -> None:
    facets = replace(FACETS, reporters={"李伟": 2, "李玮": 1, "王五": 1})
    filters = filters_in("articles by Li Wei", facets)
    for byline, passes in (("记者 李伟", True), ("记者 李 玮", True), ("记者 王五", False)):
        assert filters.passes(replace(ARTICLE, byline=byline)) is passes
    both = filters & filters_from(reporter="王五")
    assert both.passes(replace(ARTICLE, byline="记者 王五 李玮"))
    assert not both.passes(replace(ARTICLE, byline="记者 李玮"))


def test_a_reporter_of_a_traditional_paper_is_asked_for_in_either_script() -> None:
    facets = replace(FACETS, reporters={"龔盈盈": 1})
    for question in ("记者龚盈盈写的报道", "記者龔盈盈寫的報道"):
        assert filters_in(question, facets).reporters == ("龔盈盈",)


def test_filters_narrow_and_never_widen() -> None:
    assert filters_from(since="2026-05").passes(ARTICLE)
    assert filters_from(until="2026-05-15").passes(ARTICLE)
    assert not filters_from(until="2026-05-14").passes(ARTICLE)
    assert not filters_from(since="2026").passes(replace(ARTICLE, date=None))
    assert Filters((MAY,)).passes(ARTICLE)
    both = filters_from(genre="interview") & filters_from(reporter="陈聪", series="义起见证")
    assert both.passes(ARTICLE)
    assert not (both & filters_from(genre="news")).passes(ARTICLE)
    assert not filters_from(file="b.txt").passes(ARTICLE)
    assert Filters().passes(ARTICLE)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"since": "May"}, r"since 'May' is no day: write YYYY-MM-DD"),
        ({"until": "2026-02-30"}, r"until '2026-02-30' is no day"),
        ({"since": "2026-13"}, "is no day"),
        ({"since": "0000-05"}, "is no day"),
        ({"since": "2026-05", "until": "2026-04"}, "no day lies between"),
        ({"genre": "gossip"}, r"genre 'gossip' is unknown; choose from: news"),
    ],
)
def test_bad_values_are_told(arguments: dict[str, str], message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        filters_from(**arguments)


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("全媒体记者 龚盈盈", ["龚盈盈"]),
        ("全媒体记者 陈 聪", ["陈聪"]),
        ("全媒体记者 陈 一鸣 吴峰宇", ["陈一鸣", "吴峰宇"]),
        ("金华日报记者 吴振荣 吴瑜涛 全媒体记者 陈 聪", ["吴振荣", "吴瑜涛", "陈聪"]),
        ("全媒体记者 吴峰宇 文/摄", ["吴峰宇"]),
        ("浙江日报评论员 刘晓庆", ["刘晓庆"]),
        ("全媒体记者 王博文", ["王博文"]),
        ("记者 李文", ["李文"]),
        ("记者 王 文", ["王文"]),
        ("记者 王博 文/图", ["王博"]),
        ("记者 王博 图文", ["王博"]),
        ("记者 陈 聪 文 李明 摄", ["陈聪", "李明"]),
        ("本报记者 张三、李四", ["张三", "李四"]),
        ("本报记者 张三，李四；王五", ["张三", "李四", "王五"]),
        ("记者 张三 & 李四", ["张三", "李四"]),
        ("记者 张三 和 李四", ["张三", "李四"]),
        ("记者 张三、通讯员 李四", ["张三", "李四"]),
        ("记者 张三，全媒体记者李四 文/图", ["张三", "李四"]),
        ("记者 阿依古丽·买买提", []),
        ("来源：浙江宣传", []),
        ("", []),
    ],
)
def test_names_are_read_from_bylines(byline: str, names: list[str]) -> None:
    assert reporters_of(byline) == names


def test_facets_count_what_can_be_chosen() -> None:
    facets = facets_of([ARTICLE, replace(ARTICLE, date=None, genre="news", kicker="")])
    assert facets.dates == {"2026-05-15": 1}
    assert facets.reporters == {"龚盈盈": 2, "陈聪": 2}
    assert facets.genres == {"interview": 1, "news": 1}
    assert facets.files == {"a.txt": 2}


@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_has_its_days(month: int) -> None:
    last = monthrange(2024, month)[1]
    name, short = month_name[month], month_abbr[month]
    of_month = (f"{month}月的报道", f"{in_chinese(month)}月的报道", f"articles from {name}")
    of_day = (
        f"{month}月{last}日的报道",
        f"{in_chinese(month)}月{in_chinese(last)}日的报道",
        f"articles from {name} {last}",
        f"articles from {last} {short}.",
    )
    for first, questions in ((1, of_month), (last, of_day)):
        period = Period(f"{month:02}-{first:02}", f"{month:02}-{last:02}")
        for question in questions:
            assert filters_in(question, FACETS).periods == (period,), question
    for question in (f"{month}月{last + 1}日的报道", f"articles from {name} {last + 1}"):
        assert filters_in(question, FACETS).periods == (), question


def test_september_is_shortened_in_two_ways() -> None:
    for name in ("Sep", "Sept", "Sept."):
        assert filters_in(f"articles from {name} 5", FACETS).periods == (Period("09-05", "09-05"),)


def test_of_two_kinds_the_first_is_asked_for() -> None:
    assert filters_in("五月的访谈和评论", FACETS).genres == ("interview",)


def test_a_question_is_read_up_to_its_limit() -> None:
    asked = "五月的访谈"
    filters = filters_in(asked, FACETS)
    assert filters_in(asked.rjust(MAX_READ_CHARS, "。"), FACETS) == filters
    assert filters_in(asked.rjust(MAX_READ_CHARS + 1, "。"), FACETS) != filters


@given(st.text(max_size=300))
def test_any_question_is_read(text: str) -> None:
    filters_in(text, FACETS)


@pytest.mark.parametrize(
    "unit",
    [
        "5月",
        "记者龚",
        "articles by A ",
        "五月的报道",
        "in the ",
        "“系列",
        "articles from May and ",
        "5月和",
    ],
)
def test_time_grows_with_the_question_and_no_faster(unit: str) -> None:
    assert grows_linearly(lambda size: filters_in(unit * size, FACETS), 500)
