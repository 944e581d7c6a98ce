"""People: who they are, which roles they hold and from when until when. An ICB lead looks after the people of that ICB."""

from collections.abc import Mapping
from datetime import date
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, false, func, or_, select
from werkzeug.exceptions import NotFound
from wtforms import Form

from scrt_workflow.models import Event, EventBody, Membership, Person
from scrt_workflow.operations import lending, people
from scrt_workflow.operations.authority import (
    NoSuchPersonError,
    PersonRefusedError,
    find_managed,
    people_managed_by,
    places_managed_by,
)
from scrt_workflow.operations.organisations import find_organisation
from scrt_workflow.permissions import ROLES, Permission, Role
from scrt_workflow.text_rules import LONGEST_LINE, normalised, text_fault
from scrt_workflow.web import errors
from scrt_workflow.web.event_rows import event_rows
from scrt_workflow.web.guards import requires
from scrt_workflow.web.jinja import date_words
from scrt_workflow.web.people_forms import DAY, EndForm, LendForm, PersonForm, RoleForm, SearchForm
from scrt_workflow.web.requests import actor, database, now, today
from scrt_workflow.web.role_rows import RoleRow, roles_of

MOST_SHOWN = 100
WORDS = {
    "person:added": "Account added",
    "person:disabled": "Account disabled",
    "person:enabled": "Account enabled again",
    "person:mail-chosen": "E-mails chosen",
    "person:password-changed": "Password changed",
    "person:password-reset": "Temporary password given",
    "person:role-ended": "Role ended",
    "person:role-granted": "Role given",
    "person:sign-in-failed": "Sign-in with a wrong password",
    "person:signed-in": "Signed in",
    "person:signed-out": "Signed out",
}
SIGN_INS = ("person:sign-in-failed", "person:signed-in", "person:signed-out")

pages = Blueprint("people", __name__, url_prefix="/people")


@pages.errorhandler(NoSuchPersonError)
def no_such_person(_error: NoSuchPersonError) -> ResponseReturnValue:
    """Someone whom the person acting does not manage is not there."""
    return errors.show(NotFound())


@pages.route("")
@requires(Permission.PERSON_MANAGE)
def index() -> ResponseReturnValue:
    """List the people that the person acting may manage, and find some by name or e-mail address."""
    search = SearchForm(request.args)
    query = people_managed_by(actor(), on=today())
    wanted = normalised(str(search.q.data or "")).casefold()
    if text_fault(wanted, max_length=LONGEST_LINE):
        query, wanted = query.where(false()), ""  # nobody is called that
    for word in wanted.split():
        by_name = Person.name.icontains(word, autoescape=True)
        query = query.where(or_(Person.email_key.contains(word, autoescape=True), by_name))
    found = list(database().scalars(query.order_by(func.lower(Person.name), Person.id).limit(MOST_SHOWN + 1)))
    shown = [(person, _held_now(person)) for person in found[:MOST_SHOWN]]
    return render_template("people/index.html", search=search, people=shown, are_more=len(found) > MOST_SHOWN)


@pages.route("/new", methods=["GET", "POST"])
@requires(Permission.PERSON_MANAGE)
def new() -> ResponseReturnValue:
    """Add someone with a first role, and show their temporary password once; who has an account gets the role."""
    form = PersonForm(request.form)
    form.offer(database(), actor(), on=today())
    if request.method == "POST" and form.validate():
        try:
            with database().begin_nested():
                return _add(form)
        except PersonRefusedError as error:
            form.form_errors.append(str(error))
    return _shown("people/new.html", form)


def _add(form: PersonForm) -> ResponseReturnValue:
    """Add someone, or find who has the e-mail address, and give the role. Raises PersonRefusedError."""
    key = people.email_key(str(form.email.data))
    if person := database().scalars(select(Person).where(Person.email_key == key)).one_or_none():
        _give(person, form)
        flash(f"{person.name} had an account already, and has the role now.", "success")
        return redirect(url_for("people.show", person_id=person.id), 303)
    person = people.add_person(database(), email=key, name=str(form.name.data), at=now(), actor=actor())
    _give(person, form)
    password = people.reset_password(database(), person, at=now(), actor=actor())
    return render_template("people/password_given.html", person=person, password=password)


@pages.route("/<uuid:person_id>")
@requires(Permission.PERSON_MANAGE)
def show(person_id: UUID) -> ResponseReturnValue:
    """Show someone's roles, and what happened to their account."""
    person = find_managed(database(), actor(), person_id, on=today())
    return render_template("people/show.html", person=person, roles=_roles_shown(person), events=_events_shown(person))


def _roles_shown(person: Person) -> list[RoleRow]:
    """Give the roles of *person* in the organisations whose people the reader manages."""
    places = places_managed_by(actor())
    return [row for row in roles_of(database(), person.id, today()) if places is None or row.organisation in places]


def _events_shown(person: Person) -> list[dict[str, Any]]:
    """Give what happened to an account, the newest first: to an ICB lead what concerned that ICB, and nothing of sign-ins."""
    places = places_managed_by(actor())
    only: list[ColumnElement[bool]] = []
    if places is not None:
        place = func.coalesce(EventBody.body["organisation"].as_string(), Event.organisation)
        only = [Event.kind.not_in(SIGN_INS), place.in_(places)]
    return event_rows(people.stream_of(person.id), WORDS, _role_in, *only)


