"""Rows of CSV and JSON lines come out one by one; a bad one is named without its content."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ImportRefused
from bot.tables import MAX_FIELD, Row, rows

COLUMNS = ("a", "b")


def read(text: str | bytes) -> list[Row]:
    """Read the rows of a file with this content."""
    content = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return list(rows(lines(content), COLUMNS))


def lines(content: bytes) -> Iterator[str]:
    """Yield the lines of a file as the command line reads them."""
    return (line.decode("utf-8") for line in io.BytesIO(content))


def good(line: int, a: object, b: object) -> Row:
    """Return a row that could be read."""
    return Row(line=line, fields={"a": a, "b": b})


SAME = {
    "plain": 'a,b\n1,x\n2,"y"\n',
    "no line break at the end": "a,b\n1,x\n2,y",
    "CRLF": "a,b\r\n1,x\r\n2,y\r\n",
    "a byte order mark": "\ufeffa,b\n1,x\n2,y\n",
    "a quoted header": '"a","b"\n1,x\n2,y\n',
    "spaces around the names": " a , b \n1,x\n2,y\n",
    "JSON lines": '{"a": "1", "b": "x"}\n{"b": "y", "a": "2"}\n',
    "JSON lines with CRLF": '{"a": "1", "b": "x"}\r\n{"a": "2", "b": "y"}\r\n',
    "JSON lines with a mark": '\ufeff{"a": "1", "b": "x"}\n{"a": "2", "b": "y"}',
}


@pytest.mark.parametrize("name", SAME)
def test_the_same_rows_in_another_dress_are_the_same(name: str) -> None:
    """Line ends, quotes, a byte order mark and the format make no difference."""
    found = [row.fields for row in read(SAME[name])]
    assert found == [{"a": "1", "b": "x"}, {"a": "2", "b": "y"}]


def test_the_line_of_a_row_is_where_it_ends() -> None:
    """Quoted line breaks belong to a field, and lines are counted as an editor does."""
    found = read('a,b\n1,"two\nlines"\n2,y\n')
    assert found == [good(3, "1", "two\nlines"), good(4, "2", "y")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\n\na,b\n1,x\n", [4]),
        ("a,b\n\n1,x\n\n2,y\n", [3, 5]),
        ('\n{"a": 1}\n\n{"a": 2}\n', [2, 4]),
        ("\n \r\na,b\n1\n", [4]),
    ],
)
def test_empty_lines_are_counted_and_left_out(text: str, expected: list[int]) -> None:
    """Empty lines, before the header, too, are no rows, and those below keep their numbers."""
    assert [row.line for row in read(text)] == expected


BAD_ROWS = {
    "too few fields": ("a,b\n1\n2,y\n", 2, "1 fields where the header has 2"),
    "too many fields": ("a,b\nQuack,x,y\n2,y\n", 2, "3 fields where the header has 2"),
    "text after a quote": ('a,b\n"Quack"x,y\n2,y\n', 2, "the quoting is broken"),
    "a bare carriage return": ("a,b\nQua\rck,y\n2,y\n", 2, "the quoting is broken"),
    "no JSON": ('{"a": "0"}\nQuack\n{"a": "2", "b": "y"}\n', 2, "not valid JSON"),
    "half a JSON": ('{"a": "0"}\n{"a": "Quack\n{"a": "2", "b": "y"}\n', 2, "not valid JSON"),
    "a JSON list": ('{"a": "0"}\n["Quack"]\n{"a": "2", "b": "y"}\n', 2, "not a JSON object"),
    "a deep JSON": (
        '{"a": "0"}\n' + "[" * 20_000 + '\n{"a": "2", "b": "y"}\n', 2, "not valid JSON",
    ),
    "an endless number": (
        '{"a": "0"}\n{"a": ' + "9" * 5_000 + '}\n{"a": "2", "b": "y"}\n', 2, "not valid JSON",
    ),
    "an unknown field": (
        '{"a": "0"}\n{"Quack": 1}\n{"a": "2", "b": "y"}\n', 2, "a field has an unknown name",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_is_named_and_the_next_one_is_read(name: str) -> None:
    """A row that cannot be read is named by line and reason, without content; the next is fine."""
    text, line, problem = BAD_ROWS[name]
    found = read(text)
    (bad,) = [row for row in found if row.problem]
    assert (bad.line, bad.problem, bad.fields) == (line, problem, None)
    assert found[-1].fields == {"a": "2", "b": "y"}


def test_a_huge_field_is_a_bad_row() -> None:
    """A field past the limit of the csv module spoils its row alone."""
    found = read("a,b\n" + "x" * (MAX_FIELD + 1) + ",y\n2,y\n")
    assert [bool(row.problem) for row in found] == [True, False]


def test_a_quote_that_is_never_closed_is_a_bad_row() -> None:
    """Where a quote is never closed, the file's end is named as the place."""
    (bad,) = read('a,b\n1,"x\n2,y\n')
    assert (bad.line, bad.problem) == (3, "the quoting is broken")


