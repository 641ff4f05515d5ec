"""Every error of this floor. The docstring is the message; no data in messages.

CareError
├── SettingsError
├── PayloadRefused
│   └── PayloadTooLarge
├── HookRefused
├── SlackBusy
├── SlackRefused
├── ImportRefused
└── WorkersLost
"""

from __future__ import annotations


class CareError(Exception):
    """The bot could not do what was asked."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").strip())


class SettingsError(CareError):
    """A setting is missing or malformed. The message names it and never its value."""


class PayloadRefused(CareError):
    """The payload does not have the form that its sender documents."""


class PayloadTooLarge(PayloadRefused):
    """The payload holds more text than can be scrubbed safely within Slack's time limit."""


class HookRefused(CareError):
    """The hook's signature, time or body does not verify."""


class SlackBusy(CareError):
    """Slack asks to wait (429) or fails for the moment (5xx, no valid JSON, no connection).

    Attributes:
        retry_after: Seconds to wait before the next try.
    """

    def __init__(self, retry_after: float) -> None:
        super().__init__()
        self.retry_after = retry_after


class SlackRefused(CareError):
    """Slack refused the call for good.

    Attributes:
        code: Slack's error code, such as `channel_not_found`.
    """

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code


class ImportRefused(CareError):
    """The file cannot be imported at all. The message says why, without its content."""


class WorkersLost(CareError):
    """A worker process ended before its work was done. What was written so far is whole lines."""
