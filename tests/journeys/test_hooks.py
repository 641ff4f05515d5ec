"""The help desk's webhook over HTTP, signed, forged, late, twice and broken."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from itertools import count

import pytest
from standardwebhooks import Webhook

from bot.sandbox.slack.writing import Sent
from bot.sandbox.stage import PATIENCE, Stage, stage
from storage.tickets import TicketState
from tests.journeys.acting import (
    CEDAR,
    QUESTION,
    agent,
    asks,
    care,
    idle,
    link,
    merchant,
    other_merchant,
    ref,
    replies,
    residue,
    state,
    ticket,
)

_numbers = count(1)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A running bot with both merchants' channels linked."""
    with stage(tmp_path_factory.mktemp("house"), over_http=True) as opened:
        link(opened)
        yield opened


@pytest.fixture(scope="module")
def untouched(house: Stage) -> Sent:
    """A message whose ticket no delivery of this module may resolve."""
    return asks(house, other_merchant(house), f"call 415-555-0100. {QUESTION}", CEDAR)


def _asked(house: Stage) -> Sent:
    return asks(house, merchant(house), f"call 415-555-0111. {QUESTION}")


def _resolved(**data: str) -> bytes:
    return json.dumps({"type": "ticket.resolved", "data": data}).encode()


def _signed(
    house: Stage, body: bytes, *, number: str = "", late: timedelta = timedelta()
) -> dict[str, str]:
    """Return the headers of a genuine delivery."""
    name, moment = number or f"msg_{next(_numbers)}", datetime.now(UTC) - late
    return {
        "webhook-id": name,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(house.hook_secret).sign(name, moment, body.decode()),
    }


def _post(house: Stage, body: bytes, headers: dict[str, str], provider: str = "standard") -> int:
    connection = HTTPConnection("127.0.0.1", house.port, timeout=PATIENCE)
    try:
        connection.request("POST", f"/hooks/tickets/{provider}", body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_help_desk_resolves_a_ticket(house: Stage) -> None:
    """A signed "ticket resolved" is answered 200; the values are gone and the merchant is told."""
    sent = _asked(house)
    body = _resolved(ticket_id=ref(house, sent.message))

    assert _post(house, body, _signed(house, body)) == 200
    idle(house)

    assert state(house, sent.message) is TicketState.RESOLVED
    assert residue(house, ticket(house, sent.message).ticket_id) == 0
    assert "1 sensitive value that it held is deleted" in replies(house, sent, 2)[-1].text
    receipt = house.receipt(ref(house, sent.message))
    assert receipt is not None
    assert (receipt.trigger, receipt.by, receipt.found) == ("hook", "hook:standard", 0)


def test_a_delivery_that_comes_again_does_nothing(house: Stage) -> None:
    """The same webhook-id is answered 200 and not done again, even if the ticket is open anew."""
    sent = _asked(house)
    body = _resolved(ticket_id=ref(house, sent.message))
    headers = _signed(house, body)
    assert _post(house, body, headers) == 200
    merchant(house).writes(QUESTION, sent.message.channel, sent.message.ts)
    idle(house)

    assert _post(house, body, headers) == 200

    assert state(house, sent.message) is TicketState.ANSWERED


def test_another_delivery_about_a_resolved_ticket_is_taken(house: Stage) -> None:
    """A second delivery about a resolved ticket is answered 200; the merchant hears nothing new."""
    sent = _asked(house)
    body = _resolved(ticket_id=ref(house, sent.message))
    assert _post(house, body, _signed(house, body)) == 200
    idle(house)
    heard = replies(house, sent, 2)

    assert _post(house, body, _signed(house, body)) == 200
    idle(house)

    assert replies(house, sent, 2) == heard


@pytest.mark.parametrize("how", ["unsigned", "forged", "stale", "from the future", "another body"])
def test_what_the_help_desk_did_not_sign_is_refused(
    house: Stage, untouched: Sent, how: str
) -> None:
    """401, the ticket stays as it is, and nothing is remembered of it."""
    body = _resolved(ticket_id=ref(house, untouched.message))
    name = f"msg_refused_{how.replace(' ', '_')}"
    good = _signed(house, body, number=name)
    headers = {
        "unsigned": {"webhook-id": name},
        "forged": {**good, "webhook-signature": "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},
        "stale": _signed(house, body, number=name, late=timedelta(minutes=6)),
        "from the future": _signed(house, body, number=name, late=-timedelta(minutes=6)),
        "another body": _signed(house, body + b" ", number=name),
    }[how]

    assert _post(house, body, headers) == 401

    assert state(house, untouched.message) is TicketState.ANSWERED
    assert house.search(name) == ()


def test_an_unknown_ticket_is_acknowledged(house: Stage) -> None:
    """202 for a ticket that is not ours, so that the help desk does not send it for ever."""
    for data in ({"ticket_id": "JC-999999"}, {"external_id": "HD-unknown"}):
        body = _resolved(**data)
        assert _post(house, body, _signed(house, body)) == 202


@pytest.mark.parametrize("provider", ["zendesk", "Standard", "standard.json", "%00"])
def test_an_unknown_provider_is_not_found(house: Stage, untouched: Sent, provider: str) -> None:
    """404 for a help desk without a secret, whatever it signs with."""
    body = _resolved(ticket_id=ref(house, untouched.message))

    assert _post(house, body, _signed(house, body), provider) == 404
    assert state(house, untouched.message) is TicketState.ANSWERED


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"ticket.resolved"',
        b'{"type": "ticket.resolved"}',
        b'{"type": "ticket.resolved", "data": []}',
        b'{"type": "ticket.resolved", "data": {"ticket_id": 12}}',
        b'{"type": "ticket.resolved", "data": {"ticket_id": "Peregrine Wainscott"}}',
        b'{"type": "ticket.resolved", "data": {"external_id": "Peregrine Wainscott"}}',
        b"[" * 100_000,
        b'{"data":' * 5_000,
    ],
)
def test_a_signed_body_of_another_form_is_refused(house: Stage, body: bytes) -> None:
    """400 for what is genuine and not of the documented form; no word of it in any file."""
    status = _post(house, body, _signed(house, body))

    assert status == (200 if body.startswith(b'{"data":') and len(body) < 100 else 400)
    assert house.search("Peregrine") == ()


