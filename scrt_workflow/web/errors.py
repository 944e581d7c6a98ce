"""A page for everything that can go wrong: a plain sentence of what to do, and never a trace."""

from flask import Flask, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, InternalServerError, default_exceptions

from scrt_workflow.web import typed_words

WITH_A_PAGE = frozenset({400, 403, 404, 405, 409, 413, 429, 500, 503})


def install(app: Flask) -> None:
    """Answer every error of *app* with a page of its own, or with that of its kind."""
    app.register_error_handler(HTTPException, show)


def show(error: HTTPException) -> ResponseReturnValue:
    """Show the page of *error*, with the sentence given to `abort`; werkzeug's own are not for people, and left out."""
    if error.response is not None:
        return error.response
    status = error.code or InternalServerError.code
    if status < 400:
        return error
    page = status if status in WITH_A_PAGE else (500 if status >= 500 else 400)
    headers = [(name, value) for name, value in error.get_headers() if name not in {"Content-Type", "Content-Length"}]
    typed = typed_words.of_this_request()
    return render_template(f"errors/{page}.html", sentence=_sentence(error), error=error, typed=typed), status, headers


def _sentence(error: HTTPException) -> str:
    """Give what the view said to `abort`. What a library says comes with an error of its own kind."""
    plain = default_exceptions.get(error.code or 0)
    return (error.description or "") if type(error) is plain and error.description != plain.description else ""
