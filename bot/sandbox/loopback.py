"""A WSGI server on a free port of the loopback interface, started and stopped cleanly."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Final

import waitress

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

LOOPBACK: Final = "127.0.0.1"
_STOP_SECONDS: Final = 10.0


class LoopbackServer:
    """Serves a WSGI application over HTTP to this machine alone.

    Attributes:
        app: The application.
        threads: Requests that are answered at the same time.
        port: The port it listens on; 0 before `start()`.
    """

    def __init__(self, app: WSGIApplication, *, threads: int = 8) -> None:
        self.app = app
        self.threads = threads
        self.port = 0

    @property
    def url(self) -> str:
        """The address, without a slash at its end."""
        return f"http://{LOOPBACK}:{self.port}"

    def start(self) -> None:
        """Bind a free port and serve in a thread of its own."""
        self._server = waitress.create_server(
            self.app,
            host=LOOPBACK,
            port=self.port,
            threads=self.threads,
            ident=None,
            clear_untrusted_proxy_headers=True,
        )
        self.port = self._server.effective_port
        self._thread = Thread(target=self._server.run, name="loopback-http")
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being answered, close every socket, end every thread.

        Waitress has no stop of its own. The workers end first, because a worker that finishes
        wakes the loop through a pipe; then the loop closes its sockets in its own thread.
        """
        server = self._server
        server.task_dispatcher.shutdown(timeout=_STOP_SECONDS)
        server.trigger.pull_trigger(lambda: server.asyncore.close_all(server._map))
        self._thread.join(_STOP_SECONDS)

    def __enter__(self) -> LoopbackServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
