"""What a page asks of its request: the database, the time, who is acting.

One unit of work surrounds each request that may write: committed once its answer is made and before that leaves, and
undone when anything is raised. A GET sees one moment and changes nothing; what it leaves behind (that a review was
read, that a person was here) is written afterwards, in a short unit of its own.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeVar, cast
from uuid import uuid4

from flask import Flask, Request, Response, current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine, insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from scrt_workflow.actors import Actor
from scrt_workflow.clock import Clock
from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.logs import log, where
from scrt_workflow.models import AccessEvent
from scrt_workflow.settings import Settings

SHOWS_A_REVIEW = frozenset({200, 409, 422})  # a page of it; someone was faster, and what they wrote; what is to be mended
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
Writing = Callable[[Session], object]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the service runs in: *clock* keeps its calendar, which a demo sets back; sign-ins go by *real_clock*."""

    settings: Settings
    engine: Engine
    clock: Clock
    real_clock: Clock


class Work:
    """One request's use of the database: a unit of work until that is committed or undone, then only reading."""

    def __init__(self) -> None:
        self.id = uuid4().hex
        self.now = surroundings().clock.now()
        self.today = surroundings().clock.today()
        self.real_now = surroundings().real_clock.now()
        self.actor: Actor | None = None
        self.unit: Session | None = None
        self._reader: Session | None = None
        self._is_over = False
        self._open = ExitStack()
        self._beside: list[Writing] = []

    def session(self) -> Session:
        """Give the unit of work where the request may write, else a session that reads."""
        if self.unit or self._reader:
            return self.unit or cast("Session", self._reader)
        if self._is_over or request.method in SAFE_METHODS or _keeps_own_units():
            self._reader = self._open.enter_context(reading(surroundings().engine))
            return self._reader
        self.unit = self._open.enter_context(unit_of_work(surroundings().engine))
        return self.unit

    def write_beside(self, write: Writing) -> None:
        """Have *write* called with this request's unit if that is committed, else with a short one afterwards."""
        self._beside.append(write)

    def commit(self) -> None:
        """Commit the unit of work if there is one, with what is to be written beside it."""
        if self.unit is not None:
            for write in self._beside:
                write(self.unit)
            self._beside.clear()
            self.unit, self._is_over = None, True
            self._open.close()

    def close(self) -> None:
        """Undo what is not committed, and give the connection back."""
        if self.unit is not None:
            self.unit.rollback()
        self.unit, self._reader, self._is_over = None, None, True
        self._open.close()

    def settle(self) -> None:
        """Write what stands beside a request that committed nothing itself.

        A full or busy disk must not cost a reader the page: then it is logged instead (DA3).
        """
        self.close()
        if not self._beside:
            return
        try:
            with unit_of_work(surroundings().engine) as session:
                for write in self._beside:
                    write(session)
        except SQLAlchemyError as error:
            log.error("not_recorded", error=type(error).__name__, endpoint=request.endpoint, request_id=self.id)
        finally:
            self._beside.clear()


class ServiceRequest(Request):
    """A request and its work."""

    @cached_property
    def work(self) -> Work:
        """Begin the work when it is first asked for."""
        return Work()


class Service(Flask):
    """A Flask that commits a request's unit of work before the answer leaves, and undoes it when anything is raised."""

    request_class = ServiceRequest

    def dispatch_request(self) -> ResponseReturnValue:
        """Answer the request, and commit what it did."""
        answer = super().dispatch_request()
        if work().unit is None:
            return answer
        response = self.make_response(answer)
        work().commit()
        return response

    def handle_user_exception(self, e: Exception) -> Any:
        """Undo what the request did, then answer with the error's page."""
        work().close()
        return super().handle_user_exception(e)

    def log_exception(self, exc_info: Any) -> None:
        """Log an error that nobody foresaw: where it happened, not what it said."""
        log.error("failed", where=where(exc_info[1]), endpoint=request.endpoint, request_id=work().id)


def install(app: Service, around: Surroundings) -> None:
    """Let the pages of *app* work in the surroundings *around*."""
    app.extensions["surroundings"] = around
    app.after_request(_note_what_was_read)
    app.teardown_request(lambda _error: work().close())


def surroundings() -> Surroundings:
    """Give what the service runs in."""
    return cast("Surroundings", current_app.extensions["surroundings"])


def settings() -> Settings:
    """Give the settings that the service was started with."""
    return surroundings().settings


def work() -> Work:
    """Give this request's work. Pages use the functions below."""
    return cast("ServiceRequest", request).work


def database() -> Session:
    """Give this request's session: its unit of work if it may change things, else one that reads. Never commit it."""
    return work().session()


@contextmanager
def unit() -> Iterator[Session]:
    """Give a short unit of work, committed at the end of the block, to a view marked `in_its_own_units`."""
    if work().unit is not None:
        raise RuntimeError("A unit of work inside another would wait for it, and fail.")
    with unit_of_work(surroundings().engine) as session:
        yield session


def in_its_own_units(view: View) -> View:
    """Mark a view that does slow work between short units of work, so that nothing is locked meanwhile (sign-in)."""
    view.__dict__["keeps_own_units"] = True
    return view


def now() -> datetime:
    """Give the service's time in UTC, the same all through a request. Pass it on: no operation reads a clock."""
    return work().now


def today() -> date:
    """Give the service's date in London."""
    return work().today


def real_now() -> datetime:
    """Give the real time, in UTC: for sign-ins, sessions and limits, which a demo's calendar does not move."""
    return work().real_now


def request_id() -> str:
    """Give the name of this request, which its log line and its events carry."""
    return work().id


def actor() -> Actor:
    """Give who is acting, with the roles that they hold today. For views that need a permission or a sign-in."""
    found = work().actor
    if found is None:
        raise RuntimeError("Nobody is signed in, and this view does not say that one must be.")
    return found


def _note_what_was_read(response: Response) -> Response:
    """Record that the person acting was shown a page of this review (DA4): every page with a review in its address shows of it.

    A redirect shows nothing, and an address of a review that is not theirs is a 404.
    """
    review_id, reader = (request.view_args or {}).get("review_id"), work().actor
    if review_id is not None and reader is not None and response.status_code in SHOWS_A_REVIEW:
        row = {"at": now(), "person_id": reader.person_id, "review_id": review_id, "endpoint": request.endpoint or ""}
        work().write_beside(lambda session: session.execute(insert(AccessEvent).values(row)))
    return response


def _keeps_own_units() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "keeps_own_units", False)
