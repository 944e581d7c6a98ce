"""Printing: HTML as a tagged PDF (PDF/UA-1), made by WeasyPrint in a process of its own.

WeasyPrint sets pages with the machine's Pango, and Graphviz, which draws the pictures of workflows, brings another: the two in
one process end it. And whatever goes wrong with a page costs nobody else an answer.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from hashlib import sha256
from threading import BoundedSemaphore, Lock
from typing import Any

from scrt_workflow.logs import log

NO_PANGO = (
    "The infographic needs Pango on the machine that makes it: install the packages libpango-1.0-0, libpangoft2-1.0-0 and"
    " libharfbuzz-subset0 (with apt), or pango (with dnf or brew)."
)
LONGEST = 60  # seconds, which is less than a mailer holds a notice for
NOT_PRINTED = "The infographic could not be made this time. Ask for it later on the page of the figures."
WITHOUT_PANGO = 3
"""What the process ends with where the machine has no Pango."""
PROGRAM = (sys.executable, "-m", "scrt_workflow.reports.printing")
BUSY = "Others are having an infographic made. Ask for it again in a minute."
PLACES = BoundedSemaphore(2)
"""One page is made, and one waits for that: were there more, they would take the threads that answer everybody else."""
_one_at_a_time = Lock()  # a page takes a second of a processor, and a hundred megabytes


class NotPrintedError(RuntimeError):
    """No PDF was made; the message is for whoever wanted it."""


class NoPangoError(NotPrintedError):
    """No PDF can be made on this machine; the message says what to install."""


def print_page(settings: Sequence[str], files: Mapping[str, str], *, program: Sequence[str] = PROGRAM) -> bytes:
    """Give the first of *settings*, the same page as HTML in ever smaller type, that fits one page, as PDF; else the last, cut.

    *files* are pictures (SVG) by their addresses; nothing else is fetched. The same HTML makes the same bytes. Raises
    NotPrintedError.
    """
    wanted = json.dumps({"settings": list(settings), "files": dict(files)}).encode()
    if not PLACES.acquire(blocking=False):
        raise NotPrintedError(BUSY)
    try:
        with _one_at_a_time:
            done = subprocess.run(program, input=wanted, capture_output=True, timeout=LONGEST, check=False)
    except subprocess.TimeoutExpired:
        log.error("not_printed", seconds=LONGEST)
        raise NotPrintedError(NOT_PRINTED) from None
    finally:
        PLACES.release()
    if done.returncode == WITHOUT_PANGO:
        raise NoPangoError(NO_PANGO)
    if done.returncode:
        log.error("not_printed", ended_with=done.returncode)
        raise NotPrintedError(NOT_PRINTED)
    return done.stdout


def only_from(files: Mapping[str, str]) -> Any:
    """Give what fetches for a page: *files* by their addresses, and nothing else from anywhere."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse  # noqa: PLC0415 - needs Pango

    class OurOwn(URLFetcher):  # type: ignore[misc]  # WeasyPrint carries no types
        """Fetches nothing that is not given to it."""

        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:  # noqa: ARG002 - WeasyPrint asks so
            """Give one of our own files."""
            if url not in files:
                raise FatalURLFetchingError(f"A document may not fetch {url}.")
            return URLFetcherResponse(url, files[url].encode(), {"Content-Type": "image/svg+xml"})

    return OurOwn()


def _printed(settings: Sequence[str], files: Mapping[str, str]) -> bytes:
    import weasyprint  # noqa: PLC0415 - needs Pango

    for html in settings:
        document = weasyprint.HTML(string=html, url_fetcher=only_from(files)).render(pdf_variant="pdf/ua-1", pdf_tags=True)
        if len(document.pages) == 1:
            break
    made: bytes = document.copy(document.pages[:1]).write_pdf(
        pdf_variant="pdf/ua-1", pdf_tags=True, pdf_identifier=sha256(html.encode()).digest()[:16]
    )
    return made


def _main() -> int:
    """Read what is wanted, and write the PDF."""
    wanted = json.load(sys.stdin.buffer)
    try:
        made = _printed(wanted["settings"], wanted["files"])
    except OSError:  # what the library raises where Pango is not there
        return WITHOUT_PANGO
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(_main())
