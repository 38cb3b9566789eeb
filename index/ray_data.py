"""Pages read and embedded on many machines: Ray Data maps the same functions over files.

The driver sends the bytes of files and the words of chunks, the workers send back articles and
vectors, and the one writer writes the generation as always. What is done is kept in a folder
beside the index until the build is whole, so that a build that was stopped goes on.

Workers need WenBao, of the same version, and its model; no common disk. Ray moves Python
objects between them, so a Ray cluster has to be as private as the machine that writes.
"""

import hashlib
import json
import logging
import re
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import ray
import ray.data
from numpy.typing import NDArray

from index.build import Taken, taken_in
from index.decoding import read_bytes
from index.embedding import EmbedderOver, load_embedder
from index.jsonl import MAX_COLLECTION_BYTES
from index.kept import Kept
from index.records import page_from_json, whole_article_from_json
from index.sources import Source
from index.store import UNFINISHED_RAY
from index.types import CorpusError, Embedder
from index.windows import Embedded, embedded_in

ROOT = Path(__file__).resolve().parent.parent
LOCAL = "local"  # the address of a Ray of this machine's own, for this build alone
FILES_AT_A_TIME = 16  # that a worker reads
TEXTS_AT_A_TIME = 256  # that a worker embeds
BYTES_AT_A_TIME = 64 * 2**20  # of files that are under way

CONNECT_S = 5.0
BLOCK_BYTES = 4 * 2**20  # of results

logging.getLogger("ray.data").setLevel(logging.ERROR)

Batch = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class RayWork:
    """A connection to Ray for one build; ``folder`` is where what is done is kept."""

    folder: Path

    def read(self, sources: Mapping[str, Source]) -> dict[str, Taken]:
        """Return what each file is, by name.

        Left out are files with corrections, which are few, and those that cannot be read here.
        """
        kept = Kept(self.folder / "pages")
        keys: dict[str, str] = {}
        for files in _by_size(sources):
            waiting = []
            for file, data in files:
                keys[file] = _digest(file.encode("utf-8", "surrogateescape"), data)
                if keys[file] not in kept:
                    named = json.dumps(file)  # Arrow takes no name that is not UTF-8
                    waiting.append({"key": keys[file], "file": named, "data": data})
            for batch in _mapped(waiting, _read_files, FILES_AT_A_TIME):
                kept.add(dict(zip(batch["key"], batch["taken"], strict=True)))
        return {file: _taken_from(value) for file, key in keys.items() if (value := kept.get(key))}

    def embedder(self, embedder: Embedder) -> Embedder:
        """Return the embedder that has ``embedder``'s model make the vectors on the workers."""
        return RayEmbedder(embedder, Kept(self.folder / embedder.identity[:16]))


class RayEmbedder(EmbedderOver):
    """An :class:`index.types.Embedder` whose passages are embedded by the workers, and kept."""

    keeps_vectors = True  # and wants all texts at once, to share them out

    def __init__(self, embedder: Embedder, kept: Kept) -> None:
        super().__init__(embedder)
        self._kept = kept

    def encode_windows(self, texts: Sequence[str], progress: bool = False) -> Embedded:  # noqa: ARG002
        """Return the vectors of ``texts`` and of their windows, rows of norm 1.

        Raises :class:`CorpusError` when a worker has other weights under the name of the model.
        """
        keys = [_digest(text.encode("utf-8", "surrogatepass")) for text in texts]
        rows = []
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._kept}
        waiting = [{"key": key, "text": json.dumps(text)} for key, text in new.items()]
        for batch in _mapped(waiting, _embed, TEXTS_AT_A_TIME, name=self.name):
            others = set(batch["weights"]) - {self.identity}
            if others:
                raise CorpusError(
                    f"a Ray worker has other weights of {self.name!r} ({min(others)[:12]}) than "
                    f"this machine ({self.identity[:12]}): install one version of WenBao on all"
                )
            self._kept.add(dict(zip(batch["key"], batch["vectors"], strict=True)))
        for key, text in zip(keys, texts, strict=True):
            data = self._kept.get(key)
            rows.append(data or self._embedder.encode_windows([text]).packed()[0])
        return embedded_in(rows, self.dimension)


