"""The figures as a file of any kind that we make."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from scrt_workflow.reports import charts
from scrt_workflow.reports.figures import Summary
from scrt_workflow.reports.infographic import as_pdf
from scrt_workflow.reports.tables import as_csv
from scrt_workflow.reports.workbook import as_workbook

MEDIA = {
    "csv": "text/csv",
    "pdf": "application/pdf",
    "png": "image/png",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
CALLED = {"csv": "figures", "pdf": "infographic", "png": "chart", "xlsx": "figures"}
"""How the file of each kind is called, before its organisation and month."""

_MAKERS: Mapping[str, Callable[[Summary], bytes]] = {
    "csv": lambda summary: as_csv(summary).encode(),
    "pdf": as_pdf,
    "png": lambda summary: charts.as_png(charts.both(summary)),
    "xlsx": as_workbook,
}


def made(summary: Summary, kind: str) -> bytes:
    """Give *summary* as a file of a *kind*. Raises NotPrintedError for a PDF where none can be made."""
    return _MAKERS[kind](summary)
