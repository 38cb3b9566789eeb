"""Keys, passwords and what readers said: from files or the environment, shown to nobody."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from index.sources import sources_in
from index.types import CorpusError
from rag.config import load_settings
from tests.conftest import ROOT
from ui.feedback import FeedbackLog
from ui.private import open_to_others
from ui.received import incoming
from ui.settings import table

KEY = "sk-marker-zq7"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text(f"{KEY}\n", "utf-8")
    path.chmod(0o600)
    return path


SECRETS = pytest.mark.parametrize("name", ["llm_api_key", "store_token"])


@SECRETS
def test_a_secret_comes_from_the_environment_or_a_file(
    name: str, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_file = load_settings(**{f"{name}_file": key_file})
    monkeypatch.setenv(f"WENBAO_{name.upper()}", KEY)
    for settings in (in_file, load_settings()):
        assert getattr(settings, name).get_secret_value() == KEY


@SECRETS
def test_a_file_of_a_secret_that_cannot_be_read_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=rf"WENBAO_{name.upper()}_FILE=.*No such file"):
        load_settings(**{f"{name}_file": tmp_path / "none"})
    (tmp_path / "binary").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(CorpusError, match="not text"):
        load_settings(**{f"{name}_file": tmp_path / "binary"})


@SECRETS
def test_a_secret_is_given_once(name: str, key_file: Path) -> None:
    with pytest.raises(CorpusError, match="set only one") as told:
        load_settings(**{f"{name}_file": key_file, name: KEY})
    assert KEY not in str(told.value)


def test_no_error_of_the_settings_shows_a_key() -> None:
    for wrong in ({"llm_base_url": "http://localhost"}, {"port": 0}, {"llm_api_key": 7}):
        with pytest.raises(CorpusError) as told:
            load_settings(**({"llm_api_key": KEY} | wrong))
        assert KEY not in str(told.value)
        assert "=7" not in str(told.value)


def test_settings_do_not_show_the_key(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENBAO_LLM_API_KEY", KEY)
    settings = load_settings()
    for shown in (repr(settings), str(settings), settings.model_dump_json(), table()):
        assert KEY not in shown
    monkeypatch.delenv("WENBAO_LLM_API_KEY")
    assert KEY not in repr(load_settings(llm_api_key_file=key_file))


def test_verify_tells_of_open_files_and_shows_no_secret(
    key_file: Path, tmp_path: Path, seed_index: Path
) -> None:
    users = tmp_path / "users"
    environment = {
        **os.environ, "WENBAO_USERS": str(users), "WENBAO_LLM_API_KEY_FILE": str(key_file),
        "WENBAO_LLM_BASE_URL": "ftp://me:hunter2@llm.example", "WENBAO_LLM_MODEL": "m",
        "WENBAO_INDEX": str(seed_index),
    }  # fmt: skip

    def wenbao(*words: str, typed: str = "") -> str:
        run = subprocess.run(
            [sys.executable, "-m", "ui", *words],
            cwd=ROOT, env=environment, input=typed, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return run.stdout + run.stderr

    wenbao("user", "add", "lin", typed="ferry harbour lamp\n")
    users.chmod(0o644)
    key_file.chmod(0o640)
    told = wenbao("verify")
    assert f"chmod 600 {users}" in told
    assert f"chmod 600 {key_file}" in told
    assert "bundled files: ok" in told
    for secret in (KEY, "hunter2", users.read_text("utf-8").split(":")[2].strip()):
        assert secret not in told


# Whose files they are


def test_what_readers_said_is_for_the_owner_alone(tmp_path: Path) -> None:
    log = FeedbackLog(tmp_path / "feedback.jsonl")
    log.append({"note": "x"})
    assert open_to_others(log.path) == ""


def test_received_pages_are_for_the_owner_alone(tmp_path: Path) -> None:
    place = incoming(tmp_path / "uploads", "job")
    for folder in (place, place.parent, tmp_path / "uploads"):
        assert open_to_others(folder) == ""


# Links that lead out of the corpus


def test_a_link_that_leads_out_is_told_and_not_followed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    outside, corpus = tmp_path / "outside", tmp_path / "corpus"
    for folder in (outside, corpus):
        folder.mkdir()
        (folder / "page.txt").write_text("题目\n\n这是正文。\n", "utf-8")
    (corpus / "link.txt").symlink_to(outside / "page.txt")
    (corpus / "folder").symlink_to(outside, target_is_directory=True)
    (corpus / "own.txt").symlink_to(corpus / "page.txt")
    (corpus / "nowhere.txt").symlink_to(corpus / "gone.txt")
    with caplog.at_level(logging.WARNING):
        found, _ = sources_in([corpus], tmp_path / "index")
    # A link to nothing is told when it is read.
    assert sorted(found) == ["nowhere.txt", "own.txt", "page.txt"]
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 2
    assert "link.txt" in told[1]
    assert "not followed" in told[0]
