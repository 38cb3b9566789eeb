"""An index on disk: segments that generations share, and a switch from one to the next.

::

    DIR/CURRENT                       the live generation, and the digest of its manifest
    DIR/generations/000007/           manifest.json: which segments, and what was taken out of them
    DIR/segments/000007/              some files and what was made of them (:mod:`index.segments`)

Nothing changes once it is written. A new generation adds a segment for what is new, and names
those that stay; small ones are merged as they grow many. The generation that was live before is
kept, whole; :func:`switch_back` lets the two change places.
"""

import hashlib
import json
import mmap
import os
import re
import shutil
import socket
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import former_formats, tensors, vectors
from index import manifest as manifests
from index.index import Index
from index.manifest import FORMAT_VERSION, Manifest, Search, SegmentRef
from index.segments import Living, Segment
from index.tensors import Buffer
from index.types import CorpusError, Vectors

FIRST = "000001"
WRITER = "writer.pid"  # who writes, while the lock is held
PROBES = "probes.safetensors"  # in the folder of a generation
# In the folder of an index: what is live and was, and what is there while one is built.
GENERATIONS, SEGMENTS = "generations", "segments"
UNFINISHED_VECTORS, UNFINISHED_RAY = "embedding", "ray"
FOLDERS = (GENERATIONS, SEGMENTS, UNFINISHED_VECTORS, UNFINISHED_RAY)


@contextmanager
def writer_lock(folder: Path) -> Iterator[None]:
    """Hold the right to write to the index at ``folder``; one process at a time has it."""
    from filelock import FileLock, Timeout  # whoever asks a question needs none

    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "writer.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise CorpusError(
            f"{folder}: another process is writing this index{_writer(folder)}; "
            "wait until it is done"
        ) from error
    try:
        # The system lets go of the lock of a process that dies; this only names a living one.
        (folder / WRITER).write_text(f"{os.getpid()} on {socket.gethostname()}", "utf-8")
        yield
    finally:
        (folder / WRITER).unlink(missing_ok=True)
        lock.release()


def _writer(folder: Path) -> str:
    """Return which process writes to the index, in brackets; empty where it has not said so."""
    try:
        told = (folder / WRITER).read_text("utf-8", errors="replace")
    except OSError:
        return ""
    return f" (process {told})" if re.fullmatch(r"[0-9]{1,10} on [\w.-]{1,253}", told) else ""


def exists(folder: Path) -> bool:
    """Return whether an index was ever completed at ``folder``.

    A first generation that nothing points to is one that was killed before it was live.
    """
    return (folder / "CURRENT").is_file() or any(name > FIRST for name in _complete(folder))


def next_generation(folder: Path) -> str:
    """Return the name of the generation to write next: no name is given twice."""
    if not exists(folder):
        return FIRST
    return f"{max(map(int, (current(folder), *_complete(folder)))) + 1:06d}"


