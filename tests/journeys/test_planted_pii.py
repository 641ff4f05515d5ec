"""200 planted values in 45 kinds of payload, over both transports: none of them comes out."""

from __future__ import annotations

import tempfile
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.slack.delivery import Ack
from bot.sandbox.stage import Stage
from tests.journeys.planting import Planter, payloads

LEFT_TO_ITSELF = "the words that nobody needs to hide"


class Planted:
    """A bot after all the payloads.

    Attributes:
        values: What was planted.
        answers: How the bot acknowledged each payload, by its name.
        temporary: The folder for temporary files while it ran.
    """

    def __init__(self, house: Stage, temporary: Path) -> None:
        self.house = house
        self.temporary = temporary
        plant = Planter()
        house.slack.person("Ines Falk").commands("/care", "link birch-and-brook", "birch-and-brook")
        self.answers: dict[str, Ack | None] = {}
        for name, payload, kind in payloads(plant):
            self.answers[name] = house.slack.delivery.deliver(payload, kind, timeout=20.0)
        self.values = plant.planted
        house.slack.person("Mara Quill").writes(LEFT_TO_ITSELF, "birch-and-brook")
        self.idle = house.eventually(self._is_idle)

    def _is_idle(self) -> bool:
        with self.house.bot.records.store.read() as records:
            states = records.census.replies()
            last = records.tickets.list()[-1].state
        return last != "open" and not {"pending", "sending"} & set(states)

    def found(self, *needles: str) -> list[tuple[str, str]]:
        """Return which needles are in which files of the bot."""
        hits = self.house.search(*needles, beside=self.temporary)
        return [(needles[hit.needle], hit.path.name) for hit in hits]


@pytest.fixture(scope="module")
def planted(house: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    """The bot after all payloads came over one transport, with root logging at DEBUG."""
    temporary = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(temporary))
        yield Planted(house, temporary)


def test_every_payload_is_acknowledged(planted: Planted) -> None:
    """Whatever Slack sends, known or not, is acknowledged, so that it is not sent again."""
    refused = [name for name, ack in planted.answers.items() if ack is None or not ack.ok]

    assert refused == []
    assert len(planted.answers) >= 30


def test_no_planted_value_is_in_any_file(planted: Planted) -> None:
    """Database, write-ahead log, engine tables, log and temporary files hold none of the 200."""
    assert planted.idle
    assert len(set(planted.values)) == 200

    assert planted.found(*planted.values) == []


def test_no_planted_value_is_printed(planted: Planted, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither standard output nor standard error shows any of the values."""
    printed = "".join(capfd.readouterr())

    assert [value for value in planted.values if value in printed] == []


def test_no_planted_value_is_said_again(planted: Planted) -> None:
    """The bot never sends a value back to Slack, in no reply, card, form or home."""
    sent = "\n".join(repr(call.arguments) for call in planted.house.slack.workspace.calls)

    assert [value for value in planted.values if value in sent] == []


def test_what_was_said_beside_the_values_is_kept(planted: Planted) -> None:
    """The search looks at the right files: what needs no hiding stands in the database."""
    files = {file for _, file in planted.found(LEFT_TO_ITSELF)}

    assert files & {"care.db", "care.db-wal", "tables.txt"}


@pytest.mark.parametrize("place", ["log", "database", "temporary file", "base64", "UTF-16"])
def test_search_finds_a_value_that_is_there(planted: Planted, place: str) -> None:
    """The search would find a value that leaked into the log, the database or a file."""
    value = f"Zebulon {place} Quickfeather"
    assert planted.found(value) == []
    leak = planted.temporary / "leak"
    if place == "database":
        with planted.house.bot.records.store.begin() as records:
            query = f"UPDATE replies SET error_class = '{value}'"
            records.session.connection().exec_driver_sql(query)
    elif place == "log":
        with (planted.house.home / "care.log").open("a") as log:
            log.write(value)
    elif place == "base64":
        leak.write_bytes(b"x" + b64encode(f"for {value}".encode()))
    else:
        leak.write_bytes(value.encode("utf-16" if place == "UTF-16" else "utf-8"))

    assert planted.found(value) != []


def test_values_are_sealed_and_open_for_care_alone(planted: Planted) -> None:
    """What was taken out is not lost: it is sealed, and opens with the keyring."""
    with planted.house.bot.records.store.read() as records:
        tickets = records.tickets.list()
        opened = [pair for ticket in tickets for pair in records.tickets.reveal(ticket.ticket_id)]

    assert len(opened) > 50
