"""The Web API's methods about who is who: the app itself, users, teams, user groups, bots, files.

https://docs.slack.dev/reference/methods: the error codes are the ones listed there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.sandbox.slack.arguments import Arguments, Refused
from bot.sandbox.slack.chat import Method
from bot.sandbox.slack.files import file_object
from bot.sandbox.slack.text import Json
from bot.sandbox.slack.workspace import Workspace


def auth_test(workspace: Workspace, given: Arguments) -> Json:  # noqa: ARG001
    """`auth.test`: who the token speaks for."""
    home = workspace.home
    return {
        "url": f"https://{home.domain}.slack.example/",
        "team": home.team_name,
        "user": home.bot_name,
        "team_id": home.team_id,
        "user_id": home.bot_user_id,
        "bot_id": home.bot_id,
        "is_enterprise_install": False,
    }


def user_info(workspace: Workspace, given: Arguments) -> Json:
    """`users.info`."""
    user = workspace.users.get(given.required("user", "user_not_found"))
    if user is None:
        raise Refused("user_not_found")
    return {"user": user.as_json()}


def group_users(workspace: Workspace, given: Arguments) -> Json:
    """`usergroups.users.list`."""
    group = workspace.groups.get(given.required("usergroup"))
    if group is None:
        raise Refused("no_such_subteam")
    return {"users": list(group.users)}


def team_info(workspace: Workspace, given: Arguments) -> Json:
    """`team.info`, of the own team and of those that share a channel."""
    home = workspace.home
    team = given.text("team") or home.team_id
    if team == home.team_id:
        return {"team": {"id": team, "name": home.team_name, "domain": home.domain}}
    if not any(team in channel.teams for channel in workspace.channels.values()):
        raise Refused("team_not_found")
    return {"team": {"id": team, "name": team, "domain": team.lower()}}


def bot_info(workspace: Workspace, given: Arguments) -> Json:
    """`bots.info`."""
    home = workspace.home
    if given.text("bot") not in ("", home.bot_id):
        raise Refused("bot_not_found")
    return {
        "bot": {
            "id": home.bot_id,
            "deleted": False,
            "name": home.bot_real_name,
            "app_id": home.app_id,
            "user_id": home.bot_user_id,
        }
    }


def file_info(workspace: Workspace, given: Arguments) -> Json:
    """`files.info`, which Slack Connect's `check_file_info` asks an app to call."""
    file = workspace.files.get(given.required("file", "file_not_found"))
    if file is None:
        raise Refused("file_not_found")
    return {"file": file_object(file, workspace.origin)}


DIRECTORY_METHODS: Final[Mapping[str, Method]] = {
    "auth.test": auth_test,
    "users.info": user_info,
    "usergroups.users.list": group_users,
    "team.info": team_info,
    "bots.info": bot_info,
    "files.info": file_info,
}
