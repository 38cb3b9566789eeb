"""What the reassembly made of a page: its articles, and who owns which line, why, how sure."""

from dataclasses import dataclass

from index.lines import Line
from index.roles import Role
from index.types import Article, Page


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line that is not blank, its role, and the article that it belongs to.

    ``article_id`` is ``None`` for what belongs to the page. ``at`` is the offset of the
    line's words in the body of its article, ``None`` for lines outside the body.
    ``continues`` is the number of the line whose paragraph it carries on across a cut.
    ``confidence`` lies between 0 and 1; ``reason`` says in a few words what decided.
    """

    line: Line
    role: Role
    article_id: str | None
    at: int | None = None
    continues: int | None = None
    confidence: float = 1.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something about a line that a person should look at, and how sure the reading is."""

    line: int
    article_id: str | None
    message: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Reading:
    """A page as it was read: articles in printed order, its lines in the order of the file."""

    page: Page
    articles: tuple[Article, ...]
    lines: tuple[PlacedLine, ...]
    doubts: tuple[Doubt, ...] = ()
