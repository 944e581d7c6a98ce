"""Where to go after signing in: `next` may only name a page of this service (promise IN4)."""

import re

from flask import current_app, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from scrt_workflow.web.jinja import url_if_any

# What is allowed, since browsers disagree about what leaves a site: no percent sign in the path, no backslash, no control
# character, no second slash in a row, no dot at the beginning of a part.
ALLOWED = re.compile(r"(?:/|(?:/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)+/?)(?:\?[A-Za-z0-9_.~=&%+-]*)?", re.ASCII)
LONGEST = 2000


def safe_next(wanted: str | None) -> str:
    """Give *wanted* if it names a page that can be opened here, else the home page."""
    return wanted if wanted and leads_to_a_page(wanted) else home()


def leads_to_a_page(wanted: str) -> bool:
    """Tell whether *wanted* is a path of ours, in the plainest spelling, that answers to GET."""
    if len(wanted) > LONGEST or not ALLOWED.fullmatch(wanted):
        return False
    path, _, query = wanted.partition("?")
    try:
        endpoint, _ = current_app.url_map.bind("").match(path, method="GET", query_args=query)
    except (HTTPException, RequestRedirect):
        return False
    return endpoint not in {"static", "sessions.sign_in"}


def home() -> str:
    """Give the address of the page that a person begins at."""
    return url_if_any("home.show") or url_for("account.show")
