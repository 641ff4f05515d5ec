"""The sandbox Slack's Web API, asked by Slack's own client and by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from slack_sdk import WebClient, WebhookClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from bot.sandbox.errors import SandboxBroken
from bot.sandbox.slack import SandboxSlack
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.sample import (
    BIRCH_CHANNEL,
    CARE_GROUP,
    CEDAR_CHANNEL,
    HOME,
    INES,
    MARA,
    OUTSIDE_TEAM,
    ROWAN,
    TOBIN,
    sample_workspace,
)
from bot.sandbox.slack.workspace import Workspace

BIRCH = BIRCH_CHANNEL.id
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}
HOME_VIEW = {"type": "home", "blocks": [SECTION]}
MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "Note"}, "blocks": [SECTION]}
ARCHIVED = replace(BIRCH_CHANNEL, id="C0ARCHIVED1", name="old", is_archived=True)
ELSEWHERE = replace(BIRCH_CHANNEL, id="C0ELSEWHERE", name="elsewhere", members=(MARA.id,))
PRIVATE = replace(ELSEWHERE, id="C0PRIVATE01", name="private", type="group")


class Clock:
    """Tells the time that a test sets."""

    def __init__(self) -> None:
        self.now = 1_900_000_000.0

    def __call__(self) -> float:
        """Return Unix time."""
        return self.now


@pytest.fixture(scope="module", autouse=True)
def _no_proxy() -> Iterator[None]:
    """Take the environment's proxies away, which slack_sdk would use for the loopback too."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            patch.delenv(name, raising=False)
            patch.delenv(name.lower(), raising=False)
        yield


@pytest.fixture
def clock() -> Clock:
    """The sandbox's clock."""
    return Clock()


@pytest.fixture
def slack(clock: Clock) -> Iterator[SandboxSlack]:
    """A sandbox Slack with the sample workspace."""
    opened = sample_workspace(clock)
    # What the bot itself does without.
    more = ("im:write", "team:read", "users:read")
    opened.home = replace(HOME, scopes=(*HOME.scopes, *more))
    with SandboxSlack(opened) as running:
        yield running


@pytest.fixture
def workspace(slack: SandboxSlack) -> Workspace:
    """Its workspace."""
    return slack.workspace


@pytest.fixture
def client(slack: SandboxSlack) -> WebClient:
    """Slack's own client with the bot token."""
    return WebClient(token=HOME.bot_token, base_url=slack.api_url, timeout=5)


def said(workspace: Workspace, text: str, thread_ts: str | None = None) -> Message:
    """Put a message of Mara's into the workspace."""
    return workspace.post(
        Message(
            channel=BIRCH,
            ts=workspace.next_ts(),
            user=MARA.id,
            team=MARA.team_id,
            text=text,
            thread_ts=thread_ts,
        )
    )


def by_hand(
    slack: SandboxSlack, method: str, body: str, headers: dict[str, str]
) -> dict[str, object]:
    """Send any request and return the JSON of the answer."""
    address = urlsplit(slack.api_url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=5)
    try:
        connection.request("POST", f"/api/{method}", body=body, headers=headers)
        answer: dict[str, object] = json.loads(connection.getresponse().read())
        return answer
    finally:
        connection.close()


Ask = Callable[[WebClient], Any]

