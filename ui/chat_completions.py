"""WenBao as a model: the chat completions of OpenAI, so that chat programs can ask it.

The last message of the user is the question, those before it the conversation. The answer is
the text with its ``[n]`` and a list of sources; the answer JSON comes too, as ``wenbao``.
"""

import json
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import uuid4

from pydantic import BaseModel, Field

from index.types import CorpusError
from rag.types import Answer
from rag.wording import frame_of
from ui.api import UNBUFFERED, growing_answer, require_askable, whole_answer
from ui.live import Live
from ui.schema import MAX_HISTORY, OF_CALLS, Narrowed, OpenAIProblem, Words, problems
from ui.strings import STRINGS
from ui.workers import BusyError, Workers

if TYPE_CHECKING:
    from fastapi import APIRouter

MODEL = "wenbao"
STREAMED = "The completion; with `stream`, its chunks as server-sent events"
MAX_MESSAGES = 1000  # of a conversation; the newest questions of them are read

# What would make a chat program fetch a picture, hide a link or read HTML in printed words.
_MARKUP = re.compile(r"(?<=!)\[|(?<=\])\(|<")


class Part(BaseModel):
    """A part of a message; only those of text are read."""

    type: str
    text: Words | None = None


class Message(BaseModel):
    """A turn of the conversation; only those of the user are read."""

    role: str
    content: Words | list[Part] | None = None

    def words(self) -> str:
        """Return the text of the message."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.text)
        return self.content or ""


class ChatRequest(BaseModel):
    """What a client of OpenAI sends; anything else in it is passed over."""

    model: Words = MODEL
    messages: list[Message] = Field(min_length=1, max_length=MAX_MESSAGES)
    stream: bool = False
    wenbao: Narrowed = Field(
        default=Narrowed(),
        description="filters: since, until, file, genre, series, reporter, page",
    )


def asked_in(messages: list[Message]) -> tuple[str, list[str]]:
    """Return the question of a conversation, and the earlier ones that can be asked.

    Raises :class:`CorpusError` where the user says nothing.
    """
    said = [message.words() for message in messages if message.role == "user"]
    if not said:
        raise CorpusError('messages has none with the role "user": send the question in one')
    earlier = list(islice(filter(_askable, reversed(said[:-1])), MAX_HISTORY))
    return said[-1], earlier[::-1]


def _askable(text: str) -> bool:
    try:
        require_askable(text)
    except CorpusError:
        return False
    return True


def sources(answer: Answer, root: str) -> str:
    """Return what follows the text of ``answer``: its notices, and its sources with links."""
    strings = STRINGS[frame_of(answer.question)]
    lines = [harmless(notice) for notice in answer.notices]
    lines += [""] * bool(lines)
    if answer.citations:
        lines.append(strings.sources_listed)
    for citation in answer.citations:
        article = citation.article
        printed = " · ".join(filter(None, (article.headline or article.file, article.date)))
        lines.append(f"[{citation.n}] {harmless(printed)} · {root}article/{quote(article.id, '')}")
    return "".join(f"\n{line}" for line in ["", *lines]) if lines else ""


def harmless(text: str) -> str:
    r"""Return printed words that no Markdown program turns into a picture, a link or HTML.

    ``![`` becomes ``!\[``, ``](`` becomes ``]\(`` and ``<`` becomes ``\<``.
    """
    return _MARKUP.sub(r"\\\g<0>", text)


def routes(live: Live, workers: Workers) -> "APIRouter":
    """Return the routes under ``/v1/``."""
    from fastapi import APIRouter, Request
    from fastapi.responses import JSONResponse, StreamingResponse

    router = APIRouter(prefix="/v1", tags=["OpenAI-compatible"])
    started = int(time.time())

    @router.get("/models")
    async def models() -> dict[str, Any]:
        """List the one model that there is."""
        model = {"id": MODEL, "object": "model", "created": started, "owned_by": MODEL}
        return {"object": "list", "data": [model]}

    @router.post(
        "/chat/completions",
        response_model=None,
        responses=problems(*OF_CALLS, model=OpenAIProblem)
        | {200: {"description": STREAMED, "content": {"text/event-stream": {}}}},
    )
    async def completions(asked: ChatRequest, request: Request) -> JSONResponse | StreamingResponse:
        """Answer the last question of a conversation, whole or streamed.

        `wenbao` in the reply, or in the last chunk, is the answer JSON.
        """
        text, earlier = asked_in(asked.messages)
        filters = asked.wenbao.filters()
        require_askable(text)
        root = str(request.base_url)
        head = {"id": f"chatcmpl-{uuid4().hex}", "created": int(time.time()), "model": MODEL}
        if asked.stream:
            answers = growing_answer(live, workers, text, earlier, filters)
            return StreamingResponse(
                _chunks(answers, head, root), media_type="text/event-stream", headers=UNBUFFERED
            )
        answer = await whole_answer(live, workers, text, earlier, filters)
        content = harmless(answer.text) + sources(answer, root)
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": content},
            "finish_reason": "stop",
        }
        reply = {"object": "chat.completion", "choices": [choice], "wenbao": answer.to_json()}
        return JSONResponse(head | reply)

    return router


async def _chunks(
    answers: AsyncGenerator[Answer], head: dict[str, Any], root: str
) -> AsyncIterator[str]:
    """Yield the chunks of an answer; what was sent cannot be taken back.

    Where the whole answer is another one than what grew, it says so and comes after it.
    """

    def chunk(delta: dict[str, str], finish: str | None = None, **rest: Any) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return _data(head | {"object": "chat.completion.chunk", "choices": [choice]} | rest)

    sent, whole = "", None
    yield chunk({"role": "assistant", "content": ""})
    try:
        async with aclosing(answers):
            async for answer in answers:
                text = harmless(answer.text)
                if not answer.growing:
                    whole = answer
                elif text.startswith(sent) and text != sent:
                    yield chunk({"content": text[len(sent) :]})
                    sent = text
    except (CorpusError, BusyError) as error:
        yield _data({"error": {"message": str(error), "type": "server_error"}})
        return
    if whole:
        text = harmless(whole.text)
        if not text.startswith(sent):
            replaced = STRINGS[frame_of(whole.question)].replaced
            yield chunk({"content": f"\n\n{replaced}\n\n"})
            sent = ""
        yield chunk({"content": text[len(sent) :] + sources(whole, root)})
        yield chunk({}, "stop", wenbao=whole.to_json())
    yield "data: [DONE]\n\n"


def _data(value: dict[str, Any]) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"
