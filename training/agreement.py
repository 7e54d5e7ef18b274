"""How far two readings of the same paragraphs agree: Cohen's kappa and Krippendorff's alpha, with intervals over articles."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from stance.head import LABELS
from training.labels import Row

__all__ = ["ANNOTATIONS_CSV", "agreement_table", "alpha", "kappa", "read_annotations"]

ANNOTATIONS_CSV = Path(__file__).with_name("annotations.csv")
_RESAMPLES = 2000


def read_annotations(path: Path = ANNOTATIONS_CSV) -> dict[str, dict[str, dict[str, str]]]:
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


def agreement_table(rows: Sequence[Row], seed: int = 0) -> str:
    """A table of agreement for each task: the test split, the rest, every register and every label."""
    notes = read_annotations()
    both = [row for row in rows if {"first", "second"} <= notes.get(row.id, {}).keys()]
    tested = sum(row.split == "test" for row in both)
    lines = [f"{len(both)} of {len(rows)} paragraphs have a blind second label ({tested} of the test split)"]
    for task, labels in LABELS.items():
        lines.append(f"{task:<22}{'n':>6}{'same':>8}{'kappa':>8}  95 % interval{'alpha':>8}  95 % interval")
        groups = {"all": both, **{f"split {s}": [r for r in both if r.split == s] for s in ("test", "train")}}
        groups |= {f"register {name}": [r for r in both if r.register == name] for name in sorted({r.register for r in both})}
        for name, group in groups.items():
            if group:
                lines.append(_line(name, _tables(group, notes, task, labels), seed))
        for label in labels:
            tables = _tables(both, notes, task, labels)
            k = labels.index(label)
            lines.append(_line(f"label {label}", _against_rest(tables, k), seed))
    return "\n".join(lines)


def _tables(
    rows: Sequence[Row], notes: dict[str, dict[str, dict[str, str]]], task: str, labels: Sequence[str]
) -> npt.NDArray[np.float64]:
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


def _line(name: str, tables: npt.NDArray[np.float64], seed: int) -> str:
    total = tables.sum(0)
    random = np.random.default_rng(seed)
    drawn = random.multinomial(len(tables), np.full(len(tables), 1 / len(tables)), size=_RESAMPLES).astype(np.float64)
    resampled = np.tensordot(drawn, tables, axes=1)
    low_k, high_k = np.percentile([kappa(table) for table in resampled], [2.5, 97.5])
    low_a, high_a = np.percentile([alpha(table) for table in resampled], [2.5, 97.5])
    same = np.trace(total) / total.sum()
    return (
        f"  {name:<20}{int(total.sum()):>6}{same:>8.3f}{kappa(total):>8.3f}  {low_k:.3f} to {high_k:.3f}"
        f"{alpha(total):>8.3f}  {low_a:.3f} to {high_a:.3f}"
    )
