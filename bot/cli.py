"""The command line: parse, call once, translate errors.

Exit codes: 0 done, 1 the work failed, 2 wrong usage. Data on standard output, all else on standard
error.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

import click
from tqdm import tqdm

from bot import app, log, serve, showing
from bot.asking import Asking
from bot.audit_commands import audit
from bot.checking import check as look
from bot.commands import Group
from bot.commands import records as _records
from bot.commands import settings as _settings
from bot.imports import Imports, Taken
from bot.lines import ask_lines
from bot.progress import bar, lines_of
from bot.scrubbing import Source, scrub_stream, size_of
from nlp.answers.lint import lint
from nlp.knowledge import ARTICLES, Knowledge
from nlp.scrubber import PresidioScrubber
from nlp.text import RawText


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="jetpack-care")
def main() -> None:
    """Jetpack Care: the Slack bot for merchants' Amazon FBM questions.

    \b
    Examples:
      jetpack-care demo                       see the whole thing without any account
      jetpack-care run                        the bot in your workspace, in one process
      jetpack-care ask "can you do prime?"    what the bot would answer
      echo "mail to joe@example.com" | jetpack-care scrub
      jetpack-care redact --dry-run           what is due for redaction
    """


@main.command()
@click.option("--keep", type=click.Path(path_type=Path), help="Folder for the demo's data.")
def demo(keep: Path | None) -> None:
    """Play the main job against a sandbox Slack: no account, no network.

    On a terminal it is a conversation: you write as the merchant, and as a Care agent with /care.
    Without a terminal it plays a script and exits 0 only if every step ended as it should.

    \b
    Examples:
      jetpack-care demo
      jetpack-care demo </dev/null
    """
    # Imported here: the sandbox is no part of the bot that serves.
    from bot.sandbox import play

    sys.exit(play.play(keep=keep, interactive=sys.stdin.isatty() and sys.stdout.isatty()))


@main.command()
def run() -> None:
    """Be the bot: Socket Mode, worker, schedules and hooks in one process.

    Needs SLACK_BOT_TOKEN and SLACK_APP_TOKEN. SQLite under CARE_HOME unless DATABASE_URL is set.
    """
    with _bot("SLACK_APP_TOKEN") as bot:
        serve.run(bot)


@main.command()
def web() -> None:
    """Serve HTTP: Slack's events, hooks, health and metrics. Workers do the work."""
    with _bot("SLACK_SIGNING_SECRET") as bot:
        serve.serve_web(bot)


@main.command()
def worker() -> None:
    """Work on what the web processes enqueued. Give each worker a CARE_WORKER name of its own."""
    with _bot() as bot:
        serve.serve_worker(bot)


@main.command()
def migrate() -> None:
    """Create the database or bring it to the newest schema."""
    settings = _settings()
    app.migrate(settings)
    log.log(log.Event.MIGRATED)


@main.command()
def check() -> None:
    """Tell what is configured, what is missing and whether everything is reachable."""
    failed = False
    for finding in look(_settings(), datetime.now(UTC).date()):
        mark = "ok" if finding.ok else "FAILED" if finding.needed else "missing"
        click.echo(f"{mark:8}{finding.name}: {finding.note}")
        failed = failed or (finding.needed and not finding.ok)
    sys.exit(1 if failed else 0)


@main.command()
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--json", "as_json", is_flag=True, help="JSON lines in and out.")
@click.option(
    "--jobs",
    type=click.IntRange(0, 256),
    default=1,
    show_default=True,
    help="Processes that work; 0: one on each core. What comes out is the same.",
)
def scrub(file: BinaryIO, as_json: bool, jobs: int) -> None:
    """Strip PII from lines of text, however many.

    With --json: {"id"?, "text"} in; {"id", "text", "entities"} out, offsets in code points of the
    text given. A bad line is an error object on that line, and the exit code is 1.

    \b
    Examples:
      echo "call me at 415-555-0132" | jetpack-care scrub
      jetpack-care scrub --json --jobs 0 messages.jsonl > scrubbed.jsonl
    """
    _settings()
    size = size_of(file)
    # On one terminal the bar would stand between the lines.
    with bar(None if sys.stdout.isatty() else size, "scrub") as done:
        bad = scrub_stream(
            cast(Source, file),
            as_json=as_json,
            jobs=jobs,
            steady=size is not None,
            write=click.echo,
            done=done,
        )
    sys.exit(1 if bad else 0)


