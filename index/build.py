"""Pages in, one new generation of the index out; what did not change is not done again."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from index import store
from index.articles import articles_of
from index.chunking import chunks_of
from index.decoding import read_page
from index.lexical import ANALYSERS, build_postings
from index.store import Index, Manifest
from index.types import Article, Chunk, CorpusError, Embedder, Page, Vectors

PAGE_SUFFIX = ".txt"

Status = Literal["added", "changed", "unchanged", "removed", "failed"]


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
class _Source:
    """A file to index. ``named``: the user gave this very file, not only its folder."""

    path: Path
    root: str
    named: bool


def build_index(
    paths: Sequence[Path], folder: Path, embedder: Embedder, progress: bool = False
) -> BuildReport:
    """Build or update the index at ``folder`` from the pages at ``paths``, and report.

    A path is a page or a folder of ``*.txt`` pages. Unchanged pages keep their articles and
    vectors, changed ones are replaced, those that vanished from a given folder are removed;
    pages of other folders stay. A page that fails keeps its former version. An index of
    another model is embedded anew from its own pages. ``progress`` shows a bar on stderr.

    Raises :class:`CorpusError` when nothing can be indexed; the former generation is then
    untouched.
    """
    sources = _sources(paths)
    with store.writer_lock(folder):
        former = store.load_index(folder) if store.exists(folder) else None
        removed = set(former.manifest.removed) if former else set()
        pages = dict(former.pages) if former else {}
        roots = dict(former.manifest.roots) if former else {}
        articles = {file: _articles_of_file(former, file) for file in pages}
        reports: list[FileReport] = []
        for file, source in sources.items():
            report = _take_in(file, source, pages, articles, roots, removed)
            reports.append(replace(report, article_count=len(articles.get(file, ()))))
        given_roots = {str(path.resolve()) for path in paths if path.is_dir()}
        for file in [f for f in pages if roots[f] in given_roots and f not in sources]:
            del pages[file], roots[file], articles[file]
            reports.append(FileReport(file, "removed"))
        _require_something(pages, reports, folder)
        same_model = former is not None and former.manifest.model_identity == embedder.identity
        changed = any(report.status in ("added", "changed", "removed") for report in reports)
        if former and same_model and not changed and removed == set(former.manifest.removed):
            manifest = former.manifest
        else:
            manifest = _write(
                folder,
                pages,
                [article for file in sorted(pages) for article in articles[file]],
                roots,
                removed,
                embedder,
                former if same_model else None,
                progress,
            )
    return BuildReport(
        manifest.generation, tuple(reports), manifest.counts["articles"], manifest.counts["chunks"]
    )


def remove(names: Sequence[str], folder: Path) -> BuildReport:
    """Take the files or articles ``names`` out of the index at ``folder``, and report.

    They stay out when their folder is indexed again; indexing a file by its own path brings
    it back. Raises :class:`CorpusError` for a name that is neither, before any is removed.
    """
    with store.writer_lock(folder):
        former = store.load_index(folder)
        gone: set[str] = set()
        reports = []
        for name in names:
            found = [a.id for a in former.articles.values() if name in (a.id, a.file)]
            if not found:
                raise CorpusError(
                    f"{name!r} is neither a file nor an article of this index; "
                    "`wenbao articles` lists them"
                )
            gone.update(found)
            reports.append(FileReport(name, "removed", len(found)))
        kept = [article for article in former.articles.values() if article.id not in gone]
        files = {article.file for article in kept}
        removed = {*former.manifest.removed, *names}
        rows = [row for row, chunk in enumerate(former.chunks) if chunk.article.id not in gone]
        index = _assemble(
            manifest=replace(
                former.manifest,
                generation=store.next_generation(folder),
                roots={f: root for f, root in former.manifest.roots.items() if f in files},
                removed=tuple(sorted(removed)),
            ),
            pages=[page for page in former.pages.values() if page.file in files],
            articles=kept,
            chunks=[former.chunks[row] for row in rows],
            vectors=former.matrix(rows),
        )
        manifest = store.write_generation(folder, index)
    return BuildReport(
        manifest.generation, tuple(reports), manifest.counts["articles"], manifest.counts["chunks"]
    )


def _sources(paths: Sequence[Path]) -> dict[str, _Source]:
    """Return the files to index by their name under the folder they were found in."""
    found: dict[str, _Source] = {}
    for path in paths:
        if not path.exists():
            raise CorpusError(f"{path}: no such file or folder; check the path")
        if path.is_dir():
            root = path.resolve()
            files = sorted(
                file
                for file in root.rglob(f"*{PAGE_SUFFIX}")
                if file.is_file() and file.resolve().is_relative_to(root)
            )
            if not files:
                raise CorpusError(f"{path}: no *{PAGE_SUFFIX} pages in this folder; put some in")
        else:
            root = path.resolve().parent
            files = [path.resolve()]
        for file in files:
            name = file.relative_to(root).as_posix()
            if name in found and found[name].path != file:
                raise CorpusError(
                    f"{file}: {found[name].path} has the same name {name!r}; "
                    "rename one, or index the folder that holds both"
                )
            found[name] = _Source(file, str(root), named=not path.is_dir())
    return found


def _take_in(
    file: str,
    source: _Source,
    pages: dict[str, Page],
    articles: dict[str, list[Article]],
    roots: dict[str, str],
    removed: set[str],
) -> FileReport:
    """Bring one file up to date in ``pages``, ``articles`` and ``roots``; return its report."""
    if not source.named and file in removed:
        return FileReport(file, "unchanged", message="taken out; name the file to bring it back")
    former = pages.get(file)
    if former and roots[file] != source.root and Path(roots[file], file).exists():
        message = f"{file}: a page of this name was indexed from {roots[file]}; rename one"
        return FileReport(file, "failed", message=message)
    if former and not source.named and former.sha256 == _sha256(source.path):
        roots[file] = source.root
        return FileReport(file, "unchanged")
    try:
        page = read_page(source.path, file)
    except CorpusError as error:
        return FileReport(file, "failed", message=str(error))
    found, _ = articles_of(page)
    if not found:
        message = f"{file}: no article found in it; a page holds running text"
        return FileReport(file, "failed", message=message)
    if source.named:
        removed.difference_update({file, *(article.id for article in found)})
    found = [article for article in found if article.id not in removed]
    same = former == page and articles[file] == found
    pages[file], roots[file], articles[file] = page, source.root, found
    return FileReport(file, "unchanged" if same else "changed" if former else "added")


def _sha256(path: Path) -> str | None:
    """Return the digest of the file's bytes; ``None`` when it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _articles_of_file(index: Index | None, file: str) -> list[Article]:
    return [a for a in index.articles.values() if a.file == file] if index else []


