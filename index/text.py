"""Text as search sees it: folded, cut into words, characters and sentences.

Nothing here changes what is quoted. Folded text is for matching only; a quote is
always cut from the received page.
"""

import hashlib
import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import Any

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_TOKEN = re.compile(rf"[{HAN}]+|\d+(?:[.,]\d+)*|[^\W\d_{HAN}]+(?:['’][^\W\d_{HAN}]+)*")
_HAN_RUN = re.compile(rf"[{HAN}]")

# A sentence ends at 。！？… (also their half-width twins, a full stop only before white
# space or the end) or with its line; closing quotes and brackets after the mark belong to
# the sentence they close.
_SENTENCE = re.compile(
    r".*?(?:(?:[。！？!?…]+|(?<!\d)\.(?=\s|$))[”’」』）)》〉】\"']*\s*|[\r\n]\s*)|.+",
    re.DOTALL,
)

MAX_WORD_RUN = 500  # jieba-like cutters are quadratic on repeated characters


@lru_cache(maxsize=3)
def _converter(kind: str) -> Any:
    from opencc import OpenCC

    return OpenCC(kind)


def _converted(text: str, kind: str) -> str:
    encodable = text.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate becomes ?
    converted: str = _converter(kind).convert(encodable)
    return converted


def to_simplified(text: str) -> str:
    """Return ``text`` with Traditional characters as Simplified; nothing else changes."""
    return _converted(text, "t2s")


def to_traditional(text: str) -> str:
    """Return ``text`` with Simplified characters as the Traditional ones that Taiwan writes."""
    return _converted(text, "s2tw")


def is_traditional(text: str) -> bool:
    """Return whether ``text`` is written in Traditional characters.

    More of its characters must be Traditional only than Simplified only; what both scripts
    write alike is Simplified.
    """
    simplified = to_simplified(text)
    if simplified == text:
        return False
    pairs = zip(text, simplified, _converted(text, "s2t"), strict=False)
    return sum((here != hans) - (here != hant) for here, hans, hant in pairs) > 0


def simplify(text: str) -> str:
    """Return ``text`` in NFKC (full-width forms as half-width), Traditional as Simplified.

    Offsets into the result are not offsets into ``text``.
    """
    return to_simplified(unicodedata.normalize("NFKC", text))


def digest_of(text: str) -> bytes:
    """Return 32 bytes that name the words of ``text``, in either script, however it is spaced."""
    words = " ".join(simplify(text).split())
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).digest()


@lru_cache(maxsize=4)  # one text is folded by several analysers in a row
def fold(text: str) -> str:
    """Return ``text`` for matching: simplified, in lower case."""
    return simplify(text).lower()


def replaced(text: str, match: re.Match[str], words: str) -> str:
    """Return ``text`` with ``words`` in the place of ``match``."""
    return text[: match.start()] + words + text[match.end() :]


def is_han(character: str) -> bool:
    """Return whether ``character`` is a Chinese character."""
    return _HAN_RUN.match(character) is not None


def tokens(folded: str) -> list[str]:
    """Return the runs of Chinese characters, the numbers and the other words, in order.

    ``folded`` comes from :func:`fold`. Thousands separators are dropped: ``58,092`` is
    the token ``58092``.
    """
    return [
        token.replace(",", "") if token[0].isdigit() else token for token in _TOKEN.findall(folded)
    ]


def words(folded: str, guessed: bool = True) -> list[str]:
    """Return the words of ``folded``: Chinese runs cut by jieba's model, the rest as it is.

    Not ``guessed``, characters that make no word of its dictionary stay single.
    """
    import rjieba

    found: list[str] = []
    for token in tokens(folded):
        if is_han(token[0]):
            for start in range(0, len(token), MAX_WORD_RUN):
                found.extend(rjieba.cut(token[start : start + MAX_WORD_RUN], guessed))
        else:
            found.append(token)
    return found


def tagged_words(run: str) -> list[tuple[str, str]]:
    """Return the words of a run of Chinese characters, each with jieba's part of speech.

    ``nr`` is a person's name, ``n`` a noun, ``v`` a verb.
    """
    import rjieba

    found: list[tuple[str, str]] = rjieba.tag(run)
    return found


def bigrams(folded: str) -> list[str]:
    """Return the Chinese character bigrams of ``folded``, and its other words as they are.

    A run of one character yields that character.
    """
    found: list[str] = []
    for token in tokens(folded):
        if is_han(token[0]) and len(token) > 1:
            found.extend(first + second for first, second in pairwise(token))
        else:
            found.append(token)
    return found


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the ``(start, end)`` of each sentence; together they cover ``text``.

    A closing quote or bracket stays with its sentence, white space with the one before.
    Empty text has no sentences.
    """
    return [match.span() for match in _SENTENCE.finditer(text)]
