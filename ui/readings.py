"""The pages that a person names: how each is read with its corrections, and how it is drawn."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text

from index import formats, store
from index.articles import articles_of
from index.corrections import CORRECTIONS_FILE, read_corrections
from index.doubts import ELSEWHERE
from index.index import Index
from index.reading import Reading
from index.types import Article, CorpusError, Page
from ui.harmless import visible
from ui.outline import article_list, doubt_list, doubts_counted, outline
from ui.terminal import count


@dataclass(frozen=True, slots=True)
class Named:
    """A page, the folder it came from, and its articles in the index; None: not indexed.

    ``kept`` are the ids under which the index knows them and the halves of those that jump
    to another file.
    """

    page: Page
    root: Path
    indexed: tuple[Article, ...] | None = None
    kept: frozenset[str] = frozenset()


def pages_named(names: Sequence[Path], folder: Path) -> Iterator[Named]:
    """Yield the pages called ``names``; without names all of the index at ``folder``.

    A name is that of a page of the index or a path to a file, which need not be in it. The
    index may be missing, or such as cannot be read, where every name is a file. Raises
    :class:`CorpusError` for a name that is neither, before the first page comes.
    """
    known = _known(names, folder)
    if known is not None and not names:
        yield from (indexed(known, file) for file in known.pages)
        return
    for file, path in [_find(name, known, folder) for name in names]:
        if path is not None:
            yield Named(formats.read(path, file), path.parent)
        elif known is not None:
            yield indexed(known, file)


def _known(names: Sequence[Path], folder: Path) -> Index | None:
    """Return the index; None where no name needs it and there is none that can be read."""
    needed = not names or not all(name.is_file() for name in names)
    if names and not store.exists(folder):
        return None
    try:
        return store.load_index(folder)
    except CorpusError:
        if needed:
            raise
        return None


def indexed(known: Index, file: str) -> Named:
    """Return the page ``file`` of the index ``known``."""
    articles = tuple(article for article in known.articles.values() if file in article.files)
    kept = frozenset(article.id for article in (*articles, *known.unlinked.get(file, ())))
    return Named(known.pages[file], Path(known.manifest.roots[file]), articles, kept)


def _find(name: Path, known: Index | None, folder: Path) -> tuple[str, Path | None]:
    """Return the name of a page of the index; or its name and path where it is not in it."""
    path = name.resolve()
    if known is not None:
        for file, root in known.manifest.roots.items():
            if path == Path(root, file):
                return file, None
        if name.as_posix() in known.pages:
            return name.as_posix(), None
    if path.is_file():
        return path.name, path
    where = "of the index" if known else f"of an index: there is none in {folder}"
    raise CorpusError(
        f"{name}: no such file, and no page {where}; check the path, or see the pages that "
        "there are: wenbao articles"
    )


def reading_of(named: Named, corrected: bool = True) -> Reading | None:
    """Return how the page is read; None where its file marks its articles itself.

    The corrections beside the page are applied where ``corrected``. Raises
    :class:`CorpusError` when they cannot be read or do not fit the page.
    """
    path = named.root / CORRECTIONS_FILE
    corrections = read_corrections(path).of(named.page.file) if corrected else None
    if formats.articles_in(named.page, corrections) is not None:
        return None
    reading = articles_of(named.page, corrections)
    found = other_files(named, reading.articles)
    doubts = (d for d in reading.doubts if d.message not in ELSEWHERE or d.article_id not in found)
    return replace(reading, doubts=tuple(doubts))


def articles_named(named: Named) -> Sequence[Article]:
    """Return the articles of the page: those of the index, or those it is read as."""
    if named.indexed is not None:
        return named.indexed
    reading = reading_of(named)
    return reading.articles if reading else formats.articles_in(named.page) or ()


def other_files(named: Named, articles: Sequence[Article]) -> Mapping[str, str]:
    """Return the files that ``articles`` go on in or begin in, by id, where the index has them."""
    found: dict[str, str] = {}
    for whole in named.indexed or ():
        others = [file for file in whole.files if file != named.page.file]
        places = set(whole.spans)
        halves = (article.id for article in articles if places.issuperset(article.spans))
        found.update((half, ", ".join(others)) for half in halves if others)
    return found


def drawn(
    named: Named, reading: Reading | None, width: int, only_doubts: bool = False
) -> Iterator[RenderableType]:
    """Yield the outline of a page, the articles of one without ``reading``, or the doubts."""
    file = visible(named.page.file)
    if only_doubts:
        yield Text(f"{file}: {doubts_counted(len(reading.doubts) if reading else 0)}", "bold")
        if reading is not None:
            yield from doubt_list(reading, width)
        return
    if reading is None:
        articles = articles_named(named)
        yield Text(f"{file} · {count(len(articles), 'article')}", style="bold")
        yield Text()
        yield from article_list(articles, {}, {}, _notes(named, articles))
    else:
        yield from outline(reading, width, _notes(named, reading.articles))
    if named.indexed is None:
        yield Text("\nThis file is not in the index.", style="dim")
    yield Text()


def _notes(named: Named, articles: Sequence[Article]) -> Mapping[str, str]:
    """Return what the index knows of articles: that it lacks one, or where the rest is."""
    notes = {id_: f"together with {file}" for id_, file in other_files(named, articles).items()}
    if named.indexed is not None:
        missing = [article.id for article in articles if article.id not in named.kept]
        notes.update((id_, "not in the index") for id_ in missing)
    return notes
