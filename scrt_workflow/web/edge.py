"""The edge of the service: which hosts it answers for, how large a request may be, what each leaves in the log (D16)."""

import os
import secrets
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from sqlite3 import SQLITE_BUSY, SQLITE_CANTOPEN, SQLITE_FULL, SQLITE_IOERR, SQLITE_LOCKED

from flask import Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import RequestEntityTooLarge, ServiceUnavailable
from werkzeug.middleware.proxy_fix import ProxyFix

from scrt_workflow.logs import log, where
from scrt_workflow.settings import Settings
from scrt_workflow.web import errors
from scrt_workflow.web.requests import Service, work
from scrt_workflow.web.sessions import browser_session

LARGEST_REQUEST = 2_000_000  # bytes
LARGEST_FORM = 1_000_000  # bytes: three texts of 20,000 characters, each of them up to 12 bytes in a form
MOST_FIELDS = 300
PLAIN_FORM = "application/x-www-form-urlencoded"
TRY_AGAIN_IN = 10  # seconds
PASSING = frozenset({SQLITE_BUSY, SQLITE_CANTOPEN, SQLITE_FULL, SQLITE_IOERR, SQLITE_LOCKED})
PRIMARY = 0xFF  # which of SQLite's kinds an error is; what is above it says more


def install(app: Service, settings: Settings) -> None:
    """Set *app* up as *settings* say, so that it believes no header but those of its own proxies."""
    app.config.update(
        SECRET_KEY=_secret_key(settings),
        TRUSTED_HOSTS=list(settings.hosts),
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        MAX_FORM_PARTS=MOST_FIELDS,
    )
    if settings.proxy_count:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's own way to wrap it
            app.wsgi_app, x_for=settings.proxy_count, x_proto=settings.proxy_count, x_host=0
        )
    app.before_request(_begin)
    app.after_request(_log_request)
    app.register_error_handler(OperationalError, _show_outage)
    app.register_error_handler(InterfaceError, _show_outage)
    app.register_error_handler(PoolTimeoutError, _show_rush)


def _secret_key(settings: Settings) -> str:
    """Give the key that signs cookies and tokens; a demo without one makes its own and keeps it."""
    if given := settings.secret_key.get_secret_value():
        return given
    path = settings.instance / "secret-key"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        made = path.with_name(f"secret-key.{os.getpid()}")
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(48))
        _keep_the_first(made, path)
    return path.read_text()


def _keep_the_first(made: Path, path: Path) -> None:
    try:
        os.link(made, path)  # two processes may start at once: the first one's key holds
    except FileExistsError:
        pass
    finally:
        made.unlink()


def _begin() -> None:
    request.environ["scrt.began"] = time.perf_counter()
    if request.mimetype == PLAIN_FORM:
        _refuse_too_large_a_form(request.get_data())


def _refuse_too_large_a_form(sent: bytes) -> None:
    """Hold a plain form to the limits that Werkzeug holds a multipart one to: it reads 900,000 fields in 2 seconds of work."""
    if len(sent) > LARGEST_FORM or sent.count(b"&") >= MOST_FIELDS:
        raise RequestEntityTooLarge


def _log_request(response: Response) -> Response:
    """Log the request without its address, whose query may hold what someone searched for."""
    began = request.environ.get("scrt.began")
    log.info(
        "request",
        id=work().id,
        method=request.method,
        endpoint=request.endpoint,
        status=response.status_code,
        ms=round((time.perf_counter() - began) * 1000, 1) if began else None,
        person_id=str(work().actor.person_id) if work().actor else None,  # type: ignore[union-attr]  # asked just before
    )
    return response


def _show_outage(error: DBAPIError) -> ResponseReturnValue:
    """Ask to try again later when the database is out of reach; any other error of it is a mistake of ours."""
    if isinstance(error.orig, sqlite3.Error) and not any(map(_is_passing, _led_to(error))):
        raise error
    log.error("database_unavailable", where=where(error), request_id=work().id)
    return _try_later()


def _led_to(error: BaseException | None) -> Iterator[BaseException]:
    """Give *error* and what it came of: a full disk undoes all of a transaction, and its savepoint is then said to be missing."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_passing(error: BaseException) -> bool:
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & PRIMARY in PASSING


def _show_rush(_error: PoolTimeoutError) -> ResponseReturnValue:
    """Ask to try again later when no connection to the database came free in time."""
    log.error("no_connection_free", request_id=work().id)
    return _try_later()


def _try_later() -> ResponseReturnValue:
    browser_session().do_without()  # else the page itself would ask the database who is there
    return errors.show(ServiceUnavailable(retry_after=TRY_AGAIN_IN))
