"""Reading a table of rows, CSV or JSON lines, one row at a time, however large the file."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.errors import ImportRefused

MAX_FIELD: Final = 131_072
"""Characters of one CSV field, the limit of Python's csv module."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a table.

    Attributes:
        line: Where it ends in the file, counted from 1.
        fields: Its values by column; None where the row cannot be read.
        problem: Why it cannot be read, without its content; empty where it can.
    """

    line: int
    fields: Mapping[str, object] | None
    problem: str = ""


def rows(lines: Iterator[str], columns: Collection[str]) -> Iterator[Row]:
    """Yield the rows of a table whose columns are among `columns`, CSV or JSON lines.

    Raises:
        ImportRefused: It is empty, is not UTF-8, or its header has a column of another name.
    """
    number, first = 1, _next(lines)
    while first is not None and not first.strip("\ufeff \t\r\n"):
        number, first = number + 1, _next(lines)
    if first is None:
        raise ImportRefused("The file is empty.")
    first = first.lstrip("\ufeff")
    if first.lstrip().startswith("{"):
        yield from _json_lines(number, first, lines, columns)
    else:
        yield from _csv(number, first, lines, columns)


def _csv(above: int, first: str, lines: Iterator[str], columns: Collection[str]) -> Iterator[Row]:
    """Yield the rows below the header `first`, which stands on line `above`."""
    try:
        header = [name.strip() for name in next(csv.reader([first]))]
    except csv.Error:
        raise ImportRefused("The header is no line of CSV.") from None
    for place, name in enumerate(header, start=1):
        if name not in columns:
            raise ImportRefused(
                f"Column {place} has an unknown name. Known are: {', '.join(columns)}."
            )
    if len(set(header)) != len(header):
        raise ImportRefused("A column stands twice in the header.")
    reader = csv.reader(_lines(lines), strict=True)
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error:
            # The csv module's message may quote the line.
            yield Row(line=reader.line_num + above, fields=None, problem="the quoting is broken")
            continue
        if not values:
            continue
        line = reader.line_num + above
        if len(values) != len(header):
            problem = f"{len(values)} fields where the header has {len(header)}"
            yield Row(line=line, fields=None, problem=problem)
        else:
            yield Row(line=line, fields=dict(zip(header, values, strict=True)))


def _json_lines(
    number: int, first: str, lines: Iterator[str], columns: Collection[str]
) -> Iterator[Row]:
    text: str | None = first
    while text is not None:
        if text.strip():
            yield _json_row(number, text, columns)
        number, text = number + 1, _next(lines)


def _json_row(number: int, text: str, columns: Collection[str]) -> Row:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return Row(line=number, fields=None, problem="not valid JSON")
    if not isinstance(found, dict):
        return Row(line=number, fields=None, problem="not a JSON object")
    if any(name not in columns for name in found):
        return Row(line=number, fields=None, problem="a field has an unknown name")
    return Row(line=number, fields=found)


def _lines(lines: Iterator[str]) -> Iterator[str]:
    while (line := _next(lines)) is not None:
        yield line


def _next(lines: Iterator[str]) -> str | None:
    try:
        return next(lines, None)
    except UnicodeDecodeError:
        raise ImportRefused("The file is not UTF-8. Save it as UTF-8 and try again.") from None
