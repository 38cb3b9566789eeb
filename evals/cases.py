"""Cases: read, checked, and tied to the printed words that answer them."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn, Protocol, cast, get_args

from evals.types import KINDS, SPLITS, Case, Gold, Kind, Split
from index.types import Article, CorpusError, Page, Span
from rag.types import Language

LANGUAGES: tuple[str, ...] = get_args(Language)


class Corpus(Protocol):
    """The pages and articles that cases are about."""

    @property
    def pages(self) -> Mapping[str, Page]:
        """Received pages by file name."""

    @property
    def articles(self) -> Mapping[str, Article]:
        """Articles by id."""


def load_cases(folder: Path) -> tuple[Case, ...]:
    """Return the cases of ``answerable``, ``unanswerable`` and ``dialogues.jsonl`` in order.

    Raises :class:`CorpusError` with file, line and reason for the first bad row, and for a
    missing file or an id that is used twice.
    """
    cases: list[Case] = []
    seen: dict[str, str] = {}
    for kind in KINDS:
        path = folder / f"{kind}.jsonl"
        try:
            lines = path.read_text(encoding="utf-8").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise CorpusError(f"{path}: cannot read the cases ({error}); restore it") from None
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            case = _case(line, kind, f"{path.name}:{number}")
            if case.id in seen:
                _bad(case.source, f'"id" {case.id!r} is used by {seen[case.id]} too; rename one')
            seen[case.id] = case.source
            cases.append(case)
    if not cases:
        raise CorpusError(f"{folder}: no cases; add rows to answerable.jsonl")
    return tuple(cases)


def find_gold(case: Case, corpus: Corpus) -> Gold | None:
    """Return the place that answers ``case``; None where the corpus has no answer.

    Raises :class:`CorpusError` naming the case unless each piece of its evidence stands
    exactly once in its received page, inside exactly one article.
    """
    if case.file is None or case.evidence is None:
        return None
    first = _place(case, case.file, case.evidence, corpus)
    also = tuple(_place(case, file, evidence, corpus) for file, evidence in case.also)
    return Gold(first.article, first.span, also)


def _place(case: Case, file: str, evidence: str, corpus: Corpus) -> Gold:
    """Return where one piece of evidence of ``case`` stands."""
    place = f"{case.source}: case {case.id!r}"
    page = corpus.pages.get(file)
    if page is None:
        raise CorpusError(f'{place}: "file" {file!r} is not in the corpus; correct its name')
    found = page.text.count(evidence)
    start = page.text.find(evidence)
    if found == 1 and page.text.find(evidence, start + 1) != -1:
        found = 2  # the second overlaps the first
    if found != 1:
        raise CorpusError(
            f'{place}: "evidence" {evidence!r} stands {found} times in {file}; '
            "copy words from the page that stand there once"
        )
    span = Span(file, start, start + len(evidence))
    homes = [
        article for article in corpus.articles.values() if covers(article.spans, (span,), page.text)
    ]
    if len(homes) != 1:
        names = ", ".join(article.id for article in homes) or "none"
        raise CorpusError(
            f'{place}: "evidence" {evidence!r} must lie in one article, found: {names}; '
            "choose other words, or look at the page with `wenbao articles`"
        )
    return Gold(homes[0], span)


def covers(outer: Iterable[Span], inner: Iterable[Span], text: str) -> bool:
    """Return whether every printed character of ``inner`` lies in ``outer``.

    ``text`` is that of the file of ``inner``, one for all; white space does not count.
    """
    places = tuple(outer)
    return all(
        text[offset].isspace()
        or any(span.file == place.file and span.start <= offset < span.end for span in places)
        for place in inner
        for offset in range(place.start, place.end)
    )


def _case(line: str, kind: Kind, source: str) -> Case:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        _bad(source, f"not JSON ({error}); write one object a line")
    if not isinstance(row, dict):
        _bad(source, f"{line[:40]!r} is not a JSON object; write one object a line")
    pieces = _pieces(row, source)
    file, evidence = pieces[0] if pieces else (None, None)
    session = _text(row, "session", source, optional=kind != "dialogues")
    facts = _facts(row, source)
    if kind == "answerable" and file is None:
        _bad(source, '"file" is missing; name the page, or move the row to unanswerable.jsonl')
    if kind == "unanswerable" and file is not None:
        _bad(source, f'"file" is {file!r} in an unanswerable row; it must be null')
    if (file is None) == bool(facts):
        _bad(source, '"facts" must hold one fact or more with a "file", none without')
    language = _required(row, "language", source)
    if language not in LANGUAGES:
        _bad(source, f'"language" is {language!r}; it must be one of {", ".join(LANGUAGES)}')
    return Case(
        id=_required(row, "id", source),
        kind=kind,
        language=cast(Language, language),
        style=_required(row, "style", source),
        question=_required(row, "question", source),
        file=file,
        evidence=evidence,
        facts=facts,
        pair=_text(row, "pair", source, optional=True),
        session=session,
        source=source,
        also=pieces[1:],
        split=_split(row, source),
        asks=_text(row, "asks", source, optional=True) or "",
        edition=_edition(row, source),
    )


def _pieces(row: Mapping[str, Any], source: str) -> tuple[tuple[str, str], ...]:
    """Return each piece of evidence with its file; none of an unanswerable row.

    ``evidence`` is a text or a list of texts; ``file`` is the one file of them all, or a list
    as long.
    """
    evidence, file = row.get("evidence"), row.get("file")
    pieces = evidence if isinstance(evidence, list) else [evidence]
    files = file if isinstance(file, list) else [file] * len(pieces)
    if len(files) != len(pieces) or not pieces:
        _bad(source, '"file" and "evidence" must be lists of one length; give each its file')
    read = [
        (
            _text({"file": name}, "file", source, optional=len(pieces) == 1),
            _text({"evidence": piece}, "evidence", source, optional=len(pieces) == 1),
        )
        for name, piece in zip(files, pieces, strict=True)
    ]
    if any((name is None) != (piece is None) for name, piece in read):
        _bad(source, '"file" and "evidence" belong together; give both or neither')
    return tuple((name, piece) for name, piece in read if name and piece)


def _split(row: Mapping[str, Any], source: str) -> Split:
    split = row.get("split", "test")
    if split not in SPLITS:
        _bad(source, f'"split" is {split!r}; it must be one of {", ".join(SPLITS)}')
    return cast(Split, split)


def _edition(row: Mapping[str, Any], source: str) -> int:
    edition = row.get("edition", 1)
    if isinstance(edition, bool) or not isinstance(edition, int) or edition < 1:
        _bad(source, f'"edition" is {edition!r}; it must be a whole number from 1')
    return edition


def _facts(row: Mapping[str, Any], source: str) -> tuple[tuple[str, ...], ...]:
    facts = row.get("facts") or []
    if not isinstance(facts, list):
        _bad(source, f'"facts" is {facts!r}; it must be a list of lists of spellings')
    for fact in facts:
        if not (
            isinstance(fact, list)
            and fact
            and all(isinstance(spelling, str) and spelling.strip() for spelling in fact)
        ):
            _bad(source, f'"facts" holds {fact!r}; a fact is a list of one spelling or more')
    return tuple(tuple(fact) for fact in facts)


def _required(row: Mapping[str, Any], key: str, source: str) -> str:
    return _text(row, key, source) or ""  # never empty: _text raises


def _text(row: Mapping[str, Any], key: str, source: str, optional: bool = False) -> str | None:
    value = row.get(key)
    if optional and value in (None, ""):
        return None
    if not isinstance(value, str) or not value.strip():
        _bad(source, f'"{key}" is {value!r}; it must be a text')
    return str(value)


def _bad(source: str, what: str) -> NoReturn:
    raise CorpusError(f"{source}: {what}")
