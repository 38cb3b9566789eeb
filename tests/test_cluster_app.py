"""The app over a cluster asks, shows articles, follows what is live, and says what it cannot."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from index.build import build_index, remove
from index.store import load_index
from rag.config import Settings, load_settings
from tests.embedders import BigramEmbedder
from tests.fakes import QUEUE_WARNINGS

pytest.importorskip("pymilvus", reason="needs the extra milvus-lite (pymilvus)")
pytest.importorskip("milvus_lite", reason="needs the extra milvus-lite")

if TYPE_CHECKING:
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from rag.cluster import ClusterIndex
    from ui.library import Library

pytestmark = QUEUE_WARNINGS


@pytest.fixture(scope="module")
def there(seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return the settings of an index of the real pages, mirrored into a file."""
    from rag import cluster

    folder = tmp_path_factory.mktemp("cluster-app")
    build_index([seeds], folder / "index", BigramEmbedder())
    settings = load_settings(index=folder / "index", store=f"milvus://{folder}/store.db")
    cluster.publish(load_index(folder / "index"), settings)
    return settings


@pytest.fixture(scope="module")
def served(there: Settings) -> Iterator[tuple["TestClient", "Library"]]:
    """Return a client of the app, and the library that follows the store."""
    from fastapi.testclient import TestClient

    from rag import cluster
    from ui.app import create_app
    from ui.cluster_library import library_of
    from ui.live import Live

    patch = pytest.MonkeyPatch()
    patch.setattr(cluster, "load_embedder", lambda _: BigramEmbedder())
    answerer = cluster.load_cluster_answerer(there)
    kept: list[Library] = []

    def library(live: Live) -> "Library":
        kept.append(library_of(live, there))
        return kept[0]

    async def in_a_loop() -> "FastAPI":
        return create_app(answerer, there, library)

    with TestClient(asyncio.run(in_a_loop())) as client:
        yield client, kept[0]
    kept[0].close()
    index_of(kept[0]).cluster.close()
    patch.undo()


def index_of(library: "Library") -> "ClusterIndex":
    index: object = library.live.answerer.index
    from rag.cluster import ClusterIndex

    assert isinstance(index, ClusterIndex)
    return index


def test_questions_and_articles_are_answered(served: tuple["TestClient", "Library"]) -> None:
    client, library = served
    reply = client.post("/api/ask", json={"question": "义乌港铁路口岸什么时候通过验收？"})
    assert reply.status_code == 200
    assert reply.json()["passages"]
    name = next(iter(index_of(library).articles))
    assert client.get(f"/article/{name}").status_code == 200
    assert client.get("/corpus").status_code == 200
    assert client.get("/healthz").json()["articles"] == len(index_of(library).articles)


@pytest.mark.parametrize("address", ["/corpus?q=义乌", "/corpus/bench?q=义乌的渡轮什么时候开航？"])
def test_what_looks_at_every_chunk_is_told_in_a_line(
    served: tuple["TestClient", "Library"], address: str
) -> None:
    reply = served[0].get(address)
    assert reply.status_code < 500
    assert "not done with a cluster" in reply.text


def test_the_app_follows_the_store(served: tuple["TestClient", "Library"], there: Settings) -> None:
    from rag import cluster

    client, library = served
    index = index_of(library)
    gone = next(iter(index.articles))
    remove([gone], there.index, BigramEmbedder())
    cluster.publish(load_index(there.index), there, cluster=index.cluster)
    assert client.get("/healthz").json()["generation"] == "000001"
    library.look()
    assert client.get("/healthz").json()["generation"] == "000002"
    assert client.get(f"/article/{gone}").status_code == 404
    assert library.uploads is None
