"""The entity types that the scrubber takes out, and the form of their placeholders.

Names are Presidio's where it has one. A placeholder is `<PERSON_1>`: the type and a number.
"""

from __future__ import annotations

import re
from typing import Final

PERSON: Final = "PERSON"
STREET_ADDRESS: Final = "STREET_ADDRESS"
EMAIL_ADDRESS: Final = "EMAIL_ADDRESS"
PHONE_NUMBER: Final = "PHONE_NUMBER"
CREDIT_CARD: Final = "CREDIT_CARD"
US_SSN: Final = "US_SSN"
US_ITIN: Final = "US_ITIN"
US_PASSPORT: Final = "US_PASSPORT"
US_DRIVER_LICENSE: Final = "US_DRIVER_LICENSE"
IBAN_CODE: Final = "IBAN_CODE"
US_BANK_NUMBER: Final = "US_BANK_NUMBER"
IP_ADDRESS: Final = "IP_ADDRESS"
DATE_OF_BIRTH: Final = "DATE_OF_BIRTH"

ENTITY_TYPES: Final = (
    PERSON,
    STREET_ADDRESS,
    EMAIL_ADDRESS,
    PHONE_NUMBER,
    CREDIT_CARD,
    US_SSN,
    US_ITIN,
    US_PASSPORT,
    US_DRIVER_LICENSE,
    IBAN_CODE,
    US_BANK_NUMBER,
    IP_ADDRESS,
    DATE_OF_BIRTH,
)

PLACEHOLDER: Final = re.compile(
    r"(?:<|&lt;)(?P<entity_type>" + "|".join(ENTITY_TYPES) + r")_(?P<number>[1-9]\d{0,8})(?:>|&gt;)"
)
"""A placeholder as it stands in scrubbed text, or as Slack escapes it."""


def placeholder(entity_type: str, number: int) -> str:
    """Return the placeholder, such as `<PERSON_1>`."""
    return f"<{entity_type}_{number}>"
