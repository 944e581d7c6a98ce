"""Form tokens: every POST carries one, made for the session and the person that the form was shown to (IN5).

They have no time limit of their own; the session is the limit. A token says whose form it was, so that work which comes
back too late can be kept for them (SE4).
"""

from uuid import UUID

from flask import Flask, current_app, request
from flask_wtf import CSRFProtect
from itsdangerous import BadData, URLSafeTimedSerializer

from scrt_workflow.web.sessions import CSRF, NOBODY


def install(app: Flask) -> None:
    """Ask every POST of *app* for its token."""
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    CSRFProtect(app)


def issued_to() -> UUID | None:
    """Say for whom we made this request's token, whatever has become of their session; None if we did not make it."""
    serializer = URLSafeTimedSerializer(str(current_app.secret_key), salt="wtf-csrf-token")
    try:
        whose, _, _ = str(serializer.loads(request.form.get(CSRF, ""))).partition(".")
        return UUID(whose) if whose != NOBODY else None
    except (BadData, ValueError):
        return None
