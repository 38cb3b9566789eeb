"""No page has a serious finding of axe-core, small and large, light and dark, in two languages."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.browsing import SCREENS, Visit, address, browser, findings, screen
from tests.fakes import QUEUE_WARNINGS
from ui.strings import STRINGS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from rag.answering import Answerer

pytestmark = [pytest.mark.browser, *QUEUE_WARNINGS]


@pytest.fixture(scope="module")
def fake(answerer: "Answerer") -> "Answerer":
    """Return the answerer over the seed pages in the place of a stand-in."""
    return answerer


@pytest.fixture(params=SCREENS, ids="-".join)
def visit(request: Any, browser: "Browser", address: str) -> Iterator[Visit]:
    context = browser.new_context(**screen(*request.param))
    visit = Visit(context, address)
    yield visit
    context.close()
    assert visit.outside() == []


def test_the_chat_with_an_answer_and_a_refusal(visit: Visit) -> None:
    assert findings(visit.page) == []
    visit.ask(STRINGS["zh"].examples[0])
    visit.ask("杭州明天会下雨吗？")
    assert findings(visit.page) == []
    visit.page.locator("#chat a.cite").first.click()
    visit.page.wait_for_timeout(300)
    assert findings(visit.page) == []


def test_the_pages_beside_it(visit: Visit, answerer: "Answerer") -> None:
    article = max(answerer.index.articles.values(), key=lambda each: len(each.body.text))
    places = [f"article/{article.id}{view}" for view in ("", "?view=printed", "?view=words")]
    for path in ("corpus", "corpus/add", "corpus/doubts", "corpus/bench", "api", *places):
        visit.page.goto(f"{visit.address}/{path}")
        assert findings(visit.page) == [], path
