"""Files that people upload, and how Slack tells of them.

https://docs.slack.dev/reference/objects/file-object/. A file's content is served at its private
URL to who holds the bot's token.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.sandbox.slack.text import Json

_PREVIEW: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """An uploaded file. `user_team` is the uploader's team."""

    id: str
    name: str
    mimetype: str
    content: bytes
    user: str
    user_team: str
    created: int


def file_object(file: File, origin: str) -> Json:
    """Return a file as `files.info` and the `file_share` event tell it."""
    is_text = file.mimetype.startswith("text/")
    preview = file.content[:_PREVIEW].decode(errors="replace")
    private = f"{origin}/files-pri/{file.id}/{file.name}"
    previewed: Json = {
        "editable": True,
        "mode": "snippet",
        "preview": preview,
        "preview_highlight": f'<div class="CodeMirror"><pre>{preview}</pre></div>',
        "lines": file.content.count(b"\n") + 1,
        "lines_more": 0,
        "preview_is_truncated": len(file.content) > _PREVIEW,
    }
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.name,
        "mimetype": file.mimetype,
        "filetype": file.name.rpartition(".")[2],
        "pretty_type": "Plain Text" if is_text else file.name.rpartition(".")[2].upper(),
        "user": file.user,
        "user_team": file.user_team,
        "editable": False,
        "size": len(file.content),
        "mode": "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": False,
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": private,
        "url_private_download": private,
        "has_rich_preview": False,
        "file_access": "visible",
    } | (previewed if is_text else {})


def hidden_file(file: File) -> Json:
    """Return a file as Slack Connect hides it until an app calls `files.info`."""
    return {
        "id": file.id,
        "mode": "file_access",
        "file_access": "check_file_info",
        "created": 0,
        "timestamp": 0,
        "user": "",
    }
