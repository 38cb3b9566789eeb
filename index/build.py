"""Pages in, one new generation of the index out; what did not change is not done again."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from index import formats, former_formats, segments, store
from index.articles import articles_of
from index.corrections import PageCorrections
from index.decoding import read_bytes
from index.index import Index
from index.jsonl import MAX_COLLECTION_BYTES
from index.manifest import Manifest
from index.probes import probe
from index.resuming import embedded, forget
from index.revision import Revision, is_half
from index.segments import Drafted, Living
from index.sources import Source, mislaid, sources_in
from index.types import Article, CorpusError, Embedder, Page
from index.windows import Embedded, embedded_from, joined

Status = Literal["added", "changed", "unchanged", "removed", "failed"]
Stage = Literal["reading", "embedding", "writing"]
TAKEN_OUT = "taken out; name the file to bring it back"
MAX_SEGMENTS = 8


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


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file is: its page and articles, or the message why it is none."""

    page: Page | None
    articles: tuple[Article, ...] = ()
    message: str = ""


Ahead = Callable[[Mapping[str, Source]], Mapping[str, Taken]]


def nothing_ahead(_: Mapping[str, Source]) -> Mapping[str, Taken]:
    """Read nothing before its turn."""
    return {}


class NothingIndexedError(CorpusError):
    """Every file failed; ``files`` says why of each."""

    def __init__(self, message: str, files: Sequence[FileReport]) -> None:
        super().__init__(message)
        self.files = tuple(files)


def unwatched(progress: Progress) -> None:
    """Tell nobody."""


def build_index(
    paths: Sequence[Path],
    folder: Path,
    embedder: Embedder,
    progress: bool = False,
    watch: Watch = unwatched,
    ahead: Ahead = nothing_ahead,
) -> BuildReport:
    """Build or update the index at ``folder`` from the pages at ``paths``, and report.

    A path is a page or a folder of pages (:data:`index.formats.SUFFIXES`), which may hold a
    corrections file. Unchanged pages keep their articles and vectors, changed or newly
    corrected ones are replaced, those that vanished from a given folder are removed; pages of
    other folders stay. A page that fails keeps its former version. Articles that jump between
    pages are put together anew. An index of another model is embedded anew from its own pages.
    ``progress`` shows a bar on stderr, ``watch`` is told how far the build is. ``ahead`` may read
    some of the files that changed before they are taken in one by one: elsewhere, many at a time.

    Raises :class:`CorpusError` when nothing can be indexed (:class:`NothingIndexedError` when
    every file failed) or a corrections file is damaged; the former generation is then untouched.
    """
    known = store.load_manifest(folder).roots.values() if store.exists(folder) else ()
    sources, corrections = sources_in(paths, folder, set(known))
    with store.writer_lock(folder):
        former = store.load_index(folder) if store.exists(folder) else None
        if former:
            store.tidy(folder)
        revision = Revision.of(former)
        reports: list[FileReport] = []
        changed = {f: source for f, source in sources.items() if not _same(f, source, revision)}
        taken = ahead(changed)
        for done, (file, source) in enumerate(sources.items()):
            watch(Progress("reading", done, len(sources)))
            if file in changed:
                reports.append(_take_in(file, source, revision, taken.get(file)))
            else:
                revision.roots[file] = source.root
                reports.append(FileReport(file, "unchanged", revision.article_count(file)))
        given_roots = {str(path.resolve()) for path in paths if path.is_dir()}
        for file in [file for file, root in revision.roots.items() if root in given_roots]:
            if file not in sources:
                revision.drop(file)
                reports.append(FileReport(file, "removed"))
        for file, message in mislaid(corrections, sources, given_roots):
            reports.append(FileReport(file, "failed", message=message))
        _require_something(revision, reports, folder)
        if former and former.manifest.model_identity != embedder.identity:
            revision.put_all()
        if former and not revision.changes:
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
            manifest = _write(folder, manifest, revision, embedder, progress, watch)
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
        before, revision = Revision.of(former), Revision.of(former)
        gone: set[str] = set()
        reports = []
        for name in dict.fromkeys(names):
            if name in former.pages:
                found = before.articles_of(name)
            elif name in former.articles:
                found = _halves(former.articles[name], before)
            else:
                found = []
            if not found:
                raise CorpusError(
                    f"{name!r} is neither a file nor an article of this index; "
                    "`wenbao articles` lists them"
                )
            ids = {article.id for article in found}
            gone |= ids
            is_file = name in former.pages
            revision.removed |= {name} if is_file else ids
            reports.append(FileReport(name, "removed", len(found) if is_file else 1))
            for file in {article.file for article in found}:
                left = [article for article in revision.articles_of(file) if article.id not in gone]
                page = revision.page(file)
                if left and page:
                    revision.put(file, page, left)
                else:
                    revision.drop(file)
        manifest = replace(former.manifest, generation=store.next_generation(folder))
        manifest = _write(folder, manifest, revision, embedder, progress=False)
    return BuildReport(
        manifest.generation, tuple(reports), manifest.counts["articles"], manifest.counts["chunks"]
    )


