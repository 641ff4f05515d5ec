"""HubSpot's batches: good events count though others are bad, and the address is signed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import HookRefused, PayloadRefused
from bot.hooks.hook import Heard
from bot.hooks.hubspot import HubSpot
from storage.external import HelpDesk
from tests.hook_deliveries import OCCURRED, PUBLIC_URL, SECRET, delivery, hubspot


def read(content: object, *, stages: tuple[str, ...] = (), url: str = PUBLIC_URL) -> Heard:
    """Read a delivery that is signed well for PUBLIC_URL."""
    return HubSpot([SECRET], url, stages).read(delivery(HelpDesk.HUBSPOT, content))


def numbers(heard: Heard) -> list[str]:
    """Return the tickets that were named."""
    return [each.external.number for each in heard.resolved if each.external is not None]


def test_a_closed_stage_resolves() -> None:
    """A change to the stage Closed names the ticket and the time."""
    heard = read([hubspot(4711)])
    assert numbers(heard) == ["4711"]
    assert heard.resolved[0].at == OCCURRED


def test_a_generic_subscription_counts_for_tickets_alone() -> None:
    """`object.propertyChange` counts with the object type of tickets, 0-5."""
    kind = {"subscriptionType": "object.propertyChange"}
    events = [hubspot(1, objectTypeId="0-5", **kind), hubspot(2, objectTypeId="0-1", **kind)]
    assert numbers(read(events)) == ["1"]


def test_the_stages_are_configured() -> None:
    """With stages of our own Closed of the first pipeline does not count any more."""
    events = [hubspot(1, "4"), hubspot(2, "1234914"), hubspot(3, "done")]
    assert numbers(read(events, stages=("1234914", "done"))) == ["2", "3"]


@pytest.mark.parametrize(
    "other",
    [
        {"propertyName": "subject", "propertyValue": "4"},
        {"propertyValue": "1"},
        {"subscriptionType": "ticket.creation"},
        {"subscriptionType": "contact.propertyChange"},
        {"subscriptionType": None},
    ],
)
def test_other_events_are_taken_and_ignored(other: dict[str, object]) -> None:
    """Genuine events of another kind resolve nothing and are not counted as bad."""
    assert read([{**hubspot(), **other}]) == Heard()


def test_one_bad_event_does_not_spoil_the_others() -> None:
    """Of a batch the good events count, the bad ones are counted."""
    bad = [hubspot(occurredAt="today"), {**hubspot(), "objectId": "Quackenbush"}, "event", None]
    heard = read([hubspot(1), *bad, hubspot(2, eventId=101)])
    assert numbers(heard) == ["1", "2"]
    assert heard.refused == len(bad)


def test_a_batch_of_bad_events_is_refused() -> None:
    """Where nothing is good nothing is taken."""
    with pytest.raises(PayloadRefused):
        read([hubspot(occurredAt=1e300), 7])


def test_an_empty_batch_is_taken() -> None:
    """No event is no news."""
    assert read([]) == Heard()


def test_an_event_id_is_unique_by_ticket_and_time() -> None:
    """HubSpot's `eventId` may come again for another ticket or time: those are other news."""
    later = int((OCCURRED + timedelta(hours=1)).timestamp() * 1000)
    events = [hubspot(1), hubspot(2), hubspot(1, occurredAt=later), hubspot(1, attemptNumber=3)]
    assert len({each.event for each in read(events).resolved}) == 3


@pytest.mark.parametrize("url", ["http://care.example.com", "https://care.example.com:8443", "x"])
def test_another_address_does_not_verify(url: str) -> None:
    """HubSpot signs the address it calls; a delivery for another one is refused."""
    with pytest.raises(HookRefused):
        read([hubspot()], url=url)


def test_a_slash_at_the_addresss_end_does_not_matter() -> None:
    """`https://care.example.com/` is the same address."""
    assert read([hubspot()], url=f"{PUBLIC_URL}/").resolved
