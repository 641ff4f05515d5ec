"""200 invented PII values, and payloads of every kind that Slack sends to plant them in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, islice
from random import Random

from bot.sandbox.slack.delivery import Kind
from bot.sandbox.slack.sample import BIRCH_CHANNEL, HOME, MARA

GIVEN = ("Adele", "Bruno", "Clara", "Dexter", "Elena", "Felix", "Greta", "Hugo")
FAMILY = ("Baker", "Carter", "Dixon", "Foster", "Graham")
STREETS = ("Larkspur Road", "Quarry Lane", "Juniper Street", "Saltmarsh Avenue", "Cooper Drive")

Json = dict[str, object]


def values() -> tuple[str, ...]:
    """Return 200 distinct values, none of them anybody's."""
    names = [f"{given} {family}" for family in FAMILY for given in GIVEN]
    streets = [f"{1200 + 37 * n} {STREETS[n % 5]}" for n in range(40)]
    mails = [f"buyer{n:03}@mail{n % 7}.example.com" for n in range(40)]
    phones = [f"{300 + 7 * n}-555-01{n:02}" for n in range(40)]
    cards = [_with_luhn(f"41111111{n:07}") for n in range(20)]
    socials = [f"{501 + n}-{11 + n}-{3001 + 13 * n}" for n in range(10)]
    ibans = [_iban("GB", f"CARE0099{n:010}") for n in range(10)]
    found = [*names, *streets, *mails, *phones, *cards, *socials, *ibans]
    assert len(set(found)) == 200
    # Mixed, and always in the same way, so that each path gets values of several kinds.
    Random(200).shuffle(found)
    return tuple(found)


def _with_luhn(head: str) -> str:
    digits = [int(digit) for digit in reversed(head)]
    total = sum(sum(divmod(2 * d, 10)) if n % 2 == 0 else d for n, d in enumerate(digits))
    return f"{head}{-total % 10}"


def _iban(country: str, account: str) -> str:
    number = "".join(str(int(char, 36)) for char in f"{account}{country}00")
    return f"{country}{98 - int(number) % 97:02}{account}"


@dataclass
class Planter:
    """Gives out the values in sentences as merchants write them, and remembers what it planted."""

    planted: list[str] = field(default_factory=list)
    _values: Iterator[str] = field(default_factory=lambda: iter(values()))
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def text(self, many: int = 1) -> str:
        """Return a sentence that holds the next values."""
        taken = list(islice(self._values, many))
        assert len(taken) == many, "there are not enough values for all paths"
        self.planted += taken
        return " and ".join(_said(value) for value in taken)

    def left(self) -> int:
        """Return how many values are not planted yet."""
        return 200 - len(self.planted)

    def number(self) -> int:
        """Return a number that was not returned before."""
        return next(self._numbers)


def _said(value: str) -> str:
    if value[0].isalpha() and " " in value:
        return f"the buyer is {value}"
    if value.endswith(tuple(STREETS)):
        return f"ship to {value}, Portland OR 97214"
    return f"contact {value}"


def payloads(plant: Planter) -> Iterator[tuple[str, Json, Kind]]:
    """Yield a name, a payload and its kind for every kind of payload, with values planted."""
    for name, event in _events(plant):
        yield name, _callback(plant, event), Kind.EVENTS_API
    for name, body in _interactions(plant):
        yield name, {**_acting(plant), **body}, Kind.INTERACTIVE
    for name, text in (("command", "ticket"), ("unknown command", ""), ("link", "link")):
        body = {
            "command": "/care",
            "text": f"{text} {plant.text(2)}".strip(),
            "team_id": HOME.team_id,
            "channel_id": BIRCH_CHANNEL.id,
            "channel_name": "birch-and-brook",
            "user_id": MARA.id,
            "user_name": plant.text(),
            "trigger_id": f"1.2.{plant.number()}",
            "response_url": "http://127.0.0.1:1/none",
        }
        yield name, body, Kind.SLASH_COMMANDS
    rest = _message(plant, text=plant.text(plant.left()))
    yield "the rest", _callback(plant, rest), Kind.EVENTS_API


