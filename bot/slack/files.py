"""Fetching a shared file from Slack. The token goes to Slack's own host and to no other.

https://docs.slack.dev/reference/objects/file-object/: `url_private_download` wants the token in
the header. A file of another workspace (Slack Connect) tells its details to `files.info` alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import urllib3
from slack_sdk import WebClient

from bot.errors import SlackBusy, SlackRefused
from bot.shared_files import FileFacts
from bot.slack.client import BUSY_SECONDS, TIMEOUT_SECONDS, called
from storage.ids import FileId, TeamId

HOST: Final = "files.slack.com"
_CHUNK: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Fetches files.

    Attributes:
        api_url: The Web API's address; a stand-in for it serves its files, too.
    """

    client_of: Callable[[TeamId], WebClient]
    api_url: str

    def facts(self, team: TeamId, file: FileId) -> FileFacts:
        """Return what Slack says of a file. Raises SlackBusy, SlackRefused."""
        found = called(lambda: self.client_of(team).files_info(file=file)).get("file")
        about = found if isinstance(found, dict) else {}
        size = about.get("size")
        return FileFacts(
            filetype=str(about.get("filetype") or "").lower(),
            mimetype=str(about.get("mimetype") or "").lower(),
            size=size if isinstance(size, int) else 0,
            url=str(about.get("url_private_download") or about.get("url_private") or ""),
        )

    def content(self, team: TeamId, facts: FileFacts, most: int) -> bytes:
        """Return the content of a file, in memory. Raises SlackBusy, SlackRefused."""
        if not self._is_slacks(facts.url):
            raise SlackRefused("foreign_file_url")
        token = self.client_of(team).token
        try:
            response = urllib3.request(
                "GET",
                facts.url,
                headers={"Authorization": f"Bearer {token}"},
                redirect=False,
                retries=False,
                preload_content=False,
                timeout=TIMEOUT_SECONDS,
            )
        except urllib3.exceptions.HTTPError:
            raise SlackBusy(BUSY_SECONDS) from None
        try:
            if response.status >= 500 or response.status == 429:
                raise SlackBusy(BUSY_SECONDS)
            kind = str(response.headers.get("content-type", ""))
            # Who is not let in gets the page to sign in at, with status 200.
            if response.status != 200 or ("html" in kind and "html" not in facts.mimetype):
                raise SlackRefused("file_not_served")
            content = b""
            while chunk := response.read(_CHUNK):
                content += chunk
                if len(content) > most:
                    raise SlackRefused("file_too_large")
            return content
        except urllib3.exceptions.HTTPError:
            raise SlackBusy(BUSY_SECONDS) from None
        finally:
            response.close()

    def _is_slacks(self, url: str) -> bool:
        """Tell whether an address is Slack's, or that of the stand-in which the settings name."""
        asked, own = urlsplit(url), urlsplit(self.api_url)
        if own.hostname not in ("slack.com", "www.slack.com"):
            return (asked.scheme, asked.netloc) == (own.scheme, own.netloc)
        return asked.scheme == "https" and asked.netloc == HOST
