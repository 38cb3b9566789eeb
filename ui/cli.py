"""The command line, ``wenbao``: every command of ``docs/contracts.md``.

Only typer is imported at the top, so that ``wenbao --help`` answers at once; a command
imports what it needs. Exit codes: 0 done, 1 a user's mistake or bad input (one line on
stderr), 2 wrong usage.
"""

import gc
import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui import user_commands
from ui.remedies import told

if TYPE_CHECKING:
    from index.build import BuildReport, Watch
    from index.types import CorpusError
    from rag.answering import Answerer
    from rag.config import Settings
    from ui.readings import Named

NEW_OBJECTS = 50_000  # after which garbage is looked for

app = typer.Typer(
    name="wenbao",
    help="Ask a newspaper a question, in Chinese or English, and see the words that prove it.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

app.add_typer(user_commands.app)

IndexOption = Annotated[
    Path | None, typer.Option("--index", metavar="DIR", help="Folder of the index.")
]
StoreOption = Annotated[
    str | None,
    typer.Option("--store", metavar="URL", help="A cluster: milvus://HOST:PORT/COLLECTION."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]


def main() -> None:
    """Run the command line and exit; an error that the user can mend is one line on stderr."""
    # Loading makes objects by the hundred thousand, none of them garbage: look less often.
    gc.set_threshold(NEW_OBJECTS)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # the shell closed it: `wenbao index 2>&-`
            nothing = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115  (to the end)
            setattr(sys, name, nothing)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # any locale, any file name
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    try:
        try:
            app(prog_name="wenbao")
        finally:
            sys.stdout.flush()
    except SystemExit:
        raise
    except BrokenPipeError:  # the reader has seen enough: `wenbao articles | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        sys.exit(_fail(told(error)))
    except _corpus_error() as error:
        sys.exit(_fail(str(error)))


def _corpus_error() -> "type[CorpusError]":
    """Return the type to catch: NumPy comes with it, so it is imported after a failure only."""
    from index.types import CorpusError

    return CorpusError


def _fail(message: str) -> int:
    """Print one line on stderr and return the exit code of a user's mistake."""
    from ui.harmless import visible

    print(f"wenbao: {visible(message)}", file=sys.stderr)
    return 1


def _print_json(row: dict[str, Any]) -> None:
    from ui.harmless import json_line

    print(json_line(row))


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print("wenbao", version("wenbao"))
        except PackageNotFoundError:
            print("wenbao (a checkout that is not installed)")
        raise typer.Exit


@app.callback()
def _wenbao(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print it."),
    ] = False,
) -> None:
    """Ask a newspaper a question, in Chinese or English, and see the words that prove it."""


@app.command()
def index(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]…", help="Pages or folders of pages.  \\[default: seeds/]"),
    ] = None,
    folder: IndexOption = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="A sentence-transformers model: a folder or a name."),
    ] = None,
    store: StoreOption = None,
    ray: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Read and embed with Ray: HOST:PORT, auto, or local."),
    ] = None,
) -> None:
    """Build the index of newspaper pages, or bring it up to date; mirror it into a store."""
    from rag.config import load_settings

    if model and Path(model).is_dir():
        model = str(Path(model).resolve())  # the index is read from other folders too
    settings = load_settings(index=folder, model=model, store=store)
    failed = _build(paths or [settings.seeds], settings, ray=ray)
    _mirror(settings)
    if failed:
        raise typer.Exit(1)


@app.command()
def remove(
    names: Annotated[
        list[str], typer.Argument(metavar="FILE|ARTICLE_ID…", help="What to take out.")
    ],
    folder: IndexOption = None,
    store: StoreOption = None,
) -> None:
    """Take articles, or all articles of a file, out of the index."""
    from index.build import remove as remove_articles
    from rag.config import load_settings

    settings = load_settings(index=folder, store=store)
    with _writing(settings.index):
        report = remove_articles(names, settings.index)
    _report(report)
    _mirror(settings)


