"""The shops of the sandbox Slack: who writes where, about which orders. All of it is invented."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from typing import Final

from bot.sandbox.slack.objects import Channel, User
from bot.sandbox.slack.sample import HOME, INES

SHOPS: Final = 12
"""Merchants, each with a channel and a person who writes there."""
ORDER: Final = re.compile(r"113-[0-9]{7}-5550142")
"""An order's id."""


def person(shop: int) -> User:
    """Return who writes for a shop."""
    name = f"Writer {shop}"
    return User(
        id=f"U0WRITER{shop:03}", name=f"writer-{shop}", real_name=name, team_id=HOME.team_id
    )


def channel(shop: int) -> Channel:
    """Return a shop's channel."""
    members = (HOME.bot_user_id, person(shop).id, INES.id)
    return Channel(id=f"C0SHOP{shop:05}", name=merchant(shop), members=members)


def merchant(shop: int) -> str:
    """Return a shop's short name."""
    return f"shop-{shop}"


def order(number: int) -> str:
    """Return an order's id. Two in a row are of one shop."""
    return f"113-{number:07}-5550142"


def orders_file(count: int, shops: int = SHOPS) -> io.StringIO:
    """Write a file of orders whose buyers are invented and all different."""
    purchased = datetime.now(UTC).isoformat(timespec="seconds")
    lines = io.StringIO()
    rows = csv.writer(lines)
    rows.writerow(
        ("order_id", "merchant", "status", "purchased_at", "sku", "quantity", "first_name",
         "last_name", "street_1", "city", "state", "zip", "country", "phone", "email")
    )  # fmt: skip
    for number in range(count):
        rows.writerow(
            (order(number), merchant(number // 2 % shops), "Unshipped", purchased, "BB-SOAP-1", 1,
             "Odalys", f"Fennimore{number}", f"{number + 1} Larkspur Hollow Road", "Portland",
             "OR", "97214", "US", f"503-555-01{number % 100:02}", f"o{number}@example.com")
        )  # fmt: skip
    lines.seek(0)
    return lines


def opening(number: int) -> str:
    """Return what opens a ticket, about an order."""
    return (
        f"hi, where is {order(number)}? The buyer is Peregrine Wainscott, "
        f"{100 + number} Gooseberry Hollow Rd, Portland OR 97214, call him at "
        f"415-555-01{number % 100:02}"
    )


def following(number: int) -> str:
    """Return what is added in a ticket, about an order."""
    return (
        f"and where is {order(number)}? please write to p{number}.wainscott@example.com, "
        f"or call 503-555-01{number % 100:02}"
    )
