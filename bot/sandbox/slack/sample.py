"""The invented people and channels that the demo and the journeys play with."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from bot.sandbox.slack.objects import Channel, Home, User, UserGroup
from bot.sandbox.slack.workspace import Workspace

OUTSIDE_TEAM: Final = "T0OUTSIDE01"
"""The team of the Slack Connect user."""
CARE_GROUP: Final = "S0CAREGRP01"
"""The user group of Care's agents."""

HOME: Final = Home()
MARA: Final = User(
    id="U0MARAQUILL", name="mara", real_name="Mara Quill", team_id=HOME.team_id, is_restricted=True
)
"""A merchant's user, of Birch & Brook."""
TOBIN: Final = User(
    id="U0TOBINASH1",
    name="tobin",
    real_name="Tobin Ashgrove",
    team_id=HOME.team_id,
    is_restricted=True,
)
"""A merchant's user, of Cedar Kettle Co."""
ROWAN: Final = User(
    id="U0ROWANPELL", name="rowan", real_name="Rowan Pell", team_id=OUTSIDE_TEAM, tz="Europe/Paris"
)
"""Of Cedar Kettle Co too, but in a workspace of their own, through Slack Connect."""
INES: Final = User(id="U0INESFALK1", name="ines", real_name="Ines Falk", team_id=HOME.team_id)
"""An agent of Jetpack Care."""
NOOR: Final = User(id="U0NOORVANCE", name="noor", real_name="Noor Vance", team_id=HOME.team_id)
"""Another one."""

BIRCH_CHANNEL: Final = Channel(
    id="C0BIRCHBRK1", name="birch-and-brook", members=(HOME.bot_user_id, MARA.id, INES.id)
)
CEDAR_CHANNEL: Final = Channel(
    id="C0CEDARKTL1",
    name="cedar-kettle-co",
    members=(HOME.bot_user_id, TOBIN.id, ROWAN.id, INES.id),
    teams=(OUTSIDE_TEAM,),
)
TRIAGE_CHANNEL: Final = Channel(
    id="C0CARETRIAG", name="care-triage", members=(HOME.bot_user_id, INES.id, NOOR.id), type="group"
)

THISTLE_HOME: Final = Home(
    team_id="T0THISTLE01",
    team_name="Thistle & Tonic (sandbox)",
    domain="thistle-and-tonic",
    bot_id="B0CAREBOT02",
    bot_user_id="U0CAREBOT02",
    bot_token="",
)
"""The workspace of a merchant who installs the app."""
LINA: Final = User(
    id="U0LINATHIST", name="lina", real_name="Lina Thistle", team_id=THISTLE_HOME.team_id
)
"""Who looks after its apps."""
OTTO: Final = User(
    id="U0OTTOTONIC", name="otto", real_name="Otto Tonic", team_id=THISTLE_HOME.team_id
)
"""A colleague of hers."""
THISTLE_CHANNEL: Final = Channel(
    id="C0THISTLE01", name="shipping", members=(THISTLE_HOME.bot_user_id, LINA.id, OTTO.id)
)


def thistle_workspace(clock: Callable[[], float] = time.time) -> Workspace:
    """Return the workspace of a merchant that has not installed the app yet."""
    return Workspace(
        home=THISTLE_HOME, users=(LINA, OTTO), channels=(THISTLE_CHANNEL,), clock=clock
    )


def sample_workspace(clock: Callable[[], float] = time.time) -> Workspace:
    """Return two merchants with a channel each, Care's triage channel, and their people."""
    return Workspace(
        home=HOME,
        users=(MARA, TOBIN, ROWAN, INES, NOOR),
        channels=(BIRCH_CHANNEL, CEDAR_CHANNEL, TRIAGE_CHANNEL),
        groups=(UserGroup(id=CARE_GROUP, handle="care", users=(INES.id,)),),
        clock=clock,
    )
