"""Pages in, one new generation of the index out; what did not change is not done again."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np

from index import formats, store
from index.articles import articles_of
from index.chunking import chunks_of
from index.corrections import PageCorrections
from index.jumps import linked
from index.lexical import ANALYSERS, build_postings
from index.sources import Source, mislaid, sources_in
from index.store import Index, Manifest
from index.types import Article, CorpusError, Embedder, Page, Vectors

Status = Literal["added", "changed", "unchanged", "removed", "failed"]
Stage = Literal["reading", "embedding", "writing"]
WATCHED_TEXTS = 512  # that are embedded between two calls of a watch


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file. ``message`` says why when it failed, else it is empty."""

    file: str
    status: Status
    article_count: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What became of a build: the live generation, its size, and each file."""

    generation: str
    files: tuple[FileReport, ...]
    article_count: int
    chunk_count: int

    @property
    def failed(self) -> tuple[FileReport, ...]:
        """The files that could not be indexed."""
        return tuple(file for file in self.files if file.status == "failed")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is: ``done`` files of ``total`` read, or texts embedded."""

    stage: Stage
    done: int = 0
    total: int = 0


Watch = Callable[[Progress], None]


class NothingIndexedError(CorpusError):
    """Every file failed; ``files`` says why of each."""

    def __init__(self, message: str, files: Sequence[FileReport]) -> None:
        super().__init__(message)
        self.files = tuple(files)


def unwatched(progress: Progress) -> None:
    """Tell nobody."""


@dataclass(slots=True)
class _Contents:
    """What an index is made of, while it is brought up to date.

    ``articles`` are those of each file as it alone has them. ``removed`` and ``corrected`` are
    those of the manifest.
    """

    pages: dict[str, Page] = field(default_factory=dict)
    articles: dict[str, list[Article]] = field(default_factory=dict)
    roots: dict[str, str] = field(default_factory=dict)
    corrected: dict[str, str] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)

    def drop(self, file: str) -> None:
        """Forget a file."""
        for values in (self.pages, self.articles, self.roots, self.corrected):
            values.pop(file, None)

    def linked(self) -> list[Article]:
        """Return all articles by file, those that jump between files of one folder as one."""
        found: list[Article] = []
        for root in sorted(set(self.roots.values())):
            files = sorted(file for file in self.pages if self.roots[file] == root)
            found += linked([a for file in files for a in self.articles[file]], self.pages)
        return sorted(found, key=lambda article: article.file)


def _contents_of(index: Index | None) -> _Contents:
    """Return the contents of a former index."""
    if index is None:
        return _Contents()
    articles: dict[str, list[Article]] = {file: [] for file in index.pages}
    for article in index.articles.values():
        articles[article.file].append(article)
    articles.update({file: list(found) for file, found in index.unlinked.items()})
    manifest = index.manifest
    return _Contents(
        dict(index.pages),
        articles,
        dict(manifest.roots),
        dict(manifest.corrections),
        set(manifest.removed),
    )


def build_index(
    paths: Sequence[Path],
    folder: Path,
    embedder: Embedder,
    progress: bool = False,
    watch: Watch = unwatched,
) -> BuildReport:
    """Build or update the index at ``folder`` from the pages at ``paths``, and report.

    A path is a page or a folder of pages (:data:`index.formats.SUFFIXES`), which may hold a
    corrections file. Unchanged pages keep their articles and vectors, changed or newly
    corrected ones are replaced, those that vanished from a given folder are removed; pages of
    other folders stay. A page that fails keeps its former version. Articles that jump between
    pages are put together anew. An index of another model is embedded anew from its own pages.
    ``progress`` shows a bar on stderr, ``watch`` is told how far the build is.

    Raises :class:`CorpusError` when nothing can be indexed (:class:`NothingIndexedError` when
    every file failed) or a corrections file is damaged; the former generation is then untouched.
    """
    sources, corrections = sources_in(paths, folder)
    with store.writer_lock(folder):
        former = store.load_index(folder) if store.exists(folder) else None
        contents = _contents_of(former)
        reports: list[FileReport] = []
        for done, (file, source) in enumerate(sources.items()):
            watch(Progress("reading", done, len(sources)))
            report = _take_in(file, source, contents)
            count = len(contents.articles.get(file, ()))
            reports.append(replace(report, article_count=count))
        given_roots = {str(path.resolve()) for path in paths if path.is_dir()}
        for file in [f for f in contents.pages if contents.roots[f] in given_roots]:
            if file not in sources:
                contents.drop(file)
                reports.append(FileReport(file, "removed"))
        for file, message in mislaid(corrections, sources, given_roots):
            reports.append(FileReport(file, "failed", message=message))
        _require_something(contents.pages, reports, folder)
        same_model = former is not None and former.manifest.model_identity == embedder.identity
        if former and same_model and contents == _contents_of(former):
            manifest = former.manifest
        else:
            manifest = Manifest(
                generation=store.next_generation(folder),
                model_name=embedder.name,
                model_identity=embedder.identity,
                dimension=embedder.dimension,
                counts={},
                roots={},
            )
            known = former if same_model else None
            manifest = _write(folder, manifest, contents, embedder, known, progress, watch)
    return BuildReport(
        manifest.generation, tuple(reports), manifest.counts["articles"], manifest.counts["chunks"]
    )


