"""Pages added, removed and brought back in Chromium, as somebody does who was told nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from index.build import build_index
from index.store import load_index
from rag.config import load_settings
from tests.browsing import browser
from tests.embedders import BigramEmbedder
from tests.fakes import QUEUE_WARNINGS
from tests.serving import served
from ui.library import Library
from ui.strings import STRINGS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, *QUEUE_WARNINGS]

ZH, EN = STRINGS["zh"], STRINGS["en"]
PAGE = "渡轮新开三条航线\n\n本报记者 甲乙\n\n昨日，三条渡轮航线开通，票价五元。\n"
DROP = """([name, text]) => {
  const given = new DataTransfer();
  given.items.add(new File([text], name, { type: "text/plain" }));
  const form = document.querySelector("form.drop");
  const told = { dataTransfer: given, bubbles: true, cancelable: true };
  form.dispatchEvent(new DragEvent("drop", told));
}"""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Yield the address of an app over one page that lets readers add others."""
    from rag.answering import answerer_over

    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "first.txt").write_text("灯会开幕\n\n昨日，灯会在青石镇开幕。\n", "utf-8")
    settings = load_settings(index=tmp_path / "index", seeds=seeds, uploads=tmp_path / "received")
    embedder = BigramEmbedder()
    build_index([seeds], settings.index, embedder)
    answerer = answerer_over(load_index(settings.index), embedder, settings)
    with served(answerer, settings, lambda live: Library(live, settings, embedder)) as address:
        yield address


@pytest.fixture(params=["zh-CN", "en-GB"])
def page(request: pytest.FixtureRequest, browser: "Browser", address: str) -> Iterator["Page"]:
    """Yield the papers as they stand on a phone."""
    context = browser.new_context(locale=request.param, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{address}/corpus")
    yield page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_a_page_is_added_found_removed_and_brought_back(page: "Page", tmp_path: Path) -> None:
    words = ZH if page.evaluate("document.documentElement.lang") == ZH.html_lang else EN
    sent = tmp_path / "ferry.txt"
    sent.write_text(PAGE, "utf-8")

    page.get_by_role("link", name=words.library_short, exact=True).click()
    page.set_input_files("input[type=file]", sent)
    page.get_by_role("button", name=words.library_send).click()
    page.get_by_role("heading", name=words.library_done).wait_for()
    assert "ferry.txt" in page.locator("ul.files").inner_text()

    page.get_by_role("link", name=words.library_title).click()
    page.locator("li", has_text="ferry.txt").get_by_role("link", name=words.library_remove).click()
    page.get_by_role("button", name=words.library_yes).click()
    page.get_by_role("heading", name=words.library_done).wait_for()
    page.get_by_role("link", name=words.library_title).click()
    assert page.locator("li", has_text="ferry.txt").count() == 0

    page.get_by_role("link", name=words.library_undo).click()
    page.get_by_role("button", name=words.library_yes).click()
    page.get_by_role("heading", name=words.library_done).wait_for()
    page.get_by_role("link", name=words.library_title).click()
    assert page.locator("li", has_text="ferry.txt").count() == 1


def test_a_dropped_page_is_added_and_one_that_cannot_be_read_says_why(page: "Page") -> None:
    page.goto(page.url + "/add")
    page.evaluate(DROP, ["dropped.txt", PAGE])
    page.locator("ul.files li", has_text="dropped.txt").wait_for()
    page.go_back()
    page.evaluate(DROP, ["picture.png", "not a page"])
    told = page.locator("form.drop [role=status]", has_text="picture.png")
    told.wait_for()
    assert ".txt" in told.inner_text(), "the kinds of page that can be read are named"
