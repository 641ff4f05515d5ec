"""Lists of orders and of returns as a table, with the same in plain text.

A message has one table at most, of 100 rows and 20 columns (Block Kit reference, "Table block").
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.blocks import Block, Reply, context, escaped, section
from bot.cards.moments import moment, plain
from nlp.answers.listing import Period, Which, Wish
from storage.order_lists import Listed
from storage.returns import Return

SHOWN: Final = 20
"""Rows of a list."""
_HEADS: Final = {
    Which.LATE: "Late orders",
    Which.UNSHIPPED: "Orders not shipped yet",
    Which.SHIPPED: "Orders shipped",
    Which.DELIVERED: "Orders delivered",
    Which.CANCELLED: "Orders cancelled",
    Which.RETURNED: "Returns",
    Which.OPEN_RETURNS: "Open returns",
}
_MEANT: Final = {
    Which.LATE: "Promised for a time that is past, and not delivered as far as we know.",
    Which.UNSHIPPED: "Nothing of them has left, and they are not cancelled.",
    Which.OPEN_RETURNS: "Asked for, and not received as far as we know.",
}


def order_list(found: Sequence[Listed], total: int, wish: Wish, now: datetime) -> Reply:
    """Show orders as a table."""
    rows = [
        (
            each.order_id,
            each.status or "unknown",
            _day(each.promised_at),
            _day(each.shipped_at),
            _day(each.delivered_at),
            f"{each.carrier or ''} {each.tracking_id or ''}".strip() or "–",
        )
        for each in found
    ]
    heads = ("Order", "Status", "Promised", "Shipped", "Delivered", "Tracking")
    return _table(heads, rows, total, wish, now)


def return_list(found: Sequence[Return], total: int, wish: Wish, now: datetime) -> Reply:
    """Show lines of returns as a table."""
    rows = [
        (
            each.return_id,
            each.order_id,
            each.status or "unknown",
            f"{'' if each.quantity is None else f'{each.quantity} x '}{each.sku or '–'}",
            _day(each.requested_at),
            _day(each.received_at),
        )
        for each in found
    ]
    heads = ("Return", "Order", "Status", "Item", "Asked for", "Received")
    return _table(heads, rows, total, wish, now)


def _table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], total: int, wish: Wish, now: datetime
) -> Reply:
    when = "" if wish.period is Period.ANY else f", {wish.period}"
    title = f"*{_HEADS[wish.which]}{when}*: {total or 'none'}"
    meant = _MEANT.get(wish.which, "Days are those of UTC, weeks begin on Monday.")
    more = f" The first {len(rows)} of {total} are shown" if total > len(rows) else ""
    if more:
        # What is late or has not left is so at any time.
        more += "." if wish.which in _MEANT else "; ask for a shorter time to see the others."
    foot = f"{meant}{more} As of {moment(now)}"
    lines = [
        "• "
        + "; ".join(
            escaped(cell) if place == 0 else f"{head.lower()} {escaped(cell)}"
            for place, (head, cell) in enumerate(zip(heads, row, strict=True))
            if cell != "–"
        )
        for row in rows
    ]
    table: tuple[Block, ...] = ()
    if rows:
        table = ({"type": "table", "rows": [_cells(row) for row in (heads, *rows)]},)
    return Reply(
        text="\n".join([title, *lines, f"_{foot}_"]),
        blocks=(*section(title), *table, context(foot)),
    )


def _cells(row: Sequence[str]) -> list[Block]:
    return [{"type": "raw_text", "text": cell} for cell in row]


def _day(at: datetime | None) -> str:
    """Write a time for a cell, which shows no time of the reader's own."""
    return "–" if at is None else plain(at)
