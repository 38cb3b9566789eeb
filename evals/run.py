"""The runner: asks every case over the suite's own index, reads every page, or searches."""

import platform
import subprocess
import tempfile
import time
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

from evals.answer_sets import ANSWER_SETS, load_answer_set
from evals.answer_suite import answer_metrics, answer_set
from evals.cases import Corpus, find_gold, load_cases
from evals.kept_vectors import KeptVectors
from evals.metrics import (
    broken_floors,
    citation_problems,
    hits_evidence,
    measure,
    ranked_articles,
    states_fact,
)
from evals.page_suite import generated_pages, gold_pages, has_articles, read_pages
from evals.report import write_report
from evals.retrieval_sets import DEFAULT, SETS, Extent, curve_of, load_set
from evals.retrieval_suite import ask_set, retrieval_metrics
from evals.types import (
    AnswerRow,
    AnswersResult,
    AnyResult,
    Case,
    Figure,
    Floor,
    Gold,
    PagesResult,
    RetrievalResult,
    RetrievalRow,
    Row,
    SuiteResult,
)
from index.build import build_index
from index.embedding import BUNDLED, load_embedder
from index.types import CorpusError, Embedder
from rag.answering import load_answerer
from rag.config import ROOT, Settings
from rag.terms import Arm
from rag.types import Answer, Passage, Question

HERE = Path(__file__).resolve().parent
SUITES: dict[str, Path] = {"seeds": HERE / "cases", "pages": HERE / "pages"}
RETRIEVAL, ANSWERS = "retrieval", "answers"
FLOORS = HERE / "floors.toml"
VECTORS = HERE / "out" / "vectors"  # what the bench of retrieval encoded
DATA = ROOT.parent / "shared" / "data"  # articles to compose pages from, where they are

# Single arms of the retriever, over the same chunks and the same search text (a follow-up
# is completed for them too): what the whole has to beat.
BASELINES: Mapping[str, tuple[Arm, ...]] = {"bm25": ("characters",), "dense": ("dense",)}
PACKAGES = ("sentence-transformers", "torch", "faiss-cpu", "ir-measures")

Progress = Callable[[int, int], None]


class Retrieves(Protocol):
    """Finds passages with all its arms or with some of them."""

    def retrieve(
        self, question: Question, k: int, *, arms: Collection[Arm] = ...
    ) -> Sequence[Passage]:
        """Return at most ``k`` passages, best first."""


class Asked(Protocol):
    """What a suite is asked of: a :class:`rag.answering.Answerer`, or a stand-in."""

    @property
    def index(self) -> Corpus:
        """The pages and articles that answers come from."""

    @property
    def retriever(self) -> Retrieves:
        """The retriever behind the answers."""

    def ask(self, text: str, history: Sequence[Question] = ()) -> Answer:
        """Return the answer to ``text``."""


def run_suite(
    settings: Settings,
    suite: str = "seeds",
    report: Path | None = None,
    progress: Progress | bool = False,
    data: Path | None = None,
    sets: Collection[str] = (),
    extent: Extent = DEFAULT,
) -> AnyResult:
    """Return what the suite measured; with ``report``, write the report into that folder.

    ``seeds`` asks questions, ``pages`` has pages reassembled, ``retrieval`` looks for the
    documents of public test sets, ``answers`` asks their questions. ``data`` is the
    folder with these sets and with the articles that pages are composed from; without one at
    the usual place they are skipped.
    ``progress`` is called with (done, all); True draws a bar on stderr where that is a
    terminal. ``sets`` of the last two are all by default, ``extent`` how much of them. Raises
    :class:`CorpusError` for an unknown suite or set, bad cases, gold or floors, a page that
    cannot be indexed, and a ``data`` that lacks what the suite wants.
    """
    if suite not in (*SUITES, RETRIEVAL, ANSWERS):
        known = ", ".join((*SUITES, RETRIEVAL, ANSWERS))
        raise CorpusError(f"unknown suite {suite!r}; choose from: {known}")
    result: AnyResult
    if suite == RETRIEVAL:
        result = search_documents(settings, data, progress, sets or tuple(SETS), extent)
    elif suite == ANSWERS:
        result = ask_documents(settings, data, progress, sets or tuple(ANSWER_SETS), extent)
    elif suite == "pages":
        result = read_gold_pages(settings, SUITES[suite], data, progress)
    else:
        result = ask_corpus(settings, suite, progress)
    if report is not None:
        write_report(result, report)
    return result


