"""Signing in with e-mail address and password, and signing out. A second factor will stand between it and the rest."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import EmailField, Form, PasswordField
from wtforms.validators import InputRequired

from scrt_workflow.models import Event, Membership, Organisation, Person
from scrt_workflow.operations import guessing, signing_in
from scrt_workflow.operations.guessing import TooManyGuessesError
from scrt_workflow.operations.passwords import LONGEST, is_password
from scrt_workflow.operations.people import stream_of
from scrt_workflow.operations.signing_in import DEMO_PASSWORD, WRONG, Method, SignInRefusedError
from scrt_workflow.permissions import ROLES
from scrt_workflow.web import kept_posts
from scrt_workflow.web.guards import public, signed_in
from scrt_workflow.web.next_page import safe_next
from scrt_workflow.web.requests import actor, database, in_its_own_units, now, real_now, settings, unit
from scrt_workflow.web.sessions import actor_or_none, browser_session

pages = Blueprint("sessions", __name__)


class SignInForm(Form):
    """What someone signs in with."""

    email = EmailField("E-mail address", [InputRequired("Enter your e-mail address.")])
    password = PasswordField("Password", [InputRequired("Enter your password.")])


@pages.route("/sign-in", methods=["GET", "POST"])
@public
@in_its_own_units
def sign_in() -> ResponseReturnValue:
    """Ask who it is; then go on to where they were going."""
    if request.method == "GET" and actor_or_none():
        return redirect(safe_next(request.args.get("next")))
    form = SignInForm(request.form)
    status = 200
    if request.method == "POST" and form.validate():
        try:
            return redirect(_sign_in(str(form.email.data), str(form.password.data)[:LONGEST]), 303)
        except (SignInRefusedError, TooManyGuessesError) as error:
            form.form_errors.append(str(error))
            status = 429 if isinstance(error, TooManyGuessesError) else 422
    hints = _hints(database()) if settings().demo else []
    return render_template("sessions/sign_in.html", form=form, hints=hints, demo_password=DEMO_PASSWORD), status


def _sign_in(email: str, password: str) -> str:
    """Sign in, and give the page to go on at. Raises SignInRefusedError or TooManyGuessesError."""
    with unit() as session:
        reserved = guessing.reserve_guess(session, email, address=request.remote_addr or "", at=real_now())
    found = signing_in.find_account(database(), email)
    kept = found.password_hash if found else None
    if not is_password(kept, password) or found is None:
        with unit() as session:
            signing_in.failed_to_sign_in(session, found, at=now(), real_at=real_now())
        raise SignInRefusedError(WRONG)
    held = kept_posts.held_for(found.id)
    with unit() as session:
        person = session.get_one(Person, found.id, with_for_update=True)
        method = signing_in.signed_in(session, person, password, kept=kept, at=now())
        guessing.give_back(session, reserved)
        browser_session().begin(session, person, method=method)
    if method is Method.TEMPORARY_PASSWORD:
        return url_for("account.password")
    newcomer = actor_or_none()
    return (kept_posts.release(held, newcomer) if newcomer else "") or safe_next(request.args.get("next"))


@pages.route("/sign-out", methods=["POST"])
@signed_in
def sign_out() -> ResponseReturnValue:
    """End the session, wherever else its cookie may be."""
    signing_in.signed_out(database(), actor().person_id, at=now())
    browser_session().end(database())
    return redirect(url_for("sessions.signed_out"), 303)


@pages.route("/signed-out")
@public
def signed_out() -> ResponseReturnValue:
    """Say that it is done."""
    return render_template("sessions/signed_out.html")


def _hints(session: Session) -> list[dict[str, str]]:
    """Give one sign-in for each role, for the demo: whoever was added first."""
    added = dict(session.execute(select(Event.stream, Event.id).where(Event.kind == "person:added")).all())
    query = select(Membership.role, Person.id, Person.email_key, Person.name, Organisation.name.label("place"))
    query = query.join(Person, Person.id == Membership.person_id).where(Person.disabled_at.is_(None))
    rows = session.execute(query.join(Organisation, Organisation.code == Membership.organisation)).all()
    last_first = sorted(rows, key=lambda row: added.get(stream_of(row.id), 0), reverse=True)
    by_role = {row.role: {"email": row.email_key, "name": row.name, "place": row.place} for row in last_first}
    return [{"title": ROLES[role].title, **by_role[role]} for role in ROLES if role in by_role]
