"""Child processes: forked from one that has neither threads nor connections, killed, waited for."""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final

TICK: Final = 0.005
"""Seconds between two looks at a child."""
PATIENCE: Final = 150.0
"""Seconds that a child may live. One that lives on hangs, and is killed."""
FAILED: Final = 1


def forked(work: Callable[[], object], log: Path) -> int:
    """Do the work in a child process, which logs into a file. Returns its process id."""
    parent = os.fork()
    if parent:
        return parent
    code = FAILED
    try:
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        work()
        code = 0
    except BaseException:
        os.write(2, traceback.format_exc().encode())
    finally:
        # Nothing is closed or written on the way out: the end is as sudden as a kill.
        os._exit(code)


def wait(child: int, seconds: float = PATIENCE) -> int | None:
    """Wait for a child. Returns its exit code, negative for a signal; None where it lives on."""
    until = time.monotonic() + seconds
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > until:
            return None
        time.sleep(TICK)


def kill(child: int) -> int:
    """Kill -9. Returns the exit code, which is another one where it had ended before."""
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def done(work: Callable[[], object], log: Path) -> bool:
    """Do the work in a child process. Returns whether it ended well and in time."""
    child = forked(work, log)
    code = wait(child)
    if code is None:
        kill(child)
    return code == 0
