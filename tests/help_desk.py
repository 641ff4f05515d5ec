"""A stand-in for the help desks' APIs, on loopback, that answers as a test wants it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Flask, Response, request

from bot.http_server import HttpServer

TOKEN = "invented-token-for-the-api"


@dataclass(kw_only=True)
class HelpDeskApi:
    """What it holds and what it was asked.

    Attributes:
        url: Its address.
        tickets: Its answers by path and query, as JSON.
        odd: What it answers whatever it is asked, where that is not None.
        asked: The paths it was asked for.
        headers: The headers of the last question, names in lower case.
    """

    url: str = ""
    tickets: dict[str, object] = field(default_factory=dict)
    odd: Callable[[], Response] | None = None
    asked: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def holds(self, path: str, **ticket: object) -> None:
        """Say how a ticket stands."""
        self.tickets[path] = ticket

    def answer(self) -> Response:
        """Answer a question."""
        path = request.full_path.strip("/").removesuffix("?")
        self.asked.append(path)
        self.headers = {name.lower(): value for name, value in request.headers.items()}
        if self.odd is not None:
            return self.odd()
        if path not in self.tickets:
            return Response(status=404)
        return Response(json.dumps(self.tickets[path]), content_type="application/json")


@contextmanager
def help_desk_api() -> Iterator[HelpDeskApi]:
    """Serve a help desk's API while the block lasts."""
    api = HelpDeskApi()
    flask = Flask("help desk", static_folder=None)
    flask.add_url_rule("/<path:path>", "ticket", lambda path: api.answer())
    with HttpServer(flask) as server:
        api.url = server.url
        yield api


def dripping() -> Response:
    """Answer a byte at a time, for longer than anybody waits."""

    def drops() -> Iterator[bytes]:
        for _ in range(60):
            time.sleep(0.25)
            yield b" "

    return Response(drops(), content_type="application/json")


def silent() -> Response:
    """Answer after longer than anybody waits."""
    time.sleep(6)
    return Response("{}", content_type="application/json")


def endless() -> Response:
    """Answer with more than anybody reads."""
    return Response((b" " * 1_048_576 for _ in range(64)), content_type="application/json")
