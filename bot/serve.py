"""Serving until told to stop: SIGTERM and Ctrl-C end it cleanly, nothing acknowledged is lost."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from flask import Flask

from bot.app import Bot
from bot.errors import SettingsError
from bot.http_server import HttpServer
from bot.log import Event, log

HOST: Final = "0.0.0.0"  # noqa: S104 - a platform's router reaches us from outside.
THREADS: Final = 6
"""Requests that are answered at the same time. Scrubbing keeps a core busy: with more threads all
would be late, with fewer one that waits for the database would hold up the others."""
NICE: Final = 10
"""How far a worker steps back where it shares a core with a web process: Slack waits three seconds
for an acknowledgement, a merchant gladly waits longer for an answer."""
DRAIN_SECONDS: Final = 10
"""How long running jobs may take to end. What is left over is resumed at the next start."""


def run(bot: Bot) -> None:
    """Serve everything from this one process: Socket Mode, HTTP for hooks, the worker."""
    stop = _stopped()
    socket = bot.socket()
    with listening(bot.web(socket), bot.settings.port):
        engine = bot.work()
        try:
            socket.connect()
            log(Event.STARTED)
            _wait_for(stop)
        finally:
            # First the doors, so that nothing new comes in, then the work.
            socket.close()
            engine.close(drain_seconds=DRAIN_SECONDS)
    log(Event.STOPPED)


def serve_web(bot: Bot) -> None:
    """Serve HTTP. The work is done by worker processes."""
    stop = _stopped()
    with listening(bot.web(), bot.settings.port):
        log(Event.STARTED)
        _wait_for(stop)
    log(Event.STOPPED)


def serve_worker(bot: Bot) -> None:
    """Work on the jobs that the web processes enqueued, and on the schedules."""
    stop = _stopped()
    os.nice(NICE)
    engine = bot.work()
    log(Event.STARTED)
    _wait_for(stop)
    engine.close(drain_seconds=DRAIN_SECONDS)
    log(Event.STOPPED)


@contextmanager
def listening(flask: Flask, port: int, host: str = HOST) -> Iterator[int]:
    """Serve an application in a thread; yield its port. Raises SettingsError if it is taken."""
    server = HttpServer(flask, host=host, port=port, threads=THREADS)
    try:
        server.start()
    except OSError:
        raise SettingsError(f"Port {port} cannot be listened on. Set PORT to a free one.") from None
    try:
        yield server.port
    finally:
        server.stop()


def _wait_for(stop: threading.Event) -> None:
    """Wait until a signal says so.

    Again and again for a short while: Python handles a signal in this thread alone, and one that
    the system gave to another thread does not wake it from a wait without end.
    """
    while not stop.wait(0.5):
        pass


def _stopped() -> threading.Event:
    """Return an event that SIGTERM and Ctrl-C set."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    return stop
