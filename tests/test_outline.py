"""The outline of a page: every line with its article, role and doubts, in any terminal."""

import io
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from index.lines import lines_of
from index.reading import Doubt, PlacedLine, Reading
from index.roles import Role
from index.types import Article, Excerpt, Join, Page
from ui.harmless import visible
from ui.outline import article_list, badges_of, doubt_list, outline

PAGE = """北山日报

湿地公园迎来候鸟

入冬以来，湿地公园的候鸟数量创了新高，越冬的候鸟超过两
电动公交车上线

昨日，三十辆电动公交车上线运行。

万只，迎来观鸟的高峰。
"""
BIRDS, BUSES = "b1rd5b1rd5b1", "bu5e5bu5e5bu"


def article(id_: str, headline: str, **values: object) -> Article:
    whole = Article(
        id=id_,
        file="a.txt",
        headline=headline,
        subheads=(),
        kicker="",
        byline="",
        date=None,
        genre="news",
        complete=True,
        body=Excerpt("正文。", ()),
        spans=(),
    )
    return replace(whole, **values)  # type: ignore[arg-type]


@pytest.fixture
def reading() -> Reading:
    page = Page("a.txt", PAGE, "utf-8", "")
    names, birds, first, buses, running, second = lines_of(page)
    lines = (
        PlacedLine(names, Role.FURNITURE, None),
        PlacedLine(birds, Role.HEADLINE, BIRDS, confidence=0.52, reason="shares its words"),
        PlacedLine(first, Role.BODY, BIRDS, at=0),
        PlacedLine(buses, Role.HEADLINE, BUSES, reason="stands above its body"),
        PlacedLine(running, Role.BODY, BUSES, at=0, confidence=0.95),
        PlacedLine(second, Role.BODY, BIRDS, at=27, continues=5),
    )
    articles = (
        article(
            BIRDS,
            "湿地公园迎来候鸟",
            date="2026-05-20",
            date_source="masthead",
            byline="本报记者 甲乙",
            joins=(Join(27, 0.61),),
        ),
        article(BUSES, "", genre="caption", complete=False),
    )
    doubts = (
        Doubt(10, BIRDS, "may not carry on the paragraph of line 5", 0.61),
        Doubt(3, BIRDS, "this headline may belong to another article", 0.52),
    )
    return Reading(page, articles, lines, doubts)


def drawn(reading: Reading, width: int = 80, **how: object) -> list[str]:
    """Return the rows of the outline as a terminal of ``width`` prints them."""
    file = io.StringIO()
    console = Console(file=file, width=width, **how)  # type: ignore[arg-type]
    for part in outline(reading, width):
        console.print(part, highlight=False)
    return file.getvalue().splitlines()


def test_a_page_is_drawn_line_by_line_then_its_articles_then_its_doubts(reading: Reading) -> None:
    assert drawn(reading) == [
        "a.txt · 6 lines · 2 articles · 2 doubts",
        "",
        " 1  -  furniture 北山日报",
        " 3? A  headline  湿地公园迎来候鸟  0.52 shares its words",
        " 5  A  body      入冬以来，湿地公园的候鸟数量创了新高，越冬的候鸟超过两",
        " 6  B  headline  电动公交车上线  stands above its body",
        " 8  B  body      昨日，三十辆电动公交车上线运行。",
        "10? A  body      ↳5 (0.61) 万只，迎来观鸟的高峰。",
        "",
        " A  b1rd5b1rd5b1  湿地公园迎来候鸟",
        "    news · 本报记者 甲乙 · 2026-05-20 (masthead) · lines 3-5, 10 · 3 characters",
        " B  bu5e5bu5e5bu  (no headline)",
        "    caption · no date · lines 6-8 · 3 characters · not complete",
        "",
        "line  3  A  this headline may belong to another article (0.52): 湿地公园迎来候鸟",
        "line 10  A  may not carry on the paragraph of line 5 (0.61): 万只，迎来观鸟的高…",
    ]


@pytest.mark.parametrize("width", [50, 60, 80, 81, 200])
def test_no_line_of_the_page_is_wider_than_the_terminal(reading: Reading, width: int) -> None:
    page = drawn(reading, width)[2:8]
    assert len(page) == 6
    assert all(cell_len(row) <= width for row in page)
    assert [row.split()[0].rstrip("?") for row in page] == ["1", "3", "5", "6", "8", "10"]


