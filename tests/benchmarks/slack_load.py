"""Messages at a steady rate, or all at once, at the real program.

    python -m tests.benchmarks.slack_load [--scenario S] [--seconds N] [--rate R]

    --scenario deployed   40 a second over HTTP: 2 web and 2 worker processes on PostgreSQL
    --scenario embedded   15 a second over Socket Mode: one process on SQLite
    --scenario burst      500 at once, over HTTP, deployed as above

Merchants of many channels write in threads: where is an order, with PII, and how-to questions.
Meanwhile Slack delivers 5 % of the events again, answers 2 % of what is posted with 429, and one of
the workers is killed with kill -9 and started again. The sandbox Slack, the load and PostgreSQL
share the machine with what is measured. Printed are times, and the processor time by process.

Exits with 1 where a message was lost, doubled, answered out of order, or acknowledged too late.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from tqdm import tqdm

from bot.sandbox.slack.delivery import Ack
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.payloads import message_event
from tests.benchmarks.cpu import Meter
from tests.benchmarks.houses import House, NotStarted, deployed, embedded
from tests.benchmarks.resolving import postgresql
from tests.benchmarks.shops import channel, opening, order, person
from tests.benchmarks.slack_judge import SLACKS_SECONDS, Thread, Verdict, judge, part

SHOPS: Final = 120
"""Channels. Slack takes a message a second in each, so that 40 a second need many."""
LENGTH: Final = 3
"""Messages of a thread."""
QUESTION: Final = "can you do prime orders for us?"
ANSWER: Final = "Source:"
COPIES: Final = 0.05
LIMITED: Final = 0.02
THREADS: Final = 64
SETTLING: Final = 60.0
"""Seconds that the last answers may take."""
AWAY: Final = 2.0
"""Seconds for which the killed worker stays away."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One load.

    Attributes:
        name: What it is, for people.
        opened: Starts the program, with so many orders and shops.
        rate: Messages a second; 0 for all at once.
        messages: How many.
        kills: Whether a worker is killed half way.
    """

    name: str
    opened: Callable[[int, int], AbstractContextManager[House]]
    rate: float
    messages: int
    kills: bool


@dataclass(kw_only=True)
class Load:
    """The load on one house."""

    house: House
    scenario: Scenario
    told: Callable[[], object]
    asked: dict[Thread, list[tuple[str, float]]] = field(default_factory=lambda: defaultdict(list))
    acks: list[Ack | None] = field(default_factory=list)
    _roots: dict[int, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _over: threading.Event = field(default_factory=threading.Event)

    def run(self, meter: Meter) -> Verdict:
        """Put the load on, wait for the answers, and judge."""
        limits = threading.Thread(target=self._limit, name="limits")
        limits.start()
        with ThreadPoolExecutor(THREADS) as pool:
            began, half = time.monotonic(), self.scenario.messages // 2
            for number in range(self.scenario.messages):
                if self.scenario.rate:
                    due = began + number / self.scenario.rate
                    time.sleep(max(0.0, due - time.monotonic()))
                if number == half and self.scenario.kills:
                    threading.Thread(target=self._kill, args=(meter,)).start()
                self._write(number, pool)
        self._over.set()
        limits.join()
        return self._settled()

    def _write(self, number: int, pool: ThreadPoolExecutor) -> None:
        """Write a message; each thread's in turn with those of the others."""
        shops = min(SHOPS, self.scenario.messages)
        turn, shop = divmod(number, shops)
        # At once, nobody can say which message of a thread is the first.
        round_, place = divmod(turn, LENGTH if self.scenario.rate else 1)
        thread = round_ * shops + shop
        workspace, where = self.house.slack.workspace, channel(shop)
        text, mark = _words(number, place)
        message = workspace.post(
            Message(
                channel=where.id,
                ts=workspace.next_ts(),
                user=person(shop).id,
                team=workspace.home.team_id,
                text=text,
                thread_ts=self._roots.get(thread) if place else None,
            )
        )
        if not place:
            self._roots[thread] = message.ts
        self.asked[where.id, message.thread].append((mark, float(message.ts)))
        payload = message_event(workspace.home, message, where, workspace.user(person(shop).id))
        pool.submit(self._deliver, payload, random.Random(number).random() < COPIES)

    def _deliver(self, payload: dict[str, object], again: bool) -> None:
        """Deliver an event as Slack does: again where it is not acknowledged; and some twice."""
        for attempt in range(4):
            ack = self.house.slack.delivery.deliver(
                payload, retry_attempt=attempt, timeout=SLACKS_SECONDS
            )
            if ack is not None and ack.ok:
                break
        acks = [ack]
        if again:
            acks.append(
                self.house.slack.delivery.deliver(
                    payload, retry_attempt=1, retry_reason="http_timeout", timeout=SLACKS_SECONDS
                )
            )
        with self._lock:
            self.acks += acks
        self.told()

    def _limit(self) -> None:
        """Answer a share of what is posted with 429."""
        rate = self.scenario.rate or 40.0
        while not self._over.wait(1.0 / (LIMITED * rate)):
            self.house.slack.workspace.faults.add("chat.postMessage", status=429, retry_after=1)

    def _kill(self, meter: Meter) -> None:
        processes = self.house.processes
        meter.end("worker-1")
        processes.kill("worker-1")
        time.sleep(AWAY)
        processes.start("worker-1", "worker", CARE_WORKER="worker-1")
        meter.add("worker-1, again", processes.pids()["worker-1"])

    def _settled(self) -> Verdict:
        """Judge once every message has its answer, and a second one had time to come."""
        until = time.monotonic() + SETTLING
        while (verdict := judge(self.asked, self._answers())).lost and time.monotonic() < until:
            time.sleep(0.5)
        time.sleep(2.0)
        verdict = judge(self.asked, self._answers())
        verdict.acks = [ack.seconds for ack in self.acks if ack is not None and ack.ok]
        verdict.unacknowledged = sum(ack is None or not ack.ok for ack in self.acks)
        return verdict

    def _answers(self) -> dict[Thread, list[tuple[str, float]]]:
        workspace = self.house.slack.workspace
        with workspace.lock:
            said = [each for each in workspace.messages.values() if each.bot_id]
        found: dict[Thread, list[tuple[str, float]]] = defaultdict(list)
        for each in sorted(said, key=lambda message: message.ts):
            found[each.channel, each.thread].append((each.text, float(each.ts)))
        return found


