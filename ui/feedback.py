"""What readers think of answers: 👍 or 👎 with a reason, kept as JSON Lines.

The browser sends the answer that it shows, cut to what a case needs; nothing that it sends is
trusted. Sizes are bounded, and ``proved`` says whether each quote stands at its places in the
generation that is live when the feedback comes in. ``wenbao eval --from-feedback`` reads it.
"""

import json
import logging
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from index.index import Index
from rag.config import Settings
from rag.question import MAX_QUESTION_CHARS
from rag.small_talk import talk_in
from rag.types import Answer, Language, Mode
from ui.harmless import json_line
from ui.live import Live
from ui.private import private
from ui.schema import refusals
from ui.strings import Strings

if TYPE_CHECKING:
    from fastapi import APIRouter

PATH = "/feedback"
MAX_NOTE_CHARS = 500
MAX_ANSWER_CHARS = 8_000
MAX_CITATIONS = 10
MAX_QUOTE_CHARS = 2_000
MAX_BYTES = 65_536  # of one piece of feedback
MAX_FILE_BYTES = 10_000_000
KEPT_FILES = 3  # full ones, beside the one that is written
LOCK_TIMEOUT_S = 5.0

Reason = Literal[
    "", "wrong sentence", "wrong figure", "should have refused", "should have answered",
    "not my question", "other",
]  # fmt: skip
REASONS: tuple[Reason, ...] = get_args(Reason)[1:]

_log = logging.getLogger(__name__)


class _Bounded(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class FeedbackSpan(_Bounded):
    """A place in a received file."""

    file: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    start: int = Field(ge=0, le=2**53)
    end: int = Field(ge=0, le=2**53)


class FeedbackCitation(_Bounded):
    """A citation as it was shown."""

    n: int = Field(ge=1, le=1000)
    article: Annotated[str, StringConstraints(max_length=200)]
    quote: Annotated[str, StringConstraints(min_length=1, max_length=MAX_QUOTE_CHARS)]
    spans: Annotated[list[FeedbackSpan], Field(min_length=1, max_length=20)]


class FeedbackAnswer(_Bounded):
    """An answer as it was shown: the answer JSON without passages.

    ``question`` can be read without the conversation, unless it ``leans`` on it.
    """

    question: Annotated[str, StringConstraints(min_length=1, max_length=MAX_QUESTION_CHARS * 2)]
    leans: bool = False
    language: Language
    answer: Annotated[str, StringConstraints(max_length=MAX_ANSWER_CHARS)]
    refused: bool
    mode: Mode
    confidence: float = Field(ge=0, le=1)
    citations: Annotated[list[FeedbackCitation], Field(max_length=MAX_CITATIONS)]


class Feedback(_Bounded):
    """What one reader thinks of one answer."""

    verdict: Literal["up", "down"]
    reason: Reason = ""
    note: Annotated[str, StringConstraints(max_length=MAX_NOTE_CHARS)] = ""
    answer: FeedbackAnswer


class FeedbackLog:
    """A JSON Lines file that threads and processes append to, each line whole and on disk."""

    def __init__(
        self,
        path: Path,
        max_bytes: int = MAX_FILE_BYTES,
        sync: Callable[[int], None] = os.fsync,
    ) -> None:
        self.path = path
        self._max_bytes = max_bytes
        self._sync = sync
        self._turn = threading.Lock()

    def append(self, row: dict[str, Any]) -> None:
        """Write ``row`` as one line; it is on disk when this returns.

        A last line that was torn is closed first, so that it spoils no other. A full file is
        set aside as ``.1``, the one before as ``.2``; the oldest goes. Raises ``OSError`` when
        it cannot be written, and leaves the file as it was.
        """
        line = json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with self._turn, FileLock(f"{self.path}.lock", timeout=LOCK_TIMEOUT_S, mode=0o600):
                if self.path.exists() and self.path.stat().st_size + len(line) > self._max_bytes:
                    self._set_aside()
                self._write(line)
        except Timeout as error:
            raise OSError(f"{self.path}: another process keeps its lock") from error

    def _write(self, line: bytes) -> None:
        with open(self.path, "a+b", buffering=0, opener=private) as file:
            size = file.seek(0, os.SEEK_END)
            torn = b""
            if size:
                file.seek(size - 1)
                torn = b"" if file.read(1) == b"\n" else b"\n"
            try:
                written = file.write(torn + line)
                self._sync(file.fileno())
            except OSError:
                file.truncate(size)
                raise
            if written < len(torn + line):
                file.truncate(size)
                raise OSError(f"{self.path}: no room for the whole line")

    def _set_aside(self) -> None:
        for number in range(KEPT_FILES, 0, -1):
            older = self.path.with_name(f"{self.path.name}.{number}")
            newer = (
                self.path if number == 1 else self.path.with_name(f"{self.path.name}.{number - 1}")
            )
            if newer.exists():
                newer.replace(older)


def feedback_file(settings: Settings) -> Path | None:
    """Return where feedback is kept: ``feedback.jsonl`` in the folder of the index by default.

    ``None`` where ``WENBAO_FEEDBACK`` is set and empty: nothing is kept, nothing is asked.
    """
    if settings.feedback is None:
        return settings.index / "feedback.jsonl"
    return Path(settings.feedback) if settings.feedback.strip() else None


def row_of(given: Feedback, index: Index, at: datetime) -> dict[str, Any]:
    """Return the line that is kept of ``given``, which came in at ``at`` over ``index``."""
    return {
        "time": at.astimezone(UTC).isoformat(timespec="seconds"),
        "verdict": given.verdict,
        "reason": given.reason,
        "note": given.note,
        "generation": index.manifest.generation,
        "proved": all(_stands(citation, index) for citation in given.answer.citations),
        **given.answer.model_dump(),
    }


def _stands(citation: FeedbackCitation, index: Index) -> bool:
    """Return whether the quote is the text at its places."""
    pages = index.pages
    text = "".join(
        pages[span.file].text[span.start : span.end] if span.file in pages else ""
        for span in citation.spans
    )
    return text == citation.quote


def routes(live: Live, settings: Settings) -> "APIRouter":
    """Return the route ``POST /feedback``; none where feedback is turned off."""
    from fastapi import APIRouter, Request, Response
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import PlainTextResponse

    router = APIRouter()
    path = feedback_file(settings)
    if path is None:
        return router
    log = FeedbackLog(path)

    @router.post(
        PATH,
        status_code=204,
        summary="Say what you think of an answer",
        responses=refusals(403, 411, 413, 415, 422, 507),
    )
    async def post_feedback(request: Request) -> Response:
        if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return PlainTextResponse("Calls from other sites are refused", 403)
        if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
            return PlainTextResponse("Send application/json", 415)
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > MAX_BYTES:
                return PlainTextResponse("Too large", 413)
        try:
            given = Feedback.model_validate_json(body)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False, include_context=False)[0]
            place = ".".join(map(str, first["loc"]))[:100]
            return PlainTextResponse(f"{place}: {first['msg']}"[:300], 422)
        try:
            row = row_of(given, live.answerer.index, datetime.now(UTC))
            await run_in_threadpool(log.append, row)
        except OSError as error:
            _log.error(
                "%s: feedback was not kept (%s); make room or set WENBAO_FEEDBACK", path, error
            )
            return PlainTextResponse("Feedback cannot be kept now", 507)
        return Response(status_code=204)

    return router


