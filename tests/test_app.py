"""The chat app without a browser: what it serves, what it refuses, how a question goes through."""

import asyncio
import json
import re
import string
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from rag.config import load_settings
from rag.filters import Facets
from rag.question import MAX_QUESTION_CHARS
from rag.wording import Frame
from tests.fakes import QUEUE_WARNINGS, FakeAnswerer
from ui.facets import FIELDS, MAX_CHOICES, choices_of
from ui.history import kept
from ui.render import Exchange
from ui.shield import MAX_BODY_BYTES
from ui.strings import STRINGS, Strings, preferred_language

if TYPE_CHECKING:
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from rag.answering import Answerer

pytestmark = QUEUE_WARNINGS

ZH, EN = STRINGS["zh"], STRINGS["en"]
ANY = ["", "", *[""] * len(FIELDS)]  # no deed, the language of the question, no filter
LANGUAGES: tuple[Frame, ...] = ("zh", "en")
FAIR = "第20届文旅博览会来了多少采购商？"


def knowing(fake: FakeAnswerer) -> "Answerer":
    return cast("Answerer", fake)


@pytest.fixture(scope="module")
def fake() -> FakeAnswerer:
    return FakeAnswerer()


@pytest.fixture(scope="module")
def client(fake: FakeAnswerer) -> Iterator["TestClient"]:
    from fastapi.testclient import TestClient

    from ui.app import create_app

    async def in_a_loop() -> "FastAPI":  # without one, Gradio makes one and leaves it open
        return create_app(knowing(fake), load_settings(allowed_hosts="testserver,news.example"))

    with TestClient(asyncio.run(in_a_loop())) as client:
        yield client


def steps(text: str, conversation: tuple[Exchange, ...] = ()) -> list[tuple[Exchange, ...]]:
    from ui.conversation import ask

    return list(ask(knowing(FakeAnswerer()), text, conversation, ZH))


# A question


def test_an_answer_grows_under_its_question() -> None:
    first, *grown = steps(FAIR)
    assert first == (Exchange(FAIR),)
    counts = [len(exchange.answer.citations) for (exchange,) in grown if exchange.answer]
    assert counts == [1, 2, 3]


def test_what_is_chosen_narrows_the_search() -> None:
    from ui.conversation import ask

    fake = FakeAnswerer()
    list(ask(knowing(fake), FAIR, (), ZH, ("2025-05-01", "2025-05-31", "", None, "陈聪", "")))
    assert fake.narrowed.to_json() == {
        "periods": ["2025-05-01–2025-05-31"], "reporters": ["陈聪"]
    }  # fmt: skip


@pytest.mark.parametrize("strings", [ZH, EN])
def test_days_in_the_wrong_order_are_an_error_in_the_language_of_the_page(strings: Strings) -> None:
    from ui.conversation import ask

    fake = FakeAnswerer()
    days = ("2025-06-01", "2025-05-31", *[""] * (len(FIELDS) - 2))
    *_, (last,) = ask(knowing(fake), FAIR, (), strings, days)
    assert last.error == strings.days_crossed_of.format(since=days[0], until=days[1])
    assert fake.asked == []


def test_a_question_on_its_own_leaves_the_conversation_out_and_says_so() -> None:
    from ui.conversation import ask

    fake = FakeAnswerer()
    conversation = steps(FAIR)[-1]
    *_, last = ask(knowing(fake), "那外商呢？", conversation, ZH, alone=True)
    assert fake.asked == [("那外商呢？", ())]
    assert last[0] == conversation[0]
    assert last[1].alone


def test_the_answer_is_in_the_language_that_is_asked_for() -> None:
    from ui.conversation import ask

    *_, (last,) = ask(knowing(FakeAnswerer()), FAIR, (), ZH, answer_in="en")
    assert last.answer
    assert last.answer.question.spoken == "en"
    assert last.answer.to_json()["language"] == "en"


def test_a_chinese_question_is_answered_in_english_words(answerer: "Answerer") -> None:
    asked, in_english = answerer.ask(FAIR), answerer.ask(FAIR, answer_in="en")
    assert [c.quote for c in in_english.citations] == [c.quote for c in asked.citations]
    assert "as printed" in in_english.text
    assert in_english.citations[0].glosses
    assert answerer.ask("谁赢了世界杯？", answer_in="en").text.isascii() is False  # names the leads
    assert "do not answer" in answerer.ask("谁赢了世界杯？", answer_in="en").text
    traditional = answerer.ask("第20屆文旅博覽會來了多少採購商？", answer_in="zh")
    assert "據" in traditional.text, "the script is that of the question"


