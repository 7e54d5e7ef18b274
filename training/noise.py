"""How good the labels are: the readers' agreement, which is the ceiling, and the labels most likely wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from stance.head import LABELS
from training.agreement import Notes, agreement
from training.confusions import cut
from training.figures import Figure, figure, tables_of
from training.labels import Row
from training.scored import Scored
from training.scores import macro_f1
from training.suspects import suspects

__all__ = ["SUSPECTS", "ceiling", "noise"]

SUSPECTS = 50  # labels shown of each task


def noise(scored: Scored, rows: Sequence[Row], tested: Scored | None, notes: Notes) -> dict[str, Any]:
    """Agreement of the readings of `rows`, the ceiling on the test split, and the suspects of `scored` (out of fold)."""
    worst = {}
    for task, names in LABELS.items():
        labels = scored.labels[task]
        worst[task] = [
            {
                "row": scored.rows[k].row,
                "label": labels[k],
                "score": score,
                "found": found,
                "second": notes.get(scored.rows[k].id, {}).get("second", {}).get(task),
                "text": cut(scored.rows[k].text),
            }
            for k, score, found in suspects(np.log(scored.scores[task]), labels, names, SUSPECTS)
        ]
    return {
        "agreement": {task: [vars(each) for each in groups] for task, groups in agreement(rows, notes).items()},
        "ceiling": {task: tested and ceiling(tested, task, notes) for task in LABELS},
        "suspects": worst,
    }


def ceiling(scored: Scored, task: str, notes: Notes) -> Figure | None:
    """The macro-F1 that a second reader gets against the labels, where at least half of the paragraphs have one; else None.

    Only for the paragraphs with a blind second reading; what no reader reaches, no model can be asked for.
    """
    seconds = [notes.get(row.id, {}).get("second", {}).get(task, "") for row in scored.rows]
    kept = [k for k, label in enumerate(seconds) if label in LABELS[task]]
    if not kept or 2 * len(kept) < len(scored.articles):
        return None
    truth, articles = [scored.labels[task][k] for k in kept], [scored.articles[k] for k in kept]
    return figure(macro_f1, tables_of(truth, [seconds[k] for k in kept], articles, LABELS[task]))
