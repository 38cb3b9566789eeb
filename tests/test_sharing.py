"""Many read while one writes, and many want to write: nobody is hurt, and nothing is lost."""

import json
import os
import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from index.build import build_index
from index.store import load_index, verify_index, writer_lock
from index.types import CorpusError
from tests.editions import first_edition, in_memory, page
from tests.embedders import BigramEmbedder
from tests.sharing import PROCESSES, add, hold, publish, read, write_generation_of_pages
from tests.torture import Torture

pytestmark = pytest.mark.torture


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Path]:
    """Return an empty folder."""
    with in_memory(tmp_path) as found:
        yield found


def processes(number: int) -> ProcessPoolExecutor:
    """Return as many processes that work at once."""
    return ProcessPoolExecutor(number, mp_context=PROCESSES)


# Readers


def test_readers_are_answered_from_one_generation_while_it_is_replaced(
    desk: Path, torture: Torture
) -> None:
    pages, folder = desk / "pages", desk / "index"
    write_generation_of_pages(pages, 0)
    build_index([pages], folder, BigramEmbedder())
    generations, readers = torture.times(4, 100), torture.times(1, 3)
    asked = torture.times(100, 10_000)
    with processes(readers + 1) as pool:
        crew = [pool.submit(read, folder, asked // readers + 1, 2) for _ in range(readers)]
        pool.submit(publish, folder, pages, generations).result()
        told = [reader.result() for reader in crew]
    assert [row["problems"] for row in told] == [[]] * readers
    questions = sum(row["questions"] for row in told)
    assert questions >= asked
    seen = {generation for row in told for generation in row["generations"]}
    assert seen <= set(range(generations + 1))
    assert max(seen) == generations
    assert verify_index(folder) == []
    torture.tell(
        "readers during re-indexing",
        questions=questions,
        generations=generations + 1,
        generations_seen=len(seen),
        processes=readers,
        threads=2 * readers,
        errors=0,
        mixed=0,
    )


# Writers


def collection(path: Path, number: int, articles: int) -> list[str]:
    """Write a collection of articles, and return their headlines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [
        {
            "headline": f"{path.parent.name}社第{number}批第{at}条消息",
            "text": f"本报讯 {path.parent.name}社昨日发来第{number}批的第{at}条消息，供读者查看。",
        }
        for at in range(articles)
    ]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return [row["headline"] for row in rows]


def test_of_what_many_writers_add_at_once_nothing_is_lost(desk: Path, torture: Torture) -> None:
    folder = desk / "index"
    writers, batches, articles = torture.times(2, 6), torture.times(2, 10), torture.times(5, 50)
    expected: list[str] = []
    with processes(writers) as pool:
        crew = []
        for writer in "甲乙丙丁戊己"[:writers]:
            paths = [desk / writer / f"{writer}{number}.jsonl" for number in range(batches)]
            for number, path in enumerate(paths):
                expected += collection(path, number, articles)
            crew.append(pool.submit(add, folder, *paths))
        turned_away = sum(writer.result() for writer in crew)
    found = [article.headline for article in load_index(folder).articles.values()]
    assert sorted(found) == sorted(expected)
    assert len(found) == writers * batches * articles
    assert verify_index(folder) == []
    torture.tell(
        "writers at once",
        writers=writers,
        articles_each=batches * articles,
        builds=writers * batches,
        turned_away_and_tried_again=turned_away,
        lost=0,
    )


@contextmanager
def holding(folder: Path) -> Iterator[int]:
    """Let another process, whose id is yielded, have the right to write, and kill it."""
    held = PROCESSES.Event()
    holder = PROCESSES.Process(target=hold, args=(folder, held))
    holder.start()
    try:
        assert held.wait(60)
        assert holder.pid
        yield holder.pid
    finally:
        holder.kill()
        holder.join()
        holder.close()


def test_a_writer_killed_on_the_way_locks_nobody_out(desk: Path, torture: Torture) -> None:
    pages, folder = first_edition(desk / "pages"), desk / "index"
    times = torture.times(1, 20)
    for number in range(times):
        with (
            holding(folder),
            pytest.raises(CorpusError, match="another process is writing"),
        ):
            build_index([pages], folder, BigramEmbedder())
        page(pages, "9", f"第{number}次更新")
        assert build_index([pages], folder, BigramEmbedder()).files
        assert verify_index(folder) == []
    torture.tell("writers killed with the lock in hand", kills=times, locked_out=0)


def test_who_is_turned_away_is_told_by_which_process(desk: Path) -> None:
    with (
        holding(desk / "index") as pid,
        pytest.raises(CorpusError, match=r"another process is writing.*wait") as told,
    ):
        build_index([first_edition(desk / "pages")], desk / "index", BigramEmbedder())
    assert str(pid) in str(told.value)


@pytest.mark.parametrize(
    "left", ["", "999999999\n", "1\n", "4711@another-host\n", "\x00\xff", "{"], ids=repr
)
def test_a_lock_file_that_was_left_behind_is_no_lock(desk: Path, left: str) -> None:
    """Of a process that is dead, of one that never was, of another machine, or torn."""
    pages, folder = first_edition(desk / "pages"), desk / "index"
    with writer_lock(folder):
        locks = [path for path in folder.rglob("*") if path.is_file()]
    for path in locks:
        path.write_text(left, "utf-8")
        os.utime(path, (0, random.Random(left).randrange(2**31)))
    build_index([pages], folder, BigramEmbedder())
    assert verify_index(folder) == []
