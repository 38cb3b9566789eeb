"""One generation of an index on disk: written beside the live one, then switched to.

::

    DIR/CURRENT                       the name of the live generation
    DIR/generations/000001/           manifest.json and the files that it lists:
        pages.jsonl                   received pages, decoded
        articles.jsonl, chunks.jsonl  what the pages were made into; words stay in the pages
        unlinked.jsonl                the articles, as each file has them, of those that jump
        vectors.faiss                 one vector a chunk, exact inner product
        characters.*, words.*, figures.*  postings

A generation never changes once it is live. The one that was live before is kept, whole, so an
index takes up to twice its size on disk; :func:`switch_back` lets the two change places.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from index.lexical import ANALYSERS, Postings, postings_from_bytes
from index.page_numbers import PageNumber, numbers_of
from index.types import Article, Chunk, CorpusError, Excerpt, Join, Page, Span, Vectors

FORMAT_VERSION = 3

# One query at a time on a busy small machine: a second thread only waits for the first.
faiss.omp_set_num_threads(1)


@dataclass(frozen=True)
class Manifest:
    """What a generation is: its model, its counts, its sources, the sha256 of its files.

    ``roots`` maps each received file to the folder that it was indexed from, ``corrections``
    each corrected one to the digest of what was corrected. ``removed`` holds the files and
    article ids that a user took out. ``former`` is the generation that was live before it.
    """

    generation: str
    model_name: str
    model_identity: str
    dimension: int
    counts: Mapping[str, int]
    roots: Mapping[str, str]
    removed: tuple[str, ...] = ()
    corrections: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    format_version: int = FORMAT_VERSION
    former: str = ""


@dataclass(frozen=True)
class Index:
    """A loaded generation. Row ``i`` of the vectors and of the postings is ``chunks[i]``.

    ``unlinked`` holds the articles of each file from which or to which an article jumps, as
    that file alone has them.
    """

    manifest: Manifest
    pages: Mapping[str, Page]
    articles: Mapping[str, Article]
    unlinked: Mapping[str, Sequence[Article]]
    chunks: Sequence[Chunk]
    vectors: faiss.Index
    postings: Mapping[str, Postings]

    @cached_property
    def page_numbers(self) -> Mapping[str, PageNumber]:
        """The number in its issue of each page that tells one, by file."""
        return numbers_of(self.pages)

    @property
    def characters(self) -> Postings:
        """Postings of character bigrams."""
        return self.postings["characters"]

    @property
    def words(self) -> Postings:
        """Postings of words."""
        return self.postings["words"]

    def nearest(
        self, vector: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None = None
    ) -> list[tuple[int, float]]:
        """Return the ``k`` nearest chunks as ``(row, cosine)``, best first.

        ``vector`` is float32 of shape ``(dimension,)`` and norm 1. ``allowed`` tells of each
        chunk whether it may be found; all may by default. Fewer than ``k`` come back where
        there are fewer, none from an empty index.
        """
        parameters = None
        if allowed is not None:
            # The types of the library tell the C++ signatures, not those of its wrappers.
            bits = np.packbits(allowed, bitorder="little")
            selector = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        k = min(k, len(self.chunks)) or 1
        scores, rows = self.vectors.search(vector.reshape(1, -1), k, params=parameters)
        return [
            (int(row), float(score))
            for row, score in zip(rows[0], scores[0], strict=True)
            if row >= 0
        ]

    def cosines(self, vector: NDArray[np.float32], rows: Sequence[int]) -> NDArray[np.float32]:
        """Return the cosine of ``vector`` with each of the chunks ``rows``, in their order."""
        return np.asarray(self.matrix(rows) @ vector, dtype=np.float32)

    def matrix(self, rows: Sequence[int]) -> Vectors:
        """Return the vectors of the chunks ``rows``, of shape ``(len(rows), dimension)``."""
        if not len(rows):
            return np.zeros((0, self.manifest.dimension), dtype=np.float32)
        return np.asarray(
            self.vectors.reconstruct_batch(np.asarray(rows, dtype=np.int64)), dtype=np.float32
        )


def flat_index(vectors: Vectors) -> faiss.Index:
    """Return an exact inner-product index of ``vectors``, of shape ``(n, dimension)``."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return index


