"""Bilingual names: the newsroom's list, and pinyin for the names that are not in it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path

from index.text import fold, is_han
from index.types import CorpusError

NAME_SEPARATOR = "|"

_WORD = re.compile(r"[a-z]+(?:['’][a-z]+)*|\d+")


@dataclass(frozen=True)
class Names:
    """The list of names: ``pairs`` holds ``(chinese, english)``, several rows for one name."""

    pairs: tuple[tuple[str, str], ...]

    @cached_property
    def _chinese_of(self) -> Mapping[tuple[str, ...], tuple[str, ...]]:
        found: dict[tuple[str, ...], list[str]] = {}
        for chinese, english in self.pairs:
            key = tuple(_words(english))
            if key and chinese not in found.setdefault(key, []):
                found[key].append(chinese)
        return {key: tuple(names) for key, names in found.items()}

    @cached_property
    def _english_of(self) -> Mapping[str, str]:
        first: dict[str, str] = {}
        for chinese, english in self.pairs:
            first.setdefault(chinese, english)
        return first

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._chinese_of), default=0)

    def english(self, chinese: str) -> str | None:
        """Return the first English name of ``chinese``, if the list has one."""
        return self._english_of.get(chinese)

    def find(self, text: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Return the English names in ``text`` as ``(its words, its Chinese names)``.

        The longest name wins where two start at one word; names do not overlap.
        """
        words = _words(text)
        found = []
        at = 0
        while at < len(words):
            for length in range(min(self._longest, len(words) - at), 0, -1):
                key = tuple(words[at : at + length])
                if key in self._chinese_of:
                    found.append((key, self._chinese_of[key]))
                    at += length
                    break
            else:
                at += 1
        return found


def load_names(path: Path) -> Names:
    """Return the names in the tab-separated file at ``path``: chinese, english, kind.

    ``english`` may hold several names parted by ``|``. A missing file is an empty list.
    Raises :class:`CorpusError` naming the line that has no two columns.
    """
    if not path.exists():
        return Names(())
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: cannot be read as UTF-8 ({error}); save it again") from error
    pairs: list[tuple[str, str]] = []
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip() or line.startswith("#"):
            continue
        columns = line.split("\t")
        if len(columns) < 2 or not columns[0].strip() or not columns[1].strip():
            raise CorpusError(
                f"{path}, line {number}: {line[:40]!r} is not a Chinese name, a tab and an "
                "English name; mend the line"
            )
        names = (english.strip() for english in columns[1].split(NAME_SEPARATOR))
        pairs.extend((columns[0].strip(), english) for english in names if english)
    return Names(tuple(pairs))


def _words(english: str) -> list[str]:
    """Return the words of an English name or text as names are compared: no case, no plural."""
    words = _WORD.findall(fold(english).replace("-", " "))
    return [word.removesuffix("'s").removesuffix("’s") for word in words if word != "the"]


def syllables(word: str) -> tuple[str, ...]:
    """Return ``word`` (lower-case letters) cut into pinyin syllables; empty when it is not pinyin.

    The cut with the fewest syllables wins, the longer first syllable among equals.
    """
    best: list[tuple[str, ...] | None] = [None] * (len(word) + 1)
    best[len(word)] = ()
    known = _syllables()
    for start in range(len(word) - 1, -1, -1):
        for end in range(min(len(word), start + 6), start, -1):
            rest = best[end]
            if rest is None or word[start:end] not in known:
                continue
            here = best[start]
            if here is None or len(rest) + 1 < len(here):
                best[start] = (word[start:end], *rest)
    return best[0] or ()


@lru_cache(maxsize=1)
def _syllables() -> frozenset[str]:
    return frozenset(reading for readings in _readings().values() for reading in readings)


@lru_cache(maxsize=1)
def _readings() -> Mapping[str, tuple[str, ...]]:
    """Return the toneless readings of every Chinese character, ü written as v."""
    import unicodedata

    from pypinyin.pinyin_dict import pinyin_dict

    def toneless(reading: str) -> str:
        plain = unicodedata.normalize("NFD", reading).replace("u\u0308", "v")
        return "".join(letter for letter in plain if "a" <= letter <= "z")

    return {
        chr(code): tuple(dict.fromkeys(map(toneless, readings.split(","))))
        for code, readings in pinyin_dict.items()
        if code < 0xA000
    }


def pinyin_bigrams(terms: Iterable[str]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the two-character ``terms`` by the pinyin of their characters."""
    readings = _readings()
    found: dict[tuple[str, str], list[str]] = {}
    for term in terms:
        if len(term) != 2 or not (is_han(term[0]) and is_han(term[1])):
            continue
        for first in readings.get(term[0], ()):
            for second in readings.get(term[1], ()):
                found.setdefault((first, second), []).append(term)
    return {key: tuple(same) for key, same in found.items()}


def spelled_names(words: Iterable[str]) -> list[tuple[tuple[str, str], ...]]:
    """Return the pinyin bigrams of each name spelled in ``words``, surname first or last.

    ``words`` are adjacent capitalised words, as in *He Lihong* or *Lihong He*. A name of
    one syllable cannot be told from an English word and is left out.
    """
    cut = [syllables(word.lower()) for word in words]
    if not cut or not all(cut):
        return []
    orders = [cut] if len(cut) == 1 else [cut, [cut[-1], *cut[:-1]]]
    spelled = []
    for order in orders:
        flat = [syllable for part in order for syllable in part]
        if len(flat) > 1:
            spelled.append(tuple(pairwise(flat)))
    return list(dict.fromkeys(spelled))
