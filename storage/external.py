"""The help desks, and the ids that they give their tickets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from storage.errors import MalformedId


class HelpDesk(StrEnum):
    """Who may tell that a ticket is resolved. The value is its name in settings, URLs and links."""

    STANDARD = "standard"
    ZENDESK = "zendesk"
    INTERCOM = "intercom"
    HUBSPOT = "hubspot"
    FRONT = "front"
    FRESHDESK = "freshdesk"
    GORGIAS = "gorgias"


# As narrow as each help desk numbers its tickets, so that nothing else travels as an id.
_NUMBER: Final = re.compile(r"[0-9]{1,20}")
_FORMS: Final[Mapping[HelpDesk, re.Pattern[str]]] = {
    **dict.fromkeys(HelpDesk, _NUMBER),
    HelpDesk.STANDARD: re.compile(r"[A-Za-z0-9._:-]{1,128}"),
    HelpDesk.FRONT: re.compile(r"cnv_[a-z0-9]{1,32}"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalTicket:
    """A ticket as a help desk names it.

    Attributes:
        desk: The help desk.
        number: Its own id of the ticket.
    """

    desk: HelpDesk
    number: str


def help_desk(text: str) -> HelpDesk:
    """Parse a help desk's name. Raises MalformedId."""
    try:
        return HelpDesk(text.strip().lower())
    except ValueError:
        names = ", ".join(HelpDesk)
        raise MalformedId(f"A help desk is one of {names}.") from None


def external_ticket(desk: HelpDesk, number: str) -> ExternalTicket:
    """Parse a help desk's own id of a ticket. Raises MalformedId."""
    if not _FORMS[desk].fullmatch(number):
        raise MalformedId(f"That is not what {desk} calls a ticket.")
    return ExternalTicket(desk=desk, number=number)