def test_what_is_stopped_keeps_what_was_proved() -> None:
    from ui.conversation import ended

    (whole,) = steps(FAIR)[-1]
    assert whole.answer
    growing = replace(whole, answer=replace(whole.answer, growing=True))
    (stopped,) = ended((growing,), ZH.stopped)
    assert stopped.answer
    assert not stopped.answer.growing
    assert stopped.answer.citations == whole.answer.citations
    assert ZH.stopped in stopped.answer.notices
    nothing = replace(whole.answer, growing=True, citations=(), text="")
    assert ended((Exchange(FAIR, nothing),), ZH.stopped) == (Exchange(FAIR, error=ZH.stopped),)
    assert ended((Exchange(FAIR),), ZH.broken) == (Exchange(FAIR, error=ZH.broken),)
    assert ended((whole,), ZH.stopped) == (whole,)
    assert ended((), ZH.stopped) == ()


def test_facets_are_counted_and_named_in_the_language_of_the_page() -> None:
    facets = Facets({"2025-05-27": 2, "2025-05-15": 1}, {}, {"interview": 3}, {}, {"陈聪": 1})
    zh, en = (choices_of(facets, language, STRINGS[language]) for language in LANGUAGES)
    assert zh["genre"] == [("不限", ""), ("访谈 (3)", "interview")]
    assert en["genre"] == [("any", ""), ("interview (3)", "interview")]
    assert [value for _, value in zh["since"]] == ["", "2025-05-27", "2025-05-15"]
    assert zh["until"] == zh["since"]
    assert en["series"] == [("any", "")]


def test_of_many_issues_the_newest_are_offered() -> None:
    days = [f"{2020 + n // 300}-{n // 25 % 12 + 1:02}-{n % 25 + 1:02}" for n in range(900)]
    found = choices_of(Facets(dict.fromkeys(days, 1), {}, {}, {}, {}), "zh", ZH)
    for field in ("since", "until"):
        assert [value for _, value in found[field][1:]] == days[: -MAX_CHOICES - 1 : -1]


def test_earlier_questions_are_passed_on_without_the_failed_ones() -> None:
    from ui.conversation import ask

    fake = FakeAnswerer()
    (answered,) = steps(FAIR)[-1]
    conversation = (answered, Exchange("broken", error="no"))
    *_, last = ask(knowing(fake), "那外商呢？", conversation, ZH)
    assert answered.answer
    assert fake.asked == [("那外商呢？", (answered.answer.question,))]
    assert last[:2] == conversation
    assert last[2].answer is not None
    assert last[2].answer.question.context == FAIR


def test_what_the_user_can_mend_becomes_a_message() -> None:
    (exchange,) = steps("broken")[-1]
    assert exchange.error.startswith("the index was replaced")


def test_a_question_that_is_too_long_is_refused_kindly_and_not_asked() -> None:
    ((exchange,),) = steps("长" * (MAX_QUESTION_CHARS + 1))
    assert str(MAX_QUESTION_CHARS) in exchange.error
    assert len(exchange.text) < 300
    assert len(steps("长" * MAX_QUESTION_CHARS)) > 1


def test_a_question_without_words_is_not_asked() -> None:
    ((exchange,),) = steps("？！…")
    assert exchange.error == ZH.question_without_words


# Languages


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("en;q=0.3,zh-Hant-TW;q=0.7", "zh-Hant"),
        ("zh-HK,en;q=0.9", "zh-Hant"),
        ("zh-Hans-SG", "zh"),
        ("de,fr;q=0.9", "en"),
        ("de,zh;q=0.1", "zh"),
        ("zh;q=0,en;q=0.1", "en"),
        ("zh;q=x", "en"),
        ("", "en"),
    ],
)
def test_the_browser_chooses_the_first_language(header: str, language: Frame) -> None:
    assert preferred_language(header) == language


def test_both_languages_say_the_same_things() -> None:
    def blanks(template: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(template) if name}

    for entry in fields(ZH):
        chinese, english = getattr(ZH, entry.name), getattr(EN, entry.name)
        assert chinese
        assert english
        assert len(chinese) == len(english) if entry.name == "examples" else True
        if entry.name.endswith("_of"):
            assert blanks(chinese) == blanks(english) != set()
    assert len(set(ZH.examples)) == len(ZH.examples) >= 4


# The server


def test_healthz_tells_what_is_served(client: "TestClient") -> None:
    reply = client.get("/healthz")
    assert reply.json() == {
        "status": "ok",
        "generation": "fake-1",
        "articles": 2,
        "chunks": len(FakeAnswerer().index.chunks),
    }


