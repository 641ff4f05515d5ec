"""Deliveries as the help desks document them, signed by hand and not by the code under test."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.hooks.hook import Delivery
from storage.external import HelpDesk

SECRET: Final = "invented-secret-number-one"
SECOND: Final = "invented-secret-number-two"
PUBLIC_URL: Final = "https://care.example.com"
NOW: Final = datetime(2026, 11, 20, 17, 5, 30, tzinfo=UTC)
OCCURRED: Final = datetime(2026, 11, 20, 17, 5, 28, tzinfo=UTC)

Signer = Callable[[bytes, str, datetime], dict[str, str]]


def _hmac(secret: str, message: bytes, algorithm: str = "sha256") -> bytes:
    return hmac.new(secret.encode(), message, getattr(hashlib, algorithm)).digest()


def _milliseconds(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))


def zendesk_headers(body: bytes, secret: str, at: datetime) -> dict[str, str]:
    """Sign as https://developer.zendesk.com/documentation/webhooks/verifying/ says."""
    stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "x-zendesk-webhook-signature": base64.b64encode(
            _hmac(secret, stamp.encode() + body)
        ).decode(),
        "x-zendesk-webhook-signature-timestamp": stamp,
    }


def intercom_headers(body: bytes, secret: str, _at: datetime) -> dict[str, str]:
    """Sign as Intercom does: no time."""
    return {"x-hub-signature": "sha1=" + _hmac(secret, body, "sha1").hex()}


def hubspot_headers(body: bytes, secret: str, at: datetime) -> dict[str, str]:
    """Sign as HubSpot's third version: method, address, body, time."""
    stamp = _milliseconds(at)
    signed = f"POST{PUBLIC_URL}/hooks/tickets/hubspot".encode() + body + stamp.encode()
    return {
        "x-hubspot-signature-v3": base64.b64encode(_hmac(secret, signed)).decode(),
        "x-hubspot-request-timestamp": stamp,
    }


def front_headers(body: bytes, secret: str, at: datetime) -> dict[str, str]:
    """Sign as a Front application webhook."""
    stamp = _milliseconds(at)
    return {
        "x-front-signature": base64.b64encode(_hmac(secret, stamp.encode() + b":" + body)).decode(),
        "x-front-request-timestamp": stamp,
    }


def secret_header(_body: bytes, secret: str, _at: datetime) -> dict[str, str]:
    """Send the secret, as a rule of Freshdesk or an integration of Gorgias is told to."""
    return {"x-care-secret": secret}


HEADERS: Final[Mapping[HelpDesk, Signer]] = {
    HelpDesk.ZENDESK: zendesk_headers,
    HelpDesk.INTERCOM: intercom_headers,
    HelpDesk.HUBSPOT: hubspot_headers,
    HelpDesk.FRONT: front_headers,
    HelpDesk.FRESHDESK: secret_header,
    HelpDesk.GORGIAS: secret_header,
}


def zendesk(number: str = "4711", status: str = "SOLVED", **more: object) -> dict[str, object]:
    """Return a status change of Zendesk, with words of people as it has them."""
    return {
        "account_id": 22129848,
        "detail": {
            "id": number,
            "status": status,
            "subject": "Peregrine Wainscott asks",
            "description": "call 415-555-0143",
            **more,
        },
        "event": {"current": status, "previous": "OPEN"},
        "id": "01HABCDEFG",
        "time": "2026-11-20T17:05:28.501246Z",
        "type": "zen:event-type:ticket.status_changed",
        "zendesk_event_version": "2022-11-06",
    }


def intercom(number: str = "215470000004711", **more: object) -> dict[str, object]:
    """Return a notification of Intercom."""
    item = {"type": "conversation", "id": number, "state": "closed", "body": "Peregrine Wainscott"}
    return {
        "type": "notification_event",
        "topic": "conversation.admin.closed",
        "id": "notif_ccd8a4d0-f965-11e3-a367-c779cae3e1b3",
        "created_at": int(OCCURRED.timestamp()),
        "data": {"type": "notification_event_data", "item": item},
        **more,
    }


def hubspot(number: int = 26430463112, stage: str = "4", **more: object) -> dict[str, object]:
    """Return one event of HubSpot."""
    return {
        "eventId": 100,
        "subscriptionId": 1,
        "portalId": 62515,
        "occurredAt": int(OCCURRED.timestamp() * 1000),
        "subscriptionType": "ticket.propertyChange",
        "attemptNumber": 0,
        "objectId": number,
        "propertyName": "hs_pipeline_stage",
        "propertyValue": stage,
        "changeSource": "CRM",
        **more,
    }


def front(number: str = "cnv_4711abc", **more: object) -> dict[str, object]:
    """Return an event of a Front application webhook."""
    return {
        "type": "conversation_archived",
        "authorization": {"id": "cmp_abc"},
        "payload": {
            "id": "evt_4711abc",
            "type": "archive",
            "emitted_at": OCCURRED.timestamp(),
            "conversation": {"id": number, "subject": "Peregrine Wainscott asks"},
            **more,
        },
    }


def freshdesk(number: object = 4711) -> dict[str, object]:
    """Return what a rule of Freshdesk sends."""
    return {
        "freshdesk_webhook": {
            "ticket_id": number,
            "ticket_status": "Resolved",
            "ticket_contact_name": "Peregrine Wainscott",
        }
    }


def gorgias(number: object = "4711", status: str = "closed") -> dict[str, object]:
    """Return what an integration of Gorgias sends with the body of our documentation."""
    return {"id": number, "status": status}


PAYLOADS: Final[Mapping[HelpDesk, Callable[[], object]]] = {
    HelpDesk.ZENDESK: zendesk,
    HelpDesk.INTERCOM: intercom,
    HelpDesk.HUBSPOT: lambda: [hubspot()],
    HelpDesk.FRONT: front,
    HelpDesk.FRESHDESK: freshdesk,
    HelpDesk.GORGIAS: gorgias,
}


def delivery(
    desk: HelpDesk,
    content: object,
    *,
    secret: str = SECRET,
    age: timedelta = timedelta(),
    headers: Mapping[str, str] | None = None,
) -> Delivery:
    """Return a delivery, signed well unless `headers` say otherwise.

    Args:
        desk: Who sends it.
        content: What is sent, as JSON; bytes as they are.
        secret: What it is signed with.
        age: How long ago it was signed.
        headers: Headers in place of the good ones.
    """
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    good = HEADERS[desk](body, secret, NOW - age)
    return Delivery(headers=good if headers is None else headers, body=body, at=NOW)
