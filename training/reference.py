"""The features once more in plain Python, for scikit-learn's own TF-IDF: what `stance.features` must equal and outrun.

Written after the descriptions of the features and not after their code: one passage at a time, names in place of numbers.
Each distinct word is looked at once here too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion

from stance.actors import PRONOUN, ROLES, VERB_AFTER, VERB_BEFORE, role_of, verb_of
from stance.features import PassageVectorizer
from stance.lexicon import stem_of
from stance.reading import Passage, split
from stance.text import WORD, fold

__all__ = ["Analyzer", "reference"]

_REACH = {VERB_AFTER: range(1, 9), VERB_BEFORE: range(-1, -15, -1)}
_NAMES = ("narrator", *ROLES, "he or she", "somebody")
_SOMEBODY = PRONOUN + 1
_OF_WORDS = ("stem", "stem pair", "word")
_Said = list[tuple[int, int, bool]]  # for each verb of saying its place, its speaker, and whether it is carried on


@dataclass(frozen=True)
class _Word:
    stem: str  # empty where the model does not know it
    word: str
    role: int
    verb: int


class Analyzer:
    """The names of a passage's features, as `PassageVectorizer.get_feature_names_out` gives them; repeated as often as
    they occur. Stems and words are those that `vectorizer` knows, kinds its own unless `blocks` names some of them."""

    def __init__(self, vectorizer: PassageVectorizer, blocks: Sequence[str] | None = None) -> None:
        self._stems, self._words = set(vectorizer.stems_), set(vectorizer.words_)
        self._blocks = vectorizer.blocks if blocks is None else blocks
        self._known: dict[str, _Word] = {}

    def __call__(self, passage: Passage) -> list[str]:
        """The names for one passage."""
        text, before = split(passage)
        words = self._read(text)
        actors = _actors(words)
        lines = [self._read(line) for line in (before or "").split("\n") if line.strip()]
        speaking = [who for line in lines for _, who, carried in _said(line) if not carried]
        last = speaking[-1] if speaking else 0
        first = _first(_said(words), words, text, last)
        kinds: dict[str, Callable[[], Iterable[str]]] = {
            "stem": lambda: (word.stem for word in words if word.stem),
            "stem pair": lambda: (f"{a.stem} {b.stem}" for a, b in pairwise(words) if a.stem and b.stem),
            "word": lambda: (word.word for word in words if word.word),
            "actors": lambda: _orders(actors),
            "aims at": lambda: _aims(first, set(actors)),
            "before": lambda: _before(lines, last),
        }
        return [f"{block}: {name}" for block in self._blocks for name in kinds[block]()]

    def _read(self, text: str) -> list[_Word]:
        words: list[_Word] = []
        for written in WORD.findall(text):
            word = self._known.get(written) or self._look(written)
            if word.role and ROLES[word.role - 1 : word.role] == ("washington",) and words and words[-1].stem == "dolar":
                word = _Word(word.stem, word.word, 0, word.verb)
            words.append(word)
        return words

    def _look(self, written: str) -> _Word:
        folded = fold(written)
        stem = stem_of(folded)
        known = stem if stem in self._stems else "", folded if folded in self._words else ""
        self._known[written] = _Word(*known, role_of(written, folded), verb_of(folded, stem))
        return self._known[written]


def reference(vectorizer: PassageVectorizer) -> FeatureUnion:
    """A `FeatureUnion` of two `TfidfVectorizer` over passages, words and actors, with the columns and weights of the fitted
    `vectorizer`."""
    names = vectorizer.get_feature_names_out()
    of_words = np.array([name.split(":")[0] in _OF_WORDS for name in names])
    parts = []
    for part, chosen in (("words", of_words), ("actors", ~of_words)):
        blocks = [block for block in vectorizer.blocks if (block in _OF_WORDS) == (part == "words")]
        theirs = TfidfVectorizer(analyzer=Analyzer(vectorizer, blocks), sublinear_tf=True, vocabulary=list(names[chosen]))
        theirs.idf_ = np.asarray(vectorizer.idf_)[chosen]
        parts.append((part, theirs))
    return FeatureUnion(parts, transformer_weights={"words": 1.0, "actors": vectorizer.actor_weight})


def _said(words: Sequence[_Word]) -> _Said:
    said = []
    for at, word in enumerate(words):
        if word.verb in _REACH:
            near = (words[at + step].role for step in _REACH[word.verb] if 0 <= at + step < len(words))
            who = next((role for role in near if role), 0)
        else:
            who = PRONOUN if word.verb else 0
        if who:
            said.append((at, who, who == PRONOUN))
    return said


def _first(said: _Said, words: Sequence[_Word], text: str, last: int) -> int:
    """Who first has the word; a pronoun stands for the first actor before its verb, or for who spoke before the text."""
    if said:
        at, who, carried = said[0]
        named = _actors(words[:at])
        return who if not carried else named[0] if named else last or _SOMEBODY
    if text.strip() and text.strip()[0] in "\"“”'‘’«":
        return last or _SOMEBODY
    return 0


def _actors(words: Sequence[_Word]) -> list[int]:
    return [word.role for word in words if 0 < word.role < PRONOUN]


def _set(roles: set[int]) -> str:
    return "{" + ", ".join(_NAMES[role] for role in sorted(roles)) + "}"


def _orders(actors: list[int]) -> Iterator[str]:
    turns = [_NAMES[role] for k, role in enumerate(actors) if k == 0 or actors[k - 1] != role]
    for length in (1, 2, 3):
        for at in range(len(turns) - length + 1):
            yield " > ".join(turns[at : at + length])


def _aims(who: int, actors: set[int]) -> Iterator[str]:
    others = actors - {who}
    yield f"{_NAMES[who]} > {_set(others)}"
    for role in others:
        yield f"{_NAMES[who]} > {_NAMES[role]}"


def _before(lines: Sequence[Sequence[_Word]], last: int) -> Iterator[str]:
    if not lines:
        yield "is missing: nothing stood before"
        return
    actors = _actors(lines[-1])
    for role in set(actors):
        yield f"names {_NAMES[role]}"
    if actors:
        yield f"ends with {_NAMES[actors[-1]]}"
        yield f"begins with {_NAMES[actors[0]]}"
    if last:
        yield f"speaks {_NAMES[last]}"
