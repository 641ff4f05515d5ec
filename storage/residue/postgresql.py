"""What PostgreSQL's data files hold that does not stand there as it is.

Values of more than about 2,000 bytes are compressed within their row, or cut into chunks that are
rows of another table, compressed or not (TOAST, see src/include/varatt.h and
src/backend/access/common/toast_internals.c). The write-ahead log has a header in the middle of
what is written on, every 8 KiB (src/include/access/xlog_internal.h). Numbers are little-endian, as
the server writes them on any machine that this program runs on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, final

import numpy as np

from storage.residue import lz4, pglz
from storage.residue.bounds import Budget
from storage.residue.source import PAGE, Piece

_SIZE: Final = (1 << 30) - 1
_METHODS: Final = (pglz.unpacked, lz4.unpacked)
# A row of a TOAST table: three columns, a header of 24 bytes; then the value's number, the chunk's
# number, and the chunk with a length of its own. It stands so in the table and in the log.
_CHUNK: Final = re.compile(
    rb"\x03[\x00\x20\x40\x60\x80\xa0\xc0\xe0]..\x18.(....)(..\x00\x00)(?=(....))", re.DOTALL
)
_MOST: Final = 256
"""Bytes that one byte may unpack to, by either method."""
_LOG_HEADER: Final = 24
_FIRST_LOG_HEADER: Final = 40
_LOG_MAGIC: Final = 0xD1  # the upper byte of XLOG_PAGE_MAGIC since PostgreSQL 9.5


def rows(piece: Piece, budget: Budget) -> Iterator[tuple[str, bytes]]:
    """Yield the values that are compressed within their row and begin in a piece's home."""
    data = piece.data
    for phase in range(4):
        many = (len(data) - phase) // 4
        if many < 2:
            return
        words = np.frombuffer(data, dtype="<u4", count=many, offset=phase)
        heads, facts = words[:-1], words[1:]
        # The two lowest bits say "compressed", the others the length with this header.
        likely = (heads & 3 == 2) & (heads >> 2 > 12) & (heads >> 2 <= PAGE) & (facts >> 30 < 2)
        sizes = facts & _SIZE
        likely &= (sizes > (heads >> 2) - 8) & (sizes < (heads >> 2) * _MOST)
        for index in np.nonzero(likely)[0].tolist():
            start = index * 4 + phase
            if start >= piece.home:
                break
            packed = data[start + 8 : start + int(heads[index] >> 2)]
            value = _unpacked(packed, int(facts[index]), budget, whole=True)
            if value:
                yield "toast", value


def log_pages(piece: Piece) -> Iterator[tuple[str, bytes]]:
    """Yield the pages of a piece of the write-ahead log without their headers."""
    data = piece.data
    if len(data) < PAGE or data[1] != _LOG_MAGIC or data[PAGE + 1 : PAGE + 2] not in (b"", b"\xd1"):
        return
    first = _FIRST_LOG_HEADER if data[2] & 2 else _LOG_HEADER
    yield (
        "write-ahead log",
        b"".join(
            data[at + (_LOG_HEADER if at else first) : at + PAGE]
            for at in range(0, len(data), PAGE)
        ),
    )


@final
class Chunks:
    """The values of a file that are cut into chunks."""

    def __init__(self) -> None:
        self._values: dict[int, dict[int, bytes]] = {}

    def add(self, piece: Piece) -> None:
        """Take the chunks that begin in a piece's home."""
        for match in _CHUNK.finditer(piece.data):
            if match.start() >= piece.home:
                break
            start = match.end()
            header = int.from_bytes(match[3], "little")
            if header & 1:  # a short one has a length of one byte
                chunk = piece.data[start + 1 : start + ((header & 0xFF) >> 1)]
            elif header & 3 == 0:
                chunk = piece.data[start + 4 : start + min(header >> 2, PAGE)]
            else:
                continue
            value = self._values.setdefault(int.from_bytes(match[1], "little"), {})
            value.setdefault(int.from_bytes(match[2], "little"), chunk)

    def values(self, budget: Budget) -> Iterator[tuple[str, bytes]]:
        """Yield each value, joined and unpacked, as far as its chunks go."""
        for chunks in self._values.values():
            parts: list[bytes] = []
            while (part := chunks.get(len(parts))) is not None:
                parts.append(part)
            joined = b"".join(parts)
            if len(parts) > 1:
                yield "toast chunks", joined
            facts = int.from_bytes(joined[:4], "little")
            value = _unpacked(joined[4:], facts, budget, whole=False)
            if value:
                yield "toast", value


def _unpacked(packed: bytes, facts: int, budget: Budget, *, whole: bool) -> bytes | None:
    """Unpack a value. The facts are its size and, in the two highest bits, the method."""
    size, method = facts & _SIZE, facts >> 30
    room = budget.room()
    if method >= len(_METHODS) or not packed or not room:
        return None
    value = _METHODS[method](packed, min(size, room) if not whole else size, whole=whole)
    if value is not None:
        budget.spend(len(value))
    return value
