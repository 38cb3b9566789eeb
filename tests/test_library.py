"""The corpus changed from the app: sent pages, removal, undo, and the switch without a pause."""

import asyncio
import contextlib
import re
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from index.build import Progress, build_index
from index.store import load_index, writer_lock
from index.types import CorpusError
from rag.config import Settings, load_settings
from tests.embedders import BigramEmbedder
from tests.fakes import QUEUE_WARNINGS, FakeAnswerer
from ui import received
from ui.library import FileLine, Job, Library, undo
from ui.live import Live
from ui.render import inert
from ui.shield import MAX_UPLOAD_BYTES
from ui.strings import STRINGS

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from rag.answering import Answerer

pytestmark = QUEUE_WARNINGS

ZH, EN = STRINGS["zh"], STRINGS["en"]
PAGE = "题目{n}\n\n本报记者 甲乙\n\n这是第{n}篇的正文，说的是{n}号渡轮。\n"
HTML = {"accept": "text/html", "accept-language": "en"}


def text_of(number: int) -> str:
    return PAGE.format(n=number)


@dataclass
class Newspaper:
    """A library over a small index in which ``seeds/1.txt`` and ``seeds/2.txt`` are."""

    settings: Settings
    library: Library

    def send(self, **texts: str) -> Job:
        place = received.incoming(cast("Path", self.settings.uploads), str(time.monotonic_ns()))
        for name, text in texts.items():
            (place / f"{name}.txt").write_text(text, "utf-8")
        return self.wait(self.library.add(place))

    def wait(self, job: Job) -> Job:
        deadline = time.monotonic() + 60
        while not job.done:
            assert time.monotonic() < deadline
            time.sleep(0.01)
            job = cast("Job", self.library.job(job.id))
        return job

    @property
    def files(self) -> list[str]:
        """The files that are asked."""
        return sorted(self.library.live.answerer.index.pages)

    @property
    def received(self) -> list[str]:
        """The names in the folder of received pages."""
        uploads = cast("Path", self.settings.uploads)
        return sorted(path.name for path in uploads.glob("*.txt"))

    def words(self, name: str) -> str:
        """Return what the index has of the file ``name``."""
        return self.library.live.answerer.index.pages[name].text


@pytest.fixture
def paper(tmp_path: Path) -> Iterator[Newspaper]:
    from rag.answering import answerer_over

    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for number in (1, 2):
        (seeds / f"{number}.txt").write_text(text_of(number), "utf-8")
    settings = load_settings(
        index=tmp_path / "index", seeds=seeds, uploads=tmp_path / "uploads"
    )  # fmt: skip
    embedder = BigramEmbedder()
    build_index([seeds], settings.index, embedder)
    live = Live(answerer_over(load_index(settings.index), embedder, settings))
    library = Library(live, settings, embedder)
    yield Newspaper(settings, library)
    library.close()


# Adding, removing, undoing


def test_a_sent_page_is_asked_as_soon_as_its_job_is_done(paper: Newspaper) -> None:
    job = paper.send(a=text_of(7))
    assert job.error == ""
    assert job.files == (FileLine("a.txt", "added", 1),)
    assert paper.files == ["1.txt", "2.txt", "a.txt"]
    assert job.generation == "000002"


def test_a_page_of_the_same_name_is_replaced_and_says_so(paper: Newspaper) -> None:
    paper.send(a=text_of(7))
    job = paper.send(a=text_of(8))
    assert job.files == (FileLine("a.txt", "changed", 1, replaced=True),)
    assert "8号" in paper.words("a.txt")


def test_each_bad_file_is_told_and_not_kept(paper: Newspaper) -> None:
    job = paper.send(a=text_of(7), b="", **{"1": text_of(9)})
    told = {line.file: line for line in job.files}
    assert told["a.txt"].status == "added"
    assert told["b.txt"].status == told["1.txt"].status == "failed"
    assert "empty" in told["b.txt"].message
    assert "rename one" in told["1.txt"].message
    assert paper.received == ["a.txt"]
    assert "1号" in paper.words("1.txt")


