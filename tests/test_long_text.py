"""A long text says, slice by slice, what the string says."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import long_text, segments
from index.build import build_index
from index.long_text import LongText
from index.store import load_index
from tests.embedders import BigramEmbedder
from tests.issue import FRONT, FRONT_FILE, INSIDE, INSIDE_FILE

CHARACTERS = st.sampled_from("a,\né中国。𠀀😀")


@given(st.lists(CHARACTERS, max_size=80), st.integers(1, 9), st.data())
def test_a_slice_is_that_of_the_string(written: list[str], block: int, data: st.DataObject) -> None:
    text = "".join(written)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(long_text, "BLOCK", block)
        long = LongText(memoryview(text.encode()))
        assert len(long) == len(text)
        assert long[0 : len(text)] == text
        for _ in range(5):
            start, end = (data.draw(st.integers(0, len(text) + 2)) for _ in range(2))
            assert long[start:end] == text[start:end]


def test_blocks_of_the_usual_size_meet_where_characters_do() -> None:
    text = "报a𠀀纸é" * 20_000
    long = LongText(text.encode())
    for at in range(0, len(text), 997):
        assert long[at : at + 1009] == text[at : at + 1009]


def test_articles_of_a_long_page_are_those_of_a_short_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pages").mkdir()
    for file, text in ((FRONT_FILE, FRONT), (INSIDE_FILE, INSIDE)):
        (tmp_path / "pages" / file).write_text(text, "utf-8")
    build_index([tmp_path / "pages"], tmp_path / "index", BigramEmbedder())
    known = load_index(tmp_path / "index")
    monkeypatch.setattr(segments, "LONG_BYTES", 10)
    found = load_index(tmp_path / "index")
    assert isinstance(found._texts[FRONT_FILE], LongText)
    assert list(found.articles.items()) == list(known.articles.items())
    assert dict(found.halves) == dict(known.halves)
