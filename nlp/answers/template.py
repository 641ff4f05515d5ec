"""A new article to fill in: `jetpack-care kb add`."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Final

from nlp.errors import ArticleExists

_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_TEMPLATE: Final = """\
---
id: {name}
title: {title}
url: https://care.jetpack.example/kb/{name}
collection: amazon-fbm
audience: merchants
language: en
status: draft
owner: jetpack-care
version: 1
last_reviewed: {today}
review_every_days: 180
sources:
  - where the facts come from
---

## A heading that fits on a button {{#first-section}}

The short answer: what the bot says, word for word, and nothing that the source does not say.

1. The steps, if there are any. Otherwise take these lines out.

```yaml
examples:
  - how a merchant asks for it
  - the same in other words
  - and once more, as short as people write
related: []
```
"""


def add(folder: Path, name: str, today: date) -> Path:
    """Write the template of an article, as a draft, and return its path.

    Raises:
        ValueError: The name is not lower-case words joined by hyphens.
        ArticleExists: There is one of that name.
    """
    if _NAME.fullmatch(name) is None:
        raise ValueError("An article's name is lower-case words joined by hyphens.")
    path = folder / f"{name}.md"
    title = name.replace("-", " ").capitalize()
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(_TEMPLATE.format(name=name, title=title, today=today.isoformat()))
    except FileExistsError:
        raise ArticleExists from None
    return path
