"""Who somebody is: by a session, a password, a token, or what a trusted proxy says.

A session is a signed cookie that holds a name and the stamp of its password: it ends when its
time is up, when somebody logs out with it, when the password is set anew and when the user is
removed. Wrong passwords are throttled (``ui/throttle.py``), and few are looked at at a time.
"""

import asyncio
import base64
import binascii
import hmac
import logging
import math
import secrets
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from starlette.datastructures import Headers

from index.types import CorpusError
from rag.config import Settings
from ui.door import Client, listed
from ui.private import write_private
from ui.throttle import Throttle
from ui.users import Role, User, is_password, of_token, read_users

if TYPE_CHECKING:
    from itsdangerous import URLSafeTimedSerializer

CHECKED_AT_ONCE = 2  # passwords: each takes a core and 19 MiB for a while
WAITING_CHECKS = 40
KEPT_RIGHT = 256  # passwords of programs, which send them with every call
KEPT_ENDED = 10_000  # sessions that were logged out of

By = Literal["session", "password", "token", "proxy"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is known, and by what."""

    name: str
    role: Role
    by: By


class NotNowError(Exception):
    """A password is not looked at now: come back in ``wait_s`` seconds."""

    def __init__(self, wait_s: float, busy: bool = False) -> None:
        self.wait_s = max(1, math.ceil(wait_s))
        self.busy = busy
        self.status = 503 if busy else 429
        why = "too many passwords are being looked at" if busy else "too many tries"
        super().__init__(f"{why}: wait {self.wait_s} seconds")


class Accounts:
    """Knows visitors by ``settings``; for one event loop."""

    def __init__(self, settings: Settings, throttle: Throttle | None = None) -> None:
        self.by_password = settings.users is not None
        self.session_s = int(settings.session_hours * 3600)
        self._path = settings.users
        self._version: tuple[int, ...] = ()
        self._users: dict[str, User] = {}
        self._header = settings.auth_header or ""
        self._editors = frozenset(listed(settings.editors))
        self._signer = _signer(settings) if settings.users else None
        self._throttle = throttle or Throttle()
        self._pool = ThreadPoolExecutor(CHECKED_AT_ONCE, "wenbao-password")
        self._checking = 0
        self._right: OrderedDict[bytes, str] = OrderedDict()
        self._right_key = secrets.token_bytes(32)
        self._ended: OrderedDict[str, None] = OrderedDict()

    @property
    def users(self) -> dict[str, User]:
        """The users of the password file as it is now; none where it cannot be read."""
        if self._path is None:
            return {}
        try:
            stat = self._path.stat()
            version: tuple[int, ...] = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        except OSError:
            version = (0,)
        if version != self._version:
            self._version = version
            try:
                self._users = read_users(self._path)
            except CorpusError as error:
                log.warning("nobody can log in: %s", error)
                self._users = {}
        return self._users

    async def visitor(self, headers: Headers, client: Client, cookie: str) -> Visitor | None:
        """Return whom a call comes from; None for nobody who is known.

        Raises :class:`NotNowError` for a password that comes too early.
        """
        named = headers.get(self._header, "").strip() if self._header and client.proxied else ""
        if named:
            return Visitor(named, "editor" if named in self._editors else "reader", "proxy")
        scheme, _, value = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return _visitor(of_token(self.users.values(), value.strip()), "token")
        if scheme.lower() == "basic":
            name, password = _basic(value)
            return _visitor(await self._program(name, password, client.address), "password")
        return _visitor(self._in_session(cookie), "session")

    async def log_in(self, name: str, password: str, address: str) -> User | None:
        """Return the user whose password this is. Raises :class:`NotNowError`."""
        wait_s = self._throttle.wait_s(name, address)
        if wait_s > 0:
            raise NotNowError(wait_s)
        if self._checking >= WAITING_CHECKS:
            raise NotNowError(WAITING_CHECKS / CHECKED_AT_ONCE / 4, busy=True)
        self._throttle.begin(name, address)
        user = self.users.get(name)
        self._checking += 1
        try:
            loop = asyncio.get_running_loop()
            right = await loop.run_in_executor(self._pool, is_password, user, password)
        finally:
            self._checking -= 1
        if not right:
            return None
        self._throttle.succeeded(name, address)
        return user

    async def _program(self, name: str, password: str, address: str) -> User | None:
        """Return the user of a password that comes with every call: looked at once."""
        told = f"{len(name)} {name} {password}".encode("utf-8", "replace")
        key = hmac.digest(self._right_key, told, "sha256")
        user = self.users.get(name)
        if user and self._right.get(key) == user.password:
            return user
        user = await self.log_in(name, password, address) if name else None
        if user:
            self._right[key] = user.password
            while len(self._right) > KEPT_RIGHT:
                self._right.popitem(last=False)
        return user

    # Sessions

    def session_of(self, user: User) -> str:
        """Return the cookie of a new session."""
        assert self._signer is not None
        return str(self._signer.dumps([user.name, user.stamp, secrets.token_hex(8)]))

    def end(self, cookie: str) -> None:
        """End the session of a cookie, if it is one."""
        found = self._read(cookie)
        if found:
            self._ended[found[2]] = None
            while len(self._ended) > KEPT_ENDED:
                self._ended.popitem(last=False)

    def _in_session(self, cookie: str) -> User | None:
        found = self._read(cookie)
        if found is None or found[2] in self._ended:
            return None
        user = self.users.get(found[0])
        return user if user and hmac.compare_digest(user.stamp, found[1]) else None

    def _read(self, cookie: str) -> tuple[str, str, str] | None:
        """Return the name, the stamp and the id in a cookie that was signed here lately."""
        from itsdangerous import BadData

        if not cookie or self._signer is None:
            return None
        try:
            held: Any = self._signer.loads(cookie, max_age=self.session_s)
        except BadData:
            return None
        name, stamp, session = held
        return name, stamp, session


def accounts_of(settings: Settings) -> Accounts | None:
    """Return who may come in; None where nobody has to log in.

    Raises :class:`CorpusError` for a password file that cannot be read or holds nobody, and
    for a key of sessions that is none.
    """
    if settings.users is None and settings.auth_header is None:
        return None
    if settings.users:
        require_somebody(settings.users)
    return Accounts(settings)


def require_somebody(path: Path) -> None:
    """Raise :class:`CorpusError` for a password file that cannot be read or holds nobody."""
    if not read_users(path):
        raise CorpusError(
            f"WENBAO_USERS={str(path)!r}: there is nobody in it; "
            "add somebody with: wenbao user add NAME --role editor"
        )


def secret_path(settings: Settings) -> Path:
    """Return where the key of the sessions is kept."""
    assert settings.users is not None
    return settings.secret_file or settings.users.with_name(f"{settings.users.name}.secret")


def _signer(settings: Settings) -> "URLSafeTimedSerializer":
    """Return what signs sessions, with the key of its file, which is made where there is none."""
    import hashlib

    from itsdangerous import URLSafeTimedSerializer

    path = secret_path(settings)
    if not path.exists():
        write_private(path, secrets.token_urlsafe(48).encode() + b"\n")
    key = path.read_bytes().strip()
    if len(key) < 32:
        raise CorpusError(
            f"{path}: {len(key)} bytes are no key for sessions (32 at least); remove the file, "
            "and a new one is made"
        )
    options = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    return URLSafeTimedSerializer(key, salt="wenbao session", signer_kwargs=options)


def _visitor(user: User | None, by: By) -> Visitor | None:
    return Visitor(user.name, user.role, by) if user else None


def _basic(value: str) -> tuple[str, str]:
    """Return the name and the password of HTTP Basic (RFC 7617, UTF-8); empty for none."""
    try:
        text = base64.b64decode(value.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return "", ""
    name, _, password = text.partition(":")
    return name, password
