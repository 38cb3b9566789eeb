"""What a generated sentence owes its print, apart from figures: its quotes and its language."""

import re
from collections.abc import Iterator, Sequence

from index.patterns import regex
from index.text import HAN, is_han, simplify
from rag.types import Language, Passage

_PAIRED = regex(r"“([^“”]*)(?:”|$)|「([^「」]*)(?:」|$)|『([^『』]*)(?:』|$)")
# A quote that began in the sentence before; ’ is an apostrophe too, so ‘ has to open.
_CLOSED_ONLY = regex(r"^([^“”]*)”|^([^「」]*)」|^([^『』]*)』")
_SINGLE = regex(r"(?<![A-Za-z])‘([^‘’“”]{2,})’(?![A-Za-z])")
_STRAIGHT = regex(r'"')
_TITLE = regex(r"《([^《》]*)(?:》|$)")
_OMITTED = regex(r"…+|\.{3,}")
_UNSPOKEN = regex(r"[\s“”‘’「」『』\"']+")
_DIVIDING = regex("[\x85\u2028\u2029]")
_HIDDEN = regex(
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_MARKUP = regex(r"!\[|\]\s*\(|\]\s*\[(?!\d)|<[A-Za-z/!?][^>\n]{0,200}>?|\{\{|\$\$|```")
_ADDRESS = regex(
    r"(?:(?:https?|ftp|file|wss?)://|(?:javascript|data|vbscript|mailto|tel):)[^\s，。；、）)》”\"']+"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?:[A-Za-z0-9-]+\.)+(?:com|cn|net|org|gov|edu|io|info|top|xyz|cc|app|ai|hk|tw|example)"
    r"(?![\w-])(?:/[^\s，。；、）)》”\"']*)?",
    re.IGNORECASE | re.ASCII,
)
_EDGES = " ,.;:!?，。；：！？、"
_LATIN_WORD = regex(r"[A-Za-zÀ-ɏ]+(?:['’-][A-Za-zÀ-ɏ]+)*")
_OTHER_SCRIPT = regex(rf"[^\W\d_A-Za-zÀ-ɏ{HAN}]")
# An English sentence of some length has one of these; one in French or Spanish has not.
_ENGLISH = frozenset(
    "the of and to in is was were are has have had by with for from that at its it be an said "
    "will on as than not more up".split()
)
MIN_ENGLISH_WORDS = 6


def print_of(passages: Sequence[Passage]) -> str:
    """Return the printed words of ``passages`` and of their heads, a line each."""
    lines: list[str] = []
    for passage in passages:
        article = passage.article
        head = (article.headline, article.kicker, *article.subheads, article.byline)
        lines += [*head, article.date or "", passage.chunk.excerpt.text]
    return "\n".join(line for line in dict.fromkeys(lines) if line)


def quotes_in(text: str) -> list[str]:
    """Return what stands between quotation marks in ``text``, in no order.

    Of a quote that ends or began in another sentence, the part in this one.
    """
    found = [
        "".join(filter(None, match.groups()))
        for pattern in (_PAIRED, _CLOSED_ONLY, _SINGLE)
        for match in pattern.finditer(text)
    ]
    return [*found, *(text[start:end] for start, end in _straight(text))]


def titles_in(text: str) -> list[str]:
    """Return the titles of works in ``text``, without their 《》."""
    return [match[1] for match in _TITLE.finditer(text)]


def misquoted(claim: str, printed: str) -> list[str]:
    """Return the quotes of ``claim`` that are not ``printed`` word for word.

    Traditional characters, width, white space and the marks at the ends of a quote may
    differ. The pieces around an omission (……) have to be printed in their order.
    """
    said = verbatim(printed)
    return [quote for quote in quotes_in(claim) if not _holds(said, quote)]


def mistitled(claim: str, printed: str) -> list[str]:
    """Return the titles of works in ``claim`` that are not ``printed``."""
    said = verbatim(printed)
    return [title for title in titles_in(claim) if not _holds(said, title)]


def prose(claim: str) -> str:
    """Return ``claim`` without its quotes and titles: what is said in its own words."""
    text = claim
    for pattern in (_PAIRED, _CLOSED_ONLY, _SINGLE, _TITLE):
        text = pattern.sub(" ", text)
    kept, end = [], 0
    for start, stop in _straight(text):
        kept.append(text[end:start])
        end = stop
    return " ".join([*kept, text[end:]])


def unhidden(text: str) -> str:
    """Return ``text`` without characters that nobody sees: of no width, tags, directions.

    Lines divided by U+2028 or U+2029 are divided by a space.
    """
    return _HIDDEN.sub("", _DIVIDING.sub(" ", text))


def linked(claim: str, printed: str) -> list[str]:
    """Return the markup of ``claim``, and its addresses that are not ``printed``.

    Pictures, links and HTML are nobody's words: they would fetch, lead or draw.
    """
    found = [match[0] for match in _MARKUP.finditer(claim)]
    held = printed.casefold()
    return found + [each for each in _ADDRESS.findall(claim) if each.casefold() not in held]


def verbatim(text: str) -> str:
    """Return ``text`` as quotes are compared: no width, white space or quotation marks."""
    return _UNSPOKEN.sub("", simplify(unhidden(text)))


def foreign(claim: str, language: Language) -> bool:
    """Return whether ``claim`` is said in another language than ``language``.

    Quotes and titles do not count, nor do names: in Chinese only small Latin words do, or
    a sentence without any Chinese. What has too few words to tell is not foreign.
    """
    said = prose(claim)
    chinese = sum(map(is_han, said))
    latin = _LATIN_WORD.findall(said)
    if len(_OTHER_SCRIPT.findall(said)) > max(2, chinese // 5, len(latin)):
        return True
    small = [word for word in latin if word.islower()]
    if language == "zh":
        return (len(small) > 1 and chinese / 2 < len(small)) or (not chinese and len(latin) > 3)
    if chinese / 2 > len(latin):
        return chinese > 2
    return len(small) >= MIN_ENGLISH_WORDS and _ENGLISH.isdisjoint(small)


def _holds(said: str, quote: str) -> bool:
    at = 0
    for piece in _OMITTED.split(quote):
        wanted = verbatim(piece).strip(_EDGES)
        if not wanted:
            continue
        at = said.find(wanted, at)
        if at < 0:
            return False
        at += len(wanted)
    return True


def _straight(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans between straight quotation marks.

    Marks open and close by turns. Of an odd number the first closes a quote of the sentence
    before, unless it stands where one opens; then the last one is not closed.
    """
    marks = [match.start() for match in _STRAIGHT.finditer(text)]
    if len(marks) % 2 == 0:
        yield from ((a + 1, b) for a, b in zip(marks[::2], marks[1::2], strict=True))
        return
    before = text[marks[0] - 1 : marks[0]]
    after = text[marks[0] + 1 :].strip()
    inside = marks[0] > 0 and before.strip(" \t(（")
    if inside or not after:  # it closes what the sentence before opened
        yield 0, marks[0]
        marks = marks[1:]
    else:
        marks.append(len(text))
    yield from ((a + 1, b) for a, b in zip(marks[::2], marks[1::2], strict=True))
