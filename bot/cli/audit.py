"""`jetpack-care audit`: verify the chain, anchor it, print receipts and the public key."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TextIO

import click
from tqdm import tqdm

from bot import app, showing
from bot.cli.command import Group, records, settings
from bot.receipt_page import receipt_page
from bot.records import utc_now
from bot.settings import Settings
from storage.anchor_file import AnchorFile, Kept
from storage.anchoring import anchor as make_anchor
from storage.errors import AuditBroken, SigningKeyMissing
from storage.signing_key import PublicKey, SigningKey
from storage.verifying import Verified, anchored, opened, verify

OVERDUE: Final = timedelta(days=2)
"""How long the oldest entry that no anchor covers may have waited before it is worth a word."""

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_PAGE: Final = click.File("w", encoding="utf-8", lazy=True, atomic=True)
_KEY_HELP: Final = "Public key in PEM that checks them; by default that of CARE_AUDIT_KEY."


@click.group(cls=Group)
def audit() -> None:
    """Verify the audit chain, anchor it, print receipts."""


@audit.command("verify")
@click.option("--anchors", type=_FILE, help="Anchors to check against; by default CARE_ANCHORS.")
@click.option("--public-key", type=_FILE, help=_KEY_HELP)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, also where it is broken.")
def verify_audit(anchors: Path | None, public_key: Path | None, as_json: bool) -> None:
    """Check every entry of the chain against the one before, and the chain against every anchor.

    Exit 1 and the first bad entry or anchor where it is broken. It reads the database and needs
    neither the keyring nor the signing key.

    \b
    Examples:
      jetpack-care audit verify
      jetpack-care audit verify --anchors copy.jsonl --public-key care.pem --json
    """
    told = settings()
    try:
        kept = AnchorFile(anchors or told.anchors).read()
        public = _public_key(told, public_key, kept)
        with (
            opened(told.database_url) as chain,
            # A bar appears where standard error is a terminal.
            tqdm(
                total=chain.head().seq, desc="verify", unit=" entries", disable=None, delay=1
            ) as shown,
        ):
            found = verify(chain, kept.anchors, public, shown.update)
    except AuditBroken as broken:
        if as_json:
            told_of = {"problem": str(broken), "entry": broken.entry, "anchor": broken.anchor}
            click.echo(showing.as_json({"ok": False, **told_of}))
            sys.exit(1)
        raise
    if as_json:
        click.echo(showing.as_json({"ok": True, **_fields(found), "torn": kept.torn}))
    else:
        click.echo(_summary(found))
    for note in _notes(found, kept, utc_now()):
        click.echo(note, err=True)


@audit.command("anchor")
@click.option("--json", "as_json", is_flag=True, help="The anchor as one JSON object, or null.")
def anchor_audit(as_json: bool) -> None:
    """Sign the newest entry now, as the worker does each day; at most once a day.

    \b
    Example:
      jetpack-care audit anchor
    """
    told = settings()
    with app.records(told) as kept:
        made = make_anchor(kept.store, AnchorFile(told.anchors), told.audit_key, utc_now())
    if as_json:
        click.echo("null" if made is None else made.line)
    elif made is None:
        click.echo("Nothing to anchor: done today, or nothing new since the last anchor.", err=True)
    else:
        click.echo(f"Anchor {made.number} signs entry {made.seq}, hash {made.hash}")


@audit.command("key")
@click.option("--json", "as_json", is_flag=True, help='{"id", "public_key"}')
def show_key(as_json: bool) -> None:
    """Print the public key that checks the anchors, in PEM. Give it to whoever verifies.

    \b
    Example:
      jetpack-care audit key > care.pem
    """
    try:
        public = SigningKey.open(settings().audit_key).public
    except SigningKeyMissing:
        raise SigningKeyMissing("There is no key yet: the first anchor makes it.") from None
    if as_json:
        click.echo(showing.as_json({"id": public.id, "public_key": public.pem}))
    else:
        click.echo(public.pem, nl=False)
        click.echo(f"key {public.id}", err=True)


@audit.command("receipt")
@click.argument("ticket")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--html", type=_PAGE, help="A page to print, for the merchant; - shows it here.")
def show_receipt(ticket: str, as_json: bool, html: TextIO | None) -> None:
    """Print the receipt of a resolved ticket.

    \b
    Examples:
      jetpack-care audit receipt JC-12 --json
      jetpack-care audit receipt JC-12 --html receipt.html
    """
    if as_json and html is not None:
        raise click.UsageError("--json and --html are two forms: choose one.")
    with records() as kept:
        found = showing.receipt(kept, ticket)
        if html is not None:
            told = settings()
            anchors = AnchorFile(told.anchors).read()
            public = _public_key(told, None, anchors)
            with kept.store.read() as within:
                anchor = anchored(within.audit, anchors.anchors, public, found.seq)
            html.write(
                receipt_page(
                    found,
                    anchor=anchor,
                    public_key=public.pem if public else "",
                    printed_at=utc_now(),
                )
            )
            return
    click.echo(showing.as_json(found) if as_json else showing.receipt_lines(found))


def _public_key(told: Settings, named: Path | None, kept: Kept) -> PublicKey | None:
    """Return what checks the anchors, None where there are none and no key either."""
    if named is not None:
        return PublicKey.read(named)
    try:
        return SigningKey.open(told.audit_key).public
    except SigningKeyMissing:
        if kept.anchors:
            raise SigningKeyMissing(
                "There are anchors and nothing to check them with: name --public-key, or restore "
                "CARE_AUDIT_KEY."
            ) from None
    return None


def _fields(found: Verified) -> dict[str, object]:
    last = found.last
    return {
        "entries": found.entries,
        "anchors": found.anchors,
        "last_anchor": last and {"number": last.number, "seq": last.seq, "at": last.at},
        "key": last and last.key,
        "since": found.since,
        "since_at": found.since_at,
        "keys": found.keys,
        "guarded": found.guarded,
    }


def _summary(found: Verified) -> str:
    told = f"{found.entries} entries, the chain holds"
    if found.last is None:
        return told
    anchors = "1 anchor holds" if found.anchors == 1 else f"{found.anchors} anchors hold"
    return (
        f"{told}\n{anchors}, signed by key {found.last.key}\n"
        f"{found.since} entries came after the last anchor, {found.last.number} of "
        f"{found.last.at.isoformat(timespec='seconds')} at entry {found.last.seq}"
    )


def _notes(found: Verified, kept: Kept, now: datetime) -> list[str]:
    """Return what is not wrong but worth a look."""
    notes = []
    if kept.torn:
        notes.append("The last line of the anchors is half written; the next anchor repairs it.")
    if found.last is None and found.entries:
        notes.append("No anchor covers them yet: a chain cut off at its end would not be seen.")
    elif found.since_at is not None and now - found.since_at > OVERDUE:
        notes.append("An anchor is overdue, or the last ones were cut off: compare with Slack.")
    if found.keys > 1:
        notes.append(f"{found.keys} keys have signed anchors: they began anew. Was it you?")
    if not found.guarded:
        notes.append("The triggers that make the audit insert-only are not there.")
    return notes
