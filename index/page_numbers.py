"""The number of a page in its issue: in the name of its file, printed on it, in a page jump."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from index.patterns import regex
from index.text import HAN
from index.types import Page

MAX_LINE_CHARS = 60
MAX_RECEIVED_CHARS = 240  # of a line that may be that short with half-width forms
HEAD_LINES, FOOT_LINES = 6, 3  # where a number that stands alone is that of the page

_CHINESE = "一二三四五六七八九"
_NUMBER = rf"(?P<letter>[A-Ha-h]?)\s*(?P<digits>[0-9]{{1,3}}|[{_CHINESE}十]{{1,3}})"
_DATE = regex(
    r"(?<![0-9])(?:19|20)[0-9]{2}(?:[01][0-9][0-3][0-9]"
    r"|[-_.年/][01]?[0-9][-_.月/][0-3]?[0-9](?![0-9])日?)"
)
_NAMED = (
    regex(rf"(?P<series>.*?)第?(?<![A-Za-z0-9]){_NUMBER}版.*"),
    regex(
        r"(?P<series>.*?)(?<![A-Za-z0-9])(?:[Pp](?:age)?[-_ ]?)?"
        r"(?P<letter>[A-H]?)(?P<digits>[0-9]{1,3})"
    ),
    regex(r"(?P<series>)(?P<letter>[A-H]?)(?P<digits>[0-9]{1,2})[-_ .·].*"),
)
_PRINTED = regex(rf"(?:第\s*|(?<![{HAN}0-9A-Za-z])(?<![日期共] )){_NUMBER}\s*版(?![式面权块])")
_ALONE = regex(
    rf"(?P<letter>[A-H]?)(?P<digits>[0-9]{{1,2}})(?:[\s·:|/]*[{HAN}]{{2,4}}(?:新闻|版)?)?"
)
_TELLS = regex(
    r"版|(?<![A-Za-z])(?:[Pp](?:age)?[-_ ]?|[A-H])[0-9]|(?:19|20)[0-9]{2}[-_.年]?[01][0-9]"
)
_ASKED = regex(rf"(?:第|[Pp]age\s*)?\s*{_NUMBER}\s*(?:版|页)?")
_MEANT = regex(rf"{_NUMBER}\s*(?:[版页頁面]|[\s·•]|$)")


@dataclass(frozen=True, slots=True)
class PageNumber:
    """The number of a page, with the letter of its section, which may be empty."""

    letter: str
    number: int

    def __str__(self) -> str:
        return f"{self.letter}{self.number}"

    def fits(self, other: "PageNumber") -> bool:
        """Return whether both may be one page: a section that is not named may be any."""
        letters_fit = self.letter == other.letter or not (self.letter and other.letter)
        return letters_fit and self.number == other.number


@lru_cache(maxsize=4096)
def named_number(file: str) -> tuple[str, PageNumber | None]:
    """Return the name of ``file`` up to its page number, with the folder, and the number.

    Pages of one issue have the first part in common. Where the name bears no page number, it
    is the folder, and the number is ``None``.
    """
    path = PurePosixPath(unicodedata.normalize("NFKC", file))
    stem = _DATE.sub(lambda match: f"#{re.sub('[^0-9]', '', match[0])}#", path.stem)
    for pattern in _NAMED:
        match = pattern.fullmatch(stem)
        if match and not match["series"].endswith(("今日", "共")):
            return f"{path.parent}/{match['series']}", _number(match)
    return str(path.parent), None


def printed_numbers(page: Page) -> frozenset[PageNumber]:
    """Return the page numbers in the masthead and foot lines of ``page``; mostly one or none."""
    from index import forms  # whoever asks for a page needs none

    lines = [
        unicodedata.normalize("NFKC", line).strip() if len(line) <= MAX_RECEIVED_CHARS else line
        for line in page.text.splitlines()
    ]
    lines = [line for line in lines if line]
    found: set[PageNumber] = set()
    for position, line in enumerate(lines):
        if len(line) > MAX_LINE_CHARS:
            continue
        told = list(_PRINTED.finditer(line)) if "版" in line else []
        at_edge = position < HEAD_LINES or position >= len(lines) - FOOT_LINES
        alone = _ALONE.fullmatch(line) if at_edge else None
        if alone:
            told.append(alone)
        if told and not forms.is_jump(line) and forms.is_furniture(line):
            found.update(map(_number, told))
    return frozenset(found)


def numbers_of(pages: Mapping[str, Page]) -> dict[str, PageNumber]:
    """Return the number of each page that tells one, by file.

    The one printed on it, else that of its name where 版, a letter, a date or *page* stands by
    it. A page that bears several numbers tells none, unless its name bears one of them.
    """
    found = {}
    for file, page in pages.items():
        printed = printed_numbers(page)
        _, named = named_number(file)
        if named in printed:
            found[file] = named
        elif len(printed) == 1:
            found[file] = next(iter(printed))
        elif named is not None and not printed and _TELLS.search(PurePosixPath(file).name):
            found[file] = named
    return {file: number for file, number in found.items() if number.number}


def page_asked(words: str) -> PageNumber | None:
    """Return the page that ``words`` are: 3, A2, 第三版, page 3; ``None`` for no page."""
    match = _ASKED.fullmatch(unicodedata.normalize("NFKC", words).strip())
    number = _number(match) if match else None
    return number if number and number.number else None


def number_meant(words: str) -> PageNumber | None:
    """Return the page that the words of a jump name, as in 第二版, A2, 4版·综合."""
    match = _MEANT.search(unicodedata.normalize("NFKC", words))
    return _number(match) if match else None


def _number(match: re.Match[str]) -> PageNumber:
    digits = match["digits"]
    if digits.isascii():
        return PageNumber(match["letter"].upper(), int(digits))
    tens, ten, ones = digits.rpartition("十")
    number = (_CHINESE.find(tens[-1:]) + 1 if tens else 1) * 10 if ten else 0
    return PageNumber(match["letter"].upper(), number + (_CHINESE.find(ones) + 1 if ones else 0))
