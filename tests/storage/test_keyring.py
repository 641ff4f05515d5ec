"""The keyring file: made once, for its owner alone, never guessed."""

from __future__ import annotations

import json
import os
import stat
import threading
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from storage import keyring_file
from storage.errors import (
    KeyDestroyed,
    KeyringMismatch,
    KeyringMissing,
    KeyringOutdated,
    KeyringUnreadable,
    KeyringUnwritable,
    SealBroken,
)
from storage.keyring import Epoch, FileKeyring

KEY: Final = bytes(range(32))
NOW: Final = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATER: Final = NOW + timedelta(days=1)
LOCK: Final = "keyring.json.lock"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a keyring is to be."""
    return tmp_path / "home" / "keyring.json"


def test_a_keyring_opens_what_it_wrapped(path: Path) -> None:
    """A key comes back from the file's epoch, in another process too."""
    made = FileKeyring.create(path)
    epoch, wrapped = made.wrap(KEY, b"ticket:1")

    opened = FileKeyring.open(path)

    assert opened.unwrap(epoch, wrapped, b"ticket:1") == KEY
    assert (opened.id, opened.current) == (made.id, epoch)
    assert KEY not in wrapped


def test_the_file_is_for_its_owner_alone(path: Path) -> None:
    """The file is 0600 in a folder of 0700, and no draft of it is left."""
    FileKeyring.create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_that_others_may_read_is_refused(path: Path, mode: int) -> None:
    """A keyring that group or world could read is no keyring."""
    FileKeyring.create(path)
    path.chmod(mode)
    with pytest.raises(KeyringUnreadable, match="0600"):
        FileKeyring.open(path)


def test_creating_never_replaces(path: Path) -> None:
    """Of many that create at once one does, and all hold the same keyring."""
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: FileKeyring.create(path), range(8)))

    assert {keyring.id for keyring in made} == {FileKeyring.open(path).id}
    assert list(path.parent.iterdir()) == [path]


def test_a_missing_file_is_named_so(path: Path) -> None:
    """Opening makes nothing."""
    with pytest.raises(KeyringMissing):
        FileKeyring.open(path)
    assert not path.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"format": 3},
        {"format": 1},
        {"current": 7},
        {"current": 0, "epochs": {}},
        {"current": "1"},
        {"id": 5},
        {"epochs": {}},
        {"epochs": {"1": "c2hvcnQ="}},
        {"epochs": {"1": {"key": "c2hvcnQ=", "made_at": None}}},
        {"epochs": {"1": {"key": "not base64!", "made_at": None}}},
        {"epochs": {"one": {"key": "c2hvcnQ=", "made_at": None}}},
        {"epochs": {"1": {"key": b64encode(KEY).decode(), "made_at": "yesterday"}}},
        {"epochs": {"1": {"key": b64encode(KEY).decode(), "made_at": "2026-03-01T12:00:00"}}},
        {"epochs": {number: {"key": b64encode(KEY).decode(), "made_at": None} for number in "12"}},
        {"epochs": [1]},
    ],
)
def test_a_damaged_file_is_refused(path: Path, change: dict[str, object]) -> None:
    """A file of another form is refused with an exception that quotes none of it."""
    FileKeyring.create(path)
    content = {**json.loads(path.read_text()), **change}
    path.write_text(json.dumps(content))
    with pytest.raises(KeyringUnreadable) as caught:
        FileKeyring.open(path)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_a_file_that_is_no_keyring_is_refused(path: Path, content: bytes) -> None:
    """Half a file, or another one, is refused."""
    path.parent.mkdir()
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(KeyringUnreadable):
        FileKeyring.open(path)


def test_a_folder_is_no_keyring(tmp_path: Path) -> None:
    """A path that is no file is refused, for reading and for making."""
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyringUnreadable):
        FileKeyring.open(tmp_path)
    with pytest.raises(KeyringUnreadable):
        FileKeyring.create(tmp_path / "file" / "keyring.json")


def test_a_wrapped_key_opens_in_its_own_context_alone(path: Path) -> None:
    """Moved to another owner, changed, or of an epoch that is gone, it does not open."""
    keyring = FileKeyring.create(path)
    epoch, wrapped = keyring.wrap(KEY, b"ticket:1")
    changed = wrapped[:-1] + bytes([wrapped[-1] ^ 1])

    with pytest.raises(SealBroken):
        keyring.unwrap(epoch, wrapped, b"ticket:2")
    with pytest.raises(SealBroken):
        keyring.unwrap(epoch, changed, b"ticket:1")
    with pytest.raises(SealBroken):
        keyring.unwrap(epoch, b"", b"ticket:1")
    with pytest.raises(KeyDestroyed):
        keyring.unwrap(epoch - 1, wrapped, b"ticket:1")
    with pytest.raises(KeyringOutdated):
        keyring.unwrap(epoch + 1, wrapped, b"ticket:1")


