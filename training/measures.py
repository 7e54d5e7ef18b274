"""The evaluation as one plain dict, report.json: what it holds is told in training/REPORT.md; nothing is rendered here."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stance.head import LABELS
from stance.model import Model
from training.abstention import abstention, doubts
from training.agreement import Notes, read_annotations
from training.aims import aims
from training.calibration import calibration
from training.confusions import confusions, examples
from training.corpus import events
from training.figures import f1_of, figure, share, tables_of
from training.labels import Row, check
from training.leakage import cut_datelines, leakage
from training.learned import learned
from training.noise import noise
from training.scored import CrossValidation, Scored
from training.scores import RESAMPLES, macro_f1
from training.shares import METHODS, class_shares
from training.slices import slices
from training.trials import trials
from training.yardsticks import baseline_labels, baselines, best_baseline, rivalry

__all__ = ["SCHEMA", "Study", "class_scores", "measures"]

SCHEMA = 1


@dataclass(frozen=True)
class Study:
    """What is measured: the labels, the model, and the paragraphs scored: out of fold, the test split and real text.

    `origins` (hashes, versions, command), `curve` (points, or None) and `costs` are taken as they are. `shipped` holds
    `sets` as the shipped model scores them.
    """

    rows: Sequence[Row]
    problems: Sequence[str]
    model: Model
    cv: CrossValidation
    sets: Sequence[Scored]
    shipped: Sequence[Scored]
    absent: dict[str, str]
    origins: dict[str, Any]
    curve: dict[str, Any] | None
    costs: dict[str, Any]


def measures(study: Study) -> dict[str, Any]:
    """Every figure of the report; plain values, no NaN, what cannot be known is None. Takes some minutes."""
    every, notes, event = [study.cv.scored, *study.sets], read_annotations(), events()
    tested = next((scored for scored in study.sets if scored.rows), None)
    found = baseline_labels(study.cv, study.sets)
    told_baselines = _each(every, lambda scored, task: baselines(scored, task, found))
    best = best_baseline(told_baselines["cross-validation"]["stance"])
    classes = _each(every, class_scores)
    coverage = _each(every, abstention)
    report = {
        "schema": SCHEMA,
        "resamples": RESAMPLES,
        "sets": [
            {"name": s.name, "n": len(s.articles), "articles": len(set(s.articles)), "tasks": list(s.labels)} for s in every
        ],
        "absent": study.absent,
        "verdict": _verdict(every, classes, told_baselines, coverage, best),
        "aims": aims(study.sets, notes),
        "use": {"labels": {task: list(names) for task, names in LABELS.items()}, **study.origins["codebook"]},
        "data": _data(study, notes, event),
        "leakage": leakage(study.cv, study.sets, study.rows),
        "classes": classes,
        "baselines": told_baselines,
        "confusion": {
            "tables": _each(every, confusions),
            "examples": {task: examples(study.cv, task) for task in LABELS},
        },
        "calibration": _each(every, calibration),
        "abstention": {
            "limits": _limits(study),
            "sets": coverage,
            "unsure": {s.name: doubts(s, study.model) for s in study.sets},
        },
        "slices": _each([s for s in every if s.rows], lambda scored, task: slices(scored, task, event, notes)),
        "behaviour": trials(study.model),
        "noise": noise(study.cv.scored, study.rows, tested, notes),
        "comparison": rivalry(study.sets, study.shipped, study.cv.scored, found, best),
        "curve": study.curve,
        "shares": {
            "methods": METHODS,
            "sets": _each(study.sets, lambda scored, task: class_shares(scored, study.cv.scored, task)),
        },
        "learned": {
            **learned(study.model, study.rows),
            "datelines": {s.name: cut_datelines(s, study.model) for s in study.sets},
        },
        "cost": study.costs,
        "reproduce": study.origins,
    }
    return dict(json.loads(json.dumps(report, allow_nan=False)))  # what a reader of report.json gets, or an error here


def class_scores(scored: Scored, task: str) -> dict[str, Any]:
    """Macro-F1 (None where the truth holds one label only), accuracy, and of each label precision, recall, F1 and support."""
    names, truth, right = LABELS[task], np.array(scored.labels[task]), scored.right(task)
    found, articles = np.array(scored.found(task)), scored.articles
    tables = tables_of(scored.labels[task], scored.found(task), articles, names)
    labels = {
        name: {
            "precision": share(right, articles, found == name),
            "recall": share(right, articles, truth == name),
            "f1": figure(f1_of(k), tables, int((truth == name).sum())),
            "support": int((truth == name).sum()),
        }
        for k, name in enumerate(names)
    }
    varied = len(set(truth)) > 1
    return {"macro_f1": figure(macro_f1, tables) if varied else None, "accuracy": share(right, articles), "labels": labels}


def _each(sets: Sequence[Scored], measure: Callable[[Scored, str], Any]) -> dict[str, dict[str, Any]]:
    """`measure` of every set and every task that the set has labels for."""
    return {scored.name: {task: measure(scored, task) for task in scored.labels} for scored in sets}


def _verdict(
    every: Sequence[Scored], classes: dict[str, Any], told: dict[str, Any], coverage: dict[str, Any], best: str
) -> dict[str, Any]:
    sets = {}
    for scored in every:
        stance = classes[scored.name]["stance"]
        quiet = np.array([label == "neutral" for label in scored.labels["stance"]], dtype=bool)
        claimed = np.array([label != "neutral" for label in scored.found("stance")], dtype=bool)
        sets[scored.name] = {
            "stance": stance["macro_f1"],
            "accuracy": stance["accuracy"],
            "f1": {label: told["f1"] for label, told in stance["labels"].items() if label != "neutral"},
            "false_alarms": share(claimed, scored.articles, quiet),
            "sentiment": classes[scored.name].get("sentiment", {}).get("macro_f1"),
            "coverage": coverage[scored.name]["stance"]["coverage"],
            "kept": coverage[scored.name]["stance"]["kept"],
            "baseline": told[scored.name]["stance"][best] if stance["macro_f1"] else None,
        }
    return {"best_baseline": best, "sets": sets}


def _data(study: Study, notes: Notes, event: dict[str, str]) -> dict[str, Any]:
    splits = {}
    for name in dict.fromkeys(row.split for row in study.rows):
        rows = [row for row in study.rows if row.split == name]
        counts = {task: Counter(str(getattr(row, task)) for row in rows) for task in LABELS}
        splits[name] = {"n": len(rows), "articles": len({row.article for row in rows})} | {
            task: {label: counts[task][label] for label in names} for task, names in LABELS.items()
        }
    return {
        "labels_sha256": study.origins["labels_sha256"],
        "splits": splits,
        "excluded": list(study.problems),
        "problems": check(study.rows),
        "with_second_reading": sum("second" in notes.get(row.id, {}) for row in study.rows),
        "with_third_reading": sum("third" in notes.get(row.id, {}) for row in study.rows),
        "with_event": sum(row.article in event for row in study.rows),
        "years": dict(sorted(Counter(row.date[:4] or "not recorded" for row in study.rows).items())),
        "registers": dict(Counter(row.register for row in study.rows).most_common()),
    }


def _limits(study: Study) -> dict[str, Any]:
    return {
        task: {
            "model": study.model.heads[task].threshold,
            "folds": [model.heads[task].threshold for model in study.cv.models],
            "temperature": study.model.heads[task].temperature,
            "fold_temperatures": [model.heads[task].temperature for model in study.cv.models],
        }
        for task in LABELS
    }
