"""What ``wenbao verify`` looks at: the configuration, the index, the model; and a free port."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from index.types import CorpusError
from rag.config import Settings, load_settings

if TYPE_CHECKING:
    from index.index import Index

PROBE = ("今天的报纸", "a newspaper")
MAX_LENGTH_ERROR = 1e-3


def checks(folder: Path | None, store: str | None = None) -> Iterator[tuple[str, list[str]]]:
    """Yield what was checked and its problems, a line each with the remedy; none when sound."""
    try:
        settings = load_settings(index=folder, store=store)
    except CorpusError as error:
        yield "configuration", [str(error)]
        return
    yield "configuration", _configuration_problems(settings)
    yield "who may come in", _login_problems(settings)

    from index.store import exists, load_index, verify_index

    if settings.store:
        from rag.stores import store_problems

        yield f"store {settings.store}", store_problems(settings)
        if not exists(settings.index):  # a reader has no index of its own
            yield "reader", _reader_problems()
            return
    problems = verify_index(settings.index)
    yield f"index {settings.index}", problems
    index = None if problems else load_index(settings.index)
    yield "model", _model_problems(settings, index)
    yield "reader", _reader_problems()

    from index.bundled import damaged

    yield "bundled files", damaged()


def _configuration_problems(settings: Settings) -> list[str]:
    from rag.names import load_names

    problems = []
    if not settings.seeds.is_dir():
        problems.append(f"{settings.seeds} is not a folder: set WENBAO_SEEDS to your pages")
    if not settings.names.is_file():
        problems.append(f"{settings.names} is not a file: set WENBAO_NAMES to your table of names")
    else:
        try:
            load_names(settings.names)
        except CorpusError as error:
            problems.append(str(error))
    if settings.uploads and _one_holds_the_other(settings.uploads, settings.seeds):
        problems.append(
            f"WENBAO_UPLOADS={settings.uploads} and {settings.seeds}, the pages indexed by "
            "default, lie in each other: choose another folder"
        )
    url = settings.llm_base_url
    if url and not url.startswith(("http://", "https://")):
        shown = url.rpartition("@")[2]  # what stands before it may be a password
        problems.append(f"WENBAO_LLM_BASE_URL={shown!r}: give a URL that starts with http(s)://")
    return problems


def _login_problems(settings: Settings) -> list[str]:
    from ui.accounts import require_somebody, secret_path
    from ui.door import door_of
    from ui.private import open_to_others

    private = [settings.llm_api_key_file]
    try:
        door_of(settings)
        if settings.users:
            require_somebody(settings.users)
            private += [settings.users, secret_path(settings)]
    except CorpusError as error:
        return [str(error)]
    return [
        f"{path}: others may read it (mode {mode}); run: chmod 600 {path}"
        for path in private
        if path and path.exists() and (mode := open_to_others(path))
    ]


def _one_holds_the_other(one: Path, other: Path) -> bool:
    one, other = one.resolve(), other.resolve()
    return one.is_relative_to(other) or other.is_relative_to(one)


def _model_problems(settings: Settings, index: "Index | None") -> list[str]:
    from index.embedding import BUNDLED, load_embedder
    from index.probes import problem_with
    from rag.answering import require_same_model
    from rag.translation import load_translations

    built_with = index.manifest.model_name if index else BUNDLED
    try:
        load_translations()
        embedder = load_embedder(settings.model or built_with)
        if index:
            require_same_model(index, embedder, settings)
            if index.probes is not None and (problem := problem_with(index.probes, embedder)):
                return [problem]
    except CorpusError as error:
        return [str(error)]
    lengths = (embedder.encode_questions(PROBE) ** 2).sum(axis=1) ** 0.5
    if not (abs(lengths - 1) < MAX_LENGTH_ERROR).all():
        return [f"{embedder.name}: vectors of length {lengths}, not 1: choose another model"]
    return []


def _reader_problems() -> list[str]:
    from rag.reader import load_reader

    try:
        load_reader()
    except CorpusError as error:
        return [str(error)]
    return []


def require_free(host: str, port: int) -> None:
    """Raise CorpusError when nothing can listen there, before a minute is spent on loading."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise CorpusError(
            f"cannot listen on {host} port {port} ({reason}): choose another --port or --host"
        ) from None