REFUSALS: dict[str, tuple[Ask, str]] = {
    "no such channel": (
        lambda c: c.chat_postMessage(channel="C0NOWHERE01", text="hi"),
        "channel_not_found",
    ),
    "private conversation of others": (
        lambda c: c.conversations_info(channel="D0NOWHERE01"),
        "channel_not_found",
    ),
    "no text": (lambda c: c.api_call("chat.postMessage", json={"channel": BIRCH}), "no_text"),
    "text of 40,001 characters": (
        lambda c: c.chat_postMessage(channel=BIRCH, text="x" * 40_001),
        "msg_too_long",
    ),
    "51 blocks": (
        lambda c: c.chat_postMessage(channel=BIRCH, text="x", blocks=[SECTION] * 51),
        "invalid_blocks",
    ),
    "section of 3,001 characters": (
        lambda c: c.chat_postMessage(
            channel=BIRCH,
            text="x",
            blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}],
        ),
        "invalid_blocks",
    ),
    "block of no known type": (
        lambda c: c.chat_postMessage(channel=BIRCH, text="x", blocks=[{"type": "marquee"}]),
        "invalid_blocks",
    ),
    "blocks of 15,000 characters": (
        lambda c: c.chat_postMessage(
            channel=BIRCH,
            text="x",
            blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}] * 5,
        ),
        "msg_blocks_too_long",
    ),
    "thread that is not there": (
        lambda c: c.chat_postMessage(channel=BIRCH, text="x", thread_ts="1.000001"),
        "thread_not_found",
    ),
    "ephemeral to somebody else's channel": (
        lambda c: c.chat_postEphemeral(channel=BIRCH, user=TOBIN.id, text="x"),
        "user_not_in_channel",
    ),
    "archived channel": (
        lambda c: c.chat_postMessage(channel=ARCHIVED.id, text="x"),
        "is_archived",
    ),
    "channel without the bot": (
        lambda c: c.conversations_history(channel=ELSEWHERE.id),
        "not_in_channel",
    ),
    "private channel without the bot": (
        lambda c: c.conversations_info(channel=PRIVATE.id),
        "channel_not_found",
    ),
    "conversation with two": (
        lambda c: c.conversations_open(users=f"{MARA.id},{INES.id}"),
        "too_many_users",
    ),
    "conversation with oneself": (
        lambda c: c.conversations_open(users=HOME.bot_user_id),
        "cannot_dm_bot",
    ),
    "bound that is no time": (
        lambda c: c.conversations_history(channel=BIRCH, oldest="yesterday"),
        "invalid_ts_oldest",
    ),
    "cursor of somebody else": (
        lambda c: c.conversations_members(channel=BIRCH, cursor="abc"),
        "invalid_cursor",
    ),
    "link to nothing": (
        lambda c: c.chat_getPermalink(channel=BIRCH, message_ts="1.000001"),
        "message_not_found",
    ),
    "blocks that are no list": (
        lambda c: c.chat_postMessage(channel=BIRCH, text="x", blocks="{"),
        "invalid_blocks_format",
    ),
    "text that is no string": (
        lambda c: c.api_call("chat.postMessage", json={"channel": BIRCH, "text": ["x"]}),
        "invalid_arguments",
    ),
    "no such bot": (lambda c: c.bots_info(bot="B0NOBODY001"), "bot_not_found"),
    "no such file": (lambda c: c.files_info(file="F0NOBODY001"), "file_not_found"),
    "no such view": (lambda c: c.views_update(view_id="V0", view=MODAL), "not_found"),
    "update of nothing": (
        lambda c: c.chat_update(channel=BIRCH, ts="1.000001", text="x"),
        "message_not_found",
    ),
    "replies to nothing": (
        lambda c: c.conversations_replies(channel=BIRCH, ts="1.000001"),
        "thread_not_found",
    ),
    "no such user": (lambda c: c.users_info(user="U0NOBODY001"), "user_not_found"),
    "no such group": (
        lambda c: c.usergroups_users_list(usergroup="S0NOBODY001"),
        "no_such_subteam",
    ),
    "no such team": (lambda c: c.team_info(team="T0NOBODY001"), "team_not_found"),
    "made-up trigger": (
        lambda c: c.views_open(trigger_id="1.2.3", view=MODAL),
        "invalid_trigger_id",
    ),
    "modal without title": (
        lambda c: c.views_open(trigger_id="1.2.3", view={"type": "modal", "blocks": [SECTION]}),
        "invalid_arguments",
    ),
    "modal as App Home": (
        lambda c: c.views_publish(user_id=INES.id, view=MODAL),
        "invalid_arguments",
    ),
    "page of no size": (
        lambda c: c.conversations_history(channel=BIRCH, limit=5000),
        "invalid_limit",
    ),
    "bot token for Socket Mode": (
        lambda c: c.apps_connections_open(app_token=HOME.bot_token),
        "not_allowed_token_type",
    ),
    "wrong token": (lambda c: c.auth_test(token="xoxb-other"), "invalid_auth"),
}


@pytest.mark.parametrize(("ask", "code"), REFUSALS.values(), ids=REFUSALS)
def test_what_slack_refuses(client: WebClient, workspace: Workspace, ask: Ask, code: str) -> None:
    """Each mistake is answered with Slack's own error code, and recorded with it."""
    for channel in (ARCHIVED, ELSEWHERE, PRIVATE):
        workspace.put(channel)

    with pytest.raises(SlackApiError) as refused:
        ask(client)

    assert refused.value.response["error"] == code
    assert workspace.calls[-1].outcome == code


