"""The sandbox Amazon: a Selling Partner API on this machine alone, with invented sellers.

with SandboxAmazon(clock=clock) as amazon:
    seller = amazon.add_seller("birch-and-brook", orders=1000, returns=100, seed=7)
    …point the bot here with amazon.environment()…
    amazon.faults.add("searchOrders", status=429, times=3)
    seller.change(seller.order_ids()[0], status="CANCELLED", cancelled_by="BUYER")
"""

from __future__ import annotations

from bot.http_server import HttpServer
from bot.sandbox.amazon.web_api import WebApi
from bot.sandbox.amazon.world import World


class SandboxAmazon(World):
    """An Amazon to run the unmodified python-amazon-sp-api against, see `World`."""

    @property
    def url(self) -> str:
        """Address of everything: the API, LWA and the documents. No slash at its end."""
        return self.origin

    def start(self) -> None:
        """Listen on a free port of the loopback interface."""
        self._api = WebApi(self)
        self._server = HttpServer(self._api.app)
        self._server.start()
        self.origin = self._server.url

    def stop(self) -> None:
        """Close every socket and end every thread."""
        self._api.stopping.set()
        self._server.stop()

    def __enter__(self) -> SandboxAmazon:
        self.start()
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        """Stop, and fail loudly where the bot asked for what the sandbox does not have."""
        self.stop()
        if error is None:
            self.check()
