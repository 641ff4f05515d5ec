"""Every error of this floor. The docstring is the message; no data in messages.

CareError
├── SettingsError
├── PayloadRefused
│   └── PayloadTooLarge
├── HookRefused
├── SlackBusy
├── SlackRefused
├── ImportRefused
├── RewriteRefused
├── AmazonError
│   ├── AmazonBusy
│   ├── AmazonUnreadable
│   ├── AmazonRevoked
│   ├── AmazonKeysRefused
│   ├── AmazonForbidden
│   ├── AmazonNotFound
│   └── AmazonRefused
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


class RewriteRefused(CareError):
    """The language model's words are not held up by the sections that it was given."""


class AmazonError(CareError):
    """Amazon's Selling Partner API did not give what was asked for.

    Attributes:
        operation: The operation's name in Amazon's model, empty where none was called yet.
    """

    operation: str = ""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").partition("\n\n")[0].strip())


class AmazonBusy(AmazonError):
    """Amazon asks to wait (429), fails for the moment (5xx) or cannot be reached. Tried again.

    Attributes:
        retry_after: Seconds that Amazon asks to wait, 0 where it does not say.
        is_throttled: Whether it was the rate limit.
    """

    def __init__(self, retry_after: float = 0.0, *, is_throttled: bool = False) -> None:
        super().__init__(
            "Amazon asks to wait, fails for the moment or cannot be reached. It is tried again."
        )
        self.retry_after = retry_after
        self.is_throttled = is_throttled


class AmazonUnreadable(AmazonError):
    """Amazon's reply is not what its model says: no JSON, cut off, or without what it must have."""


class AmazonRevoked(AmazonError):
    """The seller's authorization was revoked or has expired. Ask for it again in Seller Central."""


class AmazonKeysRefused(AmazonError):
    """Amazon knows no such application. Check LWA_APP_ID and LWA_CLIENT_SECRET."""


class AmazonForbidden(AmazonError):
    """The application lacks the role for this, or the seller did not grant it (403)."""


class AmazonNotFound(AmazonError):
    """Amazon knows no such thing for this seller (404)."""


class AmazonRefused(AmazonError):
    """Amazon refused the request for good (400). Check the marketplace and this machine's clock."""


class WorkersLost(CareError):
    """A worker process ended before its work was done. What was written so far is whole lines."""
