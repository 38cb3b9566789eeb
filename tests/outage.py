"""A power cut, played: what was not synced may be lost.

:class:`Recorder` notes at each moment of a deed (:mod:`tests.forked`) every folder's names and
every file's bytes, and which of them were synced. :func:`disks` draws what may stand on the
disk when the power fails at some moment, under one of two models:

``ordered``
    Names come to the disk in the order they were made, as with a journal (ext4, xfs). The
    bytes of a file that is not synced are there, or cut, or zeros, or what was synced before.
``strict``
    POSIX alone: also the names in a folder may be those of any moment since that folder was
    synced, each folder by itself.
"""

import json
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Model = Literal["ordered", "strict"]


@dataclass
class Moment:
    """What stood where: names by folder, bytes by file, both by inode; what was just synced."""

    folders: dict[int, dict[str, int]] = field(default_factory=dict)
    files: dict[int, str] = field(default_factory=dict)
    synced: int = 0


class Recorder:
    """Writes the moments of a deed to the file ``record``, a JSON line each."""

    def __init__(self, root: Path, record: Path) -> None:
        self._root = root
        self._record = record.open("w", encoding="ascii")
        self._pinned: dict[int, int] = {}  # an open file keeps its inode: none comes twice
        self.moment()

    def moment(self, _number: int = 0, _path: str = "", synced: int | None = None) -> None:
        """Note what stands on the disk now; ``synced`` is a descriptor."""
        found = Moment(synced=0 if synced is None else os.fstat(synced).st_ino)
        if self._root.is_dir():
            self._look(self._root, found)
        self._record.write(json.dumps(vars(found)) + "\n")
        self._record.flush()

    def _look(self, folder: Path, found: Moment) -> int:
        inode = self._pin(folder)
        names = found.folders[inode] = {}
        for path in sorted(folder.iterdir()):
            if path.is_dir():
                names[path.name] = self._look(path, found)
            else:
                names[path.name] = self._pin(path)
                found.files[names[path.name]] = path.read_bytes().hex()
        return inode

    def _pin(self, path: Path) -> int:
        inode = path.stat().st_ino
        if inode not in self._pinned:
            self._pinned[inode] = os.open(path, os.O_RDONLY)
        return inode


def read_record(record: Path) -> list[Moment]:
    """Return the moments that a :class:`Recorder` wrote; the first is before the deed."""
    found = []
    for line in record.read_text("ascii").splitlines():
        row = json.loads(line)
        folders = {int(inode): names for inode, names in row["folders"].items()}
        files = {int(inode): data for inode, data in row["files"].items()}
        found.append(Moment(folders, files, row["synced"]))
    return found


def lay_out(moments: list[Moment], at: int, model: Model, draw: random.Random, to: Path) -> None:
    """Write to ``to`` what may stand on the disk after a power cut at the moment ``at``."""
    to.mkdir()
    root = next((next(iter(m.folders)) for m in moments[: at + 1] if m.folders), 0)
    if root:
        _lay_folder(moments[: at + 1], root, model, draw, to)


def _lay_folder(
    moments: list[Moment], inode: int, model: Model, draw: random.Random, to: Path
) -> None:
    last = len(moments) - 1
    if model == "strict":
        since = max((n for n in range(last + 1) if moments[n].synced == inode), default=0)
        last = draw.choice((since, draw.randint(since, last), last))
    for name, child in moments[last].folders.get(inode, {}).items():
        if any(child in moment.folders for moment in moments):
            (to / name).mkdir()
            _lay_folder(moments, child, model, draw, to / name)
        else:
            (to / name).write_bytes(_bytes_of(moments, child, draw))


def _bytes_of(moments: list[Moment], inode: int, draw: random.Random) -> bytes:
    """Return what of a file may be left: all, where all was synced."""
    seen = [n for n, moment in enumerate(moments) if inode in moment.files]
    now = moments[seen[-1]].files[inode]
    synced = [n for n in seen if n == 0 or moments[n].synced == inode]
    kept = moments[synced[-1]].files[inode] if synced else ""
    data = bytes.fromhex(now)
    if kept == now and synced:
        return data
    cut = draw.randrange(len(data) + 1)
    zeros = data[:cut] + bytes(len(data) - cut)
    return draw.choice((data, b"", data[:cut], zeros, bytes.fromhex(kept)))


def disks(
    moments: list[Moment], model: Model, draws: int, seed: int, folder: Path, every: int = 1
) -> Iterator[tuple[str, Path]]:
    """Yield disks that a power cut may leave, each with how to draw it again.

    ``draws`` of them at ``every`` so-manieth moment.
    Each lies in a new folder under ``folder``, which whoever takes it may change.
    """
    for at in range(1, len(moments), every):
        for number in range(draws):
            told = f"{model}, moment {at}, seed {seed}, draw {number}"
            to = folder / f"{model}-{at}-{number}"
            lay_out(moments, at, model, random.Random(told), to)
            yield told, to
