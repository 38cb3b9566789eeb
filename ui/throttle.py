"""How long somebody who gave wrong passwords has to wait, by name and by address.

Failures are counted for three things, each with its own patience: a name from one address, an
address whatever the name, and a name from wherever. The last one never waits long: nobody can
lock another out. An attempt that comes too early is not looked at, and so counts for nothing.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from ui.door import network_of

_Key = tuple[str, ...]

FORGOTTEN_AFTER_S = 3600.0
KEPT = 20_000  # things that failures are counted for; the oldest go


@dataclass(frozen=True, slots=True)
class Patience:
    """``free`` failures cost nothing; then 1, 2, 4, … seconds, at most ``longest_s``."""

    free: int
    longest_s: float

    def delay_s(self, failures: int) -> float:
        """Return how long to wait after so many ``failures``."""
        over = failures - self.free
        return 0.0 if over < 0 else min(2.0 ** min(over, 30), self.longest_s)


PAIR = Patience(free=5, longest_s=900.0)
ADDRESS = Patience(free=20, longest_s=900.0)
NAME = Patience(free=50, longest_s=5.0)


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    last_s: float


class Throttle:
    """Counts failures; ``clock`` tells seconds. For one thread, that of the event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[_Key, _Failures] = OrderedDict()

    def wait_s(self, name: str, address: str) -> float:
        """Return in how many seconds a password may be tried again; 0.0 for now."""
        now = self._clock()
        waits = [0.0]
        for key, patience in _counted(name, address):
            failures = self._failures.get(key)
            if failures:
                waits.append(failures.last_s + patience.delay_s(failures.count) - now)
        return max(waits)

    def begin(self, name: str, address: str) -> None:
        """Count an attempt as failed: others may come while it is looked at."""
        now = self._clock()
        for key, _ in _counted(name, address):
            before = self._failures.get(key)
            fresh = before is None or now - before.last_s > FORGOTTEN_AFTER_S
            count = 1 if before is None or fresh else before.count + 1
            self._failures[key] = _Failures(count, now)
            self._failures.move_to_end(key)
        while len(self._failures) > KEPT:
            self._failures.popitem(last=False)

    def succeeded(self, name: str, address: str) -> None:
        """Take back the attempt that was right; the failures of others stay counted."""
        pair, *others = (key for key, _ in _counted(name, address))
        self._failures.pop(pair, None)
        for key in others:
            before = self._failures.get(key)
            if before and before.count > 1:
                self._failures[key] = _Failures(before.count - 1, before.last_s)
            else:
                self._failures.pop(key, None)


def _counted(name: str, address: str) -> tuple[tuple[_Key, Patience], ...]:
    name, place = name[:64].casefold(), network_of(address)
    return (
        (("name there", name, place), PAIR),
        (("address", place), ADDRESS),
        (("name", name), NAME),
    )
