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
from storage.ids import ChannelId, MerchantId, TeamId, UserId, merchant_id
from storage.store import Store, Transaction

_Subject = ChannelId | UserId | TeamId

_TICKET: Final = re.compile(r"JC-[0-9]", re.IGNORECASE)
_WORKSPACE: Final = re.compile(r"T[A-Z0-9]{2,30}")
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
            usage="[@person|#channel|WORKSPACE] MERCHANT",
            tells="links a person, a channel or a workspace to a merchant, this channel without; "
            "`/care link JC-12 zendesk 4711` links a ticket to a help desk's: "
            "resolved there, it is resolved here",
            run=self._link,
        )
        yield Action(
            name="unlink",
            usage="[@person|#channel|WORKSPACE]",
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
        if _WORKSPACE.fullmatch(asked.word(0)):
            return self._link_workspace(asked, TeamId(asked.word(0)))
        target = _MENTION.fullmatch(asked.word(0))
        name = _named(asked, 1 if target else 0)
        if target is None and asked.command.direct:
            return private("Say whom to link: `/care link @person MERCHANT`.")
        subject, now = _subject(asked, target), self.clock()
        with self.store.begin() as records:
            records.merchants.ensure(name)
            records.merchants.link(asked.command.team, subject, name, now)
            self._audit(records, AuditKind.MERCHANT_LINKED, asked, subject, name)
        return private(f"{_shown(subject)} is linked to merchant *{name}*.")

    def _link_workspace(self, asked: Asked, team: TeamId) -> Reply:
        """Link all people of a workspace that installed the app, in their direct messages."""
        name, now = _named(asked, 1), self.clock()
        with self.store.begin() as records:
            if team == asked.command.team or records.installations.find(team) is None:
                return private(f"No other workspace `{team}` has installed the app.")
            records.merchants.link(team, team, name, now)
            self._audit(records, AuditKind.MERCHANT_LINKED, asked, team, name)
        return private(f"Workspace `{team}` is linked to merchant *{name}*.")

    def _unlink(self, asked: Asked) -> Reply:
        if _WORKSPACE.fullmatch(asked.word(0)):
            return self._unlinked(asked, TeamId(asked.word(0)), TeamId(asked.word(0)))
        target = _MENTION.fullmatch(asked.word(0))
        if target is None and (asked.word(0) or asked.command.direct):
            return private("Say whom to unlink: `/care unlink @person` or `/care unlink #channel`.")
        return self._unlinked(asked, asked.command.team, _subject(asked, target))

    def _unlinked(self, asked: Asked, team: TeamId, subject: _Subject) -> Reply:
        with self.store.begin() as records:
            before = records.merchants.unlink(team, subject)
            if before is None:
                return private(f"{_shown(subject)} is not linked to anybody.")
            self._audit(records, AuditKind.MERCHANT_UNLINKED, asked, subject, before)
        return private(f"{_shown(subject)} is not linked to merchant *{before}* any more.")

    def _audit(
        self,
        records: Transaction,
        kind: AuditKind,
        asked: Asked,
        subject: _Subject,
        merchant: MerchantId,
    ) -> None:
        records.audit.append(
            kind,
            at=self.clock(),
            by=asked.command.user,
            subject=subject,
            facts={"merchant": merchant},
        )

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


def _named(asked: Asked, after: int) -> MerchantId:
    """Return the merchant that a command names after some words. Raises MalformedId."""
    # All that is left, so that words which are no name link nothing to the first of them.
    return asked.command.merchant or merchant_id(" ".join(asked.words[after:]))


def _subject(asked: Asked, target: re.Match[str] | None) -> ChannelId | UserId:
    if target is None:
        return asked.command.channel
    return UserId(target[1]) if target[1] else ChannelId(target[2])


def _shown(subject: str) -> str:
    if subject.startswith("T"):
        return f"Workspace `{subject}`"
    return f"<@{subject}>" if subject.startswith(("U", "W")) else f"<#{subject}>"
