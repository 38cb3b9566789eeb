"""The answerer that is being asked: another takes its place when the index changes."""

from typing import TYPE_CHECKING

from index.types import CorpusError

if TYPE_CHECKING:
    from rag.answering import Answerer


class NotReadyError(CorpusError):
    """There is no answerer yet."""


class Live:
    """Holds the answerer of the newest generation.

    A request takes :attr:`answerer` once and keeps it to its end, so that it reads one
    generation however often the index changes meanwhile. Threads may share it. None at
    first means that the index is still being built.
    """

    def __init__(self, answerer: "Answerer | None") -> None:
        self._answerer = answerer

    @property
    def ready(self) -> bool:
        """Whether there is an answerer."""
        return self._answerer is not None

    @property
    def answerer(self) -> "Answerer":
        """The answerer of the newest generation. Raises :class:`NotReadyError` before any."""
        if self._answerer is None:
            raise NotReadyError("the index is still being built: ask again in a minute")
        return self._answerer

    def replace(self, answerer: "Answerer") -> None:
        """Let requests from now on ask ``answerer``."""
        self._answerer = answerer
