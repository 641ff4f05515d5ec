"""Inflate what zlib compressed, wherever it stands: zlib, gzip, zip, dumps, bare deflate."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

import numpy as np

from storage.residue.bounds import Budget
from storage.residue.forms import SHORTEST
from storage.residue.source import BytesSource, Piece, Source

# RFC 1950: the method is 8, the window 32 KiB or less, the two bytes a multiple of 31, and no
# dictionary is asked for.
_ZLIB: Final = re.compile(
    b"|".join(
        re.escape(bytes((first, second)))
        for first in range(0x08, 0x80, 0x10)
        for second in range(256)
        if (first * 256 + second) % 31 == 0 and not second & 0x20
    )
)
_GZIP: Final = re.compile(rb"\x1f\x8b\x08")
_ZIP: Final = re.compile(rb"PK\x03\x04.{4}\x08\x00", re.DOTALL)
_ZIP_HEADER: Final = 30
_BARE: Final = -zlib.MAX_WBITS
_FIRST: Final = 512
"""Bytes to try first: most of what looks like a stream and is none fails within them."""
_MORE: Final = 1 << 16
_LONGEST_BLOCK: Final = 1 << 20


def streams(piece: Piece, budget: Budget) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of each compressed stream that begins in a piece's home.

    A stream that is cut off or damaged gives what comes before the damage. Bare deflate has no
    header to be found by. It is tried at each byte of a small source, see `Bounds.anywhere`.
    """
    source = piece.source
    in_dump = source.read(0, 5) == b"PGDMP"
    for match in _matches(_ZLIB, piece):
        start = piece.start + match.start()
        blocks = _blocks_of_dump(source, start) if in_dump else None
        yield "zlib", inflated(source if blocks is None else blocks,
                               start if blocks is None else 0, zlib.MAX_WBITS, budget)  # fmt: skip
    for match in _matches(_GZIP, piece):
        yield "gzip", inflated(source, piece.start + match.start(), zlib.MAX_WBITS | 16, budget)
    for match in _matches(_ZIP, piece):
        header = source.read(piece.start + match.start(), _ZIP_HEADER)
        name, extra = (int.from_bytes(header[at : at + 2], "little") for at in (26, 28))
        start = piece.start + match.start() + _ZIP_HEADER + name + extra
        yield "zip", inflated(source, start, _BARE, budget)
    if piece.is_whole and len(piece.data) <= budget.bounds.anywhere:
        for offset in _deflate_may_begin(piece.data):
            yield "deflate", _inflated_at_once(piece.data, offset, budget)
    elif piece.start == 0:
        yield "deflate", inflated(source, 0, _BARE, budget)


def inflated(source: Source, start: int, window: int, budget: Budget) -> bytes:
    """Return what a stream holds, as far as it can be read and within the budget.

    Args:
        source: Where it stands.
        start: Where it begins.
        window: The kind of stream, as `zlib.decompressobj` takes it.
        budget: What may still be unpacked.
    """
    room = budget.room()
    stream = zlib.decompressobj(window)
    found: list[bytes] = []
    many, size = 0, _FIRST
    while not stream.eof and many < room:
        block = stream.unconsumed_tail
        if not block:
            block = source.read(start, size)
            start, size = start + len(block), _MORE
            if not block:
                break
        before = stream.copy()
        try:
            part = stream.decompress(block, room - many)
        except zlib.error:
            found.append(_until_damage(before, block, room - many))
            many += len(found[-1])
            break
        found.append(part)
        many += len(part)
    if many >= room and not stream.eof:
        budget.is_short = True
    budget.spend(many)
    return b"".join(found)


def _until_damage(stream: zlib._Decompress, block: bytes, room: int) -> bytes:
    """Return what a block gives before the damage in it, byte by byte."""
    found = bytearray()
    with suppress(zlib.error):
        for at in range(len(block)):
            if len(found) >= room:
                break
            found += stream.decompress(block[at : at + 1])
    return bytes(found)


def _inflated_at_once(data: bytes, offset: int, budget: Budget) -> bytes:
    """Return what a whole stream holds that begins at an offset; nothing where there is none."""
    room = budget.room()
    stream = zlib.decompressobj(_BARE)
    # Cut short at first, so that a try that fails costs little, however much follows.
    for size in (_FIRST, len(data)):
        try:
            part = stream.decompress(data[offset : offset + size], room) if room else b""
        except zlib.error:
            return b""
        if stream.eof:
            budget.spend(len(part))
            return part if len(part) >= SHORTEST else b""
        if stream.unconsumed_tail:
            budget.is_short = True
            return part
        stream = zlib.decompressobj(_BARE)
    return b""


def _matches(pattern: re.Pattern[bytes], piece: Piece) -> Iterator[re.Match[bytes]]:
    for match in pattern.finditer(piece.data):
        if match.start() >= piece.home:
            return
        yield match


def _blocks_of_dump(source: Source, start: int) -> Source | None:
    """Return the blocks of compressed data of which the first begins at `start`, joined.

    Each has its length before it, a sign and four bytes; the last is of length zero. So
    `pg_dump` writes its custom format, see pg_backup_custom.c.
    """

    def length(at: int) -> int:
        sign_and_size = source.read(at, 5)
        return int.from_bytes(sign_and_size[1:], "little") if sign_and_size[:1] == b"\0" else 0

    blocks: list[bytes] = []
    at = start - 5
    while at >= 0 and 0 < (size := length(at)) <= _LONGEST_BLOCK:
        blocks.append(source.read(at + 5, size))
        at += 5 + size
    return BytesSource(b"".join(blocks)) if blocks else None


def _deflate_may_begin(data: bytes) -> list[int]:
    """Return the offsets at which the first bits could be those of a deflate block, RFC 1951.

    Stored blocks are left out, since what they hold stands in the file as it is. Blocks with
    fixed codes have nothing to check. Those with codes of their own begin with the lengths of
    the code for code lengths, which must be complete.
    """
    padded = np.frombuffer(data + bytes(10), dtype=np.uint8)
    first, second, third = (padded[at : at + len(data)] for at in range(3))
    kind = (first >> 1) & 3
    fixed = np.nonzero(kind == 1)[0]
    dynamic = np.nonzero((kind == 2) & ((first >> 3) <= 29) & ((second & 31) <= 29))[0]
    many = ((second[dynamic] >> 5) | ((third[dynamic] & 1) << 3)).astype(np.int64) + 4
    bits = np.zeros(len(dynamic), dtype=np.uint64)
    for at in range(8):
        bits |= padded[dynamic + 2 + at].astype(np.uint64) << np.uint64(8 * at)
    bits >>= np.uint64(1)
    used = np.zeros(len(dynamic), dtype=np.int64)
    for code in range(19):
        length = ((bits >> np.uint64(3 * code)) & np.uint64(7)).astype(np.int64)
        used += np.where((length > 0) & (code < many), 128 >> length, 0)
    offsets: list[int] = np.sort(np.concatenate((fixed, dynamic[used == 128]))).tolist()
    return offsets
