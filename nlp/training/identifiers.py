"""What looks like a number of somebody but stays: orders, tracking, articles, prices, dates."""

from __future__ import annotations

import calendar
import random
from datetime import date, timedelta
from typing import Final

from nlp.training.word_stock import words

_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MONTHS: Final = tuple(calendar.month_name)[1:]
WEEKDAYS: Final = tuple(calendar.day_name)
_DATE_FORMS: Final = (
    *("%m/%d/%Y", "%m/%d/%y", "%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%B %d", "%B %d, %Y", "%b %d"),
    *("%d %B %Y", "%d %b %Y", "%d %b", "%A, %B %d", "%a %b %d", "%a, %d %b %Y", "%b %d, %Y"),
    *("%m-%d-%Y", "%m/%d", "%d/%m", "%d-%b-%Y", "%Y/%m/%d", "%B %dth", "%b. %d", "%d. %m. %Y"),
    *("%d of %B", "%Y%m%d", "%A %d %B", "%Y-%m-%dT10:15:00Z", "%m.%d.%y"),
)


_TRACKING: Final = (
    *(
        ("", 10, ""),
        ("", 16, ""),
        ("JD", 18, ""),
        ("C1", 13, ""),
        ("D1001", 10, ""),
        ("GM", 16, ""),
    ),
    *(("LX", 9, "US"), ("RR", 9, "GB"), ("CJ", 9, "DE"), ("YT", 16, ""), ("420", 27, "")),
    *(("1LS", 12, ""), ("UUS", 14, ""), ("H00", 12, ""), ("SF", 13, ""), ("LP00", 12, "")),
)
"""Beginning, number of digits and ending of the tracking numbers of further carriers."""


def digits(rng: random.Random, length: int) -> str:
    """Return this many digits."""
    return f"{rng.randrange(10**length):0{length}d}"


def code(rng: random.Random, length: int, alphabet: str = _ALPHABET) -> str:
    """Return a code of capitals and digits."""
    return "".join(rng.choice(alphabet) for _ in range(length))


def order(rng: random.Random) -> str:
    """Return an order id; nearly always Amazon's 3-7-7, sometimes a shop's."""
    if rng.random() < 0.88:
        start = rng.choice(("111", "112", "113", "114", "701", "702", "202", "203", "302", "026"))
        return f"{start}-{digits(rng, 7)}-{digits(rng, 7)}"
    start = rng.choice(("#", "#", "SH-", "W", "ORD-", "SO", "TT-", ""))
    return f"{start}{rng.randrange(1000, 999999)}"


def ups(rng: random.Random) -> str:
    """Return a tracking number of UPS."""
    return f"1Z{code(rng, 6)}{digits(rng, 10)}"


def fedex(rng: random.Random) -> str:
    """Return a tracking number of FedEx."""
    return digits(rng, rng.choice((12, 12, 12, 15)))


def usps(rng: random.Random) -> str:
    """Return a tracking number of the United States Postal Service."""
    return rng.choice(("9400", "9205", "9361", "9405", "9200", "9261")) + digits(rng, 18)


def tracking(rng: random.Random) -> str:
    """Return a tracking number of some carrier."""
    chance = rng.random()
    if chance < 0.3:
        return ups(rng)
    if chance < 0.5:
        number = usps(rng)
        if rng.random() < 0.2:
            return " ".join(number[at : at + 4] for at in range(0, 22, 4))
        return number
    if chance < 0.7:
        number = fedex(rng)
        return f"{number[:4]} {number[4:8]} {number[8:]}" if rng.random() < 0.15 else number
    if chance < 0.78:
        return f"TBA{digits(rng, 12)}"
    start, length, end = rng.choice(_TRACKING)
    return f"{start}{digits(rng, length)}{end}"


def sku(rng: random.Random) -> str:
    """Return a merchant's article number; three in ten are without digits: PILLOW-Q-WHT."""
    if rng.random() < 0.3:
        endings = [rng.choice(words("sku_endings")) for _ in range(rng.choice((1, 2, 2)))]
        return rng.choice(("-", "-", "-", "_", "/")).join(
            (rng.choice(words("sku_words")), *endings)
        )
    word = rng.choice(
        ("MUG", "TSH", "BLK", "CND", "KIT", "SET", "LMP", "BAG", "HAT", "SOAP", "PET", "TOY", "CUP")
    )
    chance = rng.random()
    if chance < 0.35:
        size = rng.choice(("S", "M", "L", "XL", "2PK", "12OZ", "RED", "NVY", "01"))
        return f"{word}-{code(rng, 3, _LETTERS)}-{size}"
    if chance < 0.6:
        return f"{word}{rng.choice(('-', '_', ''))}{rng.randrange(10, 9999)}"
    if chance < 0.8:
        return f"{code(rng, 2, _LETTERS)}-{code(rng, 4)}-{code(rng, 4)}"
    return rng.choice(
        (code(rng, 8), f"{digits(rng, 5)}-{word}", f"SKU{digits(rng, 6)}", digits(rng, 12))
    )


