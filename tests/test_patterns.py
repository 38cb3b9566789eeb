"""Expressions that are compiled when they are first used."""

import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator

import pytest

import index
import rag
from index import patterns
from index.patterns import regex


def _modules() -> list[str]:
    found = [
        f"{package.__name__}.{each.name}"
        for package in (index, rag)
        for each in pkgutil.iter_modules(package.__path__)
        if not each.ispkg
    ]
    return sorted(found)


def _late_in(value: object) -> Iterator[object]:
    """Yield the expressions that wait in a value of a module."""
    if type(value) is patterns._Pattern:
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _late_in(each)
    elif isinstance(value, Iterable) and isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from _late_in(each)


def test_an_expression_is_compiled_once_and_does_what_it_would() -> None:
    late, early = regex(r"(?P<n>\d+)篇", re.IGNORECASE), re.compile(r"(?P<n>\d+)篇", re.IGNORECASE)
    assert not {"search", "findall"} & vars(late).keys()
    for text in ("共12篇，又3篇", "无", ""):
        assert late.findall(text) == early.findall(text)
        assert late.sub("X", text) == early.sub("X", text)
        assert bool(late.search(text)) is bool(early.search(text))
    assert vars(late)["search"] == early.search
    assert (late.pattern, late.flags, late.groupindex) == (
        early.pattern,
        early.flags,
        early.groupindex,
    )
    with pytest.raises(AttributeError):
        late.no_such_thing  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize("module", _modules())
def test_every_expression_that_waits_is_a_right_one(module: str) -> None:
    try:
        imported = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if str(error.name).startswith((index.__name__, rag.__name__)):
            raise
        pytest.skip(f"{error.name} comes with an extra")
    for value in vars(imported).values():
        for late in _late_in(value):
            assert isinstance(late, patterns._Pattern)
            assert late.groups >= 0  # compiles it
