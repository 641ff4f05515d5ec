"""`jetpack-care orders sync`: reads the sellers, with a bar and a line for what went wrong."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

import click

from bot.amazon.by_hand import ByHand, Waiting
from bot.amazon.orders_v0 import ENDS
from bot.amazon.sync import Turn
from bot.errors import SettingsError
from bot.records import Records
from bot.sellers import OrdersVersion
from storage.feeds import FeedKind
from storage.ids import MerchantId, merchant_id


class Bar(Protocol):
    """A progress bar, tqdm's."""

    def update(self, n: float) -> object:
        """Count rows that are done."""

    def set_postfix_str(self, s: str) -> None:
        """Show a text behind the bar."""


def run(records: Records, names: Iterable[str], bar: Bar) -> bool:
    """Read the merchants of these names, or all. Returns whether one could not be read.

    Raises:
        MalformedId: A name is no merchant's.
        SettingsError: A merchant has no authorization in the settings.
    """
    merchants = [merchant_id(name) for name in names]
    for merchant in merchants:
        if merchant not in records.accounts:
            raise SettingsError(f"There is no SP_API_REFRESH_TOKEN_... for merchant {merchant}.")
    _warn_of_the_end(records, merchants)
    sync = records.sync(_say, on_engine=False)
    sync.begin(records.clock())
    taken: Counter[tuple[MerchantId, FeedKind]] = Counter()
    failed: set[tuple[MerchantId, FeedKind]] = set()
    for step in ByHand(sync=sync, clock=records.clock, sleep=time.sleep).run(merchants):
        if isinstance(step, Waiting):
            bar.set_postfix_str(f"waits {step.seconds:.0f} s for Amazon")
            continue
        bar.set_postfix_str("")
        bar.update(step.taken)
        key = (step.feed.merchant_id, step.feed.kind)
        taken[key] += step.taken
        _tell(step)
        (failed.add if step.error is not None else failed.discard)(key)
    for feed in sync.feeds():
        key = (feed.merchant_id, feed.kind)
        if merchants and feed.merchant_id not in merchants:
            continue
        if feed.paused_at is not None and key not in failed:
            failed.add(key)
            click.echo(f"{feed.merchant_id} {feed.kind}: paused, not authorized any more", err=True)
        click.echo(f"{feed.merchant_id} {feed.kind}: {taken[key]} taken", err=True)
    return bool(failed)


def _tell(turn: Turn) -> None:
    name = f"{turn.feed.merchant_id} {turn.feed.kind}"
    for line in turn.problems:
        click.echo(f"{name}: {line}", err=True)
    if turn.error is not None:
        operation = f"{turn.error.operation}: " if turn.error.operation else ""
        click.echo(f"{name}: {operation}{turn.error}", err=True)


def _warn_of_the_end(records: Records, merchants: list[MerchantId]) -> None:
    old = [
        merchant
        for merchant, account in sorted(records.accounts.items())
        if account.seller.orders is OrdersVersion.V0 and (not merchants or merchant in merchants)
    ]
    if old:
        click.echo(
            f"{', '.join(old)}: the Orders API v0 ends on {ENDS}; move to 2026-01-01 before.",
            err=True,
        )


def _say(key: str, text: str, at: datetime, *, lane: str) -> None:
    """Say nothing more: the turn's own error is told already."""
    del key, text, at, lane
