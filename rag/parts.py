"""The parts of a question that asks several things, so that each can be looked for."""

import re

from index.text import is_han
from rag.kinds import HOW_MANY_ZH
from rag.topics_zh import TIME_ZH, is_relational

MAX_PARTS = 4
MIN_ZH_CHARS, MIN_EN_WORDS = 4, 3  # less than that is no part that can be looked for

# In a clause of its own, 几十家 tells more often than it asks.
_ASKS_ZH = (
    f"什么|谁|哪|(?!几[十百千万])(?:{HOW_MANY_ZH})|多久|多长|多大|多高|"
    "怎么|怎样|如何|为何|何时|何地|是否|吗"
)
_ASKS_EN = "who|whom|whose|what|when|where|which|why|how"
_ENDS = re.compile(r"[？?；;]+\s*")
# A clause goes on after a comma or an "and" with a question word of its own.
_CLAUSES_ZH = re.compile(r"[，,]\s*(?:以及|并且|而且|还有|同时|又|和|而)?|以及|还有")
_CLAUSES_EN = re.compile(
    rf",?\s+and\s+(?=(?:{_ASKS_EN})\b)|,\s+(?=(?:{_ASKS_EN})\b)", re.IGNORECASE
)
_ASKING_ZH = re.compile(_ASKS_ZH)
# "A和B分别…" asks the same of both; so does a comparison.
_EACH_ZH = re.compile(r"^(.{2,40}?)(?:和|与|跟|、|及)(.{2,40}?)(?:分别|各自|各)(?=[^自])(.{2,})$")
_LAST_ZH = re.compile(r"(?<=..)(?:和|与|跟|以?及)(?=..)")  # between the last two of several
_COMPARES_EN = re.compile(r"\b(?:differences?|differ|compar\w+)\b", re.IGNORECASE)
_BETWEEN_EN = re.compile(r"\b(?:between|compare)\s+(.+?)\s+(?:and|with|to)\s+(.+)$", re.IGNORECASE)
_RATHER_ZH = re.compile(r"^(.{2,40}?)(?:和|与|跟|同)(.{2,40}?)(?:相比|比起来|哪个|哪家|谁)(.{2,})$")


def parts_of(question: str) -> list[str]:
    """Return the parts of ``question``, in order; none when it asks one thing.

    Sentences with a question mark of their own, clauses with a question word of their own,
    and the two sides of a comparison or of 分别. At most :data:`MAX_PARTS`.
    """
    sentences = [part.strip() for part in _ENDS.split(question) if _is_whole(part)]
    parts = [part for sentence in sentences for part in _parts_of_sentence(sentence)]
    return parts[:MAX_PARTS] if len(parts) > 1 else []


def _parts_of_sentence(sentence: str) -> list[str]:
    for pattern in (_EACH_ZH, _RATHER_ZH):
        if match := pattern.match(sentence):
            first, second, rest = match.groups()
            several = sentence[: match.end(2)]
            return [f"{side}{rest}" for side in _sides(first, second, several)] or [sentence]
    if _COMPARES_EN.search(sentence) and (match := _BETWEEN_EN.search(sentence)):
        return [sentence[: match.start()] + side for side in match.groups()]
    clauses = [part.strip() for part in _CLAUSES_EN.split(sentence) if part and _is_whole(part)]
    if len(clauses) > 1:
        return clauses
    return _asking_clauses(sentence)


def _sides(first: str, second: str, several: str) -> list[str]:
    """Return the things of which the same is asked, each with all that is asked of it.

    义乌 and 金华的GDP are 义乌的GDP and 金华的GDP. Empty where that cannot be told.
    """
    sides = [first.strip("，, "), second.strip("，, ")]
    if "、" in several:
        *sides, last = several.split("、")
        sides += _LAST_ZH.split(last, maxsplit=1)
    head, _, _ = sides[0].rpartition("的")
    _, _, tail = sides[-1].partition("的")
    if tail and not any("的" in side for side in sides[:-1]):
        return [*(f"{side}的{tail}" for side in sides[:-1]), sides[-1]]
    if head and not any("的" in side or TIME_ZH.match(side) for side in sides[1:]):
        return [sides[0], *(f"{head}的{side}" for side in sides[1:])]
    alike = len({("的" in side.rstrip("的"), is_relational(side)) for side in sides}) == 1
    return sides if alike else []  # 义乌 and 金华市长


def _asking_clauses(sentence: str) -> list[str]:
    """Return the Chinese clauses that ask, each with those before it that do not."""
    found: list[str] = []
    before = ""
    for clause in _CLAUSES_ZH.split(sentence):
        before = f"{before}，{clause}" if before else clause
        if _ASKING_ZH.search(clause) and _is_whole(before):
            found.append(before)
            before = ""
    return found if len(found) > 1 else [sentence]


def _is_whole(part: str) -> bool:
    return sum(map(is_han, part)) >= MIN_ZH_CHARS or len(part.split()) >= MIN_EN_WORDS
