"""Hostile words in a browser: nothing runs, nothing is fetched, nothing covers the page."""

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from index.build import build_index
from index.index import Index
from index.store import load_index
from rag.config import Settings, load_settings
from rag.filters import facets_of
from rag.gloss import Gloss
from rag.types import Answer, Citation, Passage, Question
from rag.wording import NO_NAMES, quoting
from tests.browsing import browser
from tests.embedders import BigramEmbedder
from tests.fakes import QUEUE_WARNINGS
from tests.papers import archive
from tests.payloads import HOST, NAMES, PAYLOADS
from tests.serving import served
from tests.torture import Torture
from ui.feedback import FeedbackLog
from ui.history import kept, restored
from ui.library import Library
from ui.references import as_markdown, as_text, references
from ui.render import Exchange, inert, messages, panel_html
from ui.strings import STRINGS
from ui.terminal import answer_text

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Route

pytestmark = QUEUE_WARNINGS

DAY = "2026-05-20"
MAX_CITED = 12  # so that the browser keeps the answer whole
OPENING = "本报讯 昨日，第{n}号来稿如下："
# Text in one piece, as a page shows it: white space, and what is not shown, apart.
UNSHOWN = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b\u2028\u2029\ufffd\u202a-\u202e\u2066-\u2069]+")

WATCH = """() => {
  const found = [];
  if (window.canary) found.push("a script ran");
  for (const element of document.querySelectorAll("*")) {
    const tag = element.localName;
    if (["iframe", "object", "embed", "math", "marquee", "x-tag", "video", "audio", "maction",
         "dialog", "animate"].includes(tag)) found.push("an element: " + tag);
    for (const { name, value } of element.attributes) {
      const shown = ["title", "aria-label", "value", "content", "placeholder"].includes(name);
      if (name.startsWith("on")) found.push(tag + " has " + name);
      if (!shown && /canary/.test(value) && !/^(data-|href|src)/.test(name))
        found.push(tag + " " + name + "=" + value.slice(0, 80));
      if (["href", "src", "action", "formaction", "xlink:href", "data"].includes(name)) {
        if (/^\\s*(javascript|data:text|vbscript)/i.test(value)) found.push(name + "=" + value);
        try {
          const to = new URL(value, document.baseURI);
          if (to.protocol.startsWith("http") && to.host !== location.host)
            found.push("leads to " + to.host);
        } catch { found.push("no address: " + value); }
      }
    }
    if (/COVERED/.test(element.textContent) && element.children.length === 0) {
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      const large = box.width * box.height > 0.2 * innerWidth * innerHeight;
      if (["fixed", "absolute", "sticky"].includes(style.position) && large)
        found.push("lies over the page: " + tag);
    }
  }
  return found;
}"""


class Loud:
    """An answerer over a hostile archive that says hostile words wherever it can say any."""

    def __init__(self, index: Index, words: Sequence[str]) -> None:
        self.index = index
        self.words = words

    @property
    def retriever(self) -> SimpleNamespace:
        """What can be filtered by; nothing is retrieved with it."""
        facets = facets_of(self.index.articles.values())
        return SimpleNamespace(facets=facets, analyst=SimpleNamespace(names=NO_NAMES))

    def answer(self, question: Question) -> Answer:
        """Return every hostile word: as the answer of a model, as quotes, glosses, notices."""
        articles = list(self.index.articles.values())
        cited = []
        for n, article in enumerate(articles[:MAX_CITED], start=1):
            quoted = article.body.slice(0, len(article.body.text))
            gloss = Gloss(0, 4, self.words[0][:200], self.words[-2 % len(self.words)][:500])
            cited.append(Citation(n, article, quoted, (0, 2), (gloss,)))
        said = "\n".join(f"{words} [{n % len(cited) + 1}]" for n, words in enumerate(self.words))
        return Answer(
            question,
            f"{said}\n{quoting(cited[:3], 'zh')}",
            refused=False,
            mode="llm",
            confidence=0.9,
            citations=tuple(cited),
            passages=tuple(Passage(chunk, 0.5) for chunk in self.index.chunks[:10]),
            notices=tuple(self.words),
            elapsed_ms=1.0,
        )

    def stream(self, text: str, *_: Any, **__: Any) -> Iterator[Answer]:
        """Yield an answer, or a refusal of what asks for one."""
        answer = self.answer(Question(text, "zh", "\n".join(self.words)[:500]))
        if text.startswith("拒绝"):
            said = "\n".join(self.words)
            answer = replace(answer, text=said, refused=True, citations=(), confidence=0.1)
        yield answer

    def ask(self, text: str, *_: Any, **__: Any) -> Answer:
        """Return the last of :meth:`stream`."""
        return next(self.stream(text))

    def conversation(self, texts: Sequence[str]) -> tuple[Question, ...]:
        """Return the questions in ``texts``."""
        return tuple(Question(text, "zh") for text in texts)


