"""Labels most likely wrong: paragraphs to whose label the model, trained without their article, gives the lowest score."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stance.head import LABELS, softmax
from stance.model import validation_logits
from training.labels import Row, previous_of, progress_bar

__all__ = ["suspects_table"]

SHARE = 0.03


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
        scores = softmax(logits[task])
        own = scores[np.arange(len(train)), [names.index(label) for label in labels[task]]]
        worst = np.argsort(own, kind="stable")[: max(1, round(SHARE * len(train)))]
        lines.append(f"{task}: the {len(worst)} labels that score lowest out of fold")
        for k in worst:
            found = names[int(scores[k].argmax())]
            lines.append(f"  row {train[k].row}: {labels[task][k]} (score {own[k]:.3f}), {found}? {train[k].text[:110]}")
    return "\n".join(lines)
