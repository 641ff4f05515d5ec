"""A WSGI server, waitress, started and stopped cleanly."""

from __future__ import annotations

from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Final

import waitress

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

LOOPBACK: Final = "127.0.0.1"
BODY_BYTES: Final = 2 * 1024 * 1024
"""The largest body that is read. Slack's are far below; a larger one is answered 413."""
_STOP_SECONDS: Final = 10.0


class HttpServer:
    """Serves a WSGI application over HTTP until it is stopped.

    Attributes:
        app: The application.
        host: The address it listens on; this machine alone by default.
        threads: Requests that are answered at the same time.
        port: The port it listens on; of 0 `start` makes one that is free.
    """

    def __init__(
        self, app: WSGIApplication, *, host: str = LOOPBACK, port: int = 0, threads: int = 8
    ) -> None:
        self.app = app
        self.host = host
        self.port = port
        self.threads = threads

    @property
    def url(self) -> str:
        """The address, without a slash at its end."""
        return f"http://{self.host}:{self.port}"

    def start(self) -> None:
        """Bind the port and serve in a thread of its own. Raises OSError where it is taken.

        Bodies stay in memory: waitress would write one of over half a megabyte to a temporary
        file, raw as it came.
        """
        self._server = waitress.create_server(
            self.app,
            host=self.host,
            port=self.port,
            threads=self.threads,
            ident=None,
            clear_untrusted_proxy_headers=True,
            max_request_body_size=BODY_BYTES,
            inbuf_overflow=BODY_BYTES + 1,
        )
        self.port = self._server.effective_port
        self._thread = Thread(target=self._server.run, name="http-server")
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being answered, close every socket, end every thread.

        Waitress has no stop of its own. The workers end first, because a worker that finishes
        wakes the loop through a pipe; then the loop closes its sockets in its own thread.
        """
        server = self._server
        server.task_dispatcher.shutdown(timeout=_STOP_SECONDS)
        # The loop may be awake already, close all, its pipe too, and leave none to wake it by.
        with suppress(OSError):
            server.trigger.pull_trigger(lambda: server.asyncore.close_all(server._map))
        self._thread.join(_STOP_SECONDS)

    def __enter__(self) -> HttpServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
