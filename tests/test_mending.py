"""A person's edits change what they name on a page, and nothing else."""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.corrections import PageCorrections, read_corrections
from index.lines import Line, Piece, lines_of
from index.mending import CORRECTED, corrected, told_join
from index.roles import Role
from index.stories import Cutting, Placed, Story
from index.types import CorpusError, Page

# Two articles. Lines 1 and 2 are the page's; line 7 stands in the wrong article.
PAGE = """北山日报
第2版
湿地迎来候鸟
本报记者 甲乙
入冬以来，湿地公园的候鸟
超过两万只。
电动公交车上线
昨日，三十辆电动公交车上线运行。
市民说很安静。
图为电动公交车。
"""


def piece(*lines: Line) -> Piece:
    return Piece(lines, "".join(line.text for line in lines))


LINES = {line.number: line for line in lines_of(Page("a.txt", PAGE, "utf-8", ""))}


def placed(number: int, role: Role, confidence: float = 0.5) -> Placed:
    return Placed(piece(LINES[number]), role, confidence, "stands there")


def cutting() -> Cutting:
    birds = Story(
        heads=[placed(3, Role.HEADLINE)],
        bylines=[placed(4, Role.BYLINE)],
        body=[placed(5, Role.BODY), placed(6, Role.BODY), placed(7, Role.SECTION)],
    )
    buses = Story(
        body=[placed(8, Role.BODY), placed(9, Role.BODY)], captions=[placed(10, Role.CAPTION)]
    )
    return Cutting([birds, buses], [placed(1, Role.FURNITURE), placed(2, Role.FURNITURE)])


def corrections(tmp_path: Path, edits: str) -> PageCorrections:
    file = tmp_path / "corrections.toml"
    tables = "".join(f"[[page.edit]]\n{edit.strip()}\n" for edit in edits.split("+"))
    file.write_text(f'[[page]]\nfile = "a.txt"\n{tables}', "utf-8")
    found = read_corrections(file).of("a.txt")
    assert found is not None
    return found


@pytest.fixture
def mended(tmp_path: Path) -> "Mended":
    return Mended(tmp_path)


