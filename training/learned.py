"""What the model learned: the features that weigh most for each label, and those that look like a leak."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from stance.lexicon import stem_of
from stance.model import Model
from stance.reading import Passage
from stance.text import WORD, fold
from training.corpus import shortcuts
from training.labels import Row, previous_of
from training.leakage import dateline

__all__ = ["LEAST", "OUTLETS", "TOP", "learned"]

TOP = 25
LEAST = 10  # train paragraphs in which a feature must stand to be shown
DATELINE_SHARE = 0.5  # of a word's occurrences: over that, it is a word of datelines

# News outlets and agencies whose names a model must not read as a line; names that are also common words are left out.
OUTLETS = frozenset(
    """
    detik detikcom republika tribunnews cnn cnbc okezone sindonews liputan6 jpnn bbc reuters afp tass ria novosti xinhua
    bloomberg sputnik interfax medcom jagatbisnis serambinews wartaselat aljazeera
    """.split()
)


def learned(model: Model, rows: Sequence[Row]) -> dict[str, Any]:
    """For each task and label the TOP features by weight, with the train paragraphs they stand in and what is odd about them.

    The weight is the coefficient less the mean over labels, divided by the temperature: by how much the log score moves for
    one unit of TF-IDF.
    """
    train = [(row, before) for row, before in zip(rows, previous_of(rows), strict=True) if row.split == "train"]
    passages: list[Passage] = [(row.text, before) for row, before in train]
    matrix = model.vectorizer.transform(passages)
    paragraphs = np.bincount(matrix.indices, minlength=matrix.shape[1])
    names, suspicious = model.vectorizer.get_feature_names_out(), _suspicious([row for row, _ in train])
    common = np.flatnonzero(paragraphs >= LEAST)
    told: dict[str, Any] = {}
    for task, head in model.heads.items():
        weights = (head.coef - head.coef.mean(axis=0)) / head.temperature
        told[task] = {}
        for k, label in enumerate(head.labels):
            strongest = common[np.argsort(-weights[k, common], kind="stable")[:TOP]]
            told[task][label] = [
                {
                    "feature": str(names[i]),
                    "weight": float(weights[k, i]),
                    "paragraphs": int(paragraphs[i]),
                    "flag": _flag(str(names[i]), suspicious),
                }
                for i in strongest
            ]
    return {"terms": told, "flagged": sum(bool(t["flag"]) for by in told.values() for terms in by.values() for t in terms)}


def _suspicious(rows: Sequence[Row]) -> dict[str, str]:
    """Stems and words that may give a label away, and why."""
    inside: Counter[str] = Counter()
    everywhere: Counter[str] = Counter()
    for row in rows:
        everywhere.update(_terms(row.text))
        inside.update(_terms(dateline(row.text)))
    names = [
        (fold(token), f"{share:.0%} of its {count} paragraphs are {stance}") for token, count, stance, share in shortcuts(rows)
    ]
    names += [(name, "an outlet or agency") for name in OUTLETS]
    found = {term: reason for name, reason in names for term in (stem_of(name), name)}
    return found | {term: "a word of datelines" for term, n in inside.items() if n >= DATELINE_SHARE * everywhere[term]}


def _terms(text: str) -> list[str]:
    """The words of `text` and their stems, those that are one and the same once."""
    words = [fold(word) for word in WORD.findall(text)]
    return [term for word in words for term in {word, stem_of(word)}]


def _flag(feature: str, suspicious: dict[str, str]) -> str:
    block, _, term = feature.partition(": ")
    if block not in ("stem", "stem pair", "word"):
        return ""
    return "; ".join(dict.fromkeys(suspicious[word] for word in term.split() if word in suspicious))
