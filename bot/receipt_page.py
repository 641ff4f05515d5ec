"""The receipt as a page that a merchant can be given: HTML that prints on one sheet.

It loads nothing and runs nothing. It holds ids, counts, times and hashes of the audit, never
content, nor a hash of any. Pure.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape
from typing import Final

from bot.page import listed, moment, page, paragraph, section, table
from storage.anchors import Anchor
from storage.receipts import Receipt
from storage.tickets import Trigger

TRIGGERS: Final[Mapping[str, str]] = {
    Trigger.COMMAND: "a Jetpack Care agent's command in Slack",
    Trigger.BUTTON: "the merchant's own “That solved it” in Slack",
    Trigger.HOOK: "a signed message of the help desk",
    Trigger.CARD: "an agent of Jetpack Care, in Care's own channel",
    Trigger.QUIET: "the quiet time: nobody had written for so long",
    Trigger.LEFT: "its workspace removed the app",
    Trigger.CLI: "an operator at the command line",
}
"""What made a ticket resolve, in words."""
STORES: Final[Mapping[str, str]] = {
    "sealed_values": "sensitive values, encrypted",
    "placeholders": "fingerprints that gave a value its number",
    "data_keys": "the ticket's own key",
}
"""What each table held."""


def receipt_page(
    receipt: Receipt, *, anchor: Anchor | None, public_key: str, printed_at: datetime
) -> str:
    """Return the whole page.

    Args:
        receipt: What it tells.
        anchor: The anchor that the deletion's entry stands under, None while there is none.
        public_key: The key, in PEM, that checks the anchor; empty where there is none.
        printed_at: When the page was made.
    """
    title = f"Deletion receipt for ticket {receipt.ticket}"
    parts = (
        section("What was asked for", table(_asked(receipt))),
        section("What was deleted", _deleted(receipt)),
        section("What a search found afterwards", paragraph(_searched(receipt))),
        section("What stays", listed(_stays())),
        section("The audit entry", table(_entry(receipt))),
        section("The anchor that covers it", _anchor(anchor, public_key)),
        section("How to check this", _how(receipt, anchor)),
    )
    lead = (
        f"Jetpack Care, printed {moment(printed_at)}. It holds ids, counts, times and hashes; "
        "none of what was deleted."
    )
    return page(title, lead, "".join(parts))


def _asked(receipt: Receipt) -> Iterable[tuple[str, str]]:
    trigger = TRIGGERS.get(receipt.trigger, receipt.trigger)
    yield "Request", escape(f"resolve ticket {receipt.ticket} and delete its sensitive values")
    yield "Trigger", escape(trigger)
    yield "Asked for by", f"<code>{escape(receipt.by)}</code>"
    yield "Asked for at", moment(receipt.requested_at)
    yield "Deleted at", moment(receipt.shredded_at)


def _deleted(receipt: Receipt) -> str:
    rows = "".join(
        f'<tr><th scope="row"><code>{escape(store)}</code></th>'
        f'<td>{escape(STORES.get(store, ""))}</td><td class="count">{count}</td></tr>\n'
        for store, count in receipt.rows.items()
    )
    return (
        '<table>\n<thead><tr><th scope="col">Store</th><th scope="col">Held</th>'
        '<th scope="col" class="count">Rows deleted</th></tr></thead>\n'
        f"<tbody>\n{rows}</tbody>\n</table>\n{paragraph(_key(receipt))}"
    )


def _key(receipt: Receipt) -> str:
    if receipt.key_epoch is None:
        return "The ticket never held a sensitive value, so it never had a key."
    first = (
        "The values were encrypted with AES-256-GCM under the ticket's own key. That key was "
        f"wrapped by epoch {receipt.key_epoch} of the keyring, which lies outside the database, "
        "and was deleted with them. "
    )
    if receipt.epoch_destroyed_at is None:
        return first + (
            "Copies of the database from before, such as backups, become unreadable when the key "
            "of that epoch is destroyed, which is due when the epoch turns."
        )
    return first + (
        f"The key of that epoch was destroyed on {moment(receipt.epoch_destroyed_at)}, so copies "
        "of the database from before, such as backups, do not open either."
    )


def _searched(receipt: Receipt) -> str:
    if receipt.verified_at is None:
        return "The search for what may be left over was not done yet when this was printed."
    frames = (
        "The write-ahead log was empty."
        if receipt.frames_left == 0
        else f"Frames left in the write-ahead log: {receipt.frames_left}."
    )
    return (
        f"{moment(receipt.verified_at)}: {receipt.searched} stores were searched for rows of the "
        f"ticket, {receipt.found} were found. {frames}"
    )


def _stays() -> Iterable[str]:
    yield "The ticket's messages with every sensitive value replaced, as in &lt;PERSON_1&gt;."
    yield "The ticket's number, state and times, and the entries of the audit."
    yield (
        "Messages in Slack: an app cannot delete what people wrote. They stay until their "
        "writer, or a retention policy of the workspace, deletes them there."
    )


def _entry(receipt: Receipt) -> Iterable[tuple[str, str]]:
    yield "Entry", str(receipt.seq)
    yield "Hash of the entry before", f"<code>{escape(receipt.previous)}</code>"
    yield "Own hash", f"<code>{escape(receipt.hash)}</code>"
    yield "Content", f"<code>{escape(receipt.content)}</code>"


def _anchor(anchor: Anchor | None, public_key: str) -> str:
    if anchor is None:
        return paragraph(
            "None yet. The newest entry of the audit is signed once a day; the receipt that is "
            "printed after that shows the signature."
        )
    signature = base64.b64encode(anchor.signature).decode()
    told = (
        f"Anchor {anchor.number} of {moment(anchor.at)} signs entry {anchor.seq} and with it all "
        "that come before, this one among them. The signature is Ed25519."
    )
    pairs = (
        ("Signed text", f"<code>{escape(anchor.signed)}</code>"),
        ("Signature (base64)", f"<code>{escape(signature)}</code>"),
        ("Public key", f"<code>{escape(public_key.strip())}</code>"),
    )
    return paragraph(told) + table(pairs)


def _how(receipt: Receipt, anchor: Anchor | None) -> str:
    steps = [
        "The entry: SHA-256 over the hash of the entry before, directly followed by the content, "
        "is its own hash.\n"
        f"<pre>printf %s '{escape(receipt.previous)}' 'CONTENT' | sha256sum</pre>"
    ]
    if anchor is not None:
        steps.append(
            "The signature: write signed text (without a line end), decoded signature and public "
            "key to files.\n<pre>openssl pkeyutl -verify -rawin -pubin -inkey key.pem "
            "-in text -sigfile signature</pre>"
        )
        steps.append(
            "That the public key is Jetpack Care's: compare it with the one that you were given "
            "another way."
        )
    steps.append(
        "That the entry leads to the anchor: the entries between belong to other tickets, so "
        "Jetpack Care, or an auditor, walks them with "
        "<code>jetpack-care audit verify</code>."
    )
    return listed(steps, ordered=True)