def ask_corpus(settings: Settings, suite: str, progress: Progress | bool) -> SuiteResult:
    """Return what a suite of questions measured.

    It indexes ``settings.seeds`` with the model that is set (or the bundled one) into a
    temporary folder, so that results do not depend on what the user has indexed.
    """
    cases = load_cases(SUITES[suite])
    floors = load_floors(FLOORS, suite)
    model = settings.model or BUNDLED
    embedder = load_embedder(model)
    with tempfile.TemporaryDirectory(prefix="wenbao-eval-") as name:
        folder = Path(name)
        built = build_index([settings.seeds], folder, embedder)
        if built.failed:
            page = built.failed[0]
            raise CorpusError(f"{page.file}: a page of the suite cannot be indexed: {page.message}")
        answerer = load_answerer(settings.model_copy(update={"index": folder, "store": None}))
        with _reporting(progress, "asking") as tell:
            rows = ask_cases(answerer, cases, settings.passages, tell)
        metrics = measure(rows)
        return SuiteResult(
            suite=suite,
            metrics=metrics,
            floors=floors,
            broken_floors=broken_floors(floors, metrics),
            environment=_environment(settings, model, embedder)
            | {
                "pages": len(answerer.index.pages),
                "articles": built.article_count,
                "chunks": built.chunk_count,
                "cases": len(cases),
            },
            rows=rows,
        )


def read_gold_pages(
    settings: Settings, folder: Path, data: Path | None = None, progress: Progress | bool = False
) -> PagesResult:
    """Return what the reassembly makes of the pages in ``folder`` and of generated ones."""
    floors = load_floors(FLOORS, "pages")
    golds = gold_pages(folder, settings.seeds)
    skipped = {}
    if data is not None or has_articles(DATA):
        golds += generated_pages(data or DATA)
    else:
        skipped["generated"] = "the data folder with the articles is not here; name it with --data"
    with _reporting(progress, "reading") as tell:
        read = read_pages(golds, progress=tell)
    wanted = [floor for floor in floors if floor.metric.partition(".")[0] not in skipped]
    return PagesResult(
        suite="pages",
        metrics=read.metrics,
        floors=floors,
        broken_floors=broken_floors(wanted, read.metrics),
        environment=machine_and_commit() | {"pages": len(golds)},
        rows=read.rows,
        skipped=skipped,
    )


def search_documents(
    settings: Settings,
    data: Path | None = None,
    progress: Progress | bool = False,
    names: Collection[str] = tuple(SETS),
    extent: Extent = DEFAULT,
) -> RetrievalResult:
    """Return where the questions of public test sets find their documents.

    Each set is indexed with the model that is set, or the bundled one; the news also with
    fewer documents. Vectors are kept in :data:`VECTORS`.
    """
    _require_known(names, SETS)
    rows: list[RetrievalRow] = []
    documents: dict[str, int] = {}
    model = settings.model or BUNDLED
    skipped = _skipped(names, data)
    environment = machine_and_commit()
    if not skipped:
        embedder = KeptVectors(load_embedder(model), VECTORS)
        for name in names:
            searched = load_set(data or DATA, name, extent)
            documents[name] = len(searched.documents)
            for each in (*(curve_of(searched) if name == "news" else ()), searched):
                with _reporting(progress, f"searching {each.name}") as tell:
                    rows += ask_set(each, embedder, settings, tell)
        environment = _environment(settings, model, embedder)
    metrics = retrieval_metrics(rows)
    floors, broken = _floors_of_sets(RETRIEVAL, names, metrics, skipped)
    return RetrievalResult(
        suite=RETRIEVAL,
        metrics=metrics,
        floors=floors,
        broken_floors=broken,
        environment=environment | {"questions": len(rows), "documents": documents},
        rows=tuple(rows),
        skipped=skipped,
    )


def ask_documents(
    settings: Settings,
    data: Path | None = None,
    progress: Progress | bool = False,
    names: Collection[str] = tuple(ANSWER_SETS),
    extent: Extent = DEFAULT,
) -> AnswersResult:
    """Return how the questions of public test sets are answered, and what is refused.

    Each set is indexed with the model that is set, or the bundled one. Vectors are kept in
    :data:`VECTORS`.
    """
    _require_known(names, ANSWER_SETS)
    rows: list[AnswerRow] = []
    model = settings.model or BUNDLED
    skipped = _skipped(names, data)
    environment = machine_and_commit()
    if not skipped:
        embedder = KeptVectors(load_embedder(model), VECTORS)
        for name in names:
            with _reporting(progress, f"asking {name}") as tell:
                asked = load_answer_set(data or DATA, name, extent)
                rows += answer_set(asked, embedder, settings, tell)
        environment = _environment(settings, model, embedder)
    metrics = answer_metrics(rows)
    floors, broken = _floors_of_sets(ANSWERS, names, metrics, skipped)
    return AnswersResult(
        suite=ANSWERS,
        metrics=metrics,
        floors=floors,
        broken_floors=broken,
        environment=environment | {"questions": len(rows)},
        rows=tuple(rows),
        skipped=skipped,
    )


def _require_known(names: Collection[str], sets: Collection[str]) -> None:
    unknown = sorted(set(names) - set(sets))
    if unknown:
        raise CorpusError(f"unknown set {unknown[0]!r}; choose from: {', '.join(sets)}")