def test_a_bad_file_does_not_replace_a_good_one(paper: Newspaper) -> None:
    paper.send(a=text_of(7))
    job = paper.send(a="")
    assert [line.status for line in job.files] == ["failed"]
    assert "7号" in (cast("Path", paper.settings.uploads) / "a.txt").read_text("utf-8")
    assert "7号" in paper.words("a.txt")


def test_undoing_puts_files_and_index_back_and_forth(paper: Newspaper) -> None:
    paper.send(a=text_of(7))
    paper.send(a=text_of(8), b=text_of(9))
    for back in (True, False, True):
        job = paper.wait(paper.library.undo())
        assert job.error == ""
        assert {line.file for line in job.files} == {"a.txt", "b.txt"}
        assert ("7号" in paper.words("a.txt")) is back
        assert paper.received == (["a.txt"] if back else ["a.txt", "b.txt"])
    paper.wait(paper.library.reindex())
    assert paper.files == ["1.txt", "2.txt", "a.txt"]  # what was undone does not come back


def test_what_fails_takes_no_undo_away(paper: Newspaper) -> None:
    paper.send(a=text_of(7))
    assert paper.send(a="").files[0].status == "failed"
    assert [line.file for line in paper.wait(paper.library.undo()).files] == ["a.txt"]
    assert paper.received == []


def test_the_command_line_undoes_as_the_app_does(paper: Newspaper) -> None:
    paper.send(a=text_of(7))
    assert undo(paper.settings) == ["a.txt"]
    paper.library.look()
    assert paper.files == ["1.txt", "2.txt"]
    assert paper.received == []


def test_an_index_that_changed_elsewhere_is_undone_without_touching_files(
    paper: Newspaper, tmp_path: Path
) -> None:
    paper.send(a=text_of(7))
    (tmp_path / "3.txt").write_text(text_of(3), "utf-8")
    build_index([tmp_path / "3.txt"], paper.settings.index, BigramEmbedder())
    job = paper.wait(paper.library.undo())
    assert paper.files == ["1.txt", "2.txt", "a.txt"]
    assert job.files == ()
    assert paper.received == ["a.txt"]


def test_a_removed_article_is_gone_and_comes_back(paper: Newspaper) -> None:
    job = paper.wait(paper.library.remove(["2.txt"]))
    assert [line.status for line in job.files] == ["removed"]
    assert paper.files == ["1.txt"]
    assert paper.wait(paper.library.undo()).error == ""
    assert paper.files == ["1.txt", "2.txt"]


def test_there_may_be_nothing_to_undo(paper: Newspaper) -> None:
    job = paper.wait(paper.library.undo())
    assert "no former generation" in job.error
    assert paper.files == ["1.txt", "2.txt"]


def test_another_process_that_writes_is_told_and_nothing_is_left(paper: Newspaper) -> None:
    with writer_lock(paper.settings.index):
        job = paper.send(a=text_of(7))
    assert "another process is writing" in job.error
    assert paper.received == []
    assert paper.send(a=text_of(7)).error == ""


# What a killed process left


def started_again(paper: Newspaper) -> Library:
    """Return the library of a process that begins where another was killed."""
    return Library(paper.library.live, paper.settings, BigramEmbedder())