def asin(rng: random.Random) -> str:
    """Return Amazon's article number."""
    return f"B0{code(rng, 8)}" if rng.random() < 0.9 else f"X00{code(rng, 7)}"


def prefixed(rng: random.Random, *starts: str) -> str:
    """Return a number behind one of these beginnings."""
    joint = rng.choice(("-", "-", "", " ", " #", "#"))
    return f"{rng.choice(starts)}{joint}{rng.randrange(100, 9999999)}"


def price(rng: random.Random) -> str:
    """Return an amount of money."""
    whole = rng.choice((rng.randrange(1, 60), rng.randrange(1, 1500), rng.randrange(1000, 25000)))
    cents = rng.choice((".99", ".00", "", ".50", f".{digits(rng, 2)}", f".{digits(rng, 2)}"))
    form = rng.choice(
        ("${}", "${}", "${}", "${}", "{} USD", "£{}", "€{}", "{} EUR", "C${}", "{} dollars", "{} €")
    )
    return form.format(f"{whole:,}{cents}" if rng.random() < 0.6 else f"{whole}{cents}")


def time(rng: random.Random) -> str:
    """Return a time of day."""
    hour, minute = rng.randrange(1, 13), rng.choice((0, 0, 15, 30, 45, rng.randrange(60)))
    half = rng.choice(("am", "pm", " AM", " PM", "a.m.", " p.m."))
    zone = rng.choice(("", "", "", "", " EST", " PT", " ET", " CST", " UTC"))
    if rng.random() < 0.2:
        return f"{hour}{half}{zone}"
    if rng.random() < 0.25:
        return f"{rng.randrange(24):02d}:{minute:02d}{zone}"
    return f"{hour}:{minute:02d}{half}{zone}"


def some_date(rng: random.Random) -> str:
    """Return a date of the last or next years, as somebody writes it."""
    if rng.random() < 0.08:
        return rng.choice(
            ("yesterday", "last Tuesday", "Friday", "tomorrow", "next Monday", "the 14th", "12/24")
        )
    return _written(rng, date(2021, 1, 1) + timedelta(days=rng.randrange(2600)))


def birthdate(rng: random.Random) -> str:
    """Return a date of birth."""
    return _written(rng, date(1938, 1, 1) + timedelta(days=rng.randrange(25500)), full=True)


def _written(rng: random.Random, day: date, *, full: bool = False) -> str:
    form = rng.choice(_DATE_FORMS)
    while full and "%Y" not in form and "%y" not in form:
        form = rng.choice(_DATE_FORMS)
    text = day.strftime(form)
    return text.replace("/0", "/").removeprefix("0") if rng.random() < 0.4 else text


def card(rng: random.Random) -> str:
    """Return a card number that passes the Luhn check."""
    start = rng.choice(("4", "4", "51", "55", "34", "37", "6011"))
    length = 15 if start in ("34", "37") else 16
    body = start + digits(rng, length - 1 - len(start))
    total = 0
    for at, char in enumerate(reversed(body)):
        doubled = int(char) * (2 if at % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    number = body + str(-total % 10)
    if length == 15:
        parts: tuple[str, ...] = (number[:4], number[4:10], number[10:])
    else:
        parts = (number[:4], number[4:8], number[8:12], number[12:])
    return rng.choice(("", " ", "-", " ")).join(parts)


def ip(rng: random.Random) -> str:
    """Return an address on the internet, mostly of version 4."""
    if rng.random() < 0.85:
        return ".".join(str(rng.randrange(1, 255)) for _ in range(4))
    return ":".join(f"{rng.randrange(65536):x}" for _ in range(8))


def slack_id(rng: random.Random, kind: str = "U") -> str:
    """Return an id of Slack: U of a person, C of a channel."""
    return kind + code(rng, rng.choice((8, 10)))