def _skipped(names: Collection[str], data: Path | None) -> dict[str, str]:
    """Return why the sets cannot be measured; nothing where they can."""
    if data is not None or DATA.is_dir():
        return {}
    why = "the data folder with the test sets is not here; name it with --data"
    return dict.fromkeys(names, why)


def _floors_of_sets(
    suite: str, names: Collection[str], metrics: Mapping[str, Figure], skipped: Mapping[str, str]
) -> tuple[tuple[Floor, ...], tuple[str, ...]]:
    """Return the floors of the sets that were asked for, and those that are broken."""
    every = load_floors(FLOORS, suite)
    floors = tuple(floor for floor in every if floor.metric.rsplit(".", 2)[0] in names)
    return floors, () if skipped else broken_floors(floors, metrics)


def ask_cases(
    answerer: Asked, cases: Sequence[Case], k: int = 10, progress: Progress | None = None
) -> tuple[Row, ...]:
    """Return one row for each case, in order; baselines find ``k`` passages.

    Every case is checked against the corpus before the first is asked. Turns of a session
    are asked with the questions that went before as their history.
    """
    golds = [find_gold(case, answerer.index) for case in cases]
    sessions: dict[str, list[Question]] = {}
    rows: list[Row] = []
    for case, gold in zip(cases, golds, strict=True):
        history = sessions.setdefault(case.session or case.id, [])
        row = _ask(answerer, case, gold, history, k)
        history.append(row.answer.question)
        rows.append(row)
        if progress:
            progress(len(rows), len(cases))
    return tuple(rows)


def load_floors(path: Path, suite: str) -> tuple[Floor, ...]:
    """Return the floors of ``suite``; none where the file names none for it.

    Raises :class:`CorpusError` for a file that cannot be read and a floor that is no number.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get(suite, {})
        sides = tables.items() if isinstance(tables, dict) else [("", tables)]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CorpusError(f"{path}: cannot read the floors ({error}); correct the file") from None
    floors: list[Floor] = []
    for side, table in sides:
        if side not in ("at_least", "at_most") or not isinstance(table, dict):
            raise CorpusError(
                f"{path}: [{suite}] must hold tables at_least and at_most, not {side or table!r}"
            )
        for metric, value in table.items():
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise CorpusError(f'{path}: floor "{metric}" is {value!r}; it must be a number')
            floors.append(Floor(metric, float(value), at_most=side == "at_most"))
    return tuple(floors)


def _ask(
    answerer: Asked, case: Case, gold: Gold | None, history: Sequence[Question], k: int
) -> Row:
    started = time.perf_counter()
    try:
        answer = answerer.ask(case.question, tuple(history))
    except CorpusError as error:
        raise CorpusError(f"{case.source}: case {case.id!r}: {error}") from error
    elapsed_ms = (time.perf_counter() - started) * 1000
    return Row(
        case=case,
        gold=gold,
        answer=answer,
        ranked=ranked_articles(answer.passages),
        baselines={
            name: ranked_articles(answerer.retriever.retrieve(answer.question, k, arms=arms))
            for name, arms in BASELINES.items()
        },
        facts_found=tuple(states_fact(answer.text, fact) for fact in case.facts),
        evidence_hit=gold is not None
        and all(hits_evidence(answer.citations, place.span) for place in gold.places),
        problems=citation_problems(answer, answerer.index.pages),
        follow_up=bool(history),
        elapsed_ms=elapsed_ms,
    )


@contextmanager
def _reporting(progress: Progress | bool, doing: str) -> Iterator[Progress | None]:
    """Yield what is to be told how far the suite is."""
    if progress is not True:
        yield progress or None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    with Bar(console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(doing, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _environment(settings: Settings, model: str, embedder: Embedder) -> dict[str, Any]:
    machine = machine_and_commit()
    return {
        "created": machine.pop("created"),
        "commit": machine.pop("commit"),
        "model": _model_name(model),
        "model_identity": embedder.identity,
        "llm_model": settings.llm_model,
        "passages": settings.passages,
        **machine,
        "packages": {name: version_of(name) for name in PACKAGES},
    }


def machine_and_commit() -> dict[str, Any]:
    """Return when, at which commit, and on what something is measured."""
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
    }


def _model_name(model: str) -> str:
    """Return the hub name, or the folder without what is private to this machine."""
    path = Path(model)
    if path.is_relative_to(ROOT):
        return path.relative_to(ROOT).as_posix()
    return path.name if path.is_absolute() else model


def _commit() -> str | None:
    """Return the commit of the checkout, marked where files differ; None outside git."""
    try:
        head = _git("rev-parse", "--short=12", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return None
    return f"{head} with changes" if changed else head


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True, timeout=30
    )
    return done.stdout.strip()


def version_of(package: str) -> str | None:
    """Return the version of an installed package; None where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None
