"""Installations: tokens sealed, states that count once, keys that go."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Final

from storage.ids import TeamId, UserId, workspace_owner
from storage.installations import Grant, Installation
from storage.store import Store
from storage.tables import DataKeyRow, InstallationRow

TEAM: Final = TeamId("T0THISTLE01")
SECOND: Final = timedelta(seconds=1)


def install(store: Store, at: datetime, grant: Grant) -> None:
    """Keep an installation."""
    installation = Installation(
        team=TEAM,
        app_id="A1",
        bot_user=UserId("U0CAREBOT02"),
        bot_id="B1",
        url="https://thistle.slack.example/",
        scopes="commands",
        installed_by=UserId("U0LINATHIST"),
        installed_at=at,
    )
    with store.begin() as tx:
        tx.installations.save(installation, grant)


def granted(store: Store) -> Grant | None:
    """Return the tokens of the workspace."""
    with store.read() as tx:
        return tx.installations.grant(TEAM)


def test_tokens_come_back_as_they_were(store: Store, now: datetime) -> None:
    """What was kept opens, and the row holds none of it in the open."""
    grant = Grant(token="xoxb-1", refresh_token="xoxe-1", expires_at=now + SECOND)
    install(store, now, grant)

    assert granted(store) == grant
    with store.read() as tx:
        row = tx.session.get_one(InstallationRow, TEAM)
        assert "xox" not in f"{row.bot_token}{row.refresh_token}"


def test_a_grant_does_not_show_its_tokens() -> None:
    """A printed grant holds no token."""
    assert "xox" not in repr(Grant(token="xoxb-1", refresh_token="xoxe-1"))


def test_an_installation_takes_the_place_of_the_one_before(store: Store, now: datetime) -> None:
    """Installed again, the new tokens count, also where the new ones are not rotated."""
    install(store, now, Grant(token="xoxb-1", refresh_token="xoxe-1", expires_at=now))
    install(store, now + SECOND, Grant(token="xoxb-2"))

    assert granted(store) == Grant(token="xoxb-2")


def test_tokens_whose_key_is_gone_are_none(store: Store, now: datetime) -> None:
    """Where the key does not open any more, as in a restored backup, there is no token."""
    install(store, now, Grant(token="xoxb-1"))
    with store.begin() as tx:
        tx.session.delete(tx.session.get_one(DataKeyRow, workspace_owner(TEAM)))

    assert granted(store) is None


def test_tokens_survive_a_rotation_of_the_keyring(store: Store, now: datetime) -> None:
    """The key of a workspace's tokens is wrapped anew with all others."""
    install(store, now, Grant(token="xoxb-1"))
    store.rotation.advance(now)
    epoch, _ = store.rotation.rewrap(now, by="test")
    store.rotation.destroy(epoch, now, by="test")

    assert granted(store) == Grant(token="xoxb-1")


def test_a_forgotten_installation_takes_its_key_with_it(store: Store, now: datetime) -> None:
    """Neither the row nor the key is there; what was installed since stays."""
    install(store, now, Grant(token="xoxb-1"))

    with store.begin() as tx:
        assert not tx.installations.forget(TEAM, until=now - SECOND)
        assert tx.installations.forget(TEAM, until=now)
        assert not tx.installations.forget(TEAM, until=now)

    with store.read() as tx:
        assert tx.session.get(DataKeyRow, workspace_owner(TEAM)) is None


def test_those_that_end_first_come_first(store: Store, now: datetime) -> None:
    """Tokens that end before a moment are named, those without an end never."""
    install(store, now, Grant(token="xoxb-1", refresh_token="xoxe-1", expires_at=now + SECOND))

    with store.read() as tx:
        assert tx.installations.ending_before(now + SECOND) == ()
        assert tx.installations.ending_before(now + 2 * SECOND) == (TEAM,)
    install(store, now, Grant(token="xoxb-2"))
    with store.read() as tx:
        assert tx.installations.ending_before(now + timedelta(days=9999)) == ()


def test_a_state_is_good_until_its_end(store: Store, now: datetime) -> None:
    """A state that is too old counts no more, and is forgotten."""
    with store.begin() as tx:
        tx.installations.states.begin("one", now)
        tx.installations.states.begin("two", now + SECOND)

        assert not tx.installations.states.take("one", now)
        assert tx.installations.states.purge(now) == 1
        assert tx.installations.states.take("two", now)
        assert not tx.installations.states.take("two", now)


def test_of_two_at_once_one_state_is_taken(store: Store, now: datetime) -> None:
    """Two that come back with the same state at the same moment: one of them counts."""
    with store.begin() as tx:
        tx.installations.states.begin("one", now + SECOND)

    def take(_: int) -> bool:
        with store.begin() as tx:
            return tx.installations.states.take("one", now)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(8))) == 1
