"""Blocking work in threads, so that the server goes on answering while questions are read."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

AT_ONCE = 20
WAITING = 200


class BusyError(Exception):
    """More work is waiting than will be done soon."""


class Workers:
    """Threads that answer programs: ``at_once`` of them, with ``waiting`` questions in line."""

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="wenbao-program")
        self._limit = at_once + waiting
        self._taken = 0

    async def run(self, work: Callable[[], T]) -> T:
        """Return what ``work`` returns. Raises :class:`BusyError` when the line is full."""
        with self._place():
            return await asyncio.wrap_future(self._pool.submit(work))

    async def each(self, steps: Iterator[T]) -> AsyncGenerator[T]:
        """Yield each of ``steps``, a generator, taken in a thread.

        Whoever leaves before the end (a client that goes away) closes it, as soon as the step
        under way is done. Raises :class:`BusyError` when the line is full.
        """
        with self._place():
            step: Future[T | None] | None = None
            try:
                while True:
                    step = self._pool.submit(next, steps, None)
                    found = await asyncio.wrap_future(step)
                    if found is None:
                        return
                    yield found
            finally:
                if step:  # at once where it is done already, or else by its thread
                    step.add_done_callback(lambda _: _close(steps))

    def require_place(self) -> None:
        """Raise :class:`BusyError` when the line is full."""
        if self._taken >= self._limit:
            raise BusyError(f"{self._limit} questions are being answered: ask again in a minute")

    @contextmanager
    def _place(self) -> Iterator[None]:
        self.require_place()
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1


def _close(steps: Iterator[object]) -> None:
    close = getattr(steps, "close", None)
    if close:
        close()