def test_every_reply_has_the_security_headers(client: "TestClient") -> None:
    for path in ("/", "/healthz", "/theme.css", "/nowhere"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-eval" not in policy
        assert "http" not in policy
        assert "*" not in policy
        script = policy.partition("script-src")[2].partition(";")[0]
        assert "unsafe-inline" not in script


def test_each_page_has_its_own_nonce_on_every_script(client: "TestClient") -> None:
    nonces = set()
    for _ in range(2):
        page = client.get("/")
        policy = page.headers["content-security-policy"]
        nonce = policy.partition("'nonce-")[2].partition("'")[0]
        scripts = re.findall(r"<script[^>]*>", page.text)
        assert len(scripts) > 3
        assert all(f'nonce="{nonce}"' in script for script in scripts)
        nonces.add(nonce)
    assert len(nonces) == 2


def test_style_and_script_are_served_from_here(client: "TestClient") -> None:
    from ui.app import CHAT_ASSETS

    page = client.get("/").text
    addresses = set(re.findall(r"wenbao/[0-9a-f]{12}-[a-z]+\.(?:css|js)", page))
    assert {address.partition("-")[2] for address in addresses} == {*CHAT_ASSETS, "feedback.js"}
    for address in addresses:
        assert client.get(f"/{address}").status_code == 200


def test_the_theme_asks_no_other_host_for_fonts(client: "TestClient") -> None:
    theme = client.get("/theme.css").text
    assert "PingFang SC" in theme
    addresses = re.findall(r"url\((.{6})", theme)
    assert all(address == '"data:' for address in addresses)
    assert "@import" not in theme


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/gradio_api/upload", 404),
        ("GET", "/gradio_api/file=/etc/passwd", 404),
        ("GET", "/gradio_api/proxy=http://example.com", 404),
        ("GET", "/gradio_api/openapi.json", 404),
        ("POST", "/gradio_api/call/on_ask", 404),
        ("POST", "/gradio_api/run/predict", 404),
        ("GET", "/monitoring", 404),
        ("GET", "/docs", 404),
        ("POST", "/", 405),
        ("PUT", "/gradio_api/queue/join", 405),
        ("OPTIONS", "/gradio_api/queue/join", 405),
    ],
)
def test_what_the_chat_does_not_need_is_refused(
    client: "TestClient", method: str, path: str, status: int
) -> None:
    assert client.request(method, path).status_code == status


