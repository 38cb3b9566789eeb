"""Where a column may cut a paragraph, and how a narrow column breaks its lines."""

import random

from index.text import words

INDENT = "\u3000\u3000"
MIN_CUT_CHARS, MIN_REST_CHARS = 12, 2  # before a cut and after it

_ENDS = "。！？…"
_CLOSERS = "”’」』）》】)"
_NEVER_FIRST = frozenset(_ENDS + _CLOSERS + "，、；：,;:!?.%％℃·—～~ ")
_NEVER_LAST = frozenset("“‘「『（《【( ")
_HALF_WIDTH_ENDS = frozenset("!?")
_COMMAS = "，、；：,;:"


def place_of_cut(text: str, rng: random.Random, stop: bool = False) -> int | None:
    """Return where to cut ``text``: on the end of a sentence, or anywhere else but there.

    Within a word, after a figure or in an open quotation is preferred. None where there is
    no such place.
    """
    weights = {"stop": 1, "word": 6, "unit": 1, "quote": 2, "comma": 1, "quoted stop": 1}
    found: dict[str, list[int]] = {kind: [] for kind in weights}
    depth = 0
    for at in range(1, len(text)):
        before, after = text[at - 1], text[at]
        depth += {"“": 1, "”": -1}.get(before, 0)
        if not (MIN_CUT_CHARS <= at <= len(text) - MIN_REST_CHARS and may_break(text, at)):
            continue
        last = text[:at].rstrip(_CLOSERS)[-1:]
        if last in _HALF_WIDTH_ENDS or last in tuple(_ENDS):
            if depth:
                found["quoted stop"].append(at)
            elif last != "…":
                found["stop"].append(at)
        elif before.isascii() and before.isalnum() and after.isascii() and after.isalnum():
            continue
        elif before.isdecimal():
            found["unit"].append(at)
        elif depth:
            found["quote"].append(at)
        else:
            found["comma" if before in _COMMAS else "word"].append(at)
    kinds = [kind for kind in found if found[kind] and (kind == "stop") == stop]
    if not kinds:
        return None
    return rng.choice(found[rng.choices(kinds, [weights[kind] for kind in kinds])[0]])


def wrapped(text: str, width: int) -> list[str]:
    """Return the lines of a paragraph in a column ``width`` characters wide.

    The first is shorter by the indent; no line begins with a closing mark or ends with an
    opening one.
    """
    lines: list[str] = []
    start, room = 0, width - len(INDENT)
    while start < len(text):
        near = (start + room + step for step in (0, 1, -1, 2, -2, 3, 4, 5, 6))
        end = next((at for at in near if at >= len(text) or may_break(text, at)), len(text))
        lines.append(text[start:end])
        start, room = end, width
    return lines


def halves_of(headline: str) -> list[str]:
    """Return a headline on two lines, parted at a comma, a space or between words."""
    for mark in "，, ：:":
        first, found, second = headline.partition(mark)
        if found and min(len(first), len(second)) > 3 and first.count("“") == first.count("”"):
            return [first + (found if found in "：:" else ""), second]
    at, middle = 0, len(headline) / 2
    borders: list[int] = []
    for word in words(headline):
        at = headline.find(word, at) + len(word)
        if len(word) <= at < len(headline) and may_break(headline, at):
            borders.append(at)
    if not borders:
        return [headline]
    best = min(borders, key=lambda border: abs(border - middle))
    return [headline[:best], headline[best:]]


def may_break(text: str, at: int) -> bool:
    """Return whether a line may end before ``text[at]``."""
    return text[at] not in _NEVER_FIRST and text[at - 1] not in _NEVER_LAST
