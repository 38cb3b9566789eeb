"""Settings: the only reader of the environment (``WENBAO_*`` variables)."""

import os
from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from index.types import CorpusError

ROOT = Path(__file__).resolve().parent.parent


_SECRETS = ("store_token", "llm_api_key")  # each may be in a file, that of <name>_file

# An empty variable is none: Path("") would be the working directory.
OptionalPath = Annotated[Path | None, BeforeValidator(lambda value: None if value == "" else value)]


class Settings(BaseSettings):
    """What a user may set. Every field has an environment variable ``WENBAO_<FIELD>``."""

    model_config = SettingsConfigDict(env_prefix="WENBAO_", frozen=True, extra="ignore")

    index: Path = Field(ROOT / "index" / "build", description="folder of the built index")
    model: str | None = Field(
        None,
        description="sentence-transformers model, a folder or a name; "
        "none: the one the index was built with, for a new index the bundled one",
    )
    seeds: Path = Field(ROOT / "seeds", description="pages that are indexed by default")
    uploads: OptionalPath = Field(
        None,
        description="folder of pages received through the app, outside of the seeds; "
        "none: no page may be sent",
    )
    names: Path = Field(ROOT / "seeds" / "names.tsv", description="bilingual names")
    fusion: Path = Field(
        ROOT / "rag" / "fusion.json",
        description="weights of the arms of retrieval, written by `wenbao eval --fit`",
    )
    store: str | None = Field(
        None,
        description="cluster that the index is mirrored into and asked instead of it: "
        "milvus://HOST:PORT/COLLECTION, milvus+tls://…, milvus:///path/to/file.db",
    )
    store_token: SecretStr = Field(SecretStr(""), description="token for that cluster")
    store_token_file: OptionalPath = Field(
        None, description="file that holds that token; none: the variable does"
    )
    host: str = Field("127.0.0.1", description="address that the chat app listens on")
    port: int = Field(7860, ge=1, le=65535, description="port of the chat app")
    root_path: str = Field(
        "",
        pattern=r"^(/[\w.~-]+)*$",
        description="path of the app behind a proxy that strips it, such as /wenbao",
    )
    allowed_hosts: str = Field(
        "",
        description="names that the app may be called by in a browser, besides those of this "
        "machine and the host: news.example, with commas between; *: any name",
    )
    users: OptionalPath = Field(
        None,
        description="password file of who may log in, written by `wenbao user add`; "
        "none: nobody logs in, and whoever reaches the port may ask",
    )
    secret_file: OptionalPath = Field(
        None,
        description="file of the key that signs sessions, made where there is none; "
        "none: beside the password file",
    )
    session_hours: float = Field(12.0, gt=0, le=8760, description="how long a login lasts")
    auth_header: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9-]+$",
        description="header in which a trusted proxy names who has logged in there, such as "
        "X-Forwarded-User",
    )
    editors: str = Field(
        "",
        description="who of those that a proxy names is an editor, with commas between; "
        "all others are readers",
    )
    trusted_proxies: str = Field(
        "127.0.0.1,::1",
        description="addresses or networks of proxies whose X-Forwarded-For, -Proto and -Host, "
        "and WENBAO_AUTH_HEADER, are believed, with commas between",
    )
    metrics_from: str = Field(
        "",
        description="addresses or networks that may read /metrics, besides this machine, with "
        "commas between",
    )
    open_uploads: bool = Field(
        False,
        description="whoever reaches a port that is open to other machines may change the "
        "corpus, without a login: this is meant",
    )
    log_questions: bool = Field(
        False, description="write the questions, and what became of them, to the log"
    )
    passages: int = Field(10, ge=1, le=50, description="passages retrieved for a question")
    feedback: str | None = Field(
        None,
        description="file that readers' feedback is kept in; none: feedback.jsonl in the folder "
        "of the index; empty: none is asked for",
    )
    llm_base_url: str | None = Field(
        None, description="OpenAI-compatible endpoint, together with a model"
    )
    llm_model: str | None = Field(None, description="name of the model at that endpoint")
    llm_api_key: SecretStr = Field(SecretStr(""), description="key for that endpoint")
    llm_api_key_file: OptionalPath = Field(
        None, description="file that holds this key, in place of the variable"
    )
    llm_passage_tokens: int = Field(
        3000,
        ge=100,
        description="most tokens of passages in a prompt, best first, whole sentences; "
        "estimated: 1.5 Chinese characters or 4 others a token",
    )
    llm_timeout_s: float = Field(
        60.0, gt=0, description="longest wait for a whole answer, in seconds"
    )

    workers: int | None = Field(
        None,
        ge=1,
        le=256,
        description="questions answered at once; none: one a core, with a language model, "
        "which keeps them waiting, 16",
    )
    queue: int = Field(200, ge=0, description="questions that wait in line; further ones are busy")
    deadline_s: float = Field(
        90.0, gt=0, le=3600, description="longest time for an answer, waiting in line included"
    )
    grace_s: float = Field(
        20.0, ge=0, le=3600, description="time that running questions have when the server stops"
    )
    rate: float = Field(60.0, ge=0, description="questions a minute of one client; 0: any number")
    client_questions: int = Field(
        20, ge=0, description="questions of one client under way at once; 0: any number"
    )
    limit_local: bool = Field(
        False, description="whether clients on this machine are limited as others are"
    )
    connections: int = Field(
        800, ge=10, description="open connections; the system has to allow as many files and more"
    )

    @property
    def answers_at_once(self) -> int:
        """How many questions are answered at once."""
        return self.workers or (16 if self.llm_base_url else os.cpu_count() or 1)

    @model_validator(mode="after")
    def _endpoint_has_a_model(self) -> Self:
        if bool(self.llm_base_url) != bool(self.llm_model):
            raise ValueError("WENBAO_LLM_BASE_URL and WENBAO_LLM_MODEL belong together: set both")
        return self

    @model_validator(mode="after")
    def _each_secret_is_said_once(self) -> Self:
        for name in _SECRETS:
            if getattr(self, f"{name}_file") and getattr(self, name).get_secret_value():
                variable = f"WENBAO_{name.upper()}"
                raise ValueError(f"{variable} and {variable}_FILE: set only one of them")
        return self


