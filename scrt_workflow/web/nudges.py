"""Sending a reminder of a review by hand: whom it goes to and what it is about, and then the button."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import Form, RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are a version behind
from wtforms.validators import InputRequired

from scrt_workflow import catalogue
from scrt_workflow.models import Person, Review
from scrt_workflow.operations import nudging
from scrt_workflow.operations.nudging import NudgeRefusedError, Offer
from scrt_workflow.operations.once import KeyReusedError
from scrt_workflow.permissions import Permission
from scrt_workflow.web.checking import key_from
from scrt_workflow.web.guards import requires
from scrt_workflow.web.jinja import date_words
from scrt_workflow.web.requests import actor, database, now, request_id, today
from scrt_workflow.web.reviews import find_or_404
from scrt_workflow.workflows.wording import notice_in_words

pages = Blueprint("nudges", __name__)
CONFLICT, UNPROCESSABLE = 409, 422


class NudgeForm(Form):
    """What is to be reminded of."""

    reminder = RadioField("What do you want to remind of?", [InputRequired("Choose what you want to remind of")])


@pages.route("/reviews/<uuid:review_id>/reminder", methods=["GET", "POST"])
@requires(Permission.REVIEW_REMIND)
def send(review_id: UUID) -> ResponseReturnValue:
    """Show what a reminder sent now would be about, and to whom it would go; a POST sends it."""
    review = find_or_404(review_id)
    form = NudgeForm(request.form)
    if request.method == "POST" and form.reminder.data:
        try:
            with database().begin_nested():
                return _sent(review, str(form.reminder.data))
        except (NudgeRefusedError, KeyReusedError) as error:
            return _shown(review, form, refused=str(error)), CONFLICT
    try:
        offered = nudging.offers(database(), review, actor=actor(), on=today())
    except NudgeRefusedError as error:
        return _shown(review, form, refused=str(error)), CONFLICT if request.method == "POST" else 200
    _offer(form, review, offered)
    status = UNPROCESSABLE if request.method == "POST" and not form.validate() else 200
    return _shown(review, form, key=uuid4()), status


def _sent(review: Review, reminder: str) -> ResponseReturnValue:
    key = key_from(request.form.get("key"))
    told = nudging.nudge(database(), review.id, reminder, actor=actor(), at=now(), key=key, request_id=request_id())
    flash(f"The reminder goes to {_named(told)}." if told else "The reminder was sent before.", "success")
    return redirect(url_for("reviews.show", review_id=review.id), 303)


def _offer(form: NudgeForm, review: Review, offered: list[Offer]) -> None:
    definition = catalogue.definition(database(), review.definition_version_id)
    form.reminder.choices = []
    for one in offered:
        number = f"It was due on {date_words(one.wanted_by)}. This is reminder {one.due.number}."
        hint = f"{number} It goes to {_named(nudging.readers_of(one.due, actor()))}."
        words = notice_in_words(one.due.template, definition)
        deadline = definition.workflow.clocks.get(definition.workflow.reminders[one.due.reminder].deadline)
        title = f"{words} ({deadline.title})" if deadline else words
        form.reminder.choices.append(SelectChoice(one.due.reminder, title, {"hint": hint}))
    if request.method == "GET":
        form.reminder.data = offered[0].due.reminder


def _named(people: Iterable[UUID]) -> str:
    names = list(database().scalars(select(Person.name).where(Person.id.in_(list(people))).order_by(Person.name)))
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _shown(review: Review, form: NudgeForm, **more: Any) -> str:
    return render_template("reviews/reminder.html", review=review, form=form, **{"refused": "", "key": "", **more})