@app.command()
def rollback(folder: IndexOption = None, store: StoreOption = None) -> None:
    """Go back to the index as it was before the last change; again: forward to that change."""
    from index.store import load_manifest
    from rag.config import load_settings
    from ui.harmless import visible
    from ui.library import undo
    from ui.terminal import count

    settings = load_settings(index=folder, store=store)
    with _writing(settings.index):
        for name in undo(settings):
            print(f"{'put back':<10}{visible(name)}")
    manifest = load_manifest(settings.index)
    size = count(manifest.counts["articles"], "article")
    print(
        f"{size} in {count(manifest.counts['chunks'], 'chunk')} (generation {manifest.generation})"
    )
    _mirror(settings)


@app.command()
def articles(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE]…", help="Pages, in the index or not.  \\[default: the whole index]"
        ),
    ] = None,
    as_json: JsonOption = False,
    doubts: Annotated[
        bool, typer.Option("--doubts", help="Print only what a person should look at.")
    ] = False,
    folder: IndexOption = None,
) -> None:
    """Show what the reassembly made of pages: whose each line is, why, and how sure that is.

    What is wrong can be corrected by hand: docs/corrections.md tells how.
    """
    from rag.config import load_settings
    from ui.readings import articles_named, pages_named
    from ui.terminal import article_json

    if as_json and doubts:
        raise typer.BadParameter("give either --json or --doubts")
    pages = pages_named(files or [], load_settings(index=folder).index)
    if as_json:
        found = {article.id: article for page in pages for article in articles_named(page)}
        for article in found.values():  # one that jumps from page to page stands there once
            _print_json(article_json(article))
    else:
        _draw(pages, doubts)


@app.command()
def ask(
    question: Annotated[
        str | None, typer.Argument(help="A question in Chinese or English.", show_default=False)
    ] = None,
    as_json: JsonOption = False,
    batch: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.jsonl",
            help='Answer every line {"id", "question"[, "session"]} of a file, as JSON lines; '
            "lines of one session are turns of one conversation. A line may have the keys "
            "since, until, file, genre, series, reporter and page as well.",
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="Only articles printed on or after YYYY[-MM[-DD]]."),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="Only articles printed on or before YYYY[-MM[-DD]]."),
    ] = None,
    file: Annotated[str | None, typer.Option(help="Only articles of this file.")] = None,
    genre: Annotated[
        str | None, typer.Option(help="Only articles of this genre: news, interview, …")
    ] = None,
    series: Annotated[
        str | None, typer.Option(help="Only articles whose kicker holds these words.")
    ] = None,
    reporter: Annotated[
        str | None, typer.Option(help="Only articles whose byline holds this name.")
    ] = None,
    page: Annotated[
        str | None, typer.Option(metavar="N", help="Only articles on pages of this number: 3, A2.")
    ] = None,
    folder: IndexOption = None,
    store: StoreOption = None,
) -> None:
    """Answer a question with quotes from the pages, or say that they do not answer it."""
    from rag.config import load_settings
    from rag.filters import filters_from
    from ui.asking import ask_all, ask_one

    filters = filters_from(since, until, file, genre, series, reporter, page)
    if question is not None and batch is None:
        ask_one(question, load_settings(index=folder, store=store), as_json, filters)
    elif batch is not None and question is None:
        if filters:
            raise typer.BadParameter("with --batch, write the filters into the lines of the file")
        ask_all(batch, load_settings(index=folder, store=store))
    else:
        raise typer.BadParameter("give either a QUESTION or --batch FILE.jsonl")


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address.  \\[default: 127.0.0.1]")] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port.  \\[default: 7860]")
    ] = None,
    folder: IndexOption = None,
    store: StoreOption = None,
) -> None:
    """Open the chat app; the index of the seeds is built first when there is none."""
    from rag.config import load_settings

    settings = load_settings(index=folder, host=host, port=port, store=store)
    from index.store import exists
    from ui.checks import require_free

    require_free(settings.host, settings.port)
    from ui.app import serve as serve_app
    from ui.asking import sound_answerer
    from ui.startup import Startup

    def load(startup: Startup) -> "Answerer":
        if not settings.store and not exists(settings.index):
            print(f"There is no index in {settings.index} yet: building it from {settings.seeds}.")
            _build([settings.seeds], settings, startup.tell)
            startup.progress = None
        answerer = sound_answerer(settings)
        print(f"Ready: {len(answerer.index.articles)} articles.", flush=True)
        return answerer

    serve_app(load, settings)