class Mended:
    """The stories after edits (``+`` between two), as lines in reading order by list."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, edits: str, before: Cutting | None = None) -> Cutting:
        return corrected(before or cutting(), corrections(self.folder, edits))

    def error(self, edits: str, before: Cutting | None = None) -> str:
        with pytest.raises(CorpusError) as error:
            self(edits, before)
        message = str(error.value)
        assert "\n" not in message
        assert message.startswith(f"{self.folder / 'corrections.toml'}: page a.txt, edit ")
        return message


def numbers(among: Sequence[Placed]) -> list[int]:
    return [each.piece.number for each in among]


def stories(page: Cutting) -> list[list[int]]:
    """Return the lines of each story: heads, kickers, bylines, body, captions, asides."""
    return [
        numbers([*s.heads, *s.kickers, *s.bylines, *s.body, *s.captions, *s.asides])
        for s in page.stories
    ]


def at(page: Cutting, number: int) -> Placed:
    everything = [*page.furniture]
    for s in page.stories:
        everything += [*s.heads, *s.kickers, *s.bylines, *s.body, *s.captions, *s.asides]
    (found,) = [each for each in everything if any(n.number == number for n in each.piece.lines)]
    return found


def test_nothing_is_lost_when_a_story_gets_another_list() -> None:
    lists = {f.name for f in fields(Story) if "list" in str(f.type)}
    assert lists == {"heads", "kickers", "bylines", "body", "captions", "asides"}


# lines


def test_lines_move_to_the_article_of_a_line_with_a_role(mended: Mended) -> None:
    page = mended("lines = 7\nto = 9\nrole = 'headline'")
    assert stories(page) == [[3, 4, 5, 6], [7, 8, 9, 10]]
    assert numbers(page.stories[1].heads) == [7]
    head = at(page, 7)
    assert (head.role, head.confidence, head.reason) == (Role.HEADLINE, 1.0, CORRECTED)


def test_other_lines_stay_as_they_were_and_the_cutting_itself_is_left_alone(
    mended: Mended,
) -> None:
    before = cutting()
    page = mended("lines = 7\nto = 9\nrole = 'headline' + join = [5, 6]", before)
    assert before == cutting()
    for number in (1, 3, 4, 8, 9, 10):
        assert at(page, number) == at(before, number)


def test_lines_keep_their_role_and_furniture_becomes_body(mended: Mended) -> None:
    page = mended("lines = '2, 4'\nto = 8")
    assert at(page, 4).role is Role.BYLINE
    assert at(page, 2).role is Role.BODY
    assert numbers(page.stories[0].body) == [2, 8, 9]  # it starts first now


def test_a_range_finds_its_place_by_number(mended: Mended) -> None:
    assert stories(mended("lines = '5-6'\nto = 8")) == [[5, 6, 8, 9, 10], [3, 4, 7]]


def test_a_range_skips_blank_lines(mended: Mended) -> None:
    page = lines_of(Page("a.txt", "题目\n\n正文。\n\n别的。\n", "utf-8", ""))
    head, text, other = (Placed(piece(line), Role.BODY) for line in page)
    before = Cutting([Story(body=[head, text]), Story(body=[other])], [])
    assert stories(mended("lines = '1-3'\nto = 5", before)) == [[1, 3, 5]]
    assert "line 2 is blank" in mended.error("lines = '2-3'\nto = 5", before)


def test_lines_go_behind_a_line_in_the_order_they_are_named(mended: Mended) -> None:
    page = mended("lines = '9, 6, 8'\nafter = 5")
    assert numbers(page.stories[0].body) == [5, 9, 6, 8, 7]
    assert stories(mended("lines = '8-9'\nafter = 5 + lines = 10\nto = 'page'")) == [
        [3, 4, 5, 8, 9, 6, 7]
    ]


def test_lines_may_become_an_article_of_their_own(mended: Mended) -> None:
    page = mended("lines = '7-8'\nto = 'new' + lines = 7\nrole = 'headline'")
    assert stories(page) == [[3, 4, 5, 6], [7, 8], [9, 10]]


def test_lines_may_belong_to_the_page(mended: Mended) -> None:
    page = mended("lines = 4\nto = 'page' + lines = 7\nto = 'page'\nrole = 'kicker'")
    assert numbers(page.furniture) == [1, 2, 4, 7]
    assert [at(page, n).role for n in (4, 7)] == [Role.FURNITURE, Role.KICKER]
    assert stories(mended("lines = 7\nrole = 'QR text'"))[0] == [3, 4, 5, 6]


def test_a_role_alone_leaves_a_line_with_its_article(mended: Mended) -> None:
    page = mended("lines = 3\nrole = 'kicker'")
    assert numbers(page.stories[0].kickers) == [3]
    assert page.stories[0].heads == []


def test_to_confirm_a_line_leaves_it_in_its_place(mended: Mended) -> None:
    before = cutting()
    before.stories[0].body.reverse()  # not every column is read downwards
    page = mended("lines = 6\nto = 6", before)
    assert numbers(page.stories[0].body) == [7, 6, 5]
    assert at(page, 6).confidence == 1.0


def test_a_line_goes_behind_the_nearest_above_it_where_columns_are_exchanged(
    mended: Mended,
) -> None:
    before = cutting()
    before.stories[0].body[:] = [placed(7, Role.BODY), placed(5, Role.BODY), placed(6, Role.BODY)]
    before.stories[1].body[:] = [placed(8, Role.BODY), placed(9, Role.BODY)]
    assert numbers(mended("lines = 8\nto = 5", before).stories[0].body) == [7, 8, 5, 6]
    assert numbers(mended("lines = 4\nto = 5\nrole = 'body'", before).stories[0].body) == [
        7, 4, 5, 6,
    ]  # fmt: skip


def test_an_article_all_whose_lines_went_is_gone(mended: Mended) -> None:
    assert stories(mended("lines = '8-10'\nto = 5")) == [[3, 4, 5, 6, 7, 8, 9, 10]]


def test_edits_are_applied_from_top_to_bottom(mended: Mended) -> None:
    assert stories(mended("lines = 7\nto = 8 + split = 8 + lines = 9\nto = 7")) == [
        [3, 4, 5, 6],
        [7, 9],
        [8, 10],
    ]


# merge and split


def test_articles_merge_in_the_order_named_and_heads_become_section_heads(
    mended: Mended,
) -> None:
    page = mended("lines = 7\nto = 8\nrole = 'headline' + merge = [5, 9]")
    (story,) = page.stories
    assert numbers(story.body) == [5, 6, 7, 8, 9]
    assert at(page, 7).role is Role.SECTION
    assert at(page, 9).reason == CORRECTED
    assert at(page, 5) == at(cutting(), 5)


def test_the_heads_of_the_second_head_an_article_that_has_none(mended: Mended) -> None:
    (story,) = mended("merge = [8, 3]").stories
    assert numbers(story.heads) == [3]
    assert numbers(story.body) == [8, 9, 5, 6, 7]


def test_the_two_halves_of_a_jump_make_a_whole_article(mended: Mended) -> None:
    before = cutting()
    before.stories[0].jumped_out = before.stories[1].jumped_in = True
    (story,) = mended("merge = [3, 8]", before).stories
    assert not story.jumped_in
    assert not story.jumped_out
    before.stories[1].jumped_in = False
    assert mended("merge = [3, 8]", before).stories[0].jumped_out


def test_an_article_is_split_at_a_section_head_that_is_its_headline(mended: Mended) -> None:
    page = mended("merge = [3, 8] + split = 7")
    assert stories(page) == [[3, 4, 5, 6], [7, 8, 9, 10]]
    assert at(page, 7).role is Role.HEADLINE
    assert at(page, 9).reason == CORRECTED


def test_an_article_is_split_within_its_text_and_keeps_its_heads(mended: Mended) -> None:
    before = cutting()
    before.stories[1].heads = [placed(7, Role.HEADLINE)]
    before.stories[0].body.pop()
    before.stories[1].jumped_out = True
    page = mended("split = 9", before)
    assert stories(page) == [[3, 4, 5, 6], [7, 8], [9, 10]]
    assert [story.jumped_out for story in page.stories] == [False, False, True]


def test_an_article_is_split_at_a_head_line_that_it_took_from_another(mended: Mended) -> None:
    before = cutting()
    first, second = before.stories
    first.heads.append(placed(7, Role.HEADLINE))
    first.body[2:] = second.body
    first.captions = second.captions
    page = mended("split = 7", Cutting([first], before.furniture))
    assert stories(page) == [[3, 4, 5, 6], [7, 8, 9, 10]]


# join, part, article


def test_joints_hold_for_wrapped_pieces_too() -> None:
    joins = {(5, 6): True, (6, 8): False}
    assert told_join(joins, piece(LINES[5]), piece(LINES[6])) is True
    assert told_join(joins, piece(LINES[5], LINES[6]), piece(LINES[8], LINES[9])) is False
    assert told_join(joins, piece(LINES[6]), piece(LINES[5])) is None
    assert told_join({}, piece(LINES[5]), piece(LINES[6])) is None


def test_joined_lines_are_sure_of_their_place(mended: Mended) -> None:
    page = mended("join = [5, 6]")
    assert [at(page, n).confidence for n in (5, 6, 7)] == [1.0, 1.0, 0.5]
    assert [at(mended("part = [5, 6]"), n).confidence for n in (5, 6)] == [0.5, 0.5]


def test_a_joint_may_be_made_by_the_edits_above_or_below_it(mended: Mended) -> None:
    for edits in ("lines = 8\nafter = 5 + join = [5, 8]", "join = [5, 8] + lines = 8\nafter = 5"):
        assert numbers(mended(edits).stories[0].body)[:2] == [5, 8]


def test_an_article_is_what_a_person_says(mended: Mended) -> None:
    page = mended("article = 9\ngenre = 'caption'\ncomplete = false + article = 3\ncomplete = true")
    birds, buses = page.stories
    assert buses.genre == "caption"
    assert (buses.jumped_in, buses.jumped_out) == (False, True)
    assert (birds.genre, birds.jumped_in, birds.jumped_out) == (None, False, False)


# What does not fit the page


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ("lines = 11\nto = 3", ["line 11 is blank or not on the page", "wenbao articles"]),
        ("lines = '5-99'\nto = 3", ["line 99"]),
        ("lines = 7\nto = 99", ["line 99"]),
        ("lines = 7\nto = 1", ["line 1 belongs to no article"]),
        ("lines = 1\nrole = 'body'", ["line 1 belongs to no article", "add to"]),
        ("lines = '7-8'\nafter = 8", ["after = 8 is one of these lines"]),
        ("lines = 9\nafter = 4", ["line 4 is no body"]),
        ("lines = 3\nto = 8\nstarts = '候鸟'", ["begins with '湿地迎来候鸟'", "'候鸟'", "changed"]),
        ("lines = '5-7'\nto = 8", ["line 3", "without text", "merge"]),
        ("lines = 3\nto = 'new'", ["line 3", "without text"]),
        ("merge = [3, 5]", ["line 5 belongs to that article already"]),
        ("merge = [3, 8, 9]", ["line 9 belongs to that article already"]),
        ("merge = [1, 3]", ["line 1 belongs to no article"]),
        ("split = 3", ["begins with line 3"]),
        ("split = 5", ["line 3", "without text"]),
        ("split = 2", ["line 2 belongs to no article"]),
        ("join = [5, 7]", ["line 7 does not follow line 5", "lines = 7, after = 5"]),
        ("join = [6, 5]", ["line 5 does not follow line 6"]),
        ("part = [1, 5]", ["line 1 belongs to no article"]),
        ("article = 2\ngenre = 'news'", ["line 2 belongs to no article"]),
    ],
)  # fmt: skip
def test_an_edit_that_does_not_fit_is_refused(mended: Mended, edits: str, said: list[str]) -> None:
    message = mended.error(edits)
    assert all(part in message for part in said), message


def test_the_edit_that_does_not_fit_is_named(mended: Mended) -> None:
    assert "edit 2 (split = 99)" in mended.error("lines = 7\nto = 8 + split = 99")
    assert "edit 1 (lines = " in mended.error("lines = '5-7'\nto = 8 + split = 9")


@pytest.mark.parametrize(
    "starts", ["湿地迎来", "濕地迎來", "湿地 迎来", "湿地迎来…", "湿地迎来候鸟"]
)
def test_a_guard_may_be_copied_from_the_outline(mended: Mended, starts: str) -> None:
    mended(f"lines = 3\nto = 3\nstarts = '{starts}'")


def test_an_article_may_be_without_text_for_a_while(mended: Mended) -> None:
    assert stories(mended("lines = '8-9'\nto = 5 + lines = 10\nto = 5")) == [
        [3, 4, 5, 6, 7, 8, 9, 10]
    ]
    (story,) = mended("lines = '5-7'\nto = 8 + merge = [8, 3]").stories
    assert numbers(story.heads) == [3]


# Wrapped pieces


def wrapped() -> Cutting:
    page = cutting()
    page.stories[0].body[:2] = [Placed(piece(LINES[5], LINES[6]), Role.BODY, 0.5)]
    return page


def test_a_wrapped_piece_moves_as_a_whole_by_any_of_its_lines(mended: Mended) -> None:
    for lines in ("5", "6", "'5-6'", "'6, 5'"):
        page = mended(f"lines = {lines}\nafter = 8\nrole = 'body'", wrapped())
        moved = at(page, 5)
        assert moved is at(page, 6)
        assert any(moved is each for each in page.stories[-1].body)


def test_a_range_that_cuts_a_wrapped_piece_is_refused(mended: Mended) -> None:
    message = mended.error("lines = '6-7'\nto = 8", wrapped())
    assert "lines 5-6 are one wrapped paragraph" in message
    assert "6-7 cuts them" in message


def test_a_guard_holds_the_very_line_of_a_wrapped_piece(mended: Mended) -> None:
    mended("lines = 6\nto = 8\nstarts = '超过两万只'", wrapped())
    assert "line 6 begins" in mended.error("lines = 6\nto = 8\nstarts = '入冬'", wrapped())


line = st.integers(1, 10)
change = st.one_of(
    st.builds(
        "lines = {}\n{}".format,
        line,
        st.one_of(
            st.builds("to = {}".format, line),
            st.builds("after = {}".format, line),
            st.sampled_from(["to = 'new'", "to = 'page'", "role = 'body'", "role = 'deck'"]),
        ),
    ),
    st.builds("merge = [{}, {}]".format, line, line),
    st.builds("split = {}".format, line),
    st.builds("join = [{}, {}]".format, line, line),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(change, min_size=1, max_size=8))
def test_any_edits_that_fit_keep_every_line_once(mended: Mended, edits: list[str]) -> None:
    try:
        page = mended(" + ".join(edits))
    except CorpusError:
        return
    found = [number for story in stories(page) for number in story] + numbers(page.furniture)
    assert sorted(found) == sorted(LINES)
    assert page == mended(" + ".join(edits))
    starts = [(story.body or story.captions)[0].piece.number for story in page.stories]
    assert starts == sorted(starts)
