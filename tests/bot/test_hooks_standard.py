"""A Standard Webhooks delivery counts when its signature and time verify, and not otherwise."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from bot.errors import HookRefused, PayloadRefused, SettingsError
from bot.hooks.hook import Delivery, Resolved
from bot.hooks.standard import StandardWebhooks
from storage.external import ExternalTicket, HelpDesk
from storage.ids import EventId, TicketId

SECRET: Final = "whsec_" + base64.b64encode(b"invented secret one, 32 bytes!!!").decode()
SECOND: Final = "whsec_" + base64.b64encode(b"invented secret two, 32 bytes!!!").decode()
BODY: Final = b'{"type": "ticket.resolved", "data": {"ticket_id": "JC-12"}}'
MESSAGE_ID: Final = "msg_1"


def signed(
    body: bytes = BODY,
    *,
    secret: str = SECRET,
    message_id: str = MESSAGE_ID,
    age: timedelta = timedelta(0),
) -> dict[str, str]:
    """Return the headers of a delivery as a help desk signs it."""
    at = datetime.now(UTC) - age
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, at, body.decode()),
    }


def read(body: bytes, headers: dict[str, str] | None = None) -> tuple[Resolved, ...]:
    """Read a delivery, signed well unless `headers` say otherwise."""
    return heard([SECRET], signed(body) if headers is None else headers, body)


def heard(secrets: list[str], headers: dict[str, str], body: bytes) -> tuple[Resolved, ...]:
    """Read a delivery with these secrets; the door gives header names in lower case."""
    delivery = Delivery(headers=headers, body=body, at=datetime.now(UTC))
    return StandardWebhooks(secrets).read(delivery).resolved


def test_a_good_delivery_names_its_ticket() -> None:
    """A signed `ticket.resolved` says which ticket, with the delivery's own id."""
    headers = signed()
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    expected = Resolved(event=EventId(MESSAGE_ID), at=at, ticket=TicketId(12))
    assert read(BODY, headers) == (expected,)


def test_a_help_desks_own_id_is_taken() -> None:
    """`external_id` names a ticket by the help desk's id of it."""
    body = b'{"type": "ticket.resolved", "data": {"external_id": "zd:4711"}}'
    found = read(body)[0]
    assert found.external == ExternalTicket(desk=HelpDesk.STANDARD, number="zd:4711")
    assert found.ticket is None


@pytest.mark.parametrize("body", [b'{"type": "ticket.created"}', b"{}", b'{"type": 7}'])
def test_other_news_is_taken_and_ignored(body: bytes) -> None:
    """A genuine delivery of another type resolves nothing."""
    assert read(body) == ()


@pytest.mark.parametrize("secret", [SECRET, SECOND])
def test_both_secrets_count_during_a_rotation(secret: str) -> None:
    """While a secret is being replaced, the old and the new one verify."""
    assert heard([SECRET, SECOND], signed(secret=secret), BODY)[0].ticket == TicketId(12)


def test_a_retired_secret_does_not_count() -> None:
    """After the rotation the old secret does not verify any more."""
    with pytest.raises(HookRefused):
        heard([SECOND], signed(secret=SECRET), BODY)


def test_without_a_secret_nothing_verifies() -> None:
    """A hook without secrets refuses everything."""
    with pytest.raises(HookRefused):
        heard([], signed(), BODY)


@pytest.mark.parametrize("age", [timedelta(minutes=4), timedelta(minutes=-4)])
def test_clocks_may_differ_a_little(age: timedelta) -> None:
    """A delivery of four minutes ago, or ahead, is taken."""
    assert read(BODY, signed(age=age))


@pytest.mark.parametrize("age", [timedelta(minutes=6), timedelta(minutes=-6), timedelta(days=365)])
def test_stale_and_future_deliveries_are_refused(age: timedelta) -> None:
    """More than five minutes off, a delivery is a replay."""
    with pytest.raises(HookRefused):
        read(BODY, signed(age=age))


