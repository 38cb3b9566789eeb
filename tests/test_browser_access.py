"""No page has a serious finding of axe-core, small and large, light and dark, in two languages.

``tests/vendor/axe.min.js`` is axe-core 4.14 (Deque Systems, MPL 2.0), for the tests alone.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browsing import Visit, address, browser
from tests.fakes import QUEUE_WARNINGS
from ui.strings import STRINGS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from rag.answering import Answerer

pytestmark = [pytest.mark.browser, *QUEUE_WARNINGS]

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")
RUN = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
  .filter(({ impact }) => impact === "serious" || impact === "critical")
  .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html).join(" | ")}`)"""
SIZES: dict[str, Any] = {
    "phone": {"width": 390, "height": 844},
    "desk": {"width": 1280, "height": 800},
}
SCREENS = [
    ("zh-CN", "phone", "light"),
    ("en-GB", "phone", "dark"),
    ("en-GB", "desk", "light"),
    ("zh-CN", "desk", "dark"),
]


@pytest.fixture(scope="module")
def fake(answerer: "Answerer") -> "Answerer":
    """Return the answerer over the seed pages in the place of a stand-in."""
    return answerer


@pytest.fixture(params=SCREENS, ids="-".join)
def visit(request: Any, browser: "Browser", address: str) -> Iterator[Visit]:
    locale, size, scheme = request.param
    context = browser.new_context(locale=locale, viewport=SIZES[size], color_scheme=scheme)
    visit = Visit(context, address)
    yield visit
    context.close()
    assert visit.outside() == []


def findings(visit: Visit) -> list[str]:
    visit.page.evaluate(AXE)
    found: list[str] = visit.page.evaluate(RUN)
    return found


def test_the_chat_with_an_answer_and_a_refusal(visit: Visit) -> None:
    assert findings(visit) == []
    visit.ask(STRINGS["zh"].examples[0])
    visit.ask("杭州明天会下雨吗？")
    assert findings(visit) == []
    visit.page.locator("#chat a.cite").first.click()
    visit.page.wait_for_timeout(300)
    assert findings(visit) == []


def test_the_pages_beside_it(visit: Visit, answerer: "Answerer") -> None:
    article = max(answerer.index.articles.values(), key=lambda each: len(each.body.text))
    places = [f"article/{article.id}{view}" for view in ("", "?view=printed", "?view=words")]
    for path in ("corpus", "corpus/add", "corpus/doubts", "corpus/bench", "api", *places):
        visit.page.goto(f"{visit.address}/{path}")
        assert findings(visit) == [], path