@pages.route("/<uuid:person_id>/roles/new", methods=["GET", "POST"])
@requires(Permission.PERSON_MANAGE)
def give_role(person_id: UUID) -> ResponseReturnValue:
    """Give someone a role from a day on."""
    person = find_managed(database(), actor(), person_id, on=today())
    form = RoleForm(request.form)
    form.offer(database(), actor(), on=today())
    if request.method == "POST" and form.validate():
        try:
            _give(person, form)
            return _done(person, "The role is given.")
        except PersonRefusedError as error:
            form.form_errors.append(str(error))
    return _shown("people/give_role.html", form, person=person)


@pages.route("/<uuid:person_id>/roles/<uuid:membership_id>/end", methods=["GET", "POST"])
@requires(Permission.PERSON_MANAGE)
def end_role(person_id: UUID, membership_id: UUID) -> ResponseReturnValue:
    """End someone's role after a day."""
    person = find_managed(database(), actor(), person_id, on=today())
    row = next((row for row in _roles_shown(person) if row.membership_id == membership_id), None)
    if row is None:
        abort(404)
    form = EndForm(request.form, last_day=row.last_day or today())
    if request.method == "POST" and form.validate():
        try:
            membership = database().get_one(Membership, membership_id)
            people.end_role(database(), membership, on=form.ends, at=now(), actor=actor())
            return _done(person, "The last day of the role is set.")
        except PersonRefusedError as error:
            form.form_errors.append(str(error))
    return _shown("people/end_role.html", form, person=person, row=row)


@pages.route("/<uuid:person_id>/roles/<uuid:membership_id>/lend", methods=["GET", "POST"])
@requires(Permission.PERSON_MANAGE)
def lend_role(person_id: UUID, membership_id: UUID) -> ResponseReturnValue:
    """Lend someone's role to somebody else for a time."""
    person = find_managed(database(), actor(), person_id, on=today())
    row = next((row for row in _roles_shown(person) if row.membership_id == membership_id), None)
    if row is None:
        abort(404)
    form = LendForm(request.form, valid_from=today())
    if request.method == "POST" and form.validate():
        try:
            role, to = database().get_one(Membership, membership_id), _borrower(str(form.email.data))
            first, ends = cast("date", form.valid_from.data), cast("date", form.last_day.data) + DAY
            lending.lend_role(database(), role, to, valid_from=first, valid_to=ends, at=now(), actor=actor())
            return _done(person, f"The role is lent to {to.name}.")
        except PersonRefusedError as error:
            form.form_errors.append(str(error))
    return _shown("people/lend_role.html", form, person=person, row=row)


def _borrower(email: str) -> Person:
    """Find who is to borrow a role. Raises PersonRefusedError."""
    try:
        return people.find_person(database(), people.email_key(email))
    except NoSuchPersonError as error:
        raise PersonRefusedError(f"{error} Add them first.") from error


@pages.route("/<uuid:person_id>/password", methods=["GET", "POST"])
@requires(Permission.PERSON_MANAGE)
def reset_password(person_id: UUID) -> ResponseReturnValue:
    """Give someone a temporary password, shown once."""
    person = find_managed(database(), actor(), person_id, on=today())
    form = Form(request.form)
    if request.method == "POST":
        try:
            password = people.reset_password(database(), person, at=now(), actor=actor())
            return render_template("people/password_given.html", person=person, password=password)
        except PersonRefusedError as error:
            form.form_errors.append(str(error))
    return _shown("people/reset_password.html", form, person=person)


@pages.route("/<uuid:person_id>/disable", methods=["GET", "POST"])
@requires(Permission.PERSON_MANAGE)
def disable(person_id: UUID) -> ResponseReturnValue:
    """Let someone sign in no longer."""
    person = find_managed(database(), actor(), person_id, on=today())
    form = Form(request.form)
    if request.method == "POST":
        try:
            people.disable_person(database(), person, at=now(), actor=actor())
            return _done(person, "The account is disabled, and signed out everywhere.")
        except PersonRefusedError as error:
            form.form_errors.append(str(error))
    return _shown("people/disable.html", form, person=person)


@pages.route("/<uuid:person_id>/enable", methods=["GET", "POST"])
@requires(Permission.PERSON_MANAGE)
def enable(person_id: UUID) -> ResponseReturnValue:
    """Let someone who was disabled sign in again."""
    person = find_managed(database(), actor(), person_id, on=today())
    form = Form(request.form)
    if request.method == "POST":
        try:
            people.enable_person(database(), person, at=now(), actor=actor())
            return _done(person, "The account is enabled again.")
        except PersonRefusedError as error:
            form.form_errors.append(str(error))
    return _shown("people/enable.html", form, person=person)


def _role_in(body: Mapping[str, Any]) -> str:
    """Name the role that an event is about, if it is about one."""
    if "role" not in body:
        return ""
    place = find_organisation(database(), body["organisation"]).name
    until = f" to {date_words(date.fromisoformat(body['until']) - DAY)}" if body["until"] else ""
    return f"{ROLES[Role(body['role'])].title}, {place}, from {date_words(body['from'])}{until}"


def _give(person: Person, form: RoleForm) -> None:
    place, begins, ends = str(form.organisation.data), form.begins, form.ends
    people.grant_role(database(), person, form.chosen_role, place, valid_from=begins, valid_to=ends, at=now(), actor=actor())


def _held_now(person: Person) -> list[RoleRow]:
    return [row for row in roles_of(database(), person.id, today()) if row.when == "now"]


def _done(person: Person, message: str) -> ResponseReturnValue:
    flash(message, "success")
    return redirect(url_for("people.show", person_id=person.id), 303)


def _shown(template: str, form: Form, **more: object) -> ResponseReturnValue:
    return render_template(template, form=form, **more), 422 if request.method == "POST" else 200
