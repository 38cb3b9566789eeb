"""Files that only the user of the server may read: passwords, the session key, feedback."""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from index.store import sync_folder

OWN_FILE, OWN_FOLDER = 0o600, 0o700


def private(path: str, flags: int) -> int:
    """Return the descriptor of a file; a new one is for its owner alone (an ``opener``)."""
    return os.open(path, flags, OWN_FILE)


def write_private(path: Path, data: bytes) -> None:
    """Put ``data`` in the place of the file at ``path``, whole, on disk, for its owner alone.

    It keeps its owner, and a first file has that of its folder: root may write for a server.
    """
    former = (path if path.exists() else path.parent).stat()
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(new, "xb", opener=private) as file:
            if former.st_uid != os.geteuid():
                with suppress(PermissionError):  # root alone may give a file away
                    os.fchown(file.fileno(), former.st_uid, former.st_gid)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def open_to_others(path: Path) -> str:
    """Return the mode of a file that others than its owner may read or write; else nothing."""
    mode = stat.S_IMODE(path.stat().st_mode)
    return f"{mode:04o}" if mode & 0o077 else ""
