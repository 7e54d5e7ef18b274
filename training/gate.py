"""The gate: scores of the shipped model pinned in training/evaluation.json, which no change may worsen unseen."""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stance.model import SHIPPED, Model
from stance.storage import write
from training.agreement import read_annotations
from training.card import CARD, card
from training.labels import LABELS_CSV, Row, read_labels
from training.measurement import HeldOut, class_balance, from_real, held_out, measure, slices
from training.real import REAL, real_sets

__all__ = ["EVALUATION_JSON", "MARGINS", "Gate", "Regression", "add_options", "run"]

EVALUATION_JSON = Path(__file__).with_name("evaluation.json")

# By how much a score may be worse than when it was pinned, and why so much.
MARGINS = {
    "macro-F1": (0.01, "leaving out one article in twenty, five times at random, moved it by up to 0.005 on the test split"),
    "false alarms": (0.01, "leaving out one article in twenty, five times at random, moved their share by up to 0.006"),
    "calibration error": (
        0.035,
        "chance: on 634 paragraphs a perfectly calibrated model shows 0.026 (sentiment 0.035) on average, and over 0.044 "
        "(0.054) in one draw of forty",
    ),
}


class Regression(ValueError):
    """A score is beyond the bound that was pinned."""


@dataclass(frozen=True)
class Gate:
    """What is measured, and the files where the measurement is kept."""

    labels: Path = LABELS_CSV
    model: Path = SHIPPED
    real: Path = REAL
    github: Path | None = None
    evaluation: Path = EVALUATION_JSON
    card: Path = CARD

    def check(self) -> list[str]:
        """What is wrong, a sentence for each score beyond its bound and each file changed since; empty when nothing is.

        Real text is checked where it lies. Raises FileNotFoundError and ValueError for files that cannot be read.
        """
        pinned = self._pinned()
        if pinned is None:
            raise FileNotFoundError(f"there is no {self.evaluation}; make it with: python -m training.evaluate --update")
        model = Model.load(self.model)
        faults = [
            f"{path.name} is not the one that was measured (sha256 {_sha256(path)[:16]}…, pinned {was[:16]}…); "
            "measure again with: python -m training.evaluate --update"
            for path, was in ((self.labels, pinned["labels"]["sha256"]), (self.model, pinned["model"]["sha256"]))
            if _sha256(path) != was
        ]
        for held in self._sets(_rows(self.labels)):
            found = _named(measure(model, held))
            for score, bound in pinned["bounds"].get(held.name, {}).items():
                if _worse(score, found.get(score, bound), bound):
                    side = "under the floor" if _is_floor(score) else "over the ceiling"
                    faults.append(f"{held.name}: {score} is {found[score]:.4f}, {side} {bound}")
        return faults

    def update(self, allow_regression: bool = False) -> list[str]:
        """Measure, pin the scores and their bounds, write the card; returns a sentence for each score beyond its old bound
        and each set that fell out.

        A bound of the test split never loosens: a score beyond one raises Regression and nothing is written, unless
        `allow_regression`. Bounds of real text follow the measurement, since its sets are small. Scores of sets that are
        not at hand are kept as long as the model is the same.
        """
        pinned, rows = self._pinned() or {}, _rows(self.labels)
        record = self._measured(rows, pinned)
        before, scores = pinned.get("bounds", {}), {name: _named(told) for name, told in record["scores"].items()}
        told = [
            f"{name}: {score} is {scores[name][score]:.4f}, beyond its bound {bound}"
            for name in before
            for score, bound in before[name].items()
            if _worse(score, scores.get(name, {}).get(score, bound), bound)
        ]
        lost = [line for line in told if line.startswith("test:")]
        if lost and not allow_regression:
            raise Regression(
                f"{'; '.join(lost)}. Nothing was written: mend the model, or loosen the bound knowingly with: "
                "python -m training.evaluate --update --allow-regression"
            )
        told += [f"{name}: not at hand, and the model is another one; its scores are dropped" for name in before.keys() - scores]
        record["margins"] = {name: {"margin": margin, "reason": reason} for name, (margin, reason) in MARGINS.items()}
        record["bounds"] = {
            name: _bounds(found, before.get(name, {}) if name == "test" else {}) for name, found in scores.items()
        }
        text = card(record)
        write((json.dumps(record, ensure_ascii=False, indent=1) + "\n").encode("utf-8"), self.evaluation)
        write(text.encode("utf-8"), self.card)
        return told

    def _pinned(self) -> dict[str, Any] | None:
        if not self.evaluation.exists():
            return None
        try:
            told: dict[str, Any] = json.loads(self.evaluation.read_text(encoding="utf-8"))
            if {"labels", "model", "scores", "bounds"} <= told.keys():
                return told
        except (ValueError, AttributeError):
            pass
        raise ValueError(
            f"{self.evaluation} is no record of an evaluation; delete it and run: python -m training.evaluate --update"
        )

    def _sets(self, rows: Sequence[Row]) -> list[HeldOut]:
        test = held_out(rows)
        if test is None:
            raise ValueError(f"{self.labels} has no test split; the gate holds the scores on one")
        return [test, *(from_real(real) for real in real_sets(self.real, self.github))]

    def _measured(self, rows: Sequence[Row], pinned: dict[str, Any]) -> dict[str, Any]:
        model, sha256, notes = Model.load(self.model), _sha256(self.model), read_annotations()
        scores = {held.name: measure(model, held) for held in self._sets(rows)}
        if pinned.get("model", {}).get("sha256") == sha256:
            scores = {**pinned["scores"], **scores}
        return {
            "command": "python -m training.evaluate --update",
            "codebook": model.manifest.get("codebook", "?"),
            "labels": {
                "sha256": _sha256(self.labels),
                "splits": class_balance(rows),
                "second_readings": sum("second" in notes.get(row.id, {}) for row in rows),
            },
            "model": {
                "sha256": sha256,
                "bytes": self.model.stat().st_size,
                "features": len(model.vectorizer.keys_),
                "unsure_under": {task: head.threshold for task, head in model.heads.items()},
            },
            "scores": scores,
            "slices": slices(model, rows),
        }


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that `run` reads, added to those of training.evaluate."""
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--check", action="store_true", help="fail when a score of the shipped model is beyond its pinned bound")
    kind.add_argument("--update", action="store_true", help="measure the shipped model, pin its scores and write its card")
    parser.add_argument("--allow-regression", action="store_true", help="with --update: lower the bounds of the test split too")


def run(options: argparse.Namespace) -> int:
    """Check or update and print what came of it; exit code 1 for a fault, 2 for what cannot be read."""
    gate = Gate(labels=options.labels, real=options.real, github=options.github)
    try:
        if options.model:
            raise ValueError("the gate holds the shipped model; leave --model out")
        told = gate.check() if options.check else gate.update(options.allow_regression)
    except (OSError, ValueError) as error:
        print(f"training.evaluate: {error}", file=sys.stderr)
        return 1 if isinstance(error, Regression) else 2
    for line in told:
        print(line)
    if options.update:
        print(f"wrote {gate.evaluation} and {gate.card}")
        return 0
    print(f"{len(told)} faults" if told else "every score of the shipped model is within its bound")
    return 1 if told else 0


def _rows(labels: Path) -> list[Row]:
    rows, problems = read_labels(labels)
    if problems:
        raise ValueError(f"{labels} cannot be measured: {problems[0]}; run: python -m training.labels")
    return rows


def _named(told: dict[str, Any]) -> dict[str, float]:
    """The scores of a set that are held by a bound, by name."""
    tasks = [task for task in ("stance", "sentiment") if task in told]
    alarms = told["false_alarms"]
    found = {f"{task} macro-F1": told[task]["macro_f1"] for task in tasks if told[task]["macro_f1"] is not None}
    found |= {f"{task} calibration error": told[task]["calibration_error"] for task in tasks}
    return found | ({"false alarms": alarms["claimed"] / alarms["neutral"]} if alarms["neutral"] else {})


def _bounds(found: dict[str, float], before: dict[str, float]) -> dict[str, float]:
    """A floor or ceiling for each score: the bound of `before` where the score is within it and a new one were looser."""
    out = {}
    for score, value in found.items():
        bound, was = _bound(score, value), before.get(score)
        keep = was is not None and _worse(score, bound, was) and not _worse(score, value, was)
        out[score] = was if keep and was is not None else bound
    return out


def _bound(score: str, value: float) -> float:
    """`value` less its margin (for an error: with it added), rounded to three digits away from it."""
    margin = next(margin for name, (margin, _) in MARGINS.items() if score.endswith(name))
    if _is_floor(score):
        return math.floor(round((value - margin) * 1000, 6)) / 1000
    return math.ceil(round((value + margin) * 1000, 6)) / 1000


def _is_floor(score: str) -> bool:
    return score.endswith("macro-F1")


def _worse(score: str, value: float, than: float) -> bool:
    return value < than if _is_floor(score) else value > than


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
