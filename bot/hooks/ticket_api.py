"""Asking a help desk how a ticket stands, before anything is deleted on its word.

For those whose deliveries are not signed, or are without a time: whoever could send one, or send
one again, could have tickets deleted. The answer holds words of people. It is read for the
ticket's state and time, and nothing of it is kept or logged.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import urllib3

from bot.errors import SettingsError
from bot.hooks.hook import HelpDeskAway
from storage.external import HelpDesk

SECONDS: Final = 4.0
"""How long it may take in all. Intercom takes a hook that is silent for five seconds for down."""
ANSWER_BYTES: Final = 8 * 1024 * 1024
"""The largest answer that is read; a long conversation comes with all its parts."""
_PIECE: Final = 64 * 1024
_GONE: Final = (404, 410)
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


class TicketApi:
    """A help desk's API: one host, no redirects, a short time and a bounded answer.

    Raises:
        SettingsError: The address or the token is missing or malformed.
    """

    def __init__(
        self, desk: HelpDesk, url: str, token: str, headers: Mapping[str, str] | None = None
    ) -> None:
        if not url or not token:
            raise SettingsError(
                f"HOOK_{desk.name}_SECRET needs HOOK_{desk.name}_API_URL and "
                f"HOOK_{desk.name}_API_TOKEN: what {desk} says is asked back before deleting."
            )
        try:
            parts = urlsplit(url)
            is_safe = parts.scheme == "https" or parts.hostname in _LOOPBACK
        except ValueError:
            is_safe = False
        if not is_safe or "@" in url or parts.query or parts.fragment:
            raise SettingsError(f"HOOK_{desk.name}_API_URL is not a plain https:// address.")
        self._url: Final = url.rstrip("/")
        # Uncompressed, so that a small answer cannot grow here.
        self._headers: Final = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            **(headers or {}),
        }
        self._pool: Final = urllib3.PoolManager(num_pools=1, maxsize=8)

    def ticket(self, path: str) -> Mapping[str, object] | None:
        """Return what the help desk holds at a path, None where it has no such ticket.

        Raises:
            HelpDeskAway: No answer in time, another status than 200, or not a JSON object.
        """
        try:
            return self._asked(path)
        except (urllib3.exceptions.HTTPError, OSError, ValueError, RecursionError):
            # Their messages hold the address.
            raise HelpDeskAway from None

    def _asked(self, path: str) -> Mapping[str, object] | None:
        end = time.monotonic() + SECONDS
        answer = self._pool.request(
            "GET",
            f"{self._url}/{path}",
            headers=self._headers,
            timeout=urllib3.Timeout(total=SECONDS / 2),
            retries=False,
            redirect=False,
            preload_content=False,
        )
        try:
            if answer.status in _GONE:
                return None
            if answer.status != 200:
                raise HelpDeskAway
            content = json.loads(_read(answer, end))
        finally:
            # What was not read to its end is not read on another day.
            answer.close()
        if not isinstance(content, dict):
            raise HelpDeskAway
        return content


def _read(answer: urllib3.BaseHTTPResponse, end: float) -> bytes:
    pieces: list[bytes] = []
    size = 0
    # `read1` gives what is there: the others would wait for a whole piece, however slow it comes.
    while piece := answer.read1(_PIECE, decode_content=False):
        size += len(piece)
        if size > ANSWER_BYTES or time.monotonic() > end:
            raise HelpDeskAway
        pieces.append(piece)
    return b"".join(pieces)