@contextmanager
def writer_lock(folder: Path) -> Iterator[None]:
    """Hold the right to write to the index at ``folder``; one process at a time has it."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "writer.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise CorpusError(
            f"{folder}: another process is writing this index; wait until it is done"
        ) from error
    try:
        yield
    finally:
        lock.release()


def exists(folder: Path) -> bool:
    """Return whether an index was ever completed at ``folder``."""
    return (folder / "CURRENT").is_file()


def next_generation(folder: Path) -> str:
    """Return the name of the generation to write next: no name is given twice."""
    if not exists(folder):
        return "000001"
    return f"{max(map(int, (current(folder), *_complete(folder)))) + 1:06d}"


def write_generation(folder: Path, index: Index) -> Manifest:
    """Write ``index`` as a new generation, make it the live one, and return its manifest.

    Until the last step the former generation is the live one, whatever happens. The caller
    holds :func:`writer_lock`.
    """
    contents = {
        "pages.jsonl": _json_lines(asdict(page) for page in index.pages.values()),
        "articles.jsonl": _json_lines(map(_article_to_json, index.articles.values())),
        "unlinked.jsonl": _json_lines(
            _article_to_json(article) for found in index.unlinked.values() for article in found
        ),
        "chunks.jsonl": _json_lines(
            {"id": chunk.id, "article": chunk.article.id, "start": chunk.start, "end": chunk.end}
            for chunk in index.chunks
        ),
        "vectors.faiss": faiss.serialize_index(index.vectors).tobytes(),
    }
    for name, postings in index.postings.items():
        contents[f"{name}.terms.json"], contents[f"{name}.npz"] = postings.to_bytes()
    manifest = Manifest(
        **{
            **vars(index.manifest),
            "files": {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()},
            "former": current(folder) if exists(folder) else "",
        }
    )
    generations = folder / "generations"
    unfinished = generations / f"unfinished-{manifest.generation}"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        for name, data in contents.items():
            write_durably(unfinished / name, data)
        text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1)
        write_durably(unfinished / "manifest.json", text.encode())
        live = generations / manifest.generation
        shutil.rmtree(live, ignore_errors=True)  # left by a build killed before the switch
        unfinished.rename(live)
    except OSError:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    sync_folder(generations)
    _switch(folder, manifest.generation)
    _keep_only(folder, (manifest.generation, manifest.former))
    return manifest


def _switch(folder: Path, generation: str) -> None:
    """Make ``generation`` the live one, in one step that survives a power cut."""
    write_durably(folder / "CURRENT.new", generation.encode())
    (folder / "CURRENT.new").replace(folder / "CURRENT")
    sync_folder(folder)


def _keep_only(folder: Path, names: Sequence[str]) -> None:
    """Remove every other generation."""
    for other in (folder / "generations").iterdir():
        if other.name not in names:
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
        manifest = _load(folder, former).manifest
        try:
            left = current(folder)
        except CorpusError:  # damaged: what it named is not known
            left = max(_complete(folder))
        _switch(folder, former)
        _keep_only(folder, (former, left))
    return manifest


def _complete(folder: Path) -> list[str]:
    """Return the names of the generations on disk that were written to their end, sorted."""
    return sorted(path.name for path in (folder / "generations").glob("*") if path.name.isdigit())


def _no_index(folder: Path) -> CorpusError:
    return CorpusError(f"{folder}: no index here; build one with: wenbao index --index {folder}")


def load_manifest(folder: Path, generation: str = "") -> Manifest:
    """Return the manifest of ``generation``, by default the live one, of the index at ``folder``.

    Raises :class:`CorpusError` when there is none, or it is damaged or of another format.
    """
    if not exists(folder):
        raise _no_index(folder)
    path = folder / "generations" / (generation or current(folder)) / "manifest.json"
    try:
        values = json.loads(path.read_bytes())
        version = values["format_version"]
        if version != FORMAT_VERSION:
            raise CorpusError(
                f"{folder}: the index has format {version}, this WenBao reads "
                f"{FORMAT_VERSION}; {_rebuild(folder)}"
            )
        return Manifest(**{**values, "removed": tuple(values["removed"])})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorpusError(f"{path}: the manifest is damaged; {_rebuild(folder)}") from error


def load_index(folder: Path) -> Index:
    """Return the live generation at ``folder``, every file checked against its sha256.

    Raises :class:`CorpusError` when there is none or any file of it is damaged.
    """
    if not exists(folder):
        raise _no_index(folder)
    while True:
        live = current(folder)
        try:
            return _load(folder, live)
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
                index = _load(folder, former)
            except CorpusError:
                continue
            problem = str(error).partition(";")[0]
            return index, (
                f"{problem}; using the former generation {former} instead: make it the live one "
                f"with: wenbao rollback --index {folder}, then index your pages again"
            )
        raise


def _load(folder: Path, generation: str) -> Index:
    manifest = load_manifest(folder, generation)
    read, problems = _read(folder, manifest)
    if problems:
        raise CorpusError(problems[0])
    return _index(folder, manifest, read)


def _index(folder: Path, manifest: Manifest, read: Mapping[str, bytes]) -> Index:
    """Return the index in the files ``read``, by name."""
    try:
        return _parsed(manifest, read)
    except KeyError as error:
        problem = f"{folder}: the index names {error}, which is not in it"
        raise CorpusError(f"{problem}; {_rebuild(folder)}") from error


def _parsed(manifest: Manifest, read: Mapping[str, bytes]) -> Index:
    pages = {row["file"]: Page(**row) for row in _rows(read["pages.jsonl"])}
    articles = {row["id"]: _article_from_json(row, pages) for row in _rows(read["articles.jsonl"])}
    unlinked: dict[str, list[Article]] = {}
    for row in _rows(read["unlinked.jsonl"]):
        unlinked.setdefault(row["file"], []).append(_article_from_json(row, pages))
    chunks = tuple(
        Chunk(row["id"], articles[row["article"]], row["start"], row["end"])
        for row in _rows(read["chunks.jsonl"])
    )
    vectors = faiss.deserialize_index(np.frombuffer(read["vectors.faiss"], dtype=np.uint8))
    postings = {
        name: postings_from_bytes(read[f"{name}.terms.json"], read[f"{name}.npz"])
        for name in ANALYSERS
    }
    return Index(manifest, pages, articles, unlinked, chunks, vectors, postings)


def verify_index(folder: Path) -> list[str]:
    """Return what is wrong with the index at ``folder``, a line each; nothing when it is sound."""
    try:
        manifest = load_manifest(folder)
    except CorpusError as error:
        return [str(error)]
    read, problems = _read(folder, manifest)
    if problems:
        return problems
    try:
        index = _index(folder, manifest, read)
    except CorpusError as error:
        return [str(error)]
    if not len(index.chunks) == index.vectors.ntotal == index.words.counts.shape[1]:
        problems.append(f"{folder}: chunks, vectors and postings differ; {_rebuild(folder)}")
    unlinked = [article for found in index.unlinked.values() for article in found]
    for article in (*index.articles.values(), *unlinked):
        places = (*article.body.spans, *article.spans)
        if not all(0 <= p.start < p.end <= len(index.pages[p.file].text) for p in places):
            problems.append(f"{folder}: article {article.id} is not its page; {_rebuild(folder)}")
    return problems


def _rebuild(folder: Path) -> str:
    return f"remove the folder {folder} and build it again with: wenbao index --index {folder}"


def current(folder: Path) -> str:
    """Return the name of the live generation; one small file is read.

    Raises :class:`CorpusError` when that file is damaged.
    """
    name = (folder / "CURRENT").read_text(encoding="ascii", errors="replace").strip()
    if not name.isdigit():
        raise CorpusError(f"{folder / 'CURRENT'}: damaged ({name[:20]!r}); {_rebuild(folder)}")
    return name


def _read(folder: Path, manifest: Manifest) -> tuple[dict[str, bytes], list[str]]:
    """Return the files of the generation, and a line for every one that is missing or changed."""
    read: dict[str, bytes] = {}
    problems = []
    for name, expected in manifest.files.items():
        path = folder / "generations" / manifest.generation / name
        try:
            read[name] = path.read_bytes()
        except OSError as error:
            problems.append(f"{path}: cannot be read ({error.strerror}); {_rebuild(folder)}")
            continue
        if hashlib.sha256(read[name]).hexdigest() != expected:
            problems.append(f"{path}: damaged (its sha256 has changed); {_rebuild(folder)}")
    return read, problems


def _json_lines(rows: Any) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _rows(data: bytes) -> Iterator[dict[str, Any]]:
    # Split on the bytes of a line feed: str.splitlines would also split on U+2028 and others.
    return (json.loads(line) for line in data.split(b"\n") if line)


def _article_to_json(article: Article) -> dict[str, Any]:
    values = asdict(article)
    values["body"] = _spans_to_json(article.body.spans, article.file)
    values["spans"] = _spans_to_json(article.spans, article.file)
    values["joins"] = [[each.at, each.confidence] for each in article.joins]
    return values


def _article_from_json(values: dict[str, Any], pages: Mapping[str, Page]) -> Article:
    body = _spans_from_json(values["body"], values["file"])
    return Article(
        **{
            **values,
            "subheads": tuple(values["subheads"]),
            "body": Excerpt("".join(pages[s.file].text[s.start : s.end] for s in body), body),
            "spans": _spans_from_json(values["spans"], values["file"]),
            "joins": tuple(Join(*each) for each in values["joins"]),
        }
    )


def _spans_to_json(spans: Sequence[Span], file: str) -> list[list[Any]]:
    """Return ``[start, end]`` for a place in ``file``, ``[start, end, file]`` for another's."""
    return [[s.start, s.end] if s.file == file else [s.start, s.end, s.file] for s in spans]


def _spans_from_json(values: Sequence[Sequence[Any]], file: str) -> tuple[Span, ...]:
    return tuple(Span(other[0] if other else file, start, end) for start, end, *other in values)


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
