"""The command line: data on standard output, the rest on standard error, exit codes 0, 1, 2."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import click
import pytest
from click.testing import CliRunner, Result

import bot.sandbox
from bot import app, log
from bot.cli import main
from bot.settings import from_environment
from nlp.text import RawText, ScrubbedText, SensitiveValue
from storage.ids import ChannelId, MerchantId, SlackTs, TeamId, UserId
from storage.installations import Grant, Installation
from storage.tickets import Author

SAMPLES: Final = Path(bot.sandbox.__file__).parent / "samples"
ORDERS: Final = str(SAMPLES / "orders.csv")
RETURNS: Final = str(SAMPLES / "returns.csv")

Care = Callable[..., Result]


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database, which is faster than migrating one for each test."""
    home = tmp_path_factory.mktemp("migrated")
    with app.records(from_environment({"CARE_HOME": str(home)})):
        return home


@pytest.fixture
def home(migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `CARE_HOME` with an empty database, in a working folder without `.env`."""
    folder = tmp_path / "home"
    folder.mkdir()
    for file in migrated.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
        (folder / file.name).chmod(0o600)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CARE_HOME", str(folder))
    for name in ("DATABASE_URL", "CARE_KEYRING", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN",
                 "SLACK_SIGNING_SECRET", "LOG_LEVEL", "RETENTION_DAYS"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def care(home: Path) -> Iterator[Care]:
    """Runs the command line in this home."""
    restore = log.preserved()

    def run(*arguments: str, given: str | bytes | None = None) -> Result:
        done = CliRunner().invoke(main, arguments, input=given, prog_name="jetpack-care")
        restore()
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    yield run
    restore()


@pytest.fixture
def ticket(home: Path) -> str:
    """A ticket with one message that held a name."""
    now = datetime.now(UTC)
    with (
        app.records(from_environment({"CARE_HOME": str(home)})) as records,
        records.store.begin() as kept,
    ):
        kept.merchants.ensure(MerchantId("birch-and-brook"))
        found = kept.tickets.open(
            team=TeamId("T0001"),
            channel=ChannelId("C0001"),
            thread_ts=SlackTs("1795401886.000100"),
            merchant=MerchantId("birch-and-brook"),
            user=UserId("U0001"),
            at=now,
        )
        name = RawText("Wilhelmina Quackenbush")
        value = SensitiveValue(entity_type="PERSON", number=1, value=name, keys=(name,))
        numbers = kept.tickets.number_values(found.ticket_id, [value])
        message = kept.tickets.add_message(
            found.ticket_id,
            channel=ChannelId("C0001"),
            ts=SlackTs("1795401886.000100"),
            user=UserId("U0001"),
            author=Author.MERCHANT,
            source="message",
            text=ScrubbedText("it is for <PERSON_1>"),
            at=now,
        )
        assert message is not None
        kept.tickets.seal_values(found.ticket_id, message, [value], numbers)
    return f"JC-{found.ticket_id}"


def lines(done: Result) -> list[dict[str, object]]:
    """Return the JSON lines on standard output."""
    return [json.loads(line) for line in done.stdout.splitlines()]


def commands() -> list[tuple[str, ...]]:
    """Return every command, groups and those within them."""

    def below(group: click.Group, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        for name, command in group.commands.items():
            yield (*path, name)
            if isinstance(command, click.Group):
                yield from below(command, (*path, name))

    return [(), *below(main, ())]


CONTRACT: Final = {
    "demo", "run", "web", "worker", "migrate", "check", "scrub", "ask", "orders import",
    "orders show", "returns import", "tickets list", "tickets show", "tickets resolve", "redact",
    "audit verify", "audit receipt", "kb lint", "kb add", "kb index",
}  # fmt: skip


def test_every_command_of_the_contract_is_there() -> None:
    """The commands that outsiders hold on to exist under their names."""
    assert {" ".join(path) for path in commands()} >= CONTRACT


@pytest.mark.parametrize("path", commands(), ids=" ".join)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_every_command_explains_itself(path: tuple[str, ...], flag: str, care: Care) -> None:
    """`--help` of a command says what it does, on standard output, and exits 0."""
    done = care(*path, flag)
    assert done.exit_code == 0
    assert done.stdout.startswith(" ".join(["Usage: jetpack-care", *path]))
    assert done.stderr == ""


TOPICS: Final = [
    "", "demo", "scrub", "ask", "orders import", "orders show", "returns import", "tickets show",
    "tickets resolve", "redact", "audit receipt", "kb add",
]  # fmt: skip


@pytest.mark.parametrize("path", TOPICS)
def test_commands_with_arguments_show_an_example(path: str, care: Care) -> None:
    """The help of a command that takes something shows how it is called."""
    text = care(*path.split(), "--help").stdout
    assert "Example" in text
    assert f"jetpack-care {path}".strip() in text.split("Example")[1]


WRONG: Final[list[tuple[str, ...]]] = [
    ("nonsense",),
    ("orders", "nonsense"),
    ("orders", "import"),
    ("orders", "import", "no-such-file.csv"),
    ("orders", "import", "."),
    ("orders", "show"),
    ("tickets", "show"),
    ("tickets", "list", "--nonsense"),
    ("redact", "--now", "tomorrow"),
    ("redact", "--now", "2026-12-18T00:00:00"),
    ("redact", "--now", "2026-12-18"),
    ("redact", "--now"),
    ("scrub", "no-such-file.txt"),
    ("ask",),
    ("kb", "lint", "no-such-folder"),
    ("kb", "index", "no-such-folder"),
    ("kb", "add", "Not A Name"),
]


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_wrong_usage_exits_2(arguments: tuple[str, ...], care: Care) -> None:
    """A command that is not called as documented exits 2 and says why on standard error."""
    done = care(*arguments)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "Error: " in done.stderr


FAILS: Final[list[tuple[tuple[str, ...], str]]] = [
    (("orders", "show", "113-5550142-5550142"), "There is no such order."),
    (("orders", "show", "Quackenbush"), "An order id is 3-7-7 digits, such as "
     "111-2223334-5556667."),
    (("tickets", "show", "JC-7"), "There is no such ticket."),
    (("tickets", "show", "Quackenbush"), "A ticket is JC- and a number, such as JC-12."),
    (("tickets", "resolve", "JC-7"), "There is no such ticket."),
    (("audit", "receipt", "JC-7"), "There is no such ticket."),
    (("run",), "Not set: SLACK_BOT_TOKEN, SLACK_APP_TOKEN. README.md says where to find them."),
    (("web",), "Not set: SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET. README.md says where to find "
     "them."),
    (("worker",), "Not set: SLACK_BOT_TOKEN. README.md says where to find them."),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "line"), FAILS, ids=str)
def test_a_failure_is_one_line_and_exits_1(
    arguments: tuple[str, ...], line: str, care: Care
) -> None:
    """What cannot be done is one clear line on standard error, without the input, and exits 1."""
    done = care(*arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"jetpack-care: {line}\n"


@pytest.mark.parametrize("arguments", [("tickets", "list"), ("migrate",), ("scrub",), ("check",)])
def test_a_malformed_setting_is_one_line(
    arguments: tuple[str, ...], care: Care, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command names a malformed setting in one line and does not show it."""
    monkeypatch.setenv("RETENTION_DAYS", "Quack")
    done = care(*arguments, given="")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("jetpack-care: RETENTION_DAYS is not a whole number")
    assert "Quack" not in done.stderr


@pytest.mark.parametrize(
    "url", ["mysql://care:Quack@db.example.com/care", "Quack", "sqlite:////proc/no/such/care.db"]
)
def test_a_database_that_cannot_be_used_is_one_line(
    url: str, care: Care, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database of another kind, or one out of reach, is one line without the address."""
    monkeypatch.setenv("DATABASE_URL", url)
    done = care("tickets", "list")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("jetpack-care: ")
    assert done.stderr.count("\n") == 1
    assert "Quack" not in done.stderr


def test_the_samples_come_in(care: Care) -> None:
    """Both sample files are imported; what was done stands on standard error."""
    done = care("orders", "import", ORDERS)
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.endswith("7 rows of orders taken, 0 refused\n")
    done = care("returns", "import", RETURNS)
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.endswith("2 rows of returns taken, 0 refused\n")


def test_an_import_reads_standard_input(care: Care) -> None:
    """`-` is standard input."""
    done = care("orders", "import", "-", given=Path(ORDERS).read_bytes())
    assert (done.exit_code, done.stderr) == (0, "7 rows of orders taken, 0 refused\n")


def test_a_bad_row_is_named_and_the_import_exits_1(care: Care) -> None:
    """Bad rows are named by line and reason on standard error, good ones are taken, exit 1."""
    content = (
        "order_id,merchant,first_name\n"
        "Quackenbush,birch,Quackenbush\n"
        "113-5550142-5550142,birch,Odalys\n"
    )
    done = care("orders", "import", "-", given=content)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        "line 2: order_id is not 3-7-7 digits\n1 rows of orders taken, 1 refused\n"
    )
    assert care("orders", "show", "113-5550142-5550142").exit_code == 0


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "The file is empty."),
        (b"Quack\n", "Column 1 has an unknown name."),
        (b"order_id,merchant\n\xff,x\n", "The file is not UTF-8."),
    ],
)
def test_a_file_that_cannot_be_imported_is_one_line(content: bytes, line: str, care: Care) -> None:
    """A file of another kind is refused in one line, exit 1."""
    done = care("orders", "import", "-", given=content)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(f"jetpack-care: {line}")
    assert done.stderr.count("\n") == 1


def test_an_order_shows_its_fields_as_in_the_import(care: Care) -> None:
    """`orders show --json` is one object with the names of the import, returns beside it."""
    content = json.dumps(
        {
            "order_id": "113-5550142-5550142",
            "merchant": "birch-and-brook",
            "status": "Shipped",
            "promised_at": (datetime.now(UTC) + timedelta(days=5)).isoformat(),
            "first_name": "Odalys",
            "zip": "97214-2231",
            "carrier": "UPS",
            "tracking_id": "1Z999AA10123456784",
            "sku": "BB-CANDLE-3",
            "quantity": 1,
            "price": "28.50",
        }
    )
    care("orders", "import", "-", given=content)
    care("returns", "import", RETURNS)
    done = care("orders", "show", "113-5550142-5550142", "--json")
    assert done.exit_code == 0
    (found,) = lines(done)
    assert found["order_id"] == "113-5550142-5550142"
    assert found["merchant"] == "birch-and-brook"
    assert (found["status"], found["zip"], found["first_name"]) == (
        "Shipped", "97214-2231", "Odalys",
    )  # fmt: skip
    assert found["street_1"] is None
    (package,) = _objects(found["packages"])
    assert (package["tracking_id"], package["carrier"]) == ("1Z999AA10123456784", "UPS")
    (item,) = _objects(found["items"])
    assert (item["sku"], item["quantity"], item["price"]) == ("BB-CANDLE-3", 1, "28.50")
    (returned,) = _objects(found["returns"])
    assert returned["return_id"] == "RMA-55501"


def _objects(value: object) -> list[dict[str, object]]:
    assert isinstance(value, list)
    return value


def test_an_order_shows_for_people(care: Care) -> None:
    """Without `--json` an order is a line for each field."""
    care("orders", "import", ORDERS)
    shown = care("orders", "show", "113-5550143-5550143").stdout.splitlines()
    assert "order_id: 113-5550143-5550143" in shown
    assert "city: Burlington" in shown


def test_redaction_follows_the_time_that_is_given(care: Care) -> None:
    """`redact --now` 31 days after a delivery redacts that order, once, and keeps the rest."""
    delivered = datetime.now(UTC) - timedelta(days=1)

    def after(days: int) -> str:
        return (delivered + timedelta(days=days)).isoformat()

    content = (
        "order_id,merchant,delivered_at,tracking_id,first_name,street_1,zip,city,state\n"
        f"113-5550142-5550142,birch-and-brook,{after(0)},1Z999AA10123456784,Odalys,"
        "4417 Larkspur Hollow Road,97214-2231,Portland,OR\n"
    )
    care("orders", "import", "-", given=content)
    care("returns", "import", RETURNS)
    dry = lines(care("redact", "--now", after(31), "--dry-run", "--json"))
    assert dry == [{"due": 1, "redacted": 0, "already": 0}]
    assert lines(care("redact", "--now", after(29), "--json")) == [
        {"due": 0, "redacted": 0, "already": 0}
    ]
    assert lines(care("redact", "--now", after(31), "--json")) == [
        {"due": 1, "redacted": 1, "already": 0}
    ]
    assert lines(care("redact", "--now", after(31), "--json")) == [
        {"due": 0, "redacted": 0, "already": 1}
    ]
    (found,) = lines(care("orders", "show", "113-5550142-5550142", "--json"))
    assert (found["first_name"], found["street_1"]) == ("Redacted", "Redacted")
    assert (found["zip"], found["city"], found["state"]) == ("97214-2231", "Portland", "OR")
    (package,) = _objects(found["packages"])
    assert package["tracking_id"] == "1Z999AA10123456784"
    (returned,) = _objects(found["returns"])
    assert returned["return_id"] == "RMA-55501"


def test_redaction_is_shown_for_people(care: Care) -> None:
    """Without `--json` the counts are one line."""
    assert (
        care("redact", "--now", "2026-12-18T00:00:00Z").stdout == "due 0, redacted 0, already 0\n"
    )


def test_there_are_no_tickets_at_first(care: Care) -> None:
    """An empty list of tickets is no line."""
    done = care("tickets", "list", "--json")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "")


def test_tickets_are_listed(care: Care, ticket: str) -> None:
    """`tickets list --json` is a line for each ticket."""
    (found,) = lines(care("tickets", "list", "--json"))
    assert found.keys() == {"id", "state", "merchant", "opened_at", "resolved_at"}
    assert (found["id"], found["state"], found["merchant"]) == (ticket, "open", "birch-and-brook")
    assert care("tickets", "list").stdout.startswith(f"id {ticket}, state open")


def test_a_ticket_shows_what_was_kept(care: Care, ticket: str) -> None:
    """`tickets show` shows scrubbed messages and counts of what is sealed, no value."""
    done = care("tickets", "show", ticket, "--json")
    (found,) = lines(done)
    (message,) = _objects(found["messages"])
    assert (message["author"], message["text"]) == ("merchant", "it is for <PERSON_1>")
    assert found["sealed"] == {"PERSON": 1}
    assert "Quackenbush" not in done.output + care("tickets", "show", ticket).output


def test_a_ticket_resolves_once(care: Care, ticket: str) -> None:
    """`tickets resolve` deletes what was sealed and prints the receipt, the same each time."""
    (first,) = lines(care("tickets", "resolve", ticket, "--json"))
    rows = first["rows"]
    assert isinstance(rows, dict)
    assert rows["sealed_values"] == 1
    assert first["ticket"] == ticket
    (again,) = lines(care("tickets", "resolve", ticket, "--json"))
    assert (again["seq"], again["rows"]) == (first["seq"], first["rows"])
    (found,) = lines(care("tickets", "show", ticket, "--json"))
    assert (found["state"], found["sealed"]) == ("resolved", {})


def test_a_receipt_is_there_once_a_ticket_is_resolved(care: Care, ticket: str) -> None:
    """`audit receipt` says that there is none yet, and prints it afterwards."""
    before = care("audit", "receipt", ticket)
    assert (before.exit_code, before.stdout) == (1, "")
    assert before.stderr.startswith(f"jetpack-care: {ticket} is not resolved")
    care("tickets", "resolve", ticket)
    after = care("audit", "receipt", ticket)
    assert after.exit_code == 0
    assert after.stdout.startswith(f"{ticket} resolved ")
    (found,) = lines(care("audit", "receipt", ticket, "--json"))
    assert found["ticket"] == ticket


def test_the_audit_chain_is_verified(care: Care, ticket: str) -> None:
    """`audit verify` counts the entries of a chain that holds."""
    care("tickets", "resolve", ticket)
    done = care("audit", "verify")
    assert done.exit_code == 0
    assert done.stdout.endswith(" entries, the chain holds\n")
    assert not done.stdout.startswith("0 ")


def test_a_broken_audit_chain_exits_1(care: Care, ticket: str, home: Path) -> None:
    """Where somebody changed an entry, `audit verify` names the first bad one and exits 1."""
    care("tickets", "resolve", ticket)
    with closing(sqlite3.connect(home / "care.db")) as database, database:
        database.execute("DROP TRIGGER audit_refuses_update")
        database.execute("UPDATE audit SET by = 'somebody else' WHERE seq = 1")
    done = care("audit", "verify")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("jetpack-care: ")
    assert any(char.isdigit() for char in done.stderr)


def test_migrating_again_changes_nothing(care: Care) -> None:
    """`migrate` can be repeated; it writes no data."""
    for _ in range(2):
        done = care("migrate")
        assert (done.exit_code, done.stdout) == (0, "")
    assert "event=database_migrated" in done.stderr


def test_the_check_names_what_is_missing(care: Care) -> None:
    """Without tokens `check` exits 1 and has a line for each thing that it looked at."""
    done = care("check")
    assert done.exit_code == 1
    found = done.stdout.splitlines()
    assert "FAILED  SLACK_BOT_TOKEN: not set; the bot's token" in found
    assert "ok      database: reachable, schema current, keyring fits" in found
    assert "ok      scrubber: works" in found
    assert "ok      articles: sound" in found


def test_the_shipped_articles_pass(care: Care) -> None:
    """`kb lint` finds nothing to mend in the shipped articles."""
    done = care("kb", "lint")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "0 problems\n")


def test_broken_articles_are_named(care: Care, tmp_path: Path) -> None:
    """`kb lint FOLDER` names file and line of a broken article and exits 1."""
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "broken.md").write_text("no front matter\n")
    done = care("kb", "lint", str(folder))
    assert done.exit_code == 1
    assert done.stdout.startswith("broken.md:1: ")


def test_a_new_article_is_a_draft_until_it_is_published(care: Care, tmp_path: Path) -> None:
    """`kb add` writes a template that `kb lint` takes; it answers once its author publishes it."""
    added = care("kb", "add", "umbrella-rules", "--folder", str(tmp_path))
    again = care("kb", "add", "umbrella-rules", "--folder", str(tmp_path))
    article = tmp_path / "umbrella-rules.md"

    assert (added.exit_code, added.stdout) == (0, f"{article}\n")
    assert (again.exit_code, again.stdout) == (1, "")
    assert "Choose another name" in again.stderr
    assert care("kb", "lint", str(tmp_path)).exit_code == 0
    assert care("kb", "index", str(tmp_path)).stdout == "0 sections\n"
    article.write_text(article.read_text().replace("status: draft", "status: published"))
    assert care("kb", "index", str(tmp_path)).stdout == "1 sections\n"


def test_an_answer_is_explained(care: Care) -> None:
    """`ask --explain` names the route, the sections, the measures, and no PII."""
    done = care("ask", "--explain", "does the zip stay? write to joe@example.com")

    assert done.exit_code == 0
    assert "scrubbed    does the zip stay? write to <EMAIL_ADDRESS_1>" in done.stdout
    assert "section 1   pii-retention#what-is-redacted" in done.stdout
    assert "lead over what is not covered" in done.stdout
    assert done.stdout.rstrip().endswith("answer")
    assert "joe@" not in done.stdout + done.stderr


def test_lines_are_scrubbed(care: Care) -> None:
    """`scrub` is a filter from standard input to standard output."""
    done = care("scrub", given="mail joe@example.com\nfine\n")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "mail <EMAIL_ADDRESS_1>\nfine\n"


def test_a_file_is_scrubbed(care: Care, tmp_path: Path) -> None:
    """`scrub FILE --json` reads JSON lines of a file."""
    file = tmp_path / "messages.jsonl"
    file.write_text('{"id": 1, "text": "mail joe@example.com"}\n')
    done = care("scrub", "--json", str(file))
    assert done.exit_code == 0
    (found,) = lines(done)
    assert found["text"] == "mail <EMAIL_ADDRESS_1>"


def test_a_line_that_cannot_be_scrubbed_exits_1(care: Care) -> None:
    """A bad line is an error object on its line, and the exit code is 1."""
    done = care("scrub", "--json", given='{"text": "a"}\nQuack\n')
    assert done.exit_code == 1
    assert [each.get("error") for each in lines(done)] == [
        None, "The line is not a JSON object.",
    ]  # fmt: skip


def test_a_question_is_answered(care: Care) -> None:
    """`ask` prints the answer, `--json` the object of the contract."""
    done = care("ask", "hello")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("Hello!")
    (found,) = lines(care("ask", "hello", "--json"))
    assert found.keys() == {"id", "kind", "text", "sources", "confidence"}
    assert found["kind"] == "smalltalk"


def test_questions_are_answered_line_by_line(care: Care) -> None:
    """`ask --json -` reads JSON lines; a bad one makes the exit code 1."""
    done = care("ask", "--json", "-", given='{"id": 1, "question": "hello"}\n{"id": 2}\n')
    assert done.exit_code == 1
    assert [each["id"] for each in lines(done)] == [1, 2]


def test_a_workspace_is_listed_and_removed(care: Care, home: Path) -> None:
    """`workspaces` shows who installed the app without a token, and begins a removal."""
    now = datetime.now(UTC)
    with (
        app.records(from_environment({"CARE_HOME": str(home)})) as records,
        records.store.begin() as kept,
    ):
        kept.installations.save(
            Installation(
                team=TeamId("T0THISTLE01"),
                app_id="A1",
                bot_user=UserId("U0CAREBOT02"),
                bot_id="B1",
                url="https://thistle.slack.example/",
                scopes="commands",
                installed_by=UserId("U0LINATHIST"),
                installed_at=now,
            ),
            Grant(token="xoxb-invented"),
        )
    listed = care("workspaces", "list", "--json")
    assert [each["team"] for each in lines(listed)] == ["T0THISTLE01"]
    assert "xoxb" not in listed.stdout
    assert care("workspaces", "receipt", "T0THISTLE01").exit_code == 1

    assert care("workspaces", "remove", "T0THISTLE01", given="n\n").exit_code == 1
    assert care("workspaces", "remove", "T0THISTLE01", "--yes").exit_code == 0

    assert care("workspaces", "list").stdout == ""
    (receipt,) = lines(care("workspaces", "receipt", "T0THISTLE01", "--json"))
    assert (receipt["team"], receipt["verified_at"]) == ("T0THISTLE01", None)


def test_the_version_is_printed(care: Care) -> None:
    """`--version` names the program."""
    assert care("--version").stdout.startswith("jetpack-care, version ")
