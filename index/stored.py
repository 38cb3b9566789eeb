"""Arrays that WenBao carries, read from the files of ``index/model``."""

import io
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.types import CorpusError


def read_arrays(path: Path, names: Sequence[str]) -> list[NDArray[Any]]:
    """Return the arrays ``names`` of the ``.npz`` file at ``path``, whose check sums hold.

    Raises :class:`CorpusError` when it is missing or damaged.
    """
    try:
        # From its bytes: NumPy leaves a file open that is no archive.
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            return [stored[name] for name in names]
    except (
        OSError,
        EOFError,
        ValueError,
        KeyError,
        NotImplementedError,  # a flipped bit asks for a compression that is not there
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        reason = " ".join(str(error).split())[:200]
        raise CorpusError(
            f"{path}: the table cannot be read ({reason}); restore it from git"
        ) from (error)
