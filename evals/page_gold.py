"""The gold of a page: what each line is, whose it is and what it carries on; read and written."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from index.corrections import GENRES, OWNERLESS, PAGE_ROLES
from index.lines import lines_of
from index.roles import Role
from index.types import CorpusError, DateSource, Page

DATE_SOURCES = frozenset(get_args(DateSource))
GUARD_CHARS = 12
NOBODY = "-"


@dataclass(frozen=True, slots=True)
class GoldLine:
    """A line of the page: ``continues`` where it carries on the line before it in the gold.

    ``article`` is None for what belongs to the page. ``opening`` holds its first words, a
    guard against a page that was changed.
    """

    number: int
    role: Role
    article: str | None
    continues: bool
    opening: str


@dataclass(frozen=True, slots=True)
class GoldPage:
    """How a person reads a page: its lines in reading order, article after article.

    ``genres`` and ``wholes`` hold an entry for each article; an article is not whole where
    its other half stands elsewhere. ``date`` is the day of issue, where the page states it.
    ``notes`` are the comments of the person who read it.
    """

    name: str
    page: Page
    lines: tuple[GoldLine, ...]
    genres: Mapping[str, str]
    wholes: Mapping[str, bool]
    date: str | None = None
    date_source: DateSource | None = None
    notes: tuple[str, ...] = ()

    def lines_of(self, article: str | None) -> tuple[GoldLine, ...]:
        """Return the lines of an article in reading order; of the page itself for None."""
        return tuple(line for line in self.lines if line.article == article)


def opening_of(words: str) -> str:
    """Return the guard of a line: its first words, up to a tab."""
    return words.partition("\t")[0][:GUARD_CHARS].rstrip()


def read_gold(tsv: Path, page: Page) -> GoldPage:
    """Return the gold in ``tsv`` of ``page``.

    Raises :class:`CorpusError` with the file and the row for gold that is malformed or is
    not of this page: a line that is missing, given twice or begins in another way, an
    unknown role or genre, an article without a row, a ``+`` that carries on nothing.
    """
    try:
        rows = tsv.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{tsv.name}: cannot read the gold ({error}); write it anew") from None
    lines: list[GoldLine] = []
    genres: dict[str, str] = {}
    wholes: dict[str, bool] = {}
    date: str | None = None
    date_source: DateSource | None = None
    notes: list[str] = []
    for number, row in enumerate(rows, start=1):
        fields = row.rstrip("\r").split("\t")
        try:
            if row.startswith("#"):
                notes.append(row[1:].strip())
            elif fields[0] == "article":
                letter, genre, whole = _article(fields, genres)
                genres[letter], wholes[letter] = genre, whole
            elif fields[0] == "date":
                date, date_source = _date(fields)
            elif row.strip():
                lines.append(_line(fields))
        except ValueError as error:
            raise CorpusError(f"{tsv.name}:{number}: {error}") from None
    gold = GoldPage(tsv.stem, page, tuple(lines), genres, wholes, date, date_source, tuple(notes))
    problem = problem_of(gold)
    if problem:
        raise CorpusError(f"{tsv.name}: {problem}")
    return gold


def write_gold(gold: GoldPage, tsv: Path) -> None:
    """Write ``gold`` so that :func:`read_gold` reads the same; raises OSError."""
    tsv.write_text(gold_text(gold), encoding="utf-8", newline="\n")


def gold_text(gold: GoldPage) -> str:
    """Return the rows of ``gold`` as they stand in its file."""
    rows = [f"# {note}" for note in gold.notes]
    if gold.date:
        rows.append(f"date\t{gold.date}\t{gold.date_source}")
    rows += [
        f"article\t{letter}\t{genre}\t{'whole' if gold.wholes[letter] else 'part'}"
        for letter, genre in gold.genres.items()
    ]
    rows += [
        f"{line.number}\t{line.role}\t{line.article or NOBODY}\t"
        f"{'+' if line.continues else ''}\t{line.opening}"
        for line in gold.lines
    ]
    return "\n".join(rows) + "\n"


def problem_of(gold: GoldPage) -> str:
    """Return what is wrong with ``gold``, one line; empty where it is sound."""
    words = {line.number: line.text for line in lines_of(gold.page)}
    seen: set[int] = set()
    closed: set[str | None] = set()
    before: GoldLine | None = None
    for line in gold.lines:
        problem = _problem_of_line(line, before, words, gold.genres)
        if line.number in seen:
            problem = "has two rows; keep one"
        if before is None or before.article != line.article:
            if line.article in closed and line.article is not None:
                problem = f"stands apart from article {line.article}; keep its rows together"
            closed.add(line.article)
        if problem:
            return f"line {line.number} {problem}"
        seen.add(line.number)
        before = line
    missing = sorted(words.keys() - seen)
    if missing:
        return f"line {missing[0]} ({words[missing[0]][:GUARD_CHARS]}) has no row; add one"
    empty = gold.genres.keys() - closed
    return f"article {min(empty)} has no lines; remove its row" if empty else ""


def _problem_of_line(
    line: GoldLine, before: GoldLine | None, words: Mapping[int, str], articles: Mapping[str, str]
) -> str:
    found = words.get(line.number)
    if found is None:
        return "is blank or not on the page; correct the number"
    if not line.opening or not found.startswith(line.opening):
        return f"begins with {found[:GUARD_CHARS]!r}, not {line.opening!r}; read the page again"
    if line.article is None and line.role not in PAGE_ROLES:
        return f"is {line.role} and has no article; name one"
    if line.article is not None and line.role in OWNERLESS:
        return f"is {line.role} and has an article; write {NOBODY}"
    if line.article is not None and line.article not in articles:
        return f"belongs to article {line.article!r}, which has no row; add one"
    if line.continues and (before is None or before.article != line.article):
        return "carries on a line of another article; remove the + or move the row"
    return ""


def _article(fields: Sequence[str], known: Mapping[str, str]) -> tuple[str, str, bool]:
    if len(fields) != 4:
        raise ValueError(f"an article row has 4 fields, not {len(fields)}")
    _, letter, genre, whole = fields
    if not letter or letter == NOBODY or letter in known:
        raise ValueError(f"article {letter!r} is no name or has a row already")
    if genre not in GENRES:
        raise ValueError(f"genre {genre!r} is not one of {', '.join(sorted(GENRES))}")
    if whole not in ("whole", "part"):
        raise ValueError(f"{whole!r} is neither whole nor part")
    return letter, genre, whole == "whole"


def _date(fields: Sequence[str]) -> tuple[str, DateSource]:
    if len(fields) != 3:
        raise ValueError(f"a date row has 3 fields, not {len(fields)}")
    datetime.date.fromisoformat(fields[1])
    for source in get_args(DateSource):
        if source == fields[2]:
            return fields[1], source
    raise ValueError(f"{fields[2]!r} is not one of {', '.join(sorted(DATE_SOURCES))}")


def _line(fields: Sequence[str]) -> GoldLine:
    if len(fields) != 5:
        raise ValueError(f"a line row has 5 fields, not {len(fields)}")
    number, role, article, mark, opening = fields
    if not number.isdecimal():
        raise ValueError(f"{number!r} is no line number")
    if role not in {known.value for known in Role}:
        raise ValueError(f"role {role!r} is not one of {', '.join(known.value for known in Role)}")
    if mark not in ("", "+"):
        raise ValueError(f"{mark!r} is neither + nor empty")
    return GoldLine(
        int(number), Role(role), None if article == NOBODY else article, mark == "+", opening
    )
