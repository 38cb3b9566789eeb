"""The gate of all questions: a line, a share for each, time that ends, and work that stops."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from rag import stopping
from rag.stopping import Stop, StoppedError
from ui.askers import MAX_KNOWN, Asker, Rates, asking, name_of
from ui.strings import STRINGS
from ui.workers import BusyError, Workers, ticking


def blocked(gate: threading.Event) -> str:
    while not gate.wait(0.01):
        stopping.check()
    return "done"


async def until(true: Callable[[], bool], within_s: float = 5.0) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "it did not come about"
        await asyncio.sleep(0.01)


def crowded(
    workers: Workers, then: Callable[[threading.Event], Coroutine[Any, Any, None]], count: int = 1
) -> list[object]:
    """Return what became of ``count`` questions that took places while ``then`` was done."""

    async def crowd() -> list[object]:
        gate = threading.Event()
        asked = [asyncio.create_task(workers.run(lambda: blocked(gate))) for _ in range(count)]
        await until(lambda: workers.answering + workers.waiting == count)
        try:
            await then(gate)
        finally:
            gate.set()
        return list(await asyncio.gather(*asked, return_exceptions=True))

    return asyncio.run(crowd())


@pytest.mark.parametrize("language", ["zh", "en", "zh-Hant"])
def test_a_full_line_says_in_the_askers_language_when_to_come_again(language: Any) -> None:
    workers = Workers(at_once=1, waiting=1)
    workers._mean_s = 6.0

    async def another(_: threading.Event) -> None:
        with pytest.raises(BusyError) as raised:
            workers.admit(Asker(language=language))
        assert raised.value.status == 503
        assert raised.value.retry_after_s == 12
        assert str(raised.value) == STRINGS[language].busy_of.format(seconds=12)

    assert crowded(workers, another, 2) == ["done"] * 2


def test_who_would_wait_longer_than_an_answer_may_take_is_told_at_once() -> None:
    workers = Workers(at_once=1, waiting=100, deadline_s=10)
    workers._mean_s = 6.0

    async def others(_: threading.Event) -> None:
        with pytest.raises(BusyError) as raised:
            workers.admit(Asker())
        assert (raised.value.reason, raised.value.retry_after_s) == ("long", 2)

    crowded(workers, others, 2)


def test_questions_are_answered_in_the_order_they_came() -> None:
    async def line() -> list[int]:
        workers, order = Workers(at_once=1, waiting=10), list[int]()
        await asyncio.gather(*(workers.run(lambda n=n: order.append(n)) for n in range(10)))  # type: ignore[misc]
        assert (workers.answering, workers.waiting) == (0, 0)
        return order

    assert asyncio.run(line()) == list(range(10))


def test_who_leaves_the_line_lets_the_next_one_come() -> None:
    workers = Workers(at_once=1, waiting=2)

    async def leave(gate: threading.Event) -> None:
        second = asyncio.create_task(workers.run(lambda: blocked(gate)))
        third = asyncio.create_task(workers.run(lambda: "third"))
        await until(lambda: workers.waiting == 2)
        second.cancel()
        await until(lambda: workers.waiting == 1)
        gate.set()
        assert await third == "third"

    assert crowded(workers, leave) == ["done"]
    assert (workers.answering, workers.waiting) == (0, 0)


def test_a_place_is_free_as_soon_as_its_asker_has_gone() -> None:
    async def gone() -> None:
        workers, stop, gate = Workers(at_once=1), Stop(), threading.Event()
        workers.admit(Asker(stop=stop))  # and never used
        assert workers.answering == 1
        stop.stop("gone")
        await until(lambda: workers.answering == 0)
        stop = Stop()
        asked = asyncio.create_task(
            workers.run(lambda: blocked(gate), workers.admit(Asker(stop=stop)))
        )
        await asyncio.sleep(0.05)
        stop.stop("gone")
        with pytest.raises(StoppedError):
            await asked
        assert await workers.run(lambda: "next") == "next"

    asyncio.run(gone())


def test_what_takes_too_long_is_stopped_between_its_steps() -> None:
    ended = threading.Event()

    def steps() -> Iterator[int]:
        try:
            for number in range(1000):
                time.sleep(0.02)
                yield number
        finally:
            ended.set()

    async def late() -> None:
        answers = Workers(deadline_s=0.2).each(steps())
        assert await anext(answers) == 0
        with pytest.raises(BusyError) as raised:
            assert not [each async for each in answers]
        assert raised.value.reason == "late"
        assert str(raised.value) == STRINGS["en"].busy_late

    asyncio.run(late())
    assert ended.wait(5)


def test_one_long_step_does_not_keep_its_asker_waiting() -> None:
    gate = threading.Event()

    async def late() -> float:
        began = time.monotonic()
        with pytest.raises(BusyError):
            await Workers(deadline_s=0.1).run(lambda: gate.wait(3))
        return time.monotonic() - began

    try:
        assert asyncio.run(late()) < 2
    finally:
        gate.set()


def test_a_server_that_stops_takes_no_question_and_ends_those_it_has() -> None:
    workers = Workers(at_once=1)

    async def stop(_: threading.Event) -> None:
        workers.close()
        with pytest.raises(BusyError) as raised:
            workers.admit(asking("会来多少人？"))
        assert str(raised.value) == STRINGS["zh"].busy_stopping
        workers.stop_all("stopping")
        await until(lambda: not workers.answering and not workers.waiting)

    running, waiting = crowded(workers, stop, 2)
    for each in (running, waiting):
        assert isinstance(each, BusyError)
        assert each.reason == "stopping"


def test_one_asker_has_a_share_and_a_rate_and_the_operator_has_neither() -> None:
    async def ask() -> None:
        workers = Workers(at_once=1, rates=Rates(3), share=2)
        greedy = Asker("203.0.113.7")
        for _ in range(2):
            workers.admit(greedy)
        with pytest.raises(BusyError) as shared:
            workers.admit(greedy)
        assert (shared.value.reason, shared.value.status) == ("share", 429)
        workers.admit(Asker("203.0.113.8"))
        for _ in range(10):
            workers.admit(Asker())
        workers.stop_all("gone")
        await until(lambda: not workers.answering)
        workers.admit(greedy)
        workers.stop_all("gone")
        await until(lambda: not workers.answering)
        with pytest.raises(BusyError) as rated:
            workers.admit(greedy)
        assert (rated.value.reason, rated.value.status) == ("rate", 429)
        assert 15 <= rated.value.retry_after_s <= 20

    asyncio.run(ask())


def test_a_rate_comes_back_with_time() -> None:
    now = 0.0
    rates = Rates(60, clock=lambda: now)
    assert not any(rates.take("a") for _ in range(60))
    assert rates.take("a") == pytest.approx(1.0)
    assert rates.take("b") == 0
    now = 2.0
    assert [rates.take("a"), rates.take("a"), rates.take("a")] == [0, 0, pytest.approx(1.0)]
    assert not any(Rates(0).take("a") for _ in range(1000))


@pytest.mark.torture
def test_a_hundred_thousand_addresses_take_no_more_memory(torture: Any) -> None:
    import tracemalloc

    rates, count = Rates(60), torture.times(30_000, 100_000)
    tracemalloc.start()
    try:
        sizes = []
        for number in range(count):
            rates.take(f"198.51.{number >> 8}.{number & 255}")
            if number + 1 in (count // 2, count):
                sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    half, whole = sizes
    assert len(rates) == MAX_KNOWN
    assert whole < half * 1.05
    torture.tell("addresses of the limiter", addresses=count, bytes=whole)


@pytest.mark.parametrize(
    ("host", "state", "name"),
    [
        ("127.0.0.1", {}, ""),
        ("::1", {}, ""),
        ("127.0.0.1", {"user": "amy"}, "user:amy"),
        ("203.0.113.7", {}, "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", {}, "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", {}, "203.0.113.7"),
        ("::ffff:127.0.0.1", {}, ""),
        ("testclient", {}, ""),
    ],
)
def test_an_asker_is_known_by_login_address_or_network(host: str, state: Any, name: str) -> None:
    assert name_of((host, 1), state) == name


def test_this_machine_is_limited_where_that_is_asked_for() -> None:
    assert name_of(("127.0.0.1", 1), {}, local_too=True) == "127.0.0.1"


def test_ticks_tell_that_a_step_is_awaited() -> None:
    async def ticks() -> list[int | None]:
        workers, gate = Workers(at_once=1), threading.Event()

        def steps() -> Iterator[int]:
            yield 1
            blocked(gate)
            yield 2

        found = list[int | None]()
        async for each in ticking(workers.each(steps()), 0.05):
            found.append(each)
            if found.count(None) == 2:
                gate.set()
        assert not workers.answering
        return found

    found = asyncio.run(ticks())
    assert [each for each in found if each] == [1, 2]
    assert found.count(None) >= 2


def test_work_that_nobody_stops_goes_on() -> None:
    stopping.check()
    assert stopping.left_s() > 1e9
    with stopping.heeding(Stop(time.monotonic() - 1)), pytest.raises(StoppedError, match="late"):
        stopping.check()
