"""What programs send and get, as pydantic models: the contract that ``/openapi.json`` tells.

Answers are checked against them in tests only: what is sent is ``Answer.to_json()`` as it is.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from rag.filters import Filters, filters_from
from rag.question import MAX_QUESTION_CHARS, readable

MAX_FILTER_CHARS = 300
MAX_HISTORY = 20  # the newest questions of a conversation are read; older ones are passed over
MAX_ARTICLES = 500  # of one reply


def _readable(value: Any) -> Any:
    """Return a text without lone surrogates, which JSON can spell and UTF-8 cannot."""
    return readable(value) if isinstance(value, str) else value


Words = Annotated[str, BeforeValidator(_readable)]
FilterWords = Annotated[Words, Field(max_length=MAX_FILTER_CHARS)]
Day = Annotated[FilterWords, Field(description="YYYY-MM-DD, YYYY-MM or YYYY")]


class Narrowed(BaseModel):
    """Which articles may answer. An article without a known day passes no period."""

    model_config = ConfigDict(extra="forbid")

    since: Day | None = Field(
        default=None, description="printed on this day or after: YYYY[-MM[-DD]]"
    )
    until: Day | None = Field(
        default=None, description="printed on this day or before: YYYY[-MM[-DD]]"
    )
    file: FilterWords | None = Field(default=None, description="of this file")
    genre: FilterWords | None = Field(default=None, description="of this genre: news, interview, …")
    series: FilterWords | None = Field(default=None, description="whose kicker holds these words")
    reporter: FilterWords | None = Field(default=None, description="whose byline holds this name")
    page: FilterWords | None = Field(default=None, description="on this page of an issue: 3 or A2")

    def filters(self) -> Filters:
        """Return the filters. Raises :class:`CorpusError` for what is no day or no genre."""
        return filters_from(*(getattr(self, name) or None for name in NARROWED_BY))


NARROWED_BY = tuple(Narrowed.model_fields)  # the arguments of filters_from


class Listed(Narrowed):
    """Which articles to list, and how many of them."""

    limit: int = Field(default=100, ge=1, le=MAX_ARTICLES, description="most articles of one reply")
    offset: int = Field(default=0, ge=0, description="articles to pass over")


class Asked(Narrowed):
    """A question, the conversation before it, and which articles may answer."""

    question: Words = Field(
        description=f"in Chinese or English, at most {MAX_QUESTION_CHARS:,} characters",
        examples=["How many buyers came to the culture and tourism fair?"],
    )
    session_history: list[Words] = Field(
        default_factory=list,
        max_length=1000,
        description="the earlier questions of the conversation, oldest first; "
        f"the newest {MAX_HISTORY} are read",
    )


# Answers


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SpanJson(_Sent):
    """A place in a received file: code points of the decoded text, end-exclusive."""

    file: str
    start: int
    end: int


class GlossJson(_Sent):
    """A word of a Chinese quote in an English answer; offsets in the quote."""

    start: int
    end: int
    pinyin: str
    english: str


class CitationJson(_Sent):
    """The proof of one statement: ``[n]`` in the answer, its verbatim quote and its places."""

    n: int
    article: str = Field(description="id, for /api/articles/{id}")
    headline: str
    file: str
    quote: str
    spans: list[SpanJson]
    glosses: list[GlossJson] = Field(
        default_factory=list, description="only of a Chinese quote in an English answer"
    )


class PassageJson(_Sent):
    """What was found, best first; ``score`` is the probability that it is what answers."""

    article: str
    file: str
    text: str
    score: float
    spans: list[SpanJson]


class FiltersJson(_Sent):
    """The filters in force, given or understood from the question."""

    periods: list[str] = Field(default_factory=list)
    files: list[str] = Field(default_factory=list)
    genres: list[str] = Field(default_factory=list)
    series: list[str] = Field(default_factory=list)
    reporters: list[str] = Field(default_factory=list)
    pages: list[str] = Field(default_factory=list)


class AnswerJson(_Sent):
    """The answer, as ``wenbao ask --json`` prints it."""

    id: str | int | None
    question: str
    language: Literal["zh", "en"]
    answer: str
    refused: bool = Field(description="true: the pages do not answer, and nothing is cited")
    mode: Literal["extractive", "llm"]
    confidence: float
    citations: list[CitationJson]
    passages: list[PassageJson]
    notices: list[str]
    elapsed_ms: float
    rewritten: str = Field(
        default="", description="only of a follow-up: as a question that stands alone"
    )
    filters: FiltersJson = Field(
        default_factory=FiltersJson, description="only where filters are in force"
    )


# Articles


class JoinJson(_Sent):
    """Where two printed pieces were put together, and how sure that is."""

    at: int
    confidence: float


class ArticleJson(_Sent):
    """An article, as ``wenbao articles --json`` prints it."""

    id: str
    file: str
    headline: str
    subheads: list[str]
    kicker: str
    byline: str
    date: str | None
    genre: str
    complete: bool
    spans: list[SpanJson]
    date_source: str | None
    joins: list[JoinJson]


class WholeArticleJson(ArticleJson):
    """An article with its words."""

    text: str = Field(description="the body as printed, one paragraph a line")


class ArticlesJson(_Sent):
    """Some of the articles that pass the filters."""

    total: int = Field(description="how many pass the filters")
    limit: int
    offset: int
    articles: list[ArticleJson]


class Problem(_Sent):
    """What is wrong, which value, and what to do."""

    detail: str


class OpenAIError(_Sent):
    """What is wrong, where the clients of OpenAI look for it."""

    message: str
    type: str
    param: str | None
    code: str | None


class OpenAIProblem(Problem):
    """What is wrong, for any program and for the clients of OpenAI."""

    error: OpenAIError | None = Field(default=None, description="not of what is refused unread")


PROBLEMS = {
    400: "No JSON, or no request",
    401: "Who asks is not known",
    403: "A call from another site",
    404: "Nothing there",
    411: "The length of the body is not told",
    413: "Too large",
    415: "The content type is not application/json",
    421: "A name that this server is not known by",
    422: "Cannot be asked: what, which value, what to do",
    429: "Too many questions of one client: come again after `retry-after` seconds",
    503: "Too many questions, or no index yet",
    507: "No room to keep it",
}
OF_CALLS = (400, 401, 403, 411, 413, 415, 421, 422, 429, 503)  # that have a body


def problems(*statuses: int, model: Any = Problem) -> dict[int | str, dict[str, Any]]:
    """Return the replies of a route that are none of its own, for its description."""
    return {status: {"model": model, "description": PROBLEMS[status]} for status in statuses}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return those of a route that says what is wrong in plain text."""
    said = {"text/plain": {"schema": {"type": "string"}}}
    return {status: {"description": PROBLEMS[status], "content": said} for status in statuses}
