"""Ordinary English that is there anyway: the documentation of Python's standard library.

The measured pilot found that the variety of ordinary sentences does more for precision than any
list of names. The texts are read from the installed packages under their own permissive licences
(Python: PSF-2.0; NumPy, SymPy: BSD-3-Clause; PyTorch: BSD-style) and are never copied into the
repository. Sentences in which a name may stand are left out, for nobody labelled them.
"""

from __future__ import annotations

import ast
import random
import re
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from nlp.training.identities import identity
from nlp.training.names import NAMES_SEEN_IN_PROSE, person
from nlp.training.templates import Piece

PACKAGES: Final = ("numpy", "sympy", "torch", "onnx", "networkx")
_SENTENCE: Final = re.compile(r"(?<=[.!?:])\s+(?=[A-Z])")
_MARKUP: Final = re.compile(r"``|`|:\w+:|\*\*|>>>|\.\. \w+::")
_WORTH: Final = re.compile(r"[A-Z][^\n]{18,260}[.!?]")
_CAPITAL_INSIDE: Final = re.compile(r"(?<=[a-z,;)] )[A-Z][a-z]+")
_SOMEBODY: Final = re.compile(
    r"\b(?:the (?:user|caller|client|programmer|developer|author|application|reader)|someone|they|we|you)\b",
    re.IGNORECASE,
)


def _docstrings(path: Path) -> Iterator[str]:
    try:
        tree = ast.parse(path.read_text("utf-8"))
    except (SyntaxError, ValueError, UnicodeDecodeError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            doc = ast.get_docstring(node)
            if doc:
                yield doc


def _files() -> Iterator[Path]:
    paths = sysconfig.get_paths()
    library = Path(paths["stdlib"])
    yield from sorted(library.glob("*.py"))
    for folder in (
        "asyncio",
        "email",
        "http",
        "json",
        "logging",
        "multiprocessing",
        "unittest",
        "xml",
        "pydoc_data",
    ):
        yield from sorted((library / folder).rglob("*.py"))
    for package in PACKAGES:
        yield from sorted((Path(paths["purelib"]) / package).rglob("*.py"))[:900]


def sentences() -> list[str]:
    """Return the distinct sentences, in a fixed order for fixed packages."""
    found: dict[str, None] = {}
    for path in _files():
        if "test" in path.parts or path.name.startswith("test_"):
            continue
        for doc in _docstrings(path):
            for paragraph in doc.split("\n\n"):
                text = _MARKUP.sub("", " ".join(paragraph.split()))
                for sentence in _SENTENCE.split(text):
                    if _WORTH.fullmatch(sentence) and not _may_name_somebody(sentence):
                        found[sentence] = None
    return list(found)


def _may_name_somebody(sentence: str) -> bool:
    if "----" in sentence or " :: " in sentence:
        return True
    letters = sum(char.isalpha() or char == " " for char in sentence)
    if letters < 0.8 * len(sentence):
        return True
    return any(word.lower() in NAMES_SEEN_IN_PROSE for word in _CAPITAL_INSIDE.findall(sentence))


def example(sentence: str, rng: random.Random) -> list[Piece]:
    """Return the sentence, in one of four with somebody in it."""
    if rng.random() > 0.25:
        return [Piece(sentence, None)]
    name = Piece(person(rng, identity(rng)), "PERSON")
    match = _SOMEBODY.search(sentence)
    if match:
        return [Piece(sentence[: match.start()], None), name, Piece(sentence[match.end() :], None)]
    said = rng.choice((" said: ", " writes that ", ": ", " told us ", " - ", " noted, "))
    if rng.random() < 0.5:
        return [name, Piece(said, None), Piece(sentence, None)]
    by = rng.choice((" says ", " - ", " (", " according to ", " asked ", ", thanks to "))
    return [
        Piece(sentence[:-1] + "," * (by == " says ") + by, None),
        name,
        Piece(")" if by == " (" else ".", None),
    ]
