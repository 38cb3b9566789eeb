"""What people have corrected about pages: the file ``corrections.toml`` beside them, read.

::

    [[page]]
    file = "000_361fbcaa1fcc6c1b.txt"
    date = "2026-05-20"        # the day of issue

    [[page.edit]]              # these lines belong to the article of line 10
    lines = "39-41"            # also 39, or "39, 41-43"
    to = 10                    # any line of it, or "page", or "new"; or: after = 37
    role = "headline"          # any role that `wenbao articles` shows

    [[page.edit]]
    merge = [10, 45]           # one article: that of line 10, then that of line 45
    [[page.edit]]
    split = 98                 # an article of its own begins at line 98
    [[page.edit]]
    join = [51, 53]            # line 53 carries on the paragraph of line 51; `part` parts them
    [[page.edit]]
    article = 113              # the article of line 113
    genre = "comment"          # and/or complete = true

Every edit may guard itself with ``starts``, the opening words of the first line it names.
Edits are applied from top to bottom (``mending.py``); ``docs/corrections.md`` tells an editor.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from index.edits import About, Change, Edit, Joint, Lines, Merge, Split
from index.roles import Role
from index.types import CorpusError

CORRECTIONS_FILE = "corrections.toml"
GENRES = ("news", "feature", "comment", "interview", "notice", "advert", "caption", "weather")
OWNERLESS = frozenset({Role.FURNITURE, Role.QR})
PAGE_ROLES = OWNERLESS | {Role.KICKER}  # what may belong to no article

_KINDS: Mapping[str, frozenset[str]] = {
    "lines": frozenset({"to", "after", "role"}),
    "merge": frozenset(),
    "split": frozenset(),
    "join": frozenset(),
    "part": frozenset(),
    "article": frozenset({"genre", "complete"}),
}
_RANGE_MARKS = str.maketrans("０１２３４５６７８９，、－–—~～至", "0123456789,,------")


@dataclass(frozen=True, slots=True)
class PageCorrections:
    """The corrections of a page: its day of issue, where it is given, and the edits in order."""

    file: str
    date: str | None = None
    edits: tuple[Edit, ...] = ()

    @property
    def digest(self) -> str:
        """The sha256 of what they say, however it is written; empty when they say nothing."""
        if self.date is None and not self.edits:
            return ""
        said = [[type(e.change).__name__, asdict(e.change), e.starts] for e in self.edits]
        text = json.dumps([self.date, said], sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    @property
    def joins(self) -> Mapping[tuple[int, int], bool]:
        """Whether two lines are halves of one paragraph, where a person has said so."""
        joints = [e.change for e in self.edits if isinstance(e.change, Joint)]
        return {(joint.first, joint.second): joint.joined for joint in joints}


@dataclass(frozen=True, slots=True)
class Corrections:
    """The corrections of all pages of a folder, in the order of the file."""

    pages: tuple[PageCorrections, ...] = ()

    def of(self, file: str) -> PageCorrections | None:
        """Return the corrections of the page named ``file``, if there are any."""
        return next((page for page in self.pages if page.file == file), None)


def read_corrections(path: Path) -> Corrections:
    """Return what the corrections file at ``path`` says; nothing where there is none.

    Raises :class:`CorpusError` with the file, the place in it and the value for what cannot
    be read or understood.
    """
    try:
        values = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        return Corrections()
    except UnicodeDecodeError as error:
        problem = f"byte {error.start} is not UTF-8; save the file as UTF-8"
        raise CorpusError(f"{path}: {problem}") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        remedy = 'write `name = value`, texts in straight quotes ("), as docs/corrections.md does'
        raise CorpusError(f"{path}: not TOML ({error}); {remedy}") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise CorpusError(f"{path}: cannot be read ({reason}); check the path") from None
    return Corrections(tuple(_pages(values, str(path))))


def _pages(values: Mapping[str, Any], path: str) -> Iterator[PageCorrections]:
    _require_known(values, {"page"}, path)
    seen: set[str] = set()
    for number, table in enumerate(_tables(values, "page", "[[page]]", path), start=1):
        file = table.get("file")
        if not isinstance(file, str) or not file:
            problem = 'it names no file; write file = "name of the page.txt"'
            raise CorpusError(f"{path}: page {number}: {problem}")
        where = f"{path}: page {file}"
        if file in seen:
            raise CorpusError(f"{where}: it stands there twice; put all below one [[page]]")
        seen.add(file)
        _require_known(table, {"file", "date", "edit"}, where)
        tables = _tables(table, "edit", "[[page.edit]]", where)
        edits = tuple(_edit(edit, f"{where}, edit {n}") for n, edit in enumerate(tables, start=1))
        yield PageCorrections(file, _day(table.get("date"), where), edits)


def _tables(
    values: Mapping[str, Any], key: str, header: str, where: str
) -> list[Mapping[str, Any]]:
    tables = values.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise CorpusError(f"{where}: {key} is no list of tables; write {header}, two brackets")
    return tables


def _require_known(table: Mapping[str, Any], known: Collection[str], where: str) -> None:
    for key in table:
        if key not in known:
            names = ", ".join(sorted(known))
            raise CorpusError(f"{where}: {key!r} is not known here; known are {names}")


def _edit(table: Mapping[str, Any], where: str) -> Edit:
    kinds = [kind for kind in _KINDS if kind in table]
    if len(kinds) != 1:
        found = " and ".join(kinds) or "none"
        raise CorpusError(f"{where}: write just one of {', '.join(_KINDS)}; found {found}")
    (kind,) = kinds
    where = f"{where} ({kind} = {_shown(table[kind])})"
    _require_known(table, {kind, "starts", *_KINDS[kind]}, where)
    starts = table.get("starts", "")
    if not isinstance(starts, str) or ("starts" in table and not starts.strip("… ")):
        raise CorpusError(f"{where}: starts is no text; write the opening words of the line")
    return Edit(_change(kind, table, where), starts, where)


def _change(kind: str, table: Mapping[str, Any], where: str) -> Change:
    value = table[kind]
    if kind == "lines":
        return _lines(table, where)
    if kind == "article":
        return _about(table, where)
    if kind == "split":
        return Split(_number(value, where))
    numbers = _numbers(value, where)
    if kind == "merge":
        return Merge(numbers)
    first, second, *more = numbers
    if more:
        raise CorpusError(f"{where}: two lines meet in a joint; write an edit for each two")
    return Joint(first, second, kind == "join")


def _lines(table: Mapping[str, Any], where: str) -> Lines:
    to, after, role = table.get("to"), table.get("after"), table.get("role")
    given = [each is not None for each in (to, after, role)]
    if all(given[:2]) or not any(given):
        raise CorpusError(f"{where}: give a role, or one of to and after, or both of these")
    if to not in (None, "page", "new"):
        to = _number(to, f'{where}: to ("page", "new" or a line of the article)')
    if role is not None and role not in list(Role):
        raise CorpusError(f"{where}: role {_shown(role)} is none of {', '.join(sorted(Role))}")
    if to == "page" and role is not None and role not in PAGE_ROLES:
        names = ", ".join(sorted(PAGE_ROLES))
        raise CorpusError(f"{where}: {role} belongs to an article; to the page belong {names}")
    if role in OWNERLESS and (to not in (None, "page") or after is not None):
        raise CorpusError(f'{where}: {role} belongs to no article; write to = "page"')
    return Lines(
        _ranges(table["lines"], where),
        to,
        None if after is None else _number(after, f"{where}: after"),
        None if role is None else Role(role),
    )


def _about(table: Mapping[str, Any], where: str) -> About:
    genre, complete = table.get("genre"), table.get("complete")
    if genre is complete is None:
        raise CorpusError(f"{where}: nothing is said of the article; give genre or complete")
    if genre is not None and genre not in sorted(GENRES):
        raise CorpusError(f"{where}: genre {_shown(genre)} is none of {', '.join(sorted(GENRES))}")
    if complete is not None and not isinstance(complete, bool):
        raise CorpusError(f"{where}: complete = {_shown(complete)}; write true or false, no quotes")
    return About(_number(table["article"], where), genre, complete)


def _ranges(value: Any, where: str) -> tuple[tuple[int, int], ...]:
    if not isinstance(value, str):
        number = _number(value, where)
        return ((number, number),)
    found = []
    for part in value.translate(_RANGE_MARKS).split(","):
        match = re.fullmatch(r"\s*([0-9]{1,9})\s*(?:-+\s*([0-9]{1,9})\s*)?", part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 0 < first <= last:
            remedy = 'write a number, "39-41" or "7, 9-11"'
            raise CorpusError(f"{where}: {_shown(part.strip())} is no range of lines; {remedy}")
        found.append((first, last))
    return tuple(found)


def _numbers(value: Any, where: str) -> tuple[int, ...]:
    if isinstance(value, list) and len({str(each) for each in value}) == len(value) > 1:
        return tuple(_number(each, where) for each in value)
    raise CorpusError(f"{where}: write different line numbers in brackets, as [51, 53]")


def _number(value: Any, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise CorpusError(f"{where}: {_shown(value)} is no line number; write one, from 1 on")
    return value


def _day(value: Any, where: str) -> str | None:
    """Return the day as YYYY-MM-DD; TOML knows days without quotes, too."""
    text = value.isoformat() if isinstance(value, date) else value
    try:
        if text is None or date.fromisoformat(text).isoformat() == text:
            return text
    except (TypeError, ValueError):
        pass
    raise CorpusError(f'{where}: date {_shown(value)} is no day; write it as "2026-05-20"')


def _shown(value: Any) -> str:
    """Return the value as a person wrote it, cut to a few words."""
    shown = json.dumps(value, ensure_ascii=False, default=str)
    return shown if len(shown) <= 40 else f"{shown[:39]}…"
