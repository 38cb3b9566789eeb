"""HTML of the conversation and of the source panel, as pure functions.

Two layers keep printed words inert. Every character of ASCII punctuation that comes from a
page, a question or an answer is written as a numeric entity, which neither HTML nor
Markdown nor LaTeX reads as markup; and each piece is one HTML block without a blank line,
so that Markdown leaves it alone. Gradio sanitises the result once more.

Ids: ``src-3-2`` is citation 2 of the third exchange, ``src-3-2-quote`` its first ``<mark>``,
``lead-3-1`` the first lead of a refusal. A link to an id opens it in the panel.
"""

import re
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from index.types import Article, Excerpt
from rag.small_talk import talk_in
from rag.types import Answer, Citation, Question
from rag.wording import MAX_LEADS, OPENING_CHARS, frame_of, genre_told, naming, unmarked
from ui.feedback import feedback_html
from ui.links import article_path, share_link
from ui.strings import Strings, frame_in

MAX_PANEL_CHARS = 2_000_000  # the articles of some 150 answers; older ones leave the page
HIGH_CONFIDENCE, MEDIUM_CONFIDENCE = 0.75, 0.45

_ENTITIES = str.maketrans(
    {character: f"&#{ord(character)};" for character in string.punctuation}
    | {chr(code): " " for code in (*range(0x20), 0x7F, 0x85, 0x2028, 0x2029)}
    # Marks of direction that let words, or what follows them, be read as others.
    | {
        chr(code): "\N{REPLACEMENT CHARACTER}"
        for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
    }
)
_MARKER = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Gone:
    """A citation of a kept answer whose article or sentence is not in the index any more."""

    n: int
    headline: str
    quote: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question as typed, and what came back: an answer, or ``error``, or nothing yet.

    ``alone`` tells that it was asked without the conversation before it.
    """

    text: str
    answer: Answer | None = None
    error: str = ""
    alone: bool = False
    gone: tuple[Gone, ...] = ()


def inert(text: str) -> str:
    """Return ``text`` as HTML that shows it as printed and does nothing else.

    Line breaks and control characters become spaces, lone surrogates question marks, marks
    that turn the direction of words replacement characters: one for one.
    """
    return text.encode("utf-8", "replace").decode("utf-8").translate(_ENTITIES)


def highlights(article: Article, excerpt: Excerpt) -> list[tuple[int, int]]:
    """Return where ``excerpt`` stands in ``article.body.text``: sorted, disjoint offsets.

    Words whose places touch in the body are one range, also where a column break divides
    them in the file. Spans outside the body (a headline) have no range.
    """
    found: list[tuple[int, int]] = []
    offset = 0
    for place in article.body.spans:
        for span in excerpt.spans:
            start, end = max(place.start, span.start), min(place.end, span.end)
            if span.file == place.file and start < end:
                found.append((offset + start - place.start, offset + end - place.start))
        offset += place.end - place.start
    ranges: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if ranges and start <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], max(end, ranges[-1][1]))
        else:
            ranges.append((start, end))
    return ranges


# The conversation


def messages(conversation: Sequence[Exchange], strings: Strings) -> list[dict[str, str]]:
    """Return the chat messages of ``conversation``, oldest first."""
    from ui.deeds import deeds_html  # which writes with inert

    rows: list[dict[str, str]] = []
    for number, exchange in enumerate(conversation, start=1):
        rows.append({"role": "user", "content": question_html(exchange.text)})
        last = number == len(conversation)
        whole = exchange.answer is None or not exchange.answer.growing
        deeds = deeds_html(exchange.answer, last and whole, strings)
        if exchange.answer is not None:
            alone = _line("context", strings.asked_alone) if exchange.alone else ""
            content = alone + answer_html(exchange.answer, number, strings, exchange.gone, last)
            content += feedback_html(exchange.answer, number, strings) + deeds
            rows.append({"role": "assistant", "content": content})
        elif exchange.error:
            content = error_html(exchange.error, strings) + deeds
            rows.append({"role": "assistant", "content": content})
    return rows


def question_html(text: str) -> str:
    """Return a question as typed, line by line."""
    return f'<div class="question">{_lines(text)}</div>'


def error_html(message: str, strings: Strings) -> str:
    """Return the message of an error that the user can mend."""
    return (
        f'<div class="failed" lang="{strings.html_lang}"><p class="verdict">'
        f"{inert(strings.failed)}</p>{_lines(message)}</div>"
    )


def answer_html(
    answer: Answer,
    number: int,
    strings: Strings,
    gone: Sequence[Gone] = (),
    last: bool = False,
) -> str:
    """Return the answer of exchange ``number``: text with links, then its sources or leads.

    Citations that are ``gone`` are told as such. The ``last`` can be asked without what it
    follows.
    """
    language = answer.question.spoken
    leads = lead_articles(answer) if answer.refused else []
    # The leads follow as links: name them once.
    frame = frame_of(answer.question)
    spoken = answer.text.removesuffix(naming(leads, frame))
    quoted = {citation.n: citation for citation in answer.citations}

    def link(match: re.Match[str]) -> str:
        n = int(match[1])
        if n in missing:
            return f'<span class="gone" title="{inert(strings.citation_gone)}">{n}</span>'
        return _cite(number, n) if n in quoted else inert(match[0])

    missing = {each.n for each in gone}
    lines = []
    for line in spoken.splitlines():
        if line.strip():
            linked = []
            for words, match in zip_longest(_MARKER.split(line)[::2], _MARKER.finditer(line)):
                linked.append(_quote_html(words, quoted.get(int(match[1])) if match else None))
                linked.append(link(match) if match else "")
            lines.append(f"<p>{''.join(linked)}</p>")
    follows = _follows(answer.question, strings, removable=last and not answer.growing)
    said = f'<div class="said" lang="{language}">{"".join(lines)}</div>'
    text = follows + said
    notices = "".join(f'<p class="notice">{inert(notice)}</p>' for notice in answer.notices)
    if answer.refused:
        # small talk was not looked up, so nothing was missing
        sought = talk_in(answer.question.text) is None
        verdict = f'<p class="verdict">{inert(strings.refused)}</p>' if sought else ""
        nearest = _leads(leads, number, strings)
        return f'<div class="answer refused">{verdict}{text}{notices}{nearest}</div>'
    sources = _source_rows(answer, number, strings) + _gone_rows(gone, strings)
    listed = f'<ul class="source-list">{sources}</ul>' if sources else ""
    return f'<div class="answer">{text}{notices}{listed}{_facts(answer, strings)}</div>'


def _follows(question: Question, strings: Strings, removable: bool) -> str:
    """Return how a follow-up was read, as a chip that can be removed."""
    read = _read_as(question, strings)
    if not read:
        return ""
    label = inert(strings.ask_alone)
    button = f' <button type="button" class="do-alone">{label}</button>' if removable else ""
    return f'<p class="context" lang="{strings.html_lang}"><span>{inert(read)}</span>{button}</p>'


def _gone_rows(gone: Sequence[Gone], strings: Strings) -> str:
    """Return one row a citation that cannot be opened any more."""
    return "".join(
        f'<li class="gone-row"><span class="gone">{each.n}</span>'
        f"{headline_html(each.headline, strings)}: {inert(strings.citation_gone)}</li>"
        for each in gone
    )


def _read_as(question: Question, strings: Strings) -> str:
    """Return how a follow-up was read, or else what it follows; empty for any other question."""
    if question.rewritten:
        return strings.read_as.format(question=question.rewritten)
    return strings.context_of.format(question=question.context) if question.context else ""


def confidence_word(confidence: float, strings: Strings) -> str:
    """Return how sure the answer is, as a word."""
    words = {
        "high": strings.confidence_high,
        "medium": strings.confidence_medium,
        "low": strings.confidence_low,
    }
    return words[_level(confidence)]


def _level(confidence: float) -> str:
    """Return the class of the mark beside the word."""
    if confidence >= HIGH_CONFIDENCE:
        return "high"
    return "medium" if confidence >= MEDIUM_CONFIDENCE else "low"


def _quote_html(words: str, citation: Citation | None) -> str:
    """Return ``words`` inert; where they end with the quote, with its glosses and the answer.

    A word that has a gloss tells it on hover; the words that answer are strong.
    """
    if citation is None or not words.endswith(unmarked(citation.quote.text)):
        return inert(words)
    at = len(words) - len(citation.quote.text)
    first, last = (at + place for place in citation.words)
    told = [
        (at + each.start, at + each.end, " · ".join(filter(None, (each.pinyin, each.english))))
        for each in citation.glosses
    ]
    cuts = {
        at,
        len(words),
        first,
        last,
        *(cut for start, end, _ in told for cut in (start, end)),
    }
    parts = []
    for start, end in pairwise(sorted(cuts)):
        part = inert(words[start:end])
        title = next((text for a, b, text in told if a <= start < b), "")
        if title:
            part = f'<span class="gloss" title="{inert(title)}">{part}</span>'
        parts.append(f"<strong>{part}</strong>" if first <= start < last else part)
    return f'{inert(words[:at])}<span lang="zh">{"".join(parts)}</span>'


def _lines(text: str) -> str:
    return "".join(f"<p>{inert(line)}</p>" for line in text.splitlines() if line.strip())


def _cite(number: int, n: int) -> str:
    # the word joiner keeps the number on the line of the words it proves
    # what it leads to is told by ui/reader.js
    return f'&#8288;<a href="#src-{number}-{n}" class="cite">{n}</a>'


def article_title(article: Article, strings: Strings) -> str:
    """Return what a link to ``article`` says: its headline, or its opening words."""
    if article.headline:
        return article.headline
    return f"{strings.headline_missing} {article.body.text[:OPENING_CHARS].strip()}…"


def headline_html(headline: str, strings: Strings) -> str:
    """Return a headline, or that there is none, with its language: screen readers need it."""
    language = "zh" if headline else strings.html_lang
    return f'<span lang="{language}">{inert(headline or strings.headline_missing)}</span>'


def title_html(article: Article, strings: Strings) -> str:
    """Return :func:`article_title` with the language of each of its parts."""
    opening = inert(article_title(article, strings).removeprefix(strings.headline_missing))
    behind = "" if article.headline else f'<span lang="zh">{opening}</span>'
    return headline_html(article.headline, strings) + behind


def _source_rows(answer: Answer, number: int, strings: Strings) -> str:
    """Return one row an article, in the order of its first citation."""
    numbers: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        numbers.setdefault(citation.article.id, []).append(citation)
    rows = []
    for citations in numbers.values():
        article = citations[0].article
        links = "".join(_cite(number, citation.n) for citation in citations)
        date = f'<span class="date">{inert(article.date)}</span>' if article.date else ""
        rows.append(
            f'<li>{links}<a href="#src-{number}-{citations[0].n}" class="source-link">'
            f"{title_html(article, strings)}</a>{date}</li>"
        )
    return "".join(rows)


def _leads(articles: Sequence[Article], number: int, strings: Strings) -> str:
    rows = "".join(
        f'<li><a href="#lead-{number}-{place}" class="source-link lead">'
        f"{title_html(article, strings)}</a></li>"
        for place, article in enumerate(articles, start=1)
    )
    if not rows:
        return ""
    return f'<p class="leads-head">{inert(strings.leads)}</p><ul class="source-list">{rows}</ul>'


def lead_articles(answer: Answer) -> list[Article]:
    """Return the nearest articles of a refusal, best first, each once."""
    articles = {passage.article.id: passage.article for passage in answer.passages}
    return list(articles.values())[:MAX_LEADS]


def _facts(answer: Answer, strings: Strings) -> str:
    if answer.growing:
        return f'<p class="facts" lang="{strings.html_lang}">{inert(strings.checking)}</p>'
    if not answer.citations:
        return ""
    level = confidence_word(answer.confidence, strings)
    sure = inert(strings.confidence_of.format(level=level))
    facts = [strings.mode_llm if answer.mode == "llm" else strings.mode_extractive]
    if answer.elapsed_ms:
        facts.append(strings.seconds_of.format(seconds=f"{answer.elapsed_ms / 1000:.1f}"))
    mark = f'<span class="sure {_level(answer.confidence)}">{sure}</span>'
    return f'<p class="facts" lang="{strings.html_lang}">{mark} · {inert(" · ".join(facts))}</p>'


# The source panel


def panel_html(conversation: Sequence[Exchange], strings: Strings) -> str:
    """Return the panel: every cited article and lead, all hidden but the latest answer's first.

    The newest answers come first and as many as fit ``MAX_PANEL_CHARS``; the newest is
    always whole. A link to a section that is not there opens ``src-missing``.
    """
    sections: list[str] = []
    size = 0
    answered = [(n, e.answer) for n, e in enumerate(conversation, start=1) if e.answer is not None]
    latest = answered[-1][0] if answered else 0
    if not (answered and answered[-1][1].citations):
        sections.append(_empty(conversation, strings))
    for number, answer in reversed(answered):
        rendered = list(_sections(answer, number, strings, latest=number == latest))
        size += sum(map(len, rendered))
        if number != latest and size > MAX_PANEL_CHARS:
            break
        sections.extend(rendered)
    missing = f"<p>{inert(strings.sources_missing)}</p>"
    sections.append(
        f'<section id="src-missing" class="source empty" lang="{strings.html_lang}" tabindex="-1" '
        f'hidden="hidden">{missing}</section>'
    )
    return f'<div class="sources" id="sources-{latest}">{"".join(sections)}</div>'


def _empty(conversation: Sequence[Exchange], strings: Strings) -> str:
    answer = conversation[-1].answer if conversation else None
    refused = answer is not None and answer.refused and not talk_in(answer.question.text)
    title = strings.refused if refused else strings.sources_empty
    detail = strings.refused_detail if refused else strings.sources_empty_detail
    return (
        f'<section id="src-none" class="source empty" lang="{strings.html_lang}">'
        f"<h2>{inert(title)}</h2><p>{inert(detail)}</p></section>"
    )


def _sections(answer: Answer, number: int, strings: Strings, latest: bool) -> Iterator[str]:
    if answer.refused:
        for place, article in enumerate(lead_articles(answer), start=1):
            label = f'<span class="tabs-label">{inert(strings.lead)}</span>'
            yield _section(f"lead-{number}-{place}", article, None, label, strings, shown=False)
        return
    for position, citation in enumerate(answer.citations):
        yield _section(
            f"src-{number}-{citation.n}",
            citation.article,
            citation.quote,
            _tabs(answer.citations, citation, number, strings),
            strings,
            shown=latest and position == 0,
        )


def _tabs(citations: Sequence[Citation], current: Citation, number: int, strings: Strings) -> str:
    links = "".join(
        f'<a href="#src-{number}-{citation.n}" class="tab'
        f'{" current" if citation is current else ""}">{citation.n}</a>'
        for citation in citations
    )
    at = citations.index(current)
    steps = "".join(
        f'<a href="#src-{number}-{citations[other].n}" class="step">{inert(label)}</a>'
        for other, label in (
            (at - 1, strings.previous_citation),
            (at + 1, strings.next_citation),
        )
        if 0 <= other < len(citations)
    )
    return f'<span class="tabs-label">{inert(strings.citations)}</span>{links}{steps}'


def _section(
    key: str, article: Article, quote: Excerpt | None, tabs: str, strings: Strings, shown: bool
) -> str:
    """Return one article of the panel, its quote marked; ``key`` is the id of the section."""
    ranges = highlights(article, quote) if quote else []
    parts = [
        f'<p class="tabs" lang="{strings.html_lang}">{tabs}'
        f'<a href="#chat" class="back">{inert(strings.back)}</a></p>',
        _line("kicker", article.kicker),
        f'<h2 class="headline">{headline_html(article.headline, strings)}</h2>',
        *(_line("subhead", subhead) for subhead in article.subheads),
        _line("byline", " · ".join(part for part in (article.byline, article.date or "") if part)),
        _place(article, quote, strings),
        "" if article.complete else _line("incomplete", strings.incomplete, strings.html_lang),
        tools_html(article, quote, strings),
    ]
    if quote and not ranges:  # the quote stands outside the running text: a headline
        words = f'<mark id="{key}-quote">{inert(quote.text)}</mark>'
        parts.append(f'<blockquote class="outside">{words}</blockquote>')
    parts.append(f'<div class="body">{body_html(article, ranges, key, strings)}</div>')
    hidden = "" if shown else ' hidden="hidden"'
    return (
        f'<section id="{key}" class="source" lang="zh" tabindex="-1"{hidden}>'
        f"{''.join(parts)}</section>"
    )


def tools_html(
    article: Article,
    quote: Excerpt | None,
    strings: Strings,
    view: str = "",
    alone: bool = False,
) -> str:
    """Return the links of the reader: the other views of ``article``, its page, its address.

    ``ui/reader.js`` shows a view in place; without it they lead to the page of the article.
    ``view`` is the one that is shown; ``alone`` means on that page. The chat keeps no attributes
    of our own, so that the script's messages stand hidden in the text.
    """
    link = inert(share_link(article, quote))
    opened = f'<a class="open" href="{link}">{inert(strings.open_page)}</a>'
    views = ""
    for name, label in (("printed", strings.view_printed), ("words", strings.view_words)):
        here = name == view  # then it leads back to the article as set
        page = inert(article_path(article, view="" if here else name, file=article.file))
        current = ' aria-current="true"' if here else ""
        views += f'<a class="view to-{name}" href="{page}"{current}>{inert(label)}</a>'
    said = "".join(
        f'<span class="{name}" hidden="hidden">{inert(message)}</span>'
        for name, message in (
            ("copied", strings.copied),
            ("fetching", strings.fetching),
            ("failed", strings.fetch_failed),
            ("changed", strings.words_changed),
        )
    )
    return (
        f'<p class="tools" lang="{strings.html_lang}">{views}{"" if alone else opened}'
        f'<a class="copy" href="{link}">{inert(strings.copy_link)}</a>'
        f'{said}<span class="told"></span></p>'
    )


def file_label(file: str, strings: Strings) -> str:
    """Return the label before words that stand in another file than those before them."""
    said = inert(strings.words_from_of.format(file=file))
    return f'<span class="from-file" lang="{strings.html_lang}"><bdi>{said}</bdi></span>'


def _line(name: str, text: str, language: str = "") -> str:
    spoken = f' lang="{language}"' if language else ""
    return f'<p class="{name}"{spoken}>{inert(text)}</p>' if text else ""


def _place(article: Article, quote: Excerpt | None, strings: Strings) -> str:
    """Return the files of the article or, for a quote, each file and the places in it."""
    files = []
    for file in quote.files if quote else article.files:
        spans = [span for span in quote.spans if span.file == file] if quote else []
        places = ", ".join(strings.place_of.format(start=s.start, end=s.end) for s in spans)
        files.append(f"{file} · {places}" if places else file)
    where = f"{genre_told(article.genre, frame_in(strings))} · {'; '.join(files)}"
    return f'<p class="place" lang="{strings.html_lang}">{inert(where)}</p>'


def body_html(
    article: Article, ranges: Sequence[tuple[int, int]], key: str, strings: Strings
) -> str:
    """Return the body, one ``<p>`` a printed paragraph, with ``ranges`` in ``<mark>``.

    The first mark has the id ``<key>-quote``. A range over several paragraphs becomes a
    mark in each. Where an article lies in several files, each begins with its label.
    """
    turns = _turns(article)
    paragraphs: list[str] = []
    start, marked = 0, False
    for line in article.body.text.splitlines(keepends=True):
        end = start + len(line.rstrip("\r\n"))
        edges = (edge for each in (*ranges, tuple(turns)) for edge in each)
        cuts = sorted({start, end, *(edge for edge in edges if start < edge < end)})
        parts: list[str] = []
        for first, last in pairwise(cuts):
            words = article.body.text[first:last]
            if first in turns:
                parts.append(file_label(turns[first], strings))
            if words.strip() and any(a <= first and last <= b for a, b in ranges):
                identity = "" if marked else f' id="{key}-quote"'
                marked = True
                parts.append(f"<mark{identity}>{inert(words)}</mark>")
            else:
                parts.append(inert(words))
        if line.strip():
            paragraphs.append(f"<p>{''.join(parts)}</p>")
        start += len(line)
    return "".join(paragraphs)


def _turns(article: Article) -> dict[int, str]:
    """Return where in the body each file begins, by offset; none where there is one file."""
    turns: dict[int, str] = {}
    offset, file = 0, ""
    for span in article.body.spans:
        if span.file != file:
            turns[offset] = file = span.file
        offset += span.end - span.start
    return turns if len(turns) > 1 else {}
