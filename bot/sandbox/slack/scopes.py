"""Which scopes the Web API's methods want of a bot's token (https://docs.slack.dev/reference/methods).

Of several, one is enough, the one of the kind of conversation; the app asks for all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_HISTORY: Final = frozenset({"channels:history", "groups:history", "im:history", "mpim:history"})
_READ: Final = frozenset({"channels:read", "groups:read", "im:read", "mpim:read"})
_WRITE: Final = frozenset({"chat:write"})
_NONE: Final[frozenset[str]] = frozenset()

METHOD_SCOPES: Final[Mapping[str, frozenset[str]]] = {
    "auth.test": _NONE,
    "assistant.threads.setStatus": _WRITE,
    "assistant.threads.setSuggestedPrompts": frozenset({"assistant:write"}),
    "chat.appendStream": _WRITE,
    "chat.delete": _WRITE,
    "chat.postEphemeral": _WRITE,
    "chat.postMessage": _WRITE,
    "chat.startStream": _WRITE,
    "chat.stopStream": _WRITE,
    "chat.update": _WRITE,
    "conversations.history": _HISTORY,
    "conversations.info": _READ,
    "conversations.open": frozenset({"im:write"}),
    "conversations.replies": _HISTORY,
    "files.info": frozenset({"files:read"}),
    "oauth.v2.access": _NONE,
    "team.info": frozenset({"team:read"}),
    "usergroups.users.list": frozenset({"usergroups:read"}),
    "users.info": frozenset({"users:read"}),
    "views.open": _NONE,
    "views.publish": _NONE,
    "views.update": _NONE,
}
"""Those that the sandbox has and a token is for."""
