"""Unpack what PostgreSQL compressed by its own method, pglz.

The format is told in PostgreSQL's src/common/pg_lzcompress.c: a control byte says of the eight
items that follow, the lowest bit first, whether each is a byte as it is (0) or a tag (1). A tag
has a length of 3 to 17 in the low four bits of its first byte, and an offset of 12 bits, of which
the first byte holds the upper four. A length of 18 has another byte to be added to it.
"""

from __future__ import annotations

from typing import Final

_TAG_LENGTH: Final = 3
_LONGEST_SHORT: Final = 18


def unpacked(data: bytes, size: int, *, whole: bool = True) -> bytes | None:
    """Return the `size` bytes that were compressed, None where `data` is no such thing.

    Args:
        data: What was compressed, without the header that tells the size.
        size: Bytes to come out.
        whole: Whether all of it must be there and be used up. If not, what comes before the
            first damage is returned.
    """
    out = bytearray()
    at = 0
    while at < len(data) and len(out) < size:
        control = data[at]
        at += 1
        for bit in range(8):
            if at >= len(data) or len(out) >= size:
                break
            if not control >> bit & 1:
                out.append(data[at])
                at += 1
                continue
            if at + 1 >= len(data):
                return None if whole else bytes(out)
            length = (data[at] & 0x0F) + _TAG_LENGTH
            offset = (data[at] & 0xF0) << 4 | data[at + 1]
            at += 2
            if length == _LONGEST_SHORT:
                if at >= len(data):
                    return None if whole else bytes(out)
                length += data[at]
                at += 1
            if not 0 < offset <= len(out):
                return None if whole else bytes(out)
            repeat(out, offset, min(length, size - len(out)))
    if whole and (at != len(data) or len(out) != size):
        return None
    return bytes(out)


def repeat(out: bytearray, offset: int, length: int) -> None:
    """Append `length` bytes from `offset` before the end, which may run into what is appended."""
    while length > 0:
        part = out[-offset:][:length]
        out += part
        length -= len(part)
