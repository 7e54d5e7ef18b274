"""Two sets of predictions of the same paragraphs, compared: is the second better, worse, or not to be told apart?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest

from training.scores import RESAMPLES, interval, macro_f1, per_article

__all__ = ["FEWEST_ARTICLES", "Comparison", "Flip", "compare", "lines"]

# Were both alike, five articles would all favour the same one by chance in 6 % of cases (2 * 0.5**5), six in 3 %.
FEWEST_ARTICLES = 6


@dataclass(frozen=True)
class Flip:
    """A paragraph (its number in the input, from 0) that the second predictions label otherwise than the first."""

    index: int
    truth: str
    before: str
    after: str


@dataclass(frozen=True)
class Comparison:
    """Macro-F1 of both with 95 % intervals, and the difference, second less first, with its own.

    `only_first` and `only_second` count the paragraphs that one of them alone has right (McNemar 1947); `p` is the exact
    two-sided binomial probability of counts at least as uneven were both alike. It takes paragraphs for independent,
    which those of an article are not: the verdict goes by the interval of the difference.
    """

    paragraphs: int
    articles: int
    first: float
    first_interval: tuple[float, float]
    second: float
    second_interval: tuple[float, float]
    difference: float
    low: float
    high: float
    only_first: int
    only_second: int
    p: float
    flips: tuple[Flip, ...]

    @property
    def verdict(self) -> str:
        """Of the second: `better`, `worse`, or `no detectable difference`.

        The last where the interval of the difference holds 0, and for fewer articles than FEWEST_ARTICLES.
        """
        if self.articles < FEWEST_ARTICLES or self.low <= 0 <= self.high:
            return "no detectable difference"
        return "better" if self.low > 0 else "worse"


def compare(
    truth: Sequence[str],
    first: Sequence[str],
    second: Sequence[str],
    articles: Sequence[str],
    labels: Sequence[str],
    seed: int = 0,
) -> Comparison:
    """Compare `first` and `second`, one label for each paragraph; `articles` names the article of each.

    The interval of the difference is a paired percentile bootstrap: each of the RESAMPLES draws takes the same articles
    for both (Efron and Tibshirani 1993, ch. 13). Swapping first and second negates the difference and turns its interval
    round. Raises ValueError for lengths that differ, for no paragraphs, and for unknown labels.
    """
    if not truth:
        raise ValueError("there are no paragraphs to compare; labels with a test split are needed")
    if not len(truth) == len(first) == len(second) == len(articles):
        given = ", ".join(str(len(each)) for each in (truth, first, second, articles))
        raise ValueError(f"truth, first, second and articles must be of one length; got {given}")
    for label in {*truth, *first, *second}:
        if label not in labels:
            raise ValueError(f"unknown label {label!r}; it must be one of {', '.join(labels)}")
    before, after = (per_article(truth, found, articles, labels) for found in (first, second))
    random = np.random.default_rng(seed)
    drawn = random.multinomial(len(before), np.full(len(before), 1 / len(before)), size=RESAMPLES)
    spread = macro_f1(np.tensordot(drawn, after, axes=1)) - macro_f1(np.tensordot(drawn, before, axes=1))
    low, high = np.percentile(spread.round(12), [2.5, 97.5])  # equal scores from other sums differ in the last digits
    one, other = float(macro_f1(before.sum(0))), float(macro_f1(after.sum(0)))
    only_first = sum(b == t != a for t, b, a in zip(truth, first, second, strict=True))
    only_second = sum(a == t != b for t, b, a in zip(truth, first, second, strict=True))
    return Comparison(
        paragraphs=len(truth),
        articles=len(before),
        first=one,
        first_interval=interval(before, seed),
        second=other,
        second_interval=interval(after, seed),
        difference=other - one,
        low=float(low),
        high=float(high),
        only_first=only_first,
        only_second=only_second,
        p=float(binomtest(only_first, only_first + only_second).pvalue) if only_first + only_second else 1.0,
        flips=tuple(Flip(n, t, b, a) for n, (t, b, a) in enumerate(zip(truth, first, second, strict=True)) if b != a),
    )


def lines(told: Comparison, first: str = "first", second: str = "second") -> list[str]:
    """The comparison as text for a terminal, without the flipped paragraphs; `first` and `second` name the two."""
    width = max(len(first), len(second), len("difference")) + 2
    rows = ((first, told.first, *told.first_interval), (second, told.second, *told.second_interval))
    few = f" (under {FEWEST_ARTICLES} articles tell nothing)" if told.articles < FEWEST_ARTICLES else ""
    return [
        *(f"  {name:<{width}}macro-F1 {value:.3f} ({low:.3f} to {high:.3f})" for name, value, low, high in rows),
        f"  {'difference':<{width}}{told.difference:+.3f} ({told.low:+.3f} to {told.high:+.3f}): {told.verdict}{few}",
        f"  right only in {first} {told.only_first}, only in {second} {told.only_second} (p = {told.p:.2g}); "
        f"{len(told.flips)} of {told.paragraphs} paragraphs labelled otherwise",
    ]
