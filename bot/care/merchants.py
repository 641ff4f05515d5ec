"""`/care` about merchants: which there are, and which conversation is whose."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.blocks import Reply
from bot.care.asked import Action, Asked, private
from bot.care.linking import USAGE, link_ticket
from bot.resolving import Resolver
from storage.audit import AuditKind
from storage.ids import ChannelId, MerchantId, UserId, merchant_id
from storage.store import Store

_TICKET: Final = re.compile(r"JC-[0-9]", re.IGNORECASE)
_MENTION: Final = re.compile(r"<(?:@([UW][A-Z0-9]+)|#([CG][A-Z0-9]+))(?:\|[^>]*)?>")


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantCommands:
    """The commands about merchants."""

    store: Store
    resolver: Resolver
    clock: Callable[[], datetime]

    def actions(self) -> Iterator[Action]:
        """Yield the commands."""
        yield Action(
            name="link",
            usage="[@person|#channel] MERCHANT",
            tells="links a person or a channel to a merchant, this one without; "
            "`/care link JC-12 zendesk 4711` links a ticket to a help desk's: "
            "resolved there, it is resolved here",
            run=self._link,
        )
        yield Action(
            name="unlink",
            usage="[@person|#channel]",
            tells="takes the link away",
            run=self._unlink,
        )
        yield Action(
            name="merchants",
            usage="",
            tells="lists merchants, their conversations, open tickets and orders",
            run=self._merchants,
        )

    def _link(self, asked: Asked) -> Reply:
        if asked.command.link is not None:
            return link_ticket(self.store, self.resolver, asked.command.link, self.clock)
        if _TICKET.match(asked.word(0)):
            return private(USAGE)
        target = _MENTION.fullmatch(asked.word(0))
        # All that is left, so that words which are no name link nothing to the first of them.
        name = merchant_id(" ".join(asked.words[1 if target else 0 :]))
        if target is None and asked.command.direct:
            return private("Say whom to link: `/care link @person MERCHANT`.")
        subject, now = _subject(asked, target), self.clock()
        with self.store.begin() as records:
            records.merchants.ensure(name)
            records.merchants.link(asked.command.team, subject, name, now)
            records.audit.append(
                AuditKind.MERCHANT_LINKED,
                at=now,
                by=asked.command.user,
                subject=subject,
                facts={"merchant": name},
            )
        return private(f"{_shown(subject)} is linked to merchant *{name}*.")

    def _unlink(self, asked: Asked) -> Reply:
        target = _MENTION.fullmatch(asked.word(0))
        if target is None and (asked.word(0) or asked.command.direct):
            return private("Say whom to unlink: `/care unlink @person` or `/care unlink #channel`.")
        subject = _subject(asked, target)
        with self.store.begin() as records:
            before = records.merchants.unlink(asked.command.team, subject)
            if before is None:
                return private(f"{_shown(subject)} is not linked to anybody.")
            records.audit.append(
                AuditKind.MERCHANT_UNLINKED,
                at=self.clock(),
                by=asked.command.user,
                subject=subject,
                facts={"merchant": before},
            )
        return private(f"{_shown(subject)} is not linked to merchant *{before}* any more.")

    def _merchants(self, _asked: Asked) -> Reply:
        with self.store.read() as records:
            names = records.merchants.all()
            links = records.merchants.links()
            tickets, orders = records.census.open_tickets_of(), records.census.orders_of()
        places: dict[MerchantId, list[str]] = defaultdict(list)
        for link in links:
            places[link.merchant].append(_shown(link.subject))
        lines = [
            f"*{name}*: {', '.join(places[name]) or 'no conversation'}; "
            f"{tickets.get(name, 0)} open tickets, {orders.get(name, 0)} orders"
            for name in names
        ]
        return private("\n".join(lines) or "There are no merchants yet. `/care link` makes one.")


def _subject(asked: Asked, target: re.Match[str] | None) -> ChannelId | UserId:
    if target is None:
        return asked.command.channel
    return UserId(target[1]) if target[1] else ChannelId(target[2])


def _shown(subject: str) -> str:
    return f"<@{subject}>" if subject.startswith(("U", "W")) else f"<#{subject}>"
