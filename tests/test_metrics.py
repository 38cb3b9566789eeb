"""What is counted of a question, whatever becomes of it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from index.types import CorpusError
from rag.types import Answer
from tests.fakes import FakeAnswerer
from ui.metrics import QUESTIONS, counted

FAIR = "第20届文旅博览会来了多少采购商？"


def count(mode: str, outcome: str) -> float:
    return float(QUESTIONS.labels(mode, outcome)._value.get())


def growing() -> Iterator[Answer]:
    """Yield two answers that grow, and break before the whole one."""
    answer = FakeAnswerer().ask(FAIR)
    yield replace(answer, growing=True)
    yield replace(answer, mode="llm", growing=True)
    raise RuntimeError("the machine caught fire")


def test_the_answers_pass_through_as_they_are() -> None:
    before = count("extractive", "answered")
    found = list(counted(FakeAnswerer().stream(FAIR)))
    assert found == list(FakeAnswerer().stream(FAIR))
    assert count("extractive", "answered") == before + 1


def test_whoever_leaves_before_the_whole_answer_has_stopped_it() -> None:
    before = count("extractive", "stopped")
    answers = counted(growing())
    next(answers)
    answers.close()
    assert count("extractive", "stopped") == before + 1


def test_whoever_leaves_with_the_whole_answer_was_answered() -> None:
    before = count("extractive", "answered")
    answers = counted(iter([FakeAnswerer().ask(FAIR)]))
    next(answers)
    answers.close()
    assert count("extractive", "answered") == before + 1


def test_what_breaks_has_failed_and_what_cannot_be_asked_is_invalid() -> None:
    failed, invalid = count("llm", "failed"), count("none", "invalid")
    with pytest.raises(RuntimeError):
        list(counted(growing()))
    with pytest.raises(CorpusError):
        list(counted(FakeAnswerer().stream("broken")))
    assert (count("llm", "failed"), count("none", "invalid")) == (failed + 1, invalid + 1)


def test_the_chat_counts_as_well() -> None:
    from typing import cast

    from rag.answering import Answerer
    from ui.conversation import ask
    from ui.strings import STRINGS

    before = count("extractive", "answered")
    list(ask(cast(Answerer, FakeAnswerer()), FAIR, (), STRINGS["zh"]))
    assert count("extractive", "answered") == before + 1
