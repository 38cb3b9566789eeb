"""Questions to suggest: made from the corpus, and each asked first, so that none is refused.

A question is kept when the answer is sure and its first citation quotes the sentence that
the question was made from. Deterministic for one index and seed, but for the time allowed.
"""

import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from index.text import bigrams, fold, is_han, to_simplified, to_traditional
from index.types import Article, Span
from rag.answering import Answerer
from rag.made_questions import MAX_BODY_CHARS, Made, made_from, with_article
from rag.speakers import speakers
from rag.types import Answer, Language
from rag.wording import MAX_LEADS, Frame, frame_of

SURE = 0.75  # the confidence that the app calls high
MAX_ARTICLES = 120  # read for examples, drawn by chance
CANDIDATES_EACH = 8  # for each question that is wanted
MAX_LIKENESS = 0.6  # of two questions: the share of character pairs that both have
ALLOWED_S = 2.0
MIN_MENTIONS = 2
COUNT_MERIT = 0.55  # behind what only this corpus can be asked


def examples(
    answerer: Answerer, language: Frame, count: int = 4, seed: int = 0, allowed_s: float = ALLOWED_S
) -> tuple[str, ...]:
    """Return at most ``count`` questions that the corpus answers, of different articles.

    Fewer come back from a small corpus, from one whose sentences make no question in
    ``language``, and when ``allowed_s`` is over.
    """
    until = time.monotonic() + allowed_s
    articles = _newsworthy(answerer.index.articles.values())
    drawn = random.Random(seed).sample(articles, min(len(articles), MAX_ARTICLES))
    made = _made(answerer, drawn, language, until - allowed_s / 2, count * CANDIDATES_EACH)
    made += _counts(answerer, drawn, language)
    return _kept(answerer, made, language, count, until)


def follow_ups(
    answerer: Answerer,
    answer: Answer,
    count: int = 3,
    asked: Sequence[str] = (),
    allowed_s: float = ALLOWED_S,
) -> tuple[str, ...]:
    """Return at most ``count`` questions that may follow ``answer``; each stands alone.

    They are about other sentences of the first cited article; after a refusal about the
    nearest articles. None is like the question itself or one already ``asked``. Small talk
    has none.
    """
    until = time.monotonic() + allowed_s
    cited = [citation.article for citation in answer.citations[:1]]
    nearest = [passage.article for passage in answer.passages] if answer.refused else []
    articles = list({each.id: each for each in (*cited, *nearest)}.values())[:MAX_LEADS]
    language = frame_of(answer.question)
    quoted = tuple(span for citation in answer.citations for span in citation.quote.spans)
    made = [
        each
        for each in _made(answerer, _newsworthy(articles), language, until, 200)
        if each.form != "count" and not _touch(_spans(each), quoted)
    ]
    before = (answer.question.text, answer.question.standalone, *asked)
    return _kept(answerer, made, language, count, until, before)


def _newsworthy(articles: Iterable[Article]) -> list[Article]:
    """Return the articles to ask about: no adverts; what is cut at a page's end can wait."""
    kept = [a for a in articles if a.genre not in ("advert", "notice", "caption", "weather")]
    return [a for a in kept if a.complete] or kept


def _made(
    answerer: Answerer, articles: Sequence[Article], language: Frame, until: float, most: int
) -> list[Made]:
    """Return questions made from ``articles``, a few of each, until the time is up."""
    spoken: Language = "en" if language == "en" else "zh"
    names = answerer.retriever.analyst.names
    found: list[Made] = []
    for article in articles:
        if len(found) >= most or time.monotonic() > until:
            break
        each = sorted(made_from(article, spoken, names), key=lambda made: -made.merit)
        found += islice(each, most if len(articles) <= MAX_LEADS else 4)
    return found


