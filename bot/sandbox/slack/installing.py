"""Somebody who installs the app with a browser, and takes it away again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from http.client import HTTPConnection, HTTPMessage
from typing import Final
from urllib.parse import urljoin, urlsplit

from bot.sandbox.errors import SandboxMisused
from bot.sandbox.slack.actor import Actor
from bot.sandbox.slack.delivery import Ack, Kind
from bot.sandbox.slack.oauth import OAuth
from bot.sandbox.slack.payloads import revoked_event, uninstalled_event

_COOKIE: Final = re.compile(r"([^=;\s]+)=([^;]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a browser shows.

    Attributes:
        url: Where it is.
        status: HTTP status.
        text: Its HTML.
        leads_to: Where it leads by itself, empty where it does not.
    """

    url: str
    status: int
    text: str
    leads_to: str


@dataclass(slots=True)
class Browser:
    """A browser: it keeps cookies by host, and follows a link when it is told to."""

    cookies: dict[str, dict[str, str]] = field(default_factory=dict)

    def open(self, url: str) -> Page:
        """Open an address, without following where it leads."""
        address = urlsplit(url)
        kept = self.cookies.setdefault(address.netloc, {})
        connection = HTTPConnection(address.hostname or "", address.port, timeout=30)
        try:
            path = f"{address.path}?{address.query}" if address.query else address.path
            cookies = "; ".join(f"{name}={value}" for name, value in kept.items())
            connection.request("GET", path, headers={"Cookie": cookies} if cookies else {})
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
        finally:
            connection.close()
        self._keep(kept, response.headers)
        leads_to = response.headers.get("Location") or ""
        return Page(
            url=url,
            status=response.status,
            text=text,
            leads_to=urljoin(url, leads_to) if leads_to else "",
        )

    def _keep(self, kept: dict[str, str], headers: HTTPMessage) -> None:
        for line in headers.get_all("Set-Cookie") or ():
            found = _COOKIE.match(line)
            if found is not None:
                kept[found[1]] = found[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Installer(Actor):
    """Somebody who looks after the apps of a workspace."""

    oauth: OAuth
    browser: Browser = field(default_factory=Browser)

    def installs(self, url: str) -> Page:
        """Open the app's installation page, allow what Slack asks, and return the last page."""
        return self.browser.open(self.allows(url))

    def allows(self, url: str) -> str:
        """Open the installation page and allow it. Returns the way back to the app, not taken."""
        asks = self.browser.open(self.browser.open(url).leads_to)
        for link in re.findall(r'href="([^"]+)"', asks.text):
            if f"team={self.workspace.home.team_id}" in link:
                allow = urljoin(asks.url, unescape(link))
                return self.browser.open(f"{allow}&user={self.user.id}").leads_to
        raise SandboxMisused("Slack does not ask for that workspace.")

    def uninstalls(self) -> tuple[Ack | None, ...]:
        """Take the app away: its token counts no more, and the app hears of it by two events."""
        home = self.workspace.home
        self.oauth.revoke(self.workspace)
        at = self.workspace.next_ts()
        events = (revoked_event(home, at), uninstalled_event(home, at))
        return tuple(self.deliver(event, Kind.EVENTS_API) for event in events)

    def revokes(self) -> Ack | None:
        """Revoke the bot's token, and leave the app there."""
        home = self.workspace.home
        self.oauth.revoke(self.workspace)
        return self.deliver(revoked_event(home, self.workspace.next_ts()), Kind.EVENTS_API)
