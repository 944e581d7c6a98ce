"""Processes that a fault experiment starts and kills; none outlives its test."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from typing import Self

SCRT = ("-c", "from scrt_workflow.cli import scrt; scrt()")


class Processes:
    """Python processes that do the same: started, killed without a warning, and ended at last."""

    def __init__(self, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        self.arguments = arguments
        # Compiled once, whatever the tests were told: else each process would compile everything again.
        self.environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", **(environment or {})}
        self.running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for process in self.running:
            process.kill()
            process.wait()

    def start(self, how_many: int = 1) -> None:
        """Start some more."""
        for _ in range(how_many):
            self.running.append(subprocess.Popen([sys.executable, *self.arguments], env=self.environment))

    def kill(self, place: int) -> None:
        """Kill one as a power cut would, and start another in its place."""
        process = self.running.pop(place)
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.start()

    def end(self) -> list[int]:
        """Ask all to end, as whoever runs them would, and give the codes with which they did."""
        for process in self.running:
            process.terminate()
        return [process.wait(60) for process in self.running]
