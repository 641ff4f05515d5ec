"""In which language is a text, if not in English? Told by its commonest words and its letters.

Good enough to say that we understand English alone. A short text, or one of both,
counts as English.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Final

from nlp.answers.vocabulary import split

ANOTHER: Final = "another language"
"""What is said of a text whose letters are not Latin."""

_COMMON: Final[Mapping[str, frozenset[str]]] = {
    language: frozenset(words.split())
    for language, words in {
        "English": """
            the a is are do does did can could how what when where why who which my our your
            you i we it they to of in on for and or not have has will would should be with
            this that if from at as an
        """,
        "Spanish": """
            el la los las un una es son como que cuando donde por para mi mis su de del en y
            o no puedo puede tengo hola gracias con se al pedido quiero hay cual cuanto está
            pedidos
        """,
        "French": """
            le la les un une des est sont comment que quand où pour mon ma mes votre vos de
            du en et ou pas puis je nous vous bonjour merci avec ce qui sur dans ne commande
            quel
        """,
        "German": """
            der die das ein eine ist sind wie was wann wo warum mein meine ihr ihre von und
            oder nicht ich wir sie es mit zu im in den dem auf für kann können hallo danke
            haben
        """,
        "Italian": """
            il lo la gli le un una è sono come che quando dove per mio mia di del in e o non
            posso può ho ciao grazie con si al ordine voglio quale quanto
        """,
        "Portuguese": """
            o a os as um uma é são como que quando onde por para meu minha de do da em e ou
            não posso pode tenho olá obrigado com se ao pedido quero qual quanto você
        """,
    }.items()
}
_LEAST: Final = 2
"""So many words of a language are needed to take a text for it."""


def foreign(text: str) -> str | None:
    """Return the language of a text that is not English; None for English and where in doubt."""
    letters = [letter for letter in text if letter.isalpha()]
    other = sum(not unicodedata.name(letter, "LATIN").startswith("LATIN") for letter in letters)
    if other * 2 > len(letters):
        return ANOTHER
    words = split(text)
    known = {name: sum(word in common for word in words) for name, common in _COMMON.items()}
    best = max(known, key=lambda name: known[name])
    if best == "English" or known[best] < _LEAST or known[best] <= 2 * known["English"]:
        return None
    return best
