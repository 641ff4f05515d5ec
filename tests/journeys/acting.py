"""What the journeys look at: answers in Slack, and what the records hold of a conversation."""

from __future__ import annotations

from bot.sandbox.slack.delivery import Ack
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.objects import Channel
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.sample import HOME
from bot.sandbox.slack.writing import Sent
from bot.sandbox.stage import PATIENCE, Stage
from nlp.text import RawText
from storage.ids import ChannelId, SlackTs, TeamId, TicketId, ticket_ref
from storage.tickets import Ticket, TicketState

BIRCH = "birch-and-brook"
CEDAR = "cedar-kettle-co"
ORDER = "113-5550142-5550142"
OTHERS_ORDER = "114-5550160-5550160"
QUESTION = "can you do prime orders for us?"
UNKNOWN = "what do you charge per pallet?"
DID_YOU_MEAN = "how do returns work"


def agent(house: Stage) -> Person:
    """Return Ines, an agent of Care."""
    return house.slack.person("Ines Falk")


def merchant(house: Stage) -> Person:
    """Return Mara of Birch & Brook."""
    return house.slack.person("Mara Quill")


def other_merchant(house: Stage) -> Person:
    """Return Tobin of Cedar Kettle Co."""
    return house.slack.person("Tobin Ashgrove")


def outsider(house: Stage) -> Person:
    """Return Rowan of Cedar Kettle Co, who comes from another workspace by Slack Connect."""
    return house.slack.person("Rowan Pell")


def link(house: Stage) -> None:
    """Link both merchants' channels."""
    agent(house).commands("/care", "link birch-and-brook", BIRCH)
    agent(house).commands("/care", "link cedar-kettle", CEDAR)


def said(ack: Ack | None) -> str:
    """Return what a command's author reads."""
    assert ack is not None
    assert ack.ok
    return str(ack.body.get("text", ""))


def care(person: Person, text: str, channel: Channel | str | None = BIRCH) -> str:
    """Enter `/care text` and return what its author reads."""
    return said(person.commands("/care", text, channel))


def replies(house: Stage, sent: Sent, many: int = 1) -> tuple[Message, ...]:
    """Return the bot's replies in a thread of a channel, once there are that many."""
    workspace, root = house.slack.workspace, sent.message.thread
    return workspace.wait_for(
        lambda: (
            found if len(found := workspace.replies_in(sent.message.channel, root)) >= many else ()
        ),
        PATIENCE,
    )


def answer(house: Stage, sent: Sent) -> str:
    """Return what the bot said last after a message, once it said something."""
    workspace = house.slack.workspace
    return workspace.wait_for(
        lambda: [
            each
            for each in workspace.said_by_bot(sent.message.channel)
            if each.ts > sent.message.ts
        ],
        PATIENCE,
    )[-1].text


def asks(house: Stage, person: Person, text: str, channel: Channel | str = BIRCH) -> Sent:
    """Write in a channel and wait for the reply."""
    sent = person.writes(text, channel)
    replies(house, sent)
    idle(house)
    return sent


def cards(house: Stage) -> tuple[Message, ...]:
    """Return the cards in Care's triage channel."""
    return house.slack.workspace.said_by_bot(house.slack.workspace.channel("care-triage").id)


def warnings(house: Stage, person: Person) -> int:
    """Return how often a person was warned of PII."""
    return sum("took it out" in e.text for e in house.slack.workspace.seen_only_by(person.user.id))


def idle(house: Stage) -> None:
    """Wait until no job is left to do and nothing more will be said."""
    assert house.eventually(lambda: _jobs_left(house) == 0)


def _jobs_left(house: Stage) -> int:
    schema = "" if house.bot.records.store.database.is_sqlite else "dbos."
    query = (
        f"SELECT count(*) FROM {schema}workflow_status"
        " WHERE status IN ('ENQUEUED', 'PENDING')"
        " AND name IN ('answer', 'send', 'erase', 'scan', 'clear')"
    )
    with house.bot.records.store.read() as records:
        return int(records.session.connection().exec_driver_sql(query).scalar_one())


def tickets(house: Stage, message: Message) -> list[Ticket]:
    """Return the tickets of the conversation in which a message stands, oldest first."""
    direct = house.slack.workspace.channels[message.channel].type == "im"
    thread = message.thread_ts or ("" if direct else message.ts)
    with house.bot.records.store.read() as records:
        return [
            each
            for each in records.tickets.list()
            if (each.channel, each.thread_ts) == (message.channel, thread)
        ]


def ticket(house: Stage, message: Message) -> Ticket:
    """Return the newest ticket of the conversation in which a message stands."""
    return tickets(house, message)[-1]


def ref(house: Stage, message: Message) -> str:
    """Return that ticket's number as people see it."""
    return ticket_ref(ticket(house, message).ticket_id)


def state(house: Stage, message: Message) -> TicketState:
    """Return where that ticket stands."""
    return ticket(house, message).state


def kept(house: Stage, number: TicketId) -> list[str]:
    """Return the texts that are kept of a ticket."""
    with house.bot.records.store.read() as records:
        return [each.text for each in records.tickets.messages(number)]


def kept_of(house: Stage, message: Message) -> str | None:
    """Return the text that is kept of one message."""
    with house.bot.records.store.read() as records:
        found = records.tickets.message_at(
            TeamId(HOME.team_id), ChannelId(message.channel), SlackTs(message.ts)
        )
    return None if found is None else found.text


def held(house: Stage, number: TicketId) -> dict[str, RawText]:
    """Return the sealed values of a ticket, opened, by placeholder."""
    with house.bot.records.store.read() as records:
        return dict(records.tickets.reveal(number))


def residue(house: Stage, number: TicketId) -> int:
    """Return how many sensitive rows are left of a resolved ticket."""
    with house.bot.records.store.read() as records:
        return records.tickets.residue(number)