FORGED: Final[dict[str, dict[str, str]]] = {
    "no headers": {},
    "another secret": signed(secret=SECOND),
    "no signature": {**signed(), "webhook-signature": ""},
    "a signature of nothing": {**signed(), "webhook-signature": "v1,"},
    "another version": {
        **signed(), "webhook-signature": signed()["webhook-signature"].replace("v1,", "v1a,"),
    },
    "not base64": {**signed(), "webhook-signature": "v1,????"},
    "no comma": {**signed(), "webhook-signature": "v1"},
    "another id": {**signed(), "webhook-id": "msg_2"},
    "no id": {name: value for name, value in signed().items() if name != "webhook-id"},
    "another time": {**signed(), "webhook-timestamp": str(int(datetime.now(UTC).timestamp()) + 9)},
    "no time": {**signed(), "webhook-timestamp": ""},
    "a time that is none": {**signed(), "webhook-timestamp": "now"},
    "a time without end": {**signed(), "webhook-timestamp": "9" * 400},
    "not a number": {**signed(), "webhook-timestamp": "nan"},
    "infinity": {**signed(), "webhook-timestamp": "inf"},
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_forged_deliveries_are_refused(name: str) -> None:
    """A delivery whose headers do not verify is refused, whatever is wrong with them."""
    with pytest.raises(HookRefused):
        read(BODY, FORGED[name])


def test_a_changed_body_is_refused() -> None:
    """The signature is over the body: another one does not verify."""
    with pytest.raises(HookRefused):
        read(BODY.replace(b"JC-12", b"JC-13"), signed(BODY))


def test_one_good_signature_of_several_is_enough() -> None:
    """A sender that rotates its secrets sends several signatures."""
    both = " ".join(signed(secret=each)["webhook-signature"] for each in (SECOND, SECRET))
    assert read(BODY, {**signed(), "webhook-signature": both})


@given(
    st.dictionaries(
        st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature", "x"])
        | st.text(st.characters()),
        st.text(st.characters()),
    ),
    st.binary(),
)
def test_headers_and_bodies_of_any_kind_are_refused(headers: dict[str, str], body: bytes) -> None:
    """Headers and bodies of any characters are refused, never a crash."""
    with pytest.raises(HookRefused):
        read(body, {**signed(secret=SECOND), **headers})


@given(st.text(st.characters()))
def test_any_single_header_that_is_changed_is_refused(value: str) -> None:
    """Each of the three headers, replaced by any text, spoils the delivery."""
    good = signed()
    for name in good:
        if value != good[name]:
            with pytest.raises(HookRefused):
                read(BODY, {**good, name: value})


def wanting(**data: object) -> bytes:
    """Return a body of `ticket.resolved` with these data."""
    return json.dumps({"type": "ticket.resolved", "data": data}).encode()


WRONG: Final = {
    "no JSON": b"resolved",
    "nothing": b"",
    "broken JSON": b'{"type": "ticket.resolved"',
    "a list": b'["ticket.resolved"]',
    "a text": b'"ticket.resolved"',
    "too deep": b"[" * 100_000,
    "no data": b'{"type": "ticket.resolved"}',
    "data of a wrong type": b'{"type": "ticket.resolved", "data": "JC-12"}',
    "no ticket": wanting(),
    "a ticket of a wrong type": wanting(ticket_id=12),
    "a ticket that is words": wanting(ticket_id="Wilhelmina Quackenbush"),
    "ticket zero": wanting(ticket_id="JC-0"),
    "a ticket without end": wanting(ticket_id="9" * 30),
    "an external id that is words": wanting(external_id="Wilhelmina Quackenbush"),
    "an external id that is huge": wanting(external_id="x" * 129),
}


@pytest.mark.parametrize("name", WRONG)
def test_genuine_deliveries_of_another_form_are_refused(name: str) -> None:
    """What is signed well but is not of the documented form is refused as such, without content."""
    with pytest.raises(PayloadRefused) as refused:
        read(WRONG[name])
    assert "Quackenbush" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_body_that_is_not_utf8_is_refused() -> None:
    """A body of other bytes does not verify."""
    with pytest.raises(HookRefused):
        read(b"\xff\xfe", signed(b"x"))


@pytest.mark.parametrize("message_id", ["two words", "x" * 129, "é", "a\nb"])
def test_a_delivery_id_has_its_form(message_id: str) -> None:
    """The delivery's id is kept, so it has to look like an id, signed or not."""
    with pytest.raises((PayloadRefused, HookRefused)):
        read(BODY, signed(message_id=message_id))


@pytest.mark.parametrize("secret", ["whsec_???", "x", "whsec_invented-word", "é", "", "whsec_"])
def test_a_malformed_secret_is_named_and_not_shown(secret: str) -> None:
    """A secret of another form is a settings error that names the setting and no value."""
    with pytest.raises(SettingsError) as refused:
        StandardWebhooks([SECRET, secret])
    assert "HOOK_STANDARD_SECRET" in str(refused.value)
    assert secret in ("", "x", "whsec_") or secret not in str(refused.value)
    assert refused.value.__suppress_context__
