"""Halves of an article on two pages of an issue find each other, and nothing else does."""

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from evals.metrics import citation_problems
from index.articles import articles_of
from index.decoding import read_page
from index.jumps import linked
from index.page_numbers import PageNumber, named_number, number_meant, printed_numbers
from index.types import Article, Chunk, Join, Page
from rag.types import Answer, Citation, Passage, Question
from tests.fakes import article_of, page_of
from tests.issue import ACROSS, FRONT, FRONT_FILE, INSIDE, INSIDE_FILE
from ui.render import Exchange, highlights, panel_html
from ui.strings import STRINGS
from ui.terminal import answer_text

BRIDGE = (
    "清江大桥主桥昨日合龙，建设者孟庆山说，大桥全长2160米。\n",
    "孟庆山介绍，清江大桥的拱肋吊装最难，高峰期有四百名工人同时在",
    "江上作业。清江大桥的桥面铺装由孟庆山的团队完成，2160米的桥面年底通车。\n",
)
LIBRARY = (
    "南屏图书馆馆长陶静宣布延长开放，自习室增加座位220个。\n",
    "陶静说，南屏图书馆还要在六个社区开设分馆，每个分馆藏书八千册，座位另增220个。\n",
)
TEA = "临湖县云雾茶场的山坡上，两架无人机来回穿梭，负责人卢志强说，一天干完半个月的活。\n"
ON, BACK = "（下转第二版）\n", "（上接第一版）\n"


def first(file: str, *text: str, jump: str = ON, **rest: object) -> tuple[Page, Article]:
    """Return a page and its article, which breaks off."""
    page = page_of(file, "大桥合龙\n\n" + "".join(text).rstrip("\n") + f"\n{jump}")
    known = {"complete": False, "broken_off": True, **rest}
    return page, article_of(page, "大桥合龙", "".join(text).rstrip("\n"), **known)


def second(file: str, *text: str, jump: str = BACK, **rest: object) -> tuple[Page, Article]:
    """Return a page and its article, which is taken up from elsewhere."""
    page = page_of(file, f"{jump}\n" + "".join(text))
    known = {"complete": False, "taken_up": True, "id": f"{file}#2", **rest}
    return page, article_of(page, "", "".join(text), **known)


def link(*read: tuple[Page, Article]) -> list[Article]:
    return linked([article for _, article in read], {page.file: page for page, _ in read})


def files(articles: Sequence[Article]) -> list[tuple[str, ...]]:
    return [article.files for article in articles]


def printed(article: Article, *pages: Page) -> str:
    """Return the words at the spans of the body."""
    texts = {page.file: page.text for page in pages}
    return "".join(texts[span.file][span.start : span.end] for span in article.body.spans)


def test_a_sentence_that_the_jump_cuts_is_whole_again() -> None:
    one, two = first("01.txt", BRIDGE[0], BRIDGE[1]), second("02.txt", BRIDGE[2])
    (whole,) = link(one, two)
    assert whole.body.text == "".join(BRIDGE).rstrip("\n")
    assert whole.body.text == printed(whole, one[0], two[0])
    assert whole.files == ("01.txt", "02.txt")
    assert (whole.id, whole.file, whole.headline) == (one[1].id, "01.txt", "大桥合龙")
    assert whole.complete
    assert not whole.broken_off
    assert not whole.taken_up
    assert whole.spans == (*one[1].spans, *two[1].spans)
    (jump,) = whole.joins
    assert whole.body.text[jump.at :].startswith("江上作业")
    assert 0.5 < jump.confidence < 1


def test_after_a_full_stop_the_received_line_break_parts_the_halves() -> None:
    one, two = first("01.txt", LIBRARY[0]), second("02.txt", LIBRARY[1])
    (whole,) = link(one, two)
    assert whole.body.text == LIBRARY[0] + LIBRARY[1].rstrip("\n")
    assert whole.body.text == printed(whole, one[0], two[0])
    assert whole.body.text[whole.joins[0].at :].startswith("陶静说")


@pytest.mark.parametrize("jump", ["（接第一版）", "（接1版）", "（承接第1版）", "（緊接第一版）"])
def test_every_word_for_a_page_before_is_read_alike(jump: str) -> None:
    one = first("01.txt", *BRIDGE[:2])
    (whole,) = link(one, second("02.txt", BRIDGE[2], jump=f"{jump}\n"))
    assert whole.body.text == "".join(BRIDGE).rstrip("\n")
    (within,) = link(one, second("02.txt", jump + BRIDGE[2], jump=""))
    assert within.body.text == whole.body.text
    pages = page_of(FRONT_FILE, FRONT), page_of(INSIDE_FILE, INSIDE.replace("（上接第一版）", jump))
    read = [article for page in pages for article in articles_of(page).articles]
    assert linked(read, {page.file: page for page in pages})[0].files == (FRONT_FILE, INSIDE_FILE)


