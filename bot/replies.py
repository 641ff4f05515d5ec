"""The words we say. Pure: values in, replies out, no PII by construction.

What goes into a reply is our own words, ids, scrubbed text and the fields of an order that are
not PII. `RawText` cannot get in: it formats as nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.blocks import (
    PERSON,
    QUESTION,
    SOLVED,
    Reply,
    buttons,
    context,
    escaped,
    feedback,
    mrkdwn,
    section,
)
from nlp.answers.sections import Section
from nlp.text import ScrubbedText
from storage.file_records import FileState, SharedFile
from storage.ids import TicketId, ticket_ref
from storage.tickets import Ticket

SHOWN: Final = 20
"""Tickets in a list, so that the reply stays within Slack's limits."""
CARD_LIMIT: Final = 20_000
"""Characters of context in a hand-over card."""
KIND_NAMES: Final = {
    "PERSON": "a person's name",
    "STREET_ADDRESS": "a street address",
    "EMAIL_ADDRESS": "an e-mail address",
    "PHONE_NUMBER": "a phone number",
    "CREDIT_CARD": "a card number",
    "US_SSN": "a social security number",
    "US_ITIN": "a taxpayer number",
    "US_PASSPORT": "a passport number",
    "US_DRIVER_LICENSE": "a driver's licence number",
    "IBAN_CODE": "a bank account number",
    "US_BANK_NUMBER": "a bank account number",
    "IP_ADDRESS": "an IP address",
    "DATE_OF_BIRTH": "a date of birth",
}

NOT_FOUND: Final = (
    "I can't find that order among yours. Please check the number (3-7-7 digits, such as "
    "111-2223334-5556667). If it should be there, a person at Jetpack Care can look into it."
)
UNLINKED: Final = (
    "This conversation isn't linked to a merchant yet, so I can't look up orders here. "
    "Jetpack Care has been asked to link it."
)
SHARED: Final = (
    "This channel is shared with several companies, so I don't tell orders or returns here. "
    "Please ask me in a direct message, or in a channel of your own. A person at Jetpack Care can "
    "help, too."
)
WHICH_ORDER: Final = (
    "Which order is it? Please send me the Amazon order number (3-7-7 digits, such as "
    "111-2223334-5556667) and I'll look it up. Leave out names and addresses, I don't need them."
)
GREETING: Final = (
    "Hello! Ask me anything about fulfilling your Amazon FBM orders with Jetpack, or send me an "
    "order number and I'll look it up."
)
RATED: Final = "Thank you, that helps us to keep the articles good."
WELCOME: Final = "You're welcome!"
NOT_STORED: Final = (
    "Sorry, I couldn't read your last message safely, so I kept nothing of it. Please send it "
    "again in plain words, without names or addresses, or contact Jetpack Care another way."
)


AGENTS_ONLY: Final = (
    "Only Jetpack Care's agents reach the merchant from here, so this went nowhere."
)


def relayed_without(kinds: Sequence[str]) -> Reply:
    """Tell an agent that what they wrote reached the merchant without the PII in it."""
    return Reply(
        text=(
            f"Your message held {_listed(kinds)}, so the merchant reads it without that. Slack "
            "still shows yours here: please edit it."
        ),
        private=True,
    )


def file_warning(files: Sequence[SharedFile]) -> Reply | None:
    """Tell an author what their files held, or that they were not looked into. None for neither.

    Never names a file or repeats what it holds.
    """
    found: Counter[str] = Counter()
    for each in files:
        found.update(each.found)
    unseen = [each for each in files if each.state in (FileState.NOT_SCANNED, FileState.UNREADABLE)]
    said = []
    if found:
        kinds = ", ".join(
            f"{KIND_NAMES.get(kind, 'personal data')} ({count})" for kind, count in found.items()
        )
        said.append(f"What you shared held {kinds}. I kept nothing of it.")
    if unseen:
        many = "a file" if len(unseen) == 1 else f"{len(unseen)} files"
        said.append(
            f"I could not look into {many} of yours: pictures, large files and some formats are "
            "not read."
        )
    if not said:
        return None
    rest = (
        "Slack still has what you shared: please delete it if it shows buyers' data (file menu, "
        "Delete file). I only need the order number."
    )
    return Reply(text=" ".join([*said, rest]), private=True)


def _listed(kinds: Sequence[str]) -> str:
    """Name kinds of PII, each once."""
    names = list(dict.fromkeys(KIND_NAMES.get(kind, "personal data") for kind in kinds))
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def pii_warning(kinds: Sequence[str], *, sealed: bool = True, is_cleared: bool = False) -> Reply:
    """Tell the author, and nobody else, that the message held PII. Never repeats it.

    Args:
        kinds: Presidio's names of what it held.
        sealed: Whether the values are kept, encrypted, until the ticket resolves.
        is_cleared: Whether the message was deleted in Slack for them.
    """
    kept = (
        "what Care may need is kept encrypted and deleted when this ticket resolves"
        if sealed
        else "nothing of it is kept"
    )
    in_slack = (
        "I deleted your message in Slack, too."
        if is_cleared
        else "Slack still shows your message: please delete it (message menu, Delete message)."
    )
    return Reply(
        text=(
            f"Your message held {_listed(kinds)}. I took it out before anything was logged or "
            f"stored in our records; {kept}. {in_slack} I only need the order number, so please "
            "leave personal data out."
        ),
        private=True,
    )


