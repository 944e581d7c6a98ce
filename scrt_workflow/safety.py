"""What is unsafe about the way the service is set up: outside demo mode it refuses to start (promise OP1).

Every finding is a sentence that begins with the variable to change. Add a rule by writing a generator and listing it.
"""

import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import URL, Connection, make_url, text
from sqlalchemy.exc import ArgumentError

from scrt_workflow.settings import Settings, SettingsError, read_settings

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
NETWORK_DISKS = {"9p", "ceph", "cifs", "fuse.glusterfs", "fuse.sshfs", "glusterfs", "lustre", "nfs", "nfs4", "smb3"}
GUESSABLE = re.compile("admin|changeme|demo|development|example|password|postgres|safeguarding|scrt|secret|test", re.IGNORECASE)
SECRET_CHARACTERS = 32
DEMO_MARK = "demo"
REAL_PEOPLE = "this database holds real people; the demo's sign-ins, which everyone knows, would open it."
LONGEST_IDLE_MINUTES, LONGEST_SESSION_HOURS, LONGEST_MAIL_SECONDS = 30, 12, 60


def read_safe_settings() -> Settings:
    """Read the settings to start with; raises SettingsError with a sentence for each that is wrong or unsafe."""
    settings = read_settings()
    if sentences := unsafe(settings):
        raise SettingsError(sentences)
    return settings


def unsafe(settings: Settings, *, environ: Mapping[str, str] = os.environ, mounts: str | None = None) -> list[str]:
    """Give a sentence for each unsafe setting; an empty list means that the service may start.

    *mounts* is what /proc/mounts says; without it, it is read where the machine has it. In demo mode everything goes,
    but for showing sign-ins that everyone knows to other machines.
    """
    if settings.demo:
        return list(_public_demo(settings))
    found = [sentence for rule in RULES for sentence in rule(settings)]
    return [*found, *_flask_debug(environ), *_database(settings, _read_mounts() if mounts is None else mounts)]


def unsafe_database(connection: Connection, *, demo: bool = False) -> list[str]:
    """Give a sentence for each thing about the database itself that is unsafe, outside demo mode or in it."""
    marked = connection.execute(text("SELECT 1 FROM service_setting WHERE key = :key"), {"key": DEMO_MARK}).first()
    if demo:
        peopled = connection.execute(text("SELECT 1 FROM person LIMIT 1")).first()
        return [] if marked or not peopled else [f"SCRT_DEMO: {REAL_PEOPLE}"]
    found = ["SCRT_DATABASE_URL: this database was filled by `scrt demo`, whose sign-ins everyone knows."] if marked else []
    if connection.dialect.name == "postgresql":
        mighty = "SELECT 1 FROM pg_roles WHERE (rolsuper OR rolbypassrls) AND pg_has_role(current_user, oid, 'MEMBER') LIMIT 1"
        owned = "schemaname = current_schema() AND pg_has_role(current_user, tableowner, 'MEMBER')"
        if connection.execute(text(mighty)).first():
            found.append("SCRT_DATABASE_URL: its role is, or may become, a superuser or one that bypasses row-level security.")
        if connection.execute(text(f"SELECT 1 FROM pg_tables WHERE {owned} LIMIT 1")).first():  # noqa: S608 - our own words
            found.append(
                "SCRT_DATABASE_URL: its role owns the tables or may become who does; only SCRT_MIGRATION_URL names that."
            )
    return found


def _public_demo(settings: Settings) -> Iterator[str]:
    if settings.bind not in LOOPBACK:
        yield "SCRT_BIND: demo mode has sign-ins that everyone knows, so it listens on this machine only (127.0.0.1)."


def _secret_key(settings: Settings) -> Iterator[str]:
    key = settings.secret_key.get_secret_value()
    if not key:
        yield "SCRT_SECRET_KEY: set it to at least 32 random characters, such as `openssl rand -base64 48` prints."
    elif len(key) < SECRET_CHARACTERS:
        yield f"SCRT_SECRET_KEY: it has {len(key)} characters; it needs at least {SECRET_CHARACTERS}, all random."
    elif len(set(key)) < SECRET_CHARACTERS // 3 or len(GUESSABLE.sub("", key)) < SECRET_CHARACTERS:
        yield "SCRT_SECRET_KEY: it can be guessed; use random characters, such as `openssl rand -base64 48` prints."


def _switches(settings: Settings) -> Iterator[str]:
    if settings.log_level == "DEBUG":
        yield "SCRT_LOG_LEVEL: at DEBUG, libraries log what people wrote; use INFO."
    if "demo_now" in settings.model_fields_set:
        yield "SCRT_DEMO_NOW: outside demo mode the service keeps real time; unset it."


def _flask_debug(environ: Mapping[str, str]) -> Iterator[str]:
    for name in ("FLASK_DEBUG", "DEBUG"):
        if environ.get(name, "").lower() not in ("", "0", "no", "false", "off"):
            yield f"{name}: it turns the debugger on for anyone who meets an error; unset it."


def _hosts(settings: Settings) -> Iterator[str]:
    if not settings.trusted_hosts:
        yield "SCRT_TRUSTED_HOSTS: name the hosts that requests may be addressed to, or links could be forged."
    for host in settings.trusted_hosts:
        if "*" in host or host.startswith("."):
            yield f"SCRT_TRUSTED_HOSTS: {host!r} trusts hosts that are not named; name each one."
        elif "/" in host or host != host.strip():
            yield f"SCRT_TRUSTED_HOSTS: {host!r} is not a host name."


