"""The unmodified Bolt app against the sandbox Slack, over Socket Mode and over HTTP."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

import pytest
from flask import Flask, Response, request
from slack_bolt import Ack, App, Respond, Say
from slack_bolt.adapter.flask import SlackRequestHandler
from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from bot.http_server import HttpServer
from bot.sandbox.errors import NothingHappened, SandboxMisused, UnknownMethodCalled
from bot.sandbox.slack import SandboxSlack
from bot.sandbox.slack.delivery import HttpDelivery, Kind, deliver_with_retries
from bot.sandbox.slack.messages import Ephemeral, Message, View
from bot.sandbox.slack.payloads import message_event, url_verification
from bot.sandbox.slack.sample import (
    BIRCH_CHANNEL,
    CEDAR_CHANNEL,
    INES,
    MARA,
    ROWAN,
    TRIAGE_CHANNEL,
    sample_workspace,
)

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
CARD: list[dict[str, object]] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "Was that it?"}},
    {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": "solved",
                "value": "JC-1",
                "text": {"type": "plain_text", "text": "That solved it"},
            }
        ],
    },
]
MODAL: dict[str, object] = {
    "type": "modal",
    "callback_id": "reveal",
    "title": {"type": "plain_text", "text": "Reveal"},
    "submit": {"type": "plain_text", "text": "Reveal"},
    "blocks": [
        {
            "type": "input",
            "label": {"type": "plain_text", "text": "Why?"},
            "element": {"type": "plain_text_input", "action_id": "reason"},
        }
    ],
}


@dataclass
class Bot:
    """A Bolt app that notes what reached it."""

    slack: SandboxSlack
    app: App
    bodies: list[Mapping[str, object]] = field(default_factory=list)
    headers: list[Mapping[str, object]] = field(default_factory=list)
    broken: bool = False

    def events(self) -> list[Mapping[str, object]]:
        """Return the inner events so far."""
        return [e for body in self.bodies if isinstance(e := body.get("event"), dict)]


def bolt_app(slack: SandboxSlack) -> Bot:
    """Return a small app with one listener of each kind."""
    home = slack.workspace.home
    client = WebClient(token=home.bot_token, base_url=slack.api_url)
    app = App(client=client, signing_secret=home.signing_secret, process_before_response=True)
    bot = Bot(slack=slack, app=app)

    @app.middleware
    def note(body: dict[str, object], req: object, next: Callable[[], None]) -> None:  # noqa: A002
        bot.bodies.append(body)
        bot.headers.append(req.headers)  # type: ignore[attr-defined]
        if bot.broken:
            raise RuntimeError("no acknowledgement")
        next()

    @app.error
    def quiet(error: Exception) -> None:
        """Stand in for Bolt's handler, which logs."""

    @app.event("message")
    def on_message(event: dict[str, object], say: Say) -> None:
        if "subtype" not in event:
            say(text="Got it.", thread_ts=str(event.get("thread_ts") or event["ts"]), blocks=CARD)

    @app.event("app_mention")
    @app.event("app_home_opened")
    def on_other(event: dict[str, object]) -> None:
        """Acknowledge."""

    @app.command("/care")
    def on_command(ack: Ack, command: dict[str, str], client: WebClient, respond: Respond) -> None:
        if command["text"] == "loud":
            ack({"response_type": "in_channel", "text": "Everybody reads this."})
        elif command["text"] == "reveal":
            ack()
            client.views_open(trigger_id=command["trigger_id"], view=MODAL)
        elif command["text"] == "later":
            ack()
            respond("Here it is.")
        else:
            ack(f"You asked for {command['text']}.")

    @app.action("solved")
    def on_solved(ack: Ack, respond: Respond, action: dict[str, str]) -> None:
        ack()
        respond(text=f"{action['value']} is solved.", replace_original=True)

    @app.view("reveal")
    def on_reveal(ack: Ack, view: dict[str, dict[str, dict[str, object]]]) -> None:
        values = json.dumps(view["state"]["values"])
        if "audit" in values:
            ack()
        else:
            ack(response_action="errors", errors={"reason": "Say why."})

    @app.shortcut("open_ticket")
    @app.action("pick")
    @app.view_closed("reveal")
    def on_interaction(ack: Ack) -> None:
        ack()

    return bot


