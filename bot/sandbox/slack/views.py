"""The Web API's `views.*` methods: modals and App Home.

https://docs.slack.dev/reference/methods: the error codes are the ones listed there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.sandbox.slack.arguments import Arguments, Refused
from bot.sandbox.slack.blocks import objects, view_problems
from bot.sandbox.slack.chat import Method
from bot.sandbox.slack.grants import Trigger, new_id
from bot.sandbox.slack.messages import View, with_block_ids
from bot.sandbox.slack.text import Json
from bot.sandbox.slack.workspace import Workspace


def open_view(workspace: Workspace, given: Arguments) -> Json:
    """`views.open`: a modal for the person whose action lent the trigger."""
    body = view_body(given.object("view", "invalid_arguments"), "modal")
    trigger = workspace.grants.take_trigger(given.required("trigger_id"), workspace.clock())
    if not isinstance(trigger, Trigger):
        raise Refused(trigger)
    view = workspace.show(_view(workspace, trigger.user, body))
    return {"view": view.as_json(workspace.home)}


def update_view(workspace: Workspace, given: Arguments) -> Json:
    """`views.update`, by view id or external id; refused where the hash is an old one."""
    external = given.text("external_id")
    found = [
        view
        for view in workspace.views.values()
        if view.id == given.text("view_id") or (external and external == view.external_id)
    ]
    if not found:
        raise Refused("not_found")
    if given.text("hash") not in ("", found[0].hash):
        raise Refused("hash_conflict")
    body = view_body(given.object("view", "invalid_arguments"), "modal")
    view = workspace.show(replace(found[0], body=body, hash=new_id("")))
    return {"view": view.as_json(workspace.home)}


def publish_view(workspace: Workspace, given: Arguments) -> Json:
    """`views.publish`: a person's App Home."""
    user = workspace.users.get(given.required("user_id"))
    if user is None:
        raise Refused("user_not_found")
    body = view_body(given.object("view", "invalid_arguments"), "home")
    view = _view(workspace, user.id, body)
    workspace.app_homes[user.id] = view
    return {"view": view.as_json(workspace.home)}


def view_body(given: Json | None, kind: str) -> Json:
    """Return a view as it is kept, or refuse what Slack would not show."""
    if given is None:
        raise Refused("invalid_arguments", ("[ERROR] missing required field: view",))
    problems = view_problems(given)
    if given.get("type") != kind:
        problems = (*problems, f"[ERROR] must be of type {kind} [json-pointer:/view/type]")
    if problems:
        raise Refused("invalid_arguments", problems)
    return given | {"blocks": list(with_block_ids(objects(given["blocks"]), new_id("")))}


VIEW_METHODS: Final[Mapping[str, Method]] = {
    "views.open": open_view,
    "views.update": update_view,
    "views.publish": publish_view,
}


def _view(workspace: Workspace, user: str, body: Json) -> View:
    team = workspace.users[user].team_id
    return View(id=new_id("V"), user=user, team_id=team, hash=new_id(""), body=body)
