"""What every test stands on: no network, no settings of the machine, one index of the seeds."""

import os
import shutil
import socket
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from psutil import net_if_addrs

from tests.torture import Torture

# Read by libraries when they are imported, so set before any of them is.
os.environ |= {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "TOKENIZERS_PARALLELISM": "false",
}
for _name in [name for name in os.environ if name.startswith("WENBAO_")]:
    del os.environ[_name]
os.environ["WENBAO_ALLOWED_HOSTS"] = "testserver"  # how the clients of Starlette call an app

pytest.register_assert_rewrite("tests.browsing", "tests.serving", "tests.claims")

if TYPE_CHECKING:
    from rag.answering import Answerer
    from rag.config import Settings
    from tests.endpoint import Endpoint, Play, Serve

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--torture``."""
    parser.addoption("--torture", action="store_true", help="do what tests/torture.py tells of")


@pytest.fixture
def torture(request: pytest.FixtureRequest) -> Torture:
    """Return how much a test is to do, and where its figures go."""
    return Torture(bool(request.config.getoption("--torture")))


@pytest.fixture
def times(torture: Torture) -> int:
    """Return how often a fault comes: three times, or fifty with ``--torture``."""
    return torture.times(3, 50)


class OutsideCallError(RuntimeError):
    """A test tried to reach another machine."""


def _is_local(address: Any) -> bool:
    if not isinstance(address, tuple):  # a UNIX socket has a path
        return True
    host = address[0]
    if host in ("", "localhost", None):
        return True
    try:
        return ip_address(host).is_loopback or host in _own_addresses()
    except ValueError:
        return False


@lru_cache(maxsize=1)
def _own_addresses() -> frozenset[str]:
    """Return the addresses of this machine: programs that it starts may listen there."""
    return frozenset(each.address for some in net_if_addrs().values() for each in some)


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Let sockets reach this machine only; anything else fails the test that tried."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            original = getattr(socket.socket, name)

            def guarded(self: socket.socket, address: Any, original: Any = original) -> Any:
                if not _is_local(address):
                    raise OutsideCallError(f"a test tried to connect to {address!r}")
                return original(self, address)

            patch.setattr(socket.socket, name, guarded)

        look_up = socket.getaddrinfo

        def guarded_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
            name = host.decode() if isinstance(host, bytes) else host
            if not _is_local((name, 0)):
                raise OutsideCallError(f"a test tried to look up {host!r}")
            return look_up(host, *args, **kwargs)

        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield


@pytest.fixture(scope="session")
def seeds() -> Path:
    """Return the folder of the real pages."""
    return ROOT / "seeds"


@pytest.fixture(scope="session")
def seed_index(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Path:
    """Return the folder of an index of the real pages by the bundled model: only read it."""
    from index.build import build_index
    from index.embedding import BUNDLED_FOLDER, load_embedder

    if not (BUNDLED_FOLDER / "modules.json").is_file():
        pytest.skip(f"the bundled model is not in this checkout: {BUNDLED_FOLDER}")
    folder = tmp_path_factory.mktemp("seeds") / "index"
    build_index([seeds], folder, load_embedder())
    return folder


@pytest.fixture
def own_index(seed_index: Path, tmp_path: Path) -> Path:
    """Return a copy of the index of the real pages that the test may change."""
    return Path(shutil.copytree(seed_index, tmp_path / "own-index"))


@pytest.fixture(scope="session")
def settings(seed_index: Path) -> "Settings":
    """Return the default settings, with the index of the real pages."""
    from rag.config import load_settings

    return load_settings(index=seed_index)


@pytest.fixture(scope="session")
def answerer(settings: "Settings") -> "Answerer":
    """Return the answerer over the real pages, with the bundled model and without an LLM."""
    from rag.answering import load_answerer

    return load_answerer(settings)


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Path:
    """Return the folder of a tiny model: texts are near each other that share characters."""
    import numpy as np
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Split

    pages = "".join(page.read_text("utf-8") for page in sorted(seeds.glob("*.txt")))
    alphabet = sorted({*pages, *"abcdefghijklmnopqrstuvwxyz"})
    words = {word: number for number, word in enumerate(["[UNK]", *alphabet])}
    tokenizer = Tokenizer(WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Split("", behavior="isolated")
    weights = np.random.default_rng(0).standard_normal((len(words), 64), dtype=np.float32)
    folder = tmp_path_factory.mktemp("small-model")
    module = StaticEmbedding(tokenizer, embedding_weights=weights)
    SentenceTransformer(modules=[module], device="cpu").save_pretrained(str(folder))
    return folder


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator["Serve"]:
    """Return a function that starts an endpoint which plays the given part, soon tried again."""
    from rag import breaker, llm
    from tests.endpoint import start_endpoint

    monkeypatch.setattr(llm, "RETRY_AFTER_S", 0.01)
    monkeypatch.setattr(breaker, "_BREAKERS", {})  # another test may have had this port
    servers = []

    def start(play: "Play") -> "Endpoint":
        endpoint, server = start_endpoint(play)
        servers.append(server)
        return endpoint

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
