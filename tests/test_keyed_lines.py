"""A table that is read where it is asked is the dictionary of its lines."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.keyed_lines import KeyedLines

WORDS = st.text(st.sampled_from("ab -中国𠀀"), max_size=4)


@given(st.dictionaries(WORDS, WORDS), st.randoms(), st.lists(WORDS))
def test_it_is_the_dictionary_of_its_lines(
    values: dict[str, str], order: Random, asked: list[str]
) -> None:
    lines = [f"{key}\t{value}\n" for key, value in values.items()]
    order.shuffle(lines)
    table = KeyedLines("".join(lines).encode())
    assert dict(table) == values
    assert len(table) == len(values)
    for key in asked:
        assert (key in table) is (key in values)
        assert table.get(key) == values.get(key)


def test_what_is_no_key_is_not_found() -> None:
    table = KeyedLines(b"a\t1\nab\t2")
    assert dict(table) == {"a": "1", "ab": "2"}
    assert table.get("a\t1") is None
    assert "\ud800" not in table
    with pytest.raises(KeyError):
        table["b"]
    assert dict(KeyedLines(b"")) == {}