@pytest.fixture(scope="module", autouse=True)
def _no_proxy() -> Iterator[None]:
    """Take the environment's proxies away, which slack_sdk would use for the loopback too."""
    with pytest.MonkeyPatch.context() as patch:
        for name in PROXIES:
            patch.delenv(name, raising=False)
            patch.delenv(name.lower(), raising=False)
        yield


@pytest.fixture
def slack() -> Iterator[SandboxSlack]:
    """A sandbox Slack with the sample workspace."""
    with SandboxSlack(sample_workspace()) as running:
        yield running


def over_socket_mode(slack: SandboxSlack, stack: ExitStack) -> Bot:
    """Return the bot, connected by Socket Mode."""
    bot = bolt_app(slack)
    handler = SocketModeHandler(bot.app, slack.workspace.home.app_token, ping_interval=0.2)
    stack.callback(close, slack, handler)
    handler.connect()  # type: ignore[no-untyped-call]
    assert slack.socket.wait_for_connections()
    return bot


def close(slack: SandboxSlack, handler: SocketModeHandler) -> None:
    """Close the client, whose own close waits 3 seconds for its read unless the server ends it."""
    handler.client.auto_reconnect_enabled = False
    slack.socket.hang_up()
    until = time.monotonic() + 3
    while handler.client.is_connected() and time.monotonic() < until:
        time.sleep(0.005)
    handler.close()  # type: ignore[no-untyped-call]


def over_http(slack: SandboxSlack, stack: ExitStack) -> Bot:
    """Return the bot behind Bolt's Flask adapter."""
    bot = bolt_app(slack)
    handler = SlackRequestHandler(bot.app)
    web = Flask("bolt")

    @web.post("/slack/events")
    def events() -> Response:
        return handler.handle(request)

    server = stack.enter_context(HttpServer(web))
    slack.deliver_over_http(f"{server.url}/slack/events")
    return bot


TRANSPORTS = {"socket": over_socket_mode, "http": over_http}


@pytest.fixture(scope="module")
def bots() -> Iterator[Mapping[str, Bot]]:
    """The bot in each transport, each in a workspace of its own."""
    with ExitStack() as stack:
        slacks = {
            name: stack.enter_context(SandboxSlack(sample_workspace())) for name in TRANSPORTS
        }
        yield {name: start(slacks[name], stack) for name, start in TRANSPORTS.items()}


@pytest.fixture(params=TRANSPORTS)
def bot(request: pytest.FixtureRequest, bots: Mapping[str, Bot]) -> Bot:
    """The bot in one transport, with nothing noted or said yet."""
    bot: Bot = bots[request.param]
    bot.broken = False
    bot.bodies.clear()
    bot.headers.clear()
    bot.slack.workspace.lines.clear()
    bot.slack.workspace.ephemerals.clear()
    return bot


@pytest.fixture
def socket_bot(slack: SandboxSlack) -> Iterator[Bot]:
    """The bot over Socket Mode."""
    with ExitStack() as stack:
        yield over_socket_mode(slack, stack)


@pytest.fixture
def http_bot(slack: SandboxSlack) -> Iterator[Bot]:
    """The bot over HTTP."""
    with ExitStack() as stack:
        yield over_http(slack, stack)


def reply_to(slack: SandboxSlack, message: Message) -> Message:
    """Wait for the bot's first answer in a message's thread."""
    workspace = slack.workspace
    return workspace.wait_for(lambda: workspace.replies_in(message.channel, message.thread))[0]


def test_a_message_is_answered_in_its_thread(bot: Bot) -> None:
    """What a merchant writes reaches the listener, and its answer stands in the thread."""
    sent = bot.slack.person("Mara Quill").writes("where is my order?", BIRCH_CHANNEL)

    assert sent.ok
    assert reply_to(bot.slack, sent.message).text == "Got it."
    assert [str(line) for line in bot.slack.workspace.transcript] == [
        "[#birch-and-brook] Mara Quill: where is my order?",
        "[#birch-and-brook]   ↳ Jetpack Care: Got it.",
    ]


