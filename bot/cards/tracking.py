"""Links to carriers' public tracking pages. The addresses are those of the carriers' own sites."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from bot.blocks import escaped

_PAGES: Final[Mapping[str, str]] = {
    "ups": "https://www.ups.com/track?tracknum=",
    "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels=",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr=",
    "dhl": "https://www.dhl.com/us-en/home/tracking.html?tracking-id=",
    "ontrac": "https://www.ontrac.com/tracking/?number=",
    "lasership": "https://www.ontrac.com/tracking/?number=",
    "royal mail": "https://www.royalmail.com/track-your-item#/tracking-results/",
    "canada post": "https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor=",
}


def tracking_link(carrier: str | None, tracking_id: str) -> str:
    """Write a tracking number in mrkdwn: as a link where the carrier is known, else as it is."""
    name = (carrier or "").casefold()
    page = next((url for known, url in _PAGES.items() if name.startswith(known)), None)
    shown = escaped(tracking_id)
    return shown if page is None else f"<{page}{quote(tracking_id, safe='')}|{shown}>"
