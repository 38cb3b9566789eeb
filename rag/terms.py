"""A question as weighted search terms: what to look for in the postings, and by which arm."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from index.index import Index
from index.lexical import AllPostings
from index.numbers import numbers_in
from index.text import bigrams, fold, is_han, tokens, words
from rag.abbreviations import expansions, holding
from rag.mined_names import MinedNames, mined_names
from rag.named import Lexicon
from rag.names import Names
from rag.pinyin import Sounds, romanised
from rag.question import ASKING_EN, ASKING_ZH
from rag.rounding import RoundFigures
from rag.spelling import Word, latin_words
from rag.translation import Translations, Translator

Arm = Literal[
    "characters", "translation", "names", "pinyin", "abbreviations", "typos", "figures", "dense"
]
LEXICAL_ARMS: tuple[Arm, ...] = (
    "characters", "translation", "names", "pinyin", "abbreviations", "typos", "figures",
)  # fmt: skip
ALL_ARMS: tuple[Arm, ...] = (*LEXICAL_ARMS, "dense")

# A name of n characters has n - 1 bigrams, each of which would count as much as a word.
NAME_WEIGHT = 0.5
# The other name of what the question names, which it finds already.
ABBREVIATION_WEIGHT = 0.3
# A figure is found by its digits as well, where it is printed so.
FIGURE_WEIGHT = 0.5
ROUNDED_WEIGHT = 0.4
# What was typed may be right, and just not printed.
TYPO_WEIGHT = 0.3
# The table knows which translations are common; an article uses any of them. Near 0 they
# count alike, as in structured queries (Pirkola, 1998); at 1 by their probabilities.
TABLE_POWER = 0.2


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

    @cached_property
    def lexicon(self) -> Lexicon:
        """What is known of names."""
        return Lexicon(self.names, self.translations)

    def evidence(self, text: str) -> list[Term]:
        """Return the terms of ``text`` that a passage is held against, each once, in order.

        Chinese becomes character bigrams. English becomes the Chinese forms of each word
        (a probabilistic structured query), of each listed name, and of each name spelled in
        pinyin. Latin words and numbers also look for themselves.
        """
        folded = fold(text)
        found = [
            Term("characters", "characters", {term: 1.0})
            for term in dict.fromkeys(bigrams(ASKING_ZH.sub(" ", folded)))
            if is_han(term[0])
        ]
        covered: set[str] = set()
        for english, names in self.names.find(text):
            covered.update(english)
            found.extend(self._name_terms(names))
        found.extend(
            Term("characters", "words", {token: 1.0})
            for token in dict.fromkeys(tokens(folded))
            if token[0].isdigit()
        )
        for word in dict.fromkeys(latin_words(text)):
            found.extend(self._english_terms(word, covered))
        for name in self._sounds.names(text, self.translations):
            found.extend(Term("pinyin", "characters", dict.fromkeys(same, 1.0)) for same in name)
        return found

    def terms(self, text: str) -> list[Term]:
        """Return the terms to search for: :meth:`evidence`, and what ``text`` may mean besides.

        The translations of a word count more alike than their probabilities. Added are
        names that the articles explain, other names of what is named, homophones of what
        stands nowhere, and English for Chinese where the index holds English.
        """
        found = [_levelled(term) for term in self.evidence(text)]
        folded = fold(text)
        chinese = ASKING_ZH.sub(" ", folded)
        found.extend(self._mined_terms(text))
        if any(map(is_han, chinese)):
            found.extend(self._abbreviation_terms(chinese))
            found.extend(self._typo_terms(chinese))
            if self.holds_english:
                found.extend(_levelled(term) for term in self._terms_in_english(chinese))
        return found

    def figures(self, text: str) -> list[Term]:
        """Return a term for each figure of ``text``, by its value: 1.5亿 is 150 million.

        Another, of less weight, looks for what it rounds to or what rounds to it.
        """
        found = []
        for value in sorted(numbers_in(text)):
            found.append(Term("figures", "figures", {value: 1.0}, FIGURE_WEIGHT))
            near = self._round_figures.near(value)
            if near:
                found.append(Term("figures", "figures", near, ROUNDED_WEIGHT))
        return found

    def _english_terms(self, word: Word, covered: Collection[str]) -> Iterator[Term]:
        """Yield a term for an English word: itself where printed, and its Chinese forms."""
        printed = word.text in self.index.words
        asks = word.text in ASKING_EN and not word.acronym
        if asks or (word.text in covered and not printed):
            return
        parts = self.translator.parts(word)
        if printed:
            forms = self.translator.chinese(parts[0]) if len(parts) == 1 else {}
            own = {form: p / 2 for form, p in forms.items()} | {word.text: 1.0}
            yield Term("translation", "words", own)
        else:
            for part in parts:
                yield Term("translation", "words", self.translator.chinese(part))

    def _name_terms(self, names: tuple[str, ...]) -> list[Term]:
        """Return terms for the Chinese ``names`` of one English name.

        A bigram that all of them share weighs most.
        """
        shared = Counter(pair for name in names for pair in set(bigrams(fold(name))))
        return [
            Term("names", "characters", {pair: 1.0}, NAME_WEIGHT * count / len(names))
            for pair, count in shared.items()
        ]

    def _mined_terms(self, text: str) -> Iterator[Term]:
        """Yield terms for the names in ``text`` that an article explains, in both languages."""
        for _, names in self._mined_list.find(text):
            yield from self._name_terms(names)
        for word in dict.fromkeys(latin_words(text)):
            if word.acronym:
                yield from self._name_terms(self.mined.acronyms.get(word.text.upper(), ()))

    def texts_with(self, name: str) -> list[str]:
        """Return the folded texts of some chunks that hold ``name``."""
        return holding(name, self.index)

    def _abbreviation_terms(self, chinese: str) -> Iterator[Term]:
        asked = set(bigrams(chinese))
        for names in expansions(chinese, self.texts_with, self._other_names).values():
            for pair in dict.fromkeys(pair for name in names for pair in bigrams(fold(name))):
                if pair not in asked:
                    yield Term("abbreviations", "characters", {pair: 1.0}, ABBREVIATION_WEIGHT)

    def _typo_terms(self, chinese: str) -> Iterator[Term]:
        """Yield the homophones of each bigram that stands nowhere in the index."""
        for pair in dict.fromkeys(bigrams(chinese)):
            if len(pair) == 2 and is_han(pair[0]) and pair not in self.index.characters:
                same = self._sounds.homophones(pair)
                if same:
                    yield Term("typos", "characters", dict.fromkeys(same, 1.0), TYPO_WEIGHT)

    def _terms_in_english(self, chinese: str) -> Iterator[Term]:
        """Yield what Chinese words are in English, from the names, the table and pinyin."""
        printed = self.index.words
        for names in (self.names, self._mined_list):
            for _, english in names.find_chinese(chinese):
                for word in dict.fromkeys(w.text for name in english for w in latin_words(name)):
                    if word in printed and word not in ASKING_EN:
                        yield Term("names", "words", {word: 1.0}, NAME_WEIGHT)
        for word in dict.fromkeys(words(chinese)):
            forms = {e: p for e, p in self.translator.english(word).items() if e in printed}
            if forms:
                yield Term("translation", "words", forms)
        for pair in dict.fromkeys(bigrams(chinese)):
            if len(pair) == 2 and is_han(pair[0]):
                spelled = [word for word in romanised(pair) if word in printed]
                if spelled and not any(word in self.translations for word in spelled):
                    yield Term("pinyin", "words", dict.fromkeys(spelled, 1.0))

    @cached_property
    def translator(self) -> Translator:
        """The table, looked up under any spelling and from either language."""
        return Translator(self.translations)

    @cached_property
    def _sounds(self) -> Sounds:
        return Sounds(self.index.characters.pairs)

    @cached_property
    def _round_figures(self) -> RoundFigures:
        return RoundFigures(self.index.postings["figures"].terms())

    @cached_property
    def mined(self) -> MinedNames:
        """The names that the articles explain."""
        return mined_names(self.index.explained)

    @cached_property
    def _mined_list(self) -> Names:
        """The mined names, but no English word that the table translates."""
        return Names(
            tuple(
                (chinese, english)
                for english, names in self.mined.english.items()
                for chinese in names
                if english not in self.translations
            )
        )

    @cached_property
    def _other_names(self) -> Mapping[str, list[str]]:
        """The mined short names by the full ones, and the full ones by the short."""
        found: dict[str, list[str]] = {}
        for short, full in self.mined.short.items():
            for name in full:
                found.setdefault(short, []).append(name)
                found.setdefault(name, []).append(short)
        return found

    @cached_property
    def holds_english(self) -> bool:
        """Whether most words of some chunk are Latin ones."""
        return any(head.latin for head in self.index.heads)

    def postings(self, term: Term) -> AllPostings:
        """Return the postings that ``term`` looks in."""
        return self.index.postings[term.field]


def _levelled(term: Term) -> Term:
    if term.arm != "translation":
        return term
    forms = {form: p**TABLE_POWER for form, p in term.forms.items()}
    return Term(term.arm, term.field, forms, term.weight)
