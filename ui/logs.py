"""What goes to the log: never a word of a question, unless ``WENBAO_LOG_QUESTIONS`` is set.

An error that nobody expected may hold the question in its message: its places in the code and
its type are written, its message is not.
"""

import logging
import traceback
from types import TracebackType

from rag.config import Settings

QUESTIONS = logging.getLogger("wenbao.questions")

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class DiscreetFormatter(logging.Formatter):
    """Formats a record as one line and, of an error, where it happened and its type alone."""

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802  (the name of logging)
        """Return the traceback without the messages of its exceptions."""
        if ei[1] is None:
            return ""
        told = traceback.TracebackException.from_exception(ei[1], lookup_lines=False)
        return "".join(_without_messages(told)).rstrip("\n")


def _without_messages(told: traceback.TracebackException) -> list[str]:
    before = told.__cause__ or (None if told.__suppress_context__ else told.__context__)
    lines = [*_without_messages(before), "then\n"] if before else []
    name = told.exc_type.__qualname__ if told.exc_type else "error"
    return [*lines, *told.stack.format(), f"{name} (its message is not logged)\n"]


def start_logging(settings: Settings) -> None:
    """Let warnings and errors go to stderr, discreetly unless questions may be logged.

    For a process that serves: whatever was set up before is replaced.
    """
    full = settings.log_questions
    kind = logging.Formatter if full else DiscreetFormatter
    handler = logging.StreamHandler()
    handler.setFormatter(kind("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    QUESTIONS.setLevel(logging.INFO if full else logging.CRITICAL)


def question_asked(question: str, outcome: str) -> None:
    """Note a question in the log, if that is switched on; what does not print is escaped."""
    QUESTIONS.info("%s: %r", outcome, question)
