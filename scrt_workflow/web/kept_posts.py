"""Work that came back too late: what someone typed into a form whose session had ended is kept for them (SE4).

It waits in that browser's own session, without a name, until the same person signs in there; then it becomes a draft.
Whoever else signs in sees none of it, and it is dropped.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Flask, current_app, flash, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest
from werkzeug.utils import redirect

from scrt_workflow.actors import Actor
from scrt_workflow.logs import log, where
from scrt_workflow.operations.drafts import storable
from scrt_workflow.web import csrf, errors, typed_words
from scrt_workflow.web.requests import View, unit
from scrt_workflow.web.sessions import CSRF, actor_or_none, browser_session

KEPT = "kept"
AT_MOST = 3
FOUND = "We kept what you typed as a draft."
TOO_LATE = "This page was open for too long, or in two places at once. Go back, reload the page and try again."
LOST = "What you typed could not be saved as a draft. It is shown here once, to copy."

Restore = Callable[[Session, Actor, Mapping[str, Any], "MultiDict[str, str]"], str]
"""Save a form as the actor's draft (session, actor, the route's arguments, the form), and give the page to go on at."""


def install(app: Flask) -> None:
    """Keep what is typed into the forms of *app* that are worth it, when a form comes back too late."""
    app.register_error_handler(CSRFError, refuse)


def refuse(_error: CSRFError) -> ResponseReturnValue:
    """Answer a form without a valid token: with its draft, if it is the person's own work; else say what to do."""
    return restore_at_once() or errors.show(BadRequest(TOO_LATE))


def keeps_typed_work(restore: Restore) -> Callable[[View], View]:
    """Mark a view whose form is worth keeping; *restore* saves it once the same person has signed in again."""

    def mark(view: View) -> View:
        view.__dict__["restore"] = restore
        return view

    return mark


def shown_once(_session: Session, _actor: Actor, _arguments: Mapping[str, Any], _form: MultiDict[str, str]) -> str:
    """Keep nothing: what was typed is shown on the page that follows, to copy, where there is no draft that it could go into."""
    return ""


def hold_for_its_author() -> None:
    """Hold this request's form in the browser's session for the person whom we gave the form to."""
    author = csrf.issued_to()
    if author is not None and typed_words.is_worth_keeping(request.endpoint):
        form = [[storable(name), storable(value)] for name, value in request.form.items(multi=True) if name != CSRF]
        browser_session().add(KEPT, {"person": author.hex, "path": request.path, "form": form}, at_most=AT_MOST)


def held_for(person_id: UUID) -> list[dict[str, Any]]:
    """Give what this browser holds for *person_id*, oldest first. Ask before the session begins, which drops it."""
    return [kept for kept in browser_session().get(KEPT, []) if kept["person"] == person_id.hex]


def release(held: list[dict[str, Any]], actor: Actor) -> str:
    """Turn what was *held* into drafts of the *actor*, and give the page of the newest; empty if there is none."""
    pages = [_restored(kept["path"], MultiDict(map(tuple, kept["form"])), actor) for kept in held]
    return next(filter(None, reversed(pages)), "")


def restore_at_once() -> ResponseReturnValue | None:
    """Turn this request's form into a draft, when its token is of another session of the person who is signed in.

    What cannot be kept is shown to them on the page that they are sent to.
    """
    actor = actor_or_none()
    if actor is None or csrf.issued_to() != actor.person_id or not typed_words.is_worth_keeping(request.endpoint):
        return None
    form = MultiDict((name, value) for name, value in request.form.items(multi=True) if name != CSRF)
    page = _restored(request.path, form, actor)
    return redirect(page or request.full_path.rstrip("?"), 303)


def _restored(path: str, form: "MultiDict[str, str]", actor: Actor) -> str:
    try:
        endpoint, arguments = current_app.url_map.bind("").match(path, method="POST")
        restore = _restore_of(endpoint)
        with unit() as session:
            page = restore(session, actor, arguments, form) if restore else ""
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not cost the person the sign-in
        log.warning("typed_work_not_kept", where=where(error))
        page = ""
    if page:
        flash(FOUND, "success")
    else:
        typed_words.show_on_the_next_page(form, LOST)
    return page


def _restore_of(endpoint: str | None) -> Restore | None:
    return getattr(current_app.view_functions.get(endpoint or ""), "restore", None)
