"""The corpus pages in Chromium: on a phone and a desk, light and dark, with and without script."""

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from rag.answering import Answerer
from tests.fakes import QUEUE_WARNINGS
from tests.papers import answerer_of
from tests.serving import served
from ui.corpus_strings import CORPUS_STRINGS
from ui.strings import STRINGS

pytest.importorskip("playwright", reason="playwright is not installed")

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, *QUEUE_WARNINGS]

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
EN = CORPUS_STRINGS["en"]
PLACES = (
    "corpus?genre=news",
    "corpus/issue/2025-05-27",
    "corpus/doubts",
    "corpus/health",
    "corpus/bench?q=渡轮票价多少",
)


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright

    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        pytest.skip("there is no Chromium on this machine: install the package chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Answerer:
    return answerer_of(tmp_path_factory.mktemp("browser-corpus"))


@pytest.fixture(scope="module")
def address(papers: Answerer) -> Iterator[str]:
    """Yield the address of the app, with a slash behind it."""
    with served(papers, papers.settings) as address:
        yield f"{address}/"


def opened(browser: "Browser", address: str, **options: object) -> "Page":
    """Return a page that fails on a complaint of the console and on a request to elsewhere."""
    page = browser.new_page(**options)  # type: ignore[arg-type]
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda asked: None if asked.url.startswith(address) else complaints.append(asked.url),
    )
    page.complaints = complaints  # type: ignore[attr-defined]
    return page


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
@pytest.mark.parametrize("place", PLACES)
def test_every_page_fits_and_asks_nobody_else(
    browser: "Browser", address: str, place: str, width: int, scheme: str
) -> None:
    page = opened(
        browser,
        address,
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
    )
    page.goto(address + place)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ink, paper = page.evaluate(
        "[getComputedStyle(document.querySelector('.corpus')).color,"
        " getComputedStyle(document.body).backgroundColor]"
    )
    assert (ink, paper) == (
        ("rgb(233, 227, 216)", "rgb(23, 21, 18)")
        if scheme == "dark"
        else ("rgb(31, 27, 22)", "rgb(250, 247, 241)")
    )
    assert page.complaints == []  # type: ignore[attr-defined]
    page.close()


def test_a_reader_without_script_searches_reads_and_tests(browser: "Browser", address: str) -> None:
    page = browser.new_page(java_script_enabled=False, locale="en-GB")
    page.goto(address + "corpus")
    page.get_by_role("searchbox").fill("渡轮")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("article.item").count() == 1
    page.get_by_role("link", name="Tuesday, May 27, 2025").click()
    page.wait_for_url("**/corpus/issue/**")
    assert page.locator(".briefing blockquote").count() >= 2
    page.get_by_role("link", name=EN.health).click()
    page.wait_for_url("**/corpus/health")
    page.get_by_role("button", name=EN.health_run).click()
    page.get_by_text(EN.verdicts["healthy"]).wait_for(timeout=60_000)
    page.close()


def test_the_chat_leads_to_the_papers_and_back(browser: "Browser", address: str) -> None:
    page = browser.new_page(locale="en-GB")
    page.goto(address)
    page.get_by_role("link", name=STRINGS["en"].corpus_link).click()
    page.wait_for_url("**/corpus")
    assert page.locator("h1").inner_text() == EN.title
    page.get_by_role("link", name=STRINGS["en"].to_the_chat, exact=True).click()
    page.get_by_label(STRINGS["en"].question_label).first.wait_for()
    assert len(page.context.pages) == 1
    page.close()
