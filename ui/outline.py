"""A page in the terminal as the reassembly read it: its lines, its articles, its doubts.

Readable without colour: every article has a letter. Page text is shown as printed, with
characters that a terminal would act upon written out (``<U+202E>``).
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from string import ascii_uppercase

from rich.cells import cell_len, set_cell_size
from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from index.reading import PlacedLine, Reading
from index.roles import Role
from index.types import Article
from ui.harmless import visible
from ui.terminal import count

SURE = 0.9  # a confidence from here on is not shown
MIN_WORD_CELLS = 12
NOBODY = "-"

# Both colours of a badge are named, so that it is readable in light and dark terminals.
_BADGES = (
    "black on cyan",
    "white on magenta",
    "black on green",
    "white on blue",
    "black on yellow",
    "white on red",
)
_HEADS = (Role.HEADLINE, Role.DECK, Role.SECTION)


def outline(
    reading: Reading, width: int, notes: Mapping[str, str] | None = None
) -> Iterator[RenderableType]:
    """Yield the page line by line, then its articles, then its doubts.

    No line of the page is wider than ``width`` cells, as long as there is room for a few
    words. ``notes`` say something more about articles, by id.
    """
    numbers = (
        count(len(reading.lines), "line"),
        count(len(reading.articles), "article"),
        doubts_counted(len(reading.doubts)),
    )
    yield Text(" · ".join((visible(reading.page.file), *numbers)), style="bold")
    yield Text()
    badges = badges_of(reading.articles)
    yield from _page(reading, badges, width)
    yield Text()
    yield from article_list(reading.articles, badges, lines_of_articles(reading), notes)
    if reading.doubts:
        yield Text()
        yield from doubt_list(reading, width)


def badges_of(articles: Sequence[Article]) -> dict[str | None, Text]:
    """Return the badge of each article by its id, a letter from A on; under None: of no article.

    They are of one width.
    """
    letters = [_letter(number) for number in range(len(articles))]
    width = max(map(len, letters), default=1)
    badges: dict[str | None, Text] = {None: Text(f" {NOBODY:<{width}} ")}
    for number, (article, letter) in enumerate(zip(articles, letters, strict=True)):
        badges[article.id] = Text(f" {letter:<{width}} ", _BADGES[number % len(_BADGES)])
    return badges


def _letter(number: int) -> str:
    rest, last = divmod(number, 26)
    return (_letter(rest - 1) if rest else "") + ascii_uppercase[last]


def doubts_counted(number: int) -> str:
    """Return ``no doubts``, ``1 doubt``, ``2 doubts``."""
    return count(number, "doubt") if number else "no doubts"


# The lines


def _page(reading: Reading, badges: Mapping[str | None, Text], width: int) -> Iterator[Text]:
    doubtful = {doubt.line for doubt in reading.doubts}
    joins = {(a.id, joint.at): joint.confidence for a in reading.articles for joint in a.joins}
    number_width = max((len(str(each.line.number)) for each in reading.lines), default=1)
    role_width = max((len(each.role) for each in reading.lines), default=1)
    above = 0
    for each in reading.lines:
        line = Text(f"{each.line.number:>{number_width}}")
        line.append("?" if each.line.number in doubtful else " ", "bold")
        line.append_text(badges[each.article_id]).append(f" {each.role:<{role_width}} ")
        if each.continues is not None:
            sure = joins.get((each.article_id or "", each.at or 0), 1.0)
            line.append(_carried_on(each, above, sure))
        why, room = _why(each), width - line.cell_len
        if room - cell_len(why) < MIN_WORD_CELLS:
            why = ""  # the words come first
        room = max(MIN_WORD_CELLS, room - cell_len(why))
        words = _shortened(visible(each.line.text), room)
        line.append(words, "bold" if each.role in _HEADS else "").append(why, "dim")
        if each.article_id is None:
            line.stylize("dim")
        yield line
        above = each.line.number


def _shortened(words: str, cells: int) -> str:
    if cell_len(words) <= cells:
        return words
    return set_cell_size(words, cells - 1).rstrip() + "…"


def _carried_on(each: PlacedLine, above: int, sure: float) -> str:
    """Return the mark of a line that carries on another; its number where it is not just above."""
    next_line = each.continues == above == each.line.number - 1
    return "↳" + ("" if next_line else f"{each.continues}") + _sure(sure) + " "


def _sure(confidence: float) -> str:
    return f" ({confidence:.2f})" if confidence < SURE else ""


def _why(each: PlacedLine) -> str:
    parts = (f"{each.confidence:.2f}" if each.confidence < SURE else "", each.reason)
    return "  " + " ".join(filter(None, parts)) if any(parts) else ""


# The articles


def lines_of_articles(reading: Reading) -> dict[str, str]:
    """Return the lines of each article by its id, as ``5-8, 43-71``.

    A run of lines is interrupted by what belongs to another article or to the page.
    """
    runs: dict[str, list[str]] = {}
    for owner, run in groupby(reading.lines, key=lambda each: each.article_id):
        numbers = [each.line.number for each in run]
        if owner is not None:
            span = f"{numbers[0]}-{numbers[-1]}" if len(numbers) > 1 else f"{numbers[0]}"
            runs.setdefault(owner, []).append(span)
    return {owner: ", ".join(spans) for owner, spans in runs.items()}


def article_list(
    articles: Sequence[Article],
    badges: Mapping[str | None, Text],
    lines: Mapping[str, str],
    notes: Mapping[str, str] | None = None,
) -> Iterator[RenderableType]:
    """Yield two rows for each article: badge, id and headline; then what is known of it.

    ``badges`` and ``lines`` are by id, and empty for a file whose lines are not placed.
    """
    for article in articles:
        badge = badges.get(article.id, Text())
        title = Text.assemble(badge, " " if badge else "", f"{article.id}  ")
        title.append(visible(article.headline) or "(no headline)", "bold")
        yield title
        known = (
            visible(article.genre),
            visible(article.byline),
            _date(article),
            f"lines {lines[article.id]}" if article.id in lines else "",
            count(len(article.body.text), "character"),
            "" if article.complete else "not complete",
            visible((notes or {}).get(article.id, "")),
        )
        indent = badge.cell_len + 1
        yield Padding(Text(" · ".join(filter(None, known))), (0, 0, 0, indent), expand=False)


def _date(article: Article) -> str:
    if not article.date:
        return "no date"
    return f"{article.date} ({article.date_source})" if article.date_source else article.date


# The doubts


def doubt_list(reading: Reading, width: int) -> Iterator[Text]:
    """Yield a row for each doubt, in the order of the lines: line, badge, what, how sure."""
    badges = badges_of(reading.articles)
    words = {each.line.number: visible(each.line.text) for each in reading.lines}
    number_width = max((len(str(doubt.line)) for doubt in reading.doubts), default=1)
    for doubt in sorted(reading.doubts, key=lambda each: each.line):
        row = Text(f"line {doubt.line:>{number_width}} ")
        row.append_text(badges[doubt.article_id])
        row.append(f" {doubt.message}{_sure(doubt.confidence)}: ")
        room = max(MIN_WORD_CELLS, width - row.cell_len)
        yield row.append(_shortened(words.get(doubt.line, ""), room), "dim")
