"""How good the scrubber is: `make evaluate` prints it, the model card keeps it, a test holds it.

The texts lie in `measure/*.jsonl`, one to a line: `{"text", "spans": [[start, end, type]], "keep":
[[start, end]], "genre"}`. `templates.jsonl` is filled from templates that training never saw;
`written.jsonl` was written and marked by hand, apart from the templates and the rules.

A span counts as found when at least 80 % of its letters and digits are gone and no two of its
words that stand side by side are left. A finding is right when it touches a span of its type. A
string that must survive is hurt when one of its characters is gone.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final

from tqdm import tqdm

from nlp.scrubber import PresidioScrubber
from nlp.text import Finding, RawText

MEASURES: Final = Path(__file__).parent / "measure"
CASINGS: Final[Mapping[str, Callable[[str], str]]] = {
    "as written": str,
    "lower case": lambda text: _same_length(text, str.lower),
    "upper case": lambda text: _same_length(text, str.upper),
}
CARD: Final = Path(__file__).parents[1] / "model" / "README.md"
CARD_START: Final = "<!-- figures: make evaluate ARGS=--card -->"
CARD_END: Final = "<!-- end of figures -->"
ENOUGH_GONE: Final = 0.8
LONG: Final = 120
"""From how many characters on a text counts as long."""
_WORD: Final = re.compile(r"[^\W_]+")


def _same_length(text: str, change: Callable[[str], str]) -> str:
    """Change the casing of what keeps its length, so that the marks stay right."""
    return "".join(new if len(new := change(char)) == 1 else char for char in text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A text with what is to go and what must stay.

    Attributes:
        spans: Start, end and entity type of each PII value.
        keep: Start and end of each string that must survive.
    """

    text: str
    genre: str
    spans: tuple[tuple[int, int, str], ...]
    keep: tuple[tuple[int, int], ...] = ()


@dataclass(slots=True)
class Tally:
    """Counts of one group of samples."""

    spans: int = 0
    found: int = 0
    findings: int = 0
    right: int = 0
    kept: int = 0
    hurt: int = 0

    @property
    def recall(self) -> float:
        """Share of the spans that are gone."""
        return self.found / self.spans if self.spans else 1.0

    @property
    def precision(self) -> float:
        """Share of the findings that touch a span of their type."""
        return self.right / self.findings if self.findings else 1.0


@dataclass(slots=True)
class Report:
    """The figures of one set of samples in one casing."""

    by_type: dict[str, Tally] = field(default_factory=dict)
    by_genre: dict[str, Tally] = field(default_factory=dict)
    by_length: dict[str, Tally] = field(default_factory=dict)
    clean: int = 0
    false_person: int = 0
    misses: list[tuple[str, str]] = field(default_factory=list)

    @property
    def all(self) -> Tally:
        """Everything together."""
        total = Tally()
        for tally in self.by_type.values():
            for name in ("spans", "found", "findings", "right", "kept", "hurt"):
                setattr(total, name, getattr(total, name) + getattr(tally, name))
        return total


