"""ORDER_CHANGE notifications out of an SQS queue: news within minutes, for those who want them."""

from __future__ import annotations

from datetime import datetime
from typing import final


@final
class Notices:
    """Listens to the queue."""

    def listen(self, at: datetime) -> None:
        """Take what is in the queue, as of a time."""
        raise NotImplementedError
