"""The password file: what is in it, who may read it, and the commands that write it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from index.types import CorpusError
from tests.conftest import ROOT
from ui.private import open_to_others
from ui.users import (
    MIN_PASSWORD_CHARS,
    add_user,
    is_password,
    make_token,
    of_token,
    read_users,
    remove_user,
)

GOOD = "ferry harbour lamp"


@pytest.fixture
def users(tmp_path: Path) -> Path:
    path = tmp_path / "users"
    add_user(path, "lin", "reader", GOOD)
    return path


def test_the_file_holds_no_password_and_no_token(users: Path) -> None:
    token = make_token(users, "lin")
    text = users.read_text("utf-8")
    assert GOOD not in text
    assert token not in text
    assert token.removeprefix("wenbao_") not in text
    (line,) = text.splitlines()
    assert line.startswith("lin:reader:$argon2id$v=19$m=19456,t=2,p=1$")


def test_only_its_owner_may_read_the_file(users: Path) -> None:
    assert open_to_others(users) == ""
    users.chmod(0o644)
    assert open_to_others(users) == "0644"
    make_token(users, "lin")  # writes it anew
    assert open_to_others(users) == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone may give a file away")
def test_what_root_writes_the_server_can_still_read(tmp_path: Path) -> None:
    server = 10_001
    os.chown(tmp_path, server, server)
    users = tmp_path / "users"
    for name in ("lin", "chen"):  # the first file, and one in the place of another
        add_user(users, name, "reader", GOOD)
        assert (users.stat().st_uid, users.stat().st_gid) == (server, server)
        assert open_to_others(users) == ""


def test_who_may_not_give_a_file_away_keeps_it(
    users: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "geteuid", lambda: users.stat().st_uid + 1)
    monkeypatch.setattr(os, "fchown", refused)
    make_token(users, "lin")
    assert read_users(users)["lin"].token


def test_remarks_and_blank_lines_stay_where_they_are(users: Path) -> None:
    (lin,) = users.read_text("utf-8").splitlines()
    users.write_text(f"# the desk\n\n{lin}\n# abroad\n", "utf-8")
    add_user(users, "chen", "editor", GOOD)
    make_token(users, "lin")
    before, blank, first, between, last = users.read_text("utf-8").splitlines()
    assert (before, blank, between) == ("# the desk", "", "# abroad")
    assert first.startswith(f"{lin}:")
    assert last.startswith("chen:editor:")
    remove_user(users, "lin")
    assert users.read_text("utf-8").splitlines() == [before, blank, between, last]


def test_a_password_is_right_or_wrong(users: Path) -> None:
    user = read_users(users)["lin"]
    assert is_password(user, GOOD)
    for wrong in ("", GOOD + " ", GOOD[:-1], user.password, "\udc80"):
        assert not is_password(user, wrong)
    assert not is_password(None, GOOD)


def test_nobody_costs_as_much_as_somebody(users: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from argon2 import PasswordHasher

    costs: list[str] = []
    verify = PasswordHasher.verify

    def watched(self: PasswordHasher, stored: str, password: str) -> bool:
        costs.append(stored.rpartition("$")[0].rpartition("$")[0])
        return verify(self, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", watched)
    is_password(read_users(users)["lin"], "wrong")
    is_password(None, "wrong")
    assert len(costs) == 2
    assert costs[0] == costs[1] == "$argon2id$v=19$m=19456,t=2,p=1"


def test_the_same_password_has_another_hash_each_time(users: Path) -> None:
    add_user(users, "chen", "editor", GOOD)
    hashes = {user.password for user in read_users(users).values()}
    assert len(hashes) == 2


def test_a_keyboard_may_compose_the_characters_of_a_password_as_it_likes(users: Path) -> None:
    add_user(users, "zoe", "reader", "Zo\u00eb\u2019s harbour")
    assert is_password(read_users(users)["zoe"], "Zoe\u0308\u2019s harbour")


def test_a_user_who_is_added_again_has_the_new_password_and_no_token(users: Path) -> None:
    token = make_token(users, "lin")
    assert add_user(users, "lin", "editor", "quite another one")
    user = read_users(users)["lin"]
    assert user.role == "editor"
    assert not is_password(user, GOOD)
    assert of_token([user], token) is None


def test_no_token_is_the_token_of_nobody(users: Path) -> None:
    assert of_token(read_users(users).values(), "") is None


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a\nb", "x" * 65, "#lin", "a/b"])
def test_a_name_that_is_none_is_refused(users: Path, name: str) -> None:
    with pytest.raises(CorpusError, match="is no name"):
        add_user(users, name, "reader", GOOD)


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaa", "x" * 501, "a-long-name"])
def test_a_bad_password_is_refused_and_not_told(users: Path, password: str) -> None:
    with pytest.raises(CorpusError) as told:
        add_user(users, "a-long-name", "reader", password)
    assert password not in str(told.value)
    assert list(read_users(users)) == ["lin"]


@pytest.mark.parametrize("line", ["x", "x:reader", "x:admin:$argon2id$a", "x:reader:plain text"])
def test_a_line_that_is_no_user_is_told_by_its_number_alone(users: Path, line: str) -> None:
    users.write_text(users.read_text("utf-8") + line + "\n", "utf-8")
    with pytest.raises(CorpusError, match="line 2 is no user") as told:
        read_users(users)
    assert "plain" not in str(told.value)


def test_removing_nobody_says_who_there_is(users: Path) -> None:
    with pytest.raises(CorpusError, match=r"no user 'wu' \(lin\)"):
        remove_user(users, "wu")


def test_a_file_that_could_not_be_written_stays_as_it_was(
    users: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = users.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        make_token(users, "lin")
    assert users.read_bytes() == before
    assert [path.name for path in users.parent.iterdir() if path.suffix != ".lock"] == ["users"]


# The commands


def wenbao(*words: object, typed: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "ui", *map(str, words)],
        cwd=ROOT, input=typed, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_commands_write_the_file(tmp_path: Path) -> None:
    users = tmp_path / "users"
    run = wenbao("user", "add", "wu", "--role", "editor", "--users", users, typed=GOOD + "\n")
    assert run.stdout == f"added: wu (editor) in {users}\n"
    assert open_to_others(users) == ""
    token = wenbao("user", "token", "wu", "--users", users).stdout.strip()
    found = of_token(read_users(users).values(), token)
    assert found is not None
    assert found.name == "wu"
    assert wenbao("user", "list", "--users", users).stdout.split() == ["wu", "editor", "token"]
    assert wenbao("user", "remove", "wu", "--users", users).returncode == 0
    assert read_users(users) == {}


def test_the_commands_say_what_is_wrong_in_one_line(tmp_path: Path) -> None:
    users = tmp_path / "users"
    for words, typed, status, told in (
        (("add", "wu"), GOOD, 1, "WENBAO_USERS"),
        (("add", "wu", "--users", users), "short", 1, f"{MIN_PASSWORD_CHARS} to"),
        (("add", "wu", "--role", "chief", "--users", users), GOOD, 2, "--role"),
        (("list", "--users", users), "", 1, "wenbao user add"),
    ):
        run = wenbao("user", *words, typed=typed)
        assert run.returncode == status, words
        assert told in run.stderr, words
        assert "Traceback" not in run.stderr
    assert not users.exists()


def test_a_closed_input_holds_no_password(tmp_path: Path) -> None:
    users = tmp_path / "users"
    run = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m ui user add bob --users '{users}' <&-"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 1
    assert run.stderr.count("\n") == 1
    assert f"{MIN_PASSWORD_CHARS} to" in run.stderr
    assert not users.exists()
