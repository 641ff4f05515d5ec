"""`/care link JC-12 zendesk 4711` is read at the door, and nothing else is taken for it."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.interactions import TicketLink, read_command
from storage.external import ExternalTicket, HelpDesk
from storage.ids import TicketId


def read(text: object) -> TicketLink | None:
    """Read the command `/care text`."""
    body = {"trigger_id": "1.2.a", "team_id": "T1", "channel_id": "C1", "user_id": "U1"}
    return read_command({**body, "text": text}).link


@pytest.mark.parametrize(
    ("text", "desk", "number"),
    [
        ("link JC-12 zendesk 4711", HelpDesk.ZENDESK, "4711"),
        ("  LINK  jc-12  Zendesk  4711  ", HelpDesk.ZENDESK, "4711"),
        ("link 12 hubspot 26430463112", HelpDesk.HUBSPOT, "26430463112"),
        ("link JC-12 intercom 215470000004711", HelpDesk.INTERCOM, "215470000004711"),
        ("link JC-12 front cnv_55c8c149", HelpDesk.FRONT, "cnv_55c8c149"),
        ("link JC-12 standard HD-4711", HelpDesk.STANDARD, "HD-4711"),
    ],
)
def test_a_link_of_tickets_is_read(text: str, desk: HelpDesk, number: str) -> None:
    """Our ticket, the help desk and its ticket are read, whatever a scrubber takes them for."""
    external = ExternalTicket(desk=desk, number=number)
    assert read(text) == TicketLink(ticket=TicketId(12), external=external)


OTHER: Final = [
    "",
    "link",
    "link birch-and-brook",
    "link <@U0MARAQUILL> birch-and-brook",
    "link JC-12 zendesk",
    "link JC-0 zendesk 4711",
    "link JC-12 helpscout 4711",
    "link JC-12 zendesk Quackenbush",
    "link JC-12 zendesk 4711 4712",
    "link JC-12 zendesk 555-0143",
    "link JC-12 front 4711",
    "unlink JC-12 zendesk 4711",
    "resolve JC-12",
    None,
    12,
]


@pytest.mark.parametrize("text", OTHER)
def test_other_commands_are_none(text: object) -> None:
    """What is not exactly that is left to the scrubber, like every text."""
    assert read(text) is None


@given(st.text(st.characters()))
def test_any_text_is_read_without_an_error(text: str) -> None:
    """A command of any characters is a link or none."""
    assert read(f"link JC-12 zendesk {text}") is None or text.strip().isdecimal()


@pytest.mark.parametrize(
    ("text", "merchant"),
    [
        ("link wilson-and-sons", "wilson-and-sons"),
        ("link <@U1|mara> Wilson-and-Sons", "wilson-and-sons"),
        ("link <#C1|shop> wilson-and-sons", "wilson-and-sons"),
        ("link T0123ABCD wilson-and-sons", "wilson-and-sons"),
        ("link wilson and sons", None),
        ("link please wilson", None),
        ("link -wilson-", None),
        ("unlink T0123ABCD", None),
        ("note JC-12 wilson", None),
    ],
)
def test_a_merchant_is_read_whatever_it_is_called(text: str, merchant: str | None) -> None:
    """The merchant of a link is read at the door, where it is one name and nothing else."""
    body = {"trigger_id": "1.2.a", "team_id": "T1", "channel_id": "C1", "user_id": "U1"}
    assert read_command({**body, "text": text}).merchant == merchant
