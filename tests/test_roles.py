"""What the form of a line and its neighbours make of it: mastheads, tables, names, small print."""

import pytest

from index.lines import lines_of, pieces_of
from index.roles import MAX_MASTHEAD_CHARS, Role, roles_by_form
from index.types import Page

DATE_LINE = "2026年3月5日 星期四"
HEAD, TEXT = "清江大桥主桥合龙", "昨日，大桥合龙，两岸居民过江只要五分钟。"
LONG_HEAD = "清江大桥主桥昨日合龙 两岸居民过江只要五分钟"
ROWS = ("项目 今年 去年", "收入 100 90", "支出 80 70")


def roles_in(text: str) -> list[Role]:
    return roles_by_form(pieces_of(lines_of(Page("page.txt", text, "utf-8", ""))))


# The masthead


@pytest.mark.parametrize("below", [DATE_LINE, "第2版", "总第5231期", "责任编辑：张三 版式：李四"])
def test_a_short_first_line_over_the_day_or_the_page_is_the_name_of_the_paper(below: str) -> None:
    assert roles_in(f"清江快览\n{below}\n\n{HEAD}\n\n{TEXT}\n") == [
        Role.FURNITURE,
        Role.FURNITURE,
        Role.HEADLINE,
        Role.BODY,
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"{LONG_HEAD}\n\n{DATE_LINE}\n",
        f"清江快览\n{HEAD}\n{DATE_LINE}\n",
        f"{LONG_HEAD} {LONG_HEAD}\n{DATE_LINE}\n",
        f"{HEAD}\n本报记者 张三\n",
        "清江快览\n",
    ],
    ids=["long and apart", "over a head", "longer still", "over a byline", "alone"],
)
def test_another_first_line_is_a_head_line(text: str) -> None:
    assert roles_in(text)[0] is Role.HEADLINE


def test_a_line_further_down_is_no_masthead() -> None:
    assert roles_in(f"{TEXT}\n\n清江快览\n{DATE_LINE}\n")[1] is Role.HEADLINE


def test_a_masthead_has_so_many_characters_at_most() -> None:
    fits = "清" * MAX_MASTHEAD_CHARS
    assert roles_in(f"{fits}\n{DATE_LINE}\n")[0] is Role.FURNITURE
    assert roles_in(f"{fits}江\n{DATE_LINE}\n")[0] is Role.HEADLINE


# Tables


def test_rows_of_columns_with_figures_are_a_table() -> None:
    assert roles_in("\n".join((HEAD, *ROWS, TEXT)) + "\n") == [
        Role.HEADLINE,
        *[Role.TABLE] * 3,
        Role.BODY,
    ]


@pytest.mark.parametrize("unit", ["单位：万元", "计量单位：吨", "单位：元/公斤"])
def test_the_unit_over_the_rows_belongs_to_the_table(unit: str) -> None:
    assert roles_in("\n".join(("主要指标", unit, *ROWS)) + "\n") == [
        Role.HEADLINE,
        *[Role.TABLE] * 4,
    ]


def test_a_unit_with_no_rows_below_it_is_part_of_no_table() -> None:
    assert Role.TABLE not in roles_in(f"单位：万元\n{TEXT}\n")
    above, *_ = roles_in("\n".join(("单位：万元", TEXT, *ROWS)) + "\n")
    assert above is not Role.TABLE


def test_a_headline_right_over_the_rows_stays_a_headline() -> None:
    assert roles_in("\n".join((HEAD, *ROWS)) + "\n")[0] is Role.HEADLINE


@pytest.mark.parametrize(
    "lines",
    [ROWS[:2], ("茶园三万亩 飞手两百名", "大桥合龙 两岸通车", "学校开学 书声又起")],
    ids=["two rows", "no figures"],
)
def test_two_rows_or_heads_in_two_halves_are_no_table(lines: tuple[str, ...]) -> None:
    assert Role.TABLE not in roles_in("\n".join(lines) + "\n")


def test_no_lines_have_no_roles() -> None:
    assert roles_in("") == []
