"""An article on a page of its own: what it shows, what its address finds, what it never does."""

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qs, urlsplit

import pytest

from index.types import Article, Excerpt, Span
from rag.names import Names
from tests.fakes import QUEUE_WARNINGS, FakeAnswerer, article_of, page_of
from tests.jumping import jumping
from ui.article import MAX_KEPT, article_html, find, gone_html, shelf_of
from ui.links import article_path, check_of, places, share_link
from ui.printed import LINES_AROUND, MAX_WHOLE_PAGE_CHARS, owned_by, printed_html
from ui.render import inert
from ui.setting import body_html, glossed_html, head_html
from ui.strings import STRINGS

if TYPE_CHECKING:
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from index.index import Index
    from rag.answering import Answerer

pytestmark = QUEUE_WARNINGS

ZH, EN = STRINGS["zh"], STRINGS["en"]
NO_NAMES = Names(())
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=http://evil.example/x.png onerror=alert(1)>",
    "<style>*{display:none}</style>",
    '"><div style="position:fixed;inset:0">',
    "' style='position:fixed;inset:0' data-at='0-9",
    "javascript:alert(1)",
    "\u202etxt.exe\u2066 \u0000\x1b[31m",
    "\ud800 lone",
]
TAGS = set("a article bdi div h1 h2 header li nav p section span ul".split())
NAMES = set(
    "aria-current aria-hidden aria-label class data-at data-e data-file data-given data-gone "
    "data-p data-places hidden href lang rel role".split()
)


