"""Results that a long piece of work keeps on disk as they come, so that it can go on later."""

import hashlib
import itertools
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path

from index.store import sync_folder, write_durably

DIGEST_CHARS = 32


class Kept:
    """Bytes by key, in parts that are written whole or not at all.

    A line of a part is a key, a digest of key and value, and the value. Damage is noticed when a
    value is read: it is then as if it had not been kept. Only places are held in memory.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._places: dict[str, tuple[Path, int, int]] = {}
        for path in sorted(folder.glob("*.part")):
            self._know(path)

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def __len__(self) -> int:
        return len(self._places)

    def get(self, key: str) -> bytes | None:
        """Return what was kept under ``key``; ``None`` where nothing is, or it is damaged."""
        if key not in self._places:
            return None
        path, start, length = self._places[key]
        try:
            with path.open("rb") as file:
                file.seek(start)
                value = b64decode(file.read(length), validate=True)
                file.seek(start - DIGEST_CHARS - 1)
                sound = file.read(DIGEST_CHARS) == _digest(key, value)
        except (OSError, ValueError):
            sound = False
        if not sound:
            del self._places[key]
            return None
        return value

    def add(self, values: Mapping[str, bytes]) -> None:
        """Keep ``values`` by key; they are on disk when this returns."""
        if not values:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        number = next(n for n in itertools.count(len(self._places)) if not self._part(n).exists())
        new = self._folder / "new"
        write_durably(
            new,
            b"".join(
                b" ".join((key.encode("ascii"), _digest(key, value), b64encode(value))) + b"\n"
                for key, value in values.items()
            ),
        )
        new.replace(self._part(number))
        sync_folder(self._folder)
        self._know(self._part(number))

    def _part(self, number: int) -> Path:
        return self._folder / f"{number:012}.part"

    def _know(self, path: Path) -> None:
        start = 0
        with path.open("rb") as file:
            for line in file:
                pieces = line.rstrip(b"\n").split(b" ")
                if len(pieces) == 3 and line.endswith(b"\n"):
                    key, digest, value = pieces
                    place = start + len(key) + len(digest) + 2
                    self._places[key.decode("ascii", "replace")] = (path, place, len(value))
                start += len(line)


def _digest(key: str, value: bytes) -> bytes:
    data = key.encode("ascii", "replace") + b" " + value
    return hashlib.blake2b(data, digest_size=DIGEST_CHARS // 2).hexdigest().encode("ascii")
