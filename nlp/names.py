"""Finding people's names with word lists, casing and the words that announce a name.

This is what stands in the pipeline's place for names until the trained model comes; the lists of
words that look like names stay of use after that.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Final

from nlp.streets import STREET_LINE

CUED: Final = 0.9
"""A listed name where a name is announced. It beats the brand, month or city of the same name."""
FULL: Final = 0.8
GUESSED: Final = 0.65
"""A word that is no known name, where a name is announced or beside a known one."""
LONE: Final = 0.6

MAX_WORDS: Final = 5


class Cue(IntEnum):
    """How surely a name follows."""

    LISTED = 1
    """Only names of the lists: "tell maria"."""
    CAPITAL = 2
    """Also an unknown word that starts with a capital: "customer Thandi"."""
    ANY = 3
    """Also an unknown lower-case word: "my name is thandi"."""


@dataclass(frozen=True, slots=True)
class NameSpan:
    """A name, in code points of the text given."""

    start: int
    end: int
    score: float


@dataclass(frozen=True)
class Word:
    """One word of a text and how it looks."""

    start: int
    end: int
    text: str
    lists: WordLists

    @cached_property
    def plain(self) -> str:
        """Lower-case without accents, as the lists are written."""
        lower = self.text.lower()
        if not lower.isascii():
            marks = unicodedata.normalize("NFKD", lower)
            lower = "".join(char for char in marks if not unicodedata.combining(char))
        return lower

    @property
    def capital(self) -> bool:
        """Starts with an upper-case letter (or is of a script without case)."""
        return self.text[0].isupper() or not (self.text[0].islower() or self.text.isascii())

    @property
    def shouted(self) -> bool:
        """All upper-case."""
        return len(self.text) > 1 and self.text.isupper()

    @property
    def given(self) -> bool:
        """A listed given name."""
        return self.sure_given or self.plain in self.lists.given_words

    @property
    def surname(self) -> bool:
        """A listed surname, or two joined by a hyphen."""
        return any(
            part in self.lists.surnames or part in self.lists.surname_words
            for part in re.split("[-']", self.plain)
            if len(part) > 1
        ) or bool(_SURNAME_SHAPE.fullmatch(self.plain))

    @property
    def listed(self) -> bool:
        """A listed name of either kind."""
        return self.given or self.surname

    @property
    def sure_given(self) -> bool:
        """A given name that is nothing else."""
        first, hyphen, _ = self.plain.partition("-")
        return self.plain in self.lists.given or (
            bool(hyphen) and (first in self.lists.given or first in self.lists.given_words)
        )

    @property
    def sure_surname(self) -> bool:
        """A surname that is nothing else."""
        return self.surname and self.plain not in self.lists.surname_words

    @property
    def common(self) -> bool:
        """An ordinary word of this trade, which no guess takes for a name."""
        return self.plain in self.lists.common


@dataclass(frozen=True, slots=True)
class WordLists:
    """The word lists of `names.txt` and `common_words.txt`."""

    given: frozenset[str]
    given_words: frozenset[str]
    surnames: frozenset[str]
    surname_words: frozenset[str]
    common: frozenset[str]


@lru_cache(maxsize=1)
def word_lists() -> WordLists:
    """Read the word lists, once."""
    sections: dict[str, set[str]] = {}
    for name in ("names.txt", "common_words.txt"):
        section = name
        for line in (files("nlp") / name).read_text("utf-8").splitlines():
            if line.startswith("["):
                section = line.strip("[]")
            elif not line.startswith("#"):
                sections.setdefault(section, set()).update(line.split())
    return WordLists(
        given=frozenset(sections["given"]),
        given_words=frozenset(sections["given also words"]),
        surnames=frozenset(sections["surnames"]),
        surname_words=frozenset(sections["surnames also words"]),
        common=frozenset(sections["common_words.txt"]),
    )


_WORD: Final = re.compile(r"(?<![^\W_])[^\W\d_]{1,40}(?:['-][^\W\d_]{1,40}){0,3}(?![^\W_])")
_INITIAL_OR_SPACE: Final = re.compile(r"[ \t]{1,3}|\.[ \t]{0,2}")
_PARTICLES: Final = frozenset(
    "de da do dos das del della di du la le los van von der den ter bin ibn al el san st zu y e".split()
)
_SURNAME_SHAPE: Final = re.compile(
    r"[^\W\d_]{2,20}(?:czyk|wski|wska|owicz|ewicz|enko|opoulos|opoulou|ashvili|uddin|ullah|swamy"
    r"|sson|stein|bauer|ovic|evic|escu|yan[ct]?z|guez|quez|inez)|mc[^\W\d_]{3,12}|o'[^\W\d_]{3,12}"
)
_HONORIFIC: Final = r"(?:mr|mrs|ms|mx|dr|prof|professor|sir|madam|miss|mister|sr|sra|señora?|herr|frau|monsieur|madame|mme)"
_IS: Final = r"(?: (?:is|are|was|named|called|reads|says|should be))?"
_ROLE: Final = (
    r"(?:customers?|buyers?|clients?|recipients?|consignee|addressee|receiver|shoppers?|purchaser|guest|cardholder"
    r"|account holder|card holder|contact|gift recipient|neighbou?rs?|roommate|wife|husband|spouse|partner|son"
    r"|daughter|mother|father|mom|mum|dad|brother|sister|aunt|uncle|cousin|assistant|receptionist|colleague|boss)"
)
_CUES: Final = (
    (
        Cue.ANY,
        r"(?:my|his|her|their|your|the|full|legal|real|buyer'?s?|customer'?s?|recipient'?s?|client'?s?|person'?s?|first"
        r"|last|middle|given|family|contact|receiver'?s?|sur|cardholder|correct|whose)[ _-]?names?"
        r"(?: on (?:the |my |their )?(?:order|label|card|account|package|box|address|mailbox))?"
        r"(?: (?:is|was|are|should be|reads|says|would be)|\"? ?[:=]) ?\"?",
    ),
    (Cue.ANY, r"(?<!product )(?<!item )(?<!file )(?<!brand )(?<!store )(?<!company )(?<!user )(?<!listing )(?<!seller )"
              r"(?<!shop )(?<!domain )(?<!host )(?<!template )(?<!service )names?\"? ?[:=] ?\"?"),
    (Cue.ANY, r"(?:recipient|ship(?:ped)? to|deliver(?:ed)? to|sold to|bill to|attn|attention|fao|addressee|consignee|buyer|customer"
              r"|client|contact|cardholder|sender|signed(?: for)? by|shipto|ship_to|cliente|destinatario|destinataire"
              r"|empf[äa]nger|kunde|kundin|nombre|nom|signature)\"? ?[:=] ?\"?"),
    (Cue.ANY, r"c/o |care of |attn\.? |fao |in the name of |goes by (?:the name )?|(?:mi nombre es|me llamo|ich hei(?:ß|ss)e|mein name ist"
              r"|je m'appelle|mon nom est|mi chiamo|меня зовут|nazywam si[ęe]) |(?:姓名|收件人|名前)[:： ]?"),
    (Cue.ANY, _HONORIFIC + r"\.? (?=[^\W\d_])"),
    (Cue.CAPITAL, _ROLE + _IS + r"[,:]? "),
    (Cue.CAPITAL, r"(?:spoke (?:with|to)|speak (?:with|to)|talked (?:with|to)|talking to|chatted with|signed(?: for)? by|left with|handed to"
                  r"|received by|accepted by|addressed to|sent to|gift (?:for|from|to)|on behalf of|named|called|name is|name's|i am|i'm"
                  r"|this is|it's|regards,?|sincerely,?|cheers,?|thanks,|thank you,|best,|love,|xoxo,?|signed,?|from:|to:|by:|cc:|via) ?"),
    (Cue.CAPITAL, r"(?:hi|hey|hello|dear|good morning|good afternoon|good evening|hiya|hola|bonjour|hallo) "),
    (Cue.LISTED, r"(?:ship(?:s|ped|ping)? (?:it |this |them )?to|deliver(?:ed|y)? to|sen[dt] (?:it |this |them )?to|for|from|by|with|tell|told"
                 r"|ask|asked|and|to|thanks|thank you|cc|@|-|–|~) ?"),
)  # fmt: skip


@lru_cache(maxsize=1)
def _cue_patterns() -> tuple[tuple[Cue, re.Pattern[str]], ...]:
    return tuple(
        (cue, re.compile(r"(?<![\w'])(?:" + pattern + r")\s{0,2}(?=[^\W_])", re.IGNORECASE))
        for cue, pattern in _CUES
    )


_SIGN_OFF: Final = re.compile(
    r"(?:^|\n)[ \t]{0,4}(?:[-–~][ \t]?|(?:many |kind |best |warm )?(?:thanks|thank you|regards|cheers|sincerely|best"
    r"|wishes|thx)[ \t]{0,2}[,!.-]{0,2}\s{1,3}[-–~]?[ \t]?)(?=[^\W_])",
    re.IGNORECASE,
)
# A line of words above a street line, as on a label; or the same with a comma between.
_LABEL_LINE: Final = re.compile(
    r"^[ \t]{0,4}(?P<name>[^\W\d_][^\n\d,:;<>@\ufffc]{2,50}?)[ \t]{0,4},?\n(?:[^\n]{2,50}\n)?[ \t]{0,4}"
    rf"(?:{STREET_LINE}|p\.? ?o\.? box)",
    re.IGNORECASE | re.MULTILINE,
)
_BEFORE_STREET: Final = re.compile(
    r"(?P<name>(?:[^\W\d_][\w'.-]{0,30} ){1,3}[^\W\d_][\w'-]{0,30}),? (?:at )?" + rf"(?={STREET_LINE})",
    re.IGNORECASE,
)
_COMPANY_FORM: Final = frozenset("llc inc ltd corp co gmbh ag sarl srl bv plc company group".split())
_PLACE_WORD: Final = frozenset(
    "street st avenue ave road rd lane ln drive dr blvd county city island beach springs valley hospital church school"
    " university airport park hill hills court station square".split()
)


def find_names(text: str) -> list[NameSpan]:
    """Return the names, in order, not overlapping."""
    lists = word_lists()
    words = [Word(m.start(), m.end(), m.group(), lists) for m in _WORD.finditer(text)]
    announced = _announced(text)
    found: list[NameSpan] = []
    place = 0
    while place < len(words):
        cue = announced.get(words[place].start)
        span = cue and _take(text, words, place, cue)
        span = span or _by_itself(text, words, place)
        if span:
            size, score = span
            found.append(_span(words, place, size, score))
            place += size
        else:
            place += 1
    return found


def _announced(text: str) -> dict[int, Cue]:
    """Return at which offsets a name is announced, and how surely."""
    announced: dict[int, Cue] = {}

    def announce(at: int, cue: Cue) -> None:
        announced[at] = max(cue, announced.get(at, cue))

    for cue, pattern in _cue_patterns():
        for match in pattern.finditer(text):
            announce(match.end(), cue)
    for match in _SIGN_OFF.finditer(text):
        announce(match.end(), Cue.CAPITAL)
    for match in _LABEL_LINE.finditer(text):
        announce(match.start("name"), Cue.ANY)
    for match in _BEFORE_STREET.finditer(text):
        # The name is what stands last before the street: skip the words of the sentence. Only
        # a comma between the two says so surely that lower-case words count.
        comma = text[match.end("name")] == ","
        before = list(_WORD.finditer(text, match.start("name"), match.end("name")))
        for word in reversed(before):
            if word.group().lower() in word_lists().common:
                break
            announce(word.start(), Cue.ANY if comma else Cue.CAPITAL)
    return announced


def _joined(text: str, words: Sequence[Word], place: int) -> bool:
    """Say whether the word at `place` follows the one before with nothing but space between."""
    if place >= len(words):
        return False
    before, gap = words[place - 1], text[words[place - 1].end : words[place].start]
    if len(before.text) == 1 or before.plain in {"st", "jr", "sr"}:
        return _INITIAL_OR_SPACE.fullmatch(gap) is not None
    return gap in {" ", "  ", "\t"}


def _take(text: str, words: Sequence[Word], place: int, cue: Cue) -> tuple[int, float] | None:
    """Return how many words from `place` make up the announced name, and the score."""
    first = words[place]
    if cue is not Cue.ANY and not first.capital and not (first.sure_given and len(first.text) > 2):
        return None
    if cue is Cue.LISTED and not (first.sure_given or (first.given and first.capital)):
        return None
    size, listed = 0, False
    for word, number in _run(text, words, place):
        if word.plain in _COMPANY_FORM:
            return None
        particle = number > 0 and word.plain in _PARTICLES
        known = word.listed and (word.capital or not word.common)
        if particle or (known and (not word.common or word.capital)):
            pass
        elif word.common or (number == 0 and len(word.text) == 1 and not word.capital):
            break
        elif word.capital and (cue is not Cue.LISTED or number > 0):
            # In a shouted text capitals say nothing; after a sure cue the word is taken anyway.
            if word.shouted and cue is not Cue.ANY and not listed:
                break
        elif cue is not Cue.ANY:
            break
        listed = listed or known
        size = number + 1
    size = _without_trailing_particles(words, place, size)
    if size == 0:
        return None
    if size == 1 and first.common and not (first.given and first.capital):
        return None
    if not listed:
        return size, GUESSED
    return size, CUED if cue is not Cue.LISTED else FULL if size > 1 else LONE


def _run(text: str, words: Sequence[Word], place: int) -> Iterator[tuple[Word, int]]:
    """Yield the words from `place` on that are joined by spaces, with their number."""
    for number in range(MAX_WORDS):
        if place + number >= len(words) or (number and not _joined(text, words, place + number)):
            return
        yield words[place + number], number


def _without_trailing_particles(words: Sequence[Word], place: int, size: int) -> int:
    while size > 1 and words[place + size - 1].plain in _PARTICLES:
        size -= 1
    return size


def _by_itself(text: str, words: Sequence[Word], place: int) -> tuple[int, float] | None:
    """Return how many words from `place` are a name that nothing announces, and the score."""
    first = words[place]
    second = words[place + 1] if _joined(text, words, place + 1) else None
    if _surname_first(text, words, place):
        return 2, FULL
    if second is None:
        return (1, LONE) if _lone(first) else None
    if first.given:
        size = _full_name(text, words, place)
        if size > 1:
            return size, FULL if first.sure_given or words[place + 1].sure_surname else LONE
        follows_place = second.plain in _PLACE_WORD and second.capital
        return (1, LONE) if _lone(first) and not follows_place else None
    if first.capital and second.capital and second.sure_surname and not first.shouted:
        initial = len(first.text) == 1
        unknown = not first.common and not first.listed and second.plain in first.lists.surnames
        if initial or unknown:
            return 2, GUESSED
    return None


def _lone(word: Word) -> bool:
    """Say whether the word alone is a given name and nothing else."""
    if not word.sure_given or word.common:
        return False
    return len(word.text) > 2 if word.capital else len(word.text) > 3


def _full_name(text: str, words: Sequence[Word], place: int) -> int:
    """Return how many words the given name at `place` and what follows make up; 1 if alone."""
    first, size = words[place], 1
    for word, number in _run(text, words, place):
        if number == 0:
            continue
        if word.plain in _PARTICLES and not word.common:
            continue
        initial = len(word.text) == 1 and word.capital
        if first.capital and not first.shouted:
            # A surname is listed, or is an unknown capitalised word after a sure given name.
            fits = (word.capital and not word.shouted and word.listed) or initial
            guess = word.capital and not word.shouted and not word.common and first.sure_given
            if not (fits or guess) or (word.common and not first.sure_given):
                break
        elif not (
            (word.sure_surname or (word.surname and first.sure_given) or word.sure_given)
            and not word.common
        ):
            break
        size = number + 1
    return size


def _surname_first(text: str, words: Sequence[Word], place: int) -> bool:
    """Say whether it is "Smith, John"."""
    if place + 1 >= len(words):
        return False
    first, second = words[place], words[place + 1]
    gap = text[first.end : second.start]
    return (
        gap in {", ", ","}
        and first.sure_surname
        and second.sure_given
        and first.capital
        and second.capital
        and not first.sure_given
    )


def _span(words: Sequence[Word], place: int, size: int, score: float) -> NameSpan:
    start, last = words[place].start, words[place + size - 1]
    end = last.end - 2 if last.plain.endswith("'s") and len(last.text) > 3 else last.end
    return NameSpan(start, end, score)
