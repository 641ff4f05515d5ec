"""The help desk's webhook over HTTP, signed, forged, late, twice and broken."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from itertools import count
from typing import Final

import pytest
from flask import Response
from standardwebhooks import Webhook

from bot.care.linking import USAGE
from bot.sandbox.slack.writing import Sent
from bot.sandbox.stage import PATIENCE, Stage, stage
from storage.external import HelpDesk
from storage.tickets import TicketState
from tests.help_desk import TOKEN, HelpDeskApi, help_desk_api
from tests.hook_deliveries import HEADERS, PUBLIC_URL, SECRET, freshdesk, front, hubspot
from tests.hook_deliveries import intercom as intercom_of
from tests.hook_deliveries import zendesk as zendesk_of
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

DESKS: Final = (
    HelpDesk.ZENDESK,
    HelpDesk.INTERCOM,
    HelpDesk.HUBSPOT,
    HelpDesk.FRONT,
    HelpDesk.FRESHDESK,
)
PLANTED: Final = ("Wainscott", "415-555-0143")
"""What the help desks' payloads hold of people."""

_numbers = count(1)
_events = count(1)


@pytest.fixture(scope="module")
def api() -> Iterator[HelpDeskApi]:
    """The API of the help desks that are asked back."""
    with help_desk_api() as opened:
        yield opened


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, api: HelpDeskApi) -> Iterator[Stage]:
    """A running bot with both merchants' channels linked and all help desks but Gorgias."""
    environment = {"CARE_PUBLIC_URL": PUBLIC_URL}
    for desk in DESKS:
        environment[f"HOOK_{desk.name}_SECRET"] = SECRET
        environment[f"HOOK_{desk.name}_API_URL"] = api.url
        environment[f"HOOK_{desk.name}_API_TOKEN"] = TOKEN
    home = tmp_path_factory.mktemp("house")
    with stage(home, over_http=True, environment=environment) as opened:
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


@pytest.mark.parametrize("provider", ["gorgias", "helpscout", "Standard", "standard.json", "%00"])
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


@pytest.mark.parametrize("size", [3_000_000, 10_000_000, 10**12])
def test_a_body_of_megabytes_is_not_read(house: Stage, size: int) -> None:
    """413 as soon as the size is announced."""
    lines = ("POST /hooks/tickets/standard HTTP/1.1", "Host: x", f"Content-Length: {size}", "", "")
    head = "\r\n".join(lines).encode()
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


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_more_than_a_quarter_megabyte_is_refused(house: Stage, chunked: bool) -> None:
    """413 for what no help desk sends, whether its size is announced or not."""
    body = b" " * (256 * 1024 + 1)
    headers = _signed(house, body)
    connection = HTTPConnection("127.0.0.1", house.port, timeout=PATIENCE)
    try:
        pieces = iter([body]) if chunked else body
        path = "/hooks/tickets/standard"
        connection.request("POST", path, pieces, headers, encode_chunked=chunked)
        assert connection.getresponse().status == 413
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 401),
        ("application/json; charset=utf-8", 401),
        ("application/cloudevents+json", 401),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/jsonx", 415),
        ("application/json, application/json", 415),
    ],
)
def test_a_body_is_json(house: Stage, kind: str, status: int) -> None:
    """415 for what is said to be anything else, before anything is verified."""
    assert _post(house, b"{}", {"content-type": kind}, "zendesk") == status


def _content(desk: HelpDesk, number: str) -> object:
    """Return what a help desk sends when this ticket is resolved, each time as another event."""
    event = f"{number}-{next(_events)}"
    contents: dict[HelpDesk, object] = {
        HelpDesk.ZENDESK: {**zendesk_of(number), "id": event},
        HelpDesk.INTERCOM: {**intercom_of(number), "id": event},
        HelpDesk.HUBSPOT: [hubspot(int(number) if number.isdigit() else 0, eventId=next(_events))],
        HelpDesk.FRONT: front(number, id=f"evt_{event}"),
        HelpDesk.FRESHDESK: freshdesk(number),
    }
    return contents[desk]


def _number(desk: HelpDesk) -> str:
    """Return an id of a ticket that the help desk has not used before."""
    number = f"47110{next(_events):05}"
    return f"cnv_{number}" if desk is HelpDesk.FRONT else number


def _stands(api: HelpDeskApi, number: str, *, resolved: bool) -> None:
    """Say how a ticket stands at the help desks that are asked back."""
    state, status = ("closed", 4) if resolved else ("open", 2)
    api.holds(f"conversations/{number}", id=number, state=state, title=PLANTED[0])
    stats = {"resolved_at": "2026-11-20T17:00:10Z"}
    path = f"api/v2/tickets/{number}?include=stats"
    api.holds(path, id=int(number.removeprefix("cnv_")), status=status, stats=stats, to=PLANTED)


def _tells(house: Stage, desk: HelpDesk, content: object, headers: object = None) -> int:
    """Post a delivery that is signed by the play's clock."""
    body = json.dumps(content).encode()
    good = {**HEADERS[desk](body, SECRET, house.now()), "content-type": "application/json"}
    return _post(house, body, headers if isinstance(headers, dict) else good, desk)


