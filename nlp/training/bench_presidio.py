"""What the scrubber is compared with: Presidio as it comes, over the same model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import tldextract
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NerModelConfiguration, NlpArtifacts, SpacyNlpEngine
from presidio_anonymizer import AnonymizerEngine
from spacy.language import Language
from spacy.tokens import Doc

from nlp.ner import LABELS

LANGUAGE: Final = "en"


class PlainNlpEngine(SpacyNlpEngine):
    """Presidio's spaCy engine over a pipeline that is given, with lower-case words as lemmas.

    Presidio's context words are compared with lemmas, and our pipeline makes none.
    """

    def __init__(self, nlp: Language) -> None:
        super().__init__(
            models=[{"lang_code": LANGUAGE, "model_name": "care"}],
            ner_model_configuration=NerModelConfiguration(
                model_to_presidio_entity_mapping={label: label for label in LABELS}
            ),
        )
        self.nlp: dict[str, Language] = {LANGUAGE: nlp}  # type: ignore[assignment]  # typed as None

    def _doc_to_nlp_artifact(self, doc: Doc, language: str) -> NlpArtifacts:
        for token in doc:
            token.lemma_ = token.lower_
        return super()._doc_to_nlp_artifact(doc, language)


def presidio_as_it_comes(nlp: Language) -> Callable[[str], str]:
    """Return Presidio's default registry, context enhancer and anonymizer over a pipeline.

    Its e-mail recognizer asks tldextract, which would download its list of domains on first use.
    Here it takes the one that it brings along.
    """
    offline = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())
    tldextract.extract = offline  # type: ignore[assignment]  # called with one text
    engine = PlainNlpEngine(nlp)
    registry = RecognizerRegistry(supported_languages=[LANGUAGE])
    registry.load_predefined_recognizers(languages=[LANGUAGE], nlp_engine=engine)
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=[LANGUAGE])
    anonymizer = AnonymizerEngine()  # type: ignore[no-untyped-call]

    def scrub(text: str) -> str:
        found = analyzer.analyze(text, LANGUAGE)
        # Its own example passes the analyzer's results on as they are.
        return anonymizer.anonymize(text, found).text  # type: ignore[arg-type]

    return scrub
