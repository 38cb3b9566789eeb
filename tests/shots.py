"""Screenshots of the app, for people to look at: ``make shots``, or ``python -m tests.shots``.

The app serves the seed pages; Chromium visits it as a phone and as a desk would, light and
dark, in each language, and every state of the page is written to a PNG.
"""

import argparse
import itertools
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from tests.browsing import QUIET, chromium_path
from ui.strings import STRINGS

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent
PORT = 7979
START_S = 240.0
SIZES = {"390": (390, 844), "1280": (1280, 800)}
SCHEMES = ("light", "dark")
LOCALES = {"zh": "zh-CN", "en": "en-GB", "hant": "zh-TW"}
QUESTIONS = {
    "zh": (STRINGS["zh"].examples[0], "杭州明天会下雨吗？"),
    "en": (STRINGS["en"].examples[0], "Will it rain in Hangzhou tomorrow?"),
    "hant": (STRINGS["zh-Hant"].examples[0], "杭州明天會下雨嗎？"),
}

Shoot = Callable[[str], None]


@contextmanager
def served(port: int) -> Iterator[str]:
    """Yield the address of the app over the seed pages; it stops behind the block."""
    with tempfile.TemporaryDirectory(prefix="wenbao-shots-") as folder:
        command = (sys.executable, "-m", "ui", "serve", "--port", str(port), "--index", folder)
        environment = os.environ | {"WENBAO_UPLOADS": str(Path(folder) / "uploads")}
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            address = f"http://127.0.0.1:{port}"
            deadline = monotonic() + START_S
            while not is_answering(f"{address}/readyz"):
                if process.poll() is not None or monotonic() > deadline:
                    raise SystemExit(f"the app did not start on port {port}; is it taken?")
                sleep(0.5)
            yield address
        finally:
            process.terminate()
            process.wait(30)


def is_answering(url: str) -> bool:
    """Return whether ``url`` is answered with a 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def conversation(page: "Page", address: str, language: str, shoot: Shoot) -> None:
    """Shoot the chat: empty, an answer with its source, a citation opened, a refusal."""
    page.goto(address)
    page.wait_for_selector("#chat .example")
    shoot("empty")
    asked, unanswerable = QUESTIONS[language]
    for name, question in (("answer", asked), ("refusal", unanswerable)):
        before = page.locator("#chat .bot-row").count()
        page.fill("#question textarea", question)
        page.keyboard.press("Enter")
        page.locator("#chat .bot-row").nth(before).wait_for()
        page.wait_for_selector("#ask", state="visible")
        page.wait_for_timeout(900)
        shoot(name)
        if name == "answer":
            page.locator("#chat a.cite").first.click()
            page.wait_for_timeout(900)
            shoot("source")


def plain(page: "Page", address: str, shoot: Shoot) -> None:
    """Shoot the pages beside the chat: the corpus, an article, adding pages."""
    page.goto(f"{address}/corpus")
    shoot("corpus")
    page.locator("main a[href*='article/']").first.click()
    page.wait_for_load_state("networkidle")
    shoot("article")
    page.goto(f"{address}/corpus/add")
    shoot("add")


def shoot_all(folder: Path, only: str = "") -> list[Path]:
    """Write the screenshots whose names hold ``only`` to ``folder``; return their paths."""
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    with served(PORT) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(QUIET))
        for (language, locale), (size, (width, height)), scheme in itertools.product(
            LOCALES.items(), SIZES.items(), SCHEMES
        ):
            key = f"{language}-{size}-{scheme}"
            if only and only not in key:
                continue
            options: Mapping[str, Any] = {"color_scheme": scheme, "locale": locale}
            context = browser.new_context(viewport={"width": width, "height": height}, **options)
            page = context.new_page()

            def shoot(name: str, key: str = key, page: "Page" = page) -> None:
                written.append(folder / f"{key}-{name}.png")
                page.screenshot(path=written[-1])

            conversation(page, address, language, shoot)
            plain(page, address, shoot)
            context.close()
        browser.close()
    return written


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--out", type=Path, default=ROOT / "test-results" / "shots")
    parser.add_argument("--only", default="", help="a part of zh-390-light and the like")
    arguments = parser.parse_args()
    for path in shoot_all(arguments.out, arguments.only):
        sys.stdout.write(f"{path}\n")
