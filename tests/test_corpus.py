"""The corpus pages without a browser: what they list, how they narrow, and that all is inert."""

import re
import time
from collections.abc import Iterator
from dataclasses import fields, replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from index.build import build_index
from index.doubts import FIRST_HALF, SECOND_HALF
from index.store import load_index
from rag.answering import Answerer
from rag.catalogue import Catalogue
from rag.config import load_settings
from rag.names import load_names
from rag.wording import Frame
from tests.embedders import BigramEmbedder
from tests.fakes import article_of, page_of
from tests.papers import HOSTILE, STORIES, answerer_of
from ui.corpus import MAX_SHOWN, close_html
from ui.corpus_checks import article_link
from ui.corpus_strings import CORPUS_STRINGS, day_in, doubt_in
from ui.live import Live
from ui.strings import STRINGS

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

ADDRESSES = (
    "/corpus",
    "/corpus?q=昨日",
    "/corpus/issue/2025-05-27",
    "/corpus/doubts",
    "/corpus/doubts?file=2025-05-27.jsonl",
    "/corpus/health",
    "/corpus/bench?q=渡轮",
)
WRONG = ("since=yesterday", "genre=poem", "page=x", "since=2026&until=2025")
FRAMES: tuple[Frame, ...] = ("zh", "en", "zh-Hant")


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Answerer:
    return answerer_of(tmp_path_factory.mktemp("corpus"))


def client_of(live: Live) -> "TestClient":
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from ui import corpus
    from ui.shield import Shield

    app = FastAPI()
    app.include_router(corpus.routes(live))
    app.add_middleware(Shield)
    return TestClient(app)


@pytest.fixture(scope="module")
def client(papers: Answerer) -> Iterator["TestClient"]:
    with client_of(Live(papers)) as client:
        yield client


