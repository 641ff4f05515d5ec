"""The search itself: every file in pieces, and what its containers hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from storage.residue.bounds import Bounds, Budget, SearchUnfinished
from storage.residue.escapes import escapes
from storage.residue.forms import forms
from storage.residue.matching import Matcher
from storage.residue.postgresql import Chunks, log_pages, rows
from storage.residue.runs import runs
from storage.residue.source import PAGE, BytesSource, FileSource, Piece, Source, pieces
from storage.residue.streams import streams

_PIECE: Final = 1 << 22
_ESCAPED: Final = 6
"""Bytes that one byte may become by an escape, as in JSON's `\\u00e4`."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A file that holds a needle. It tells which needle by its place, never the needle.

    Attributes:
        path: The file.
        needle: Index of the needle in the order given.
        variant: The form in which it was found, such as `utf-16-le` or `base64+1`, after the
            containers in which it lay: `base64 > zlib > utf-8`.
        count: In how many places. Within a container a copy may count twice, by two ways in.
    """

    path: Path
    needle: int
    variant: str
    count: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a search found.

    Attributes:
        hits: What was found.
        unfinished: The files that hold more than the bounds let it read.
    """

    hits: tuple[Hit, ...]
    unfinished: tuple[Path, ...]


def scan(
    files: Iterable[Path],
    needles: Iterable[bytes],
    *,
    bounds: Bounds = Bounds(),  # noqa: B008 (frozen)
    piece: int = _PIECE,
) -> tuple[Hit, ...]:
    """Search as `search` does, and take "nothing found" for an answer only if all was read.

    Raises:
        SearchUnfinished: Nothing was found, and a bound was reached.
        ValueError: A needle is empty, which every file would hold.
        OSError: A file cannot be read.
    """
    found = search(files, needles, bounds=bounds, piece=piece)
    if found.unfinished and not found.hits:
        raise SearchUnfinished
    return found.hits


def search(
    files: Iterable[Path],
    needles: Iterable[bytes],
    *,
    bounds: Bounds = Bounds(),  # noqa: B008 (frozen)
    piece: int = _PIECE,
) -> Search:
    """Search each file for each needle, UTF-8 text or any bytes, reading `piece` bytes at a time.

    Found are copies in any casing, in UTF-8, UTF-16, hexadecimal, base64 and base64url; escaped as
    in JSON, Python, COPY, URLs and quoted-printable; in a pickle of any protocol; and all these
    within zlib, gzip, zip, a custom `pg_dump`, raw deflate (see `Bounds.anywhere`), base64,
    hexadecimal and PostgreSQL's compressed values (pglz and lz4), two such containers deep.
    Not looked into are encrypted and otherwise compressed data (zstd, brotli, xz, bzip2) and
    values that SQLite spreads over several pages, where the break lies within the needle.

    Files that are gone by the time they are opened (a `-wal` that was closed) hold nothing.

    Raises:
        ValueError: A needle is empty, which every file would hold.
        OSError: A file cannot be read.
    """
    wanted = tuple(needles)
    if not all(wanted):
        raise ValueError("An empty needle is in every file.")
    every = [form for index, needle in enumerate(wanted) for form in forms(index, needle)]
    looking = _Looking(Matcher(every), Budget(bounds), piece)
    hits: list[Hit] = []
    unfinished: list[Path] = []
    for path in files if every else ():
        counts = looking.through(path)
        hits.extend(
            Hit(path=path, needle=index, variant=variant, count=count)
            for (index, variant), count in counts.items()
        )
        if looking.budget.is_short:
            unfinished.append(path)
    return Search(hits=tuple(hits), unfinished=tuple(unfinished))


@final
class _Looking:
    """A search under way."""

    def __init__(self, matcher: Matcher, budget: Budget, piece: int) -> None:
        self.budget: Final = budget
        self._matcher: Final = matcher
        self._piece: Final = piece
        self._reach: Final = matcher.longest * _ESCAPED
        self._counts: Counter[tuple[int, str]] = Counter()

    def through(self, path: Path) -> Counter[tuple[int, str]]:
        """Return what a file holds. Raises OSError."""
        self.budget.begin_file()
        self._counts = Counter()
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return self._counts
        with file:
            self._look(FileSource(file.fileno()), ())
        return self._counts

    def _look(self, source: Source, containers: tuple[str, ...]) -> None:
        """Look through a source that lies in these containers."""
        chunks = Chunks()
        opens = len(containers) < self.budget.bounds.depth
        for piece in pieces(source, self._piece, max(self._reach, PAGE)):
            if self.budget.is_over():
                return
            for (needle, form), count in self._matcher.count(piece.data, piece.home).items():
                self._counts[needle, " > ".join((*containers, form))] += count
            if opens:
                chunks.add(piece)
                self._open(self._contents(piece), containers)
        if opens:
            self._open(chunks.values(self.budget), containers)

    def _contents(self, piece: Piece) -> Iterator[tuple[str, bytes]]:
        yield from streams(piece, self.budget)
        yield from rows(piece, self.budget)
        yield from log_pages(piece)
        yield from escapes(piece.data, piece.home, self._reach)
        yield from runs(piece.data, piece.home)

    def _open(self, contents: Iterator[tuple[str, bytes]], containers: tuple[str, ...]) -> None:
        """Look through contents: large ones each, small ones of a kind together."""
        small: dict[str, list[bytes]] = {}
        for name, content in contents:
            if len(content) >= PAGE:
                self._look(BytesSource(content), (*containers, name))
            elif content:
                small.setdefault(name, []).append(content)
        for name, many in small.items():
            self._look(BytesSource(b"\n\0\n".join(many)), (*containers, name))
