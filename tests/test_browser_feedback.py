"""The buttons under an answer in Chromium: what is pressed is kept, with the keyboard as well."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from rag.config import load_settings
from tests.browsing import browser as browser  # the fixture
from tests.fakes import QUEUE_WARNINGS, FakeAnswerer
from tests.serving import served
from ui.strings import STRINGS

pytest.importorskip("playwright", reason="playwright is not installed")

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from rag.answering import Answerer

pytestmark = [pytest.mark.browser, *QUEUE_WARNINGS]
ZH = STRINGS["zh"]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("feedback") / "feedback.jsonl"


@pytest.fixture(scope="module")
def address(file: Path) -> Iterator[str]:
    """Yield the address of an app that keeps feedback in ``file``."""
    with served(FakeAnswerer(), load_settings(feedback=str(file))) as address:
        yield address


@pytest.fixture
def page(browser: "Browser", address: str, file: Path) -> Iterator["Page"]:
    """Yield the page with one question answered, and nothing kept yet."""
    file.unlink(missing_ok=True)
    context = browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 800})
    shown = context.new_page()
    shown.set_default_timeout(30_000)
    shown.goto(address)
    box = shown.locator("#question textarea")
    box.fill(ZH.examples[0])
    box.press("Enter")
    shown.locator(".feedback-up").wait_for()
    yield shown
    context.close()


def kept(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_a_thumb_up_is_kept_and_thanked_for(page: "Page", file: Path) -> None:
    page.locator(".feedback-up").click()
    page.locator(".feedback-said", has_text=ZH.feedback_thanks).wait_for()
    (row,) = kept(file)
    assert (row["verdict"], row["question"]) == ("up", ZH.examples[0])
    assert row["citations"]
    assert page.locator(".feedback-up").get_attribute("aria-pressed") == "true"


def test_a_thumb_down_asks_why_and_is_kept_by_keyboard(page: "Page", file: Path) -> None:
    page.locator(".feedback-down").focus()
    page.keyboard.press("Enter")
    figure = page.get_by_role("button", name=ZH.feedback_reasons[1])
    figure.focus()
    page.keyboard.press("Enter")
    page.get_by_label(ZH.feedback_note).fill("<b>应为六万</b>")
    page.keyboard.press("Enter")
    page.locator(".feedback-said", has_text=ZH.feedback_thanks).wait_for()
    (row,) = kept(file)
    assert (row["verdict"], row["reason"]) == ("down", "wrong figure")
    assert row["note"] == "<b>应为六万</b>"
    assert page.locator(".feedback-why").is_hidden()


def test_a_key_that_chooses_a_candidate_neither_sends_nor_closes(page: "Page", file: Path) -> None:
    page.locator(".feedback-down").click()
    note = page.get_by_label(ZH.feedback_note)
    note.fill("应为")
    for key in ("Enter", "Escape"):
        note.dispatch_event("keydown", {"key": key, "isComposing": True, "bubbles": True})
    assert page.locator(".feedback-why").is_visible()
    note.press("Enter")  # of the reader
    page.locator(".feedback-said", has_text=ZH.feedback_thanks).wait_for()
    assert [row["note"] for row in kept(file)] == ["应为"]


def test_what_could_not_be_kept_is_said(page: "Page", file: Path) -> None:
    page.route("**/feedback", lambda route: route.fulfill(status=507))
    page.locator(".feedback-up").click()
    page.locator(".feedback-said", has_text=ZH.feedback_failed).wait_for()
    assert not file.exists()
    assert page.locator(".feedback-up").get_attribute("aria-pressed") == "false"
