"""A person's own account: who they are here, which roles they hold, and their password."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, Form, PasswordField
from wtforms.validators import EqualTo, InputRequired

from scrt_workflow.models import Person
from scrt_workflow.operations import guessing, mail_choices, people
from scrt_workflow.operations.authority import PersonRefusedError
from scrt_workflow.operations.guessing import TooManyGuessesError
from scrt_workflow.operations.mail_choices import Mail
from scrt_workflow.operations.passwords import LONGEST, SHORTEST, WeakPasswordError, is_password
from scrt_workflow.operations.signing_in import Method
from scrt_workflow.web.guards import signed_in
from scrt_workflow.web.next_page import home
from scrt_workflow.web.requests import actor, database, in_its_own_units, now, real_now, today, unit
from scrt_workflow.web.role_rows import roles_of
from scrt_workflow.web.sessions import browser_session

NOT_NOW = "That is not your password now."
NEW = {"autocomplete": "new-password"}

pages = Blueprint("account", __name__, url_prefix="/account")


class MailForm(Form):
    """Which e-mails someone wants."""

    reminders = BooleanField(
        "Reminders",
        description="One e-mail a day at most: reviews that want an update or another look, and deadlines.",
    )
    summaries = BooleanField("Monthly summaries", description="The figures of the month that has ended, for leads.")


class PasswordForm(Form):
    """A new password, twice, and the one that it takes the place of."""

    current = PasswordField("Your password now", [InputRequired("Enter the password that you signed in with.")])
    new = PasswordField(
        "New password",
        [InputRequired("Enter a new password.")],
        description=f"At least {SHORTEST} characters. Several words that do not go together are easy to remember.",
        render_kw=NEW,
    )
    again = PasswordField("New password again", [EqualTo("new", "The two new passwords are not the same.")], render_kw=NEW)


@pages.route("", methods=["GET", "POST"])
@signed_in
def show() -> ResponseReturnValue:
    """Show who someone is here, which roles they hold and which e-mails they get; a POST starts or stops those."""
    if request.method == "POST":
        form = MailForm(request.form)
        mail_choices.choose(database(), [kind for kind in Mail if form[kind.value].data], actor=actor(), at=now())
        flash("Your choice of e-mails is saved.", "success")
        return redirect(url_for("account.show"), 303)
    chosen = mail_choices.wanted(database(), actor().person_id)
    form = MailForm(data={kind.value: kind in chosen for kind in Mail})
    return render_template("account/show.html", person=actor(), roles=roles_of(database(), actor().person_id, today()), form=form)


@pages.route("/password", methods=["GET", "POST"])
@signed_in
@in_its_own_units
def password() -> ResponseReturnValue:
    """Change one's own password; every other session of theirs ends."""
    form = PasswordForm(request.form)
    status = 200
    if request.method == "POST" and form.validate():
        try:
            _change(str(form.current.data), str(form.new.data))
        except WeakPasswordError as error:
            form.new.errors = [str(error)]
        except (PersonRefusedError, TooManyGuessesError) as error:
            form.current.errors = [str(error)]
        else:
            flash("Your password is changed.", "success")
            return redirect(home(), 303)
        status = 422
    is_temporary = browser_session().method == Method.TEMPORARY_PASSWORD
    return render_template("account/password.html", form=form, is_temporary=is_temporary), status


def _change(current: str, new: str) -> None:
    """Change the password of the person acting, and keep only this session. It is guarded like a sign-in."""
    email = actor().email
    with unit() as session:
        reserved = guessing.reserve_guess(session, email, address=request.remote_addr or "", at=real_now())
    kept = database().get_one(Person, actor().person_id).password_hash
    if not is_password(kept, current[:LONGEST]):
        raise PersonRefusedError(NOT_NOW)
    with unit() as session:
        person = session.get_one(Person, actor().person_id, with_for_update=True)
        if person.password_hash != kept:  # it was reset since
            raise PersonRefusedError(NOT_NOW)
        guessing.give_back(session, reserved)
        if current == new:
            raise WeakPasswordError("Choose a password that is not the one you have now.")
        people.set_password(session, person, new, at=now(), actor=actor())
        browser_session().begin(session, person, method=Method.PASSWORD)
