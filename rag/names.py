"""Bilingual names: the newsroom's list, and how it is found in a text of either language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from index.text import fold, to_simplified
from index.types import CorpusError

NAME_SEPARATOR = "|"

_WORD = re.compile(r"[a-z]+(?:['’][a-z]+)*|\d+")


@dataclass(frozen=True)
class Names:
    """The list of names: ``pairs`` holds ``(chinese, english)``, several rows for one name.

    ``people`` are the Chinese names that the list says to be of persons.
    """

    pairs: tuple[tuple[str, str], ...]
    people: frozenset[str] = frozenset()

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

    def find_chinese(self, folded: str) -> list[tuple[str, tuple[str, ...]]]:
        """Return the Chinese names in ``folded`` text as ``(name, its English names)``.

        The longest name wins where two start at one character; names do not overlap.
        """
        found = []
        at = 0
        while at < len(folded):
            for length in range(min(self._lengths.get(folded[at], 0), len(folded) - at), 0, -1):
                english = self._all_english.get(folded[at : at + length])
                if english:
                    found.append((folded[at : at + length], english))
                    at += length
                    break
            else:
                at += 1
        return found

    def places(self, text: str) -> list[tuple[int, int, tuple[str, ...]]]:
        """Return the Chinese names in ``text`` as printed: ``(start, end, its English names)``.

        Traditional characters and capitals do not hide a name.
        """
        folded = to_simplified(text).lower()
        if len(folded) != len(text):  # offsets would be wrong
            folded = text
        found = []
        at = 0
        for name, english in self.find_chinese(folded):
            start = folded.index(name, at)  # names come in the order of the text
            at = start + len(name)
            found.append((start, at, english))
        return found

    @cached_property
    def _all_english(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for chinese, english in self.pairs:
            found.setdefault(fold(chinese), []).append(english)
        return {chinese: tuple(names) for chinese, names in found.items()}

    @cached_property
    def _lengths(self) -> Mapping[str, int]:
        """The length of the longest Chinese name by its first character."""
        found: dict[str, int] = {}
        for chinese in self._all_english:
            found[chinese[0]] = max(len(chinese), found.get(chinese[0], 0))
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
    people = set()
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
        if len(columns) > 2 and columns[2].strip() == "person":
            people.add(columns[0].strip())
    return Names(tuple(pairs), frozenset(people))


def _words(english: str) -> list[str]:
    """Return the words of an English name or text as names are compared: no case, no plural."""
    words = _WORD.findall(fold(english).replace("-", " "))
    return [word.removesuffix("'s").removesuffix("’s") for word in words if word != "the"]