def samples(name: str) -> list[Sample]:
    """Read a set of samples."""
    lines = (MEASURES / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [
        Sample(
            text=found["text"],
            genre=found.get("genre", name),
            spans=tuple((start, end, kind) for start, end, kind in found["spans"]),
            keep=tuple((start, end) for start, end in found.get("keep", ())),
        )
        for found in map(json.loads, lines)
    ]


def gone(text: str, start: int, end: int, findings: Iterable[Finding]) -> bool:
    """Say whether a span is gone: 80 % of it, and no two adjacent words of it left."""
    taken = bytearray(end - start)
    for finding in findings:
        for at in range(max(start, finding.start), min(end, finding.end)):
            taken[at - start] = 1
    places = [at for at in range(start, end) if text[at].isalnum()]
    if sum(taken[at - start] for at in places) < ENOUGH_GONE * len(places):
        return False
    left = [
        not any(taken[word.start() - start : word.end() - start])
        for word in _WORD.finditer(text, start, end)
    ]
    return not any(one and two for one, two in pairwise(left))


def measure(
    tests: Sequence[Sample], found: Sequence[Sequence[Finding]], casing: Callable[[str], str] = str
) -> Report:
    """Count what was found of the samples and what was hurt."""
    report = Report()
    for sample, findings in zip(tests, found, strict=True):
        length = f"{LONG} characters and more" if len(sample.text) >= LONG else f"under {LONG}"
        text = casing(sample.text)
        for start, end, kind in sample.spans:
            hit = gone(text, start, end, findings)
            for tally in _tallies(report, kind, sample.genre, length):
                tally.spans += 1
                tally.found += hit
            if not hit:
                report.misses.append((f"missed {kind} {text[start:end]!r}", text))
        for finding in findings:
            right = any(
                finding.start < end and start < finding.end and finding.entity_type == kind
                for start, end, kind in sample.spans
            )
            for tally in _tallies(report, finding.entity_type, sample.genre, length):
                tally.findings += 1
                tally.right += right
            if not right:
                words = text[finding.start : finding.end]
                report.misses.append((f"false {finding.entity_type} {words!r}", text))
        for start, end in sample.keep:
            hurt = any(finding.start < end and start < finding.end for finding in findings)
            tally = report.by_type.setdefault("must survive", Tally())
            tally.kept += 1
            tally.hurt += hurt
            if hurt:
                report.misses.append((f"hurt {text[start:end]!r}", text))
        if not sample.spans:
            report.clean += 1
            report.false_person += sum(each.entity_type == "PERSON" for each in findings)
    return report


def _tallies(report: Report, kind: str, genre: str, length: str) -> Iterator[Tally]:
    yield report.by_type.setdefault(kind, Tally())
    yield report.by_genre.setdefault(genre, Tally())
    yield report.by_length.setdefault(length, Tally())


def scrubbed(
    tests: Sequence[Sample], scrubber: PresidioScrubber, casing: Callable[[str], str] = str
) -> list[Sequence[Finding]]:
    """Return the findings of the whole scrubber for each sample."""
    return [
        scrubber.scrub(RawText(casing(sample.text))).findings
        for sample in tqdm(tests, unit="text", leave=False, disable=not sys.stderr.isatty())
    ]


def table(report: Report, title: str) -> Iterator[str]:
    """Yield the lines of a table in Markdown."""
    yield f"### {title}"
    yield ""
    yield "| what | spans | recall | precision |"
    yield "|---|---:|---:|---:|"
    groups = {"everything": report.all, **_sorted(report.by_type), **_sorted(report.by_length)}
    for name, tally in {**groups, **_sorted(report.by_genre)}.items():
        if tally.spans or tally.findings:
            recall = f"{tally.recall:.3f}" if tally.spans else "–"
            yield f"| {name} | {tally.spans} | {recall} | {tally.precision:.3f} |"
    yield ""
    keep = report.by_type.get("must survive", Tally())
    yield (
        f"Strings that must survive: {keep.hurt} of {keep.kept} touched"
        f" ({100 * keep.hurt / max(1, keep.kept):.2f} %)."
        f" False PERSON in {report.clean} clean texts: {report.false_person}"
        f" ({100 * report.false_person / max(1, report.clean):.2f} per 100)."
    )
    yield ""


def _sorted(tallies: Mapping[str, Tally]) -> dict[str, Tally]:
    order = Counter({name: tally.spans for name, tally in tallies.items()})
    return {name: tallies[name] for name, _ in order.most_common()}


def lower_case_loss(reports: Mapping[str, Report]) -> str:
    """Return in one line what lower case costs."""
    written, lower = reports["as written"].all, reports["lower case"].all
    return (
        "Lower case changes recall by"
        f" {100 * (lower.recall - written.recall):+.1f} points against the text as written."
    )


def put_in_card(lines: Sequence[str]) -> None:
    """Put the tables into the model card, in place of the last ones. Raises ValueError."""
    card = CARD.read_text("utf-8")
    before, _, rest = card.partition(CARD_START)
    _, _, after = rest.partition(CARD_END)
    if not after:
        raise ValueError("The model card has lost the marks of its figures.")
    CARD.write_text("\n".join([before + CARD_START, *lines, CARD_END]) + after, "utf-8")


def main() -> None:
    """Measure the shipped model and print the tables."""
    parser = argparse.ArgumentParser(
        prog="make evaluate",
        description="Measure what the scrubber finds and what it hurts.",
        epilog='Examples: make evaluate; make evaluate ARGS="written --misses"',
    )
    parser.add_argument("sets", nargs="*", default=["templates", "written"], help="sets of samples")
    parser.add_argument("--misses", action="store_true", help="also show each mistake")
    parser.add_argument("--card", action="store_true", help="put the figures into the model card")
    options = parser.parse_args()
    scrubber = PresidioScrubber()
    lines: list[str] = []
    for name in options.sets:
        tests = samples(name)
        reports = {
            casing: measure(tests, scrubbed(tests, scrubber, change), change)
            for casing, change in CASINGS.items()
        }
        for casing, report in reports.items():
            lines += table(report, f"{name}, {casing}")
        lines += [lower_case_loss(reports), ""]
        if options.misses:
            lines += sorted(
                {f"{what}\t{text!r}" for each in reports.values() for what, text in each.misses}
            )
    print("\n".join(lines))
    if options.card:
        put_in_card(["", *lines])


if __name__ == "__main__":
    main()
