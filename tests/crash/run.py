"""A run: a copy of the world, a child that is killed, one that takes up, one that checks."""

from __future__ import annotations

import json
import random
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from tests.crash import children
from tests.crash.place import Place, Template
from tests.crash.points import Points
from tests.crash.trouble import cause
from tests.crash.verdict import Wrong, judged
from tests.crash.work import Office, at_once, in_order, take_up
from tests.crash.world import World

KILLED: Final = -9


class Kind(StrEnum):
    """How a run is troubled."""

    BOUNDARY = "boundary"
    """Killed at the n-th point at which something is made to last."""
    RANDOM = "random"
    """Killed at some moment, while everything is done at the same time."""
    TROUBLE = "trouble"
    """Not killed: connections are cut (PostgreSQL), the file is locked (SQLite)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Which run. The same one does the same, as far as threads and time allow.

    Attributes:
        database: `sqlite` or `postgresql`.
        kind: How it is troubled.
        number: The point to be killed at; else what tells it from other runs.
        seed: Where its chances come from.
        span: Seconds that the work takes if nothing is in its way.
        points: Points that the work has if nothing is in its way.
        asked: How many tickets somebody resolves.
    """

    database: str
    kind: Kind
    number: int
    seed: int
    span: float
    points: int
    asked: int

    def chance(self) -> random.Random:
        """Return this run's source of chances."""
        return random.Random(f"{self.seed} {self.database} {self.kind} {self.number}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a run.

    Attributes:
        run: Which.
        kills: How many children were killed before they were done.
        at: The point that the first was killed at, where it was at a point.
        wrong: What is wrong, nothing where all is well.
        restarted: Whether trouble alone, without a kill, made a fresh process necessary.
        folder: What is left of the run to look at, None where all is well.
    """

    run: Run
    kills: int
    at: str | None
    wrong: tuple[Wrong, ...]
    restarted: bool
    folder: Path | None


def perform(run: Run, template: Template, folder: Path) -> Outcome:
    """Do a run in a new folder, which is deleted where all is well."""
    world = World.load(template.folder / "world.json")
    chance = run.chance()
    place = template.copied(folder)
    begin = {
        Kind.BOUNDARY: _at_boundary,
        Kind.RANDOM: _at_random,
        Kind.TROUBLE: _in_trouble,
    }[run.kind]
    code = begin(run, place, world, chance)
    kills, finished = int(code == KILLED), code == 0
    at = _last_point(place) if run.kind is Kind.BOUNDARY and kills else None
    restarted = run.kind is Kind.TROUBLE and not finished
    if not finished:
        kills += _killed_again(run, place, world, chance) if not restarted else 0
        again = world.asked[: run.asked] if chance.random() < 0.5 else ()
        rotates = chance.random() < 0.3
        finished = children.done(lambda: take_up(_office(place), again, rotates=rotates), place.log)
    wrong: tuple[Wrong, ...] = (
        () if finished else (Wrong(kind="lost", what="the work is not finished"),)
    )
    if not restarted and code not in (0, KILLED):
        wrong += (Wrong(kind="harm", what=f"the first process ended with {code}"),)
    wrong += _checked(place, world)
    if not wrong:
        shutil.rmtree(folder)
    else:
        (folder / "wrong.json").write_text(json.dumps([asdict(each) for each in wrong]))
    return Outcome(
        run=run,
        kills=kills,
        at=at,
        wrong=wrong,
        restarted=restarted,
        folder=folder if wrong else None,
    )


def rehearse(template: Template, folder: Path, asked: int) -> tuple[float, int]:
    """Do the work undisturbed. Returns the seconds that it takes and how many points it has.

    Raises:
        AssertionError: It does not end well even so.
    """
    world = World.load(template.folder / "world.json")
    place = template.copied(folder)
    begun = time.monotonic()
    assert children.done(lambda: in_order(_office(place), world.asked[:asked]), place.log), place
    span = time.monotonic() - begun
    wrong = _checked(place, world)
    assert not wrong, (wrong, place)
    points = len(place.points.read_text().splitlines())
    shutil.rmtree(folder)
    return span, points


def _at_boundary(run: Run, place: Place, world: World, _chance: random.Random) -> int | None:
    """Return the exit code, None where the child hung."""
    child = children.forked(
        lambda: in_order(_office(place, run.number), world.asked[: run.asked]), place.log
    )
    return _ended(child)


def _at_random(run: Run, place: Place, world: World, chance: random.Random) -> int | None:
    delay = chance.uniform(0, run.span)
    code = children.wait(child := _at_once(run, place, world, chance), delay)
    return children.kill(child) if code is None else code


def _in_trouble(run: Run, place: Place, world: World, chance: random.Random) -> int | None:
    child = _at_once(run, place, world, chance)
    trouble = children.forked(lambda: cause(place, chance), place.log)
    code = _ended(child)
    _ended(trouble)
    return code


def _at_once(run: Run, place: Place, world: World, chance: random.Random) -> int:
    ways = random.Random(chance.random())
    return children.forked(
        lambda: at_once(_office(place), world.asked[: run.asked], ways), place.log
    )


def _killed_again(run: Run, place: Place, world: World, chance: random.Random) -> int:
    """Kill one in four also while it takes up the work. Returns how many were killed."""
    if chance.random() >= 0.25:
        return 0
    point = chance.randrange(1, max(run.points, 2)) if run.kind is Kind.BOUNDARY else 0
    child = children.forked(lambda: take_up(_office(place, point), (), rotates=False), place.log)
    code = children.wait(child, children.PATIENCE if point else chance.uniform(0, run.span))
    if code is None:
        code = children.kill(child)
    return int(code == KILLED)


def _ended(child: int) -> int | None:
    code = children.wait(child)
    if code is None:
        children.kill(child)
    return code


def _checked(place: Place, world: World) -> tuple[Wrong, ...]:
    told = place.folder / "judged.json"

    def judge() -> None:
        wrong = judged(place, world, datetime.now(UTC))
        told.write_text(json.dumps([asdict(each) for each in wrong]))

    work: Callable[[], object] = judge
    if not children.done(work, place.log):
        return (Wrong(kind="harm", what="the check itself failed"),)
    return tuple(Wrong(**each) for each in json.loads(told.read_text()))


def _office(place: Place, target: int = 0) -> Office:
    return Office(place, Points(target, place.points, place.keyring.parent))


def _last_point(place: Place) -> str:
    lines = place.points.read_text().splitlines()
    return lines[-1].partition(" ")[2] if lines else ""
