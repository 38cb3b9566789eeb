"""The nouns of an evaluation: case, gold, row, figure, floor, result."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from index.types import Article, Span
from rag.types import Answer, Language

Kind = Literal["answerable", "unanswerable", "dialogues"]
KINDS: tuple[Kind, ...] = get_args(Kind)

Verdict = Literal[
    "right", "other evidence", "missing fact", "false refusal", "refused", "not refused", "unproved"
]


@dataclass(frozen=True, slots=True)
class Case:
    """A question with what is known about its answer.

    ``file`` and ``evidence`` say where the answer is printed: ``evidence`` stands verbatim
    and once in the received page. Both are None where the corpus has no answer. ``facts``
    holds, for each fact that the answer must state, its accepted spellings. ``pair`` joins
    the same question in two languages; cases that share a ``session`` are the turns of one
    conversation. ``source`` names the file and line of the case.
    """

    id: str
    kind: Kind
    language: Language
    style: str
    question: str
    file: str | None
    evidence: str | None
    facts: tuple[tuple[str, ...], ...]
    pair: str | None
    session: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Gold:
    """Where a case is answered: the article, and the place of the evidence in it."""

    article: Article
    span: Span


@dataclass(frozen=True, slots=True)
class Row:
    """One case as it went.

    ``ranked`` holds the ids of the articles found, best first, each once; ``baselines``
    the same for each baseline. ``facts_found`` runs along ``case.facts``. ``problems``
    says what is wrong with the citations; it is empty where every one is sound.
    ``follow_up`` is true for every turn of a conversation but its first.
    """

    case: Case
    gold: Gold | None
    answer: Answer
    ranked: tuple[str, ...]
    baselines: Mapping[str, tuple[str, ...]]
    facts_found: tuple[bool, ...]
    evidence_hit: bool
    problems: tuple[str, ...]
    follow_up: bool
    elapsed_ms: float

    @property
    def verdict(self) -> Verdict:
        """One word for the row: the gravest thing that is wrong with it, if any."""
        if self.problems:
            return "unproved"
        if self.gold is None:
            return "refused" if self.answer.refused else "not refused"
        if self.answer.refused:
            return "false refusal"
        if not all(self.facts_found):
            return "missing fact"
        return "right" if self.evidence_hit else "other evidence"

    @property
    def passed(self) -> bool:
        """Whether the row is as it should be."""
        return self.verdict in ("right", "refused")


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value and the number of cases that it was measured on."""

    value: float
    n: int


@dataclass(frozen=True, slots=True)
class Floor:
    """A value that a metric must reach, or, where ``at_most`` is true, must not exceed."""

    metric: str
    value: float
    at_most: bool = False


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """What a suite measured.

    ``metrics`` maps names such as ``zh.recall_at_1`` to figures (:func:`evals.metrics.measure`
    explains the names). ``broken_floors`` holds one line for each floor that was missed.
    ``environment`` says what was measured: commit, model, versions, counts.
    """

    suite: str
    metrics: Mapping[str, Figure]
    floors: tuple[Floor, ...]
    broken_floors: tuple[str, ...]
    environment: Mapping[str, Any]
    rows: tuple[Row, ...]

    @property
    def failures(self) -> tuple[Row, ...]:
        """The rows that are not as they should be."""
        return tuple(row for row in self.rows if not row.passed)