def test_calls_from_other_sites_and_great_bodies_are_refused(client: "TestClient") -> None:
    path = "/gradio_api/queue/join"
    foreign = client.post(path, json={}, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    assert client.post(path, content=b" " * (MAX_BODY_BYTES + 1)).status_code == 413
    unmeasured = client.post(path, content=iter([b"{}"]))
    assert unmeasured.status_code == 411


def test_a_foreign_origin_is_not_told_that_it_may_read(client: "TestClient") -> None:
    reply = client.get("/healthz", headers={"origin": "http://evil.example"})
    page = client.get("/", headers={"origin": "http://evil.example", "host": "news.example"})
    for headers in (reply.headers, page.headers):
        assert not [name for name in headers if name.startswith("access-control-")]


@pytest.mark.parametrize("text", [*ZH.examples, *EN.examples])
def test_every_example_is_answered_from_the_real_pages(answerer: "Answerer", text: str) -> None:
    answer = answerer.ask(text)
    assert not answer.refused
    assert answer.citations


# A question through the queue of Gradio, as the page sends it


def call(
    client: "TestClient",
    event: str,
    data: list[Any],
    session: str,
    event_data: Any = None,
    elem_id: str = "",
) -> list[dict[str, Any]]:
    """Return the messages of the queue for the function that listens to ``event``.

    Where several listen to such an event, ``elem_id`` tells of which part of the page.
    """
    config = client.get("/config").json()
    ids = {each["id"]: each["props"].get("elem_id") for each in config["components"]}
    ((function, trigger),) = [
        (dependency["id"], target)
        for dependency in config["dependencies"]
        for target, name in dependency["targets"]
        if name == event and elem_id in ("", ids.get(target))
    ]
    body = {
        "data": data,
        "fn_index": function,
        "session_hash": session,
        "event_data": event_data,
        "trigger_id": trigger,
    }
    headers = {"content-type": "application/json"}
    sent = client.post("/gradio_api/queue/join", content=json.dumps(body), headers=headers)
    assert sent.status_code == 200
    stream = client.get("/gradio_api/queue/data", params={"session_hash": session})
    return [
        json.loads(line.removeprefix("data: "))
        for line in stream.text.splitlines()
        if line.startswith("data: ")
    ]


def test_two_questions_of_one_session_are_one_conversation(
    client: "TestClient", fake: FakeAnswerer
) -> None:
    for text in (FAIR, "那外商呢？"):
        done = call(client, "submit", [text, "zh", None, *ANY], "one")[-2:]
        assert any(m["msg"] == "process_completed" and m["success"] for m in done)
    (first, none), (second, history) = fake.asked[-2:]
    assert (first, none) == (FAIR, ())
    assert second == "那外商呢？"
    assert [question.text for question in history] == [FAIR]
    call(client, "submit", [FAIR, "zh", None, *ANY], "another")
    assert fake.asked[-1] == (FAIR, ())


def test_an_example_is_asked_as_it_reads(client: "TestClient", fake: FakeAnswerer) -> None:
    chosen = {"index": 0, "value": {"text": ZH.examples[1]}}
    done = call(client, "example_select", ["typed before", "zh", None, *ANY], "two", chosen)
    assert any(m["msg"] == "process_completed" and m["success"] for m in done)
    assert fake.asked[-1] == (ZH.examples[1], ())


def test_lone_surrogates_and_blanks_are_survived(client: "TestClient", fake: FakeAnswerer) -> None:
    before = len(fake.asked)
    for text in ("   ", None):
        assert call(client, "submit", [text, "zh", None, *ANY], "three")[-2]["success"]
    assert len(fake.asked) == before
    assert call(client, "submit", ["\ud800 文旅博览会", "en", None, *ANY], "three")[-2]["success"]
    assert fake.asked[-1][0] == "? 文旅博览会"


def test_the_first_language_is_the_browsers(client: "TestClient") -> None:
    client.headers["accept-language"] = "en-GB"
    (done,) = [
        m for m in call(client, "load", [None, None], "four") if m["msg"] == "process_completed"
    ]
    assert EN.ask in json.dumps(done)
    (done,) = [
        m for m in call(client, "load", ["zh", None], "four") if m["msg"] == "process_completed"
    ]
    assert ZH.ask in json.dumps(done, ensure_ascii=False)


def test_a_deed_replaces_the_last_exchange_and_an_unknown_one_is_no_deed(
    client: "TestClient", fake: FakeAnswerer
) -> None:
    def do(text: str, deed: str, elem_id: str = "question") -> None:
        values = [text, "zh", None, deed, *ANY[1:]]
        event = "click" if elem_id == "redo" else "submit"
        assert call(client, event, values, "deeds", elem_id=elem_id)[-2]["success"]

    do(FAIR, "retry", "redo")  # there is nothing to ask again: the text is asked
    do("那外商呢？", "")
    do("typed since", "alone", "redo")
    do("展位有多少？", "edit")
    do("那外商呢？", "drop table")
    assert [(text, [question.text for question in before]) for text, before in fake.asked[-5:]] == [
        (FAIR, []),
        ("那外商呢？", [FAIR]),
        ("那外商呢？", []),
        ("展位有多少？", [FAIR]),
        ("那外商呢？", [FAIR, "展位有多少？"]),
    ]


def test_a_question_is_asked_though_the_call_of_a_deed_before_it_failed(
    client: "TestClient", fake: FakeAnswerer
) -> None:
    call(client, "submit", [FAIR, "zh", None, *ANY], "failed")
    for deed in ("retry", "alone"):  # it still stands in its field
        call(client, "submit", ["那外商呢？", "zh", None, deed, *ANY[1:]], "failed")
        text, history = fake.asked[-1]
        assert text == "那外商呢？"
        assert history[0].text == FAIR


def test_clearing_ends_every_search_for_what_to_ask_next(client: "TestClient") -> None:
    config = client.get("/config").json()
    ids = {each["props"].get("elem_id"): each["id"] for each in config["components"]}
    events = config["dependencies"]
    searches = {each["id"] for each in events if each["outputs"] == [ids["suggested"]]}
    clearing = [each for each in events if [ids["clear"], "click"] in each["targets"]]
    assert len(searches) == 3, "after a load, a change of language and an answer"
    assert searches <= {ended for each in clearing for ended in each["cancels"]}


def test_a_kept_conversation_is_drawn_again_and_a_forged_one_is_not(
    client: "TestClient", fake: FakeAnswerer
) -> None:
    stored = kept([Exchange(FAIR, fake.ask(FAIR))])
    (done,) = [
        m for m in call(client, "load", ["zh", stored], "five") if m["msg"] == "process_completed"
    ]
    assert "src-1-1" in json.dumps(done)
    for forged in ("x", [1], {"version": 1, "exchanges": [{"text": 3}]}, 7):
        (done,) = [
            m for m in call(client, "load", [forged, forged], "six")
            if m["msg"] == "process_completed"
        ]  # fmt: skip
        assert done["success"]
        assert "src-1-1" not in json.dumps(done)
