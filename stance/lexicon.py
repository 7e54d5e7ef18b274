"""Words to numbers: each distinct word is looked at once (its stem, its role, its kind of verb) and remembered."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from stance.actors import PRONOUN, ROLES, role_of, verb_of
from stance.text import WORD, fold, stemmer

__all__ = ["NUMBER", "Ints", "Lexicon", "Mask", "Tokens", "stem_of", "vocabulary"]

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

NUMBER = "0"  # the stem of every number: 146 and 150 billion dollars are one word
LIMIT = (1 << 16) - 2  # stems, and words, that a feature can name (see features.py)
REMEMBERED_WORDS = 200_000  # distinct words kept; labels.csv holds 17,315


@dataclass(frozen=True)
class Tokens:
    """The words of a batch of texts, one after the other: for each its text and its numbers (0 where unknown)."""

    texts: int
    row: Ints
    stem: Ints
    word: Ints
    role: Ints
    verb: Ints

    @property
    def actor(self) -> Mask:
        """Which words name an actor."""
        return (self.role > 0) & (self.role < PRONOUN)


class Lexicon(dict[str, int]):
    """Each distinct word as written, with what is known of it; rows of `table` are (stem, word, role, verb).

    Safe to use from several threads: a word is added once, under a lock, and never changed.
    """

    def __init__(self, stems: Sequence[str], words: Sequence[str]) -> None:
        super().__init__()
        self.stems = {stem: number for number, stem in enumerate(stems, 1)}
        self.words = {word: number for number, word in enumerate(words, 1)}
        self.dollar, self.number = self.stems.get("dolar", -1), self.stems.get(NUMBER, -1)
        self.table = np.zeros((1024, 4), dtype=np.int64)
        self._lock = threading.Lock()

    @property
    def full(self) -> bool:
        """Whether it is time to begin a new one, so that memory stays bounded over ever-new words."""
        return len(self) > REMEMBERED_WORDS

    def __missing__(self, word: str) -> int:
        folded = fold(word)
        stem = stem_of(folded)
        row = (self.stems.get(stem, 0), self.words.get(folded, 0), role_of(word, folded), verb_of(folded, stem))
        with self._lock:
            if word in self:
                return self[word]
            number = len(self)
            if number == len(self.table):
                self.table = np.vstack([self.table, np.zeros_like(self.table)])
            self.table[number] = row
            self[word] = number
        return number

    def tokens(self, texts: Sequence[str]) -> Tokens:
        """The words of `texts` as numbers."""
        ids: list[int] = []
        counts = np.zeros(len(texts), dtype=np.int64)
        for k, text in enumerate(texts):
            before = len(ids)
            ids.extend(map(self.__getitem__, WORD.findall(text)))
            counts[k] = len(ids) - before
        stem, word, role, verb = np.ascontiguousarray(self.table[np.array(ids, dtype=np.int64)].T)
        # `miliar dolar AS` is money, not Washington
        role[1:][(stem[:-1] == self.dollar) & (role[1:] == ROLES.index("washington") + 1)] = 0
        return Tokens(len(texts), np.repeat(np.arange(len(texts)), counts), stem, word, role, verb)


@lru_cache(maxsize=1 << 15)  # over the distinct words of labels.csv: every fold and vectorizer asks for the same ones
def stem_of(folded: str) -> str:
    """The stem of a folded word; every number has the stem NUMBER."""
    return NUMBER if folded.isdigit() else stemmer()(folded)


def vocabulary(texts: Sequence[str], min_df: int) -> tuple[list[str], list[str]]:
    """Stems and folded words that occur in at least `min_df` of the texts, sorted; the commonest 65,534 of each."""
    stem: dict[str, str] = {}
    stems: dict[str, int] = {}
    words: dict[str, int] = {}
    for text in texts:
        seen = {fold(word) for word in WORD.findall(text)}
        for word in seen:
            if word not in stem:
                stem[word] = stem_of(word)
            if not word.isdigit():
                words[word] = words.get(word, 0) + 1
        for s in {stem[word] for word in seen}:
            stems[s] = stems.get(s, 0) + 1
    return _common(stems, min_df), _common(words, min_df)


def _common(counts: dict[str, int], min_df: int) -> list[str]:
    kept = [term for term, count in counts.items() if count >= min_df]
    return sorted(sorted(kept, key=lambda term: (-counts[term], term))[:LIMIT])