def test_a_keyring_does_not_print_its_keys(path: Path) -> None:
    """What is shown of a keyring is its id and epoch."""
    keyring = FileKeyring.create(path, NOW)
    _, content = keyring_file.read(path)
    [key] = keys_in(path)
    for shown in (repr(keyring), repr(content), repr(content.epochs), repr(keyring.epochs)):
        assert key not in shown
    assert keyring.id in repr(keyring)


def keys_in(path: Path) -> list[str]:
    """Return the keys in a file, in base64."""
    return [epoch["key"] for epoch in json.loads(path.read_text())["epochs"].values()]


def format_1(path: Path) -> FileKeyring:
    """Write a keyring of the first form."""
    path.parent.mkdir(mode=0o700)
    epochs = {"1": b64encode(KEY).decode()}
    path.write_text(json.dumps({"format": 1, "id": "0" * 32, "current": 1, "epochs": epochs}))
    path.chmod(0o600)
    return FileKeyring.open(path)


def test_an_epoch_follows_another(path: Path) -> None:
    """The new epoch wraps, the older ones still open, and the file says when each began."""
    keyring = FileKeyring.create(path, NOW)
    first, wrapped = keyring.wrap(KEY, b"ticket:1")

    assert keyring.advance(after=1, now=LATER) == keyring.current == 2

    second, anew = keyring.wrap(KEY, b"ticket:1")
    assert (first, second) == (1, 2)
    for ring in (keyring, FileKeyring.open(path)):
        assert ring.unwrap(1, wrapped, b"ticket:1") == ring.unwrap(2, anew, b"ticket:1") == KEY
        assert ring.epochs == (Epoch(number=1, made_at=NOW), Epoch(number=2, made_at=LATER))


def test_of_two_that_begin_an_epoch_one_does(path: Path) -> None:
    """Whoever comes second finds the epoch that the first began."""
    keyring = FileKeyring.create(path)
    with ThreadPoolExecutor(4) as pool:
        rings = [FileKeyring.open(path) for _ in range(8)]
        begun = list(pool.map(lambda ring: ring.advance(after=1, now=NOW), rings))

    assert begun == [2] * 8
    assert len(keyring.epochs) == 2


def test_destroyed_epochs_open_nothing(path: Path) -> None:
    """What an older epoch wrapped is lost to every process, and its key is in no file."""
    keyring, other = FileKeyring.create(path), FileKeyring.open(path)
    epoch, wrapped = keyring.wrap(KEY, b"ticket:1")
    keyring.advance(after=1, now=NOW)
    keyring.advance(after=2, now=NOW)
    old = keys_in(path)[:2]

    assert keyring.destroy_before(3) == 2
    assert keyring.destroy_before(3) == 0

    for ring in (keyring, other, FileKeyring.open(path)):
        with pytest.raises(KeyDestroyed):
            ring.unwrap(epoch, wrapped, b"ticket:1")
    files = sorted(each.name for each in path.parent.iterdir())
    assert files == ["keyring.json", LOCK]
    assert not any(key in path.read_text() for key in old)
    assert stat.S_IMODE((path.parent / LOCK).stat().st_mode) == 0o600
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_current_epoch_is_never_destroyed(path: Path) -> None:
    """An epoch that has not begun cannot take the place of the current one."""
    keyring = FileKeyring.create(path)
    before = path.read_bytes()

    with pytest.raises(ValueError, match="later one"):
        keyring.destroy_before(2)

    assert path.read_bytes() == before


def test_what_is_replaced_is_overwritten(path: Path) -> None:
    """A file that still has a hand on the old bytes finds none of the keys in them."""
    keyring = FileKeyring.create(path)
    [key] = keys_in(path)
    with path.open("rb") as old:
        keyring.advance(after=1, now=NOW)

        left = old.read()
    assert key.encode() not in left
    assert len(left) > 0


def test_what_a_killed_process_left_is_cleared_away(path: Path) -> None:
    """Drafts and replaced files go at the next change, and another name does not harm the file."""
    keyring = FileKeyring.create(path)
    draft = path.with_name(f".{path.name}.0123456789abcdef")
    second_name = path.with_name(f".{path.name}.fedcba9876543210")
    unrelated = path.with_name(f".{path.name}.mine")
    draft.write_text("a draft")
    unrelated.write_text("not ours")
    os.link(path, second_name)
    kept = os.open(draft, os.O_RDONLY)

    keyring.advance(after=1, now=NOW)

    files = sorted(each.name for each in path.parent.iterdir())
    assert files == [unrelated.name, "keyring.json", LOCK]
    assert os.read(kept, 100) != b"a draft"
    os.close(kept)
    assert FileKeyring.open(path).current == 2


