"""What was aimed at, and whether it was reached: wanted figures beside measured ones, and the readers' agreement as ceiling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stance.head import LABELS
from stance.lexicon import Mask
from training.agreement import Notes
from training.calibration import calibration_figure
from training.figures import Figure, figure, share, tables_of
from training.noise import ceiling
from training.scored import Scored
from training.scores import macro_f1

__all__ = ["AIMS", "READERS", "Aim", "aims"]


@dataclass(frozen=True)
class Aim:
    """A figure that was wanted before the model was made: of `task` on `set`, at least (or, `most`, at most) `wanted`."""

    what: str
    set: str
    task: str
    measure: str
    wanted: float
    most: bool = False


AIMS = (
    Aim("stance macro-F1, test split", "test split", "stance", "macro-F1", 0.90),
    Aim("stance macro-F1, reworded", "reworded", "stance", "macro-F1", 0.82),
    Aim("stance macro-F1, github", "github", "stance", "macro-F1", 0.78),
    Aim("stance right, pages (17 of 20)", "pages", "stance", "accuracy", 17 / 20),
    Aim("false alarms on neutral paragraphs, indosum", "indosum", "stance", "false alarms", 0.05, most=True),
    Aim("positions found, indosum (6 of 10)", "indosum", "stance", "positions found", 6 / 10),
    Aim("false alarms, offtopic", "offtopic", "stance", "false alarms", 0.005, most=True),
    Aim("sentiment macro-F1, test split", "test split", "sentiment", "macro-F1", 0.85),
    Aim("sentiment macro-F1, reworded", "reworded", "sentiment", "macro-F1", 0.77),
    Aim("calibration error of stance, test split", "test split", "stance", "calibration error", 0.03, most=True),
    Aim("calibration error of stance, reworded", "reworded", "stance", "calibration error", 0.06, most=True),
    Aim("stance right without the doubtful fifth, test split", "test split", "stance", "accuracy when sure", 0.92),
)

# Cohen's kappa of two independent readings of the real sets, from the note that lies beside them.
READERS = {
    ("reworded", "stance"): 0.97,
    ("reworded", "sentiment"): 0.91,
    ("github", "stance"): 0.88,
    ("github", "sentiment"): 0.87,
    ("indosum", "stance"): 0.96,
    ("indosum", "sentiment"): 0.94,
}


def aims(sets: Sequence[Scored], notes: Notes) -> list[dict[str, Any]]:
    """Each aim with what was measured; `met` is None where the set is not there.

    `certain` says whether the whole interval lies on the same side of the aim as the measured value.
    """
    by_name = {scored.name: scored for scored in sets}
    out = []
    for aim in AIMS:
        told: dict[str, Any] = {**vars(aim), "measured": None, "met": None, "certain": None, "ceiling": None, "kappa": None}
        scored = by_name.get(aim.set)
        if scored is not None:
            measured = _measured(aim, scored)
            told |= {"measured": measured, "ceiling": ceiling(scored, aim.task, notes) if "F1" in aim.measure else None}
            told |= _judged(aim, measured)
            told["kappa"] = READERS.get((aim.set, aim.task)) if "F1" in aim.measure else None
        out.append(told)
    return out


def _measured(aim: Aim, scored: Scored) -> Figure:
    truth, found = np.array(scored.labels[aim.task]), np.array(scored.found(aim.task))
    tables = tables_of(scored.labels[aim.task], scored.found(aim.task), scored.articles, LABELS[aim.task])
    quiet: Mask = truth == "neutral"
    if aim.measure == "macro-F1":
        return figure(macro_f1, tables)
    if aim.measure == "accuracy":
        return share(found == truth, scored.articles)
    if aim.measure == "false alarms":
        return share(found != "neutral", scored.articles, quiet)
    if aim.measure == "positions found":
        return share(found == truth, scored.articles, ~quiet)
    if aim.measure == "calibration error":
        return calibration_figure(scored.scores[aim.task].max(axis=1), found == truth, scored.articles)
    return share(found == truth, scored.articles, scored.sure[aim.task])


def _judged(aim: Aim, measured: Figure) -> dict[str, Any]:
    value, low, high = measured["value"], measured["low"], measured["high"]
    if value is None or low is None or high is None:
        return {"met": None, "certain": None}
    met = value <= aim.wanted if aim.most else value >= aim.wanted
    whole = (high <= aim.wanted, low > aim.wanted) if aim.most else (low >= aim.wanted, high < aim.wanted)
    return {"met": met, "certain": whole[0] if met else whole[1]}
