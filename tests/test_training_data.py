"""The questions that train, those of the data folder and those that were written beside it."""

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from index.text import is_han
from index.training import data
from index.training.data import (
    WRITTEN,
    WRITTEN_CHARS,
    asked_questions,
    beginning,
    near_misses,
    read_rows,
)
from index.types import CorpusError

BRIDGE = "江心大桥昨日合龙。大桥全长三千二百米,总工程师王洽清说,两岸居民过江只要五分钟。"
TUNNEL = "北山隧道昨日贯通。" + "隧道里灯火通明。" * 200
AT = BRIDGE.index("三千二百米")


def write_folder(folder: Path, rows: Mapping[str, Sequence[dict[str, Any]]]) -> None:
    names = ("news", "questions-train", "questions-test", "cmrc2018-trial", "cmrc2018-dev")
    for name in (*names, "drcd-dev", "drcd-test"):
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows.get(name, []))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of data, with questions written about two of its documents."""
    texts = {"bridge": BRIDGE, "tunnel": TUNNEL, "tested": BRIDGE}
    write_folder(
        tmp_path,
        {
            "news": [{"id": name, "text": text} for name, text in texts.items()],
            "questions-test": [{"p": "tested", "l": "zh", "s": "plain", "q": "多长？"}],
        },
    )
    written = [
        {"p": "bridge", "l": "en", "q": "How long is the bridge?", "a": [AT, AT + 5]},
        {"p": "bridge", "l": "zh", "q": "大桥花了多少钱?"},
        {"p": "tunnel", "l": "zh", "q": "隧道多长?"},
        {"p": "tested", "l": "zh", "q": "大桥花了多少钱呢？"},
        {"p": "not-there", "l": "zh", "q": "谁？"},
    ]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(map(json.dumps, written)), encoding="utf-8")
    monkeypatch.setattr(data, "WRITTEN", file)
    return tmp_path


def test_a_written_question_has_the_sentence_around_its_answer(folder: Path) -> None:
    (asked,) = asked_questions(folder)
    assert (asked.question, asked.language, asked.group) == (
        "how long is the bridge?",
        "en",
        "bridge",
    )
    assert asked.text[slice(*asked.answer)] == "三千二百米"
    assert asked.text[asked.start : asked.end] == BRIDGE[BRIDGE.index("大桥全长") :]


def test_tested_and_missing_documents_are_left_out(folder: Path) -> None:
    assert [each.question for each in near_misses(folder)] == ["大桥花了多少钱?", "隧道多长?"]


def test_no_more_of_a_document_is_known_than_was_read(folder: Path) -> None:
    _, tunnel = near_misses(folder)
    assert len(TUNNEL) > WRITTEN_CHARS >= len(tunnel.text) > WRITTEN_CHARS - 20
    assert tunnel.text.endswith("。")
    assert beginning(BRIDGE) == BRIDGE


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "news.jsonl.gz").write_bytes(b"no gzip")
    with pytest.raises(CorpusError, match=r"news\.jsonl\.gz: cannot be read .* with --data"):
        list(read_rows(tmp_path, "news"))


def test_the_written_questions_are_whole() -> None:
    rows = [json.loads(line) for line in WRITTEN.read_text(encoding="utf-8").splitlines()]
    assert len({(row["p"], row["q"]) for row in rows}) == len(rows)
    for row in rows:
        assert (row["l"] == "zh") is any(map(is_han, row["q"])), row
        start, end = row.get("a", (0, 1))
        assert 0 <= start < end <= WRITTEN_CHARS, row
    for language in ("zh", "en"):
        own = [row for row in rows if row["l"] == language]
        assert 0.4 < sum("a" in row for row in own) / len(own) < 0.6
