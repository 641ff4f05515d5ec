"""One authorised call, as the operations see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.sandbox.amazon.answers import Refused, Reply
from bot.sandbox.amazon.moments import seconds
from bot.sandbox.amazon.operations import Operation
from bot.sandbox.amazon.seller import Seller
from bot.sandbox.amazon.tokens import Grant
from bot.sandbox.amazon.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call.

    Attributes:
        path: As it came, without the query.
        variables: Those of the path.
        query: Repeated parameters joined by commas.
        body: The JSON body, empty where there is none.
        time: When it came, by the sandbox's clock.
        grant: What its token stands for.
    """

    world: World
    operation: Operation
    path: str
    variables: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, object]
    time: datetime
    grant: Grant

    @property
    def now(self) -> int:
        """The time in whole seconds since 1970."""
        return seconds(self.time)

    @property
    def seller(self) -> Seller:
        """Whose token it is. Raises Refused for a token without a seller."""
        if self.grant.seller is None:
            raise Refused(403)
        return self.grant.seller

    @property
    def owner(self) -> str:
        """Whose page tokens are good here: the seller's, for this operation."""
        return f"{self.seller.seller_id}/{self.operation.name}"


Handler = Callable[[Asked], Reply]
"""What answers a call, or raises Refused."""
