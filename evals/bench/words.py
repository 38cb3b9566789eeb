"""BM25 alone, by bm25s: with its own tokenizer, or with the words that jieba finds."""

import logging
import re
from collections.abc import Sequence
from pathlib import Path

import bm25s

from evals.bench.systems import Built, Search, read_texts

_WORD = re.compile(r"\w")


def build(documents: Path, folder: Path, most_s: float, chinese: bool = False) -> Built:  # noqa: ARG001
    """Build the index and save it, a document a passage."""
    texts = read_texts(documents)
    index = bm25s.BM25()
    index.index(_tokens(texts, chinese), show_progress=False)
    index.save(str(folder), show_progress=False)
    return Built(len(texts), 0)


def load(folder: Path, documents: Path, chinese: bool = False) -> Search:  # noqa: ARG001
    """Return the search of a saved index; it finds no document without a word of the question."""
    index = bm25s.BM25.load(str(folder), show_progress=False)
    count = index.scores["num_docs"]

    def search(question: str, k: int) -> list[int]:
        found, scores = index.retrieve(
            _tokens([question], chinese), k=min(k, count), show_progress=False
        )
        return [int(n) for n, score in zip(found[0], scores[0], strict=True) if score > 0]

    return search


def _tokens(texts: Sequence[str], chinese: bool) -> object:
    if not chinese:
        return bm25s.tokenize(list(texts), show_progress=False)
    import jieba

    jieba.setLogLevel(logging.WARNING)
    return [[word.lower() for word in jieba.cut(text) if _WORD.search(word)] for text in texts]
