"""The new model beside the one it replaces, on paragraphs that neither has seen: what the retraining brought."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from stance.model import Model
from training.comparison import Comparison, Flip, compare, lines
from training.labels import Row
from training.measurement import HeldOut, found_labels, from_real, held_out, together
from training.real import REAL, real_sets

__all__ = ["Result", "compare_models", "report", "unseen_sets", "worse", "write_flips"]

SHOWN = 10
_WIDTH = 120
_REAL_SETS = ("pages", "reworded", "indosum")  # those at hand that are labelled for both tasks


@dataclass(frozen=True)
class Result:
    """One task on one set: the paragraphs, and how the two models compare on them."""

    held: HeldOut
    task: str
    comparison: Comparison

    @property
    def name(self) -> str:
        """Such as `stance on the test split`."""
        return f"{self.task} on {self.held.name}"


def unseen_sets(rows: Sequence[Row], real: Path = REAL) -> list[HeldOut]:
    """The test split of `rows` if there is one, and the real sets together if they lie in the folder `real`."""
    test, found = held_out(rows), [from_real(each) for each in real_sets(real) if each.name in _REAL_SETS]
    return [*([replace(test, name="the test split")] if test else []), *([together("real text", found)] if found else [])]


def compare_models(old: Model, new: Model, sets: Sequence[HeldOut]) -> list[Result]:
    """Stance and sentiment of both models on each set, `new` as the second."""
    results = []
    for held in sets:
        before, after = found_labels(old, held), found_labels(new, held)
        for task, truth in held.truth.items():
            labels = new.heads[task].labels
            results.append(Result(held, task, compare(truth, before[task], after[task], held.articles, labels)))
    return results


def worse(results: Sequence[Result]) -> list[str]:
    """The names of the results by which the new model is detectably worse."""
    return [result.name for result in results if result.comparison.verdict == "worse"]


def report(results: Sequence[Result], old: str) -> list[str]:
    """Lines for a terminal: for each result the scores, and up to SHOWN flipped paragraphs, those newly wrong first.

    `lost` is a paragraph that the old model alone has right, `won` one that the new one has, `neither` one that both have
    wrong, with its label. `old` names the old model.
    """
    out = []
    for result in results:
        told = result.comparison
        out += ["", f"{result.name} ({told.paragraphs} paragraphs, {told.articles} articles)", *lines(told, old, "new")]
        flips = sorted(told.flips, key=lambda flip: ("lost", "won", "neither").index(_outcome(flip)))
        for flip in flips[:SHOWN]:
            truth = f" ({flip.truth})" if _outcome(flip) == "neither" else ""
            text = " ".join(result.held.texts[flip.index].split())
            out.append(_cut(f"  {_outcome(flip):<7} {flip.before} > {flip.after}{truth}: {text}"))
        if len(flips) > SHOWN:
            out.append(f"  and {len(flips) - SHOWN} more: --flips FILE writes all")
    return out


def write_flips(results: Sequence[Result], path: Path) -> None:
    """Every flipped paragraph as CSV; `outcome` is `lost` where the old model alone was right, `won` where the new one."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["set", "task", "outcome", "label", "old", "new", "article", "text", "previous"])
        for result in results:
            held = result.held
            for flip in result.comparison.flips:
                labels = [_outcome(flip), flip.truth, flip.before, flip.after]
                place = [held.articles[flip.index], held.texts[flip.index], held.previous[flip.index] or ""]
                writer.writerow([held.name, result.task, *labels, *place])


def _outcome(flip: Flip) -> str:
    return "lost" if flip.before == flip.truth else "won" if flip.after == flip.truth else "neither"


def _cut(line: str) -> str:
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1].rstrip() + "…"
