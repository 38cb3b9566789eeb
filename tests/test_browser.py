"""The chat app in Chromium: a question, a citation, its words in the page, nothing from outside."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.browsing import Visit, address, browser, contrast, fake, marked, visit
from tests.fakes import QUEUE_WARNINGS, FakeAnswerer, article_of, excerpt, page_of
from ui.strings import STRINGS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, *QUEUE_WARNINGS]

ZH, EN = STRINGS["zh"], STRINGS["en"]
FAIR = ZH.examples[0]
HOSTILE = (
    "<img src=http://evil.example/x.png onerror=alert(1)>![x](http://evil.example/y.png)$$x^2$$"
)


def test_a_citation_opens_its_words_in_the_article(visit: Visit, fake: FakeAnswerer) -> None:
    answer = visit.ask(FAIR)
    citations = fake.ask(FAIR).citations
    assert marked(visit) == citations[0].quote.text, "the first one opens by itself"
    for citation in reversed(citations):
        answer.locator(f".said a[href$='-{citation.n}']").click()
        assert marked(visit) == citation.quote.text
        shown = visit.page.locator("#panel .source:not([hidden])")
        assert shown.count() == 1
        assert citation.article.headline in shown.inner_text()
        assert citation.article.file in shown.inner_text()


def test_citations_work_by_keyboard_and_from_the_panel(visit: Visit, fake: FakeAnswerer) -> None:
    answer = visit.ask(FAIR)
    second, third = fake.ask(FAIR).citations[1:]
    answer.locator(".said a.cite").nth(1).focus()
    visit.page.keyboard.press("Enter")
    assert marked(visit) == second.quote.text
    visit.page.locator("#panel .source:not([hidden]) a.tab", has_text="3").click()
    assert marked(visit) == third.quote.text


def test_older_answers_keep_their_citations_and_a_refusal_has_none(
    visit: Visit, fake: FakeAnswerer
) -> None:
    first = visit.ask(FAIR)
    refused = visit.ask("谁赢了世界杯？")
    assert ZH.refused in refused.inner_text()
    assert visit.page.locator("#panel .source:not([hidden])").inner_text().startswith(ZH.refused)
    refused.locator("a.lead").first.click()
    assert visit.page.locator("#panel .source:not([hidden]) mark").count() == 0
    assert visit.page.locator("#panel .source:not([hidden]) .body").is_visible()
    first = visit.page.locator("#chat .bot-row").first
    first.locator(".said a.cite").nth(1).click()
    assert marked(visit) == fake.ask(FAIR).citations[1].quote.text


def test_an_example_starts_a_conversation_that_can_go_on_and_be_cleared(
    visit: Visit, fake: FakeAnswerer
) -> None:
    visit.page.locator("#chat .example").first.click()
    visit.page.wait_for_selector("#chat .answer .facts")
    visit.page.wait_for_selector("#ask", state="visible")  # Enter is for nothing before
    visit.page.wait_for_timeout(300)
    visit.ask("那外商呢？")
    text, history = fake.asked[-1]
    assert text == "那外商呢？"
    assert [question.text for question in history] == [FAIR]
    visit.page.click("#clear")
    visit.page.wait_for_selector("#chat .example")
    assert visit.page.locator("#panel").inner_text().startswith(ZH.sources_empty)
    visit.ask(FAIR)
    assert fake.asked[-1][1] == ()


def test_the_language_follows_the_browser_then_the_toggle_and_is_kept(visit: Visit) -> None:
    page = visit.page
    assert page.locator("#ask").inner_text() == ZH.ask
    visit.ask(FAIR)
    chosen = page.locator("#panel .source:not([hidden])").get_attribute("id")
    page.locator("#language label").nth(1).click()
    page.locator("#ask", has_text=EN.ask).wait_for()
    assert page.locator("#question textarea").get_attribute("placeholder") == (
        EN.question_placeholder
    )
    assert "Confidence" in page.locator("#chat .answer").inner_text()
    assert page.locator("#panel .source:not([hidden])").get_attribute("id") == chosen
    assert page.evaluate("document.documentElement.lang") == EN.html_lang
    visit.reload()
    page.locator("#ask", has_text=EN.ask).wait_for()
    page.locator("#chat .answer", has_text="Confidence").wait_for()
    page.click("#clear")
    page.get_by_text(EN.examples[0]).wait_for()


def test_an_answer_can_be_stopped_and_another_asked(visit: Visit, fake: FakeAnswerer) -> None:
    page = visit.page
    fake.pause_s = 3.0
    try:
        page.fill("#question textarea", FAIR)
        page.keyboard.press("Enter")
        page.locator("#chat .answer").wait_for()
        page.locator("#stop").click()
        page.locator("#ask").wait_for()
    finally:
        fake.pause_s = 0.0
    page.wait_for_timeout(4_000)
    assert page.locator("#chat .answer .said a.cite").count() < 3
    assert visit.ask("谁赢了世界杯？").locator("a.lead").count() == 2


def test_mistakes_are_told_in_the_chat_and_the_question_can_be_mended(visit: Visit) -> None:
    reply = visit.ask("长" * 2_001)
    assert ZH.failed in reply.inner_text()
    assert visit.page.locator("#question textarea").input_value() == "长" * 2_001
    assert "start the app again" in visit.ask("broken").inner_text()


def test_hostile_words_are_shown_as_printed(visit: Visit, fake: FakeAnswerer) -> None:
    page = page_of("evil.txt", f"{HOSTILE}头条\n{HOSTILE}全文。\n")
    article = article_of(page, f"{HOSTILE}头条", f"{HOSTILE}全文。\n")
    whole = fake.index
    fake.index = FakeAnswerer().index
    fake.index.chunks = (
        type(whole.chunks[0])("evil", article, 0, len(article.body.text)),
        *whole.chunks[:2],
    )
    try:
        answer = visit.ask(f"{HOSTILE}全文")
    finally:
        fake.index = whole
    assert HOSTILE in answer.locator(".said").inner_text()
    assert HOSTILE in visit.page.locator("#chat .question").inner_text()
    assert marked(visit) == excerpt(page, f"{HOSTILE}全文。").text
    assert visit.page.locator("#chat img, #panel img, #chat .katex, #panel .katex").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_all_without_sideways_scrolling(
    browser: "Browser", address: str, scheme: Any
) -> None:
    context = browser.new_context(
        locale="en-US", viewport={"width": 390, "height": 844}, color_scheme=scheme, has_touch=True
    )
    visit = Visit(context, address)
    page = visit.page
    visit.ask(FAIR).locator(".said a.cite").nth(1).tap()
    page.wait_for_timeout(800)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    assert page.locator("#panel").evaluate("p => p.getBoundingClientRect().top") < 200
    ink, paper = page.locator("#panel .source:not([hidden]) mark").evaluate(
        "m => { const s = getComputedStyle(m); return [s.color, s.backgroundColor] }"
    )
    assert contrast(ink, paper) >= 7
    page.locator("#panel .source:not([hidden]) a.back").tap()
    page.wait_for_timeout(800)
    assert page.locator("#chat a.cite.current").first.is_visible()
    context.close()
    assert visit.complaints == []
    assert visit.outside() == []
