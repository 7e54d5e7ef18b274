"""Labels most likely wrong: paragraphs to whose label the model, trained without their article, gives the lowest score."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stance.head import LABELS, Floats, softmax
from stance.model import validation_logits
from training.labels import Row, previous_of, progress_bar

__all__ = ["suspects", "suspects_table"]

SHARE = 0.03


def suspects(logits: Floats, labels: Sequence[str], names: Sequence[str], count: int) -> list[tuple[int, float, str]]:
    """The `count` labels that score lowest, worst first: the number of the paragraph, its label's score, what the model says."""
    scores = softmax(logits)
    own = scores[np.arange(len(labels)), [names.index(label) for label in labels]]
    return [(int(k), float(own[k]), names[int(scores[k].argmax())]) for k in np.argsort(own, kind="stable")[:count]]


def suspects_table(rows: Sequence[Row]) -> str:
    """The three per cent of the train split whose labels score lowest out of fold, for each task, worst first."""
    kept = [(row, before) for row, before in zip(rows, previous_of(rows), strict=True) if row.split == "train"]
    train = [row for row, _ in kept]
    labels = {task: [getattr(row, task) for row in train] for task in LABELS}
    logits = validation_logits(
        [(row.text, before) for row, before in kept], labels, [row.article for row in train], progress_bar("folds")
    )
    lines = []
    for task, names in LABELS.items():
        worst = suspects(logits[task], labels[task], names, max(1, round(SHARE * len(train))))
        lines.append(f"{task}: the {len(worst)} labels that score lowest out of fold")
        for k, score, found in worst:
            lines.append(f"  row {train[k].row}: {labels[task][k]} (score {score:.3f}), {found}? {train[k].text[:110]}")
    return "\n".join(lines)
