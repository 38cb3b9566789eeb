"""The conversation in Chromium: kept, asked anew, edited, copied, by mouse and by keyboard."""

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from rag.types import Answer
from tests.browsing import Visit, address, browser, fake, marked, visit
from tests.fakes import QUEUE_WARNINGS, FakeAnswerer
from ui import chat
from ui.strings import STRINGS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, *QUEUE_WARNINGS]

ZH, EN = STRINGS["zh"], STRINGS["en"]
FAIR = ZH.examples[0]


def settled(visit: Visit) -> None:
    """Wait for the end of an answer that a button asked for."""
    visit.page.wait_for_timeout(150)
    visit.page.wait_for_selector("#ask", state="visible")
    visit.page.wait_for_timeout(300)


def test_the_conversation_survives_a_reload_with_its_citations(
    visit: Visit, fake: FakeAnswerer
) -> None:
    visit.ask(FAIR)
    visit.ask("谁赢了世界杯？")
    visit.reload()
    visit.page.locator("#chat .bot-row").nth(1).wait_for()
    rows = visit.page.locator("#chat .bot-row")
    assert ZH.refused in rows.nth(1).inner_text()
    visit.page.locator("#panel .source").first.wait_for(state="attached")
    rows.first.locator(".said a.cite").nth(1).click()
    assert marked(visit) == fake.ask(FAIR).citations[1].quote.text
    visit.ask("那外商呢？")
    text, history = fake.asked[-1]
    assert (text, history[0].text) == ("那外商呢？", FAIR)


def test_clearing_clears_what_was_kept(visit: Visit) -> None:
    visit.ask(FAIR)
    visit.page.click("#clear")
    visit.page.wait_for_selector("#chat .example")
    visit.page.wait_for_timeout(300)
    visit.reload()
    visit.page.wait_for_selector("#chat .example")
    visit.page.wait_for_timeout(500)
    assert visit.page.locator("#chat .bot-row").count() == 0


def test_clearing_leaves_off_editing(visit: Visit) -> None:
    page = visit.page
    visit.ask(FAIR)
    page.locator("#chat .do-edit").click()
    page.click("#clear")
    page.wait_for_selector("#chat .example")
    assert page.locator("#editing").is_hidden()
    assert page.locator("#question textarea").input_value() == ""


@pytest.mark.parametrize("garbage", ["x", "AAAA:BBBB", "null", "{}"])
def test_a_spoiled_storage_is_dropped(browser: "Browser", address: str, garbage: str) -> None:
    context = browser.new_context(locale="zh-CN")
    context.add_init_script(f"localStorage.setItem('wenbao-conversation', {garbage!r})")
    visit = Visit(context, address)
    visit.ask(FAIR)
    assert visit.page.locator("#chat .bot-row").count() == 1
    context.close()


def test_the_last_question_is_asked_again_in_its_place(visit: Visit, fake: FakeAnswerer) -> None:
    visit.ask(FAIR)
    before = len(fake.asked)
    visit.page.locator("#chat .do-retry").click()
    settled(visit)
    assert fake.asked[before:] == [(FAIR, ())]
    assert visit.page.locator("#chat .bot-row").count() == 1


def test_the_last_question_is_edited_in_its_place(visit: Visit, fake: FakeAnswerer) -> None:
    page = visit.page
    visit.ask("谁赢了世界杯？")
    page.locator("#chat .do-edit").click()
    box = page.locator("#question textarea")
    assert box.input_value() == "谁赢了世界杯？"
    assert page.locator("#editing").is_visible()
    # of the candidates of an input method
    box.dispatch_event("keydown", {"key": "Escape", "isComposing": True, "bubbles": True})
    assert page.locator("#editing").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#editing").is_hidden()
    assert box.input_value() == ""
    page.locator("#chat .do-edit").click()
    box.fill(FAIR)
    page.keyboard.press("Enter")
    page.wait_for_selector("#chat .answer .facts")
    settled(visit)
    assert marked(visit) == fake.ask(FAIR).citations[0].quote.text, "where the refusal stood"
    fake.asked.pop()
    assert page.locator("#chat .bot-row").count() == 1
    assert page.locator("#chat .question").inner_text() == FAIR
    assert fake.asked[-1] == (FAIR, ())
    assert page.locator("#editing").is_hidden()
    visit.ask("那外商呢？")
    assert page.locator("#chat .bot-row").count() == 2


def test_a_follow_up_can_be_asked_on_its_own(visit: Visit, fake: FakeAnswerer) -> None:
    visit.ask(FAIR)
    visit.ask("那外商采购商人数呢？")
    assert len(fake.asked[-1][1]) == 1
    visit.page.locator("#chat .do-alone").click()
    visit.page.get_by_text(ZH.asked_alone).wait_for()
    settled(visit)
    assert fake.asked[-1] == ("那外商采购商人数呢？", ())
    assert visit.page.locator("#chat .bot-row").count() == 2


