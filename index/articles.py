"""A page becomes its articles: headlines, bylines and paragraphs brought together.

A page of a newspaper, dumped as text, holds several articles in one stream. The way of a
page: lines and pieces (``lines.py``), what each is for (``roles.py``, ``heads.py``), which
piece of text goes on where (``threads.py``), whose each headline is (``headlines.py``), the
articles put together (``stories.py``), what a person has corrected (``mending.py``), and
here: paragraphs rejoined across cuts (``joins.py``), dates, genres, and the place of every
word.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from index import bylines, forms
from index.corrections import PageCorrections
from index.dates import issue_date
from index.doubts import doubts_of
from index.genres import genre_of
from index.ids import stable_id
from index.joins import join_confidence
from index.lines import Piece, lines_of, pieces_of
from index.mending import corrected, told_join
from index.mentions import WEEKDAY
from index.ngrams import Ngrams, bundled_ngrams
from index.reading import Doubt, PlacedLine, Reading
from index.roles import Role
from index.stories import Cutting, Placed, Story, cutting_of
from index.types import Article, DateSource, Excerpt, Join, Page, join

WINDOW_PIECES = 400  # a dump of many pages is read so many at a time
MAX_WINDOW_PIECES = 800
JOINED = 1.1  # the least sum of how well two pieces meet and how sure the second is placed

Joins = Mapping[tuple[int, int], bool]  # what a person has said of two lines


@dataclass(frozen=True, slots=True)
class _Running:
    """Running text as it is read: its words, its joins, and the place of each piece.

    ``places`` holds for each piece its offset in ``body`` and the line that it carries on.
    """

    body: Excerpt
    joins: tuple[Join, ...]
    places: tuple[tuple[Placed, int, int | None], ...]


def articles_of(page: Page, corrections: PageCorrections | None = None) -> Reading:
    """Return what the reassembly makes of ``page``, mended as ``corrections`` say.

    Each line that is not blank is placed exactly once; any text gives a reading. Raises
    :class:`index.types.CorpusError` for corrections that do not fit the page.
    """
    ngrams = bundled_ngrams()
    pieces = pieces_of(lines_of(page))
    cuttings = [cutting_of(window, ngrams) for window in _windows(pieces)]
    cutting = Cutting(
        [story for each in cuttings for story in each.stories],
        [placed for each in cuttings for placed in each.furniture],
        any(each.indents for each in cuttings),
    )
    if corrections:
        cutting = corrected(cutting, corrections)
    date, source = _issued(page, cutting)
    if corrections and corrections.date:
        date, source = corrections.date, "corrected"
    joins = corrections.joins if corrections else {}
    openings: Counter[str] = Counter()
    articles: list[Article] = []
    doubts: list[Doubt] = []
    lines = [line for placed in cutting.furniture for line in _placed_lines(placed, None)]
    for story in cutting.stories:
        running = _running(story, cutting.indents, ngrams, joins)
        identity = stable_id(page.file, running.body.text, openings)
        article = _article(page, story, running, identity, date, source)
        owned = _lines(story, running, identity)
        articles.append(article)
        lines.extend(owned)
        doubts.extend(doubts_of(article, story, owned))
    lines.sort(key=lambda each: each.line.number)
    return Reading(page, tuple(articles), tuple(lines), tuple(doubts))


def _windows(pieces: Sequence[Piece]) -> Iterable[Sequence[Piece]]:
    """Yield ``pieces`` in runs that one page could hold, cut above the start of an article."""
    start = 0
    while len(pieces) - start > MAX_WINDOW_PIECES:
        end = start + MAX_WINDOW_PIECES
        for at in range(start + WINDOW_PIECES, end):
            opens = bylines.is_byline(pieces[at + 1].text) or forms.has_dateline(
                pieces[at + 1].text
            )
            ended = forms.is_finished(pieces[at - 1].text)
            if opens and ended and forms.is_head_like(pieces[at].text):
                end = at
                break
        yield pieces[start:end]
        start = end
    if start < len(pieces):
        yield pieces[start:]


def _issued(page: Page, cutting: Cutting) -> tuple[str | None, DateSource | None]:
    """Return the day of issue and where it was read.

    Between the articles, a date without its weekday may be that of a notice: it tells the day
    only where neither the head, the foot nor the name of the page does.
    """
    furniture = [p.piece for p in cutting.furniture if p.role is Role.FURNITURE]
    numbers = [p.piece.number for story in cutting.stories for p in story.body]
    first, last = min(numbers, default=0), max(numbers, default=0)
    telling = [
        piece.printed
        for piece in furniture
        if not first < piece.number < last or re.search(WEEKDAY, piece.text)
    ]
    date, source = issue_date(telling, page.file, ())
    if date:
        return date, source
    bodies = ["\n".join(p.piece.printed for p in story.body) for story in cutting.stories]
    return issue_date([piece.printed for piece in furniture], page.file, bodies)


def _running(story: Story, indents: bool, ngrams: Ngrams, told: Joins) -> _Running:
    """Return the running text of a story: its body, then its captions."""
    excerpts: list[Excerpt] = []
    joins: list[Join] = []
    places: list[tuple[Placed, int, int | None]] = []
    offset, carried = 0, None
    running = [*story.body, *story.captions]
    for number, placed in enumerate(running):
        places.append((placed, offset, carried))
        words = join(line.excerpt for line in placed.piece.lines)
        excerpts.append(words)
        offset += len(words.text)
        carried = None
        if number + 1 == len(running):
            break
        following = running[number + 1]
        sure = _join_of(placed, following, indents, ngrams, told)
        if sure:
            joins.append(Join(offset, sure))
            carried = placed.piece.lines[-1].number
        else:
            line_break = placed.piece.lines[-1].line_break
            if not line_break:  # the last line of the file: what follows stands above it
                line_break = following.piece.lines[-1].line_break
            excerpts.append(line_break)
            offset += len(line_break.text)
    return _Running(join(excerpts), tuple(joins), tuple(places))


def _join_of(first: Placed, second: Placed, indents: bool, ngrams: Ngrams, told: Joins) -> float:
    """Return how sure it is that ``second`` carries on the paragraph of ``first``; 0: it does not.

    A join is no surer than that both pieces are in the right article.
    """
    said = told_join(told, first.piece, second.piece)
    if said is not None:
        return float(said)
    apart = (Role.SECTION, Role.CAPTION)
    if first.role in apart or second.role in apart:
        return 0.0
    sure = join_confidence(first.piece, first.role, second.piece, second.role, indents, ngrams)
    place = min(first.confidence, second.confidence)
    return sure * place if sure + second.confidence >= JOINED else 0.0


def _placed_lines(
    placed: Placed, article_id: str | None, at: int | None = None, continues: int | None = None
) -> list[PlacedLine]:
    found = []
    for line in placed.piece.lines:
        confidence, reason = placed.confidence, placed.reason
        found.append(PlacedLine(line, placed.role, article_id, at, continues, confidence, reason))
        at = None if at is None else at + len(line.text)
        continues = line.number
    return found


def _lines(story: Story, running: _Running, identity: str) -> list[PlacedLine]:
    outside = (*story.heads, *story.kickers, *story.bylines, *story.asides)
    return [
        *(line for placed in outside for line in _placed_lines(placed, identity)),
        *(
            line
            for placed, at, continues in running.places
            for line in _placed_lines(placed, identity, at, continues)
        ),
    ]


def _article(
    page: Page,
    story: Story,
    running: _Running,
    identity: str,
    date: str | None,
    source: DateSource | None,
) -> Article:
    decks = [placed.piece.printed for placed in story.heads if placed.role is Role.DECK]
    sections = [placed.piece.printed for placed in story.body if placed.role is Role.SECTION]
    spanned = sorted(
        (
            line
            for placed in (*story.heads, *story.bylines, *story.body, *story.captions)
            for line in placed.piece.lines
        ),
        key=lambda line: line.number,
    )
    return Article(
        id=identity,
        file=page.file,
        headline=_words(placed for placed in story.heads if placed.role is Role.HEADLINE),
        subheads=(*decks, *sections),
        kicker=_words(story.kickers),
        byline=_words(story.bylines),
        date=date,
        genre=genre_of(story),
        complete=not (story.jumped_in or story.jumped_out),
        body=running.body,
        spans=join(line.excerpt for line in spanned).spans,
        date_source=source,
        joins=running.joins,
        broken_off=story.jumped_out,
        taken_up=story.jumped_in,
    )


def _words(placed: Iterable[Placed]) -> str:
    return " ".join(each.piece.printed for each in placed)
