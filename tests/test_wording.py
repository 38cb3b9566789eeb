"""The frame of an answer: what English says of a Chinese quote, and Traditional characters."""

from dataclasses import replace

import pytest

from index.articles import articles_of
from index.types import Article, Excerpt, Page
from rag.filters import Filters
from rag.names import Names
from rag.types import Citation, Question
from rag.wording import (
    day_in_english,
    filters_told,
    frame_of,
    quoting,
    refusing,
    wording_of,
)

PAGE = (
    "安平日报\n\n2026年3月5日 星期四\n\n湿地公园迎来候鸟高峰\n\n本报记者 张明\n\n"
    "本报讯 公园主任陈志远说，湖心岛新增湿地53.16万平方米，投资1.4975亿元，同比增长4.7%。\n\n"
    "管理处有12名员工，3月4日开园。\n"
)
NAMES = Names((("湖心岛", "Lake Isle"), ("湿地公园", "Wetland Park"), ("同比", "yoy")))


@pytest.fixture(scope="module")
def article() -> Article:
    (found,) = articles_of(Page("page.txt", PAGE, "utf-8", "")).articles
    return found


def cited(article: Article, first: str, last: str, n: int = 1) -> Citation:
    text = article.body.text
    return Citation(n, article, article.body.slice(text.index(first), text.index(last) + len(last)))


def test_english_says_where_when_who_which_names_and_how_much(article: Article) -> None:
    citation = cited(article, "公园主任", "4.7%。")
    assert quoting([citation], "en", NAMES).split("\n") == [
        "From 《湿地公园迎来候鸟高峰》, printed March 5, 2026:",
        "Speaker: Chen Zhiyuan (陈志远)",
        "Names: 湖心岛 = Lake Isle",
        "Figures: 53.16万平方米 = 531,600 m²; 1.4975亿元 = CNY 149.75 million; "
        "同比增长4.7% = up 4.7% year on year",
        f"{citation.quote.text}[1]",
    ]


def test_english_says_nothing_of_what_the_quote_does_not_hold(article: Article) -> None:
    lines = quoting([cited(article, "管理处有", "开园。")], "en", NAMES).split("\n")
    assert lines[1:] == ["Figures: 3月4日 = March 4", "管理处有12名员工，3月4日开园。[1]"]


def test_an_english_quote_and_a_chinese_answer_have_no_such_lines(article: Article) -> None:
    english = Citation(1, article, Excerpt("The park opens on 3 March.", ()))
    assert quoting([english], "en", NAMES).count("\n") == 1
    chinese = quoting([cited(article, "公园主任", "4.7%。")], "zh", NAMES)
    assert chinese.startswith("据《湿地公园迎来候鸟高峰》：\n公园主任")


def test_an_article_is_named_once_and_each_quote_has_its_own_figures(article: Article) -> None:
    citations = [cited(article, "公园主任", "4.7%。"), cited(article, "管理处有", "开园。", 2)]
    text = quoting(citations, "en", NAMES)
    assert text.count("From 《") == 1
    assert text.index("[1]") < text.index("March 4") < text.index("[2]")


def test_a_day_of_issue_that_is_inferred_or_unknown_is_not_said(article: Article) -> None:
    for other in (
        replace(article, date_source="inferred"),
        replace(article, date=None, date_source=None),
    ):
        (first, *_) = quoting([cited(other, "管理处有", "开园。")], "en").split("\n")
        assert first == "From 《湿地公园迎来候鸟高峰》, as printed:"


def test_a_day_is_said_in_english_words() -> None:
    assert day_in_english("2025-05-27") == "May 27, 2025"
    assert day_in_english("unknown") == "unknown"


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ("展會來了多少採購商？", "zh-Hant"),
        ("展会来了多少采购商？", "zh"),
        ("公司成立于2025年？", "zh"),
        ("What does 展會 mean here?", "en"),
    ],
)
def test_the_frame_has_the_language_and_the_script_of_the_question(text: str, frame: str) -> None:
    language = "en" if frame == "en" else "zh"
    assert frame_of(Question(text, language)) == frame


def test_a_traditional_question_has_a_traditional_frame_around_what_is_printed(
    article: Article,
) -> None:
    citation = cited(article, "管理处有", "开园。")
    assert quoting([citation], "zh-Hant").split("\n") == [
        "據《湿地公园迎来候鸟高峰》：",
        "管理处有12名员工，3月4日开园。[1]",
    ]
    refusal = refusing([article], "zh-Hant")
    assert refusal.startswith("這些報紙頁面裡沒有找到這個問題的答案。")
    assert refusal.endswith("《湿地公园迎来候鸟高峰》。")
    assert wording_of("zh-Hant").untitled.format(opening="开园") == "無標題報道（开园……）"


def test_what_narrows_the_search_is_told_in_the_frame() -> None:
    filters = Filters(genres=("interview",))
    assert filters_told(filters, "en") == "genre interview"
    assert filters_told(filters, "zh") == "体裁 访谈"
    assert filters_told(filters, "zh-Hant") == "體裁 訪談"
