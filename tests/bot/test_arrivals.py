"""A payload becomes ids and raw text at the door, or it is refused or left alone."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arrivals import Kind, read_event
from bot.errors import PayloadRefused, PayloadTooLarge
from bot.interactions import read_command, read_press, read_report, report_place
from nlp.text import RawText

Payload = dict[str, object]
WORDS: Final = "where is 113-5550142-5550142"
TS: Final = "1795401886.000100"
ROOT: Final = "1795401800.000100"


def callback(**event: object) -> Payload:
    """Return an Events API callback of a message."""
    message = {
        "type": "message",
        "channel": "C0001",
        "channel_type": "channel",
        "user": "U0001",
        "ts": TS,
        "text": WORDS,
    }
    kept = {name: value for name, value in {**message, **event}.items() if value is not None}
    return {"type": "event_callback", "team_id": "T0001", "event_id": "Ev0001", "event": kept}


def edited(**message: object) -> Payload:
    """Return a callback of an edit."""
    inner = {"type": "message", "user": "U0001", "ts": ROOT, "text": WORDS, **message}
    return callback(
        subtype="message_changed", message=inner, user=None, text=None,
        previous_message={"user": "U0001", "ts": ROOT, "text": "before"},
    )  # fmt: skip


def deleted(**more: object) -> Payload:
    """Return a callback of a deletion."""
    previous = {"type": "message", "user": "U0001", "ts": ROOT, "text": "before"}
    event = {"deleted_ts": ROOT, "previous_message": previous, "user": None, "text": None}
    return callback(subtype="message_deleted", **{**event, **more})


def command(**more: object) -> Payload:
    """Return a slash command."""
    return {
        "team_id": "T0001",
        "channel_id": "C0001",
        "channel_name": "general",
        "user_id": "U0001",
        "user_name": "someone",
        "command": "/care",
        "text": "tickets",
        "trigger_id": "1.2.abc",
        **more,
    }


def press(**more: object) -> Payload:
    """Return a `block_actions` payload."""
    return {
        "type": "block_actions",
        "team": {"id": "T0001", "domain": "care"},
        "user": {"id": "U0001", "team_id": "T0001"},
        "channel": {"id": "C0001"},
        "message": {"ts": TS, "thread_ts": ROOT},
        "trigger_id": "1.2.abc",
        "actions": [{"action_id": "care_solved", "value": "JC-1", "action_ts": TS}],
        **more,
    }


def action(**fields: object) -> Payload:
    """Return a press of a button with these fields."""
    return press(actions=[{"action_id": "care_solved", "value": "JC-1", **fields}])


def report(**more: object) -> Payload:
    """Return the submission of the modal of the message shortcut."""
    state = {"values": {"b": {"a": {"type": "plain_text_input", "value": WORDS}}}}
    return {
        "type": "view_submission",
        "team": {"id": "T0001"},
        "user": {"id": "U0001", "team_id": "T0001"},
        "view": {"id": "V0001", "state": state},
        **more,
    }


def shortcut(**message: object) -> Payload:
    """Return a message shortcut."""
    return {"channel": {"id": "C0001"}, "message": {"ts": TS, "text": WORDS, **message}}


def test_a_message_is_read() -> None:
    """A message becomes its ids, its place and its text."""
    found = read_event(callback(thread_ts=ROOT))
    assert found is not None
    assert (found.kind, found.event, found.team, found.user_team) == (
        Kind.MESSAGE, "Ev0001", "T0001", "T0001",
    )  # fmt: skip
    assert (found.channel, found.user, found.ts, found.thread_ts) == ("C0001", "U0001", TS, ROOT)
    assert found.direct is False
    assert found.text == RawText(WORDS)


def test_a_message_without_a_thread_has_none() -> None:
    """`thread_ts` is None where the message stands in the channel itself."""
    found = read_event(callback())
    assert found is not None
    assert found.thread_ts is None


def test_a_mention_is_a_mention() -> None:
    """An `app_mention` is told apart from a message."""
    found = read_event(callback(type="app_mention"))
    assert found is not None
    assert found.kind is Kind.MENTION


@pytest.mark.parametrize(
    ("event", "direct"),
    [
        ({"channel_type": "im"}, True),
        ({"channel": "D0001", "channel_type": None}, True),
        ({"channel_type": "mpim"}, False),
        ({"channel": "G0001", "channel_type": "group"}, False),
    ],
)
def test_direct_messages_are_known(event: Payload, direct: bool) -> None:
    """A direct message is known by the type or the id of its channel."""
    found = read_event(callback(**event))
    assert found is not None
    assert found.direct is direct


@pytest.mark.parametrize(
    ("event", "user_team"),
    [
        ({"team": "T0002"}, "T0002"),
        ({"user_team": "T0003", "team": "T0002"}, "T0003"),
        ({"user_team": "E0004"}, "E0004"),
        ({}, "T0001"),
    ],
)
def test_a_slack_connect_user_keeps_their_own_team(event: Payload, user_team: str) -> None:
    """The writer's workspace is the one that the message names, not the one that received it."""
    found = read_event(callback(**event))
    assert found is not None
    assert (found.team, found.user_team) == ("T0001", user_team)