def test_a_message_event_has_slacks_form(bot: Bot) -> None:
    """The event has its words twice, in text and rich text, the former escaped as Slack does."""
    typed = "mail lena@example.com & <see> https://example.org"
    sent = bot.slack.person("Mara Quill").writes(typed)

    (body,) = bot.bodies
    (event,) = bot.events()
    assert event["text"] == (
        "mail <mailto:lena@example.com|lena@example.com> &amp; &lt;see&gt; <https://example.org>"
    )
    assert json.dumps(event["blocks"]).count("lena@example.com") == 2
    assert event["channel_type"] == "im"
    assert event["ts"] == event["event_ts"] == sent.message.ts
    assert str(body["event_id"]).startswith("Ev")
    assert body["is_ext_shared_channel"] is False


def test_a_mention_comes_as_two_events(bot: Bot) -> None:
    """Slack tells of a mention by a message event and an app_mention event of the same ts."""
    sent = bot.slack.person("Mara Quill").mentions("hello", BIRCH_CHANNEL)

    assert [(e["type"], e["ts"]) for e in bot.events()] == [
        ("message", sent.message.ts),
        ("app_mention", sent.message.ts),
    ]
    assert len({body["event_id"] for body in bot.bodies}) == 2
    assert sent.ok


def test_a_slash_command_answers_with_its_acknowledgement(bot: Bot) -> None:
    """The acknowledgement's text comes back and is shown to who asked alone."""
    ack = bot.slack.person("Ines Falk").commands("/care", "tickets", TRIAGE_CHANNEL)

    assert ack is not None
    assert ack.body["text"] == "You asked for tickets."
    (seen,) = bot.slack.workspace.seen_only_by(INES.id)
    assert (seen.text, seen.channel) == ("You asked for tickets.", TRIAGE_CHANNEL.id)


def test_a_response_url_reaches_who_asked(bot: Bot) -> None:
    """What a listener sends to the response URL is shown to the person alone."""
    bot.slack.person("Ines Falk").commands("/care", "later", TRIAGE_CHANNEL)

    workspace = bot.slack.workspace
    (seen,) = workspace.wait_for(lambda: workspace.seen_only_by(INES.id))
    assert seen.text == "Here it is."


def test_a_button_can_replace_its_message(bot: Bot) -> None:
    """A press carries the button's value, and the response URL replaces the message."""
    mara = bot.slack.person("Mara Quill")
    shown = reply_to(bot.slack, mara.writes("hi", BIRCH_CHANNEL).message)

    ack = mara.presses(shown, "solved")

    assert ack is not None
    assert ack.ok
    workspace = bot.slack.workspace
    replaced = workspace.wait_for(
        lambda: (m := workspace.messages[shown.channel, shown.ts]).edited and m
    )
    assert isinstance(replaced, Message)
    assert replaced.text == "JC-1 is solved."


def test_what_is_not_shown_cannot_be_pressed(bot: Bot) -> None:
    """Pressing a button that the message does not have is a mistake of the play."""
    mara = bot.slack.person("Mara Quill")
    shown = reply_to(bot.slack, mara.writes("hi", BIRCH_CHANNEL).message)

    with pytest.raises(SandboxMisused):
        mara.presses(shown, "claim")


def test_a_modal_stays_with_its_errors_and_closes_when_accepted(bot: Bot) -> None:
    """A submission with errors keeps the modal open; an accepted one closes it."""
    ines = bot.slack.person("Ines Falk")
    workspace = bot.slack.workspace
    ines.commands("/care", "reveal", TRIAGE_CHANNEL)
    workspace.wait_for(lambda: workspace.views)
    (view,) = workspace.views.values()

    refused = ines.submits(view, {"reason": "curious"})

    assert refused is not None
    assert refused.body["response_action"] == "errors"
    assert workspace.views == {view.id: view}

    ines.submits(view, {"reason": "audit"})

    assert workspace.views == {}


