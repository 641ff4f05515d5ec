"""Bad input and faults at the real doors: a clear answer or a drop, never a crash, never a leak."""

from __future__ import annotations

import json
import re
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from bot.blocks import SOLVED
from bot.sandbox.slack.delivery import Ack, HttpDelivery, deliver_with_retries
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.payloads import message_event
from bot.sandbox.stage import Stage, stage

PLACE = "birch-and-brook"
SECRET_WORDS = "Peregrine Wainscott of 77 Undertow Lane"


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A running bot that Slack reaches over HTTP, with the merchant's channel linked."""
    with stage(tmp_path_factory.mktemp("house"), over_http=True) as opened:
        opened.slack.person("Ines Falk").commands("/care", f"link {PLACE}", PLACE)
        yield opened


def _delivery(house: Stage) -> HttpDelivery:
    delivery = house.slack.delivery
    assert isinstance(delivery, HttpDelivery)
    return delivery


def _told(house: Stage, **parts: object) -> tuple[Message, dict[str, object]]:
    """Return a message in the channel and its event, with fields of the event replaced."""
    workspace = house.slack.workspace
    channel, user = workspace.channel(PLACE), workspace.user("Mara Quill")
    message = workspace.post(
        Message(
            channel=channel.id,
            ts=workspace.next_ts(),
            user=user.id,
            team=user.team_id,
            text="hello",
        )
    )
    payload = message_event(workspace.home, message, channel, user)
    event = payload["event"]
    assert isinstance(event, dict)
    return message, {**payload, "event": {**event, **parts}}


@contextmanager
def _broken(house: Stage, table: str) -> Iterator[None]:
    """Take a table away for a while, so that whoever needs it fails."""
    with closing(sqlite3.connect(house.home / "care.db")) as other:
        other.execute(f"ALTER TABLE {table} RENAME TO gone")
        other.commit()
        try:
            yield
        finally:
            other.execute(f"ALTER TABLE gone RENAME TO {table}")
            other.commit()


def _reference(house: Stage, words: str, start: int) -> str:
    """Return the reference that a person was given, which stands in the log since `start`."""
    found = re.search(r"the reference ([0-9A-F]{8})\.", words)
    assert found is not None
    assert f"reference={found[1]}" in _log_since(house, start)
    assert "Traceback" not in words
    return found[1]


def test_a_command_that_fails_gives_a_reference(http: Stage) -> None:
    """Who entered it reads a reference, Care reads the same in its channel and in the log."""
    agent, start = http.slack.person("Ines Falk"), _log_size(http)
    with _broken(http, "tickets"):
        ack = agent.commands("/care", "tickets", PLACE)

    assert ack is not None
    assert ack.body["response_type"] == "ephemeral"
    reference = _reference(http, str(ack.body["text"]), start)
    triage = http.slack.workspace.channel("care-triage").id
    told = http.slack.workspace.wait_for(
        lambda: [m.text for m in http.slack.workspace.said_by_bot(triage) if reference in m.text],
        20.0,
    )
    assert "Something failed for a person (DatabaseUnavailable)" in told[0]


def test_a_button_that_fails_gives_a_reference(http: Stage) -> None:
    """Who pressed it is told in private; nobody else sees anything."""
    workspace, merchant = http.slack.workspace, http.slack.person("Mara Quill")
    sent = merchant.writes("can you do prime orders?", PLACE)
    answer = workspace.wait_for(
        lambda: workspace.replies_in(sent.message.channel, sent.message.ts), 20.0
    )[-1]
    seen, start = len(workspace.seen_only_by(merchant.user.id)), _log_size(http)
    with _broken(http, "seen_events"):
        ack = merchant.presses(answer, SOLVED)

    assert ack is not None
    assert ack.ok
    _reference(http, workspace.seen_only_by(merchant.user.id)[seen:][0].text, start)


def test_a_form_that_fails_gives_a_reference(http: Stage) -> None:
    """The form turns into a word of excuse with the reference."""
    workspace, merchant = http.slack.workspace, http.slack.person("Mara Quill")
    sent = http.slack.person("Ines Falk").writes("please look at this", PLACE)
    merchant.shortcut("care_report", sent.message)
    view = workspace.wait_for(lambda: list(workspace.views.values()), 20.0)[-1]
    start = _log_size(http)
    with _broken(http, "seen_events"):
        ack = merchant.submits(view, {"text": "it is broken"})

    assert ack is not None
    assert ack.body["response_action"] == "update"
    _reference(http, json.dumps(ack.body["view"]), start)


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "app_rate_limited", "team_id": "T0SANDBOX01", "minute_rate_limited": 1518467820},
        {"type": "event_callback", "team_id": "T0SANDBOX01", "event": {"type": "reaction_added"}},
        {"type": "event_callback", "team_id": "T0SANDBOX01", "event": {"type": "not_invented_yet"}},
        {"type": "event_callback", "team_id": "T0SANDBOX01", "event": {"type": ["message"]}},
        {"type": "not_invented_yet"},
    ],
    ids=["rate limited", "not subscribed", "unknown event", "no type", "unknown payload"],
)
def test_a_kind_of_payload_that_the_manifest_does_not_list_is_acknowledged(
    http: Stage, payload: dict[str, object]
) -> None:
    """Slack does not send it again, and nothing fails."""
    start = _log_size(http)

    answer = _delivery(http).deliver(payload, timeout=20.0)

    assert answer is not None
    assert answer.status == 200
    assert "failed" not in _log_since(http, start)
    assert ("app_rate_limited" in _log_since(http, start)) == (
        payload["type"] == "app_rate_limited"
    )


