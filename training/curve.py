"""What more labels brought: macro-F1 of stance by number of articles, and by round of writing, on real text too."""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from stance.features import PassageVectorizer
from stance.head import STANCES, regression
from stance.model import MIN_DF, validation_logits
from stance.reading import Passage
from training.labels import Row, previous_of, read_labels
from training.real import REAL, RealSet, real_sets
from training.scores import interval, macro_f1, per_article

__all__ = ["CURVE_SETS", "Point", "curve", "main"]

CURVE_SETS = ("pages", "reworded", "github")  # the others hold next to no positions
STEPS = (1 / 8, 1 / 4, 1 / 2, 1.0)
ROUNDS = (("first edition", "tuvx"), ("y", "y"), ("z", "z"), ("r", "r"))  # by the first letter of the id


@dataclass(frozen=True)
class Point:
    """So many articles and paragraphs; by what was scored: macro-F1 and the bounds of its 95 % interval."""

    articles: int
    paragraphs: int
    scores: dict[str, tuple[float, float, float]]


def main(arguments: list[str] | None = None) -> int:
    """Print a table: articles, paragraphs, macro-F1 with 95 % intervals over articles."""
    parser = argparse.ArgumentParser(prog="python -m training.curve", description="Learning curve of stance.")
    parser.add_argument("--real", type=Path, default=REAL, metavar="DIR")
    parser.add_argument("--github", type=Path, metavar="FILE", help="texts of github_dev.csv as JSON lines")
    parser.add_argument("--draws", type=int, default=3, help="random orders of the articles to average over")
    parser.add_argument("--rounds", action="store_true", help="the rounds of writing and their errors on real text")
    options = parser.parse_args(arguments)
    rows, _ = read_labels()
    previous = dict(zip([row.row for row in rows], previous_of(rows), strict=True))
    train = [row for row in rows if row.split == "train"]
    sets = [s for s in real_sets(options.real, options.github) if s.name in CURVE_SETS]
    if options.rounds:
        _print_rounds(train, previous, sets)
        return 0
    points = curve(rows, sets, options.draws)
    print(f"{'articles':>8}{'paragraphs':>12}  " + "".join(f"{name:<24}" for name in points[0].scores))
    for point in points:
        cells = [f"{mean:.3f} ({low:.3f}-{high:.3f})" for mean, low, high in point.scores.values()]
        print(f"{point.articles:>8}{point.paragraphs:>12}  " + "".join(f"{cell:<24}" for cell in cells))
    return 0


def curve(rows: Sequence[Row], sets: Sequence[RealSet], draws: int = 3) -> list[Point]:
    """Macro-F1 of stance for each of STEPS of the train articles, in cross-validation and on the real sets.

    Value and interval bounds are means over `draws` random choices of the articles (one where all are taken).
    """
    previous = dict(zip([row.row for row in rows], previous_of(rows), strict=True))
    train = [row for row in rows if row.split == "train"]
    names = ["cross-validation", *(s.name for s in sets), *(["real together"] if sets else [])]
    points = []
    for share in tqdm(STEPS, disable=not sys.stderr.isatty()):
        scores = [_scores(_sample(train, share, draw), previous, sets) for draw in range(1 if share == 1 else draws)]
        kept, means = _sample(train, share, 0), np.mean(scores, axis=0)  # (what was scored) by (macro-F1, low, high)
        told = {name: (float(mean), float(low), float(high)) for name, (mean, low, high) in zip(names, means, strict=True)}
        points.append(Point(len({row.article for row in kept}), len(kept), told))
    return points


def _sample(rows: list[Row], share: float, draw: int) -> list[Row]:
    articles = list(dict.fromkeys(row.article for row in rows))
    random.Random(draw).shuffle(articles)
    kept = set(articles[: round(share * len(articles))])
    return [row for row in rows if row.article in kept]


def _scores(rows: list[Row], previous: dict[int, str | None], sets: Sequence[RealSet]) -> list[tuple[float, float, float]]:
    passages: list[Passage] = [(row.text, previous[row.row]) for row in rows]
    truth, articles = [row.stance for row in rows], [row.article for row in rows]
    logits = validation_logits(passages, {"stance": truth, "sentiment": [row.sentiment for row in rows]}, articles)["stance"]
    out = [_scored(truth, [STANCES[k] for k in logits.argmax(axis=1)], articles)]
    found = _found(passages, truth, sets)
    out += [_scored(real.stances, labels, real.articles) for real, labels in zip(sets, found, strict=True)]
    return [*out, _scored(*_together(sets, found))] if sets else out


def _found(passages: list[Passage], truth: list[str], sets: Sequence[RealSet]) -> list[list[str]]:
    """The stances that a model of these passages finds in each real set."""
    vectorizer = PassageVectorizer(min_df=MIN_DF)
    coef, intercept = regression("stance", vectorizer.fit_transform(passages), truth)
    matrices = (vectorizer.transform(list(zip(real.texts, real.previous, strict=True))) for real in sets)
    return [[STANCES[k] for k in (matrix @ coef.T + intercept).argmax(axis=1)] for matrix in matrices]


def _together(sets: Sequence[RealSet], found: list[list[str]]) -> tuple[list[str], list[str], list[str]]:
    truth = [label for real in sets for label in real.stances]
    return truth, [label for labels in found for label in labels], [name for real in sets for name in real.articles]


def _print_rounds(rows: list[Row], previous: dict[int, str | None], sets: Sequence[RealSet]) -> None:
    """A Markdown table: the corpus after each round, and what its model gets wrong on the real sets together."""
    print("| up to round | articles | paragraphs | macro-F1 on real text | missed | false alarms | the wrong position |")
    print("|---|---|---|---|---|---|---|")
    letters = ""
    for name, added in ROUNDS:
        letters += added
        kept = [row for row in rows if row.id[0] in letters]
        passages: list[Passage] = [(row.text, previous[row.row]) for row in kept]
        truth, found, articles = _together(sets, _found(passages, [row.stance for row in kept], sets))
        value, low, high = _scored(truth, found, articles)
        wrong = [(t, f) for t, f in zip(truth, found, strict=True) if t != f]
        missed = Counter(t for t, f in wrong if f == "neutral")
        alarms = Counter(f for t, f in wrong if t == "neutral")
        told = (f"{c['pro-moscow']} pro-moscow, {c['critical-of-beijing']} critical" for c in (missed, alarms))
        count = f"{len({row.article for row in kept})} | {len(kept)} | {value:.3f} ({low:.3f} to {high:.3f})"
        print(f"| {name} | {count} | {' | '.join(told)} | {len(wrong) - missed.total() - alarms.total()} |")


def _scored(truth: list[str], found: list[str], articles: list[str]) -> tuple[float, float, float]:
    tables = per_article(truth, found, articles, STANCES)
    return (float(macro_f1(tables.sum(0))), *interval(tables))


if __name__ == "__main__":
    raise SystemExit(main())