def test_a_shortcut_carries_its_message(bot: Bot) -> None:
    """A message shortcut holds the whole message it was used on."""
    sent = bot.slack.person("Mara Quill").writes("please look", BIRCH_CHANNEL)

    ack = bot.slack.person("Ines Falk").shortcut("open_ticket", sent.message)

    assert ack is not None
    assert ack.ok
    body = bot.bodies[-1]
    assert body["type"] == "message_action"
    assert isinstance(body["message"], dict)
    assert body["message"]["text"] == "please look"


def test_an_answer_in_the_channel_is_read_by_all(bot: Bot) -> None:
    """A command's answer of type `in_channel` is a message of the bot."""
    bot.slack.person("Ines Falk").commands("/care", "loud", TRIAGE_CHANNEL)

    assert bot.slack.workspace.said_by_bot(TRIAGE_CHANNEL.id)[-1].text == "Everybody reads this."
    assert bot.slack.workspace.seen_only_by(INES.id) == ()


def test_a_press_in_an_ephemeral_message_brings_no_message(bot: Bot) -> None:
    """Slack does not keep ephemeral messages, so the payload has their place alone."""
    workspace = bot.slack.workspace
    shown = workspace.whisper(
        Ephemeral(
            channel=BIRCH_CHANNEL.id,
            ts=workspace.next_ts(),
            user=MARA.id,
            text="private",
            blocks=tuple(CARD),
        )
    )

    bot.slack.person("Mara Quill").presses(shown, "solved")

    body = bot.bodies[-1]
    assert "message" not in body
    assert isinstance(body["container"], dict)
    assert body["container"]["is_ephemeral"] is True


def test_an_option_of_a_modal_is_chosen(bot: Bot) -> None:
    """A choice in a modal names the option, and the view instead of a channel."""
    options = [{"text": {"type": "plain_text", "text": v}, "value": v} for v in ("open", "mine")]
    select: dict[str, object] = {"type": "static_select", "action_id": "pick", "options": options}
    view = View(
        id="V0PICK00001",
        user=INES.id,
        team_id=INES.team_id,
        hash="1",
        body=MODAL | {"blocks": [{"type": "actions", "block_id": "b", "elements": [select]}]},
    )

    ack = bot.slack.person("Ines Falk").presses(view, "pick", value="mine")

    assert ack is not None
    assert ack.ok
    body = bot.bodies[-1]
    assert isinstance(body["actions"], list)
    assert body["actions"][0]["selected_option"] == options[1]
    assert isinstance(body["view"], dict)
    assert body["view"]["id"] == view.id
    assert "channel" not in body


def test_home_and_global_shortcuts_reach_the_bot(bot: Bot) -> None:
    """Opening App Home is an event with its tab; a global shortcut has no message."""
    ines = bot.slack.person("Ines Falk")

    opened = ines.opens_home("messages")
    used = ines.shortcut("open_ticket")

    assert [ack is not None and ack.ok for ack in (opened, used)] == [True, True]
    (event,) = bot.events()
    assert (event["type"], event["tab"]) == ("app_home_opened", "messages")
    assert (bot.bodies[-1]["type"], "message" in bot.bodies[-1]) == ("shortcut", False)


def test_a_closed_modal_is_told_where_it_asks_for_that(bot: Bot) -> None:
    """`notify_on_close` brings a view_closed payload; without it nothing is sent."""
    ines = bot.slack.person("Ines Falk")
    view = View(id="V0", user=INES.id, team_id=INES.team_id, hash="1", body=MODAL)
    told = replace(view, body=MODAL | {"notify_on_close": True})

    assert ines.closes(view) is None
    ack = ines.closes(told)
    assert ack is not None
    assert ack.ok
    assert [body["type"] for body in bot.bodies] == ["view_closed"]


