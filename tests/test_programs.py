"""The app as the programs of others see it: each asked with a client that we did not write."""

import asyncio
import json
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from index.types import CorpusError
from rag.config import load_settings
from rag.filters import NO_FILTERS, Filters
from rag.types import Answer, Language, Question
from tests.conftest import ROOT
from tests.fakes import QUEUE_WARNINGS, FakeAnswerer
from tests.serving import served
from ui.chat_completions import Message, asked_in, harmless
from ui.strings import STRINGS

if TYPE_CHECKING:
    from openai import OpenAI

    from rag.answering import Answerer

pytestmark = QUEUE_WARNINGS

FAIR = "第20届文旅博览会来了多少采购商？"
OFF_TOPIC = "red braised pork recipe?"
HOSTILE = "![x](http://evil.example/y.png)<img src=x>"


@dataclass
class Endless(FakeAnswerer):
    """Answers 无尽 without an end, and says when it is closed; 变 with another text at last."""

    closed: threading.Event = field(default_factory=threading.Event)

    def stream(
        self,
        text: str,
        history: Sequence[Question] = (),
        filters: Filters = NO_FILTERS,
        answer_in: Language | None = None,
    ) -> Iterator[Answer]:
        """Yield an answer growing."""
        first, *rest = super().stream(
            FAIR if text in ("无尽", "变") else text, history, filters, answer_in
        )
        if text == "变":
            yield replace(first, text="先说的[1]", growing=True)
            yield replace(first, text="后说的[1]", growing=False)
        elif text == "无尽":
            try:
                for number in range(10_000):
                    time.sleep(0.01)
                    yield replace(first, text="字" * number, growing=True)
            finally:
                self.closed.set()
        else:
            yield from (first, *rest)


@pytest.fixture(scope="module")
def fake() -> Endless:
    return Endless()


@pytest.fixture(scope="module")
def address(fake: Endless) -> Iterator[str]:
    with served(fake) as address:
        yield address


# Server-sent events


@pytest.mark.parametrize("path", ["/api/ask/stream", "/v1/chat/completions"])
def test_a_client_that_goes_away_stops_the_work(address: str, fake: Endless, path: str) -> None:
    import httpx

    fake.closed.clear()
    body = {"question": "无尽"} if "ask" in path else {
        "messages": [{"role": "user", "content": "无尽"}], "stream": True
    }  # fmt: skip
    with httpx.stream("POST", f"{address}{path}", json=body) as reply:
        lines = reply.iter_lines()
        assert [next(lines) for _ in range(6)]
        assert not fake.closed.is_set()
    assert fake.closed.wait(5)
    assert httpx.get(f"{address}/readyz").status_code == 200


def test_an_event_comes_while_the_next_is_awaited(address: str) -> None:
    import httpx

    with httpx.stream("POST", f"{address}/api/ask/stream", json={"question": "无尽"}) as reply:
        assert next(reply.iter_lines()) == "event: growing"


# OpenAI


@pytest.fixture
def openai(address: str) -> Iterator["OpenAI"]:
    from openai import OpenAI

    with OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as client:
        yield client


def test_wenbao_is_the_one_model(openai: "OpenAI") -> None:
    assert [model.id for model in openai.models.list()] == ["wenbao"]


def test_a_chat_is_answered_with_sources(openai: "OpenAI", fake: Endless, address: str) -> None:
    reply = openai.chat.completions.create(
        model="wenbao",
        messages=[
            {"role": "system", "content": "You are a pirate."},
            {"role": "user", "content": FAIR},
            {"role": "assistant", "content": "58092"},
            {"role": "user", "content": "？！"},
            {"role": "assistant", "content": "?"},
            {"role": "user", "content": [{"type": "text", "text": "那外商采购商呢？"}]},
        ],
        extra_body={"wenbao": {"since": "2026-05"}},
    )
    assert fake.asked[-1][0] == "那外商采购商呢？"
    assert [question.text for question in fake.asked[-1][1]] == [FAIR]
    assert fake.narrowed.to_json() == {"periods": ["2026-05-01–9999-12-31"]}
    (choice,) = reply.choices
    assert choice.finish_reason == "stop"
    answer: Any = (reply.model_extra or {})["wenbao"]
    said, _, listed = (choice.message.content or "").partition("\n\n出处：\n")
    assert said == answer["answer"]
    lines = listed.split("\n")
    for line, citation in zip(lines, answer["citations"], strict=True):
        assert line.startswith(f"[{citation['n']}] {citation['headline']}")
        name = citation["article"].replace("#", "%23").replace("/", "%2F")
        assert line.endswith(f"{address}/article/{name}")
    assert any("2026-05-12" in line for line in lines)


