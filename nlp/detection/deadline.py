"""How long one text may take. Past it nothing passes.

Whoever does a piece of work that grows with the text calls `check_time()` before it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from nlp.errors import ScrubbingTookTooLong

_ENDS_AT: Final[ContextVar[float | None]] = ContextVar("ends_at", default=None)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Let the work inside take no longer than this."""
    token = _ENDS_AT.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ENDS_AT.reset(token)


def check_time() -> None:
    """Go on if there is time left. Raises ScrubbingTookTooLong."""
    ends_at = _ENDS_AT.get()
    if ends_at is not None and time.monotonic() > ends_at:
        raise ScrubbingTookTooLong
