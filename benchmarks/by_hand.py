"""What the service is measured against: one step of one kind of review, written by hand for it and nothing else.

A Flask view that signs its cookies, checks the form's token, reads the form with WTForms by the same rules, and writes the
same rows to the same tables by SQLAlchemy Core. It knows one form, one role and one state.
"""

from __future__ import annotations

import json
import secrets
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from flask import Flask, Response, abort, redirect, render_template_string, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from sqlalchemy import Connection, Engine
from werkzeug.datastructures import MultiDict
from wtforms import Form, TextAreaField, ValidationError
from wtforms.validators import InputRequired

from benchmarks.statements import Statements
from benchmarks.tracker import AT, HERE, STEP
from scrt_workflow.privacy import find_pid
from scrt_workflow.text_rules import TextRefusedError, clean

HASHED = (
    "stream", "seq", "kind", "step", "from_state", "to_state", "definition_version_id", "person_id", "membership_id", "role",
    "organisation", "dated_on", "recorded_at", "request_id", "body_digest", "prev_hash",
)  # fmt: skip


class UpdateForm(Form):
    """The one question of the form."""

    latest_update = TextAreaField("What is new?", [InputRequired("Enter an update")])

    def validate_latest_update(self, field: TextAreaField) -> None:
        """Hold the text to the rules that the service holds it to."""
        try:
            field.data = clean(field.data or "", max_length=4000)
        except TextRefusedError as error:
            raise ValidationError(str(error)) from error
        if findings := find_pid(field.data, field="free_text"):
            raise ValidationError(findings[0].sentence)


def make_app(engine: Engine, session_id: str, *, once: bool) -> Flask:
    """Make the service of one view on the database of *engine*, in which *session_id* is open; *once*: see Statements."""
    app = Flask("by_hand")
    app.config.update(SECRET_KEY=secrets.token_urlsafe(32), WTF_CSRF_TIME_LIMIT=None)
    CSRFProtect(app)
    app.after_request(_add_headers)
    statements = Statements(engine.dialect.name, once=once)

    @app.get("/reviews/<uuid:review_id>/update")
    def form(review_id: UUID) -> str:
        session["id"] = session_id
        text = '<form method="post"><input name="csrf_token" value="{{ csrf_token() }}">{{ id }}</form>'
        return render_template_string(text, id=review_id)

    @app.post("/reviews/<uuid:review_id>/update")
    def give_update(review_id: UUID) -> ResponseReturnValue:
        with engine.begin() as connection:
            _give_update(connection, statements, review_id)
        return redirect(url_for("done", review_id=review_id), 303)

    @app.get("/reviews/<uuid:review_id>/done")
    def done(review_id: UUID) -> str:
        return f"{review_id}"

    return app


def _add_headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = f"default-src 'none'; script-src 'nonce-{secrets.token_urlsafe(16)}'"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _give_update(connection: Connection, do: Statements, review_id: UUID) -> None:
    id_hash = sha256(session.get("id", "").encode()).hexdigest()
    who = connection.execute(do.who(), {"id_hash": id_hash, "today": AT.date()}).one_or_none() or abort(403)
    review = connection.execute(do.this(), {"review_id": review_id}).one_or_none() or abort(404)
    draft = connection.execute(do.typed(), {"person_id": who.id, "review_id": review_id}).one_or_none() or abort(404)
    digest = sha256(json.dumps(draft.body, sort_keys=True).encode()).hexdigest()
    if review.state != "in_progress" or draft.base_seq != review.version or request.form["shown"] != digest:
        abort(409)
    form = UpdateForm(MultiDict(draft.body))
    if not form.validate():
        abort(422)
    if _claim(connection, do, who, draft, digest):
        _record(connection, do, who, review, form.latest_update.data)
        connection.execute(do.forget(), {"draft_id": draft.id})


def _claim(connection: Connection, do: Statements, who: Any, draft: Any, digest: str) -> bool:
    """Claim the form's key; False when it was claimed before."""
    claim = {
        "key": UUID(request.form["key"]),
        "person_id": who.id,
        "route": f"{draft.review_id}:{STEP}",
        "body_hash": digest,
        "location": f"{draft.review_id}:{draft.base_seq + 1}",
        "at": AT,
    }
    return connection.execute(do.claim(), claim).rowcount == 1


def _record(connection: Connection, do: Statements, who: Any, review: Any, text: str) -> None:
    """Move the review on, and write the event, its body, the answer, who gave it, and the entry."""
    seq, stream = review.version + 1, f"review:{review.id}"
    salt, body = secrets.token_hex(16), {"answers": {"latest_update": [None, text]}}
    event = {
        "stream": stream, "seq": seq, "kind": "review:step", "step": STEP, "from_state": review.state, "to_state": review.state,
        "definition_version_id": review.definition_version_id, "person_id": who.id, "membership_id": who.membership_id,
        "role": "designate", "organisation": HERE, "dated_on": AT.date(), "recorded_at": AT,
        "request_id": secrets.token_hex(16), "body_digest": sha256(f"{salt}{_canonical(body)}".encode()).hexdigest(),
        "prev_hash": connection.execute(do.head(), {"stream": stream, "seq": review.version}).scalar_one(),
    }  # fmt: skip
    event["hash"] = sha256(_canonical({name: _plain(event[name]) for name in HASHED}).encode()).hexdigest()
    event_id = connection.execute(do.done(), event).scalar_one()
    connection.execute(do.said(), {"event_id": event_id, "salt": salt, "body": body})
    as_read = {"review_id": review.id, "read_at": review.version, "read_in": review.state}
    moved = {"version": seq, "last_update_on": AT.date(), "next_due_on": date(2025, 2, 1)}
    if connection.execute(do.moved(), {**as_read, **moved}).rowcount != 1:
        abort(409)
    same = {"review_id": review.id, "question": "latest_update"}
    answer = {**same, "value": AT.date().isoformat(), "set_seq": seq, "asked_under_id": review.definition_version_id}
    connection.execute(do.answered(), answer)
    connection.execute(do.wrote(), {**same, "seq": seq, "person_id": who.id, "choice": None})
    connection.execute(do.written(), {**same, "seq": seq, "body": text, "on_date": AT.date(), "person_id": who.id, "at": AT})


def _canonical(body: Any) -> str:
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, UUID) else value
