"""The conversation as the reader's browser keeps it, and back again.

Kept is what was asked and the answer JSON; the server keeps nothing. What comes back may be
old or forged: it is validated, and every quote is looked up in the index that is served now.
A quote that is not there any more becomes a :class:`ui.render.Gone`.
"""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index.types import Article, Chunk, Excerpt, Span
from rag.gloss import Gloss
from rag.question import MAX_QUESTION_CHARS
from rag.types import Answer, Citation, Language, Mode, Passage, Question
from rag.wording import MAX_LEADS
from ui.render import Exchange, Gone, lead_articles

if TYPE_CHECKING:
    from index.index import Index

VERSION = 1
MAX_EXCHANGES = 20
MAX_BYTES = 180_000  # as JSON: a reload sends it back, below ui.shield.MAX_BODY_BYTES
MAX_WORDS, MAX_ITEMS = 20_000, 64  # of a text, of a list, that is believed


class _Kept(BaseModel):
    """Numbers are numbers and texts are texts; what is not known is left out."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", allow_inf_nan=False)


class _Span(_Kept):
    file: str = Field(max_length=1000)
    start: int = Field(ge=0)
    end: int = Field(ge=0)


class _Gloss(_Kept):
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    pinyin: str = Field(max_length=200)
    english: str = Field(max_length=500)


class _Citation(_Kept):
    n: int = Field(ge=1, le=999)
    article: str = Field(max_length=1000)
    headline: str = Field("", max_length=1000)
    quote: str = Field(min_length=1, max_length=MAX_WORDS)
    spans: list[_Span] = Field(min_length=1, max_length=MAX_ITEMS)
    words: list[int] = Field([0, 0], min_length=2, max_length=2)
    glosses: list[_Gloss] = Field([], max_length=2000)


class _Lead(_Kept):
    article: str = Field(max_length=1000)


class _Answer(_Kept):
    answer: str = Field(max_length=MAX_WORDS)
    refused: bool
    mode: Mode
    confidence: float = Field(ge=0, le=1)
    citations: list[_Citation] = Field(max_length=MAX_ITEMS)
    passages: list[_Lead] = Field(max_length=MAX_ITEMS)
    notices: list[str] = Field([], max_length=MAX_ITEMS)
    elapsed_ms: float = Field(0.0, ge=0)


class _Exchange(_Kept):
    text: str = Field(min_length=1, max_length=MAX_QUESTION_CHARS)
    question: str = Field(min_length=1, max_length=MAX_QUESTION_CHARS)
    typed: str = Field("", max_length=MAX_QUESTION_CHARS)
    asked_in: Language
    answer_in: Language | None = None
    context: str = Field("", max_length=MAX_QUESTION_CHARS)
    rewritten: str = Field("", max_length=2 * MAX_QUESTION_CHARS)
    alone: bool = False
    answer: _Answer


def kept(conversation: Sequence[Exchange]) -> dict[str, Any]:
    """Return what the browser is to keep: the newest answered exchanges, oldest first.

    At most :data:`MAX_EXCHANGES`, and no more than fit :data:`MAX_BYTES`. Citations that are
    gone are not kept twice.
    """
    rows: list[dict[str, Any]] = []
    size = 0
    answered = [each for each in conversation if each.answer and not each.answer.growing]
    for exchange in answered[: -MAX_EXCHANGES - 1 : -1]:
        row = _row(exchange)
        size += len(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace"))
        if size > MAX_BYTES:
            break
        rows.append(row)
    return {"version": VERSION, "exchanges": rows[::-1]}


def restored(stored: object, index: "Index") -> tuple[Exchange, ...]:
    """Return the conversation that :func:`kept` made; what is not as it made it is left out."""
    if not isinstance(stored, dict) or stored.get("version") != VERSION:
        return ()
    rows = stored.get("exchanges")
    found = []
    for row in rows[-MAX_EXCHANGES:] if isinstance(rows, list) else []:
        try:
            exchange = _Exchange.model_validate(row)
        except ValidationError:
            continue
        found.append(_exchange(exchange, index))
    return tuple(found)


def _row(exchange: Exchange) -> dict[str, Any]:
    answer = exchange.answer
    assert answer is not None
    question = answer.question
    told = answer.to_json()
    leads = [{"article": article.id} for article in lead_articles(answer)]
    cited = [
        row | {"words": list(citation.words)}
        for row, citation in zip(told["citations"], answer.citations, strict=True)
    ]
    cited += [
        {"n": gone.n, "article": "", "headline": gone.headline, "quote": gone.quote,
         "spans": [{"file": "", "start": 0, "end": 0}]}
        for gone in exchange.gone
    ]  # fmt: skip
    return {
        "text": exchange.text,
        "question": question.text,
        "typed": question.typed,
        "asked_in": question.language,
        "answer_in": question.answer_in,
        "context": question.context,
        "rewritten": question.rewritten,
        "alone": exchange.alone,
        "answer": told | {"citations": cited, "passages": leads if answer.refused else []},
    }


def _exchange(row: _Exchange, index: "Index") -> Exchange:
    told = row.answer
    question = Question(
        row.question,
        row.asked_in,
        row.context,
        rewritten=row.rewritten,
        typed=row.typed,
        answer_in=row.answer_in,
    )
    citations: list[Citation] = []
    gone: list[Gone] = []
    for each in [] if told.refused else {each.n: each for each in told.citations}.values():
        article = index.articles.get(each.article)
        quote = _found(each, article, index) if article else None
        if article and quote:
            citations.append(Citation(each.n, article, quote, _words(each), _glosses(each)))
        else:
            gone.append(Gone(each.n, each.headline, each.quote))
    leads = [index.articles.get(lead.article) for lead in told.passages[:MAX_LEADS]]
    answer = Answer(
        question,
        told.answer,
        told.refused,
        told.mode,
        told.confidence,
        tuple(citations),
        tuple(Passage(Chunk(f"{a.id}/lead", a, 0, 0), 0.0) for a in leads if a),
        tuple(told.notices),
        told.elapsed_ms,
    )
    return Exchange(row.text, answer, alone=row.alone, gone=tuple(gone))


def _found(citation: _Citation, article: Article, index: "Index") -> Excerpt | None:
    """Return the quote where it stands in ``article`` now; None where it does not."""
    spans = tuple(Span(each.file, each.start, each.end) for each in citation.spans)
    pages = [index.pages.get(span.file) for span in spans]
    held = all(
        any(s.file == own.file and own.start <= s.start < s.end <= own.end for own in article.spans)
        for s in spans
    )
    printed = "".join(p.text[s.start : s.end] for p, s in zip(pages, spans, strict=True) if p)
    if held and printed == citation.quote:
        return Excerpt(citation.quote, spans)
    at = article.body.text.find(citation.quote)  # the page was received anew, a little different
    return article.body.slice(at, at + len(citation.quote)) if at >= 0 else None


def _words(citation: _Citation) -> tuple[int, int]:
    first, last = citation.words
    return (first, last) if 0 <= first < last <= len(citation.quote) else (0, 0)


def _glosses(citation: _Citation) -> tuple[Gloss, ...]:
    """Return the glosses in order, without those that overlap or lie outside the quote."""
    found: list[Gloss] = []
    end = 0
    for each in sorted(citation.glosses, key=lambda each: each.start):
        if end <= each.start < each.end <= len(citation.quote):
            found.append(Gloss(each.start, each.end, each.pinyin, each.english))
            end = each.end
    return tuple(found)
