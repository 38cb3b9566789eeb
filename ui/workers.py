"""The gate that every question goes through, from the chat and from programs alike.

So many are answered at once, in threads, so that the server goes on answering; so many wait in
line; who comes after that, or would wait longer than an answer may take, is told so at once.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeVar

from rag.config import Settings
from rag.stopping import Stop, StoppedError, Why, heeding
from ui.askers import COST, Asker, Rates, current, whole_seconds
from ui.metrics import CANCELLED, REFUSED, WAITED
from ui.strings import STRINGS

T = TypeVar("T")

AT_ONCE = 4
WAITING = 200
EXPECTED_S = 0.2  # of an answer, before one was measured
TICK_S = 1.0
NEWEST_COUNTS = 0.1  # how much the newest answer counts in the mean

Reason = Literal["full", "long", "rate", "share", "stopping", "late"]


class BusyError(Exception):
    """A question that is not answered now; the message says so in the asker's language.

    ``reason`` is ``full`` or ``long`` (the line), ``rate`` or ``share`` (one asker's),
    ``stopping`` (the server), or ``late`` (the answer took too long).
    """

    def __init__(self, reason: Reason, asker: Asker, retry_after_s: int) -> None:
        strings = STRINGS[asker.language]
        words = {
            "full": strings.busy_of,
            "long": strings.busy_of,
            "rate": strings.busy_rate_of,
            "share": strings.busy_share_of,
            "stopping": strings.busy_stopping,
            "late": strings.busy_late,
        }
        super().__init__(words[reason].format(seconds=retry_after_s))
        self.reason: Reason = reason
        self.retry_after_s = retry_after_s

    @property
    def status(self) -> int:
        """The status of HTTP: 429 where it is the asker who asks too much, else 503."""
        return 429 if self.reason in ("rate", "share") else 503


@dataclass(eq=False, slots=True)
class Place:
    """The place of one question, in line and then among those that are answered.

    ``turn`` is done when it is answered; ``stopped`` when it shall be no longer.
    """

    asker: Asker
    stop: Stop
    stopped: "asyncio.Future[None]"
    turn: "asyncio.Future[None]"
    came: float
    measured: bool
    left: bool = False


class Workers:
    """Answers ``at_once`` questions at a time, with ``waiting`` in line, each in ``deadline_s``.

    ``rates`` and ``share`` bound what one asker may ask: a minute, and at a time. For one event
    loop. ``deadline_s`` counts from when a question comes, and waiting is a part of it.
    """

    def __init__(
        self,
        at_once: int = AT_ONCE,
        waiting: int = WAITING,
        deadline_s: float = 90.0,
        rates: Rates | None = None,
        share: int = 0,
    ) -> None:
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="wenbao-program")
        self.at_once, self._places = at_once, waiting
        self._deadline_s, self._share = deadline_s, share
        self.rates = Rates(0) if rates is None else rates
        self._line: deque[Place] = deque()
        self._under_way: set[Place] = set()  # those in line too
        self._of_asker: Counter[str] = Counter()
        self._answering = 0
        self._mean_s = EXPECTED_S
        self.closing = False
        self.over = asyncio.Event()  # set once nothing is answered any more

    @classmethod
    def of(cls, settings: Settings) -> "Workers":
        """Return the gate that ``settings`` ask for."""
        return cls(
            settings.answers_at_once,
            settings.queue,
            settings.deadline_s,
            Rates(settings.rate),
            settings.client_questions,
        )

    @property
    def answering(self) -> int:
        """How many questions are being answered."""
        return self._answering

    @property
    def waiting(self) -> int:
        """How many questions wait in line."""
        return len(self._line)

    @property
    def expected_wait_s(self) -> float:
        """How long a question that comes now will wait, by the time that answers took."""
        before = len(self._line) + 1 - (self.at_once - self._answering)
        return max(0, before) * self._mean_s / self.at_once

    @property
    def at_rest(self) -> bool:
        """Whether there is time for what nobody waits for: half of the threads have none."""
        return not self.closing and self._answering < max(1, self.at_once // 2)

    async def run(self, work: Callable[[], T], place: Place | None = None) -> T:
        """Return what ``work`` returns, when its turn has come.

        Raises :class:`BusyError`, and :class:`rag.stopping.StoppedError` once the asker has gone.
        """
        async with self._turn(place or self.enter(current())) as place:
            return await self._done(self._begin(work, place), place)

    async def each(self, steps: Iterator[T], place: Place | None = None) -> AsyncGenerator[T]:
        """Yield each of ``steps``, a generator, taken in a thread, when its turn has come.

        Whoever leaves before the end (a client that goes away) closes it, as soon as the step
        under way heeds it. Raises :class:`BusyError`.
        """
        step: Future[T | None] | None = None
        with suppress(StoppedError):  # nobody listens any more
            async with self._turn(place or self.enter(current())) as place:
                try:
                    while True:
                        step = self._begin(partial(next, steps, None), place)
                        found = await self._done(step, place)
                        if found is None:
                            return
                        yield found
                finally:
                    place.stop.stop("gone")
                    if step:  # at once where it is done already, or else by its thread
                        step.add_done_callback(lambda _: _close(steps))

    def admit(self, asker: Asker) -> Place:
        """Return a place for a question of ``asker``, counted, for :meth:`run` or :meth:`each`.

        It is left when they end, or when ``asker.stop`` says that the asker has gone. Raises
        :class:`BusyError` when the question is not taken now.
        """
        self.require_place(asker)
        self.charge(asker, 1.0 - COST)  # the request that brought it has paid the rest
        return self.enter(asker)

    @contextmanager
    def taken(self, asker: Asker) -> Iterator[Place]:
        """Hold the place of :meth:`admit`."""
        place = self.admit(asker)
        try:
            yield place
        finally:
            self.leave(place)

    def charge(self, asker: Asker, cost: float) -> None:
        """Count what ``asker`` asks for. Raises :class:`BusyError` when it is too much a minute."""
        wait_s = self.rates.take(asker.name, cost)
        if wait_s:
            raise self.busy("rate", asker, wait_s)

    def require_place(self, asker: Asker) -> None:
        """Raise :class:`BusyError` when no further question is taken from ``asker`` now."""
        wait_s = self.expected_wait_s
        if self.closing:
            raise self.busy("stopping", asker, 5)
        if wait_s and len(self._line) >= self._places:
            raise self.busy("full", asker, wait_s)
        if wait_s > self._deadline_s:
            raise self.busy("long", asker, wait_s - self._deadline_s)
        if asker.name and self._share and self._of_asker[asker.name] >= self._share:
            raise self.busy("share", asker, wait_s + self._mean_s)

    def close(self) -> None:
        """Take no question any more; those under way go on."""
        self.closing = True

    def stop_all(self, why: Why) -> None:
        """Let every question under way end, those in line too."""
        for place in list(self._under_way):
            place.stop.stop(why)

    # One question

    def enter(self, asker: Asker, measured: bool = True) -> Place:
        """Return a place, in line where all are taken; ``measured``: it takes as an answer does.

        Raises :class:`BusyError` when the line is full.
        """
        self.require_place(asker)
        loop = asyncio.get_running_loop()
        came, stop = time.monotonic(), asker.stop or Stop()
        stop.ends_at = came + self._deadline_s
        place = Place(asker, stop, loop.create_future(), loop.create_future(), came, measured)
        self._under_way.add(place)
        self._of_asker[asker.name] += 1
        if self._answering < self.at_once:
            self._answering += 1
            place.turn.set_result(None)
        else:
            self._line.append(place)
        stop.listen(partial(_in_loop, loop, partial(self._stopped, place)))
        return place

    def leave(self, place: Place) -> None:
        """Give a place to the next in line; one that was left is left."""
        if place.left:
            return
        place.left = True
        self._under_way.discard(place)
        self._of_asker[place.asker.name] -= 1
        if not self._of_asker[place.asker.name]:
            del self._of_asker[place.asker.name]
        if not place.turn.done():
            self._line.remove(place)
        elif self._line:
            self._line.popleft().turn.set_result(None)
        else:
            self._answering -= 1

    def _stopped(self, place: Place) -> None:
        if not place.stopped.done():
            place.stopped.set_result(None)
        if place.stop.why == "gone":
            self.leave(place)

    @asynccontextmanager
    async def _turn(self, place: Place) -> AsyncIterator[Place]:
        """Wait until it is the turn of a place, and leave it at the end."""
        began = 0.0
        try:
            await self._first(place.turn, place)
            began = time.monotonic()
            WAITED.observe(began - place.came)
            yield place
        except StoppedError as stopped:
            CANCELLED.labels(stopped.why).inc()
            if stopped.why == "gone":
                raise
            after_s = 5 if stopped.why == "stopping" else self.expected_wait_s
            raise self.busy(stopped.why, place.asker, after_s) from None
        except (asyncio.CancelledError, GeneratorExit):
            CANCELLED.labels("gone").inc()
            raise
        finally:
            if began and place.measured:
                self._mean_s += NEWEST_COUNTS * (time.monotonic() - began - self._mean_s)
            self.leave(place)

    async def _done(self, step: "Future[T]", place: Place) -> T:
        """Return what a step returns. Raises :class:`StoppedError`, the step done or not."""
        waited = asyncio.wrap_future(step)
        waited.add_done_callback(lambda each: each.cancelled() or each.exception())
        try:
            await self._first(waited, place)
            return waited.result()
        finally:
            waited.cancel()  # before it has begun: a step that runs ends by itself

    async def _first(self, awaited: "asyncio.Future[T]", place: Place) -> None:
        """Return when ``awaited`` is done. Raises :class:`StoppedError` when that comes first."""
        either: set[asyncio.Future[Any]] = {awaited, place.stopped}
        while not awaited.done():
            place.stop.check()
            await asyncio.wait(
                either,
                timeout=place.stop.left_s,
                return_when=asyncio.FIRST_COMPLETED,
            )

    def _begin(self, work: Callable[[], T], place: Place) -> "Future[T]":
        def heedful() -> T:
            with heeding(place.stop):
                place.stop.check()
                return work()

        return self._pool.submit(heedful)

    def busy(self, reason: Reason, asker: Asker, wait_s: float) -> BusyError:
        """Return what to raise, counted."""
        REFUSED.labels(reason).inc()
        return BusyError(reason, asker, whole_seconds(wait_s))


async def ticking(steps: AsyncGenerator[T], every_s: float = TICK_S) -> AsyncGenerator[T | None]:
    """Yield each of ``steps``, and ``None`` when the next one is not there after ``every_s``."""

    async def following() -> T | None:
        return await anext(steps, None)

    async with aclosing(steps):
        step = asyncio.create_task(following())
        try:
            while True:
                await asyncio.wait({step}, timeout=every_s)
                if not step.done():
                    yield None
                    continue
                found = step.result()
                if found is None:
                    return
                yield found
                step = asyncio.create_task(following())
        finally:
            if step.cancel():
                await asyncio.wait({step})


def _in_loop(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    with suppress(RuntimeError):  # the loop is closed: nobody waits
        loop.call_soon_threadsafe(call)


def _close(steps: Iterator[object]) -> None:
    close = getattr(steps, "close", None)
    if close:
        close()
