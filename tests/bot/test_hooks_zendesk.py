"""A status change of Zendesk resolves when both the event and the ticket say so."""

from __future__ import annotations

import pytest

from bot.errors import PayloadRefused
from bot.hooks.hook import Heard, Resolved
from bot.hooks.zendesk import Zendesk
from storage.external import ExternalTicket, HelpDesk
from storage.ids import EventId, TicketId
from tests.hook_deliveries import OCCURRED, SECRET, delivery, zendesk


def read(content: object) -> Heard:
    """Read a delivery that is signed well."""
    return Zendesk([SECRET]).read(delivery(HelpDesk.ZENDESK, content))


@pytest.mark.parametrize("status", ["SOLVED", "CLOSED", "solved"])
def test_a_solved_ticket_is_resolved(status: str) -> None:
    """Solved and closed, in any case, resolve; event id, ticket and time are what is read."""
    expected = Resolved(
        event=EventId("01HABCDEFG"),
        at=OCCURRED.replace(microsecond=501246),
        external=ExternalTicket(desk=HelpDesk.ZENDESK, number="4711"),
    )
    assert read(zendesk(status=status)) == Heard(resolved=(expected,))


@pytest.mark.parametrize("status", ["NEW", "OPEN", "PENDING", "HOLD", "DELETED", ""])
def test_other_states_resolve_nothing(status: str) -> None:
    """A ticket in any other state is left alone."""
    assert read(zendesk(status=status)) == Heard()


def test_a_ticket_that_has_moved_on_is_not_resolved() -> None:
    """Where the event says solved and the ticket is open again, nothing is deleted."""
    content = zendesk()
    assert read({**content, "event": {"current": "OPEN"}}) == Heard()
    assert read({**content, "detail": {"id": "4711", "status": "OPEN"}}) == Heard()


def test_other_events_are_taken_and_ignored() -> None:
    """A genuine delivery of another type resolves nothing."""
    assert read({**zendesk(), "type": "zen:event-type:ticket.comment_added"}) == Heard()


@pytest.mark.parametrize(
    ("external_id", "expected"),
    [("JC-12", TicketId(12)), ("12", None), ("Quackenbush", None), (12, None), ("JC-0", None)],
)
def test_an_external_id_may_name_our_ticket(external_id: object, expected: TicketId | None) -> None:
    """`external_id` counts when it is JC- and a number; a number alone may be any system's."""
    assert read(zendesk(external_id=external_id)).resolved[0].ticket == expected


@pytest.mark.parametrize("number", [None, "", "two words", "x" * 129, 7])
def test_a_delivery_without_an_id_is_refused(number: object) -> None:
    """The event's own id is the key of idempotency, so there has to be one."""
    with pytest.raises(PayloadRefused):
        read({**zendesk(), "id": number})
