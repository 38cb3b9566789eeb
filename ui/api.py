"""The HTTP API: questions and articles as JSON, answers also as they grow.

The JSON is that of ``docs/contracts.md``. Whatever a program sends, it gets an answer or a
``{"detail": …}`` that says what is wrong, which value, and what to do.
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing, closing
from typing import TYPE_CHECKING, Annotated, Any

from index.types import CorpusError
from rag.filters import NO_FILTERS, Filters
from rag.question import understand
from rag.stopping import StoppedError
from rag.stopping import check as check_stop
from rag.types import Answer
from ui.askers import asking, current
from ui.live import Live
from ui.metrics import counted
from ui.schema import (
    MAX_HISTORY,
    OF_CALLS,
    AnswerJson,
    ArticlesJson,
    Asked,
    Listed,
    WholeArticleJson,
    problems,
)
from ui.terminal import article_json
from ui.workers import BusyError, Workers

if TYPE_CHECKING:
    from fastapi import APIRouter, FastAPI

SHOWN_CHARS = 40  # of a value that is wrong
UNREAD = "There was an error parsing the body"  # what FastAPI says of it
NO_JSON = 'the body is not JSON in UTF-8: send an object such as {"question": "…"}'

STREAM_EVENTS = (
    "Server-sent events. `growing`: the answer JSON so far, every sentence of it checked; "
    '`answer`: the whole answer, the last event; `error`: `{"detail"}`, the last event. '
    "The whole answer need not begin with the growing one. Closing the connection stops the work."
)


def answers_to(
    live: Live, text: str, earlier: Sequence[str] = (), filters: Filters = NO_FILTERS
) -> Iterator[Answer]:
    """Yield the answer to ``text`` as it grows; ``earlier`` questions come oldest first."""
    answerer = live.answerer
    require_askable(text, earlier)
    history = answerer.conversation(list(earlier)[-MAX_HISTORY:])
    yield from answerer.stream(text, history, filters)


async def whole_answer(
    live: Live,
    workers: Workers,
    text: str,
    earlier: Sequence[str] = (),
    filters: Filters = NO_FILTERS,
) -> Answer:
    """Return the last of :func:`answers_to`, counted, when its turn has come.

    Raises :class:`BusyError`.
    """
    place = workers.admit(asking(text))

    def last() -> Answer:
        with closing(counted(answers_to(live, text, earlier, filters))) as answers:
            for answer in answers:  # noqa: B007  (the last of them is meant)
                check_stop()
        return answer

    return await workers.run(last, place)


def growing_answer(
    live: Live,
    workers: Workers,
    text: str,
    earlier: Sequence[str] = (),
    filters: Filters = NO_FILTERS,
) -> AsyncGenerator[Answer]:
    """Return :func:`answers_to`, counted, for a request to iterate: its place is taken now.

    Raises :class:`BusyError` when called, for a full line, and when iterated.
    """
    place = workers.admit(asking(text))
    return workers.each(counted(answers_to(live, text, earlier, filters)), place)


def require_askable(text: str, earlier: Sequence[str] = ()) -> None:
    """Raise :class:`CorpusError` for what cannot be asked, naming the earlier question too."""
    understand(text)
    first = max(0, len(earlier) - MAX_HISTORY)
    for number, each in enumerate(earlier[first:], start=first):
        try:
            understand(each)
        except CorpusError as error:
            raise CorpusError(f"session_history[{number}]: {error}") from None


def routes(live: Live, workers: Workers) -> "APIRouter":
    """Return the routes under ``/api/``."""
    from fastapi import APIRouter, HTTPException, Query
    from fastapi.responses import JSONResponse, StreamingResponse

    router = APIRouter(prefix="/api", tags=["questions"])

    @router.post("/ask", response_model=AnswerJson, responses=problems(*OF_CALLS))
    async def ask(asked: Asked) -> JSONResponse:
        """Answer a question with quotes from the pages, or say that they do not answer it."""
        answer = await whole_answer(
            live, workers, asked.question, asked.session_history, asked.filters()
        )
        return JSONResponse(answer.to_json())

    @router.post(
        "/ask/stream",
        response_class=StreamingResponse,
        responses=problems(*OF_CALLS)
        | {200: {"description": STREAM_EVENTS, "content": {"text/event-stream": {}}}},
    )
    async def ask_stream(asked: Asked) -> StreamingResponse:
        """Answer a question in server-sent events, the answer growing."""
        filters = asked.filters()  # what is wrong from the start has a status of its own
        require_askable(asked.question, asked.session_history)
        answers = growing_answer(live, workers, asked.question, asked.session_history, filters)
        return StreamingResponse(
            _events(answers), media_type="text/event-stream", headers=UNBUFFERED
        )

    @router.get(
        "/articles", response_model=ArticlesJson, responses=problems(422, 503), tags=["articles"]
    )
    async def articles(
        wanted: Annotated[Listed, Query()],
    ) -> JSONResponse:
        """List the articles, those that pass the filters, in the order of the pages."""
        filters = wanted.filters()
        index = live.answerer.index

        def listed() -> dict[str, Any]:
            numbers = index.page_numbers if filters.pages else {}
            found = [each for each in index.articles.values() if filters.passes(each, numbers)]
            shown = found[wanted.offset :][: wanted.limit]
            return {
                "total": len(found),
                "limit": wanted.limit,
                "offset": wanted.offset,
                "articles": [article_json(article) for article in shown],
            }

        return JSONResponse(await workers.run(listed, workers.enter(current(), measured=False)))

    @router.get(
        "/articles/{article_id:path}",
        response_model=WholeArticleJson,
        responses=problems(404, 422, 503),
        tags=["articles"],
    )
    async def article(article_id: str) -> JSONResponse:
        """Return one article with its words."""
        found = live.answerer.index.articles.get(article_id)
        if found is None:
            raise HTTPException(404, no_article(article_id))
        return JSONResponse(article_json(found) | {"text": found.body.text})

    return router


UNBUFFERED = {"cache-control": "no-store", "x-accel-buffering": "no"}


def no_article(article_id: str) -> str:
    """Return what to say of an id that no article has."""
    return f"there is no article {_shown(article_id)}: see the ids in /api/articles"


async def _events(answers: AsyncGenerator[Answer]) -> AsyncIterator[str]:
    try:
        async with aclosing(answers):
            async for answer in answers:
                yield event("growing" if answer.growing else "answer", answer.to_json())
    except (CorpusError, BusyError) as error:
        yield event("error", {"detail": str(error)})


def event(name: str, data: dict[str, Any]) -> str:
    """Return a server-sent event; JSON has no line breaks of its own."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