def _counts(answerer: Answerer, articles: Sequence[Article], language: Frame) -> list[Made]:
    """Return one question how many articles mention a name; none where none is in several."""
    names = answerer.retriever.analyst.names
    holding: dict[str, list[Article]] = {}
    english_of: dict[str, str] = {}
    for article in articles:
        text = to_simplified(article.body.text[:MAX_BODY_CHARS])
        for chinese, english in names.find_chinese(text):
            if len(chinese) > 1 and english[0][:1].isupper() and "(" not in english[0]:
                english_of[chinese] = english[0]
                if article not in holding.setdefault(chinese, [])[-1:]:
                    holding[chinese].append(article)
    # A name of nearly every article says little, and the longest of the others the most.
    few = [n for n, found in holding.items() if MIN_MENTIONS <= len(found) <= len(articles) / 3]
    if not few:
        return []
    name = max(few, key=lambda each: (min(len(holding[each]), 4), len(each), each))
    text = f"有多少篇报道提到{name}？"
    if language == "en":
        text = f"How many articles mention {with_article(english_of[name])}?"
    first = holding[name][0]
    return [Made(text, "count", first, 0, len(first.body.text), COUNT_MERIT)]


def _kept(
    answerer: Answerer,
    made: Sequence[Made],
    language: Frame,
    count: int,
    until: float,
    before: Sequence[str] = (),
) -> tuple[str, ...]:
    """Return the questions of ``made`` that stand the test, best and most various first."""
    quoting = _quoting(answerer)
    kept: list[Made] = []
    shown: list[str] = []
    asked = list(before)
    for each in _in_turn(made, kept):
        if len(kept) >= count or time.monotonic() > until:
            break
        text = _in_frame(each.text, language)
        if any(_likeness(text, other) > MAX_LIKENESS for other in asked):
            continue
        if _answers(quoting, text, each):
            kept.append(each)
            shown.append(text)
            asked.append(text)
    return tuple(shown)


def _in_turn(made: Sequence[Made], kept: Sequence[Made]) -> Iterator[Made]:
    """Yield ``made``, each time the best of those that differ most from what is ``kept``."""
    left = list(made)
    while left:
        articles = {each.article.id for each in kept}
        forms = [each.form for each in kept]
        best = max(
            left,
            key=lambda each: (
                each.merit - 0.4 * forms.count(each.form) - 1.0 * (each.article.id in articles)
            ),
        )
        left.remove(best)
        yield best


def _quoting(answerer: Answerer) -> Answerer:
    """Return ``answerer`` without a language model: a check must be quick and cost nothing."""
    settings = answerer.settings.model_copy(update={"llm_base_url": None, "llm_model": None})
    return replace(answerer, settings=settings)


def _answers(answerer: Answerer, text: str, made: Made) -> bool:
    """Return whether the answer to ``text`` is sure and quotes the sentence that it is of.

    Of a question what somebody said, or what is said about something: any sentence of the
    article that does.
    """
    answer = answerer.ask(text)
    if answer.refused or answer.confidence < SURE or not answer.citations:
        return False
    if made.form == "count":
        return len(answer.citations) >= MIN_MENTIONS
    first = answer.citations[0]
    if first.article.id != made.article.id:
        return False
    if made.about:
        said = to_simplified(first.quote.text)
        spoken = made.form != "quote" or any(
            name == made.about for name, _ in speakers(said, answerer.retriever.analyst.names)
        )
        return made.about in said and (spoken or not is_han(made.about[0]))
    return _touch(_spans(made), first.quote.spans)


def _spans(made: Made) -> tuple[Span, ...]:
    return made.article.body.slice(made.start, made.end).strip().spans


def _touch(one: Iterable[Span], other: Sequence[Span]) -> bool:
    """Return whether two runs of places share a character."""
    return any(a.file == b.file and a.start < b.end and b.start < a.end for a in one for b in other)


def _in_frame(text: str, language: Frame) -> str:
    if language == "en":
        return text
    return to_traditional(text) if language == "zh-Hant" else to_simplified(text)


def _likeness(one: str, other: str) -> float:
    """Return the share of character pairs, or of English words, that two questions share."""
    first, second = set(bigrams(fold(one))), set(bigrams(fold(other)))
    return len(first & second) / len(first | second) if first | second else 0.0
