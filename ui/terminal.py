"""What the command line prints: articles and answers, for reading and as JSON."""

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from index.types import Article
from rag.types import Answer
from rag.wording import unmarked
from ui.harmless import written_out

if TYPE_CHECKING:
    from rich.console import Console

    from rag.self_test import SelfTest

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

    A quote that the text gives word for word is not repeated. What a terminal would act upon
    is written out.
    """
    lines = [answer.text, ""] if answer.citations else [answer.text]
    for citation in answer.citations:
        files = ", ".join(citation.quote.files)
        place = f"{citation.article.headline or citation.article.id} · {files}"
        if unmarked(citation.quote.text) in answer.text:
            lines.append(f"[{citation.n}] {place}")
        else:
            quote = " ".join(citation.quote.text.split())
            lines += [f"[{citation.n}] {quote}", f"    {place}"]
    lines += [""] * bool(answer.notices) + [f"({notice})" for notice in answer.notices]
    return written_out("\n".join(lines))


def self_test_lines(result: "SelfTest") -> list[str]:
    """Return a self-test for reading: a line for each kind, the worst misses, the verdict."""
    from rag.self_test import LEAST_AT_5

    lines = [f"{'':<10}{'probes':>7}{'R@1':>8}{'R@5':>8}{'MRR':>7}   least R@5"]
    for score in result.scores:
        weak = "" if score.healthy else "  <- look at this"
        lines.append(
            f"{score.kind:<10}{score.probes:>7}{score.at_1:>8.0%}{score.at_5:>8.0%}"
            f"{score.mrr:>7.2f}{LEAST_AT_5[score.kind]:>12.0%}{weak}"
        )
    for miss in result.misses:
        place = f"at place {miss.rank}" if miss.rank else "not among the first ten"
        probe = " ".join(miss.probe.text.split())[:60]
        lines.append(f"{miss.probe.kind}: {probe!r} is of article {miss.probe.article.id}, {place}")
    words = {"healthy": "healthy", "look": "not healthy", "nothing": "no article to ask for"}
    cut = f", {result.planned} planned" if result.asked < result.planned else ""
    lines.append(
        f"{words[result.verdict]}: {count(result.asked, 'probe')} of "
        f"{count(result.articles, 'article')} in {result.elapsed_s:.1f} s{cut}"
    )
    return lines


def count(number: int, noun: str) -> str:
    """Return ``1 article``, ``2,000 articles``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
