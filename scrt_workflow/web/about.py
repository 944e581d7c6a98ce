"""What everyone may read about the service: how accessible it is, and what it keeps about those who use it."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from scrt_workflow.web.guards import public
from scrt_workflow.web.requests import settings

pages = Blueprint("about", __name__)


@pages.route("/accessibility")
@public
def accessibility() -> ResponseReturnValue:
    """Show the accessibility statement."""
    return render_template("about/accessibility.html")


@pages.route("/privacy")
@public
def privacy() -> ResponseReturnValue:
    """Say what is kept about the people who use the service, and which cookie it sets."""
    limits = {"idle_minutes": settings().session_idle_minutes, "hours": settings().session_hours}
    return render_template("about/privacy.html", **limits)
