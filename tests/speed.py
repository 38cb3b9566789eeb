"""How quick the app is in a browser: ``python -m tests.speed``, over the seed pages.

Enter to first text, click to highlighted sentence, and the weight and first paint of the page
beside those of a bare Gradio chat that is served in the same way.
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.browsing import QUIET, chromium_path
from tests.shots import PORT, ROOT, is_answering, served
from ui.strings import STRINGS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BARE_PORT = PORT + 1
BARE = f"""
import gradio
with gradio.Blocks() as app:
    gradio.Chatbot()
    gradio.Textbox()
    gradio.Button("Ask")
app.launch(server_name="127.0.0.1", server_port={BARE_PORT}, quiet=True)
"""
VISITS = 5
FIRST_TEXT = """() => new Promise((resolve) => {
  const before = document.querySelectorAll("#chat .said").length;
  const box = document.querySelector("#question textarea");
  const watch = new MutationObserver(() => {
    const said = document.querySelectorAll("#chat .said");
    if (said.length > before && said[said.length - 1].textContent.trim()) {
      watch.disconnect();
      resolve(performance.now() - started);
    }
  });
  watch.observe(document.body, { childList: true, subtree: true, characterData: true });
  const started = performance.now();
  box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
  box.dispatchEvent(new KeyboardEvent("keypress", { key: "Enter", bubbles: true }));
})"""
HIGHLIGHT = """(link) => new Promise((resolve) => {
  const started = performance.now();
  link.click();
  const look = () => {
    const mark = document.querySelector("#panel .source:not([hidden]) mark");
    const box = mark?.getBoundingClientRect();
    if (box && box.height > 0 && box.top < innerHeight) resolve(performance.now() - started);
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""
PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


@contextmanager
def bare() -> Iterator[str]:
    """Yield the address of a bare Gradio chat; it stops behind the block."""
    process = subprocess.Popen((sys.executable, "-c", BARE), cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{BARE_PORT}"
        deadline = time.monotonic() + 120
        while not is_answering(address):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"the bare app did not start on port {BARE_PORT}; is it taken?")
            time.sleep(0.5)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def page_of(browser: "Browser", address: str, selector: str) -> tuple[int, float]:
    """Return the bytes that a first visit fetches, and its first contentful paint in ms."""
    weights, paints = [], []
    for _ in range(VISITS):
        context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
        page = context.new_page()
        fetched: list[int] = []
        session = context.new_cdp_session(page)
        session.on(
            "Network.loadingFinished",
            lambda event, kept=fetched: kept.append(event["encodedDataLength"]),
        )
        session.send("Network.enable")
        page.goto(address)
        page.wait_for_selector(selector)
        page.wait_for_timeout(1_000)
        weights.append(sum(fetched))
        paints.append(page.evaluate(PAINT))
        context.close()
    return int(statistics.median(weights)), statistics.median(paints)


def answers(browser: "Browser", address: str) -> tuple[list[float], list[float]]:
    """Return the ms from Enter to the first text, and from a click to the marked sentence."""
    page: Page = browser.new_page(locale="en-GB", viewport={"width": 1280, "height": 800})
    page.goto(address)
    page.wait_for_selector("#chat .example")
    page.wait_for_timeout(8_000)  # the examples are looked for in the background
    texts, clicks = [], []
    for question in (*STRINGS["zh"].examples, *STRINGS["en"].examples):
        page.fill("#question textarea", question)
        texts.append(float(page.evaluate(FIRST_TEXT)))
        page.wait_for_selector("#ask", state="visible")
        page.wait_for_timeout(2_500)  # follow-ups are looked for
        links: Any = page.locator("#chat .bot-row").last.locator("a.cite")
        clicks += [float(links.nth(n).evaluate(HIGHLIGHT)) for n in range(links.count())]
    page.close()
    return texts, clicks


def main() -> None:
    """Print the figures."""
    from playwright.sync_api import sync_playwright

    argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "").parse_args()
    with sync_playwright() as playwright, served(PORT) as address:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(QUIET))
        weight, paint = page_of(browser, address, "#chat .example")
        texts, clicks = answers(browser, address)
        with bare() as other:
            bare_weight, bare_paint = page_of(browser, other, "textarea")
        browser.close()
    lines = (
        f"Enter to first text: median {statistics.median(texts):.0f} ms, most {max(texts):.0f} ms",
        f"click to highlight: median {statistics.median(clicks):.0f} ms, most {max(clicks):.0f} ms",
        f"page: {weight / 1e6:.2f} MB, first paint {paint:.0f} ms",
        f"bare Gradio: {bare_weight / 1e6:.2f} MB, first paint {bare_paint:.0f} ms",
    )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