def stories(words: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return an article a payload: in its headline, byline, kicker and text."""
    return tuple(
        (
            DAY,
            each,
            f"记者 {each}",
            each,
            f"{OPENING.format(n=n)}{each}。编辑部说，原样刊出，未作改动。",
        )
        for n, each in enumerate(words)
    )


def bare(text: str) -> str:
    """Return ``text`` as it is compared with what a page shows."""
    return UNSHOWN.sub("", text)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """Return an index of all payloads, and of files that are named so."""
    folder = tmp_path_factory.mktemp("hostile")
    archive(folder, stories(PAYLOADS))
    for name in NAMES:
        (folder / "pages" / name).write_text(
            f"渡轮复航\n\n本报讯 昨日，渡轮复航。{name}\n", "utf-8"
        )
    build_index([folder / "pages"], folder / "index", BigramEmbedder())
    return load_index(folder / "index")


@pytest.fixture(scope="module")
def loud(index: Index) -> Loud:
    return Loud(index, PAYLOADS)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("kept")
    return load_settings(index=folder / "index", uploads=folder / "received")


@pytest.fixture(scope="module")
def address(loud: Loud, settings: Settings) -> Iterator[str]:
    embedder = BigramEmbedder()
    with served(loud, settings, lambda live: Library(live, settings, embedder)) as address:
        yield address


class Watched:
    """A reader whose requests to other hosts are cut and kept, like all that goes wrong."""

    def __init__(self, browser: "Browser", address: str, locale: str) -> None:
        self.context: BrowserContext = browser.new_context(locale=locale)
        self.address = address
        self.wrong: list[str] = []
        self.pages = 0
        self.context.route("**/*", self._asked)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.page.on("dialog", self._told)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("popup", lambda _: self.wrong.append("a window"))
        self.page.on("console", self._said)

    def _told(self, dialog: "Dialog") -> None:
        self.wrong.append("a dialog")
        dialog.dismiss()

    def _asked(self, route: "Route") -> None:
        url = route.request.url
        if url.startswith((self.address, "data:", "blob:")):
            route.continue_()
        else:
            self.wrong.append(f"asked {url}")
            route.abort()

    def _said(self, message: Any) -> None:
        if "Content Security Policy" in message.text:  # something tried
            self.wrong.append(message.text)

    def look(self, *words: str) -> None:
        """Keep what is amiss with the page, and which of ``words`` it does not show."""
        self.pages += 1
        where = self.page.url[:200]
        self.wrong.extend(f"{where}: {each}" for each in self.page.evaluate(WATCH))
        if not where.startswith(self.address):
            self.wrong.append(f"the page went to {where}")
        shown = bare(self.page.evaluate("document.body.textContent"))
        self.wrong += [f"{where} lacks {w[:60]}" for w in words if bare(w) not in shown]

    def visit(self, path: str, *words: str) -> None:
        """Load the page at ``path`` and look at it."""
        self.page.goto(f"{self.address}{path}", wait_until="load")
        self.look(*words)


def pages_with(words: str) -> Iterator[str]:
    """Yield the addresses that take ``words``."""
    asked = quote(words.encode("utf-8", "replace")[:1_500], safe="")
    yield f"/corpus?q={asked}"
    yield f"/corpus?since={asked}&reporter={asked}&series={asked}&file={asked}"
    yield f"/corpus/bench?q={asked}"
    yield f"/corpus/doubts?file={asked}"
    yield f"/corpus/remove?name={asked}"
    yield f"/corpus/issue/{asked}"
    yield f"/corpus/jobs/{asked}"
    yield f"/article/{asked}?file={asked}&at=3&view={asked}&lang={asked}"
    yield f"/{asked}?{asked}={asked}#{asked}"
    yield f"/api?{asked}=1"


@pytest.mark.browser
@pytest.mark.torture
def test_hostile_words_are_nothing_but_words(
    browser: "Browser", address: str, index: Index, torture: Torture
) -> None:
    chosen = random.Random(11).sample(PAYLOADS, torture.times(1, len(PAYLOADS)))
    wrong, pages = [], 0
    for locale in ("zh-CN", "en-GB")[: torture.times(1, 2)]:
        reader = Watched(browser, address, locale)
        chat(reader)
        beside(reader, chosen, index)
        uploads(reader)
        reader.context.close()
        wrong += reader.wrong
        pages += reader.pages
    torture.tell(
        "rendering payloads in Chromium", payloads=len(PAYLOADS), pages=pages, scripts=0,
        remote_fetches=0, overlays=0,
    )  # fmt: skip
    assert wrong == []


def chat(reader: Watched) -> None:
    """Look at the chat with everything at once, and again out of the browser's storage."""
    page = reader.page
    reader.visit("/")
    page.wait_for_selector("#question textarea")
    for number, asked in enumerate(("来稿" + "".join(PAYLOADS)[:1_900], "拒绝")):
        page.fill("#question textarea", asked)
        page.keyboard.press("Enter")
        page.locator("#chat .bot-row").nth(number).wait_for()
        page.wait_for_selector("#ask", state="visible")
        reader.look(*PAYLOADS)
    page.wait_for_timeout(500)
    page.reload()
    page.locator("#chat .bot-row").nth(1).wait_for()
    reader.look(*PAYLOADS)
    page.locator("#filters button").first.click()
    for field in ("reporter", "series"):
        page.locator(f"#filter-{field} input").click()
        reader.look()
        page.keyboard.press("Escape")


def beside(reader: Watched, chosen: Sequence[str], index: Index) -> None:
    """Look at the pages beside the chat, with hostile words in them and in their addresses."""
    articles = list(index.articles.values())
    for words in chosen:
        for path in pages_with(words):
            reader.visit(path)
        article = next(a for a in articles if bare(words) in bare(a.body.text))
        for view in ("", "?view=printed", "?view=words"):
            reader.visit(f"/article/{quote(article.id, safe='')}{view}", words)
    for path in ("/corpus", "/corpus?page=2", f"/corpus/issue/{DAY}", "/corpus/doubts", "/api",
                 "/corpus/add", "/corpus/health", "/corpus/reindex", "/corpus/undo"):  # fmt: skip
        reader.visit(path)


def uploads(reader: Watched) -> None:
    """Look at what is said of files of hostile names, refused or taken."""
    reader.visit("/corpus/add")
    files: list[Any] = [
        {"name": name, "mimeType": "text/plain", "buffer": b"\xe5\x8f\xb7\n"} for name in NAMES
    ]
    files.append({"name": f"{PAYLOADS[4]}.exe", "mimeType": "x/y", "buffer": b"x"})
    reader.page.set_input_files("#pages", files)
    with reader.page.expect_navigation():
        reader.page.locator("form.drop button").click()
    reader.page.wait_for_timeout(1_500)
    reader.look()


# Where no browser looks


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.names: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}


