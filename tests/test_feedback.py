"""Feedback is bounded, checked, kept whole, and never trusted."""

import json
import os
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from rag.config import load_settings
from tests.fakes import FakeAnswerer
from ui.feedback import (
    MAX_BYTES,
    MAX_NOTE_CHARS,
    REASONS,
    Feedback,
    FeedbackLog,
    answer_sent,
    feedback_file,
    feedback_html,
    routes,
)
from ui.live import Live
from ui.render import Exchange, messages
from ui.strings import STRINGS

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from rag.answering import Answerer

FAIR = "第20届文旅博览会共吸引多少采购商？"


def sent(question: str = FAIR) -> dict[str, Any]:
    """Return an answer as the browser sends it back."""
    found: dict[str, Any] = json.loads(answer_sent(FakeAnswerer().ask(question)))
    return found


def client(path: Path | str) -> "TestClient":
    """Return a browser at an app that has the route alone; ``path`` is the file."""
    from fastapi import FastAPI
    from starlette.testclient import TestClient

    fake = FakeAnswerer()
    index = SimpleNamespace(pages=fake.index.pages, manifest=SimpleNamespace(generation="000007"))
    live = Live(cast("Answerer", SimpleNamespace(index=index)))
    app = FastAPI()
    app.include_router(routes(live, load_settings(feedback=str(path))))
    return TestClient(app)


def kept(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_thumb_is_kept_with_question_answer_and_generation(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    reply = client(path).post("/feedback", json={"verdict": "up", "answer": sent()})
    assert reply.status_code == 204
    (row,) = kept(path)
    assert row["verdict"] == "up"
    assert row["question"] == FAIR
    assert row["generation"] == "000007"
    assert row["proved"] is True
    assert "passages" not in row
    assert "58092" in row["citations"][0]["quote"]


def test_a_forged_quote_is_kept_as_not_proved(tmp_path: Path) -> None:
    path, answer = tmp_path / "f.jsonl", sent()
    answer["citations"][0]["quote"] = "forged"
    assert client(path).post("/feedback", json={"verdict": "up", "answer": answer}).is_success
    assert kept(path)[0]["proved"] is False


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "sideways"},
        {"reason": "because"},
        {"note": "x" * (MAX_NOTE_CHARS + 1)},
        {"address": "127.0.0.1"},
        {"answer": {}},
        {"answer": {"question": "x" * 9000}},
        {"verdict": ["up"]},
    ],
)
def test_what_is_not_of_the_form_is_refused_and_not_kept(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    path = tmp_path / "f.jsonl"
    reply = client(path).post("/feedback", json={"verdict": "up", "answer": sent()} | change)
    assert reply.status_code == 422
    assert "9000" not in reply.text
    assert len(reply.text) <= 300
    assert not path.exists()


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {}, 422),
        (b"\xff\xfe", {}, 422),
        (b'{"verdict": "\\ud800"}', {}, 422),
        (b"[" * 50_000, {}, 422),
        (b"x" * (MAX_BYTES + 1), {}, 413),
        (b"{}", {"content-type": "text/plain"}, 415),
        (b"{}", {"sec-fetch-site": "cross-site"}, 403),
        (b"{}", {"sec-fetch-site": "same-site"}, 403),
    ],
)
def test_hostile_bodies_are_refused(
    tmp_path: Path, body: bytes, headers: dict[str, str], status: int
) -> None:
    headers = {"content-type": "application/json"} | headers
    reply = client(tmp_path / "f.jsonl").post("/feedback", content=body, headers=headers)
    assert reply.status_code == status
    assert not (tmp_path / "f.jsonl").exists()


