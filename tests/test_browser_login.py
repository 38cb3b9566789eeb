"""Somebody with an account logs in and out in Chromium, and somebody without stays outside."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rag.config import load_settings
from tests.browsing import SCREENS, browser, findings, screen
from tests.fakes import QUEUE_WARNINGS, FakeAnswerer
from tests.jumping import jumping
from tests.serving import served
from ui.links import share_link
from ui.login_strings import LOGIN_STRINGS
from ui.users import add_user

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, *QUEUE_WARNINGS]

NAME, PASSWORD = "lin", "ferry harbour lamp"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of an app that one reader may use."""
    users = tmp_path_factory.mktemp("login") / "users"
    add_user(users, NAME, "reader", PASSWORD)
    index, _ = jumping()
    with served(FakeAnswerer(index), load_settings(users=users)) as address:
        yield address


@pytest.fixture(params=SCREENS, ids="-".join)
def page(request: pytest.FixtureRequest, browser: "Browser", address: str) -> Iterator["Page"]:
    context = browser.new_context(**screen(*request.param))
    page = context.new_page()
    page.goto(address)
    yield page
    context.close()


def test_a_reader_logs_in_and_out(page: "Page", address: str) -> None:
    chinese = page.evaluate("document.documentElement.lang").startswith("zh")
    words = LOGIN_STRINGS["zh" if chinese else "en"]

    def log_in(password: str) -> None:
        page.get_by_label(words.name).fill(NAME)
        page.get_by_label(words.password).fill(password)
        page.get_by_role("button", name=words.go).click()

    page.get_by_role("heading", name=words.title).wait_for()
    assert findings(page) == []
    log_in("ferry harbour")
    page.get_by_text(words.wrong).wait_for()
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    log_in(PASSWORD)
    page.wait_for_selector("#chat .example")
    page.get_by_role("link", name=words.log_out).click()
    page.get_by_role("button", name=words.log_out).click()
    page.get_by_role("heading", name=words.title).wait_for()
    page.goto(f"{address}/corpus")
    page.get_by_role("heading", name=words.title).wait_for()


def test_a_shared_link_keeps_its_words_through_the_login(browser: "Browser", address: str) -> None:
    _, article = jumping()
    quote = article.body.slice(0, 20)
    words = LOGIN_STRINGS["en"]
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(f"{address}/{share_link(article, quote)}")
    for password in ("ferry harbour", PASSWORD):  # a mistake loses them no more than none
        page.get_by_label(words.name).fill(NAME)
        page.get_by_label(words.password).fill(password)
        page.get_by_role("button", name=words.go).click()
    page.locator("mark").first.wait_for()
    assert "".join(page.locator("mark").all_inner_texts()) == quote.text
    context.close()
