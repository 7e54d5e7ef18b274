"""Class shares: counting predicted labels is biased; counts corrected by known error rates, and sums of scores, are less so."""

from __future__ import annotations

from typing import Any

import numpy as np

from stance.head import LABELS, Floats
from training.comparison import FEWEST_ARTICLES
from training.figures import FEW_ARTICLES, Change, Figure, tables_of
from training.scored import Scored
from training.scores import article_numbers, resampled

__all__ = ["METHODS", "class_shares"]

METHODS = {
    "counted": "classify and count: the share of paragraphs whose winning label it is",
    "adjusted": "adjusted classify and count: the counted shares times the inverse of the error rates measured out of fold, "
    "cut to 0 and above and to sum 1 (Forman 2008, Quantifying counts and costs via classification, Data Mining and "
    "Knowledge Discovery 17; Saerens et al. 2002 for more than two classes)",
    "mean score": "probability average: the mean calibrated score "
    "(Bella et al. 2010, Quantification via probability estimators, ICDM)",
}


def class_shares(scored: Scored, reference: Scored, task: str) -> list[dict[str, Any]]:
    """For each label the true share, and by each of METHODS the estimate and its error (estimate less truth).

    `reference` gives the error rates: the train split scored out of fold. Intervals draw the articles of both sets anew.
    """
    names = LABELS[task]
    sums, rates = _sums(scored, task), _confusion_sums(reference, task)
    n, articles = len(scored.articles), len(sums)
    value = _estimates(sums.sum(0)[None], rates.sum(0)[None])
    # another seed than that of `scored`: the two sets are drawn independently of one another
    drawn = _estimates(resampled(sums), resampled(rates, seed=1))
    out = []
    for k, label in enumerate(names):
        told: dict[str, Any] = {"label": label, "true": _figure(value["true"][0, k], drawn["true"][:, k], n, articles)}
        for method in METHODS:
            error = value[method][0, k] - value["true"][0, k]
            told[method] = _figure(value[method][0, k], drawn[method][:, k], n, articles)
            told[f"{method} error"] = _change(error, drawn[method][:, k] - drawn["true"][:, k], n, articles)
        out.append(told)
    return out


def _estimates(sums: Floats, rates: Floats) -> dict[str, Floats]:
    """Shares by method, draws by labels; `sums` as of `_sums` (draws by 3 by labels), `rates` draws by truth by found."""
    shares = sums / np.maximum(sums[:, :1].sum(-1, keepdims=True), 1)
    known = rates / np.maximum(rates.sum(-1, keepdims=True), 1)
    inverse = np.linalg.pinv(np.swapaxes(known, -1, -2))
    adjusted = np.maximum(np.einsum("bij,bj->bi", inverse, shares[:, 1]), 0)
    return {
        "true": shares[:, 0],
        "counted": shares[:, 1],
        "adjusted": adjusted / np.maximum(adjusted.sum(-1, keepdims=True), 1e-12),
        "mean score": shares[:, 2],
    }


def _sums(scored: Scored, task: str) -> Floats:
    """For each article: of each label how often it is given, how often found, and the sum of its scores."""
    numbers, eye = article_numbers(scored.articles), np.eye(len(LABELS[task]))
    truth = eye[[LABELS[task].index(label) for label in scored.labels[task]]]
    sums = np.zeros((numbers.max() + 1, 3, len(LABELS[task])))
    np.add.at(sums, numbers, np.stack([truth, eye[scored.scores[task].argmax(axis=1)], scored.scores[task]], axis=1))
    return sums


def _confusion_sums(scored: Scored, task: str) -> Floats:
    return tables_of(scored.labels[task], scored.found(task), scored.articles, LABELS[task])


def _figure(value: float, drawn: Floats, n: int, articles: int) -> Figure:
    low, high = (float(x) for x in np.percentile(drawn, [2.5, 97.5]))
    note = "few articles" if articles < FEW_ARTICLES else "no spread" if low == high else ""
    return Figure(value=float(value), low=low, high=high, n=n, articles=articles, note=note)


def _change(value: float, drawn: Floats, n: int, articles: int) -> Change:
    low, high = (float(x) for x in np.percentile(drawn.round(12), [2.5, 97.5]))
    told = "higher" if low > 0 else "lower" if high < 0 else "no detectable difference"
    if articles < FEWEST_ARTICLES:
        told = "no detectable difference"
    return Change(value=float(value), low=low, high=high, n=n, articles=articles, verdict=told)
