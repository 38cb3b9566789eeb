"""Pages and articles as JSON that holds all of them, for another machine or another store."""

from collections.abc import Mapping
from typing import Any

from index.types import Article, Excerpt, Join, Page, Span


def page_from_json(values: Mapping[str, Any]) -> Page:
    """Return the page whose ``dataclasses.asdict`` was kept."""
    return Page(**values)


def article_from_json(values: Mapping[str, Any]) -> Article:
    """Return the article whose ``dataclasses.asdict`` was kept."""
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
