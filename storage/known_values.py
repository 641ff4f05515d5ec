"""What is known of orders, as the scrubber looks for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from nlp.text import RawText
from storage.order_seals import Pii, raw
from storage.sealing import joined

_KINDS: Final = {
    "street_1": "STREET_ADDRESS",
    "street_2": "STREET_ADDRESS",
    "phone": "PHONE_NUMBER",
    "email": "EMAIL_ADDRESS",
}
_SHORTEST: Final = 3


def known_values(orders: Iterable[Pii]) -> tuple[tuple[str, RawText], ...]:
    """Return pairs of entity type and value, the whole name before its parts.

    Values of fewer than three characters are left out, since they would be found everywhere.
    """
    found: dict[tuple[str, RawText], None] = {}
    for each in orders:
        pii = raw(each)
        names = [pii[name] for name in ("first_name", "last_name") if name in pii]
        if len(names) > 1:
            found["PERSON", joined(names)] = None
        found |= dict.fromkeys(("PERSON", name) for name in names)
        lines = [pii[name] for name in ("street_1", "street_2") if name in pii]
        if len(lines) > 1:
            found["STREET_ADDRESS", joined(lines)] = None
        found |= dict.fromkeys((kind, pii[name]) for name, kind in _KINDS.items() if name in pii)
    return tuple(pair for pair in found if len(pair[1]) >= _SHORTEST)
