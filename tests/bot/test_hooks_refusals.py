"""What every help desk's hook refuses: forged, replayed, skewed, malformed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import HookRefused, PayloadRefused, SettingsError
from bot.hooks.hook import Delivery, Hook
from bot.hooks.registry import hooks
from bot.settings import from_environment
from storage.external import HelpDesk
from tests.help_desk import TOKEN, HelpDeskApi, help_desk_api
from tests.hook_deliveries import (
    HEADERS,
    NOW,
    PAYLOADS,
    PUBLIC_URL,
    SECOND,
    SECRET,
    delivery,
)

DESKS: Final = tuple(HEADERS)
SIGNED: Final = tuple(desk for desk in DESKS if len(HEADERS[desk](b"", SECRET, NOW)) == 2)
"""Those whose signature holds a time."""
HASHED: Final = (*SIGNED, HelpDesk.INTERCOM)
"""Those who sign the body."""


@pytest.fixture(scope="module")
def api() -> Iterator[HelpDeskApi]:
    """A help desk that says of every ticket that it is resolved."""
    with help_desk_api() as opened:
        opened.holds("conversations/215470000004711", id="215470000004711", state="closed")
        opened.holds("api/v2/tickets/4711?include=stats", id=4711, status=4, stats={})
        opened.holds("api/tickets/4711", id=4711, status="closed")
        yield opened


def listening(desk: HelpDesk, secrets: str, url: str) -> Hook:
    """Return a help desk's hook as settings make it."""
    environ = {
        f"HOOK_{desk.name}_SECRET": secrets,
        f"HOOK_{desk.name}_API_URL": url,
        f"HOOK_{desk.name}_API_TOKEN": TOKEN,
        "CARE_PUBLIC_URL": PUBLIC_URL,
    }
    return hooks(from_environment(environ))[desk]


@pytest.mark.parametrize("desk", DESKS)
@pytest.mark.parametrize("secret", [SECRET, SECOND])
def test_both_secrets_count_during_a_rotation(
    api: HelpDeskApi, desk: HelpDesk, secret: str
) -> None:
    """While a secret is being replaced, the old and the new one verify."""
    hook = listening(desk, f"{SECRET}, {SECOND}", api.url)
    heard = hook.read(delivery(desk, PAYLOADS[desk](), secret=secret))
    assert [each.external.desk for each in heard.resolved if each.external] == [desk]


@pytest.mark.parametrize("desk", DESKS)
def test_a_retired_secret_does_not_count(api: HelpDeskApi, desk: HelpDesk) -> None:
    """After the rotation the old secret does not verify, and nobody is asked back."""
    asked = len(api.asked)
    with pytest.raises(HookRefused):
        listening(desk, SECOND, api.url).read(delivery(desk, PAYLOADS[desk]()))
    assert len(api.asked) == asked


@pytest.mark.parametrize("desk", HASHED)
def test_a_changed_body_is_refused(api: HelpDeskApi, desk: HelpDesk) -> None:
    """A signature is over the body: another one does not verify."""
    good = delivery(desk, PAYLOADS[desk]())
    changed = Delivery(headers=good.headers, body=good.body + b" ", at=NOW)
    with pytest.raises(HookRefused):
        listening(desk, SECRET, api.url).read(changed)


@pytest.mark.parametrize("desk", SIGNED)
@pytest.mark.parametrize("minutes", [4, -4])
def test_clocks_may_differ_a_little(api: HelpDeskApi, desk: HelpDesk, minutes: int) -> None:
    """A delivery of four minutes ago, or ahead, is taken."""
    sent = delivery(desk, PAYLOADS[desk](), age=timedelta(minutes=minutes))
    assert listening(desk, SECRET, api.url).read(sent).resolved


@pytest.mark.parametrize("desk", SIGNED)
@pytest.mark.parametrize("minutes", [6, -6, 525_600])
def test_replays_are_refused(api: HelpDeskApi, desk: HelpDesk, minutes: int) -> None:
    """More than five minutes off, a delivery that is signed well is a replay."""
    sent = delivery(desk, PAYLOADS[desk](), age=timedelta(minutes=minutes))
    with pytest.raises(HookRefused):
        listening(desk, SECRET, api.url).read(sent)


@pytest.mark.parametrize("desk", DESKS)
def test_every_header_is_needed(api: HelpDeskApi, desk: HelpDesk) -> None:
    """Without any one of its headers, or with any one twice, a delivery is refused."""
    good = delivery(desk, PAYLOADS[desk]()).headers
    for name in good:
        without = {other: value for other, value in good.items() if other != name}
        # The server joins a header that comes twice.
        twice = {**good, name: f"{good[name]}, {good[name]}"}
        for headers in (without, twice, {**good, name: ""}):
            sent = delivery(desk, PAYLOADS[desk](), headers=headers)
            with pytest.raises(HookRefused):
                listening(desk, SECRET, api.url).read(sent)


@pytest.mark.parametrize("desk", DESKS)
def test_another_help_desks_headers_do_not_verify(api: HelpDeskApi, desk: HelpDesk) -> None:
    """What one help desk signs does not count at another, were the secret the same."""
    body = json.dumps(PAYLOADS[desk]()).encode()
    mine = set(HEADERS[desk](body, SECRET, NOW))
    for other in DESKS:
        headers = HEADERS[other](body, SECRET, NOW)
        if set(headers) != mine:
            with pytest.raises(HookRefused):
                listening(desk, SECRET, api.url).read(delivery(desk, body, headers=headers))


