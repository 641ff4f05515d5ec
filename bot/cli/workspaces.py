"""The commands about workspaces that installed the app: list, receipt, remove."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from bot import app, showing
from bot.cli.command import Group, settings
from bot.errors import SettingsError
from bot.leaving import Leaving
from bot.payload_ids import is_slack_id
from bot.telling import Telling
from storage.departures import Departure
from storage.ids import TeamId


@click.group(cls=Group)
def workspaces() -> None:
    """List the workspaces that installed the app, print the receipt of one that left."""


@workspaces.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSON lines.")
def list_workspaces(as_json: bool) -> None:
    """List the workspaces that installed the app by OAuth. No token is shown.

    \b
    Example:
      jetpack-care workspaces list --json
    """
    with app.records(settings()) as opened, opened.store.read() as records:
        found = records.installations.all()
    for each in found:
        shown: dict[str, object] = {
            "team": each.team,
            "url": each.url,
            "installed_by": each.installed_by,
            "installed_at": each.installed_at.isoformat(),
            "token_ends": each.expires_at and each.expires_at.isoformat(),
        }
        click.echo(showing.as_json(shown) if as_json else showing.inline(shown))


@workspaces.command("receipt")
@click.argument("team")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def show_receipt(team: str, as_json: bool) -> None:
    """Print what was deleted when a workspace removed the app.

    \b
    Example:
      jetpack-care workspaces receipt T0123ABCD --json
    """
    with _leaving() as leaving:
        found = _shown(leaving.receipt(_team(team)))
    click.echo(showing.as_json(found) if as_json else showing.inline(found))


@workspaces.command("remove")
@click.argument("team")
@click.confirmation_option(prompt="Everything that is kept of that workspace goes. Go on?")
def remove(team: str) -> None:
    """Delete all that is kept of a workspace, as when it removes the app. The worker does it.

    For a workspace whose removal was never told, as while the bot was out of reach for days.

    \b
    Example:
      jetpack-care workspaces remove T0123ABCD --yes
    """
    name = _team(team)
    with _leaving() as leaving:
        if name == leaving.own:
            raise SettingsError("That is CARE_TEAM_ID, Care's own workspace. It stays.")
        seq = leaving.remove(name, by=showing.BY)
    click.echo(
        f"{name}: begun, audit entry {seq}; `workspaces receipt {name}` tells when it is done"
    )


@contextmanager
def _leaving() -> Iterator[Leaving]:
    told = settings()
    with app.records(told) as opened:
        own = told.team or TeamId("")
        telling = Telling(
            store=opened.store,
            jobs=opened.jobs,
            team=own,
            channel=told.triage_channel if own else None,
        )
        yield opened.leaving(telling, own)


def _team(text: str) -> TeamId:
    if not is_slack_id(text):
        raise click.BadParameter("the id of a workspace, such as T0123ABCD", param_hint="TEAM")
    return TeamId(text)


def _shown(found: Departure) -> dict[str, object]:
    return {
        "team": found.team,
        "entry": found.seq,
        "until": found.until.isoformat(),
        "deleted": dict(sorted(found.rows.items())),
        "verified_at": found.verified_at and found.verified_at.isoformat(),
        "left": found.found,
    }
