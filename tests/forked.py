"""Deeds done to an index by a process that is killed, or whose system calls fail, on the way.

A warm, single-threaded process forks a child for each deed, so that hundreds of deaths take a
minute. The child counts its *moments*: just before it opens a file to write, renames, removes
or makes something, and before and after each fsync. What befalls it at which moment is told
with the deed::

    with deeds() as child:
        child.do("build", paths=[...], folder=...)                   # and it ends well
        child.do("build", paths=[...], folder=..., fate=Killed(at=7))   # kill -9 at its seventh
"""

import errno
import json
import os
import resource
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

ROOT = Path(__file__).resolve().parent.parent
LIMIT_S = 60.0
DONE, KILLED = "done", "killed"

_MAKING = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


@dataclass(frozen=True)
class Fate:
    """What befalls a deed: nothing, or at its moment ``at`` (from 1) one of these.

    ``killed``: kill -9. ``fails``: the system call of that moment fails with ``number``, and
    all after it where ``on`` says so. ``vanishes``: ``folder`` is removed under it. ``recorded``:
    every moment is written down for :mod:`tests.outage`, beside ``folder``. Without a moment:
    kill -9 ``after_s`` seconds; no file may grow past ``file_bytes``; no more than
    ``open_files`` may be opened at once.
    """

    kind: Literal["", "killed", "fails", "vanishes", "recorded"] = ""
    at: int = 0
    after_s: float = 0.0
    number: int = errno.ENOSPC
    on: bool = False
    folder: str = ""
    file_bytes: int = 0
    open_files: int = 0


@dataclass(frozen=True)
class Outcome:
    """How a deed ended: ``done``, ``killed``, or the name of the error, with its message.

    ``said`` is what stood on stderr, ``code`` the exit code of a command line.
    """

    ended: str
    moments: int = 0
    seconds: float = 0.0
    message: str = ""
    said: str = ""
    code: int = 0


