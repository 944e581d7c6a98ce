"""Measure, and print each figure beside what it is compared with."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.completing import completing
from benchmarks.timing import HEADING
from scrt_workflow import logs

TURNS = 300


def main() -> None:
    """Complete a step on SQLite; the first argument says how many times."""
    logs.configure("WARNING")
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else TURNS
    print(HEADING)
    with tempfile.TemporaryDirectory() as folder:
        for timed in completing(Path(folder), "", turns):
            print(timed)


if __name__ == "__main__":
    main()