@pytest.mark.parametrize("kind", ["ticket.updated", "ticket.created", "", "TICKET.RESOLVED"])
def test_other_news_is_taken_and_ignored(house: Stage, untouched: Sent, kind: str) -> None:
    """200 for events of other types, and nothing happens."""
    data = {"ticket_id": ref(house, untouched.message)}
    body = json.dumps({"type": kind, "data": data}).encode()

    assert _post(house, body, _signed(house, body)) == 200

    assert state(house, untouched.message) is TicketState.ANSWERED


def test_a_ticket_is_named_by_the_help_desks_own_id(house: Stage) -> None:
    """`external_id` resolves the ticket that was linked to it, at that provider alone."""
    sent, other = _asked(house), _asked(house)
    with house.bot.records.store.begin() as records:
        for provider, each in (("standard", sent), ("another", other)):
            number = ticket(house, each.message).ticket_id
            records.tickets.link_external(provider, "HD-4711", number)
    body = _resolved(external_id="HD-4711")

    assert _post(house, body, _signed(house, body)) == 200

    assert state(house, sent.message) is TicketState.RESOLVED
    assert state(house, other.message) is TicketState.ANSWERED


def test_a_ticket_is_resolved_by_hook_after_an_agent_was_on_it(house: Stage) -> None:
    """The hook resolves a ticket that waits for a person, too."""
    sent = _asked(house)
    agent(house).writes("On it.", sent.message.channel, sent.message.ts)

    assert house.hook(ref(house, sent.message)) == 200

    assert state(house, sent.message) is TicketState.RESOLVED
    assert "by hook (hook:standard)" in care(agent(house), f"receipt {ref(house, sent.message)}")


def test_a_body_of_three_megabytes_is_not_read(house: Stage) -> None:
    """413 as soon as the size is announced."""
    head = b"POST /hooks/tickets/standard HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", house.port), timeout=20) as connection:
        connection.sendall(head)
        answer = connection.recv(4096)

    assert answer.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_hook_is_posted(house: Stage, method: str) -> None:
    """405 for any other method."""
    connection = HTTPConnection("127.0.0.1", house.port, timeout=PATIENCE)
    try:
        connection.request(method, "/hooks/tickets/standard")
        assert connection.getresponse().status == 405
    finally:
        connection.close()
