"""kill -9 while deletions run: no deletion is lost, doubled or undone. The short version.

`make crash-test` is the long one; `tests.crash` has what they do.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Final

SECONDS: Final = 40
"""After so many no further run is begun, however busy the machine is."""


def test_a_killed_deletion_is_neither_lost_nor_doubled_nor_undone() -> None:
    """Killed at every commit boundary that there is time for, on both databases, all is well."""
    inherited = ("PATH", "HOME", "TMPDIR", "TEST_DATABASE_URL")
    ended = subprocess.run(
        [sys.executable, "-m", "tests.crash", "--short", f"--seconds={SECONDS}"],
        env={name: os.environ[name] for name in inherited if name in os.environ},
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "boundary" in ended.stdout
