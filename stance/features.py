"""Passages to TF-IDF: one scikit-learn vectorizer whose features are stems, words, actors, and who says what of whom.

A passage is a paragraph, with or without what stood before it in its article. Every feature is one integer: its kind
(see BLOCKS) and up to three numbers of stems, words or roles, 16 bits each, so a whole batch is worked out with numpy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.base import BaseEstimator, TransformerMixin

from stance.actors import PRONOUN, ROLES
from stance.lexicon import Ints, Lexicon, Mask, Tokens, vocabulary
from stance.speech import Speech, first_actors, first_speakers, opens_quotation, speech

__all__ = ["ACTOR_WEIGHT", "BLOCKS", "Occurrences", "Passage", "PassageVectorizer", "split"]

Passage = str | tuple[str, str | None]
"""A paragraph, or a paragraph and what stood before it: the paragraphs before, oldest first, one to a line."""

# The kinds of feature; each was judged alone and together (training/ABLATION.md).
BLOCKS = ("stem", "stem pair", "word", "actors", "aims at", "before")
_OF_ACTORS = BLOCKS.index("actors") + 1  # this kind and those after it know actors, not words
_CODE = {name: code for code, name in enumerate(BLOCKS, 1)}
_FIELD = 16
ACTOR_WEIGHT = 0.5  # chosen by cross-validation grouped by article: training/ABLATION.md
_BEFORE = ("names", "ends with", "begins with", "speaks", "is missing:")


@dataclass(frozen=True)
class Occurrences:
    """Where features stand: `row` of the batch, `key` of the feature, and up to three word positions (-1: none).

    Positions count the words of the whole batch; `words` gives the passage of each.
    """

    row: Ints
    key: Ints
    at: tuple[Ints, Ints, Ints]
    words: Ints


_Part = tuple[Ints, Ints, list[Ints]]  # as Occurrences: rows, keys, three places


@dataclass(frozen=True)
class _Reading:
    """What is worked out once for a batch and used by several blocks."""

    tokens: Tokens
    said: Speech  # with every pronoun resolved
    speaker: tuple[Ints, Ints]  # of each text: who first has the word, and at which word
    actors: Ints  # of each text: its actors, one bit a role
    before: Tokens  # the lines that stood before
    owner: Ints  # of each such line: its text
    nearest: Mask  # of each such line: whether it is the last
    before_speaker: Ints  # of each text: who had the word last before it, 0 for nobody


class PassageVectorizer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """TF-IDF over stems and actors of Indonesian passages.

    Parameters: `min_df`, in how many passages a feature must occur; `blocks`, the kinds of feature (names of BLOCKS);
    `actor_weight`, what the features of actors weigh beside those of words.
    Fitted: `stems_`, `words_` (lists of str), `keys_` (sorted int64 features), `idf_` (float64).

    Term frequency is 1 + ln(tf), idf is ln((1 + n) / (1 + df)) + 1. In each row the features of words (stems, their pairs,
    words) have Euclidean length 1, those of actors `actor_weight`: scikit-learn's `FeatureUnion` of two
    `TfidfVectorizer(sublinear_tf=True)` with `transformer_weights`. One length for both would let a long paragraph,
    rich in words, drown its actors.
    """

    def __init__(self, min_df: int = 2, blocks: Sequence[str] = BLOCKS, actor_weight: float = ACTOR_WEIGHT) -> None:
        self.min_df = min_df
        self.blocks = blocks
        self.actor_weight = actor_weight

    def fit(self, X: Iterable[Passage], y: Any = None) -> PassageVectorizer:
        """Learn the features of `X`; `y` is ignored. Raises ValueError when no feature occurs `min_df` times."""
        self.fit_transform(X)
        return self

    def fit_transform(self, X: Iterable[Passage], y: Any = None, **fit_params: Any) -> sp.csr_matrix:
        """As `fit`, then the matrix of `X`: n passages by n features, float64."""
        passages = list(X)
        unknown = [name for name in self.blocks if name not in _CODE]
        if unknown:
            raise ValueError(f"unknown feature blocks {unknown}; there are {list(BLOCKS)}")
        self.stems_, self.words_ = vocabulary([split(p)[0] for p in passages], self.min_df)
        self._remembered: Lexicon | None = None
        found = self.occurrences(passages)
        pairs = np.unique(np.stack([found.key, found.row]), axis=1)
        keys, frequency = np.unique(pairs[0], return_counts=True)
        self.keys_ = keys[frequency >= self.min_df]
        if not len(self.keys_):
            raise ValueError(f"no feature occurs in {self.min_df} of the {len(passages)} passages; more text is needed")
        self.idf_ = np.log((1 + len(passages)) / (1 + frequency[frequency >= self.min_df])) + 1
        return self.matrix(found, len(passages))

    def transform(self, X: Iterable[Passage]) -> sp.csr_matrix:
        """The matrix of `X`: n passages by n features, float64."""
        passages = list(X)
        return self.matrix(self.occurrences(passages), len(passages))

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[np.object_]:
        """Readable names of the features, in column order, such as `stem pair: tuduh china`."""
        return np.array([self._name(int(key)) for key in self.keys_], dtype=object)

    def occurrences(self, passages: Sequence[Passage]) -> Occurrences:
        """Every feature of every passage, known to the model or not, with the words that it stands on."""
        reading = self._read(passages)
        parts = [part for name in self.blocks for part in _FEATURES[name](reading)]
        row, key = np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
        at = [np.concatenate([part[2][k] for part in parts]) for k in range(3)]
        return Occurrences(row, key, (at[0], at[1], at[2]), reading.tokens.row)

    def columns(self, key: Ints) -> Ints:
        """The column of each feature, -1 where the model does not know it."""
        place = np.minimum(np.searchsorted(self.keys_, key), len(self.keys_) - 1)
        return np.where(self.keys_[place] == key, place, -1)

    def lexicon(self) -> Lexicon:
        """The words remembered; begun anew when full."""
        remembered: Lexicon | None = getattr(self, "_remembered", None)
        if remembered is None or remembered.full:
            remembered = self._remembered = Lexicon(self.stems_, self.words_)
        return remembered

    def _read(self, passages: Sequence[Passage]) -> _Reading:
        texts = [split(p)[0] for p in passages]
        lines: list[str] = []
        owner: list[int] = []
        nearest: list[bool] = []
        for k, passage in enumerate(passages):
            mine = [line for line in (split(passage)[1] or "").split("\n") if line.strip()]
            lines += mine
            owner += [k] * len(mine)
            nearest += [False] * (len(mine) - 1) + [True] * bool(mine)
        lexicon = self.lexicon()
        tokens, before = lexicon.tokens(texts), lexicon.tokens(lines)
        owners, said_before = np.array(owner, dtype=np.int64), speech(before)
        before_speaker = np.zeros(len(texts), dtype=np.int64)
        named = ~said_before.carried
        before_speaker[owners[said_before.row[named]]] = said_before.who[named]  # the last, nearest one stays
        said = speech(tokens).resolved(before_speaker, first_actors(tokens))
        speaker = first_speakers(len(texts), said, before_speaker, opens_quotation(texts))
        actors = np.zeros(len(texts), dtype=np.int64)
        i = np.flatnonzero(tokens.actor)
        np.bitwise_or.at(actors, tokens.row[i], 1 << (tokens.role[i] - 1))
        return _Reading(tokens, said, speaker, actors, before, owners, np.array(nearest, dtype=bool), before_speaker)

    def matrix(self, found: Occurrences, rows: int) -> sp.csr_matrix:
        """The TF-IDF matrix of `rows` passages in which the features `found` stand."""
        column = self.columns(found.key)
        known = column >= 0
        ones = np.ones(np.count_nonzero(known))  # doubled entries are summed: the term frequency
        matrix = sp.csr_matrix((ones, (found.row[known], column[known])), shape=(rows, len(self.keys_)))
        matrix.sort_indices()
        matrix.data = (1 + np.log(matrix.data)) * self.idf_[matrix.indices]
        of_actors = (self.keys_ >> 3 * _FIELD >= _OF_ACTORS)[matrix.indices]
        part = 2 * np.repeat(np.arange(rows), np.diff(matrix.indptr)) + of_actors
        length = np.sqrt(np.bincount(part, matrix.data**2, minlength=2 * rows))
        matrix.data *= np.where(of_actors, self.actor_weight, 1.0) / length[part]
        return matrix

    def _name(self, key: int) -> str:
        block, a, b, c = (
            BLOCKS[(key >> 3 * _FIELD) - 1],
            key >> 2 * _FIELD & 0xFFFF,
            key >> _FIELD & 0xFFFF,
            key & 0xFFFF,
        )
        stem = ("", *self.stems_)
        who = ("narrator", *ROLES, "he or she", "somebody")
        names: dict[str, Callable[[], str]] = {
            "stem": lambda: stem[a],
            "stem pair": lambda: f"{stem[a]} {stem[b]}",
            "word": lambda: self.words_[a - 1],
            "actors": lambda: " > ".join(who[x] for x in (a, b, c) if x),
            "aims at": lambda: f"{who[a]} > {who[b] if b else _set_name(c)}",
            "before": lambda: f"{_BEFORE[b]} {who[a] if b < len(_BEFORE) - 1 else 'nothing stood before'}",
        }
        return f"{block}: {names[block]()}"

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = dict(super().__getstate__())
        state.pop("_remembered", None)  # holds a lock, and is cheap to make again
        return state


def split(passage: Passage) -> tuple[str, str | None]:
    """The paragraph of a passage and what stood before it."""
    return (passage, None) if isinstance(passage, str) else passage


def _set_name(mask: int) -> str:
    return "{" + ", ".join(role for k, role in enumerate(ROLES) if mask >> k & 1) + "}"


def _key(block: str, a: Ints, b: Ints | int = 0, c: Ints | int = 0) -> Ints:
    return _CODE[block] << 3 * _FIELD | a << 2 * _FIELD | b << _FIELD | c


def _found(row: Ints, key: Ints, *at: Ints) -> _Part:
    return row, key, [*at, *[np.full(len(key), -1, dtype=np.int64)] * (3 - len(at))]


def _stem(r: _Reading) -> list[_Part]:
    i = np.flatnonzero(r.tokens.stem)
    return [_found(r.tokens.row[i], _key("stem", r.tokens.stem[i]), i)]


def _stem_pair(r: _Reading) -> list[_Part]:
    stem, row = r.tokens.stem, r.tokens.row
    i = np.flatnonzero((row[1:] == row[:-1]) & (stem[1:] > 0) & (stem[:-1] > 0))
    return [_found(row[i], _key("stem pair", stem[i], stem[i + 1]), i, i + 1)]


def _word(r: _Reading) -> list[_Part]:
    i = np.flatnonzero(r.tokens.word)
    return [_found(r.tokens.row[i], _key("word", r.tokens.word[i]), i)]


def _turns(tokens: Tokens) -> Ints:
    """Positions of the actors, each run of one role counted once."""
    i = np.flatnonzero(tokens.actor)
    new = np.ones(len(i), dtype=bool)
    new[1:] = (tokens.role[i[1:]] != tokens.role[i[:-1]]) | (tokens.row[i[1:]] != tokens.row[i[:-1]])
    return i[new]


def _actors(r: _Reading) -> list[_Part]:
    """Which actors, and in which order: one, two and three in a row."""
    i = _turns(r.tokens)
    row, role = r.tokens.row[i], r.tokens.role[i]
    two, three = np.flatnonzero(row[1:] == row[:-1]), np.flatnonzero(row[2:] == row[:-2])
    triples = _key("actors", role[three], role[three + 1], role[three + 2])
    return [
        _found(row, _key("actors", role), i),
        _found(row[two], _key("actors", role[two], role[two + 1]), i[two], i[two + 1]),
        _found(row[three], triples, i[three], i[three + 1], i[three + 2]),
    ]


def _aims_at(r: _Reading) -> list[_Part]:
    """The first speaker with each other actor of the paragraph, and with all of them."""
    who, at = r.speaker
    own = np.where((who > 0) & (who < PRONOUN), 1 << np.maximum(who - 1, 0), 0)
    others = r.actors & ~own
    row = np.arange(r.tokens.texts)
    found = [_found(row, _key("aims at", who, 0, others), at)]
    for role in range(1, PRONOUN):
        has = others >> (role - 1) & 1 == 1
        found.append(_found(row[has], _key("aims at", who[has], role), at[has]))
    return found


def _before(r: _Reading) -> list[_Part]:
    """What stood before: the actors of the last paragraph, its last and first actor, and who had the word last."""
    i = _turns(r.before)
    i = i[r.nearest[r.before.row[i]]]
    row, role = r.owner[r.before.row[i]], r.before.role[i]
    named = np.unique(row << _FIELD | role)
    first, first_index = np.unique(row, return_index=True)
    last, last_index = np.unique(row[::-1], return_index=True)
    every = np.arange(r.tokens.texts)
    spoken, alone = every[r.before_speaker > 0], np.setdiff1d(every, r.owner)
    return [
        _found(named >> _FIELD, _key("before", named & 0xFFFF, 0)),
        _found(last, _key("before", role[::-1][last_index], 1)),
        _found(first, _key("before", role[first_index], 2)),
        _found(spoken, _key("before", r.before_speaker[spoken], 3)),
        _found(alone, _key("before", np.zeros_like(alone), 4)),
    ]


_FEATURES: dict[str, Callable[[_Reading], list[_Part]]] = {
    "stem": _stem,
    "stem pair": _stem_pair,
    "word": _word,
    "actors": _actors,
    "aims at": _aims_at,
    "before": _before,
}
