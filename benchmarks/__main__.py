"""Measure all or some: `python -m benchmarks [turns] [names…]`, and print each figure beside what it is compared with."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable

from benchmarks.completing import completing
from benchmarks.databases import Databases, databases
from benchmarks.defining import linting, releasing
from benchmarks.engines import engines
from benchmarks.listing import list_of_1000, list_of_100000
from benchmarks.london import london
from benchmarks.mail_trouble import mail_trouble
from benchmarks.mailing import mailing
from benchmarks.month_ends import month_ends
from benchmarks.reading import open_steps, pages
from benchmarks.rebasing import rebasing_5000
from benchmarks.reminding import reminding_50000
from benchmarks.timing import HEADING, Timed
from scrt_workflow import logs

TURNS = 200
MEASURED: dict[str, Callable[[Databases, int], list[Timed]]] = {
    "completing": completing,
    "engines": engines,
    "open-steps": open_steps,
    "pages": pages,
    "list-of-1000": list_of_1000,
    "list-of-100000": list_of_100000,
    "london": london,
    "linting": linting,
    "releasing": releasing,
    "rebasing": rebasing_5000,
    "reminding": reminding_50000,
    "month-ends": month_ends,
    "mailing": mailing,
    "mail-trouble": mail_trouble,
}


def main() -> None:
    """Take what was asked for, on SQLite and on PostgreSQL."""
    logs.configure("WARNING")
    turns = next((int(word) for word in sys.argv[1:] if word.isdigit()), TURNS)
    names = [word for word in sys.argv[1:] if not word.isdigit()] or list(MEASURED)
    if unknown := set(names) - set(MEASURED):
        sys.exit(f"There is no {', '.join(sorted(unknown))}. There are: {', '.join(MEASURED)}.")
    _say_where()
    began = time.monotonic()
    with databases() as kinds:
        print(HEADING)
        for name in names:
            for on in kinds:
                print(f"{name}, {on.kind}", *MEASURED[name](on, turns), sep="\n", flush=True)
    print(f"{time.monotonic() - began:.0f} s in all. ", end="")
    _say_where()


def _say_where() -> None:
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} processors, load {load}")


if __name__ == "__main__":
    main()