def load_settings(**overrides: object) -> Settings:
    """Return the settings of the environment; ``overrides`` that are not None win.

    Raises :class:`CorpusError` naming the variable and the value that cannot be used.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return _with_secrets(Settings(**given))  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors(include_context=False)[0]
        message = first["msg"].removeprefix("Value error, ")
        if not first["loc"]:  # about several fields: the input would show the key
            raise CorpusError(message) from None
        variable = "WENBAO_" + "_".join(str(part) for part in first["loc"]).upper()
        named = Settings.model_fields.get(str(first["loc"][0]))
        secret = named is not None and named.annotation is SecretStr
        value = "(not shown)" if secret else repr(first["input"])
        raise CorpusError(f"{variable}={value}: {message}") from None


def _with_secrets(settings: Settings) -> Settings:
    """Return the settings with the secrets that files hold."""
    held: dict[str, SecretStr] = {}
    for name in _SECRETS:
        file: Path | None = getattr(settings, f"{name}_file")
        if file is None:
            continue
        try:
            held[name] = SecretStr(file.read_text("utf-8").strip())
        except (OSError, UnicodeDecodeError) as error:
            variable = f"WENBAO_{name.upper()}_FILE"
            reason = getattr(error, "strerror", None) or "not text"
            raise CorpusError(
                f"{variable}={str(file)!r}: cannot be read ({reason}); check the path"
            ) from None
    return settings.model_copy(update=held)


def model_to_build_with(settings: Settings) -> str:
    """Return the model for the index at ``settings.index``.

    The one in the settings, else the one that the index has, else the bundled one.
    """
    from index.embedding import BUNDLED
    from index.store import exists, load_manifest

    if settings.model:
        return settings.model
    return load_manifest(settings.index).model_name if exists(settings.index) else BUNDLED
