"""Being asked to end: by Ctrl-C, or by whoever started this process."""

import signal
from types import FrameType


class StopSignals:
    """Hears SIGINT and SIGTERM from its making on; also where whoever started us had SIGINT ignored.

    It only remembers. A lock taken by a signal's handler might be held by the very code that the signal came in.
    """

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._hear)

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True