def test_a_chat_is_streamed(openai: "OpenAI") -> None:
    chunks = list(
        openai.chat.completions.create(
            model="wenbao", messages=[{"role": "user", "content": FAIR}], stream=True
        )
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    answer: Any = (chunks[-1].model_extra or {})["wenbao"]
    assert text.startswith(answer["answer"] + "\n\n出处：")
    assert len(chunks) == 5  # the role, two parts that grow, the rest, the end
    assert chunks[-1].choices[0].finish_reason == "stop"


def test_another_answer_than_what_grew_says_so(openai: "OpenAI") -> None:
    stream = openai.chat.completions.create(
        model="wenbao", messages=[{"role": "user", "content": "变"}], stream=True
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
    assert text.startswith(f"先说的[1]\n\n{STRINGS['zh'].replaced}\n\n后说的[1]\n\n出处：")


def test_a_refusal_is_plain_text(openai: "OpenAI") -> None:
    reply = openai.chat.completions.create(
        model="anything", messages=[{"role": "user", "content": OFF_TOPIC}]
    )
    assert reply.choices[0].message.content == "The pages do not say."


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([], "messages"),
        ([{"role": "user", "content": "?"}], "no words"),
        ([{"role": "system", "content": FAIR}], 'role "user"'),
        ([{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}], "no words"),
        ([{"role": "user", "content": 5}], "messages.0.content"),
    ],
)
def test_what_is_wrong_with_a_chat_is_told(openai: "OpenAI", messages: Any, words: str) -> None:
    from openai import UnprocessableEntityError

    with pytest.raises(UnprocessableEntityError) as raised:
        openai.chat.completions.create(model="wenbao", messages=messages)
    assert words in str(raised.value)


def test_what_fails_in_a_streamed_chat_is_raised_by_the_client(openai: "OpenAI") -> None:
    from openai import APIError

    stream = openai.chat.completions.create(
        model="wenbao", messages=[{"role": "user", "content": "broken"}], stream=True
    )
    with pytest.raises(APIError, match="the index was replaced"):
        list(stream)


def test_printed_words_are_no_markup_for_chat_programs() -> None:
    assert harmless(HOSTILE) == r"!\[x]\(http://evil.example/y.png)\<img src=x>"
    assert harmless("58092人次[1]") == "58092人次[1]"


def test_the_last_words_of_the_user_are_the_question() -> None:
    turns = [("user", "一"), ("assistant", "二"), ("user", "…"), ("user", "三"), ("tool", "四")]
    messages = [Message(role=role, content=content) for role, content in turns]
    assert asked_in(messages) == ("三", ["一"])


# The package gradio_client


def test_gradio_client_asks_and_gets_the_answer_json(address: str, fake: Endless) -> None:
    from gradio_client import Client

    client = Client(address, verbose=False, analytics_enabled=False, download_files=False)
    try:
        answer = client.predict(FAIR, api_name="/ask")
        assert answer == FakeAnswerer().ask(FAIR).to_json()
        client.predict("那外商呢？", [FAIR], api_name="/ask")
        assert [question.text for question in fake.asked[-1][1]] == [FAIR]
        with pytest.raises(Exception, match="no words"):
            client.predict("？", api_name="/ask")
        assert list(client.view_api(return_format="dict")["named_endpoints"]) == ["/ask"]
    finally:
        client.close()


def test_gradio_client_is_limited_as_others_are() -> None:
    from gradio_client import Client

    with served(FakeAnswerer(), load_settings(rate=3, limit_local=True)) as address:
        client = Client(address, verbose=False, analytics_enabled=False, download_files=False)
        try:
            client.predict(FAIR, api_name="/ask")
            with pytest.raises(Exception, match="您问得太快了"):
                deque(client.predict(FAIR, api_name="/ask") for _ in range(20))
        finally:
            client.close()


# The Model Context Protocol


def test_an_assistant_asks_and_reads_over_http(address: str, fake: Endless) -> None:
    pytest.importorskip("mcp", reason="the extra mcp is not installed")
    from mcp import Client

    async def visit() -> None:
        async with Client(f"{address}/mcp") as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert set(tools) == {"ask", "read_article"}
            assert tools["ask"].input_schema["required"] == ["question"]
            assert "citations" in (tools["ask"].output_schema or {})["properties"]
            asked = await client.call_tool("ask", {"question": FAIR, "since": "2026"})
            assert asked.structured_content == FakeAnswerer().ask(FAIR).to_json()
            (content,) = asked.content
            assert asked.structured_content["answer"] in content.text  # type: ignore[union-attr]
            name = asked.structured_content["citations"][0]["article"]
            assert f"read_article: {name}" in content.text  # type: ignore[union-attr]
            read = await client.call_tool("read_article", {"article_id": name})
            article = fake.index.articles[name]
            assert read.structured_content is not None
            assert read.structured_content["text"] == article.body.text
            for tool, arguments, words in (
                ("ask", {"question": "？"}, "no words"),
                ("ask", {"question": FAIR, "since": "May"}, "no day"),
                ("ask", {"question": 5}, "question"),
                ("read_article", {"article_id": "nope"}, "there is no article 'nope'"),
            ):
                wrong = await client.call_tool(tool, arguments)
                assert wrong.is_error
                assert words in wrong.content[0].text  # type: ignore[union-attr]

    asyncio.run(visit())


