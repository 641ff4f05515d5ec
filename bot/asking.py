"""A question without Slack: what the desk would do with it. Behind `jetpack-care ask`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot import replies
from nlp.knowledge import Knowledge
from nlp.questions import IntentKind, understand
from nlp.scrubber import Scrubber
from nlp.text import RawText

LOOKED_UP_IN_SLACK = (
    "I look orders and returns up in Slack, in the conversation of the merchant whose they are."
)
TO_A_PERSON = "I'll hand that to a person at Jetpack Care."


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Answers single questions."""

    scrubber: Scrubber
    knowledge: Knowledge

    def ask(self, question: RawText) -> dict[str, object]:
        """Return `kind`, `text`, `sources` and `confidence` for a question.

        Raises:
            ScrubbingFailed: It could not be scrubbed.
        """
        text = self.scrubber.scrub(question).text
        intent = understand(text)
        if intent.kind is IntentKind.QUESTION:
            if intent.language is not None:
                return _line("handoff", replies.english_only(intent.language), [], 1.0)
            found = self.knowledge.answer(text)
            sources = [
                {"article": each.article, "section": each.section, "url": each.url}
                for each in found.sections
            ]
            return _line(found.kind, found.text, sources, found.confidence)
        if intent.kind is IntentKind.PERSON_WANTED:
            return _line("handoff", TO_A_PERSON, [], 1.0)
        if intent.kind is IntentKind.SMALLTALK:
            return _line("smalltalk", replies.smalltalk(text).text, [], 1.0)
        looked_up = intent.order_ids or intent.wish is not None
        known = LOOKED_UP_IN_SLACK if looked_up else replies.WHICH_ORDER
        return _line(intent.kind, known, [], 1.0)

    def explain(self, question: RawText) -> Iterator[str]:
        """Yield in lines of text why a question gets what it gets.

        Raises:
            ScrubbingFailed: It could not be scrubbed.
        """
        text = self.scrubber.scrub(question).text
        intent = understand(text)
        yield f"scrubbed    {text}"
        yield f"route       {intent.kind}"
        if intent.language is not None:
            yield f"language    {intent.language}"
        if intent.kind is not IntentKind.QUESTION or intent.language is not None:
            return
        judged = self.knowledge.judge(text)
        yield f"words       {' '.join(judged.words)}"
        for place, section in enumerate(judged.sections, 1):
            yield f"section {place}   {section.name}"
        yield (
            f"confidence  {judged.confidence:.2f}; an answer needs {judged.enough:.2f}, an offer "
            f"{judged.enough_to_ask_back:.2f}"
        )
        for name, value in judged.measures.items():
            yield f"            {value:6.2f}  {name}"
        if judged.not_covered is not None:
            yield f"not covered {judged.not_covered}"
        yield f"so          {self.knowledge.answer(text).kind}"


def _line(
    kind: str, text: str, sources: list[dict[str, str]], confidence: float
) -> dict[str, object]:
    return {
        "kind": str(kind),
        "text": text,
        "sources": sources,
        "confidence": round(confidence, 3),
    }