def test_a_line_break_in_a_note_makes_no_second_line(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    given = {"verdict": "down", "reason": "other", "note": 'a\n{"verdict":"up"}', "answer": sent()}
    assert client(path).post("/feedback", json=given).is_success
    assert kept(path)[0]["note"] == given["note"]


def test_a_full_disk_is_told_and_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    FeedbackLog(path).append({"n": 1})
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        FeedbackLog(path, sync=full).append({"n": 2})
    assert path.read_bytes() == before


def test_a_file_that_cannot_be_written_is_a_507(tmp_path: Path) -> None:
    (tmp_path / "f.jsonl").mkdir()
    reply = client(tmp_path / "f.jsonl").post("/feedback", json={"verdict": "up", "answer": sent()})
    assert reply.status_code == 507


def test_a_torn_last_line_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    path.write_bytes(b'{"n": 1}\n{"n": 2, "to')
    FeedbackLog(path).append({"n": 3})
    lines = path.read_text("utf-8").splitlines()
    assert json.loads(lines[0]) == {"n": 1}
    assert json.loads(lines[2]) == {"n": 3}


def test_twenty_writers_lose_and_mix_no_line(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    logs = [FeedbackLog(path, sync=lambda _: None) for _ in range(4)]  # as of four processes

    def write(number: int) -> None:
        for turn in range(10):
            logs[number % 4].append({"n": number * 10 + turn, "note": "字" * 300})

    threads = [threading.Thread(target=write, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(row["n"] for row in kept(path)) == list(range(200))


def test_a_full_file_is_set_aside_and_the_oldest_goes(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    log = FeedbackLog(path, max_bytes=20)
    for number in range(8):
        log.append({"n": number})
    files = sorted(p.name for p in tmp_path.glob("f.jsonl*") if p.suffix != ".lock")
    assert files == ["f.jsonl", "f.jsonl.1", "f.jsonl.2", "f.jsonl.3"]
    assert kept(path)[-1] == {"n": 7}
    assert all(p.stat().st_size <= 20 for p in map(tmp_path.joinpath, files))


def test_each_line_is_on_disk_before_the_reader_is_thanked(tmp_path: Path) -> None:
    synced: list[int] = []
    FeedbackLog(tmp_path / "f.jsonl", sync=synced.append).append({"n": 1})
    assert len(synced) == 1
    assert os.fsync is FeedbackLog.__init__.__defaults__[1]  # type: ignore[index]


def test_the_file_lies_in_the_folder_of_the_index_and_an_empty_setting_turns_it_off() -> None:
    settings = load_settings(index=Path("/somewhere"))
    assert feedback_file(settings) == Path("/somewhere/feedback.jsonl")
    assert feedback_file(load_settings(feedback="")) is None
    assert client("").post("/feedback", json={}).status_code == 404


def test_what_the_buttons_send_is_what_the_route_takes() -> None:
    for question in (FAIR, "谁是火星市长？"):
        Feedback.model_validate_json(
            json.dumps(
                {"verdict": "up", "answer": json.loads(answer_sent(FakeAnswerer().ask(question)))}
            )
        )


def test_a_growing_answer_has_no_buttons_and_a_whole_one_has_a_reason_for_each() -> None:
    answer = FakeAnswerer().ask(FAIR)
    strings = STRINGS["zh"]
    assert feedback_html(replace(answer, growing=True), 1, strings) == ""
    html = messages([Exchange(FAIR)] * 2 + [Exchange(FAIR, answer)], strings)[-1]["content"]
    assert 'id="feedback-3"' in html
    assert all(f'feedback-reason {reason.replace(" ", "-")}"' in html for reason in REASONS)
    assert all(len(each.feedback_reasons) == len(REASONS) for each in STRINGS.values())


def test_hostile_words_stay_inert_in_the_attribute() -> None:
    answer = FakeAnswerer().ask(FAIR)
    hostile = replace(answer, text='"><script>alert(1)</script><b x="')
    html = feedback_html(hostile, 1, STRINGS["en"])
    assert "<script" not in html
    assert html.count('"><b x') == 0
    assert "alert(1)" not in html


def test_time_is_kept_in_utc(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    client(path).post("/feedback", json={"verdict": "up", "answer": sent()})
    at = datetime.fromisoformat(kept(path)[0]["time"])
    assert at.tzinfo == UTC
    assert abs((datetime.now(UTC) - at).total_seconds()) < 60