def test_a_wide_character_is_never_cut_in_half(reading: Reading) -> None:
    rows = [drawn(reading, width)[4] for width in range(50, 64)]
    assert all(row.endswith("…") and not row.endswith(" …") for row in rows)
    assert {cell_len(row) - width for row, width in zip(rows, range(50, 64), strict=True)} == {
        -1,
        0,
    }


def test_a_narrow_terminal_shows_the_line_numbers_at_least(reading: Reading) -> None:
    assert [row[:4].strip(" ?AB-") for row in drawn(reading, 10) if row[:2].strip().isdigit()]


def test_colours_go_and_letters_stay_where_there_are_none(reading: Reading) -> None:
    coloured = drawn(reading, force_terminal=True, color_system="standard")
    bare = drawn(reading, force_terminal=True, no_color=True)
    assert "\x1b[30;46m A \x1b[0m" in coloured[3]
    assert not any("46m" in row for row in bare)
    assert all(" A " in rows[3] for rows in (coloured, bare))
    assert not any("\x1b" in row for row in drawn(reading))


def test_letters_go_on_after_z() -> None:
    many = [article(f"{number:012}", "题") for number in range(60)]
    badges = badges_of(many)
    assert [badges[many[n].id].plain for n in (0, 25, 26, 51, 52, 59)] == [
        " A  ", " Z  ", " AA ", " AZ ", " BA ", " BH ",
    ]  # fmt: skip
    assert badges[None].plain == " -  "
    assert all(badges[many[n].id].style != badges[many[n + 1].id].style for n in range(59))


def test_lines_wrapped_below_each_other_carry_a_plain_mark(reading: Reading) -> None:
    lines = list(reading.lines)
    lines[3] = replace(lines[3], role=Role.BODY, article_id=BIRDS, continues=5, reason="")
    assert drawn(replace(reading, lines=tuple(lines)))[5].endswith("body      ↳ 电动公交车上线")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("正文。", "正文。"),
        ("红\x1b[31m", "红<U+001B>[31m"),
        ("反\u202eabc", "反<U+202E>abc"),
        ("零\u200b宽\ufeff", "零<U+200B>宽<U+FEFF>"),
        ("题\u3000目\t一\r\n二", "题 目 一 二"),
        ("行\u2028段\u2029", "行<U+2028>段<U+2029>"),
        ("八位\x9b31m\x85", "八位<U+009B>31m<U+0085>"),
        ("半\ud800个", "半<U+D800>个"),
        ("[bold]标签[/bold]", "[bold]标签[/bold]"),
    ],
)
def test_what_a_terminal_would_act_upon_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_page_text_reaches_the_terminal_only_made_harmless() -> None:
    evil = "\x1b]0;title\x07\u202e[red]题"
    page = Page(f"{evil}.txt", f"{evil}\n", "utf-8", "")
    (line,) = lines_of(page)
    found = article("id", evil, byline=evil, genre=evil, file=page.file)
    placed = PlacedLine(line, Role.HEADLINE, "id")
    reading = Reading(page, (found,), (placed,), (Doubt(1, "id", "no", 0.5),))
    rows = drawn(reading, 200)
    assert not any(character in row for row in rows for character in "\x1b\x07\u202e")
    assert sum("<U+001B>]0;title<U+0007><U+202E>[red]题" in row for row in rows) == 5


def test_articles_of_a_file_without_lines_have_no_letters() -> None:
    file = io.StringIO()
    console = Console(file=file, width=60)
    for part in article_list([article("id", "题目", date="2026-05-20")], {}, {}, {"id": "new"}):
        console.print(part, highlight=False)
    assert file.getvalue() == "id  题目\n news · 2026-05-20 · 3 characters · new\n"


def test_doubts_are_listed_in_the_order_of_the_lines(reading: Reading) -> None:
    rows = [row.plain for row in doubt_list(reading, 80)]
    assert [row[:8] for row in rows] == ["line  3 ", "line 10 "]
    assert list(doubt_list(replace(reading, doubts=()), 80)) == []
    assert "no doubts" in drawn(replace(reading, doubts=()))[0]


def test_a_page_without_articles_is_drawn(reading: Reading) -> None:
    names = reading.lines[0]
    rows = drawn(Reading(reading.page, (), (names,)))
    assert rows[:3] == ["a.txt · 1 line · 0 articles · no doubts", "", "1  -  furniture 北山日报"]
