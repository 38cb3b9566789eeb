"""A question as weighted search terms: what to look for in the postings, and by which arm."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from index.lexical import Postings
from index.numbers import numbers_in
from index.store import Index
from index.text import bigrams, fold, is_han, tokens
from rag.names import Names, pinyin_bigrams, spelled_names
from rag.question import ASKING_EN, ASKING_ZH
from rag.translation import Translations, translate

Arm = Literal["characters", "translation", "names", "pinyin", "figures", "dense"]
LEXICAL_ARMS: tuple[Arm, ...] = ("characters", "translation", "names", "pinyin", "figures")
ALL_ARMS: tuple[Arm, ...] = (*LEXICAL_ARMS, "dense")

# A name of n characters has n - 1 bigrams, each of which would count as much as a word.
NAME_WEIGHT = 0.5
# A figure is found by its digits as well, where it is printed so.
FIGURE_WEIGHT = 0.5

_CAPITALISED = re.compile(r"[A-Z][A-Za-z]+(?:['’\s-]+[A-Z][A-Za-z]+)*")


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to look for: its forms in one of the postings, with their probabilities."""

    arm: Arm
    field: Literal["characters", "words", "figures"]
    forms: Mapping[str, float]
    weight: float = 1.0


@dataclass(frozen=True)
class Analyst:
    """Turns text into :class:`Term` for one index, list of names and translation table."""

    index: Index
    names: Names
    translations: Translations

    def terms(self, text: str) -> list[Term]:
        """Return the terms of ``text``, each once, in order.

        Chinese becomes character bigrams. English becomes the Chinese forms of each word
        (a probabilistic structured query), of each listed name, and of each name spelled in
        pinyin. Latin words and numbers also look for themselves.
        """
        found: list[Term] = []
        folded = fold(text)
        chinese = ASKING_ZH.sub(" ", folded)
        found.extend(
            Term("characters", "characters", {term: 1.0})
            for term in dict.fromkeys(bigrams(chinese))
            if is_han(term[0])
        )
        covered: set[str] = set()
        for english, names in self.names.find(text):
            covered.update(english)
            found.extend(self._name_terms(names))
        latin = [t for t in dict.fromkeys(tokens(folded)) if not is_han(t[0])]
        for token in latin:
            printed = token in self.index.words.rows
            if token[0].isdigit():
                found.append(Term("characters", "words", {token: 1.0}))
            elif token in ASKING_EN or (token in covered and not printed):
                continue
            elif printed or token not in covered:
                forms = dict(translate(token, self.translations))
                if printed:
                    forms = {form: p / 2 for form, p in forms.items()} | {token: 1.0}
                if forms:
                    found.append(Term("translation", "words", forms))
        for match in _CAPITALISED.finditer(text):
            spelled = re.split(r"['’\s-]+", match[0])
            if not all(word.lower() in covered for word in spelled):
                found.extend(self._pinyin_terms(spelled))
        return found

    def figures(self, text: str) -> list[Term]:
        """Return a term for each figure of ``text``, by its value: 1.5亿 is 150 million."""
        return [
            Term("figures", "figures", {value: 1.0}, FIGURE_WEIGHT)
            for value in sorted(numbers_in(text))
        ]

    def _name_terms(self, names: tuple[str, ...]) -> list[Term]:
        """Return terms for the Chinese ``names`` of one English name.

        A bigram that all of them share weighs most.
        """
        shared = Counter(pair for name in names for pair in set(bigrams(fold(name))))
        return [
            Term("names", "characters", {pair: 1.0}, NAME_WEIGHT * count / len(names))
            for pair, count in shared.items()
        ]

    def _pinyin_terms(self, spelled: list[str]) -> list[Term]:
        """Return terms for a name in pinyin: the bigrams of the index that sound like it."""
        found: list[Term] = []
        for name in spelled_names(spelled):
            forms = [self._sounds.get(pair, ()) for pair in name]
            if all(forms):
                found.extend(
                    Term("pinyin", "characters", dict.fromkeys(same, 1.0)) for same in forms
                )
        return found

    @cached_property
    def _sounds(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        return pinyin_bigrams(self.index.characters.terms)

    def postings(self, term: Term) -> Postings:
        """Return the postings that ``term`` looks in."""
        return self.index.postings[term.field]
