"""How calls fail on demand or by chance, in the ways in which Amazon's do.

What Amazon's edge sends when it fails is often no JSON: an HTML page with 429, an empty 503, a
page with 200, half an answer, or nothing at all. python-amazon-sp-api 2.1.35 takes most of them
for an answer without orders.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final

ANY_OPERATION: Final = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """How a call is answered instead.

    Attributes:
        status: HTTP status. 200 without a body and without `drop` or `cut` only delays.
        body: The whole body; by default an error as the operation has them, for SP-API Amazon's
            own JSON for the status.
        content_type: Of the body; by default JSON's, or HTML's where a body is given.
        headers: Further headers.
        delay: Seconds before the answer, of real time.
        drop: Whether the connection is cut without an answer.
        cut: Whether the right answer is sent by half.
        applied: Whether the call does its work all the same, and only the answer is lost.
        times: How many calls are left to fail.
        seller: The name of the seller whose calls fail, None for everybody's.
    """

    status: int = 200
    body: str | None = None
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drop: bool = False
    cut: bool = False
    applied: bool = False
    times: int = 1
    seller: str | None = None

    @property
    def lets_through(self) -> bool:
        """Whether the call is answered by the operation itself, late or by half."""
        return self.cut or (self.status == 200 and self.body is None and not self.drop)


_HTML: Final = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
_MIX: Final = (
    Fault(status=429, body=_HTML.format("429 Too Many Requests")),
    Fault(status=503, body=""),
    Fault(status=500),
    Fault(status=504, body=_HTML.format("504 Gateway Time-out")),
    Fault(drop=True),
    Fault(status=200, body=_HTML.format("We are sorry")),
    Fault(cut=True),
)


class Faults:
    """The faults to come. Whoever takes one holds the world's lock.

    Attributes:
        rate: The share of calls, 0 to 1, that fail by chance.
    """

    def __init__(self, lock: AbstractContextManager[object]) -> None:
        self._lock = lock
        self.rate = 0.0
        self._waiting: list[tuple[str, Fault]] = []
        self.seed = 0

    @property
    def seed(self) -> int:
        """What the chances follow from; setting it starts them again."""
        return self._seed

    @seed.setter
    def seed(self, seed: int) -> None:
        self._seed = seed
        self._chance = Random(f"{seed}/faults")  # noqa: S311 - repeatable on purpose

    def add(
        self,
        operation: str = ANY_OPERATION,
        *,
        status: int = 200,
        body: str | None = None,
        content_type: str = "",
        headers: Mapping[str, str] | None = None,
        delay: float = 0.0,
        drop: bool = False,
        cut: bool = False,
        applied: bool = False,
        times: int = 1,
        seller: str | None = None,
    ) -> None:
        """Answer the next `times` calls of an operation (`*` is any) as `Fault` describes."""
        fault = Fault(
            status=status,
            body=body,
            content_type=content_type,
            headers=dict(headers or {}),
            delay=delay,
            drop=drop,
            cut=cut,
            applied=applied,
            times=times,
            seller=seller,
        )
        with self._lock:
            self._waiting.append((operation, fault))

    def take(self, operation: str, seller: str) -> Fault | None:
        """Return the fault of this call, the oldest first, and use it up by one."""
        for number, (named, fault) in enumerate(self._waiting):
            if named in (operation, ANY_OPERATION) and fault.seller in (None, seller):
                if fault.times > 1:
                    self._waiting[number] = (named, replace(fault, times=fault.times - 1))
                else:
                    del self._waiting[number]
                return fault
        if self.rate and self._chance.random() < self.rate:
            return self._chance.choice(_MIX)
        return None

    def clear(self) -> None:
        """Forget every fault that is still to come, chance ones too."""
        with self._lock:
            self._waiting.clear()
            self.rate = 0.0
