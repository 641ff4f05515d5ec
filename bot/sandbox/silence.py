"""A logger that writes nothing, for libraries that would log what people say."""

from __future__ import annotations


class Silence:
    """Stands where a library wants a `logging.Logger`."""

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802, ARG002
        """Return that nothing is wanted."""
        return False

    def info(self, *_: object, **__: object) -> None:
        """Write nothing."""

    debug = warning = error = exception = log = info