@app.command()
def mcp(folder: IndexOption = None) -> None:
    """Serve the tools ask and read_article to an assistant (MCP), over standard input and output.

    Needs the extra mcp. The chat app serves the same tools over HTTP, at /mcp.
    """
    from rag.config import load_settings
    from ui.live import Live
    from ui.mcp_tools import require_sdk, run_stdio

    require_sdk()
    from rag.answering import load_answerer

    run_stdio(Live(load_answerer(load_settings(index=folder))))


@app.command(name="eval")
def evaluate(
    suite: Annotated[str, typer.Option(metavar="NAME", help="The suite to run.")] = "seeds",
    report: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the report into this folder.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder of the public test sets and of the articles that pages are "
            "composed from; by default ../shared/data, if it is there.",
        ),
    ] = None,
    sets: Annotated[
        str | None,
        typer.Option(metavar="NAME,…", help="Of retrieval and answers: these test sets alone."),
    ] = None,
    documents: Annotated[
        str, typer.Option(metavar="N|all", help="Of retrieval and answers: news documents.")
    ] = "5000",
    questions: Annotated[
        str, typer.Option(metavar="N|all", help="Of retrieval and answers: questions of a set.")
    ] = "600",
    fit: Annotated[
        bool,
        typer.Option(
            "--fit",
            help="Run no suite: fit the weights of the arms of retrieval for the model that "
            "WENBAO_MODEL names, and write them to the file that WENBAO_FUSION names.",
        ),
    ] = False,
    diff: Annotated[
        tuple[Path, Path] | None,
        typer.Option(
            metavar="OLD NEW",
            help="Run no suite: compare two reports of one suite (folders of --report, or their "
            "report.json), question by question and figure by figure.",
        ),
    ] = None,
    from_feedback: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Run no suite: make cases of what readers said of answers (the file of "
            "WENBAO_FEEDBACK), checked against the index; --report DIR writes them.",
        ),
    ] = None,
) -> None:
    """Run a suite: seeds (questions), pages (reassembly), retrieval or answers (public sets).

    Fails when a floor is broken.
    """
    from rag.config import load_settings
    from ui.evaluation import fit_arms, measured, print_cases, print_difference, print_result

    if diff and (fit or report or from_feedback):
        raise typer.BadParameter("--diff runs no suite; give it alone")
    if from_feedback and fit:
        raise typer.BadParameter("--from-feedback runs no suite; give it alone or with --report")
    if fit and report:
        raise typer.BadParameter("--fit runs no suite and writes no report; give no --report")
    if diff:
        print_difference(*diff)
        return
    if from_feedback:
        print_cases(from_feedback, load_settings(), report)
        return
    if fit:
        fit_arms(load_settings(), data)
        return
    result = measured(load_settings(), suite, report, data, sets, documents, questions)
    print_result(result)
    if report is not None:
        print(f"The report is in {report}.")
    for group, why in result.skipped.items():
        print(f"skipped: {group} ({why})")
    for broken in result.broken_floors:
        _fail(f"floor broken: {broken}")
    if result.broken_floors:
        raise typer.Exit(1)


