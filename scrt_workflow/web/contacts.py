"""Contacts: who holds which post in an organisation, from a day to a day, and is told of media interest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound
from wtforms import Form

from scrt_workflow.models import Contact, Organisation
from scrt_workflow.operations import contacts
from scrt_workflow.operations.organisations import NoSuchOrganisationError, find_organisation, organisations_on
from scrt_workflow.permissions import Permission
from scrt_workflow.web import errors
from scrt_workflow.web.contact_forms import ContactForm, EndForm, ReplaceForm
from scrt_workflow.web.event_rows import event_rows
from scrt_workflow.web.guards import requires
from scrt_workflow.web.jinja import date_words
from scrt_workflow.web.people_forms import DAY
from scrt_workflow.web.requests import actor, database, now, today
from scrt_workflow.web.review_list import short_name

WORDS = {"contact:added": "Contact added", "contact:ended": "Contact ended"}

NUMBER = "<int(max=9223372036854775807):contact_id>"

pages = Blueprint("contacts", __name__, url_prefix="/contacts")


@pages.errorhandler(contacts.NoSuchContactError)
@pages.errorhandler(NoSuchOrganisationError)
def no_such_contact(_error: LookupError) -> ResponseReturnValue:
    """Answer for a contact or an organisation that is not there as for every other page that is not."""
    return errors.show(NotFound())


@pages.route("")
@requires(Permission.ORGANISATION_MANAGE)
def index() -> ResponseReturnValue:
    """List the organisations with their contacts of today, and the posts for which nobody would be told there."""
    found, posts = contacts.InPost(database(), today()), contacts.posts_on(database(), today())
    rows, lacking = [], 0
    for place in organisations_on(database(), today()):
        if place.kind in contacts.NEAREST:
            held = {post: found.of(post, place.code) for post in posts}
            own = [title for post, title in posts.items() if (one := held[post]) and one.organisation == place.code]
            without = [title for post, title in posts.items() if held[post] is None]
            rows.append({"place": place, "name": short_name(place.name), "own": own, "without": without})
            lacking += bool(without) and place.kind != "england"
    return render_template("contacts/index.html", rows=rows, posts=posts, without=lacking)


@pages.route("/<code:organisation>")
@requires(Permission.ORGANISATION_MANAGE)
def show(organisation: str) -> ResponseReturnValue:
    """Show who holds each post in an organisation, who is told where nobody does, and what was changed."""
    place = _place(organisation)
    return render_template(
        "contacts/show.html",
        place=place,
        posts=_posts(place),
        past=_past(place),
        events=_events(place),
        england=place.kind == "england",
    )


def _posts(place: Organisation) -> list[dict[str, Any]]:
    """Give each post with its contacts of now and of later, and who is told in their stead."""
    found, own = contacts.InPost(database(), today()), contacts.contacts_of(database(), place.code)
    rows = []
    for post, title in contacts.posts_on(database(), today()).items():
        held = [one for one in own if one.post == post and (one.valid_to is None or one.valid_to > today())]
        instead = found.of(post, place.code)
        other = instead if instead and instead.organisation != place.code else None
        where = short_name(database().get_one(Organisation, other.organisation).name) if other else ""
        rows.append(
            {
                "post": post,
                "title": title,
                "held": [_row(one) for one in held],
                "instead": other,
                "where": where,
                "is_told": instead,
                "may_add": all(one.valid_to for one in held),
            }
        )
    return rows


def _past(place: Organisation) -> list[dict[str, Any]]:
    titles = contacts.posts_on(database(), today(), ever=True)
    own = contacts.contacts_of(database(), place.code)
    ended = [one for one in own if one.valid_to is not None and one.valid_to <= today()]
    return [{**_row(one), "title": titles.get(one.post, one.post)} for one in reversed(ended)]


def _row(one: Contact) -> dict[str, Any]:
    until = f" to {date_words(one.valid_to - DAY)}" if one.valid_to else ""
    return {"id": one.id, "email": one.email, "dates": f"from {date_words(one.valid_from)}{until}"}


def _events(place: Organisation) -> list[dict[str, Any]]:
    titles = contacts.posts_on(database(), today(), ever=True)
    return event_rows(contacts.stream_of(place.code), WORDS, partial(_note, titles))


def _note(titles: Mapping[str, str], body: Mapping[str, Any]) -> str:
    contact = database().get(Contact, body.get("contact"))
    until = f" to {date_words(date.fromisoformat(body['until']) - DAY)}" if body.get("until") else ""
    who = f", {contact.email}" if contact else ""
    return f"{titles.get(body.get('post', ''), '')}{who}, from {date_words(body.get('from'))}{until}"


@pages.route("/<code:organisation>/<key:post>/new", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_MANAGE)
def new(organisation: str, post: str) -> ResponseReturnValue:
    """Let somebody hold a post from a day on."""
    place, form = _place(organisation), ContactForm(request.form, valid_from=today())
    title = contacts.posts_on(database(), today()).get(post) or abort(404)
    if request.method == "POST" and form.validate():
        try:
            contacts.add_contact(
                database(),
                organisation,
                post,
                str(form.email.data),
                valid_from=form.begins,
                valid_to=form.ends,
                at=now(),
                actor=actor(),
            )
            return _done(place, "The contact is added.")
        except contacts.ContactRefusedError as error:
            form.form_errors.append(str(error))
    return _shown("contacts/change.html", form, place, f"Add a contact: {title}", "Add contact")


@pages.route(f"/<code:organisation>/{NUMBER}/replace", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_MANAGE)
def replace(organisation: str, contact_id: int) -> ResponseReturnValue:
    """Let somebody else hold a post from a day on."""
    place, contact = _place(organisation), contacts.find_contact(database(), organisation, contact_id)
    form = ReplaceForm(request.form, on=today())
    if request.method == "POST" and form.validate():
        try:
            with database().begin_nested():
                contacts.replace_contact(database(), contact, str(form.email.data), on=form.begins, at=now(), actor=actor())
            return _done(place, "The contact is replaced.")
        except contacts.ContactRefusedError as error:
            form.form_errors.append(str(error))
    return _shown("contacts/change.html", form, place, f"Replace {contact.email}", "Replace contact")


@pages.route(f"/<code:organisation>/{NUMBER}/end", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_MANAGE)
def end(organisation: str, contact_id: int) -> ResponseReturnValue:
    """End a contact after a day."""
    place, contact = _place(organisation), contacts.find_contact(database(), organisation, contact_id)
    form = EndForm(request.form, last_day=today())
    if request.method == "POST" and form.validate():
        try:
            contacts.end_contact(database(), contact, on=form.ends, at=now(), actor=actor())
            return _done(place, "The last day of the contact is set.")
        except contacts.ContactRefusedError as error:
            form.form_errors.append(str(error))
    return _shown("contacts/change.html", form, place, f"End {contact.email}", "End contact")


def _place(organisation: str) -> Organisation:
    """Give an organisation that may have contacts. Raises NoSuchOrganisationError."""
    place = find_organisation(database(), organisation)
    if place.kind not in contacts.NEAREST:
        raise NoSuchOrganisationError
    return place


def _done(place: Organisation, message: str) -> ResponseReturnValue:
    flash(message, "success")
    return redirect(url_for("contacts.show", organisation=place.code), 303)


def _shown(template: str, form: Form, place: Organisation, title: str, button: str) -> ResponseReturnValue:
    page = render_template(template, form=form, place=place, title=title, button=button)
    return page, 422 if request.method == "POST" else 200