REFUSED: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", "The file is empty."),
    "empty lines": ("\n \n\r\n", "The file is empty."),
    "a byte order mark alone": ("\ufeff", "The file is empty."),
    "an unknown column": ("a,Quack\n1,x\n", "Column 2 has an unknown name. Known are: a, b."),
    "a column without a name": ("a,\n1,x\n", "Column 2 has an unknown name. Known are: a, b."),
    "a column twice": ("a,b,a\n1,x,2\n", "A column stands twice in the header."),
    "Latin-1": ("a,b\nJosé,x\n".encode("latin-1"), "The file is not UTF-8."),
    "Latin-1 in the header": ("é,b\n".encode("latin-1"), "The file is not UTF-8."),
    "UTF-16": ("a,b\n1,x\n".encode("utf-16"), "The file is not UTF-8."),
    "a lone surrogate": ("a,b\n\ud800,x\n", "The file is not UTF-8."),
    "bytes": (bytes(range(255, -1, -1)), "The file is not UTF-8."),
    "a JSON list": ('[{"a": "Quack"}]', "Column 1 has an unknown name."),
    "line ends of 1984": ("a,b\r1,Quack\r", "The header is no line of CSV."),
    "a huge header": ("a" * (MAX_FIELD + 1) + "\n", "The header is no line of CSV."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_of_another_kind_is_refused(name: str) -> None:
    """A file that cannot be read at all is refused with one clear sentence, without content."""
    text, sentence = REFUSED[name]
    with pytest.raises(ImportRefused) as refused:
        read(text)
    assert str(refused.value).startswith(sentence)
    assert "Quack" not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_odd_characters_are_handed_on() -> None:
    """Null bytes and marks within a field are no matter of the table."""
    assert read("a,b\n\x00,\u202e\u200b\n") == [good(2, "\x00", "\u202e\u200b")]


def test_rows_come_one_by_one() -> None:
    """A file is not read ahead: the first row is there before the next line is asked for."""
    asked: list[int] = []

    def endless() -> Iterator[str]:
        yield "a,b\n"
        for number in range(10_000):
            asked.append(number)
            yield f"{number},x\n"

    assert next(rows(endless(), COLUMNS)).fields == {"a": "0", "b": "x"}
    assert len(asked) <= 2


@given(st.binary(max_size=300))
def test_any_bytes_are_rows_or_refused(content: bytes) -> None:
    """A file of any bytes gives rows or is refused, and never a crash."""
    try:
        found = read(content)
    except ImportRefused:
        return
    assert all((row.fields is None) == bool(row.problem) for row in found)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00"))))
def test_any_text_comes_back_from_json_lines(values: list[str]) -> None:
    """What is written as JSON lines is read as it was, whatever its characters."""
    content = "".join(json.dumps({"a": value, "b": ""}) + "\n" for value in ["first", *values])
    assert [row.fields for row in read(content)] == [
        {"a": value, "b": ""} for value in ["first", *values]
    ]