# What went wrong, in JSON


def tell_errors(app: "FastAPI") -> None:
    """Let what is wrong with a request be told as ``{"detail": …}`` with its status."""
    from fastapi.exceptions import RequestValidationError
    from fastapi.responses import JSONResponse
    from starlette.exceptions import HTTPException
    from starlette.requests import Request

    def told(request: Request, status: int, detail: str, retry_after_s: int = 0) -> JSONResponse:
        retry = {"retry-after": str(retry_after_s)} if retry_after_s else None
        return JSONResponse(error_json(request.url.path, status, detail), status, retry)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            return told(request, 400, NO_JSON)
        return told(request, 422, problem_of(first))

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> JSONResponse:
        unread = error.detail == UNREAD
        return told(request, error.status_code, NO_JSON if unread else str(error.detail))

    @app.exception_handler(CorpusError)
    async def cannot(request: Request, error: CorpusError) -> JSONResponse:
        return told(request, 422, str(error))

    @app.exception_handler(BusyError)
    async def busy(request: Request, error: BusyError) -> JSONResponse:
        return told(request, error.status, str(error), error.retry_after_s)

    @app.exception_handler(StoppedError)
    async def gone(request: Request, error: StoppedError) -> JSONResponse:
        return told(request, 499, str(error))  # nobody reads it


def error_json(path: str, status: int, detail: str) -> dict[str, Any]:
    """Return what to say of an error; under ``/v1/`` also where clients of OpenAI look for it."""
    body: dict[str, Any] = {"detail": detail}
    if path.startswith("/v1/"):
        kind = "server_error" if status >= 500 else "invalid_request_error"
        kind = "rate_limit_error" if status == 429 else kind
        body["error"] = {"message": detail, "type": kind, "param": None, "code": None}
    return body


def problem_of(error: dict[str, Any]) -> str:
    """Return where pydantic found something wrong, what, and the value in short."""
    where, *inside = [str(part) for part in error["loc"]] or [""]
    place = ".".join(inside) or where
    message = error["msg"].removeprefix("Value error, ")
    if error["type"] == "missing":
        return f"{place} is missing: {message[0].lower()}{message[1:]}"
    if error["type"] == "extra_forbidden":
        return f"{place} is not known here: see /api for what may be sent"
    return f"{place} is {_shown(error['input'])}: {message[0].lower()}{message[1:]}"


def _shown(value: Any) -> str:
    """Return a value in short; of what holds others only its kind, however deep it is."""
    if isinstance(value, str):
        cut = value if len(value) <= SHOWN_CHARS else value[:SHOWN_CHARS] + "…"
        return repr(cut.encode("utf-8", "replace").decode("utf-8"))
    if value is None or isinstance(value, bool | float):
        return json.dumps(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**SHOWN_CHARS else "a number"
    return "a list" if isinstance(value, list) else "an object"
