"""A command as it was understood, and what a command is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.blocks import Reply
from bot.interactions import Command
from storage.ids import MerchantId


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asked, where, and the scrubbed words after the command's name.

    Attributes:
        merchant: Who is asking, of the conversation or the person; None where neither is linked.
        by_agent: Whether one of Care's agents asks.
    """

    command: Command
    merchant: MerchantId | None
    words: tuple[str, ...]
    by_agent: bool

    def word(self, place: int) -> str:
        """Return a word, empty where there is none."""
        return self.words[place] if place < len(self.words) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A subcommand of `/care`.

    Attributes:
        name: Its name.
        usage: What follows the name, with an example's values.
        tells: What it does, for the help.
        for_merchants: Whether merchants may use it, too.
        run: Does it. Raises MalformedId, UnknownTicket.
    """

    name: str
    usage: str
    tells: str
    run: Callable[[Asked], Reply]
    for_merchants: bool = False

    @property
    def line(self) -> str:
        """The line of the help."""
        return f"`{' '.join(('/care', self.name, self.usage)).strip()}` {self.tells}"


def private(text: str) -> Reply:
    """Return what its asker alone sees."""
    return Reply(text=text, private=True)
