"""The figures as files to download: as counted, or with small numbers hidden for whoever is not to see them."""

from __future__ import annotations

from flask import Response, abort, request

from scrt_workflow.operations.summaries import summary_of
from scrt_workflow.reports import files
from scrt_workflow.reports.infographic import NoPangoError
from scrt_workflow.reports.suppression import SMALLEST, protected
from scrt_workflow.web.requests import database, today
from scrt_workflow.web.rollup_choice import Choice

KINDS = {"xlsx": "Workbook (XLSX)", "pdf": "Infographic (PDF)", "png": "Chart (PNG)", "csv": "Table (CSV)"}
USUAL, LARGEST = 5, 100


def hides_below_from_address() -> int:
    """Read from which count on numbers are shown; 400 for what cannot be meant, since to show all then would tell too much."""
    text = request.args.get("small", "0")
    asked = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1
    if asked and not SMALLEST <= asked <= LARGEST:
        abort(400, f"Small numbers can be hidden up to one less than a number from {SMALLEST} to {LARGEST}: small={USUAL}.")
    return asked


def download(choice: Choice, kind: str, *, hides_below: int) -> Response:
    """Give the figures of *choice* as a file; 503 where this machine cannot make it."""
    month = f"{choice.month:%Y-%m}"
    summary = summary_of(
        database(), choice.organisation, month, today=today(), known_on=choice.known_on, grouped_on=choice.grouped_on
    )
    try:
        made = files.made(protected(summary, hides_below), kind)
    except NoPangoError as error:
        abort(503, str(error))
    how = f"{'-grouped' if choice.grouped else ''}{f'-small-numbers-hidden-{hides_below}' if hides_below else ''}"
    name = f"{files.CALLED[kind]}-{choice.organisation}-{month}{how}.{kind}"
    return Response(made, mimetype=files.MEDIA[kind], headers={"Content-Disposition": f"attachment; filename={name}"})
