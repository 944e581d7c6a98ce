"""The front door: units of work, form tokens, hosts, where `next` may lead, and work that came back too late."""

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import abort, render_template_string, request
from sqlalchemy import Connection, event, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from scrt_workflow.actors import Actor
from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.models import Attempt, Person, ServiceSetting, WebSession
from scrt_workflow.operations import passwords, people, signing_in
from scrt_workflow.permissions import Role
from scrt_workflow.settings import Settings
from scrt_workflow.web import account, guards, sign_in
from scrt_workflow.web.edge import LARGEST_FORM, MOST_FIELDS
from scrt_workflow.web.guards import UnguardedViewError
from scrt_workflow.web.kept_posts import keeps_typed_work
from scrt_workflow.web.next_page import leads_to_a_page
from scrt_workflow.web.requests import database
from tests.factories import HOST, NOW, PASSWORD, Browser, Running, make_running

TYPED = {"overview": "Ein Satz – mit “Zeichen” & <b>\r\nzwei Zeilen ", "themes": ["T01", "T02"], "empty": ""}


def setting(running: Running, key: str) -> Any:
    with reading(running.engine) as session:
        return session.scalar(select(ServiceSetting.value).where(ServiceSetting.key == key))


@pytest.fixture
def with_pages(running: Running) -> Running:
    """Give the service some pages of the test's own."""

    @running.app.route("/write", methods=["GET", "POST"])
    @guards.signed_in
    def write() -> Any:
        database().add(ServiceSetting(key="written", value="yes"))
        database().flush()
        match request.args.get("then"):
            case "raise":
                raise ZeroDivisionError
            case "abort":
                abort(409)
            case "show an error page":
                return "mend this", 422
        return "written"

    def restore(session: Session, actor: Actor, arguments: Mapping[str, Any], form: MultiDict[str, str]) -> str:
        kept = {"who": actor.email, "page": arguments["page"], "form": form.to_dict(flat=False)}
        session.merge(ServiceSetting(key="kept", value=kept))
        return f"/form/{arguments['page']}"

    @running.app.route("/form/<page>", methods=["GET", "POST"])
    @guards.signed_in
    @keeps_typed_work(restore)
    def form(page: str) -> Any:
        token = '<input type=hidden name=\'x\'><input name="csrf_token" value="{{ csrf_token() }}">'
        return render_template_string(token + "{% for m in get_flashed_messages() %}{{ m }}{% endfor %}")

    return running


def test_a_post_is_committed_before_its_answer_leaves(with_pages: Running) -> None:
    browser = with_pages.browser(with_pages.person())

    assert browser.post("/write").status_code == 200

    assert setting(with_pages, "written") == "yes"


@pytest.mark.parametrize(("then", "status"), [("raise", 500), ("abort", 409)])
def test_a_post_that_raises_changes_nothing(with_pages: Running, then: str, status: int) -> None:
    with_pages.app.testing = False
    browser = with_pages.browser(with_pages.person())

    assert browser.post(f"/write?then={then}").status_code == status

    assert setting(with_pages, "written") is None


def test_a_page_that_shows_what_to_mend_keeps_what_was_typed(with_pages: Running) -> None:
    browser = with_pages.browser(with_pages.person())

    assert browser.post("/write?then=show an error page").status_code == 422

    assert setting(with_pages, "written") == "yes"


def test_a_get_cannot_change_anything(with_pages: Running) -> None:
    browser = with_pages.browser(with_pages.person())

    with pytest.raises(DBAPIError):
        browser.get("/write")

    assert setting(with_pages, "written") is None


def test_the_service_does_not_start_with_a_page_that_says_nowhere_who_may_open_it(running_on_sqlite: Running) -> None:
    running_on_sqlite.app.add_url_rule("/open", "open", lambda: "open")

    with pytest.raises(UnguardedViewError, match="open says nowhere who may open it"):
        guards.refuse_unguarded(running_on_sqlite.app)


