"""Whether the score is earned: articles kept together, texts nearly alike, datelines, and what a naive split would claim."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from stance.head import LABELS
from stance.model import Model, validation_logits
from stance.reading import Passage, split
from training.comparison import compare
from training.corpus import MOST_ALIKE, near_duplicates
from training.figures import accuracy, change, change_of, figure, share, tables_of
from training.labels import Row, progress_bar
from training.scored import CrossValidation, Scored
from training.scores import macro_f1

__all__ = ["cut_datelines", "dateline", "leakage", "near_copies", "random_split"]

ALIKE = 0.2  # of the 3-word runs: below, pairs share a title or a set phrase
SHOWN = 10
_DATELINE = re.compile(r"\s*((?:[A-Z][\w.'/]*[ ,.(/)]+){1,7}?)[-–—][\s–—-]*(?=\S)")


def leakage(cv: CrossValidation, sets: Sequence[Scored], rows: Sequence[Row]) -> dict[str, Any]:
    """The checks of section 4: folds, naive split, near copies inside the labels and between them and every other set."""
    folds: dict[str, set[int]] = {}
    for article, fold in zip(cv.scored.articles, cv.fold, strict=True):
        folds.setdefault(article, set()).add(int(fold))
    splits: dict[str, set[str]] = {}
    for row in rows:
        splits.setdefault(row.article, set()).add(row.split)
    return {
        "articles": len(folds),
        "articles_in_two_folds": sum(len(found) > 1 for found in folds.values()),
        "articles_in_two_splits": sum(len(found) > 1 for found in splits.values()),
        "random_split": random_split(cv),
        "near_copies": near_copies(rows, sets),
    }


def random_split(cv: CrossValidation) -> dict[str, Any]:
    """Macro-F1 when paragraphs, not articles, are dealt into folds, and by how much it exceeds the honest one."""
    scored = cv.scored
    alone = [str(n) for n in range(len(scored.articles))]
    logits = validation_logits(scored.passages, scored.labels, alone, progress_bar("naive folds"))
    told = {}
    for task, names in LABELS.items():
        naive = [names[k] for k in logits[task].argmax(axis=1)]
        truth, articles = scored.labels[task], scored.articles
        told[task] = {
            "grouped": figure(macro_f1, tables_of(truth, scored.found(task), articles, names)),
            "random": figure(macro_f1, tables_of(truth, naive, articles, names)),
            "random_less_grouped": change_of(compare(truth, scored.found(task), naive, articles, names)),
        }
    return told


def near_copies(rows: Sequence[Row], sets: Sequence[Scored]) -> dict[str, Any]:
    """Pairs of paragraphs that share over ALIKE of their 3-word runs (Jaccard), inside the labels and across to each set.

    For each set also stance accuracy on the paragraphs that have no such pair among the train split.
    """
    texts = [row.text for row in rows]
    pairs = sorted(near_duplicates(texts, [row.article for row in rows], ALIKE), key=lambda pair: -pair[2])
    told: dict[str, Any] = {
        "least": ALIKE,
        "most": MOST_ALIKE,
        "in_labels": len(pairs),
        "in_labels_above_most": sum(share > MOST_ALIKE for _, _, share in pairs),
        "closest": [{"rows": [rows[a].row, rows[b].row], "share": share} for a, b, share in pairs[:SHOWN]],
        "sets": {},
    }
    train = [row.text for row in rows if row.split == "train"]
    for scored in sets:
        mine = scored.texts
        groups = ["train"] * len(train) + [scored.name] * len(mine)
        across = near_duplicates(train + mine, groups, ALIKE)
        copied = np.zeros(len(mine), dtype=bool)
        copied[[b - len(train) for _, b, _ in across]] = True
        told["sets"][scored.name] = {
            "n": len(mine),
            "paragraphs": int(copied.sum()),
            "highest": max((share for _, _, share in across), default=None),
            "accuracy": share(scored.right("stance"), scored.articles),
            "accuracy_without": share(scored.right("stance"), scored.articles, ~copied),
        }
    return told


def dateline(text: str) -> str:
    """The place and the paper with which a report opens (`MOSKOW, WARTASELAT.ID - `), or "" where there is none."""
    found = _DATELINE.match(text)
    return found.group(0) if found else ""


def cut_datelines(scored: Scored, model: Model) -> dict[str, Any]:
    """Accuracy of stance with and without the datelines of the paragraphs, and the change."""
    cut: list[Passage] = []
    for passage in scored.passages:
        text, before = split(passage)
        cut.append((text.removeprefix(dateline(text)), before))
    names = LABELS["stance"]
    scores = model.score([split(p)[0] for p in cut], [split(p)[1] for p in cut])["stance"]
    found = [names[k] for k in scores.argmax(axis=1)]
    labels, articles = scored.labels["stance"], scored.articles
    tables = [tables_of(labels, each, articles, names) for each in (scored.found("stance"), found)]
    right = np.array([f == t for f, t in zip(found, labels, strict=True)], dtype=bool)
    return {
        "n": len(cut),
        "datelines": sum(bool(dateline(text)) for text in scored.texts),
        "labels_changed": sum(a != b for a, b in zip(scored.found("stance"), found, strict=True)),
        "with": share(scored.right("stance"), articles),
        "without": share(right, articles),
        "change": change(accuracy, tables[0], tables[1], len(cut)),
    }
