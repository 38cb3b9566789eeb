"""The edits that a person can make to what the reassembly made of a page."""

from dataclasses import dataclass
from typing import Literal

from index.roles import Role
from index.types import CorpusError

Place = int | Literal["page", "new"]


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines that belong elsewhere or are something else.

    ``ranges`` are the first and the last number of each run. ``to`` is a line of the article
    meant, ``after`` the line that they follow; without both they stay with their article.
    """

    ranges: tuple[tuple[int, int], ...]
    to: Place | None = None
    after: int | None = None
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """Articles, each by one of its lines, that are one; their text in this order."""

    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """A line at which an article of its own begins."""

    line: int


@dataclass(frozen=True, slots=True)
class Joint:
    """Two lines that follow each other in an article: one paragraph, or two."""

    first: int
    second: int
    joined: bool


@dataclass(frozen=True, slots=True)
class About:
    """What an article is, by one of its lines."""

    line: int
    genre: str | None = None
    complete: bool | None = None


Change = Lines | Merge | Split | Joint | About


@dataclass(frozen=True, slots=True)
class Edit:
    """A change, its guard and its place in the file.

    ``starts`` opens the first line that it names, where it is given.
    """

    change: Change
    starts: str
    place: str

    @property
    def first_line(self) -> int:
        """The number of the first line that the edit names."""
        match self.change:
            case Lines(ranges):
                return ranges[0][0]
            case Merge(lines):
                return lines[0]
            case Joint(first):
                return first
            case Split(line) | About(line):
                return line

    def error(self, problem: str) -> CorpusError:
        """Return the error that says what is wrong with the edit."""
        return CorpusError(f"{self.place}: {problem}")