def test_joins_of_both_halves_keep_their_places() -> None:
    at_first, at_second = BRIDGE[0].index("大桥全长"), BRIDGE[2].index("年底")
    one = first("01.txt", *BRIDGE[:2], joins=(Join(at_first, 0.9),))
    two = second("02.txt", BRIDGE[2], joins=(Join(at_second, 0.8),))
    (whole,) = link(one, two)
    words = [whole.body.text[each.at :][:4] for each in whole.joins]
    assert words == ["大桥全长", "江上作业", "年底通车"]


def test_jump_marks_within_the_text_are_not_part_of_it() -> None:
    page = page_of("01.txt", f"大桥合龙\n{BRIDGE[0]}{BRIDGE[1]}（下转A2版）\n题图 江上的大桥\n")
    words = page.text[page.text.index("\n") + 1 :].rstrip("\n")
    one = page, article_of(page, "大桥合龙", words, complete=False, broken_off=True)
    other = page_of("02.txt", f"A2 要闻\n（上接第一版）{BRIDGE[2]}")
    rest = article_of(other, "", other.text.splitlines(keepends=True)[1])
    two = other, replace(rest, complete=False, taken_up=True)
    (whole,) = link(one, two)
    assert whole.body.text == "".join(BRIDGE) + "题图 江上的大桥"
    assert whole.body.text == printed(whole, page, other)


def test_what_the_first_half_lacks_comes_from_the_second() -> None:
    page, article = first("01.txt", *BRIDGE[:2])
    one = page, replace(article, headline="")
    page, article = second("02.txt", BRIDGE[2], date="2026-03-05", date_source="masthead")
    two = page, replace(article, headline="清江大桥合龙", byline="本报记者 郑水根")
    (whole,) = link(one, two)
    assert (whole.headline, whole.byline) == ("清江大桥合龙", "本报记者 郑水根")
    assert (whole.date, whole.date_source) == ("2026-03-05", "masthead")


def test_an_article_runs_over_three_pages() -> None:
    middle = "孟庆山的团队在清江大桥上装了2160米护栏，用了三个月，拱肋吊装之后又"
    page = page_of("02.txt", f"{BACK}\n{middle}\n（下转第三版）\n")
    both = article_of(page, "", middle, complete=False, taken_up=True, broken_off=True)
    last = second(
        "03.txt", "装了灯。清江大桥的拱肋吊装由孟庆山完成，2160米。\n", jump="（上接第二版）\n"
    )
    one = first("01.txt", *BRIDGE[:2])
    (whole,) = link(one, (page, both), last)
    assert whole.files == ("01.txt", "02.txt", "03.txt")
    assert "又装了灯" in whole.body.text
    assert whole.complete
    (open_still, _) = link(one, (page, both), second("03.txt", TEA, jump="（上接第二版）\n"))
    assert open_still.files == ("01.txt", "02.txt")
    assert open_still.broken_off
    assert not open_still.complete


def test_each_half_finds_its_own() -> None:
    articles = link(
        first("01.txt", *BRIDGE[:2]),
        first("A01.txt", LIBRARY[0]),
        second("02.txt", LIBRARY[1]),
        second("A02.txt", BRIDGE[2]),
    )
    assert sorted(files(articles)) == [("01.txt", "A02.txt"), ("A01.txt", "02.txt")]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        pytest.param(
            first("01.txt", *BRIDGE[:2], date="2026-03-05"),
            second("02.txt", BRIDGE[2], date="2026-03-06"),
            id="of different days",
        ),
        pytest.param(
            first("20260305_01.txt", *BRIDGE[:2]),
            second("20260306_02.txt", BRIDGE[2]),
            id="of different days by the names of the files",
        ),
        pytest.param(
            first("jinhua_01.txt", *BRIDGE[:2]),
            second("yiwu_02.txt", BRIDGE[2]),
            id="of different series",
        ),
        pytest.param(
            first("a/01.txt", *BRIDGE[:2]),
            second("b/02.txt", BRIDGE[2]),
            id="of different folders",
        ),
        pytest.param(
            first("01.txt", *BRIDGE[:2]),
            second("02.txt", BRIDGE[2], jump="第3版\n（上接第一版）\n"),
            id="on another page than the jump names",
        ),
        pytest.param(
            first("01.txt", *BRIDGE[:2]), second("02.txt", TEA), id="on different subjects"
        ),
        pytest.param(
            first("01.txt", *BRIDGE[:2]),
            second("02.txt", BRIDGE[2], taken_up=False, complete=True),
            id="whole",
        ),
    ],
)
def test_no_match_is_made_of_articles(one: tuple[Page, Article], two: tuple[Page, Article]) -> None:
    assert link(one, two) == [one[1], two[1]]


def test_of_two_that_fit_alike_none_is_chosen() -> None:
    one, two = first("01.txt", *BRIDGE[:2]), second("02.txt", BRIDGE[2])
    assert len(link(one, two, second("B02.txt", BRIDGE[2]))) == 3
    assert len(link(one, two, second("B02.txt", TEA))) == 2


