"""What can be done with an exchange, and what can be asked next: the HTML of it."""

from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, cast

import pytest

from rag.types import Question
from tests.fakes import FakeAnswerer
from ui.deeds import chips_html, deeds_html
from ui.references import as_markdown, as_text, references
from ui.render import Exchange, answer_html, messages
from ui.strings import STRINGS
from ui.suggested import Examples, follow_ups

if TYPE_CHECKING:
    from rag.answering import Answerer

ZH, EN = STRINGS["zh"], STRINGS["en"]
FAIR = "第20届文旅博览会来了多少采购商？"


def asked(text: str = FAIR) -> Exchange:
    return Exchange(text, FakeAnswerer().ask(text))


def test_only_the_last_exchange_can_be_asked_anew_and_each_answer_copied() -> None:
    first, second = [
        row["content"] for row in messages([asked(), asked()], ZH) if row["role"] == "assistant"
    ]
    assert "do-retry" not in first
    assert "do-edit" not in first
    assert "do-retry" in second
    assert "do-edit" in second
    assert "copy-menu" in first
    assert "copy-menu" in second


def test_a_failed_question_can_be_asked_anew_but_has_nothing_to_copy() -> None:
    (_, failed) = messages([Exchange(FAIR, error="no")], ZH)
    assert "do-retry" in failed["content"]
    assert "copy-menu" not in failed["content"]


def test_an_answer_that_grows_offers_nothing_yet() -> None:
    exchange = asked()
    assert exchange.answer
    growing = replace(exchange, answer=replace(exchange.answer, growing=True))
    (_, row) = messages([growing], ZH)
    assert "deeds" not in row["content"]


def test_what_is_copied_stands_in_the_page_as_it_will_be_pasted() -> None:
    answer = asked().answer
    assert answer
    html = deeds_html(answer, True, EN)
    assert "\n" not in html
    shown = unescape(html)
    assert as_text(answer, EN.citations) in shown
    assert as_markdown(answer, EN.citations) in shown
    assert "\n".join(references(answer)) in shown


def test_a_follow_up_as_read_can_be_taken_back_while_it_is_the_last() -> None:
    question = Question("那外商呢？", "zh", FAIR, rewritten="文旅博览会来了多少外商？")
    exchange = asked()
    assert exchange.answer
    read = replace(exchange, answer=replace(exchange.answer, question=question))
    rows = [row["content"] for row in messages([read, read], ZH) if row["role"] == "assistant"]
    assert [row.count("do-alone") for row in rows] == [0, 1]
    assert all("文旅博览会来了多少外商" in row for row in rows)


def test_what_was_asked_on_its_own_says_so() -> None:
    (_, row) = messages([replace(asked(), alone=True)], EN)
    assert EN.asked_alone in unescape(row["content"])
    assert EN.ask_alone not in unescape(row["content"])


@pytest.mark.parametrize(
    ("confidence", "mark"), [(0.9, "sure high"), (0.5, "sure medium"), (0.1, "sure low")]
)
def test_how_sure_an_answer_is_has_a_word_and_a_mark(confidence: float, mark: str) -> None:
    answer = asked().answer
    assert answer
    html = answer_html(replace(answer, confidence=confidence), 1, ZH)
    assert f'class="{mark}"' in html


def test_chips_are_buttons_with_the_question_and_nothing_else() -> None:
    html = chips_html(["<b>谁？</b>", "何时？"], False, ZH)
    assert html.count("do-ask") == 2
    assert "<b>" not in html
    assert ZH.follow_ups in html
    assert ZH.better_questions in unescape(chips_html(["谁？"], True, ZH))
    assert chips_html([], True, ZH) == ""


def test_a_stand_in_offers_the_written_examples_and_no_follow_ups() -> None:
    fake = cast("Answerer", FakeAnswerer())
    assert Examples().of(fake, "zh-Hant") == STRINGS["zh-Hant"].examples
    answer = asked().answer
    assert answer
    assert follow_ups(fake, answer, [FAIR]) == ()


def test_what_is_offered_after_an_answer_was_not_asked_before(answerer: "Answerer") -> None:
    answer = answerer.ask(FAIR)
    offered = follow_ups(answerer, answer, [FAIR])
    assert len(offered) <= 3
    assert FAIR not in offered
    assert len(Examples().of(answerer, "en")) > 0
