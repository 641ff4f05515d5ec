"""News that came before the link waits for a day, and a link at the same moment is not lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Final

import pytest

from storage.errors import MalformedId
from storage.external import ExternalTicket, HelpDesk, external_ticket, help_desk
from storage.external_records import KEPT
from storage.ids import TicketId
from storage.store import Store
from tests.storage.samples import open_ticket

ZENDESK: Final = ExternalTicket(desk=HelpDesk.ZENDESK, number="4711")
FRONT: Final = ExternalTicket(desk=HelpDesk.FRONT, number="cnv_4711")
SECOND: Final = timedelta(seconds=1)


def remember(store: Store, external: ExternalTicket, now: datetime) -> None:
    """Hear that a ticket was resolved a second ago."""
    with store.begin() as tx:
        tx.tickets.early.remember(external, resolved_at=now - SECOND, heard_at=now)


def recall(store: Store, external: ExternalTicket, now: datetime) -> datetime | None:
    """Ask whether it was."""
    with store.begin() as tx:
        return tx.tickets.early.recall(external, now)


def test_early_news_is_told_once(store: Store, now: datetime) -> None:
    """The first link hears of it, with the help desk's time, and the second does not."""
    remember(store, ZENDESK, now)
    assert recall(store, FRONT, now) is None
    assert recall(store, ZENDESK, now + KEPT - SECOND) == now - SECOND
    assert recall(store, ZENDESK, now) is None


def test_news_of_another_help_desk_is_other_news(store: Store, now: datetime) -> None:
    """The same number at another help desk is another ticket."""
    remember(store, ZENDESK, now)
    assert recall(store, ExternalTicket(desk=HelpDesk.GORGIAS, number="4711"), now) is None


def test_news_of_yesterday_counts_no_more(store: Store, now: datetime) -> None:
    """After a day the news is as if it had not come, swept or not."""
    remember(store, ZENDESK, now)
    assert recall(store, ZENDESK, now + KEPT) is None


def test_news_that_comes_again_waits_anew(store: Store, now: datetime) -> None:
    """The day begins with the latest news."""
    remember(store, ZENDESK, now)
    remember(store, ZENDESK, now + KEPT / 2)
    assert recall(store, ZENDESK, now + KEPT) == now + KEPT / 2 - SECOND


def test_what_has_waited_for_a_day_is_forgotten(store: Store, now: datetime) -> None:
    """The sweep takes what is a day old and leaves the rest."""
    remember(store, ZENDESK, now)
    remember(store, FRONT, now + SECOND)
    with store.begin() as tx:
        assert tx.tickets.early.purge(now + KEPT) == 1
        assert tx.tickets.early.purge(now + KEPT) == 0
    assert recall(store, FRONT, now + KEPT) == now


def test_a_link_and_news_at_the_same_moment_meet(store: Store, now: datetime) -> None:
    """Whichever is first, one of the two sees the other; neither is lost."""
    for number in range(20):
        external = ExternalTicket(desk=HelpDesk.ZENDESK, number=str(number))
        with store.begin() as tx:
            ticket = open_ticket(tx, now)
        start = Barrier(2)

        def news(external: ExternalTicket = external, start: Barrier = start) -> bool:
            start.wait()
            with store.begin() as tx:
                tx.tickets.early.hold(external)
                if tx.tickets.by_external(external.desk, external.number) is not None:
                    return True
                tx.tickets.early.remember(external, resolved_at=now, heard_at=now)
                return False

        def link(
            external: ExternalTicket = external, start: Barrier = start, ticket: TicketId = ticket
        ) -> bool:
            start.wait()
            with store.begin() as tx:
                tx.tickets.early.hold(external)
                tx.tickets.link_external(external.desk, external.number, ticket)
                return tx.tickets.early.recall(external, now) is not None

        with ThreadPoolExecutor(2) as pool:
            met = [task.result() for task in (pool.submit(news), pool.submit(link))]
        assert met.count(True) == 1


@pytest.mark.parametrize(
    ("desk", "number"),
    [
        (HelpDesk.ZENDESK, "4711"),
        (HelpDesk.HUBSPOT, "26430463112"),
        (HelpDesk.INTERCOM, "215470000004711"),
        (HelpDesk.FRONT, "cnv_55c8c149"),
        (HelpDesk.STANDARD, "HD-4711:a.b_c"),
    ],
)
def test_each_help_desk_numbers_its_tickets_in_its_own_way(desk: HelpDesk, number: str) -> None:
    """An id in the help desk's own form is taken."""
    assert external_ticket(desk, number) == ExternalTicket(desk=desk, number=number)


@pytest.mark.parametrize("desk", HelpDesk)
@pytest.mark.parametrize("number", ["", "Wilhelmina Quackenbush", "1\n", "1 2", "x" * 129, "é"])
def test_what_is_no_id_is_refused(desk: HelpDesk, number: str) -> None:
    """Words, lines and the like are no id of any help desk, and the message does not hold them."""
    with pytest.raises(MalformedId) as refused:
        external_ticket(desk, number)
    assert not number or number not in str(refused.value)


def test_a_help_desk_is_named_in_any_case() -> None:
    """Zendesk is zendesk; a name that is none is answered with those that are."""
    assert help_desk(" Zendesk ") is HelpDesk.ZENDESK
    with pytest.raises(MalformedId, match="standard, zendesk, intercom, hubspot"):
        help_desk("helpscout")
