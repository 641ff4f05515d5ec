"""The spaCy pipeline and its component `care_ner`, which sets `doc.ents`.

This is the seam of the trained model: whatever finds names sits behind `care_ner`, and Presidio's
own spaCy engine and recognizer read its entities with their scores.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import filter_spans
from spacy.vocab import Vocab

from nlp.detection.entities import PERSON
from nlp.detection.names import find_names
from nlp.detection.word_lists import word_lists

LABELS: Final = (PERSON,)
"""What the component finds."""
SCORE: Final = "care_score"
"""The attribute of an entity that holds its score: `span._.care_score`."""

_TOKEN: Final = re.compile(r"[^\W_]{1,64}|\s{1,64}|[\W_]")


@Language.factory("care_ner")
def care_ner(nlp: Language, name: str) -> Callable[[Doc], Doc]:  # noqa: ARG001  # spaCy's signature
    """Make the component. It adds PERSON entities, each with its own score."""
    if not Span.has_extension(SCORE):
        Span.set_extension(SCORE, default=0.0)
    word_lists()

    def component(doc: Doc) -> Doc:
        spans = []
        for found in find_names(doc.text):
            span = doc.char_span(found.start, found.end, PERSON, alignment_mode="expand")
            if span is not None:
                span._.set(SCORE, found.score)
                spans.append(span)
        doc.set_ents(filter_spans(spans))
        return doc

    return component


def tokenizer(vocab: Vocab) -> Callable[[str], Doc]:
    """Make a tokenizer that takes linear time on any text.

    spaCy's own strips punctuation one character at a time and copies the rest each time, so a
    hundred thousand emoji in a row take it minutes.
    """

    def tokenize(text: str) -> Doc:
        words = _TOKEN.findall(text)
        return Doc(vocab, words=words, spaces=[False] * len(words))

    return tokenize


def pipeline() -> Language:
    """Build the pipeline. Nothing is downloaded."""
    nlp = spacy.blank("en")
    nlp.tokenizer = tokenizer(nlp.vocab)
    nlp.add_pipe("care_ner")
    return nlp
