"""The recognizer of all that has a form: one for Presidio's registry, over our own rules.

One and not twelve, because Presidio's work around its recognizers grows with their number times
that of the results. Presidio's own are left out on purpose: its e-mail recognizer fetches a list
over the network, its default list takes order ids for driver licences, and its
`PatternRecognizer` skips a pattern that takes too long, where we must fail instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from presidio_analyzer import AnalysisExplanation, LocalRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from nlp.detection import entities
from nlp.detection.patterns import numbers
from nlp.detection.patterns.emails import email_rules
from nlp.detection.patterns.phones import phone_rules
from nlp.detection.patterns.rules import Reading, Rule, RuleBook
from nlp.detection.patterns.streets import street_rules

LANGUAGE: Final = "en"
NAME: Final = "care rules"
"""As Presidio's results name it."""


class RuleRecognizer(LocalRecognizer):
    """A Presidio recognizer over rules."""

    def __init__(self, rules: Mapping[str, Sequence[Rule]]) -> None:
        self.rules = dict(rules)
        self._book = RuleBook(rules)
        super().__init__(supported_entities=list(rules), supported_language=LANGUAGE, name=NAME)
        self._metadata = {
            RecognizerResult.RECOGNIZER_NAME_KEY: NAME,
            RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
        }

    def load(self) -> None:
        """Do nothing: the rules are given."""

    def analyze(
        self,
        text: str,
        entities: Sequence[str],
        nlp_artifacts: NlpArtifacts | None = None,  # noqa: ARG002  # Presidio's signature
    ) -> list[RecognizerResult]:
        """Return the results of these entity types for the text."""
        return [
            RecognizerResult(
                entity_type=entity_type,
                start=match.start,
                end=match.end,
                score=match.score,
                analysis_explanation=AnalysisExplanation(NAME, match.score),
                recognition_metadata=self._metadata,
            )
            for entity_type, match in self._book.find(Reading(text))
            if entity_type in entities
        ]


@lru_cache(maxsize=1)
def rules() -> Mapping[str, Sequence[Rule]]:
    """Compile the rules for every entity type but PERSON, which has no form."""
    return {
        entities.EMAIL_ADDRESS: email_rules(),
        entities.PHONE_NUMBER: phone_rules(),
        entities.STREET_ADDRESS: street_rules(),
        entities.CREDIT_CARD: numbers.card_rules(),
        entities.IBAN_CODE: numbers.iban_rules(),
        entities.US_SSN: numbers.ssn_rules(),
        entities.US_ITIN: numbers.itin_rules(),
        entities.US_PASSPORT: numbers.passport_rules(),
        entities.US_DRIVER_LICENSE: numbers.driver_license_rules(),
        entities.US_BANK_NUMBER: numbers.bank_rules(),
        entities.IP_ADDRESS: numbers.ip_rules(),
        entities.DATE_OF_BIRTH: numbers.birth_rules(),
    }


def recognizers() -> list[RuleRecognizer]:
    """Build the recognizers but the one for the spaCy pipeline's entities."""
    return [RuleRecognizer(rules())]
