"""How well questions are answered: `make evaluate` prints it after the scrubber's figures.

    python -m tests.benchmarks.answers

The questions are in `tests/nlp/questions/held_out.jsonl`. They were written from the guide and the
headings of the articles, apart from their examples and the vocabulary, and are frozen by a hash;
nothing is tuned on them. Intervals are Wilson's, of 95 %.
"""

from __future__ import annotations

import json
import math
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from tqdm import tqdm

from nlp.answers.judging import Judge
from nlp.answers.question_bank import QuestionBank
from nlp.answers.sections import Section
from nlp.answers.vocabulary import Vocabulary
from nlp.knowledge import ARTICLES, Answer, Kind, Knowledge
from nlp.questions import IntentKind, understand
from nlp.text import ScrubbedText

HELD_OUT: Final = Path(__file__).parents[1] / "nlp" / "questions" / "held_out.jsonl"
DISTRACTORS: Final = (1_000, 2_000, 10_000)
SEED: Final = 11
_Z: Final = 1.959964
"""The quantile of the normal distribution for 95 %, both sides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A line of the set.

    Attributes:
        id: Its name.
        kind: `answerable`, `unanswerable`, `routing` or `follow_up`.
        questions: What is asked, in order; two for a follow-up.
        sections: The sections that answer it.
        topic: The section, the subject, or where it is to be routed.
    """

    id: str
    kind: str
    questions: tuple[str, ...]
    sections: frozenset[str]
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share of a number of questions."""

    hits: int
    of: int

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval (E. B. Wilson, 1927)."""
        if not self.of:
            return 0.0, 1.0
        share, n = self.hits / self.of, self.of
        middle = share + _Z * _Z / (2 * n)
        spread = _Z * math.sqrt(share * (1 - share) / n + _Z * _Z / (4 * n * n))
        scale = 1 + _Z * _Z / n
        return (middle - spread) / scale, (middle + spread) / scale

    def __str__(self) -> str:
        """Return the share, its interval and the counts."""
        if not self.of:
            return "none asked"
        low, high = self.interval
        return f"{self.hits / self.of:6.1%}  ({low:.1%} to {high:.1%}; {self.hits} of {self.of})"


def held_out() -> tuple[Question, ...]:
    """Read the set."""
    return tuple(
        Question(
            id=line["id"],
            kind=line["kind"],
            questions=tuple(line["questions"]),
            sections=frozenset(line["sections"]),
            topic=line["topic"],
        )
        for line in map(json.loads, HELD_OUT.read_text(encoding="utf-8").splitlines())
    )


def figures(knowledge: Knowledge, questions: Sequence[Question]) -> Iterator[tuple[str, Share]]:
    """Yield what is measured on single questions, by name."""
    asked = [(each, _ask(knowledge, each)) for each in questions if each.kind == "answerable"]
    answered = [(each, found) for each, found in asked if found.kind is Kind.ANSWER]
    right = sum(found.sections[0].name in each.sections for each, found in answered)
    offered = sum(
        bool(each.sections & {section.name for section in found.sections}) for each, found in asked
    )
    yield "right section in the answer", Share(hits=right, of=len(asked))
    yield "right, or among those offered", Share(hits=offered, of=len(asked))
    yield "right when it answers", Share(hits=right, of=len(answered))
    topics = sorted({each.topic for each in questions if each.kind == "unanswerable"})
    unknown = [(each, _ask(knowledge, each)) for each in questions if each.kind == "unanswerable"]
    wrong = sum(found.kind is Kind.ANSWER for _, found in unknown)
    yield "answered though nobody knows", Share(hits=wrong, of=len(unknown))
    for topic in topics:
        of_topic = [found for each, found in unknown if each.topic == topic]
        hits = sum(found.kind is Kind.ANSWER for found in of_topic)
        yield f"  of which {topic}", Share(hits=hits, of=len(of_topic))


def follow_ups(knowledge: Knowledge, questions: Sequence[Question]) -> Iterator[tuple[str, Share]]:
    """Yield how many second questions of a pair are answered right, after the first one."""
    pairs = [each for each in questions if each.kind == "follow_up"]
    answered = offered = alone = 0
    for each in pairs:
        first, second = map(ScrubbedText, each.questions)
        found = knowledge.answer(second, knowledge.answer(first).leads_on)
        names = [section.name for section in found.sections]
        answered += found.kind is Kind.ANSWER and names[0] in each.sections
        offered += bool(each.sections.intersection(names))
        by_itself = knowledge.answer(second)
        alone += by_itself.kind is Kind.ANSWER and by_itself.sections[0].name in each.sections
    yield "follow-ups: right in the answer", Share(hits=answered, of=len(pairs))
    yield "follow-ups: right, or offered", Share(hits=offered, of=len(pairs))
    yield "  without the question before", Share(hits=alone, of=len(pairs))


def routing(questions: Sequence[Question]) -> Iterator[tuple[str, Share]]:
    """Yield how many messages go where they belong."""
    known = [each for each in questions if each.kind == "routing"]
    yield "routed right", _routed(known)
    for topic in sorted({each.topic for each in known}):
        yield f"  of which {topic}", _routed([each for each in known if each.topic == topic])
    to_articles = [each for each in questions if each.kind == "answerable"]
    hits = sum(
        understand(ScrubbedText(each.questions[0])).kind is IntentKind.QUESTION
        for each in to_articles
    )
    yield "questions routed to the articles", Share(hits=hits, of=len(to_articles))


