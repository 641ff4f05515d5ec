"""Every way we know of letting raw text out, each refused by the type checker.

Nothing here ever runs. `mypy --strict` reads it, and a line that stops being an error makes its
`type: ignore` unused, which is an error itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.log import Event, failure, log, warn
from nlp.knowledge import Knowledge
from nlp.questions import understand
from nlp.text import RawText, ScrubbedText, SensitiveValue
from storage.ids import ChannelId, OrderId, Owner, SlackTs, TeamId, TicketId
from storage.sealing import DataKey, Sealing, disclose
from storage.ticket_records import Tickets
from storage.tickets import Author


def keep(text: ScrubbedText) -> ScrubbedText:
    """Stand for whatever keeps, answers or sends text."""
    return text


def show(text: str) -> str:
    """Stand for whatever takes a plain string: a file, a label, a library."""
    return text


def raw_text_is_no_string(raw: RawText) -> None:
    """Raw text goes nowhere that takes a string."""
    show(raw)  # type: ignore[arg-type]
    keep(raw)  # type: ignore[arg-type]
    "said: " + raw  # type: ignore[operator]
    ", ".join([raw])  # type: ignore[list-item]
    for _ in raw:  # type: ignore[attr-defined]
        break
    _words: str = raw  # type: ignore[assignment]
    _label: Mapping[str, str] = {"text": raw}  # type: ignore[dict-item]


def plain_text_is_not_scrubbed(plain: str, raw: RawText) -> None:
    """A plain string, also one made of raw text, does not pass for scrubbed."""
    keep(plain)  # type: ignore[arg-type]
    keep(str(raw))  # type: ignore[arg-type]
    keep(f"said {raw}")  # type: ignore[arg-type]
    keep("clean as " + keep(ScrubbedText("snow")))  # type: ignore[arg-type]


def payloads_are_objects(payload: Mapping[str, object]) -> None:
    """What Slack sent is neither scrubbed nor raw text before the door has lifted it."""
    keep(payload["text"])  # type: ignore[arg-type]
    RawText(payload["text"])  # type: ignore[arg-type]
    log(Event.STARTED, text=payload["text"])  # type: ignore[arg-type]


def answers_take_scrubbed_text(knowledge: Knowledge, plain: str, raw: RawText) -> None:
    """A question is understood and answered from its scrubbed form alone."""
    understand(plain)  # type: ignore[arg-type]
    understand(raw)  # type: ignore[arg-type]
    knowledge.answer(plain)  # type: ignore[arg-type]
    knowledge.answer(raw)  # type: ignore[arg-type]


def records_take_scrubbed_text(tickets: Tickets, at: datetime, plain: str, raw: RawText) -> None:
    """A message, and its edit, is kept in its scrubbed form alone."""
    team, channel, ts = TeamId("T1"), ChannelId("C1"), SlackTs("1700000000.000100")
    tickets.replace_message(team, channel, ts, text=plain, at=at)  # type: ignore[arg-type]
    tickets.replace_message(team, channel, ts, text=raw, at=at)  # type: ignore[arg-type]
    tickets.add_message(
        TicketId(1),
        channel=channel,
        ts=ts,
        user=None,
        author=Author.MERCHANT,
        source="message",
        text=plain,  # type: ignore[arg-type]
        at=at,
    )
    tickets.add_message(
        TicketId(1),
        channel=channel,
        ts=ts,
        user=None,
        author=Author.MERCHANT,
        source="message",
        text=raw,  # type: ignore[arg-type]
        at=at,
    )


def logs_take_events_and_ids(raw: RawText, plain: str, error: ValueError) -> None:
    """A log line is made of a constant event and of typed facts."""
    log("message stored")  # type: ignore[arg-type]
    log(f"stored {plain}")  # type: ignore[arg-type]
    log(Event.MESSAGE_STORED, text=raw)  # type: ignore[arg-type]
    log(Event.MESSAGE_STORED, text=plain)  # type: ignore[arg-type]
    log(Event.MESSAGE_STORED, text=f"{raw}")  # type: ignore[arg-type]
    warn(Event.JOB_FAILED, cause=error)  # type: ignore[arg-type]
    failure(Event.JOB_FAILED, error, cause=str(error))  # type: ignore[arg-type]


def ids_are_not_text(plain: str, ticket: TicketId) -> None:
    """A string that somebody wrote is not taken for an identifier."""
    log(Event.COMMAND, order=OrderId(ticket))  # type: ignore[arg-type]
    log(Event.COMMAND, order=plain)  # type: ignore[arg-type]


def sealed_values_are_raw(
    sealing: Sealing, key: DataKey, owner: Owner, plain: str, raw: RawText
) -> None:
    """What is sealed goes in raw and comes out raw; a disclosed value is not scrubbed."""
    SensitiveValue(entity_type="PERSON", number=1, value=plain, keys=())  # type: ignore[arg-type]
    SensitiveValue(entity_type="PERSON", number=1, value=raw, keys=(plain,))  # type: ignore[arg-type]
    sealing.seal(key, owner, "PERSON", plain)  # type: ignore[arg-type]
    sealing.seal(key, plain, "PERSON", raw)  # type: ignore[arg-type]
    disclose(plain)  # type: ignore[arg-type]
    keep(disclose(raw))  # type: ignore[arg-type]
