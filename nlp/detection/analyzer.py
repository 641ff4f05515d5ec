"""Presidio's analyzer over our own registry and our own spaCy pipeline."""

from __future__ import annotations

from typing import Final

from presidio_analyzer import (
    AnalyzerEngine,
    EntityRecognizer,
    RecognizerRegistry,
    RecognizerResult,
)
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NerModelConfiguration, NlpArtifacts, SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import SpacyRecognizer
from spacy.language import Language
from spacy.tokens import Doc

from nlp.detection.entities import ENTITY_TYPES
from nlp.detection.spans import Span
from nlp.detection.tagging.tagged_spans import SEED
from nlp.ner import LABELS, SCORE, pipeline
from nlp.recognizers import LANGUAGE, recognizers

THRESHOLD: Final = SEED
"""What scores less is not PII. Presidio's own default is 0, which takes everything."""


class CareNlpEngine(SpacyNlpEngine):
    """Presidio's spaCy engine over a pipeline that is given, so that nothing is ever downloaded.

    It passes on the score of each entity, where Presidio's has one constant for all, and leaves
    out lemmas and keywords, which nobody reads here.
    """

    def __init__(self, nlp: Language) -> None:
        super().__init__(
            models=[{"lang_code": LANGUAGE, "model_name": "care"}],
            ner_model_configuration=NerModelConfiguration(
                model_to_presidio_entity_mapping={label: label for label in LABELS}
            ),
        )
        self.nlp: dict[str, Language] = {LANGUAGE: nlp}  # type: ignore[assignment]  # typed as None

    def _doc_to_nlp_artifact(self, doc: Doc, language: str) -> NlpArtifacts:  # noqa: ARG002
        return self.artifacts(doc)

    def artifacts(self, doc: Doc) -> NlpArtifacts:
        """Return what Presidio's recognizers get to know of a document."""
        entities = list(doc.ents)
        return NlpArtifacts(
            entities=entities,
            tokens=doc,
            tokens_indices=[],
            lemmas=[],
            nlp_engine=self,
            language=LANGUAGE,
            scores=[entity._.get(SCORE) for entity in entities],
        )


class ContextInTheRules(ContextAwareEnhancer):
    """Leaves the scores as they are: our rules look for their context words themselves."""

    def __init__(self) -> None:
        super().__init__(
            context_similarity_factor=0.0,
            min_score_with_context_similarity=0.0,
            context_prefix_count=0,
            context_suffix_count=0,
        )

    def enhance_using_context(
        self,
        text: str,  # noqa: ARG002  # Presidio's signature
        raw_results: list[RecognizerResult],
        nlp_artifacts: NlpArtifacts,  # noqa: ARG002
        recognizers: list[EntityRecognizer],  # noqa: ARG002
        context: list[str] | None = None,  # noqa: ARG002
    ) -> list[RecognizerResult]:
        """Return the results as they are."""
        return raw_results


class Detector:
    """Finds PII in the detection text. For one thread at a time: spaCy promises no more.

    Raises:
        ModelUnavailable: The model is missing or damaged.
    """

    def __init__(self) -> None:
        entities = SpacyRecognizer(
            supported_language=LANGUAGE, supported_entities=list(LABELS), name="care_ner entities"
        )
        self.engine = CareNlpEngine(pipeline())
        self._analyzer = AnalyzerEngine(
            registry=RecognizerRegistry([*recognizers(), entities], supported_languages=[LANGUAGE]),
            nlp_engine=self.engine,
            supported_languages=[LANGUAGE],
            context_aware_enhancer=ContextInTheRules(),
        )

    def detect(self, text: str) -> list[Span]:
        """Return what the model and the rules find.

        The memory zone keeps spaCy from storing every word it ever saw, names included.
        """
        nlp = self.engine.get_nlp(LANGUAGE)
        with nlp.memory_zone():
            return self._found(text, self.engine.artifacts(nlp(text)))

    def detect_by_rules(self, text: str) -> list[Span]:
        """Return what the rules find, without the model."""
        return self._found(text, self.engine.artifacts(Doc(self.engine.get_nlp(LANGUAGE).vocab)))

    def _found(self, text: str, artifacts: NlpArtifacts) -> list[Span]:
        return [
            Span(
                start=result.start,
                end=result.end,
                entity_type=result.entity_type,
                score=result.score,
            )
            for result in self._analyzer.analyze(
                text,
                LANGUAGE,
                entities=list(ENTITY_TYPES),
                score_threshold=THRESHOLD,
                nlp_artifacts=artifacts,
            )
        ]
