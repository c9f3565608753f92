"""The only reader of the environment: `KUTIP_…` variables and a `.env` file in the working folder."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    NoDecode,
    SettingsConfigDict,
)

from rag.errors import SettingsError
from rag.store.database.place import Place, Server


def _host() -> str:
    """The name of this machine."""
    return (platform.node() or "worker")[:64]


class Settings(BaseSettings):
    """The settings that an operator may want to change. Each is `KUTIP_` and its name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix="KUTIP_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    home: Path = Field(
        default_factory=lambda: user_data_path("kutip", appauthor=False),
        description="the folder for everything that an installation writes",
    )
    database_url: SecretStr | None = Field(
        None,
        description="a PostgreSQL database for the archive, instead of a file: postgresql://user@host/name",
    )
    worker: str = Field(
        default_factory=_host,
        min_length=1,
        max_length=64,
        description="the name of this worker among those that share a database",
    )
    chroma_url: str | None = Field(
        None,
        pattern=r"^https?://[^/\s]+/?$",
        description="a Chroma server to keep the vectors in, instead of this process",
    )
    embedder: Path | None = Field(
        None, description="a GGUF embedding model to use instead of the built-in vectors"
    )
    embedder_question_prefix: str = Field(
        "", description="the text that this model needs before a question, such as 'query: '"
    )
    embedder_passage_prefix: str = Field(
        "", description="the text that this model needs before a passage, such as 'passage: '"
    )
    chunk_tokens: int = Field(128, ge=32, le=384, description="the most tokens of a chunk, for new articles")
    passages: int = Field(16, ge=1, le=64, description="how many chunks are read for a question, at most")
    threshold: float | None = Field(
        None,
        ge=0,
        le=1,
        description="the least probability of an answer that is shown (default: the reader's own)",
    )

    model: str | None = Field(
        None,
        description="a GGUF chat model, by path; 'reader' for none (default: what `kutip model use` set)",
    )
    model_url: str | None = Field(
        None,
        pattern=r"^https?://\S+$",
        description="an OpenAI-compatible server to answer instead, such as http://127.0.0.1:8080/v1",
    )
    model_key: SecretStr | None = Field(None, description="that server's API key")
    model_name: str | None = Field(None, description="the model to ask it for (default: its first one)")
    model_seconds: float = Field(
        120, gt=0, description="seconds that a chat model may take before the built-in reader answers"
    )
    model_first_seconds: float = Field(
        45,
        gt=0,
        description="seconds after which a chat model that has not begun to write is not waited for",
    )
    model_when: Literal["always", "needed", "never"] = Field(
        "needed",
        description="which questions a chat model answers: 'needed' leaves to the built-in reader single "
        "facts of which it is sure, in the question's own language",
    )
    context: int | None = Field(
        None,
        ge=1024,
        description="tokens of a chat model's prompt and answer (default: 8192, or its own most)",
    )
    threads: int | None = Field(
        None,
        ge=1,
        le=512,
        description="threads for every model (default: the cores that this process may use)",
    )
    readers: int | None = Field(
        None,
        ge=0,
        le=64,
        description="processes that read when many questions wait, with one thread each; 0 or 1 for none "
        "(default: as many as KUTIP_THREADS or the cores that this process may use, up to 16)",
    )
    gpu_layers: int | None = Field(
        None,
        ge=0,
        description="layers of a chat model on the GPU (default: all, where llama.cpp was built for one)",
    )
    flash_attention: bool | None = Field(
        None, description="flash attention in a GGUF chat model, on or off (default: where the model can)"
    )
    kv_cache: Literal["f16", "q8_0", "q4_0"] = Field(
        "f16", description="how a GGUF chat model's context is kept; the quantised ones need less memory"
    )
    gloss: Literal["english", "always", "never"] = Field(
        "english",
        description="to which questions a chat model adds translations beside quotes in the other language",
    )
    telegram_token: SecretStr | None = Field(None, description="the bot's token, from @BotFather")
    telegram_url: str = Field(
        "https://api.telegram.org",
        pattern=r"^https?://[^/\s]+(/[^\s]*)?$",
        description="the Bot API server: Telegram's, or one of your own",
    )
    telegram_admins: Annotated[tuple[int, ...], NoDecode] = Field(
        (), description="ids of the users who may add and remove articles, with commas"
    )
    telegram_allowed: Annotated[tuple[int, ...], NoDecode] = Field(
        (),
        description="ids of users and groups that may ask, with commas (none: everyone); admins let in more",
    )
    telegram_feeds: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="addresses of feeds whose new entries the bot adds, with commas"
    )
    telegram_feed_minutes: float = Field(15, ge=1, description="minutes between two visits to them")
    telegram_per_minute: int = Field(20, ge=1, description="the most questions of a user in a minute")
    telegram_per_day: int = Field(300, ge=1, description="the most questions of a user in a day")
    telegram_queue: int = Field(10, ge=1, description="the most questions of a user that wait at once")
    telegram_subscriptions: int = Field(
        10, ge=0, description="the most topics that a chat may follow (0: nothing can be followed)"
    )
    telegram_utc_offset: float = Field(
        7, ge=-12, le=14, description="hours ahead of UTC of the clock by which digests and reports come"
    )
    telegram_rich: bool = Field(
        False, description="whether answers are rich messages with footnotes, where the Bot API server can"
    )
    telegram_keep_days: int = Field(
        30, ge=1, description="how many days a conversation is kept, for its buttons and follow-ups"
    )
    telegram_metrics_port: int | None = Field(
        None, ge=1, le=65535, description="a loopback port for /health and /metrics (none: not served)"
    )
    telegram_webhook: str | None = Field(
        None,
        pattern=r"^https?://[^\s]+$",
        description="the address at which Telegram reaches this bot (none: it asks Telegram)",
    )
    telegram_webhook_port: int = Field(
        8443, ge=1, le=65535, description="the port on which the webhook is served, behind a proxy"
    )
    telegram_webhook_host: str = Field(
        "127.0.0.1",
        pattern=r"^[0-9A-Za-z.:-]+$",
        description="this machine's address for it, where the proxy is on another machine",
    )

    @classmethod
    def read(cls) -> Settings:
        """The settings in force. Raises SettingsError, in one line, for a value that cannot be."""
        try:
            return cls()
        except UnicodeDecodeError as error:
            raise SettingsError("the .env file here is not UTF-8 text", "save it as UTF-8") from error
        except ValidationError as error:
            first = error.errors()[0]
            name = f"KUTIP_{'_'.join(map(str, first['loc'])).upper()}"
            # A secret is not for a terminal, however wrong it is.
            shown = "" if _secret(name) else f" is {str(first['input'])!r}"
            raise SettingsError(
                f"{name}{shown}: {first['msg'].lower()}",
                "`kutip doctor --settings` lists all settings",
            ) from error

    @classmethod
    def listed(cls) -> Iterator[tuple[str, str, str, str]]:
        """(variable, value in force, default, what it is), for every setting, also while one is wrong."""
        given: dict[str, Any] = {}
        for source in (DotEnvSettingsSource(cls), EnvSettingsSource(cls)):
            given |= source()
        for name, field in cls.model_fields.items():
            default = field.get_default(call_default_factory=True)
            value = given.get(name, default)
            shown, usual = (_shown(name, each) for each in (value, default))
            yield f"KUTIP_{name.upper()}", shown, usual, field.description or ""

    @field_validator("telegram_admins", "telegram_allowed", "telegram_feeds", mode="before")
    @classmethod
    def _several(cls, given: object) -> object:
        return given.replace(",", " ").split() if isinstance(given, str) else given

    @field_validator("database_url")
    @classmethod
    def _database(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            try:
                Server(url.get_secret_value())
            except SettingsError as error:
                raise ValueError(str(error)) from error
        return url

    @field_validator("home", "embedder")
    @classmethod
    def _expanded(cls, path: Path | None) -> Path | None:
        try:
            return path.expanduser() if path is not None else None
        except RuntimeError as error:
            raise ValueError(f"{path.parts[0] if path else ''} is no user's folder") from error

    @property
    def models(self) -> Path:
        """The folder of pulled models."""
        return self.home / "models"

    @property
    def archive(self) -> Path:
        """The archive's file, where no database is set."""
        return self.home / "archive.db"

    @property
    def place(self) -> Place:
        """Where the archive is: its file, or a database."""
        if self.database_url is None:
            return self.archive
        return Server(self.database_url.get_secret_value())

    @property
    def projections(self) -> Path:
        """The folder of the indexes, which can be deleted while nothing runs."""
        return self.home / "projections"


def _secret(name: str) -> bool:
    return name.lower().endswith(("token", "key", "database_url"))


def _shown(name: str, value: object) -> str:
    if value is None:
        return ""
    if _secret(name):
        return "(set, not shown)"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
