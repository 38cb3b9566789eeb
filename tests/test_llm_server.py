"""A real server of language models, with a small random one: what it babbles is never shown."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.answering import Answerer
from rag.checking import GenerationError
from rag.config import load_settings
from rag.llm import generate
from tests.tiny_models import chat_folder

pytestmark = pytest.mark.slow
STARTS_WITHIN_S = 120.0
# The command `transformers`. It puts weights on a device by accelerate, even on the CPU, where
# they are without it.
COMMAND = """
from transformers.cli.serving.model_manager import ModelManager
from transformers.cli.transformers import main
from transformers.utils import is_accelerate_available

if not is_accelerate_available():
    prepare = ModelManager.__init__

    def prepare_without_device(self, *args, **options):
        prepare(self, *args, **options)
        self.device = None

    ModelManager.__init__ = prepare_without_device
main()
"""
ASKED = "第20届文旅博览会来了多少采购商？"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Return the URL of ``transformers serve`` and the model that it serves."""
    utils = pytest.importorskip("transformers.utils.import_utils")
    if not getattr(utils, "is_serve_available", bool)():
        pytest.skip("`transformers serve` needs transformers 5 with fastapi, uvicorn and openai")
    folder = tmp_path_factory.mktemp("served")
    model = folder / "model"
    chat_folder(model)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = ["serve", "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, *arguments],
            stdout=log,
            stderr=subprocess.STDOUT,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )
    try:
        if not _healthy(f"http://127.0.0.1:{port}/health", process):
            pytest.fail("`transformers serve` did not start: " + _end_of(folder / "log"))
        yield f"http://127.0.0.1:{port}/v1", model
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()


def _end_of(log: Path) -> str:
    return log.read_text("utf-8", errors="replace")[-2000:]


def _healthy(url: str, process: "subprocess.Popen[bytes]") -> bool:
    end = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as reply:
                return bool(reply.status == 200)
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    return False


def test_what_a_real_server_babbles_is_never_shown(
    served: tuple[str, Path], answerer: Answerer
) -> None:
    url, model = served
    settings = load_settings(
        index=answerer.settings.index, llm_base_url=url, llm_model=str(model), llm_timeout_s=100
    )
    quoted = answerer.ask(ASKED)
    *growing, last = Answerer(settings, answerer.retriever).stream(ASKED)

    assert growing  # it streamed
    assert not any(answer.text for answer in growing)
    assert (last.mode, last.text) == ("extractive", quoted.text)
    assert any(
        reason in last.notices[0] for reason in ("没有写完", "不能证明", "过长", "别的语言")
    ), last.notices


def test_a_model_that_the_server_does_not_have_is_told(
    served: tuple[str, Path], answerer: Answerer
) -> None:
    url, _ = served
    question = answerer.ask(ASKED)
    settings = load_settings(llm_base_url=url, llm_model="no-such-model", llm_timeout_s=100)
    with pytest.raises(GenerationError) as caught:
        list(generate(question.question, question.passages, settings))
    assert caught.value.kind == "refused"


def test_who_stops_listening_frees_the_server(served: tuple[str, Path], answerer: Answerer) -> None:
    url, model = served
    question = answerer.ask(ASKED)
    settings = load_settings(llm_base_url=url, llm_model=str(model), llm_timeout_s=100)
    drafts = generate(question.question, question.passages, settings)
    assert not next(drafts).done
    drafts.close()
    assert next(generate(question.question, question.passages, settings)).text