def remove(names: Sequence[str], folder: Path, embedder: Embedder | None = None) -> BuildReport:
    """Take the files or articles ``names`` out of the index at ``folder``, and report.

    They stay out when their folder is indexed again; indexing a file by its own path brings
    it back. Of an article that jumps to a file that stays, the half there stays. What it is
    alone may have to be embedded: by ``embedder``, or else by the model of the index. Raises
    :class:`CorpusError` for a name that is neither, before any is removed.
    """
    with store.writer_lock(folder):
        former = store.load_index(folder)
        contents = _contents_of(former)
        gone: set[str] = set()
        reports = []
        for name in names:
            if name in contents.pages:
                found = contents.articles[name]
            elif name in former.articles:
                found = _halves(former.articles[name], contents)
            else:
                found = []
            if not found:
                raise CorpusError(
                    f"{name!r} is neither a file nor an article of this index; "
                    "`wenbao articles` lists them"
                )
            ids = {article.id for article in found}
            gone |= ids
            is_file = name in contents.pages
            contents.removed |= {name} if is_file else ids
            reports.append(FileReport(name, "removed", len(found) if is_file else 1))
        for file, articles in list(contents.articles.items()):
            contents.articles[file] = [article for article in articles if article.id not in gone]
            if not contents.articles[file]:
                contents.drop(file)
        manifest = replace(former.manifest, generation=store.next_generation(folder))
        manifest = _write(folder, manifest, contents, embedder, former, progress=False)
    return BuildReport(
        manifest.generation, tuple(reports), manifest.counts["articles"], manifest.counts["chunks"]
    )


def _halves(article: Article, contents: _Contents) -> list[Article]:
    """Return the articles of single files that ``article`` is put together of."""
    places = set(article.spans)
    return [
        half
        for file in article.files
        for half in contents.articles[file]
        if places.issuperset(half.spans)
    ]


def _take_in(file: str, source: Source, contents: _Contents) -> FileReport:
    """Bring one file up to date in ``contents``; return its report."""
    if not source.named and file in contents.removed:
        return FileReport(file, "unchanged", message="taken out; name the file to bring it back")
    former = contents.pages.get(file)
    root = contents.roots.get(file)
    if root and root != source.root and Path(root, file).exists():
        message = f"{file}: a page of this name was indexed from {root}; rename one"
        return FileReport(file, "failed", message=message)
    same_bytes = former is not None and former.sha256 == _sha256(source.path)
    same_edits = contents.corrected.get(file, "") == source.corrected
    if same_bytes and same_edits and not source.named:
        contents.roots[file] = source.root
        return FileReport(file, "unchanged")
    try:
        page = formats.read(source.path, file)
        found = _articles_in(page, source.corrections)
    except CorpusError as error:
        return FileReport(file, "failed", message=str(error))
    if not found:
        message = f"{file}: no article found in it; a page holds running text"
        return FileReport(file, "failed", message=message)
    if source.named:
        contents.removed.difference_update({file, *(article.id for article in found)})
    found = [article for article in found if article.id not in contents.removed]
    same = same_edits and former == page and contents.articles[file] == found
    contents.pages[file], contents.articles[file] = page, found
    contents.roots[file], contents.corrected[file] = source.root, source.corrected
    if not source.corrected:
        del contents.corrected[file]
    return FileReport(file, "unchanged" if same else "changed" if former else "added")


