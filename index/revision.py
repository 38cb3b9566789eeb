"""What an index is to become: the files that change, over those that stay."""

from collections import ChainMap
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Self, cast

from index.halves import day_of
from index.index import Index
from index.jumps import linked
from index.types import Article, Page


@dataclass(slots=True)
class Revision:
    """Changes to an index, which may be ``None``: to be made from nothing.

    ``pages`` and ``articles`` are those of the files that change, the articles as each file
    alone has them; ``gone`` are files that leave. ``anew``: nothing of the former index stays.
    ``roots`` has every file of the index to be, as in its manifest; ``corrected`` and ``removed``
    likewise.
    """

    former: Index | None
    roots: dict[str, str]
    corrected: dict[str, str]
    removed: set[str]
    pages: dict[str, Page] = field(default_factory=dict)
    articles: dict[str, list[Article]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    anew: bool = False

    @classmethod
    def of(cls, former: Index | None) -> Self:
        """Return the revision that changes nothing yet."""
        if former is None:
            return cls(None, {}, {}, set())
        manifest = former.manifest
        return cls(former, dict(manifest.roots), dict(manifest.corrections), set(manifest.removed))

    @property
    def touched(self) -> set[str]:
        """The files that change or leave."""
        return self.pages.keys() | self.gone

    @property
    def changes(self) -> bool:
        """Whether anything is to be written."""
        before = Revision.of(self.former)
        mine, theirs = (
            (each.roots, each.corrected, each.removed, each.touched) for each in (self, before)
        )
        return mine != theirs

    def page(self, file: str) -> Page | None:
        """Return a page as it is to be."""
        if file in self.pages or file in self.gone or self.former is None:
            return self.pages.get(file)
        return self.former.pages.get(file)

    def sha256_of(self, file: str) -> str | None:
        """Return the digest of the bytes of a page as it is to be."""
        if file in self.pages:
            return self.pages[file].sha256
        head = self.former.page_head(file) if self.former and file not in self.gone else None
        return head.sha256 if head else None

    def articles_of(self, file: str) -> list[Article]:
        """Return the articles of a file as they are to be, as it alone has them."""
        if file in self.articles or file in self.gone or self.former is None:
            return self.articles.get(file, [])
        if file in self.former.half_files:
            return list(self.former.halves[file])
        return [self.former.articles[id_] for id_ in self.former.articles_of.get(file, ())]

    def article_count(self, file: str) -> int:
        """Return the number of :meth:`articles_of`."""
        if file in self.articles or file in self.gone or self.former is None:
            return len(self.articles.get(file, ()))
        halves = self.former.half_files
        of_file = self.former.halves if file in halves else self.former.articles_of
        return len(of_file.get(file, ()))

    def put(self, file: str, page: Page, articles: list[Article]) -> None:
        """Let a file have these articles."""
        self.pages[file], self.articles[file] = page, articles
        self.gone.discard(file)

    def drop(self, file: str) -> None:
        """Let a file leave."""
        for values in (self.pages, self.articles, self.roots, self.corrected):
            values.pop(file, None)
        if self.former and self.former.page_head(file):
            self.gone.add(file)

    def put_all(self) -> None:
        """Let every file change, to be made anew."""
        self.anew = True
        for file in self.roots:
            page = self.page(file)
            if page:
                self.put(file, page, self.articles_of(file))

    def linked(self) -> dict[str, list[Article]]:
        """Return the articles that change, by the file they begin in, in order.

        Those that jump between files of one root are put together; a file that does not change
        itself is among them where one of its articles goes on in, or no longer in, one that
        does.
        """
        kin = self._kin()
        found: dict[str, list[Article]] = {file: [] for file in sorted(self.pages)}
        pages = cast(
            Mapping[str, Page],
            ChainMap(self.pages, cast(dict[str, Page], self.former.pages if self.former else {})),
        )
        files = sorted(kin | self.pages.keys())
        for root in sorted({self.roots[file] for file in files}):
            own = [a for f in files if self.roots[f] == root for a in self.articles_of(f)]
            for article in linked(own, pages):
                found.setdefault(article.file, []).append(article)
        for file in kin - self.pages.keys():
            if found.setdefault(file, []) == self._linked_before(file):
                del found[file]
        return dict(sorted(found.items()))

    def only_loses(self, file: str, articles: Sequence[Article]) -> bool:
        """Return whether a file stays as it is but for articles that leave it.

        ``articles`` are those that it is to have, linked. Its halves are written anew.
        """
        page = self.pages.get(file)
        if self.anew or not self.former or not page or self.former.pages.get(file) != page:
            return False
        if file in self.former.half_files or any(map(is_half, self.articles[file])):
            return False
        staying = {article.id for article in articles}
        return articles == [each for each in self._linked_before(file) if each.id in staying]

    def _linked_before(self, file: str) -> list[Article]:
        assert self.former
        return [self.former.articles[id_] for id_ in self.former.articles_of.get(file, ())]

    def _kin(self) -> set[str]:
        """Return the files with a half that may be of one issue with a half that changes."""
        before = self.former.half_files if self.former else frozenset()
        halved = {file for file, articles in self.articles.items() if any(map(is_half, articles))}
        changing = halved | (before & self.touched)
        if not changing:
            return set()
        keys = {
            file: _issues(file, self.articles_of(file)) for file in (before | halved) - self.gone
        }
        if self.former:
            for file in before & self.touched:
                keys.setdefault(file, set()).update(_issues(file, self.former.halves[file]))
        # Articles of one folder may be of one issue where the day of either is unknown.
        undated = {key for found in keys.values() for key in found if key[1] is None}
        for file, found in keys.items():
            folder = (str(PurePosixPath(file).parent), None)
            if folder in undated:
                found.add(folder)
        reached, issues = set(changing), set().union(*(keys[file] for file in changing))
        while True:
            more = {file for file, found in keys.items() if file not in reached and found & issues}
            if not more:
                return reached - self.gone
            reached |= more
            issues = issues.union(*(keys[file] for file in more))


def is_half(article: Article) -> bool:
    """Return whether ``article`` goes on in another file, or is taken up from one."""
    return article.broken_off or article.taken_up


_Issue = tuple[str, str | None]  # a day; or a folder, and no day


def _issues(file: str, articles: Iterable[Article]) -> set[_Issue]:
    """Return what the halves of a file may have in common with others of their issue."""
    folder = str(PurePosixPath(file).parent)
    days: Collection[str | None] = {day_of(each) for each in articles if is_half(each)}
    return {("", day) if day else (folder, None) for day in days}