@contextmanager
def over_ray(address: str, index_folder: Path, **options: Any) -> Iterator[RayWork]:
    """Yield the work that Ray at ``address`` does for the index at ``index_folder``.

    ``local`` starts a Ray of this machine's own; ``options`` are those of ``ray.init``. What is
    kept goes when the block ends well. Raises :class:`CorpusError` when there is no Ray.
    """
    if address == LOCAL:
        options = {"include_dashboard": False, **options}
    host, _, port = address.rpartition(":")
    try:
        if host and port.isdigit():  # Ray itself waits for minutes
            socket.create_connection((host, int(port)), timeout=CONNECT_S).close()
        ray.init(
            address=address,
            logging_level=logging.ERROR,
            log_to_driver=False,
            runtime_env={"env_vars": {"PYTHONPATH": str(ROOT)}},
            **options,
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise CorpusError(
            f"no Ray at {address!r} ({' '.join(str(error).split())[:200]}); start one with "
            f"`ray start --head`, or use --ray {LOCAL}"
        ) from error
    work = RayWork(index_folder / UNFINISHED_RAY)
    try:
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        # Room for a whole block is set aside for each task: ours are small, so small nodes do.
        context.target_max_block_size = BLOCK_BYTES
        yield work
        shutil.rmtree(work.folder, ignore_errors=True)
    except ray.exceptions.RayError as error:
        raise _as_ours(error) from error
    finally:
        ray.shutdown()


# On the workers


def _read_files(batch: Batch) -> Batch:
    """Return what each file of ``batch`` is; a file is told of by the name that it has here."""
    told = []
    for named, data in zip(batch["file"], batch["data"], strict=True):
        file = json.loads(named)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / PurePosixPath(file).name
            path.write_bytes(data)
            taken = taken_in(path, file)
        told.append(json.dumps(asdict(taken)).encode("ascii"))
    return {"key": batch["key"], "taken": np.asarray(told, dtype=object)}


def _embed(batch: Batch, name: str) -> Batch:
    """Return the vectors of the texts of ``batch``, as bytes, and what weights made them."""
    embedder = _model(name)
    texts = [json.loads(text) for text in batch["text"]]
    weights = np.asarray([embedder.identity] * len(texts), dtype=object)
    made = np.asarray(embedder.encode_windows(texts).packed(), dtype=object)
    return {"key": batch["key"], "vectors": made, "weights": weights}


@lru_cache(maxsize=1)
def _model(name: str) -> Embedder:
    """Return the model on a worker, loaded once by each process."""
    return load_embedder(name)


# Between them


def _mapped(
    rows: Sequence[dict[str, Any]], work: Callable[..., Batch], size: int, **given: str
) -> Iterator[Batch]:
    """Yield what ``work`` makes of ``rows``, ``size`` at a time, as it comes.

    What a worker that died had in hand is done by another.
    """
    if rows:
        blocks = -(-len(rows) // size)
        data = ray.data.from_items(list(rows), override_num_blocks=blocks)
        done = data.map_batches(work, batch_size=size, batch_format="numpy", fn_kwargs=given)
        yield from done.iter_batches(batch_size=None, batch_format="numpy")


def _by_size(sources: Mapping[str, Source]) -> Iterator[list[tuple[str, bytes]]]:
    """Yield the files with their bytes, as many at a time as may be under way."""
    found: list[tuple[str, bytes]] = []
    size = 0
    for file, source in sources.items():
        if source.corrected:
            continue
        try:
            data = read_bytes(source.path, file, MAX_COLLECTION_BYTES)
        except CorpusError:  # told where the file is read without Ray
            continue
        found.append((file, data))
        size += len(data)
        if size >= BYTES_AT_A_TIME:
            yield found
            found, size = [], 0
    if found:
        yield found


def _taken_from(value: bytes) -> Taken:
    told = json.loads(value)
    page = told["page"] and page_from_json(told["page"])
    return Taken(page, tuple(map(whole_article_from_json, told["articles"])), told["message"])


def _digest(*values: bytes) -> str:
    found = hashlib.sha256()
    for value in values:
        found.update(len(value).to_bytes(8, "little"))
        found.update(value)
    return found.hexdigest()


def _as_ours(error: Exception) -> CorpusError:
    """Return what a worker raised, in one line: its own words stand in a traceback of Ray's."""
    told = re.findall(r"CorpusError: (.+)", str(error))
    reason = told[-1] if told else " ".join(str(error).split())[-300:]
    return CorpusError(f"Ray: {reason}; what is done is kept: run the same command to go on")
