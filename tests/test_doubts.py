"""The doubts about an article name the line that a person should look at, and say why."""

from dataclasses import dataclass, field, replace

import pytest

from index.doubts import doubts_of
from index.lines import Piece, lines_of
from index.reading import Doubt, PlacedLine
from index.roles import Role
from index.stories import Placed, Story
from index.types import Article, Join, Page, join

WHOLE = "入冬以来，湿地公园的候鸟数量创了新高，越冬的候鸟超过两万只，迎来观鸟的高峰。"
OPEN = "入冬以来，湿地公园的候鸟数量创了新高，越冬的候鸟超过两万只，迎来观"
HEAD = ("湿地公园迎来候鸟", Role.HEADLINE, 1.0)
TEXT = (WHOLE, Role.BODY, 1.0)


@dataclass
class Reading:
    """An article of rows ``(words, role, confidence)``, a line each, with joins before lines."""

    rows: list[tuple[str, Role, float]]
    joins: dict[int, float] = field(default_factory=dict)
    jumped_in: bool = False
    jumped_out: bool = False
    genre: str = "news"

    def doubts(self) -> list[Doubt]:
        text = "\n".join(words for words, _, _ in self.rows)
        lines = lines_of(Page("a.txt", text, "utf-8", ""))
        story = Story(jumped_in=self.jumped_in, jumped_out=self.jumped_out)
        lists = {
            Role.HEADLINE: story.heads,
            Role.DECK: story.heads,
            Role.KICKER: story.kickers,
            Role.BYLINE: story.bylines,
            Role.CAPTION: story.captions,
        }
        owned: list[PlacedLine] = []
        offset = 0
        for line, (_, role, confidence) in zip(lines, self.rows, strict=True):
            among = lists.get(role, story.body)
            among.append(Placed(Piece((line,), line.text), role, confidence))
            running = among is story.body
            continues = line.number - 1 if line.number in self.joins else None
            at = offset if running else None
            owned.append(PlacedLine(line, role, "id", at, continues, confidence))
            offset += len(line.text) * running
        article = Article(
            id="id",
            file="a.txt",
            headline="".join(placed.piece.printed for placed in story.heads),
            subheads=(),
            kicker="",
            byline="",
            date=None,
            genre=self.genre,
            complete=not (self.jumped_in or self.jumped_out),
            body=join(placed.piece.lines[0].excerpt for placed in story.body),
            spans=(),
            joins=tuple(
                Join(at, self.joins[each.line.number])
                for each in owned
                if each.line.number in self.joins and (at := each.at) is not None
            ),
        )
        return doubts_of(article, story, owned[::-1])


def said(reading: Reading) -> list[tuple[int, str]]:
    return [(doubt.line, doubt.message) for doubt in reading.doubts()]


def test_a_sound_article_raises_no_doubt() -> None:
    byline = ("本报记者 王小丫", Role.BYLINE, 1.0)
    assert said(Reading([HEAD, byline, TEXT, TEXT])) == []


def test_a_join_that_is_unsure_names_both_lines() -> None:
    rows = [HEAD, (OPEN, Role.BODY, 1.0), ("鸟的高峰。", Role.BODY, 0.9)]
    (doubt,) = Reading(rows, {3: 0.41}).doubts()
    assert doubt == Doubt(3, "id", "may not carry on the paragraph of line 2", 0.41)
    assert said(Reading(rows, {3: 0.81})) == []


@pytest.mark.parametrize("misplaced", [2, 3])
def test_a_join_with_a_misplaced_line_is_one_doubt(misplaced: int) -> None:
    rows = [HEAD, (OPEN, Role.BODY, 1.0), ("鸟的高峰。", Role.BODY, 1.0)]
    rows[misplaced - 1] = (*rows[misplaced - 1][:2], 0.5)
    assert said(Reading(rows, {3: 0.5})) == [(misplaced, "this text may belong to another article")]


