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


def sample_workspace(clock: Callable[[], float] = time.time) -> Workspace:
    """Return two merchants with a channel each, Care's triage channel, and their people."""
    return Workspace(
        home=HOME,
        users=(MARA, TOBIN, ROWAN, INES, NOOR),
        channels=(BIRCH_CHANNEL, CEDAR_CHANNEL, TRIAGE_CHANNEL),
        groups=(UserGroup(id=CARE_GROUP, handle="care", users=(INES.id,)),),
        clock=clock,
    )