def _require_something(
    pages: Mapping[str, Page], reports: Sequence[FileReport], folder: Path
) -> None:
    """Raise :class:`CorpusError` when every page failed, or none would be left."""
    failed = [report for report in reports if report.status == "failed"]
    if failed and len(failed) == len(reports):
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        raise CorpusError(failed[0].message + more)
    if not pages:
        raise CorpusError(f"{folder}: no page would be left in the index; name a page to index")


def _write(
    folder: Path,
    pages: Mapping[str, Page],
    articles: Sequence[Article],
    roots: Mapping[str, str],
    removed: Iterable[str],
    embedder: Embedder,
    former: Index | None,
    progress: bool,
) -> Manifest:
    """Embed what is new, write the generation, and return its manifest."""
    chunks = [chunk for article in articles for chunk in chunks_of(article)]
    manifest = Manifest(
        generation=store.next_generation(folder),
        model_name=embedder.name,
        model_identity=embedder.identity,
        dimension=embedder.dimension,
        counts={},
        roots=dict(sorted(roots.items())),
        removed=tuple(sorted(removed)),
    )
    vectors = _vectors(chunks, embedder, former, progress)
    ordered_pages = [pages[file] for file in sorted(pages)]
    return store.write_generation(
        folder, _assemble(manifest, ordered_pages, articles, chunks, vectors)
    )


def _vectors(
    chunks: Sequence[Chunk], embedder: Embedder, former: Index | None, progress: bool
) -> Vectors:
    """Return the vectors of ``chunks``, those of unchanged words taken from ``former``."""
    known = {chunk.search_text: row for row, chunk in enumerate(former.chunks)} if former else {}
    texts = [chunk.search_text for chunk in chunks]
    new = [text for text in dict.fromkeys(texts) if text not in known]
    row_of = {text: row for row, text in enumerate(new)}
    fresh = embedder.encode_passages(new, progress)
    vectors = np.empty((len(chunks), embedder.dimension), dtype=np.float32)
    old = [(at, known[text]) for at, text in enumerate(texts) if text in known]
    if former and old:
        vectors[[at for at, _ in old]] = former.matrix([row for _, row in old])
    for at, text in enumerate(texts):
        if text in row_of:
            vectors[at] = fresh[row_of[text]]
    return vectors


def _assemble(
    manifest: Manifest,
    pages: Sequence[Page],
    articles: Sequence[Article],
    chunks: Sequence[Chunk],
    vectors: Vectors,
) -> Index:
    """Return the index of these parts, with postings made and counted."""
    texts = [chunk.search_text for chunk in chunks]
    counts = {"files": len(pages), "articles": len(articles), "chunks": len(chunks)}
    return Index(
        manifest=replace(manifest, counts=counts),
        pages={page.file: page for page in pages},
        articles={article.id: article for article in articles},
        chunks=tuple(chunks),
        vectors=store.flat_index(vectors),
        postings={name: build_postings(texts, analyser) for name, analyser in ANALYSERS.items()},
    )
