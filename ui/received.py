"""The folder of received pages: names made safe, files put in place whole, and taken back.

::

    UPLOADS/<name>                 the pages, as indexed
    UPLOADS/.incoming/<job>/<name> being received
    UPLOADS/.replaced/<name>       what the change that runs has replaced
    UPLOADS/.former/<name>         what the last change replaced; state.json says of which
                                   two generations, and which names it touched
"""

import json
import os
import shutil
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from index.formats import SUFFIXES
from index.store import sync_folder, write_durably
from index.types import CorpusError
from ui.harmless import INVISIBLE
from ui.private import OWN_FILE, OWN_FOLDER
from ui.strings import STRINGS, Strings

MAX_NAME_BYTES = 200
INCOMING, REPLACED, FORMER, STATE = ".incoming", ".replaced", ".former", "state.json"
LOCK = ".lock"


def safe_name(given: str, strings: Strings = STRINGS["en"]) -> str:
    """Return the name to keep a received file by: the last part of what the browser says.

    Raises :class:`CorpusError`, in the words of ``strings``, for one that is hidden, about the
    folder (README), too long, of no kind that can be indexed, or that holds characters which do
    not print.
    """
    name = unicodedata.normalize("NFC", given.replace("\\", "/").rpartition("/")[2]).strip()
    shown = name.encode("utf-8", "replace").decode("utf-8")[:80]
    if not name or name.startswith("."):
        raise CorpusError(strings.library_hidden_of.format(file=shown))
    if any(unicodedata.category(character) in INVISIBLE for character in name):
        raise CorpusError(strings.library_invisible_of.format(file=shown))
    if len(name.encode()) > MAX_NAME_BYTES:
        raise CorpusError(strings.library_long_name_of.format(file=shown, size=MAX_NAME_BYTES))
    if Path(name).suffix.lower() not in SUFFIXES:
        kinds = " ".join(SUFFIXES)
        raise CorpusError(strings.library_other_kind_of.format(file=shown, kinds=kinds))
    if name.upper().startswith("README"):
        raise CorpusError(strings.library_readme_of.format(file=shown))
    return name


def recover(folder: Path, is_indexed: Callable[[Path], bool]) -> None:
    """Undo what a process that was killed has left: pages half received, pages not yet indexed.

    Of the latter what they replaced takes its place again. Nothing is done where another process
    receives pages in ``folder``; this one is known to do so from now on, until it ends.
    """
    import fcntl  # there is none on Windows, where the rest works

    _make(folder)
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, OWN_FILE)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pass
    else:
        _put_right(folder, is_indexed)
    fcntl.flock(lock, fcntl.LOCK_SH)  # never let go of: a change may run to the very end


def _put_right(folder: Path, is_indexed: Callable[[Path], bool]) -> None:
    shutil.rmtree(folder / INCOMING, ignore_errors=True)
    kept = folder / REPLACED
    names = {path.name for path in kept.glob("*") if not path.name.startswith(".")}
    lost = {name for name in names if not is_indexed(folder / name)}
    put_back(folder, lost)
    if names - lost:
        settle(folder)
    else:
        forget(folder)


def incoming(folder: Path, job: str) -> Path:
    """Return a new folder to receive the files of ``job`` in."""
    _make(folder)
    (folder / INCOMING).mkdir(mode=OWN_FOLDER, exist_ok=True)
    place = folder / INCOMING / job
    place.mkdir(mode=OWN_FOLDER)
    return place


def _make(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=OWN_FOLDER, exist_ok=True)


def put_in_place(folder: Path, received: Path) -> dict[str, bool]:
    """Move the files of ``received`` into ``folder``; return the names, and whether each replaced.

    What they replace is kept, alone, in the folder ``.replaced``, until :func:`settle` or
    :func:`forget`.
    """
    kept = folder / REPLACED
    forget(folder)
    kept.mkdir()
    replaced = {}
    for path in sorted(received.iterdir()):
        target = folder / path.name
        replaced[path.name] = target.is_file()
        if replaced[path.name]:
            target.replace(kept / path.name)
        path.replace(target)
    shutil.rmtree(received, ignore_errors=True)
    sync_folder(folder)
    return replaced


def settle(folder: Path) -> None:
    """Let what was replaced be what an undo puts back, in place of what was so before."""
    shutil.rmtree(folder / FORMER, ignore_errors=True)
    (folder / REPLACED).rename(folder / FORMER)


def forget(folder: Path) -> None:
    """Let go of what was replaced, if anything was."""
    shutil.rmtree(folder / REPLACED, ignore_errors=True)


def put_back(folder: Path, names: Iterable[str]) -> None:
    """Let what the files ``names`` replaced take their places again; they themselves go."""
    names = list(names)
    swap_back(folder, names, REPLACED)
    for name in names:
        (folder / REPLACED / name).unlink(missing_ok=True)


def swap_back(folder: Path, names: Iterable[str], kept_in: str = FORMER) -> None:
    """Let the files ``names`` and what they replaced change places; twice changes nothing."""
    names = list(names)
    kept = folder / kept_in
    for name in names:
        now, before, between = folder / name, kept / name, kept / f".{name}"
        if now.is_file():
            now.replace(between)
        if before.is_file():
            before.replace(now)
        if between.is_file():
            between.replace(before)
    if names:
        sync_folder(folder)


def remember(folder: Path, generations: Sequence[str], names: Sequence[str]) -> None:
    """Note that the files ``names`` are what differs between two ``generations``."""
    state = {"generations": sorted(generations), "names": sorted(names)}
    kept = folder / FORMER
    kept.mkdir(parents=True, exist_ok=True)
    new = kept / f"{STATE}.new"
    write_durably(new, json.dumps(state, ensure_ascii=False).encode())
    new.replace(kept / STATE)


def files_between(folder: Path, generations: Sequence[str]) -> list[str]:
    """Return the names of the files that differ between two ``generations``; else none."""
    try:
        state: Any = json.loads((folder / FORMER / STATE).read_bytes())
        if state["generations"] == sorted(generations):
            return [safe_name(str(name)) for name in state["names"]]
    except (OSError, ValueError, KeyError, TypeError, CorpusError):
        return []
    return []