def with_distractors(knowledge: Knowledge, many: int) -> Knowledge:
    """Return a knowledge base with as many sections of other domains beside its own."""
    sections = (*knowledge.sections, *distractors(many))
    return Knowledge(Judge(sections, Vocabulary.load(ARTICLES), QuestionBank.load(ARTICLES)))


def distractors(many: int) -> Iterator[Section]:
    """Make sections of other domains, the same ones each time."""
    chance = random.Random(SEED)
    for number in range(many):
        domain = chance.choice(tuple(_DOMAINS))
        things, deeds, ends = _DOMAINS[domain]
        thing, other = chance.sample(things, 2)
        deed, end = chance.choice(deeds), chance.choice(ends)
        title = chance.choice(
            (f"How to {deed} the {thing}", f"When to {deed} a {thing}", f"{thing} and {other}")
        )
        yield Section(
            article=f"{domain}-{number}",
            section="about",
            title=title.capitalize(),
            article_title=f"All about {domain}",
            short_answer=(
                f"To {deed} the {thing}, first look at the {other}. {end.capitalize()}, and "
                f"{chance.choice(deeds)} it again within {chance.randint(2, 60)} days."
            ),
            steps=f"1. Open the {other}.\n2. {deed.capitalize()} the {thing}.\n3. Look again.",
            url=f"https://care.jetpack.example/kb/{domain}-{number}#about",
            last_reviewed=date(2026, 11, 1),
            examples=(f"how do i {deed} my {thing}", f"what if the {thing} has no {other}"),
            related=(),
        )


def main() -> None:
    """Write the figures to standard output."""
    questions, knowledge = held_out(), Knowledge.load()
    _write(f"Answers: {len(questions)} held-out questions, {len(knowledge.sections)} sections\n")
    for name, share in (
        *figures(knowledge, questions),
        *follow_ups(knowledge, questions),
        *routing(questions),
    ):
        _write(f"  {name:<38}{share}")
    for many in DISTRACTORS:
        began = time.perf_counter()
        large = with_distractors(knowledge, many)
        built = time.perf_counter() - began
        _write(f"\n  with {many} sections of other domains (index built in {built:.1f} s)")
        for name, share in tuple(figures(large, questions))[:4]:
            _write(f"  {name:<38}{share}")
        times = sorted(_times(large, questions))
        middle, late = times[len(times) // 2], times[int(len(times) * 0.95)]
        _write(f"  a question takes {middle:.2f} ms (half), {late:.2f} ms (95 of 100)")


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _times(knowledge: Knowledge, questions: Sequence[Question]) -> Iterator[float]:
    """Yield the processor milliseconds that each question takes."""
    for each in tqdm(questions, desc="asking", unit=" questions", disable=None, file=sys.stderr):
        began = time.process_time()
        _ask(knowledge, each)
        yield (time.process_time() - began) * 1e3


def _ask(knowledge: Knowledge, question: Question) -> Answer:
    return knowledge.answer(ScrubbedText(question.questions[0]))


def _routed(questions: Sequence[Question]) -> Share:
    hits = sum(
        understand(ScrubbedText(each.questions[0])).kind.value == each.topic for each in questions
    )
    return Share(hits=hits, of=len(questions))


_DOMAINS: Final = {
    "gardening": (
        ("tomato bed", "rose bush", "compost heap", "lawn", "hedge", "seed tray", "greenhouse"),
        ("water", "prune", "mulch", "feed", "move", "cover", "thin out"),
        ("wait for a dry morning", "mix in sand", "keep the frost away", "leave the roots alone"),
    ),
    "cooking": (
        ("pie crust", "broth", "cast-iron pan", "sourdough", "oven", "marinade", "spice rack"),
        ("season", "heat", "chill", "whisk", "store", "fold", "taste"),
        ("let it rest", "add a pinch of salt", "lower the flame", "cover it with a cloth"),
    ),
    "servers": (
        ("log volume", "load balancer", "cluster node", "backup job", "certificate", "cache"),
        ("restart", "scale", "patch", "drain", "rotate", "monitor", "restore"),
        ("take a snapshot", "warn the team on call", "read the release notes", "check the quota"),
    ),
    "travel": (
        ("boarding pass", "rail ticket", "hotel room", "visa", "rental car", "suitcase", "tour"),
        ("book", "change", "cancel", "print", "upgrade", "confirm", "collect"),
        ("bring your passport", "arrive two hours early", "keep the voucher", "ask at the desk"),
    ),
    "payroll": (
        ("payslip", "time sheet", "pension form", "overtime request", "expense report", "bonus"),
        ("submit", "approve", "correct", "export", "sign", "review", "archive"),
        ("inform the manager", "attach the receipt", "check the month", "save a copy"),
    ),
}
"""Things, what is done with them, and how it ends, by domain."""


if __name__ == "__main__":
    main()
