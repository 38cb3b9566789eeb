"""The bundled dictionary: Chinese words with their pinyin and a short English gloss."""

import gzip
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from index.keyed_lines import KeyedLines
from index.types import CorpusError

TABLE = Path(__file__).parent / "model" / "glosses.tsv.gz"
_VOWELS = frozenset("aāáǎàeēéěèoōóǒò")


@dataclass(frozen=True)
class Glossary:
    """CC-CEDICT in short. ``lines`` hold ``pinyin<TAB>gloss`` by Simplified word."""

    lines: Mapping[str, str]

    def __contains__(self, word: str) -> bool:
        return word in self.lines

    def gloss(self, word: str) -> str:
        """Return the first senses of ``word``; empty when it is not in the dictionary."""
        return self.lines.get(word, "").rpartition("\t")[2]

    def pinyin(self, word: str) -> str:
        """Return how ``word`` sounds, with tone marks and as one word.

        A word that is not in the dictionary, or sounds as its characters do, is put together
        from them.
        """
        own = self.lines.get(word, "").partition("\t")[0]
        return own or joined([self.lines.get(char, "").partition("\t")[0] for char in word])


def joined(syllables: Sequence[str]) -> str:
    """Return ``syllables`` as one word; an apostrophe parts a vowel from what is before it."""
    word = ""
    for syllable in syllables:
        word += f"'{syllable}" if word and syllable[:1] in _VOWELS and syllable else syllable
    return word


@lru_cache(maxsize=1)
def load_glossary(path: Path = TABLE) -> Glossary:
    """Return the dictionary that ``python -m index.training.glosses`` wrote.

    Raises :class:`CorpusError` when it is missing or damaged.
    """
    try:
        data = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise CorpusError(
            f"{path}: the dictionary of glosses cannot be read ({error}); restore it from git"
        ) from error
    return Glossary(KeyedLines(data))
