"""How often each seller's operations may be called: a bucket of calls for each of both.

https://developer-docs.amazon.com/sp-api/docs/usage-plans-and-rate-limits-in-the-sp-api: a bucket
starts full with the burst and fills at the rate; a call takes one, and finds it empty at 429.
"""

from __future__ import annotations

from collections import Counter
from contextlib import AbstractContextManager
from dataclasses import dataclass

from bot.sandbox.amazon.operations import OPERATIONS


@dataclass(slots=True)
class _Bucket:
    calls: float
    at: float


class Limits:
    """The usage plans. Whoever takes holds the world's lock; time is an argument.

    Attributes:
        enforced: Whether a call beyond a limit is answered 429. Buckets run dry only while it
            is true.
        exceeded: How many calls came beyond a limit, by seller's name and operation. The name
            is empty for grantless operations.
    """

    def __init__(self, lock: AbstractContextManager[object]) -> None:
        self._lock = lock
        self.enforced = True
        self.exceeded: Counter[tuple[str, str]] = Counter()
        self._plans: dict[tuple[str | None, str], tuple[float, int]] = {}
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def set(self, operation: str, *, rate: float, burst: int, seller: str | None = None) -> None:
        """Give an operation another plan, for one seller by name or for all; its bucket is full.

        Args:
            operation: A name of `OPERATIONS`.
            rate: Calls a second.
            burst: Calls that the bucket holds.
            seller: The seller's name, None for all.
        """
        with self._lock:
            self._plans[seller, operation] = (rate, burst)
            for key in list(self._buckets):
                if key[1] == operation and seller in (None, key[0]):
                    del self._buckets[key]

    def plan(self, seller: str, operation: str) -> tuple[float, int]:
        """Return the rate and the burst of a seller's operation; a rate of 0 is no limit."""
        for key in ((seller, operation), (None, operation)):
            if key in self._plans:
                return self._plans[key]
        usual = OPERATIONS[operation]
        return usual.rate, usual.burst

    def take(self, seller: str, operation: str, now: float) -> bool:
        """Count a call. Returns whether it is within the limit."""
        rate, burst = self.plan(seller, operation)
        if not self.enforced or not rate:
            return True
        bucket = self._buckets.setdefault((seller, operation), _Bucket(float(burst), now))
        bucket.calls = min(float(burst), bucket.calls + max(0.0, now - bucket.at) * rate)
        bucket.at = now
        # Waiting for exactly as long as the rate says must do, in spite of fractions of floats.
        if bucket.calls < 1 - 1e-9:
            self.exceeded[seller, operation] += 1
            return False
        bucket.calls -= 1
        return True
