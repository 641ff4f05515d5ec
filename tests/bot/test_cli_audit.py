"""`audit` on the command line: verifying with and without the keys, anchoring, receipts."""

from __future__ import annotations

import base64
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot import app, log
from bot.cli import main
from bot.settings import from_environment
from storage.anchor_file import AnchorFile
from storage.anchoring import anchor
from storage.audit import AuditKind
from storage.tickets import Trigger
from tests.storage.samples import AGENT, PERSON, open_ticket, say, value

Care = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `CARE_HOME` with one resolved ticket, JC-1, in the audit."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    shutil.copy(sqlite_template, folder / "care.db")
    monkeypatch.chdir(tmp_path)
    for name in [each for each in os.environ if each.startswith("CARE_")] + ["DATABASE_URL"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CARE_HOME", str(folder))
    now = datetime.now(UTC)
    with app.records(from_environment()) as records, records.store.begin() as kept:
        ticket = open_ticket(kept, now)
        say(kept, ticket, now, value(PERSON))
        kept.tickets.resolve(ticket, by=AGENT, trigger=Trigger.COMMAND, now=now)
    return folder


@pytest.fixture
def care(home: Path) -> Iterator[Care]:
    """Runs the command line in this home."""
    restore = log.preserved()

    def run(*arguments: str) -> Result:
        done = CliRunner().invoke(main, arguments, prog_name="jetpack-care")
        restore()
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    yield run
    restore()


def tamper(home: Path, *statements: str) -> None:
    """Change the database past its triggers, as who owns the file can."""
    with closing(sqlite3.connect(home / "care.db")) as database, database:
        for trigger in ("update", "delete"):
            database.execute(f"DROP TRIGGER IF EXISTS audit_refuses_{trigger}")
        for statement in statements:
            database.execute(statement)


def test_an_anchored_chain_verifies(care: Care) -> None:
    """`audit anchor` signs once; `audit verify` tells how far the anchors reach."""
    first, again = care("audit", "anchor"), care("audit", "anchor")
    assert first.stdout.startswith("Anchor 1 signs entry 2, hash ")
    assert (again.exit_code, again.stdout) == (0, "")
    assert "Nothing to anchor" in again.stderr

    done = care("audit", "verify")
    counted, held, after = done.stdout.splitlines()
    assert (done.exit_code, counted) == (0, "2 entries, the chain holds")
    assert held.startswith("1 anchor holds, signed by key ")
    assert after.startswith("0 entries came after the last anchor, 1 of ")
    found = json.loads(care("audit", "verify", "--json").stdout)
    assert (found["ok"], found["entries"], found["anchors"], found["since"]) == (True, 2, 1, 0)
    assert care("audit", "anchor", "--json").stdout == "null\n"


def test_a_chain_without_anchors_says_so(care: Care) -> None:
    """It holds, and what that does not show is told beside it."""
    done = care("audit", "verify")
    assert (done.exit_code, done.stdout) == (0, "1 entries, the chain holds\n")
    assert "No anchor covers them yet" in done.stderr


@pytest.mark.parametrize(
    ("statement", "entry", "problem"),
    [
        ("UPDATE audit SET by = 'U6666' WHERE seq = 1", 1, "breaks at entry 1"),
        ("DELETE FROM audit WHERE seq = 1", 1, "breaks at entry 1"),
        ("DELETE FROM audit WHERE seq = 2", 2, "ends at entry 1, but anchor 1 signed entry 2"),
        ("DELETE FROM audit", 1, "ends at entry 0, but anchor 1 signed entry 2"),
    ],
)
def test_a_broken_chain_exits_1(
    care: Care, home: Path, statement: str, entry: int, problem: str
) -> None:
    """The first bad entry is named, for people and as JSON."""
    care("audit", "anchor")
    tamper(home, statement)
    done = care("audit", "verify")
    assert (done.exit_code, done.stdout) == (1, "")
    assert problem in done.stderr
    done = care("audit", "verify", "--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["ok"], found["entry"]) == (1, False, entry)
    assert problem in found["problem"]


def test_a_verifier_has_anchors_and_public_key_alone(
    care: Care, home: Path, tmp_path: Path
) -> None:
    """Copies of the two and the database are enough: neither keyring nor signing key is there."""
    care("audit", "anchor")
    pem, copy = tmp_path / "care.pem", tmp_path / "copy.jsonl"
    pem.write_text(care("audit", "key").stdout)
    (home / "anchors.jsonl").rename(copy)
    (home / "audit_key.pem").unlink()
    (home / "keyring.json").unlink()

    assert care("audit", "verify", "--anchors", str(copy)).exit_code == 1
    done = care("audit", "verify", "--anchors", str(copy), "--public-key", str(pem))
    assert (done.exit_code, done.stderr) == (0, "")
    assert not (home / "keyring.json").exists()
    assert care("audit", "verify", "--anchors", "nowhere.jsonl").exit_code == 2


def test_the_public_key_is_printed(care: Care) -> None:
    """Once there is one: as PEM, its id beside it; and as JSON."""
    assert care("audit", "key").exit_code == 1
    care("audit", "anchor")
    done = care("audit", "key")
    assert done.stdout.startswith("-----BEGIN PUBLIC KEY-----\n")
    found = json.loads(care("audit", "key", "--json").stdout)
    assert found["public_key"] == done.stdout
    assert done.stderr == f"key {found['id']}\n"


def test_what_is_worth_a_look_is_told(care: Care, home: Path) -> None:
    """A half line, an overdue anchor, missing triggers: the chain holds, and a word beside it."""
    long_ago = datetime.now(UTC) - timedelta(days=9)
    settings = from_environment()
    with app.records(settings) as records:
        anchor(records.store, AnchorFile(settings.anchors), settings.audit_key, long_ago)
        with records.store.begin() as kept:
            kept.audit.append(AuditKind.ACTION_REFUSED, at=long_ago, by=AGENT, subject="ticket:1")
    with (home / "anchors.jsonl").open("a") as file:
        file.write('{"at":')
    tamper(home)
    done = care("audit", "verify")
    assert done.exit_code == 0
    for note in ("half written", "overdue", "triggers"):
        assert note in done.stderr


def test_a_receipt_is_a_page(care: Care, home: Path) -> None:
    """Into a file or onto standard output, with the anchor once there is one."""
    before = care("audit", "receipt", "JC-1", "--html", "-")
    assert before.stdout.startswith("<!DOCTYPE html>")
    assert "None yet." in before.stdout
    care("audit", "anchor")
    assert care("audit", "receipt", "JC-1", "--html", "receipt.html").stdout == ""
    page = Path("receipt.html").read_text(encoding="utf-8")
    assert "Anchor 1 of" in page
    assert not any(part in page for part in PERSON.split())
    assert care("audit", "receipt", "JC-1", "--html", "-", "--json").exit_code == 2


def test_no_page_of_a_broken_chain(care: Care, home: Path) -> None:
    """A receipt that its anchor does not cover truly is not given out."""
    care("audit", "anchor")
    tamper(home, "UPDATE audit SET by = 'U6666' WHERE seq = 2")
    done = care("audit", "receipt", "JC-1", "--html", "receipt.html")
    assert done.exit_code == 1
    assert not Path("receipt.html").exists()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to check with")
def test_a_receipt_is_checked_without_us(care: Care, tmp_path: Path) -> None:
    """The hash with SHA-256, the signature with OpenSSL, as the page says."""
    told = json.loads(care("audit", "anchor", "--json").stdout)
    receipt = json.loads(care("audit", "receipt", "JC-1", "--json").stdout)
    hashed = sha256((receipt["previous"] + receipt["content"]).encode()).hexdigest()
    assert hashed == receipt["hash"]

    signature = base64.b64decode(told.pop("signature"))
    signed = json.dumps(told, sort_keys=True, separators=(",", ":"))
    (tmp_path / "text").write_text(signed)
    (tmp_path / "signature").write_bytes(signature)
    (tmp_path / "key.pem").write_text(care("audit", "key").stdout)
    command = "openssl pkeyutl -verify -rawin -pubin -inkey key.pem -in text -sigfile signature"
    done = subprocess.run(
        command.split(), cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
