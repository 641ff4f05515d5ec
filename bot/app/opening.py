"""Opening the records: what works without Slack (import, redact, tickets)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.amazon.accounts import accounts
from bot.amazon.keeping import Keeping
from bot.jobs import Jobs, prepare
from bot.lookup import LookUp
from bot.records import Clock, Records, utc_now
from bot.resolving import Resolver
from bot.settings import Settings
from bot.triage import Triage
from bot.upkeep import Upkeep
from storage.errors import DatabaseOutdated
from storage.store import Store


def migrate(settings: Settings) -> None:
    """Bring the database to the newest schema, ours and the engine's."""
    store = Store.open(settings.database_url, settings.keyring, utc_now())
    try:
        _migrate(store)
    finally:
        store.close()


@contextmanager
def records(settings: Settings, *, clock: Clock = utc_now) -> Iterator[Records]:
    """Open the records. Raises DatabaseOutdated where `migrate` has to run first."""
    store = Store.open(settings.database_url, settings.keyring, clock())
    try:
        if not store.database.is_current():
            # A file of our own is brought up to date by whoever opens it first; a server, which
            # others use too, only by `migrate`.
            if not store.database.is_sqlite:
                raise DatabaseOutdated
            _migrate(store)
        selling = accounts(settings, store, clock)
        jobs = Jobs(store.database.engine)
        triage = Triage(jobs=jobs, channel=settings.triage_channel, clock=clock)
        resolver = Resolver(jobs=jobs, clock=clock, refresh=triage.refresh)
        try:
            yield Records(
                store=store,
                jobs=jobs,
                resolver=resolver,
                triage=triage,
                upkeep=Upkeep(
                    store=store,
                    jobs=jobs,
                    resolver=resolver,
                    clock=clock,
                    retention_days=settings.retention_days,
                    redact_postal_code=settings.redact_postal_code,
                    quiet_days=settings.quiet_days,
                ),
                lookup=LookUp(
                    clock=clock,
                    retention_days=settings.retention_days,
                    redact_postal_code=settings.redact_postal_code,
                ),
                accounts=selling,
                keeping=Keeping(
                    clock=clock,
                    retention_days=settings.retention_days,
                    redact_postal_code=settings.redact_postal_code,
                ),
                clock=clock,
            )
        finally:
            jobs.close()
            selling.close()
    finally:
        store.close()


def _migrate(store: Store) -> None:
    store.migrate()
    prepare(store.database.url)
