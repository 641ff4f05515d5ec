"""Unpack a block of LZ4, PostgreSQL's other method, see lz4_Block_format.md of the LZ4 project."""

from __future__ import annotations

from typing import Final

from storage.residue.pglz import repeat

_SHORTEST_MATCH: Final = 4
_MORE: Final = 15


def unpacked(data: bytes, size: int, *, whole: bool = True) -> bytes | None:
    """Return the `size` bytes that were compressed, None where `data` is no such block.

    The arguments are those of `pglz.unpacked`.
    """
    out = bytearray()
    at = 0
    try:
        while at < len(data) and len(out) < size:
            token = data[at]
            literals, at = _length(data, at + 1, token >> 4)
            if whole and at + literals > len(data):
                return None
            out += data[at : at + literals]
            at += literals
            if at >= len(data):  # the last sequence has no match
                break
            offset = data[at] | data[at + 1] << 8
            length, at = _length(data, at + 2, token & 15)
            if not 0 < offset <= len(out):
                return None if whole else bytes(out)
            repeat(out, offset, min(length + _SHORTEST_MATCH, size - len(out)))
    except IndexError:
        return None if whole else bytes(out)
    if whole and (at != len(data) or len(out) != size):
        return None
    return bytes(out[:size])


def _length(data: bytes, at: int, length: int) -> tuple[int, int]:
    """Return a length and where it ends. Raises IndexError at the end of the data."""
    if length == _MORE:
        while True:
            length += data[at]
            at += 1
            if data[at - 1] != 255:
                break
    return length, at