def test_a_form_without_a_valid_token_of_this_session_is_refused(running: Running) -> None:
    person = running.person((Role.ADMINISTRATOR, "ENG"))
    browser, elsewhere = running.browser(person), running.browser(person)
    tokens = {
        "none": "",
        "foreign": "nonsense",
        "another person's": running.as_a(Role.ADMINISTRATOR, "ENG").token(),
        "another session's": elsewhere.token(),
        "nobody's": running.browser().token(),
    }

    came = {name: browser.post("/people/new", {"csrf_token": token}).status_code for name, token in tokens.items()}

    assert came == dict.fromkeys(tokens, 400)
    assert browser.post("/people/new").status_code == 422


@pytest.mark.parametrize("sent", [b"a=" + b"x" * LARGEST_FORM, b"&".join([b"a="] * (MOST_FIELDS + 1))])
def test_a_plain_form_is_held_to_the_limits_of_any_other(running_on_sqlite: Running, sent: bytes) -> None:
    browser = running_on_sqlite.browser()

    refused = browser.open("/sign-in", method="POST", data=sent, content_type="application/x-www-form-urlencoded")

    assert refused.status_code == 413
    assert "nosniff" in refused.headers["X-Content-Type-Options"]
    assert "</html>" in refused.text


def test_the_service_answers_for_its_own_hosts_only(running_on_sqlite: Running) -> None:
    browser = running_on_sqlite.browser()

    for host in ("evil.example", f"{HOST}.evil.example", f"evil{HOST}", "127.0.0.1", f"{HOST}@evil.example"):
        assert browser.get("/sign-in", headers={"Host": host}).status_code == 400
    for name in ("X-Forwarded-Host", "Forwarded", "X-Host"):
        answer = browser.get("/people", headers={name: "host=evil.example"})
        assert "evil" not in answer.headers["Location"]


@pytest.mark.parametrize("path", ["/", "/people", "/people?q=a%20b&page=2", "/account/password"])
def test_next_may_lead_to_a_page_of_ours(running_on_sqlite: Running, path: str) -> None:
    with running_on_sqlite.app.test_request_context():
        assert leads_to_a_page(path)


def strange_addresses() -> Iterator[str]:
    """Give addresses that some browser may read as another site's, or that are no page of ours."""
    slashes = ("/", "//", "///", "\\", "/\\", "\\/", "/\t/", "/\n/", "/%2f", "/%5c", "/./", "/../", "/;/", "%2f%2f", "\x00//")
    schemes = ("", " ", "http:", "https:", "HTTPS:", "javascript:", "data:", "//user@", "http:/", "https:\\", "\x01https:", "﹨")
    hosts = ("evil.example", "evil.example/people", "evil.example\\people", "[::1]", "0x7f.1", "evil。example", "@evil.example")
    tails = ("", "/", "?q=1", "#", "/..//evil.example", "\t", "%00", ":443")
    yield from (s + slash + host + tail for s in schemes for slash in slashes for host in hosts for tail in tails)
    yield from ("", "people", "/people#x", "/nothing", "/static/scrt.css", "/sign-in", "/sign-out", "/people/../x")
    yield from ("/people//new", "/people/%2e%2e/", "/people?q=\n", "/people\x00", "/pëople", "/people?q=\\", "/people" * 400)


def test_next_leads_nowhere_else(running_on_sqlite: Running) -> None:
    addresses = list(strange_addresses())

    with running_on_sqlite.app.test_request_context():
        allowed = [address for address in addresses if leads_to_a_page(address)]

    assert len(addresses) > 10_000
    assert [one for one in allowed if urlsplit(one).netloc or "evil" in one.partition("?")[0]] == []
    assert allowed == []


def too_late(running: Running, browser: Browser, *, how: str) -> None:
    """Let the session of *browser* end in one of the ways that it can."""
    match how:
        case "idle":
            running.real_clock.advance(timedelta(minutes=16))
        case "idle, and another tab asked meanwhile":
            running.real_clock.advance(timedelta(minutes=16))
            browser.get("/account")
        case "signed out in another tab":
            browser.post("/sign-out")


WAYS = ["idle", "idle, and another tab asked meanwhile", "signed out in another tab"]


