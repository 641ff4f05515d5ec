"""An order and its returns as a card: status, packages, places, times; never who bought it.

The text and the blocks of a card say the same, since one is made of the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from bot.blocks import Block, Reply, context, escaped, section
from bot.cards.moments import moment
from bot.cards.tracking import tracking_link
from storage.deliveries import DeliverySource
from storage.ids import OrderId
from storage.orders import Item, Order, Package
from storage.returns import Return

ITEMS: Final = 10
"""Items that a card names."""
LINES: Final = 20
"""Packages, or lines of returns, that a card names."""


def order_card(order: Order, returns: Sequence[Return]) -> Reply:
    """Say how an order stands. Of one that Jetpack does not ship it says that, and why."""
    head = [f"Order *{order.order_id}*: *{escaped(order.status or 'unknown')}*"]
    why = not_ours(order)
    parts = [
        [*head, why] if why else head,
        _some(map(_package, order.packages), len(order.packages), LINES, "packages"),
        _some(map(_item, order.items), len(order.items), ITEMS, "items"),
        [*_where(order), *_times(order)],
        _some(map(return_line, returns), len(returns), LINES, "lines of returns"),
    ]
    return _card(parts, order.known_at)


def returns_card(returns: Sequence[Return], now: datetime) -> Reply:
    """Say how the returns of an order stand, as of when the oldest news of them came."""
    as_of = min((each.known_at for each in returns if each.known_at is not None), default=now)
    lines = _some(map(return_line, returns), len(returns), LINES, "lines of returns")
    return _card([lines], as_of)


def together(cards: Sequence[Reply]) -> Reply:
    """Return several cards as one reply, with lines between them."""
    if len(cards) == 1:
        return cards[0]
    blocks: list[Block] = []
    for card in cards:
        blocks += [{"type": "divider"}] if blocks else []
        blocks += card.blocks or section(card.text)
    return Reply(text="\n\n".join(card.text for card in cards), blocks=tuple(blocks))


def not_ours(order: Order) -> str:
    """Say why Jetpack does not ship an order; empty for one that it ships."""
    if order.channel == "AFN":
        return (
            "Amazon fulfils this order itself (FBA), so Jetpack does not ship it. "
            "Seller Central has its shipping details."
        )
    if order.is_prime:
        return (
            "This is a Seller Fulfilled Prime order. Jetpack ships FBM orders only and cannot "
            "process Seller Fulfilled Prime."
        )
    return ""


def return_line(found: Return) -> str:
    """Describe one return in a line."""
    status = escaped(found.status or "status unknown")
    parts = [f"Return *{escaped(found.return_id)}* for order {found.order_id}: {status}"]
    if found.sku:
        pieces = "" if found.quantity is None else f"{found.quantity} x "
        parts.append(f"{pieces}{escaped(found.sku)}")
    if found.reason:
        parts.append(f"reason {escaped(found.reason)}")
    if found.tracking_id:
        link = tracking_link(found.carrier, found.tracking_id)
        parts.append(f"{escaped(found.carrier or '')} tracking {link}".strip())
    if found.received_at is not None:
        parts.append(f"received {moment(found.received_at)}")
    if found.refund_amount is not None:
        parts.append(f"refund {found.refund_amount} {found.currency or ''}".strip())
    return ", ".join(parts)


def refund(order_id: OrderId) -> Reply:
    """Say where a refund is issued: in Seller Central, by the order's number alone."""
    return Reply(
        text=(
            f"To refund order *{order_id}*: in Seller Central open *Orders > Manage Orders*, "
            f"search for {order_id}, open it and choose *Refund Order*. Jetpack cannot issue "
            "refunds. The order number is all you need, also once the buyer's name reads Redacted."
        ).replace(" > ", " › ")
    )


def no_return(order_id: str) -> Reply:
    """Say that an order of the merchant's has no return."""
    return Reply(text=f"There is no return on record for order *{order_id}*.")


def _card(parts: Iterable[Sequence[str]], as_of: datetime) -> Reply:
    said = ["\n".join(lines) for lines in parts if lines]
    known = f"As of {moment(as_of)}"
    return Reply(
        text="\n".join([*said, f"_{known}_"]),
        blocks=(*(block for part in said for block in section(part)), context(known)),
    )


def _some(lines: Iterator[str], count: int, most: int, what: str) -> list[str]:
    """Return lines, as many as are shown, and how many are not."""
    shown = [line for line, _ in zip(lines, range(most), strict=False)]
    return [*shown, f"… and {count - most} more {what}"] if count > most else shown


def _package(package: Package) -> str:
    carrier = escaped(package.carrier or "carrier unknown")
    status = f", {escaped(package.status)}" if package.status else ""
    shipped = f", shipped {moment(package.shipped_at)}" if package.shipped_at else ""
    link = tracking_link(package.carrier, package.tracking_id)
    return f"{carrier} tracking {link}{status}{shipped}"


def _item(item: Item) -> str:
    pieces = "" if item.quantity is None else f"{item.quantity} x "
    title = f" {escaped(item.title)}" if item.title else ""
    return f"{pieces}{escaped(item.sku)}{title}"


def _where(order: Order) -> Iterator[str]:
    region = " ".join(part for part in (order.state, order.zip) if part)
    where = ", ".join(part for part in (order.city, region) if part)
    if where:
        yield f"Going to {escaped(where)}"


def _times(order: Order) -> Iterator[str]:
    for label, at in (
        ("Promised by", order.promised_at),
        ("Delivered", order.delivered_at),
        ("Cancelled", order.cancelled_at),
    ):
        if at is not None:
            yield f"{label} {_bound(order, label)}{moment(at)}"


def _bound(order: Order, label: str) -> str:
    """Return the word that goes before a time which is no more than a bound.

    Amazon tells that a package was delivered, or an order cancelled, and not when.
    """
    delivered = [p for p in order.packages if p.delivered_at == order.delivered_at]
    by_amazon = any(p.delivery_source == DeliverySource.AMAZON for p in delivered)
    return "by " if label == "Delivered" and by_amazon else ""
