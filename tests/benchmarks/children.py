"""The program's processes, started and surely stopped."""

from __future__ import annotations

import subprocess
from typing import Final

from tests.journeys.processes import Processes

STOPS: Final = 4
"""How often a process is told to stop, each time for so many seconds."""
STOP_SECONDS: Final = 5.0


class Children(Processes):
    """Processes that are surely gone once they were stopped."""

    def stop_all(self) -> list[int]:
        """Stop whatever runs; what does not end is told again, and killed at last."""
        for process in self._running.values():
            process.terminate()
        return [self._ended(self._running.pop(name)) for name in [*self._running]]

    def _ended(self, process: subprocess.Popen[bytes]) -> int:
        for _ in range(STOPS):
            try:
                return process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                # After Ctrl-C two signals come at once, by which a process may sleep on.
                process.terminate()
        process.kill()
        return process.wait()
