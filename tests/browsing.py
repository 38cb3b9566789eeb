"""The app in Chromium, for the tests that need a browser: import the fixtures from here.

::

    from tests.browsing import Visit, address, browser, fake, visit

A module that wants another answerer has a fixture ``fake`` of its own. What is found amiss for
readers with a screen reader or weak eyes is told by ``tests/vendor/axe.min.js``: axe-core 4.14
(Deque Systems, MPL 2.0), for the tests alone.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes import FakeAnswerer
from tests.serving import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page


BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


SIZES = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 800}}
SCREENS = [
    ("zh-CN", "phone", "light"),
    ("en-GB", "phone", "dark"),
    ("en-GB", "desk", "light"),
    ("zh-CN", "desk", "dark"),
]
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
# A colour that is still on its way from one to the other has no contrast to speak of.
SETTLED = """() => Promise.allSettled(document.getAnimations()
  .filter((each) => each.effect.getComputedTiming().iterations !== Infinity)
  .map((each) => each.finished)).then(() => true)"""
SERIOUS = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
  .filter(({ impact }) => impact === "serious" || impact === "critical")
  .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html).join(" | ")}`)"""


def screen(locale: str, size: str, scheme: str) -> dict[str, Any]:
    """Return what a context of the browser has to know for one of :data:`SCREENS`."""
    return {"locale": locale, "viewport": SIZES[size], "color_scheme": scheme}


def findings(page: "Page") -> list[str]:
    """Return what axe-core finds serious in a page."""
    page.evaluate(AXE.read_text("utf-8"))
    page.evaluate(SETTLED)
    found: list[str] = page.evaluate(SERIOUS)
    return found


def chromium_path() -> str | None:
    """Return where the Chromium of this machine is; ``None`` where there is none."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Yield the Chromium of this machine.

    Not the fixture of pytest-playwright: that one keeps an event loop running in the main
    thread until the end of the session, where other tests want to run their own.
    """
    pytest.importorskip("playwright", reason="playwright is not installed")
    from playwright.sync_api import sync_playwright

    executable = chromium_path()
    if executable is None:
        pytest.skip("there is no Chromium on this machine: install the package chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=list(QUIET))
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def fake() -> FakeAnswerer:
    """Return the answerer of the app; a module may have another in its place."""
    return FakeAnswerer()


@pytest.fixture(scope="module")
def address(fake: FakeAnswerer) -> Iterator[str]:
    """Yield the address of the app, served from a thread."""
    with served(fake) as address:
        yield address


class Visit:
    """A reader at the app; what the page asked for and complained about is kept."""

    def __init__(self, context: "BrowserContext", address: str) -> None:
        self.page: Page = context.new_page()
        self.page.set_default_timeout(60_000)
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text) if message.type == "error" else None
            ),
        )
        self.address = address
        self.page.goto(address)
        self.page.wait_for_selector("#chat .example")

    def ask(self, text: str) -> "Locator":
        """Return the last answer, once it is whole."""
        before = self.page.locator("#chat .bot-row").count()
        self.page.fill("#question textarea", text)
        self.page.keyboard.press("Enter")
        self.page.locator("#chat .bot-row").nth(before).wait_for()
        self.page.wait_for_selector("#ask", state="visible")
        self.page.wait_for_timeout(300)
        return self.page.locator("#chat .bot-row").last

    def reload(self) -> None:
        """Load the page again, once nothing of the last answer is under way any more."""
        self.page.wait_for_timeout(1_000)
        self.page.reload()

    def outside(self) -> list[str]:
        return [url for url in self.asked if not url.startswith((self.address, "data:", "blob:"))]


@pytest.fixture
def visit(browser: "Browser", address: str) -> Iterator[Visit]:
    """Yield a reader at a desk who reads Chinese; nothing from outside, nothing amiss."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800})
    visit = Visit(context, address)
    yield visit
    context.close()
    assert visit.outside() == []
    assert visit.complaints == []


def marked(visit: Visit) -> str:
    """Return the words that the reader sees marked, which must be on the screen."""
    mark = visit.page.locator("#panel .source:not([hidden]) mark").first
    mark.wait_for(state="visible")
    assert mark.evaluate(
        """mark => { const box = document.getElementById('panel').getBoundingClientRect();
        const own = mark.getBoundingClientRect();
        return own.top >= box.top && own.top < box.bottom; }"""
    )
    return "".join(visit.page.locator("#panel .source:not([hidden]) mark").all_inner_texts())


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two CSS ``rgb()`` colours (WCAG 2, 1 to 21)."""

    def luminance(colour: str) -> float:
        parts = [int(part) / 255 for part in colour[4:-1].split(",")]
        linear = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        ]
        return sum(w * part for w, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