def smalltalk(text: ScrubbedText) -> Reply:
    """Answer a greeting or thanks."""
    thanked = re.search(r"\b(thank|thx|cheers|ty)", text, re.IGNORECASE)
    return Reply(text=WELCOME if thanked else GREETING)


def answer(best: Section, ticket: TicketId, words: str | None = None) -> Reply:
    """Say what an article's section says, with its source.

    Args:
        best: The section.
        ticket: The ticket of the buttons.
        words: What stands in for its short answer, if anything does.
    """
    source = (
        f"Source: <{best.url}|{escaped(best.article_title)} > {escaped(best.title)}>, "
        f"reviewed {best.last_reviewed:%d %B %Y}"
    ).replace(" > ", " › ")
    body = mrkdwn((words or best.short_answer) + (f"\n\n{best.steps}" if best.steps else ""))
    return Reply(
        text=f"{body}\n\n{source}",
        blocks=(
            *section(body),
            context(source),
            buttons(
                ("That solved it", SOLVED, ticket_ref(ticket)),
                ("Talk to Jetpack Care", PERSON, ticket_ref(ticket)),
            ),
            feedback(f"{ticket_ref(ticket)}:{best.name}"),
        ),
    )


def offer_a_person(ticket: TicketId) -> Reply:
    """Offer a person to somebody who is upset, beside the answer."""
    lead = "I'm sorry for the trouble. If you would rather talk to a person, press the button."
    return Reply(
        text=lead,
        blocks=(
            *section(lead),
            buttons(("Talk to Jetpack Care", PERSON, ticket_ref(ticket))),
        ),
    )


def english_only(language: str) -> str:
    """Say that we understand English alone, in a language that the writer may read."""
    own = _ENGLISH_ONLY.get(language)
    return "I understand English only, so a person takes this." + (f"\n{own}" if own else "")


_ENGLISH_ONLY: Final = {
    "Spanish": "Solo entiendo inglés. Una persona del equipo se ocupa de tu mensaje.",
    "French": "Je ne comprends que l'anglais. Une personne de l'équipe s'occupe de votre message.",
    "German": "Ich verstehe nur Englisch. Jemand aus dem Team kümmert sich um Ihre Nachricht.",
    "Italian": "Capisco solo l'inglese. Una persona del team si occupa del tuo messaggio.",
    "Portuguese": "Só entendo inglês. Uma pessoa da equipe vai cuidar da sua mensagem.",
}


def did_you_mean(sections: Sequence[Section], ticket: TicketId) -> Reply:
    """Offer up to three sections, and a person."""
    lead = "I'm not sure which of these you mean:"
    lines = "\n".join(f"• {escaped(each.title)}" for each in sections)
    choices = [
        (each.title, f"{QUESTION}.{place}", f"{ticket_ref(ticket)}:{each.name}")
        for place, each in enumerate(sections)
    ]
    return Reply(
        text=f"{lead}\n{lines}",
        blocks=(
            *section(lead),
            buttons(*choices, ("None of these, ask a person", PERSON, ticket_ref(ticket))),
        ),
    )


def handed_over(ticket: TicketId, *, asked: bool) -> Reply:
    """Tell the merchant that a person takes over, and why."""
    why = "" if asked else "I don't know this one for certain, and I'd rather not guess. "
    return Reply(
        text=(
            f"{why}I've handed your question to Jetpack Care as ticket {ticket_ref(ticket)}. "
            "Somebody will answer you here."
        )
    )


def ticket_line(ticket: Ticket) -> str:
    """Describe a ticket in a line."""
    return (
        f"*{ticket_ref(ticket.ticket_id)}* {ticket.state.value.replace('_', ' ')}, "
        f"{ticket.merchant or 'not linked'}, since {when(ticket.opened_at)}"
    )


def ticket_lines(tickets: Sequence[Ticket]) -> str:
    """List tickets, a line each, as many as a message of Slack takes."""
    more = [f"… and {len(tickets) - SHOWN} more"] if len(tickets) > SHOWN else []
    return "\n".join([*map(ticket_line, tickets[:SHOWN]), *more])


def within_limit(text: str) -> str:
    """Cut a text, and show that it is cut, where it would not fit in 50 blocks of Slack's."""
    return text if len(text) <= CARD_LIMIT else text[:CARD_LIMIT] + "\n> …"


def resolved(ticket: TicketId, values: int) -> Reply:
    """Tell the merchant that the ticket is resolved and what was deleted."""
    gone = (
        f"The {values} sensitive value{'s' if values != 1 else ''} that it held "
        f"{'are' if values != 1 else 'is'} deleted."
        if values
        else "It held no sensitive values."
    )
    return Reply(text=f"Ticket {ticket_ref(ticket)} is resolved. {gone}")


def when(moment: datetime) -> str:
    """Write a time as people read it, in UTC."""
    return f"{moment:%d %b %Y %H:%M} UTC".lstrip("0")
