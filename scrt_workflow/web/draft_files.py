"""The files of a draft as YAML, for those who like it: read, changed, uploaded and downloaded, under the same rules."""

from __future__ import annotations

import re
from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scrt_workflow.editing.tree import digest
from scrt_workflow.folder import FORMS, WORKFLOWS
from scrt_workflow.operations import drafting
from scrt_workflow.operations.drafting import DraftChangedError
from scrt_workflow.permissions import Permission
from scrt_workflow.text_rules import HALF, UNSEEN
from scrt_workflow.web.draft_pages import CONFLICT, DRAFT, UNPROCESSABLE, explain, find_or_404
from scrt_workflow.web.guards import requires
from scrt_workflow.web.kept_posts import keeps_typed_work, shown_once
from scrt_workflow.web.requests import actor, database, now
from scrt_workflow.yaml_reader import LARGEST_FILE

pages = explain(Blueprint("draft_files", __name__, url_prefix="/definitions/drafts"))
NAME = re.compile(rf"(?:{WORKFLOWS}|{FORMS})/[A-Za-z0-9_][A-Za-z0-9_.-]{{0,80}}\.ya?ml")
MISNAMED = "Name the file workflows/something.yaml or forms/something.yaml, in letters, digits, - and _."
UNREADABLE = "This is not a text in UTF-8. Save the file as UTF-8 and upload it again."


@pages.route(f"/{DRAFT}/files", methods=["GET", "POST"])
@requires(Permission.DEFINITION_EDIT)
def index(definition_draft_id: UUID) -> ResponseReturnValue:
    """List the files of a draft; a POST puts one more in, or one in the stead of another of its name."""
    drafted = find_or_404(definition_draft_id)
    error = ""
    if request.method == "POST":
        sent = request.files.get("file")
        name = request.form.get("path", "").strip() or (f"{request.form.get('folder', FORMS)}/{sent.filename}" if sent else "")
        text = _read(sent.stream.read(LARGEST_FILE + 1)) if sent else ""
        error = MISNAMED if not NAME.fullmatch(name) else UNREADABLE if text is None else ""
        if not error and text is not None:
            drafting.change_file(
                database(), definition_draft_id, name, text, seen=digest(drafted.files.get(name)), actor=actor(), at=now()
            )
            flash(f"{name} is in the draft.", "success")
            return redirect(url_for(".show", definition_draft_id=definition_draft_id, path=name), 303)
    rows = [(path, path in drafted.changed_files) for path in sorted(drafted.files)]
    removed = [path for path in drafted.changed_files if path not in drafted.files]
    page = render_template("drafts/files.html", drafted=drafted, rows=rows, removed=removed, error=error)
    return page, UNPROCESSABLE if error else 200


def _read(data: bytes) -> str | None:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return None if HALF.search(text) or "\0" in text else text


@pages.route(f"/{DRAFT}/files/<path:path>", methods=["GET", "POST"])
@requires(Permission.DEFINITION_EDIT)
@keeps_typed_work(shown_once)
def show(definition_draft_id: UUID, path: str) -> ResponseReturnValue:
    """Show a file of a draft to be changed; a POST saves it, mistakes and all, or takes it out."""
    drafted = find_or_404(definition_draft_id)
    text = drafted.files.get(path)
    if text is None:
        abort(404)
    seen, typed, theirs = digest(text), text, ""
    if request.method == "POST":
        seen, typed = request.form.get("seen", ""), request.form.get("text", "").replace("\r\n", "\n")
        new = None if request.form.get("action") == "remove" else _kept(typed, text)
        try:
            drafting.change_file(database(), definition_draft_id, path, new, seen=seen, actor=actor(), at=now())
        except DraftChangedError as error:
            seen, theirs = digest(error.theirs), error.theirs or ""
        else:
            wrong = sum(one.file == path for one in drafting.problems_of(database(), find_or_404(definition_draft_id)))
            if wrong:
                flash(f"{path} is saved, with {wrong} {'mistake' if wrong == 1 else 'mistakes'} to be mended before release.")
            else:
                flash(f"{path} is saved." if new is not None else f"{path} is taken out of the draft.", "success")
            return redirect(
                url_for(".show", definition_draft_id=definition_draft_id, path=path)
                if new is not None
                else url_for(".index", definition_draft_id=definition_draft_id),
                303,
            )
    mistakes = [one for one in drafting.problems_of(database(), drafted) if one.file == path]
    page = render_template(
        "drafts/file.html", drafted=drafted, path=path, text=typed, seen=seen, theirs=theirs, mistakes=mistakes
    )
    return page, CONFLICT if theirs else 200


def _kept(typed: str, before: str) -> str:
    """Give what was typed with the line ends that the file had; what cannot be shown stays out."""
    text = UNSEEN.sub("", HALF.sub("", typed))
    text = text if text.endswith("\n") or not before.endswith("\n") else f"{text}\n"
    return text.replace("\n", "\r\n") if "\r\n" in before else text


@pages.route(f"/{DRAFT}/download/<path:path>")
@requires(Permission.DEFINITION_EDIT)
def download(definition_draft_id: UUID, path: str) -> ResponseReturnValue:
    """Give a file of a draft, to the byte."""
    text = find_or_404(definition_draft_id).files.get(path)
    if text is None:
        abort(404)
    name = path.rpartition("/")[2]
    return Response(text.encode(), mimetype="text/yaml", headers={"Content-Disposition": f'attachment; filename="{name}"'})
