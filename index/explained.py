"""Names that the articles themselves explain in brackets: 中文（English）, 全称（简称“…”）.

    世界卫生组织（WHO）          an acronym, which counts in capitals only
    丹·舒尔曼（Dan Schulman）     a name in two languages; Shopee（虾皮） likewise
    全球数字贸易中心（以下简称“数贸中心”）   a short name and its full one

Where a Chinese name begins is not printed: each place gives those that it may be.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from index.patterns import regex
from index.text import HAN, simplify, words

MAX_WORDS = 6  # of a name in front of a bracket

_BRACKET = regex(r"[（(]([^（()）\n]{2,80})[）)]")
_BEFORE = 40  # characters in front of a bracket
_MARKER = regex(
    r"^(?:以下|下文|下面|后文)?(?:统一|统|均|合)?(?:简称|下称|又称|也称|俗称|并称|称)(?:为|作|是)?[:：]?\s*"
)
_QUOTED = regex(r"^[“‘《「『\"]*([^“”‘’《》「」『』\"]{2,14})[”’》」』\"]*$")
_LEAD = regex(r"^(?:英文|英语|英文名|英文简称|外文|缩写)?(?:名|为|名为|简称|缩写)?[:：,，]?\s*")
_ENGLISH = regex(r"[A-Z][A-Za-z&.'’-]*(?: [A-Za-z&.'’-]+){0,9}$")
_ENGLISH_BEFORE = regex(r"(?<![A-Za-z])[A-Z][A-Za-z&.'’-]*(?: [A-Z&][A-Za-z&.'’-]*){0,5}\s?$")
_CHINESE = regex(rf"[{HAN}]{{2,16}}(?:·[{HAN}]{{1,8}})*$")
_FOREIGN = regex(rf"[{HAN}]{{1,8}}(?:·[{HAN}]{{1,8}})+$")
_CLOSED = regex(r"[“《「『]([^“”《》「」『』]{2,16})[”》」』]$")
_RUN = regex(rf"[{HAN}]+$")
# A name does not begin with what ties a sentence together.
_TIES = frozenset("的了在和与及对将为由向从据被把是有于以等并或称叫给让到至当名如像含即该各这那")


@dataclass(frozen=True, slots=True)
class Explained:
    """A bracket that explains a name: ``english`` in Chinese, or a ``short`` Chinese one in full.

    ``meanings`` are the names that it may stand for, longest first.
    """

    kind: Literal["english", "short"]
    name: str
    meanings: tuple[str, ...]


def is_short_for(short: str, full: str) -> bool:
    """Return whether ``short`` takes characters of ``full`` in order, leaving some between out.

    A part of ``full`` as it stands is no short form.
    """
    rest = iter(full)
    return short not in full and all(character in rest for character in short)


def explained_in(text: str) -> Iterator[Explained]:
    """Yield the names that ``text`` explains in brackets, in order and in linear time."""
    for match in _BRACKET.finditer(text):
        inside = simplify(match[1]).strip()
        before = simplify(text[max(0, match.start() - _BEFORE) : match.start()]).rstrip()
        marked = _MARKER.match(inside)
        if marked:
            quoted = _QUOTED.match(inside[marked.end() :])
            full = _full_name(before, quoted[1]) if quoted else ""
            if quoted and full:
                yield Explained("short", quoted[1], (full,))
            continue
        english = _LEAD.sub("", inside)
        if _ENGLISH.match(english):
            names = _names_before(before, english)
            if names:
                yield Explained("english", english, tuple(names))
        elif _CHINESE.match(inside):
            name = _ENGLISH_BEFORE.search(before)
            if name and len(name[0].strip()) > 1:
                yield Explained("english", name[0].strip(), (inside,))


def _full_name(before: str, short: str) -> str:
    """Return the shortest end of ``before``, from a word on, that ``short`` is short for."""
    closed = _CLOSED.search(before)
    if closed:
        return closed[1] if is_short_for(short, closed[1]) else ""
    name = ""
    for word in reversed(words(_run(before))):
        name = word + name
        if is_short_for(short, name):
            return name
    return ""


def _names_before(before: str, english: str) -> list[str]:
    """Return the names that ``before`` may end with, longest first."""
    closed = _CLOSED.search(before)
    if closed:
        return [closed[1]] if _CHINESE.match(closed[1]) else []
    foreign = _FOREIGN.search(before)
    if foreign:
        first, dot, rest = foreign[0].partition("·")
        return [words(first)[-1] + dot + rest]
    limit = len(english) if english.isalpha() and english.isupper() else english.count(" ") + 1
    names: list[str] = []
    name = ""
    for word in list(reversed(words(_run(before))))[: min(limit, MAX_WORDS)]:
        if word in _TIES:
            break
        name = word + name
        if len(name) > 1:
            names.append(name)
    return names[::-1]


def _run(before: str) -> str:
    match = _RUN.search(before)
    return match[0] if match else ""
