"""The bilingual table: what an English word becomes in Chinese, with probabilities, and back."""

import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import index
from index.keyed_lines import KEY_BYTES, KeyedLines, keys_at
from index.types import CorpusError
from rag.spelling import Word, american, base_forms, british, halves

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
    """A table that is read where it is asked, in either direction: a question asks for a few words.

    ``lines`` are those of the file ``path``, by English word.
    """

    path: Path
    lines: KeyedLines

    def __contains__(self, english: object) -> bool:
        return english in self.lines

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

    @cached_property
    def _places(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """The first eight bytes of each column as a number, ascending, and where it stands."""
        data = np.frombuffer(self.lines.data, dtype=np.uint8)
        places = np.flatnonzero(data == ord("\t")) + 1
        keys = keys_at(data, places)
        order = np.argsort(keys, kind="stable")
        return keys[order], places[order]

    def turned(self, chinese: str) -> Mapping[str, float]:
        """Return p(``chinese`` | English word) by English word, where it is not 0."""
        column = chinese.encode("utf-8", "surrogatepass") + b":"
        least, most = (
            int.from_bytes(column[:KEY_BYTES].ljust(KEY_BYTES, fill)) for fill in (b"\0", b"\xff")
        )
        keys, places = self._places
        first = np.searchsorted(keys, np.uint64(least), "left")
        last = np.searchsorted(keys, np.uint64(most), "right")
        data, found = self.lines.data, {}
        for at in sorted(places[first:last].tolist()):
            if data.startswith(column, at):
                start = data.rfind(b"\n", 0, at) + 1
                english = data[start : data.index(b"\t", start)].decode("utf-8")
                found[english] = self[english][chinese]
        return found


def load_translations(path: Path = TABLE) -> Translations:
    """Return p(Chinese word | English word) by English word, lower case.

    The table is learned by ``index/training``: a line is the English word, then
    ``chinese:probability`` columns. Raises :class:`CorpusError` when it is missing or damaged.
    """
    try:
        return Table(path, KeyedLines(gzip.decompress(path.read_bytes())))
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
        return _likeliest(self._turned(word))

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
        for word, key in british(self.table):
            found.setdefault(key, []).append(word)
        return {key: tuple(words) for key, words in found.items()}

    @cached_property
    def _turned(self) -> Callable[[str], Mapping[str, float]]:
        """p(Chinese word | English) by English word, of a Chinese word: every one as likely."""
        if isinstance(self.table, Table):
            return self.table.turned
        turned: dict[str, dict[str, float]] = {}
        for english, forms in self.table.items():
            for chinese, probability in forms.items():
                turned.setdefault(chinese, {})[english] = probability
        return lambda word: turned.get(word, {})


def _likeliest(forms: Mapping[str, float]) -> dict[str, float]:
    total = sum(forms.values())
    best = sorted(forms.items(), key=lambda each: (-each[1], each[0]))[:MAX_INVERSE]
    return {form: p / total for form, p in best if p >= MIN_INVERSE * total}
