"""The HTTP API: the JSON of the contract, and a plain word for whatever is wrong."""

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import pytest

from index.page_numbers import PageNumber
from rag.config import load_settings
from rag.question import MAX_QUESTION_CHARS
from tests.fakes import QUEUE_WARNINGS, FakeAnswerer
from ui.schema import AnswerJson, ArticlesJson, WholeArticleJson
from ui.shield import MAX_BODY_BYTES
from ui.strings import STRINGS
from ui.workers import BusyError, Workers

if TYPE_CHECKING:
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from rag.answering import Answerer

pytestmark = QUEUE_WARNINGS

FAIR = "第20届文旅博览会来了多少采购商？"
EVENT = re.compile(r"event: (\w+)\ndata: (.*)\n\n")


@pytest.fixture(scope="module")
def fake() -> FakeAnswerer:
    return FakeAnswerer()


@pytest.fixture(scope="module")
def client(fake: FakeAnswerer) -> Iterator["TestClient"]:
    from fastapi.testclient import TestClient

    from ui.app import create_app

    async def in_a_loop() -> "FastAPI":  # without one, Gradio makes one and leaves it open
        return create_app(cast("Answerer", fake), load_settings())

    with TestClient(asyncio.run(in_a_loop())) as client:
        yield client


def post(client: "TestClient", path: str, body: object) -> Any:
    """Return the reply to ``body`` as JSON, with its lone surrogates as they are."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(path, content=content, headers={"content-type": "application/json"})


# Questions


def test_an_answer_is_the_json_of_the_contract(client: "TestClient") -> None:
    reply = post(client, "/api/ask", {"question": FAIR})
    assert reply.status_code == 200
    whole = FakeAnswerer().ask(FAIR).to_json()
    assert reply.json() == whole
    AnswerJson.model_validate(reply.json(), strict=True)


def test_real_answers_keep_to_the_schema_that_is_told(answerer: "Answerer") -> None:
    first = answerer.ask("How many buyers came to the culture and tourism fair?")
    follow_up = answerer.ask("And how many foreign buyers?", [first.question])
    filtered = answerer.ask("2026年5月的报道里，文旅博览会来了多少采购商？")
    for answer in (first, follow_up, filtered):
        AnswerJson.model_validate(json.loads(json.dumps(answer.to_json())), strict=True)
    assert first.citations[0].glosses
    assert follow_up.question.rewritten
    assert filtered.question.filters


def test_the_conversation_and_the_filters_are_passed_on(
    client: "TestClient", fake: FakeAnswerer
) -> None:
    body = {
        "question": "那外商呢？",
        "session_history": [FAIR],
        "since": "2025-05",
        "reporter": "陈聪",
    }
    assert post(client, "/api/ask", body).status_code == 200
    text, history = fake.asked[-1]
    assert text == "那外商呢？"
    assert [question.text for question in history] == [FAIR]
    assert fake.narrowed.to_json() == {"periods": ["2025-05-01–9999-12-31"], "reporters": ["陈聪"]}


def test_of_a_long_conversation_the_newest_questions_are_read(
    client: "TestClient", fake: FakeAnswerer
) -> None:
    earlier = [f"第{number}届博览会" for number in range(100)]
    assert post(client, "/api/ask", {"question": FAIR, "session_history": earlier}).is_success
    assert [question.text for question in fake.asked[-1][1]] == earlier[-20:]


def test_words_alone_are_read_as_they_were_in_the_conversation(answerer: "Answerer") -> None:
    first = answerer.ask(FAIR)
    second = answerer.ask("那外商呢？", [first.question])
    assert answerer.conversation([FAIR, "那外商呢？"]) == (first.question, second.question)


def test_an_answer_is_streamed_as_it_grows(client: "TestClient") -> None:
    reply = post(client, "/api/ask/stream", {"question": FAIR})
    assert reply.headers["content-type"].startswith("text/event-stream")
    assert reply.headers["x-accel-buffering"] == "no"
    events = EVENT.findall(reply.text)
    assert [name for name, _ in events] == ["growing", "growing", "answer"]
    counts = [len(json.loads(data)["citations"]) for _, data in events]
    assert counts == [1, 2, 3]


def test_what_fails_on_the_way_is_the_last_event(client: "TestClient") -> None:
    ((name, data),) = EVENT.findall(post(client, "/api/ask/stream", {"question": "broken"}).text)
    assert name == "error"
    assert json.loads(data)["detail"].startswith("the index was replaced")


# What is wrong

DEEP = b'{"question": ' + b"[" * 60_000 + b"]" * 60_000 + b"}"
WRONG: list[tuple[object, int, str]] = [
    ({}, 422, "question is missing"),
    ({"question": 5}, 422, "question is 5"),
    ({"question": None}, 422, "question is null"),
    ({"question": ["a"]}, 422, "question is a list"),
    ([], 422, "body is a list"),
    ({"question": "？！"}, 422, "no words"),
    ({"question": "x" * 100_000}, 422, f"more than {MAX_QUESTION_CHARS:,}"),
    ({"question": "长" * 100_000}, 413, f"at most {MAX_BODY_BYTES}"),
    ({"question": FAIR, "session_history": "earlier"}, 422, "session_history is 'earlier'"),
    ({"question": FAIR, "session_history": [FAIR, 7]}, 422, "session_history.1 is 7"),
    ({"question": FAIR, "session_history": [FAIR, "?"]}, 422, "session_history[1]: the question"),
    ({"question": FAIR, "sesion_history": []}, 422, "sesion_history is not known"),
    ({"question": FAIR, "since": "May"}, 422, "since 'May' is no day"),
    ({"question": FAIR, "since": "2026", "until": "2025"}, 422, "exchange them"),
    ({"question": FAIR, "genre": "poem"}, 422, "genre 'poem' is unknown"),
    ({"question": FAIR, "genre": "\ud800"}, 422, "genre"),
    ({"question": FAIR, "reporter": "陈" * 5000}, 422, "reporter is '陈陈"),
    (b"nonsense", 400, "not JSON"),
    (b"\xff\xfe", 400, "not JSON"),
    (b"", 422, "missing"),
    (b'{"question": ' + b"9" * 5000 + b"}", 400, "not JSON"),
    (DEEP, 400, "not JSON"),
    (DEEP.replace(b"[" * 59_100, b"").replace(b"]" * 59_100, b""), 422, "question is a list"),
]


@pytest.mark.parametrize("path", ["/api/ask", "/api/ask/stream"])
@pytest.mark.parametrize(("body", "status", "words"), WRONG)
def test_what_is_wrong_is_told(
    client: "TestClient", path: str, body: object, status: int, words: str
) -> None:
    reply = post(client, path, body)
    assert reply.status_code == status
    assert words in reply.json()["detail"]
    assert len(reply.json()["detail"]) < 300


@pytest.mark.parametrize("text", ["\ud800 文旅博览会", "文旅\0博览会", "\u202e文旅博览会\x1b[31m"])
def test_strange_characters_are_survived(client: "TestClient", text: str) -> None:
    assert post(client, "/api/ask", {"question": text}).status_code == 200


def test_only_json_of_this_site_is_taken(client: "TestClient") -> None:
    body = json.dumps({"question": FAIR})
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        reply = client.post("/api/ask", content=body, headers={"content-type": kind})
        assert reply.status_code == 415
        assert "application/json" in reply.json()["detail"]
    json_type = {"content-type": "application/json; charset=utf-8"}
    for origin in ("http://evil.example", "null", "http://testserver.evil.example"):
        reply = client.post("/api/ask", content=body, headers=json_type | {"origin": origin})
        assert reply.status_code == 403
    own = json_type | {"origin": "http://testserver"}
    assert client.post("/api/ask", content=body, headers=own).status_code == 200
    cross = json_type | {"sec-fetch-site": "cross-site"}
    assert client.post("/api/ask", content=body, headers=cross).status_code == 403
    assert client.options("/api/ask", headers={"origin": "http://evil.example"}).status_code == 405
    assert client.get("/api/nowhere").json() == {"detail": "Not Found"}


# Articles


def test_articles_are_listed_and_read(client: "TestClient", fake: FakeAnswerer) -> None:
    reply = client.get("/api/articles").json()
    ArticlesJson.model_validate(reply, strict=True)
    assert (reply["total"], len(reply["articles"])) == (2, 2)
    for listed in reply["articles"]:
        whole = client.get(f"/api/articles/{listed['id'].replace('#', '%23')}").json()
        WholeArticleJson.model_validate(whole, strict=True)
        assert whole["text"] == fake.index.articles[listed["id"]].body.text
        assert whole | listed == whole


def test_articles_are_narrowed_and_paged(client: "TestClient") -> None:
    found = client.get("/api/articles", params={"since": "2026-05"}).json()
    assert [article["headline"] for article in found["articles"]] == ["第20届文旅博览会"]
    second = client.get("/api/articles", params={"limit": 1, "offset": 1}).json()
    assert second["total"] == 2
    assert [article["headline"][:4] for article in second["articles"]] == ["长三角首"]


def test_articles_of_a_page_are_those_of_its_number(
    client: "TestClient", fake: FakeAnswerer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fair, train = fake.index.articles.values()
    numbers = {fair.file: PageNumber("", 1), train.file: PageNumber("", 3)}
    monkeypatch.setattr(fake.index, "page_numbers", numbers, raising=False)
    found = client.get("/api/articles", params={"page": "3"}).json()
    assert [article["id"] for article in found["articles"]] == [train.id]
    assert found["total"] == 1


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("limit=x", "limit is 'x'"),
        ("limit=0", "limit is '0'"),
        ("limit=501", "500"),
        ("offset=-1", "offset is '-1'"),
        ("since=%ff", "since"),
        ("row=3", "row is not known"),
        ("genre=poem", "genre 'poem'"),
    ],
)
def test_a_wrong_query_is_told(client: "TestClient", query: str, words: str) -> None:
    reply = client.get(f"/api/articles?{query}")
    assert reply.status_code == 422
    assert words in reply.json()["detail"]


@pytest.mark.parametrize("name", ["nope", "%00", "%ff%fe", "..%2f..%2fetc%2fpasswd", "x" * 5000])
def test_an_article_that_is_not_there_is_404(client: "TestClient", name: str) -> None:
    reply = client.get(f"/api/articles/{name}")
    assert reply.status_code == 404
    assert "/api/articles" in reply.json()["detail"]
    assert len(reply.json()["detail"]) < 200


# Before there is an index, and when too much is asked


def test_of_too_many_questions_the_last_are_refused() -> None:
    async def crowd() -> list[object]:
        workers, gate = Workers(at_once=2, waiting=1), threading.Event()

        def work() -> str:
            assert gate.wait(10)
            return "done"

        asked = [asyncio.create_task(workers.run(work)) for _ in range(4)]
        await asyncio.sleep(0.05)
        gate.set()
        results: list[object] = list(await asyncio.gather(*asked, return_exceptions=True))
        results.append(await workers.run(lambda: "later"))
        return results

    *three, refused, later = asyncio.run(crowd())
    assert three == ["done"] * 3
    assert isinstance(refused, BusyError)
    assert later == "later"


# What is documented


def test_openapi_tells_every_route(client: "TestClient") -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert {
        "/api/ask",
        "/api/ask/stream",
        "/api/articles",
        "/api/articles/{article_id}",
        "/v1/models",
        "/v1/chat/completions",
        "/healthz",
        "/readyz",
        "/metrics",
    } <= set(paths)


@pytest.mark.parametrize("language", ["zh", "en", "zh-Hant"])
def test_the_page_of_the_api_needs_no_script(client: "TestClient", language: Any) -> None:
    reply = client.get("/api", params={"lang": language})
    strings = STRINGS[language]
    assert reply.status_code == 200
    assert f'<html lang="{strings.html_lang}">' in reply.text
    text = re.sub(r"&#(\d+);", lambda match: chr(int(match[1])), reply.text)
    for words in (strings.api_title, "/api/ask/stream", "AnswerJson", "session_history", "curl -s"):
        assert words in text
    assert "<script" not in reply.text.partition("<main>")[2]
    for record in re.findall(r'href="api#([^"]+)"', reply.text):
        assert f'id="{record}"' in reply.text
