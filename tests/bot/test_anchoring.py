"""Anchoring by the clock: what Care is told in Slack, once, and when it is not possible."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Final

import pytest

from bot import log
from bot.anchoring import Anchoring
from bot.jobs import Jobs, prepare
from bot.telling import Telling
from storage.anchor_file import AnchorFile
from storage.anchors import Anchor
from storage.audit import AuditKind
from storage.errors import UnknownReply
from storage.ids import ChannelId, ReplyId, TeamId
from storage.store import Store

NOW: Final = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TRIAGE: Final = ChannelId("C0099")
DAY: Final = timedelta(days=1)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def written() -> Iterator[StringIO]:
    """What the log says."""
    restore = log.preserved()
    stream = StringIO()
    log.configure("INFO", stream)
    yield stream
    restore()


@pytest.fixture
def anchoring(store: Store, tmp_path: Path) -> Iterator[Anchoring]:
    """Anchors a store with one entry, and tells a channel."""
    prepare(store.database.url)
    jobs = Jobs(store.database.engine)
    write(store)
    yield Anchoring(
        store=store,
        telling=Telling(store=store, jobs=jobs, team=TeamId("T0001"), channel=TRIAGE),
        anchors=tmp_path / "anchors.jsonl",
        key=tmp_path / "audit_key.pem",
    )
    jobs.close()


def write(store: Store) -> None:
    """Write an entry."""
    with store.begin() as kept:
        kept.audit.append(AuditKind.VALUES_REVEALED, at=NOW, by="U0009", subject="ticket:1")


def told(store: Store) -> list[str]:
    """Return what the outbox holds, in order."""
    texts = []
    with store.read() as kept:
        for number in range(1, 50):
            try:
                reply = kept.outbox.get(ReplyId(number))
            except UnknownReply:  # a key that is known takes a number all the same
                continue
            assert (reply.channel, reply.thread_ts, reply.ephemeral_to) == (TRIAGE, None, None)
            texts.append(json.loads(reply.body)["text"])
    return texts


def anchors(anchoring: Anchoring) -> tuple[Anchor, ...]:
    """Return the anchors that are kept."""
    return AnchorFile(anchoring.anchors).read().anchors


def test_an_anchor_is_told_once(anchoring: Anchoring, written: StringIO) -> None:
    """Number, entry, short hash, time and key; however often the hour comes round."""
    for hour in range(3):
        anchoring.daily(NOW + timedelta(hours=hour))

    [made] = anchors(anchoring)
    assert told(anchoring.store) == [
        f"Audit anchor 1: entry 2, hash `{made.hash[:16]}`, 1 Mar 2026 12:00 UTC, key `{made.key}`"
    ]
    assert written.getvalue().count("event=audit_anchored anchor=1 entry=2") == 1


def test_what_a_crash_kept_back_is_told(anchoring: Anchoring, written: StringIO) -> None:
    """An anchor on disk that Slack has not heard of is told in the next hour, not days later."""
    quiet = replace(anchoring, telling=replace(anchoring.telling, channel=None))
    quiet.daily(NOW)
    assert told(anchoring.store) == []
    anchoring.daily(NOW + 3 * DAY)
    assert told(anchoring.store) == []
    anchoring.daily(NOW + timedelta(hours=1))
    assert len(told(anchoring.store)) == 1


def test_days_without_news_are_quiet(anchoring: Anchoring, written: StringIO) -> None:
    """Where the audit did not grow there is no other anchor and no other message."""
    for day in range(3):
        anchoring.daily(NOW + day * DAY)
    assert len(anchors(anchoring)) == len(told(anchoring.store)) == 1
    write(anchoring.store)
    anchoring.daily(NOW + 3 * DAY)
    assert len(anchors(anchoring)) == len(told(anchoring.store)) == 2


def test_what_cannot_be_anchored_is_an_alarm(anchoring: Anchoring, written: StringIO) -> None:
    """A lost key is logged and told once a day, and nothing is signed."""
    anchoring.daily(NOW)
    write(anchoring.store)
    anchoring.key.unlink()

    anchoring.daily(NOW + DAY)
    anchoring.daily(NOW + DAY + timedelta(hours=1))

    assert len(anchors(anchoring)) == 1
    first, alarm = told(anchoring.store)
    assert first.startswith("Audit anchor 1")
    assert "was not anchored. There are anchors, but the key" in alarm
    assert "event=audit_not_anchored error=SigningKeyMissing" in written.getvalue()


def test_a_broken_chain_is_an_alarm(anchoring: Anchoring, written: StringIO) -> None:
    """A chain that does not verify is not signed; Care is told the first bad entry."""
    anchoring.daily(NOW)
    with anchoring.store.begin() as kept:
        kept.session.connection().exec_driver_sql("DROP TRIGGER audit_refuses_delete")
        kept.session.connection().exec_driver_sql("DELETE FROM audit WHERE seq = 2")

    anchoring.daily(NOW + DAY)

    assert "ends at entry 1, but anchor 1 signed entry 2" in told(anchoring.store)[-1]
    assert "error=AuditBroken" in written.getvalue()
