"""Anchors: signed heads of the audit chain, kept where whoever writes the database does not write.

An anchor says that at a moment the chain had so many entries and ended in this hash. A chain that
comes by the same hash at the same place is, up to there, the chain of that moment. Each anchor
holds the hash of the one before, so that none is missing between two others.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final, Self, final

from storage.chain import GENESIS, Link
from storage.errors import AuditBroken
from storage.retention import utc
from storage.signing_key import PublicKey, SigningKey

_WHAT: Final = "jetpack-care audit anchor 1"
_canonical: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A signed head of the chain.

    Attributes:
        number: 1 for the first, and so on.
        at: When it was made, in UTC.
        seq: The newest entry at that time.
        hash: Its hash.
        count: How many entries there were; as many as `seq` says.
        previous: SHA-256 of the line of the anchor before, zeros for the first.
        key: Id of the public key that checks it.
        signature: Ed25519 over `signed`.
    """

    number: int
    at: datetime
    seq: int
    hash: str
    count: int
    previous: str
    key: str
    signature: bytes

    @classmethod
    def make(
        cls, *, head: Link, count: int, at: datetime, before: Anchor | None, key: SigningKey
    ) -> Self:
        """Sign a head of the chain. Raises ValueError for a naive time."""
        bare = cls(
            number=1 if before is None else before.number + 1,
            at=utc(at),
            seq=head.seq,
            hash=head.hash,
            count=count,
            previous=GENESIS if before is None else before.line_hash,
            key=key.public.id,
            signature=b"",
        )
        return replace(bare, signature=key.sign(bare.signed.encode()))

    @classmethod
    def parse(cls, line: bytes) -> Self:
        """Read a line, without its end. Raises ValueError where it is not just what we write."""
        try:
            told = json.loads(line.decode("ascii"))
            made = cls(
                number=told["number"],
                at=utc(datetime.fromisoformat(told["at"])),
                seq=told["seq"],
                hash=told["hash"],
                count=told["count"],
                previous=told["previous"],
                key=told["key"],
                signature=base64.b64decode(told["signature"], validate=True),
            )
            numbers = (made.number, made.seq, made.count)
            # One anchor has one line: another order, a space or a second name is not ours.
            if any(type(each) is not int for each in numbers) or made.line.encode() != line:
                raise ValueError
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise ValueError("That is not the line of an anchor.") from None
        return made

    @property
    def signed(self) -> str:
        """The text that the signature is over: canonical JSON in ASCII."""
        return _canonical(self._content())

    @property
    def line(self) -> str:
        """The anchor as its file holds it, without the line end."""
        encoded = base64.b64encode(self.signature).decode()
        return _canonical(self._content() | {"signature": encoded})

    @property
    def line_hash(self) -> str:
        """What the next anchor holds as `previous`."""
        return sha256(self.line.encode()).hexdigest()

    def _content(self) -> dict[str, object]:
        return {
            "what": _WHAT,
            "number": self.number,
            "at": self.at.isoformat(),
            "seq": self.seq,
            "hash": self.hash,
            "count": self.count,
            "previous": self.previous,
            "key": self.key,
        }


def check(anchors: Iterable[Anchor], public: PublicKey) -> None:
    """Check each anchor's signature and that none is missing between two others.

    Raises:
        AuditBroken: The first that is bad. Anchors that were cut off at the end do not show.
    """
    before: Anchor | None = None
    for place, each in enumerate(anchors, 1):
        if each.key != public.id:
            raise AuditBroken(f"Anchor {place} is signed by another key.", anchor=place)
        if not public.verifies(each.signature, each.signed.encode()):
            raise AuditBroken(f"The signature of anchor {place} does not verify.", anchor=place)
        fits = (
            (each.number, each.previous) == (1, GENESIS)
            if before is None
            else (each.number, each.previous) == (before.number + 1, before.line_hash)
            and each.seq > before.seq
            and each.at >= before.at
        )
        if not fits:
            raise AuditBroken(
                f"Anchor {place} does not follow the one before it: one is missing or moved.",
                anchor=place,
            )
        before = each


def covering(anchors: Iterable[Anchor], seq: int) -> Anchor | None:
    """Return the first anchor that an entry stands under, None where none covers it yet."""
    return next((each for each in anchors if each.seq >= seq), None)
