"""What processes do that read and write one index at once.

A generation is told by its mark, two characters that stand in every page of it and in no
other. :data:`PROCESSES` starts processes that have imported all this already.
"""

import multiprocessing
import random
import threading
import time
from collections import Counter
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import numpy as np

from index.build import build_index
from index.index import Index
from index.store import current, load_index, load_sound_index, writer_lock
from index.text import fold
from index.types import CorpusError
from tests.embedders import BigramEmbedder

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.sharing"])

PAGES = 5
PUBLISHED = "published"  # the file beside the index that tells that no generation follows
# One a generation, each itself in simplified and in traditional characters.
MARKS = [c for c in map(chr, range(0x4E00, 0x6000)) if fold(c) == c]


def mark(generation: int) -> str:
    """Return two characters that stand in the pages of one generation only."""
    return "卍" + MARKS[generation]


def write_generation_of_pages(pages: Path, generation: int) -> None:
    """Write the pages of a generation over those of the one before."""
    pages.mkdir(exist_ok=True)
    for number in range(PAGES):
        said = f"这是第{number}版的正文，{mark(generation)}，记者昨日到场采访。"
        words = f"题目{number}{mark(generation)}\n\n本报记者 甲乙\n\n{said}\n"
        (pages / f"{number}.txt").write_text(words, "utf-8")


def publish(folder: Path, pages: Path, count: int) -> None:
    """Build ``count`` generations more than the first, one after the other."""
    for generation in range(1, count + 1):
        write_generation_of_pages(pages, generation)
        build_index([pages], folder, BigramEmbedder())
    (folder.parent / PUBLISHED).touch()


def generation_of(index: Index, draw: random.Random) -> int:
    """Return of which generation all is that a question brings up; raise where it is of two.

    The question is a search by vector and by words. Pages, articles, chunks, vectors and
    postings of what it finds are looked at.
    """
    asked = f"第{draw.randrange(PAGES)}版的正文"
    vectors = BigramEmbedder().encode_questions([asked])
    scores = np.zeros(len(index.chunks), dtype=np.float32)
    index.postings["characters"].add_bm25(scores, {"正文": 1.0}, 1.0)
    (near,) = index.nearest(vectors, 3)
    rows = [row for row, _ in near] + np.argsort(-scores)[:3].tolist()
    marks = set()
    for row in rows:
        chunk = index.chunks[row]
        page = index.pages[chunk.article.file]
        texts = (chunk.search_text, chunk.excerpt.text, chunk.article.headline, page.text,
                 index.articles[chunk.article.id].body.text)  # fmt: skip
        marks |= {text[text.index("卍") + 1] for text in texts}
        expected = BigramEmbedder().encode_passages([chunk.search_text])
        if not np.allclose(index.matrix([row]), expected, atol=2e-2):
            raise AssertionError(f"row {row}: the vector is not that of {chunk.search_text!r}")
    if len(marks) != 1:
        raise AssertionError(f"two generations in one answer: {sorted(marks)}")
    (found,) = marks
    generation = MARKS.index(found)
    for other, wanted in ((found, True), (MARKS[generation - 1], False)):
        scores[:] = 0
        index.postings["characters"].add_bm25(scores, {f"卍{other}": 1.0}, 1.0)
        if bool(scores[rows].all()) != wanted or bool(scores.any()) != wanted:
            raise AssertionError(f"the postings of generation {generation} are of another")
    return generation


def read(folder: Path, questions: int, threads: int) -> dict[str, Any]:
    """Ask until as many questions were asked and all is published; return what was seen."""
    counted: Counter[str] = Counter()
    seen: set[int] = set()
    problems: list[str] = []
    lock = threading.Lock()
    live: list[Index] = [load_index(folder)]  # replaced as a whole, as the app does it

    def ask(number: int) -> None:
        draw = random.Random(f"{folder.name} {number}")
        kept = live[0]  # a request that takes long
        of_kept = generation_of(kept, draw)
        last = False  # that one is asked of the newest generation
        while not last:
            last = (folder.parent / PUBLISHED).exists() and counted["questions"] >= questions
            found, problem = -1, ""
            try:
                if live[0].manifest.generation != current(folder):
                    live[0] = load_index(folder)
                index = live[0]
                how = draw.random()
                if how < 0.03:  # started just now, while another writes
                    index, problem = load_sound_index(folder)
                elif how < 0.06:  # still on its way
                    index = kept
                found = generation_of(index, draw)
                if index is kept and found != of_kept:
                    problem = f"what was pinned has changed: {of_kept}, {found}"
                if how > 0.98:
                    kept, of_kept = index, found
            except Exception as error:  # noqa: BLE001 - every one is a failure, and told
                problem = f"{type(error).__name__}: {error}"
            with lock:
                counted["questions"] += 1
                seen.update([found] if found >= 0 else [])
                problems.extend([problem] if problem else [])

    crew = [threading.Thread(target=ask, args=(number,)) for number in range(threads)]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    return {"questions": counted["questions"], "generations": seen, "problems": problems[:3]}


def add(folder: Path, *pages: Path) -> int:
    """Index one page after the other, again while another writes; return how often it was."""
    draw, turned_away = random.Random(str(pages[0])), 0
    for page in pages:
        while True:
            try:
                build_index([page], folder, BigramEmbedder())
                break
            except CorpusError as error:
                if "another process is writing" not in str(error):
                    raise
                turned_away += 1
                time.sleep(draw.uniform(0.01, 0.15))
    return turned_away


def hold(folder: Path, held: Event) -> None:
    """Have the right to write, tell so, and keep it until killed."""
    with writer_lock(folder):
        held.set()
        time.sleep(600)