@pytest.mark.parametrize("how", WAYS)
def test_what_was_typed_is_there_after_signing_in_again(with_pages: Running, how: str) -> None:
    person = with_pages.person()
    browser = with_pages.browser(person)
    token = browser.token()
    too_late(with_pages, browser, how=how)

    posted = browser.post("/form/one", TYPED | {"csrf_token": token})
    page = posted.headers["Location"]
    answer = browser.post(page, {"email": person.email_key, "password": PASSWORD})

    assert (posted.status_code, page) == (303, "/sign-in?next=/form/one")
    assert answer.headers["Location"] == "/form/one"
    wanted = {name: value if isinstance(value, list) else [value] for name, value in TYPED.items()}
    assert setting(with_pages, "kept") == {"who": person.email_key, "page": "one", "form": wanted}
    assert "We kept what you typed" in browser.get("/form/one").text


def test_one_character_that_cannot_be_kept_does_not_cost_the_rest(with_pages: Running) -> None:
    person = with_pages.person()
    browser = with_pages.browser(person)
    token = browser.token()
    too_late(with_pages, browser, how="idle")

    browser.post("/form/one", {"overview": "A long text\0 of theirs", "csrf_token": token})
    browser.post("/sign-in", {"email": person.email_key, "password": PASSWORD})

    assert setting(with_pages, "kept")["form"] == {"overview": ["A long text\ufffd of theirs"]}


@pytest.mark.parametrize("how", WAYS)
def test_another_person_who_signs_in_there_gets_none_of_it(with_pages: Running, how: str) -> None:
    person, other = with_pages.person(), with_pages.person()
    browser = with_pages.browser(person)
    token = browser.token()
    too_late(with_pages, browser, how=how)
    browser.post("/form/one", TYPED | {"csrf_token": token})

    browser.post("/sign-in", {"email": other.email_key, "password": PASSWORD})
    browser.post("/sign-out")
    browser.post("/sign-in", {"email": person.email_key, "password": PASSWORD})

    assert setting(with_pages, "kept") is None
    with reading(with_pages.engine) as session:
        assert all("kept" not in body for body in session.scalars(select(WebSession.body)))


def test_a_form_of_ones_earlier_session_becomes_a_draft_at_once(with_pages: Running) -> None:
    person = with_pages.person()
    browser = with_pages.browser(person)
    token = browser.token()
    browser.sign_in(person)

    answer = browser.post("/form/one", TYPED | {"csrf_token": token})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/form/one")
    assert setting(with_pages, "kept")["who"] == person.email_key


@pytest.mark.parametrize("token", ["", "forged", "another person's"])
def test_a_form_that_was_not_given_to_them_is_never_kept_for_them(with_pages: Running, token: str) -> None:
    person = with_pages.person()
    browser = with_pages.browser(person)
    sent = with_pages.browser(with_pages.person()).token() if token == "another person's" else token

    here = browser.post("/form/one", TYPED | {"csrf_token": sent})
    too_late(with_pages, browser, how="idle")
    browser.post("/form/one", TYPED | {"csrf_token": sent})
    browser.post("/sign-in", {"email": person.email_key, "password": PASSWORD})

    assert here.status_code == 400
    assert setting(with_pages, "kept") is None


