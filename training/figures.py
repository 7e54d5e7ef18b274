"""A figure as the report states it: value, 95 % interval, and the paragraphs and articles that it rests on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypedDict

import numpy as np
import numpy.typing as npt
from scipy.stats import beta

from stance.head import Floats
from stance.lexicon import Mask
from training.comparison import FEWEST_ARTICLES, Comparison
from training.scores import article_numbers, f1, resampled

__all__ = [
    "FEW",
    "FEW_ARTICLES",
    "Change",
    "Figure",
    "Statistic",
    "accuracy",
    "change",
    "change_of",
    "f1_of",
    "figure",
    "share",
    "tables_of",
]

FEW = 30  # paragraphs under which no figure is given for a slice
FEW_ARTICLES = 10  # under which an interval over articles is itself a guess, and marked

Statistic = Callable[[Floats], Floats]
"""From sums of per-article tables (their axes last) to numbers."""


class Figure(TypedDict):
    """`low` to `high` is the 95 % interval; `note`: "", "few articles", "no spread" (every resample gives the same), or "exact".

    `value` is None where nothing was counted, for instance the precision of a label that was never found.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    articles: int
    note: str


class Change(TypedDict):
    """A difference with its paired interval, and what may be said of it: `higher`, `lower`, `no detectable difference`."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    articles: int
    verdict: str


def figure(statistic: Statistic, tables: Floats | npt.NDArray[np.int64], n: int | None = None) -> Figure:
    """`statistic` of `tables`, one for each article, resampled over articles; `n` is their sum unless given."""
    count = int(tables.sum() if n is None else n)
    articles = int((tables.reshape(len(tables), -1) != 0).any(axis=1).sum())
    if not count or not articles:
        return Figure(value=None, low=None, high=None, n=count, articles=articles, note="")
    value = float(statistic(tables.sum(0).astype(np.float64)))
    low, high = _bounds(statistic(resampled(tables)))
    return Figure(
        value=_number(value),
        low=_number(low),
        high=_number(high),
        n=count,
        articles=articles,
        note="few articles" if articles < FEW_ARTICLES else "no spread" if low == high else "",
    )


def share(hits: Mask, articles: Sequence[str], among: Mask | None = None) -> Figure:
    """The share of `hits` among the paragraphs (those of the mask `among`).

    Where none or all are hits every resample gives the same share; the interval is then the exact one of Clopper and
    Pearson (1934), as if paragraphs were independent.
    """
    inside = np.ones(len(hits), dtype=bool) if among is None else among
    found = figure(_ratio, _sums(np.stack([hits & inside, inside], axis=1), articles), int(inside.sum()))
    if found["n"] and found["value"] in (0.0, 1.0):
        right = found["n"] if found["value"] == 1.0 else 0
        low = 0.0 if right == 0 else float(beta.ppf(0.025, right, 1))
        high = 1.0 if right else float(beta.ppf(0.975, 1, found["n"]))
        return {**found, "low": low, "high": high, "note": "exact"}
    return found


def change(statistic: Statistic, first: Floats, second: Floats, n: int) -> Change:
    """`statistic` of the second tables less that of the first; both are of the same articles, which are drawn together."""
    value = float(statistic(second.sum(0).astype(np.float64)) - statistic(first.sum(0).astype(np.float64)))
    low, high = _bounds((statistic(resampled(second)) - statistic(resampled(first))).round(12))
    told = "higher" if low > 0 else "lower" if high < 0 else "no detectable difference"
    if len(first) < FEWEST_ARTICLES or not np.isfinite(low):
        told = "no detectable difference"
    return Change(value=_number(value), low=_number(low), high=_number(high), n=n, articles=len(first), verdict=told)


def change_of(compared: Comparison) -> Change:
    """A comparison of two sets of predictions as a change of macro-F1, second less first."""
    told = {"better": "higher", "worse": "lower"}.get(compared.verdict, compared.verdict)
    return Change(
        value=compared.difference,
        low=compared.low,
        high=compared.high,
        n=compared.paragraphs,
        articles=compared.articles,
        verdict=told,
    )


def tables_of(
    truth: Sequence[str], found: Sequence[str], articles: Sequence[str], labels: Sequence[str], among: Mask | None = None
) -> Floats:
    """Confusion tables for each article, of the paragraphs of the mask only; articles without any keep an empty one."""
    tables = np.zeros((len(set(articles)), len(labels), len(labels)))
    place = {label: k for k, label in enumerate(labels)}
    given, said = (np.array([place[label] for label in each], dtype=np.int64) for each in (truth, found))
    kept = np.ones(len(truth), dtype=bool) if among is None else among
    np.add.at(tables, (article_numbers(articles)[kept], given[kept], said[kept]), 1)
    return tables


def accuracy(tables: Floats) -> Floats:
    """The share on the diagonal of confusion tables (the last two axes)."""
    return _divided(np.trace(tables, axis1=-2, axis2=-1), tables.sum((-2, -1)))


def f1_of(k: int) -> Statistic:
    """The F1 of label `k`."""
    return lambda tables: f1(tables)[..., k]


def _sums(values: npt.NDArray[np.bool_] | Floats, articles: Sequence[str]) -> Floats:
    """Per-article sums of per-paragraph rows."""
    numbers = article_numbers(articles)
    out = np.zeros((numbers.max(initial=-1) + 1, values.shape[1]))
    np.add.at(out, numbers, values)
    return out


def _ratio(sums: Floats) -> Floats:
    return _divided(sums[..., 0], sums[..., 1])


def _divided(part: Floats, whole: Floats) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=np.asarray(whole) > 0))


def _bounds(values: Floats) -> tuple[float, float]:
    kept = values[np.isfinite(values)]
    if not len(kept):
        return float("nan"), float("nan")
    low, high = np.percentile(kept, [2.5, 97.5])
    return float(low), float(high)


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None