def _articles_in(page: Page, corrections: PageCorrections | None) -> list[Article]:
    """Return the articles of one page, as its file marks them or as it is read."""
    marked = formats.articles_in(page, corrections)
    return list(articles_of(page, corrections).articles) if marked is None else marked


def _sha256(path: Path) -> str | None:
    """Return the digest of the file's bytes; ``None`` when it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _require_something(
    pages: Mapping[str, Page], reports: Sequence[FileReport], folder: Path
) -> None:
    """Raise :class:`CorpusError` when every page failed, or none would be left."""
    failed = [report for report in reports if report.status == "failed"]
    if failed and len(failed) == len(reports):
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        raise NothingIndexedError(failed[0].message + more, failed)
    if not pages:
        raise CorpusError(f"{folder}: no page would be left in the index; name a page to index")


def _write(
    folder: Path,
    manifest: Manifest,
    contents: _Contents,
    embedder: Embedder | None,
    former: Index | None,
    progress: bool,
    watch: Watch = unwatched,
) -> Manifest:
    """Link the articles, embed what is new, write the generation, and return its manifest.

    Its model, generation and dimension are those of ``manifest``.
    """
    articles = contents.linked()
    jumping = {file for article in articles if len(article.files) > 1 for file in article.files}
    chunks = [chunk for article in articles for chunk in chunks_of(article)]
    texts = [chunk.search_text for chunk in chunks]
    counts = {"files": len(contents.pages), "articles": len(articles), "chunks": len(chunks)}
    index = Index(
        manifest=replace(
            manifest,
            counts=counts,
            roots=dict(sorted(contents.roots.items())),
            removed=tuple(sorted(contents.removed)),
            corrections=dict(sorted(contents.corrected.items())),
        ),
        pages={file: contents.pages[file] for file in sorted(contents.pages)},
        articles={article.id: article for article in articles},
        unlinked={file: contents.articles[file] for file in sorted(jumping)},
        chunks=tuple(chunks),
        vectors=store.flat_index(_vectors(texts, manifest, embedder, former, progress, watch)),
        postings={name: build_postings(texts, analyser) for name, analyser in ANALYSERS.items()},
    )
    watch(Progress("writing"))
    return store.write_generation(folder, index)


def _vectors(
    texts: Sequence[str],
    manifest: Manifest,
    embedder: Embedder | None,
    former: Index | None,
    progress: bool,
    watch: Watch,
) -> Vectors:
    """Return the vectors of ``texts``, those of unchanged words taken from ``former``."""
    known = {chunk.search_text: row for row, chunk in enumerate(former.chunks)} if former else {}
    vectors = np.empty((len(texts), manifest.dimension), dtype=np.float32)
    old = [(at, known[text]) for at, text in enumerate(texts) if text in known]
    if former and old:
        vectors[[at for at, _ in old]] = former.matrix([row for _, row in old])
    new = [text for text in dict.fromkeys(texts) if text not in known]
    if new:
        embedder = embedder or _model_of(manifest)
        row_of = {text: row for row, text in enumerate(new)}
        fresh = _embedded(new, embedder, progress, watch)
        for at, text in enumerate(texts):
            if text in row_of:
                vectors[at] = fresh[row_of[text]]
    return vectors


def _embedded(texts: Sequence[str], embedder: Embedder, progress: bool, watch: Watch) -> Vectors:
    """Return the vectors of ``texts``; whoever watches is told from time to time."""
    if watch is unwatched:
        return embedder.encode_passages(texts, progress)
    parts = []
    for start in range(0, len(texts), WATCHED_TEXTS):
        watch(Progress("embedding", start, len(texts)))
        parts.append(embedder.encode_passages(texts[start : start + WATCHED_TEXTS]))
    return np.concatenate(parts)


def _model_of(manifest: Manifest) -> Embedder:
    """Return the model that an index was built with.

    Raises :class:`CorpusError` when it is not here any more.
    """
    from index.embedding import load_embedder

    embedder = load_embedder(manifest.model_name)
    if embedder.identity != manifest.model_identity:
        raise CorpusError(
            f"model {manifest.model_name!r} has other weights than when the index was built; "
            "build it anew with: wenbao index"
        )
    return embedder