def test_fifty_guesses_at_once_are_ten(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    person, tried, lock = running.person(), [], threading.Lock()

    def count(kept: str | None, password: str) -> bool:
        with lock:
            tried.append(password)
        return passwords.is_password(kept, password)

    monkeypatch.setattr(sign_in, "is_password", count)
    browsers = [running.browser() for _ in range(50)]
    tokens = [browser.token() for browser in browsers]

    def guess(number: int) -> int:
        form = {"email": person.email_key, "password": f"guess {number}", "csrf_token": tokens[number]}
        return browsers[number].post("/sign-in", form).status_code

    with ThreadPoolExecutor(8) as pool:
        came = list(pool.map(guess, range(50)))

    assert len(tried) == 10
    assert sorted(set(came)) == [422, 429]
    assert came.count(422) == 10


@pytest.mark.parametrize("email", ["a\0b@example.nhs.uk", "a\ud800@example.nhs.uk", "a" * 400 + "@example.nhs.uk", "nobody"])
def test_an_address_that_can_be_nobodys_is_told_what_a_wrong_one_is(running: Running, email: str) -> None:
    answer = running.browser().post("/sign-in", {"email": email.encode("utf-8", "surrogatepass"), "password": "guess"})

    assert answer.status_code == 422
    assert signing_in.WRONG in answer.text


def test_an_account_is_one_however_its_address_is_written(running: Running) -> None:
    person = running.person(email="désirée@example.nhs.uk")
    written = ["DÉSIRÉE@example.nhs.uk", " désirée@example.nhs.uk ", "de\u0301sire\u0301e@example.nhs.uk"]
    came = [running.browser().post("/sign-in", {"email": one, "password": PASSWORD}).status_code for one in written]
    unseen = ["\ufeff" * number for number in range(12)]
    guesses = [running.browser().post("/sign-in", {"email": f"{one}{person.email_key}", "password": "guess"}) for one in unseen]

    assert came == [303, 303, 303]
    assert [answer.status_code for answer in guesses] == [422] * 10 + [429] * 2
    assert running.browser().post("/sign-in", {"email": person.email_key, "password": PASSWORD}).status_code == 429


def test_guesses_lock_nobody_out_for_good_and_nobody_else_at_all(running: Running) -> None:
    person, other = running.person(), running.person()
    attacker = running.browser()
    for _ in range(12):
        attacker.post("/sign-in", {"email": person.email_key, "password": "guess"})
    wants_in = {"email": person.email_key, "password": PASSWORD}

    assert running.browser().post("/sign-in", wants_in).status_code == 429
    assert running.browser().post("/sign-in", wants_in | {"email": other.email_key}).status_code == 303
    from_elsewhere = running.browser()
    from_elsewhere.headers = {"X-Forwarded-For": "203.0.113.9"}
    assert from_elsewhere.post("/sign-in", wants_in).status_code == 303
    running.real_clock.advance(timedelta(minutes=15))
    assert running.browser().post("/sign-in", wants_in).status_code == 303


def test_a_temporary_password_lets_a_person_in_whom_guesses_had_locked_out(running: Running) -> None:
    person = running.person((Role.DESIGNATE, "QMJ"))
    for _ in range(12):
        running.browser().post("/sign-in", {"email": person.email_key, "password": "guess"})
    page = running.as_a(Role.ADMINISTRATOR, "ENG").post(f"/people/{person.id}/password").text

    temporary = page.partition("<code>")[2].partition("</code>")[0]

    assert running.browser().post("/sign-in", {"email": person.email_key, "password": temporary}).status_code == 303


def test_a_reset_while_a_password_is_being_changed_holds(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    person, new = running.person(), "another set of words entirely"
    browser = running.browser(person)

    def check_and_be_overtaken(kept: str | None, password: str) -> bool:
        with unit_of_work(running.engine) as session:
            people.reset_password(session, session.get_one(Person, person.id), at=NOW)
        return passwords.is_password(kept, password)

    token = browser.token()
    monkeypatch.setattr(account, "is_password", check_and_be_overtaken)
    answer = browser.post("/account/password", {"current": PASSWORD, "new": new, "again": new, "csrf_token": token})

    assert "That is not your password now." in answer.text
    assert running.browser().post("/sign-in", {"email": person.email_key, "password": new}).status_code == 422


def test_a_password_changed_while_somebody_signs_in_with_it_is_not_called_too_old(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = running.person()

    def check_and_be_overtaken(kept: str | None, password: str) -> bool:
        with unit_of_work(running.engine) as session:
            people.set_password(session, session.get_one(Person, person.id), "another set of words entirely", at=NOW)
        return passwords.is_password(kept, password)

    monkeypatch.setattr(sign_in, "is_password", check_and_be_overtaken)
    answer = running.browser().post("/sign-in", {"email": person.email_key, "password": PASSWORD})

    assert answer.status_code == 422
    assert "The e-mail address or the password is wrong." in answer.text


def test_what_follows_the_longest_password_is_never_kept(running_on_sqlite: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    running, longest = running_on_sqlite, "a long way round " * 12
    person, longest = running.person(), longest[: passwords.LONGEST]
    with unit_of_work(running.engine) as session:
        people.keep_password(session, session.get_one(Person, person.id), passwords.hash_password(longest))
    monkeypatch.setattr(signing_in, "is_outdated", lambda _kept: True)  # so it is hashed again when they sign in

    for typed in (longest + "and more", longest):
        assert running.browser().post("/sign-in", {"email": person.email_key, "password": typed}).status_code == 303


def test_a_wrong_password_writes_something_for_an_unknown_account_too(running: Running) -> None:
    known, unknown = running.person().email_key, "nobody@example.nhs.uk"
    writes: dict[str, int] = {known: 0, unknown: 0}
    browser = running.browser()
    token, guessing = browser.token(), ""

    @event.listens_for(running.engine, "commit")
    def see(connection: Connection) -> None:
        writes[guessing] += bool(connection.info.pop("wrote", False))

    @event.listens_for(running.engine, "before_cursor_execute")
    def note(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        connection.info["wrote"] = connection.info.get("wrote", False) or statement.startswith(("INSERT", "UPDATE"))

    for guessing in writes:
        browser.post("/sign-in", {"email": guessing, "password": "guess", "csrf_token": token})

    assert writes == {known: 2, unknown: 2}  # the guess that was reserved, and that it was wrong


def test_an_address_that_a_client_claims_is_not_believed(running_on_sqlite: Running) -> None:
    person = running_on_sqlite.person()
    for number in range(12):
        browser = running_on_sqlite.browser()
        browser.headers = {"X-Forwarded-For": f"192.0.2.{number}, 198.51.100.7"}
        browser.post("/sign-in", {"email": person.email_key, "password": "guess"})

    assert browser.last is not None
    assert browser.last.status_code == 429


def test_signing_in_rightly_uses_up_no_guesses(running_on_sqlite: Running) -> None:
    person = running_on_sqlite.person()

    came = [
        running_on_sqlite.browser().post("/sign-in", {"email": person.email_key, "password": PASSWORD}).status_code
        for _ in range(12)
    ]

    assert set(came) == {303}
    with reading(running_on_sqlite.engine) as session:
        assert session.scalar(select(func.sum(Attempt.n))) == 0


@contextmanager
def somebody_else_writing(running: Running) -> Iterator[None]:
    """Hold the one write lock of the SQLite file, and let the service not wait for it."""
    event.listen(running.engine, "checkout", lambda connection, *_: connection.execute("PRAGMA busy_timeout = 0"))
    with running.engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")  # the lock is held from here on
        yield


def test_a_page_that_cannot_be_written_about_is_shown_all_the_same(running_on_sqlite: Running) -> None:
    browser = running_on_sqlite.browser(running_on_sqlite.person())
    running_on_sqlite.real_clock.advance(timedelta(minutes=2))

    with somebody_else_writing(running_on_sqlite):
        answer = browser.get("/account")

    assert answer.status_code == 200


def test_a_database_that_is_busy_for_long_is_an_outage_and_not_a_mistake(running_on_sqlite: Running) -> None:
    browser = running_on_sqlite.browser(running_on_sqlite.person((Role.ADMINISTRATOR, "ENG")))
    token = browser.token()
    running_on_sqlite.app.testing = False

    with somebody_else_writing(running_on_sqlite):
        answer = browser.post("/people/new", {"csrf_token": token})

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_rush_for_connections_is_an_outage_and_not_a_mistake(running: Running) -> None:
    browser = running.browser(running.person())
    running.app.testing = False
    running.engine.pool._timeout = 0.01  # type: ignore[attr-defined]  # noqa: SLF001 - else it waits for half a minute

    with ExitStack() as others:
        with suppress(PoolTimeoutError):
            while True:
                others.enter_context(running.engine.connect())
        answer = browser.get("/account")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"


def test_a_demo_speaks_plain_http_and_shows_a_sign_in_for_each_role(settings: Settings, sqlite_url: str) -> None:
    changed = {"demo": True, "trusted_hosts": (), "proxy_count": 0, "base_url": ""}
    running = make_running(settings.model_copy(update=changed), sqlite_url)
    running.person((Role.DESIGNATE, "QMJ"), email="designate.qmj@example.nhs.uk", name="Amara Okafor")
    client = running.app.test_client()

    page = client.get("/sign-in", base_url="http://127.0.0.1:8000")

    assert "designate.qmj@example.nhs.uk" in page.text
    assert page.headers["Set-Cookie"].startswith("scrt=")
    assert "Secure" not in page.headers["Set-Cookie"]
    running.engine.dispose()
