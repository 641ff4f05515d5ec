"""Search files for what should be gone, in the forms in which bytes survive.

A search for the bare bytes misses a copy in another casing, in UTF-16, in hexadecimal or base64,
escaped, or compressed by zlib or by PostgreSQL. This one finds those; `search` says what it does
and what it leaves out.
"""

from __future__ import annotations

from storage.residue.bounds import Bounds, SearchUnfinished
from storage.residue.searching import Hit, Search, scan, search

__all__ = ["Bounds", "Hit", "Search", "SearchUnfinished", "scan", "search"]
