"""The conversation that the browser keeps: what comes back, and what is not believed."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from rag.gloss import Gloss
from rag.types import Question
from tests.fakes import FakeAnswerer, newspaper, page_of
from ui.history import MAX_BYTES, MAX_EXCHANGES, kept, restored
from ui.render import Exchange, answer_html, panel_html
from ui.shield import MAX_BODY_BYTES
from ui.strings import STRINGS

if TYPE_CHECKING:
    from index.index import Index

ZH = STRINGS["zh"]
FAIR = "第20届文旅博览会来了多少采购商？"
SMALL = cast("Index", newspaper())


def answered(text: str = FAIR) -> Exchange:
    return Exchange(text, FakeAnswerer().ask(text))


def again(stored: object) -> object:
    """Return what the browser gives back of ``stored``."""
    return json.loads(json.dumps(stored))


def forged(**changes: Any) -> dict[str, Any]:
    """Return a kept conversation of one exchange with ``changes`` to its answer."""
    stored = cast("dict[str, Any]", again(kept([answered()])))
    stored["exchanges"][0]["answer"] |= changes
    return stored


def test_a_conversation_comes_back_with_its_citations() -> None:
    before = (answered(), Exchange("broken", error="no"), answered("谁赢了世界杯？"))
    first, refused = restored(again(kept(before)), SMALL)
    assert before[0].answer
    assert before[2].answer
    whole = before[0].answer
    assert first.answer == replace(whole, passages=(), confidence=round(whole.confidence, 4))
    assert refused.answer
    assert refused.answer.refused
    leads = [passage.article for passage in refused.answer.passages]
    assert leads
    assert leads[0] == before[2].answer.passages[0].article


def test_what_a_follow_up_leaned_on_comes_back() -> None:
    exchange = answered()
    assert exchange.answer
    question = Question("那外商呢？", "zh", FAIR, rewritten="外商来了多少？", answer_in="en")
    asked = replace(exchange, answer=replace(exchange.answer, question=question), alone=True)
    (back,) = restored(again(kept([asked])), SMALL)
    assert back.answer
    assert back.answer.question == question
    assert back.alone


def test_the_marked_words_and_their_glosses_come_back() -> None:
    exchange = answered()
    assert exchange.answer
    gloss = Gloss(0, 2, "wèi qī", "lasting")
    cited = replace(exchange.answer.citations[0], words=(2, 5), glosses=(gloss,))
    asked = replace(exchange, answer=replace(exchange.answer, citations=(cited,)))
    (back,) = restored(again(kept([asked])), SMALL)
    assert back.answer
    assert back.answer.citations == (cited,)


def test_the_newest_exchanges_are_kept_and_fit_into_a_request() -> None:
    many = [answered() for _ in range(MAX_EXCHANGES + 5)]
    many[-1] = answered("谁赢了世界杯？")
    stored = kept(many)
    assert len(stored["exchanges"]) == MAX_EXCHANGES
    assert stored["exchanges"][-1]["text"] == "谁赢了世界杯？"
    long = answered()
    assert long.answer
    long = replace(long, answer=replace(long.answer, text="长" * 15_000))
    size = len(json.dumps(kept([long] * MAX_EXCHANGES), ensure_ascii=False).encode())
    assert MAX_BYTES / 2 < size < MAX_BYTES + 1000 < MAX_BODY_BYTES


def test_an_answer_that_is_not_whole_is_not_kept() -> None:
    growing = answered()
    assert growing.answer
    growing = replace(growing, answer=replace(growing.answer, growing=True))
    assert kept([growing, Exchange("noch nichts")])["exchanges"] == []


def test_a_citation_whose_article_is_gone_says_so() -> None:
    exchange = answered()
    index = newspaper()
    index.articles.clear()
    (back,) = restored(again(kept([exchange])), cast("Index", index))
    assert back.answer
    assert back.answer.citations == ()
    assert [gone.n for gone in back.gone] == [1, 2, 3]
    html = answer_html(back.answer, 1, ZH, back.gone)
    assert ZH.citation_gone in html
    assert "第20届文旅博览会" in html
    assert "<a " not in html
    # ... also after another reload, and also when the article is back
    assert restored(again(kept([back])), SMALL)[0].gone == back.gone


def test_a_quote_is_found_again_where_its_page_was_received_anew() -> None:
    exchange = answered()
    assert exchange.answer
    index = newspaper()
    page = index.pages["fair.txt"]
    index.pages["fair.txt"] = page_of("fair.txt", f"另一行\n{page.text}")
    (back,) = restored(again(kept([exchange])), cast("Index", index))
    assert back.answer
    quotes = [citation.quote.text for citation in back.answer.citations]
    assert quotes == [citation.quote.text for citation in exchange.answer.citations]


@pytest.mark.parametrize(
    "stored",
    [
        None, "", 7, [], "x" * 100, {}, {"version": 1}, {"version": 2, "exchanges": []},
        {"version": 1, "exchanges": "all"}, {"version": 1, "exchanges": [None, 3, {}, []]},
        {"version": 1, "exchanges": [{"text": "x", "answer": None}]},
    ],
)  # fmt: skip
def test_what_is_no_conversation_is_dropped(stored: object) -> None:
    assert restored(stored, SMALL) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"confidence": 7.0},
        {"confidence": float("nan")},
        {"confidence": "high"},
        {"mode": "oracle"},
        {"answer": None},
        {"answer": "x" * 50_000},
        {"notices": ["x"] * 1000},
        {"citations": {}},
        {"citations": [{"n": -1, "article": "a", "quote": "b", "spans": []}]},
        {"elapsed_ms": -1},
    ],
)
def test_a_forged_exchange_is_dropped_and_the_others_stay(changes: dict[str, Any]) -> None:
    stored = forged(**changes)
    stored["exchanges"].append(kept([answered("谁赢了世界杯？")])["exchanges"][0])
    (stays,) = restored(stored, SMALL)
    assert stays.text == "谁赢了世界杯？"


@pytest.mark.parametrize(
    "span",
    [
        {"file": "fair.txt", "start": 0, "end": 10**9},
        {"file": "../../etc/passwd", "start": 0, "end": 5},
        {"file": "train.txt", "start": 0, "end": 5},
        {"file": "fair.txt", "start": 9, "end": 2},
    ],
)
def test_words_that_are_not_printed_are_no_citation(span: dict[str, Any]) -> None:
    stored = forged()
    stored["exchanges"][0]["answer"]["citations"][0] |= {"quote": "从未印过", "spans": [span]}
    (back,) = restored(stored, SMALL)
    assert back.answer
    assert [citation.n for citation in back.answer.citations] == [2, 3]
    assert [gone.n for gone in back.gone] == [1]


def test_markup_in_the_storage_is_shown_as_text() -> None:
    payload = "<img src=x onerror=alert(1)>"
    stored = forged(answer=f"{payload}[1]", notices=[payload])
    row = stored["exchanges"][0]
    row |= {"text": payload, "context": payload, "rewritten": payload}
    row["answer"]["citations"][0] |= {"headline": payload, "quote": payload, "article": payload}
    (back,) = restored(stored, SMALL)
    assert back.answer
    html = answer_html(back.answer, 1, ZH, back.gone, last=True) + panel_html([back], ZH)
    assert "<img" not in html
    assert "&#60;img" in html


def test_a_refusal_never_comes_back_with_citations() -> None:
    (back,) = restored(forged(refused=True), SMALL)
    assert back.answer
    assert back.answer.citations == ()
    assert back.gone == ()
