"""Vectors of many passages, kept on disk as they come: a build that was stopped goes on there.

::

    FOLDER/<identity of the model>/<digest of its first text>.part
        32 bytes                sha256 of the identity and of all that follows
        uint32                  n, how many texts
        n × 32 bytes            their digests
        n × uint32              how many bytes the vectors of each have
        …                       their vectors (:meth:`index.windows.Embedded.packed`)

A part is written once and never changed; one that does not match its sha256 is as good as
missing. Texts that differ in script or white space alone share a vector, so that a reprint costs
nothing.
"""

import hashlib
import logging
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from index.bulk import quickest
from index.light import cores
from index.store import sync_folder, write_durably
from index.text import digest_of
from index.types import CorpusError, Embedder
from index.windows import Embedded, embedded_in

PART_TEXTS = 2_048  # at most, of one part; with fewer texts in all nothing is kept
PART_S = 20.0  # what is lost at most when the power goes
SLICE_TEXTS = 128  # for each core, encoded between two looks at the clock

Tell = Callable[[int, int], None]  # is told how many texts are done, and of how many

_DIGEST_BYTES, _COUNT_BYTES = 32, 4

log = logging.getLogger(__name__)


class StoppedError(CorpusError):
    """The user stopped the encoding; what is done is kept."""


def embedded(
    texts: Sequence[str],
    embedder: Embedder,
    folder: Path,
    progress: bool = False,
    watch: Tell | None = None,
) -> Embedded:
    """Return the vectors of ``texts`` and of their windows.

    Those of many texts are kept in ``folder`` until :func:`forget`, and those that are there are
    not made again; an embedder that says ``keeps_vectors`` does so itself. ``progress`` shows
    a bar on stderr. Raises :class:`StoppedError` on Ctrl-C when what is done is kept, with how
    to go on.
    """
    if getattr(embedder, "keeps_vectors", False):
        return embedder.encode_windows(texts, progress)
    digests = [digest_of(text) for text in texts]
    wanted: dict[bytes, str] = {}
    for digest, text in zip(digests, texts, strict=True):
        wanted.setdefault(digest, text)
    place = parts_of(folder, embedder) if len(wanted) > PART_TEXTS else None
    kept = read_parts(place, embedder) if place else {}
    complete(kept, wanted, embedder, place, progress, watch)
    return embedded_in([kept[digest] for digest in digests], embedder.dimension)


def forget(folder: Path) -> None:
    """Remove what was kept in ``folder``: the build is done."""
    shutil.rmtree(folder, ignore_errors=True)


def parts_of(folder: Path, embedder: Embedder) -> Path:
    """Return where in ``folder`` the parts of one model lie."""
    return folder / embedder.identity[:16]


def complete(
    kept: dict[bytes, bytes],
    texts: Mapping[bytes, str],
    embedder: Embedder,
    place: Path | None,
    progress: bool = False,
    watch: Tell | None = None,
) -> None:
    """Add to ``kept`` the vectors of those of ``texts`` that it lacks, and write them to ``place``.

    Texts are given by their digests, vectors are packed. Without a ``place`` nothing is written.
    Raises :class:`StoppedError` on Ctrl-C when there is one.
    """
    waiting = [digest for digest in texts if digest not in kept]
    encode = quickest(embedder, [texts[digest] for digest in waiting])
    step = min(PART_TEXTS, SLICE_TEXTS * cores())
    done = len(texts) - len(waiting)
    unsaved: list[bytes] = []
    written_at = time.monotonic()
    try:
        with _bar(done, len(texts), progress) as show:
            for start in range(0, len(waiting), step):
                if watch:
                    watch(done, len(texts))
                now = waiting[start : start + step]
                made = encode([texts[digest] for digest in now])
                kept.update(zip(now, made.packed(), strict=True))
                unsaved += now
                done += len(now)
                show(done)
                due = time.monotonic() - written_at >= PART_S
                if place and (due or len(unsaved) + step > PART_TEXTS):
                    _write_part(place, embedder, unsaved, kept)
                    unsaved, written_at = [], time.monotonic()  # Ctrl-C before: written again
    except KeyboardInterrupt as error:
        if not place:
            raise
        raise StoppedError(
            f"stopped after {done:,} of {len(texts):,} passages, which are kept; "
            "give the same command again to go on"
        ) from error
    finally:
        if place and unsaved:
            _write_part(place, embedder, unsaved, kept)


