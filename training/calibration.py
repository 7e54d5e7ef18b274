"""Whether a score of 0.8 is right in eight cases of ten: reliability, log loss, Brier score and calibration error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from stance.head import LABELS, SEED, Floats, softmax
from stance.lexicon import Ints, Mask
from training.figures import Figure, change, figure, share
from training.scored import Scored
from training.scores import article_numbers

__all__ = ["BINS", "calibration", "calibration_figure"]

BINS = 10  # of equal mass
_PERFECT = 500  # simulated outcomes


def calibration(scored: Scored, task: str) -> dict[str, Any]:
    """Log loss, Brier score (0 to 2) and calibration error before (temperature 1) and after, the change, and the bins.

    `expected_by_chance` is the mean calibration error that a perfectly calibrated model with these scores would show on
    as many paragraphs: the measure is above 0 even then.
    """
    names = LABELS[task]
    truth = np.array([names.index(label) for label in scored.labels[task]])
    before, after = softmax(scored.logits[task]), scored.scores[task]
    told: dict[str, Any] = {"n": len(truth), "articles": len(set(scored.articles)), "before": {}, "after": {}, "change": {}}
    for name, losses in (("log_loss", _log_losses), ("brier", _briers)):
        first, second = (_mean_tables(losses(scores, truth), scored.articles) for scores in (before, after))
        told["before"][name], told["after"][name] = (figure(_mean, tables, len(truth)) for tables in (first, second))
        told["change"][name] = change(_mean, first, second, len(truth))
    for name, scores in (("before", before), ("after", after)):
        told[name]["error"] = calibration_figure(scores.max(axis=1), scores.argmax(axis=1) == truth, scored.articles)
    told["expected_by_chance"] = _error_by_chance(after.max(axis=1))
    told["bins"] = _reliability(after.max(axis=1), after.argmax(axis=1) == truth, scored.articles)
    return told


def calibration_figure(best: Floats, right: Mask, articles: Sequence[str]) -> Figure:
    """Expected calibration error of winning scores over BINS bins of equal mass (Nixon et al. 2019), bins held fixed."""
    numbers, bins = article_numbers(articles), _bins(best)
    tables = np.zeros((numbers.max() + 1, BINS, 2))
    np.add.at(tables, (numbers, bins), np.stack([best - right, np.ones(len(best))], axis=1))
    return figure(_error, tables, len(best))


def _error(tables: Floats) -> Floats:
    return np.asarray(np.abs(tables[..., 0]).sum(-1) / np.maximum(tables[..., 1].sum(-1), 1))


def _bins(best: Floats) -> Ints:
    bins = np.zeros(len(best), dtype=np.int64)
    for number, part in enumerate(np.array_split(np.argsort(best, kind="stable"), BINS)):
        bins[part] = number
    return bins


def _reliability(best: Floats, right: Mask, articles: Sequence[str]) -> list[dict[str, Any]]:
    bins = _bins(best)
    parts = [bins == number for number in range(BINS) if (bins == number).any()]
    return [
        {
            "lowest": float(best[part].min()),
            "highest": float(best[part].max()),
            "score": float(best[part].mean()),
            "right": share(right, articles, part),
        }
        for part in parts
    ]


def _error_by_chance(best: Floats) -> float:
    random = np.random.default_rng(SEED)
    parts = [best[_bins(best) == number] for number in range(BINS)]
    gaps = [abs((random.random((_PERFECT, len(part))) < part).sum(axis=1) - part.sum()) for part in parts]
    return float(np.mean(np.sum(gaps, axis=0)) / len(best))


def _log_losses(scores: Floats, truth: Ints) -> Floats:
    return -np.log(np.maximum(scores[np.arange(len(truth)), truth], 1e-12))


def _briers(scores: Floats, truth: Ints) -> Floats:
    """Of each paragraph, the sum over labels of (score - outcome) squared (Brier 1950)."""
    return np.asarray(((scores - np.eye(scores.shape[1])[truth]) ** 2).sum(axis=1))


def _mean_tables(values: npt.NDArray[np.float64], articles: Sequence[str]) -> Floats:
    numbers = article_numbers(articles)
    tables = np.zeros((numbers.max() + 1, 2))
    np.add.at(tables, numbers, np.stack([values, np.ones(len(values))], axis=1))
    return tables


def _mean(tables: Floats) -> Floats:
    return np.asarray(tables[..., 0] / np.maximum(tables[..., 1], 1))
