"""Scores with their intervals: precision, recall, F1 and macro-F1, resampled over articles, not paragraphs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from stance.head import Floats

__all__ = [
    "RESAMPLES",
    "article_numbers",
    "calibration_error",
    "class_table",
    "confusion",
    "f1",
    "interval",
    "macro_f1",
    "per_article",
    "resampled",
]

RESAMPLES = 2000


def per_article(
    truth: Sequence[str], found: Sequence[str], articles: Sequence[str], labels: Sequence[str]
) -> npt.NDArray[np.int64]:
    """One confusion table (truth by found) for each article."""
    numbers = article_numbers(articles)
    tables = np.zeros((numbers.max(initial=-1) + 1, len(labels), len(labels)), dtype=np.int64)
    for t, f, a in zip(truth, found, numbers, strict=True):
        tables[a, labels.index(t), labels.index(f)] += 1
    return tables


def article_numbers(articles: Sequence[str]) -> npt.NDArray[np.int64]:
    """For each paragraph the number of its article, from 0, in the order in which articles first stand."""
    index = {name: k for k, name in enumerate(dict.fromkeys(articles))}
    return np.array([index[name] for name in articles], dtype=np.int64)


def confusion(truth: Sequence[str], found: Sequence[str], labels: Sequence[str]) -> npt.NDArray[np.int64]:
    """The confusion table, truth by found."""
    return np.asarray(per_article(truth, found, ["all"] * len(truth), labels)[0])


def f1(tables: npt.NDArray[np.int64] | Floats) -> Floats:
    """F1 of each label of confusion tables (the last two axes); 0 where a label neither occurs nor is found."""
    right = np.diagonal(tables, axis1=-2, axis2=-1)
    total = tables.sum(-1) + tables.sum(-2)
    return np.asarray(np.divide(2 * right, total, out=np.zeros(right.shape), where=total > 0))


def macro_f1(tables: npt.NDArray[np.int64] | Floats) -> Floats:
    """The mean F1 of the labels, over the labels that occur in the truth or are found."""
    occurs = (tables.sum(-1) + tables.sum(-2)) > 0
    return np.asarray(f1(tables).sum(-1) / np.maximum(occurs.sum(-1), 1))


def interval(tables: npt.NDArray[np.int64], seed: int = 0) -> tuple[float, float]:
    """The 95 % interval of macro-F1 by a percentile bootstrap over the articles (Efron and Tibshirani 1993, ch. 13)."""
    low, high = np.percentile(macro_f1(resampled(tables, seed)), [2.5, 97.5])
    return float(low), float(high)


def resampled(tables: npt.NDArray[np.int64] | Floats, seed: int = 0) -> Floats:
    """The sum of the tables of as many articles, drawn with replacement, RESAMPLES times: RESAMPLES by what a table holds.

    The same number of articles and the same seed draw the same articles: differences of two results are paired.
    """
    return np.asarray(np.tensordot(_draws(len(tables), seed), tables, axes=1))


@lru_cache(maxsize=16)
def _draws(articles: int, seed: int) -> Floats:
    random = np.random.default_rng(seed)
    return random.multinomial(articles, np.full(articles, 1 / articles), size=RESAMPLES).astype(np.float64)


def calibration_error(scores: Floats, right: npt.NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error of winning scores over bins of equal mass (Nixon et al. 2019)."""
    order = np.argsort(scores, kind="stable")
    parts = np.array_split(order, min(bins, len(order)))
    return float(sum(len(p) * abs(scores[p].mean() - right[p].mean()) for p in parts) / len(order))


def class_table(truth: Sequence[str], found: Sequence[str], articles: Sequence[str], labels: Sequence[str]) -> str:
    """Precision, recall, F1 and support of each label, and macro-F1 with its interval."""
    tables = per_article(truth, found, articles, labels)
    total = tables.sum(0)
    lines = [f"  {'label':<22}{'precision':>10}{'recall':>8}{'F1':>7}{'n':>6}"]
    for k, label in enumerate(labels):
        hit = total[k, k]
        precision, recall = hit / max(total[:, k].sum(), 1), hit / max(total[k].sum(), 1)
        lines.append(f"  {label:<22}{precision:>10.3f}{recall:>8.3f}{float(f1(total)[k]):>7.3f}{total[k].sum():>6}")
    low, high = interval(tables)
    share = np.trace(total) / total.sum()
    lines.append(f"  macro-F1 {float(macro_f1(total)):.3f} ({low:.3f} to {high:.3f}), accuracy {share:.3f}")
    return "\n".join(lines)