@pytest.mark.parametrize("subtype", [None, "file_share", "thread_broadcast", "me_message"])
def test_subtypes_that_a_person_wrote_are_read(subtype: str | None) -> None:
    """A message with a file, broadcast from a thread or written with /me is a message."""
    found = read_event(callback(subtype=subtype))
    assert found is not None
    assert found.kind is Kind.MESSAGE


@pytest.mark.parametrize(
    "event",
    [
        {"subtype": "channel_join"},
        {"subtype": "channel_topic", "topic": WORDS},
        {"subtype": "bot_message", "bot_id": "B0001"},
        {"subtype": "message_replied"},
        {"subtype": "tomorrow"},
        {"bot_id": "B0001"},
        {"user": None},
        {"user": ""},
        {"user": 7},
    ],
)
def test_what_nobody_wrote_is_left_alone(event: Payload) -> None:
    """Joins, topics, the words of bots and subtypes that are not known are not read."""
    assert read_event(callback(**event)) is None


def test_an_edit_is_about_the_message_that_it_changes() -> None:
    """An edit carries the new text and the timestamp of the message, in its thread."""
    found = read_event(edited(thread_ts=ROOT, user_team="T0009"))
    assert found is not None
    assert (found.kind, found.ts, found.thread_ts, found.user) == (Kind.EDIT, ROOT, ROOT, "U0001")
    assert found.user_team == "T0009"
    assert found.text == RawText(WORDS)


@pytest.mark.parametrize("message", [{"bot_id": "B0001"}, {"user": ""}])
def test_an_edit_by_a_bot_is_left_alone(message: Payload) -> None:
    """Our own messages, edited, are not read."""
    assert read_event(edited(**message)) is None


def test_a_deletion_names_the_message_and_carries_no_text() -> None:
    """A deletion is about the message that is gone; its words are not lifted again."""
    found = read_event(deleted())
    assert found is not None
    assert (found.kind, found.ts, found.user) == (Kind.DELETION, ROOT, "U0001")
    assert found.text == RawText("")


def test_a_tombstone_is_a_deletion() -> None:
    """A message with replies that is deleted comes as an edit to a tombstone."""
    found = read_event(edited(subtype="tombstone", user="USLACKBOT", text="This was deleted."))
    assert found is not None
    assert (found.kind, found.ts) == (Kind.DELETION, ROOT)
    assert found.text == RawText("")


def test_a_deletion_without_the_message_is_read() -> None:
    """Slack may leave out what was deleted; the timestamp is enough."""
    found = read_event(deleted(previous_message=None))
    assert found is not None
    assert found.ts == ROOT


def test_the_deletion_of_a_bots_message_is_left_alone() -> None:
    """A bot's message that is deleted is not ours to forget."""
    assert read_event(deleted(previous_message={"bot_id": "B1", "ts": ROOT})) is None


BAD_IDS: Final = ["", "c0001", "C0001\n", "C 1", "C", "C" * 40, "Wilhelmina Quackenbush", "Ｃ0001"]
BAD_TIMES: Final = ["", "now", "1.2.3", "1795401886", "1795401886.000100\n", "١٧٩.٠٠", "-1.0"]


