"""Sessions kept in the database, behind Flask's session interface (D9).

The cookie holds a random id and the second at which this browser was last here, signed: so the idle limit is exact
without a write for every page. The row is found by the id's hash; a stolen database opens no session. A browser that is
not signed in has a row only when something must be kept for it.
"""

import hmac
import secrets
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, cast
from uuid import UUID

from flask import Flask, Request, Response
from flask import session as flask_session
from flask.sessions import SessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin, current_user
from itsdangerous import BadSignature, TimestampSigner
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from scrt_workflow.actors import Actor
from scrt_workflow.models import Person, WebSession
from scrt_workflow.operations.sessions import Found, find_session
from scrt_workflow.operations.signing_in import Method
from scrt_workflow.operations.tables import dialect_of, in_both_dialects, table_of
from scrt_workflow.web.requests import database, real_now, settings, today, work

CSRF = "csrf_token"  # the name under which Flask-WTF looks for what its tokens are made from
SEEN_EVERY = timedelta(seconds=60)
NOBODY = "-"
BEGUN = in_both_dialects(lambda insert: insert(table_of(WebSession)).on_conflict_do_nothing())
Change = Callable[[dict[str, Any]], object]


class BrowserSession(SessionMixin):
    """What is remembered about one browser. Read from the database when it is first needed."""

    def __init__(self, *, secret: bytes, id: str = "", seen_at: datetime | None = None) -> None:  # noqa: A002 - it is one
        """*id* comes from a cookie that we signed at *seen_at*; both are empty for a browser that we do not know."""
        self.id = id
        self._secret = secret
        self._seen_at = seen_at
        self._found: Found | None = None
        self._body: dict[str, Any] | None = None
        self._changes: list[Change] = []
        self._minted = self._ended = False

    # What Flask and its extensions ask of a session.

    def __getitem__(self, key: str) -> Any:
        return self._form_secret() if key == CSRF else self._read()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._change(lambda body: body.update({key: value}))

    def __delitem__(self, key: str) -> None:
        del self._read()[key]
        self._change(lambda body: body.pop(key, None))

    def __contains__(self, key: object) -> bool:
        return key == CSRF or key in self._read()

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    # Who it is.

    @property
    def person_id(self) -> UUID | None:
        """Who is signed in here, if anyone."""
        self._read()
        return self._found.person_id if self._found else None

    @property
    def method(self) -> str:
        """How they signed in: a key of `operations.signing_in.Method`."""
        self._read()
        return self._found.method if self._found else ""

    @property
    def actor(self) -> Actor | None:
        """The person signed in here, with the roles that they hold today."""
        self._read()
        return self._found.actor if self._found else None

    # What changes it.

    def begin(self, session: Session, person: Person, *, method: str) -> None:
        """Sign *person* in: a new id, and nothing of what was here before (SE2)."""
        self.end(session)
        self._mint()
        begun = {"person_id": person.id, "epoch": person.session_epoch, "method": method, "body": {}}
        times = {"created_at": real_now(), "last_seen_at": real_now()}
        session.execute(insert(WebSession).values(id_hash=_hash(self.id), **begun, **times))
        self._found, self._body = find_session(session, _hash(self.id), on=today()), {}

    def end(self, session: Session) -> None:
        """End it, on every worker at once: its row is gone (SE1)."""
        if self.id:
            session.execute(delete(WebSession).where(WebSession.id_hash == _hash(self.id)))
        self.id, self._found, self._body, self._ended = "", None, {}, True
        self._changes.clear()

    def add(self, key: str, value: Any, *, at_most: int) -> None:
        """Add *value* to the list under *key*, which keeps the newest *at_most*, also those that another tab adds meanwhile."""
        self._change(lambda body: body.update({key: [*body.get(key, []), value][-at_most:]}))

    def _store(self, session: Session) -> None:
        """Make our changes to what is stored now: another tab may have stored something since we read it."""
        if self._ended and not self._body:
            return
        mine, times = WebSession.id_hash == _hash(self.id), {"created_at": real_now(), "last_seen_at": real_now()}
        if self._found is None:
            session.connection().execute(BEGUN[dialect_of(session)], {"id_hash": _hash(self.id), "body": {}, **times})
        stored = session.scalars(select(WebSession.body).where(mine).with_for_update()).one_or_none()
        if stored is not None:
            body = dict(stored)
            for change in self._changes:
                change(body)
            session.execute(update(WebSession).where(mine).values(body=body, last_seen_at=real_now()))
        self._changes.clear()

    def _change(self, change: Change) -> None:
        change(self._read())
        self._mint_if_none()
        if not self._changes:
            work().write_beside(self._store)
        self._changes.append(change)

    # How it is read, and how the cookie is written.

    def _read(self) -> dict[str, Any]:
        if self._body is None:
            self._found = find_session(database(), _hash(self.id), on=today()) if self.id else None
            if self._found is not None and not self._is_alive(self._found):
                self.id, self._found = "", None
            self._body = dict(self._found.body) if self._found else {}
            if self._found and self._found.person_id and self._is_due(self._found):
                work().write_beside(self._touch)
        return self._body

    def do_without(self) -> None:
        """Ask the database no more who this is, since it is out of reach; the cookie stays good for later."""
        if self._body is None:
            self._body = {}

    def _is_alive(self, found: Found) -> bool:
        if real_now() - found.created_at >= timedelta(hours=settings().session_hours):
            return False
        if found.person_id is None:
            return True
        seen_at = max(found.last_seen_at, self._seen_at or found.last_seen_at)
        is_idle = real_now() - seen_at >= timedelta(minutes=settings().session_idle_minutes)
        return found.is_persons_own and not is_idle

    def _is_due(self, found: Found) -> bool:
        return abs(real_now() - found.last_seen_at) >= SEEN_EVERY  # one seen later than now: the clock was set back

    def _touch(self, session: Session) -> None:
        if self.id:
            mine = WebSession.id_hash == _hash(self.id)
            session.execute(update(WebSession).where(mine).values(last_seen_at=real_now()))

    def _form_secret(self) -> str:
        """Give what this browser's form tokens are made from: bound to its session, and to its person."""
        self._read()
        self._mint_if_none()
        whose = self.person_id.hex if self.person_id else NOBODY
        return f"{whose}.{hmac.new(self._secret, self.id.encode(), sha256).hexdigest()}"

    def _mint(self) -> None:
        self.id, self._minted = secrets.token_urlsafe(32), True

    def _mint_if_none(self) -> None:
        if not self.id:
            self._mint()

    @property
    def is_to_be_sent(self) -> bool:
        """Whether this answer must carry the cookie: it is new, or a person was here."""
        return bool(self.id) and (self._minted or (self._found is not None and self._is_news()))

    def _is_news(self) -> bool:
        is_another = self._seen_at is None or abs(real_now() - self._seen_at) >= timedelta(seconds=1)
        return self.person_id is not None and is_another

    @property
    def is_over(self) -> bool:
        """Whether this answer must take the cookie away."""
        return self._ended and not self.id


