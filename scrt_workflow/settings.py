"""Every setting of the service, and the `SCRT_*` variable that it is read from."""

import difflib
import os
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "SCRT_"
PACKAGE = Path(__file__).parent


class SettingsError(Exception):
    """A variable cannot be read; `sentences` holds one sentence for each mistake, naming its variable."""

    def __init__(self, sentences: list[str]) -> None:
        """Keep *sentences*, and show them one a line."""
        super().__init__("\n".join(sentences))
        self.sentences = sentences


class Settings(BaseSettings):
    """What the service was told when it started; nothing changes it afterwards.

    Durations carry their unit in their name or description; `demo_now` is a Europe/London wall-clock time.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        validate_default=True,
        use_attribute_docstrings=True,
    )

    instance: Path = Path("instance")
    """Folder for everything that this installation writes: the SQLite file, the demo's mailbox."""
    database_url: str = Field(default="", repr=False)
    """Database as an SQLAlchemy URL; empty means an SQLite file in the instance folder."""
    migration_url: str = Field(default="", repr=False)
    """URL of the same database for the role that owns its tables; only migrations use it."""
    database_pool: int = Field(default=5, ge=1, le=100)
    """How many connections each web process keeps to PostgreSQL."""
    secret_key: SecretStr = SecretStr("")
    """Signs cookies and form tokens: at least 32 random characters, the same on every machine."""
    base_url: str = ""
    """Address at which people reach the service, `https://reviews.example.nhs.uk`; links in e-mails begin with it."""
    trusted_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """Host names, separated by commas, that requests may be addressed to; all others are answered 400."""
    proxy_count: int = Field(default=0, ge=0, le=5)
    """How many reverse proxies stand before the service and set X-Forwarded-For and X-Forwarded-Proto."""
    bind: str = "127.0.0.1"
    """Network address that `scrt serve` listens on."""
    port: int = Field(default=8000, ge=1, le=65535)
    """Port that `scrt serve` listens on; for `make run`, `PORT` does the same."""
    web_processes: int = Field(default=2, ge=1, le=64)
    """How many web processes `scrt serve` starts."""
    web_threads: int = Field(default=4, ge=1, le=64)
    """How many requests each web process answers at the same time."""
    machines: int = Field(default=1, ge=1)
    """How many machines run the service on the same database; more than one needs PostgreSQL."""
    session_idle_minutes: int = Field(default=15, ge=1)
    """Minutes without a request after which a person is signed out."""
    session_hours: int = Field(default=12, ge=1)
    """Hours after which a person is signed out whatever they do."""
    mail_host: str = ""
    """SMTP server that takes the service's e-mails; while it is empty they wait in the outbox."""
    mail_port: int = Field(default=587, ge=1, le=65535)
    """Port of the SMTP server."""
    mail_username: str = ""
    """Account at the SMTP server; empty means none."""
    mail_password: SecretStr = SecretStr("")
    """Password of that account."""
    mail_tls: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection to the SMTP server is encrypted: `starttls`, `tls` from the first byte, or `none`."""
    mail_from: str = ""
    """Address that e-mails are sent from."""
    mail_timeout: float = Field(default=10, gt=0)
    """Seconds to wait for the SMTP server before an e-mail is tried again later."""
    small_numbers: int = Field(default=0, ge=0, le=100)
    """In e-mails of figures, counts from 1 to one less than this are hidden, and what would tell them; 0 hides none."""
    two_person_release: bool | None = None
    """Whether a second administrator must release what one asks for; unless it is set, outside demo mode only."""
    dardr_from: date | None = None
    """Day from which domestic homicide reviews are called domestic abuse related death reviews (DARDR), such as 2027-04-01."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """Least severe messages that are logged."""
    demo: bool = False
    """Demo mode: invented reviews, sign-ins that everyone knows, and no refusal to start unsafe."""
    demo_now: datetime = datetime(2024, 11, 1, 9, 0)  # noqa: DTZ001 - London wall-clock, as people write it
    """Date and time in London at which the demo's calendar starts; it runs on from there."""
    mailbox_port: int = Field(default=8025, ge=0, le=65535)
    """Port of the SMTP server that catches the demo's e-mails; 0 means any free one."""

    @field_validator("instance", mode="after")
    @classmethod
    def _from_here(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("small_numbers")
    @classmethod
    def _not_one_number(cls, value: int) -> int:
        if value in {1, 2}:
            raise ValueError("Hide fewer than 3 or more: fewer than 2 would mean 1")
        return value

    @field_validator("trusted_hosts", mode="before")
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        return tuple(host.strip() for host in value.split(",") if host.strip()) if isinstance(value, str) else value

    @property
    def database(self) -> str:
        """The database's SQLAlchemy URL, whether it was given or not."""
        return self.database_url or f"sqlite:///{self.instance / 'scrt.sqlite'}"

    @property
    def address(self) -> str:
        """The address that links begin with, without a slash at its end; in demo mode it need not be given."""
        return self.base_url.rstrip("/") or f"http://127.0.0.1:{self.port}"

    @property
    def releases_need_two(self) -> bool:
        """Whether definitions are released by another administrator than who asks for it."""
        return not self.demo if self.two_person_release is None else self.two_person_release

    @property
    def hosts(self) -> tuple[str, ...]:
        """The host names that requests may be addressed to; in demo mode this machine's own need not be given."""
        return self.trusted_hosts or (("127.0.0.1", "localhost") if self.demo else ())


def variable(field: str) -> str:
    """Name the variable that the setting *field* is read from."""
    return PREFIX + field.upper()


def read_settings() -> Settings:
    """Read the settings from the variables; raises SettingsError with every mistake at once."""
    known = {variable(field) for field in Settings.model_fields}
    sentences = [_no_such_setting(name, known) for name in sorted(os.environ) if name.startswith(PREFIX) and name not in known]
    try:
        settings = Settings()
    except ValidationError as error:
        sentences += [
            f"{variable(str(mistake['loc'][0]))}: {mistake['msg']} (it says {mistake['input']!r})." for mistake in error.errors()
        ]
    if sentences:
        raise SettingsError(sentences)
    return settings


def _no_such_setting(name: str, known: set[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"{name}: there is no such setting" + (f" (did you mean {near[0]}?)." if near else ".")


def shipped(name: str) -> Path:
    """Find a top-level folder of the product (`workflows`, `forms`, `templates`, `migrations`).

    It is found in a checkout and in an installed wheel alike; raises FileNotFoundError when the installation lacks it.
    """
    for folder in (PACKAGE / "_shipped" / name, PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"This installation has no folder {name!r}: install the package again.")


def settings_table() -> str:
    """Describe every setting as a Markdown table, for the README."""
    rows = [f"| `{variable(name)}` | {_default(name)} | {field.description} |" for name, field in Settings.model_fields.items()]
    return "\n".join(["| Variable | If not set | What it does |", "| --- | --- | --- |", *rows])


def _default(name: str) -> str:
    default = Settings.model_fields[name].default
    match default:
        case SecretStr() | "" | () | None:
            return "empty"
        case bool():
            return "`yes`" if default else "`no`"
        case datetime():
            return f"`{default:%Y-%m-%dT%H:%M}`"
        case _:
            return f"`{default}`"