def _base_url(settings: Settings) -> Iterator[str]:
    if not settings.base_url:
        yield "SCRT_BASE_URL: set the address at which people reach the service; links in e-mails begin with it."
        return
    parts = urlsplit(settings.base_url)
    if parts.scheme != "https":
        yield "SCRT_BASE_URL: it must begin with https://, or passwords and reviews travel in the open."
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username:
        yield "SCRT_BASE_URL: it may hold only https://, a host and a port."
    if settings.trusted_hosts and parts.hostname not in {host.split(":")[0] for host in settings.trusted_hosts}:
        yield f"SCRT_BASE_URL: its host {parts.hostname!r} is not among SCRT_TRUSTED_HOSTS, so its links would fail."


def _proxies(settings: Settings) -> Iterator[str]:
    if not settings.proxy_count:
        yield "SCRT_PROXY_COUNT: the service speaks no TLS itself; say how many proxies stand before it (usually 1)."


def _sessions(settings: Settings) -> Iterator[str]:
    if settings.session_idle_minutes > LONGEST_IDLE_MINUTES:
        yield f"SCRT_SESSION_IDLE_MINUTES: the longest that is safe is {LONGEST_IDLE_MINUTES} minutes."
    if settings.session_hours > LONGEST_SESSION_HOURS:
        yield f"SCRT_SESSION_HOURS: the longest that is safe is {LONGEST_SESSION_HOURS} hours."


def _mail(settings: Settings) -> Iterator[str]:
    if not settings.mail_host:
        return
    if settings.mail_tls == "none" and settings.mail_host not in LOOPBACK:
        yield "SCRT_MAIL_TLS: e-mails would reach another machine unencrypted; use starttls or tls."
    if "@" not in settings.mail_from:
        yield "SCRT_MAIL_FROM: give the address that e-mails are sent from."
    if bool(settings.mail_username) is not bool(settings.mail_password.get_secret_value()):
        yield "SCRT_MAIL_PASSWORD: a mail account needs both SCRT_MAIL_USERNAME and SCRT_MAIL_PASSWORD, or neither."
    if not (settings.mail_username + settings.mail_password.get_secret_value()).isascii():
        yield "SCRT_MAIL_PASSWORD: a mail account can have only letters without accents, digits and signs such as !, not £."
    if settings.mail_timeout > LONGEST_MAIL_SECONDS:
        yield f"SCRT_MAIL_TIMEOUT: a silent mail server would hold up the rest; {LONGEST_MAIL_SECONDS} seconds at most."


def _database(settings: Settings, mounts: str) -> Iterator[str]:
    try:
        url = make_url(settings.database)
    except ArgumentError:
        yield "SCRT_DATABASE_URL: it is not a database URL; write postgresql://role:password@host/name."
        return
    match url.get_backend_name():
        case "sqlite":
            yield from _sqlite(url, settings, mounts)
        case "postgresql":
            yield from _postgresql(url)
        case other:
            yield f"SCRT_DATABASE_URL: the service runs on postgresql and sqlite, not on {other}."


def _sqlite(url: URL, settings: Settings, mounts: str) -> Iterator[str]:
    if settings.machines > 1:
        yield "SCRT_MACHINES: an SQLite file serves one machine; use PostgreSQL in SCRT_DATABASE_URL for more."
    if not url.database or url.database == ":memory:":
        yield "SCRT_DATABASE_URL: an SQLite database in memory is gone when the service stops; name a file."
        return
    path = Path(url.database).absolute()
    disk = disk_kind(path, mounts)
    if disk in NETWORK_DISKS:
        yield f"SCRT_DATABASE_URL: {path} lies on a network disk ({disk}), where SQLite loses data; use PostgreSQL."
    if path.parent.exists() and path.parent.stat().st_mode & stat.S_IWOTH:
        yield f"SCRT_INSTANCE: every user of this machine may change {path.parent}; run chmod 700 on it."
    if path.exists() and path.stat().st_mode & stat.S_IROTH and path.parent.stat().st_mode & stat.S_IXOTH:
        yield f"SCRT_INSTANCE: every user of this machine may read {path}; run chmod 700 on the folder."


def _postgresql(url: URL) -> Iterator[str]:
    password = str(url.password or "")
    if password and (GUESSABLE.fullmatch(password) or password == url.username):
        yield "SCRT_DATABASE_URL: its password is one that everyone tries first; change it."
    if url.username == "postgres":
        yield "SCRT_DATABASE_URL: its role is the server's administrator; use a role of the service's own."
    hosts = [host for host in (url.host, url.query.get("host")) if isinstance(host, str)]
    away = any(host not in LOOPBACK and not host.startswith("/") for host in hosts)
    if away and url.query.get("sslmode") not in ("require", "verify-ca", "verify-full"):
        yield "SCRT_DATABASE_URL: the database is on another machine; add ?sslmode=verify-full to its address."


def disk_kind(path: Path, mounts: str) -> str:
    """Tell what file system *path* lies on, such as `ext4`; *mounts* is written like /proc/mounts. "" if unknown."""
    rows = [line.split() for line in mounts.splitlines()]
    points = {point.replace("\\040", " "): kind for _, point, kind, *_ in rows}
    return next((points[str(folder)] for folder in (path, *path.parents) if str(folder) in points), "")


def _read_mounts() -> str:
    listing = Path("/proc/mounts")
    return listing.read_text(errors="replace") if listing.exists() else ""


RULES: tuple[Callable[[Settings], Iterator[str]], ...] = (
    _secret_key,
    _switches,
    _hosts,
    _base_url,
    _proxies,
    _sessions,
    _mail,
)
