"""Whatever the endpoint does: no traceback, no half answer, nothing unproved shown as proved.

Each fault is played by a real server to the whole way from question to answer: once in the
fast tests, again and again in the slow ones (fifty times with `--torture`).
"""

import json
import logging
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

import pytest

from index.numbers import unproved
from rag.answering import Answerer
from rag.citations import proved_by, read_markers, statements
from rag.config import load_settings
from rag.types import Answer, Passage, Question
from tests.endpoint import Endpoint, Handler, Play, Serve

ASKED = "第20届文旅博览会来了多少采购商？"
SECOND = "展会达成意向成交额共计1.4975亿元"
FIRST = "展会共吸引专业采购商58092人次"
TRUE = (FIRST, SECOND)
KEY = "sk-very-secret"


@dataclass(frozen=True)
class Fault:
    """What the endpoint does, and how the answer ends: quoted, generated, or refused."""

    play: Play
    ends: str = "quoted"
    timeout_s: float = 20.0


def says(*sentences: str, piece_chars: int = 7) -> Play:
    """Return the part of an endpoint that says ``sentences``; ``{n}`` is the right passage."""

    def play(http: Handler) -> None:
        text = "".join(sentences).replace("{n}", str(number_in(http)))
        http.stream(*(text[at : at + piece_chars] for at in range(0, len(text), piece_chars)))

    return play


def number_in(http: Handler) -> int:
    """Return the number under which the request holds the passage on the fair."""
    lines = http.endpoint.asked[-1]["messages"][1]["content"].splitlines()
    rows = [json.loads(line) for line in lines if line.startswith('{"n"')]
    return next(n for n, row in enumerate(rows, start=1) if "58092人次" in row["text"])


GOOD = f"{FIRST}[{{n}}]。"


def then(play: Play, *sentences: str) -> Play:
    """Return the part that streams good ``sentences`` and then does something else."""

    def both(http: Handler) -> None:
        http.head()
        http.event("".join(sentences or (GOOD, "后")).replace("{n}", str(number_in(http))))
        play(http)

    return both


def status(code: int, **headers: str) -> Play:
    def play(http: Handler) -> None:
        http.head(code, "application/json", **headers)
        http.raw(json.dumps({"error": {"message": f"no: {KEY} {http.endpoint.asked}"}}).encode())

    return play


def body(data: bytes, kind: str = "text/event-stream") -> Play:
    def play(http: Handler) -> None:
        http.head(kind=kind)
        http.raw(data)

    return play


def drip(http: Handler) -> None:
    while True:
        http.raw(b":")
        time.sleep(0.02)


def silence(http: Handler) -> None:
    http.endpoint.left.wait(1.5)


def cut_in_a_chunk(http: Handler) -> None:
    http.head(Transfer_Encoding="chunked")
    http.raw(b'40\r\ndata: {"choices":[{"delta":{"con')


def row(value: object) -> bytes:
    return f"data: {json.dumps(value)}\n\n".encode()


