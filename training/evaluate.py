"""What the labels and the model are worth: grouped cross-validation, the frozen test split, and real text."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from stance.head import LABELS, Floats
from stance.model import Model, validation_logits
from stance.reading import Passage
from training.baselines import keyword_sentiments, keyword_stances, majority
from training.labels import LABELS_CSV, Row, previous_of, progress_bar, read_labels
from training.real import REAL, RealSet, real_sets
from training.scores import calibration_error, class_table, macro_f1, per_article
from training.train import fit

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Print the scores; exit code 2 when the labels cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description="Scores of the labels and of a model.")
    parser.add_argument("--labels", type=Path, default=LABELS_CSV, metavar="FILE")
    parser.add_argument("--model", type=Path, metavar="FILE", help="evaluate this model file, not one trained now")
    parser.add_argument("--real", type=Path, default=REAL, metavar="DIR", help="real texts; default: ../shared/real")
    parser.add_argument("--github", type=Path, metavar="FILE", help="texts of github_dev.csv as JSON lines")
    parser.add_argument("--skip-cv", action="store_true", help="leave the cross-validation out")
    options = parser.parse_args(arguments)
    try:
        rows, _ = read_labels(options.labels)
        model = Model.load(options.model) if options.model else fit(rows, [options.labels])
        sets = real_sets(options.real, options.github)
    except (OSError, ValueError) as error:
        print(f"training.evaluate: {error}", file=sys.stderr)
        return 2
    if not options.skip_cv:
        _cross_validation(rows)
    _test_split(rows, model)
    if not sets:
        print(f"\n{options.real} is not there: real text is left out")
    for real in sets:
        _real(real, model)
    return 0


def _cross_validation(rows: Sequence[Row]) -> None:
    previous = previous_of(rows)
    kept = [(row, before) for row, before in zip(rows, previous, strict=True) if row.split == "train"]
    passages: list[Passage] = [(row.text, before) for row, before in kept]
    train, articles = [row for row, _ in kept], [row.article for row, _ in kept]
    labels = {"stance": [row.stance for row in train], "sentiment": [row.sentiment for row in train]}
    logits = validation_logits(passages, labels, articles, progress_bar("folds"))
    for task, names in LABELS.items():
        found = [names[k] for k in logits[task].argmax(axis=1)]
        print(
            f"\n{task}, cross-validation in 5 folds grouped by article ({len(train)} paragraphs, {len(set(articles))} articles)"
        )
        print(class_table(labels[task], found, articles, names))
        _baselines(task, labels[task], labels[task], [row.text for row in train], articles)


def _test_split(rows: Sequence[Row], model: Model) -> None:
    previous = previous_of(rows)
    held = [(row, before) for row, before in zip(rows, previous, strict=True) if row.split == "test"]
    if not held:
        print("\nthese labels have no test split")
        return
    test = [row for row, _ in held]
    scores = model.score([row.text for row in test], [before for _, before in held])
    articles = [row.article for row in test]
    for task in LABELS:
        truth = [getattr(row, task) for row in test]
        print(f"\n{task}, frozen test split ({len(test)} paragraphs, {len(set(articles))} articles)")
        _scored(model, task, scores[task], truth, articles)
        _baselines(task, [getattr(row, task) for row in rows if row.split == "train"], truth, [r.text for r in test], articles)


def _real(real: RealSet, model: Model) -> None:
    scores = model.score(real.texts, real.previous)
    for task, names in LABELS.items():
        truth = real.stances if task == "stance" else real.sentiments
        if not any(truth):
            continue
        print(f"\n{task}, real text: {real.name} ({len(truth)} paragraphs, {len(set(real.articles))} articles)")
        _scored(model, task, scores[task], truth, real.articles)
        if task == "stance":
            found = [names[k] for k in scores[task].argmax(axis=1)]
            quiet = [f for f, t in zip(found, truth, strict=True) if t == "neutral"]
            hits = sum(f == t for f, t in zip(found, truth, strict=True) if t != "neutral")
            claimed = sum(f != "neutral" for f in quiet)
            positions = len(truth) - len(quiet)
            share = claimed / len(quiet)
            print(f"  false alarms {claimed} of {len(quiet)} neutral ones ({share:.1%}); positions found {hits} of {positions}")


def _scored(model: Model, task: str, scores: Floats, truth: Sequence[str], articles: Sequence[str]) -> None:
    names = LABELS[task]
    found = [names[k] for k in scores.argmax(axis=1)]
    right = np.array([t == f for t, f in zip(truth, found, strict=True)])
    best = scores.max(axis=1)
    sure = best >= model.heads[task].threshold
    print(class_table(truth, found, articles, names))
    kept = f"{right[sure].mean():.3f}" if sure.any() else "-"
    print(f"  calibration error {calibration_error(best, right):.3f}; unsure {1 - sure.mean():.1%}, accuracy on the rest {kept}")


def _baselines(task: str, train: Sequence[str], truth: Sequence[str], texts: Sequence[str], articles: Sequence[str]) -> None:
    rules = keyword_stances if task == "stance" else keyword_sentiments
    for name, found in (("majority", majority(train, len(truth))), ("keyword rules", rules(texts))):
        value = macro_f1(per_article(truth, found, articles, LABELS[task]).sum(0))
        print(f"  baseline {name}: macro-F1 {float(value):.3f}")


if __name__ == "__main__":
    raise SystemExit(main())