def write_generation(
    folder: Path,
    manifest: Manifest,
    parts: Sequence[Living | Mapping[str, bytes]],
    probes: Vectors | None = None,
) -> Manifest:
    """Write a generation of ``parts``, make it the live one, and return its manifest.

    A part is a segment of the live generation, or the files of a new one; there is one of
    these at most. ``probes`` are vectors by which its model is known (:mod:`index.probes`).
    Until the last step the former generation is the live one, whatever happens. The caller
    holds :func:`writer_lock`.
    """
    live = load_manifest(folder) if exists(folder) else None
    refs = []
    for part in parts:
        if isinstance(part, Living):
            refs.append(_ref_of(part))
        else:
            _write_folder(folder / SEGMENTS, manifest.generation, part)
            files = {name: hashlib.sha256(data).hexdigest() for name, data in part.items()}
            search: Search = "4-bit codes" if "codes.faiss" in part else "exact"
            refs.append(SegmentRef(manifest.generation, files, search))
    manifest = replace(
        manifest,
        segments=tuple(refs),
        format_version=FORMAT_VERSION,
        former=live.generation if live else "",
    )
    contents = {} if probes is None else {PROBES: tensors.to_bytes({"probes": probes})}
    files = {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
    manifest = replace(manifest, files=files)
    contents["manifest.json"] = manifests.to_bytes(manifest)
    _write_folder(folder / GENERATIONS, manifest.generation, contents)
    _switch(folder, manifest.generation)
    _keep_only(folder, (manifest.generation, manifest.former))
    return manifest


def _ref_of(living: Living) -> SegmentRef:
    return replace(
        living.ref,
        dead_pages=tuple(np.flatnonzero(~living.pages).tolist()),
        dead_articles=tuple(np.flatnonzero(~living.articles).tolist()),
    )


def _write_folder(parent: Path, name: str, contents: Mapping[str, bytes]) -> None:
    """Write the files ``contents`` as the folder ``name``: all of them or, to a reader, none."""
    unfinished = parent / f"unfinished-{name}"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        for file, data in contents.items():
            write_durably(unfinished / file, data)
        sync_folder(unfinished)
        shutil.rmtree(parent / name, ignore_errors=True)  # of a build killed before the switch
        unfinished.rename(parent / name)
    except OSError:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    sync_folder(parent)


def _switch(folder: Path, generation: str) -> None:
    """Make ``generation`` the live one, in one step that survives a power cut."""
    digest = hashlib.sha256(_manifest_path(folder, generation).read_bytes()).hexdigest()
    write_durably(folder / "CURRENT.new", f"{generation} {digest}\n".encode())
    (folder / "CURRENT.new").replace(folder / "CURRENT")
    sync_folder(folder)


def _manifest_path(folder: Path, generation: str) -> Path:
    return folder / GENERATIONS / generation / "manifest.json"


def tidy(folder: Path) -> None:
    """Remove what builds that were killed have left. The caller holds :func:`writer_lock`."""
    live = load_manifest(folder)
    _keep_only(folder, (live.generation, former_generation(folder)))


def _keep_only(folder: Path, names: Sequence[str]) -> None:
    """Remove every other generation, and every segment that none of ``names`` needs."""
    needed: set[str] = set()
    for name in filter(None, names):
        try:
            needed |= {ref.name for ref in load_manifest(folder, name).segments}
        except CorpusError:  # damaged: nothing that it may need is removed
            needed |= {path.name for path in (folder / SEGMENTS).glob("*")}
    for parent, kept in ((GENERATIONS, set(names)), (SEGMENTS, needed)):
        for other in (folder / parent).glob("*"):
            if other.name not in kept:
                shutil.rmtree(other, ignore_errors=True)


def former_generation(folder: Path) -> str:
    """Return the name of the generation that :func:`switch_back` makes live; empty without one.

    It is the one that was live before, or after a switch back the one that was left.
    """
    try:
        live = current(folder)
    except CorpusError:  # damaged: then above all is another wanted
        live = "none"
    before = _former_of(folder, live)
    others = [name for name in _complete(folder) if name != live]
    if before in others:
        return before
    after = (name for name in others if _former_of(folder, name) == live)
    return next(after, max(others, default=""))


def _former_of(folder: Path, generation: str) -> str:
    """Return what was live before ``generation``; empty when its manifest is damaged."""
    try:
        return load_manifest(folder, generation).former
    except CorpusError:
        return ""


def switch_back(folder: Path) -> Manifest:
    """Make the former generation the live one, and the live one the former; return its manifest.

    Doing it twice changes nothing. Raises :class:`CorpusError`, with nothing switched, when
    there is no former generation or it is damaged.
    """
    if not exists(folder):
        raise _no_index(folder)
    with writer_lock(folder):
        former = former_generation(folder)
        if not former:
            raise CorpusError(
                f"{folder}: there is no former generation to go back to; "
                "there is one after the index has changed"
            )
        manifest = _load(folder, load_manifest(folder, former)).manifest
        try:
            left = current(folder)
        except CorpusError:  # damaged: what it named is not known
            left = max(_complete(folder))
        _switch(folder, former)
        _keep_only(folder, (former, left))
    return manifest


def _complete(folder: Path) -> list[str]:
    """Return the names of the generations on disk that were written to their end, sorted."""
    return sorted(path.name for path in (folder / GENERATIONS).glob("*") if path.name.isdigit())


def _no_index(folder: Path) -> CorpusError:
    return CorpusError(f"{folder}: no index here; build one with: wenbao index --index {folder}")


def load_manifest(folder: Path, generation: str = "") -> Manifest:
    """Return the manifest of ``generation``, by default the live one, of the index at ``folder``.

    Raises :class:`CorpusError` when there is none, or it is damaged or of a later format.
    """
    if not exists(folder):
        raise _no_index(folder)
    digest = ""
    if not generation:
        generation, digest = _pointer(folder)
    path = _manifest_path(folder, generation)
    damaged = CorpusError(f"{path}: the manifest is damaged; {_rebuild(folder)}")
    try:
        data = path.read_bytes()
        manifest = _manifest_in(data)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged from error
    if isinstance(manifest, _Later):
        raise CorpusError(
            f"{folder}: the index has format {manifest.version}, this WenBao reads "
            f"{FORMAT_VERSION} and those before; {_rebuild(folder)}"
        )
    if digest not in ("", hashlib.sha256(data).hexdigest()):
        raise damaged
    return manifest


@dataclass(frozen=True)
class _Later:
    """A manifest of a format that is not known yet."""

    version: object


@lru_cache(maxsize=4)
def _manifest_in(data: bytes) -> Manifest | _Later:
    """Return the manifest in a file; an addition reads the same one several times.

    Raises :class:`ValueError`, :class:`KeyError`, :class:`TypeError` or :class:`AttributeError`
    for a damaged one.
    """
    values = json.loads(data)
    version = values["format_version"]
    if version in former_formats.VERSIONS:
        return former_formats.manifest_from(values)
    if version != FORMAT_VERSION:
        return _Later(version)
    return manifests.from_values(values)


def load_index(folder: Path) -> Index:
    """Return the live generation at ``folder``, every file checked against its sha256.

    Raises :class:`CorpusError` when there is none or any file of it is damaged.
    """
    if not exists(folder):
        raise _no_index(folder)
    while True:
        live = current(folder)
        try:
            return _load(folder, load_manifest(folder))
        except CorpusError:
            if current(folder) == live:  # else it was replaced, and may be gone, meanwhile
                raise


def load_sound_index(folder: Path) -> tuple[Index, str]:
    """Return the live generation, or else the former one, and a warning that says so.

    The warning is empty when the live generation is sound. Raises :class:`CorpusError`, that of
    the live generation, when there is no index or neither is sound.
    """
    try:
        return load_index(folder), ""
    except CorpusError as error:
        for former in reversed(_complete(folder) if exists(folder) else []):
            try:
                index = _load(folder, load_manifest(folder, former))
            except CorpusError:
                continue
            problem = str(error).partition(";")[0]
            return index, (
                f"{problem}; using the former generation {former} instead: make it the live one "
                f"with: wenbao rollback --index {folder}, then index your pages again"
            )
        raise


def _load(folder: Path, manifest: Manifest) -> Index:
    index, problems = _checked(folder, manifest)
    if index is None:
        raise CorpusError(problems[0])
    return index


def _checked(folder: Path, manifest: Manifest) -> tuple[Index | None, list[str]]:
    """Return the generation of ``manifest``, or a line for every file that is not sound."""
    if manifest.format_version in former_formats.VERSIONS:
        return _checked_former(folder, manifest)
    problems: list[str] = []
    place = folder / GENERATIONS / manifest.generation
    own = {name: _mapped(place / name, sha256) for name, sha256 in manifest.files.items()}
    problems += [f"{each}; {_rebuild(folder)}" for each in own.values() if isinstance(each, str)]
    mapped: list[dict[str, memoryview]] = []
    with ThreadPoolExecutor() as pool:
        for ref in manifest.segments:
            place = folder / SEGMENTS / ref.name
            names = [place / name for name in ref.files]
            found = list(pool.map(_mapped, names, ref.files.values()))
            problems += [f"{each}; {_rebuild(folder)}" for each in found if isinstance(each, str)]
            mapped.append({
                name: each
                for name, each in zip(ref.files, found, strict=True)
                if not isinstance(each, str)
            })  # fmt: skip
    if problems:
        return None, problems
    try:
        parts = [
            living(segment_of(contents), ref)
            for ref, contents in zip(manifest.segments, mapped, strict=True)
        ]
    except (ValueError, KeyError, IndexError) as error:
        return None, [f"{folder}: the index is not whole ({error!r}); {_rebuild(folder)}"]
    kept = own.get(PROBES)
    probes = None if kept is None or isinstance(kept, str) else tensors.arrays_in(kept)["probes"]
    return Index(manifest, tuple(parts), probes), []


def _checked_former(folder: Path, manifest: Manifest) -> tuple[Index | None, list[str]]:
    """Return what :func:`_checked` does, of a generation of a former format."""
    place = folder / GENERATIONS / manifest.generation
    (ref,) = manifest.segments
    found = {name: _mapped(place / name, sha256) for name, sha256 in ref.files.items()}
    problems = [f"{each}; {_rebuild(folder)}" for each in found.values() if isinstance(each, str)]
    if problems:
        return None, problems
    read = {name: bytes(each) for name, each in found.items() if not isinstance(each, str)}
    try:
        contents = former_formats.contents_of(read)
        part = living(segment_of(contents), ref)
    except (ValueError, KeyError, TypeError) as error:
        return None, [f"{folder}: the index is not whole ({error!r}); {_rebuild(folder)}"]
    return Index(manifest, (part,)), []


def new_living(contents: Mapping[str, bytes]) -> Living:
    """Return the segment whose files are ``contents``, in memory, all of it alive."""
    return living(segment_of(contents), SegmentRef("", {}))


def segment_of(contents: Mapping[str, Buffer]) -> Segment:
    """Return the segment whose files are ``contents``, in memory or mapped."""
    codes = vectors.opened(contents["codes.faiss"]) if "codes.faiss" in contents else None
    return Segment(contents, vectors.VectorTable(vectors.opened(contents["vectors.faiss"]), codes))


def _mapped(path: Path, sha256: str) -> memoryview | str:
    """Return the bytes of a file, mapped into memory, or what is wrong with it."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b"")
    except OSError as error:
        return f"{path}: cannot be read ({error.strerror})"
    if hashlib.sha256(data).hexdigest() != sha256:
        return f"{path}: damaged (its sha256 has changed)"
    return data


def living(segment: Segment, ref: SegmentRef) -> Living:
    """Return the part of ``segment`` that is in the generation of ``ref``."""
    return Living(
        segment,
        ref,
        _without(ref.dead_pages, len(segment.page_heads)),
        _without(ref.dead_articles, len(segment.heads)),
    )


def _without(dead: Sequence[int], count: int) -> NDArray[np.bool_]:
    alive = np.ones(count, dtype=bool)
    alive[list(dead)] = False
    return alive


def verify_index(folder: Path) -> list[str]:
    """Return what is wrong with the index at ``folder``, a line each; nothing when it is sound."""
    try:
        manifest = load_manifest(folder)
    except CorpusError as error:
        return [str(error)]
    index, problems = _checked(folder, manifest)
    if index is None:
        return problems
    try:
        return [f"{folder}: {problem}; {_rebuild(folder)}" for problem in _contradictions(index)]
    except KeyError as error:
        return [f"{folder}: the index names {error}, which is not in it; {_rebuild(folder)}"]


def _contradictions(index: Index) -> Iterator[str]:
    """Yield what the files of ``index`` say that does not fit together."""
    for part in index.parts:
        segment = part.segment
        counts = {len(segment.chunks), *(len(each.lengths) for each in segment.postings.values())}
        if len(counts) > 1 or len(segment.table) != len(segment.digests):
            yield "chunks, vectors and postings differ"
    halves = [article for found in index.halves.values() for article in found]
    for article in (*index.articles.values(), *halves):
        places = (*article.body.spans, *article.spans)
        if not all(0 <= p.start < p.end <= len(index.pages[p.file].text) for p in places):
            yield f"article {article.id} is not its page"


def _rebuild(folder: Path) -> str:
    return f"remove the folder {folder} and build it again with: wenbao index --index {folder}"


def current(folder: Path) -> str:
    """Return the name of the live generation; one small file is read.

    Raises :class:`CorpusError` when that file is damaged.
    """
    return _pointer(folder)[0]


def _pointer(folder: Path) -> tuple[str, str]:
    """Return the name of the live generation, and the digest of its manifest.

    Up to format 3 there was no digest.
    """
    try:
        text = (folder / "CURRENT").read_text(encoding="ascii", errors="replace").strip()
    except OSError as error:
        problem = f"{folder / 'CURRENT'}: cannot be read ({error.strerror})"
        raise CorpusError(f"{problem}; {_rebuild(folder)}") from error
    name, _, digest = text.partition(" ")
    if not name.isdigit():
        raise CorpusError(f"{folder / 'CURRENT'}: damaged ({text[:20]!r}); {_rebuild(folder)}")
    return name, digest


def write_durably(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` so that it survives a power cut."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Let the names in ``folder`` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
