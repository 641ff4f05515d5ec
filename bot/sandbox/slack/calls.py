"""What the bot asked of the Web API, and the faults that it is answered with on demand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

ANY_METHOD = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request as it came in.

    Attributes:
        method: The Web API method, or `response_url`.
        arguments: What was given, without the token.
        outcome: `ok`, Slack's error code, or `http 429` and the like for a fault.
        at: Unix time.
    """

    method: str
    arguments: Mapping[str, object]
    outcome: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """How a request is answered instead.

    Attributes:
        status: HTTP status. 200 with neither `error` nor `body` only delays.
        error: Slack's error code, such as `token_revoked` or `ratelimited`.
        retry_after: Seconds in the header `Retry-After`.
        body: A body that stands for the whole answer, such as garbage that is not JSON.
        delay: Seconds before the answer.
        applied: Whether the request does its work all the same, and only the answer is lost.
        times: How many requests are left to fail.
    """

    status: int = 200
    error: str | None = None
    retry_after: int | None = None
    body: str | None = None
    delay: float = 0.0
    applied: bool = False
    times: int = 1

    @property
    def only_delays(self) -> bool:
        """Whether the request is answered as always, but late."""
        return self.status == 200 and self.error is None and self.body is None


class Faults:
    """The faults that wait for their request. The workspace's lock guards it."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Fault]] = {}

    def add(
        self,
        method: str,
        *,
        status: int = 200,
        error: str | None = None,
        retry_after: int | None = None,
        body: str | None = None,
        delay: float = 0.0,
        applied: bool = False,
        times: int = 1,
    ) -> None:
        """Answer the next `times` requests of a method (`*` is any) as `Fault` describes."""
        if error is None and body is None and status == 429:
            error = "ratelimited"
        fault = Fault(
            status=status,
            error=error,
            retry_after=retry_after,
            body=body,
            delay=delay,
            applied=applied,
            times=times,
        )
        self._waiting.setdefault(method, []).append(fault)

    def take(self, method: str) -> Fault | None:
        """Return the fault of this request, the oldest first, and use it up by one."""
        for name in (method, ANY_METHOD):
            waiting = self._waiting.get(name)
            if waiting:
                fault = waiting[0]
                if fault.times > 1:
                    waiting[0] = replace(fault, times=fault.times - 1)
                else:
                    waiting.pop(0)
                return fault
        return None

    def clear(self) -> None:
        """Forget every fault that is still to come."""
        self._waiting.clear()
