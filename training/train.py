"""Retraining in one command: labels in, a checked model file out. `python -m training.train --help`."""

from __future__ import annotations

import argparse
import hashlib
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from stance.model import SHIPPED, Model
from training.labels import LABELS_CSV, Row, check, previous_of, progress_bar, read_labels
from training.replacement import compare_models, report, unseen_sets, worse, write_flips

__all__ = ["CODEBOOK_VERSION", "export_pipelines", "fit", "main"]

CODEBOOK_VERSION = "1.2"
_SHIPPED_PY = SHIPPED.parent.parent / "shipped.py"


def fit(rows: Sequence[Row], sources: Sequence[Path] = ()) -> Model:
    """A model of the train split of `rows`; its manifest tells of the labels it was made from."""
    train = [row for row in rows if row.split == "train"]
    before = dict(zip([row.row for row in rows], previous_of(rows), strict=True))
    sums = [hashlib.sha256(path.read_bytes()).hexdigest() for path in sources]
    manifest: dict[str, Any] = {
        "codebook": CODEBOOK_VERSION,
        "labels": {"rows": len(train), "articles": len({row.article for row in train}), "sha256": " ".join(sums)},
    }
    return Model.fit(
        [row.text for row in train],
        [row.stance for row in train],
        [row.sentiment for row in train],
        previous=[before[row.row] for row in train],
        articles=[row.article for row in train],
        manifest=manifest,
        progress=progress_bar("folds"),
    )


def export_pipelines(model: Model, path: Path) -> None:
    """Write `{"stance": Pipeline, "sentiment": Pipeline}` with joblib, for people who work in scikit-learn.

    The input of a pipeline is a list of paragraphs, or of (paragraph, what stood before it); `predict_proba` gives
    the calibrated scores.
    """
    import joblib
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline

    from stance.transformer import PassageTransformer

    pipelines, transformer = {}, PassageTransformer.of(model.vectorizer)
    for task, head in model.heads.items():
        order = np.argsort(head.labels)  # scikit-learn keeps classes sorted
        regression = LogisticRegression()
        regression.classes_ = np.array(head.labels)[order]
        regression.coef_ = head.coef[order] / head.temperature
        regression.intercept_ = head.intercept[order] / head.temperature
        regression.n_features_in_ = head.coef.shape[1]
        regression.n_iter_ = np.array([0], dtype=np.int32)
        pipelines[task] = Pipeline([("features", transformer), ("regression", regression)])
    joblib.dump(pipelines, path)


def main(arguments: list[str] | None = None) -> int:
    """Train, write a model file and tell what it does better or worse than the one it replaces.

    Exit code 2 for labels or files that cannot be used, 3 for a model that is detectably worse and was not shipped.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if not (options.output or options.ship or options.export_joblib):
        parser.error("name where the model goes: --output FILE, or --ship to replace the shipped one")
    try:
        old = _replaced(options.against)
        rows = _read(options.labels)
        model = fit(rows, options.labels)
        if options.output:
            print(f"{options.output}  sha256 {model.save(options.output)}")
        if options.export_joblib:
            export_pipelines(model, options.export_joblib)
            print(f"{options.export_joblib}  scikit-learn {version('scikit-learn')}, Python {platform.python_version()}")
        lost = _compare(old, model, rows, options.flips) if old else []
        if options.ship and lost and not options.even_if_worse:
            what = "; ".join(lost)
            print(f"training.train: not shipped, detectably worse: {what}; --ship --even-if-worse ships it", file=sys.stderr)
            return 3
        if options.ship:
            _ship(model)
    except (OSError, ValueError) as error:
        print(f"training.train: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.train", description="Train a model from labelled paragraphs.")
    parser.add_argument("--labels", type=Path, nargs="+", default=[LABELS_CSV], metavar="FILE", help="default: labels.csv")
    parser.add_argument("--output", type=Path, metavar="FILE", help="where to write the model file")
    parser.add_argument("--ship", action="store_true", help="write it into the package and pin its sum, unless it is worse")
    parser.add_argument("--even-if-worse", action="store_true", help="with --ship: also if it is detectably worse")
    parser.add_argument("--against", type=Path, metavar="FILE", help="compare with this model, not with the shipped one")
    parser.add_argument("--flips", type=Path, metavar="FILE", help="write every paragraph labelled otherwise than before, as CSV")
    parser.add_argument("--export-joblib", type=Path, metavar="FILE", help="also write the fitted scikit-learn pipelines")
    return parser


def _replaced(against: Path | None) -> Model | None:
    """The model to compare with; None, told why, for a shipped one that this version cannot read."""
    if against:
        return Model.load(against)
    try:
        return Model.load(SHIPPED)
    except (OSError, ValueError) as error:
        print(f"nothing is compared, since the shipped model cannot be read: {error}")
        return None


def _compare(old: Model, new: Model, rows: Sequence[Row], flips: Path | None) -> list[str]:
    """Print what `new` does better or worse than `old`; returns by what it is detectably worse."""
    sets = unseen_sets(rows)
    if not any(row.split == "test" for row in rows):
        print(
            "these labels have no test split, and the new model has learnt from all of them: nothing is compared on them; "
            "put `test` into the column `split` for some articles (one in ten, say) to see which model does better there"
        )
    results = compare_models(old, new, sets)
    print("\n".join(report(results, "replaced")))
    if flips:
        write_flips(results, flips)
        print(f"{flips}  {sum(len(result.comparison.flips) for result in results)} paragraphs labelled otherwise")
    return worse(results)


def _read(paths: Sequence[Path]) -> list[Row]:
    rows: list[Row] = []
    problems: list[str] = []
    for path in paths:
        found, faults = read_labels(path)
        faults += check(found)
        problems += [f"{path}: {fault}" for fault in faults]
        offset = rows[-1].row if rows else 0
        prefix = "" if len(paths) == 1 else f"{path.name}:"
        rows += [
            Row(**{**vars(row), "row": row.row + offset, "id": prefix + row.id, "article": prefix + row.article}) for row in found
        ]
    if problems:
        shown = "\n  ".join(problems[:10]) + ("\n  …" if len(problems) > 10 else "")
        raise ValueError(f"{len(problems)} problems in the labels:\n  {shown}\nrun: python -m training.labels --labels FILE")
    return rows


def _ship(model: Model) -> None:
    sha256 = model.save(SHIPPED)
    _SHIPPED_PY.write_text(
        '"""The sum of the model that this version ships; written by `python -m training.train --ship`."""\n\n'
        f'SHA256 = "{sha256}"\n',
        encoding="utf-8",
    )
    print(f"{SHIPPED}  {SHIPPED.stat().st_size:,} bytes  sha256 {sha256}")
    print("pin its scores and write its card: python -m training.evaluate --update")


if __name__ == "__main__":
    raise SystemExit(main())
