"""The bilingual table: what an English word becomes in Chinese, with probabilities."""

import gzip
from collections.abc import Iterator, Mapping
from pathlib import Path

import index
from index.types import CorpusError

TABLE = Path(index.__file__).parent / "model" / "translations.tsv.gz"

Translations = Mapping[str, Mapping[str, float]]

_SUFFIXES = (
    ("ies", "y"), ("ied", "y"), ("sses", "ss"), ("es", ""), ("es", "e"), ("s", ""),
    ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"), ("er", ""), ("ers", ""), ("ly", ""),
)  # fmt: skip


def load_translations(path: Path = TABLE) -> Translations:
    """Return p(Chinese word | English word) by English word, lower case.

    The table is learned by ``index/training``: a line is the English word, then
    ``chinese:probability`` columns. Raises :class:`CorpusError` when it is missing or damaged.
    """
    table: dict[str, dict[str, float]] = {}
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                english, *columns = line.rstrip("\n").split("\t")
                forms = (column.rpartition(":") for column in columns)
                table[english] = {chinese: float(p) for chinese, _, p in forms}
    except (OSError, EOFError, ValueError) as error:
        raise CorpusError(
            f"{path}: the translation table cannot be read ({error}); restore it from git"
        ) from error
    return table


def translate(word: str, table: Translations) -> Mapping[str, float]:
    """Return the Chinese forms of ``word``, or of its base form; empty when unknown."""
    for form in _base_forms(word):
        if form in table:
            return table[form]
    return {}


def _base_forms(word: str) -> Iterator[str]:
    yield word
    for suffix, ending in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            stem = word[: -len(suffix)]
            yield stem + ending
            if suffix in ("ed", "ing", "er") and not ending and stem[-1:] == stem[-2:-1]:
                yield stem[:-1]