def read_parts(place: Path, embedder: Embedder) -> dict[bytes, bytes]:
    """Return the vectors in ``place``, packed, by the digests of their texts.

    Damaged parts are removed.
    """
    kept: dict[bytes, bytes] = {}
    for path in sorted(place.glob("*.part")):
        try:
            kept.update(_read_part(path.read_bytes(), embedder))
        except ValueError as error:
            log.warning("%s is damaged (%s): its passages are encoded again", path, error)
            path.unlink()
    return kept


def _read_part(data: bytes, embedder: Embedder) -> dict[bytes, bytes]:
    checksum, body = data[:_DIGEST_BYTES], memoryview(data)[_DIGEST_BYTES:]
    if checksum != _checksum(embedder, body):
        raise ValueError("its sha256 is another")
    count = int.from_bytes(body[:_COUNT_BYTES], "little")
    lengths_at = _COUNT_BYTES + count * _DIGEST_BYTES
    vectors_at = lengths_at + count * _COUNT_BYTES
    lengths = np.frombuffer(body[lengths_at:vectors_at], dtype="<u4").tolist()
    kept, end = {}, vectors_at
    for at, length in zip(range(_COUNT_BYTES, lengths_at, _DIGEST_BYTES), lengths, strict=True):
        start, end = end, end + length
        kept[bytes(body[at : at + _DIGEST_BYTES])] = bytes(body[start:end])
    return kept


def _write_part(
    place: Path, embedder: Embedder, digests: Sequence[bytes], kept: Mapping[bytes, bytes]
) -> None:
    """Write the vectors of ``digests``, all at once and so that they survive a power cut."""
    vectors = [kept[digest] for digest in digests]
    counts = np.asarray([len(digests), *map(len, vectors)], dtype="<u4").tobytes()
    body = b"".join((counts[:_COUNT_BYTES], *digests, counts[_COUNT_BYTES:], *vectors))
    path = place / f"{digests[0].hex()}.part"
    unfinished = path.with_suffix(".new")
    place.mkdir(parents=True, exist_ok=True)
    write_durably(unfinished, _checksum(embedder, body) + body)
    unfinished.replace(path)
    sync_folder(place)


def _checksum(embedder: Embedder, body: bytes | memoryview) -> bytes:
    digest = hashlib.sha256(f"windows {embedder.identity} {embedder.dimension}\n".encode())
    digest.update(body)
    return digest.digest()


@contextmanager
def _bar(done: int, total: int, progress: bool) -> Iterator[Callable[[int], None]]:
    """Yield what is told how many are done; with ``progress`` a bar on stderr shows it."""
    if not progress:
        yield lambda _done: None
        return
    from rich import progress as shown
    from rich.console import Console

    columns = (
        shown.TextColumn("embedding"),
        shown.BarColumn(),
        shown.MofNCompleteColumn(),
        shown.TextColumn("{task.fields[rate]}"),
        shown.TimeRemainingColumn(elapsed_when_finished=True),
    )
    console = Console(stderr=True)
    with shown.Progress(*columns, console=console, speed_estimate_period=300) as bar:
        task = bar.add_task("embedding", total=total, completed=done, rate="")
        started, before = time.monotonic(), done

        def show(done: int) -> None:
            rate = (done - before) / max(time.monotonic() - started, 1e-3)
            bar.update(task, completed=done, rate=f"{rate:.0f} passages a second")

        yield show
