"""Ray reads and embeds as this machine does, goes on where it stopped, and loses no file."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.build import Taken, build_index, taken_in
from index.embedding import load_embedder
from index.sources import sources_in
from index.store import load_index
from index.types import CorpusError
from tests.embedders import BigramEmbedder

pytest.importorskip("ray", reason="needs the extra ray")
pytestmark = [
    pytest.mark.slow,
    # Ray's own threads and pipes are closed by the end of the process.
    pytest.mark.filterwarnings("default"),
]

MEMORY = 80 * 2**20  # of the store of a node


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Return the address of a cluster of two nodes on this machine, one core each."""
    from ray.cluster_utils import Cluster

    cluster = Cluster(
        initialize_head=True,
        head_node_args={
            "num_cpus": 1,
            "object_store_memory": MEMORY,
            "include_dashboard": False,
            "_system_config": {"worker_niceness": 0},  # else workers wait for all other programs
        },
    )
    cluster.add_node(num_cpus=1, object_store_memory=MEMORY)
    yield cluster.address
    cluster.shutdown()


@pytest.fixture
def pages(seeds: Path, tmp_path: Path) -> Path:
    """Return the real pages, and files that are none."""
    folder = tmp_path / "pages"
    folder.mkdir()
    for page in seeds.glob("*.txt"):
        (folder / page.name).write_bytes(page.read_bytes())
    (folder / "empty.txt").write_bytes(b"")
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (folder / "damaged.jsonl").write_text('{"text": ')
    return folder


def local(folder: Path, index_folder: Path) -> dict[str, Taken]:
    sources, _ = sources_in([folder], index_folder)
    return {name: taken_in(source.path, name) for name, source in sources.items()}


def test_two_nodes_make_the_index_that_one_machine_makes(
    address: str, pages: Path, tmp_path: Path
) -> None:
    from index.ray_data import over_ray

    embedder = load_embedder()
    index_folder = tmp_path / "index"
    with over_ray(address, index_folder) as work:
        sources, _ = sources_in([pages], index_folder)
        # What cannot be sent is told where the file is read here.
        expected = local(pages, index_folder)
        assert expected.pop("empty.txt").page is None
        assert work.read(sources) == expected
        build_index([pages], index_folder, work.embedder(embedder), ahead=work.read)
        assert work.folder.is_dir()
    assert not work.folder.exists()
    build_index([pages], tmp_path / "here", embedder)
    one, other = load_index(index_folder), load_index(tmp_path / "here")
    assert dict(one.articles) == dict(other.articles)
    assert list(one.chunks) == list(other.chunks)
    rows = list(range(len(one.chunks)))
    assert np.allclose(one.matrix(rows), other.matrix(rows), atol=1e-3)
    assert np.array_equal(one.windows(rows).starts, other.windows(rows).starts)
    assert np.allclose(one.windows(rows).vectors, other.windows(rows).vectors, atol=2e-3)
    assert one.manifest.model_identity == other.manifest.model_identity


def test_what_is_done_is_not_done_again(
    address: str, pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from index import ray_data

    sent: list[int] = []
    mapped = ray_data._mapped

    def counted(rows: list[Any], *args: Any, **given: Any) -> object:
        sent.append(len(rows))
        return mapped(rows, *args, **given)

    monkeypatch.setattr(ray_data, "_mapped", counted)
    sources, _ = sources_in([pages], tmp_path / "index")

    def some_work() -> None:
        with ray_data.over_ray(address, tmp_path / "index") as work:
            work.read(sources)
            work.embedder(load_embedder()).encode_windows(["一", "二", "一"])
            if not again:
                raise CorpusError("stopped")

    again = False
    with pytest.raises(CorpusError, match="stopped"):
        some_work()
    (pages / "new.txt").write_text("新的一页\n\n本报讯 昨日新增一页。\n", "utf-8")
    sources, _ = sources_in([pages], tmp_path / "index")
    again = True
    some_work()
    assert sent == [len(sources) - 2, 2, 1, 0]  # all but the new and the empty one


def test_a_worker_that_is_killed_loses_no_file(address: str, tmp_path: Path) -> None:
    import ray
    from ray.util import state  # noqa: F401  (loads what lists workers)

    from index.ray_data import over_ray

    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(400):
        text = f"第{number}号渡轮开航\n\n本报讯 昨日，第{number}号渡轮从义乌港开航。\n" * 3
        (folder / f"{number:03}.txt").write_text(text, "utf-8")
    sources, _ = sources_in([folder], tmp_path / "index")
    killed: list[int] = []

    def kill() -> None:
        until = time.monotonic() + 60
        while not killed and time.monotonic() < until:
            for pid in _workers_at_work():
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
                return
            time.sleep(0.02)

    with over_ray(address, tmp_path / "index") as work:
        assert ray.is_initialized()
        killer = threading.Thread(target=kill)
        killer.start()
        found = work.read(sources)
        killer.join()
    assert killed
    assert found == local(folder, tmp_path / "index")


def _workers_at_work() -> list[int]:
    """Return the processes of this user's Ray that map files just now."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                title = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if title.startswith(b"ray::") and b"MapBatches" in title:
                found.append(int(entry.name))
    return found


def test_other_weights_on_a_worker_are_told(address: str, tmp_path: Path) -> None:
    from index.ray_data import over_ray

    liar = BigramEmbedder(identity="f" * 64, name="bundled")
    with (
        pytest.raises(CorpusError, match="other weights"),
        over_ray(address, tmp_path / "index") as work,
    ):
        work.embedder(liar).encode_windows(["一"])


def test_a_model_that_workers_do_not_have_is_told(address: str, tmp_path: Path) -> None:
    from index.ray_data import over_ray

    lost = BigramEmbedder(name="/no/such/model")
    with (
        pytest.raises(CorpusError, match="/no/such/model") as caught,
        over_ray(address, tmp_path / "index") as work,
    ):
        work.embedder(lost).encode_windows(["一"])
    assert "\n" not in str(caught.value)


def test_no_ray_is_one_line(tmp_path: Path) -> None:
    from index.ray_data import over_ray

    with pytest.raises(CorpusError, match="no Ray at") as caught, over_ray("127.0.0.1:1", tmp_path):
        pass
    assert "\n" not in str(caught.value)
    assert json.dumps(str(caught.value))
