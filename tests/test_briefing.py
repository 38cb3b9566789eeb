"""A briefing quotes the main articles of an issue, a printed sentence each, and invents nothing."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

import evals.cases
from evals.cases import load_cases
from index.build import build_index
from index.index import Index
from index.page_numbers import PageNumber
from index.store import load_index
from rag.briefing import MAX_ITEMS, briefed, day_asked, leading_sentence, main_articles
from rag.filters import Period, filters_from
from rag.names import Names
from rag.question import understand
from rag.types import Answer
from tests.embedders import BigramEmbedder
from tests.fakes import article_of, page_of

BODY = "第二段说的是别的事情，和标题没有什么关系，只是把篇幅写得长一些。" * 3
ISSUE = (
    ("渡轮复航", "news", "2025-05-27", "本报讯（记者 李大明）停航一年的渡轮昨日复航，三百人登船。"),
    ("灯会开幕", "news", "2025-05-27", "“好看吗？”孩子问。城南的灯会昨晚开幕，来了一万名游客。"),
    (
        "旺铺招租",
        "advert",
        "2025-05-27",
        "旺铺招租，地段极好，价格面议，有意者请联系。",
    ),
    (
        "停水公告",
        "notice",
        "2025-05-27",
        "因管道检修，本周五城东片区停水八个小时。",
    ),
    ("茶园用上无人机", "news", "2025-05-28", "山上的茶园昨日用上了无人机，一天干完半个月的活。"),
    ("没有日期的报道", "news", "", "这篇报道没有写明是哪一天刊出的，只知道它在这里。"),
)


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("briefing")
    rows = [
        {"headline": head, "text": text + BODY} | ({"date": day} if day else {})
        for head, _, day, text in ISSUE
    ]
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    (folder / "news.jsonl").write_text("\n".join(lines), "utf-8")
    build_index([folder / "news.jsonl"], folder / "index", BigramEmbedder())
    index = load_index(folder / "index")
    genres = {headline: genre for headline, genre, _, _ in ISSUE}
    known = {a.id: replace(a, genre=genres[a.headline]) for a in index.articles.values()}
    chunks = tuple(replace(chunk, article=known[chunk.article.id]) for chunk in index.chunks)
    vars(index).update(articles=known, chunks=chunks)
    return index


def ask(index: Index, text: str) -> Answer:
    answer = briefed(understand(text), index, Names((("渡轮", "ferry"),)), 10)
    assert answer is not None
    return answer


def headlines(answer: Answer) -> set[str]:
    return {citation.article.headline for citation in answer.citations}


@pytest.mark.parametrize(
    ("question", "days"),
    [
        ("今日要闻", "latest"),
        ("今日要聞", "latest"),
        ("今天有什么新闻？", "latest"),
        ("最新一期有哪些要闻", "latest"),
        ("5月27日有什么要闻？", "05-27"),
        ("2025年5月27日的要闻", "2025-05-27"),
        ("请给我5月27日的新闻摘要", "05-27"),
        ("briefing for 2025-05-27", "2025-05-27"),
        ("what's the news of May 27?", "05-27"),
        ("What are the main stories of the latest issue?", "latest"),
        ("Today’s headlines, please", "latest"),
    ],
)
def test_the_main_news_of_a_day_can_be_asked_for(question: str, days: str) -> None:
    assert str(day_asked(question)) == days


@pytest.mark.parametrize(
    "question",
    [
        "今日头条是什么公司？",
        "义乌有什么要闻？",
        "义乌有什么新闻？",
        "5月27日发生了什么？",
        "5月27日举行的新闻发布会有哪些要点？",
        "今日要闻栏目是谁写的？",
        "5月32日的要闻",
        "新闻",
        "what's the news about the ferry?",
        "what's the news of Yiwu?",
        "what news did the mayor bring?",
        "briefing of the mayor",
        "who gave the briefing on May 27?",
        "今日要闻" * 40,
    ],
)
def test_a_question_about_something_asks_for_no_briefing(question: str) -> None:
    assert day_asked(question) is None


def test_no_question_of_the_suites_is_taken_for_one() -> None:
    folder = Path(evals.cases.__file__).with_name("cases")
    asked = [case.question for case in load_cases(folder)]
    assert len(asked) > 100
    assert not [question for question in asked if day_asked(question)]


def test_every_line_is_a_printed_sentence_with_its_place(news: Index) -> None:
    answer = ask(news, "5月27日有什么要闻？")
    lines = answer.text.splitlines()[1:]
    assert len(lines) == len(answer.citations) == 2
    for line, citation in zip(lines, answer.citations, strict=True):
        assert line.endswith(f"{citation.quote.text}[{citation.n}]")
        page = news.pages[citation.file]
        assert citation.quote.text == "".join(
            page.text[span.start : span.end] for span in citation.quote.spans
        )
    assert answer.to_json()["filters"] == {"periods": ["05-27"]}
    assert len(answer.passages) == 2


def test_adverts_notices_and_other_days_are_left_out(news: Index) -> None:
    assert headlines(ask(news, "briefing for 2025-05-27")) == {"渡轮复航", "灯会开幕"}


def test_today_is_the_newest_issue_and_says_which(news: Index) -> None:
    answer = ask(news, "今日要闻")
    assert headlines(answer) == {"茶园用上无人机"}
    assert "2025-05-28" in answer.text


def test_an_english_briefing_tells_what_is_certain_of_the_chinese_words(news: Index) -> None:
    answer = ask(news, "what's the news of May 27?")
    assert "Names: 渡轮 = ferry" in answer.text
    assert {int(n) for n in re.findall(r"\[(\d+)\]", answer.text)} == {1, 2}


def test_a_day_without_news_is_told_so(news: Index) -> None:
    answer = ask(news, "2024年1月1日的要闻")
    assert answer.refused
    assert not answer.citations
    assert "2024-01-01" in answer.text
    assert "没有符合条件的报道" in answer.notices[0]


def test_the_filters_in_force_narrow_a_briefing(news: Index) -> None:
    question = replace(understand("今日要闻"), filters=filters_from(until="2025-05-27"))
    answer = briefed(question, news, Names(()), 10)
    assert answer is not None
    assert headlines(answer) == {"渡轮复航", "灯会开幕"}


def said(headline: str, text: str) -> str:
    page = page_of("a.txt", f"{headline}\n{text}\n")
    return leading_sentence(article_of(page, headline, text)).text


def test_the_dateline_and_a_question_say_no_news() -> None:
    assert said("渡轮复航", ISSUE[0][3]) == "停航一年的渡轮昨日复航，三百人登船。"
    assert said("灯会开幕", ISSUE[1][3]) == "城南的灯会昨晚开幕，来了一万名游客。"
    assert said("", "（记者问）什么？") == ""


def test_a_scene_in_front_gives_way_to_the_sentence_of_the_headline() -> None:
    scene = "清晨的薄雾还没有散去，码头上已经站满了人。"
    told = "停航一年的清江渡轮昨日正式复航。"
    assert said("清江渡轮正式复航", scene + told) == told
    assert said("码头上的人", scene + told) == scene


def test_what_leads_is_long_high_on_its_page_and_on_the_front_page() -> None:
    page = page_of("A01.txt", "甲\n" + BODY + "\n乙\n" + BODY + BODY + "\n丙\n短。\n")
    inside = page_of("A02.txt", "丁\n" + BODY + BODY + "\n")
    one = article_of(page, "甲", BODY, id="1")
    two = article_of(page, "乙", BODY + BODY, id="2")
    short = article_of(page, "丙", "短。", id="3")
    other = article_of(inside, "丁", BODY + BODY, id="4")
    numbers = {"A01.txt": PageNumber("A", 1), "A02.txt": PageNumber("A", 2)}
    found = main_articles([short, other, two, one], numbers)
    assert [item.article.headline for item in found] == ["乙", "甲", "丁"]
    assert len(main_articles([one] * 20, numbers)) == MAX_ITEMS


def test_a_period_is_not_read_into_what_is_no_day() -> None:
    from rag.filters import period_of

    assert period_of("2025年5月") == Period("2025-05-01", "2025-05-31")
    assert period_of("the end of May") == Period("05-21", "05-31")
    assert [period_of(words) for words in ("", "义乌", "2025-02-31", "May 32")] == [None] * 4
