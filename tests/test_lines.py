"""The lines of a page, and the pieces of running text that they make up."""

import pytest

from index.lines import Line, Piece, column_width, lines_of, pieces_of
from index.types import Page
from tests.growth import grows_linearly

STORY = (
    "清江大桥主桥昨日顺利合龙大桥全长两千一百六十米桥面宽三十三米，设计时速六十公里。以前过江要等渡船，"
    "最多要等半个小时。家住北岸的老船工郑水根说，以后走路也能过去了。大桥于五年前开工，先后攻克了深水基础"
    "和大跨度拱肋吊装两道难题。施工高峰期有四百多名工人同时在江上作业。目前桥面铺装已经开始，计划年底通车。"
    "通车以后，两岸之间的公交线路将由三条增加到八条。"
)


def lines_in(text: str) -> list[Line]:
    return lines_of(Page("page.txt", text, "utf-8", ""))


def pieces_in(text: str) -> list[Piece]:
    return pieces_of(lines_in(text))


def wrapped(paragraphs: list[str], width: int, indent: str = "") -> str:
    """Return the paragraphs as a column of ``width`` characters prints them."""
    rows = []
    for paragraph in paragraphs:
        printed = indent + paragraph
        rows += [printed[at : at + width] for at in range(0, len(printed), width)]
    return "\n".join(rows) + "\n"


# Lines


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_parts_lines(line_break: str) -> None:
    first, second = lines_in(f"大桥合龙{line_break}年底通车{line_break}")
    assert (first.number, first.text) == (1, "大桥合龙")
    assert (second.number, second.text) == (2, "年底通车")
    assert first.line_break.text == second.line_break.text == line_break


def test_a_last_line_without_a_line_end_is_a_line() -> None:
    first, second = lines_in("大桥合龙\n年底通车")
    assert first.line_break.text == "\n"
    assert second.line_break.text == ""
    assert second.line_break.spans == ()


def test_other_separators_do_not_part_lines() -> None:
    (line,) = lines_in("大桥\u2028合龙\u2029年底\x0b通车\x0c了\x85完")
    assert line.text == "大桥\u2028合龙\u2029年底\x0b通车\x0c了\x85完"


def test_blank_lines_are_counted_and_part_blocks() -> None:
    found = lines_in("\n大桥合龙\n年底通车\n\n \u3000\n图书馆开放\n")
    assert [(line.number, line.block) for line in found] == [(2, 1), (3, 1), (6, 2)]


def test_no_text_has_no_lines() -> None:
    assert lines_in("") == []
    assert lines_in("\n \r\n\u3000\n") == []
    assert pieces_in("") == []


def test_white_space_at_the_ends_belongs_to_no_line_and_spans_say_so() -> None:
    text = "\u3000\u3000大桥 合龙 \t\n"
    (line,) = lines_in(text)
    assert line.text == "大桥 合龙"
    (span,) = line.excerpt.spans
    assert text[span.start : span.end] == "大桥 合龙"


@pytest.mark.parametrize("mark", ["\u200b", "\ufeff", "\u2060 ", "\xad", "\u202c"])
def test_invisible_characters_at_the_ends_belong_to_no_line(mark: str) -> None:
    text = f"大桥合龙\n{mark}\n{mark}\u3000\u3000记者{mark}张三 {mark}\n"
    above, line = lines_in(text)
    assert line.text == f"记者{mark}张三"
    assert [text[span.start : span.end] for span in line.excerpt.spans] == [line.text]
    assert line.indented == (" " not in mark)
    assert line.block == above.block + 1  # a line of nothing else is blank


def test_a_piece_is_read_without_invisible_characters_and_printed_with_them() -> None:
    (piece,) = pieces_in("全媒体\u200b记者 龚盈盈\u200b\n")
    assert piece.text == "全媒体记者 龚盈盈"
    assert piece.printed == "全媒体\u200b记者 龚盈盈"


@pytest.mark.parametrize("indent", ["\u3000\u3000", "  ", "    ", "\t"])
def test_a_paragraph_that_is_set_in_is_indented(indent: str) -> None:
    (line,) = lines_in(f"{indent}大桥合龙\n")
    assert line.indented