def _post(house: Stage, body: bytes, headers: dict[str, str]) -> Ack:
    typed = {"Content-Type": "application/json", **headers}
    answer = _delivery(house).post(body, typed, timeout=20.0)
    assert answer is not None
    return answer


def _log_since(house: Stage, start: int) -> str:
    return (house.home / "care.log").read_text()[start:]


def _log_size(house: Stage) -> int:
    return len((house.home / "care.log").read_text())


@pytest.mark.parametrize("how", ["unsigned", "forged", "stale", "another body"])
def test_a_request_that_slack_did_not_sign_is_refused(http: Stage, how: str) -> None:
    """401, nothing stored, and the log has one constant event of it."""
    _, payload = _told(http, text=SECRET_WORDS)
    body = json.dumps(payload).encode()
    signed = _delivery(http).signed(body)
    headers = {
        "unsigned": {},
        "forged": {**signed, "X-Slack-Signature": "v0=" + "0" * 64},
        "stale": HttpDelivery("", "x", clock=lambda: time.time() - 3600).signed(body),
        "another body": _delivery(http).signed(body + b" "),
    }[how]
    stored, start = len(http.stored()), _log_size(http)

    assert _post(http, body, headers).status == 401

    assert len(http.stored()) == stored
    assert "event=request_refused status=401" in _log_since(http, start)
    assert "Peregrine" not in _log_since(http, start)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"text"', b"\xff\xfe", b"null", b"[" * 100_000, b'{"event":' * 5_000],
    ids=["empty", "cut off", "list", "string", "not UTF-8", "null", "deep list", "deep object"],
)
def test_a_signed_body_of_no_known_form_is_refused(http: Stage, body: bytes) -> None:
    """400 or a drop, and the process goes on."""
    text = body.decode("utf-8", "replace").encode()

    answer = _post(http, body, _delivery(http).signed(text))

    assert answer.status in (200, 400)
    assert _delivery(http).deliver(_told(http)[1], timeout=20.0) is not None


def test_a_body_over_the_limit_is_not_read(http: Stage) -> None:
    """Three megabytes are answered 413 as soon as they are announced."""
    head = b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", http.port), timeout=20) as connection:
        connection.sendall(head)
        answer = connection.recv(4096)

    assert answer.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "parts",
    [
        {"text": "word " * 200_000},
        {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x"}}] * 10_000},
    ],
    ids=["a megabyte of text", "10,000 blocks"],
)
def test_a_message_too_large_is_dropped_and_its_author_told(
    http: Stage, parts: dict[str, object]
) -> None:
    """Acknowledged, nothing of it stored, and a private note asks for a shorter one."""
    stored = len(http.stored())
    told = len(http.slack.workspace.seen_only_by("U0MARAQUILL"))
    _, payload = _told(http, **parts)

    answer = _delivery(http).deliver(payload, timeout=20.0)

    assert answer is not None
    assert answer.ok
    notes = http.slack.workspace.wait_for(
        lambda: http.slack.workspace.seen_only_by("U0MARAQUILL")[told:], timeout=20.0
    )
    assert "couldn't read" in notes[0].text
    assert len(http.stored()) == stored


@pytest.mark.parametrize(
    "text",
    [
        "null \x00 byte",
        "lone \ud83d surrogate",
        "right\u202eto left",
        "zero\u200bwidth\u200d and \ufeff mark",
        "\ud800\udfff",
        "🙂" * 5_000,
        "a" * 39_000,
        "&lt;@U123&gt; <@U123 <#C|> <mailto:|>",
    ],
    ids=["null", "surrogate", "rtl", "zero width", "pair", "emoji", "endless", "markup"],
)
def test_odd_characters_are_taken_and_stored(http: Stage, text: str) -> None:
    """Whatever characters a message has, it is stored and answered like any other."""
    stored = len(http.stored())
    message, payload = _told(http, text=text)

    answer = _delivery(http).deliver(payload, timeout=30.0)

    assert answer is not None
    assert answer.ok
    assert len(http.stored()) == stored + 1
    workspace = http.slack.workspace
    assert workspace.wait_for(lambda: workspace.replies_in(message.channel, message.ts), 30.0)


