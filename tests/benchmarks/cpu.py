"""What processor time processes took, read from /proc (proc(5)); Linux alone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_TICK: Final = os.sysconf("SC_CLK_TCK")
_COMMAND_END: Final = ") "


def seconds(pid: int) -> float:
    """Return the processor seconds, user's and system's, of a process; 0 where it is gone."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0.0
    fields = line.rpartition(_COMMAND_END)[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def of_command(name: str) -> float:
    """Return the processor seconds of all processes of a command, their ended children's too."""
    total = 0.0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            line = (folder / "stat").read_text()
        except OSError:
            continue
        if f"({name}{_COMMAND_END}" in line:
            fields = line.rpartition(_COMMAND_END)[2].split()
            total += sum(map(int, fields[11:15])) / _TICK
    return total


class Meter:
    """Tells what the program's processes, PostgreSQL and this process took since it was made."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = dict(pids)
        self._ended: dict[str, float] = {}
        self._before = self._read()

    def end(self, name: str) -> None:
        """Note what a process took, before it is killed."""
        self._ended[name] = seconds(self._pids[name])

    def add(self, name: str, pid: int) -> None:
        """Count another process, from its start on."""
        self._pids[name] = pid
        self._before[name] = 0.0

    def taken(self) -> dict[str, float]:
        """Return the processor seconds by name."""
        now = self._read()
        return {name: now[name] - self._before[name] for name in now}

    def _read(self) -> dict[str, float]:
        return {
            **{name: seconds(pid) for name, pid in self._pids.items()},
            **self._ended,
            "PostgreSQL": of_command("postgres"),
            "Slack's stand-in and the load": seconds(os.getpid()),
        }
