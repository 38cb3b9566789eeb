"""A quote word by word: how each word sounds, and what a dictionary says it means.

This is no translation: a word has the first senses of the dictionary, whatever it means
here. Names of the newsroom's list and quantities come first, the longer before the shorter,
then words.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.glossary import Glossary, load_glossary
from index.text import HAN, to_simplified, words
from rag.in_english import in_english
from rag.names import Names
from rag.quantities import quantities

_HAN_RUN = re.compile(f"[{HAN}]+")


@dataclass(frozen=True, slots=True)
class Gloss:
    """A word where it is printed, ``text[start:end]``: pinyin with tones, English in short.

    ``pinyin`` is empty for figures, ``english`` for what the dictionary does not hold.
    """

    start: int
    end: int
    pinyin: str
    english: str


def glosses(text: str, names: Names) -> list[Gloss]:
    """Return the glosses of the words of a Chinese ``text``, in order; they do not overlap.

    Traditional characters are read as Simplified. Marks and what is not Chinese have none.
    """
    plain = to_simplified(text)
    if len(plain) != len(text):  # offsets would be wrong
        plain = text
    glossary = load_glossary()
    found: list[Gloss] = []
    # 同比 is a name of the list too, within 同比增长4.7%; 第20届 is a figure within a name.
    named = (
        Gloss(start, end, glossary.pinyin(plain[start:end]), english[0])
        for start, end, english in names.places(text)
    )
    for gloss in sorted((*named, *_measured(text)), key=_shorter):
        if not any(gloss.start < other.end and other.start < gloss.end for other in found):
            found.append(gloss)
    found += _worded(plain, found, glossary)
    return sorted(found, key=lambda gloss: gloss.start)


def _measured(text: str) -> Iterator[Gloss]:
    for quantity in quantities(text):
        said = in_english(quantity)
        if said != text[quantity.start : quantity.end]:
            yield Gloss(quantity.start, quantity.end, "", said)


def _worded(plain: str, taken: Sequence[Gloss], glossary: Glossary) -> Iterator[Gloss]:
    """Yield the words of the runs of Chinese characters between those that are ``taken``."""
    blanked = list(plain)
    for gloss in taken:
        blanked[gloss.start : gloss.end] = " " * (gloss.end - gloss.start)
    for run in _HAN_RUN.finditer("".join(blanked)):
        at = run.start()
        for word in words(run[0]):
            for part in _known_parts(word, glossary):
                yield Gloss(at, at + len(part), glossary.pinyin(part), glossary.gloss(part))
                at += len(part)


def _known_parts(word: str, glossary: Glossary) -> Iterator[str]:
    """Yield ``word``, or the longest words of the dictionary that it is made of."""
    while word:
        length = next((n for n in range(len(word), 1, -1) if word[:n] in glossary), 1)
        yield word[:length]
        word = word[length:]


def _shorter(gloss: Gloss) -> int:
    return gloss.start - gloss.end