@main.command()
@click.argument("question")
@click.option("--json", "as_json", is_flag=True, help="A JSON line; with - as the question: many.")
def ask(question: str, as_json: bool) -> None:
    """Answer a question as the bot would.

    \b
    Examples:
      jetpack-care ask "can u guys do prime orders?"
      echo '{"id": 1, "question": "how do i get a refund"}' | jetpack-care ask --json -
    """
    _settings()
    asking = Asking(scrubber=PresidioScrubber(), knowledge=Knowledge.load())
    if question == "-":
        sys.exit(1 if ask_lines(sys.stdin.buffer, asking, write=click.echo) else 0)
    found = asking.ask(RawText(question))
    click.echo(showing.as_json({"id": None, **found}) if as_json else found["text"])


@main.group()
def orders() -> None:
    """Bring orders in, show one."""


@orders.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
def import_orders(file: str) -> None:
    """Take orders from CSV or JSON lines; README.md documents the columns.

    Good rows are taken; each bad one is named by line and reason, and the exit code is 1.

    \b
    Example:
      jetpack-care orders import bot/sandbox/samples/orders.csv
    """
    _import(file, "orders", lambda imports, lines: imports.orders(lines))


@orders.command("show")
@click.argument("order_id")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, fields as in the import.")
def show_order(order_id: str, as_json: bool) -> None:
    """Show one order. Its PII shows until its time is up; that it was shown is audited.

    \b
    Example:
      jetpack-care orders show 113-5550142-5550142 --json
    """
    with _records() as records:
        found = showing.order(records, order_id)
    click.echo(showing.as_json(found) if as_json else showing.field_lines(found))


@main.group()
def returns() -> None:
    """Bring returns in."""


@returns.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
def import_returns(file: str) -> None:
    """Take returns from CSV or JSON lines; README.md documents the columns.

    \b
    Example:
      jetpack-care returns import bot/sandbox/samples/returns.csv
    """
    _import(file, "returns", lambda imports, lines: imports.returns(lines))


@main.group()
def tickets() -> None:
    """List, show and resolve tickets."""


@tickets.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSON lines.")
def list_tickets(as_json: bool) -> None:
    """List the tickets, oldest first."""
    with _records() as records:
        found = showing.tickets(records)
    for each in found:
        click.echo(showing.as_json(each) if as_json else showing.inline(each))


@tickets.command("show")
@click.argument("ticket")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def show_ticket(ticket: str, as_json: bool) -> None:
    """Show a ticket: its scrubbed messages and what it holds.

    \b
    Example:
      jetpack-care tickets show JC-12
    """
    with _records() as records:
        found = showing.ticket(records, ticket)
    click.echo(showing.as_json(found) if as_json else showing.field_lines(found))


@tickets.command("resolve")
@click.argument("ticket")
@click.option("--json", "as_json", is_flag=True, help="The receipt as one JSON object.")
def resolve_ticket(ticket: str, as_json: bool) -> None:
    """Resolve a ticket: its sensitive values are deleted, the receipt is printed.

    \b
    Example:
      jetpack-care tickets resolve JC-12
    """
    with _records() as records:
        receipt = showing.resolve(records, ticket)
    click.echo(showing.as_json(receipt) if as_json else showing.receipt_lines(receipt))


