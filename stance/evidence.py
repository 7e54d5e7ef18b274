"""What moved a decision: the weight of every word, of what belongs to no word, and of the label as such."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from stance.features import Part, PassageVectorizer
from stance.head import Floats, Head
from stance.lexicon import Ints
from stance.reading import Reading

__all__ = ["Explanation", "explain"]

_TOP = 1 << 24  # millionths; no word weighs 16 in log score


@dataclass(frozen=True)
class Explanation:
    """`scores` by task; `label` explained, its number for each passage; `words`: the weight of every word of all passages,
    one after the other, and `row`: its passage; `outside`: the weight of what stood before and of what belongs to
    no one word (that nobody is quoted); `base`: the weight of the label as such."""

    scores: dict[str, Floats]
    label: Ints
    words: Floats
    row: Ints
    outside: Floats
    base: Floats

    def strongest(self, count: int) -> Ints:
        """Passage by passage the `count` words that weigh most (their numbers in `words`), the heaviest first.

        Among words of the same weight, to a millionth, the earlier one comes first; words without weight are left out.
        """
        number = np.arange(len(self.words))
        if len(self.label) * _TOP * len(number) >= 1 << 63:
            raise ValueError(f"{len(self.label):,} passages are too many to sort their words at once; explain fewer at a time")
        weight = np.minimum(np.rint(np.abs(self.words) * 1e6), _TOP - 1).astype(np.int64)
        # passage, weight and number as one integer: sorted in one go, several times as fast as passage by passage
        order = np.sort((self.row * _TOP + _TOP - 1 - weight) * len(number) + number) % max(1, len(number))
        first = np.searchsorted(self.row, np.arange(len(self.label)))
        words: Ints = order[number - first[self.row] < count]
        return words[weight[words] > 0]


def explain(
    vectorizer: PassageVectorizer, heads: Mapping[str, Head], reading: Reading, task: str = "stance", label: str | None = None
) -> Explanation:
    """The scores of the passages read, and what moved the decision of `task` for `label` (the winning one unless given).

    For each passage the weights of its words, of what belongs to none of them and of the label as such add up to
    the label's log score less the mean log score of all labels. A feature that stands on several words, or several
    times, shares its weight equally among them.
    """
    head, passages = heads[task], reading.tokens.texts
    found = vectorizer.found(reading)
    known, places = vectorizer.places(found)
    places, times, order = _counted(places)
    matrix = vectorizer.weighted(places, times, passages)
    scores = {name: each.scores(matrix) for name, each in heads.items()}
    chosen = scores[task].argmax(axis=1).astype(np.int64)
    if label is not None:
        chosen[:] = head.labels.index(label)
    label_of = np.repeat(chosen, np.diff(matrix.indptr))
    weight = np.zeros(len(found.row))
    weight[known[order]] = np.repeat(matrix.data * head.centred[label_of, matrix.indices] / times, times)
    words, outside = _shared(found.parts, weight, len(reading.tokens.row), passages)
    base = ((head.intercept - head.intercept.mean()) / head.temperature)[chosen]
    return Explanation(scores, chosen, words, reading.tokens.row, outside, base)


def _counted(places: Ints) -> tuple[Ints, Ints, Ints]:
    """The distinct places in their order, how often each comes, and the order that sorts `places`.

    As `np.unique` has them, but place and number are sorted as one integer, in two thirds of the time.
    """
    bits = len(places).bit_length()
    code = np.sort(places << bits | np.arange(len(places)))
    ordered, order = code >> bits, code & ((1 << bits) - 1)
    first = np.flatnonzero(np.concatenate([ordered[:1] >= 0, ordered[1:] != ordered[:-1]]))
    return ordered[first], np.diff(first, append=len(ordered)), order


def _shared(parts: Sequence[Part], weight: Floats, words: int, passages: int) -> tuple[Floats, Floats]:
    """The weights of features divided among the words that they stand on, and for each passage what stands on none."""
    outside, at, shares = np.zeros(passages), [np.zeros(0, dtype=np.int64)], [np.zeros(0)]
    bounds = np.cumsum([0, *(len(row) for row, _, _ in parts)]).tolist()
    for (start, end), (row, _, places) in zip(pairwise(bounds), parts, strict=True):
        mine, on = weight[start:end], places[0] >= 0 if places else np.zeros(len(row), dtype=bool)
        if not on.all():
            outside += np.bincount(row[~on], mine[~on], minlength=passages)
            mine, places = mine[on], tuple(place[on] for place in places)
        at += places
        shares += [mine / len(places)] * len(places) if places else []
    return np.bincount(np.concatenate(at), np.concatenate(shares), minlength=words).astype(np.float64), outside
