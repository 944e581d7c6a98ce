"""E-mails that could not be sent, for administrators: why, and trying them again."""

from __future__ import annotations

import re

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form, RadioField
from wtforms.validators import InputRequired

from scrt_workflow.operations import dead_letters
from scrt_workflow.operations.dead_letters import A_PAGE, DeadLetter, NoSuchLetterError
from scrt_workflow.permissions import Permission
from scrt_workflow.web.guards import requires
from scrt_workflow.web.requests import actor, database, now

pages = Blueprint("dead_letters", __name__, url_prefix="/jobs/e-mails")
NUMBER = "<int(max=9223372036854775807):notice_id>"
ONE, ALL = "one", "all"


class AgainForm(Form):
    """Which e-mails are tried again."""

    which = RadioField("What is tried again?", [InputRequired("Choose what is tried again.")])


@pages.route("")
@requires(Permission.JOB_RUN)
def index() -> ResponseReturnValue:
    """List what could not be sent, the newest first, and count it by reason."""
    before = _number(request.args.get("before", ""))
    letters = dead_letters.dead_letters(database(), before=before, limit=A_PAGE + 1)
    return render_template(
        "dead_letters/index.html",
        letters=letters[:A_PAGE],
        older=letters[A_PAGE - 1].id if len(letters) > A_PAGE else None,
        is_first=before is None,
        reasons=dead_letters.by_reason(database()),
        total=dead_letters.how_many(database()),
        about=_about,
    )


@pages.route(f"/{NUMBER}/try-again", methods=["GET", "POST"])
@requires(Permission.JOB_RUN)
def try_again(notice_id: int) -> ResponseReturnValue:
    """Ask what is to be tried again: this e-mail, or all that failed for the same reason; a POST lets them wait anew."""
    try:
        letter = dead_letters.find(database(), notice_id)
    except NoSuchLetterError:
        abort(404)
    alike = dead_letters.how_many_alike(database(), letter)
    form = AgainForm(request.form, which=request.args.get("which", ONE))
    form.which.choices = [(ONE, "Only this e-mail"), (ALL, f"All {alike:,} that could not be sent for the same reason")]
    if request.method == "POST" and (alike == 1 or form.validate()):
        all_alike = form.which.data == ALL
        number = dead_letters.try_again(database(), letter, all_alike=all_alike, actor=actor(), at=now())
        flash("The e-mail is tried again." if number == 1 else f"{number:,} e-mails are tried again.", "success")
        return redirect(url_for("dead_letters.index"), 303)
    facts = {"letter": letter, "alike": alike, "about": _about}
    return render_template("dead_letters/try_again.html", form=form, **facts), 422 if form.errors else 200


def _number(text: str) -> int | None:
    """Read the number of an e-mail; anything else is none."""
    return int(text) if re.fullmatch("[0-9]{1,18}", text) else None


def _about(letter: DeadLetter) -> str:
    """Say what an e-mail was about, as its definition calls it."""
    return letter.template.replace("_", " ").capitalize()
