"""How far two readings of the same paragraphs agree: Cohen's kappa and Krippendorff's alpha, with intervals over articles."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from stance.head import LABELS
from training.labels import Row
from training.scores import resampled

__all__ = ["ANNOTATIONS_CSV", "Agreement", "Notes", "agreement", "agreement_table", "alpha", "kappa", "read_annotations"]

ANNOTATIONS_CSV = Path(__file__).with_name("annotations.csv")

Notes = dict[str, dict[str, dict[str, str]]]
"""By paragraph id, by reading: the record of it in annotations.csv."""


@dataclass(frozen=True)
class Agreement:
    """How far two readings of a group of paragraphs agree: the share alike, kappa and alpha with 95 % intervals over articles."""

    name: str
    paragraphs: int
    articles: int
    same: float
    kappa: float
    kappa_interval: tuple[float, float]
    alpha: float
    alpha_interval: tuple[float, float]


def read_annotations(path: Path = ANNOTATIONS_CSV) -> Notes:
    """By paragraph id, by reading (`first`, `second`, `third`): the recorded stance, sentiment, rule, speaker and note."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for record in csv.DictReader(file):
            found.setdefault(record["id"], {})[record["reading"]] = record
    return found


def kappa(counts: npt.NDArray[np.float64]) -> float:
    """Cohen's kappa of a square table of counts (first reading by second); 1 where both only ever use one label."""
    total = counts.sum()
    chance = float((counts.sum(0) * counts.sum(1)).sum() / total**2)
    return 1.0 if chance == 1 else (float(np.trace(counts)) / total - chance) / (1 - chance)


def alpha(counts: npt.NDArray[np.float64]) -> float:
    """Krippendorff's alpha for nominal labels and two readings of every paragraph (Krippendorff 2011, section C)."""
    together = counts + counts.T
    total = together.sum()
    sums = together.sum(0)
    expected = float((total**2 - (sums**2).sum()) / (total - 1))
    observed = float(total - np.trace(together))
    return 1.0 if expected == 0 else 1 - observed / expected


def agreement(rows: Sequence[Row], notes: Notes, seed: int = 0) -> dict[str, list[Agreement]]:
    """For each task how far the first and the blind second reading agree: in all, by split, register and label."""
    both = [row for row in rows if {"first", "second"} <= notes.get(row.id, {}).keys()]
    groups = {"all": both, **{f"split {s}": [r for r in both if r.split == s] for s in ("test", "train")}}
    groups |= {f"register {name}": [r for r in both if r.register == name] for name in sorted({r.register for r in both})}
    found: dict[str, list[Agreement]] = {}
    for task, labels in LABELS.items():
        by_group = {name: _tables(group, notes, task, labels) for name, group in groups.items() if group}
        by_label = {f"label {name}": _against_rest(by_group["all"], k) for k, name in enumerate(labels)} if both else {}
        found[task] = [_agreement(name, tables, seed) for name, tables in (by_group | by_label).items()]
    return found


def agreement_table(rows: Sequence[Row], seed: int = 0) -> str:
    """A table of agreement for each task: the test split, the rest, every register and every label."""
    found = agreement(rows, read_annotations(), seed)
    count = {each.name: each.paragraphs for each in found["stance"]}
    lines = [
        f"{count.get('all', 0)} of {len(rows)} paragraphs have a blind second label "
        f"({count.get('split test', 0)} of the test split)"
    ]
    for task, groups in found.items():
        lines.append(f"{task:<22}{'n':>6}{'same':>8}{'kappa':>8}  95 % interval{'alpha':>8}  95 % interval")
        for each in groups:
            (low_k, high_k), (low_a, high_a) = each.kappa_interval, each.alpha_interval
            lines.append(
                f"  {each.name:<20}{each.paragraphs:>6}{each.same:>8.3f}{each.kappa:>8.3f}  {low_k:.3f} to {high_k:.3f}"
                f"{each.alpha:>8.3f}  {low_a:.3f} to {high_a:.3f}"
            )
    return "\n".join(lines)


def _tables(rows: Sequence[Row], notes: Notes, task: str, labels: Sequence[str]) -> npt.NDArray[np.float64]:
    """One table of counts (first by second reading) for each article."""
    articles = {name: k for k, name in enumerate(dict.fromkeys(row.article for row in rows))}
    tables = np.zeros((len(articles), len(labels), len(labels)))
    for row in rows:
        first, second = (labels.index(notes[row.id][reading][task]) for reading in ("first", "second"))
        tables[articles[row.article], first, second] += 1
    return tables


def _against_rest(tables: npt.NDArray[np.float64], k: int) -> npt.NDArray[np.float64]:
    inside = tables[:, k, k]
    first, second = tables[:, k, :].sum(1) - inside, tables[:, :, k].sum(1) - inside
    rest = tables.sum((1, 2)) - inside - first - second
    return np.stack([np.stack([inside, first], -1), np.stack([second, rest], -1)], 1)


def _agreement(name: str, tables: npt.NDArray[np.float64], seed: int) -> Agreement:
    total, drawn = tables.sum(0), resampled(tables, seed)
    low_k, high_k = (float(x) for x in np.percentile([kappa(table) for table in drawn], [2.5, 97.5]))
    low_a, high_a = (float(x) for x in np.percentile([alpha(table) for table in drawn], [2.5, 97.5]))
    same = float(np.trace(total) / total.sum())
    return Agreement(name, int(total.sum()), len(tables), same, kappa(total), (low_k, high_k), alpha(total), (low_a, high_a))