def _linked(house: Stage, desk: HelpDesk) -> tuple[Sent, str]:
    """Ask something, and have an agent link the ticket to one of the help desk's."""
    sent, number = _asked(house), _number(desk)
    name = ref(house, sent.message)
    said = care(agent(house), f"link {name} {desk} {number}")
    assert said.startswith(f"{name} is linked to {desk} {number}. When it is resolved there")
    return sent, number


@pytest.mark.parametrize("desk", DESKS)
def test_each_help_desk_resolves_what_is_linked(
    house: Stage, api: HelpDeskApi, desk: HelpDesk
) -> None:
    """A ticket that an agent linked goes when it is resolved there; no word of theirs is kept."""
    sent, number = _linked(house, desk)
    _stands(api, number, resolved=True)

    assert _tells(house, desk, _content(desk, number)) == 200
    idle(house)

    assert state(house, sent.message) is TicketState.RESOLVED
    assert residue(house, ticket(house, sent.message).ticket_id) == 0
    receipt = house.receipt(ref(house, sent.message))
    assert receipt is not None
    assert (receipt.trigger, receipt.by) == ("hook", f"hook:{desk}")
    assert house.search(*PLANTED, SECRET, TOKEN) == ()


@pytest.mark.parametrize("desk", DESKS)
def test_the_same_news_brings_nothing_about_twice(
    house: Stage, api: HelpDeskApi, desk: HelpDesk
) -> None:
    """News that comes again after the ticket was opened anew leaves it open."""
    sent, number = _linked(house, desk)
    _stands(api, number, resolved=True)
    content = _content(desk, number)
    assert _tells(house, desk, content) == 200
    merchant(house).writes(QUESTION, sent.message.channel, sent.message.ts)
    idle(house)

    assert _tells(house, desk, content) == 200

    assert state(house, sent.message) is TicketState.ANSWERED


@pytest.mark.parametrize("desk", DESKS)
def test_news_before_the_link_counts_with_the_link(
    house: Stage, api: HelpDeskApi, desk: HelpDesk
) -> None:
    """202 for a ticket that nobody linked; the link of the same day resolves it at once."""
    sent, number = _asked(house), _number(desk)
    name = ref(house, sent.message)
    _stands(api, number, resolved=True)
    assert _tells(house, desk, _content(desk, number)) == 202
    assert state(house, sent.message) is TicketState.ANSWERED

    said = care(agent(house), f"link {name} {desk} {number}")
    idle(house)

    assert "was resolved there already, so now it is here" in said
    assert state(house, sent.message) is TicketState.RESOLVED
    assert f"by hook (hook:{desk})" in care(agent(house), f"receipt {name}")


@pytest.mark.parametrize("desk", DESKS)
def test_a_forged_delivery_deletes_nothing(house: Stage, api: HelpDeskApi, desk: HelpDesk) -> None:
    """401 without the secret, with headers missing or twice, and for what was signed long ago."""
    sent, number = _linked(house, desk)
    _stands(api, number, resolved=True)
    content = _content(desk, number)
    body = json.dumps(content).encode()
    asked = len(api.asked)
    good = HEADERS[desk](body, SECRET, house.now())
    for headers in ({}, HEADERS[desk](body, "another-secret-than-that", house.now())):
        assert _tells(house, desk, content, headers) == 401
    if len(good) == 2:
        old = HEADERS[desk](body, SECRET, house.now() - timedelta(minutes=6))
        assert _tells(house, desk, content, old) == 401
    for name in good:
        assert _twice(house, desk, body, good, name) == 401

    assert state(house, sent.message) is TicketState.ANSWERED
    assert len(api.asked) == asked
    assert house.search(*PLANTED) == ()


def _twice(house: Stage, desk: HelpDesk, body: bytes, headers: dict[str, str], name: str) -> int:
    """Post a delivery with one of its headers twice."""
    connection = HTTPConnection("127.0.0.1", house.port, timeout=PATIENCE)
    try:
        connection.putrequest("POST", f"/hooks/tickets/{desk}")
        for each, value in [*headers.items(), (name, headers[name])]:
            connection.putheader(each, value)
        connection.putheader("content-length", str(len(body)))
        connection.endheaders(body)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize("desk", [HelpDesk.INTERCOM, HelpDesk.FRESHDESK])
def test_what_the_help_desk_does_not_confirm_is_not_deleted(
    house: Stage, api: HelpDeskApi, desk: HelpDesk
) -> None:
    """202 while the ticket is open there, and for one that is not there; 200 once it is closed."""
    sent, number = _linked(house, desk)
    assert _tells(house, desk, _content(desk, number)) == 202
    _stands(api, number, resolved=False)
    content = _content(desk, number)
    assert _tells(house, desk, content) == 202
    assert state(house, sent.message) is TicketState.ANSWERED

    _stands(api, number, resolved=True)

    assert _tells(house, desk, content) == 200
    assert state(house, sent.message) is TicketState.RESOLVED


