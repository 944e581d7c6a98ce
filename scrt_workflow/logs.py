"""What is logged: one JSON line an event, on stderr, of ids, keys, counts and times.

Never an answer, a name, an e-mail address, a password or a token (OU3). The message of an error is left out, since it
may quote what a person wrote.
"""

import logging
import sys
import traceback
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

PROCESSORS: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.JSONRenderer(),
]
"""One list for the process: a logger that was used keeps it, and whoever listens in (a test) changes it in place."""


def configure(level: str) -> None:
    """Log from *level* (`INFO`, `WARNING` …) on. Called once by each process, before it works."""
    structlog.configure(
        processors=PROCESSORS,
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", Unfailing())),
        cache_logger_on_first_use=True,
    )
    libraries = logging.StreamHandler(sys.stderr)
    libraries.setFormatter(LibraryLine())
    logging.basicConfig(level=logging.WARNING, handlers=[libraries], force=True)


def where(error: BaseException) -> list[str]:
    """Say what kind of error it was and where it passed, from the outside in, without what it said."""
    frames = traceback.extract_tb(error.__traceback__)
    return [*(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames), type(error).__name__]


class Unfailing:
    """The standard error, whatever becomes of what is written to it: a full disk must cost nobody an answer (DA3)."""

    def write(self, text: str) -> int:
        """Write *text*, or lose it."""
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        """Write what is held back, or go on holding it."""
        with suppress(OSError, ValueError):
            sys.stderr.flush()


class LibraryLine(logging.Formatter):
    """A library's message, as one JSON line; its traceback is said as `where` says it."""

    def format(self, record: logging.LogRecord) -> str:
        """Write *record*."""
        line: dict[str, Any] = {"event": "library", "library": record.name, "level": record.levelname.lower()}
        if record.exc_info and record.exc_info[1]:
            line["where"] = where(record.exc_info[1])
        else:
            line["said"] = record.getMessage()
        return str(structlog.processors.JSONRenderer()(None, "", line))
