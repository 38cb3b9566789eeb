"""Who asks: told apart by the name of a login, or by address; and how much each may ask.

The address is the one the server sees; behind a proxy that is trusted (setting
``WENBAO_TRUSTED_PROXIES``) it is the one that the proxy tells.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

from rag.question import language_of
from rag.stopping import Stop
from rag.types import Question
from rag.wording import Frame, frame_of
from ui.door import is_local, network_of

MAX_KNOWN = 10_000  # askers that are remembered; who has not asked for longest is forgotten
COST = 0.02  # of a request, in questions; a chat makes some ten


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks. ``name`` is empty for who is never limited; ``language`` is what to answer in.

    ``stop``, where it is known, is stopped when the asker goes away.
    """

    name: str = ""
    language: Frame = "en"
    stop: Stop | None = field(default=None, compare=False)


_CURRENT: ContextVar[Asker] = ContextVar("wenbao-asker", default=Asker())  # noqa: B039  (frozen)
set_current = _CURRENT.set
current = _CURRENT.get


def asking(text: str) -> Asker:
    """Return who asks ``text`` in the request under way, to be answered in its language."""
    return replace(current(), language=frame_of(Question(text, language_of(text))))


def asker_of(request: Any, language: Frame) -> Asker:
    """Return who sent ``request``, of Gradio, to be answered in ``language``."""
    return Asker(getattr(request.request.state, "asker", ""), language)


def name_of(
    client: tuple[str, int] | None, state: Mapping[str, Any] | None, local_too: bool = False
) -> str:
    """Return what to know a client by: ``user:…`` of a login, else its address or network.

    Empty for this machine, unless ``local_too``: who is there is the operator, or a proxy.
    """
    user = (state or {}).get("user")
    if user:
        return f"user:{user}"
    host = client[0] if client else ""
    return network_of(host) if local_too or not is_local(host) else ""


@dataclass(eq=False)
class Rates:
    """Token buckets: ``per_minute`` questions an asker, and as many at once after a rest.

    At most :data:`MAX_KNOWN` buckets are kept. For one thread, that of the server.
    """

    per_minute: float
    clock: Callable[[], float] = time.monotonic
    _buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, name: str, cost: float = 1.0) -> float:
        """Take ``cost`` from the bucket of ``name``; return 0, or the seconds until it has that.

        An asker without a name, and a rate of 0, know no limit.
        """
        if not name or not self.per_minute:
            return 0.0
        now = self.clock()
        left, at = self._buckets.pop(name, (self.per_minute, now))
        left = min(self.per_minute, left + (now - at) * self.per_minute / 60)
        enough = left >= cost
        self._buckets[name] = (left - cost if enough else left, now)
        if len(self._buckets) > MAX_KNOWN:
            self._buckets.popitem(last=False)
        return 0.0 if enough else (cost - left) * 60 / self.per_minute


def whole_seconds(seconds: float, most: float = 60.0) -> int:
    """Return ``seconds`` to tell a client to wait: whole, 1 to ``most``."""
    return math.ceil(min(max(seconds, 1.0), most))
