"""A generated answer: what the language model writes, before :mod:`rag.checking` checks it.

The model runs elsewhere and is not trusted: its stream is held to deadlines, its text to
the passages it was given. Whatever goes wrong is a :class:`GenerationError`, and the
caller still has the printed words to quote. Neither the prompt, nor the question, nor the
key is ever part of a message or a log line.
"""

import math
import socket
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from rag.breaker import breaker_of
from rag.checking import REFUSAL, GenerationError, spoken
from rag.config import Settings
from rag.prompt import prompt
from rag.stopping import check as check_stop
from rag.stopping import left_s as left_to_answer_s
from rag.types import Passage, Question

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

MAX_DRAFT_CHARS = 20_000  # with the thoughts before it
MAX_SPOKEN_CHARS = 4_000
RETRY_AFTER_S = 0.5
LOOK_EVERY_S = 0.2  # whether anybody still waits for the answer
LEFT_TO_QUOTE_S = 1.0  # of the time for a whole answer, when the model takes too long

# After these the endpoint may be at fault: in a row, they make it rest.
_ENDPOINT_FAILED = frozenset({"unreachable", "refused", "failed", "slow", "cut", "garbled"})


@dataclass(frozen=True, slots=True)
class Draft:
    """What the model has written so far, unchecked; ``done`` when it finished properly."""

    text: str
    done: bool


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    finish_reason: str | None


@dataclass(frozen=True, slots=True)
class _Failure:
    kind: str
    status: int | None = None

    @property
    def passing(self) -> bool:
        """Whether another try may go better."""
        if self.status is not None:
            return self.status in (408, 409, 429) or self.status >= 500
        return self.kind == "unreachable"


@dataclass(slots=True)
class _Deadlines:
    """How long to wait, in seconds; the clock starts with the first request."""

    total_s: float
    end: float | None = None

    @property
    def first_s(self) -> float:
        """The longest wait for the first token."""
        return self.total_s / 2

    @property
    def idle_s(self) -> float:
        """The longest wait for any further token."""
        return self.total_s / 4

    def start(self) -> None:
        """Start the clock, unless it runs."""
        self.end = self.end or time.monotonic() + self.total_s

    @property
    def left_s(self) -> float:
        """What is left of the whole."""
        return self.total_s if self.end is None else self.end - time.monotonic()


