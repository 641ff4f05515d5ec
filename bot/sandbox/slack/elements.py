"""The interactive elements of a message or view, and what Slack tells when a person uses one.

https://docs.slack.dev/reference/block-kit/block-elements
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from bot.sandbox.errors import SandboxMisused
from bot.sandbox.slack.blocks import objects
from bot.sandbox.slack.messages import Ephemeral, Message, View
from bot.sandbox.slack.text import Json

Place = Message | Ephemeral | View
"""Where a button can be."""

_PICKED: Final = ("overflow", "static_select", "external_select", "radio_buttons")
_FIELDS: Final[Mapping[str, str]] = {
    "plain_text_input": "value",
    "email_text_input": "value",
    "number_input": "value",
    "url_text_input": "value",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "users_select": "selected_user",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
}


def pressed(where: Place, action_id: str, value: str | None, at: str) -> Json:
    """Return the action of the element with that id, and value where several share the id.

    Raises SandboxMisused where it is not shown, since nobody could press it.
    """
    blocks = objects(where.body["blocks"]) if isinstance(where, View) else where.blocks
    for block, element in _elements(blocks):
        if element.get("action_id") != action_id:
            continue
        kind = str(element.get("type"))
        action: Json = {
            "type": kind,
            "action_id": action_id,
            "block_id": block.get("block_id"),
            "action_ts": at,
        }
        if kind in _PICKED:
            for option in objects(element.get("options")):
                if option.get("value") == value:
                    return action | {"selected_option": option}
        elif kind in _FIELDS and value is not None:
            return action | {_FIELDS[kind]: value}
        elif kind == "feedback_buttons":
            for name in ("positive_button", "negative_button"):
                button = element.get(name)
                if isinstance(button, dict) and button.get("value") == value:
                    return action | {"text": button.get("text"), "value": value}
        elif value in (None, element.get("value")):
            return action | {key: element[key] for key in ("text", "value") if key in element}
    raise SandboxMisused("Nothing with that action id and value is shown there.")


def entered(view: View, values: Mapping[str, str]) -> Json:
    """Return `state.values` of a modal: every input, with what was entered or nothing.

    Raises SandboxMisused where a value belongs to no input.
    """
    state: dict[str, object] = {}
    left = dict(values)
    for block, element in _elements(objects(view.body["blocks"])):
        if block.get("type") != "input":
            continue
        action_id = str(element.get("action_id"))
        kind = str(element.get("type"))
        value = left.pop(action_id, None)
        field: Json = {"type": kind}
        if kind in _PICKED:
            field["selected_option"] = next(
                (o for o in objects(element.get("options")) if o.get("value") == value), None
            )
        else:
            field[_FIELDS.get(kind, "value")] = value
        state[str(block.get("block_id"))] = {action_id: field}
    if left:
        raise SandboxMisused("The modal has no such input.")
    return state


def _elements(blocks: tuple[Json, ...]) -> Iterator[tuple[Json, Json]]:
    """Yield every interactive element with its block."""
    for block in blocks:
        for element in (
            *objects(block.get("elements")),
            *objects([block.get("accessory"), block.get("element")]),
        ):
            yield block, element
