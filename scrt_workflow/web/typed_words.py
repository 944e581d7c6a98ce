"""What someone typed, shown to them once more where there is nowhere to keep it (SE4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app, flash, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from scrt_workflow.operations.drafts import storable
from scrt_workflow.web import csrf
from scrt_workflow.web.sessions import CSRF

Form = MultiDict[str, str]
TYPED = "typed"
TRAVELS = frozenset({CSRF, "action", "key", "read_at", "shown"})
"""What a form carries that nobody typed."""


def show_on_the_next_page(form: Form, sentence: str) -> None:
    """Say *sentence* on the next page, and under it once what was typed into *form*."""
    flash(sentence)
    if rows := _rows(form):
        flash(rows, TYPED)  # type: ignore[arg-type]  # a message is whatever our sessions can keep


def show_rows(rows: Sequence[dict[str, Any]], sentence: str) -> None:
    """Say *sentence* on the next page if there are *rows*, and show them under it once."""
    if rows:
        flash(sentence)
        flash(list(rows), TYPED)  # type: ignore[arg-type]  # a message is whatever our sessions can keep


def of_this_request() -> list[dict[str, str]]:
    """Give what came with this request for the page of an error: only of a form worth keeping, which we gave to a person."""
    try:
        if request.method == "POST" and is_worth_keeping(request.endpoint) and csrf.issued_to():
            return _rows(request.form)
    except HTTPException:
        pass  # it is too large to be read at all
    return []


def is_worth_keeping(endpoint: str | None) -> bool:
    """Tell whether what is typed into the form of *endpoint* is work (`kept_posts.keeps_typed_work`)."""
    return hasattr(current_app.view_functions.get(endpoint or ""), "restore")


def _rows(form: Form) -> list[dict[str, Any]]:
    """Give it by the names of its questions, since the review may not be theirs to see any more."""
    typed = {name: "\n".join(filter(None, map(storable, form.getlist(name)))) for name in form if name not in TRAVELS}
    labels = {name: storable(name).replace("_", " ").replace("-", ": ").capitalize() for name in typed}
    return [{"label": labels[name], "value": text} for name, text in typed.items() if text]
