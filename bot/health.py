"""Health: whether everything is there that answering needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from storage.errors import StorageError
from storage.service_levels import Level, ServiceLevels
from storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Looks at the database, the connection to Slack and the age of the last event.

    Attributes:
        connected: Whether Slack's connection stands; always true over HTTP.
    """

    store: Store
    clock: Callable[[], datetime]
    connected: Callable[[], bool]

    def look(self) -> dict[str, object]:
        """Return `ready` and what it rests on. Ids and counts alone."""
        connected = self.connected()
        try:
            current = self.store.database.is_current()
            with self.store.read() as records:
                last = records.inbox.last_event_at()
                waiting = records.census.replies().get("pending", 0)
        except StorageError:
            return {"ready": False, "database": False, "connected": connected}
        age = None if last is None else round((self.clock() - last).total_seconds(), 1)
        return {
            "ready": current and connected,
            "database": current,
            "connected": connected,
            "replies_waiting": waiting,
            "last_event_age_seconds": age,
        }


class _Census(Collector):
    """Counts what is in the database when it is asked, so that all processes say the same."""

    def __init__(self, store: Store, levels: ServiceLevels, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._levels = levels
        self._clock = clock

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges."""
        with self._store.read() as records:
            counts = {
                "care_tickets": ("Tickets by state", records.census.tickets()),
                "care_replies": ("Replies by state", records.census.replies()),
                "care_sealed_values": ("Sealed values by kind", records.census.sealed_values()),
            }
            needing = records.tickets.needing()
        waiting = sum(each.waiting_since is not None for each in needing)
        yield GaugeMetricFamily("care_tickets_waiting", "Tickets that wait for Care", waiting)
        standings = [self._levels.standing(each, self._clock()) for each in needing]
        missed = Counter(each.level for each in standings if each and each.share >= 1)
        overdue = {str(level).replace(" ", "_"): missed[level] for level in Level}
        counts["care_tickets_overdue"] = ("Tickets that waited too long, by level", overdue)
        for name, (text, found) in counts.items():
            family = GaugeMetricFamily(name, text, labels=["kind"])
            for kind, count in found.items():
                family.add_metric([kind], count)
            yield family


def metrics(
    store: Store, levels: ServiceLevels, clock: Callable[[], datetime]
) -> CollectorRegistry:
    """Return the registry that `/metrics` shows."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Census(store, levels, clock))
    return registry
