"""What the labels and the model are worth: grouped cross-validation, the frozen test split, and real text."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from stance.head import LABELS
from stance.model import Model
from training import gate
from training.baselines import keyword_sentiments, keyword_stances, majority
from training.labels import LABELS_CSV, Row, read_labels
from training.real import REAL, RealSet, real_sets
from training.scored import CrossValidation, Scored, cross_validated, scored_real, scored_rows
from training.scores import calibration_error, class_table, macro_f1, per_article
from training.train import fit

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Print the scores; exit code 2 when something cannot be read, 3 when the score falls under `--fail-under`."""
    options = _options(sys.argv[1:] if arguments is None else arguments)
    if options.check or options.update:
        return gate.run(options)
    try:
        if options.report:
            import training.report  # noqa: F401  # says what to install before anything takes minutes
        rows, problems = read_labels(options.labels)
        model = Model.load(options.model) if options.model else fit(rows, [options.labels])
        real = real_sets(options.real, options.github)
    except (OSError, ValueError, ImportError) as error:
        print(f"training.evaluate: {error}", file=sys.stderr)
        return 2
    cv = None if options.skip_cv else cross_validated(rows)
    test = scored_rows(model, rows, "test", "test split")
    sets = [scored_real(model, each) for each in real]
    if cv:
        _print_cross_validation(cv.scored)
    _print_test(test, rows)
    if not sets:
        print(f"\n{options.real} is not there: real text is left out")
    for scored in sets:
        _print_real(scored)
    if options.report and cv:
        _report(options, rows, problems, model, cv, [*([test] if test else []), *sets], real)
    return _judged(test, options.fail_under)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description="Scores of the labels and of a model.")
    parser.add_argument("--labels", type=Path, default=LABELS_CSV, metavar="FILE")
    parser.add_argument("--model", type=Path, metavar="FILE", help="evaluate this model file, not one trained now")
    parser.add_argument("--real", type=Path, default=REAL, metavar="DIR", help="real texts; default: ../shared/real")
    parser.add_argument("--github", type=Path, metavar="FILE", help="texts of github_dev.csv as JSON lines")
    parser.add_argument("--skip-cv", action="store_true", help="leave the cross-validation out")
    parser.add_argument("--report", type=Path, metavar="DIR", help="also write report.html, report.md and report.json there")
    parser.add_argument("--curve", action="store_true", help="with --report: measure the learning curve anew (minutes)")
    parser.add_argument("--fail-under", type=float, metavar="X", help="exit 3 when stance macro-F1 on the test split is under X")
    gate.add_options(parser)
    options = parser.parse_args(arguments)
    options.command = shlex.join(["python", "-m", "training.evaluate", *arguments])
    if options.report and options.skip_cv:
        parser.error("--report needs the cross-validation; leave --skip-cv out")
    if options.report and (options.check or options.update):
        parser.error(
            "--report does not go with --check or --update, which measure the shipped model; run them one after the other"
        )
    if options.curve and not options.report:
        parser.error("--curve goes into the report; add --report DIR, or run: python -m training.curve")
    return options


def _report(
    options: argparse.Namespace,
    rows: Sequence[Row],
    problems: Sequence[str],
    model: Model,
    cv: CrossValidation,
    sets: Sequence[Scored],
    real: Sequence[RealSet],
) -> None:
    from training.report import write_report
    from training.study import study

    told = study(options, rows, problems, model, cv, sets, real)
    for path in write_report(told, options.report):
        print(f"wrote {path}")


def _judged(test: Scored | None, floor: float | None) -> int:
    if floor is None:
        return 0
    if test is None:
        print("training.evaluate: --fail-under needs labels with a test split", file=sys.stderr)
        return 2
    tables = per_article(test.labels["stance"], test.found("stance"), test.articles, LABELS["stance"])
    value = float(macro_f1(tables.sum(0)))
    if value < floor:
        print(f"training.evaluate: stance macro-F1 on the test split is {value:.3f}, under {floor:g}", file=sys.stderr)
        return 3
    return 0


def _print_cross_validation(scored: Scored) -> None:
    train, articles = scored.rows, scored.articles
    for task, names in LABELS.items():
        print(
            f"\n{task}, cross-validation in 5 folds grouped by article ({len(train)} paragraphs, {len(set(articles))} articles)"
        )
        print(class_table(scored.labels[task], scored.found(task), articles, names))
        _print_baselines(scored, task, scored.labels[task])


def _print_test(scored: Scored | None, rows: Sequence[Row]) -> None:
    if scored is None:
        print("\nthese labels have no test split")
        return
    for task in LABELS:
        print(f"\n{task}, frozen test split ({len(scored.rows)} paragraphs, {len(set(scored.articles))} articles)")
        _print_scored(scored, task)
        _print_baselines(scored, task, [getattr(row, task) for row in rows if row.split == "train"])


def _print_real(scored: Scored) -> None:
    for task, truth in scored.labels.items():
        print(f"\n{task}, real text: {scored.name} ({len(truth)} paragraphs, {len(set(scored.articles))} articles)")
        _print_scored(scored, task)
        if task == "stance":
            pairs = list(zip(scored.found(task), truth, strict=True))
            quiet = [f for f, t in pairs if t == "neutral"]
            hits = sum(f == t for f, t in pairs if t != "neutral")
            claimed = sum(f != "neutral" for f in quiet)
            positions = len(truth) - len(quiet)
            share = claimed / len(quiet)
            print(f"  false alarms {claimed} of {len(quiet)} neutral ones ({share:.1%}); positions found {hits} of {positions}")


def _print_scored(scored: Scored, task: str) -> None:
    right, sure = scored.right(task), scored.sure[task]
    error = calibration_error(scored.scores[task].max(axis=1), right)
    print(class_table(scored.labels[task], scored.found(task), scored.articles, LABELS[task]))
    kept = f"{right[sure].mean():.3f}" if sure.any() else "-"
    print(f"  calibration error {error:.3f}; unsure {1 - sure.mean():.1%}, accuracy on the rest {kept}")


def _print_baselines(scored: Scored, task: str, train: Sequence[str]) -> None:
    rules = keyword_stances if task == "stance" else keyword_sentiments
    for name, found in (("majority", majority(train, len(scored.articles))), ("keyword rules", rules(scored.texts))):
        value = macro_f1(per_article(scored.labels[task], found, scored.articles, LABELS[task]).sum(0))
        print(f"  baseline {name}: macro-F1 {float(value):.3f}")


if __name__ == "__main__":
    raise SystemExit(main())
