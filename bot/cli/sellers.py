"""The commands about sellers at Amazon: list, subscribe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import click

from bot import showing
from bot.amazon.subscribing import QUEUE_ARN, Subscribing
from bot.cli.command import Group, records
from bot.errors import SettingsError
from bot.records import Records
from storage.feeds import Feed, FeedKind
from storage.ids import merchant_id

REPORTS_VERSION: Final = "2021-06-30"
"""The version of the Reports API, which gives the returns of every seller."""


@click.group(cls=Group)
def sellers() -> None:
    """List the sellers that are read from Amazon, have it tell of their changes."""


@sellers.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSON lines.")
def list_sellers(as_json: bool) -> None:
    """List how far the orders and returns of each seller have been read, and what is in the way.

    \b
    Example:
      jetpack-care sellers list --json
    """
    with records() as opened:
        found = list(_feeds(opened))
    for each in found:
        click.echo(showing.as_json(each) if as_json else showing.inline(each))


@sellers.command("subscribe")
@click.argument("merchant")
@click.option("--queue-arn", required=True, metavar="ARN", help="The queue, arn:aws:sqs:...")
def subscribe(merchant: str, queue_arn: str) -> None:
    """Have Amazon put the changes of a seller's orders into an SQS queue (ORDER_CHANGE).

    docs/operations.md says how to make the queue. Safe to repeat.

    \b
    Example:
      jetpack-care sellers subscribe birch-and-brook \\
        --queue-arn arn:aws:sqs:us-east-1:123456789012:orders
    """
    if not QUEUE_ARN.fullmatch(queue_arn):
        raise click.BadParameter(
            "the ARN of a standard queue in SQS, such as arn:aws:sqs:us-east-1:123456789012:orders",
            param_hint="--queue-arn",
        )
    name = merchant_id(merchant)
    with records() as opened:
        account = opened.accounts.get(name)
        if account is None:
            raise SettingsError(f"There is no SP_API_REFRESH_TOKEN_... for merchant {name}.")
        done = Subscribing(account.calls).subscribe(queue_arn)
    made = "made" if done.is_new else "was there already"
    click.echo(f"{name}: subscription {done.subscription} {made}")
    if not account.seller.seller_id:
        click.echo(
            "SP_API_SELLER_ID_... is not set: notifications of orders that are new here will not "
            "be told apart.",
            err=True,
        )


def _feeds(opened: Records) -> Iterator[dict[str, object]]:
    """Yield how each feed of each seller stands, as fields; most are None before its first turn."""
    with opened.store.read() as kept:
        known = {(feed.merchant_id, feed.kind): feed for feed in kept.feeds.all()}
    for merchant, account in sorted(opened.accounts.items()):
        for kind in FeedKind:
            version = account.seller.orders if kind is FeedKind.ORDERS else REPORTS_VERSION
            head = {"merchant": merchant, "feed": kind.value, "api": str(version)}
            yield {**head, **_state(known.get((merchant, kind)))}


def _state(feed: Feed | None) -> dict[str, object]:
    if feed is None:
        return dict.fromkeys(("read_until", "next_turn", "failures", "problem", "paused_since"))
    return {
        "read_until": _written(feed.read_until),
        "next_turn": _written(None if feed.paused_at else feed.due_at),
        "failures": feed.failures,
        "problem": feed.problem,
        "paused_since": _written(feed.paused_at),
    }


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