@pytest.mark.parametrize("indent", ["", " ", "\u3000"])
def test_a_line_that_is_not_set_in_by_two_is_not_indented(indent: str) -> None:
    (line,) = lines_in(f"{indent}大桥合龙\n")
    assert not line.indented


def test_spaces_within_a_line_do_not_indent_it() -> None:
    (line,) = lines_in("大桥\u3000\u3000合龙\n")
    assert not line.indented


# Pieces


@pytest.mark.parametrize("width", [12, 17, 22, 40])
def test_running_text_that_is_wrapped_at_a_width_is_one_piece_a_paragraph(width: int) -> None:
    text = wrapped([STORY, STORY[::-1].strip("。") + "。", STORY], width, "\u3000\u3000")
    found = pieces_in(text)
    assert column_width(lines_in(text)) in (width, width - 1, width + 1)
    assert [piece.text for piece in found] == [STORY, STORY[::-1].strip("。") + "。", STORY]
    assert all(piece.indented for piece in found)


def test_a_wrapped_piece_has_all_its_lines_and_what_was_printed() -> None:
    text = wrapped([STORY.replace("桥", "橋")] * 2, 17, "\u3000\u3000")
    first, second = pieces_in(text)
    assert "橋" in first.printed
    assert first.text == first.printed.replace("橋", "桥")
    assert "橋" not in first.text
    assert first.number == 1
    assert second.number == first.lines[-1].number + 1
    assert first.block == second.block == 1


def test_wrapped_text_without_indents_goes_on_until_a_line_is_short() -> None:
    paragraph = STORY[: 17 * 10 + 5]
    text = wrapped([paragraph, paragraph], 17)
    assert [piece.text for piece in pieces_in(text)] == [paragraph, paragraph]


def test_a_blank_line_ends_a_wrapped_piece() -> None:
    paragraph = STORY[: 17 * 9]
    text = wrapped([paragraph], 17) + "\n" + wrapped([paragraph], 17)
    assert [piece.text for piece in pieces_in(text)] == [paragraph, paragraph]


def test_a_headline_over_wrapped_text_stays_by_itself() -> None:
    text = "大桥合龙\n" + wrapped([STORY, STORY], 17, "\u3000\u3000")
    assert [piece.text for piece in pieces_in(text)] == ["大桥合龙", STORY, STORY]


def test_a_page_of_one_paragraph_a_line_is_not_rewrapped() -> None:
    sentences = [part + "。" for part in STORY.split("。") if part]
    text = "\n".join(sentences * 4) + "\n"
    assert column_width(lines_in(text)) is None
    assert [piece.text for piece in pieces_in(text)] == sentences * 4


def test_paragraphs_parted_by_blank_lines_are_not_rewrapped_although_alike_in_length() -> None:
    text = "\n\n".join([STORY[:20]] * 30) + "\n"
    assert column_width(lines_in(text)) is None
    assert len(pieces_in(text)) == 30


def test_a_few_lines_of_one_length_are_not_taken_for_a_column() -> None:
    assert column_width(lines_in(wrapped([STORY[: 17 * 8]], 17))) is None


def test_a_stack_of_heads_of_one_width_is_no_running_text() -> None:
    heads = "大桥昨日合龙\n"
    rows = ["清江大桥主桥昨日合龙", "两岸居民过江不再等船", "老船工讲述半生摆渡路"] * 6
    text = heads + "\n".join(rows) + "\n"
    assert [piece.text for piece in pieces_in(text)][1:] == rows


def test_every_line_is_in_one_piece_in_order() -> None:
    text = wrapped([STORY] * 3, 17, "\u3000\u3000") + "\n短句\n\n" + STORY + "\n"
    lines = lines_in(text)
    assert [line for piece in pieces_of(lines) for line in piece.lines] == lines


def test_many_short_lines_are_grouped_in_linear_time() -> None:
    assert grows_linearly(lambda count: pieces_of(lines_in((STORY[:17] + "\n") * count)), 5_000)
