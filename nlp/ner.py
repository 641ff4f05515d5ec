"""The spaCy pipeline and its component `care_ner`, which sets `doc.ents`.

Behind the component sits the trained model of `nlp/model/`. Presidio's own spaCy engine and
recognizer read its entities with their scores.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.vocab import Vocab

from nlp.detection.entities import PERSON, STREET_ADDRESS
from nlp.detection.tagging.tagged_spans import TaggedSpan
from nlp.detection.tagging.tagger import Tagger

LABELS: Final = (PERSON, STREET_ADDRESS)
"""What the component finds."""
SCORE: Final = "care_score"
"""The attribute of an entity that holds its score: `span._.care_score`."""

# Scripts that are written without spaces are a token a character, so that a name is not a sentence.
_TOKEN: Final = re.compile(
    r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
    r"|[^\W_\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]{1,64}|\s{1,64}|[\W_]"
)


class CareNer:
    """The component."""

    def __init__(self, tagger: Tagger) -> None:
        self._tagger = tagger

    def __call__(self, doc: Doc) -> Doc:
        """Set the entities of a document."""
        return _with_entities(doc, self._tagger.tag(doc.text))


def _with_entities(doc: Doc, found: Iterable[TaggedSpan]) -> Doc:
    spans: list[Span] = []
    for each in found:
        span = doc.char_span(each.start, each.end, each.label, alignment_mode="expand")
        if span is not None and (not spans or span.start >= spans[-1].end):
            span._.set(SCORE, each.score)
            spans.append(span)
    doc.set_ents(spans)
    return doc


@lru_cache(maxsize=1)
def shared_tagger() -> Tagger:
    """Return the model, loaded once for all pipelines. Raises ModelUnavailable."""
    return Tagger()


@Language.factory("care_ner")
def care_ner(nlp: Language, name: str) -> Callable[[Doc], Doc]:  # noqa: ARG001  # spaCy's signature
    """Make the component."""
    if not Span.has_extension(SCORE):
        Span.set_extension(SCORE, default=0.0)
    return CareNer(shared_tagger())


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
    """Build a pipeline around the shared model. Nothing is downloaded.

    Raises:
        ModelUnavailable: The model is missing or damaged.
    """
    nlp = spacy.blank("en")
    # What spaCy works out about each new word, such as its shape, nobody reads here.
    nlp.vocab.lex_attr_getters = {}  # type: ignore[attr-defined]  # missing in spaCy's stubs
    nlp.tokenizer = tokenizer(nlp.vocab)
    nlp.add_pipe("care_ner")
    return nlp