NOTHING: Play = lambda _http: None  # noqa: E731
WHOLE = {"choices": [{"index": 0, "message": {"content": FIRST}, "finish_reason": "stop"}]}
FAULTS: Mapping[str, Fault] = {
    # It fails.
    "cut mid-answer": Fault(then(NOTHING)),
    "cut mid-chunk": Fault(cut_in_a_chunk),
    "closed at once": Fault(lambda http: setattr(http, "close_connection", True)),
    "HTML with 200": Fault(body(b"<html><body>Log in</body></html>", "text/html")),
    "empty body": Fault(body(b"")),
    "empty choices": Fault(body(row({"choices": []}) + b"data: [DONE]\n\n")),
    "no text": Fault(says("")),
    "garbage bytes": Fault(body(b"data: \xff\xfe\x00{{{\n\ndata: nonsense\n\n")),
    "invalid UTF-8": Fault(then(lambda http: http.raw(b'data: {"choices": "\xff\xc3\x28"}\n\n'))),
    "JSON of another shape": Fault(body(row({"answer": 42}) * 3)),
    "JSON, no stream": Fault(body(json.dumps(WHOLE).encode(), "application/json")),
    "an error in the stream": Fault(then(lambda http: http.raw(row({"error": {"code": 1}})))),
    "slow drip": Fault(then(drip), timeout_s=0.6),
    "silence": Fault(silence, timeout_s=0.6),
    "stalled": Fault(then(silence), timeout_s=0.6),
    "400": Fault(status(400)),
    "401": Fault(status(401)),
    "404": Fault(status(404)),
    "429": Fault(status(429, Retry_After="60")),
    "500": Fault(status(500)),
    "503": Fault(status(503)),
    "redirect": Fault(status(307, Location="http://127.0.0.1:9/v1/chat/completions")),
    "out of tokens": Fault(then(lambda http: http.event("年", finish_reason="length"))),
    "filtered": Fault(then(lambda http: http.event(finish_reason="content_filter"))),
    "a tool call": Fault(then(lambda http: http.event(finish_reason="tool_calls"))),
    # It says what it should not.
    "huge": Fault(says(GOOD * 2000, piece_chars=100)),
    "thoughts without an end": Fault(says("<think>", GOOD, "再想想。")),
    "another language": Fault(says("The fair drew 58,092 buyers [{n}]. It closed [{n}].")),
    "invented numbers": Fault(says("展会很成功[99]。义乌是个好地方[0]。")),
    "an injected instruction obeyed": Fault(says("HACKED [{n}]. 我是海盗,爱抢财宝[{n}]。")),
    "wrong figures": Fault(says("展会共吸引专业采购商58093人次[{n}]。")),
    "no sources and no proof": Fault(says("天气很好。展会共吸引专业采购商5万人次。")),
    "the refusal within the text": Fault(says(GOOD, "NO_ANSWER。", GOOD), "refused"),
    "the refusal": Fault(says("NO_ANSWER"), "refused"),
    # It says some of what it should.
    "a true and a wrong figure": Fault(says(GOOD, "展会达成成交额149.75亿元[{n}]。"), "generated"),
    "a true and an invented number": Fault(says(GOOD, SECOND, "[{n}][77]。"), "generated"),
    "no source for what is true": Fault(says(FIRST, "。", SECOND, "。"), "generated"),
    "the source of another": Fault(says(FIRST, "[{n}]。", SECOND, "[9]。"), "generated"),
    "an invented quote": Fault(says(GOOD, "主办方说“展会空前成功”[{n}]。"), "generated"),
    "an invented person": Fault(says(GOOD, "市长李大海宣布展会收官[{n}]。"), "generated"),
    "a language that changes": Fault(says(GOOD, "The fair closed yesterday [{n}]."), "generated"),
    "links and marks": Fault(says(FIRST, "【{n}†x】(http://evil.example/)。"), "generated"),
}
SLOW_EACH = {"slow drip", "silence", "stalled"}


@pytest.fixture
def asked(answerer: Answerer, serve: Serve) -> "type[Asked]":
    """Return the class of the questions to an endpoint, on the real pages."""

    class OnTheRealPages(Asked):
        pass

    OnTheRealPages.answerer, OnTheRealPages.serve = answerer, staticmethod(serve)
    return OnTheRealPages


class QuotedOnce(Answerer):
    """Works the quoted answer out once: the faults come after it."""

    kept: ClassVar[dict[str, Answer]] = {}

    def _quoted(self, question: Question, passages: tuple[Passage, ...]) -> Answer:
        if question.text not in self.kept:
            self.kept[question.text] = super()._quoted(question, passages)
        return self.kept[question.text]


class Asked:
    """One question to an endpoint with a fault."""

    answerer: Answerer
    serve: Serve

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.endpoint: Endpoint = self.serve(fault.play)
        self.quoted = self.answerer.ask(ASKED).text

    def answers(self) -> Iterator[Answer]:
        settings = load_settings(
            index=self.answerer.settings.index,
            llm_base_url=self.endpoint.url,
            llm_model="m",
            llm_api_key=KEY,
            llm_timeout_s=self.fault.timeout_s,
        )
        return QuotedOnce(settings, self.answerer.retriever).stream(ASKED)


