"""Who may open a page. Every view carries one guard, and the service does not start while one lacks it.

A guard opens the page, not what is on it: which reviews someone sees, and which steps are theirs, is decided by the
operations, which answer 404 for a review that is not theirs to see.
"""

from collections.abc import Callable
from typing import Literal

from flask import Flask, current_app, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden
from werkzeug.utils import redirect

from scrt_workflow.operations.signing_in import Method
from scrt_workflow.permissions import Permission
from scrt_workflow.web import kept_posts
from scrt_workflow.web.requests import SAFE_METHODS, View
from scrt_workflow.web.sessions import actor_or_none, browser_session

Guard = Permission | Literal["public", "signed in"]
PUBLIC: Guard = "public"
SIGNED_IN: Guard = "signed in"
OPEN_WITH_A_TEMPORARY_PASSWORD = frozenset({"account.password", "sessions.sign_out"})


class UnguardedViewError(Exception):
    """A view does not say who may open it; the message names it and says what to do."""


def requires(permission: Permission) -> Callable[[View], View]:
    """Open the view to whoever holds *permission* in some organisation."""
    return lambda view: _guarded(view, permission)


def public(view: View) -> View:
    """Open the view to everyone, signed in or not."""
    return _guarded(view, PUBLIC)


def signed_in(view: View) -> View:
    """Open the view to everyone who is signed in, whatever their roles: for what is their own."""
    return _guarded(view, SIGNED_IN)


def guard_of(app: Flask, endpoint: str) -> Guard:
    """Give the guard of *endpoint*. Raises UnguardedViewError."""
    if endpoint == "static":
        return PUBLIC
    guard: Guard | None = getattr(app.view_functions[endpoint], "guard", None)
    if guard is None:
        raise UnguardedViewError(f"{endpoint} says nowhere who may open it: add @requires(…), @signed_in or @public.")
    return guard


def install(app: Flask) -> None:
    """Check the guard before every view of *app*."""
    app.before_request(check)


def refuse_unguarded(app: Flask) -> None:
    """Raise UnguardedViewError if a view of *app* lacks its guard."""
    for rule in app.url_map.iter_rules():
        guard_of(app, rule.endpoint)


def check() -> ResponseReturnValue | None:
    """Let the request pass, or send it to sign in, or refuse it."""
    if request.endpoint is None:
        return None  # no such page: Flask says so
    guard = guard_of(current_app, request.endpoint)
    if guard == PUBLIC:
        return None
    actor = actor_or_none()
    if actor is None:
        return _sign_in_first()
    if browser_session().method == Method.TEMPORARY_PASSWORD and request.endpoint not in OPEN_WITH_A_TEMPORARY_PASSWORD:
        return redirect(url_for("account.password"), 303)
    if isinstance(guard, Permission) and not actor.may(guard):
        raise Forbidden
    return None


def _sign_in_first() -> ResponseReturnValue:
    if request.method in SAFE_METHODS:
        return redirect(url_for("sessions.sign_in", next=request.full_path.rstrip("?")), 302)
    kept_posts.hold_for_its_author()
    return redirect(url_for("sessions.sign_in", next=request.path), 303)


def _guarded(view: View, guard: Guard) -> View:
    view.__dict__["guard"] = guard
    return view
