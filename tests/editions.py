"""A small archive that changes from edition to edition, and all that an index of it tells.

No file of an index is named here: what counts is what its public functions give back.
"""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index.index import Index
from index.store import exists, load_index
from index.types import CorpusError
from tests.embedders import BigramEmbedder
from tests.issue import write_issue

QUESTIONS = ("第3篇的正文写了什么", "清江大桥什么时候通车", "改过的消息")
MEMORY = Path("/dev/shm")
NEAREST = 5  # chunks that a search by vector returns
# What a manifest says of the contents; the rest names files and generations.
SAID = ("model_name", "model_identity", "dimension", "counts", "roots", "removed", "corrections")


def page(folder: Path, name: str, said: str) -> Path:
    """Write one page, an article, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.txt"
    path.write_text(f"题目{name}\n\n本报记者 甲乙\n\n这是第{name}篇的正文，{said}。\n", "utf-8")
    return path


def first_edition(folder: Path, pages: int = 6) -> Path:
    """Write an issue whose article jumps, and some pages; return the folder."""
    write_issue(folder)
    for number in range(pages):
        page(folder, str(number), "记者昨日到场采访")
    return folder


def next_edition(folder: Path, number: int) -> None:
    """Change a page, add one and take one away, so that there are always as many."""
    page(folder, "0", f"第{number}次改过的消息")
    page(folder, f"{number}期", f"新添的消息{number}")
    (folder / f"{number - 1}期.txt").unlink(missing_ok=True)


@dataclass(frozen=True)
class Told:
    """Digests of what an index tells: ``words`` of what answers are made of, ``manifest`` of
    what it says of them (:data:`SAID`).
    """

    words: str
    manifest: str


NOTHING = Told("no index", "no index")


def told_by(index: Index) -> Told:
    """Return the digests of ``index``; in what order it keeps its chunks makes no difference."""
    said = {name: getattr(index.manifest, name) for name in SAID}
    return Told(_digest(words_of(index)), _digest(said))


def words_of(index: Index) -> dict[str, Any]:
    """Return the pages, articles, chunks and vectors of ``index``, and what searches find."""
    vectors = index.matrix(range(len(index.chunks)))
    return {
        "pages": {file: asdict(page) for file, page in index.pages.items()},
        "articles": {id: asdict(article) for id, article in index.articles.items()},
        "unlinked": {file: list(map(asdict, found)) for file, found in index.unlinked.items()},
        "chunks": {
            chunk.id: (chunk.article.id, chunk.start, chunk.end, chunk.search_text, _rounded(row))
            for chunk, row in zip(index.chunks, vectors, strict=True)
        },
        "found": [searched(index, question) for question in QUESTIONS],
    }


def searched(index: Index, question: str) -> dict[str, Any]:
    """Return the cosine and the lexical score of every chunk, and the best cosines found."""
    vectors = BigramEmbedder().encode_questions([question])
    scores = np.zeros(len(index.chunks), dtype=np.float32)
    for kind in ("characters", "words"):
        for term in (question[at : at + 2] for at in range(len(question) - 1)):
            index.postings[kind].add_bm25(scores, {term: 1.0}, 1.0)
    cosines = index.matrix(range(len(index.chunks))) @ vectors[0]
    (near,) = index.nearest(vectors, NEAREST)
    both = zip(index.chunks, cosines, scores, strict=True)
    return {
        "scores": {c.id: (round(float(one), 3), round(float(two), 3)) for c, one, two in both},
        "nearest": [round(score, 3) for _, score in near],
    }


def told_at(folder: Path) -> Told:
    """Return what the index at ``folder`` tells; :data:`NOTHING` where none was completed.

    Raises :class:`CorpusError` as loading does.
    """
    try:
        return told_by(load_index(folder))
    except CorpusError:
        if exists(folder):
            raise
        return NOTHING


def size_of(folder: Path) -> tuple[int, int]:
    """Return how many files lie under ``folder``, and their bytes, shared ones once."""
    stats = [path.lstat() for path in folder.rglob("*") if not path.is_dir()]
    return len(stats), sum({stat.st_ino: stat.st_size for stat in stats}.values())


def _rounded(row: np.ndarray[Any, np.dtype[np.float32]]) -> list[float]:
    return [round(float(value), 4) for value in row]


def _digest(values: Any) -> str:
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@contextmanager
def in_memory(instead: Path) -> Iterator[Path]:
    """Yield an empty folder in memory, where there is such a place: thousands are copied."""
    if not MEMORY.is_dir():
        yield instead
        return
    with tempfile.TemporaryDirectory(dir=MEMORY, prefix="wenbao-") as name:
        yield Path(name)
