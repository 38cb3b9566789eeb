"""Who may log in: the password file of ``WENBAO_USERS``, one user a line.

::

    name:role:argon2id hash of the password[:sha256 of the token for programs]

Neither a password nor a token can be got out of it. ``wenbao user`` writes it.
"""

import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from filelock import FileLock, Timeout

from index.types import CorpusError
from ui.private import write_private

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argon2 import PasswordHasher

Role = Literal["reader", "editor"]
ROLES: tuple[Role, ...] = get_args(Role)
MIN_PASSWORD_CHARS = 10
MAX_PASSWORD_CHARS = 500
TOKEN_MARK = "wenbao_"  # how a token begins: scanners of leaks find it
LOCK_TIMEOUT_S = 5.0

_NAME = re.compile(r"[\w.@+-]{1,64}")


@dataclass(frozen=True, slots=True)
class User:
    """A user: ``password`` and ``token`` are digests; without a token the latter is empty."""

    name: str
    role: Role
    password: str
    token: str = ""

    @property
    def stamp(self) -> str:
        """Another one whenever the password was set anew: what a session holds on to."""
        return hashlib.sha256(self.password.encode()).hexdigest()[:16]


def read_users(path: Path) -> dict[str, User]:
    """Return the users of a password file by name, in its order.

    Raises :class:`CorpusError` for a file that cannot be read, and for a line that is none.
    """
    return _users_of(_lines_of(path), path)


def _lines_of(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not text"
        raise CorpusError(
            f"WENBAO_USERS={str(path)!r}: cannot be read ({reason}); "
            "make it with: wenbao user add NAME --role editor"
        ) from None


def _users_of(lines: Iterable[str], path: Path) -> dict[str, User]:
    users: dict[str, User] = {}
    for number, line in enumerate(lines, 1):
        if _is_remark(line):
            continue
        name, role, password, token = (*line.strip().split(":"), "", "", "", "")[:4]
        if role not in ROLES or not password.startswith("$argon2id$") or not _NAME.fullmatch(name):
            raise CorpusError(
                f"{path}: line {number} is no user (name:role:hash); remove it, and add the user "
                "with: wenbao user add NAME --role reader|editor"
            )
        users[name] = User(name, role, password, token)
    return users


def _is_remark(line: str) -> bool:
    return not line.strip() or line.startswith("#")


@contextmanager
def changing(path: Path) -> "Iterator[dict[str, User]]":
    """Yield the users of a password file, and write back what the caller made of them.

    A file that is not there has none; remarks and blank lines stay where they are. Raises
    :class:`CorpusError` where another process changes it, and what :func:`read_users` raises.
    """
    try:
        with FileLock(f"{path}.lock", timeout=LOCK_TIMEOUT_S, mode=0o600):
            lines = _lines_of(path) if path.exists() else []
            users = _users_of(lines, path)
            yield users
            write_private(path, "".join(_written(lines, users)).encode())
    except Timeout:
        raise CorpusError(f"{path}: another process is changing it; try again") from None


def _written(lines: Iterable[str], users: Mapping[str, User]) -> "Iterator[str]":
    """Yield ``lines`` with the ``users`` as they are now, new ones at the end."""
    left = dict(users)
    for line in lines:
        if _is_remark(line):
            yield f"{line}\n"
        elif user := left.pop(line.strip().partition(":")[0], None):
            yield _line(user)
    yield from map(_line, left.values())


def _line(user: User) -> str:
    fields = (user.name, user.role, user.password, *([user.token] if user.token else []))
    return ":".join(fields) + "\n"


def add_user(path: Path, name: str, role: Role, password: str) -> bool:
    """Add a user, or give one who is there this role and password; return whether one was.

    A token of before is gone. Raises :class:`CorpusError` for what is no name and no good
    password.
    """
    require_name(name)
    _require_good(name, password)
    with changing(path) as users:
        known = name in users
        users[name] = User(name, role, hash_of(password))
    return known


def remove_user(path: Path, name: str) -> None:
    """Take a user out. Raises :class:`CorpusError` when there is none of this name."""
    with changing(path) as users:
        _require_known(users, name, path)
        del users[name]


def make_token(path: Path, name: str) -> str:
    """Return a new token for the programs of a user; only its digest is kept.

    The one of before is worth nothing any more. Raises :class:`CorpusError` when there is no
    user of this name.
    """
    token = TOKEN_MARK + secrets.token_urlsafe(32)
    with changing(path) as users:
        _require_known(users, name, path)
        users[name] = replace(users[name], token=_digest(token))
    return token


def of_token(users: Iterable[User], token: str) -> User | None:
    """Return the user whose token this is; every user is looked at, however early it is found."""
    wanted = _digest(token)
    found = None
    for user in users:
        if hmac.compare_digest(user.token.encode(), wanted.encode()):
            found = user
    return found


def hash_of(password: str) -> str:
    """Return the argon2id hash of a password, with its salt and its costs."""
    return _hasher().hash(_normal(password))


def is_password(user: User | None, password: str) -> bool:
    """Return whether this is the password of ``user``; for nobody it is not, at the same cost."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        _hasher().verify(user.password if user else _nobodys(), _normal(password))
    except (InvalidHashError, VerificationError):
        return False
    return user is not None


@lru_cache
def _hasher() -> "PasswordHasher":
    """Return argon2id at the costs that OWASP's cheat sheet on passwords gives as the least.

    19 MiB a password: a flood of them must not take the memory of the server.
    """
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@lru_cache
def _nobodys() -> str:
    return hash_of(secrets.token_urlsafe())


def _normal(password: str) -> str:
    """Return a password as it is hashed: the same however a keyboard composes its characters."""
    shown = password.encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFKC", shown[:MAX_PASSWORD_CHARS])


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def require_name(name: str) -> None:
    """Raise :class:`CorpusError` for what cannot be the name of a user."""
    if not _NAME.fullmatch(name):
        raise CorpusError(
            f"{name[:80]!r} is no name: 1 to 64 letters, digits or . _ - @ + without spaces"
        )


def _require_good(name: str, password: str) -> None:
    if not MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
        raise CorpusError(
            f"a password has {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_CHARS} characters: choose "
            "another, such as four words that do not belong together"
        )
    if password.casefold() == name.casefold() or len(set(password)) < 4:
        raise CorpusError("this password would be guessed at once: choose another")


def _require_known(users: Mapping[str, User], name: str, path: Path) -> None:
    if name not in users:
        known = ", ".join(users) or "nobody"
        raise CorpusError(f"{path}: there is no user {name[:80]!r} ({known})")
