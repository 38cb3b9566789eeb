"""The answerer that is being asked: another takes its place when the index changes."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.answering import Answerer


class Live:
    """Holds the answerer of the newest generation.

    A request takes :attr:`answerer` once and keeps it to its end, so that it reads one
    generation however often the index changes meanwhile. Threads may share it.
    """

    def __init__(self, answerer: "Answerer") -> None:
        self._answerer = answerer

    @property
    def answerer(self) -> "Answerer":
        """The answerer of the newest generation."""
        return self._answerer

    def replace(self, answerer: "Answerer") -> None:
        """Let requests from now on ask ``answerer``."""
        self._answerer = answerer
