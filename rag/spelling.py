"""English as people spell it: words with their case, American and British forms, base forms.

These are rules, not lists: what a rule makes counts only where a table or an index holds it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from index.text import is_han, simplify, tokens

# Letters with full stops are one word: U.S., U.K., e.g.
_DOTTED = re.compile(r"(?<![A-Za-z.])(?:[A-Za-z]\.){2,}(?:[A-Za-z](?![A-Za-z]))?")
_POSSESSIVE = re.compile(r"['’]s?$")

_SUFFIXES = (
    ("ies", "y"), ("ied", "y"), ("sses", "ss"), ("es", ""), ("es", "e"), ("s", ""),
    ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"), ("er", ""), ("ers", ""), ("ly", ""),
)  # fmt: skip

# What British spelling writes otherwise, and how American does. A word that a rule does not
# mean (exercise, hour) becomes one that is in no table, or is kept out by its vowels.
_AMERICAN = tuple(
    (re.compile(british), american)
    for british, american in (
        (r"(?<=...)is(e[drs]?|ers|ing|ations?|ational|able)$", r"iz\1"),  # organise
        (r"(?<=..)ys(e[drs]?|ers|ing)$", r"yz\1"),  # analyse
        (r"(?<=..)our(s|ed|ing|er|ers|ful|able|ite|ites|al|less|hood|hoods)?$", r"or\1"),  # colour
        (r"(?<=[aeiouhn][bt])re(s|d)?$", r"er\1"),  # centre, metre, theatre, fibre
        (r"(?<=..)ogue(s?)$", r"og\1"),  # catalogue
        (r"(?<=gram)me(s?)$", r"\1"),  # programme
        (r"([aeiou][^aeiou]+[aeiou])ll(ed|ing|ers?|ery)$", r"\1l\2"),  # travelled
        (r"(ef|ff|ic|et)ence(s|d|less)?$", r"\1ense\2"),  # defence, licence
        (r"^practis(e[ds]?|ing)$", r"practic\1"),
        (r"(?<=[hnpc])ae(?=[cdms]..)", "e"),  # paediatric, anaesthetic, haemorrhage
        (r"^(f)?oe(?=st|t)", r"\1e"),  # oestrogen, foetus
        (r"oeuvr(es?|ed|ing)$", r"euver\1"),  # manoeuvre
        (r"(?<=.[mk])ould(s|ed|ing|y)?$|(?<=^m)ould(s|ed|ing|y)?$", r"old\1\2"),  # mould
        (r"^(s)c(?=ept)", r"\1k"),  # sceptical
        (r"(?<=dg)e(?=ments?$)", ""),  # judgement
    )
)
# Single words that no rule makes.
_IRREGULAR = {
    "aluminium": "aluminum", "tyre": "tire", "tyres": "tires", "plough": "plow", "grey": "gray",
    "jewellery": "jewelry", "pyjamas": "pajamas", "cosy": "cozy", "storey": "story",
    "storeys": "stories", "kerb": "curb", "enrol": "enroll", "fulfil": "fulfill",
    "instal": "install", "skilful": "skillful", "ageing": "aging",
}  # fmt: skip
# What a word has at least that one of these may change: most words are passed by at once.
_MAYBE_BRITISH = re.compile(
    r"is(?:e[drs]?|ers|ing|ations?|ational|able)$|ys[ei]|[bt]re[sd]?$|ogue|gramme"
    r"|our(?:s|ed|ing|ers?|ful|able|ites?|al|less|hoods?)?$|ll(?:ed|ing|ers?|ery)$"
    r"|(?:ef|ff|ic|et)ence|practis|ae[cdms]|oe(?:s?t|uvr)|ould|scept|dgement"
    rf"|^(?:{'|'.join(_IRREGULAR)})$"
)


@dataclass(frozen=True, slots=True)
class Word:
    """A Latin word of a text: ``text`` in lower case, without 's.

    ``acronym``: it is written in capitals, and not because all of the text is.
    """

    text: str
    acronym: bool = False


def latin_words(text: str) -> list[Word]:
    """Return the words of ``text`` that are no Chinese and no numbers, in order.

    ``U.S.`` is the word ``us``, an acronym. Linear in the length of ``text``.
    """
    plain = _DOTTED.sub(lambda match: match[0].replace(".", "").upper() + " ", simplify(text))
    shouting = not any(character.islower() or is_han(character) for character in plain)
    found: list[Word] = []
    for token in tokens(plain):
        if is_han(token[0]) or token[0].isdigit():
            continue
        bare = _POSSESSIVE.sub("", token)
        capitals = len(bare) > 1 and bare.isupper() and not shouting
        found.append(Word(bare.lower(), capitals))
    return found


def american(word: str) -> str:
    """Return ``word`` (lower case) in American spelling, as far as rules tell; else itself.

    A key to compare words by: it need not be a word.
    """
    if not _MAYBE_BRITISH.search(word):
        return word
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for british, spelled in _AMERICAN:
        changed = british.sub(spelled, word)
        if changed != word:
            return changed
    return word


def british(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield those of ``words`` that are written otherwise in America, with how they are there."""
    for word in filter(_MAYBE_BRITISH.search, words):
        spelled = american(word)
        if spelled != word:
            yield word, spelled


def base_forms(word: str) -> Iterator[str]:
    """Yield ``word``, then what it may be an inflection of, likelier first."""
    yield word
    for suffix, ending in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            stem = word[: -len(suffix)]
            yield stem + ending
            if suffix in ("ed", "ing", "er") and not ending and stem[-1:] == stem[-2:-1]:
                yield stem[:-1]


def halves(word: str) -> Iterator[tuple[str, str]]:
    """Yield the ways to cut ``word`` in two words, the most even first; of e-words, the e.

    No half is shorter than three letters but the e of *ecommerce*.
    """
    cuts = sorted(range(3, min(len(word) - 2, 30)), key=lambda cut: abs(2 * cut - len(word)))
    if word[:1] == "e" and len(word) > 5:
        cuts.append(1)
    for cut in cuts:
        yield word[:cut], word[cut:]
