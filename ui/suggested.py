"""Questions that the chat offers: in the empty conversation, and below the last answer."""

from collections.abc import Sequence
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING

from rag import suggestions
from rag.wording import Frame
from ui.strings import STRINGS

if TYPE_CHECKING:
    from rag.answering import Answerer
    from rag.types import Answer

OFFERED = 4  # examples
EXAMPLES_S = 6.0  # longest to look for them, in the background
FOLLOWING = 3
FOLLOW_UP_S = 1.5  # longest to look for them


class Examples:
    """Questions that the corpus answers, looked for once a generation and language."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, Frame], tuple[str, ...]] = {}
        self._looking = Lock()

    def of(self, answerer: "Answerer", frame: Frame) -> tuple[str, ...]:
        """Return them in the language and the script of ``frame``; threads may share them."""
        key = (answerer.index.manifest.generation, frame)
        with self._looking:  # once, also when several readers come at the same moment
            if key not in self._found:
                newest = {k: v for k, v in self._found.items() if k[0] == key[0]}
                self._found = newest | {key: _examples(answerer, frame)}
            return self._found[key]


def follow_ups(answerer: "Answerer", answer: "Answer", asked: Sequence[str]) -> tuple[str, ...]:
    """Return what may be asked after ``answer``, at most :data:`FOLLOWING`; none was ``asked``."""
    if not _has_corpus(answerer):
        return ()
    return suggestions.follow_ups(answerer, answer, FOLLOWING, asked, FOLLOW_UP_S)


def _examples(answerer: "Answerer", frame: Frame) -> tuple[str, ...]:
    """Return checked questions: those made of the corpus, then those written down that hold."""
    written = STRINGS[frame].examples
    if not _has_corpus(answerer):
        return written
    made = suggestions.examples(answerer, frame, OFFERED, allowed_s=EXAMPLES_S)
    holding = (each for each in written if not answerer.ask(each).refused)
    return (*made, *islice(holding, OFFERED - len(made)))


def _has_corpus(answerer: object) -> bool:
    """Return whether questions can be made of what ``answerer`` knows; a stand-in has nothing."""
    from rag.answering import Answerer

    return isinstance(answerer, Answerer)
