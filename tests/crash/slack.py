"""Slack at the network's edge: messages are lines of a file, on disk before the answer."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse


class FileSlack(WebClient):
    """The SDK's client whose calls go to a file, which outlives the process as Slack does.

    Args:
        path: The file.
        point: Told before and after a message is taken.
    """

    def __init__(self, path: Path, point: Callable[[str], None]) -> None:
        super().__init__(token="xoxb-of-nobody")
        self._path: Final = path
        self._point: Final = point
        self._lock: Final = threading.Lock()

    def api_call(self, api_method: str, **arguments: Any) -> SlackResponse:
        """Answer the two calls that sending a reply makes."""
        if api_method == "chat.postMessage":
            answer = self._post(arguments["json"])
        elif api_method == "conversations.replies":
            thread = arguments["params"]["ts"]
            messages = [each for each in posted(self._path) if each["thread_ts"] == thread]
            answer = {"ok": True, "messages": messages}
        else:
            raise NotImplementedError(api_method)
        return SlackResponse(
            client=self,
            http_verb="POST",
            api_url=api_method,
            req_args={},
            data=answer,
            headers={},
            status_code=200,
        )

    def _post(self, message: Mapping[str, Any]) -> dict[str, object]:
        self._point("before Slack takes a reply")
        with self._lock:
            ts = f"1772370000.{len(posted(self._path)):06}"
            kept = {
                "ts": ts,
                "channel": message["channel"],
                "thread_ts": message["thread_ts"],
                "metadata": message["metadata"],
            }
            append(self._path, json.dumps(kept))
        self._point("after Slack took a reply")
        return {"ok": True, "ts": ts}


def posted(path: Path) -> list[dict[str, Any]]:
    """Return the messages that Slack has. A line that a kill cut short is none."""
    if not path.exists():
        return []
    whole = path.read_text().rpartition("\n")[0]
    return [json.loads(line) for line in whole.splitlines()]


def append(path: Path, line: str) -> None:
    """Add a line to a file; it is on disk when this returns."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, f"{line}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