class DatabaseSessions(SessionInterface):
    """Flask's sessions, kept in the database. In demo mode the cookie is `scrt`, since plain HTTP refuses `__Host-`."""

    def __init__(self, *, secret: str, demo: bool) -> None:
        """*secret* signs the cookie."""
        self.name = "scrt" if demo else "__Host-scrt"
        self._is_secure = not demo
        self._form_key = hmac.new(secret.encode(), b"form tokens", sha256).digest()
        self._signer = _Signer(secret, salt="session", digest_method=sha256)

    def open_session(self, app: Flask, request: Request) -> BrowserSession:  # noqa: ARG002 - Flask's signature
        """Give the session that the cookie names; the database is asked when something is read from it."""
        try:
            id_, seen_at = self._signer.unsign(request.cookies.get(self.name, ""), return_timestamp=True)
        except BadSignature:
            return BrowserSession(secret=self._form_key)
        return BrowserSession(secret=self._form_key, id=id_.decode(), seen_at=seen_at)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:  # noqa: ARG002 - as above
        """Write what stands beside the request, and send the cookie where it changed."""
        work().settle()
        ours = cast("BrowserSession", session)
        response.vary.add("Cookie")
        how: dict[str, Any] = {"secure": self._is_secure, "httponly": True, "samesite": "Lax", "path": "/"}
        if ours.is_to_be_sent:
            response.set_cookie(self.name, self.signed(ours.id), **how)
        elif ours.is_over:
            response.delete_cookie(self.name, **how)

    def signed(self, id_: str) -> str:
        """Give the cookie's value for the session *id_*, as of now."""
        return self._signer.sign(id_).decode()


class _Signer(TimestampSigner):
    """Signs with the service's real time, which tests can hold."""

    def get_timestamp(self) -> int:
        return int(real_now().timestamp())


def cookie_for(app: Flask, session: Session, person: Person) -> tuple[str, str]:
    """Begin a session for *person* without asking for a password, and give its cookie: for tests, in a request's context."""
    interface = cast("DatabaseSessions", app.session_interface)
    begun = BrowserSession(secret=b"")
    begun.begin(session, person, method=Method.PASSWORD)
    return interface.name, interface.signed(begun.id)


def browser_session() -> BrowserSession:
    """Give the session of the browser that asks."""
    return cast("BrowserSession", cast("Any", flask_session)._get_current_object())  # noqa: SLF001 - behind Flask's proxy


class Visitor(UserMixin):  # type: ignore[misc]  # Flask-Login carries no types
    """Who sends a request, as Flask-Login's `current_user`; it has an actor when someone is signed in."""

    @property
    def actor(self) -> Actor | None:
        """Give who is signed in, with the roles that they hold today, or None."""
        if work().actor is None:
            work().actor = browser_session().actor
        return work().actor

    @property
    def is_authenticated(self) -> bool:
        """Tell whether someone is signed in."""
        return self.actor is not None

    def get_id(self) -> str:
        """Give the person's id; the session itself is found by its cookie."""
        return str(self.actor.person_id) if self.actor else ""


class Visitors(LoginManager):  # type: ignore[misc]  # as above
    """Flask-Login over our own sessions: there is no remember-me cookie, and no session bound to an address (D9)."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self.init_app(app, add_context_processor=False)  # it would read the session for every page, also that of an outage
        self.session_protection = None
        self.request_loader(lambda _request: Visitor())

    def _update_remember_cookie(self, response: Response) -> Response:
        return response


def actor_or_none() -> Actor | None:
    """Give who is signed in, with the roles that they hold today, or None."""
    found: Actor | None = current_user.actor
    return found


def _hash(id_: str) -> str:
    return sha256(id_.encode()).hexdigest()