@pytest.fixture
def alone(paper: Newspaper, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process that was killed, which is this one, have let go of its lock."""
    assert (cast("Path", paper.settings.uploads) / received.LOCK).is_file()
    monkeypatch.setattr("ui.received.LOCK", ".another-lock")


@pytest.mark.usefixtures("alone")
def test_a_page_that_was_replaced_and_not_yet_indexed_comes_back(paper: Newspaper) -> None:
    paper.send(a=text_of(7), b=text_of(8))
    uploads = cast("Path", paper.settings.uploads)
    place = received.incoming(uploads, "killed")
    (place / "a.txt").write_text(text_of(9), "utf-8")
    received.put_in_place(uploads, place)
    started_again(paper).close()
    assert "7号" in (uploads / "a.txt").read_text("utf-8")
    assert not (uploads / received.REPLACED).exists()
    assert [line.file for line in paper.wait(paper.library.undo()).files] == ["a.txt", "b.txt"]


@pytest.mark.usefixtures("alone")
def test_a_page_that_is_indexed_already_stays_and_the_former_is_kept(paper: Newspaper) -> None:
    paper.send(a=text_of(7))
    uploads = cast("Path", paper.settings.uploads)
    place = received.incoming(uploads, "killed")
    (place / "a.txt").write_text(text_of(9), "utf-8")
    received.put_in_place(uploads, place)
    build_index([uploads / "a.txt"], paper.settings.index, BigramEmbedder())
    paper.library.look()
    started_again(paper).close()
    assert "9号" in (uploads / "a.txt").read_text("utf-8")
    assert "7号" in (uploads / received.FORMER / "a.txt").read_text("utf-8")


@pytest.mark.usefixtures("alone")
def test_what_was_received_for_a_job_that_never_ran_goes(paper: Newspaper) -> None:
    uploads = cast("Path", paper.settings.uploads)
    (received.incoming(uploads, "killed") / "a.txt").write_text(text_of(9), "utf-8")
    started_again(paper).close()
    assert not (uploads / received.INCOMING).exists()


def test_another_process_that_receives_pages_is_left_alone(paper: Newspaper) -> None:
    paper.send(a=text_of(7))
    uploads = cast("Path", paper.settings.uploads)
    for name in ("running", "waiting"):
        (received.incoming(uploads, name) / "a.txt").write_text(text_of(9), "utf-8")
    received.put_in_place(uploads, uploads / received.INCOMING / "running")
    started_again(paper).close()
    assert "9号" in (uploads / "a.txt").read_text("utf-8")
    assert (uploads / received.INCOMING / "waiting" / "a.txt").is_file()


@pytest.mark.usefixtures("alone")
def test_a_file_that_was_refused_never_takes_the_place_of_a_page(paper: Newspaper) -> None:
    paper.send(a=text_of(7))
    paper.send(a="")
    uploads = cast("Path", paper.settings.uploads)
    (uploads / "a.txt").write_text(text_of(9), "utf-8")  # by hand, and not indexed yet
    started_again(paper).close()
    assert "9号" in (uploads / "a.txt").read_text("utf-8")


# The newest generation


def test_what_another_process_made_is_switched_to(paper: Newspaper, tmp_path: Path) -> None:
    (tmp_path / "3.txt").write_text(text_of(3), "utf-8")
    build_index([tmp_path / "3.txt"], paper.settings.index, BigramEmbedder())
    assert paper.files == ["1.txt", "2.txt"]
    paper.library.look()
    assert paper.files == ["1.txt", "2.txt", "3.txt"]


def test_a_damaged_newer_generation_is_told_and_the_former_asked_on(
    paper: Newspaper, tmp_path: Path
) -> None:
    (tmp_path / "3.txt").write_text(text_of(3), "utf-8")
    build_index([tmp_path / "3.txt"], paper.settings.index, BigramEmbedder())
    (paper.settings.index / "segments" / "000002" / "pages.txt").write_text("")
    paper.library.look()
    assert paper.files == ["1.txt", "2.txt"]
    assert "damaged" in paper.library.warning
    job = paper.wait(paper.library.undo())  # back to the one that is asked still
    assert (job.error, paper.library.warning) == ("", "")
    assert job.generation == "000001"


@pytest.mark.slow
def test_questions_during_twenty_changes_are_each_answered_from_one_generation(
    paper: Newspaper,
) -> None:
    over, errors, answered = threading.Event(), [], [0]

    def ask() -> None:
        while not over.is_set():
            answerer = paper.library.live.answerer
            known = answerer.index.articles
            answer = answerer.ask("1号渡轮")
            answered[0] += 1
            if not all(known.get(p.article.id) is p.article for p in answer.passages):
                errors.append(answer)

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    for number in range(20):
        assert paper.send(a=text_of(100 + number)).error == ""
    over.set()
    for asker in askers:
        asker.join(30)
    assert errors == []
    assert answered[0] > 20
    assert paper.library.live.answerer.index.manifest.generation == "000021"


# Names


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\fakepath\\五月.txt", "五月.txt"),
        ("../../etc/news.md", "news.md"),
        (" 报 纸.HTML ", "报 纸.HTML"),
    ],
)
def test_of_a_name_the_last_part_is_kept(given: str, kept: str) -> None:
    assert received.safe_name(given) == kept


@pytest.mark.parametrize(
    "given",
    ["", "..", ".hidden.txt", "a/", "a\0.txt", "a\u202etxt.txt", "\ud800.txt", "a.exe", "a",
     "字" * 90 + ".txt", "README.md", "corrections.toml", ".txt"],
)  # fmt: skip
def test_other_names_are_refused(given: str) -> None:
    with pytest.raises(CorpusError) as error:
        received.safe_name(given)
    str(error.value).encode("utf-8")


# The pages


def client_of(library: Library, settings: Settings) -> "TestClient":
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from ui.library_pages import routes
    from ui.shield import Shield

    app = FastAPI()
    app.include_router(routes(library))
    app.add_middleware(Shield)
    assert settings is library.settings
    return TestClient(app, follow_redirects=False)


@pytest.fixture
def client(paper: Newspaper) -> "TestClient":
    return client_of(paper.library, paper.settings)


def sent(*files: tuple[str, str]) -> list[tuple[str, tuple[str, bytes]]]:
    return [("pages", (name, text.encode())) for name, text in files]


def test_a_form_without_script_leads_to_the_report(paper: Newspaper, client: "TestClient") -> None:
    form = client.get("/corpus/add", headers=HTML).text
    assert 'enctype="multipart/form-data"' in form
    assert "1.txt" in unescape(form)
    files = sent(("七.txt", text_of(7)), ("<b>.exe", "x"))
    reply = client.post("/corpus/add", files=files, headers=HTML)
    assert reply.status_code == 303
    address = f"/corpus/{reply.headers['location']}"
    paper.wait(cast("Job", paper.library.job(address.rpartition("/")[2])))
    report = client.get(address, headers=HTML)
    assert "refresh" not in report.headers
    assert EN.library_done in report.text
    assert "七.txt" in unescape(report.text)
    assert "<b>" not in report.text
    assert f"{EN.library_refused} · " in unescape(report.text)
    assert paper.received == ["七.txt"]


def test_a_script_is_told_in_json_how_far_a_job_is(paper: Newspaper, client: "TestClient") -> None:
    job = client.post("/corpus/add", files=sent(("a.txt", text_of(7)))).json()
    paper.wait(cast("Job", paper.library.job(job["id"])))
    state = client.get(f"/corpus/jobs/{job['id']}").json()
    assert state["state"] == "done"
    assert state["files"] == [
        {"file": "a.txt", "status": "added", "articles": 1, "message": "", "replaced": False}
    ]
    assert client.get("/corpus/jobs/none").status_code == 404


def test_a_page_of_a_running_job_looks_again_by_itself(
    paper: Newspaper, client: "TestClient"
) -> None:
    running = Job("x", "add", started=True, progress=Progress("reading", 3, 12))
    paper.library._keep(running)
    page = client.get("/corpus/jobs/x", headers=HTML)
    assert page.headers["refresh"] == "1"
    assert 'value="3" max="12"' in page.text
    assert "3 of 12" in page.text


def test_a_change_waits_for_the_one_before_it_and_then_runs(
    paper: Newspaper, client: "TestClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work, go = threading.Event(), threading.Event()

    def until_told(_paths: object, _folder: object, _model: object) -> None:
        at_work.set()
        go.wait(30)
        raise CorpusError("this was all")

    monkeypatch.setattr("index.build.remove", until_told)
    first, second = paper.library.remove(["1.txt"]), paper.library.undo()
    at_work.wait(30)
    for job, state, told in (
        (first, "running", EN.starting_loading),  # which tells no progress
        (second, "waiting", EN.library_waiting),
    ):
        assert client.get(f"/corpus/jobs/{job.id}").json()["state"] == state
        page = client.get(f"/corpus/jobs/{job.id}", headers=HTML)
        assert inert(told) in page.text
        assert page.headers["refresh"] == "1"
    go.set()
    paper.wait(second)


def test_a_report_offers_to_undo_only_what_was_changed(
    paper: Newspaper, client: "TestClient"
) -> None:
    changes: tuple[tuple[Callable[[], Job], str, bool], ...] = (
        (lambda: paper.send(a=text_of(7)), EN.library_done, True),
        (lambda: paper.send(a=text_of(7)), EN.library_nothing_done, False),
        (lambda: paper.send(a=""), EN.library_nothing_done, False),
        (paper.library.reindex, EN.library_nothing_done, False),
        (lambda: paper.library.remove(["none.txt"]), EN.library_not_done, False),
        (paper.library.undo, EN.library_done, True),
    )
    for begin, title, undoes in changes:
        job = paper.wait(begin())
        report = client.get(f"/corpus/jobs/{job.id}", headers=HTML).text
        assert f"<h1>{inert(title)}</h1>" in report
        assert ('href="corpus/undo"' in report) is undoes


@pytest.mark.parametrize(
    "given", ["a.exe", "README.md", ".a.txt", "a\u202e.txt", f"{'a' * 300}.txt"]
)
def test_a_name_is_refused_in_the_language_of_the_page(client: "TestClient", given: str) -> None:
    for strings in (ZH, EN):
        headers = {"accept": "text/html", "accept-language": strings.html_lang}
        reply = client.post("/corpus/add", files=sent((given, "x")), headers=headers)
        assert reply.status_code == 400
        (told,) = re.findall(r'<p role="alert">(.*?)</p>', reply.text)
        assert bool(re.search("[一-鿿]", unescape(told))) is (strings is ZH)


@pytest.mark.parametrize(
    ("path", "query"), [("remove", "?name=2.txt"), ("reindex", ""), ("undo", "")]
)
def test_a_get_only_asks(paper: Newspaper, client: "TestClient", path: str, query: str) -> None:
    page = client.get(f"/corpus/{path}{query}", headers=HTML).text
    assert f'<form method="post" action="corpus/{path}"' in page
    assert EN.library_yes in page
    assert paper.library._jobs == {}
    data: dict[str, Any] = {"name": "2.txt"} if query else {"x": ""}
    assert client.post(f"/corpus/{path}", data=data, headers=HTML).status_code == 303
    for job in list(paper.library._jobs.values()):
        paper.wait(job)


def test_what_is_not_in_the_corpus_cannot_be_removed(client: "TestClient") -> None:
    page = client.get("/corpus/remove", params={"name": "<i>"}, headers=HTML)
    assert page.status_code == 404
    assert "<i>" not in page.text
    assert client.post("/corpus/remove", data={"name": "nothing"}).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
    ],
)
def test_another_site_can_change_nothing(
    paper: Newspaper, client: "TestClient", headers: dict[str, str]
) -> None:
    for path in ("add", "remove", "reindex", "undo"):
        reply = client.post(f"/corpus/{path}", data={"name": "2.txt"}, headers=headers)
        assert reply.status_code == 403
    assert paper.library._jobs == {}


def test_this_site_can(client: "TestClient") -> None:
    for headers in ({"sec-fetch-site": "same-origin"}, {"origin": "http://testserver"}):
        assert client.post("/corpus/undo", headers=headers).status_code == 202


def test_too_much_is_refused_before_it_is_read(client: "TestClient") -> None:
    headers = {"content-length": str(MAX_UPLOAD_BYTES + 1)}
    assert client.post("/corpus/add", headers=headers).status_code == 413
    assert client.post("/corpus/add", content=iter([b"x"])).status_code == 411


def test_a_file_that_is_too_large_is_told(
    paper: Newspaper, client: "TestClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.library_pages.MAX_PAGE_BYTES", 1 << 20)
    reply = client.post("/corpus/add", files=sent(("a.txt", "x" * ((1 << 20) + 1))), headers=HTML)
    assert reply.status_code == 400
    assert "1 MB" in reply.text
    assert paper.received == []
    assert list((cast("Path", paper.settings.uploads) / ".incoming").iterdir()) == []


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_a_folder_that_cannot_be_written_is_told(
    paper: Newspaper, client: "TestClient", tmp_path: Path, accept: str
) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    there = tmp_path / "file" / "uploads"
    paper.library.settings = paper.settings.model_copy(update={"uploads": there})
    headers = {"accept": accept}
    reply = client.post("/corpus/add", files=sent(("a.txt", text_of(7))), headers=headers)
    assert reply.status_code == 507
    assert str(tmp_path / "file") in unescape(reply.text)


def test_where_pages_may_not_be_sent_it_says_how_to_allow_it() -> None:
    live = Live(cast("Answerer", FakeAnswerer()))
    library = Library(live, load_settings())
    client = client_of(library, library.settings)
    page = client.get("/corpus/add", headers=HTML)
    assert "WENBAO_UPLOADS" in unescape(page.text)
    assert "<form" not in page.text
    for path in ("add", "remove", "reindex", "undo"):
        assert client.post(f"/corpus/{path}", headers=HTML).status_code == 403
    library.close()


# While the index is built


def test_the_server_answers_while_it_starts_and_then_becomes_the_chat() -> None:
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from ui.startup import Starting, Startup

    startup, go, ended = Startup(), threading.Event(), []

    def load() -> "Answerer":
        startup.tell(Progress("reading", 2, 5))
        go.wait(30)
        return cast("Answerer", FakeAnswerer())

    @contextlib.asynccontextmanager
    async def of_the_chat(_app: FastAPI) -> AsyncIterator[None]:
        yield
        ended.append(True)

    def make(_answerer: "Answerer") -> FastAPI:
        app = FastAPI(lifespan=of_the_chat)
        app.add_api_route("/readyz", lambda: {"ready": True})
        return app

    with TestClient(Starting(startup, load, make, lambda: None)) as client:
        while startup.progress is None:
            time.sleep(0.01)
        assert client.get("/healthz").status_code == 200
        state = client.get("/readyz")
        assert state.status_code == 503
        assert state.json() == {"ready": False, "stage": "reading", "done": 2, "total": 5}
        page = client.get("/", headers={"accept-language": "zh"})
        assert ZH.starting in page.text
        assert "2 / 5" in unescape(page.text)
        assert page.headers["refresh"] == "1"
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert client.post("/gradio_api/queue/join", json={}).status_code == 503
        go.set()
        while not startup.ready:
            time.sleep(0.01)
        assert client.get("/readyz").json() == {"ready": True}
    assert ended == [True]


def test_a_start_that_fails_says_so_to_whoever_started_it() -> None:
    from ui.startup import Starting, Startup

    startup, failed = Startup(), []

    def load() -> "Answerer":
        raise CorpusError("no pages in this folder")

    async def run() -> None:
        starting = Starting(
            startup, load, lambda _: pytest.fail("no app"), lambda: failed.append(1)
        )
        async with starting._lifespan(None):
            while not failed:
                await asyncio.sleep(0.01)

    asyncio.run(run())
    assert str(startup.error) == "no pages in this folder"
    assert not startup.ready