@pytest.mark.parametrize(
    "parts",
    [
        {"text": 5},
        {"text": None, "blocks": "no list", "files": {"a": 1}, "attachments": [[]]},
        {"channel": ["C1"]},
        {"user": {"id": "U1"}},
        {"ts": 1700000000.1},
        {"ts": "not a time"},
        {"thread_ts": "x" * 100},
        {"subtype": ["message_changed"]},
        {"subtype": "message_changed", "message": "no object"},
        {"subtype": "message_deleted", "previous_message": 3},
        {"blocks": [None, 3, {"type": None}, {"type": {"a": 1}}, {"elements": 7}]},
        {"type": "message", "metadata": {"event_payload": [1, None, {"a": []}]}},
    ],
)
def test_wrong_types_are_acknowledged_and_dropped(http: Stage, parts: dict[str, object]) -> None:
    """Wrong types in an event never fail the listener, so Slack does not send it again."""
    start = _log_size(http)
    _, payload = _told(http, **parts)

    answer = _delivery(http).deliver(payload, timeout=20.0)

    assert answer is not None
    assert answer.ok
    assert "listener_failed" not in _log_since(http, start)
    assert "uncaught" not in _log_since(http, start)


def test_a_locked_database_is_waited_for(http: Stage) -> None:
    """While another process writes, the acknowledgement waits; nothing is lost."""
    stored = len(http.stored())
    with closing(sqlite3.connect(http.home / "care.db", check_same_thread=False)) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(1.0, lambda: other.execute("COMMIT"))
        release.start()
        answer = _delivery(http).deliver(_told(http)[1], timeout=20.0)
        release.join()

    assert answer is not None
    assert answer.ok
    assert len(http.stored()) == stored + 1


def test_what_cannot_be_stored_is_not_acknowledged(http: Stage) -> None:
    """With the database out of order Slack gets a 500 and sends it again; then it is kept once."""
    stored = len(http.stored())
    _, payload = _told(http)
    with closing(sqlite3.connect(http.home / "care.db")) as other:
        other.execute("ALTER TABLE seen_events RENAME TO gone")
        other.commit()
        refused = _delivery(http).deliver(payload, timeout=20.0)
        other.execute("ALTER TABLE gone RENAME TO seen_events")
        other.commit()

    answers = deliver_with_retries(_delivery(http), payload, timeout=20.0)

    assert refused is not None
    assert refused.status == 500
    assert answers[-1] is not None
    assert answers[-1].ok
    assert len(http.stored()) == stored + 1


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 429, "retry_after": 1},
        {"status": 500},
        {"status": 200, "body": "<html>sorry</html>"},
        {"status": 503, "body": ""},
    ],
    ids=["429", "500", "garbage", "empty 503"],
)
def test_slack_failing_for_a_moment_gets_the_reply_once(
    http: Stage, fault: dict[str, int | str]
) -> None:
    """A reply that Slack does not take is sent again, and arrives once."""
    http.slack.workspace.faults.add("chat.postMessage", times=2, **fault)  # type: ignore[arg-type]
    merchant = http.slack.person("Mara Quill")
    workspace = http.slack.workspace

    sent = merchant.writes("hello there", PLACE)

    assert sent.ok
    replies = workspace.wait_for(
        lambda: workspace.replies_in(sent.message.channel, sent.message.ts), timeout=30.0
    )
    assert len(replies) == 1


def test_a_refused_reply_is_given_up_and_others_go_on(http: Stage) -> None:
    """An error that is final (a deleted channel) is recorded by its code; the next reply goes.

    Care is told in its own channel, by the ticket's number and Slack's code.
    """
    workspace = http.slack.workspace
    workspace.faults.add("chat.postMessage", error="channel_not_found", times=1)
    merchant = http.slack.person("Mara Quill")
    start = _log_size(http)

    merchant.writes("hello", PLACE)
    assert http.eventually(lambda: "event=reply_failed" in _log_since(http, start))
    sent = merchant.writes("hello again", PLACE)

    assert workspace.wait_for(
        lambda: workspace.replies_in(sent.message.channel, sent.message.ts), timeout=30.0
    )
    triage = workspace.channel("care-triage").id
    assert workspace.wait_for(
        lambda: [
            each.text
            for each in workspace.said_by_bot(triage)
            if re.search(r"did not take a reply of JC-\d+ \(channel_not_found\)", each.text)
        ],
        timeout=30.0,
    )
