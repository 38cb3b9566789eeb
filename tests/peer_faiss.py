"""What becomes of the index of a LangChain FAISS store that is killed, cut short or damaged.

For the README's table of durability, beside WenBao's own figures. It needs packages that
WenBao does without, so it runs in an environment of its own::

    python -m venv peer && peer/bin/pip install langchain-community faiss-cpu
    peer/bin/python tests/peer_faiss.py

It writes a line of JSON a promise. Each trial is done by a forked process, as a damaged file
may end it.
"""

import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

KILLS, FLIPS, LIMITS = 100, 1000, 100
FEWER, MORE = 2_000, 3_000  # articles of the two states that are saved in turn
DIMENSION = 64
TRIAL_S = 20
MEMORY = 4 << 30  # that a trial may take: a damaged length may ask for all there is


def store_class() -> Any:
    """Return the class of the store."""
    return import_module("langchain_community.vectorstores").FAISS


def no_embedder() -> Any:
    """Return what stands for a model: vectors are given, and no question is asked."""
    return import_module("langchain_core.embeddings").DeterministicFakeEmbedding(size=DIMENSION)


def store_of(count: int) -> Any:
    """Return a store of as many articles; each tells of how many it is one."""
    vectors = np.random.default_rng(count).standard_normal((count, DIMENSION), dtype=np.float32)
    texts = [f"这是{count}篇中第{number}篇的正文。" for number in range(count)]
    pairs = list(zip(texts, vectors.tolist(), strict=True))
    return store_class().from_embeddings(pairs, embedding=no_embedder())


def told_at(folder: Path) -> tuple[list[str], bytes]:
    """Return the texts and the vectors of the store at ``folder``, in the order of its rows."""
    found = store_class().load_local(
        str(folder), no_embedder(), allow_dangerous_deserialization=True
    )
    rows = sorted(found.index_to_docstore_id)
    texts = [found.docstore.search(found.index_to_docstore_id[row]).page_content for row in rows]
    return texts, found.index.reconstruct_n(0, found.index.ntotal).tobytes()


def in_a_fork(trial: Callable[[], str]) -> str:
    """Return what ``trial`` returns, the name of its error, or how its process ended."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        signal.alarm(TRIAL_S)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            told = trial()
        except BaseException as error:  # noqa: BLE001 - whatever it is, it was noticed
            told = f"noticed: {type(error).__name__}"
        os.write(write, told.encode())
        os._exit(0)
    os.close(write)
    told = os.read(read, 1000).decode()
    os.close(read)
    _, status = os.waitpid(child, 0)
    return told or f"noticed: ended by signal {os.WTERMSIG(status)}"


def killed_while_saving(desk: Path) -> Counter[str]:
    """Kill -9 a process that saves one state after the other, at random moments."""
    stores = {count: store_of(count) for count in (FEWER, MORE)}
    draw = random.Random(1)
    stores[FEWER].save_local(str(desk / "fewer"))
    stores[MORE].save_local(str(desk / "more"))
    whole = [told_at(desk / name) for name in ("fewer", "more")]

    def look() -> str:
        return "whole" if told_at(desk / "index") in whole else "two states mixed"

    ended: Counter[str] = Counter()
    for _ in range(KILLS):
        shutil.rmtree(desk / "index", ignore_errors=True)
        shutil.copytree(desk / "fewer", desk / "index")
        child = os.fork()
        if not child:
            while True:
                for store in stores.values():
                    store.save_local(str(desk / "index"))
        time.sleep(draw.uniform(0.02, 0.3))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        ended[in_a_fork(look)] += 1
    return ended


def damaged(desk: Path, name: str) -> Counter[str]:
    """Load the store with one bit of a file changed, again and again."""
    folder = desk / "damaged"
    shutil.copytree(desk / "fewer", folder, dirs_exist_ok=True)
    before, draw = (folder / name).read_bytes(), random.Random(name)
    whole = told_at(folder)

    def look() -> str:
        return "of no effect" if told_at(folder) == whole else "another answer, not noticed"

    ended: Counter[str] = Counter()
    for _ in range(FLIPS):
        (folder / name).write_bytes(flipped(before, draw))
        ended[in_a_fork(look)] += 1
    (folder / name).write_bytes(before)
    return ended


def flipped(data: bytes, draw: random.Random) -> bytes:
    """Return ``data`` with one bit changed."""
    changed = bytearray(data)
    changed[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def cut_short(desk: Path) -> Counter[str]:
    """Save where no file may grow past n bytes, as on a full disk."""
    store, folder, draw = store_of(FEWER), desk / "limited", random.Random(3)
    full = max(path.stat().st_size for path in (desk / "fewer").iterdir())
    whole = told_at(desk / "fewer")
    ended: Counter[str] = Counter()
    for _ in range(LIMITS):
        shutil.rmtree(folder, ignore_errors=True)
        most = draw.randrange(1, full)

        def save(most: int = most) -> str:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
            store.save_local(str(folder))
            return "said to be saved"

        told = in_a_fork(save)
        if told == "said to be saved":
            state = in_a_fork(lambda: "whole" if told_at(folder) == whole else "not whole")
            told = "saved whole" if state == "whole" else "silently cut short"
        ended[told] += 1
    return ended


def tell(promise: str, figures: Mapping[str, int]) -> None:
    """Write a line: what was tried, and how often it ended how."""
    noticed = sum(times for how, times in figures.items() if how.startswith("noticed"))
    others = {how: times for how, times in figures.items() if not how.startswith("noticed")}
    row = {"promise": promise, "trials": sum(figures.values()), "noticed": noticed, **others}
    sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Run all trials."""
    peers = {name: version(name) for name in ("langchain-community", "faiss-cpu")}
    sys.stdout.write(json.dumps(peers) + "\n")
    with tempfile.TemporaryDirectory() as name:
        desk = Path(name)
        tell("killed while saving (noticed: cannot be loaded)", killed_while_saving(desk))
        tell("a bit flips in index.faiss", damaged(desk, "index.faiss"))
        tell("a bit flips in index.pkl", damaged(desk, "index.pkl"))
        tell("disk full", cut_short(desk))


if __name__ == "__main__":
    main()