def _halves(article: Article, revision: Revision) -> list[Article]:
    """Return the articles of single files that ``article`` is put together of."""
    places = set(article.spans)
    return [
        half
        for file in article.files
        for half in revision.articles_of(file)
        if places.issuperset(half.spans)
    ]


def taken_in(path: Path, file: str, corrections: PageCorrections | None = None) -> Taken:
    """Return what the file at ``path`` is, named ``file``: read as it is, or as it marks itself."""
    try:
        page = formats.read(path, file)
        found = formats.articles_in(page, corrections)
        if found is None:
            found = list(articles_of(page, corrections).articles)
    except CorpusError as error:
        return Taken(None, message=str(error))
    return Taken(page, tuple(found))


def _same(file: str, source: Source, revision: Revision) -> bool:
    """Return whether a file and its corrections are those that the index holds."""
    former = revision.sha256_of(file)
    root = revision.roots.get(file)
    return (
        former is not None
        and not source.named
        and file not in revision.removed
        and (root == source.root or not Path(root or "", file).exists())
        and revision.corrected.get(file, "") == source.corrected
        and former == _sha256(source.path)
    )


def _take_in(file: str, source: Source, revision: Revision, taken: Taken | None) -> FileReport:
    """Bring one file up to date in ``revision``; return its report.

    ``taken`` is what it is, where that is known already.
    """
    former = revision.sha256_of(file)
    count = revision.article_count(file) if former else 0
    if not source.named and file in revision.removed:
        return FileReport(file, "unchanged", count, TAKEN_OUT)
    root = revision.roots.get(file)
    if root and root != source.root and Path(root, file).exists():
        message = f"{file}: a page of this name was indexed from {root}; rename one"
        return FileReport(file, "failed", count, message)
    taken = taken or taken_in(source.path, file, source.corrections)
    page, found = taken.page, list(taken.articles)
    if page is None:
        return FileReport(file, "failed", count, taken.message)
    if not found:
        message = f"{file}: no article found in it; a page holds running text"
        return FileReport(file, "failed", count, message)
    if source.named:
        revision.removed.difference_update({file, *(article.id for article in found)})
    found = [article for article in found if article.id not in revision.removed]
    if not found:
        revision.drop(file)
        return FileReport(file, "removed" if former else "unchanged", message=TAKEN_OUT)
    same_edits = revision.corrected.get(file, "") == source.corrected
    revision.roots[file] = source.root
    revision.corrected.pop(file, None)
    if source.corrected:
        revision.corrected[file] = source.corrected
    if same_edits and page == revision.page(file) and found == revision.articles_of(file):
        return FileReport(file, "unchanged", len(found))
    revision.put(file, page, found)
    return FileReport(file, "changed" if former else "added", len(found))


def _sha256(path: Path) -> str | None:
    """Return the digest of the file's bytes; ``None`` when it cannot be read."""
    try:
        return hashlib.sha256(read_bytes(path, path.name, MAX_COLLECTION_BYTES)).hexdigest()
    except CorpusError:
        return None


def _require_something(revision: Revision, reports: Sequence[FileReport], folder: Path) -> None:
    """Raise :class:`CorpusError` when every page failed, or none would be left."""
    failed = [report for report in reports if report.status == "failed"]
    if failed and len(failed) == len(reports):
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        raise NothingIndexedError(failed[0].message + more, failed)
    if not revision.roots:
        raise CorpusError(f"{folder}: no page would be left in the index; name a page to index")