def test_forms_json_and_the_token_field_are_the_same(slack: SandboxSlack) -> None:
    """A request may be a form or JSON, with its token in the header or among the arguments."""
    bearer = {"Authorization": f"Bearer {HOME.bot_token}"}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    as_json = {"Content-Type": "application/json; charset=utf-8"}
    say = {"channel": BIRCH, "text": "hi", "blocks": json.dumps([SECTION])}

    answers = [
        by_hand(slack, "chat.postMessage", urlencode(say), form | bearer),
        by_hand(slack, "chat.postMessage", urlencode(say | {"token": HOME.bot_token}), form),
        by_hand(slack, "chat.postMessage", json.dumps(say), as_json | bearer),
    ]

    assert [answer["ok"] for answer in answers] == [True, True, True]
    arguments = [call.arguments for call in slack.workspace.calls]
    assert arguments == [say] * 3
    assert "token" not in arguments[1]


@pytest.mark.parametrize(
    ("body", "code"),
    [("{", "invalid_json"), ("[]", "json_not_object"), ('{"text": "x"}', "not_authed")],
)
def test_broken_requests_are_refused(slack: SandboxSlack, body: str, code: str) -> None:
    """A body that is no JSON object, or comes without a token, gets Slack's code for it."""
    answer = by_hand(slack, "chat.postMessage", body, {"Content-Type": "application/json"})

    assert answer == {"ok": False, "error": code}


def test_a_megabyte_of_form_gets_an_answer(slack: SandboxSlack) -> None:
    """A text far over the limit is refused as Slack refuses it."""
    body = urlencode({"channel": BIRCH, "text": "x" * 1_000_000, "token": HOME.bot_token})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    assert by_hand(slack, "chat.postMessage", body, headers)["error"] == "msg_too_long"


def test_auth_test_names_the_bot_and_its_scopes(client: WebClient) -> None:
    """auth.test tells the ids, and its header the scopes, which Bolt reads."""
    answer = client.auth_test()

    assert answer["user_id"] == HOME.bot_user_id
    assert answer["team_id"] == HOME.team_id
    headers = {name.lower(): value for name, value in answer.headers.items()}
    assert "chat:write" in headers["x-oauth-scopes"].split(",")


def test_a_user_id_as_channel_opens_the_direct_message(
    client: WebClient, workspace: Workspace
) -> None:
    """chat.postMessage to a person lands in the conversation that conversations.open gives."""
    posted = client.chat_postMessage(channel=MARA.id, text="hello")
    opened = client.conversations_open(users=MARA.id)

    assert posted["channel"] == opened["channel"]["id"]
    assert [m.text for m in workspace.said_by_bot(workspace.direct(MARA.id).id)] == ["hello"]


def test_the_bot_changes_and_deletes_its_own_messages_alone(
    client: WebClient, workspace: Workspace
) -> None:
    """chat.update and chat.delete work on the bot's messages and on nobody else's."""
    other = said(workspace, "mine")
    own = str(client.chat_postMessage(channel=BIRCH, text="one")["ts"])
    client.chat_update(channel=BIRCH, ts=own, text="two")
    assert workspace.messages[BIRCH, own].text == "two"

    client.chat_delete(channel=BIRCH, ts=own)

    assert [m.text for m in workspace.history(BIRCH)] == ["mine"]
    with pytest.raises(SlackApiError, match="cant_delete_message"):
        client.chat_delete(channel=BIRCH, ts=other.ts)
    with pytest.raises(SlackApiError, match="cant_update_message"):
        client.chat_update(channel=BIRCH, ts=other.ts, text="x")


def test_a_thread_is_read_in_pages(client: WebClient, workspace: Workspace) -> None:
    """conversations.replies gives the thread oldest first, page by page, with its counts."""
    root = said(workspace, "0")
    for number in range(1, 6):
        said(workspace, str(number), root.ts)
    said(workspace, "another thread")

    first = client.conversations_replies(channel=BIRCH, ts=root.ts, limit=4)
    count = first["messages"][0]["reply_count"]
    texts = [[m["text"] for m in page["messages"]] for page in first]

    assert count == 5
    assert texts == [["0", "1", "2", "3"], ["4", "5"]]
    history = client.conversations_history(channel=BIRCH)
    assert [m["text"] for m in history["messages"]] == ["another thread", "0"]


def test_history_keeps_to_its_bounds(client: WebClient, workspace: Workspace) -> None:
    """`oldest` and `latest` exclude their ends unless `inclusive` is set."""
    first, second, third = (said(workspace, text) for text in ("a", "b", "c"))

    def between(*, inclusive: bool) -> list[str]:
        found = client.conversations_history(
            channel=BIRCH, oldest=first.ts, latest=third.ts, inclusive=inclusive
        )
        return [message["ts"] for message in found["messages"]]

    assert between(inclusive=False) == [second.ts]
    assert between(inclusive=True) == [third.ts, second.ts, first.ts]


