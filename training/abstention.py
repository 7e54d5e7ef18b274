"""What setting the doubtful paragraphs aside buys: accuracy against coverage, and the limit that the model ships with."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from stance.article import judge
from stance.model import Model
from training.figures import share
from training.scored import Scored

__all__ = ["COVERAGES", "abstention", "doubts"]

COVERAGES = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5)


def abstention(scored: Scored, task: str) -> dict[str, Any]:
    """At the limit: coverage, accuracy of what is kept and of what is set aside; then accuracy at each of COVERAGES.

    The limit is learnt on validation folds, never on the set it is applied to. The coverages of the curve are quantiles of
    this set's own scores, whose labels are not used.
    """
    best, right, sure = scored.scores[task].max(axis=1), scored.right(task), scored.sure[task]
    curve = []
    for coverage in COVERAGES:
        kept = best >= np.quantile(best, 1 - coverage)
        curve.append(
            {"coverage": float(kept.mean()), "limit": float(best[kept].min()), "right": share(right, scored.articles, kept)}
        )
    return {
        "coverage": share(sure, scored.articles),
        "kept": share(right, scored.articles, sure),
        "aside": share(right, scored.articles, ~sure),
        "all": share(right, scored.articles),
        "curve": curve,
    }


def doubts(scored: Scored, model: Model) -> dict[str, Any]:
    """As `predict` says `unsure` (score, length, language, topic): coverage, accuracy of stance on the rest, and the reasons."""
    _, reasons = judge(scored.passages, model)
    sure = np.array([reason is None for reason, _ in reasons], dtype=bool)
    counted = Counter(reason for reason, _ in reasons if reason is not None)
    return {
        "coverage": share(sure, scored.articles),
        "kept": share(scored.right("stance"), scored.articles, sure),
        "reasons": dict(counted.most_common()),
    }
