"""One evaluation, from the options of `training.evaluate` to the dict of the report, with hashes, versions and costs."""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import subprocess
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from stance.head import SEED
from stance.model import FOLDS, Model, shipped_model
from training.cost import cost
from training.curve import CURVE_SETS, curve
from training.labels import ROOT, Row
from training.measures import Study, measures
from training.real import RealSet
from training.scored import CrossValidation, Scored, scored_real, scored_rows

__all__ = ["CURVE_JSON", "study"]

CURVE_JSON = "curve.json"  # in the folder of the report: the learning curve, kept from the last --curve
_SETS = ("pages", "reworded", "github", "indosum", "offtopic")
_LIBRARIES = ("numpy", "scipy", "scikit-learn", "PySastrawi")


def study(
    options: argparse.Namespace,
    rows: Sequence[Row],
    problems: Sequence[str],
    model: Model,
    cv: CrossValidation,
    sets: Sequence[Scored],
    real: Sequence[RealSet],
) -> dict[str, Any]:
    """Everything that report.json holds. `sets`: the test split, if there is one, and the real sets, scored by `model`."""
    options.report.mkdir(parents=True, exist_ok=True)
    labels_sha256 = hashlib.sha256(options.labels.read_bytes()).hexdigest()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.zip"
        model_sha256 = model.save(path)
        costs = cost(path, cv.scored.texts, Path(folder))
    shipped = shipped_model()
    test = scored_rows(shipped, rows, "test", "test split")
    return measures(
        Study(
            rows=rows,
            problems=problems,
            model=model,
            cv=cv,
            sets=sets,
            shipped=[*([test] if test else []), *(scored_real(shipped, each) for each in real)],
            absent=_absent([scored.name for scored in sets], options.real),
            origins=_origins(options.command, labels_sha256, model_sha256, str(shipped.sha256), model),
            curve=_curve(options.report / CURVE_JSON, options.curve, labels_sha256, rows, real),
            costs=costs,
        )
    )


def _absent(there: Sequence[str], folder: Path) -> dict[str, str]:
    """The sets that are not there, and what to do about it."""
    told = dict.fromkeys(_SETS, f"real text is read from {folder}, where it is not")
    told["github"] = "its texts may not be kept beside the labels: name them with --github FILE"
    told["test split"] = "the labels have no test split"
    return {name: why for name, why in told.items() if name not in there}


def _origins(command: str, labels_sha256: str, model_sha256: str, shipped_sha256: str, model: Model) -> dict[str, Any]:
    return {
        "command": command,
        "labels_sha256": labels_sha256,
        "model_sha256": model_sha256,
        "shipped_sha256": shipped_sha256,
        "trained_on_these_labels": model.manifest.get("labels", {}).get("sha256") == labels_sha256,
        "codebook": {"codebook": model.manifest.get("codebook", "not recorded")},
        "code": _code(),
        "seed": SEED,
        "folds": FOLDS,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in _LIBRARIES},
    }


def _code() -> str:
    """The commit of the checkout, and whether anything was changed since; "not recorded" outside a repository."""
    try:
        commit, changed = (
            subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
            for words in (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
        )
    except (OSError, subprocess.CalledProcessError):
        return "not recorded"
    return f"{commit}, with changes not committed" if changed else commit


def _curve(path: Path, wanted: bool, labels_sha256: str, rows: Sequence[Row], real: Sequence[RealSet]) -> dict[str, Any] | None:
    """The learning curve measured now (and kept at `path`), or as kept there from the same labels, or None."""
    if wanted:
        points = [vars(point) for point in curve(rows, [each for each in real if each.name in CURVE_SETS])]
        path.write_text(json.dumps({"labels_sha256": labels_sha256, "points": points}, indent=1) + "\n", encoding="utf-8")
    if not path.is_file():
        return None
    kept = json.loads(path.read_text(encoding="utf-8"))
    return dict(kept) if kept.get("labels_sha256") == labels_sha256 else None
