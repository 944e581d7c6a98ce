"""What tests are made from: people with roles, browsers that are signed in, and forms that are filled in.

Organisations are the shipped ones: QMJ and QMF are ICBs of the region Y56 (London), QOP is one of Y62; ENG is England.
"""

import re
from atexit import register
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, partial
from itertools import count
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from scrt_workflow.app import create_app
from scrt_workflow.clock import FixedClock
from scrt_workflow.database import unit_of_work
from scrt_workflow.models import Membership, Person
from scrt_workflow.operations.organisations import load_reference
from scrt_workflow.operations.passwords import hash_password
from scrt_workflow.permissions import Role
from scrt_workflow.settings import Settings
from scrt_workflow.web.requests import Service, surroundings
from scrt_workflow.web.sessions import cookie_for

NOW = datetime(2024, 11, 1, 9, 0, tzinfo=UTC)
TODAY = date(2024, 11, 1)
REAL_NOW = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
SINCE = date(2022, 7, 1)
PASSWORD = "four words that fit nowhere"
PASSWORD_HASH = hash_password(PASSWORD)
HOST = "reviews.example.nhs.uk"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')

_numbers = count(1)


def make_person(session: Session, *, email: str = "", name: str = "", password_hash: str | None = PASSWORD_HASH) -> Person:
    """Make someone who can sign in with PASSWORD; without roles."""
    number = next(_numbers)
    person = Person(email_key=email or f"person{number}@example.nhs.uk", name=name or f"Person {number}")
    person.password_hash = password_hash
    session.add(person)
    session.flush()
    return person


def make_membership(
    session: Session,
    person: Person,
    role: Role,
    organisation: str,
    *,
    valid_from: date = SINCE,
    valid_to: date | None = None,
) -> Membership:
    """Make a role that *person* holds."""
    held = Membership(person_id=person.id, role=role.value, organisation=organisation, valid_from=valid_from)
    held.valid_to = valid_to
    session.add(held)
    session.flush()
    return held


@dataclass
class Running:
    """The service as a test runs it, on a database of its own with clocks that stand still."""

    app: Service
    clock: FixedClock
    real_clock: FixedClock

    @property
    def engine(self) -> Engine:
        """The service's own engine."""
        with self.app.app_context():
            return surroundings().engine

    def person(self, *roles: tuple[Role, str], email: str = "", name: str = "") -> Person:
        """Make someone who holds *roles*, each a role and an organisation, since July 2022."""
        with unit_of_work(self.engine) as session:
            person = make_person(session, email=email, name=name)
            for role, organisation in roles:
                make_membership(session, person, role, organisation)
            session.expunge(person)
        return person

    def browser(self, person: Person | None = None) -> "Browser":
        """Open a browser, signed in as *person* if one is given."""
        browser = Browser(self)
        if person is not None:
            browser.sign_in(person)
        return browser

    def as_a(self, role: Role, organisation: str) -> "Browser":
        """Open a browser signed in as someone new who holds *role* for *organisation*."""
        return self.browser(self.person((role, organisation)))


_compile_now = Rule._compile_builder  # noqa: SLF001 - there is no other way to have it done later


def _compile_when_built(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    """Have the code that builds a rule's addresses compiled when the first is built: else it is most of a service's start."""
    compiled = cache(partial(_compile_now, rule, append_unknown))

    def build(rule: Rule, **values: Any) -> tuple[str, str]:
        return compiled()(rule, **values)

    return build


Rule._compile_builder = _compile_when_built  # type: ignore[assignment]  # noqa: SLF001 - as above


@cache
def compiled_templates() -> str:
    """Give the folder of the compiled templates of all tests of this process: to compile them takes longer than most tests."""
    folder = mkdtemp()
    register(rmtree, folder, ignore_errors=True)
    return folder


def make_running(settings: Settings, url: str) -> Running:
    """Start the service on the migrated database at *url*, with the shipped organisations and vocabularies in it."""
    clock, real_clock = FixedClock(NOW), FixedClock(REAL_NOW)
    app = create_app(settings.model_copy(update={"database_url": url}), clock, real_clock=real_clock)
    app.testing = True
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(compiled_templates())
    running = Running(app, clock, real_clock)
    with unit_of_work(running.engine) as session:
        load_reference(session)
    return running


class Browser:
    """A browser over HTTPS, as a reverse proxy passes it on. It keeps cookies and follows no redirect by itself."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.client: FlaskClient = running.app.test_client()
        self.last: TestResponse | None = None
        self.headers: dict[str, str] = {}

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page."""
        return self.open(path, method="GET", **options)

    def post(self, path: str, form: Mapping[str, Any] | None = None, *, token: bool = True, **options: Any) -> TestResponse:
        """Send a form, with the token of this browser's session unless *token* is False."""
        sent = dict(form or {})
        if token and "csrf_token" not in sent:
            sent["csrf_token"] = self.token()
        return self.open(path, method="POST", data=sent, **options)

    def open(self, path: str, **options: Any) -> TestResponse:
        """Send a request."""
        headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.7", "Referer": f"https://{HOST}/"}
        headers |= self.headers | options.pop("headers", {})
        self.last = self.client.open(path, base_url=f"http://{HOST}", headers=headers, **options)
        return self.last

    def token(self) -> str:
        """Give a form token of this browser's session, as a page would carry it."""
        page = self.get("/sign-in")
        if page.status_code != 200:
            page = self.get("/account/password")
        found = TOKEN.search(page.text)
        assert found, "No page with a form could be opened."
        return found[1]

    def sign_in(self, person: Person) -> None:
        """Sign *person* in without the form, which would take a tenth of a second for the password."""
        app = self.running.app
        with app.test_request_context(base_url=f"http://{HOST}"), unit_of_work(self.running.engine) as session:
            name, value = cookie_for(app, session, session.get_one(Person, person.id))
        self.client.set_cookie(name, value, domain=HOST, secure=True)

    @property
    def cookie(self) -> str:
        """The session cookie's value; empty when there is none."""
        cookie = self.client.get_cookie("__Host-scrt", domain=HOST)
        return cookie.value if cookie else ""

    def with_cookie(self, value: str) -> "Browser":
        """Open another browser that was given this cookie."""
        other = Browser(self.running)
        other.client.set_cookie("__Host-scrt", value, domain=HOST, secure=True)
        return other
