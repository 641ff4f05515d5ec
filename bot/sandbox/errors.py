"""What can go wrong in the sandbox itself. The docstring is the message; no data in messages.

SandboxError
├── SandboxMisused
├── UnknownMethodCalled
├── SandboxBroken
└── NothingHappened
"""

from __future__ import annotations

from bot.errors import CareError


class SandboxError(CareError):
    """The sandbox could not play its part."""


class SandboxMisused(SandboxError):
    """The play asks for what could not happen in Slack: a person, channel or button not there."""


class UnknownMethodCalled(SandboxError):
    """The bot called a Web API method that the sandbox does not have. The message names it."""


class SandboxBroken(SandboxError):
    """The sandbox failed while it answered. The message names the method and the error's class."""


class NothingHappened(SandboxError):
    """What was waited for did not happen in time."""
