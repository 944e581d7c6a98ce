"""Form tokens: every POST carries one, made for the session and the person that the form was shown to (IN5).

They have no time limit of their own; the session is the limit. A token says whose form it was, so that work which comes
back too late can be kept for them (SE4).
"""

from uuid import UUID

from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.exceptions import BadRequest

from scrt_workflow.web import errors
from scrt_workflow.web.sessions import CSRF, NOBODY

TOO_LATE = "This page was open for too long, or in two places at once. Go back, reload the page and try again."


def install(app: Flask) -> None:
    """Ask every POST of *app* for its token."""
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    CSRFProtect(app)
    app.register_error_handler(CSRFError, refuse)


def refuse(_error: CSRFError) -> ResponseReturnValue:
    """Keep what was typed if it is the person's own; else say what to do."""
    from scrt_workflow.web import kept_posts  # noqa: PLC0415 - it asks for `issued_to`

    return kept_posts.restore_at_once() or errors.show(BadRequest(TOO_LATE))


def issued_to() -> UUID | None:
    """Say for whom we made this request's token, whatever has become of their session; None if we did not make it."""
    serializer = URLSafeTimedSerializer(str(current_app.secret_key), salt="wtf-csrf-token")
    try:
        whose, _, _ = str(serializer.loads(request.form.get(CSRF, ""))).partition(".")
        return UUID(whose) if whose != NOBODY else None
    except (BadData, ValueError):
        return None
