"""Slack's own markup, of which detection sees what a reader sees.

Slack writes an address as `<mailto:a@b.example|a@b.example>` and escapes `&`, `<` and `>`
(https://docs.slack.dev/messaging/formatting-message-text). Without unwrapping, an e-mail pattern
finds an overlapping `|a@b.example` and a name in `&amp;` is cut.
"""

from __future__ import annotations

import re
from typing import Final

MARKUP: Final = (
    r"<(?P<scheme>mailto|tel):(?P<target>[^<>|\s]{1,512})(?:\|(?P<label>[^<>]{0,512}))?>"
    r"|<https?://(?P<site>[^<>|\s/]{1,253})/?\|(?P=site)>"
    r"|&(?P<escape>amp|lt|gt);"
)
"""One piece of markup. Every part is bounded, so a search stays linear."""

_ESCAPES: Final = {"amp": "&", "lt": "<", "gt": ">"}


def shown(match: re.Match[str]) -> str:
    """Return what stands for one `MARKUP` match in the text that detection reads.

    A label that differs from the target stands on a line of its own, so that both are looked at.
    `tel:` keeps the word in front: Slack says that these digits are a telephone number. Spaces
    around keep the value apart from letters that stand against the markup.
    """
    escape = match["escape"]
    if escape is not None:
        return _ESCAPES[escape]
    if match["site"] is not None:
        return match["site"]
    target = match["target"].partition("?")[0]
    label = match["label"] or ""
    spoken = f"tel {target}" if match["scheme"] == "tel" else target
    return f" {spoken} " if label.strip() in {"", target} else f" {spoken}\n{label} "