@dataclass(eq=False)
class _Upstream:
    """The connection of one request, so that it can be broken off while a thread reads it."""

    sockets: list[socket.socket] = field(default_factory=list)
    broken: bool = False
    client: Any = None

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Keep the sockets that the HTTP client opens (its ``trace`` extension)."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            opened = info["return_value"].get_extra_info("socket")
            if opened is not None:
                self.sockets.append(opened)
            if self.broken:
                self.break_off()

    def break_off(self) -> None:
        """Wake up whoever reads: the connection ends."""
        self.broken = True
        for opened in self.sockets:
            with suppress(OSError):  # already gone
                # The method of the plain socket: that of a TLS socket unsets what is in use.
                socket.socket.shutdown(opened, socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the connection; for the thread that reads."""
        if self.client is not None:
            self.client.close()


def generate(
    question: Question,
    passages: Sequence[Passage],
    settings: Settings,
    chat: "BaseChatModel | None" = None,
) -> Generator[Draft, None, None]:
    """Yield the growing answer of the language model; the last draft, and only it, is done.

    ``chat`` replaces the model of the settings (tests, other providers); it has to report
    ``finish_reason`` in the metadata or the ``additional_kwargs`` of its last message. The
    whole answer may take ``settings.llm_timeout_s``, its first token half of that, any
    further one a quarter. One more try is made when the endpoint failed in passing before
    anything came. An endpoint that keeps failing is left alone for a while, see
    :mod:`rag.breaker`. Closing the iterator breaks off the request.

    Raises :class:`GenerationError` when no complete answer comes.
    """
    breaker = breaker_of(settings.llm_base_url or "", settings.llm_model or "")
    rest_s = 0.0 if chat else breaker.admit()
    if rest_s:
        raise GenerationError("resting", question.spoken, rest_s=math.ceil(rest_s))
    told = breaker.leave  # who stops listening says nothing of the endpoint
    try:
        with closing(_drafts(question, passages, settings, chat)) as drafts:
            yield from drafts
        told = breaker.succeed
    except GenerationError as error:
        told = breaker.fail if error.kind in _ENDPOINT_FAILED else breaker.succeed
        raise
    finally:
        if not chat:
            told()


def _drafts(
    question: Question,
    passages: Sequence[Passage],
    settings: Settings,
    chat: "BaseChatModel | None",
) -> Generator[Draft, None, None]:
    messages = prompt(question, passages)
    deadlines = _Deadlines(min(settings.llm_timeout_s, _allowed_s()))
    for tried in (1, 2):
        exchange = _Exchange(chat, settings, messages, deadlines)
        text, arrived, finish_reason = "", False, None
        outcome: _Failure | None = None
        with closing(exchange.pieces()) as pieces:
            for piece in pieces:
                if isinstance(piece, _Failure):
                    outcome = piece
                    break
                arrived, finish_reason = True, piece.finish_reason
                text += piece.text
                said = spoken(text)
                if len(text) > MAX_DRAFT_CHARS or len(said) > MAX_SPOKEN_CHARS:
                    raise GenerationError("long", question.spoken)
                if finish_reason:
                    break
                if piece.text and _showable(said):
                    yield Draft(said, done=False)
        if outcome is None:
            break
        hopeless = arrived or not outcome.passing or deadlines.left_s <= RETRY_AFTER_S
        if tried == 2 or hopeless:
            raise GenerationError(outcome.kind, question.spoken, outcome.status)
        time.sleep(RETRY_AFTER_S)
    if finish_reason is None:
        raise GenerationError("cut" if arrived else "garbled", question.spoken)
    if finish_reason != "stop":
        raise GenerationError("unfinished", question.spoken)
    answer = spoken(text)
    if not answer:
        raise GenerationError("empty", question.spoken)
    yield Draft(answer, done=True)


def _allowed_s() -> float:
    """Return how long the model may take of the time that is left for the whole answer."""
    return max(LOOK_EVERY_S, left_to_answer_s() - LEFT_TO_QUOTE_S)


def _showable(said: str) -> bool:
    """Return whether an unfinished draft says something: no refusal token, nor its beginning."""
    return not (REFUSAL in said or REFUSAL.startswith(said) or "<think>".startswith(said))


@dataclass(eq=False)
class _Exchange:
    """One request and what arrives for it.

    A thread reads, because no client's time-out ends a slow drip. It ends when the
    connection is closed under it, which closing :meth:`pieces` does.
    """

    chat: "BaseChatModel | None"
    settings: Settings
    messages: list[tuple[str, str]]
    deadlines: _Deadlines
    upstream: _Upstream = field(default_factory=_Upstream)
    arrivals: SimpleQueue[_Piece | _Failure | None] = field(default_factory=SimpleQueue)
    ready: threading.Event = field(default_factory=threading.Event)

    def pieces(self) -> Generator[_Piece | _Failure, None, None]:
        """Yield what arrives, each piece within its deadline; a failure is the last item."""
        threading.Thread(target=self._run, name="wenbao-llm", daemon=True).start()
        self.ready.wait()  # loading the client is not the endpoint's time
        self.deadlines.start()
        wait_s = self.deadlines.first_s
        try:
            while (left_s := self.deadlines.left_s) > 0:
                arrival = self._arrival(min(wait_s, left_s))
                if arrival is None:
                    return
                yield arrival
                wait_s = self.deadlines.idle_s
            yield _Failure("slow")
        except Empty:
            yield _Failure("slow")
        finally:
            self.upstream.break_off()

    def _arrival(self, wait_s: float) -> _Piece | _Failure | None:
        """Return what arrives next. Raises ``Empty`` when nothing does within ``wait_s``."""
        end = time.monotonic() + wait_s
        while True:
            check_stop()
            left_s = max(0.0, end - time.monotonic())
            with suppress(Empty):
                return self.arrivals.get(timeout=min(left_s, LOOK_EVERY_S))
            if not left_s:
                raise Empty

    def _run(self) -> None:
        """Put what the model says, then a failure if there is one, then None."""
        try:
            self._read()
        finally:
            self.upstream.close()
            self.arrivals.put(None)
            self.ready.set()

    def _read(self) -> None:
        import openai
        from langchain_core.exceptions import LangChainException
        from langsmith import tracing_context

        try:
            chat = self.chat or _connect(self.settings, self.upstream, self.deadlines)
            self.ready.set()
            # The prompt goes to the endpoint of the settings and nowhere else.
            with tracing_context(enabled=False):
                stream = cast("Generator[Any, None, None]", chat.stream(self.messages))
                with closing(stream):
                    for chunk in stream:
                        if self.upstream.broken:
                            break
                        self.arrivals.put(_Piece(str(chunk.text), _finish_reason(chunk)))
        except openai.APITimeoutError:
            self.arrivals.put(_Failure("slow"))
        except openai.APIStatusError as error:
            self.arrivals.put(_Failure("refused", error.status_code))
        except openai.APIConnectionError:
            self.arrivals.put(_Failure("unreachable"))
        except openai.OpenAIError:
            self.arrivals.put(_Failure("failed"))
        except (
            LangChainException,
            ValueError,  # bytes that are no JSON, JSON of another shape, an empty stream
            TypeError,
            LookupError,
            AttributeError,
            RuntimeError,
            OSError,
        ):
            self.arrivals.put(_Failure("garbled"))


def _finish_reason(chunk: Any) -> str | None:
    given = chunk.response_metadata.get("finish_reason")
    given = given or chunk.additional_kwargs.get("finish_reason")
    return str(given) if given else None


def _connect(settings: Settings, upstream: _Upstream, deadlines: _Deadlines) -> "BaseChatModel":
    """Return the chat model of the settings, on a connection of its own."""
    import langchain_openai  # noqa: F401  (what init_chat_model finds by its name)
    import openai
    from langchain.chat_models import init_chat_model

    def traced(request: Any) -> None:
        request.extensions["trace"] = upstream.trace

    host = urlsplit(settings.llm_base_url or "").hostname
    upstream.client = openai.DefaultHttpxClient(
        timeout=deadlines.first_s,
        follow_redirects=False,  # the key goes to the endpoint of the settings only
        trust_env=host not in ("localhost", "127.0.0.1", "::1"),  # a proxy is for elsewhere
        event_hooks={"request": [traced]},
    )
    model: BaseChatModel = init_chat_model(
        settings.llm_model or "",
        model_provider="openai",
        base_url=settings.llm_base_url,
        # Never empty: the client would look for another provider's key in the environment.
        api_key=settings.llm_api_key.get_secret_value() or "none",
        timeout=deadlines.first_s,
        max_retries=0,  # see generate: only before the first token
        temperature=0,
        http_client=upstream.client,
        openai_proxy=None,
        use_responses_api=False,
    )
    return model
