"""Submits that came before: a double click, a refresh, a retry, and the way Back to a form that is done (WF3)."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from scrt_workflow.operations import once
from scrt_workflow.web.checking import key_from, made_by
from scrt_workflow.web.filling import Filling
from scrt_workflow.web.requests import actor, database

NOTHING = once.digest_of({})


def submitted_before(filling: Filling) -> str | None:
    """Give where this very submit led before: a double click, a refresh, a retry (WF3); raises KeyReusedError as `claim` does.

    One whose draft is still there led to nothing yet.
    """
    if request.method == "GET":
        return None
    key = key_from(request.form.get("key"))
    if filling.draft is not None and filling.draft.key == key:
        return None
    done = once.led_to(database(), key, actor=actor(), route=filling.route, digest=shown())
    return url_for("steps.done", review_id=done, step_key=filling.step.key) if done else None


def shown() -> str:
    """Give the digest of the answers that were shown when the button was pressed."""
    return request.form.get("shown", NOTHING)


def became(draft_id: UUID) -> ResponseReturnValue | None:
    """Lead on from a draft that was submitted to the page that says so; raises KeyReusedError for a submit of other answers."""
    made = once.made_from(database(), draft_id, actor=actor())
    if made is None:
        return None
    review_id, digest = made
    if request.method == "POST" and "key" in request.form and (key_from(request.form["key"]), shown()) != (draft_id, digest):
        raise once.KeyReusedError
    return redirect(url_for("steps.done", review_id=review_id, step_key=made_by(review_id)), 303)