def test_metadata_comes_back_when_asked_for(client: WebClient) -> None:
    """What was attached to a message is told with `include_all_metadata` alone."""
    metadata = {"event_type": "care_reply", "event_payload": {"reply": "7"}}
    ts = str(client.chat_postMessage(channel=BIRCH, text="x", metadata=metadata)["ts"])

    plain = client.conversations_replies(channel=BIRCH, ts=ts)
    whole = client.conversations_replies(channel=BIRCH, ts=ts, include_all_metadata=True)

    assert "metadata" not in plain["messages"][0]
    assert whole["messages"][0]["metadata"] == metadata


def test_people_and_groups_are_told(client: WebClient) -> None:
    """Users carry their team, groups their members, shared channels the teams they reach."""
    assert client.users_info(user=ROWAN.id)["user"]["team_id"] == OUTSIDE_TEAM
    assert client.usergroups_users_list(usergroup=CARE_GROUP)["users"] == [INES.id]
    shared = client.conversations_info(channel=CEDAR_CHANNEL.id)["channel"]
    assert (shared["is_ext_shared"], shared["connected_team_ids"]) == (True, [OUTSIDE_TEAM])
    assert set(client.conversations_members(channel=BIRCH)["members"]) == set(BIRCH_CHANNEL.members)
    assert client.team_info()["team"]["id"] == HOME.team_id
    assert client.bots_info(bot=HOME.bot_id)["bot"]["app_id"] == HOME.app_id


def test_an_ephemeral_is_seen_by_one(client: WebClient, workspace: Workspace) -> None:
    """chat.postEphemeral reaches one person and is not kept in the channel."""
    client.chat_postEphemeral(channel=BIRCH, user=MARA.id, text="only you")

    assert [e.text for e in workspace.seen_only_by(MARA.id)] == ["only you"]
    assert workspace.seen_only_by(INES.id) == ()
    assert workspace.history(BIRCH) == ()
    assert str(workspace.transcript[-1]) == (
        "[#birch-and-brook] Jetpack Care: (only Mara Quill sees this) only you"
    )


def test_a_permalink_names_the_message(client: WebClient, workspace: Workspace) -> None:
    """chat.getPermalink has Slack's form, with the thread for a reply."""
    root = said(workspace, "root")
    reply = said(workspace, "reply", root.ts)

    link = str(client.chat_getPermalink(channel=BIRCH, message_ts=reply.ts)["permalink"])

    assert link.endswith(
        f"/archives/{BIRCH}/p{reply.ts.replace('.', '')}?thread_ts={root.ts}&cid={BIRCH}"
    )


def test_a_trigger_opens_one_modal_within_its_seconds(
    client: WebClient, workspace: Workspace, clock: Clock
) -> None:
    """A trigger works once, and not after 3 seconds."""
    once = workspace.grants.lend_trigger(INES.id, clock.now)
    late = workspace.grants.lend_trigger(INES.id, clock.now)
    view = client.views_open(trigger_id=once, view=MODAL)["view"]
    assert isinstance(view, dict)

    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        client.views_open(trigger_id=once, view=MODAL)
    clock.now += 3.5
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        client.views_open(trigger_id=late, view=MODAL)

    fresh = client.views_update(view_id=view["id"], hash=view["hash"], view=MODAL)["view"]
    assert isinstance(fresh, dict)
    assert fresh["hash"] != view["hash"]
    with pytest.raises(SlackApiError, match="hash_conflict"):
        client.views_update(view_id=view["id"], hash=view["hash"], view=MODAL)


def test_app_home_is_published_per_person(client: WebClient, workspace: Workspace) -> None:
    """views.publish keeps the latest App Home of a person."""
    client.views_publish(user_id=INES.id, view=HOME_VIEW)

    assert list(workspace.app_homes) == [INES.id]


def test_a_response_url_lasts_five_messages_and_half_an_hour(
    workspace: Workspace, clock: Clock
) -> None:
    """A response URL posts, then refuses the sixth message and everything after 30 minutes."""
    lend = workspace.grants.lend_response
    keys = [lend(channel=BIRCH, user=MARA.id, now=clock.now) for _ in range(2)]
    used, old = (WebhookClient(f"{workspace.origin}/response/{key}") for key in keys)

    bodies = [used.send(text=f"{n}", response_type="in_channel").body for n in range(6)]
    clock.now += 1801
    late = old.send(text="late").body

    assert [m.text for m in workspace.said_by_bot(BIRCH)] == ["0", "1", "2", "3", "4"]
    assert json.loads(bodies[5])["error"] == json.loads(late)["error"] == "expired_url"