@pytest.mark.parametrize("desk", DESKS)
@given(value=st.text(st.characters()))
def test_any_header_of_any_text_is_refused(desk: HelpDesk, value: str) -> None:
    """Each header, replaced by any text, spoils the delivery and raises nothing else."""
    sent = delivery(desk, PAYLOADS[desk]())
    hook = listening(desk, SECRET, "http://127.0.0.1:9")
    for name in sent.headers:
        if value != sent.headers[name]:
            with pytest.raises(HookRefused):
                hook.read(delivery(desk, sent.body, headers={**sent.headers, name: value}))


BODIES: Final = {
    "nothing": b"",
    "no JSON": b"resolved",
    "broken JSON": b'{"id": "4711"',
    "not UTF-8": b"\xff\xfe\x00",
    "a text": b'"closed"',
    "a number": b"1",
    "nothing in JSON": b"null",
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"data":' * 50_000,
    "a number without end": b"9" * 10_000,
}


@pytest.mark.parametrize("desk", DESKS)
@pytest.mark.parametrize("name", BODIES)
def test_genuine_bodies_of_another_form_are_refused(
    api: HelpDeskApi, desk: HelpDesk, name: str
) -> None:
    """What is signed well and is no JSON of the documented form is refused, without content."""
    with pytest.raises(PayloadRefused) as refused:
        listening(desk, SECRET, api.url).read(delivery(desk, BODIES[name]))
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


ODD: Final = [
    "Wilhelmina Quackenbush",
    "",
    None,
    True,
    -1,
    4.5,
    10**60,
    [4711],
    {"id": 4711},
    "4711/../4712",
    "4711?x",
    "٤٧١١",
    "4" * 21,
    "4711\n",
]


@pytest.mark.parametrize("desk", DESKS)
@pytest.mark.parametrize("number", ODD)
def test_ids_that_are_none_are_refused(api: HelpDeskApi, desk: HelpDesk, number: object) -> None:
    """What is no id of a ticket never becomes one, and nobody is asked about it."""
    contents: dict[HelpDesk, object] = {
        HelpDesk.ZENDESK: {
            "type": "zen:event-type:ticket.status_changed",
            "id": "1",
            "detail": {"id": number, "status": "SOLVED"},
        },
        HelpDesk.INTERCOM: {
            "topic": "conversation.admin.closed",
            "id": "notif_1",
            "created_at": 1,
            "data": {"item": {"id": number}},
        },
        HelpDesk.HUBSPOT: [
            {
                "subscriptionType": "ticket.propertyChange",
                "propertyName": "hs_pipeline_stage",
                "propertyValue": "4",
                "eventId": 1,
                "occurredAt": 1,
                "objectId": number,
            }
        ],
        HelpDesk.FRONT: {
            "type": "conversation_archived",
            "payload": {"id": "evt_1", "conversation": {"id": number}},
        },
        HelpDesk.FRESHDESK: {"freshdesk_webhook": {"ticket_id": number}},
        HelpDesk.GORGIAS: {"id": number, "status": "closed"},
    }
    asked = len(api.asked)
    with pytest.raises(PayloadRefused) as refused:
        listening(desk, SECRET, api.url).read(delivery(desk, contents[desk]))
    assert "Quackenbush" not in str(refused.value)
    assert len(api.asked) == asked


@pytest.mark.parametrize("desk", DESKS)
@pytest.mark.parametrize("secret", ["short", "x" * 15, f"{SECRET}, x"])
def test_a_secret_that_is_none_is_refused_at_the_start(desk: HelpDesk, secret: str) -> None:
    """A short secret is a settings error that names the setting and does not hold the value."""
    with pytest.raises(SettingsError) as refused:
        listening(desk, secret, "https://help.example.com")
    assert f"HOOK_{desk.name}_SECRET" in str(refused.value)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("desk", DESKS)
@pytest.mark.parametrize("secret", ["", " ", ",", " , "])
def test_an_empty_secret_is_no_secret(desk: HelpDesk, secret: str) -> None:
    """A help desk whose secret is empty is not listened to at all."""
    assert hooks(from_environment({f"HOOK_{desk.name}_SECRET": secret})) == {}


def test_all_help_desks_can_be_listened_to_at_once() -> None:
    """Every help desk has a hook of its own."""
    environ = {"CARE_PUBLIC_URL": PUBLIC_URL, "HOOK_STANDARD_SECRET": "whsec_aW52ZW50ZWQtc2VjcmV0"}
    for desk in DESKS:
        environ[f"HOOK_{desk.name}_SECRET"] = SECRET
        environ[f"HOOK_{desk.name}_API_URL"] = "https://help.example.com"
        environ[f"HOOK_{desk.name}_API_TOKEN"] = TOKEN
    assert set(hooks(from_environment(environ))) == set(HelpDesk)


def test_a_secret_of_an_unknown_help_desk_is_refused() -> None:
    """A setting that is a slip of the pen is named, and not passed over."""
    with pytest.raises(SettingsError, match="HOOK_ZENDESC_SECRET"):
        from_environment({"HOOK_ZENDESC_SECRET": SECRET})


def test_hubspot_needs_our_address() -> None:
    """Without CARE_PUBLIC_URL what HubSpot signs cannot be known, so it is refused at the start."""
    with pytest.raises(SettingsError, match="CARE_PUBLIC_URL"):
        hooks(from_environment({"HOOK_HUBSPOT_SECRET": SECRET}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CARE_PUBLIC_URL", "care.example.com/Quack"),
        ("HOOK_HUBSPOT_STAGES", "4, Quack!"),
        ("HOOK_FRESHDESK_STATUSES", "4, Quack"),
    ],
)
def test_a_malformed_setting_of_a_hook_is_named_and_not_shown(name: str, value: str) -> None:
    """The error names the setting and does not hold its value."""
    with pytest.raises(SettingsError) as refused:
        from_environment({name: value})
    assert name in str(refused.value)
    assert "Quack" not in str(refused.value)