def test_the_halves_that_stand_in_the_received_pages_are_of_different_articles(
    seeds: Path,
) -> None:
    # 001 breaks an interview off, 002 takes a report up: two issues, neither other half here.
    pages = {path.name: read_page(path, path.name) for path in seeds.glob("*.txt")}
    articles = [a for page in pages.values() for a in articles_of(page).articles]
    assert sum(not article.complete for article in articles) == 2
    assert linked(articles, pages) == articles


def test_the_halves_of_two_pages_as_they_are_read() -> None:
    pages = {FRONT_FILE: page_of(FRONT_FILE, FRONT), INSIDE_FILE: page_of(INSIDE_FILE, INSIDE)}
    read = [a for page in pages.values() for a in articles_of(page).articles]
    articles = linked(read, pages)
    assert (len(read), len(articles)) == (4, 3)
    whole = articles[0]
    assert whole.files == (FRONT_FILE, INSIDE_FILE)
    assert ACROSS in whole.body.text
    assert all(
        words == "".join(pages[s.file].text[s.start : s.end] for s in spans)
        for words, spans in [(a.body.text, a.body.spans) for a in articles]
    )


@pytest.mark.parametrize(
    ("file", "series", "number"),
    [
        ("20260305_01.txt", "./#20260305#_", PageNumber("", 1)),
        ("jhrb-2026-03-05-A2.pdf", "./jhrb-#20260305#-", PageNumber("A", 2)),
        ("a/第十二版：要闻.txt", "a/", PageNumber("", 12)),
        ("01-要闻.txt", "./", PageNumber("", 1)),
        ("p3.txt", "./", PageNumber("", 3)),
        ("2026-03-05.txt", ".", None),
        ("000_361fbcaa1fcc6c1b.txt", ".", None),
    ],
)
def test_the_name_of_a_file_bears_its_page_number(
    file: str, series: str, number: PageNumber | None
) -> None:
    assert named_number(file) == (series, number)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("金华日报\n2026年3月5日 星期四\n第1版\n\n题目\n", {PageNumber("", 1)}),
        ("2026年3月5日 星期四 今日8版 第三版\n", {PageNumber("", 3)}),
        ("A02 要闻\n\n题目\n\n（下转第四版）\n", {PageNumber("A", 2)}),
        ("题目\n\n正文说，第1版教材已经出版。\n", set()),
    ],
)
def test_the_printed_page_number_is_read(text: str, expected: set[PageNumber]) -> None:
    assert printed_numbers(page_of("a.txt", text)) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("第二版", PageNumber("", 2)),
        ("Ａ２", PageNumber("A", 2)),
        ("4版·综合", PageNumber("", 4)),
        ("至第二十一版", PageNumber("", 21)),
        ("要闻版", None),
    ],
)
def test_the_page_that_a_jump_names_is_read(words: str, expected: PageNumber | None) -> None:
    assert number_meant(words) == expected


def test_a_page_without_a_section_fits_any() -> None:
    assert PageNumber("", 2).fits(PageNumber("A", 2))
    assert not PageNumber("B", 2).fits(PageNumber("A", 2))
    assert not PageNumber("", 2).fits(PageNumber("", 3))


def test_a_quote_across_the_jump_names_both_files_everywhere() -> None:
    one, two = first("01.txt", *BRIDGE[:2]), second("02.txt", BRIDGE[2])
    (whole,) = link(one, two)
    start = whole.body.text.index("高峰期")
    quote = whole.body.slice(start, whole.body.text.index("。", start) + 1)
    assert quote.text == "高峰期有四百名工人同时在江上作业。"
    answer = Answer(
        Question("有多少工人？", "zh"),
        "高峰期有四百名工人[1]。",
        False,
        "extractive",
        0.9,
        (Citation(1, whole, quote),),
        (Passage(Chunk("c", whole, start, len(whole.body.text)), 1.0),),
    )
    said = answer.to_json()
    assert said["citations"][0]["file"] == said["passages"][0]["file"] == "01.txt"
    assert [span["file"] for span in said["citations"][0]["spans"]] == ["01.txt", "02.txt"]
    late = whole.body.slice(whole.body.text.index("清江大桥的桥面"), len(whole.body.text))
    assert Citation(1, whole, late).file == "02.txt"
    assert citation_problems(answer, {page.file: page for page, _ in (one, two)}) == ()
    assert "01.txt, 02.txt" in answer_text(answer)
    panel = html.unescape(panel_html((Exchange("有多少工人？", answer),), STRINGS["zh"]))
    assert re.search(r"01\.txt · 第 \d+–\d+ 字; 02\.txt · 第 \d+–\d+ 字", panel)
    assert "<mark" in panel
    assert highlights(whole, quote) == [(start, start + len(quote.text))]
