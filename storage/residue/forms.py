"""The forms in which a needle may stand in a file as it is, without a container around it.

Escapes (JSON, percent, quoted-printable, COPY) are no forms, since a writer may escape more or
less than another: they are undone before the search, see `escapes`.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Final, final

SHORTEST: Final = 4
"""Bytes that a form other than the needle itself must have, to mean something where it is found."""
_SHORTEST_BASE64: Final = 6


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A needle in one form.

    Attributes:
        needle: Index of the needle in the order given.
        name: The form, such as `utf-16-le` or `base64+1`.
        exact: Its bytes.
        folded: Its bytes with ASCII letters in lower case.
        any_case: Whether a copy in another casing is a copy.
    """

    needle: int
    name: str
    exact: bytes
    folded: bytes
    any_case: bool


def forms(index: int, needle: bytes) -> tuple[Form, ...]:
    """Return the forms of a needle, each form once. Bytes that are no UTF-8 have no casings."""
    try:
        text = needle.decode()
    except UnicodeDecodeError:
        return _distinct(index, _of_bytes(needle), needle)
    found: list[tuple[str, bytes, bool]] = []
    # ASCII is folded by the search. Of other letters the casings that people use are forms of
    # their own, and in base64 every casing is another text.
    for casing in dict.fromkeys((text, text.lower(), text.upper(), text.title())):
        suffix = "" if casing == text else ", other casing"
        encoded = casing.encode()
        found += [
            (f"utf-8{suffix}", encoded, True),
            (f"utf-16-le{suffix}", casing.encode("utf-16-le"), True),
            (f"utf-16-be{suffix}", casing.encode("utf-16-be"), True),
            (f"pickle-0{suffix}", _unicode_line(casing), True),
            (f"hex{suffix}", encoded.hex().encode(), True),
            *((f"{name}{suffix}", form, False) for name, form in _base64s(encoded)),
        ]
    return _distinct(index, found, needle)


def _of_bytes(needle: bytes) -> list[tuple[str, bytes, bool]]:
    return [
        ("bytes", needle, False),
        # What pickle makes of bytes up to its protocol 2.
        ("latin-1 in utf-8", needle.decode("latin-1").encode(), False),
        ("hex", needle.hex().encode(), True),
        *((name, form, False) for name, form in _base64s(needle)),
    ]


def _distinct(index: int, found: list[tuple[str, bytes, bool]], needle: bytes) -> tuple[Form, ...]:
    distinct: dict[tuple[bytes, bool], Form] = {}
    for name, exact, any_case in found:
        shortest = _SHORTEST_BASE64 if name.startswith("base64") else SHORTEST
        if len(exact) < shortest and exact != needle:
            continue
        folded = exact.lower()
        key = (folded if any_case else exact, any_case)
        form = Form(needle=index, name=name, exact=exact, folded=folded, any_case=any_case)
        distinct.setdefault(key, form)
    return tuple(distinct.values())


def _unicode_line(text: str) -> bytes:
    """Return a text as pickle's protocol 0 writes it, see `save_str` of the library's `pickle`."""
    escaped = text.replace("\\", "\\u005c")
    for char in ("\0", "\n", "\r", "\x1a"):
        escaped = escaped.replace(char, f"\\u{ord(char):04x}")
    return escaped.encode("raw-unicode-escape")


def _base64s(encoded: bytes) -> list[tuple[str, bytes]]:
    """Return, for each alignment, the characters that are the same whatever stands around."""
    found = []
    for shift in range(3):
        characters = base64.b64encode(bytes(shift) + encoded).rstrip(b"=")
        start = (0, 2, 3)[shift]
        end = len(characters) - (1 if (shift + len(encoded)) % 3 else 0)
        standard = characters[start:end]
        found.append((f"base64+{shift}", standard))
        found.append((f"base64url+{shift}", standard.translate(bytes.maketrans(b"+/", b"-_"))))
    return found