def answer_sent(answer: Answer) -> str:
    """Return the JSON of ``answer`` that the browser sends back with a verdict."""
    question = answer.question
    whole = answer.to_json()
    return json_line(
        {
            "question": question.standalone[: MAX_QUESTION_CHARS * 2],
            "leans": bool(question.context and not question.rewritten),
            "language": question.language,
            "answer": answer.text[:MAX_ANSWER_CHARS],
            "refused": answer.refused,
            "mode": answer.mode,
            "confidence": whole["confidence"],
            "citations": [
                {key: each[key] for key in ("n", "article", "quote", "spans")}
                for each in whole["citations"][:MAX_CITATIONS]
                if each["quote"]
                and len(each["quote"]) <= MAX_QUOTE_CHARS
                and len(each["spans"]) <= 20
            ],
        }
    )


def feedback_html(answer: Answer, number: int, strings: Strings) -> str:
    """Return the buttons under the answer of exchange ``number``; ``feedback.js`` shows them.

    An answer that still grows has none, nor has small talk.
    """
    from ui.render import inert  # which imports this module

    if answer.growing or talk_in(answer.question.text):
        return ""
    # Gradio strips data and aria attributes: what the script needs is text that is not shown.
    reasons = "".join(
        f'<button type="button" class="feedback-reason {reason.replace(" ", "-")}">'
        f"{inert(label)}</button>"
        for reason, label in zip(REASONS, strings.feedback_reasons, strict=True)
    )
    unseen = {
        "sent": answer_sent(answer),
        "thanks": strings.feedback_thanks,
        "failed": strings.feedback_failed,
    }
    told = "".join(
        f'<span class="feedback-{name}" hidden="hidden">{inert(text)}</span>'
        for name, text in unseen.items()
    )
    up, down = inert(strings.feedback_up), inert(strings.feedback_down)
    return (
        f'<div class="feedback" id="feedback-{number}" lang="{strings.html_lang}">{told}'
        f'<span class="feedback-ask">{inert(strings.feedback_ask)}</span>'
        f'<button type="button" class="feedback-up">{up}</button>'
        f'<button type="button" class="feedback-down">{down}</button>'
        f'<div class="feedback-why" hidden="hidden">'
        f'<span class="feedback-head">{inert(strings.feedback_why)}</span>{reasons}'
        f'<input type="text" class="feedback-note" maxlength="{MAX_NOTE_CHARS}" '
        f'placeholder="{inert(strings.feedback_note)}" />'
        f'<button type="button" class="feedback-send">{inert(strings.feedback_send)}</button></div>'
        f'<span class="feedback-said" role="status"></span></div>'
    )