def _malformed() -> dict[str, Payload]:
    found: dict[str, Payload] = {}
    for bad in BAD_IDS:
        found[f"channel {bad!r}"] = callback(channel=bad)
        found[f"team {bad!r}"] = {**callback(), "team_id": bad}
        if bad:
            found[f"user {bad!r}"] = callback(user=bad)
            found[f"user_team {bad!r}"] = callback(user_team=bad)
    for bad in BAD_TIMES:
        found[f"ts {bad!r}"] = callback(ts=bad)
        found[f"edit of {bad!r}"] = edited(ts=bad)
        if bad:
            found[f"thread_ts {bad!r}"] = callback(thread_ts=bad)
            found[f"deletion of {bad!r}"] = deleted(deleted_ts=bad)
    for bad in ("", "two words", "a\nb", "x" * 201, "é"):
        found[f"event_id {bad!r}"] = {**callback(), "event_id": bad}
    return found


MALFORMED: Final = _malformed()


@pytest.mark.parametrize("name", MALFORMED)
def test_events_with_malformed_ids_are_refused(name: str) -> None:
    """What does not have the form of an id does not travel as one."""
    with pytest.raises(PayloadRefused) as refused:
        read_event(MALFORMED[name])
    assert "Quackenbush" not in str(refused.value)


def test_the_text_is_taken_as_the_door_says() -> None:
    """`lift` is what takes the text out of a message."""
    found = read_event(callback(), lambda message: RawText(str(message["ts"])))
    assert found is not None
    assert found.text == RawText(TS)


def test_a_command_is_read() -> None:
    """A slash command becomes who, where and what."""
    found = read_command(command())
    assert (found.team, found.channel, found.user) == ("T0001", "C0001", "U0001")
    assert (found.event, found.direct) == ("1.2.abc", False)
    assert found.text == RawText("tickets")


def test_a_command_in_a_direct_message_is_known() -> None:
    """Slack names a direct message `directmessage`."""
    assert read_command(command(channel_name="directmessage")).direct is True


@pytest.mark.parametrize("key", ["team_id", "channel_id", "user_id", "trigger_id"])
@pytest.mark.parametrize("bad", ["", "two words", 7, None, ["C0001"]])
def test_commands_with_malformed_ids_are_refused(key: str, bad: object) -> None:
    """Each id of a command has to have its form."""
    with pytest.raises(PayloadRefused):
        read_command(command(**{key: bad}))


def test_a_press_is_read() -> None:
    """A press becomes who, where, which button and its value."""
    found = read_press(press(user={"id": "U0001", "team_id": "T0002"}))
    assert (found.team, found.user_team, found.channel, found.user) == (
        "T0001", "T0002", "C0001", "U0001",
    )  # fmt: skip
    assert (found.event, found.action, found.value) == ("1.2.abc", "care_solved", "JC-1")


def test_a_press_tells_where_the_button_stands() -> None:
    """The message with the button and the thread that it is a reply in are read."""
    found = read_press(press())
    assert (found.ts, found.thread_ts) == (TS, ROOT)


def test_a_button_below_which_a_thread_began_is_in_none() -> None:
    """A message that others replied to is the root of that thread, and no reply in it."""
    assert read_press(press(message={"ts": TS, "thread_ts": TS})).thread_ts is None


def test_a_press_that_brings_no_message_is_told_by_its_container() -> None:
    """Where Slack leaves the message out, its container names it."""
    container = {"type": "message", "message_ts": TS, "thread_ts": ROOT}
    found = read_press(press(message=None, container=container))
    assert (found.ts, found.thread_ts) == (TS, ROOT)


def test_a_press_of_slack_connect_has_the_team_of_our_message() -> None:
    """The payload's team is the person's own then; the message with the button names ours."""
    theirs = press(team={"id": "T0002"}, message={"ts": TS, "team": "T0001"})
    assert read_press({**theirs, "user": {"id": "U0001", "team_id": "T0002"}}).team == "T0001"


def test_a_press_in_an_org_wide_app_has_the_users_team() -> None:
    """Where Slack sends no team (`null`), it is the user's."""
    assert read_press(press(team=None)).team == "T0001"


def test_a_press_without_a_trigger_is_told_by_its_time() -> None:
    """Where there is no trigger id, the press's own time makes it unique."""
    assert read_press({**press(), "trigger_id": ""}).event == TS