@pytest.mark.parametrize("desk", [HelpDesk.INTERCOM, HelpDesk.FRESHDESK])
def test_a_help_desk_that_does_not_answer_is_told_to_come_again(
    house: Stage, api: HelpDeskApi, desk: HelpDesk
) -> None:
    """503 with a time to wait while its API is away; the same delivery counts later."""
    sent, number = _linked(house, desk)
    _stands(api, number, resolved=True)
    content = _content(desk, number)
    api.odd = lambda: Response(PLANTED[0], status=500)
    try:
        assert _tells(house, desk, content) == 503
    finally:
        api.odd = None
    assert state(house, sent.message) is TicketState.ANSWERED

    assert _tells(house, desk, content) == 200

    assert state(house, sent.message) is TicketState.RESOLVED
    assert house.search(*PLANTED) == ()


def test_one_bad_event_of_a_batch_does_not_spoil_the_others(house: Stage) -> None:
    """200 for what was done of HubSpot's batch; the bad event is counted in the log."""
    first, one = _linked(house, HelpDesk.HUBSPOT)
    second, two = _linked(house, HelpDesk.HUBSPOT)
    bad = {**hubspot(), "objectId": PLANTED[0]}

    assert _tells(house, HelpDesk.HUBSPOT, [hubspot(int(one)), bad, hubspot(int(two))]) == 200

    assert state(house, first.message) is TicketState.RESOLVED
    assert state(house, second.message) is TicketState.RESOLVED
    lines = (house.home / "care.log").read_text()
    assert "event=payload_refused desk=hubspot events=1" in lines
    assert house.search(*PLANTED) == ()


def test_zendesk_may_name_our_ticket_itself(house: Stage) -> None:
    """A ticket of Zendesk whose `external_id` is ours needs no link."""
    sent = _asked(house)
    content = zendesk_of(_number(HelpDesk.ZENDESK), external_id=ref(house, sent.message))

    assert _tells(house, HelpDesk.ZENDESK, {**content, "id": "by-external-id"}) == 200

    assert state(house, sent.message) is TicketState.RESOLVED


def test_fronts_challenge_is_said_back(house: Stage) -> None:
    """Front takes an address that says its signed challenge back as JSON."""
    body = b'{"type": "sync", "authorization": {"id": "cmp_abc"}}'
    headers = HEADERS[HelpDesk.FRONT](body, SECRET, house.now())
    connection = HTTPConnection("127.0.0.1", house.port, timeout=PATIENCE)
    try:
        given = {**headers, "x-front-challenge": "abc123"}
        connection.request("POST", "/hooks/tickets/front", body, given)
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())) == (200, {"challenge": "abc123"})
    finally:
        connection.close()
    assert _post(house, body, {"x-front-challenge": "abc123"}, "front") == 401


@pytest.mark.parametrize(("provider", "status"), [("intercom", 200), ("gorgias", 404)])
def test_an_address_can_be_tried(house: Stage, provider: str, status: int) -> None:
    """Intercom's HEAD finds the address of a help desk that is configured, and no other."""
    connection = HTTPConnection("127.0.0.1", house.port, timeout=PATIENCE)
    try:
        connection.request("HEAD", f"/hooks/tickets/{provider}")
        assert connection.getresponse().status == status
    finally:
        connection.close()


@pytest.mark.parametrize(
    "text",
    ["link JC-1", "link JC-1 zendesk", "link JC-1 zendesk 47/11", "link JC-1 helpscout 4711"],
)
def test_a_link_that_is_none_is_explained(house: Stage, text: str) -> None:
    """What does not name a help desk and its ticket is answered with how to do it."""
    assert care(agent(house), text) == USAGE


def test_only_agents_link_tickets(house: Stage) -> None:
    """A merchant cannot tie a ticket to a help desk's, so cannot have it deleted that way."""
    sent = _asked(house)
    text = f"link {ref(house, sent.message)} zendesk 47119999"
    assert "Only Jetpack Care's agents" in care(merchant(house), text)

    assert _tells(house, HelpDesk.ZENDESK, _content(HelpDesk.ZENDESK, "47119999")) == 202
    assert state(house, sent.message) is TicketState.ANSWERED


def test_a_ticket_that_is_not_there_is_not_linked(house: Stage) -> None:
    """An agent who mistypes our number is told so."""
    assert "There is no such ticket" in care(agent(house), "link JC-999999 zendesk 4711")


def test_a_link_can_be_moved(house: Stage) -> None:
    """The newest link of a help desk's ticket counts."""
    first, number = _linked(house, HelpDesk.ZENDESK)
    second = _asked(house)
    care(agent(house), f"link {ref(house, second.message)} zendesk {number}")

    assert _tells(house, HelpDesk.ZENDESK, _content(HelpDesk.ZENDESK, number)) == 200

    assert state(house, first.message) is TicketState.ANSWERED
    assert state(house, second.message) is TicketState.RESOLVED
