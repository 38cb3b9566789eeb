"""Articles are counted and listed exactly, each with its proof; nothing else is read so."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.build import build_index
from index.index import Index
from index.store import load_index
from rag.filters import NO_FILTERS, Facets, Filters, facets_of, filters_from, filters_in
from rag.list_requests import Request, request_in, words_in
from rag.listing import MAX_LISTED, forms_of, listed
from rag.names import Names
from rag.question import understand
from rag.types import Answer
from tests.embedders import BigramEmbedder
from tests.growth import grows_linearly

NAMES = Names(
    (("青航渡轮", "Qinghang ferry"), ("青航", "Qinghang ferry"), ("青航", "QHF"),
     ("渡轮", "ferry"), ("陈 聪", "Chen Cong"), ("陈聪", "Chen Cong"))
)  # fmt: skip
ARTICLES = (
    ("青航渡轮复航", "全媒体记者 李大明", "港湾十年", "2025-05-27",
     "停航一年的青航渡轮昨日复航。首日有三百名乘客登船。"),
    ("灯会开幕", "全媒体记者 王小红", "港湾十年", "2025-05-27",
     "灯会周五开幕。市民可以乘青航前往会场，票价十元。"),
    ("访灯会设计者", "全媒体记者 李大明", "港湾人物", "2025-05-28",
     "灯会的设计者陈 聪说，明年要做会说话的ＡＩ灯笼。"),
    ("茶山无人机上岗", "全媒体记者 王小红", "", "",
     "无人机给山上的茶园施肥。said and done的口号写在墙上。"),
)  # fmt: skip


def index_of(folder: Path, articles: tuple[tuple[str, ...], ...]) -> Index:
    keys = ("headline", "byline", "kicker", "date", "text")
    rows = (
        {key: value for key, value in zip(keys, article, strict=True) if value}
        for article in articles
    )
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    (folder / "news.jsonl").write_text("\n".join(lines), "utf-8")
    build_index([folder / "news.jsonl"], folder / "index", BigramEmbedder())
    return load_index(folder / "index")


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return index_of(tmp_path_factory.mktemp("listing"), ARTICLES)


def ask(index: Index, text: str) -> Answer:
    answer = listed(understand(text), index, NAMES, facets_of(index.articles.values()), 10)
    assert answer is not None
    return answer


def headlines(answer: Answer) -> list[str]:
    return [citation.article.headline for citation in answer.citations]


def proved(answer: Answer, index: Index) -> bool:
    quotes = [
        c.quote.text
        and c.quote.text
        == "".join(index.pages[s.file].text[s.start : s.end] for s in c.quote.spans)
        for c in answer.citations
    ]
    markers = [int(n) for n in re.findall(r"\[(\d+)\]", answer.text)]
    return all(quotes) and markers == [c.n for c in answer.citations]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("有几篇报道提到青航渡轮？", ["青航渡轮复航", "灯会开幕"]),
        ("How many articles mention the Qinghang ferry?", ["青航渡轮复航", "灯会开幕"]),
        ("How many articles mention QHF?", ["青航渡轮复航", "灯会开幕"]),
        ("哪些文章写到灯会？", ["灯会开幕", "访灯会设计者"]),
        ("提到“灯会”的报道有哪些", ["灯会开幕", "访灯会设计者"]),
        ("有幾篇報道提到燈會？", ["灯会开幕", "访灯会设计者"]),
        ("燈會的設計者出现在哪些文章里？", ["访灯会设计者"]),
        ("Which articles are about Chen Cong?", ["访灯会设计者"]),
        ("哪些报道提到陈聪", ["访灯会设计者"]),
        ("Which articles mention AI?", ["访灯会设计者"]),
        ("列出提到复航的报道", ["青航渡轮复航"]),
        ("关于茶园的报道有几篇？", ["茶山无人机上岗"]),
        ("有多少报道涉及上岗？", ["茶山无人机上岗"]),
    ],
)
def test_the_articles_that_mention_a_name_are_all_cited(
    news: Index, question: str, found: list[str]
) -> None:
    answer = ask(news, question)
    assert headlines(answer) == found
    assert str(len(found)) in answer.text.splitlines()[0]
    assert proved(answer, news)
    assert not answer.refused
    assert len(answer.passages) == len(found)


def test_the_quote_holds_the_mention(news: Index) -> None:
    quotes = [citation.quote.text for citation in ask(news, "有几篇报道提到青航渡轮？").citations]
    assert quotes == ["停航一年的青航渡轮昨日复航。", "市民可以乘青航前往会场，票价十元。"]
    assert [c.quote.text for c in ask(news, "哪些文章提到上岗").citations] == ["茶山无人机上岗"]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("列出李大明写的报道", ["青航渡轮复航", "访灯会设计者"]),
        ("李大明写了几篇报道？", ["青航渡轮复航", "访灯会设计者"]),
        ("List the articles by Li Daming", ["青航渡轮复航", "访灯会设计者"]),
        ("How many articles did Wang Xiaohong write?", ["灯会开幕", "茶山无人机上岗"]),
        ("“港湾十年”系列有哪些报道？", ["青航渡轮复航", "灯会开幕"]),
        ("list the articles in the series “港湾十年”", ["青航渡轮复航", "灯会开幕"]),
        ("2025年5月27日的报纸有什么内容？", ["青航渡轮复航", "灯会开幕"]),
        ("2025-05-28的报纸上有哪些报道", ["访灯会设计者"]),
        ("What is in the issue of 2025-05-27?", ["青航渡轮复航", "灯会开幕"]),
        ("List the articles from May 2025", ["青航渡轮复航", "灯会开幕", "访灯会设计者"]),
        ("List the articles from April to May 2025", ["青航渡轮复航", "灯会开幕", "访灯会设计者"]),
        (
            "What is in the paper of 2025-05-27 and 2025-05-28?",
            ["青航渡轮复航", "灯会开幕", "访灯会设计者"],
        ),
        ("2025年5月27日的报道有几篇提到灯会", ["灯会开幕"]),
        ("How many articles are there?", [a[0] for a in ARTICLES]),
        ("一共有多少篇报道？", [a[0] for a in ARTICLES]),
    ],
)
def test_articles_are_listed_by_writer_series_and_issue(
    news: Index, question: str, found: list[str]
) -> None:
    facets = facets_of(news.articles.values())
    asked = replace(understand(question), filters=filters_in(question, facets))
    answer = listed(asked, news, NAMES, facets, 10)
    assert answer is not None
    assert headlines(answer) == found
    assert proved(answer, news)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("李大明写了几篇报道？", ["访灯会设计者"]),
        ("How many articles did Li Daming write?", ["访灯会设计者"]),
        ("王小红写了几篇报道？", []),
        ("这一期有什么内容？", ["访灯会设计者"]),
        ("有哪些报道？", ["访灯会设计者"]),
        ("列出所有报道", ["访灯会设计者"]),
        ("List all the articles", ["访灯会设计者"]),
    ],
)
def test_a_given_filter_narrows_a_list_and_leaves_it_its_subject(
    news: Index, question: str, found: list[str]
) -> None:
    facets = facets_of(news.articles.values())
    asked = replace(understand(question), given=filters_from(since="2025-05-28"))
    answer = listed(asked, news, NAMES, facets, 10)
    assert answer is not None
    assert headlines(answer) == found


def test_a_given_reporter_is_not_replaced_by_the_one_asked_about(news: Index) -> None:
    facets = facets_of(news.articles.values())
    asked = replace(understand("李大明写了几篇报道？"), given=filters_from(reporter="王小红"))
    answer = listed(asked, news, NAMES, facets, 10)
    assert answer is not None
    assert answer.refused


@pytest.mark.parametrize("given_", [NO_FILTERS, filters_from(since="2025")])
def test_a_list_is_asked_for_by_its_own_words_alone(given_: Filters) -> None:
    for filters in (NO_FILTERS, filters_from(since="2025")):
        assert request_in("王书记批示了几篇报道？", FACETS, filters, given_) is None


def test_writers_whose_names_are_spelled_alike_are_each_proved(tmp_path: Path) -> None:
    written = tuple(
        (f"灯会第{n}天", f"记者 {name}", "", "", f"灯会第{n}天来了{n}千人。")
        for n, name in enumerate(("李伟", "李玮", "王五"), start=1)
    )
    index = index_of(tmp_path, written)
    answer = ask(index, "How many articles did Li Wei write?")
    assert [each.quote.text for each in answer.citations] == ["记者 李伟", "记者 李玮"]


def test_a_writer_is_proved_by_the_byline_and_an_undated_article_is_told(news: Index) -> None:
    assert "李大明" in ask(news, "列出李大明写的报道").citations[0].quote.text
    assert any("1" in notice for notice in ask(news, "2025-05-28的报纸上有什么").notices)


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("有哪些系列？", ["2 个系列", "港湾十年：2 篇[1]", "港湾人物：1 篇[2]"]),
        ("Which reporters are there?", ["2 in all", "李大明: 2 articles[1]"]),
        ("有哪些记者？", ["2 个记者", "王小红：2 篇[2]"]),
        ("How many series are there?", ["2 in all"]),
        ("有哪些体裁？", ["1 个体裁", "消息：4 篇[1]"]),
        ("Which genres are there?", ["news: 4 articles[1]"]),
    ],
)
def test_the_values_of_a_field_are_listed(news: Index, question: str, says: list[str]) -> None:
    answer = ask(news, question)
    assert all(each in answer.text for each in says)
    assert proved(answer, news)


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("有几篇报道提到火星？", "没有报道提到“火星”。"),
        ("How many articles mention Atlantis?", "No article mentions “Atlantis”."),
        ("Which articles mention Al?", "No article mentions “Al”."),
    ],
)
def test_none_is_said_honestly(news: Index, question: str, says: str) -> None:
    answer = ask(news, question)
    assert answer.refused
    assert answer.citations == ()
    assert answer.text == says


def test_no_more_than_fifty_are_listed_and_the_rest_is_told(tmp_path: Path) -> None:
    many = tuple(
        (f"灯会第{n}天", "", "", "", f"灯会第{n}天来了{n}千人。") for n in range(MAX_LISTED + 3)
    )
    answer = ask(index_of(tmp_path, many), "有几篇报道提到灯会？")
    assert len(answer.citations) == MAX_LISTED
    assert f"有 {MAX_LISTED + 3} 篇" in answer.text
    assert "另有 3 篇" in answer.text
    assert len(answer.passages) == 10


def test_a_name_is_looked_for_in_all_its_forms() -> None:
    assert forms_of("the Qinghang ferry line", NAMES)[1:] == ("青航渡轮", "青航")
    assert forms_of("Qinghang ferry strike", NAMES) == ("Qinghang ferry strike",)
    assert "QHF" in forms_of("青航", NAMES)


FACETS = Facets({}, {}, {}, {"港湾十年": 2}, {"李大明": 2})
BY_LI = Request(filters=Filters(genres=("interview",), reporters=("李大明",)))
NEAR_MISSES = (
    "灯会来了多少采购商？", "有多少新闻记者参加了灯会？", "哪些企业参加了灯会？", "几篇论文获奖？",
    "报道提到了哪些企业？", "5月的访谈里谁谈到了渡轮？", "哪些文章写得好？", "李大明写了几首诗？",
    "有几篇报道提到谁？", "提到渡轮的报道说了什么？", "这个系列讲了哪些人？", "哪些记者受伤了？",
    "记者李大明写的报道里来了多少人？", "新闻发布会什么时候举行？", "评论家说了什么",
    "How many buyers came to the fair?", "How many stories does the tower have?",
    "How many reporters came to the fair?", "Which companies are mentioned most?",
    "What did the article say about the ferry?", "Which articles of the law apply?",
    "How many people read the paper?", "What is in the new museum?",
    "How many pieces did the museum sell?", "Which series of stamps was sold out?",
    "How many articles of clothing were donated?", "What news is there about the ferry?",
    "How many articles mention who?", "List the winners of the fair", "Who wrote the report?",
    "有什么新闻？", "渡轮有多少乘客？", "What issues were discussed at the meeting?",
)  # fmt: skip


@pytest.mark.parametrize("question", NEAR_MISSES)
def test_a_question_about_what_articles_say_lists_none(question: str) -> None:
    assert request_in(question, FACETS, filters_in(question, FACETS)) is None


@pytest.mark.parametrize(
    ("question", "request_", "words"),
    [
        ("请问有几篇报道提到“灯会”？", Request("灯会"), "灯会"),
        ("In how many articles is the ferry mentioned?", Request("ferry"), "ferry"),
        ("Which reports talk about the word 'ferry'?", Request("ferry"), "ferry"),
        ("哪些评论谈到渡轮停航", Request("渡轮停航"), "渡轮停航"),
        ("有哪些栏目", Request(facet="series"), ""),
        ("李大明写了几篇访谈？", BY_LI, ""),
        ("Which interviews did Li Daming write?", BY_LI, ""),
        ("How many articles are in the index?", Request(), ""),
    ],
)
def test_what_is_asked_is_read(question: str, request_: Request, words: str) -> None:
    assert request_in(question, FACETS, NO_FILTERS) == request_
    assert words_in(question) == words


@pytest.mark.parametrize(
    ("first", "turns"),
    [
        ("有几篇报道提到渡轮？", [
            ("哪几篇？", "哪几篇报道提到渡轮？"), ("那灯会呢？", "哪几篇报道提到灯会？"),
            ("它什么时候停航？", "灯会什么时候停航？"),
        ]),
        ("How many articles mention the ferry?", [
            ("Which ones?", "Which articles mention the ferry?"),
            ("What about the lantern fair?", "Which articles mention the lantern fair?"),
        ]),
        ("李大明写了几篇报道？", [("列出来", "李大明写了哪几篇报道？")]),
    ],
)  # fmt: skip
def test_a_follow_up_of_a_count_is_a_list(first: str, turns: list[tuple[str, str]]) -> None:
    history = [understand(first)]
    for text, meant in turns:
        history.append(understand(text, history))
        assert history[-1].rewritten == meant


@given(
    st.from_regex(r"\d{4}-\d\d(-\d\d)?|\d\d?月\d\d?日|\d{4}年\d\d?月", fullmatch=True),
    st.sampled_from(
        ["articles from {}", "{}的报道有哪些？", "what was printed on {}?", "{}登了什么"]
    ),
)
@example("2025-02-31", "articles from {}")
def test_any_day_is_read_whether_there_is_one_or_not(day: str, form: str) -> None:
    question = form.format(day)
    request_in(question, FACETS, filters_in(question, FACETS))


@pytest.mark.parametrize(
    "unit", ["提到", "有几篇", "哪些文章", "articles mention ", "list the articles by ", "的报道"]
)
def test_time_grows_with_the_question_and_no_faster(unit: str) -> None:
    assert grows_linearly(lambda size: request_in(unit * size, FACETS, NO_FILTERS), 200)