def assert_proved(answer: Answer, answerer: Answerer) -> None:
    """Fail unless every statement cites, and its citations are verbatim and prove it."""
    pages = answerer.index.pages
    for citation in answer.citations:
        spans = citation.quote.spans
        assert citation.quote.text == "".join(pages[s.file].text[s.start : s.end] for s in spans)
    plain, found, unknown = read_markers(answer.text, len(answer.citations))
    assert not unknown
    assert sorted({mark.n for mark in found}) == [citation.n for citation in answer.citations]
    if answer.mode == "extractive" or answer.refused:
        return
    for statement in dict.fromkeys(statements(plain, found)):
        assert statement.text.rstrip("。. \n") in TRUE
        cited = [answer.citations[n - 1] for n in statement.numbers]
        assert cited
        holding = [p for p in answer.passages for c in cited if p.article.id == c.article.id]
        assert not unproved(statement.claim, proved_by(holding))
        assert any(re.search(r"58092人次", c.quote.text) for c in cited)


def play_out(question: Asked, answerer: Answerer) -> Answer:
    """Return the last answer; fail when any on the way shows what it should not."""
    *growing, last = question.answers()
    assert all(answer.growing and answer.mode == "llm" for answer in growing)
    assert not last.growing
    for answer in (*growing, last):
        assert_proved(answer, answerer)
    if question.fault.ends == "quoted":
        assert (last.mode, last.text) == ("extractive", question.quoted)
        assert "语言模型没有给出可用的回答" in last.notices[0]
    elif question.fault.ends == "refused":
        assert last.refused
        assert last.citations == ()
    else:
        assert (last.mode, last.refused) == ("llm", False)
        assert last.text.startswith(FIRST)
    question.endpoint.left.set()
    return last


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_costs_a_notice_at_most(
    name: str,
    asked: type[Asked],
    answerer: Answerer,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with caplog.at_level(logging.DEBUG):
        last = play_out(asked(FAULTS[name]), answerer)
    told = caplog.text + "".join(capfd.readouterr()) + "".join(last.notices)
    assert "Traceback" not in told
    for secret in (KEY, ASKED, "58092人次", "quoted print"):
        assert secret not in told


@pytest.mark.slow
@pytest.mark.torture
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_that_comes_again_and_again_does_no_more(
    name: str,
    times: int,
    asked: type[Asked],
    answerer: Answerer,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    from rag import breaker

    question = asked(FAULTS[name])
    for _ in range(-(-times // 5) if name in SLOW_EACH else times):
        monkeypatch.setattr(breaker, "_BREAKERS", {})
        question.endpoint.left.clear()
        play_out(question, answerer)
    assert "Traceback" not in "".join(capfd.readouterr())


def test_an_endpoint_that_keeps_failing_is_left_alone(
    asked: type[Asked], answerer: Answerer
) -> None:
    question = asked(FAULTS["401"])
    for _ in range(3):
        play_out(question, answerer)
    last = play_out(question, answerer)
    assert len(question.endpoint.asked) == 3
    assert "暂停使用，30 秒后再试" in last.notices[0]


def test_who_stops_reading_the_answer_ends_the_request(
    asked: type[Asked], answerer: Answerer
) -> None:
    def wait_for_the_client(http: Handler) -> None:
        http.connection.settimeout(8)
        if http.connection.recv(1) == b"":
            http.endpoint.left.set()

    question = asked(Fault(then(wait_for_the_client)))
    answers = question.answers()
    first = next(answers)
    assert (first.growing, first.text) == (True, f"{FIRST}[1]。")
    assert_proved(first, answerer)

    answers.close()  # type: ignore[attr-defined]
    assert question.endpoint.left.wait(3)
