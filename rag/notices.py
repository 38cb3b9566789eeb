"""What a reader should know about the quotes of an answer beyond their words."""

from collections.abc import Iterator, Sequence

from index.types import DOUBTFUL, Article, Excerpt
from rag.types import Citation, Question
from rag.wording import Frame, filters_told, frame_of, resolved_notice, wording_of


def notices_on(citations: Sequence[Citation], frame: Frame) -> tuple[str, ...]:
    """Return what must be said of ``citations``, in the order of their numbers.

    A quote that crosses a doubtful join says so; 昨日 and the like are resolved where the
    day of issue is known.
    """
    found = [
        notice
        for citation in citations
        for notice in (
            *_on_joins(citation, frame),
            resolved_notice(citation.quote.text, citation.article, frame),
        )
        if notice
    ]
    return tuple(dict.fromkeys(found))


def filter_notices(question: Question, found: bool) -> tuple[str, ...]:
    """Return what narrowed the search, and whether that left anything; nothing without filters."""
    if not question.in_force:
        return ()
    frame = frame_of(question)
    wording = wording_of(frame)
    told = wording.narrowed if found else wording.nothing_passes
    return (told.format(values=filters_told(question.in_force, frame)),)


def _on_joins(citation: Citation, frame: Frame) -> Iterator[str]:
    start = _offset(citation.article, citation.quote)
    if start is None:
        return
    end = start + len(citation.quote.text)
    crossed = [j.confidence for j in citation.article.joins if start < j.at < end]
    if crossed and min(crossed) < DOUBTFUL:
        share = round(100 * min(crossed))
        yield wording_of(frame).doubtful_join.format(n=citation.n, share=share)


def _offset(article: Article, quote: Excerpt) -> int | None:
    """Return where in the body of its article a quote begins; ``None``: not in the body."""
    if not quote.spans:
        return None
    first, offset = quote.spans[0], 0
    for span in article.body.spans:
        if span.file == first.file and span.start <= first.start < span.end:
            return offset + first.start - span.start
        offset += span.end - span.start
    return None