def main() -> int:
    """Run the scenarios and print their tables. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.slack_load")
    parser.add_argument(
        "--scenario", choices=["deployed", "embedded", "burst", "all"], default="all"
    )
    parser.add_argument("--seconds", type=int, default=60, help="of steady load, 60 without")
    parser.add_argument("--rate", type=float, help="messages a second")
    given = parser.parse_args()
    good = True
    try:
        for scenario in _scenarios(given.scenario, given.seconds, given.rate):
            good &= _measure(scenario)
    except KeyboardInterrupt:
        sys.stderr.write("Stopped; what was started is gone.\n")
        return 130
    except NotStarted as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0 if good else 1


def _scenarios(wanted: str, seconds: int, rate: float | None) -> Iterator[Scenario]:
    server = postgresql(None)
    steady, small = rate or 40.0, rate or 15.0
    if server is not None and wanted in ("deployed", "all"):
        yield Scenario(
            name=f"{steady:g} messages a second for {seconds} s",
            opened=partial(deployed, server),
            rate=steady,
            messages=round(steady * seconds),
            kills=True,
        )
    if wanted in ("embedded", "all"):
        yield Scenario(
            name=f"{small:g} messages a second for {seconds} s",
            opened=embedded,
            rate=small,
            messages=round(small * seconds),
            kills=False,
        )
    if server is not None and wanted in ("burst", "all"):
        yield Scenario(
            name="500 messages at once",
            opened=partial(deployed, server),
            rate=0.0,
            messages=500,
            kills=False,
        )


def _measure(scenario: Scenario) -> bool:
    before = os.getloadavg()[0]
    with scenario.opened(2 * scenario.messages, min(SHOPS, scenario.messages)) as house:
        meter = Meter(house.processes.pids())
        began = time.monotonic()
        with tqdm(total=scenario.messages, desc="load", unit="message", disable=None) as shown:
            verdict = Load(house=house, scenario=scenario, told=shown.update).run(meter)
        taken, lasted, name = meter.taken(), time.monotonic() - began, house.name
    sys.stdout.write(f"{scenario.name}, {name}\n")
    for line in _lines(verdict, taken, lasted):
        sys.stdout.write(f"  {line}\n")
    after = os.getloadavg()[0]
    sys.stdout.write(f"  load average {before:.1f} before, {after:.1f} after\n\n")
    sys.stdout.flush()
    return verdict.is_good


def _lines(verdict: Verdict, taken: dict[str, float], lasted: float) -> Iterator[str]:
    acks, waits = verdict.acks, verdict.waits
    yield (
        f"{verdict.asked} messages: {verdict.lost} lost, {verdict.doubled} answers too many, "
        f"{verdict.disordered} threads out of order, {verdict.unacknowledged} not acknowledged"
    )
    for what, values in (("acknowledged", acks), ("answered", waits)):
        yield (
            f"{what} within {1000 * part(values, 0.5):.0f} ms (half), "
            f"{1000 * part(values, 0.99):.0f} ms (99 of 100), {1000 * part(values, 1):.0f} ms (all)"
        )
    cores = os.cpu_count() or 1
    for name, seconds in taken.items():
        share = seconds / (lasted * cores)
        each = 1000 * seconds / max(verdict.asked, 1)
        yield f"{name:32} {seconds:6.1f} s of processor, {each:5.1f} ms a message, {share:4.0%}"


def _words(number: int, place: int) -> tuple[str, str]:
    """Return what is written and what its answer has to hold: an order that no other one names."""
    if place == 1:
        return QUESTION, ANSWER
    own = 2 * number
    return opening(own) if place == 0 else f"and where is {order(own)}?", order(own)


if __name__ == "__main__":
    sys.exit(main())
