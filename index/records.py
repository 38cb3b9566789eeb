"""Articles as JSON: in a segment without their words, which stand in its pages; else whole."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from index.long_text import Text
from index.types import Article, Excerpt, Join, Page, Span


def article_to_json(article: Article) -> dict[str, Any]:
    """Return the values of ``article``, its body as places only."""
    values = asdict(article)
    values["body"] = _spans_to_json(article.body.spans, article.file)
    values["spans"] = _spans_to_json(article.spans, article.file)
    values["joins"] = [[each.at, each.confidence] for each in article.joins]
    return values


def article_from_json(values: Mapping[str, Any], texts: Mapping[str, Text]) -> Article:
    """Return the article of :func:`article_to_json`, its words read from pages, by file.

    Raises :class:`KeyError` for a file that is not among them.
    """
    body = _spans_from_json(values["body"], values["file"])
    return Article(
        **{
            **values,
            "subheads": tuple(values["subheads"]),
            "body": Excerpt("".join(texts[s.file][s.start : s.end] for s in body), body),
            "spans": _spans_from_json(values["spans"], values["file"]),
            "joins": tuple(Join(*each) for each in values.get("joins", ())),
        }
    )


def page_from_json(values: Mapping[str, Any]) -> Page:
    """Return the page whose ``dataclasses.asdict`` was kept."""
    return Page(**values)


def whole_article_from_json(values: Mapping[str, Any]) -> Article:
    """Return the article whose ``dataclasses.asdict`` was kept, its words among it."""
    body = values["body"]
    return Article(
        **{
            **values,
            "subheads": tuple(values["subheads"]),
            "body": Excerpt(body["text"], tuple(Span(**each) for each in body["spans"])),
            "spans": tuple(Span(**each) for each in values["spans"]),
            "joins": tuple(Join(**each) for each in values["joins"]),
        }
    )


def _spans_to_json(spans: Sequence[Span], file: str) -> list[list[Any]]:
    """Return ``[start, end]`` for a place in ``file``, ``[start, end, file]`` for another's."""
    return [[s.start, s.end] if s.file == file else [s.start, s.end, s.file] for s in spans]


def _spans_from_json(values: Sequence[Sequence[Any]], file: str) -> tuple[Span, ...]:
    return tuple(Span(other[0] if other else file, start, end) for start, end, *other in values)