@main.command()
@click.option("--now", metavar="TIME", help="As if it were this time (ISO 8601 with offset).")
@click.option("--dry-run", is_flag=True, help="Count, redact nothing.")
@click.option("--json", "as_json", is_flag=True, help='{"due", "redacted", "already"}')
def redact(now: str | None, dry_run: bool, as_json: bool) -> None:
    """Redact the PII of orders whose time is up or falls due before the next sweep.

    \b
    Examples:
      jetpack-care redact --dry-run
      jetpack-care redact --now 2026-12-24T00:00:00Z --json
    """
    at = _moment(now) if now else datetime.now(UTC)
    # A bar appears where standard error is a terminal and there is something to do.
    with _records() as records, tqdm(desc="orders", unit="order", disable=None, delay=1) as shown:

        def told(redacted: int, due: int) -> None:
            shown.total = due
            shown.update(redacted)

        found = asdict(records.upkeep.redact(at, dry_run=dry_run, told=told))
    click.echo(showing.as_json(found) if as_json else showing.inline(found))


@main.group()
def keys() -> None:
    """Rotate the keyring's epoch keys, show how they stand."""


@keys.command("show")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def show_keys(as_json: bool) -> None:
    """Show the current epoch, its age and how many data keys there are. Never a key.

    Of the data keys, those that are waiting are wrapped by an older epoch; those that are lost
    by one that was destroyed, as in a backup that was restored.
    """
    with _records() as records:
        found = showing.keys(records)
    click.echo(showing.as_json(found) if as_json else showing.field_lines(found))


@keys.command("rotate")
@click.option(
    "--grace",
    type=click.FloatRange(0, 3_600),
    default=10,
    show_default=True,
    help="Seconds to wait before the old keys are destroyed, for transactions that still read.",
)
@click.option("--json", "as_json", is_flag=True, help="As keys show, afterwards.")
def rotate_keys(grace: float, as_json: bool) -> None:
    """Begin another epoch now, wrap all data keys by it, destroy the old ones' keys.

    The worker does this once a day. What was deleted before is then beyond the reach of any
    backup of the database, and so is a copy of the keyring that was made before.

    \b
    Example:
      jetpack-care keys rotate
    """
    with _records() as records:
        epoch = records.upkeep.rotate(records.upkeep.clock(), at_once=True, by=showing.BY)
        click.echo(f"Waiting {grace:g} s before the old keys are destroyed.", err=True)
        time.sleep(grace)
        records.upkeep.retire(epoch, by=showing.BY)
        found = showing.keys(records)
    click.echo(showing.as_json(found) if as_json else showing.field_lines(found))


main.add_command(audit)


@main.group()
def kb() -> None:
    """Check the knowledge base."""


@kb.command("lint")
@click.argument(
    "folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
def lint_articles(folder: Path | None) -> None:
    """Check the articles; problems are named by file and line, and the exit code is 1."""
    problems = lint(folder or ARTICLES, datetime.now(UTC).date())
    for problem in problems:
        click.echo(str(problem))
    click.echo(f"{len(problems)} problems", err=True)
    sys.exit(1 if problems else 0)


@contextmanager
def _bot(*needed: str) -> Iterator[app.Bot]:
    settings = _settings()
    settings.require("SLACK_BOT_TOKEN", *needed)
    with app.build(settings) as bot:
        yield bot


def _import(
    file: str, what: str, take: Callable[[Imports, Iterator[str]], Iterator[Taken]]
) -> None:
    settings = _settings()
    with app.records(settings) as records:
        imports = Imports(
            store=records.store,
            clock=app.utc_now,
            retention_days=settings.retention_days,
            redact_postal_code=settings.redact_postal_code,
        )
        with lines_of(file, what) as lines:
            good = bad = 0
            for taken in take(imports, lines):
                if taken.problem:
                    bad += 1
                    click.echo(f"line {taken.line}: {taken.problem}", err=True)
                else:
                    good += 1
    click.echo(f"{good} rows of {what} taken, {bad} refused", err=True)
    sys.exit(1 if bad else 0)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() is None:
        raise click.BadParameter(
            "an ISO 8601 time with its offset, such as 2026-12-24T00:00:00Z", param_hint="--now"
        )
    return moment