def test_a_private_file_needs_the_token(slack: SandboxSlack) -> None:
    """A file's content is served to the bot's token, and a sign-in page to anybody else."""
    sent = slack.person("Mara Quill", patience=0.01).shares("a.txt", b"contents", BIRCH)
    address = urlsplit(str(sent.message.files[0]["url_private"]))

    def fetched(headers: dict[str, str]) -> bytes:
        connection = HTTPConnection(address.hostname or "", address.port, timeout=5)
        try:
            connection.request("GET", address.path, headers=headers)
            return connection.getresponse().read()
        finally:
            connection.close()

    assert fetched({"Authorization": f"Bearer {HOME.bot_token}"}) == b"contents"
    assert b"contents" not in fetched({})


def test_a_hidden_file_is_told_by_files_info(slack: SandboxSlack, client: WebClient) -> None:
    """Slack Connect's `check_file_info` hides the name until files.info is asked."""
    rowan = slack.person("Rowan Pell", patience=0.01)
    file = rowan.shares("label.txt", b"x", CEDAR_CHANNEL, hidden=True).message.files[0]

    assert (file["file_access"], "name" in file) == ("check_file_info", False)
    assert client.files_info(file=str(file["id"]))["file"]["name"] == "label.txt"


def test_a_rate_limit_is_waited_out(client: WebClient, workspace: Workspace) -> None:
    """429 with Retry-After reaches Slack's own retry handler, which then gets through."""
    workspace.faults.add("chat.postMessage", status=429, retry_after=0, times=2)
    client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=2))

    client.chat_postMessage(channel=BIRCH, text="at last")

    outcomes = [call.outcome for call in workspace.calls_of("chat.postMessage")]
    assert outcomes == ["http 429", "http 429", "ok"]
    assert [m.text for m in workspace.said_by_bot(BIRCH)] == ["at last"]


def test_the_wait_of_a_rate_limit_is_told(client: WebClient, workspace: Workspace) -> None:
    """The answer 429 says `ratelimited` and for how long."""
    workspace.faults.add("*", status=429, retry_after=7)

    with pytest.raises(SlackApiError) as limited:
        client.auth_test()

    assert limited.value.response.status_code == 429
    assert limited.value.response.headers["Retry-After"] == "7"
    assert limited.value.response["error"] == "ratelimited"


def test_slack_can_fail_in_every_way(client: WebClient, workspace: Workspace) -> None:
    """A server error, a body that is no JSON and a revoked token come as they are ordered."""
    workspace.faults.add("auth.test", status=500)
    workspace.faults.add("auth.test", body="<html>Bad gateway</html>")
    workspace.faults.add("auth.test", error="token_revoked")

    errors = []
    for _ in range(3):
        with pytest.raises(SlackApiError) as failed:
            client.auth_test()
        errors.append((failed.value.response.status_code, workspace.calls[-1].outcome))

    assert errors == [(500, "http 500"), (200, "garbage"), (200, "token_revoked")]
    assert client.auth_test()["ok"] is True


def test_an_answer_can_be_late(slack: SandboxSlack) -> None:
    """A slow answer runs into the client's own timeout, and stops with the sandbox."""
    slack.workspace.faults.add("auth.test", delay=30)
    hasty = WebClient(token=HOME.bot_token, base_url=slack.api_url, timeout=1)

    with pytest.raises(TimeoutError):
        hasty.auth_test()


def test_an_answer_can_get_lost_after_the_work(client: WebClient, workspace: Workspace) -> None:
    """With `applied` the message is posted, and only the answer is an error."""
    workspace.faults.add("chat.postMessage", status=500, applied=True)

    with pytest.raises(SlackApiError):
        client.chat_postMessage(channel=BIRCH, text="posted all the same")

    assert [m.text for m in workspace.said_by_bot(BIRCH)] == ["posted all the same"]


def test_timestamps_are_unique_and_rise(workspace: Workspace) -> None:
    """No two messages have one timestamp, even while the clock stands still."""
    stamps = [workspace.next_ts() for _ in range(1000)]

    assert stamps == sorted(set(stamps))


def test_a_failure_of_the_sandbox_ends_the_play(client: WebClient, workspace: Workspace) -> None:
    """Where the sandbox itself breaks, the bot gets a 500 and the play says so."""
    workspace.app_homes = None  # type: ignore[assignment]

    with pytest.raises(SlackApiError):
        client.views_publish(user_id=INES.id, view=HOME_VIEW)
    with pytest.raises(SandboxBroken, match=r"views\.publish: TypeError"):
        workspace.check()

    workspace.failures.clear()
