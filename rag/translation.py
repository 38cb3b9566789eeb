"""The bilingual table: what an English word becomes in Chinese, with probabilities, and back."""

import gzip
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import index
from index.types import CorpusError
from rag.spelling import Word, american, base_forms, halves

TABLE = Path(index.__file__).parent / "model" / "translations.tsv.gz"

Translations = Mapping[str, Mapping[str, float]]

# Where both spellings have a row, the American one rests on most of the pairs.
AMERICAN_SHARE = 0.75
# Acronyms that are another word in lower case, or are not in the table under their letters.
_ACRONYMS = {"us": "usa", "gb": "uk"}
MIN_INVERSE = 0.02  # the least p(English | Chinese) that is kept
MAX_INVERSE = 12  # English words of a Chinese one


@dataclass(frozen=True)
class Table(Mapping[str, Mapping[str, float]]):
    """A table whose lines are read when they are asked for: a question asks for a few, or none."""

    path: Path
    text: str

    @cached_property
    def lines(self) -> Mapping[str, str]:
        """The columns of each English word."""
        lines = (line.partition("\t") for line in self.text.split("\n") if line)
        return {english: columns for english, _, columns in lines}

    def __getitem__(self, english: str) -> Mapping[str, float]:
        forms = (column.rpartition(":") for column in self.lines[english].split("\t"))
        try:
            return {chinese: float(p) for chinese, _, p in forms}
        except ValueError as error:
            raise _damaged(self.path, error) from error

    def __iter__(self) -> Iterator[str]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)


def load_translations(path: Path = TABLE) -> Translations:
    """Return p(Chinese word | English word) by English word, lower case.

    The table is learned by ``index/training``: a line is the English word, then
    ``chinese:probability`` columns. Raises :class:`CorpusError` when it is missing or damaged.
    """
    try:
        return Table(path, gzip.decompress(path.read_bytes()).decode("utf-8"))
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> CorpusError:
    return CorpusError(
        f"{path}: the translation table cannot be read ({error}); restore it from git"
    )


@dataclass(frozen=True)
class Translator:
    """Looks words up in the table under any spelling, and in its inverse."""

    table: Translations

    def chinese(self, word: str) -> Mapping[str, float]:
        """Return the Chinese forms of ``word`` (lower case); empty when unknown.

        Its spellings are looked up first, American and British mixed, then its base forms.
        """
        for form in base_forms(word):
            row = self._row(form)
            if row:
                return row
        return {}

    def parts(self, word: Word) -> list[str]:
        """Return the words of the table that ``word`` is written for: itself, or its halves.

        ``crossborder`` is *cross* and *border*. Empty when there are none.
        """
        text = _ACRONYMS.get(word.text, word.text) if word.acronym else word.text
        if self.chinese(text):
            return [text]
        for first, second in halves(text):
            if self._row(first) and self.chinese(second):
                return [first, second]
        return []

    def english(self, word: str) -> Mapping[str, float]:
        """Return the English forms of a Chinese ``word``, likeliest first; empty when unknown."""
        return self._inverse.get(word, {})

    def _row(self, word: str) -> Mapping[str, float]:
        key = american(word)
        rows = [self.table[key]] if key in self.table else []
        british = [self.table[other] for other in self._british.get(key, ())]
        if not (rows and british):
            return (rows or british or [{}])[0]
        shares = [AMERICAN_SHARE, *[(1 - AMERICAN_SHARE) / len(british)] * len(british)]
        mixed: dict[str, float] = {}
        for share, row in zip(shares, [*rows, *british], strict=True):
            for form, probability in row.items():
                mixed[form] = mixed.get(form, 0.0) + share * probability
        return mixed

    @cached_property
    def _british(self) -> Mapping[str, tuple[str, ...]]:
        """The British spellings in the table by the American one."""
        found: dict[str, list[str]] = {}
        for word in self.table:
            key = american(word)
            if key != word:
                found.setdefault(key, []).append(word)
        return {key: tuple(words) for key, words in found.items()}

    @cached_property
    def _inverse(self) -> Mapping[str, Mapping[str, float]]:
        """p(English | Chinese): the table turned round, every English word as likely before."""
        turned: dict[str, dict[str, float]] = {}
        for english, forms in self.table.items():
            for chinese, probability in forms.items():
                turned.setdefault(chinese, {})[english] = probability
        return {chinese: _likeliest(forms) for chinese, forms in turned.items()}


def _likeliest(forms: Mapping[str, float]) -> dict[str, float]:
    total = sum(forms.values())
    best = sorted(forms.items(), key=lambda each: (-each[1], each[0]))[:MAX_INVERSE]
    return {form: p / total for form, p in best if p >= MIN_INVERSE * total}