@app.command()
def verify(folder: IndexOption = None, store: StoreOption = None) -> None:
    """Check the index, the model and the configuration, and say what to do about a problem."""
    from ui.checks import checks
    from ui.harmless import visible
    from ui.terminal import count

    problems = 0
    for what, found in checks(folder, store):
        print(f"{what}: " + ("problem" if found else "ok"))
        for problem in found:
            print(f"  {visible(problem)}")
        problems += len(found)
    if problems:
        raise typer.Exit(_fail(f"{count(problems, 'problem')}: see above"))


@app.command()
def selftest(folder: IndexOption = None, as_json: JsonOption = False) -> None:
    """Ask the index for its own headlines and sentences, and say how well they are found.

    Takes less than a minute. Fails where too few are found.
    """
    from rag.answering import load_answerer
    from rag.config import load_settings
    from rag.self_test import self_test
    from ui.terminal import self_test_lines

    result = self_test(load_answerer(load_settings(index=folder)).retriever)
    if as_json:
        _print_json(result.to_json())
    else:
        print("\n".join(self_test_lines(result)))
    if result.verdict == "look":
        raise typer.Exit(_fail("retrieval is not healthy: look at the kinds below their least"))


def _draw(pages: "Iterator[Named]", only_doubts: bool) -> None:
    """Draw how pages are read, or only their doubts; corrections that do not fit are told."""
    from ui.outline import doubts_counted
    from ui.readings import drawn, reading_of
    from ui.terminal import paper

    console = paper()
    problems = doubts = 0
    for page in pages:
        try:
            reading = reading_of(page)
        except _corpus_error() as error:
            problems += _fail(f"{error} (the page is shown without corrections)")
            reading = reading_of(page, corrected=False)
        doubts += len(reading.doubts) if reading else 0
        for part in drawn(page, reading, console.width, only_doubts):
            console.print(part, highlight=False)
    if only_doubts:
        print(f"{doubts_counted(doubts)} in all")
    if problems:
        raise typer.Exit(1)


def _build(
    paths: Sequence[Path],
    settings: "Settings",
    watch: "Watch | None" = None,
    ray: str | None = None,
) -> int:
    """Index ``paths``, print the report and return how many files failed."""
    from index.build import build_index, unwatched
    from index.embedding import load_embedder
    from rag.config import model_to_build_with
    from ui.ray_option import work_over

    embedder = load_embedder(model_to_build_with(settings))
    with _writing(settings.index), work_over(ray, embedder, settings.index) as (ahead, embedder):
        report = build_index(
            paths,
            settings.index,
            embedder,
            progress=sys.stderr.isatty(),
            watch=watch or unwatched,
            ahead=ahead,
        )
    return _report(report)


def _mirror(settings: "Settings") -> None:
    """Bring the store up to date with the index, if there is one, and print a line."""
    if settings.store:
        from index.store import load_index
        from rag.stores import publish
        from ui.terminal import count

        done = publish(load_index(settings.index), settings)
        size = count(done.chunk_count, "chunk")
        print(
            f"{size} in {settings.store}: {done.added} written, {done.removed} taken out "
            f"(generation {done.generation:06d})"
        )


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Give an error of the disk the place that it lacks: a full disk does not say where."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(folder)
        raise


def _report(report: "BuildReport") -> int:
    """Print a line for each file, and totals; return how many files failed."""
    from ui.harmless import visible
    from ui.terminal import count

    failed = 0
    for file in report.files:
        line = f"{file.status:<10}{visible(file.file)}  {count(file.article_count, 'article')}"
        if file.status == "failed":
            failed += 1
            print(f"{'failed':<10}{visible(file.message)}", file=sys.stderr)
        else:
            print(line + (f"  {visible(file.message)}" if file.message else ""))
    print(
        f"{count(report.article_count, 'article')} in {count(report.chunk_count, 'chunk')}"
        f" (generation {report.generation})"
    )
    return failed


if __name__ == "__main__":
    main()
