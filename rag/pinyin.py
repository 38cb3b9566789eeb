"""Chinese by its sound: names spelled in pinyin, and words typed with the wrong homophone.

Sounds are toneless syllables with ü as v. What a sound stands for is looked up in the
characters of one index, so that only what is printed is found.
"""

import importlib.util
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.bylines import SURNAMES
from index.lexical import PAIR_BITS, PAIR_MASK
from index.text import simplify

MAX_NAME_WORDS = 4
MAX_NAME_SYLLABLES = 6
MAX_NAMES = 20  # spelled in one text
LAST_COMMON = 0xA000  # rarer characters lie behind it

# The characters that may stand at each place of a name.
Groups = Sequence[Collection[str]]

_WORD = re.compile(r"[A-Za-züÜ]+(?:['’-][A-Za-züÜ]+)*")
_TONES = re.compile(r"[\u0300-\u036f]")
_PARTS = re.compile(r"['’-]")
_POSSESSIVE = re.compile(r"['’]s$")
_INITIALS = r"[A-Z]\.?[\s-]?(?:[A-Z]\b\.?)?"
_SURNAME_FIRST = re.compile(rf"\b(?P<surname>[A-Z][A-Za-zü]{{0,5}}),?\s(?P<initials>{_INITIALS})")
_SURNAME_LAST = re.compile(rf"\b(?P<initials>{_INITIALS})\s?(?P<surname>[A-Z][a-zü]{{1,5}})\b")
_QUOTES = "\"'“‘「『"


def syllables(word: str) -> tuple[str, ...]:
    """Return ``word`` (lower-case letters) cut into pinyin syllables; empty when it is not pinyin.

    The cut with the fewest syllables wins, the longer first syllable among equals. ü may be
    written ü, v or yu behind l and n.
    """
    word = word.replace("ü", "v").replace("lyu", "lv").replace("nyu", "nv")
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


@lru_cache(maxsize=30_000)
def readings(character: str) -> tuple[str, ...]:
    """Return the syllables that ``character`` is read as; none when it has no reading."""
    if len(character) != 1 or ord(character) >= LAST_COMMON:
        return ()
    read = _toneless().get(ord(character))
    return tuple(dict.fromkeys(read.split(","))) if read else ()


@lru_cache(maxsize=1)
def _syllables() -> frozenset[str]:
    return frozenset(",".join(_toneless().values()).split(","))


@lru_cache(maxsize=1)
def _toneless() -> Mapping[int, str]:
    """Return the readings of common characters by code point, without tones, commas between."""
    toned = {code: each for code, each in _pypinyin_table().items() if code < LAST_COMMON}
    decomposed = unicodedata.normalize("NFD", "\n".join(toned.values()))
    plain = _TONES.sub("", decomposed.replace("u\u0308", "v"))
    return dict(zip(toned, plain.split("\n"), strict=True))


@lru_cache(maxsize=1)
def _pypinyin_table() -> Mapping[int, str]:
    """Return pypinyin's readings by code point: tone marks, commas between them.

    Without the rest of the package, whose 47,000 phrases take a third of a second to load.
    """
    package = importlib.util.find_spec("pypinyin")
    if package is None or not package.origin:
        raise ModuleNotFoundError("pypinyin is not installed", name="pypinyin")
    path = Path(package.origin).with_name("pinyin_dict.py")
    spec = importlib.util.spec_from_file_location("pypinyin_table", path)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"{path} is not there", name="pypinyin")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    table: Mapping[int, str] = module.pinyin_dict
    return table


