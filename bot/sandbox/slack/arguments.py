"""The arguments of one Web API request, whether they came as a form, as JSON or in the query."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from bot.sandbox.slack.blocks import objects
from bot.sandbox.slack.text import Json


class Refused(Exception):
    """Slack's answer `{"ok": false}`. The code is the contract, such as `channel_not_found`.

    Attributes:
        code: Slack's error code.
        messages: What Slack says besides, in `response_metadata.messages`.
    """

    def __init__(self, code: str, messages: tuple[str, ...] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages


@dataclass(frozen=True, slots=True)
class Arguments:
    """What was given, read as the method needs it. Every reader raises Refused on a wrong type."""

    given: Mapping[str, object]

    def text(self, name: str) -> str:
        """Return an argument, `""` where it is absent."""
        value = self.given.get(name)
        if value is None:
            return ""
        if isinstance(value, bool | int | float):
            return str(value)
        if not isinstance(value, str):
            raise Refused("invalid_arguments", (f"[ERROR] must be a string: {name}",))
        return value

    def required(self, name: str, code: str = "invalid_arguments") -> str:
        """Return an argument that must be there, or refuse with the code."""
        value = self.text(name)
        if not value:
            raise Refused(code, (f"[ERROR] missing required field: {name}",))
        return value

    def flag(self, name: str) -> bool:
        """Return a yes or no, as JSON or as forms write it."""
        return self.text(name).lower() in ("1", "true")

    def number(self, name: str, default: int) -> int:
        """Return a whole number."""
        try:
            return int(self.text(name) or default)
        except ValueError:
            raise Refused("invalid_arguments", (f"[ERROR] must be an integer: {name}",)) from None

    def structure(self, name: str, code: str) -> object:
        """Return a list or object, which forms carry as a JSON string. None where absent."""
        value = self.given.get(name)
        if isinstance(value, str):
            if not value:
                return None
            try:
                value = json.loads(value)
            except ValueError:
                raise Refused(code) from None
        return value

    def items(self, name: str, code: str) -> tuple[Json, ...]:
        """Return a list of objects, empty where absent."""
        value = self.structure(name, code)
        if value is None:
            return ()
        found = objects(value)
        if not isinstance(value, list) or len(found) != len(value):
            raise Refused(code)
        return found

    def object(self, name: str, code: str) -> Json | None:
        """Return an object, None where absent."""
        value = self.structure(name, code)
        if value is not None and not isinstance(value, dict):
            raise Refused(code)
        return value
