"""An answer to take along: as text, as Markdown, and as references to its articles.

References follow GB/T 7714-2015, 信息与文献 参考文献著录规则, for an article in a newspaper
(4.5 and appendix A.5)::

    主要责任者. 题名[N]. 报纸名, 出版日期(版次).

What is not known is left out with the punctuation that belongs to it: the newspaper and the
page always.
"""

import re
from collections.abc import Iterator

from index.types import Article
from rag.filters import reporters_of
from rag.types import Answer
from rag.wording import OPENING_CHARS

MAX_AUTHORS = 3  # of a reference: more are 等 (8.1.2)
_MARKER = re.compile(r"[ \u2060]?\[(\d+)\]")
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def reference(article: Article) -> str:
    """Return the reference of ``article``.

    Of four authors or more the first three are named. The day is the day of issue.
    """
    authors = reporters_of(article.byline)
    named = ", ".join(authors[:MAX_AUTHORS]) + (", 等" if len(authors) > MAX_AUTHORS else "")
    parts = (named, f"{title_of(article)}[N]", article.date)
    return "".join(f"{part}. " for part in parts if part).strip()


def references(answer: Answer) -> list[str]:
    """Return the numbered references of the cited articles, in the order of first citation."""
    cited = {citation.article.id: citation.article for citation in answer.citations}
    return [f"[{n}] {reference(article)}" for n, article in enumerate(cited.values(), start=1)]


def title_of(article: Article) -> str:
    """Return the headline in one line; of an article without one its opening words."""
    title = " ".join(article.headline.split())
    return title or f"{' '.join(article.body.text[:OPENING_CHARS].split())}…"


def as_text(answer: Answer, sources: str) -> str:
    """Return question, answer and sources as plain text; ``sources`` heads the latter."""
    lines = [answer.question.typed or answer.question.text, "", answer.text.strip()]
    lines += ["", *answer.notices] if answer.notices else []
    if answer.citations:
        lines += ["", f"{sources}:", *_quoted(answer)]
    return "\n".join(lines)


def as_markdown(answer: Answer, sources: str) -> str:
    """Return question, answer and sources as Markdown, markers as footnotes."""
    known = {citation.n for citation in answer.citations}
    asked = _plain(answer.question.typed or answer.question.text)
    # Paragraphs of Markdown are divided by a blank line.
    paragraphs = [line for line in answer.text.splitlines() if line.strip()]
    said = "\n\n".join(_footnoted(line, known) for line in paragraphs)
    lines = [f"**{asked}**", "", said]
    for notice in answer.notices:
        lines += ["", f"> {_plain(notice)}"]
    if answer.citations:
        lines += ["", f"**{_plain(sources)}**", ""]
    for citation in answer.citations:
        article = citation.article
        day = f", {article.date}" if article.date else ""
        quote = _plain(" ".join(citation.quote.text.split()))
        lines.append(f"[^{citation.n}]: {_plain(title_of(article))}{day}: “{quote}”")
    return "\n".join(lines)


def _quoted(answer: Answer) -> Iterator[str]:
    for citation in answer.citations:
        article = citation.article
        day = f", {article.date}" if article.date else ""
        quote = " ".join(citation.quote.text.split())
        yield f"[{citation.n}] {title_of(article)}{day}: “{quote}”"


def _footnoted(line: str, known: set[int]) -> str:
    parts, end = [], 0
    for marker in _MARKER.finditer(line):
        if int(marker[1]) in known:
            parts += [_plain(line[end : marker.start()]), f"[^{marker[1]}]"]
            end = marker.end()
    return "".join((*parts, _plain(line[end:])))


def _plain(text: str) -> str:
    """Return ``text`` in one line, its signs of Markdown escaped."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
