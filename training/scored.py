"""Labelled paragraphs with a model's scores: what every measure of the report is taken from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stance.head import LABELS, Floats, Head, best_temperature, softmax
from stance.lexicon import Ints, Mask
from stance.model import DOUBTFUL_SHARE, Model, fold_models
from stance.reading import Passage, split
from training.labels import Row, previous_of, progress_bar
from training.real import RealSet

__all__ = ["CrossValidation", "Scored", "cross_validated", "scored_real", "scored_rows"]


@dataclass(frozen=True)
class Scored:
    """Paragraphs of a set, their labels by task (only tasks that have them), and how a model scores them.

    `logits` are the log scores before, `scores` the probabilities after calibration (n paragraphs by labels); `sure` says
    whose winning score reaches the limit for `unsure`. `rows` is empty for sets that are not of the labels file.
    """

    name: str
    articles: list[str]
    passages: list[Passage]
    labels: dict[str, list[str]]
    logits: dict[str, Floats]
    scores: dict[str, Floats]
    sure: dict[str, Mask]
    rows: list[Row]

    @property
    def texts(self) -> list[str]:
        """The paragraphs, without what stood before them."""
        return [split(passage)[0] for passage in self.passages]

    def found(self, task: str) -> list[str]:
        """The label that wins, for each paragraph."""
        return [LABELS[task][k] for k in self.scores[task].argmax(axis=1)]

    def right(self, task: str) -> Mask:
        """Whether the label that wins is the one given."""
        return np.array([f == t for f, t in zip(self.found(task), self.labels[task], strict=True)], dtype=bool)


@dataclass(frozen=True)
class CrossValidation:
    """The train split scored out of fold: `fold` of each paragraph, and the model of each fold, which has not seen it."""

    scored: Scored
    fold: Ints
    models: list[Model]


def cross_validated(rows: Sequence[Row]) -> CrossValidation:
    """The train split of `rows`, each fold scored by a model fitted, calibrated and given its limit on the other folds.

    Temperature and limit for `unsure` of a fold are learnt from the out-of-fold scores of the others.
    """
    kept = [(row, before) for row, before in zip(rows, previous_of(rows), strict=True) if row.split == "train"]
    passages: list[Passage] = [(row.text, before) for row, before in kept]
    train, articles = [row for row, _ in kept], [row.article for row, _ in kept]
    labels = {task: [str(getattr(row, task)) for row in train] for task in LABELS}
    logits = {task: np.zeros((len(train), len(names))) for task, names in LABELS.items()}
    fold = np.zeros(len(train), dtype=np.int64)
    fitted = []
    for number, (held, vectorizer, weights) in enumerate(fold_models(passages, labels, articles, progress_bar("folds"))):
        fold[held] = number
        outside = vectorizer.transform([passages[i] for i in held])
        for task, (coef, intercept) in weights.items():
            logits[task][held] = outside @ coef.T + intercept
        fitted.append((vectorizer, weights))
    models = [
        Model(vectorizer, {task: _head(task, *weights[task], logits, labels, fold != number) for task in LABELS})
        for number, (vectorizer, weights) in enumerate(fitted)
    ]
    scores, sure = _calibrated(logits, [models[number].heads for number in range(len(models))], fold)
    return CrossValidation(Scored("cross-validation", articles, passages, labels, logits, scores, sure, train), fold, models)


def scored_rows(model: Model, rows: Sequence[Row], split: str, name: str) -> Scored | None:
    """The paragraphs of a split of `rows`, scored with what stood before them in mind; None when it has none."""
    kept = [(row, before) for row, before in zip(rows, previous_of(rows), strict=True) if row.split == split]
    if not kept:
        return None
    labels = {task: [str(getattr(row, task)) for row, _ in kept] for task in LABELS}
    passages: list[Passage] = [(row.text, before) for row, before in kept]
    return _scored(model, name, [row.article for row, _ in kept], passages, labels, [row for row, _ in kept])


def scored_real(model: Model, real: RealSet) -> Scored:
    """A real set, scored with what stood before each paragraph in mind."""
    labels = {"stance": real.stances} | ({"sentiment": real.sentiments} if any(real.sentiments) else {})
    return _scored(model, real.name, real.articles, list(zip(real.texts, real.previous, strict=True)), labels, [])


def _scored(
    model: Model, name: str, articles: list[str], passages: list[Passage], labels: dict[str, list[str]], rows: list[Row]
) -> Scored:
    matrix = model.vectorizer.transform(passages)
    logits = {task: head.decision(matrix) * head.temperature for task, head in model.heads.items()}
    scores, sure = _calibrated(logits, [model.heads], np.zeros(len(passages), dtype=np.int64))
    return Scored(name, articles, passages, labels, logits, scores, sure, rows)


def _head(
    task: str, coef: Floats, intercept: Floats, logits: dict[str, Floats], labels: dict[str, list[str]], others: Mask
) -> Head:
    names = LABELS[task]
    truth = np.array([names.index(label) for label in labels[task]])
    temperature = best_temperature(logits[task][others], truth[others])
    winning = softmax(logits[task][others] / temperature).max(axis=1)
    return Head(names, coef, intercept, temperature, float(np.quantile(winning, DOUBTFUL_SHARE)))


def _calibrated(
    logits: dict[str, Floats], heads: Sequence[dict[str, Head]], which: Ints
) -> tuple[dict[str, Floats], dict[str, Mask]]:
    """Scores, and whether the winning one reaches the limit, by the head that each paragraph has (`which`)."""
    scores, sure = {}, {}
    for task in LABELS:
        temperature = np.array([head[task].temperature for head in heads])[which]
        threshold = np.array([head[task].threshold for head in heads])[which]
        scores[task] = softmax(logits[task] / temperature[:, None])
        sure[task] = scores[task].max(axis=1) >= threshold
    return scores, sure
