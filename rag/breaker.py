"""A circuit breaker: an endpoint that keeps failing is left alone for a while.

After M. Nygard, *Release It!* (2007): closed, open after some failures in a row, half open
when one trial is let through after a rest.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

MAX_FAILURES = 3  # in a row
REST_S = 30.0


@dataclass(eq=False)
class Breaker:
    """Counts the failures of one endpoint; safe to share between threads."""

    clock: Callable[[], float] = time.monotonic
    failures: int = 0
    _rests_until: float | None = None
    _on_trial: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self) -> float:
        """Return 0 when the endpoint may be asked, else the seconds that it still rests.

        Who was admitted has to say how it went: :meth:`succeed`, :meth:`fail`, or
        :meth:`leave` when it cannot tell. After the rest one trial is admitted at a time.
        """
        with self._lock:
            if self._rests_until is None:
                return 0.0
            left_s = self._rests_until - self.clock()
            if left_s > 0 or self._on_trial:
                return max(left_s, 1.0)
            self._on_trial = True
            return 0.0

    def succeed(self) -> None:
        """Take the endpoint for well."""
        with self._lock:
            self.failures, self._rests_until, self._on_trial = 0, None, False

    def fail(self) -> None:
        """Count a failure; the endpoint rests after :data:`MAX_FAILURES` in a row."""
        with self._lock:
            self.failures += 1
            self._on_trial = False
            if self.failures >= MAX_FAILURES:
                self._rests_until = self.clock() + REST_S

    def leave(self) -> None:
        """Let another try: this one was broken off."""
        with self._lock:
            self._on_trial = False


_BREAKERS: dict[tuple[str, str], Breaker] = {}
_BREAKERS_LOCK = threading.Lock()


def breaker_of(url: str, model: str) -> Breaker:
    """Return the breaker that all threads of this process share for ``model`` at ``url``."""
    with _BREAKERS_LOCK:
        return _BREAKERS.setdefault((url, model), Breaker())
