"""The program in processes of its own, to be killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

PATIENCE = 60.0


class Processes:
    """`jetpack-care` processes that share an environment, by name. They log into one file."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self._environment = {**inherited, **environment}
        self._log = log
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *command: str, **environment: str) -> None:
        """Start `jetpack-care COMMAND` under a name."""
        with self._log.open("ab") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, "-m", "bot", *command],
                env={**self._environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def started(self, times: int) -> bool:
        """Wait until so many processes have logged that they started. Returns whether they did."""
        until = time.monotonic() + PATIENCE
        while self._log.read_text().count("event=started") < times:
            if time.monotonic() > until:
                return False
            time.sleep(0.1)
        return True

    def pids(self) -> dict[str, int]:
        """Return the process id of each that runs, by name."""
        return {name: process.pid for name, process in self._running.items()}

    def wait(self, name: str) -> int:
        """Wait for it to end by itself. Returns the exit code."""
        return self._running.pop(name).wait(PATIENCE)

    def kill(self, name: str) -> None:
        """Kill -9, and return once it is gone."""
        process = self._running.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE)

    def stop(self, name: str) -> int:
        """SIGTERM. Returns the exit code."""
        process = self._running.pop(name)
        process.terminate()
        return process.wait(PATIENCE)

    def stop_all(self) -> list[int]:
        """Stop whatever runs. Returns the exit codes."""
        for process in self._running.values():
            process.terminate()
        return [self.wait(name) for name in [*self._running]]