@pytest.mark.parametrize("clipboard", [True, False])
def test_an_answer_is_copied_by_keyboard(browser: "Browser", address: str, clipboard: bool) -> None:
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    if not clipboard:
        context.add_init_script(
            "navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'))"
        )
    visit = Visit(context, address)
    page = visit.page
    visit.ask("How many buyers came to the fair?")
    page.locator("#chat .copy-menu summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == EN.copy_reference
    page.keyboard.press("Enter")
    page.locator("#chat .copy-kinds .told", has_text=EN.answer_copied).wait_for()
    pasted = page.evaluate("navigator.clipboard.readText()")
    assert pasted.startswith("[1] 吴峰宇. 第20届文旅博览会[N]. 2026-05-12.")
    page.keyboard.press("Escape")
    assert page.locator("#chat .copy-menu[open]").count() == 0
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    context.close()
    assert visit.complaints == []


def test_a_refusal_offers_questions_that_can_be_asked(visit: Visit, fake: FakeAnswerer) -> None:
    visit.ask("谁赢了世界杯？")
    chip = visit.page.locator("#suggested .do-ask").first
    chip.wait_for()
    assert ZH.better_questions in visit.page.locator("#suggested").inner_text()
    question = chip.inner_text()
    chip.click()
    visit.page.locator("#chat .bot-row").nth(1).wait_for()
    settled(visit)
    assert fake.asked[-1][0] == question


def test_what_is_suggested_belongs_to_the_last_answer(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = threading.Event()

    def slowly(_answerer: object, answer: Answer, _asked: object) -> tuple[str, ...]:
        if answer.refused:
            return ("问得到的问题？",)
        began.set()
        time.sleep(1.5)
        return ("前一个回答的问题？",)

    monkeypatch.setattr(chat, "follow_ups", slowly)
    visit.ask(FAIR)
    assert began.wait(10)
    visit.ask("谁赢了世界杯？")
    visit.page.locator("#suggested", has_text="问得到的问题？").wait_for(timeout=5_000)


def test_a_screen_reader_is_told_the_whole_answer_once(visit: Visit, fake: FakeAnswerer) -> None:
    page = visit.page
    page.evaluate(
        """() => { window.told = [];
        new MutationObserver(() => {
            const text = document.getElementById('voice').textContent;
            if (text) window.told.push(text);
        }).observe(document.getElementById('voice'), { childList: true }); }"""
    )
    fake.pause_s = 0.4
    try:
        page.fill("#question textarea", FAIR)
        page.keyboard.press("Enter")
        page.locator("#chat .answer").wait_for()
        assert page.locator("#chat[aria-busy='true']").count() == 1
        settled(visit)
    finally:
        fake.pause_s = 0.0
    assert page.locator("#chat[aria-busy='false']").count() == 1
    (told,) = page.evaluate("window.told")
    assert all(cite.quote.text.strip()[:20] in told for cite in fake.ask(FAIR).citations)
    live = page.evaluate(
        """() => [...document.querySelectorAll("#chat [aria-live]:not([aria-live=off])")].length"""
    )
    assert live == 0


def test_the_first_tab_leads_to_the_question(visit: Visit) -> None:
    page = visit.page
    page.evaluate("document.activeElement.blur()")
    page.locator("a.skip").focus()
    assert page.locator("a.skip").evaluate("link => link.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.matches('#question textarea')")


def test_the_choice_of_language_is_kept_in_a_cookie_for_the_plain_pages(visit: Visit) -> None:
    visit.page.locator("#language label").nth(2).click()
    visit.page.locator("#ask", has_text=STRINGS["zh-Hant"].ask).wait_for()
    (cookie,) = [c for c in visit.page.context.cookies() if c["name"] == "wenbao-language"]
    assert cookie["value"] == "zh-Hant"
    assert cookie["sameSite"] == "Lax"


def test_an_answer_that_is_stopped_says_so_and_is_kept(visit: Visit, fake: FakeAnswerer) -> None:
    page = visit.page
    fake.pause_s = 2.0
    try:
        page.fill("#question textarea", FAIR)
        page.keyboard.press("Enter")
        page.locator("#chat .question").wait_for()
        page.locator("#stop").click()
        page.locator("#chat").get_by_text(ZH.stopped).wait_for()
    finally:
        fake.pause_s = 0.0
    assert page.locator("#chat .do-retry").is_visible()


@pytest.mark.parametrize("width", [360, 390, 1280, 2560])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_long_words_fit_every_width(
    browser: "Browser", address: str, width: int, scheme: Any
) -> None:
    context = browser.new_context(
        locale="en-GB", viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    visit = Visit(context, address)
    visit.ask("W" * 180 + "?")
    visit.page.locator("#suggested .do-ask").first.wait_for()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    row = visit.page.locator("#chat .question")
    assert row.evaluate("q => q.scrollWidth <= q.clientWidth + 1")
    context.close()
    assert visit.outside() == []


def test_an_answer_is_printed_with_its_source_and_without_the_controls(visit: Visit) -> None:
    visit.ask(FAIR)
    visit.page.emulate_media(media="print")
    for control in ("#asking", "#language", "#chat .deeds", "#panel .tabs"):
        assert visit.page.locator(control).first.is_hidden()
    assert visit.page.locator("#chat .answer").is_visible()
    mark = visit.page.locator("#panel .source:not([hidden]) mark").first
    assert mark.is_visible()
    answer = visit.page.locator("#chat .answer").bounding_box()
    source = visit.page.locator("#panel .source:not([hidden])").bounding_box()
    assert answer
    assert source
    assert source["y"] > answer["y"] + answer["height"], "the source follows the answer"
