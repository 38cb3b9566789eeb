"""Whether anybody still waits for an answer: long work asks between its steps, and ends.

Who runs the work gives it a :class:`Stop` (:func:`heeding`); the work says :func:`check`. Work
that nobody gave one is never stopped.
"""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Literal

Why = Literal["gone", "late", "stopping"]


class StoppedError(Exception):
    """The work was ended: its asker has gone, its time is over, or the server stops."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Why = why


@dataclass(eq=False)
class Stop:
    """Ends the work on one question, when its time is over or from outside; threads may share it.

    ``ends_at`` is a time of :func:`time.monotonic`.
    """

    ends_at: float = math.inf
    why: Why | None = None
    _listeners: list[Callable[[], None]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def left_s(self) -> float:
        """The seconds that are left, not below 0."""
        return max(0.0, self.ends_at - time.monotonic())

    def stop(self, why: Why) -> None:
        """Let the work end; the first reason stays."""
        with self._lock:
            listeners, self._listeners = self._listeners, []
            self.why = self.why or why
        for listener in listeners:
            listener()

    def listen(self, listener: Callable[[], None]) -> None:
        """Let ``listener`` be called once, by whoever stops; at once where it is stopped."""
        with self._lock:
            if self.why is None:
                self._listeners.append(listener)
                return
        listener()

    def check(self) -> None:
        """Raise :class:`StoppedError` when the work is to end."""
        if self.why is None and not self.left_s:
            self.stop("late")
        if self.why is not None:
            raise StoppedError(self.why)


_HEEDED: ContextVar[Stop | None] = ContextVar("wenbao-stop", default=None)


@contextmanager
def heeding(stop: Stop) -> Iterator[None]:
    """Let the work of this thread heed ``stop`` meanwhile."""
    token = _HEEDED.set(stop)
    try:
        yield
    finally:
        _HEEDED.reset(token)


def check() -> None:
    """Raise :class:`StoppedError` when the work of this thread is to end."""
    stop = _HEEDED.get()
    if stop:
        stop.check()


def left_s() -> float:
    """Return the seconds that the work of this thread may take still; infinite by default."""
    stop = _HEEDED.get()
    return stop.left_s if stop else math.inf
