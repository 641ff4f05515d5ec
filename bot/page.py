"""A page of HTML that loads nothing, runs nothing and prints well on A4 and Letter. Pure.

What is called `shown` is HTML already; everything else is escaped here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from html import escape
from typing import Final

from bot.replies import when

_STYLE: Final = """
@page { margin: 14mm }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1.5rem; max-width: 46rem; background: #fff; color: #1a1a1a;
  font: 10pt/1.4 system-ui, "Segoe UI", Helvetica, Arial, sans-serif }
header { border-bottom: 2px solid #1a1a1a; margin-bottom: .6rem }
h1 { font-size: 1.5em; margin: 0 0 .1rem }
h2 { font-size: 1.05em; margin: .9rem 0 .2rem }
p { margin: .2rem 0 .4rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .16rem .6rem .16rem 0;
  border-bottom: 1px solid #d5d5d5 }
th { font-weight: 600; width: 30% }
td.count, th.count { text-align: right; width: 12%; padding-right: 0 }
code, pre { font: 8pt/1.35 ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace;
  overflow-wrap: anywhere; white-space: pre-wrap }
pre { margin: .15rem 0 .4rem; padding: .3rem .45rem; background: #f4f4f4 }
ol, ul { margin: .2rem 0; padding-left: 1.2rem }
footer { margin-top: .8rem; color: #4a4a4a }
h2, tr, pre, li { break-inside: avoid }
h2 { break-after: avoid }
@media print { body { padding: 0; max-width: none; font-size: 9pt } pre { background: none;
  border: 1px solid #d5d5d5 } }
"""


def page(title: str, lead: str, shown: str) -> str:
    """Return a whole page: a title, a line of HTML below it, and sections."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<header>\n<h1>{escape(title)}</h1>\n{paragraph(lead)}</header>\n"
        f"<main>\n{shown}</main>\n</body>\n</html>\n"
    )


def section(heading: str, shown: str) -> str:
    """Return a section with its heading."""
    return f"<section>\n<h2>{escape(heading)}</h2>\n{shown}</section>\n"


def table(pairs: Iterable[tuple[str, str]]) -> str:
    """Return a table of names and what is shown beside them."""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{shown}</td></tr>\n' for name, shown in pairs
    )
    return f"<table>\n<tbody>\n{rows}</tbody>\n</table>\n"


def listed(items: Iterable[str], *, ordered: bool = False) -> str:
    """Return a list of what is shown."""
    kind = "ol" if ordered else "ul"
    rows = "".join(f"<li>{shown}</li>\n" for shown in items)
    return f"<{kind}>\n{rows}</{kind}>\n"


def paragraph(shown: str) -> str:
    """Return a paragraph."""
    return f"<p>{shown}</p>\n"


def moment(at: datetime) -> str:
    """Return a time as people read it, and as machines do."""
    return f'<time datetime="{escape(at.isoformat())}">{escape(when(at))}</time>'
