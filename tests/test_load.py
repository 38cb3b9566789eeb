"""Load and overload, over HTTP, against a server in a process of its own.

Most answers come from the fake newspaper: what is measured is the way to them. In the full run
(`make torture`) also from the real pages.
"""

import asyncio
import gc
import json
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.chatting import Page, Reply, Running, ask, call, percentile, running, sent
from tests.fakes import QUEUE_WARNINGS
from tests.load_server import ENDLESS, FAIR, SILENT
from tests.serving import served
from tests.torture import Torture
from ui.strings import STRINGS

pytestmark = [*QUEUE_WARNINGS, pytest.mark.torture]

# It takes ten seconds to start one: the daily run has one for all tests that can share it.
OWN_SERVER = pytest.mark.skipif(
    "not config.getoption('--torture')", reason="starts a server of its own: make torture"
)

FACES = ("/api/ask/stream", "/api/ask", "/v1/chat/completions", "chat")
PAUSE_S = "0.02"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that answers two at once, with the fake newspaper, in a tenth of a second."""
    folder = tmp_path_factory.mktemp("load") / "index"
    with running(folder, "--pause", PAUSE_S, "--patience", "2", workers=2, deadline_s=60) as one:
        yield one


def slow_down() -> float:
    """Return how many times slower this machine is for what else it does."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


async def asked(port: int, face: str, text: str) -> Reply:
    """Return the reply to a question at a face, as a client of it asks."""
    if face == "chat":
        return await (await Page.open(port)).ask(text)
    if face == "/v1/chat/completions":
        message = {"role": "user", "content": text}
        return await call(port, face, {"messages": [message], "stream": True})
    return await ask(port, text, face)


def right(reply: Reply) -> bool:
    """Return whether a reply is a whole answer to :data:`FAIR`."""
    return reply.status == 200 and "58092" in reply.body


