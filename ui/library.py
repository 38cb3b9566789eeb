"""The corpus changed from the app: pages added, articles removed, everything read again, undone.

One worker thread does one change after another; what each is and what became of it is a
:class:`Job`. The answerer of a new generation takes its place in :class:`ui.live.Live`, and
requests that run keep theirs. The pages and routes are in ``ui/library_pages.py``.
"""

import hashlib
import logging
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from index.types import CorpusError
from rag.config import Settings
from ui import received
from ui.live import Live
from ui.remedies import told

if TYPE_CHECKING:
    from index.build import FileReport, Progress
    from index.index import Index
    from index.types import Embedder
    from rag.answering import Answerer

Kind = Literal["add", "remove", "reindex", "undo"]
KEPT_JOBS = 100
LOOK_EVERY_S = 2.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FileLine:
    """What became of one file: a status of :class:`index.build.FileReport`, or ``refused``."""

    file: str
    status: str
    article_count: int = 0
    message: str = ""
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """A change of the corpus. It is over when ``done``; ``error`` then says why it failed.

    It waits until it is ``started``; ``changed`` tells that it made another generation live.
    """

    id: str
    kind: Kind
    started: bool = False
    done: bool = False
    changed: bool = False
    progress: "Progress | None" = None
    files: tuple[FileLine, ...] = ()
    error: str = ""
    generation: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the JSON of the contract."""
        progress = self.progress
        return {
            "id": self.id,
            "kind": self.kind,
            "state": "done" if self.done else "running" if self.started else "waiting",
            "stage": progress.stage if progress else "",
            "progress": [progress.done, progress.total] if progress else [0, 0],
            "files": [
                {
                    "file": line.file,
                    "status": line.status,
                    "articles": line.article_count,
                    "message": line.message,
                    "replaced": line.replaced,
                }
                for line in self.files
            ],
            "error": self.error,
            "generation": self.generation,
        }


class Library:
    """Changes the corpus of ``live``, one change at a time.

    ``embedder`` is the model at hand; without one, that of the index is loaded when it is
    needed. :meth:`watch` also follows what other processes do to the index. What a killed
    process left in the folder of received pages is put right.
    """

    def __init__(self, live: Live, settings: Settings, embedder: "Embedder | None" = None) -> None:
        self.live = live
        self.settings = settings
        self.warning = ""  # of a newer generation that cannot be read
        self._embedder = embedder
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._lock = threading.Lock()
        self._worker = ThreadPoolExecutor(1, "wenbao-library")
        self._stopped = threading.Event()
        self._refused = ""  # the generation that could not be loaded
        if self.uploads:
            try:
                received.recover(self.uploads, self._is_indexed)
            except OSError as error:
                log.warning("received pages: %s", told(error))

    @property
    def uploads(self) -> Path | None:
        """The folder of received pages; None when pages may not be sent."""
        return self.settings.uploads

    def job(self, name: str) -> Job | None:
        """Return the job ``name``, as far as it is; None when there is none (any more)."""
        with self._lock:
            return self._jobs.get(name)

    def add(self, folder: Path, refused: Sequence[FileLine] = ()) -> Job:
        """Index the files in ``folder``, a folder of :func:`ui.received.incoming`; return the job.

        ``refused`` are files that were not received, for the report.
        """
        return self._begin("add", lambda job: self._add(job, folder), tuple(refused))

    def remove(self, names: Sequence[str]) -> Job:
        """Take files or articles out of the index; return the job."""
        return self._begin("remove", lambda job: self._remove(job, names))

    def reindex(self) -> Job:
        """Read the configured pages and the received ones again; return the job."""
        return self._begin("reindex", self._reindex)

    def undo(self) -> Job:
        """Go back to the former generation, and its received files; return the job."""
        return self._begin("undo", self._undo)

    def watch(self) -> None:
        """Follow what other processes do to the index, until :meth:`close`."""
        threading.Thread(target=self._watch, name="wenbao-watch", daemon=True).start()

    def close(self) -> None:
        """Follow no longer, and begin no job that waits."""
        self._stopped.set()
        self._worker.shutdown(wait=False, cancel_futures=True)

    def look(self) -> None:
        """Switch to the newest generation if it is not the one that is asked; return when done.

        One that cannot be read is told in :attr:`warning`, once; the former one is asked on.
        """
        self._worker.submit(self._switch).result()

    # What the worker does

    def _begin(
        self, kind: Kind, work: Callable[[Job], None], files: tuple[FileLine, ...] = ()
    ) -> Job:
        job = Job(secrets.token_urlsafe(9), kind, files=files)
        self._keep(job)
        self._worker.submit(self._do, job.id, work).add_done_callback(_log_failure)
        return job

    def _keep(self, job: Job) -> None:
        with self._lock:
            self._jobs[job.id] = job
            while len(self._jobs) > KEPT_JOBS:
                self._jobs.popitem(last=False)

    def _update(self, job: Job, **changes: Any) -> Job:
        with self._lock:
            current = self._jobs.get(job.id, job)
        changed = replace(current, **changes)
        self._keep(changed)
        return changed

    def _do(self, name: str, work: Callable[[Job], None]) -> None:
        job = self.job(name)
        if job is None:
            return
        job = self._update(job, started=True)
        error = "WenBao could not do this; the log of the server says why"
        changed = False
        try:
            before = self._current()
            work(job)
            changed = self._current() != before
            self._switch()
            error = self.warning
        except CorpusError as problem:
            error = str(problem)
        except OSError as problem:
            error = told(problem)
        finally:  # whatever happened, nobody waits for ever
            self._update(job, done=True, changed=changed, error=error, generation=self._asked)

    def _add(self, job: Job, folder: Path) -> None:
        from index.build import NothingIndexedError, build_index

        uploads = self._uploads()
        before = self._current()
        replaced = received.put_in_place(uploads, folder)
        taken: tuple[FileLine, ...] = ()
        try:
            report = build_index(
                [uploads / name for name in replaced],
                self.settings.index,
                self._model(),
                watch=self._watching(job),
            )
            taken = _lines(report.files, replaced)
        except NothingIndexedError as nothing:
            taken = _lines(nothing.files, replaced)
        finally:
            bad = set(replaced) - {line.file for line in taken if line.status != "failed"}
            received.put_back(uploads, bad)
            self._update(job, files=(*taken, *job.files))
        if self._current() != before:
            received.settle(uploads)
        else:
            received.forget(uploads)
        self._remember(before, sorted(set(replaced) - bad))

    def _remove(self, job: Job, names: Sequence[str]) -> None:
        from index.build import remove

        before = self._current()
        report = remove(names, self.settings.index, self._model())
        self._update(job, files=_lines(report.files))
        self._remember(before, [])

    def _reindex(self, job: Job) -> None:
        from index.build import build_index

        before = self._current()
        folders = self._folders()
        report = build_index(folders, self.settings.index, self._model(), watch=self._watching(job))
        self._update(job, files=_lines(report.files))
        self._remember(before, [])

    def _undo(self, job: Job) -> None:
        self._update(job, files=tuple(FileLine(name, "undone") for name in undo(self.settings)))

    def _folders(self) -> list[Path]:
        """Return the folders that the operator configured, as far as they are in use."""
        known = {Path(root) for root in self.live.answerer.index.manifest.roots.values()}
        seeds, uploads = self.settings.seeds, self.settings.uploads
        folders = [seeds] if seeds.is_dir() and seeds.resolve() in known else []
        if uploads and uploads.resolve() in known:
            folders.append(uploads)
        if not folders:
            raise CorpusError(
                f"no page of the index comes from {seeds}, the folder of WENBAO_SEEDS, or was "
                "received; index other folders with: wenbao index FOLDER"
            )
        return folders

    def _uploads(self) -> Path:
        if self.uploads is None:
            raise CorpusError("pages may not be sent: set WENBAO_UPLOADS to a folder for them")
        return self.uploads

    def _is_indexed(self, path: Path) -> bool:
        """Return whether a received file is, as it stands, in the index."""
        head = self.live.answerer.index.page_head(path.name)
        if head is None or not path.is_file():
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == head.sha256

    def _current(self) -> str:
        from index.store import current, exists

        return current(self.settings.index) if exists(self.settings.index) else ""

    def _remember(self, before: str, names: Sequence[str]) -> None:
        """Note what files an undo has to put back, if there is a new generation to undo."""
        if self.uploads and self.uploads.is_dir() and self._current() != before:
            received.remember(self.uploads, (before, self._current()), names)

    def _watching(self, job: Job) -> "Callable[[Progress], None]":
        def watch(progress: "Progress") -> None:
            if self._stopped.is_set():
                raise CorpusError("the server stopped before this was done: nothing has changed")
            self._keep(replace(job, progress=progress))

        return watch

    def _model(self) -> "Embedder":
        from index.embedding import load_embedder
        from rag.config import model_to_build_with

        if self._embedder is None:
            self._embedder = load_embedder(model_to_build_with(self.settings))
        return self._embedder

    # The newest generation

    def _watch(self) -> None:
        while not self._stopped.wait(LOOK_EVERY_S):
            try:
                if self._has_moved():
                    self.look()
            except (CorpusError, OSError, RuntimeError):  # told by look; or closed meanwhile
                continue

    def _has_moved(self) -> bool:
        """Return whether the live generation is another than the one that was looked at last."""
        return self._current() not in ("", self._refused or self._asked)

    @property
    def _asked(self) -> str:
        return self.live.answerer.index.manifest.generation

    def _switch(self) -> None:
        if not self._has_moved():
            return
        newest = self._current()
        try:  # it may have gone back to the one that is asked, from one that was refused
            answerer = self.live.answerer if newest == self._asked else self._newest()
        except (CorpusError, OSError) as error:
            self._refused, self.warning = newest, str(error)
            return
        self._refused = self.warning = ""
        self.live.replace(answerer)

    def _newest(self) -> "Answerer":
        from index.store import load_index

        return self._answerer_of(load_index(self.settings.index))

    def _answerer_of(self, index: "Index") -> "Answerer":
        from rag.answering import answerer_over, load_answerer

        embedder = self._model()
        if index.manifest.model_identity != embedder.identity:  # another process chose another
            self._embedder = None
            return load_answerer(self.settings)
        return answerer_over(index, embedder, self.settings)


def undo(settings: Settings) -> list[str]:
    """Go back to the former generation; return the names of the received files put back.

    Doing it twice changes nothing. Raises :class:`CorpusError` when there is none.
    """
    from index.store import former_generation, switch_back

    manifest = switch_back(settings.index)
    if settings.uploads is None:
        return []
    two = (manifest.generation, former_generation(settings.index))
    names = received.files_between(settings.uploads, two)
    received.swap_back(settings.uploads, names)
    return names


def _log_failure(future: "Future[None]") -> None:
    if not future.cancelled() and future.exception():
        log.error("a change of the corpus failed", exc_info=future.exception())


def _lines(
    files: "Sequence[FileReport]", replaced: "dict[str, bool] | None" = None
) -> tuple[FileLine, ...]:
    return tuple(
        FileLine(
            file.file,
            file.status,
            file.article_count,
            file.message,
            bool(replaced and replaced.get(file.file)),
        )
        for file in files
    )