@dataclass(frozen=True)
class Sounds:
    """The Chinese bigrams of one index, to be found by sound.

    ``pairs`` are their codes, ascending (:func:`index.lexical.pair_codes`): a large index has a
    million of them.
    """

    pairs: NDArray[np.int64]

    @cached_property
    def _of_syllable(self) -> Mapping[str, tuple[str, ...]]:
        """The characters of the index by syllable."""
        found: dict[str, list[str]] = {}
        printed = np.zeros(PAIR_MASK + 1, dtype=bool)
        printed[self.pairs >> PAIR_BITS] = True
        printed[self.pairs & PAIR_MASK] = True
        for character in map(chr, np.flatnonzero(printed).tolist()):
            for reading in readings(character):
                found.setdefault(reading, []).append(character)
        return {reading: tuple(same) for reading, same in found.items()}

    def characters(self, syllable: str) -> tuple[str, ...]:
        """Return the characters that sound so. ``lu`` may be lü, which few keyboards write."""
        found = self._of_syllable.get(syllable, ())
        if syllable in ("lu", "nu", "lue", "nue"):
            found += self._of_syllable.get(syllable.replace("u", "v", 1), ())
        return found

    def initialled(self, letter: str) -> tuple[str, ...]:
        """Return the characters whose sound begins with ``letter``."""
        same = (chars for sound, chars in self._of_syllable.items() if sound[0] == letter)
        return tuple(dict.fromkeys(character for chars in same for character in chars))

    def homophones(self, bigram: str) -> tuple[str, ...]:
        """Return the other bigrams of the index that sound like ``bigram``."""
        groups = [
            dict.fromkeys(same for sound in readings(char) for same in self.characters(sound))
            for char in bigram
        ]
        found = self.chained([tuple(group) for group in groups])
        return tuple(other for other in found[0] if other != bigram) if found else ()

    def chained(self, groups: Groups) -> list[tuple[str, ...]]:
        """Return, for each two neighbouring places, the bigrams of the words that ``groups`` allow.

        A bigram counts only where one on either side goes on with its character. Empty when
        the index holds no such word.
        """
        reached: Collection[str] = groups[0]
        found: list[list[str]] = []
        for following in groups[1:]:
            here = self._printed(reached, following)
            if not here:
                return []
            found.append(here)
            reached = dict.fromkeys(pair[1] for pair in here)
        for at in range(len(found) - 2, -1, -1):
            onwards = {pair[0] for pair in found[at + 1]}
            found[at] = [pair for pair in found[at] if pair[1] in onwards]
        return [tuple(pairs) for pairs in found]

    def _printed(self, firsts: Iterable[str], seconds: Iterable[str]) -> list[str]:
        """Return the bigrams of the index of one character of each, in their order."""
        ahead, behind = (np.array([ord(c) for c in each], np.int64) for each in (firsts, seconds))
        if not (len(ahead) and len(behind)):
            return []
        # All bigrams that begin so, then those of them that end so: there are fewer of them
        # than of the pairs that could be.
        starts = np.searchsorted(self.pairs, ahead << PAIR_BITS)
        counts = np.searchsorted(self.pairs, (ahead + 1) << PAIR_BITS) - starts
        first = np.repeat(np.arange(len(ahead)), counts)
        codes = self.pairs[np.arange(len(first)) + (starts - counts.cumsum() + counts)[first]]
        place = np.full(int(behind.max()) + 2, -1, dtype=np.int64)
        place[behind] = np.arange(len(behind))
        second = place[np.minimum(codes & PAIR_MASK, len(place) - 1)]
        held = np.flatnonzero(second >= 0)
        found = codes[held[np.lexsort((second[held], first[held]))]]
        return [chr(code >> PAIR_BITS) + chr(code & PAIR_MASK) for code in found.tolist()]

    def names(self, text: str, english: Collection[str]) -> list[list[tuple[str, ...]]]:
        """Return the bigrams of each name that ``text`` spells in pinyin, as :meth:`chained` does.

        The surname comes first or last; syllables stand apart, together or with hyphens and
        apostrophes; given names may be initials. Small letters make a name where a word of
        it is not in ``english``. Of more than :data:`MAX_NAMES`, the first.
        """
        found = []
        for groups in self._spelled(simplify(text), english):
            name = self.chained(groups)
            if name and name not in found:
                found.append(name)
            if len(found) == MAX_NAMES:
                break
        return found

    def _spelled(self, text: str, english: Collection[str]) -> Iterator[Groups]:
        for run in _runs(text):
            at = 0
            while at < len(run):
                for length in range(min(MAX_NAME_WORDS, len(run) - at), 0, -1):
                    window = run[at : at + length]
                    names = [
                        groups
                        for groups in self._orders(window)
                        if _is_name(window, english) and self.chained(groups)
                    ]
                    if names:
                        yield from names
                        at += length
                        break
                else:
                    at += 1
        for pattern in (_SURNAME_FIRST, _SURNAME_LAST):
            for match in pattern.finditer(text):
                surname = syllables(match["surname"].lower())
                if len(surname) == 1:
                    same = [each for each in self.characters(surname[0]) if each in SURNAMES]
                    letters = re.findall("[a-z]", match["initials"].lower())
                    if same and len(letters) > 1:
                        yield [same, *map(self.initialled, letters)]

    def _orders(self, window: Sequence["_Spelled"]) -> list[Groups]:
        cut = [word.syllables for word in window]
        orders = [cut] if len(cut) == 1 else [cut, [cut[-1], *cut[:-1]]]
        flat = dict.fromkeys(tuple(each for part in order for each in part) for order in orders)
        return [
            [self.characters(each) for each in name]
            for name in flat
            if 2 <= len(name) <= MAX_NAME_SYLLABLES
        ]


@dataclass(frozen=True, slots=True)
class _Spelled:
    """A word that can be read as pinyin, and whether it is written like a name."""

    text: str
    syllables: tuple[str, ...]
    named: bool


def _runs(text: str) -> Iterator[list[_Spelled]]:
    """Yield the runs of adjacent words that are pinyin, all of them like names or none."""
    run: list[_Spelled] = []
    last = 0
    for match in _WORD.finditer(text):
        bare = _POSSESSIVE.sub("", match[0])
        parts = [syllables(part) if len(part) < 30 else () for part in _PARTS.split(bare.lower())]
        named = bare[0].isupper() or (match.start() > 0 and text[match.start() - 1] in _QUOTES)
        adjacent = match.start() - last < 3 and text[last : match.start()].isspace()
        if run and not (adjacent and all(parts) and run[-1].named == named):
            yield run
            run = []
        if all(parts):
            flat = tuple(syllable for part in parts for syllable in part)
            run.append(_Spelled(bare.lower(), flat, named))
        last = match.end()
    if run:
        yield run


def _is_name(window: Sequence[_Spelled], english: Collection[str]) -> bool:
    return all(word.named for word in window) or any(
        len(word.syllables) > 1 and word.text not in english for word in window
    )


def romanised(bigram: str) -> tuple[str, ...]:
    """Return the ways to write a Chinese ``bigram`` as one pinyin word, ü as v and u."""
    first, second = map(readings, bigram)
    spelled = [a + b for a in first for b in second]
    return tuple(dict.fromkeys([*spelled, *(word.replace("v", "u") for word in spelled)]))