class Deeds:
    """The warm process. One deed at a time."""

    def __init__(self) -> None:
        one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-B", "-m", "tests.forked"],
            cwd=ROOT,
            env={**os.environ, **one_thread},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def do(self, deed: str, fate: Fate = Fate(), **given: Any) -> Outcome:
        """Return how the deed ended; one that hangs is killed, and fails the test."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        row = {"deed": deed, "fate": asdict(fate), "given": given}
        print(json.dumps(row, default=str), file=self._process.stdin, flush=True)
        outcome = Outcome(**json.loads(self._process.stdout.readline()))
        assert outcome.ended not in ("hung", "crashed"), (row, outcome)
        return outcome

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


@contextmanager
def deeds() -> Iterator[Deeds]:
    """Yield a warm process for deeds; it ends with the block."""
    child = Deeds()
    try:
        yield child
    finally:
        child.close()


# What follows is done in the warm process and its children.

Act = Callable[[int, str, int | None], None]


class Moments:
    """Counts the moments of this process and does at each what is to be done."""

    def __init__(self, act: "Act") -> None:
        self.count = 0
        self._act = act
        self._own = threading.local()  # what the acting itself does is no moment

    def watch(self) -> None:
        """Begin to count, in this process to its end."""

        def around(sync: Callable[[int], None]) -> Callable[[Any], None]:
            def synced(file: Any) -> None:
                number = file if isinstance(file, int) else file.fileno()
                self.comes()
                sync(number)
                self.comes(synced=number)

            return synced

        for name in ("fsync", "fdatasync"):
            setattr(os, name, around(getattr(os, name)))
        sys.addaudithook(self._audited)

    def _audited(self, event: str, given: tuple[Any, ...]) -> None:
        opened = event == "open" and isinstance(given[2], int) and given[2] & _WRITING
        if (opened and not isinstance(given[0], int)) or event in _MAKING:
            self.comes(str(given[0]))

    def comes(self, path: str = "", synced: int | None = None) -> None:
        """Count a moment, before ``path`` is touched or after ``synced``, a descriptor, was."""
        if getattr(self._own, "acting", False):
            return
        self._own.acting = True
        try:
            self.count += 1
            self._act(self.count, path, synced)
        finally:
            self._own.acting = False


def _act_of(fate: Fate) -> Act:
    """Return what is done at each moment, its number given."""
    if fate.kind == "recorded":
        from tests.outage import Recorder

        return Recorder(Path(fate.folder), Path(fate.folder + ".record")).moment

    def act(moment: int, path: str, synced: int | None) -> None:
        if fate.kind == "killed" and moment == fate.at:
            os.killpg(0, signal.SIGKILL)
        if fate.kind == "vanishes" and moment == fate.at:
            shutil.rmtree(fate.folder)
        came = moment == fate.at or (fate.on and moment > fate.at)
        if fate.kind == "fails" and came and synced is None:
            raise OSError(fate.number, os.strerror(fate.number), path or None)

    return act


def _build(paths: list[str], folder: str) -> None:
    from index.build import build_index
    from tests.embedders import BigramEmbedder

    build_index([Path(path) for path in paths], Path(folder), BigramEmbedder())


def _remove(names: list[str], folder: str) -> None:
    from index.build import remove
    from tests.embedders import BigramEmbedder

    remove(names, Path(folder), BigramEmbedder())


def _rollback(folder: str) -> None:
    from index.store import switch_back

    switch_back(Path(folder))


def _hold(folder: str, seconds: float) -> None:
    """Have the right to write for a while."""
    from index.store import writer_lock

    with writer_lock(Path(folder)):
        time.sleep(seconds)


def _command(words: list[str]) -> None:
    """Run the command line, with an embedder that loads at once."""
    import index.embedding
    from tests.embedders import BigramEmbedder
    from ui import cli

    index.embedding.load_embedder = lambda *_: BigramEmbedder()
    sys.argv = ["wenbao", *words]
    cli.main()


DEEDS: dict[str, Callable[..., None]] = {
    "build": _build,
    "remove": _remove,
    "rollback": _rollback,
    "hold": _hold,
    "command": _command,
}


def _die_doing(row: dict[str, Any], report: int, said: Path) -> None:
    """Do the deed, in a process of its own group, tell how it ended, and end the process."""
    os.setsid()
    stderr = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(stderr, 2)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    fate = Fate(**row["fate"])
    ended, message, code = DONE, "", 0
    moments = Moments(_act_of(fate))
    started = time.perf_counter()
    if fate.file_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (fate.file_bytes, resource.RLIM_INFINITY))
    if fate.open_files:
        used = max(int(name) for name in os.listdir("/proc/self/fd"))  # noqa: PTH208
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (used + fate.open_files, most))
    moments.watch()
    try:
        DEEDS[row["deed"]](**row["given"])
        if fate.kind == "recorded":
            moments.comes()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except Exception as error:  # noqa: BLE001 - told to the test, which knows which may come
        ended, message = type(error).__name__, str(error)
        if isinstance(error, OSError):
            ended = "OSError"
    moments._own.acting = True
    seconds = time.perf_counter() - started
    sys.stderr.flush()
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    outcome = Outcome(ended, moments.count, seconds, message, "", code)
    os.write(report, json.dumps(asdict(outcome)).encode())
    os._exit(0)


def _outcome(row: dict[str, Any], said: Path) -> Outcome:
    """Fork a child for the deed of ``row``, and return how it ended."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        try:
            _die_doing(row, write, said)
        finally:
            os._exit(1)  # a fault of this file: nothing is told
    os.close(write)
    limit_s = row["fate"]["after_s"] or LIMIT_S
    ready, _, _ = select.select([read], [], [], limit_s)
    if not ready:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)  # it may have no group of its own yet
        os.kill(child, signal.SIGKILL)
    told = b""
    while part := os.read(read, 1 << 16):
        told += part
    os.close(read)
    os.waitpid(child, 0)
    if told:
        words = said.read_text("utf-8", "replace")[-4000:]
        return Outcome(**{**json.loads(told), "said": words})
    meant = row["fate"]["kind"] == "killed" or row["fate"]["after_s"]
    return Outcome(KILLED if meant else "crashed" if ready else "hung")


def _serve() -> None:
    """Do the deeds that stdin tells of, a line each, until it ends."""
    import tempfile

    warm = Path(tempfile.mkdtemp())
    from tests.editions import first_edition, told_at

    _build([str(first_edition(warm / "pages"))], str(warm / "index"))
    told_at(warm / "index")
    import ui.cli  # noqa: F401
    from rag.config import load_settings

    load_settings(index=warm / "index")
    for line in sys.stdin:
        outcome = _outcome(json.loads(line), warm / "said")
        sys.stdout.write(json.dumps(asdict(outcome)) + "\n")
        sys.stdout.flush()
    shutil.rmtree(warm)


if __name__ == "__main__":
    _serve()
