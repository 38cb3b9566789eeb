"""What the command line prints: articles and answers, for reading and as JSON."""

from dataclasses import asdict
from typing import Any

from index.types import Article
from rag.types import Answer


def article_json(article: Article) -> dict[str, Any]:
    """Return the line of ``wenbao articles --json`` of the contract."""
    return {
        "id": article.id,
        "file": article.file,
        "headline": article.headline,
        "subheads": list(article.subheads),
        "kicker": article.kicker,
        "byline": article.byline,
        "date": article.date,
        "genre": article.genre,
        "complete": article.complete,
        "spans": [asdict(span) for span in article.spans],
    }


def article_text(article: Article) -> str:
    """Return a few lines for reading: headline, what is known about it, where it stands."""
    known = (
        article.genre,
        article.byline,
        article.date,
        f"{len(article.body.text):,} characters",
        "" if article.complete else "continues on another page",
    )
    lines = [
        f"{article.id}  {article.headline or '(no headline)'}",
        *(f"    {subhead}" for subhead in article.subheads),
        "    " + " · ".join(part for part in known if part),
        f"    {article.file}\n",
    ]
    return "\n".join(lines)


def answer_text(answer: Answer) -> str:
    """Return the answer for reading: the text, then its numbered quotes and their places.

    A quote that the text gives word for word is not repeated.
    """
    lines = [answer.text, ""] if answer.citations else [answer.text]
    for citation in answer.citations:
        place = _place(citation.article)
        if citation.quote.text in answer.text:
            lines.append(f"[{citation.n}] {place}")
        else:
            quote = " ".join(citation.quote.text.split())
            lines += [f"[{citation.n}] {quote}", f"    {place}"]
    lines += [""] * bool(answer.notices) + [f"({notice})" for notice in answer.notices]
    return "\n".join(lines)


def _place(article: Article) -> str:
    return f"{article.headline or article.id} · {article.file}"


def count(number: int, noun: str) -> str:
    """Return ``1 article``, ``2,000 articles``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
