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
REMEMBERED = 2_000_000  # characters of distinct runs kept, some 50 MB; labels.csv holds 240,000
_WORDS, _LENGTH = 6, 7  # columns of a lexicon's table: of each run how many words it has, and its length


@dataclass(frozen=True)
class Tokens:
    """The words of a batch of texts, one after the other: for each its text, its numbers (0 where unknown) and its place.

    `start` and `end` are places in the text, as of a slice.
    """

    texts: int
    row: Ints
    stem: Ints
    word: Ints
    role: Ints
    verb: Ints
    start: Ints
    end: Ints

    @property
    def actor(self) -> Mask:
        """Which words name an actor."""
        return (self.role > 0) & (self.role < PRONOUN)

    def of_first(self, texts: int) -> Tokens:
        """The words of the first `texts` texts."""
        count = int(np.searchsorted(self.row, texts))
        return Tokens(texts, *(values[:count] for name, values in vars(self).items() if name != "texts"))


class Lexicon(dict[str, int]):
    """Each distinct run of characters between spaces, with what is known of its words.

    A run is looked at once: most hold one word and its commas or quotation marks. Its value is the row of `table` where its
    words begin; the columns are stem, word, role and verb, the word's place in the run, how many words the run has, and its
    length in characters. Safe to use from several threads: a run is added once, under a lock, and never changed.
    """

    def __init__(self, stems: Sequence[str], words: Sequence[str]) -> None:
        super().__init__()
        self.stems = {stem: number for number, stem in enumerate(stems, 1)}
        self.words = {word: number for number, word in enumerate(words, 1)}
        self.dollar, self.number = self.stems.get("dolar", -1), self.stems.get(NUMBER, -1)
        self.table = np.zeros((1024, 8), dtype=np.int64)
        self._rows = self._characters = 0
        self._lock = threading.Lock()

    @property
    def full(self) -> bool:
        """Whether it is time to begin a new one, so that memory stays bounded over ever-new words."""
        return self._characters > REMEMBERED

    def __missing__(self, run: str) -> int:
        words = [(*self._numbers(word.group()), *word.span()) for word in WORD.finditer(run)]
        rows = [(*row, len(words), len(run)) for row in words] or [(0, 0, 0, 0, 0, 0, 0, len(run))]
        with self._lock:
            if run in self:
                return self[run]
            first = self._rows
            if first + len(rows) > len(self.table):
                self.table = np.vstack([self.table, np.zeros((len(self.table) + len(rows), 8), dtype=np.int64)])
            self.table[first : first + len(rows)] = rows
            self._rows += len(rows)
            self._characters += len(run)
            self[run] = first
        return first

    def _numbers(self, word: str) -> tuple[int, int, int, int]:
        folded = fold(word)
        stem = stem_of(folded)
        return self.stems.get(stem, 0), self.words.get(folded, 0), role_of(word, folded), verb_of(folded, stem)

    def tokens(self, texts: Sequence[str]) -> Tokens:
        """The words of `texts` as numbers."""
        rows: list[int] = []
        runs = np.zeros(len(texts), dtype=np.int64)
        for k, text in enumerate(texts):
            before = len(rows)
            rows.extend(map(self.__getitem__, text.replace("\n", " ").split(" ")))
            runs[k] = len(rows) - before
        first, of_text = np.array(rows, dtype=np.int64), np.repeat(np.arange(len(texts)), runs)
        words, length = self.table[:, _WORDS].take(first), self.table[:, _LENGTH].take(first)
        begin = np.cumsum(length + 1) - length - 1  # of each run, in the texts with one space between them
        begin -= np.repeat(begin[np.cumsum(runs) - runs], runs)
        after = np.cumsum(words)
        at = np.repeat(first - after + words, words) + np.arange(after[-1] if len(after) else 0)
        stem, word, role, verb, start, end, _, _ = np.ascontiguousarray(self.table.take(at, axis=0).T)
        row, begin = np.repeat(of_text, words), np.repeat(begin, words)
        # `miliar dolar AS` is money, not Washington
        money = (stem[:-1] == self.dollar) & (role[1:] == ROLES.index("washington") + 1) & (row[1:] == row[:-1])
        role[1:][money] = 0
        return Tokens(len(texts), row, stem, word, role, verb, start + begin, end + begin)


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
