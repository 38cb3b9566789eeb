"""What a person should look at in an article: where its reading is unsure, or looks wrong."""

import re
from collections.abc import Iterator, Mapping, Sequence

from index import bylines, forms
from index.lines import Line
from index.reading import Doubt, PlacedLine
from index.roles import TEXT_ROLES, Role
from index.stories import Placed, Story
from index.text import HAN
from index.types import DOUBTFUL, Article

DOUBTFUL_PLACE = 0.7  # a line that is less sure than this of its article is told
DOUBTFUL_HEADLINE = 0.6
MIN_BODY_CHARS = 30
FIRST_HALF = "its first half stands on another page"
SECOND_HALF = "its second half stands on another page"
ELSEWHERE = frozenset({FIRST_HALF, SECOND_HALF})  # no doubts where the other half is found
LOOKS_WRONG = 0.5  # the confidence of a doubt that no probability stands behind

_BRIEF = frozenset({"notice", "advert", "caption"})  # genres that may be a line or two
_UNTITLED = frozenset({"advert", "caption"})
_ASIDE = re.compile(r"[（(][^（()）]{0,40}[）)]\s*$")  # （记者 甲乙）, （完）

_TITLES = re.compile(rf"[{HAN}]*(?:记者|通讯员|评论员|撰稿人?|特派员|作者|编译|整理|实习生|执笔)")
_PARTED_NAME = re.compile(rf"(?<![{HAN}])([{HAN}])[\s\u3000]+([{HAN}])(?![{HAN}])")


def doubts_of(article: Article, story: Story, lines: Sequence[PlacedLine]) -> list[Doubt]:
    """Return the doubts about ``article``, in the order of its lines.

    ``story`` is what it was put together from, ``lines`` are its lines as they were placed,
    in any order. ``Doubt.confidence`` is that of the reading which is doubted.
    """
    found: list[tuple[int, str, float]] = [
        *_doubtful_joins(article, lines),
        *_doubtful_places(story),
        *_missing(article, story),
        *_bylines(story),
    ]
    return [
        Doubt(line, article.id, message, confidence)
        for line, message, confidence in sorted(found, key=lambda doubt: doubt[0])
    ]


def _doubtful_joins(
    article: Article, lines: Sequence[PlacedLine]
) -> Iterator[tuple[int, str, float]]:
    """Yield the joins that are unsure by themselves, not because a line is misplaced."""
    by_offset: Mapping[int | None, PlacedLine] = {each.at: each for each in lines}
    by_number: Mapping[int | None, PlacedLine] = {each.line.number: each for each in lines}
    for joint in article.joins:
        second = by_offset.get(joint.at)
        first = by_number.get(second.continues) if second else None
        if first is None or second is None or joint.confidence >= DOUBTFUL:
            continue
        if min(first.confidence, second.confidence) >= DOUBTFUL_PLACE:
            message = f"may not carry on the paragraph of line {second.continues}"
            yield second.line.number, message, joint.confidence


def _doubtful_places(story: Story) -> Iterator[tuple[int, str, float]]:
    """Yield what may belong elsewhere; the lines of a headline that stand together once."""
    for placed in (*story.body, *story.captions, *story.bylines, *story.asides):
        if placed.confidence < DOUBTFUL_PLACE:
            what = "text" if placed.role is Role.BODY else placed.role
            message = f"this {what} may belong to another article"
            yield placed.piece.number, message, placed.confidence
    below: Line | None = None
    for placed in sorted((*story.heads, *story.kickers), key=_number):
        line = placed.piece.lines[0]
        together = below is not None and line.number - below.number <= 2  # a blank line between
        below = placed.piece.lines[-1]
        if placed.confidence < DOUBTFUL_HEADLINE and not together:
            message = f"this {placed.role} may belong to another article"
            yield line.number, message, placed.confidence


def _missing(article: Article, story: Story) -> Iterator[tuple[int, str, float]]:
    """Yield what a whole article would have: a headline, both halves, a text, an end."""
    running = [*story.body, *story.captions]
    if not running:
        return
    first, last = running[0].piece.number, running[-1].piece.lines[-1].number
    if not article.headline and article.genre not in _UNTITLED:
        yield first, "this article has no headline", LOOKS_WRONG
    if story.jumped_in:
        yield first, FIRST_HALF, LOOKS_WRONG
    if story.jumped_out:
        yield last, SECOND_HALF, LOOKS_WRONG
    if len(article.body.text) < MIN_BODY_CHARS and article.genre not in _BRIEF:
        message = f"the whole text has {len(article.body.text)} characters"
        yield first, message, LOOKS_WRONG
    elif not story.jumped_out and story.body and _is_left_open(story.body[-1]):
        yield story.body[-1].piece.lines[-1].number, "the text ends in mid-sentence", LOOKS_WRONG


def _is_left_open(placed: Placed) -> bool:
    """Return whether running text stops without the mark that ends a sentence."""
    if placed.role not in TEXT_ROLES - {Role.TABLE, Role.NOTICE, Role.ADVERT}:
        return placed.role is Role.SECTION
    text = placed.piece.text
    return not (forms.is_finished(text) or forms.is_finished(_ASIDE.sub("", text)))


def _bylines(story: Story) -> Iterator[tuple[int, str, float]]:
    """Yield bylines of other people than the first, with text of the article between them."""
    texts = [placed.piece.number for placed in story.body if placed.role in TEXT_ROLES]
    writers = [(_number(each), _people(each.piece.text)) for each in story.bylines]
    signed = sorted((each for each in writers if each[1]), key=lambda each: each[0])
    for number, names in signed[1:]:
        first, others = signed[0]
        if not names & others and any(first < text < number for text in texts):
            yield number, f"another byline than that of line {first}", LOOKS_WRONG


def _number(placed: Placed) -> int:
    return placed.piece.number


def _people(byline: str) -> frozenset[str]:
    """Return who wrote: names of two to four characters, without photographers and sources."""
    if bylines.credits_photo(byline) or bylines.is_source(byline):
        return frozenset()
    names = _PARTED_NAME.sub(r"\1\2", _TITLES.sub(" ", byline))
    found = re.findall(rf"(?<![{HAN}])[{HAN}]{{2,4}}(?![{HAN}])", names)
    return frozenset(filter(bylines.is_names, found))
