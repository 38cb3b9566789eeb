"""What is needed to run WenBao elsewhere: the image, the proxy, the table of the settings."""

import json
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, cast

import pytest

from rag.config import Settings, load_settings
from tests.conftest import ROOT
from tests.fakes import QUEUE_WARNINGS, FakeAnswerer
from ui.settings import DOCS, table, with_table

if TYPE_CHECKING:
    from fastapi import FastAPI

    from rag.answering import Answerer

pytestmark = QUEUE_WARNINGS

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


def steps() -> list[list[str]]:
    """Return the words of each instruction, lines that go on put together."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE).replace("\\\n", " ")
    return [line.split() for line in text.splitlines() if line.strip()]


def allowed() -> set[str]:
    """Return what ``.dockerignore`` lets into the build."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in lines
    return {line[1:] for line in lines if line.startswith("!")}


def test_what_the_image_copies_is_there() -> None:
    copied = [
        source
        for instruction, *rest in steps()
        if instruction == "COPY" and not rest[0].startswith("--from")
        for source in rest[:-1]
    ]
    assert {"index", "rag", "ui", "evals", "seeds", "pyproject.toml"} <= set(copied)
    for source in copied:
        assert (ROOT / source).exists(), source
    assert set(copied) == allowed()


def test_the_image_has_every_package() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    for package in project["tool"]["setuptools"]["packages"]:
        assert package.partition(".")[0] in allowed()
    extras = re.search(r"-e '\.\[(.*)\]'", DOCKERFILE)
    assert extras
    assert set(extras[1].split(",")) <= set(project["project"]["optional-dependencies"])


def test_the_image_does_not_run_as_root_and_asks_whether_it_is_ready() -> None:
    names = [words[0] for words in steps()]
    assert names.index("USER") < names.index("HEALTHCHECK") < names.index("CMD")
    assert "/readyz" in DOCKERFILE
    (start,) = [words for words in steps() if words[0] == "CMD"]
    assert json.loads(" ".join(start[1:])) == ["wenbao", "serve"]
    pinned = DOCKERFILE.index("constraints.txt torch")
    assert pinned < DOCKERFILE.index("-e '.[")


def test_the_check_of_health_is_a_program_that_runs() -> None:
    (health,) = [words for words in steps() if words[0] == "HEALTHCHECK"]
    _, _, program = " ".join(health).partition(" CMD ")
    python, option, code = shlex.split(program)
    assert (python, option) == ("python", "-c")
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={"WENBAO_PORT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert "refused" in result.stderr


def test_the_docs_have_every_setting() -> None:
    text = DOCS.read_text("utf-8")
    assert table() in text, "run: python -m ui.settings --write"
    assert with_table(text) == text
    for name, field in Settings.model_fields.items():
        assert f"| `WENBAO_{name.upper()}` |" in table()
        assert field.description


def test_a_table_that_is_out_of_date_is_put_right() -> None:
    text = DOCS.read_text("utf-8")
    row = next(line for line in text.splitlines() if line.startswith("| `WENBAO_PORT`"))
    assert with_table(text.replace(row + "\n", "")) == text


def test_behind_a_proxy_the_app_stands_under_its_path() -> None:
    import asyncio

    from fastapi.testclient import TestClient

    from ui.app import create_app

    async def in_a_loop() -> "FastAPI":
        return create_app(
            cast("Answerer", FakeAnswerer()),
            load_settings(root_path="/paper", allowed_hosts="news.example,testserver"),
        )

    with TestClient(asyncio.run(in_a_loop())) as client:  # as a proxy asks: the path is stripped
        page = client.get("/", headers={"host": "news.example"})
        assert "http://news.example/paper" in page.text
        config = client.get("/config", headers={"host": "news.example"}).json()
        assert config["root"] == "http://news.example/paper"
        assert "http://news.example/paper/api/ask" in re.sub(
            r"&#(\d+);",
            lambda m: chr(int(m[1])),
            client.get("/api", headers={"host": "news.example"}).text,
        )
        assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("path", ["paper", "/paper/", "/a b", "http://x"])
def test_a_path_that_is_none_is_refused(path: str) -> None:
    from index.types import CorpusError

    with pytest.raises(CorpusError, match="WENBAO_ROOT_PATH"):
        load_settings(root_path=path)
