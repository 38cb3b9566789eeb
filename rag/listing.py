"""Counting and listing articles: how many mention a name, which stand in a series or an issue.

Answered from what is known of the articles and by exact search, so that the count is the
count, and every article counted is cited.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from index.index import Index
from index.lexical import AllPostings
from index.text import bigrams, fold, is_han, sentences
from index.types import Article, Chunk, Excerpt, Page, join
from rag.filters import Facets, Filters, bare, reporter_in, reporters_of
from rag.list_requests import Facet, request_in
from rag.names import Names
from rag.question import wants_adverts
from rag.types import Answer, Citation, Passage, Question
from rag.wording import (
    filters_told,
    frame_of,
    genre_told,
    listing_wording_of,
    title_of,
    unmarked,
)

MAX_LISTED = 50

_GENERIC_EN = frozenset(
    "the a an in at of and train trains freight railway railroad express line company group firm "
    "system platform fair expo exhibition city town village county series project event market "
    "association brand bank school app policy river bridge museum mr mrs ms".split()
)


@dataclass(frozen=True, slots=True)
class Found:
    """An article that is meant, and the place in it that proves it."""

    article: Article
    quote: Excerpt
    chunk: Chunk | None


# Finding the articles


def forms_of(words: str, names: Names) -> tuple[str, ...]:
    """Return ``words`` and its other forms in the list of names, each once.

    An English name may have a common noun behind it (the Yixin'ou *train*); one that is not
    in the list is looked for as it is.
    """
    forms = [words]
    folded = fold(words)
    if any(map(is_han, words)):
        whole = dict(names.find_chinese(folded)).get(folded, ())
        forms += [chinese for chinese, english in names.pairs if english in whole]
        forms += whole
    else:
        found = names.find(words)
        special = [pair for pair in found if not _GENERIC_EN.issuperset(pair[0])]
        covered = {word for key, _ in found for word in key} | _GENERIC_EN
        rest = [w for w in re.findall(r"[a-z]+(?:['’][a-z]+)*|\d+", folded) if w not in covered]
        if len(special) == 1 and not rest:
            forms += special[0][1]
    return tuple({fold(form): form for form in reversed(forms)}.values())[::-1]


def articles_with(
    index: Index, forms: Sequence[str], allowed: Iterable[str]
) -> list[tuple[Article, Chunk, int, int]]:
    """Return the articles of the ids ``allowed`` that hold one of ``forms``, each once.

    With each comes the first chunk, and the sentence in it, ``chunk.excerpt.text[start:end]``,
    that holds the words; an empty one where they stand in the headline. In the order of the
    index.
    """
    pattern = re.compile("|".join(map(pattern_of, forms)))
    ids = set(allowed)
    rows = sorted(
        {row for form in forms for row in _rows_with(index.characters, fold(form))}
        | _rows_set_wide(index, forms)
    )
    found: dict[str, tuple[Article, Chunk, int, int]] = {}
    for row in rows:
        chunk = index.chunks[row]
        article = chunk.article
        known = found.get(article.id)
        if article.id not in ids or (known and known[2] < known[3]):
            continue
        text = chunk.excerpt.text
        place = next((p for p in sentences(text) if pattern.search(fold(text[slice(*p)]))), None)
        head = "\n".join((article.headline, *article.subheads))
        if place:
            found[article.id] = (article, chunk, *place)
        elif not known and pattern.search(fold(head)):
            found[article.id] = (article, chunk, 0, 0)
    order = {name: at for at, name in enumerate(index.articles)}
    return sorted(found.values(), key=lambda each: order[each[0].id])


def _rows_with(postings: AllPostings, form: str) -> set[int]:
    """Return the chunks that may hold ``form``: they hold all its parts, wherever they stand.

    Not asked for: a single character beside a number or letters. The postings know the 年 of
    2026年 only where no other character follows it.
    """
    terms = list(dict.fromkeys(bigrams(form)))
    telling = [term for term in terms if len(term) > 1 or not is_han(term)]
    rows: set[int] | None = None
    for term in telling or terms:
        held = set(postings.rows_with(term).tolist())
        rows = held if rows is None else rows & held
        if not rows:
            return set()
    return rows or set()


def _rows_set_wide(index: Index, forms: Sequence[str]) -> set[int]:
    """Return the chunks of articles that hold a name of two characters set wide: 陈 聪.

    The postings do not know it, because each character is a word of its own there.
    """
    names = {"".join(form.split()) for form in forms}
    wide = [rf"{name[0]}\s+{name[1]}" for name in names if len(name) == 2 and is_han(name[0])]
    if not wide:
        return set()
    pattern = re.compile("|".join(wide))
    holding = (a.id for a in index.articles.values() if pattern.search(a.body.text))
    return {row for id_ in holding for row in index.rows_of(id_)}


def pattern_of(form: str) -> str:
    """Return the pattern of ``form`` in folded text: whole words, spaces within as they come."""
    found = ""
    for character in fold(form).strip():
        if character.isspace():
            found += r"\s+" if not found.endswith(r"\s*") else ""
        else:
            found += re.escape(character) + (r"\s*" if is_han(character) else "")
    found = found.removesuffix(r"\s*")
    before = r"(?<![a-z0-9])" if re.match(r"[a-z0-9]", fold(form)) else ""
    after = r"(?![a-z0-9])" if re.search(r"[a-z0-9]$", fold(form)) else ""
    return f"{before}{found}{after}"


def headline_quote(article: Article, pages: Mapping[str, Page], words: str = "") -> Excerpt:
    """Return the printed headline of ``article``, or its line that holds ``words`` if given.

    Without such a line: the first sentence of the body.
    """
    lines = list(_head_lines(article, pages))
    if words:
        wanted = [line for line in lines if bare(words) in bare(line.text)]
    else:
        headline = bare(article.headline)
        wanted = [line for line in lines if bare(line.text) and bare(line.text) in headline]
    if wanted:
        return join(wanted[:1] if words else wanted).strip()
    body = article.body
    bounds = next((b for b in sentences(body.text) if body.text[slice(*b)].strip()), (0, 0))
    return body.slice(*bounds).strip()


def _head_lines(article: Article, pages: Mapping[str, Page]) -> Iterator[Excerpt]:
    """Yield the printed lines of an article that are none of its body: headline, byline."""
    taken = article.body.spans
    for span in article.spans:
        inside = any(
            span.file == each.file and span.start < each.end and each.start < span.end
            for each in taken
        )
        if not inside and span.file in pages:
            yield Excerpt(pages[span.file].text[span.start : span.end], (span,))


# The answer


def listed(
    question: Question, index: Index, names: Names, facets: Facets, max_passages: int
) -> Answer | None:
    """Return the count or list that ``question`` asks for; ``None`` when it asks for none.

    One citation for each of at most :data:`MAX_LISTED` articles. None found: a refusal that
    says so, without passages.
    """
    request = request_in(question.standalone, facets, question.filters, question.given)
    if request is None:
        return None
    question = replace(question, filters=request.filters)
    adverts, filters = wants_adverts(question), question.in_force
    numbers = index.page_numbers if filters.pages else {}
    meant = [
        article
        for article in index.articles.values()
        if filters.passes(article, numbers) and (adverts or article.genre != "advert")
    ]
    script = frame_of(question)
    frame = listing_wording_of(script)
    if request.facet:
        return _facet_answer(question, request.facet, meant, index, max_passages)
    if request.words:
        forms = forms_of(request.words, names)
        found = [
            _mention(article, chunk, start, end, index, forms)
            for article, chunk, start, end in articles_with(index, forms, (a.id for a in meant))
        ]
        others = _other_forms(request.words, forms, found)
        told = frame.words.format(words=request.words)
        told += frame.also.format(forms=frame.between.join(others)) if others else ""
        head = (frame.mention, frame.mention_one, frame.no_mention)
    else:
        found = [Found(article, _proof(article, index, filters), None) for article in meant]
        told = filters_told(filters, script) if filters else ""
        head = (
            (frame.pass_filters, frame.passes_filters, frame.none_pass)
            if told
            else (frame.all, frame.all_one, frame.none_at_all)
        )
    undated = _undated(index, filters)
    notices = (frame.undated.format(n=undated),) if undated else ()
    if not found:
        return replace(_nothing(question, head[2].format(words=told)), notices=notices)
    opening = (head[1] if len(found) == 1 else head[0]).format(n=len(found), words=told)
    lines = [f"{title_of(each.article, script)}{_dated(each.article)}" for each in found]
    return replace(_whole(question, opening, lines, found, index, max_passages), notices=notices)


def _undated(index: Index, filters: Filters) -> int:
    """Return how many articles a period leaves out because their day of issue is not known."""
    if not filters.periods:
        return 0
    others = replace(filters, periods=())
    numbers = index.page_numbers if filters.pages else {}
    return sum(not a.date and others.passes(a, numbers) for a in index.articles.values())


def _other_forms(words: str, forms: Sequence[str], found: Sequence[Found]) -> list[str]:
    """Return the shortest of the other ``forms`` that stand in what is quoted."""
    quoted = fold("\n".join(each.quote.text for each in found))
    printed = [form for form in forms[1:] if re.search(pattern_of(form), quoted)]
    known = [fold(words)]
    for form in sorted(printed, key=len):
        if not any(shorter in fold(form) for shorter in known):
            known.append(fold(form))
    return [form for form in printed if fold(form) in known[1:]]


def _mention(
    article: Article, chunk: Chunk, start: int, end: int, index: Index, forms: Sequence[str]
) -> Found:
    if start < end:
        return Found(article, chunk.excerpt.slice(start, end).strip(), chunk)
    quotes = (headline_quote(article, index.pages, form) for form in forms)
    body = headline_quote(article, {}, "")
    quote = next((quote for quote in quotes if quote != body), None)
    return Found(article, quote or headline_quote(article, index.pages), chunk)


def _proof(article: Article, index: Index, filters: Filters) -> Excerpt:
    """Return what proves that an article is meant: its byline for a reporter, its headline."""
    names = filters.reporters[0] if filters.reporters else ""
    return headline_quote(article, index.pages, reporter_in(article.byline, names) or "")


def _dated(article: Article) -> str:
    return f" ({article.date})" if article.date else ""


def _facet_answer(
    question: Question,
    facet: Facet,
    meant: Sequence[Article],
    index: Index,
    max_passages: int,
) -> Answer:
    """Return the values of a field, most common first, each with its first article as proof."""
    first: dict[str, Article] = {}
    counts: dict[str, int] = {}
    for article in meant:
        for value in _values(article, facet):
            first.setdefault(value, article)
            counts[value] = counts.get(value, 0) + 1
    script = frame_of(question)
    frame = listing_wording_of(script)
    name = frame.facets[facet]
    if not counts:
        return _nothing(question, frame.no_facet.format(name=name))
    values = sorted(counts, key=lambda value: -counts[value])
    shown = [genre_told(v, script) for v in values] if facet == "genres" else values
    found = [
        Found(
            first[value],
            headline_quote(first[value], index.pages, value if facet == "reporters" else ""),
            None,
        )
        for value in values
    ]
    pieces = [frame.pieces_one if counts[v] == 1 else frame.pieces for v in values]
    lines = [
        f"{told}{frame.colon}{piece.format(n=counts[value])}"
        for value, told, piece in zip(values, shown, pieces, strict=True)
    ]
    opening = frame.facet.format(n=len(values), name=name)
    return _whole(question, opening, lines, found, index, max_passages)


def _values(article: Article, facet: Facet) -> list[str]:
    if facet == "reporters":
        return reporters_of(article.byline)
    value = {"series": article.kicker, "genres": article.genre, "dates": article.date}[facet] or ""
    return [value.strip("■ ")] if value else []


def _whole(
    question: Question,
    opening: str,
    lines: Sequence[str],
    found: Sequence[Found],
    index: Index,
    max_passages: int,
) -> Answer:
    """Return the answer with one numbered line and one citation for each of ``found``."""
    shown = found[:MAX_LISTED]
    text = [
        unmarked(opening),
        *(f"{unmarked(line)}[{n}]" for n, line in enumerate(lines[:MAX_LISTED], start=1)),
    ]
    if len(found) > MAX_LISTED:
        more = listing_wording_of(frame_of(question)).more
        text.append(more.format(shown=MAX_LISTED, rest=len(found) - MAX_LISTED))
    citations = tuple(
        Citation(n, each.article, each.quote) for n, each in enumerate(shown, start=1)
    )
    return Answer(
        question,
        "\n".join(text),
        refused=False,
        mode="extractive",
        confidence=1.0,
        citations=citations,
        passages=tuple(_passages(shown, index))[:max_passages],
    )


def _passages(found: Sequence[Found], index: Index) -> Iterator[Passage]:
    """Yield a passage for each article: where the words stand, or else where it begins."""
    for each in found:
        rows = index.rows_of(each.article.id)
        if each.chunk or rows:
            yield Passage(each.chunk or index.chunks[rows[0]], 1.0)


def _nothing(question: Question, text: str) -> Answer:
    return Answer(question, text, True, "extractive", 0.0, (), ())