def _events(plant: Planter) -> Iterator[tuple[str, Json]]:
    yield "text", _message(plant, text=plant.text(6))
    yield "thread reply", _message(plant, text=plant.text(4), thread_ts="1700000000.000001")
    yield "me_message", _message(plant, text=plant.text(2), subtype="me_message")
    yield "mention", {**_message(plant, text=plant.text(4)), "type": "app_mention"}
    for name, block in _blocks(plant):
        yield name, _message(plant, text="see below", blocks=[block])
    for name, attachment in _attachments(plant):
        yield name, _message(plant, text="fwd", attachments=[attachment])
    for name, file in _files(plant):
        yield name, _message(plant, text="", files=[file], subtype="file_share")
    root = {"text": plant.text(3), "user": MARA.id, "ts": "1700000000.000001"}
    yield "thread parent", _message(plant, text="x", subtype="thread_broadcast", root=root)
    metadata = {"event_type": "form", "event_payload": {"a": plant.text(2), "b": [plant.text(2)]}}
    yield "metadata", _message(plant, text="filled in", metadata=metadata)
    known = _message(plant, text="the first version")
    yield "before the edit", known
    changed = {**known, "text": plant.text(4), "edited": {"user": MARA.id, "ts": "1.1"}}
    previous = {**known, "text": plant.text(4)}
    yield "edit", _about(plant, "message_changed", message=changed, previous_message=previous)
    yield "deletion", _about(plant, "message_deleted", deleted_ts=known["ts"],
                             previous_message={**previous, "text": plant.text(4)})  # fmt: skip
    yield "bot message", _message(plant, text=plant.text(2), subtype="bot_message", bot_id="B0X",
                                  username=plant.text())  # fmt: skip
    yield "topic", _message(plant, text=plant.text(2), subtype="channel_topic", topic=plant.text())
    yield "unknown subtype", _message(plant, text=plant.text(2), subtype="novelty_2030")
    yield "unknown event", {"type": "novelty_2030", "user": MARA.id, "content": plant.text(2)}
    yield "function", {"type": "function_executed", "inputs": {"note": plant.text(2)},
                       "function": {"callback_id": "x"}}  # fmt: skip
    yield "reaction", {"type": "reaction_added", "user": MARA.id, "reaction": plant.text()}
    yield "file shared", {"type": "file_shared", "file": {"name": plant.text()}, "user_id": MARA.id}
    yield "profile", {"type": "user_change", "user": {"id": MARA.id, "real_name": plant.text()}}


def _blocks(plant: Planter) -> Iterator[tuple[str, Json]]:
    runs = [{"type": "text", "text": plant.text(2), "style": {"bold": True}},
            {"type": "link", "url": "https://example.com", "text": plant.text()}]  # fmt: skip
    lines = {"type": "rich_text_section", "elements": runs}
    quote = {"type": "rich_text_quote", "elements": [{"type": "text", "text": plant.text(2)}]}
    yield "rich text", {"type": "rich_text", "elements": [lines, quote]}
    yield "section", {"type": "section", "text": _mrkdwn(plant.text(2)),
                      "fields": [_mrkdwn(plant.text(2)), _mrkdwn(plant.text())]}  # fmt: skip
    yield "header", {"type": "header", "text": {"type": "plain_text", "text": plant.text()}}
    yield "context", {"type": "context", "elements": [_mrkdwn(plant.text(2))]}
    yield "markdown", {"type": "markdown", "text": plant.text(2)}
    yield "image", {"type": "image", "alt_text": plant.text(), "image_url": "https://example.com",
                    "title": {"type": "plain_text", "text": plant.text()}}  # fmt: skip
    yield "table", {"type": "table", "rows": [[{"type": "raw_text", "text": plant.text(2)}]]}
    yield "unknown block", {"type": "novelty_2030", "secret": plant.text(2)}


def _attachments(plant: Planter) -> Iterator[tuple[str, Json]]:
    named = ("pretext", "author_name", "title", "text", "fallback", "footer")
    yield "attachment", {name: plant.text() for name in named}
    yield "attachment fields", {"fields": [{"title": plant.text(), "value": plant.text()}],
                                "actions": [{"name": "a", "value": plant.text()}]}  # fmt: skip
    inner = {"blocks": [{"type": "section", "text": _mrkdwn(plant.text(2))}]}
    yield "forward", {"is_share": True, "text": plant.text(2),
                      "message_blocks": [{"team": HOME.team_id, "message": inner}]}  # fmt: skip