def _write(
    folder: Path,
    manifest: Manifest,
    revision: Revision,
    embedder: Embedder | None,
    progress: bool,
    watch: Watch = unwatched,
) -> Manifest:
    """Link the articles, embed what is new, write the generation, and return its manifest.

    Its model, generation and dimension are those of ``manifest``.
    """
    linked = revision.linked()
    thinned = {
        file: {article.id for article in articles}
        for file, articles in linked.items()
        if revision.only_loses(file, articles)
    }
    found = {file: articles for file, articles in linked.items() if file not in thinned}
    parts = _staying(revision, found.keys(), thinned)
    former = revision.former
    known = None if revision.anew else former  # of the same model
    new: dict[str, bytes] | None = None
    if found:
        pages = [revision.pages[file] for file in sorted(revision.pages) if file not in thinned]
        own = {page.file: revision.articles_of(page.file) for page in pages}
        draft = segments.drafted(
            pages,
            [article for articles in found.values() for article in articles],
            [half for halves in own.values() if any(map(is_half, halves)) for half in halves],
        )
        unfinished = folder / store.UNFINISHED_VECTORS
        made = _embedded(draft, manifest, embedder, known, unfinished, progress, watch)
        watch(Progress("writing"))
        new = segments.contents_of(draft, made)
    living = [*parts, *([store.new_living(new)] if new is not None else [])]
    written = _compacted(living, new)
    manifest = replace(
        manifest,
        counts=_counts(living),
        roots=dict(sorted(revision.roots.items())),
        removed=tuple(sorted(revision.removed)),
        corrections=dict(sorted(revision.corrected.items())),
    )
    probes = known.probes if known else None
    if probes is None and embedder:
        probes = probe(embedder)
    manifest = store.write_generation(folder, manifest, written, probes)
    forget(folder / store.UNFINISHED_VECTORS)
    return manifest


def _staying(
    revision: Revision, changed: Collection[str], thinned: Mapping[str, Collection[str]]
) -> list[Living]:
    """Return what stays of the segments of the former index, without what is ``changed``.

    ``thinned`` are files that stay with fewer articles, and the ids of these.
    """
    if revision.former is None:
        return []
    touched = revision.touched - thinned.keys()
    concerned = {*changed, *touched, *thinned}
    parts = []
    for part in revision.former.parts:
        pages, articles = part.pages.copy(), part.articles.copy()
        for number, page in enumerate(part.segment.page_heads):
            if page.file in touched:
                pages[number] = False
        for number, article in enumerate(part.segment.heads):
            if article.files[0] in concerned and article.id not in thinned.get(article.file, ()):
                articles[number] = False
        if pages.any() or articles.any():
            parts.append(replace(part, pages=pages, articles=articles))
    return parts


def _compacted(
    living: Sequence[Living], new: dict[str, bytes] | None
) -> list[Living | dict[str, bytes]]:
    """Return the segments to write: ``living``, of which the last is the one in the files ``new``.

    Of more than :data:`MAX_SEGMENTS` the smallest become one, those that are alike in size, so
    that a page that comes seldom moves what is large. With them goes one that has lost more
    than half of its chunks, or is of a former format.
    """
    parts = living if new is None else living[:-1]
    sizes = [int(part.chunks.sum()) for part in living]
    order = sorted(range(len(living)), key=lambda at: sizes[at])
    small: list[int] = []
    if len(living) > MAX_SEGMENTS:
        total = 0
        for at in order:
            if len(small) > 1 and sizes[at] > 2 * total:
                break
            small.append(at)
            total += sizes[at]
    worn = [
        at
        for at, part in enumerate(parts)
        if 2 * sizes[at] < len(part.chunks) or part.ref.name == former_formats.WHOLE
    ]
    chosen = sorted({*small, *worn})
    if not chosen or (chosen == [len(living) - 1] and new is not None):
        return [*parts, *([new] if new is not None else [])]
    if new is not None and len(living) - 1 not in chosen:
        chosen.append(len(living) - 1)
    staying = [part for at, part in enumerate(living) if at not in chosen]
    return [*staying, segments.merge([living[at] for at in chosen])]


def _counts(parts: Sequence[Living]) -> dict[str, int]:
    return {
        "files": sum(int(part.pages.sum()) for part in parts),
        "articles": sum(int(part.articles.sum()) for part in parts),
        "chunks": sum(int(part.chunks.sum()) for part in parts),
    }


def _embedded(
    draft: Drafted,
    manifest: Manifest,
    embedder: Embedder | None,
    former: Index | None,
    unfinished: Path,
    progress: bool,
    watch: Watch,
) -> Embedded:
    """Return the vectors of the words of ``draft``, those that ``former`` has taken from it.

    Those made are kept in ``unfinished`` until the build is done.
    """
    parts = [embedded_from([], manifest.dimension)]
    known = np.zeros(len(draft.digests), dtype=bool)
    if former:
        known, taken = former.known_vectors(draft.digests)
        parts.append(taken)
    new = [text for text, is_known in zip(draft.words, known, strict=True) if not is_known]
    if new:
        embedder = embedder or _model_of(manifest)
        parts.append(embedded(new, embedder, unfinished, progress, _told(watch)))
    return joined(parts, [np.flatnonzero(known), np.flatnonzero(~known)])


def _told(watch: Watch) -> Callable[[int, int], None]:
    return lambda done, total: watch(Progress("embedding", done, total))


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