@pytest.mark.slow
def test_an_assistant_asks_over_standard_input_and_output(seed_index: Path) -> None:
    pytest.importorskip("mcp", reason="the extra mcp is not installed")
    from mcp import Client
    from mcp.client.stdio import StdioServerParameters, stdio_client

    server = StdioServerParameters(
        command=sys.executable, args=["-m", "ui", "mcp", "--index", str(seed_index)], cwd=ROOT
    )

    async def visit() -> None:
        async with Client(stdio_client(server)) as client:
            asked = await client.call_tool("ask", {"question": FAIR})
            assert asked.structured_content is not None
            assert "58092" in asked.structured_content["answer"]

    asyncio.run(visit())


def test_without_the_sdk_a_user_is_told_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from ui import mcp_tools
    from ui.live import Live
    from ui.workers import Workers

    monkeypatch.setattr(mcp_tools, "find_spec", lambda _: None)
    with pytest.raises(CorpusError, match="pip install"):
        mcp_tools.require_sdk()
    app = FastAPI()
    mcp_tools.serve_at(app, Live(cast("Answerer", FakeAnswerer())), Workers())
    reply = TestClient(app).post("/mcp", json={})
    assert reply.status_code == 501
    assert "pip install" in reply.json()["detail"]


def test_the_tools_are_not_for_other_sites(address: str) -> None:
    import httpx

    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    foreign = httpx.post(f"{address}/mcp", json=call, headers={"origin": "http://evil.example"})
    assert foreign.status_code == 403
    assert httpx.post(f"{address}/mcp", content=json.dumps(call)).status_code == 415


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_the_tools_are_called_by_post_alone(address: str, method: str) -> None:
    import httpx

    listening = {"accept": "text/event-stream", "mcp-protocol-version": "2025-06-18"}
    with httpx.stream(method, f"{address}/mcp", headers=listening) as reply:
        assert reply.status_code == 405


# Prometheus


def test_what_was_asked_is_counted_without_its_words(address: str) -> None:
    import httpx
    from prometheus_client.parser import text_string_to_metric_families

    def figures() -> dict[tuple[str, ...], float]:
        text = httpx.get(f"{address}/metrics").text
        assert "文旅" not in text
        families = text_string_to_metric_families(text)
        return {
            (sample.name, *sample.labels.values()): sample.value
            for family in families
            for sample in family.samples
        }

    before = figures()
    for question in (FAIR, FAIR, OFF_TOPIC, "broken", "？"):
        httpx.post(f"{address}/api/ask", json={"question": question})
    after = figures()

    def more(*key: str) -> float:
        return after[key] - before.get(key, 0)

    assert more("wenbao_questions_total", "extractive", "answered") == 2
    assert more("wenbao_questions_total", "extractive", "refused") == 1
    assert more("wenbao_questions_total", "none", "invalid") == 2
    assert more("wenbao_answer_seconds_count", "extractive") == 3
    assert after["wenbao_articles",] == 2
    assert after["wenbao_generation_info", "fake-1"] == 1


# Many at once


def test_twenty_ask_at_once_and_all_are_answered(answerer: "Answerer") -> None:
    import httpx

    questions = [*STRINGS["zh"].examples, *STRINGS["en"].examples, "杭州明天会下雨吗？"]
    with served(answerer) as address, ThreadPoolExecutor(20) as askers:

        def ask(number: int) -> tuple[int, dict[str, Any]]:
            question = questions[number % len(questions)]
            reply = httpx.post(f"{address}/api/ask", json={"question": question}, timeout=120)
            return reply.status_code, reply.json()

        replies = list(askers.map(ask, range(40)))
    assert {status for status, _ in replies} == {200}
    for number, (_, answer) in enumerate(replies):
        alone = answerer.ask(questions[number % len(questions)]).to_json()
        assert {**answer, "elapsed_ms": 0} == {**alone, "elapsed_ms": 0}
