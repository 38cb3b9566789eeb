"""What one request may take: the time of its body, and the little that it costs."""

import asyncio
import json
from collections import Counter
from typing import Any

import pytest

from tests.test_door import scope_of
from ui import limits
from ui.askers import COST, Rates, current
from ui.limits import Limits
from ui.queue_calls import CALLS, JOIN
from ui.shield import PROGRAM_CALLS
from ui.workers import Workers

JOINING = {"fn_index": 1, "session_hash": "s", "data": []}


class App:
    """Answers a call with 200 once it has its body; with ``workers`` it is a question."""

    def __init__(self, workers: Workers | None = None) -> None:
        self.workers = workers
        self.bodies: list[bytes] = []

    async def __call__(self, _scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        self.bodies.append(body)
        if self.workers:
            self.workers.leave(self.workers.admit(current()))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def called(app: Limits, path: str, body: bytes | None = b"{}", method: str = "POST") -> int:
    """Return the status of a call; of one without a body, all but the first byte never comes."""
    messages = [{"type": "http.request", "body": body or b"{", "more_body": body is None}]
    statuses = []

    async def receive() -> Any:
        if not messages:
            await asyncio.sleep(3600)  # the client stays
        return messages.pop()

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await asyncio.wait_for(app(scope_of(method, path), receive, send), 5)
    (status,) = statuses
    return int(status)


@pytest.mark.parametrize("path", [*CALLS, *PROGRAM_CALLS, "/feedback"])
def test_a_body_has_to_come_in_time(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BODY_S", 0.05)
    app = App()
    assert asyncio.run(called(Limits(app, Workers()), path, None)) == 408
    assert not app.bodies


def test_what_the_page_sends_to_the_queue_comes_to_it_as_it_was_sent() -> None:
    app, body = App(), json.dumps(JOINING).encode()
    limited = Limits(app, Workers(), functions={1})
    assert asyncio.run(called(limited, JOIN, body)) == 200
    assert asyncio.run(called(Limits(app, Workers(), functions={2}), JOIN, body)) == 422
    assert asyncio.run(called(limited, JOIN, b"no JSON")) == 422
    assert app.bodies == [body]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", [*PROGRAM_CALLS, JOIN, "/api/articles"])
def test_what_is_no_question_costs_a_fiftieth_of_one_everywhere(path: str, method: str) -> None:
    async def calls() -> Counter[int]:
        limited = Limits(App(), Workers(rates=Rates(1 + COST / 2, clock=lambda: 0.0)))
        return Counter([await called(limited, path, method=method) for _ in range(60)])

    statuses = asyncio.run(calls())
    assert statuses.pop(429) == 60 - 1 / COST
    assert len(statuses) == 1


@pytest.mark.parametrize(
    ("method", "path", "questions"),
    [("GET", "/corpus/bench", 1), ("POST", "/corpus/health", 1), ("GET", "/corpus/health", COST)],
)
def test_what_searches_costs_a_question_and_looking_how_far_it_is_does_not(
    method: str, path: str, questions: float
) -> None:
    async def calls() -> list[int]:
        limited = Limits(App(), Workers(rates=Rates(2 + COST / 2, clock=lambda: 0.0)))
        return [await called(limited, path, method=method) for _ in range(3)]

    assert asyncio.run(calls()) == [200, 200, 200 if questions < 1 else 429]


@pytest.mark.parametrize("path", PROGRAM_CALLS)
def test_a_question_costs_one_with_the_request_that_brings_it(path: str) -> None:
    async def calls() -> list[int]:
        workers = Workers(rates=Rates(3 + COST / 2, clock=lambda: 0.0))
        limited = Limits(App(workers), workers)
        return [await called(limited, path) for _ in range(4)]

    assert asyncio.run(calls()) == [200, 200, 200, 429]
