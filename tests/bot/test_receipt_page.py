"""The receipt as a page: whole, well formed, escaped, and nothing on it but ids and counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import pytest

from bot.receipt_page import STORES as HELD
from bot.receipt_page import TRIGGERS, receipt_page
from storage.anchors import Anchor
from storage.chain import Link, entry_hash
from storage.receipts import STORES, Receipt
from storage.signing_key import SigningKey
from storage.tickets import Trigger

NOW: Final = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CONTENT: Final = '{"at":"2026-03-01T12:00:00.000000+00:00","by":"U0009","seq":7}'
RECEIPT: Final = Receipt(
    ticket="JC-12",
    trigger="hook",
    by="hook:standard",
    requested_at=NOW - timedelta(seconds=2),
    shredded_at=NOW,
    rows={"sealed_values": 3, "placeholders": 2, "data_keys": 1},
    key_epoch=4,
    epoch_destroyed_at=None,
    verified_at=NOW + timedelta(seconds=1),
    searched=3,
    found=0,
    frames_left=0,
    seq=7,
    previous="a" * 64,
    hash=entry_hash("a" * 64, CONTENT),
    content=CONTENT,
)
VOID: Final = {"meta", "link", "img", "br", "hr", "input"}


class Page(HTMLParser):
    """Reads a page: checks that its elements nest, keeps its words and its elements."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.words = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append(tag)
        self.attributes.update(attrs)
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Check that it ends what was opened last."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep the words, not the style."""
        if self._open and self._open[-1] != "style":
            self.words += data


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    """A key to sign with."""
    return SigningKey.create(tmp_path / "key.pem")


def page(receipt: Receipt, anchor: Anchor | None = None, public_key: str = "") -> str:
    """Return the page of a receipt."""
    return receipt_page(receipt, anchor=anchor, public_key=public_key, printed_at=NOW)


def test_a_page_tells_the_whole_receipt() -> None:
    """What was asked for, deleted, searched and found, what stays, and the entry's hashes."""
    words = Page(page(RECEIPT)).words
    for told in (
        "Deletion receipt for ticket JC-12",
        "a signed message of the help desk",
        "hook:standard",
        "1 Mar 2026 12:00 UTC",
        "sealed_values",
        "epoch 4",
        "due when the epoch turns",
        "3 stores were searched for rows of the ticket, 0 were found",
        "The write-ahead log was empty.",
        "<PERSON_1>",
        "Messages in Slack",
        RECEIPT.previous,
        RECEIPT.hash,
        RECEIPT.content,
        "None yet.",
    ):
        assert told in words, told


def test_a_page_shows_the_anchor(key: SigningKey) -> None:
    """With its signed text, its signature and the public key, so that anybody can check it."""
    head = Link(9, "b" * 64, NOW.isoformat())
    anchor = Anchor.make(head=head, count=9, at=NOW, before=None, key=key)

    words = Page(page(RECEIPT, anchor, key.public.pem)).words

    assert anchor.signed in words
    assert key.public.pem.strip() in words
    assert "signs entry 9" in words
    assert "openssl pkeyutl" in words


def test_a_page_tells_how_far_the_deletion_is() -> None:
    """An epoch that is over, a search that is to come, a ticket that never held anything."""
    over = page(replace(RECEIPT, epoch_destroyed_at=NOW + timedelta(days=1)))
    assert "was destroyed on 2 Mar 2026 12:00 UTC" in Page(over).words
    unsearched = replace(RECEIPT, verified_at=None, searched=None, found=None, frames_left=None)
    assert "not done yet" in Page(page(unsearched)).words
    assert "never had a key" in Page(page(replace(RECEIPT, key_epoch=None))).words
    assert "log: 4." in Page(page(replace(RECEIPT, frames_left=4))).words


def test_a_page_loads_and_runs_nothing(key: SigningKey) -> None:
    """No script, no image, no address of another place; and the page forbids them itself."""
    anchor = Anchor.make(
        head=Link(9, "b" * 64, ""), count=9, at=NOW, before=None, key=key
    )  # fmt: skip
    html = page(RECEIPT, anchor, key.public.pem)
    read = Page(html)
    assert not {"script", "link", "img", "iframe", "a", "form", "object"} & set(read.elements)
    assert not {"src", "href", "style", "onload"} & set(read.attributes)
    assert "http" not in html.replace("http-equiv", "")
    assert "url(" not in html
    assert read.attributes["content"] == "default-src 'none'; style-src 'unsafe-inline'"


def test_a_page_is_accessible() -> None:
    """A language, a title, one main heading and its sections, and headed rows."""
    read = Page(page(RECEIPT))
    assert read.attributes["lang"] == "en"
    assert [read.elements.count(each) for each in ("title", "main", "h1")] == [1, 1, 1]
    assert read.elements.count("section") == read.elements.count("h2") == 7
    assert read.elements.count("th") >= read.elements.count("tr")
    assert "scope" in read.attributes


@pytest.mark.parametrize("field", ["ticket", "trigger", "by", "previous", "hash", "content"])
def test_a_page_escapes_everything(field: str) -> None:
    """Whatever a field holds, it stays words."""
    evil = "</code><script>alert('&')</script>"
    html = page(replace(RECEIPT, **{field: evil}))  # type: ignore[arg-type]
    assert "<script" not in html
    assert evil in Page(html).words


def test_a_page_escapes_stores_and_keys() -> None:
    """Names of tables and the public key as well."""
    html = page(replace(RECEIPT, rows={"<b>": 1}))
    assert "<b>" not in html
    assert "<b>" in Page(html).words


def test_every_trigger_and_store_has_its_words() -> None:
    """What is shown in words is what there is."""
    assert set(TRIGGERS) == {each.value for each in Trigger}
    assert set(HELD) == set(STORES)