def test_edits_and_deletions_carry_the_former_message(bot: Bot) -> None:
    """message_changed and message_deleted hold what stood there before."""
    mara = bot.slack.person("Mara Quill")
    sent = mara.writes("first", BIRCH_CHANNEL)
    changed = mara.edits(sent.message, "second")
    gone = mara.deletes(changed.message)

    assert gone.ok
    edit, deletion = bot.events()[-2:]
    assert (edit["subtype"], deletion["subtype"]) == ("message_changed", "message_deleted")
    assert isinstance(edit["message"], dict)
    assert isinstance(edit["previous_message"], dict)
    assert isinstance(deletion["previous_message"], dict)
    assert (edit["message"]["text"], edit["previous_message"]["text"]) == ("second", "first")
    assert deletion["previous_message"]["text"] == "second"
    assert deletion["deleted_ts"] == sent.message.ts


def test_files_forwards_and_broadcasts_have_their_subtypes(bot: Bot) -> None:
    """An upload, a forwarded message and a broadcast reply come in the forms Slack gives them."""
    mara = bot.slack.person("Mara Quill")
    said = mara.writes("look here", BIRCH_CHANNEL).message
    mara.shares("label.txt", b"Ship to the shed", BIRCH_CHANNEL)
    mara.forwards(said)
    mara.writes("also here", BIRCH_CHANNEL, said.ts, broadcast=True)

    upload, forward, broadcast = bot.events()[1:]
    assert upload["subtype"] == "file_share"
    assert "Ship to the shed" in json.dumps(upload["files"])
    assert isinstance(forward["attachments"], list)
    assert forward["attachments"][0]["is_share"] is True
    assert broadcast["subtype"] == "thread_broadcast"
    assert isinstance(broadcast["root"], dict)
    assert broadcast["root"]["text"] == "look here"


def test_an_external_person_is_told_apart(bot: Bot) -> None:
    """An event of a Slack Connect user names the other team and the shared channel."""
    bot.slack.person("Rowan Pell").writes("hi from outside", CEDAR_CHANNEL)

    (event,) = bot.events()
    assert (event["user"], event["user_team"]) == (ROWAN.id, ROWAN.team_id)
    assert bot.bodies[0]["team_id"] == bot.slack.workspace.home.team_id
    assert bot.bodies[0]["is_ext_shared_channel"] is True


def test_where_the_bot_is_not_it_hears_nothing(bot: Bot) -> None:
    """A message in a channel without the bot is kept and not delivered."""
    alone = replace(BIRCH_CHANNEL, id="C0ALONE0001", name="alone", members=(MARA.id,))
    bot.slack.workspace.put(alone)

    sent = bot.slack.person("Mara Quill").writes("nobody?", alone)

    assert sent.acks == ()
    assert bot.bodies == []


def test_what_is_not_acknowledged_is_sent_again(bot: Bot) -> None:
    """A delivery without acknowledgement comes again, numbered, and stops when it is taken."""
    bot.broken = True
    workspace = bot.slack.workspace
    posted = workspace.post(
        Message(
            channel=BIRCH_CHANNEL.id,
            ts=workspace.next_ts(),
            user=MARA.id,
            team=MARA.team_id,
            text="hello?",
        )
    )
    payload = message_event(workspace.home, posted, BIRCH_CHANNEL, MARA)

    answers = deliver_with_retries(bot.slack.delivery, payload, waits=(0.0, 0.0), timeout=0.4)

    assert len(answers) == 3
    assert not any(answer and answer.ok for answer in answers)
    numbers = [h.get("x-slack-retry-num") for h in bot.headers]
    assert [n for n in numbers if n not in (None, ["0"])] == [["1"], ["2"]]
    assert len({body["event_id"] for body in bot.bodies}) == 1

    bot.broken = False
    last = deliver_with_retries(bot.slack.delivery, payload)
    assert len(last) == 1
    assert last[0] is not None
    assert last[0].ok


def test_a_disconnect_envelope_brings_a_new_connection(socket_bot: Bot) -> None:
    """After `disconnect` the client asks for a new ticket and goes on receiving."""
    slack = socket_bot.slack
    slack.socket.disconnect()
    slack.workspace.wait_for(
        lambda: len(slack.workspace.calls_of("apps.connections.open")) == 2, timeout=5
    )
    assert slack.socket.wait_for_connections()

    sent = slack.person("Mara Quill").writes("still there?", BIRCH_CHANNEL)

    assert reply_to(slack, sent.message).text == "Got it."


