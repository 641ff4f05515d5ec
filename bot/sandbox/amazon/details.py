"""The people and things of an order, added to its life when somebody looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.sandbox.amazon.chance import Chance
from bot.sandbox.amazon.goods import Product
from bot.sandbox.amazon.lives import DELIVER_BY, DELIVER_FROM, SHIP_BY, Event, Life, Step
from bot.sandbox.amazon.marketplaces import Marketplace
from bot.sandbox.amazon.moments import MINUTE, moment
from bot.sandbox.amazon.order import Address, Buyer, Item, Package, SandboxOrder
from bot.sandbox.amazon.people import buyer_and_address, delivery_wishes, gift_message

_CARRIERS: Final = (("UPS", "UPS Ground", "1ZE5550100"), ("USPS", "Ground Advantage", "94000111"))
_REASONS: Final = {"BUYER": "BUYER_CANCELLED", "MERCHANT": "NO_INVENTORY"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """What all orders of a seller share."""

    seed: str
    marketplace: Marketplace
    products: Sequence[Product]


def order_at(shop: Shop, life: Life, now: int) -> SandboxOrder:
    """Return an order as it stands at a moment at or after its purchase."""
    chance = Chance(f"{shop.seed}/{life.index}/details")
    buyer, address = buyer_and_address(chance, shop.marketplace.code)
    drop_off, instruction = delivery_wishes(chance)
    items = _items(shop, life, chance)
    tracking = tuple(f"{chance.getrandbits(40):012d}" for _ in range(2))
    carrier = chance.pick(_CARRIERS)
    canceller = "BUYER" if chance.random() < 0.7 else "MERCHANT"
    happened = life.until(now)
    cancelled = happened[-1].event is Event.CANCELLED
    start = life.purchased
    programs = ("PRIME",) if life.prime else ()
    if buyer.company:
        programs = ("AMAZON_BUSINESS", *programs)
    paid = any(step.event is Event.PAID for step in happened)
    if life.by_amazon or not paid:
        # Amazon names nobody before it has the money, so that a later update brings the address.
        buyer, address, drop_off, instruction = Buyer(), Address(), "", ""
    return SandboxOrder(
        id=life.order_id,
        created=moment(start),
        last_updated=moment(happened[-1].at),
        status=life.status(now),
        marketplace_id=shop.marketplace.id,
        marketplace_name=shop.marketplace.name,
        currency=shop.marketplace.currency,
        fulfilled_by="AMAZON" if life.by_amazon else "MERCHANT",
        service_level="SECOND_DAY" if life.prime else "STANDARD",
        programs=programs,
        ship_by=(moment(start), moment(start + SHIP_BY)),
        deliver_by=(moment(start + DELIVER_FROM), moment(start + DELIVER_BY)),
        buyer=buyer,
        address=address,
        drop_off=drop_off,
        instruction=instruction,
        items=items,
        packages=_packages(life, happened, items, carrier, tracking),
        cancelled_by=canceller if cancelled else "",
        cancel_reason=_REASONS[canceller] if cancelled else "",
    )


def _items(shop: Shop, life: Life, chance: Chance) -> tuple[Item, ...]:
    lines = chance.pick((1, 1, 1, 2, 2, 3))
    items = []
    # Steps of less than half the catalogue never come back to a product within three lines.
    start, stride = chance.below(len(shop.products)), 1 + chance.below(len(shop.products) // 2 - 1)
    for line in range(lines):
        product = shop.products[(start + line * stride) % len(shop.products)]
        quantity = chance.pick((1, 1, 1, 1, 2, 3))
        if life.packages == 2 and lines == 1:
            # Two packages have a unit each at least.
            quantity = max(quantity, 2)
        gift = chance.random() < 0.08 and not life.by_amazon
        items.append(
            Item(
                id=f"{10**13 + chance.below(9 * 10**13)}",
                sku=product.sku,
                asin=product.asin,
                title=product.title,
                quantity=quantity,
                price=product.price,
                gift_message=gift_message(chance) if gift else "",
                gift_wrap="Classic" if gift else "",
            )
        )
    return tuple(items)


def _packages(
    life: Life,
    happened: Sequence[Step],
    items: Sequence[Item],
    carrier: tuple[str, str, str],
    tracking: Sequence[str],
) -> tuple[Package, ...]:
    """Return the packages that have left by now, each as it stands."""
    name, service, prefix = carrier
    packages: list[Package] = []
    for number in range(life.packages):
        steps = [step for step in happened if step.package == number]
        shipped = [step.at for step in steps if step.event is Event.SHIPPED]
        if not shipped:
            break
        status, detailed = _standing(steps[-1].event, life.index)
        packages.append(
            Package(
                id=str(number + 1),
                created=moment(shipped[0] - 30 * MINUTE),
                shipped=moment(shipped[0]),
                status=status,
                detailed=detailed,
                carrier=name,
                service=service,
                tracking=prefix + tracking[number],
                contents=_contents(items, number, life.packages),
            )
        )
    return tuple(packages)


def _standing(last: Event, index: int) -> tuple[str, str]:
    """Return a package's status and detailed status after its last event."""
    if last is Event.OUT:
        return "IN_TRANSIT", "OUT_FOR_DELIVERY"
    if last is Event.DELIVERED:
        # Every other delivered package lacks the detailed status, as Amazon's do at times.
        return "DELIVERED", "DELIVERED" if index % 2 else ""
    if last is Event.LOST:
        return "UNDELIVERABLE", "LOST"
    if last is Event.UNDELIVERABLE:
        return "UNDELIVERABLE", "RETURNING_TO_SELLER"
    return "IN_TRANSIT", "PICKED_UP"


def _contents(items: Sequence[Item], number: int, packages: int) -> tuple[tuple[str, int], ...]:
    """Return what is in a package: of two, the first holds one item, or one unit of the only."""
    if packages == 1:
        return tuple((item.id, item.quantity) for item in items)
    first, *others = items
    if not others:
        return ((first.id, 1 if number == 0 else first.quantity - 1),)
    chosen = [first] if number == 0 else others
    return tuple((item.id, item.quantity) for item in chosen)
