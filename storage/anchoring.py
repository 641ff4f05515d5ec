"""Anchoring: signing the audit's head once a day, outside the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from storage.anchor_file import AnchorFile
from storage.anchors import Anchor, check
from storage.audit import Audit, AuditKind
from storage.chain import START
from storage.errors import AuditBroken, SigningKeyMissing
from storage.retention import utc
from storage.signing_key import SigningKey
from storage.store import Store
from storage.verifying import ANCHORS, cut_off, keys_named, rewritten


def anchor(store: Store, file: AnchorFile, key_path: Path, at: datetime) -> Anchor | None:
    """Anchor the audit as it is now. Returns None where there is nothing to anchor.

    There is nothing where the audit is empty, its head has not moved since the last anchor, or
    one was made on that day (UTC). Repeating it changes nothing, and of several processes one
    does it. The key is made where there is none and nothing was ever anchored; that a key begins
    to sign is an entry of the audit.

    Raises:
        AuditBroken: The chain or the anchors do not verify; nothing was signed.
        SigningKeyMissing: There are anchors, or were, and their key is not there.
        SigningKeyUnreadable, AnchorsUnreadable: A file cannot be used.
    """

    def make(anchors: tuple[Anchor, ...]) -> Anchor | None:
        with store.read() as records:
            if records.audit.head() == START:
                return None
        key = _signing_key(store, key_path, at) if not anchors else SigningKey.open(key_path)
        with store.read() as records:
            return next_anchor(records.audit, anchors, key=key, at=at)

    return file.add(make)


def next_anchor(
    audit: Audit, anchors: Sequence[Anchor], *, key: SigningKey, at: datetime
) -> Anchor | None:
    """Return the anchor to be made at `at`, None where there is none to make.

    At most one on each day (UTC), and none while the head has not moved. What was written since
    the last anchor is checked first, so that a broken chain is never signed.

    Raises:
        AuditBroken: The chain or the anchors do not verify.
    """
    check(anchors, key.public)
    last = anchors[-1] if anchors else None
    head = audit.head()
    if last is not None and last.at.date() >= utc(at).date():
        return None
    if last is not None and head.seq < last.seq:
        raise cut_off(head.seq, last)
    if last is not None:
        links = audit.walk(audit.before(last.seq))
        if next(links).hash != last.hash:
            raise rewritten(anchors[:-1], last)
        if head.seq == last.seq:
            return None
        for _ in links:
            pass
    elif audit.verify() == 0:
        return None
    count = audit.count()
    if count != head.seq:
        raise AuditBroken("The audit does not hold as many entries as its last one says.")
    return Anchor.make(head=head, count=count, at=at, before=last, key=key)


def _signing_key(store: Store, path: Path, at: datetime) -> SigningKey:
    """Return the key for the first anchor, after the audit has named it."""
    with store.begin() as records:
        named = keys_named(records.audit)
        try:
            key = SigningKey.open(path)
        except SigningKeyMissing:
            if named:
                raise
            key = SigningKey.create(path)
        if key.public.id not in named:
            records.audit.append(
                AuditKind.ANCHORING_BEGAN,
                at=at,
                by=ANCHORS,
                subject=ANCHORS,
                facts={"key": key.public.id},
            )
    return key