BAD_PRESSES: Final[dict[str, Payload]] = {
    "no actions": press(actions=[]),
    "actions of a wrong type": press(actions={"0": "x"}),
    "an action of a wrong type": press(actions=["care_solved"]),
    "a value that is words": action(value="Wilhelmina Quackenbush"),
    "no value": action(value=""),
    "a huge value": action(value="x" * 2_000),
    "an action id that is words": action(action_id="two words"),
    "no user": press(user={}),
    "no team at all": press(team={}, user={"id": "U0001"}),
    "no channel": press(channel={}),
    "a channel of a wrong type": press(channel="C0001"),
    "no message": press(message=None),
}


@pytest.mark.parametrize("name", BAD_PRESSES)
def test_malformed_presses_are_refused(name: str) -> None:
    """A press that is not of Slack's form, or carries words, is refused."""
    with pytest.raises(PayloadRefused):
        read_press(BAD_PRESSES[name])


@pytest.mark.parametrize(("thread", "thread_ts"), [(ROOT, ROOT), (None, None)])
def test_a_report_comes_back_to_its_message(thread: str | None, thread_ts: str | None) -> None:
    """What the shortcut wrote into the view leads the report back to its message."""
    place = report_place(shortcut(thread_ts=thread))
    found = read_report(report(), place)
    assert (found.kind, found.channel, found.ts, found.thread_ts) == (
        Kind.REPORT, "C0001", TS, thread_ts,
    )  # fmt: skip
    assert (found.event, found.user, found.direct) == ("V0001", "U0001", False)
    assert found.text == RawText(WORDS)


def test_the_place_of_a_report_holds_no_words() -> None:
    """The view's metadata goes through Slack again; it holds ids alone."""
    assert report_place(shortcut()) == f"C0001|{TS}|"


BAD_PLACES: Final = ["", "C0001", f"C0001|{TS}", f"C0001|{TS}||", f"x y|{TS}|", "C0001|now|",
                     f"C0001|{TS}|later", "||"]  # fmt: skip


@pytest.mark.parametrize("place", BAD_PLACES)
def test_a_report_of_a_forged_place_is_refused(place: str) -> None:
    """Metadata that is not of our own form is refused."""
    with pytest.raises(PayloadRefused):
        read_report(report(), place)


@pytest.mark.parametrize("payload", [{}, {"channel": {"id": "x y"}}, shortcut(ts="now")])
def test_a_malformed_shortcut_is_refused(payload: Payload) -> None:
    """A shortcut without channel or timestamp is refused."""
    with pytest.raises(PayloadRefused):
        report_place(payload)


KEYS: Final = st.sampled_from(
    [
        "event",
        "team_id",
        "event_id",
        "type",
        "subtype",
        "channel",
        "user",
        "ts",
        "text",
        "message",
        "previous_message",
        "deleted_ts",
        "actions",
        "team",
        "view",
        "state",
        "values",
        "trigger_id",
        "bot_id",
        "id",
        "thread_ts",
        "user_team",
    ]
)
LEAVES: Final = st.one_of(
    st.none(),
    st.integers(),
    st.text(st.characters(), max_size=6),
    st.sampled_from(["C0001", TS, "message_changed", "message_deleted", "tombstone"]),
)
JSON: Final = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=30,
)


def _report(body: Mapping[str, object]) -> object:
    return read_report(body, f"C0001|{TS}|")


@given(st.dictionaries(KEYS, JSON, max_size=10))
def test_wrong_types_anywhere_are_refused(body: Payload) -> None:
    """JSON of any shape is read, left alone or refused, and never a crash."""
    for read in (read_event, read_command, read_press, _report, report_place):
        with suppress(PayloadRefused, PayloadTooLarge):
            read(body)


@given(event=st.dictionaries(KEYS, JSON, max_size=10))
def test_wrong_types_within_an_event_are_refused(event: Payload) -> None:
    """So is an event of any shape within a sound callback."""
    body = callback()
    for changed in (event, {"type": "message", "user": "U1", "channel": "C0001", "ts": TS} | event):
        with suppress(PayloadRefused, PayloadTooLarge):
            read_event({**body, "event": changed})
