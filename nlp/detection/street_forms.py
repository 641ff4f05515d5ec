"""The words of a street line that are one in several spellings, and the form to compare them by."""

from __future__ import annotations

from typing import Final


def _same(*groups: str) -> dict[str, str]:
    """Return the form to compare by, for each spelling; the first of a group is that form."""
    return {word: group.split()[0] for group in groups for word in group.split()}


DIRECTIONS: Final = _same(
    "n north", "s south", "e east", "w west", "ne northeast", "nw northwest", "se southeast",
    "sw southwest",
)  # fmt: skip
# After USPS Publication 28, Appendix C1, the frequent ones.
SUFFIXES: Final = _same(
    "st street str saint", "ave avenue av aven avenida", "rd road", "blvd boulevard boul bd",
    "ln lane", "dr drive drv", "ct court", "pl place", "way wy", "cir circle circ", "sq square",
    "trl trail", "ter terrace terr", "pkwy parkway pky", "hwy highway", "aly alley", "plz plaza",
    "cres crescent", "cl close", "grv grove", "gdns gardens gdn garden", "hts heights ht",
    "rdg ridge", "pt point", "cv cove", "xing crossing", "expy expressway", "tpke turnpike",
    "fwy freeway", "cswy causeway", "loop", "pike", "walk", "row", "run", "path", "pass", "bend",
    "mews", "calle", "rue", "hill hl", "hills hls", "lndg landing", "mnr manor", "mdws meadows",
    "est estate", "ests estates", "holw hollow", "crk creek", "vw view", "lk lake", "pk park",
)  # fmt: skip
DESIGNATORS: Final = _same(
    "apt apartment appt", "unit", "ste suite", "fl floor flr", "bldg building", "rm room", "lot",
    "trlr trailer", "ph penthouse", "flat", "spc space", "dept department", "lvl level",
    "no nr number",
)  # fmt: skip
OTHERS: Final = _same("mt mount", "ft fort", "rte route rt", "1st first", "2nd second",
    "3rd third", "4th fourth", "5th fifth", "6th sixth", "7th seventh", "8th eighth",
    "9th ninth", "10th tenth",
)  # fmt: skip
FORMS: Final = {**OTHERS, **DESIGNATORS, **SUFFIXES, **DIRECTIONS}
"""The form of every such word."""
