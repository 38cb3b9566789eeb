"""What the command line prints: articles and answers, for reading and as JSON."""

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from index.types import Article
from rag.types import Answer

if TYPE_CHECKING:
    from rich.console import Console

PIPED_WIDTH = 120  # columns where there is no terminal to ask


def paper() -> "Console":
    """Return where tables are printed: as wide as the terminal, and in colour if it has any."""
    from rich.console import Console

    on_terminal = sys.stdout is not None and sys.stdout.isatty()  # none: `wenbao articles >&-`
    return Console(width=None if on_terminal else PIPED_WIDTH)


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
        "date_source": article.date_source,
        "joins": [asdict(each) for each in article.joins],
    }


def answer_text(answer: Answer) -> str:
    """Return the answer for reading: the text, then its numbered quotes and their places.

    A quote that the text gives word for word is not repeated.
    """
    lines = [answer.text, ""] if answer.citations else [answer.text]
    for citation in answer.citations:
        files = ", ".join(citation.quote.files)
        place = f"{citation.article.headline or citation.article.id} · {files}"
        if citation.quote.text in answer.text:
            lines.append(f"[{citation.n}] {place}")
        else:
            quote = " ".join(citation.quote.text.split())
            lines += [f"[{citation.n}] {quote}", f"    {place}"]
    lines += [""] * bool(answer.notices) + [f"({notice})" for notice in answer.notices]
    return "\n".join(lines)


def count(number: int, noun: str) -> str:
    """Return ``1 article``, ``2,000 articles``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
