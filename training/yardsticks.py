"""What the model is held against: baselines scored on the same folds and sets, and the model now shipped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from stance.head import LABELS, SEED
from stance.reading import split
from training.baselines import baseline_pipelines, keyword_sentiments, keyword_stances, majority
from training.comparison import Comparison, compare
from training.confusions import cut
from training.figures import Figure, change_of, figure, tables_of
from training.labels import progress_bar
from training.scored import CrossValidation, Scored
from training.scores import macro_f1

__all__ = ["Found", "baseline_labels", "baselines", "best_baseline", "rivalry"]

FLIPPED = 20  # paragraphs shown of a set

Found = dict[str, dict[str, dict[str, list[str]]]]
"""The labels that each baseline gives: by baseline, by set, by task."""


def baseline_labels(cv: CrossValidation, sets: Sequence[Scored]) -> Found:
    """What every baseline says of the train split (each fold by a baseline fitted on the others) and of the other sets."""
    train = cv.scored
    rules = {"stance": keyword_stances, "sentiment": keyword_sentiments}
    found: Found = {name: {} for name in ("commonest label", "keyword rules", *baseline_pipelines())}
    for scored in (train, *sets):
        texts = scored.texts
        for task in scored.labels:
            told = majority(train.labels[task], len(texts)) if scored is not train else _majority_out_of_fold(cv, task)
            found["commonest label"].setdefault(scored.name, {})[task] = told
            found["keyword rules"].setdefault(scored.name, {})[task] = rules[task](texts)
    kinds = [(name, task) for name in baseline_pipelines() for task in LABELS]
    for name, task in progress_bar("baselines")(kinds):
        pipeline = baseline_pipelines()[name]
        found[name].setdefault(train.name, {})[task] = _out_of_fold(pipeline, cv, task)
        pipeline.fit(train.texts, train.labels[task])
        for scored in sets:
            if task in scored.labels:
                found[name].setdefault(scored.name, {})[task] = [str(label) for label in pipeline.predict(scored.texts)]
    return found


def baselines(scored: Scored, task: str, found: Found) -> dict[str, dict[str, Any]]:
    """Macro-F1 of each baseline on a set and how much the model's is above it; the model itself under `model`.

    Empty where the truth holds one label only, which has no macro-F1.
    """
    truth, ours = scored.labels[task], scored.found(task)
    if len(set(truth)) == 1:
        return {}
    told: dict[str, dict[str, Any]] = {}
    for name, by_set in found.items():
        theirs = by_set[scored.name][task]
        compared = compare(truth, theirs, ours, scored.articles, LABELS[task])
        told[name] = {"macro_f1": _macro_f1(scored, task, theirs), "model_less_it": change_of(compared)}
    told["model"] = {"macro_f1": _macro_f1(scored, task, ours), "model_less_it": None}
    return told


def best_baseline(told: dict[str, dict[str, Any]]) -> str:
    """The name of the baseline with the highest macro-F1."""
    return max((name for name in told if name != "model"), key=lambda name: told[name]["macro_f1"]["value"] or 0.0)


def rivalry(sets: Sequence[Scored], shipped: Sequence[Scored], train: Scored, found: Found, best: str) -> dict[str, Any]:
    """The model against the shipped one on unseen sets; against baseline `best` where both label every paragraph alike.

    The first of each comparison is the rival, the second the model. Texts of paragraphs that flip are given for the train
    split only: test split and real text are not read for errors.
    """
    alike = all(a.found(task) == b.found(task) for a, b in zip(shipped, sets, strict=True) for task in b.labels)
    if not alike:
        first = {scored.name: {task: scored.found(task) for task in scored.labels} for scored in shipped}
    else:
        first, sets = found[best], [train, *sets]
    told: dict[str, dict[str, Any]] = {}
    flipped = {}
    for scored in sets:
        compared = {
            task: compare(truth, first[scored.name][task], scored.found(task), scored.articles, LABELS[task])
            for task, truth in scored.labels.items()
        }
        told[scored.name] = {task: _told(each, len(set(scored.labels[task])) > 1) for task, each in compared.items()}
        if scored.rows:
            flipped[scored.name] = _flipped(scored, compared["stance"], scored is train)
    return {"with": best if alike else "the shipped model", "same_as_shipped": alike, "sets": told, "flipped": flipped}


def _told(compared: Comparison, varied: bool) -> dict[str, Any]:
    """Macro-F1 of both and the difference, None where the truth holds one label only; McNemar counts; how many flip."""
    return {
        "first": [compared.first, *compared.first_interval] if varied else None,
        "second": [compared.second, *compared.second_interval] if varied else None,
        "difference": change_of(compared) if varied else None,
        "n": compared.paragraphs,
        "only_first": compared.only_first,
        "only_second": compared.only_second,
        "p": compared.p,
        "flipped": len(compared.flips),
    }


def _flipped(scored: Scored, compared: Comparison, readable: bool) -> list[dict[str, Any]]:
    """FLIPPED of the paragraphs that the two label otherwise, drawn at random."""
    drawn = np.random.default_rng(SEED).permutation(len(compared.flips))[:FLIPPED]
    return [
        {
            "row": scored.rows[flip.index].row,
            "label": flip.truth,
            "first": flip.before,
            "second": flip.after,
            "text": cut(split(scored.passages[flip.index])[0]) if readable else None,
        }
        for flip in (compared.flips[k] for k in sorted(drawn))
    ]


def _macro_f1(scored: Scored, task: str, found: Sequence[str]) -> Figure:
    return figure(macro_f1, tables_of(scored.labels[task], found, scored.articles, LABELS[task]))


def _majority_out_of_fold(cv: CrossValidation, task: str) -> list[str]:
    labels = np.array(cv.scored.labels[task])
    out = labels.copy()
    for fold in range(len(cv.models)):
        held = cv.fold == fold
        out[held] = majority(list(labels[~held]), 1)[0]
    return [str(label) for label in out]


def _out_of_fold(pipeline: Pipeline, cv: CrossValidation, task: str) -> list[str]:
    texts, labels = np.array(cv.scored.texts, dtype=object), np.array(cv.scored.labels[task])
    out = labels.copy()
    for fold in range(len(cv.models)):
        held = cv.fold == fold
        out[held] = clone(pipeline).fit(texts[~held], labels[~held]).predict(texts[held])
    return [str(label) for label in out]
