"""The state of the sandbox Slack: who is there and what was said. Every change wakes who waits.

All methods take the lock, so that the bot's requests and the people of a play may come from any
thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from bot.sandbox.errors import NothingHappened, SandboxBroken, UnknownMethodCalled
from bot.sandbox.slack.calls import Call, Faults
from bot.sandbox.slack.files import File
from bot.sandbox.slack.grants import Grants
from bot.sandbox.slack.messages import Ephemeral, Message, View
from bot.sandbox.slack.objects import Channel, Home, User, UserGroup
from bot.sandbox.slack.register import Register
from bot.sandbox.slack.text import Json
from bot.sandbox.slack.transcript import Line, LineKind

T = TypeVar("T")


class Workspace(Register):
    """One Slack workspace with the bot installed, and what reaches into it by Slack Connect.

    Attributes:
        faults: How the next requests fail, see `Faults.add`.
        calls: Every request of the bot, in order.
        failures: `method: ErrorClass` where the sandbox itself failed.
        ephemerals: What single people saw, in order.
        lines: The transcript.
        origin: Address of the Web API's server, set when it starts.
        clock: Returns Unix time.
    """

    def __init__(
        self,
        *,
        home: Home,
        users: Iterable[User] = (),
        channels: Iterable[Channel] = (),
        groups: Iterable[UserGroup] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(home=home, users=users, channels=channels, groups=groups)
        self.messages: dict[tuple[str, str], Message] = {}
        self.ephemerals: list[Ephemeral] = []
        self.views: dict[str, View] = {}
        self.app_homes: dict[str, View] = {}
        self.files: dict[str, File] = {}
        self.faults = Faults()
        self.grants = Grants()
        self.calls: list[Call] = []
        self.failures: list[str] = []
        self.lines: list[Line] = []
        self.origin = ""
        self.clock = clock
        self._last = 0

    # What is said

    def next_ts(self) -> str:
        """Return the current time as a timestamp that no message has yet."""
        with self.lock:
            self._last = max(int(self.clock() * 1_000_000), self._last + 1)
            return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def post(self, message: Message) -> Message:
        """Keep a message and add it to the transcript. Returns it."""
        with self.lock:
            self.messages[message.channel, message.ts] = message
            self._line(LineKind.SAID, message)
            return message

    def whisper(self, ephemeral: Ephemeral) -> Ephemeral:
        """Show a message to one person. Returns it."""
        with self.lock:
            self.ephemerals.append(ephemeral)
            self.note(
                Line(
                    kind=LineKind.WHISPERED,
                    at=ephemeral.ts,
                    place=self.place(ephemeral.channel),
                    speaker=self.bot.real_name,
                    text=ephemeral.text,
                    seen_by=self.users[ephemeral.user].real_name,
                    thread_ts=ephemeral.thread_ts,
                )
            )
            return ephemeral

    def change(self, message: Message, *, text: str, blocks: tuple[Json, ...]) -> Message:
        """Edit a message. Returns it as it is now."""
        with self.lock:
            changed = replace(message, text=text, blocks=blocks, edited=self.next_ts())
            self.messages[message.channel, message.ts] = changed
            self._line(LineKind.EDITED, changed)
            return changed

    def has_thread(self, channel: str, ts: str) -> bool:
        """Tell whether a thread can be replied to: its first message is there, or a reply."""
        with self.lock:
            return (channel, ts) in self.messages or any(
                key[0] == channel and each.thread_ts == ts for key, each in self.messages.items()
            )

    def remove(self, message: Message) -> None:
        """Delete a message."""
        with self.lock:
            del self.messages[message.channel, message.ts]
            self._line(LineKind.DELETED, replace(message, text=""))

    def show(self, view: View) -> View:
        """Open or update a modal. Returns it."""
        with self.lock:
            self.views[view.id] = view
            title = view.body.get("title")
            self.note(
                Line(
                    kind=LineKind.SHOWN,
                    at=self.next_ts(),
                    place="modal",
                    speaker=self.bot.real_name,
                    text=str(title["text"]) if isinstance(title, dict) else "",
                    seen_by=self.users[view.user].real_name,
                )
            )
            return view

    def note(self, line: Line) -> None:
        """Add a line to the transcript and wake who waits."""
        with self.lock:
            self.lines.append(line)
            self.lock.notify_all()

    def _line(self, kind: LineKind, message: Message) -> None:
        self.note(
            Line(
                kind=kind,
                at=message.edited or message.ts,
                place=self.place(message.channel),
                speaker=self.users[message.user].real_name,
                text=message.text,
                thread_ts=message.thread_ts if message.is_reply else None,
            )
        )

    # What can be found and waited for

    def history(self, channel: str) -> tuple[Message, ...]:
        """Return what stands in a conversation outside of threads, oldest first."""
        with self.lock:
            return tuple(
                message
                for message in self._in(channel)
                if not message.is_reply or message.subtype == "thread_broadcast"
            )

    def thread(self, channel: str, thread_ts: str) -> tuple[Message, ...]:
        """Return a thread, its first message included, oldest first."""
        with self.lock:
            return tuple(m for m in self._in(channel) if m.thread == thread_ts)

    def replies_in(self, channel: str, thread_ts: str) -> tuple[Message, ...]:
        """Return what the bot wrote in a thread, oldest first."""
        return tuple(m for m in self.thread(channel, thread_ts) if m.bot_id)

    def said_by_bot(self, channel: str) -> tuple[Message, ...]:
        """Return everything that the bot wrote in a conversation, oldest first."""
        with self.lock:
            return tuple(m for m in self._in(channel) if m.bot_id)

    def seen_only_by(self, user: str) -> tuple[Ephemeral, ...]:
        """Return the ephemeral messages that a person got, oldest first."""
        with self.lock:
            return tuple(e for e in self.ephemerals if e.user == user)

    def calls_of(self, method: str) -> tuple[Call, ...]:
        """Return the requests of one method, oldest first."""
        with self.lock:
            return tuple(call for call in self.calls if call.method == method)

    @property
    def transcript(self) -> tuple[Line, ...]:
        """Everything that people and the bot said so far, in order."""
        with self.lock:
            return tuple(self.lines)

    def record(self, call: Call) -> None:
        """Keep a request and wake who waits."""
        with self.lock:
            self.calls.append(call)
            self.lock.notify_all()

    def wait_for(self, predicate: Callable[[], T], timeout: float = 10.0) -> T:
        """Return what the predicate returns as soon as it is true.

        It is asked again after every change, in the caller's thread.
        Raises NothingHappened after `timeout` seconds.
        """
        with self.lock:
            value = self.lock.wait_for(predicate, timeout)
            if not value:
                raise NothingHappened
            return value

    def check(self) -> None:
        """Raise UnknownMethodCalled or SandboxBroken where the sandbox could not serve the bot."""
        with self.lock:
            unknown = sorted({c.method for c in self.calls if c.outcome == "unknown_method"})
            if unknown:
                raise UnknownMethodCalled(f"The sandbox Slack has no {', '.join(unknown)}.")
            if self.failures:
                raise SandboxBroken(f"The sandbox Slack failed in {', '.join(self.failures)}.")

    def _in(self, channel: str) -> list[Message]:
        # Timestamps have one form and length, so that their text sorts as time does.
        return [self.messages[key] for key in sorted(self.messages) if key[0] == channel]
