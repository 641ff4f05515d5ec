"""The real program on one database, as `bot.app` puts it together, with a clock that is set."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, final

from standardwebhooks import Webhook

from bot.desk import Desk
from bot.hooks.door import HookDoor
from bot.hooks.standard import StandardWebhooks
from bot.intake import Intake
from bot.jobs import Jobs
from bot.lookup import LookUp
from bot.people import Roster
from bot.presses import Presses
from bot.resolving import Resolver
from bot.triage import Triage
from bot.upkeep import Upkeep
from nlp.knowledge import Knowledge
from storage.errors import DatabaseUnavailable
from storage.external import HelpDesk
from storage.ids import UserId
from storage.store import Store
from tests.machines.places import Place
from tests.machines.trouble import Trouble, Where
from tests.machines.words import ListedScrubber
from tests.storage.samples import ACME, AGENT, CHANNEL, DAYS, TEAM

QUIET_DAYS: Final = 14
SECRET: Final = "whsec_" + base64.b64encode(b"invented secret one, 32 bytes!!!").decode()
_KNOWLEDGE: Final[list[Knowledge]] = []


@final
class Office:
    """The program, without its doors to the network.

    Attributes:
        now: The time that it is.
        place: Its database and keyring.
    """

    def __init__(self, place: Place, now: datetime) -> None:
        self.place: Final = place
        self.now = now
        self._awaited: tuple[Where, int] | None = None
        self._open()
        with self.store.begin() as records:
            records.merchants.link(TEAM, CHANNEL, ACME, now)

    def restart(self) -> None:
        """Close everything and open it anew from what is on disk."""
        self.close()
        self._open()

    def close(self) -> None:
        """Let go of the database."""
        self.jobs.close()
        self.store.close()

    def expect(self, where: Where, number: int) -> None:
        """Let the database be gone once, within the next operation."""
        self._awaited = where, number

    def run(self, operation: Callable[[], object]) -> None:
        """Do something; where the database was gone, once more, as whoever asked for it does."""
        if self._awaited is not None:
            self._trouble.arm(*self._awaited)
            self._awaited = None
        try:
            operation()
        except DatabaseUnavailable:
            if not self._trouble.fired:
                raise
            operation()
        finally:
            self._trouble.disarm()
            self._trouble.fired = False

    def deliver(self, event: str, *, external: str | None = None, ticket: str | None = None) -> int:
        """Deliver a hook that says a ticket is resolved. Returns the HTTP status."""
        named = {"external_id": external} if external else {"ticket_id": ticket}
        body = json.dumps({"type": "ticket.resolved", "data": named}).encode()
        # The signature's time is checked by the clock on the wall.
        at = datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "webhook-id": event,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(SECRET).sign(event, at, body.decode()),
        }
        return self.door.take("standard", headers, body).status

    def clock(self) -> datetime:
        """Return the time that it is."""
        return self.now

    def _open(self) -> None:
        self.store = Store.open(self.place.url, self.place.keyring, self.now)
        self._trouble = Trouble(self.store.database.engine, self.place.cut)
        self.jobs = Jobs(self.store.database.engine)
        self.resolver = Resolver(jobs=self.jobs, clock=self.clock)
        self.upkeep = Upkeep(
            store=self.store,
            jobs=self.jobs,
            resolver=self.resolver,
            clock=self.clock,
            retention_days=DAYS,
            redact_postal_code=False,
            quiet_days=QUIET_DAYS,
        )
        triage = Triage(jobs=self.jobs, channel=None, clock=self.clock)
        self.intake = Intake(
            store=self.store,
            scrubber=ListedScrubber(),
            jobs=self.jobs,
            roster=Roster(team=TEAM, listed=frozenset({UserId(AGENT)})),
            triage=triage,
            clock=self.clock,
            retention_days=DAYS,
        )
        desk = Desk(
            store=self.store,
            knowledge=_knowledge,
            clock=self.clock,
            lookup=LookUp(clock=self.clock, retention_days=DAYS, redact_postal_code=False),
            refresh=lambda _merchant, _order: None,
            triage=triage,
            team=TEAM,
            permalink=lambda _team, _channel, _ts: "",
            working=lambda _team, _channel, _ts: None,
            companies=lambda _team, _channel: 0,
            reworded=lambda _message: None,
        )
        self.presses = Presses(store=self.store, desk=desk, jobs=self.jobs, resolver=self.resolver)
        self.door = HookDoor(
            store=self.store,
            resolver=self.resolver,
            hooks={HelpDesk.STANDARD: StandardWebhooks([SECRET])},
        )


def _knowledge() -> Knowledge:
    if not _KNOWLEDGE:
        _KNOWLEDGE.append(Knowledge.load())
    return _KNOWLEDGE[0]
