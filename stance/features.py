"""Passages to TF-IDF: one vectorizer whose features are stems, words, actors, and who says what of whom.

A passage is a paragraph, with or without what stood before it in its article. Every feature is one integer: its kind
(see BLOCKS) and up to three numbers of stems, words or roles, 16 bits each, so a whole batch is worked out with numpy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from stance.actors import PRONOUN, ROLES
from stance.lexicon import Ints, Lexicon, Tokens, vocabulary
from stance.reading import Passage, Reading, portions, read, split
from stance.tfidf import Columns, tfidf

__all__ = ["ACTOR_WEIGHT", "BLOCKS", "Occurrences", "Part", "PassageVectorizer"]

# The kinds of feature; each was judged alone and together (training/ABLATION.md).
BLOCKS = ("stem", "stem pair", "word", "actors", "aims at", "before")
_OF_ACTORS = BLOCKS.index("actors") + 1  # this kind and those after it know actors, not words
_CODE = {name: code for code, name in enumerate(BLOCKS, 1)}
_FIELD = 16
ACTOR_WEIGHT = 0.5  # chosen by cross-validation grouped by article: training/ABLATION.md
_BEFORE = ("names", "ends with", "begins with", "speaks", "is missing:")


Part = tuple[Ints, Ints, tuple[Ints, ...]]
"""Features of one kind: the passage of each, its key, and the words that it stands on (numbers of the batch's words)."""


@dataclass(frozen=True)
class Occurrences:
    """Where features stand, kind by kind. A feature stands on all the words that its part gives it, or on none (-1)."""

    parts: list[Part]

    @cached_property
    def row(self) -> Ints:
        """The passage of each."""
        return np.concatenate([row for row, _, _ in self.parts])

    @cached_property
    def key(self) -> Ints:
        """The feature of each."""
        return np.concatenate([key for _, key, _ in self.parts])


class PassageVectorizer:
    """TF-IDF over stems and actors of Indonesian passages.

    Parameters: `min_df`, in how many passages a feature must occur; `blocks`, the kinds of feature (names of BLOCKS);
    `actor_weight`, what the features of actors weigh beside those of words.
    Fitted: `stems_`, `words_` (lists of str), `keys_` (sorted int64 features), `idf_` (float64).

    Term frequency is 1 + ln(tf), idf is ln((1 + n) / (1 + df)) + 1. In each row the features of words (stems, their pairs,
    words) have Euclidean length 1, those of actors `actor_weight`: scikit-learn's `FeatureUnion` of two
    `TfidfVectorizer(sublinear_tf=True)` with `transformer_weights`. One length for both would let a long paragraph,
    rich in words, drown its actors. For pipelines there is
    `stance.transformer.PassageTransformer`.
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
        self._lexicon: Lexicon | None = None
        self._columns: Columns | None = None
        found = self.occurrences(passages)
        keys, number = np.unique(found.key, return_inverse=True)
        frequency = np.bincount(np.unique(number * len(passages) + found.row) // len(passages), minlength=len(keys))
        self.keys_ = keys[frequency >= self.min_df]
        if not len(self.keys_):
            raise ValueError(f"no feature occurs in {self.min_df} of the {len(passages)} passages; more text is needed")
        self.idf_ = np.log((1 + len(passages)) / (1 + frequency[frequency >= self.min_df])) + 1
        return self.matrix(found, len(passages))

    def transform(self, X: Iterable[Passage]) -> sp.csr_matrix:
        """The matrix of `X`: n passages by n features, float64."""
        parts = [self.matrix(self.occurrences(portion), len(portion)) for portion in portions(list(X))]
        return sp.vstack(parts, format="csr") if parts else sp.csr_matrix((0, len(self.keys_)))

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[np.object_]:
        """Readable names of the features, in column order, such as `stem pair: tuduh china`."""
        return np.array([self._name(int(key)) for key in self.keys_], dtype=object)

    def occurrences(self, passages: Sequence[Passage]) -> Occurrences:
        """Every feature of every passage, known to the model or not, with the words that it stands on."""
        return self.found(self.read(passages))

    def read(self, passages: Sequence[Passage]) -> Reading:
        """What is worked out once for these passages."""
        return read(passages, self.lexicon())

    def found(self, reading: Reading) -> Occurrences:
        """Every feature of the passages read."""
        return Occurrences([part for name in self.blocks for part in _FEATURES[name](reading)])

    def places(self, found: Occurrences) -> tuple[Ints, Ints]:
        """The numbers of those occurrences that the model knows, and of each its row times features plus its column."""
        columns: Columns | None = getattr(self, "_columns", None)
        if columns is None:
            columns = self._columns = Columns(self.keys_)
        column = columns.of(found.key)
        known = np.flatnonzero(column >= 0)
        return known, found.row[known] * len(self.keys_) + column[known]

    def matrix(self, found: Occurrences, rows: int) -> sp.csr_matrix:
        """The TF-IDF matrix of `rows` passages in which the features `found` stand."""
        places, times = np.unique(self.places(found)[1], return_counts=True)
        return self.weighted(places, times, rows)

    def weighted(self, places: Ints, times: Ints, rows: int) -> sp.csr_matrix:
        """The TF-IDF matrix of features that stand at `places` (sorted), so many `times`."""
        of_actors = self.keys_ >> 3 * _FIELD >= _OF_ACTORS
        return tfidf(places, times, self.idf_, of_actors, self.actor_weight, rows)

    def lexicon(self) -> Lexicon:
        """The words remembered; begun anew when full."""
        lexicon: Lexicon | None = getattr(self, "_lexicon", None)
        if lexicon is None or lexicon.full:
            lexicon = self._lexicon = Lexicon(self.stems_, self.words_)
        return lexicon

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
        return {name: value for name, value in vars(self).items() if name not in ("_lexicon", "_columns")}  # cheap to make


def _set_name(mask: int) -> str:
    return "{" + ", ".join(role for k, role in enumerate(ROLES) if mask >> k & 1) + "}"


def _key(block: str, a: Ints, b: Ints | int = 0, c: Ints | int = 0) -> Ints:
    return _CODE[block] << 3 * _FIELD | a << 2 * _FIELD | b << _FIELD | c


def _found(row: Ints, key: Ints, *at: Ints) -> Part:
    return row, key, at


def _stem(r: Reading) -> list[Part]:
    i = np.flatnonzero(r.tokens.stem)
    return [_found(r.tokens.row[i], _key("stem", r.tokens.stem[i]), i)]


def _stem_pair(r: Reading) -> list[Part]:
    stem, row = r.tokens.stem, r.tokens.row
    i = np.flatnonzero((row[1:] == row[:-1]) & (stem[1:] > 0) & (stem[:-1] > 0))
    return [_found(row[i], _key("stem pair", stem[i], stem[i + 1]), i, i + 1)]


def _word(r: Reading) -> list[Part]:
    i = np.flatnonzero(r.tokens.word)
    return [_found(r.tokens.row[i], _key("word", r.tokens.word[i]), i)]


def _turns(tokens: Tokens) -> Ints:
    """Positions of the actors, each run of one role counted once."""
    i = np.flatnonzero(tokens.actor)
    new = np.ones(len(i), dtype=bool)
    new[1:] = (tokens.role[i[1:]] != tokens.role[i[:-1]]) | (tokens.row[i[1:]] != tokens.row[i[:-1]])
    return i[new]


def _actors(r: Reading) -> list[Part]:
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


def _aims_at(r: Reading) -> list[Part]:
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


def _before(r: Reading) -> list[Part]:
    """What stood before: the actors of the last paragraph, its last and first actor, and who had the word last."""
    b = r.before
    row, role = np.nonzero(b.actors[:, None] >> np.arange(len(ROLES)) & 1)
    last, first, spoken, alone = (np.flatnonzero(values) for values in (b.last, b.first, b.speaker, ~b.some))
    return [
        _found(row, _key("before", role + 1, 0)),
        _found(last, _key("before", b.last[last], 1)),
        _found(first, _key("before", b.first[first], 2)),
        _found(spoken, _key("before", b.speaker[spoken], 3)),
        _found(alone, _key("before", np.zeros_like(alone), 4)),
    ]


_FEATURES: dict[str, Callable[[Reading], list[Part]]] = {
    "stem": _stem,
    "stem pair": _stem_pair,
    "word": _word,
    "actors": _actors,
    "aims at": _aims_at,
    "before": _before,
}
