"""Started again on the same folder: with its keyring all is there, without it nothing is opened."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot import log
from bot.cli import main
from bot.sandbox.stage import stage
from nlp.text import RawText
from storage.ids import TicketId
from storage.keyring import FileKeyring
from tests.journeys.acting import QUESTION, asks, held, idle, link, merchant


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a bot that kept a sealed value and stopped."""
    home = tmp_path_factory.mktemp("left")
    with stage(home, over_http=True) as house:
        link(house)
        asks(house, merchant(house), f"call 415-555-0111. {QUESTION}")
    return home


@pytest.fixture
def home(left: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of that folder."""
    copy = tmp_path / "home"
    shutil.copytree(left, copy)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        yield copy


def _listed(home: Path) -> Result:
    undo = log.preserved()
    try:
        return CliRunner().invoke(main, ["tickets", "list"], env={"CARE_HOME": str(home)})
    finally:
        undo()


def test_what_was_kept_opens_after_a_restart(home: Path) -> None:
    """A bot that starts on the folder again opens the sealed value and goes on with the ticket."""
    with stage(home, over_http=True) as house:
        (before,) = [each for each in house.stored() if "PHONE" in each]
        asks(house, merchant(house), QUESTION)
        idle(house)

        assert before.startswith("call <PHONE_NUMBER_1>.")
        assert held(house, TicketId(1)) == {"<PHONE_NUMBER_1>": RawText("415-555-0111")}


def test_the_command_line_reads_the_same_folder(home: Path) -> None:
    """With everything in place the tickets are listed."""
    result = _listed(home)

    assert result.exit_code == 0
    assert "JC-1" in result.stdout


def test_a_missing_keyring_is_one_clear_error(home: Path) -> None:
    """Exit 1 and one line; no new keyring is made over data that it could not open."""
    (home / "keyring.json").unlink()

    result = _listed(home)

    assert result.exit_code == 1
    assert result.stderr.strip() == (
        "jetpack-care: The database was sealed with a keyring that is not there. "
        "Restore the file CARE_KEYRING."
    )
    assert not (home / "keyring.json").exists()


def test_another_keyring_is_one_clear_error(home: Path) -> None:
    """Exit 1 and one line; the other keyring stays as it is."""
    (home / "keyring.json").unlink()
    FileKeyring.create(home / "keyring.json")
    content = (home / "keyring.json").read_bytes()

    result = _listed(home)

    assert result.exit_code == 1
    assert result.stderr.strip() == (
        "jetpack-care: The keyring is not the one that sealed this database. "
        "Point CARE_KEYRING at the right one."
    )
    assert (home / "keyring.json").read_bytes() == content


@pytest.mark.parametrize(
    ("break_it", "line"),
    [
        (
            lambda path: path.chmod(0o644),
            "jetpack-care: Others may read the keyring file. Give it mode 0600.",
        ),
        (
            lambda path: path.write_bytes(b'{"format": 1, "id"'),
            "jetpack-care: The keyring file is damaged or cannot be read. "
            "It is a 0600 file that this program wrote.",
        ),
    ],
    ids=["readable by others", "damaged"],
)
def test_a_keyring_that_is_no_good_is_one_clear_error(
    home: Path, break_it: Callable[[Path], object], line: str
) -> None:
    """Exit 1 and one line, with no word of the file."""
    break_it(home / "keyring.json")

    result = _listed(home)

    assert result.exit_code == 1
    assert result.stderr.strip() == line
