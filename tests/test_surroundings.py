"""What is read with a passage: the beginning of its article, and its neighbours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text import sentences
from index.types import Chunk
from rag.surroundings import MAX_CHARS, surrounded
from tests.fakes import article_of, page_of


def chunk_of(text: str, start: int, end: int) -> Chunk:
    return Chunk("c", article_of(page_of("a.txt", f"标题\n{text}\n"), "标题", text), start, end)


def test_a_short_article_is_read_whole() -> None:
    text = "大桥今天通车。它有三千米长。桥上有灯。渡轮停航。"
    found = surrounded(chunk_of(text, 7, 14))
    assert (found.before, found.text, found.after) == (text[:7], "它有三千米长。", text[14:])


def test_the_beginning_comes_before_the_neighbours_and_those_by_turns() -> None:
    lead, far, near = "大桥今天通车。", "远" * 90 + "。", "近" * 90 + "。"
    passage, behind = "桥" * 199 + "。", "后" * 90 + "。"
    text = lead + far + near + passage + behind
    start = len(lead + far + near)
    found = surrounded(chunk_of(text, start, start + len(passage)))
    assert found.before == lead + near
    assert found.after == behind


def test_a_sentence_that_does_not_fit_is_left_out_whole() -> None:
    lead, passage, behind = "大" * MAX_CHARS + "。", "桥长三千米。", "后" * MAX_CHARS + "。"
    found = surrounded(chunk_of(lead + passage + behind, len(lead), len(lead + passage)))
    assert (found.before, found.after) == ("", "")


@pytest.mark.parametrize("chars", [MAX_CHARS, 3 * MAX_CHARS])
def test_a_passage_without_room_is_read_alone(chars: int) -> None:
    text = f"开头。{'桥' * (chars - 1)}。结尾。"
    found = surrounded(chunk_of(text, 3, 3 + chars))
    assert (found.before, found.after) == ("", "")
    assert len(found.text) == chars


@given(
    st.lists(st.text("大桥长a。！ \n", min_size=1, max_size=90), min_size=1, max_size=12), st.data()
)
def test_what_is_read_is_whole_sentences_of_the_article(
    parts: list[str], data: st.DataObject
) -> None:
    text = "".join(parts).strip() or "桥。"
    bounds = sentences(text)
    first = data.draw(st.integers(0, len(bounds) - 1))
    last = data.draw(st.integers(first, len(bounds) - 1))
    start, end = bounds[first][0], bounds[last][1]
    found = surrounded(chunk_of(text, start, end))
    assert found.text == text[start:end]
    if found.before or found.after:
        assert len(found.before + found.text + found.after) <= MAX_CHARS
    whole = {text[a:b] for a, b in bounds}
    assert {found.before[a:b] for a, b in sentences(found.before)} <= whole
    assert text[end:].startswith(found.after)
    assert {found.after[a:b] for a, b in sentences(found.after)} <= whole