async def until(true: Callable[[], bool], within_s: float) -> float:
    """Return how long it took until it was ``true``."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < within_s, "it did not come about"
        await asyncio.sleep(0.1)
    return time.monotonic() - began


# Many at once


def test_chats_at_once_are_all_answered(server: Running, torture: Torture) -> None:
    async def chats(count: int, questions: int) -> list[float]:
        async def one(face: str) -> list[float]:
            taken = []
            for _ in range(questions):
                reply = await asked(server.port, face, FAIR)
                assert right(reply), (count, face, reply)
                taken.append(reply.whole_s)
            return taken

        each = await asyncio.gather(*(one(FACES[n % len(FACES)]) for n in range(count)))
        return [taken for many in each for taken in many]

    asyncio.run(chats(4, 1))
    sizes = (1, 10, 20, 50) if torture.full else (1, 10)
    p95 = {n: percentile(asyncio.run(chats(n, torture.times(2, 20))), 0.95) for n in sizes}
    torture.tell(
        "chats at once, fake newspaper",
        **{f"p95 of {n} [s]": round(s, 2) for n, s in p95.items()},
        **{f"ratio of {n}": round(s / p95[1], 1) for n, s in p95.items()},
        errors=0,
    )


@OWN_SERVER
def test_chats_at_once_over_the_real_pages(
    seed_index: Path, tmp_path: Path, torture: Torture
) -> None:
    if not torture.full:
        pytest.skip("the fake newspaper is asked in the daily run")
    questions = [*STRINGS["zh"].examples, *STRINGS["en"].examples]
    index = tmp_path / "index"
    index.symlink_to(seed_index)

    async def chats(port: int, count: int, rounds: int) -> list[float]:
        async def one(number: int) -> list[float]:
            face = ("/api/ask/stream", "chat")[number % 2]
            taken = []
            for turn in range(rounds):
                reply = await asked(port, face, questions[(number + turn) % len(questions)])
                assert reply.status == 200, reply
                assert '"citations"' in reply.body or "citation" in reply.body, reply
                taken.append(reply.whole_s)
            return taken

        each = await asyncio.gather(*(one(n) for n in range(count)))
        return [taken for many in each for taken in many]

    with running(index, "--real") as server:
        asyncio.run(chats(server.port, 8, 2))
        figures = {}
        for count in (1, 10, 20, 50):
            began = time.monotonic()
            taken = asyncio.run(chats(server.port, count, 8))
            figures[f"p95 of {count} [s]"] = round(percentile(taken, 0.95), 2)
            figures[f"answers a second, {count}"] = round(
                len(taken) / (time.monotonic() - began), 1
            )
    one = figures["p95 of 1 [s]"]
    ratios = {f"ratio of {n}": round(figures[f"p95 of {n} [s]"] / one, 1) for n in (10, 20, 50)}
    torture.tell("chats at once, real pages", **figures, **ratios, errors=0)


@OWN_SERVER
def test_of_a_flood_each_is_answered_or_told_so_at_once(tmp_path: Path, torture: Torture) -> None:
    count = torture.times(60, 500)
    slower = slow_down()

    async def flood(port: int) -> list[Reply]:
        texts = (FAIR, "How many buyers came to the fair?")
        return await asyncio.gather(*(ask(port, texts[n % 2]) for n in range(count)))

    queue = torture.times(20, 200)
    with running(tmp_path / "index", "--pause", "0.05", workers=2, queue=queue) as server:
        asyncio.run(flood(server.port))  # the mean of an answer is known from now on
        replies = asyncio.run(flood(server.port))
        refused = server.figure("wenbao_busy_total")
    told = [reply for reply in replies if reply.status == 503]
    assert {reply.status for reply in replies} == {200, 503}
    assert all(right(reply) for reply in replies if reply.status == 200)
    assert len(replies) - len(told) >= queue
    assert refused >= len(told)
    for reply in told:
        assert 1 <= int(reply.headers["retry-after"]) <= 60
        seconds = reply.headers["retry-after"]
        known = {STRINGS[each].busy_of.format(seconds=seconds) for each in ("zh", "en")}
        assert reply.json()["detail"] in known
    slowest = max(reply.first_s for reply in told)
    assert slowest < 2 * slower * 2, slowest
    torture.tell(
        "flood",
        questions=count,
        answered=len(replies) - len(told),
        busy=len(told),
        **{"slowest busy [s]": round(slowest, 2), "load of the machine": round(slower, 1)},
    )


@OWN_SERVER
def test_the_chat_keeps_a_question_that_it_does_not_take(tmp_path: Path) -> None:
    async def crowd(port: int) -> Reply:
        page = await Page.open(port)
        crowd = [asyncio.create_task(ask(port, SILENT)) for _ in range(2)]
        await asyncio.sleep(1)
        try:
            return await page.ask(FAIR)
        finally:
            for each in crowd:
                each.cancel()

    with running(tmp_path / "index", workers=1, queue=1) as server:
        reply = asyncio.run(crowd(server.port))
    events = [json.loads(line[6:]) for line in reply.body.split("\n") if line[:6] == "data: "]
    (last,) = [each for each in events if each["msg"] == "process_completed"]
    told = json.dumps([each.get("output") for each in events], ensure_ascii=False)
    assert "现在提问的人太多" in told
    assert last["success"]
    assert f'"{FAIR}"' in told.rpartition("现在提问的人太多")[2]  # in the box again


@OWN_SERVER
def test_programs_of_openai_are_told_busy_in_their_way(tmp_path: Path) -> None:
    from openai import APIStatusError, OpenAI

    def silence(port: int) -> None:
        asyncio.run(ask(port, SILENT))

    with running(tmp_path / "index", workers=1, queue=0, deadline_s=5) as server:
        with ThreadPoolExecutor(1) as asker:
            asker.submit(silence, server.port)
            time.sleep(1)
            with (
                OpenAI(base_url=f"{server.address}/v1", api_key="none", max_retries=0) as openai,
                pytest.raises(APIStatusError) as raised,
            ):
                openai.chat.completions.create(
                    model="wenbao", messages=[{"role": "user", "content": FAIR}]
                )
        assert raised.value.status_code == 503
        assert raised.value.type == "server_error"
        assert "现在提问的人太多" in raised.value.message
        assert raised.value.response.headers["retry-after"]


# Clients that go away, clients that dawdle


def test_of_dropped_clients_nothing_is_left(server: Running, torture: Torture) -> None:
    import psutil

    process = psutil.Process(server.process.pid)
    count = torture.times(12, 100)

    async def drop(number: int) -> None:
        face = FACES[number % len(FACES)]
        text = (ENDLESS, SILENT)[number // len(FACES) % 2]
        if face == "chat":
            page = await Page.open(server.port)
            await page.send(text)
            path, body = f"/gradio_api/queue/data?session_hash={page.session}", None
        elif face == "/v1/chat/completions":
            message = {"role": "user", "content": text}
            path, body = face, {"messages": [message], "stream": bool(number % 8 < 4)}
        else:
            path, body = face, {"question": text}
        method = "GET" if body is None else "POST"
        async with sent(server.port, method, path, body) as (reader, _):
            with suppress(TimeoutError):  # it says nothing, and the client goes
                await asyncio.wait_for(reader.read(100), 1 + number % 5 / 5)

    def under_way() -> float:
        return server.figure("wenbao_answering") + server.figure("wenbao_waiting")

    assert right(asyncio.run(ask(server.port, FAIR)))
    before = (process.num_threads(), process.num_fds())

    async def crowd() -> float:
        await asyncio.gather(*(drop(number) for number in range(count)))
        took = await until(lambda: not under_way(), 10 * slow_down())
        await until(lambda: process.num_fds() <= before[1] + 3, 10 * slow_down())
        return took

    took = asyncio.run(crowd())
    assert process.num_threads() <= before[0] + 40  # Gradio's and Starlette's, kept for the next
    assert right(asyncio.run(ask(server.port, FAIR)))
    torture.tell("dropped clients", clients=count, left=0, **{"gone after [s]": round(took, 1)})


def test_who_sends_slowly_keeps_nobody_waiting(server: Running, torture: Torture) -> None:
    import psutil

    process = psutil.Process(server.process.pid)
    count = torture.times(30, 300)
    head = b"POST /api/ask HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
    body = b'content-length: 5000\r\n\r\n{"question": "'
    joining = head.replace(b"/api/ask", b"/gradio_api/queue/join") + body
    started = (b"", b"GET / HT", head, head + body, joining)
    before = process.num_fds()

    async def dawdle(number: int) -> float:
        began = time.monotonic()
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        try:
            writer.write(started[number % len(started)])
            while not reader.at_eof():
                writer.write(b"x")
                try:
                    await asyncio.wait_for(reader.read(1000), 0.5)
                except TimeoutError:
                    continue
        except OSError:
            pass
        finally:
            writer.close()
        return time.monotonic() - began

    async def crowd() -> tuple[list[float], list[Reply]]:
        dawdlers = [asyncio.create_task(dawdle(number)) for number in range(count)]
        await asyncio.sleep(0.5)
        replies = [await ask(server.port, FAIR) for _ in range(5)]
        return list(await asyncio.gather(*dawdlers)), replies

    kept, replies = asyncio.run(crowd())
    assert all(right(reply) for reply in replies)
    assert max(kept) < 6 * slow_down()
    asyncio.run(until(lambda: process.num_fds() <= before + 3, 10 * slow_down()))
    torture.tell(
        "clients that dawdle",
        clients=count,
        **{
            "longest connection [s]": round(max(kept), 1),
            "answer meanwhile [s]": round(max(reply.whole_s for reply in replies), 2),
        },
    )


def test_what_is_too_large_is_refused(server: Running) -> None:
    async def send() -> tuple[Reply, Reply]:
        big = await call(server.port, "/readyz", cookie="x" * 100_000)
        return big, await call(server.port, "/api/ask", {"question": "长" * 60_000})

    headers, body = asyncio.run(send())
    assert headers.status in (400, 431)  # as it comes: in pieces, or at once
    assert body.status == 413


@OWN_SERVER
def test_connections_are_bounded(tmp_path: Path) -> None:
    async def crowd(port: int) -> tuple[int, Reply, Reply]:
        opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(90)]
        await asyncio.sleep(1)
        closed = sum(reader.at_eof() or bool(reader.exception()) for reader, _ in opened)
        refused = await call(port, "/readyz")
        for _, writer in opened:
            writer.close()
        await asyncio.sleep(1)
        return closed, refused, await call(port, "/readyz")

    with running(tmp_path / "index", connections=20) as server:
        closed, refused, served_again = asyncio.run(crowd(server.port))
    assert closed >= 90 - 20 - 50 - 1
    assert refused.status in (0, 503)
    assert served_again.status == 200


@OWN_SERVER
def test_a_client_elsewhere_is_limited_and_a_proxy_is_believed(tmp_path: Path) -> None:
    async def ask_as(port: int, address: str, path: str = "/api/ask") -> Reply:
        return await ask(port, FAIR, path, x_forwarded_for=address)

    async def visit(port: int) -> None:
        for _ in range(3):
            assert right(await ask_as(port, "203.0.113.7"))
        for path in ("/api/ask", "/api/ask/stream"):
            refused = await ask_as(port, "203.0.113.7", path)
            assert refused.status == 429
            assert int(refused.headers["retry-after"]) > 0
            assert refused.json()["detail"].startswith("您问得太快了")
        assert right(await ask_as(port, "203.0.113.8"))
        for _ in range(5):
            assert right(await ask(port, FAIR))

    with running(tmp_path / "index", rate=3) as server:
        asyncio.run(visit(server.port))
        assert server.figure("wenbao_busy_total") == 2
    with running(tmp_path / "index", rate=3, trusted_proxies="203.0.113.1") as server:
        replies = [asyncio.run(ask_as(server.port, "203.0.113.7")) for _ in range(5)]
        assert all(right(reply) for reply in replies)  # of a proxy that nobody trusts: this machine


# Long use


def test_ten_thousand_chats_leave_nothing_behind(server: Running, torture: Torture) -> None:
    import psutil

    process = psutil.Process(server.process.pid)
    count, at_once = torture.times(160, 10_000), 16

    def sizes() -> tuple[float, int, int]:
        return process.memory_info().rss / 2**20, process.num_fds(), process.num_threads()

    async def chats(numbers: range) -> None:
        left = iter(numbers)

        async def one() -> None:
            for number in left:
                face = FACES[number % len(FACES)]
                assert right(await asked(server.port, face, FAIR)), face

        await asyncio.gather(*(one() for _ in range(at_once)))

    asyncio.run(chats(range(count // 10)))  # what is made once
    measured = []
    for tenth in range(9):
        asyncio.run(chats(range(count * (tenth + 1) // 10, count * (tenth + 2) // 10)))
        time.sleep(0.2)
        measured.append(sizes())
    first, last = measured[len(measured) // 2], measured[-1]
    if torture.full:
        grown_mb = last[0] - first[0]
        assert grown_mb < 16, measured
    assert last[1] <= first[1] + 5, measured
    assert last[2] <= first[2] + 2, measured
    torture.tell(
        "chats one after another",
        chats=count,
        **{
            "memory at half and end [MiB]": f"{first[0]:.0f} → {last[0]:.0f}",
            "descriptors": f"{first[1]} → {last[1]}",
            "threads": f"{first[2]} → {last[2]}",
        },
    )


# The end


def stopped(server: Running, within_s: float) -> int:
    """Return the exit code of a server that was told to stop."""
    return server.process.wait(within_s * slow_down())


def test_what_is_asked_before_the_end_is_answered(tmp_path: Path) -> None:
    async def end(server: Running) -> None:
        running_ = [asyncio.create_task(asked(server.port, face, FAIR)) for face in FACES]
        await until(lambda: server.figure("wenbao_waiting") == len(FACES) - 1, 60)
        server.terminate()
        await asyncio.sleep(0.1)
        ready = await call(server.port, "/readyz")
        assert (ready.status, ready.json()["status"]) == (503, "stopping")
        late = await ask(server.port, FAIR)
        assert late.status == 503
        assert late.json()["detail"] == STRINGS["zh"].busy_stopping
        for reply in await asyncio.gather(*running_):
            assert right(reply), reply

    with running(tmp_path / "index", "--pause", "1.5", workers=1, grace_s=60) as server:
        asyncio.run(end(server))
        assert stopped(server, 20) == 0


@OWN_SERVER
def test_what_does_not_end_in_time_is_stopped_and_told_so(tmp_path: Path, torture: Torture) -> None:
    count = torture.times(4, 20)

    async def end(server: Running) -> list[Reply]:
        texts = (ENDLESS, SILENT)
        crowd = [
            asyncio.create_task(asked(server.port, FACES[n % 4], texts[n // 4 % 2]))
            for n in range(count)
        ]
        await until(lambda: server.figure("wenbao_answering") == 2, 60)
        server.terminate()
        return await asyncio.gather(*crowd)

    with running(tmp_path / "index", workers=2, grace_s=1) as server:
        replies = asyncio.run(end(server))
        began = time.monotonic()
        assert stopped(server, 20) == 0
    for reply in replies:
        assert STRINGS["zh"].busy_stopping in json.loads(f'"{_plain(reply.body)}"'), reply
    torture.tell(
        "stopped under load", questions=count, told=count,
        **{"end after that [s]": round(time.monotonic() - began, 1)},
    )  # fmt: skip


def _plain(body: str) -> str:
    return body.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ").replace("\r", " ")


@OWN_SERVER
def test_a_second_signal_ends_at_once(tmp_path: Path) -> None:
    async def end(server: Running) -> None:
        asker = asyncio.create_task(ask(server.port, SILENT))
        await until(lambda: server.figure("wenbao_answering") == 1, 60)
        server.terminate()
        await asyncio.sleep(0.3)
        server.terminate()
        assert not (await asker).body

    with running(tmp_path / "index", grace_s=60) as server:
        asyncio.run(end(server))
        assert stopped(server, 3) == 128 + 15


@OWN_SERVER
def test_an_end_while_pages_are_indexed_leaves_the_index_whole(
    own_index: Path, tmp_path: Path, torture: Torture
) -> None:
    import httpx

    from index.store import load_index, verify_index

    uploads = tmp_path / "uploads"
    uploads.mkdir()
    page = "第20届文旅博览会\n\n本报讯 昨日,展会共吸引专业采购商58092人次。\n" * 40
    files = [("pages", (f"page-{n}.txt", page.encode(), "text/plain")) for n in range(60)]
    for number in range(torture.times(1, 6)):
        with running(own_index, "serve", module="ui", uploads=uploads, grace_s=1) as server:
            reply = httpx.post(
                f"{server.address}/corpus/add", files=files, timeout=60,
                headers={"accept": "application/json"},
            )  # fmt: skip
            assert reply.status_code == 202
            time.sleep(0.2 * number)
            server.terminate()
            assert stopped(server, 60) == 0
        assert not list(verify_index(own_index))
        assert load_index(own_index).articles


# A new generation while questions are asked


def test_a_switch_drops_no_question_and_mixes_no_generations(
    small_model: Path, tmp_path: Path, torture: Torture
) -> None:
    import httpx

    from index.build import build_index
    from index.embedding import load_embedder
    from rag.answering import load_answerer
    from rag.config import load_settings
    from ui.library import Library
    from ui.live import Live

    pages = tmp_path / "pages"
    pages.mkdir()

    def printed(number: int) -> None:
        for name in ("first", "second"):
            words = f"第{number}号统计显示,文旅博览会共吸引专业采购商{number}0582人次,来自各国。"
            (pages / f"{name}.txt").write_text(
                f"文旅博览会采购商人数公布\n\n本报讯 {words}\n\n展会在国际博览中心圆满收官。\n",
                encoding="utf-8",
            )

    settings = load_settings(
        index=tmp_path / "index", model=str(small_model), seeds=pages, feedback=""
    )
    embedder = load_embedder(str(small_model))
    printed(100)
    build_index([pages], settings.index, embedder)
    answerer = load_answerer(settings)
    switches = torture.times(3, 20)
    libraries: list[Library] = []
    former: list[weakref.ref[Any]] = []  # not the first, which who serves the test holds
    over = threading.Event()

    def library(live: Live) -> Library:
        libraries.append(Library(live, settings, embedder))
        return libraries[0]

    def asker(address: str) -> tuple[int, set[str]]:
        count, seen = 0, set[str]()
        with httpx.Client(timeout=120) as client:
            while not over.is_set():
                reply = client.post(
                    f"{address}/api/ask", json={"question": "文旅博览会来了多少采购商？"}
                )
                assert reply.status_code == 200, reply.text
                answer = reply.json()
                texts = " ".join(
                    [each["text"] for each in answer["passages"]]
                    + [each["quote"] for each in answer["citations"]]
                )
                numbers = {each for each in known_numbers if f"第{each}号" in texts}
                assert len(numbers) == 1, (numbers, answer)
                seen |= numbers
                count += 1
        return count, seen

    known_numbers = [str(number) for number in range(100, 101 + switches)]
    with served(answerer, settings, library) as address, ExitStack() as stack:
        askers = stack.enter_context(ThreadPoolExecutor(8))
        stack.callback(over.set)
        asked_ = [askers.submit(asker, address) for _ in range(8)]
        for number in range(101, 101 + switches):
            printed(number)
            build_index([pages], settings.index, embedder)
            libraries[0].look()
            former.append(weakref.ref(libraries[0].live.answerer))
            time.sleep(0.3)
        over.set()
        results = [each.result(120) for each in asked_]
        deadline = time.monotonic() + 20
        while sum(each() is not None for each in former) > 1 and time.monotonic() < deadline:
            gc.collect()
            time.sleep(0.2)
        left = sum(each() is not None for each in former)
        libraries[0].close()
    questions, seen = sum(count for count, _ in results), set().union(*(s for _, s in results))
    assert questions
    assert len(seen) > 1
    assert left == 1, "a former generation is kept"
    torture.tell(
        "switched while asked", switches=switches, questions=questions, errors=0, mixed=0,
        **{"generations in memory at the end": left},
    )  # fmt: skip
