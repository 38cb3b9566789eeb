"""An article set as HTML: each printed piece says where its words stand in the received file.

``data-at="<start>-<end>"`` holds the place of exactly the words inside, ``data-file`` their
file where it is not that of the element around; ``data-places`` tells of a headline or byline
which places it was put together from, written as in a link. With these the page marks any
words by itself.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from index.types import Article, Page, Span
from rag.gloss import Gloss, glosses
from rag.names import Names
from ui.links import places
from ui.render import file_label, inert
from ui.strings import Strings

MAX_GLOSSED_CHARS = 20_000  # of an article; some 250 ms


def body_html(article: Article, strings: Strings) -> str:
    """Return the running text, one ``<p>`` a paragraph; section heads are ``<h2>``."""
    return _set(article, strings, {})


def glossed_html(article: Article, strings: Strings, names: Names) -> str:
    """Return the running text with the gloss of each Chinese word, ``data-p`` and ``data-e``.

    Those hold pinyin and English, either of which may be empty. What stands behind the
    paragraph that passes ``MAX_GLOSSED_CHARS`` has no glosses, and is said to have none.
    """
    told: dict[int, Sequence[Gloss]] = {}
    for start, end in _paragraphs(article):
        if end > MAX_GLOSSED_CHARS:
            break
        told[start] = glosses(article.body.text[start:end], names)
    whole = len(told) == len(_paragraphs(article))
    hint, cut = (
        f'<p class="note" lang="{strings.html_lang}">{inert(said)}</p>'
        for said in (strings.words_hint, strings.words_cut)
    )
    file = inert(article.file)
    return (
        f'{hint}<div class="glossed" data-file="{file}">{_set(article, strings, told)}</div>'
        f"{'' if whole else cut}"
    )


def _paragraphs(article: Article) -> list[tuple[int, int]]:
    """Return the places in the body of the lines that are not blank, without their ends."""
    found = []
    start = 0
    for line in article.body.text.splitlines(keepends=True):
        if line.strip():
            found.append((start, start + len(line.rstrip("\r\n"))))
        start += len(line)
    return found


def _set(article: Article, strings: Strings, told: Mapping[int, Sequence[Gloss]]) -> str:
    heads = {squashed(each) for each in article.subheads}
    several = len(article.files) > 1
    parts: list[str] = []
    file = ""
    for start, end in _paragraphs(article):
        pieces: list[str] = []
        at = start
        words = told.get(start, ())
        for span in article.body.slice(start, end).spans:
            if several and span.file != file:
                pieces.append(file_label(span.file, strings))
            file = span.file
            last = at + span.end - span.start
            inside = _worded(article.body.text[at:last], at - start, words)
            pieces.append(_piece(span, article.file, inside))
            at = last
        head = squashed(article.body.text[start:end]) in heads
        tag = 'h2 class="section"' if head else "p"
        parts.append(f"<{tag}>{''.join(pieces)}</{tag[:2].strip()}>")
    return "".join(parts)


def _piece(span: Span, file: str, inside: str) -> str:
    named = "" if span.file == file else f' data-file="{inert(span.file)}"'
    return f'<span data-at="{span.start}-{span.end}"{named}>{inside}</span>'


def _worded(text: str, offset: int, words: Sequence[Gloss]) -> str:
    """Return ``text`` inert, ``offset`` its place in its paragraph, with what is told of words."""
    end = offset + len(text)
    inside = [each for each in words if each.start < end and offset < each.end]
    cuts = {offset, end}
    cuts.update(min(max(cut, offset), end) for each in inside for cut in (each.start, each.end))
    parts = []
    waiting = iter(inside)
    word = next(waiting, None)
    for first, last in pairwise(sorted(cuts)):
        while word is not None and word.end <= first:
            word = next(waiting, None)
        shown = inert(text[first - offset : last - offset])
        if word is not None and word.start <= first and (word.pinyin or word.english):
            said = f'data-p="{inert(word.pinyin)}" data-e="{inert(word.english)}"'
            shown = f'<span class="w" {said}>{shown}</span>'
        parts.append(shown)
    return "".join(parts)


def head_html(tag: str, name: str, text: str, article: Article, pages: Mapping[str, Page]) -> str:
    """Return a headline, deck or byline in ``tag`` of the class ``name``; empty without text.

    It tells the places outside the body whose words it holds.
    """
    if not text:
        return ""
    whole = squashed(text)
    held = [
        span
        for span in _outside(article)
        if squashed(pages[span.file].text[span.start : span.end]) in whole
    ]
    told = f' data-places="{places(held, article.file)}"' if held else ""
    return f'<{tag} class="{name}"{told} lang="zh">{inert(text)}</{tag}>'


def _outside(article: Article) -> list[Span]:
    body = article.body.spans
    return [
        span
        for span in article.spans
        if not any(
            each.file == span.file and each.start < span.end and span.start < each.end
            for each in body
        )
    ]


def squashed(text: str) -> str:
    """Return ``text`` without its white space."""
    return "".join(text.split())
