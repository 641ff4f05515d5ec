"""Merchants who write at a steady rate, and tickets that are resolved meanwhile.

Two messages make a ticket: one opens it, another one follows in the thread; each names an order
that no other one names and holds invented PII. Some seconds later the ticket is resolved, by the
help desk's hook or, each fourth, by an agent. Everything has its time beforehand, so that a slow
answer delays nothing else.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from bot.sandbox.slack.sample import INES
from bot.sandbox.slack.writing import Sent
from storage.ids import ticket_ref
from tests.benchmarks.houses import House
from tests.benchmarks.outcome import Outcome, Resolution
from tests.benchmarks.shops import ORDER, SHOPS, channel, following, opening, order, person
from tests.benchmarks.watch import Watch

FOLLOWS: Final = 5
"""Beats from a ticket's first message to its second one."""
RESOLVED: Final = 13
"""Beats from a ticket's first message to its resolution, and up to one more."""
AGENT: Final = 4
"""Each so many tickets the agent resolves."""
THREADS: Final = 32
PATIENCE: Final = 10.0


class Load:
    """The load on one house.

    Args:
        house: Where.
        rate: Messages a second.
        tickets: How many tickets; two messages each.
        told: Called after each resolution.
    """

    def __init__(
        self, house: House, *, rate: float, tickets: int, told: Callable[[], object]
    ) -> None:
        self._house, self._rate, self._tickets, self._told = house, rate, tickets, told
        self._watch = Watch(house.url)
        self._stopped = threading.Event()
        self._opened: dict[int, Future[Sent]] = {}
        self._followed: dict[int, Future[Sent]] = {}
        self._resolved: list[Future[Resolution | None]] = []
        self._written: list[float] = []
        self._early: set[int] = set()

    def run(self, *, until: float, settled: float) -> Outcome:
        """Put the load on and look at what came of it.

        Args:
            until: Open no ticket after this (`time.monotonic`).
            settled: Wait for receipts and answers until this at most.
        """
        pool = ThreadPoolExecutor(THREADS)
        try:
            span = self._beats(pool, until)
            outcome = self._outcome(span)
            self._settle(outcome, settled)
            return outcome
        finally:
            # After Ctrl-C nothing that has not begun begins any more.
            self._stopped.set()
            pool.shutdown(cancel_futures=True)
            self._watch.close()

    def _beats(self, pool: ThreadPoolExecutor, until: float) -> float:
        """Begin everything at its time. Returns the seconds in which all should be written."""
        chance = random.Random(7)
        acts: list[tuple[float, int, int]] = []
        for ticket in range(self._tickets):
            first = 2 * ticket
            acts += [(first, 0, ticket), (first + FOLLOWS, 1, ticket)]
            acts.append((first + RESOLVED + chance.random(), 2, ticket))
        began, span = time.monotonic(), 0.0
        for beat, act, ticket in sorted(acts):
            if act == 0 and time.monotonic() > until:
                continue
            if act != 0 and ticket not in self._opened:
                continue
            time.sleep(max(0.0, began + beat / self._rate - time.monotonic()))
            if act == 0:
                self._opened[ticket] = pool.submit(self._open, ticket)
            elif act == 1:
                self._followed[ticket] = pool.submit(self._follow, ticket)
            else:
                resolved = pool.submit(self._resolve, ticket)
                resolved.add_done_callback(lambda _: self._told())
                self._resolved.append(resolved)
            if act != 2:
                span = beat / self._rate
        return span

    def _open(self, ticket: int) -> Sent:
        return self._write(ticket, opening(2 * ticket), None)

    def _follow(self, ticket: int) -> Sent:
        root = self._opened[ticket].result().message
        return self._write(ticket, following(2 * ticket + 1), root.ts)

    def _write(self, ticket: int, text: str, thread: str | None) -> Sent:
        shop = ticket % SHOPS
        writer = self._house.slack.person(person(shop).id, patience=PATIENCE)
        self._written.append(time.monotonic())
        return writer.writes(text, channel(shop), thread)

    def _resolve(self, ticket: int) -> Resolution | None:
        root = self._opened[ticket].result().message
        self._followed[ticket].result()
        # Who resolves has seen the answers; a message of a resolved ticket would get none.
        end = time.monotonic() + PATIENCE
        early = True
        while early and time.monotonic() < end and not self._stopped.wait(0.05):
            early = len(self._house.slack.workspace.replies_in(root.channel, root.ts)) < 2
        if early:
            self._early.add(ticket)
        found = self._watch.ticket(root.channel, root.ts)
        if found is None:
            return None
        held, by_agent = self._watch.has_key(found), ticket % AGENT == 0
        if by_agent:
            agent = self._house.slack.person(INES.id, patience=PATIENCE)
            began = time.perf_counter()
            ack = agent.commands("/care", f"resolve {ticket_ref(found)}", channel(ticket % SHOPS))
            seconds = time.perf_counter() - began if ack is None else ack.seconds
            accepted = ack is not None and ack.ok and " resolved " in str(ack.body.get("text"))
        else:
            status, seconds = self._house.hook(ticket_ref(found))
            accepted = status == 200
        accepted_at = time.time()
        return Resolution(
            ticket=found,
            by_agent=by_agent,
            seconds=seconds,
            accepted=accepted,
            accepted_at=accepted_at,
            held=held,
            left=self._watch.has_key(found),
        )

    def _outcome(self, span: float) -> Outcome:
        outcome = Outcome(tickets=len(self._opened))
        for sent in [*self._opened.values(), *self._followed.values()]:
            for ack in sent.result().acks:
                if ack is None or not ack.ok:
                    outcome.unacknowledged += 1
                else:
                    outcome.acks.append(ack.seconds)
        if self._written:
            taken = max(self._written) - min(self._written)
            outcome.speed = span / max(span, taken)
        results = [each.result() for each in self._resolved]
        outcome.resolutions = [each for each in results if each is not None]
        return outcome

    def _settle(self, outcome: Outcome, until: float) -> None:
        """Wait for the receipts and answers that are not there yet."""
        accepted = {each.ticket for each in outcome.resolutions if each.accepted}
        while True:
            outcome.verified = self._watch.verified()
            outcome.answers, outcome.overtaken = self._answers()
            done = accepted <= outcome.verified.keys() and all(outcome.answers)
            if done or time.monotonic() > until:
                break
            time.sleep(0.2)
        # A second answer would come about now.
        time.sleep(1.0)
        outcome.answers, outcome.overtaken = self._answers()

    def _answers(self) -> tuple[list[int], int]:
        """Return how many answers each message has, and how many get none any more.

        An answer names the order that was asked about.
        """
        workspace = self._house.slack.workspace
        with workspace.lock:
            said = [each for each in workspace.messages.values() if each.bot_id]
        named = Counter(number for each in said for number in {*ORDER.findall(each.text)})
        answers, overtaken = [], 0
        for ticket in self._opened:
            for number in (2 * ticket, 2 * ticket + 1):
                count = named[order(number)]
                if count == 0 and ticket in self._early:
                    overtaken += 1
                else:
                    answers.append(count)
        return answers, overtaken
