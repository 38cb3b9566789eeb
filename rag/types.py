"""The nouns of an answer: question, passage, citation, answer."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from index.types import Article, Chunk, Excerpt, Span
from rag.filters import NO_FILTERS, Filters
from rag.gloss import Gloss
from rag.kinds import Kind, kind_of

Language = Literal["zh", "en"]
Mode = Literal["extractive", "llm"]


@dataclass(frozen=True, slots=True)
class Question:
    """A question as asked, and what it leans on.

    ``text`` is what the user typed, without a greeting or thanks around it; ``typed`` is
    the whole where there were some. ``context`` is the earlier question that a follow-up takes its
    subject from, ``rewritten`` the follow-up as a question that stands alone; both are empty
    for one that stands alone. ``language`` is the one it is asked in, ``answer_in`` another to
    answer in, where the asker wants one. ``filters`` are those that the question asks for, by
    itself or as a follow-up, ``given`` those set beside it: a follow-up inherits none of these.
    """

    text: str
    language: Language
    context: str = ""
    filters: Filters = NO_FILTERS
    rewritten: str = ""
    typed: str = ""
    answer_in: Language | None = None
    given: Filters = NO_FILTERS

    @property
    def in_force(self) -> Filters:
        """Which articles may answer: those that pass what is asked for and what is given."""
        return self.filters & self.given

    @property
    def spoken(self) -> Language:
        """The language to answer in."""
        return self.answer_in or self.language

    @property
    def standalone(self) -> str:
        """The question as it can be read without the conversation."""
        return self.rewritten or self.text

    @property
    def kind(self) -> Kind | None:
        """What sort of thing would answer it; ``None`` where it does not say."""
        return kind_of(self.standalone)

    @property
    def search_text(self) -> str:
        """What retrieval sees: a follow-up as rewritten, or else with its context before it."""
        if self.rewritten or not self.context:
            return self.standalone
        return f"{self.context} {self.text}"


@dataclass(frozen=True, slots=True)
class Words:
    """The likeliest answer in one sentence: ``text[start:end]``, and its log-probability.

    The probability is among all spans of the passage, given that the passage answers.
    """

    start: int
    end: int
    log_probability: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader (:mod:`rag.reader`) says of one passage.

    ``answers`` is the logit of whether the passage answers, as it stands in its article, and
    ``inside`` the log-probability that the answer is in its own words then, not around them.
    ``sentences`` holds one :class:`Words` for each sentence of the passage, in order.
    """

    answers: float
    inside: float
    sentences: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved chunk.

    ``score``: higher is better, comparable within one question. ``cosine`` of its nearest window
    with the question is comparable between questions; 0 without the dense arm. ``windows`` are
    the cosines of all its windows (:mod:`index.windows`), empty where they are not known.
    ``reading`` is what was read in it, ``None`` where it was not.
    """

    chunk: Chunk
    score: float
    cosine: float = 0.0
    windows: tuple[float, ...] = ()
    reading: Reading | None = None

    @property
    def article(self) -> Article:
        """The article that the passage stands in."""
        return self.chunk.article

    @property
    def file(self) -> str:
        """Where its words begin: an article may jump from one file to another."""
        return next(iter(self.chunk.excerpt.files), self.article.file)


@dataclass(frozen=True, slots=True)
class Citation:
    """The proof of one statement: ``[n]`` in the answer, a verbatim quote, its places.

    ``words`` are the places in the quote of the words that answer; (0, 0) where unknown.
    ``glosses`` are those of the words of a Chinese quote in an English answer.
    """

    n: int
    article: Article
    quote: Excerpt
    words: tuple[int, int] = (0, 0)
    glosses: tuple[Gloss, ...] = ()

    @property
    def file(self) -> str:
        """Where the quote begins: an article may jump from one file to another."""
        return next(iter(self.quote.files), self.article.file)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with its proof, or a refusal.

    ``text`` holds ``[n]`` markers that match ``citations`` one to one. ``refused`` means
    that there are no citations; ``passages`` (best first) are then the nearest leads.
    ``confidence`` is the estimated probability, 0 to 1, that the corpus answers.
    ``notices`` tell the user what happened on the way, in the language of the question.
    A ``growing`` answer is not whole: more may come, or another answer in its place.
    """

    question: Question
    text: str
    refused: bool
    mode: Mode
    confidence: float
    citations: tuple[Citation, ...]
    passages: tuple[Passage, ...]
    notices: tuple[str, ...] = ()
    elapsed_ms: float = 0.0
    growing: bool = False

    def to_json(self, question_id: str | None = None) -> dict[str, Any]:
        """Return the answer JSON of the contract in ``docs/contracts.md``."""
        return {
            "id": question_id,
            "question": self.question.typed or self.question.text,
            "language": self.question.spoken,
            "answer": self.text,
            "refused": self.refused,
            "mode": self.mode,
            "confidence": round(self.confidence, 4),
            "citations": [
                {
                    "n": citation.n,
                    "article": citation.article.id,
                    "headline": citation.article.headline,
                    "file": citation.file,
                    "quote": citation.quote.text,
                    "spans": _spans_json(citation.quote.spans),
                    **(
                        {"glosses": [asdict(gloss) for gloss in citation.glosses]}
                        if citation.glosses
                        else {}
                    ),
                }
                for citation in self.citations
            ],
            "passages": [
                {
                    "article": passage.article.id,
                    "file": passage.file,
                    "text": passage.chunk.excerpt.text,
                    "score": round(passage.score, 6),
                    "spans": _spans_json(passage.chunk.excerpt.spans),
                }
                for passage in self.passages
            ],
            "notices": list(self.notices),
            "elapsed_ms": round(self.elapsed_ms, 1),
            **({"rewritten": self.question.rewritten} if self.question.rewritten else {}),
            **({"filters": self.question.in_force.to_json()} if self.question.in_force else {}),
        }


def _spans_json(spans: tuple[Span, ...]) -> list[dict[str, Any]]:
    return [asdict(span) for span in spans]
