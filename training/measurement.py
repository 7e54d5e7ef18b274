"""What a model scores on labelled paragraphs it has not seen, as plain numbers for training/evaluation.json."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stance.head import LABELS, Floats
from stance.model import Model
from stance.text import WORD
from training.baselines import keyword_sentiments, keyword_stances
from training.labels import Row, previous_of
from training.real import RealSet
from training.scores import calibration_error, f1, interval, macro_f1, per_article

__all__ = ["FEWEST", "HeldOut", "class_balance", "found_labels", "from_real", "held_out", "measure", "slices", "together"]

FEWEST = 30  # paragraphs of a slice; with fewer one error weighs three points

_RULES: dict[str, Callable[[Sequence[str]], list[str]]] = {"stance": keyword_stances, "sentiment": keyword_sentiments}


@dataclass(frozen=True)
class HeldOut:
    """Labelled paragraphs that no model compared here has seen: article, text and what stood before of each.

    `truth` holds the labels by task; a task without labels is missing.
    """

    name: str
    articles: list[str]
    texts: list[str]
    previous: list[str | None]
    truth: dict[str, list[str]]


def held_out(rows: Sequence[Row]) -> HeldOut | None:
    """The test split of `rows`; None when there is none."""
    kept = [(row, before) for row, before in zip(rows, previous_of(rows), strict=True) if row.split == "test"]
    if not kept:
        return None
    test = [row for row, _ in kept]
    truth = {task: [getattr(row, task) for row in test] for task in LABELS}
    return HeldOut("test", [row.article for row in test], [row.text for row in test], [before for _, before in kept], truth)


def from_real(real: RealSet) -> HeldOut:
    """A set of real text."""
    truth = {task: labels for task, labels in (("stance", real.stances), ("sentiment", real.sentiments)) if any(labels)}
    return HeldOut(real.name, real.articles, real.texts, real.previous, truth)


def together(name: str, sets: Sequence[HeldOut]) -> HeldOut:
    """Several sets as one named `name`; their articles stay apart, a task that one of them has no labels for is left out."""
    return HeldOut(
        name,
        [f"{each.name}:{article}" for each in sets for article in each.articles],
        [text for each in sets for text in each.texts],
        [before for each in sets for before in each.previous],
        {task: [x for each in sets for x in each.truth[task]] for task in LABELS if all(task in each.truth for each in sets)},
    )


def found_labels(model: Model, held: HeldOut) -> dict[str, list[str]]:
    """The winning label of each paragraph, by task."""
    return {task: _winners(task, scores) for task, scores in model.score(held.texts, held.previous).items()}


def measure(model: Model, held: HeldOut) -> dict[str, Any]:
    """The scores of `model` on `held`: for each task macro-F1 with its 95 % interval, accuracy, what `unsure` does,
    calibration error, each class, and keyword rules beside it; and the positions claimed on neutral paragraphs.

    A set that holds one label only has no macro-F1 (None).
    """
    scores = model.score(held.texts, held.previous)
    told: dict[str, Any] = {"paragraphs": len(held.texts), "articles": len(set(held.articles))}
    for task, truth in held.truth.items():
        told[task] = _task(task, scores[task], truth, held, model.heads[task].threshold)
    quiet = [f for f, t in zip(_winners("stance", scores["stance"]), held.truth["stance"], strict=True) if t == "neutral"]
    told["false_alarms"] = {"claimed": sum(label != "neutral" for label in quiet), "neutral": len(quiet)}
    return told


def slices(model: Model, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Stance on the parts of the test split that hold FEWEST paragraphs or more, the weakest first."""
    held = held_out(rows)
    if held is None:
        return []
    found, test = found_labels(model, held)["stance"], [row for row in rows if row.split == "test"]
    out = []
    for name in sorted({name for row in test for name in _traits(row)}):
        part = [(row, label) for row, label in zip(test, found, strict=True) if name in _traits(row)]
        if len(part) < FEWEST:
            continue
        tables = per_article([r.stance for r, _ in part], [f for _, f in part], [r.article for r, _ in part], LABELS["stance"])
        out.append({"slice": name, "paragraphs": len(part), "articles": len(tables), **_summary(tables)})
    return sorted(out, key=lambda told: float(told["macro_f1"]))


def class_balance(rows: Sequence[Row]) -> dict[str, Any]:
    """Articles, paragraphs and labels of each split."""
    out = {}
    for split in ("train", "test"):
        part = [row for row in rows if row.split == split]
        counts = {task: {name: sum(getattr(row, task) == name for row in part) for name in LABELS[task]} for task in LABELS}
        out[split] = {"articles": len({row.article for row in part}), "paragraphs": len(part), **counts}
    return out


def _task(task: str, scores: Floats, truth: Sequence[str], held: HeldOut, threshold: float) -> dict[str, Any]:
    names, found = LABELS[task], _winners(task, scores)
    tables = per_article(truth, found, held.articles, names)
    best, right = scores.max(axis=1), np.array([t == f for t, f in zip(truth, found, strict=True)])
    sure = best >= threshold
    rules = macro_f1(per_article(truth, _RULES[task](held.texts), held.articles, names).sum(0))
    told = _summary(tables)
    if len(set(truth)) == 1:
        told |= {"macro_f1": None, "low": None, "high": None}
    return {
        **told,
        "unsure": _round(1 - sure.mean()),
        "accuracy_on_rest": _round(right[sure].mean()) if sure.any() else None,
        "calibration_error": _round(calibration_error(best, right)),
        "keyword_macro_f1": None if told["macro_f1"] is None else _round(rules),
        "classes": _classes(tables.sum(0), names),
    }


def _summary(tables: npt.NDArray[np.int64]) -> dict[str, Any]:
    total, (low, high) = tables.sum(0), interval(tables)
    share = np.trace(total) / total.sum()
    return {"macro_f1": _round(macro_f1(total)), "low": _round(low), "high": _round(high), "accuracy": _round(share)}


def _classes(total: npt.NDArray[np.int64], names: Sequence[str]) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "precision": _round(total[k, k] / max(total[:, k].sum(), 1)),
            "recall": _round(total[k, k] / max(total[k].sum(), 1)),
            "f1": _round(f1(total)[k]),
            "paragraphs": int(total[k].sum()),
        }
        for k, name in enumerate(names)
    }


def _traits(row: Row) -> tuple[str, ...]:
    words = len(WORD.findall(row.text))
    return (
        f"register {row.register}",
        "first paragraph of the article" if row.n == 1 else "later paragraph",
        "with a quotation" if any(mark in row.text for mark in '"“”') else "without a quotation",
        "up to 20 words" if words <= 20 else "21 to 40 words" if words <= 40 else "over 40 words",
        "until 2021" if row.date < "2022" else "since 2022",
    )


def _winners(task: str, scores: Floats) -> list[str]:
    return [LABELS[task][k] for k in scores.argmax(axis=1)]


def _round(value: Any) -> float:
    return round(float(value), 6)