@pytest.mark.parametrize("killed_at", ["link", "replace", "unlink"])
def test_a_change_that_was_cut_short_loses_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch, killed_at: str
) -> None:
    """Wherever it stops the file is the old or the new keyring, and the next change tidies up."""
    keyring = FileKeyring.create(path)
    epoch, wrapped = keyring.wrap(KEY, b"ticket:1")

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        where = os if killed_at == "link" else Path
        patch.setattr(where, killed_at, killed)
        with pytest.raises(KeyboardInterrupt):
            keyring.advance(after=1, now=NOW)

    again = FileKeyring.open(path)
    assert again.unwrap(epoch, wrapped, b"ticket:1") == KEY
    current = again.advance(after=again.current, now=NOW)
    again.destroy_before(current)
    assert sorted(each.name for each in path.parent.iterdir()) == ["keyring.json", LOCK]
    assert [each.number for each in again.epochs] == [current]


def test_a_file_of_the_first_form_is_read_and_written_anew(path: Path) -> None:
    """Its epoch has an unknown age; the first change gives the file the second form."""
    keyring = format_1(path)
    epoch, wrapped = keyring.wrap(KEY, b"ticket:1")
    assert keyring.epochs == (Epoch(number=1, made_at=None),)

    keyring.advance(after=1, now=NOW)

    assert json.loads(path.read_text())["format"] == 2
    assert keyring.unwrap(epoch, wrapped, b"ticket:1") == KEY
    assert FileKeyring.open(path).epochs == (
        Epoch(number=1, made_at=None),
        Epoch(number=2, made_at=NOW),
    )


def test_a_file_that_is_linked_to_stays_a_link(path: Path, tmp_path: Path) -> None:
    """The file behind a symbolic link is replaced, not the link."""
    FileKeyring.create(path)
    link = tmp_path / "link.json"
    link.symlink_to(path)

    FileKeyring.open(link).advance(after=1, now=NOW)

    assert link.is_symlink()
    assert FileKeyring.open(path).current == 2


def another(path: Path) -> None:
    """Put another keyring in the place of this."""
    path.unlink()
    FileKeyring.create(path)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (Path.unlink, KeyringMissing),
        (another, KeyringMismatch),
        (lambda path: path.write_text("{}"), KeyringUnreadable),
    ],
)
def test_a_keyring_that_changes_under_a_process_is_noticed(
    path: Path, change: Callable[[Path], object], error: type[Exception]
) -> None:
    """A file that is lost, damaged or another's is never wrapped by, nor is what it held."""
    keyring = FileKeyring.create(path)
    change(path)
    with pytest.raises(error):
        keyring.wrap(KEY, b"ticket:1")


def test_an_older_copy_that_is_put_back_is_noticed(path: Path) -> None:
    """A process that has seen a later epoch wraps by no earlier one."""
    keyring = FileKeyring.create(path)
    copy = path.read_bytes()
    keyring.advance(after=1, now=NOW)
    path.write_bytes(copy)

    with pytest.raises(KeyringOutdated, match="older copy"):
        keyring.wrap(KEY, b"ticket:1")


def test_a_keyring_that_cannot_be_written_says_so(path: Path) -> None:
    """Without its file, or with a folder in the lock's place, nothing begins and nothing goes."""
    keyring = FileKeyring.create(path)
    (path.parent / LOCK).mkdir()
    with pytest.raises(KeyringUnwritable):
        keyring.advance(after=1, now=NOW)
    with pytest.raises(KeyringUnwritable):
        FileKeyring("0" * 32, 1, {1: KEY}).destroy_before(1)
    assert keyring.current == 1


def test_readers_never_see_a_keyring_that_is_being_changed(path: Path) -> None:
    """While epochs come and go, every use and every opening finds a whole keyring."""
    keyring = FileKeyring.create(path)
    done = threading.Event()

    def use() -> int:
        ring, uses = FileKeyring.open(path), 0
        while not done.is_set():
            epoch, wrapped = ring.wrap(KEY, b"ticket:1")
            assert len(wrapped) > len(KEY)
            assert FileKeyring.open(path).current >= epoch
            uses += 1
        return uses

    with ThreadPoolExecutor(3) as pool:
        users = [pool.submit(use) for _ in range(3)]
        try:
            for _ in range(100):
                keyring.destroy_before(keyring.advance(after=keyring.current, now=NOW))
        finally:
            done.set()
        assert all(user.result() for user in users)
    assert keyring.current == 101