def _files(plant: Planter) -> Iterator[tuple[str, Json]]:
    yield "file", {"id": "F1", "name": f"{plant.text()}.txt", "title": plant.text(),
                   "preview": plant.text(2),
                   "preview_highlight": f"<pre>{plant.text(2)}</pre>"}  # fmt: skip
    person = {"original": plant.text(), "address": plant.text(), "name": plant.text()}
    yield "e-mail file", {"id": "F2", "filetype": "email", "from": [person], "to": [person],
                          "cc": [person], "subject": plant.text(), "plain_text": plant.text(3),
                          "headers": {"reply_to": plant.text()}}  # fmt: skip
    yield "voice file", {"id": "F3", "name": "voice.m4a",
                         "initial_comment": {"comment": plant.text()},
                         "transcription": {"preview": {"content": plant.text(2)}}}  # fmt: skip


def _interactions(plant: Planter) -> Iterator[tuple[str, Json]]:
    message = {"type": "message", "ts": "1700000000.000009", "user": MARA.id, "text": plant.text(3)}
    button = {"type": "button", "action_id": "care_solved", "value": plant.text(),
              "text": {"type": "plain_text", "text": plant.text()}, "action_ts": "1.2"}  # fmt: skip
    yield "button", {"type": "block_actions", "message": message, "actions": [button]}
    unknown = {**button, "action_id": "novelty", "value": plant.text()}
    yield "unknown button", {"type": "block_actions", "message": message, "actions": [unknown]}
    yield "shortcut", {"type": "message_action", "callback_id": "care_report", "message": message,
                       "message_ts": message["ts"]}  # fmt: skip
    yield "unknown shortcut", {"type": "message_action", "callback_id": "novelty",
                               "message": {**message, "text": plant.text()}}  # fmt: skip
    place = f"{BIRCH_CHANNEL.id}|1700000000.000009|"
    state = {"values": {"care_report": {"text": {"type": "plain_text_input",
                                                 "value": plant.text(4)}}}}  # fmt: skip
    title = {"type": "plain_text", "text": "Jetpack Care"}
    view = {"id": "V1", "type": "modal", "callback_id": "care_report_form", "title": title,
            "private_metadata": place, "state": state}  # fmt: skip
    yield "modal", {"type": "view_submission", "view": view}
    other = {**view, "callback_id": "novelty", "private_metadata": plant.text(2)}
    yield "unknown modal", {"type": "view_submission", "view": other}
    yield "closed modal", {"type": "view_closed", "view": {**other, "state": state}}
    yield "suggestion", {"type": "block_suggestion", "action_id": "a", "value": plant.text()}
    yield "dialog", {"type": "dialog_submission", "callback_id": "d",
                     "submission": {"name": plant.text(2)}}  # fmt: skip
    yield "old button", {"type": "interactive_message", "callback_id": "o",
                         "actions": [{"name": plant.text(), "value": plant.text()}],
                         "original_message": {"text": plant.text(2)}}  # fmt: skip


def _message(plant: Planter, **parts: object) -> Json:
    ts = f"17000001{plant.number():02}.000100"
    message = {"type": "message", "channel": BIRCH_CHANNEL.id, "channel_type": "channel",
               "user": MARA.id, "team": HOME.team_id, "ts": ts, "event_ts": ts}  # fmt: skip
    return {**message, **parts}


def _about(plant: Planter, subtype: str, **parts: object) -> Json:
    ts = f"17000001{plant.number():02}.000100"
    return {"type": "message", "subtype": subtype, "channel": BIRCH_CHANNEL.id, "ts": ts,
            "event_ts": ts, "channel_type": "channel", **parts}  # fmt: skip


def _callback(plant: Planter, event: Json) -> Json:
    return {
        "type": "event_callback",
        "team_id": HOME.team_id,
        "api_app_id": HOME.app_id,
        "event_id": f"Ev{plant.number():08}",
        "event_time": 1700000000,
        "authorizations": [{"team_id": HOME.team_id, "user_id": HOME.bot_user_id, "is_bot": True}],
        "event": event,
    }


def _acting(plant: Planter) -> Json:
    return {
        "team": {"id": HOME.team_id, "domain": "sandbox"},
        "user": {"id": MARA.id, "team_id": HOME.team_id, "name": plant.text()},
        "channel": {"id": BIRCH_CHANNEL.id, "name": "birch-and-brook"},
        "trigger_id": f"3.4.{plant.number()}",
        "api_app_id": HOME.app_id,
        "response_url": "http://127.0.0.1:1/none",
    }


def _mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}
