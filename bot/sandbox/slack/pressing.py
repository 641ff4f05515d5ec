"""What people do with commands, buttons, modals, shortcuts and App Home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.sandbox.slack import interactions as interactions
from bot.sandbox.slack.actor import Actor
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.chat import respond
from bot.sandbox.slack.delivery import Ack, Kind
from bot.sandbox.slack.elements import Place, pressed
from bot.sandbox.slack.grants import new_id
from bot.sandbox.slack.messages import Ephemeral, Message, View
from bot.sandbox.slack.objects import Channel
from bot.sandbox.slack.payloads import assistant_started_event, home_opened_event
from bot.sandbox.slack.text import message_text
from bot.sandbox.slack.transcript import Line, LineKind
from bot.sandbox.slack.views import view_body


@dataclass(frozen=True, slots=True, kw_only=True)
class Presser(Actor):
    """Somebody who uses what the bot shows."""

    def opens_home(self, tab: str = "home") -> Ack | None:
        """Open the bot's App Home at the tab `home` or `messages`."""
        workspace = self.workspace
        event = home_opened_event(workspace.home, self.user, self.dm, tab, workspace.next_ts())
        return self.deliver(event, Kind.EVENTS_API)

    def opens_assistant(self) -> str:
        """Open the older assistant. Returns the root of the thread that its chat has."""
        workspace = self.workspace
        root = workspace.post(
            Message(
                channel=self.dm.id,
                ts=workspace.next_ts(),
                user=workspace.home.bot_user_id,
                team=workspace.home.team_id,
                text="New chat",
                subtype="assistant_app_thread",
                bot_id=workspace.home.bot_id,
            )
        )
        event = assistant_started_event(workspace.home, self.user, self.dm, root.ts)
        self.deliver(event, Kind.EVENTS_API)
        return root.ts

    def commands(
        self, command: str, text: str = "", channel: Channel | str | None = None
    ) -> Ack | None:
        """Enter a slash command. What the acknowledgement says is shown, as Slack shows it."""
        place = self.place(channel)
        workspace = self.workspace
        workspace.note(
            Line(
                kind=LineKind.ASKED,
                at=workspace.next_ts(),
                place=workspace.place(place.id),
                speaker=self.user.real_name,
                text=message_text(f"{command} {text}".strip()),
            )
        )
        key = self._lend_response(place)
        payload = interactions.slash_command(
            workspace.home,
            self.user,
            place,
            command,
            text,
            trigger_id=self._lend_trigger(),
            response_url=self._response_url(key),
        )
        ack = self.deliver(payload, Kind.SLASH_COMMANDS)
        if ack and ack.ok and (ack.body.get("text") or ack.body.get("blocks")):
            with workspace.lock:
                response = workspace.grants.take_response(key, workspace.clock())
                if response:
                    respond(workspace, response, Arguments(ack.body))
        return ack

    def presses(self, where: Place, action_id: str, *, value: str | None = None) -> Ack | None:
        """Press a button, or choose an option, where it is shown. Raises SandboxMisused."""
        workspace = self.workspace
        action = pressed(where, action_id, value, workspace.next_ts())
        if isinstance(where, View):
            channel, response_url = None, ""
        else:
            channel = workspace.channels[where.channel]
            response_url = self._response_url(self._lend_response(channel, where))
        payload = interactions.block_actions(
            workspace.home,
            self.user,
            channel,
            where,
            action,
            trigger_id=self._lend_trigger(),
            response_url=response_url,
        )
        return self.deliver(payload, Kind.INTERACTIVE)

    def submits(self, view: View, values: Mapping[str, str] | None = None) -> Ack | None:
        """Send a modal, with what was entered by action id.

        The modal closes, stays with its errors, or changes, as the acknowledgement says.
        """
        workspace = self.workspace
        payload = interactions.view_submission(
            workspace.home, self.user, view, values or {}, trigger_id=self._lend_trigger()
        )
        ack = self.deliver(payload, Kind.INTERACTIVE)
        if ack and ack.ok:
            action = ack.body.get("response_action")
            body = ack.body.get("view")
            if action in ("update", "push") and isinstance(body, dict):
                body = view_body(body, "modal")
                fresh = view.id if action == "update" else new_id("V")
                workspace.show(replace(view, id=fresh, body=body, hash=new_id("")))
            elif action != "errors":
                self._close(view)
        return ack

    def closes(self, view: View) -> Ack | None:
        """Close a modal. The bot hears of it where the modal asks for that."""
        self._close(view)
        if not view.body.get("notify_on_close"):
            return None
        payload = interactions.view_closed(self.workspace.home, self.user, view)
        return self.deliver(payload, Kind.INTERACTIVE)

    def shortcut(self, callback_id: str, message: Message | None = None) -> Ack | None:
        """Use a shortcut of a message's menu, or a global one."""
        workspace = self.workspace
        at = workspace.next_ts()
        if message is None:
            payload = interactions.global_shortcut(
                workspace.home, self.user, callback_id, at=at, trigger_id=self._lend_trigger()
            )
        else:
            channel = workspace.channels[message.channel]
            key = self._lend_response(channel, message)
            payload = interactions.message_shortcut(
                workspace.home,
                self.user,
                channel,
                message,
                callback_id,
                at=at,
                trigger_id=self._lend_trigger(),
                response_url=self._response_url(key),
            )
        return self.deliver(payload, Kind.INTERACTIVE)

    def _close(self, view: View) -> None:
        with self.workspace.lock:
            self.workspace.views.pop(view.id, None)
            self.workspace.lock.notify_all()

    def _lend_trigger(self) -> str:
        with self.workspace.lock:
            return self.workspace.grants.lend_trigger(self.user.id, self.workspace.clock())

    def _lend_response(self, channel: Channel, where: Message | Ephemeral | None = None) -> str:
        with self.workspace.lock:
            return self.workspace.grants.lend_response(
                channel=channel.id,
                user=self.user.id,
                now=self.workspace.clock(),
                message_ts=where.ts if where else None,
                thread_ts=where.thread_ts if where else None,
            )

    def _response_url(self, key: str) -> str:
        return f"{self.workspace.origin}/response/{key}"
