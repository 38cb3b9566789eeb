"""The nouns of an evaluation: case, gold, row, page row, figure, floor, result."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from index.types import Article, Span
from rag.types import Answer, Language

Kind = Literal["answerable", "unanswerable", "dialogues"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Split = Literal["tune", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)

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

    ``also`` holds the further pieces of evidence, each with its file, where one does not
    answer the whole question. ``split`` is that of the article: what is learned or chosen may
    look at ``tune`` alone. ``asks`` says what is asked for (number, person, reason, …), or how
    a question misses the pages. ``edition`` counts the rounds in which the cases were written:
    figures of one edition stay comparable when another is added.
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
    also: tuple[tuple[str, str], ...] = ()
    split: Split = "test"
    asks: str = ""
    edition: int = 1


@dataclass(frozen=True, slots=True)
class Gold:
    """Where a case is answered: the article, and the place of the evidence in it.

    ``also`` holds the other places of a case that needs more than one.
    """

    article: Article
    span: Span
    also: tuple["Gold", ...] = ()

    @property
    def places(self) -> tuple["Gold", ...]:
        """This place and the others."""
        return (self, *self.also)


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
    """A measured value and the number of cases that it was measured on.

    ``interval`` is the 95 % bootstrap interval of a share; None of any other value. It
    follows from the cases, so that two figures are equal without it.
    """

    value: float
    n: int
    interval: tuple[float, float] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Floor:
    """A value that a metric must reach, or, where ``at_most`` is true, must not exceed."""

    metric: str
    value: float
    at_most: bool = False


@dataclass(frozen=True, slots=True)
class PageRow:
    """One page as the reassembly read it.

    ``group`` says where the page comes from: ``seeds``, ``written`` or ``generated``.
    ``faults`` says in words, with line numbers, what is not as in the gold.
    """

    name: str
    group: str
    articles: int
    whole_articles: int
    faults: tuple[str, ...]
    elapsed_ms: float

    @property
    def verdict(self) -> str:
        """How many of the articles are exactly right."""
        return f"{self.whole_articles} of {self.articles}"

    @property
    def passed(self) -> bool:
        """Whether the page was read exactly as its gold says."""
        return not self.faults


WHOLE = "whole"  # the way to retrieve that has all arms
RERANKED = "reranked"  # the same, the best passages put in order by the reader


@dataclass(frozen=True, slots=True)
class RetrievalRow:
    """One question of a test set of retrieval.

    ``ranks`` holds, for each way to ask (``whole``, ``dense alone``, …), the place of the
    first document that answers it, counted from 1; None where it is not among ten.
    """

    set: str
    question: str
    language: Language
    style: str
    ranks: Mapping[str, int | None]
    elapsed_ms: float

    @property
    def verdict(self) -> str:
        """Where all arms together find the document."""
        rank = self.ranks[WHOLE]
        return f"rank {rank}" if rank else "not found"

    @property
    def passed(self) -> bool:
        """Whether the document comes first."""
        return self.ranks[WHOLE] == 1


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One question of a test set of answers.

    ``gold`` holds the accepted spellings of each thing that must be quoted; none where the
    documents do not answer. ``facts_found`` runs along it, ``citations_right`` along the
    citations: whether each is from the right document. ``sentences`` are those quoted.
    """

    set: str
    question: str
    language: Language
    style: str
    gold: tuple[tuple[str, ...], ...]
    answer: str
    refused: bool
    confidence: float
    facts_found: tuple[bool, ...]
    citations_right: tuple[bool, ...]
    sentences: int
    elapsed_ms: float

    @property
    def holds(self) -> bool:
        """Whether the quotes hold all that a right answer says."""
        return bool(self.gold) and all(self.facts_found)

    @property
    def verdict(self) -> Verdict:
        """One word for the row."""
        if not self.gold:
            return "refused" if self.refused else "not refused"
        if self.refused:
            return "false refusal"
        return "right" if self.holds else "missing fact"

    @property
    def passed(self) -> bool:
        """Whether the row is as it should be."""
        return self.verdict in ("right", "refused")


@dataclass(frozen=True, slots=True)
class Result:
    """What any suite measured.

    ``metrics`` maps names to figures (:func:`evals.metrics.measure` and
    :func:`evals.page_metrics.page_metrics` explain them). ``broken_floors`` holds one line
    for each floor that was missed. ``environment`` says what was measured: commit, model,
    versions, counts. ``skipped`` maps the group of metrics that could not be measured here,
    the first part of their names, to the reason; their floors do not count.
    """

    suite: str
    metrics: Mapping[str, Figure]
    floors: tuple[Floor, ...]
    broken_floors: tuple[str, ...]
    environment: Mapping[str, Any]
    skipped: Mapping[str, str] = field(default_factory=dict, kw_only=True)

    def is_skipped(self, floor: Floor) -> bool:
        """Return whether the metric of ``floor`` is one of those left out."""
        return any(floor.metric.startswith(f"{group}.") for group in self.skipped)


@dataclass(frozen=True, slots=True)
class SuiteResult(Result):
    """What a suite of questions measured, and every question as it went."""

    rows: tuple[Row, ...]

    @property
    def failures(self) -> tuple[Row, ...]:
        """The rows that are not as they should be."""
        return tuple(row for row in self.rows if not row.passed)


@dataclass(frozen=True, slots=True)
class PagesResult(Result):
    """What the reassembly of pages measured, and every page as it was read."""

    rows: tuple[PageRow, ...]

    @property
    def failures(self) -> tuple[PageRow, ...]:
        """The pages that were not read exactly as their gold says."""
        return tuple(row for row in self.rows if not row.passed)


@dataclass(frozen=True, slots=True)
class RetrievalResult(Result):
    """What retrieval measured, and where every question found its document."""

    rows: tuple[RetrievalRow, ...]

    @property
    def failures(self) -> tuple[RetrievalRow, ...]:
        """The questions whose document does not come first."""
        return tuple(row for row in self.rows if not row.passed)


@dataclass(frozen=True, slots=True)
class AnswersResult(Result):
    """What the answers to public questions measured, and every question as it went."""

    rows: tuple[AnswerRow, ...]

    @property
    def failures(self) -> tuple[AnswerRow, ...]:
        """The questions that were not answered, or refused, as they should be."""
        return tuple(row for row in self.rows if not row.passed)


AnyResult = SuiteResult | PagesResult | RetrievalResult | AnswersResult
