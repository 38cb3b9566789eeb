"""The log: where something broke, and never what was asked, unless that is wanted."""

import asyncio
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import pytest

from rag.config import load_settings
from tests.fakes import QUEUE_WARNINGS, FakeAnswerer
from ui.live import Live
from ui.logs import QUESTIONS, DiscreetFormatter, question_asked, start_logging
from ui.workers import Workers

if TYPE_CHECKING:
    from rag.answering import Answerer

pytestmark = QUEUE_WARNINGS

MARKER = "标记问题zq7"


@pytest.fixture(autouse=True)
def _loggers() -> Iterator[None]:
    """Put back what a test set up."""
    root = logging.getLogger()
    before, level, asked = list(root.handlers), root.level, QUESTIONS.level
    yield
    logging.captureWarnings(capture=False)
    root.handlers[:] = before
    root.setLevel(level)
    QUESTIONS.setLevel(asked)


def broken() -> None:
    try:
        int(MARKER)
    except ValueError as error:
        raise LookupError(f"{MARKER} again") from error


def log_broken() -> None:
    try:
        broken()
    except LookupError:
        logging.getLogger("a.library").exception("Exception in ASGI application")


def test_an_error_is_logged_by_its_place_and_type(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging(load_settings())
    log_broken()
    told = capsys.readouterr().err
    assert MARKER not in told
    for word in ("LookupError", "ValueError", "in broken", "test_logs.py", "Exception in ASGI"):
        assert word in told


def test_the_message_is_logged_where_questions_may_be(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging(load_settings(log_questions=True))
    log_broken()
    assert f"LookupError: {MARKER} again" in capsys.readouterr().err


def test_a_question_is_logged_only_where_that_is_wanted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from ui.api import whole_answer

    live = Live(cast("Answerer", FakeAnswerer()))
    start_logging(load_settings())
    asyncio.run(whole_answer(live, Workers.of(load_settings()), MARKER))
    assert MARKER not in capsys.readouterr().err
    start_logging(load_settings(log_questions=True))
    asyncio.run(whole_answer(live, Workers.of(load_settings()), MARKER))
    assert MARKER in capsys.readouterr().err


def test_no_question_can_forge_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging(load_settings(log_questions=True))
    question_asked("one\n2026-01-01 ERROR forged\u2028\x1b[31m", "answered")
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_chain_of_errors_that_is_hidden_stays_hidden() -> None:
    try:
        try:
            int(MARKER)
        except ValueError:
            raise KeyError(MARKER) from None
    except KeyError as error:
        told = DiscreetFormatter().formatException((KeyError, error, error.__traceback__))
    assert "ValueError" not in told
    assert told.endswith("KeyError (its message is not logged)")


def test_what_breaks_in_the_chat_is_logged_discreetly(capsys: pytest.CaptureFixture[str]) -> None:
    import gradio

    from ui.chat import discreet

    start_logging(load_settings())
    with pytest.raises(gradio.Error) as told, discreet():
        raise ValueError(MARKER)
    assert not told.value.print_exception
    assert MARKER not in str(told.value)
    logged = capsys.readouterr().err
    assert MARKER not in logged
    assert "ValueError" in logged
