"""Secrets of Standard Webhooks (https://www.standardwebhooks.com), and what they sign.

HMAC-SHA256 over `id.timestamp.body`; the timestamp may be five minutes off, either way.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from standardwebhooks import Webhook

from bot.errors import HookRefused, SettingsError
from bot.hooks.hook import Delivery


class StandardSecrets:
    """The secrets of one sender (`whsec_…`), several while one is being replaced.

    Attributes:
        are_set: Whether there is any. Without one nothing verifies.

    Raises:
        SettingsError: A secret is not base64. The message names the setting.
    """

    def __init__(self, setting: str, secrets: Sequence[str]) -> None:
        try:
            self._keys: Final = tuple(map(_key, secrets))
        except Exception:  # The library's error may quote the secret.
            raise SettingsError(
                f"{setting} is not a Standard Webhooks secret: whsec_ and base64."
            ) from None
        self.are_set: Final = bool(self._keys)

    def verify(self, delivery: Delivery) -> datetime:
        """Return when a genuine delivery was sent.

        Raises:
            HookRefused: None of the secrets signed it, or its time is more than five minutes off.
        """
        if not any(_verifies(key, delivery) for key in self._keys):
            raise HookRefused
        # The library has verified that this is a time of just now.
        return datetime.fromtimestamp(float(delivery.header("webhook-timestamp")), UTC)


def _key(secret: str) -> Webhook:
    """Return the key of a secret. The library would skip what is not base64, a weaker key."""
    encoded = secret.removeprefix("whsec_")
    padding = "=" * (-len(encoded) % 4)
    return Webhook(base64.b64decode(encoded + padding, validate=True))


def _verifies(key: Webhook, delivery: Delivery) -> bool:
    try:
        key.verify(delivery.body, dict(delivery.headers), json_parse=False)
    except Exception:  # Headers of any shape may come; whatever is raised, it does not verify.
        return False
    return True
