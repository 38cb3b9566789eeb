"""Wrong passwords: who tries too often waits, and nobody can lock another out."""

import asyncio
from pathlib import Path

import pytest

from rag.config import load_settings
from tests.torture import Torture
from ui.accounts import Accounts, NotNowError
from ui.throttle import ADDRESS, FORGOTTEN_AFTER_S, KEPT, NAME, PAIR, Throttle
from ui.users import add_user

HERE, THERE = "198.51.100.7", "203.0.113.9"
GOOD = "ferry harbour lamp"


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throttle(clock: Clock) -> Throttle:
    return Throttle(clock)


def fail(throttle: Throttle, name: str, address: str) -> bool:
    """Try a wrong password; return whether it was looked at."""
    if throttle.wait_s(name, address) > 0:
        return False
    throttle.begin(name, address)
    return True


def test_a_few_wrong_passwords_cost_nothing(throttle: Throttle) -> None:
    assert all(fail(throttle, "lin", HERE) for _ in range(PAIR.free))
    assert throttle.wait_s("lin", HERE) > 0


def test_each_further_one_waits_twice_as_long_up_to_a_limit(
    throttle: Throttle, clock: Clock
) -> None:
    for _ in range(PAIR.free):
        fail(throttle, "lin", HERE)
    waits = []
    for _ in range(14):
        waits.append(throttle.wait_s("lin", HERE))
        clock.now_s += waits[-1]
        assert fail(throttle, "lin", HERE)
    assert waits[:5] == [1, 2, 4, 8, 16]
    assert waits[-1] == PAIR.longest_s


def test_one_address_cannot_lock_a_name_out_for_others(throttle: Throttle, clock: Clock) -> None:
    for _ in range(24 * 3600):  # a try each second, all day long
        fail(throttle, "lin", HERE)
        clock.now_s += 1
    assert throttle.wait_s("lin", HERE) > 60
    assert throttle.wait_s("lin", THERE) <= NAME.longest_s


def test_many_addresses_cannot_lock_a_name_out_for_long(throttle: Throttle) -> None:
    for number in range(5_000):
        fail(throttle, "lin", f"10.0.{number // 250}.{number % 250}")
    assert 0 < throttle.wait_s("lin", THERE) <= NAME.longest_s


def test_an_address_that_tries_many_names_waits_too(throttle: Throttle) -> None:
    looked_at = sum(fail(throttle, f"name{number}", HERE) for number in range(1_000))
    assert looked_at == ADDRESS.free


def test_a_right_password_forgives_its_name_alone(throttle: Throttle) -> None:
    for number in range(ADDRESS.free - 1):
        fail(throttle, f"name{number}", HERE)
    throttle.begin("lin", HERE)
    throttle.succeeded("lin", HERE)
    assert throttle.wait_s("lin", HERE) == 0
    fail(throttle, "other", HERE)
    assert throttle.wait_s("more", HERE) > 0


def test_failures_are_forgotten_after_an_hour(throttle: Throttle, clock: Clock) -> None:
    for _ in range(PAIR.free):
        fail(throttle, "lin", HERE)
    clock.now_s += FORGOTTEN_AFTER_S + 1
    assert all(fail(throttle, "lin", HERE) for _ in range(PAIR.free))


def test_its_memory_is_bounded(throttle: Throttle) -> None:
    for number in range(30_000):
        fail(
            throttle, f"name{number}", f"10.{number // 65536}.{number // 256 % 256}.{number % 256}"
        )
    assert len(throttle._failures) == KEPT


def test_one_network_of_addresses_waits_as_one(throttle: Throttle) -> None:
    for number in range(PAIR.free):
        fail(throttle, "lin", f"2001:db8:1:2::{number}")
    assert throttle.wait_s("lin", "2001:db8:1:2:ffff::1") > 0
    assert throttle.wait_s("lin", "2001:db8:1:3::1") == 0


# With passwords


@pytest.fixture
def users(tmp_path: Path) -> Path:
    add_user(tmp_path / "users", "lin", "reader", GOOD)
    return tmp_path / "users"


async def tried(accounts: Accounts, password: str, address: str = HERE) -> str:
    try:
        user = await accounts.log_in("lin", password, address)
    except NotNowError as error:
        return "busy" if error.busy else "later"
    return "in" if user else "wrong"


@pytest.mark.torture
def test_fifty_wrong_passwords_are_throttled(users: Path, clock: Clock, torture: Torture) -> None:
    accounts = Accounts(load_settings(users=users), Throttle(clock))
    hours = torture.times(1, 240)

    async def fifty() -> list[str]:
        return [await tried(accounts, f"wrong {number}") for number in range(50)]

    looked_at = (said := asyncio.run(fifty())).count("wrong")
    assert looked_at == PAIR.free
    assert said.count("later") == 50 - PAIR.free

    async def on_and_on() -> int:
        """Try again as soon as one may, for hours; return how often that was looked at."""
        count, end_s = 0, clock.now_s + hours * 3600
        while clock.now_s < end_s:
            clock.now_s += max(accounts._throttle.wait_s("lin", HERE), 0.01)
            count += await tried(accounts, "wrong") == "wrong"
        return count

    in_hours = asyncio.run(on_and_on())
    assert in_hours <= 10 + 4 * hours
    clock.now_s += NAME.longest_s
    assert asyncio.run(tried(accounts, GOOD)) == "later"
    assert asyncio.run(tried(accounts, GOOD, THERE)) == "in"
    torture.tell(
        "50 wrong passwords throttled",
        looked_at=looked_at, refused=50 - looked_at, looked_at_in_ten_days=in_hours,
        locked_out_elsewhere_s=NAME.longest_s,
    )  # fmt: skip


def test_fifty_at_the_same_time_are_throttled_as_well(users: Path, clock: Clock) -> None:
    accounts = Accounts(load_settings(users=users), Throttle(clock))

    async def at_once() -> list[str]:
        return await asyncio.gather(*(tried(accounts, f"wrong {each}") for each in range(50)))

    said = asyncio.run(at_once())
    assert said.count("wrong") == PAIR.free
    assert said.count("later") == 50 - PAIR.free


def test_a_flood_from_everywhere_is_told_to_come_back(users: Path, clock: Clock) -> None:
    accounts = Accounts(load_settings(users=users), Throttle(clock))

    async def at_once() -> list[str]:
        tries = (accounts_tried(number) for number in range(48))
        return await asyncio.gather(*tries)

    async def accounts_tried(number: int) -> str:
        try:
            return str(await accounts.log_in(f"name{number}", "wrong", f"10.0.0.{number}"))
        except NotNowError as error:
            return "busy" if error.busy else "later"

    said = asyncio.run(at_once())
    assert said.count("busy") == 8