PLAIN = {
    *("div", "p", "a", "span", "ul", "li", "strong", "section", "article", "h1", "h2", "h3", "h4"),
    *("mark", "header", "nav", "button", "bdi", "input", "details", "summary", "b", "ol", "em"),
}


@pytest.mark.parametrize("frame", ["zh", "en", "zh-Hant"])
def test_a_forged_conversation_is_text(loud: Loud, index: Index, frame: Any) -> None:
    whole = loud.ask("来稿")
    stored = json.loads(json.dumps(kept([Exchange("来稿", whole)])))
    told = stored["exchanges"][0]
    everything = "\n".join(PAYLOADS[:-1])[:1_900]
    told |= {"text": everything, "typed": everything, "context": everything, "question": everything}
    told["answer"] |= {"answer": "\n".join(PAYLOADS)[:19_000], "notices": list(PAYLOADS[:60])}
    for citation in told["answer"]["citations"]:
        citation |= {"headline": PAYLOADS[4], "quote": PAYLOADS[5], "article": PAYLOADS[6]}
    back = restored(stored, index)
    assert len(back) == 1
    strings = STRINGS[frame]
    drawn = [row["content"] for row in messages(back, strings)] + [panel_html(back, strings)]
    for html in drawn:
        found = Tags(html)
        assert found.tags <= PLAIN
        assert not any(name.startswith("on") or name == "style" for name in found.names)


@pytest.mark.parametrize("words", PAYLOADS)
def test_what_is_taken_along_holds_no_markup(index: Index, words: str) -> None:
    answer = Loud(index, (words,)).ask(words[:2_000])
    markdown = as_markdown(answer, "来源")
    from markdown_it import MarkdownIt

    html = (
        MarkdownIt("commonmark", {"html": True, "linkify": False}).enable("table").render(markdown)
    )
    assert Tags(html).tags <= {"p", "strong", "blockquote", "em", "hr", "br"}
    for line in references(answer):
        assert line.isprintable() or not line.isascii()
    assert as_text(answer, "来源")


def test_no_word_reaches_the_terminal_but_as_a_word(loud: Loud) -> None:
    shown = answer_text(loud.ask("来稿"))
    assert not set("\x1b\x07\x9b\x00\r\u202e\u2066\u2028\u200b") & set(shown)
    assert "<U+001B>]52;c;eA==<U+0007>" in shown


def test_feedback_is_one_line_whatever_it_says(tmp_path: Path) -> None:
    log = FeedbackLog(tmp_path / "feedback.jsonl")
    for words in PAYLOADS:
        log.append({"note": words})
    lines = (tmp_path / "feedback.jsonl").read_bytes().split(b"\n")
    assert [json.loads(line)["note"] for line in lines if line] == list(PAYLOADS)


def test_every_payload_is_harmless_as_html() -> None:
    assert len(PAYLOADS) >= 32
    for words in (*PAYLOADS, *NAMES):
        assert Tags(inert(words)).tags == set()
        assert HOST not in inert(words)
