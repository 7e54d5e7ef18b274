"""The learning curve: macro-F1 of stance against the number of articles, in cross-validation and on real text."""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

import numpy as np
from tqdm import tqdm

from stance.features import PassageVectorizer
from stance.head import STANCES, regression
from stance.model import MIN_DF, validation_logits
from training.labels import Row, previous_of, read_labels
from training.real import REAL, RealSet, real_sets
from training.scores import interval, macro_f1, per_article

__all__ = ["main"]

STEPS = (1 / 8, 1 / 4, 1 / 2, 1.0)


def main(arguments: list[str] | None = None) -> int:
    """Print a table: articles, paragraphs, macro-F1 with 95 % intervals over articles."""
    parser = argparse.ArgumentParser(prog="python -m training.curve", description="Learning curve of stance.")
    parser.add_argument("--real", type=Path, default=REAL, metavar="DIR")
    parser.add_argument("--github", type=Path, metavar="FILE", help="texts of github_dev.csv as JSON lines")
    parser.add_argument("--draws", type=int, default=3, help="random orders of the articles to average over")
    options = parser.parse_args(arguments)
    rows, _ = read_labels()
    previous = dict(zip([row.row for row in rows], previous_of(rows), strict=True))
    train = [row for row in rows if row.split == "train"]
    sets = [s for s in real_sets(options.real, options.github) if s.name in ("pages", "reworded", "github")]
    names = ["cross-validation", *(s.name for s in sets), "real together"]
    print(f"{'articles':>8}{'paragraphs':>12}  " + "".join(f"{name:<24}" for name in names))
    for share in tqdm(STEPS, disable=not sys.stderr.isatty()):
        draws = 1 if share == 1 else options.draws
        scores = [_scores(_sample(train, share, draw), previous, sets) for draw in range(draws)]
        kept = _sample(train, share, 0)
        means = np.mean(scores, axis=0)  # (what was scored) by (macro-F1, low, high)
        cells = [f"{mean:.3f} ({low:.3f}-{high:.3f})" for mean, low, high in means]
        print(f"{len({row.article for row in kept}):>8}{len(kept):>12}  " + "".join(f"{cell:<24}" for cell in cells))
    return 0


def _sample(rows: list[Row], share: float, draw: int) -> list[Row]:
    articles = list(dict.fromkeys(row.article for row in rows))
    random.Random(draw).shuffle(articles)
    kept = set(articles[: round(share * len(articles))])
    return [row for row in rows if row.article in kept]


def _scores(rows: list[Row], previous: dict[int, str | None], sets: list[RealSet]) -> list[tuple[float, float, float]]:
    passages = [(row.text, previous[row.row]) for row in rows]
    truth, articles = [row.stance for row in rows], [row.article for row in rows]
    logits = validation_logits(passages, {"stance": truth, "sentiment": [row.sentiment for row in rows]}, articles)["stance"]
    out = [_scored(truth, [STANCES[k] for k in logits.argmax(axis=1)], articles)]
    vectorizer = PassageVectorizer(min_df=MIN_DF)
    coef, intercept = regression("stance", vectorizer.fit_transform(passages), truth)
    everything: tuple[list[str], list[str], list[str]] = ([], [], [])
    for real in sets:
        best = (vectorizer.transform(list(zip(real.texts, real.previous, strict=True))) @ coef.T + intercept).argmax(axis=1)
        found = [STANCES[k] for k in best]
        out.append(_scored(real.stances, found, real.articles))
        for column, values in zip(everything, (real.stances, found, real.articles), strict=True):
            column.extend(values)
    return [*out, _scored(*everything)] if sets else out


def _scored(truth: list[str], found: list[str], articles: list[str]) -> tuple[float, float, float]:
    tables = per_article(truth, found, articles, STANCES)
    return (float(macro_f1(tables.sum(0))), *interval(tables))


if __name__ == "__main__":
    raise SystemExit(main())