@pytest.mark.parametrize(
    ("role", "name"),
    [(Role.BODY, "text"), (Role.BYLINE, "byline"), (Role.CAPTION, "caption")],
)
def test_a_line_that_may_belong_elsewhere_is_told(role: Role, name: str) -> None:
    message = f"this {name} may belong to another article"
    assert said(Reading([HEAD, TEXT, (WHOLE, role, 0.69)])) == [(3, message)]
    assert said(Reading([HEAD, TEXT, (WHOLE, role, 0.7)])) == []


def test_the_lines_of_an_unsure_headline_are_one_doubt() -> None:
    heads = [("候鸟来了", Role.HEADLINE, 0.5), ("两万只", Role.HEADLINE, 0.5)]
    message = "this headline may belong to another article"
    assert said(Reading([*heads, TEXT])) == [(1, message)]
    assert said(Reading([*heads, TEXT, TEXT, heads[0]])) == [(1, message), (5, message)]
    assert said(Reading([(*HEAD[:2], 0.6), TEXT])) == []


def test_an_article_without_headline_is_told_unless_it_needs_none() -> None:
    assert said(Reading([TEXT])) == [(1, "this article has no headline")]
    assert said(Reading([TEXT], genre="caption")) == []
    assert said(Reading([TEXT], genre="advert")) == []
    assert said(Reading([TEXT], genre="notice")) == [(1, "this article has no headline")]


def test_half_an_article_is_told_where_the_other_half_is_missing() -> None:
    rows = [HEAD, TEXT, (OPEN, Role.BODY, 1.0)]
    assert said(Reading(rows, jumped_out=True)) == [(3, "its second half stands on another page")]
    assert said(Reading([HEAD, TEXT], jumped_in=True)) == [
        (2, "its first half stands on another page")
    ]


def test_a_text_of_a_few_words_is_told_unless_it_may_be_brief() -> None:
    rows = [HEAD, ("欢迎光临。", Role.BODY, 1.0)]
    assert said(Reading(rows)) == [(2, "the whole text has 5 characters")]
    for genre in ("notice", "advert", "caption"):
        assert said(Reading(rows, genre=genre)) == []


@pytest.mark.parametrize(
    ("end", "is_open"),
    [
        (OPEN, True),
        (WHOLE, False),
        (WHOLE + "（记者 王小丫）", False),
        (WHOLE[:-1] + "（完）", True),
        ("他说：“" + WHOLE, True),
        ("他说：“" + WHOLE + "”", False),
    ],
)
def test_a_text_that_ends_in_mid_sentence_is_told(end: str, is_open: bool) -> None:
    rows = [HEAD, TEXT, (end, Role.BODY, 1.0)]
    assert said(Reading(rows)) == [(3, "the text ends in mid-sentence")] * is_open


@pytest.mark.parametrize("role", [Role.TABLE, Role.NOTICE, Role.ADVERT])
def test_rows_and_signatures_need_no_full_stop(role: Role) -> None:
    assert said(Reading([HEAD, TEXT, ("北山市供水公司", role, 1.0)])) == []


def test_another_writer_further_down_is_told() -> None:
    first = ("本报记者 王小丫", Role.BYLINE, 1.0)
    for other, doubted in {
        "本报记者 李大有": True,
        "（陈 聪）": True,
        "记者 王小丫": False,
        "本报记者 李大有 摄": False,
        "来源：北山发布": False,
        "本报评论员": False,
    }.items():
        byline = (other, Role.BYLINE, 1.0)
        told = [(4, "another byline than that of line 2")] * doubted
        assert said(Reading([HEAD, first, TEXT, byline, TEXT])) == told, other
        assert said(Reading([HEAD, first, byline, TEXT])) == [], other


def test_doubts_stand_in_the_order_of_the_lines() -> None:
    rows = [("题", Role.HEADLINE, 0.2), (OPEN, Role.BODY, 0.3), ("观", Role.BODY, 0.2)]
    assert [line for line, _ in said(Reading(rows, jumped_in=True))] == [1, 2, 2, 3, 3]


def test_a_headline_alone_is_no_reason_to_fail() -> None:
    reading = Reading([HEAD])
    assert said(replace(reading)) == []
