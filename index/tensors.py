"""Named arrays in one file, in the safetensors format: mapped into memory, never unpickled."""

import json
import mmap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

Buffer = bytes | memoryview

_DTYPES = {
    "U8": np.uint8,
    "I8": np.int8,
    "I32": np.int32,
    "I64": np.int64,
    "U64": np.uint64,
    "F16": np.float16,
    "F32": np.float32,
}


def to_bytes(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return the file that holds ``arrays`` under their names."""
    return save({name: np.ascontiguousarray(array) for name, array in arrays.items()})


def arrays_in(buffer: Buffer) -> dict[str, NDArray[Any]]:
    """Return the arrays in a file, by name: read-only views of ``buffer``, nothing copied.

    The format is eight bytes of length, that much JSON, then the arrays. Raises
    :class:`ValueError` or :class:`KeyError` for what is none.
    """
    start = 8 + int.from_bytes(buffer[:8], "little")
    entries = json.loads(bytes(buffer[8:start]))
    entries.pop("__metadata__", None)
    found = {}
    for name, entry in entries.items():
        first, last = entry["data_offsets"]
        array = np.frombuffer(buffer[start + first : start + last], _DTYPES[entry["dtype"]])
        found[name] = array.reshape(entry["shape"])
    return found


def mapped_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays in the file at ``path``, by name, read from the disk as they are used.

    Raises :class:`OSError`, and what :func:`arrays_in` raises.
    """
    with path.open("rb") as file:
        return arrays_in(memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)))
