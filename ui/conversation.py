"""The steps of a conversation: from what was said to what is said next, without a component."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from index.types import CorpusError
from rag.question import MAX_QUESTION_CHARS
from ui import metrics
from ui.askers import Asker
from ui.facets import FIELDS, filters_of
from ui.render import Exchange
from ui.strings import Strings
from ui.workers import BusyError, Workers, ticking

if TYPE_CHECKING:
    from rag.answering import Answerer
    from rag.types import Language


def ask(
    answerer: "Answerer",
    text: str,
    conversation: tuple[Exchange, ...],
    strings: Strings,
    narrowed: Sequence[str | None] = ("",) * len(FIELDS),
    answer_in: "Language | None" = None,
    alone: bool = False,
) -> Iterator[tuple[Exchange, ...]]:
    """Yield the conversation with ``text`` asked, its answer growing.

    ``narrowed`` holds the values of :data:`ui.facets.FIELDS`; ``answer_in`` is the language to
    answer in, None that of the question; ``alone`` leaves the conversation before it out of the
    question. The first one yielded shows the question without an answer. A question that is too
    long or has no words, and whatever :class:`CorpusError` the answerer raises, become the last
    exchange's ``error``.
    """
    if not any(character.isalnum() for character in text):
        yield (*conversation, Exchange(text, error=strings.question_without_words))
        return
    if len(text) > MAX_QUESTION_CHARS:
        error = strings.question_too_long_of.format(length=len(text), limit=MAX_QUESTION_CHARS)
        yield (*conversation, Exchange(f"{text[:200]}…", error=error))
        return
    since, until = (narrowed[FIELDS.index(name)] for name in ("since", "until"))
    if since and until and since > until:
        error = strings.days_crossed_of.format(since=since, until=until)
        yield (*conversation, Exchange(text, error=error))
        return
    yield (*conversation, Exchange(text, alone=alone))
    earlier = () if alone else conversation
    history = [exchange.answer.question for exchange in earlier if exchange.answer]
    try:
        answers = answerer.stream(text, history, filters_of(narrowed), answer_in)
        for answer in metrics.counted(answers):
            yield (*conversation, Exchange(text, answer, alone=alone))
    except CorpusError as error:
        yield (*conversation, Exchange(text, error=str(error)))


async def answered(
    asking: Iterator[tuple[Exchange, ...]],
    last: tuple[Exchange, ...],
    workers: Workers,
    asker: Asker,
) -> AsyncIterator[tuple[Exchange, ...] | None]:
    """Yield the rest of :func:`ask`, whose first was ``last``; ``None`` each second of waiting.

    Where ``workers`` do not answer now, or no longer, the conversation ends with that.
    """
    if last[-1].error:
        return
    try:
        with workers.taken(asker) as place:
            async with aclosing(ticking(workers.each(asking, place))) as steps:
                async for each in steps:
                    last = each or last
                    yield each
    except BusyError as busy:
        yield ended(last, str(busy))


def ended(conversation: tuple[Exchange, ...], reason: str) -> tuple[Exchange, ...]:
    """Return the conversation with its last exchange brought to an end for ``reason``.

    What was answered so far stays, with the reason as a notice.
    """
    *before, last = conversation or (Exchange(""),)
    if last.answer is None and last.text and not last.error:
        last = replace(last, error=reason)
    elif last.answer and last.answer.growing and last.answer.citations:
        notices = (*last.answer.notices, reason)
        last = replace(last, answer=replace(last.answer, growing=False, notices=notices))
    elif last.answer and last.answer.growing:
        last = replace(last, answer=None, error=reason)
    return (*before, last) if last.text else ()