class Drawn(HTMLParser):
    """HTML as a browser would read it: its tags, and its text by place in the file."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.pieces: list[tuple[str, int, int, str]] = []  # file, start, end, words
        self.spoken: defaultdict[str, str] = defaultdict(str)  # by the language that it is told in
        self._open: list[dict[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self.tags.append((tag, named))
        self._open.append(named)
        if "data-at" in named:
            file = next(each["data-file"] for each in reversed(self._open) if "data-file" in each)
            start, end = map(int, named["data-at"].split("-"))
            self.pieces.append((file, start, end, ""))

    def handle_endtag(self, tag: str) -> None:
        del tag
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data
        languages = [each["lang"] for each in self._open if "lang" in each]
        self.spoken[languages[-1] if languages else ""] += data
        if any("data-at" in each for each in self._open):
            file, start, end, words = self.pieces[-1]
            self.pieces[-1] = file, start, end, words + data

    def having(self, name: str) -> list[dict[str, str]]:
        return [attrs for _, attrs in self.tags if name in attrs.get("class", "").split()]


def as_index(fake: object) -> "Index":
    return cast("Index", fake)


def everything(article: Article, index: "Index", view: str = "") -> str:
    """Return all HTML that there is of ``article``."""
    shelf = shelf_of(index)
    owned = {file: shelf.owned(file) for file in article.files}
    return "".join(
        (
            article_html(article, shelf, EN, body_html(article, EN), view, article.file, "told"),
            f'<div data-file="x">{printed_html(article, index.pages, owned, EN)}</div>',
            glossed_html(article, EN, NO_NAMES),
            gone_html(shelf, article.file, EN, None),
        )
    )


# Every piece of print says where it stands


@pytest.mark.parametrize("draw", ["set", "glossed", "printed"])
def test_every_piece_holds_exactly_the_words_of_its_place(draw: str) -> None:
    fake, article = jumping()
    index, shelf = as_index(fake), shelf_of(as_index(fake))
    if draw == "set":
        html = article_html(article, shelf, ZH, body_html(article, ZH))
    elif draw == "glossed":
        html = glossed_html(article, ZH, NO_NAMES)
    else:
        owned = {file: shelf.owned(file) for file in article.files}
        html = printed_html(article, index.pages, owned, ZH)
    pieces = Drawn(html).pieces
    for file, start, end, words in pieces:
        assert words == index.pages[file].text[start:end]
    shown = {(file, at) for file, start, end, _ in pieces for at in range(start, end)}
    body = {(s.file, at) for s in article.body.spans for at in range(s.start, s.end)}
    assert body <= shown


def test_pieces_of_the_seeds_hold_the_words_of_their_places(answerer: "Answerer") -> None:
    index = answerer.index
    shelf = shelf_of(index)
    names = answerer.retriever.analyst.names
    for article in index.articles.values():
        owned = {file: shelf.owned(file) for file in article.files}
        for html in (
            article_html(article, shelf, EN, body_html(article, EN)),
            glossed_html(article, EN, names),
            printed_html(article, index.pages, owned, EN),
        ):
            for file, start, end, words in Drawn(html).pieces:
                printed = index.pages[file].text[start:end]
                assert re.sub(r"\s", " ", words) == re.sub(r"\s", " ", printed)


def test_a_headline_tells_its_places() -> None:
    fake, article = jumping()
    html = head_html("h1", "headline", article.headline, article, fake.pages)
    (_, attrs), *_ = Drawn(html).tags
    at = fake.pages["front.txt"].text.index("港口班列开通")
    assert attrs["data-places"] == f"s{at}-{at + 6}"
    assert head_html("p", "byline", "", article, fake.pages) == ""


def test_an_article_of_two_files_says_which_words_are_from_which() -> None:
    _, article = jumping()
    drawn = Drawn(f'<div data-file="front.txt">{body_html(article, EN)}</div>')
    assert len(drawn.having("from-file")) == 2
    assert "in inside.txt开行三列" in drawn.text
    assert [file for file, *_ in drawn.pieces] == ["front.txt", "inside.txt"]


# The page


def test_the_article_is_set_with_all_that_is_known_of_it() -> None:
    fake, article = jumping()
    drawn = Drawn(article_html(article, shelf_of(as_index(fake)), ZH, body_html(article, ZH)))
    told = ("今日特稿", "港口班列开通", "记者 林一", "2026-05-12", "消息", "inside.txt", "开行三列")
    for words in told:
        assert words in drawn.text
    assert ZH.joins_of.format(count=1) in drawn.text
    assert ZH.incomplete not in drawn.text
    open_ended = replace(article, complete=False, broken_off=True)
    assert inert(ZH.incomplete) in article_html(open_ended, shelf_of(as_index(fake)), ZH, "")


def test_section_heads_are_headings_in_the_text_and_not_said_twice() -> None:
    page = page_of("a.txt", "头条\n副题\n第一段。\n小标题\n第二段。\n")
    article = article_of(
        page, "头条", "第一段。\n", "小标题\n", "第二段。\n", subheads=("副题", "小标题")
    )
    fake, _ = jumping()
    fake.pages["a.txt"] = page
    drawn = Drawn(article_html(article, shelf_of(as_index(fake)), ZH, body_html(article, ZH)))
    assert drawn.text.count("小标题") == 1
    assert drawn.text.count("副题") == 1
    assert len(drawn.having("section")) == 1


def test_neighbours_are_those_of_the_issue_in_the_order_of_its_pages() -> None:
    fake, article = jumping()
    order = shelf_of(as_index(fake)).order
    fair = fake.articles["fair.txt#1"]  # of the same day; the file of the other has no date
    assert order[fair.id] == (None, article)
    assert order[article.id] == (fair, None)
    assert order["bbbbbbbbbbbb"] == (None, None)


# As printed


def test_the_received_page_shows_whose_each_line_is_and_where_it_was_joined() -> None:
    fake, article = jumping()
    shelf = shelf_of(as_index(fake))
    owned = {file: shelf.owned(file) for file in article.files}
    html = printed_html(article, fake.pages, owned, EN)
    lines = re.findall(r'<p class="line (\w+)[^"]*">(.*?)</p>', html)
    shown = [(name, Drawn(f'<p data-file="x">{words}</p>').text) for name, words in lines]
    names = {text.lstrip("0123456789"): name for name, text in shown}
    assert names["小商品城日报"] == "furniture"
    assert names["港口班列开通"] == "own"
    assert names["今日特稿"] == "own", "its kicker"
    assert names["另一则消息的标题"] == "others"
    assert names["第二版"] == "furniture"
    (left,) = [text for text in names if text.startswith("本报讯")]
    assert left.endswith("预计每周carried on at inside.txt line 2 (not certain)")
    (right,) = [text for text in names if "开行三列" in text]
    assert right.startswith("carries on from front.txt line 8 (not certain)开行三列")
    assert f'href="{article_path(fake.articles["bbbbbbbbbbbb"])}"' in html


def test_a_long_file_is_shown_around_the_article_and_says_what_is_left_out() -> None:
    filler = "别的一行字。\n" * (MAX_WHOLE_PAGE_CHARS // 6)
    page = page_of("long.txt", f"{filler}头条\n正文。\n{filler}")
    article = article_of(page, "头条", "正文。\n")
    html = printed_html(
        article, {"long.txt": page}, {"long.txt": owned_by([article], "long.txt")}, EN
    )
    assert html.count('class="line ') == 2 + 2 * LINES_AROUND
    left_out = len(filler.splitlines()) - LINES_AROUND
    assert html.count(inert(EN.lines_left_out_of.format(count=left_out))) == 2


def test_places_that_two_articles_claim_are_shown_once() -> None:
    page = page_of("a.txt", "一二三四五六七八。\n")
    one = article_of(page, "", "一二三四五六", id="one")
    two = article_of(page, "", "四五六七八。", id="two")
    parts = list(owned_by([one, two], "a.txt").within(0, 10))
    owners = [(start, end, owner.id if owner else None) for start, end, owner in parts]
    assert owners == [(0, 6, "one"), (6, 9, "two"), (9, 10, None)]


def test_what_the_app_says_of_an_article_is_not_read_out_as_chinese() -> None:
    index, article = jumping()
    other = replace(article, headline="", id="other")
    index.articles = {article.id: article, other.id: other}
    for each in (article, other):
        shelf = shelf_of(as_index(index))
        owned = {file: shelf.owned(file) for file in each.files}
        for html in (
            article_html(each, shelf, EN, "", notice=EN.moved),
            printed_html(each, index.pages, owned, EN),
            gone_html(shelf, each.file, EN, None),
        ):
            assert not re.search("[a-z]{3}", Drawn(html).spoken["zh"])
    html = article_html(other, shelf, EN, "", notice=EN.moved)
    for words in (EN.moved, EN.headline_missing):
        assert words in Drawn(html).spoken["en"]


# Word by word


def test_words_and_figures_tell_their_sound_and_their_english() -> None:
    page = page_of("a.txt", "头条\n达成意向成交额共计1.4975亿元。\n")
    article = article_of(page, "头条", "达成意向成交额共计1.4975亿元。\n")
    told = {
        attrs["data-e"]: attrs["data-p"]
        for attrs in Drawn(glossed_html(article, EN, NO_NAMES)).having("w")
    }
    assert told["CNY 149.75 million"] == ""
    assert "dáchéng" in told.values()


def test_the_longest_article_of_the_seeds_is_glossed_in_time(answerer: "Answerer") -> None:
    article = max(answerer.index.articles.values(), key=lambda each: len(each.body.text))
    names = answerer.retriever.analyst.names
    glossed_html(article, EN, names)  # loads the dictionary
    started = time.process_time()
    html = glossed_html(article, EN, names)
    assert time.process_time() - started < 0.3
    assert html.count('class="w"') > 1_000


def test_a_very_long_article_is_glossed_as_far_as_time_allows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ui.setting.MAX_GLOSSED_CHARS", 12)
    page = page_of("a.txt", "头条\n今天开幕。\n明天闭幕,后天再来。\n")
    article = article_of(page, "头条", "今天开幕。\n", "明天闭幕,后天再来。\n")
    drawn = Drawn(glossed_html(article, EN, NO_NAMES))
    assert EN.words_cut in drawn.spoken["en"]
    assert [words for *_, words in drawn.pieces] == ["今天开幕。", "明天闭幕,后天再来。"]
    assert "míngtiān" not in [attrs["data-p"] for attrs in drawn.having("w")]


# Addresses


def test_an_address_names_the_file_and_the_words() -> None:
    _, article = jumping()
    one, two = article.body.spans
    quote = Excerpt(
        "每周开行", (Span("front.txt", one.end - 2, one.end), Span("inside.txt", 9, 11))
    )
    link = urlsplit(share_link(article, quote))
    assert link.path == "article/abcdef012345"
    assert parse_qs(link.query) == {"file": ["front.txt"]}
    there = f"s{one.end - 2}-{one.end},inside.txt:9-11"
    assert link.fragment == f"{there}~{check_of('每周开行')}"
    assert places([two], "inside.txt") == f"s{two.start}-{two.end}"
    assert share_link(article) == "article/abcdef012345?file=front.txt"


def test_the_check_of_words_changes_with_them_but_not_with_white_space() -> None:
    assert check_of("每周 开\n行\ufeff") == check_of("每周开行")
    assert check_of("每周开行") != check_of("每周行开")
    assert re.fullmatch("[0-9a-f]{4}", check_of("😀" * 500))


def test_odd_names_of_files_are_encoded() -> None:
    spans = [Span("甲, 1:2.txt", 3, 4)]
    assert places(spans, "b.txt") == "s%E7%94%B2%2C%201%3A2.txt:3-4"
    article = article_of(page_of("a/b#c.txt", "头条\n正文。\n"), "头条", "正文。\n")
    assert share_link(article) == "article/a%2Fb%23c.txt%231?file=a%2Fb%23c.txt"
    lone = article_of(page_of("\ud800.txt", "头条\n正文。\n"), "头条", "正文。\n")
    assert share_link(lone).isascii()


def test_an_article_is_found_by_its_id_and_else_by_its_words() -> None:
    fake, article = jumping()
    shelf = shelf_of(as_index(fake))
    inside = article.body.spans[1]
    assert find(shelf, article.id) is article
    assert find(shelf, "gone") is None
    assert find(shelf, "gone", "inside.txt") is None, "a file alone means no article"
    assert find(shelf, "gone", "inside.txt", inside.start) is article
    assert find(shelf, "bbbbbbbbbbbb", "inside.txt", inside.start) is article, "the words decide"
    assert find(shelf, article.id, "inside.txt", 0) is article, "no article holds this place"
    assert find(shelf, "cccccccccccc") is article, "one half of it had an id of its own"


def test_what_was_drawn_is_kept_but_not_without_end() -> None:
    fake, article = jumping()
    shelf = shelf_of(as_index(fake))
    drawn: list[str] = []

    def draw() -> str:
        drawn.append("x")
        return ""

    for _ in range(3):
        shelf.kept("printed", article, "zh", draw)
    assert len(drawn) == 1
    for number in range(MAX_KEPT):
        shelf.kept("printed", replace(article, id=str(number)), "zh", draw)
    shelf.kept("printed", article, "zh", draw)
    assert len(drawn) == MAX_KEPT + 2


# Hostile print


@pytest.mark.parametrize("payload", HOSTILE)
def test_hostile_print_is_shown_and_does_nothing(payload: str) -> None:
    fake, _ = jumping()
    page = page_of(f"{payload}.txt", f"{payload}头条\n{payload}\n正文。\n")
    article = article_of(
        page,
        f"{payload}头条",
        f"{payload}\n",
        "正文。\n",
        kicker=payload,
        byline=payload,
        date=payload,
        genre=payload,
        subheads=(payload, f"{payload}二"),
        complete=False,
        id=payload,
    )
    fake.pages[page.file] = page
    fake.articles = {payload: article, "next": replace(article, id="next")}
    drawn = Drawn(everything(article, as_index(fake)))
    assert {tag for tag, _ in drawn.tags} <= TAGS
    for _, attrs in drawn.tags:
        assert set(attrs) <= NAMES
        assert re.fullmatch(r"(?:\./|article/[\w%.~?=&+#,:-]*)?", attrs.get("href", ""), re.ASCII)


# Over HTTP


@pytest.fixture(scope="module")
def client() -> Iterator["TestClient"]:
    from fastapi.testclient import TestClient

    from rag.config import load_settings
    from ui.app import create_app

    index, _ = jumping()

    async def in_a_loop() -> "FastAPI":
        return create_app(cast("Answerer", FakeAnswerer(index)), load_settings())

    with TestClient(asyncio.run(in_a_loop())) as client:
        yield client


def test_the_page_and_its_fragments_are_served_in_the_language_of_the_reader(
    client: "TestClient",
) -> None:
    page = client.get("/article/abcdef012345?lang=en")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert inert(EN.view_printed) in page.text
    for part, words in (("printed", ZH.lines_own), ("glossed", ZH.words_hint)):
        fragment = client.get(f"/article/abcdef012345/{part}?lang=zh")
        assert fragment.status_code == 200
        assert inert(words) in fragment.text
        assert "<html" not in fragment.text


def test_every_view_reads_without_a_script(client: "TestClient") -> None:
    printed = client.get("/article/abcdef012345?view=printed&lang=en").text
    assert inert(EN.lines_own) in printed
    assert 'aria-current="true"' in printed
    assert 'class="w"' in client.get("/article/abcdef012345?view=words").text
    assert 'class="body"' in client.get("/article/abcdef012345?view=%3Cscript%3E").text


def test_a_lost_article_is_a_404_that_leads_on(client: "TestClient") -> None:
    lost = client.get("/article/000000000000?file=front.txt&lang=en")
    assert lost.status_code == 404
    assert inert(EN.gone) in lost.text
    assert 'href="./"' in lost.text
    assert inert(share_link(jumping()[1])) in lost.text, "what the file holds now"
    assert 'data-gone="front' in lost.text, "the script asks again by the place"
    assert "data-gone" not in client.get("/article/0?file=front.txt&at=99999").text, "once"
    assert client.get("/article/0/printed").status_code == 404
    assert client.get("/article/0/glossed").status_code == 404


def test_the_article_that_holds_the_words_now_says_so(client: "TestClient") -> None:
    at = jumping()[1].body.spans[1].start
    moved = client.get(f"/article/000000000000?file=inside.txt&at={at}&lang=en")
    assert moved.status_code == 200
    assert inert(EN.moved) in moved.text
    same = client.get(f"/article/abcdef012345?file=inside.txt&at={at}&lang=en")
    assert inert(EN.moved) not in same.text
    nowhere = client.get("/article/abcdef012345?file=inside.txt&at=0&lang=en")
    assert inert(EN.words_gone) in nowhere.text
    assert "里" not in STRINGS["zh-Hant"].words_gone


@pytest.mark.parametrize(
    "query",
    ["at=x", "at=-1", "at=²", f"at={'9' * 500}", "file=%00", f"file={'x' * 3000}", "lang=x"],
)
def test_odd_queries_are_no_error(client: "TestClient", query: str) -> None:
    assert client.get(f"/article/abcdef012345?{query}").status_code == 200
    assert client.get(f"/article/<script>?{query}").status_code == 404


def test_articles_are_only_read(client: "TestClient") -> None:
    assert client.post("/article/abcdef012345", content="").status_code == 405


def test_an_address_outlives_a_new_index(answerer: "Answerer", tmp_path: Path, seeds: Path) -> None:
    """The same pages under another folder, one article corrected away: the words are found."""
    from index.build import build_index
    from index.embedding import load_embedder
    from index.store import load_index

    corpus = tmp_path / "pages"
    corpus.mkdir()
    for page in seeds.glob("*.txt"):
        (corpus / page.name).write_bytes(page.read_bytes())
    article = next(a for a in answerer.index.articles.values() if len(a.body.spans) > 3)
    build_index([corpus], tmp_path / "index", load_embedder())
    again = shelf_of(load_index(tmp_path / "index"))
    found = find(again, article.id)
    assert found is not None
    assert found.body == article.body
    place = article.body.spans[0]
    assert find(again, "another-id", place.file, place.start) == found
