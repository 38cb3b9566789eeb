"""A page becomes its articles: headlines, bylines and paragraphs brought together.

A page of a newspaper, dumped as text, holds several articles in one stream. Each is found
by its byline, dateline or page jump, its paragraphs are rejoined where a column break cut
them, and the headlines are dealt to the bodies whose words they share: on the printed page
they may stand far from each other, or exchanged.
"""

import datetime
import hashlib
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np

from index import lines as page_lines
from index.lines import Line, Role, lines_of
from index.text import HAN, bigrams, fold, words
from index.types import Article, Excerpt, Page, join

# How much of a headline's words another body must hold, beyond what its neighbour holds,
# before the headline is taken from its neighbour.
ADJACENCY = 0.35

# A printed page has a few hundred lines and some dozen articles. What is far larger is a dump
# of many pages, on which comparing all with all would never end: there, headlines stay where
# they stand and pull quotes are not looked for.
MAX_COMPARED_LINES = 2_000
MAX_COMPARED_STORIES = 200

_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:年|[./_-])?(\d{1,2})(?:月|[./_-])?(\d{1,2})日?(?!\d)")
_HAN_TAIL, _HAN_HEAD = re.compile(rf"[{HAN}]+$"), re.compile(rf"[{HAN}]+")
_CHARS_OF_ID = 200
_BODY_ROLES = (Role.BODY, Role.PULL_QUOTE)


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line, its role, and the article that it belongs to (``None``: to the page)."""

    line: Line
    role: Role
    article_id: str | None


@dataclass(slots=True)
class _Story:
    """An article while it is being put together: its lines by role, in printed order."""

    heads: list[Line] = field(default_factory=list)
    kickers: list[Line] = field(default_factory=list)
    bylines: list[Line] = field(default_factory=list)
    body: list[tuple[Line, Role]] = field(default_factory=list)
    others: list[tuple[Line, Role]] = field(default_factory=list)
    complete: bool = True

    @property
    def text(self) -> str:
        """The words of its body."""
        return "\n".join(line.text for line, _ in self.body)


def articles_of(page: Page) -> tuple[list[Article], list[PlacedLine]]:
    """Return the articles of ``page`` in printed order, and every line with its owner.

    Each line that is not blank is placed exactly once.
    """
    lines = lines_of(page)
    roles = _roles(lines)
    stories, furniture = _stories(lines, roles)
    _deal_headlines(stories)
    date = _issue_date(page, furniture)
    articles: list[Article] = []
    openings: Counter[str] = Counter()
    placed = [PlacedLine(line, Role.FURNITURE, None) for line in furniture]
    for story in stories:
        article = _article(page, story, date, openings)
        articles.append(article)
        deck = {line.number for line in story.heads if page_lines.is_deck(line.text)}
        owned = [
            *((line, Role.DECK if line.number in deck else Role.HEADLINE) for line in story.heads),
            *((line, Role.KICKER) for line in story.kickers),
            *((line, Role.BYLINE) for line in story.bylines),
            *story.body,
            *story.others,
        ]
        placed.extend(PlacedLine(line, role, article.id) for line, role in owned)
    placed.sort(key=lambda each: each.line.number)
    return articles, placed


def _roles(lines: Sequence[Line]) -> list[Role]:
    """Return a first role for each line: headline here means that it could be one."""
    roles: list[Role] = []
    compared = lines if len(lines) <= MAX_COMPARED_LINES else ()
    bodies = [line.text for line in compared if "。" in line.text]
    for position, line in enumerate(lines):
        text = line.text
        same_block = position > 0 and lines[position - 1].block == line.block
        goes_on = roles[-1] if same_block else None
        if page_lines.is_jump(text):
            role = Role.JUMP
        elif (
            page_lines.is_byline(text)
            or page_lines.is_source(text)
            or (goes_on is Role.BYLINE and page_lines.is_name(text))
        ):
            role = Role.BYLINE
        elif page_lines.is_furniture(text) or (
            goes_on is Role.FURNITURE and page_lines.is_head_like(text)
        ):
            role = Role.FURNITURE
        elif (
            len(text) >= 12
            and text[-1] in "。！？"
            and any(text in body and text != body for body in bodies)
        ):
            role = Role.PULL_QUOTE
        elif page_lines.is_head_like(text):
            role = Role.HEADLINE
        else:
            role = Role.BODY
        roles.append(role)
    for position in range(len(lines) - 1):
        if roles[position] is Role.HEADLINE and roles[position + 1] is Role.BODY:
            before = roles[position - 1] if position else None
            cut = before is Role.BODY and not page_lines.is_finished(lines[position - 1].text)
            within = before in (Role.BODY, Role.BYLINE)
            following = lines[position + 1].text
            if page_lines.has_dateline(following):
                continue
            if cut or (within and _is_fragment(lines[position].text, following)):
                roles[position] = Role.BODY
    return roles


def _is_fragment(text: str, following: str) -> bool:
    """Return whether a short line above a paragraph is a piece of it, cut by a column."""
    if text[-1] in "？！?!" or page_lines.is_kicker(text):
        return False
    return "，" in text or "," in text or _joins_a_word(text, following)


def _joins_a_word(text: str, following: str) -> bool:
    """Return whether a word runs across the cut between ``text`` and ``following``."""
    tail, head = _HAN_TAIL.search(fold(text)[-6:]), _HAN_HEAD.match(fold(following)[:6])
    if not tail or not head:
        return False
    offset = 0
    for word in words(tail[0] + head[0]):
        if offset < len(tail[0]) < offset + len(word):
            return True
        offset += len(word)
    return False


def _stories(lines: Sequence[Line], roles: Sequence[Role]) -> tuple[list[_Story], list[Line]]:
    """Return the articles, each with the head lines that stand before it, and the furniture.

    The page alternates between runs of body lines and the lines that stand between them.
    What stands between is the end of one article (a trailing credit, a page jump), then the
    front of the next, or only a section head of the same one.
    """
    roled = list(zip(lines, roles, strict=True))
    furniture = [line for line, role in roled if role is Role.FURNITURE]
    runs = [
        (is_body, list(run))
        for is_body, run in groupby(
            (pair for pair in roled if pair[1] is not Role.FURNITURE),
            key=lambda pair: pair[1] in _BODY_ROLES,
        )
    ]
    stories: list[_Story] = []
    closed = True  # no article is open
    for position, (is_body, run) in enumerate(runs):
        if is_body:
            if closed:
                stories.append(_Story())
                closed = False
            _add_body(stories, run)
            continue
        following = runs[position + 1][1] if position + 1 < len(runs) else []
        tail, front = _split_between(run, has_body_next=bool(following))
        for line, role in tail:
            if not stories:
                stories.append(_Story())
            if role is Role.JUMP:
                stories[-1].others.append((line, role))
                stories[-1].complete = False
            elif role is Role.BYLINE:
                stories[-1].bylines.append(line)
            else:
                furniture.append(line)
        closed = closed or bool(tail) or not following
        if not following:
            furniture.extend(line for line, _ in front)
        elif closed or _is_front(front, following, runs[position + 2 : position + 4]):
            if not stories:
                banner, front = _split_banner(front)
                furniture.extend(banner)
            stories.append(_front_story(front))
            closed = False
        elif front:
            stories[-1].body.extend((line, Role.SECTION) for line, _ in front)
    for story in stories:
        if not story.body:
            furniture.extend([*story.heads, *story.kickers, *story.bylines])
            furniture.extend(line for line, _ in story.others)
    return [story for story in stories if story.body], furniture


def _add_body(stories: list[_Story], run: Sequence[tuple[Line, Role]]) -> None:
    """Add body lines to the last story; a dateline or page jump among them starts another."""
    for line, role in run:
        story = stories[-1]
        if role is Role.PULL_QUOTE:
            story.others.append((line, role))
            continue
        if story.body and (
            page_lines.has_dateline(line.text)
            or page_lines.jumps_in(line.text)
            or page_lines.jumps_out(story.body[-1][0].text)
        ):
            story = _Story()
            stories.append(story)
        story.body.append((line, role))
        if page_lines.jumps_in(line.text) or page_lines.jumps_out(line.text):
            story.complete = False


def _split_between(
    run: Sequence[tuple[Line, Role]], has_body_next: bool
) -> tuple[list[tuple[Line, Role]], list[tuple[Line, Role]]]:
    """Return the lines that end the article before, and those that open what comes next."""
    tail_end = 0
    for position, (line, role) in enumerate(run):
        heads_follow = any(later is not Role.BYLINE for _, later in run[position + 1 :])
        ends_article = (
            (role is Role.JUMP and not page_lines.jumps_in(line.text))
            or (role is Role.BYLINE and page_lines.is_source(line.text))
            or (role is Role.BYLINE and (heads_follow or not has_body_next))
        )
        if ends_article:
            tail_end = position + 1
    heads_before_tail = any(role is Role.HEADLINE for _, role in run[:tail_end])
    if heads_before_tail and has_body_next:
        # Headline, byline, headline: the byline is not the end of what came before.
        tail_end = next(i for i, (_, role) in enumerate(run) if role is Role.HEADLINE)
    return list(run[:tail_end]), list(run[tail_end:])


def _is_front(
    front: Sequence[tuple[Line, Role]],
    following: Sequence[tuple[Line, Role]],
    later: Sequence[tuple[bool, list[tuple[Line, Role]]]],
) -> bool:
    """Return whether ``front`` opens an article, rather than a section of the open one."""
    if any(role in (Role.BYLINE, Role.JUMP) for _, role in front):
        return True
    if page_lines.has_dateline(following[0][0].text):
        return True
    # A signed picture story: a headline, a few lines, and the credit at the end.
    between = [line_role for is_body, run in later[:1] if not is_body for line_role in run]
    return (
        any(role is Role.HEADLINE for _, role in between)
        and between[0][1] is Role.BYLINE
        and not page_lines.is_source(between[0][0].text)
    )


def _split_banner(
    front: Sequence[tuple[Line, Role]],
) -> tuple[list[Line], list[tuple[Line, Role]]]:
    """Return the slogan of the whole page, and the front without it.

    The slogan stands in a block of its own above the first headline of the page.
    """
    heads = [
        line
        for line, role in front
        if role is Role.HEADLINE and not page_lines.is_kicker(line.text)
    ]
    blocks = {line.block for line in heads}
    if len(blocks) < 2:
        return [], list(front)
    banner = [line for line in heads if line.block == heads[0].block]
    return banner, [pair for pair in front if pair[0] not in banner]


def _front_story(front: Sequence[tuple[Line, Role]]) -> _Story:
    """Return a new article from the lines that open it, sorted into their roles."""
    story = _Story()
    for line, role in front:
        if role is Role.BYLINE:
            story.bylines.append(line)
        elif role is Role.JUMP:
            story.others.append((line, role))
            story.complete = False
        elif page_lines.is_kicker(line.text):
            story.kickers.append(line)
        else:
            story.heads.append(line)
    if len(story.heads) > 1 and not story.bylines and story.heads[-1].text[-1] in "？?":
        story.body.append((story.heads.pop(), Role.SECTION))
    return story


def _deal_headlines(stories: Sequence[_Story]) -> None:
    """Give each group of head lines to the body whose words it shares, one to one.

    A headline stays with the body below it unless another body holds clearly more of its
    words (character bigrams weighted by how few bodies of the page hold them). Solved as a
    linear sum assignment.
    """
    from scipy.optimize import linear_sum_assignment

    groups = [position for position, story in enumerate(stories) if story.heads]
    if not 2 <= len(stories) <= MAX_COMPARED_STORIES or not groups:
        return
    bodies = [set(bigrams(fold(story.text))) for story in stories]
    spread = Counter(term for body in bodies for term in body)
    shares = np.zeros((len(groups), len(stories)))
    for row, group in enumerate(groups):
        head = set(bigrams(fold(" ".join(line.text for line in stories[group].heads))))
        weights = {term: math.log((len(bodies) + 1) / (spread[term] + 0.5)) for term in head}
        total = sum(weights.values()) or 1.0
        for column, body in enumerate(bodies):
            shares[row, column] = sum(w for term, w in weights.items() if term in body) / total
            shares[row, column] += ADJACENCY * (column == group)
    heads = [story.heads for story in stories]
    for position in groups:
        stories[position].heads = []
    for row, column in zip(*linear_sum_assignment(shares, maximize=True), strict=True):
        stories[column].heads = heads[groups[row]]


def _paragraphs(body: Sequence[tuple[Line, Role]]) -> Excerpt:
    """Return the running text: pieces of one paragraph rejoined, one paragraph a line."""
    pieces: list[Excerpt] = []
    for position, (line, role) in enumerate(body):
        pieces.append(line.excerpt)
        following = body[position + 1] if position + 1 < len(body) else None
        cut = (
            following is not None
            and role is Role.BODY
            and following[1] is Role.BODY
            and not page_lines.is_finished(line.text)
        )
        if following is not None and not cut:
            pieces.append(line.line_break)
    return join(pieces)


def _article(page: Page, story: _Story, date: str | None, openings: Counter[str]) -> Article:
    body = _paragraphs(story.body)
    decks = [line for line in story.heads if page_lines.is_deck(line.text)]
    main = [line for line in story.heads if line not in decks]
    sections = [line for line, role in story.body if role is Role.SECTION]
    byline = " ".join(line.text for line in story.bylines)
    headline = " ".join(line.text for line in main)
    owned = [*story.heads, *story.bylines, *(line for line, _ in story.body)]
    return Article(
        id=_stable_id(page.file, body.text, openings),
        file=page.file,
        headline=headline,
        subheads=tuple(line.text for line in (*decks, *sections)),
        kicker=" ".join(line.text for line in story.kickers),
        byline=byline,
        date=date,
        genre=_genre(byline, decks, story),
        complete=story.complete,
        body=body,
        spans=join(line.excerpt for line in sorted(owned, key=lambda line: line.number)).spans,
    )


def _stable_id(file: str, body: str, openings: Counter[str]) -> str:
    """Return twelve hexadecimal digits that stay the same while the opening words do.

    ``openings`` counts the opening words that the file has had: equal ones are numbered.
    """
    opening = fold(body[:_CHARS_OF_ID])
    seed = f"{file}\n{opening}\n{openings[opening]}"
    openings[opening] += 1
    return hashlib.sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _genre(byline: str, decks: Sequence[Line], story: _Story) -> str:
    if "评论员" in byline:
        return "comment"
    if any(line.text.lstrip("—―-─").startswith("访") for line in decks):
        return "interview"
    if byline.endswith(("图", "摄")) and len(story.text) < 400:
        return "caption"
    dated = story.body and page_lines.has_dateline(story.body[0][0].text)
    return "news" if dated else "feature"


def _issue_date(page: Page, furniture: Sequence[Line]) -> str | None:
    """Return the date of issue as YYYY-MM-DD from a date line or the file's name, if any."""
    for text in (*(line.text for line in furniture), page.file):
        match = _DATE.search(text)
        if match:
            year, month, day = map(int, match.groups())
            try:
                return datetime.date(year, month, day).isoformat()
            except ValueError:
                continue
    return None
