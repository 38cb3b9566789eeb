"""What the form of a line and its neighbours make of it: mastheads, tables, names, small print."""

import pytest

from index.lines import lines_of, pieces_of
from index.roles import MAX_MASTHEAD_CHARS, Role, refine, roles_by_form
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


# Codes to scan


def test_below_a_code_stands_what_it_is_there_for_and_nothing_else() -> None:
    assert roles_in("扫一扫二维码\n查看完整名单\n") == [Role.QR, Role.QR]
    assert roles_in(f"扫一扫二维码\n{HEAD}\n记者 张三\n{TEXT}\n") == [
        Role.QR,
        Role.HEADLINE,
        Role.BYLINE,
        Role.BODY,
    ]
    assert roles_in("扫一扫二维码\n记者 张三\n") == [Role.QR, Role.BYLINE]


def test_a_headline_about_codes_and_its_byline_keep_their_roles() -> None:
    found = roles_in(f"小区门口装上二维码 居民扫码报修\n全媒体记者 龚盈盈\n{TEXT}\n")
    assert found == [Role.HEADLINE, Role.BYLINE, Role.BODY]


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


# What stands below a heading, under a byline, in a list


def refined(text: str) -> list[Role]:
    pieces = pieces_of(lines_of(Page("page.txt", text, "utf-8", "")))
    roles = roles_by_form(pieces)
    refine(pieces, roles)
    return roles


def test_text_that_was_cut_above_a_notice_goes_on_below_its_heading() -> None:
    cut, rest = "昨日，大桥合龙。两岸居民过江只要", "五分钟，比轮渡快半个小时。"
    assert refined(f"{TEXT}\n\n遗失声明\n\n{rest}\n")[2] is Role.NOTICE
    assert refined(f"{cut}\n\n遗失声明\n\n{rest}\n")[2] is Role.BODY


def test_short_lines_under_a_byline_are_verse_when_they_are_many() -> None:
    verse = "雨把田埂写了一遍\n又写一遍\n布谷鸟在旁边\n只念两个字\n只念两个字\n"
    assert refined(f"谷雨\n□ 桑 榆\n\n{verse}")[2:] == [Role.BODY] * 5
    assert Role.BODY not in refined(f"谷雨\n□ 桑 榆\n\n{verse[:-12]}")


def test_a_pen_name_between_headline_and_text_is_a_byline() -> None:
    assert refined(f"{HEAD}\n老门柱\n\n{TEXT}\n")[1] is Role.BYLINE
    assert refined(f"{HEAD}\n通车首日\n\n{TEXT}\n")[1] is Role.HEADLINE


def test_items_of_a_list_are_no_captions() -> None:
    items = [f"▲{town} 议会昨日通过法案，明年起在全国推行。" for town in ("甲国", "乙国")]
    assert refined("\n\n".join(items)) == [Role.BODY, Role.BODY]
    assert refined(items[0]) == [Role.CAPTION]
    photos = [f"{item}张三摄" for item in items]
    assert refined("\n\n".join(photos)) == [Role.CAPTION, Role.CAPTION]
