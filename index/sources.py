"""Which files are to be indexed, and what people have corrected about them.

A link that leads out of the folder that was given is not followed, and a warning says so: who
may put files there could otherwise have any file of the machine read.
"""

import logging
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from index import formats
from index.corrections import CORRECTIONS_FILE, Corrections, PageCorrections, read_corrections
from index.store import FOLDERS
from index.types import CorpusError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Source:
    """A file to index, the folder that names it, and its corrections.

    ``named``: the user gave this very file, not only its folder.
    """

    path: Path
    root: str
    named: bool
    corrections: PageCorrections | None = None

    @property
    def corrected(self) -> str:
        """The digest of its corrections; empty where there are none."""
        return self.corrections.digest if self.corrections else ""


def sources_in(
    paths: Sequence[Path], index_folder: Path, known_roots: Collection[str] = ()
) -> tuple[dict[str, Source], dict[str, Corrections]]:
    """Return the files to index by their name under the folder they were found in, the root.

    And the corrections of each root. The root of a file that is named is the innermost of
    ``known_roots`` that it lies below, else its folder. What lies in the index itself is no page.
    Raises :class:`CorpusError` for a path that is not there, a folder without pages or one that
    cannot be read, two files of one name and a damaged corrections file.
    """
    found: dict[str, Source] = {}
    corrections: dict[str, Corrections] = {}
    for path in paths:
        if not path.exists():
            raise CorpusError(f"{path}: no such file or folder; check the path")
        if path.is_dir():
            root = path.resolve()
            files = _pages_in(root, index_folder.resolve())
            if not files:
                endings = " ".join(f"*{suffix}" for suffix in formats.SUFFIXES)
                raise CorpusError(f"{path}: no pages in this folder ({endings}); put some in")
        elif path.name == CORRECTIONS_FILE:
            raise CorpusError(f"{path}: corrections are no page; index their folder instead")
        else:
            files = [path.resolve()]
            root = _root_of(files[0], known_roots)
        of_root = corrections.get(str(root)) or read_corrections(root / CORRECTIONS_FILE)
        corrections[str(root)] = of_root
        for file in files:
            name = file.relative_to(root).as_posix()
            if name in found and found[name].path != file:
                raise CorpusError(
                    f"{file}: {found[name].path} has the same name {name!r}; "
                    "rename one, or index the folder that holds both"
                )
            named = not path.is_dir() or (name in found and found[name].named)
            found[name] = Source(file, str(root), named, of_root.of(name))
    return found, corrections


def _pages_in(root: Path, index_folder: Path) -> list[Path]:
    """Return the pages below ``root`` in order of their paths.

    A README is none, nor is what is hidden, lies elsewhere or belongs to the index.
    """
    found = list(_below(root))
    for file in found:
        if file.is_symlink() and not _lies_in(root, file):
            log.warning("%r: a link that leads out of %s is not followed", str(file), root)
    return sorted(
        file
        for file in found
        if file.suffix.lower() in formats.SUFFIXES
        and not file.name.upper().startswith("README")
        and not any(part.startswith(".") for part in file.relative_to(root).parts)
        and not file.is_dir()
        and _lies_in(root, file)
        and not any(_lies_in(index_folder / own, file) for own in FOLDERS)
    )


def _below(root: Path) -> Iterator[Path]:
    """Yield what lies below ``root``, links to folders unfollowed, without hidden folders.

    Raises :class:`CorpusError` for a folder that cannot be read: its pages are not gone.
    """

    def refuse(error: OSError) -> None:
        raise CorpusError(
            f"{error.filename}: cannot be read ({error.strerror}); let it be read, "
            "or index the folders beside it"
        ) from error

    for folder, folders, files in os.walk(root, onerror=refuse):
        yield from (Path(folder, name) for name in sorted((*folders, *files)))
        folders[:] = [name for name in folders if not name.startswith(".")]


def _root_of(file: Path, known_roots: Collection[str]) -> Path:
    """Return the innermost of the roots that a file lies below, else its folder."""
    above = [Path(root) for root in known_roots if file.is_relative_to(root)]
    return max(above, key=lambda root: len(root.parts), default=file.parent)


def _lies_in(folder: Path, file: Path) -> bool:
    """Return whether what ``file`` leads to lies in ``folder``; a link to nothing lies where it is.

    What cannot be read is refused when it is read, with its name.
    """
    return Path(os.path.realpath(file) if file.exists() else file).is_relative_to(folder)


def mislaid(
    corrections: Mapping[str, Corrections],
    sources: Mapping[str, Source],
    given_roots: Collection[str],
) -> Iterator[tuple[str, str]]:
    """Yield each file that is corrected and is no page of its root, and what to do about it.

    ``given_roots`` are those that the user gave; of others only some pages may be in ``sources``.
    """
    for root, of_root in corrections.items():
        for page in of_root.pages:
            known = page.file in sources and sources[page.file].root == root
            if not known and (root in given_roots or not Path(root, page.file).is_file()):
                yield (
                    page.file,
                    f"{Path(root, CORRECTIONS_FILE)}: there is no page {page.file!r} in this "
                    "folder; correct the name, or remove its [[page]]",
                )
