"""The figures as files to download: as counted, or with small numbers hidden for whoever is not to see them."""

from __future__ import annotations

from flask import Response, abort, request

from scrt_workflow.reports import files
from scrt_workflow.reports.figures import Summary
from scrt_workflow.reports.printing import NotPrintedError
from scrt_workflow.reports.suppression import SMALLEST, protected
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


def download(summary: Summary, choice: Choice, kind: str, *, hides_below: int) -> Response:
    """Give *summary*, the figures of *choice*, as a file; 503 where this machine cannot make it."""
    try:
        made = files.made(protected(summary, hides_below), kind)
    except NotPrintedError as error:
        abort(503, str(error))
    return sent(made, choice, kind, hides_below=hides_below)


def sent(made: bytes, choice: Choice, kind: str, *, hides_below: int = 0) -> Response:
    """Send the file that was *made* of the figures of *choice*, under a name that says what they are of."""
    how = f"{'-grouped' if choice.grouped else ''}{f'-small-numbers-hidden-{hides_below}' if hides_below else ''}"
    name = f"{files.CALLED[kind]}-{choice.organisation}-{choice.period.key}{how}.{kind}"
    return Response(made, mimetype=files.MEDIA[kind], headers={"Content-Disposition": f"attachment; filename={name}"})
