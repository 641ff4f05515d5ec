"""The keyring file: made once, for its owner alone, never guessed."""

from __future__ import annotations

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage.errors import KeyDestroyed, KeyringMissing, KeyringUnreadable, SealBroken
from storage.keyring import FileKeyring

KEY = bytes(range(32))


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
        {"format": 2},
        {"current": 7},
        {"current": "1"},
        {"id": 5},
        {"epochs": {}},
        {"epochs": {"1": "c2hvcnQ="}},
        {"epochs": {"1": "not base64!"}},
        {"epochs": {"one": "c2hvcnQ="}},
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
        keyring.unwrap(epoch + 1, wrapped, b"ticket:1")


def test_a_keyring_does_not_print_its_keys(path: Path) -> None:
    """What is shown of a keyring is its id and epoch."""
    keyring = FileKeyring.create(path)
    shown = repr(keyring)
    assert keyring.id in shown
    assert not any(key in shown for key in json.loads(path.read_text())["epochs"].values())
    assert os.fsencode(shown)