def test_a_dropped_connection_comes_back(socket_bot: Bot) -> None:
    """After the connection breaks, an event waits for the next one."""
    slack = socket_bot.slack
    slack.socket.drop()

    sent = slack.person("Mara Quill").writes("still there?", BIRCH_CHANNEL)

    assert sent.ok
    assert reply_to(slack, sent.message).text == "Got it."


def test_unacknowledged_envelopes_are_known(socket_bot: Bot) -> None:
    """An envelope that the app does not take stays on the list."""
    socket_bot.broken = True

    ack = socket_bot.slack.person("Mara Quill", patience=0.3).writes("hm", BIRCH_CHANNEL).acks

    assert ack == (None,)
    assert len(socket_bot.slack.socket.unacknowledged) == 1


def test_a_signature_of_another_secret_is_refused(http_bot: Bot) -> None:
    """Forged, stale and unsigned requests get 401 and reach no listener."""
    slack = http_bot.slack
    assert isinstance(slack.delivery, HttpDelivery)
    url, secret = slack.delivery.url, slack.workspace.home.signing_secret
    payload = url_verification("c")
    stale = HttpDelivery(url, secret, clock=lambda: time.time() - 600)

    forged = HttpDelivery(url, "another").deliver(payload)
    late = stale.deliver(payload)
    unsigned = slack.delivery.post(b"{}", {"Content-Type": "application/json"})
    good = slack.delivery.deliver(payload)

    assert [a.status for a in (forged, late, unsigned, good) if a] == [401, 401, 401, 200]
    assert http_bot.events() == []


def test_the_challenge_of_an_events_url_is_answered(http_bot: Bot) -> None:
    """Bolt answers `url_verification`, so that Slack would accept the URL."""
    ack = http_bot.slack.delivery.deliver(url_verification("3eZbrw1a"))

    assert ack is not None
    assert ack.body == {"challenge": "3eZbrw1a"}


def test_a_bot_that_is_not_there_gives_no_answer(slack: SandboxSlack) -> None:
    """Without a connection a delivery ends in None after its timeout."""
    payload: dict[str, object] = {"type": "event_callback"}

    assert slack.socket.deliver(payload, Kind.EVENTS_API, timeout=0.05) is None
    with HttpServer(Flask("gone")) as server:
        gone = server.url
    assert slack.deliver_over_http(gone).deliver(payload, timeout=0.5) is None


def test_a_wrong_ticket_opens_no_connection(slack: SandboxSlack) -> None:
    """A WebSocket without a ticket of `apps.connections.open` is refused."""
    with pytest.raises(InvalidStatus), connect(f"{slack.socket.url}/link/?ticket=x", proxy=None):
        pass


def test_an_unknown_method_fails_loudly() -> None:
    """A method that the sandbox does not have is refused, recorded, and fails the play."""

    def play() -> None:
        with SandboxSlack(sample_workspace()) as slack:
            client = WebClient(token=slack.workspace.home.bot_token, base_url=slack.api_url)
            with pytest.raises(SlackApiError, match="unknown_method"):
                client.pins_add(channel=BIRCH_CHANNEL.id, timestamp="1")

    with pytest.raises(UnknownMethodCalled, match=r"pins\.add"):
        play()


def test_what_never_happens_is_said_so(slack: SandboxSlack) -> None:
    """Waiting in vain ends in NothingHappened."""
    with pytest.raises(NothingHappened):
        slack.workspace.wait_for(lambda: slack.workspace.calls, timeout=0.05)


def test_stopping_leaves_no_thread() -> None:
    """After the sandbox stops, the threads are the ones of before."""
    before = set(threading.enumerate())
    with SandboxSlack(sample_workspace()) as slack, ExitStack() as stack:
        over_socket_mode(slack, stack)
    until = time.monotonic() + 5

    def left() -> list[str]:
        names = [t.name for t in set(threading.enumerate()) - before]
        return [n for n in names if n.startswith(("sandbox", "http-server", "waitress"))]

    while left() and time.monotonic() < until:
        time.sleep(0.01)
    assert left() == []