class Elements(HTMLParser):
    """Collects the elements of a page with their attributes, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def headlines(html: str) -> list[str]:
    """Return the headlines of the list of articles, without those of the briefing."""
    listed = re.findall(r'<article class="item">.*?<h4 class="headline"><a[^>]*>(.*?)</a>', html)
    return [unescape(headline)[:4] for headline in listed]


def test_the_overview_lists_issues_newest_first_with_their_articles(client: "TestClient") -> None:
    html = client.get("/corpus?lang=zh").text
    assert headlines(html) == ["云雾茶场", "清江渡轮", "城南灯会", "<img", "南屏图书"]
    days = [html.index(day) for day in ("2025年5月28日", "2025年5月27日", "未标日期")]
    assert days == sorted(days)
    assert "停航一年的清江渡轮正式复航" in unescape(html)
    assert "本报讯" not in html  # the opening begins behind the dateline
    for word in ("收录了什么", "000001", "bigrams", "最新一期要闻"):
        assert word in html
    article = next(iter(re.findall(r'href="article&#47;(\w+)|href="article/(\w+)', html)))
    assert article


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=渡轮", ["清江渡轮"]),
        ("q=渡轮&reporter=王小红", []),
        ("reporter=王小红", ["城南灯会", "南屏图书"]),
        ("since=2025-05-28", ["云雾茶场"]),
        ("since=2025-05&until=2025-05-27&series=港湾十年", ["清江渡轮", "城南灯会"]),
        ("file=undated.jsonl", ["南屏图书"]),
        ("q=%20&since=&genre=", ["云雾茶场", "清江渡轮", "城南灯会", "<img", "南屏图书"]),
        ("at=999", ["云雾茶场", "清江渡轮", "城南灯会", "<img", "南屏图书"]),
        ("at=-1&q=没有的词", []),
    ],
)
def test_words_and_filters_narrow_the_list(
    client: "TestClient", query: str, expected: list[str]
) -> None:
    reply = client.get(f"/corpus?{query}")
    assert reply.status_code == 200
    assert headlines(reply.text) == expected


@pytest.mark.parametrize("query", WRONG)
def test_a_filter_that_is_none_is_told_on_the_page(client: "TestClient", query: str) -> None:
    reply = client.get(f"/corpus?{query}")
    assert reply.status_code == 400
    assert 'class="wrong"' in reply.text


def test_an_issue_begins_with_its_main_news_each_with_its_place(client: "TestClient") -> None:
    html = client.get("/corpus/issue/2025-05-27?lang=en").text
    briefing = html[html.index('class="briefing"') : html.index("The whole issue")]
    quotes = [unescape(q) for q in re.findall(r"<blockquote[^>]*>(.*?)</blockquote>", briefing)]
    assert "昨日，停航一年的清江渡轮正式复航，三百名乘客登船。" in quotes
    assert re.search(r"article/\w+(?:#|&#35;)s\d+(?:-|&#45;)\d+", briefing)
    assert len(headlines(html)) == 3
    assert "Tuesday, May 27, 2025" in unescape(html)
    assert client.get("/corpus/issue/1999-01-01").status_code == 404
    assert client.get("/corpus/issue/undated").status_code == 200


def test_no_more_is_rendered_than_is_shown(tmp_path: Any) -> None:
    stories = tuple(
        (
            "2025-05-27",
            f"第{n}条短消息的标题",
            "记者 李大明",
            "",
            f"这是第{n}条短消息，正文也不长。" * 3,
        )
        for n in range(MAX_SHOWN * 2 + 5)
    )
    with client_of(Live(answerer_of(tmp_path, stories))) as many:
        first, last = many.get("/corpus?lang=en").text, many.get("/corpus?at=3&lang=en").text
        assert (len(headlines(first)), len(headlines(last))) == (MAX_SHOWN, 5)
        assert 'rel="next"' in first
        assert 'rel="prev"' not in first
        assert 'rel="next"' not in last
        issue = many.get("/corpus/issue/2025-05-27?at=2").text
        assert len(headlines(issue)) == MAX_SHOWN


@pytest.mark.parametrize("mark", ["\f", "\u2028", "\x85"])
def test_a_doubt_is_told_with_the_line_that_it_is_about(tmp_path: Path, mark: str) -> None:
    jump = "末班二十一点，票价两元，老人免费，船长郑水根说，开得比从前（下转第二版）"
    lines = ("渡轮复航首日", "", "本报记者 甲乙", "", f"渡轮昨日{mark}复航，每天十二班。", "", jump)
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.txt").write_text("\n".join(lines), "utf-8")
    build_index([tmp_path / "pages"], tmp_path / "index", BigramEmbedder())
    catalogue = Catalogue(load_index(tmp_path / "index"), load_names(load_settings().names))
    html = unescape(close_html(catalogue, "a.txt", "en"))
    assert re.findall(r'<p class="printed" lang="zh">(.*?)</p>', html) == [jump]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("frame", FRAMES)
def test_words_of_the_pages_do_nothing(client: "TestClient", address: str, frame: Frame) -> None:
    separator = "&" if "?" in address else "?"
    reply = client.get(f"{address}{separator}lang={frame}")
    assert reply.status_code == 200
    page = Elements(reply.text)
    assert not [tag for tag, _ in page.found if tag == "img"]
    scripts = [attributes for tag, attributes in page.found if tag == "script"]
    assert all(attributes.get("src") for attributes in scripts)
    assert not [
        name for _, attributes in page.found for name in attributes if name.startswith("on")
    ]
    assert all(
        not (attributes.get("href") or "").startswith(("javascript:", "//", "http"))
        for _, attributes in page.found
    )


def test_a_hostile_question_and_hostile_filters_come_back_as_words(client: "TestClient") -> None:
    from urllib.parse import quote

    hostile = quote(HOSTILE)
    for address in (
        f"/corpus?q={hostile}",
        f"/corpus?series={hostile}&file={hostile}&reporter={hostile}",
        f"/corpus?since={hostile}",
        f"/corpus/bench?q={hostile}",
        f"/corpus/doubts?file={hostile}",
        f"/corpus/issue/{quote(HOSTILE, safe='')}",
        f"/corpus?lang={hostile}&at={hostile}",
    ):
        page = Elements(client.get(address).text)
        assert not [tag for tag, _ in page.found if tag == "img"], address
        assert not [1 for _, names in page.found for name in names if name.startswith("on")]
        values = [attributes.get("value") or "" for tag, attributes in page.found if tag == "input"]
        assert all("\n" not in value for value in values)


def test_the_language_of_the_address_is_kept_in_links_and_forms(client: "TestClient") -> None:
    html = client.get("/corpus?q=昨日&lang=en").text
    page = Elements(html)
    own = [a["href"] or "" for tag, a in page.found if tag == "a" and "corpus" in (a["href"] or "")]
    assert own
    assert all("lang=" in href for href in own)
    hidden = [a for tag, a in page.found if tag == "input" and a.get("type") == "hidden"]
    assert {"type": "hidden", "name": "lang", "value": "en"} in hidden
    assert 'lang="en"' in html


def test_a_language_that_is_chosen_stays_chosen_where_no_address_names_it(papers: Answerer) -> None:
    with client_of(Live(papers)) as client:
        assert "翻閱報紙" in client.get("/corpus?lang=zh-Hant").text
        (cookie,) = client.cookies.jar
        assert (cookie.name, cookie.value, cookie.path) == ("wenbao-language", "zh-Hant", "/")
        assert not cookie.has_nonstandard_attr("HttpOnly")  # the script of the chat writes it too
        client.get("/corpus?lang=tlh")  # is no choice
        assert "翻閱報紙" in client.get("/corpus").text


def test_days_in_the_wrong_order_are_told_in_the_language_of_the_page(client: "TestClient") -> None:
    for frame in FRAMES:
        reply = client.get(f"/corpus?since=2025-06-01&until=2025-05&lang={frame}")
        assert reply.status_code == 400
        told = STRINGS[frame].days_crossed_of.format(since="2025-06-01", until="2025-05")
        assert told in unescape(reply.text)
    assert client.get("/corpus?since=2025-05-28&until=2025-05").status_code == 200


def test_a_day_can_be_typed_as_its_pattern_asks(client: "TestClient") -> None:
    page = Elements(client.get("/corpus").text)
    days = [a for tag, a in page.found if tag == "input" and a.get("name") in ("since", "until")]
    assert all("-" in (a["pattern"] or "") for a in days)
    assert [a.get("inputmode") for a in days] == [None, None]  # a pad of digits has no hyphen


def test_a_headline_is_in_chinese_and_the_words_for_none_in_the_language_of_the_page() -> None:
    page = page_of("a.txt", "头条\n正文。\n")
    article = article_of(page, "头条", "正文。\n")
    assert 'lang="zh"' in article_link(article, CORPUS_STRINGS["en"])
    link = article_link(replace(article, headline=""), CORPUS_STRINGS["en"])
    assert "(no headline)" in unescape(link)
    assert "lang=" not in link


def test_nothing_is_left_out_in_a_language() -> None:
    for each in fields(CORPUS_STRINGS["zh"]):
        for frame in FRAMES:
            value = getattr(CORPUS_STRINGS[frame], each.name)
            assert value, (each.name, frame)
        if each.name.endswith("_of"):
            named = [
                set(re.findall(r"{\w+}", getattr(CORPUS_STRINGS[frame], each.name)))
                for frame in FRAMES
            ]
            assert named[0] == named[1] == named[2], each.name
    assert CORPUS_STRINGS["zh-Hant"].title == "翻閱報紙"


def test_days_and_doubts_are_said_in_the_language_of_the_page() -> None:
    assert day_in("2026-03-05", "zh") == "2026年3月5日 星期四"
    assert day_in("2026-03-05", "en") == "Thursday, March 5, 2026"
    assert day_in("", "en") == "Without a date"
    for message in (
        FIRST_HALF, SECOND_HALF, "may not carry on the paragraph of line 12",
        "this article has no headline", "the whole text has 12 characters",
        "the text ends in mid-sentence", "another byline than that of line 3",
        "this headline may belong to another article",
    ):  # fmt: skip
        assert doubt_in(message, "en") == message
        assert not re.search("[a-z]", doubt_in(message, "zh"))
        assert not re.search("[a-z]", doubt_in(message, "zh-Hant"))


def finished(client: "TestClient") -> str:
    for _ in range(600):
        reply = client.get("/corpus/health?lang=en")
        if "refresh" not in reply.headers:
            return reply.text
        time.sleep(0.05)
    raise AssertionError("the self-test does not end")


def test_the_self_test_is_started_by_a_button_and_kept_for_its_index(papers: Answerer) -> None:
    live = Live(papers)
    with client_of(live) as client:
        assert "Start the self" in client.get("/corpus/health?lang=en").text
        reply = client.post("/corpus/health?lang=en", follow_redirects=False)
        assert reply.status_code == 303
        assert reply.headers["location"] == "health?lang=en"
        assert "Retrieval is healthy" in finished(client)
        assert (
            client.post("/corpus/health", headers={"sec-fetch-site": "cross-site"}).status_code
            == 403
        )
        live.replace(Answerer(papers.settings, papers.retriever))
        assert "Retrieval is healthy" not in client.get("/corpus/health?lang=en").text


def test_the_bench_shows_arms_and_fused_list(client: "TestClient") -> None:
    html = unescape(client.get("/corpus/bench?q=清江渡轮票价多少&lang=en").text)
    for words in ("Fused", "Dense", "Characters and words", "清江 · 江渡", "not read"):
        assert words in html
    assert "Fused" not in client.get("/corpus/bench?lang=en").text


def test_a_new_index_is_shown_as_soon_as_it_is_live(papers: Answerer, tmp_path: Any) -> None:
    live = Live(papers)
    with client_of(live) as client:
        assert len(headlines(client.get("/corpus").text)) == len(STORIES)
        live.replace(answerer_of(tmp_path, STORIES[:1]))
        assert headlines(client.get("/corpus").text) == ["清江渡轮"]
