"""Our model beside what else one could use, on the same folds and the same texts. `python -m training.compare`."""

from __future__ import annotations

import argparse
import pickle
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sklearn.base import clone
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from stance.features import PassageVectorizer
from stance.head import LABELS, regression
from stance.model import MIN_DF, SHIPPED
from stance.reading import Passage, split
from training.baselines import baseline_pipelines, keyword_sentiments, keyword_stances, majority
from training.comparison import compare
from training.embeddings import Embeddings, embedding_pipeline, encoder, encoder_megabytes
from training.labels import LABELS_CSV, Row, folds, previous_of, progress_bar, read_labels
from training.real import REAL, RealSet, real_sets
from training.scores import interval, macro_f1, per_article

__all__ = ["OURS", "Labelled", "Method", "Result", "labelled", "main", "measure", "methods", "tables"]

OURS = "stance (ours)"
_CROSS_VALIDATION = "cross-validation"
_CLOCKED, _PASSES = 128, 3  # paragraphs; the best of three passes over them counts

Label = Callable[[Any], Sequence[str]]
Labels = dict[str, list[str]]  # by task


def _pickled(label: Label) -> float:
    return len(pickle.dumps(label)) / 1e6


def _paragraphs(passages: Sequence[Passage]) -> list[str]:
    return [split(passage)[0] for passage in passages]


@dataclass(frozen=True)
class Method:
    """A way of labelling: `fit` takes a task, what `read` makes of passages, and their labels, and returns what labels.

    `read_anew` reads without a memory, for the clock; `megabytes` tells the size of what `fit` returned and needs.
    """

    name: str
    fit: Callable[[str, Any, list[str]], Label]
    read: Callable[[Sequence[Passage]], Any] = _paragraphs
    read_anew: Callable[[Sequence[Passage]], Any] = _paragraphs
    megabytes: Callable[[Label], float] = _pickled


@dataclass(frozen=True)
class Labelled:
    """Passages with the article of each and gold labels by task, all "" for a task without any."""

    name: str
    passages: list[Passage]
    articles: list[str]
    labels: Labels


@dataclass(frozen=True)
class Result:
    """What a method found: labels by set and task; paragraphs a second of processor time, for stance alone; megabytes."""

    name: str
    found: dict[tuple[str, str], list[str]]
    speed: float
    megabytes: float


def methods(embeddings: Embeddings | None = None) -> list[Method]:
    """What is compared, ours last; sentence embeddings with logistic regression only where `embeddings` are given."""
    rules = {"stance": keyword_stances, "sentiment": keyword_sentiments}
    found = [
        Method("majority", lambda task, texts, labels: partial(_always, majority(labels, 1))),
        Method("keyword rules", lambda task, texts, labels: rules[task]),
        *[Method(name, partial(_fitted, pipeline)) for name, pipeline in baseline_pipelines().items()],
    ]
    if embeddings is not None:
        known, anew = embeddings, embeddings.encode
        found.append(
            Method(
                "E5 sentence embeddings, logistic regression",
                partial(_fitted, embedding_pipeline()),
                lambda passages: known(_paragraphs(passages)),
                lambda passages: anew(_paragraphs(passages)),
                lambda label: _pickled(label) + encoder_megabytes(),
            )
        )
    return [*found, Method(OURS, _ours, list, list, lambda label: SHIPPED.stat().st_size / 1e6)]


def labelled(rows: Sequence[Row], real: Sequence[RealSet]) -> list[Labelled]:
    """The train split (named cross-validation), the test split, and the real sets."""
    sets = []
    for name, part in ((_CROSS_VALIDATION, "train"), ("test split", "test")):
        kept = [(row, before) for row, before in zip(rows, previous_of(rows), strict=True) if row.split == part]
        labels = {task: [getattr(row, task) for row, _ in kept] for task in LABELS}
        passages: list[Passage] = [(row.text, before) for row, before in kept]
        sets.append(Labelled(name, passages, [row.article for row, _ in kept], labels))
    for each in real:
        told = {"stance": each.stances, "sentiment": each.sentiments}
        sets.append(Labelled(each.name, list(zip(each.texts, each.previous, strict=True)), each.articles, told))
    return [each for each in sets if each.passages]


def measure(method: Method, rows: Sequence[Row], sets: Sequence[Labelled]) -> Result:
    """Fit `method` inside each fold of the train split of `rows`, then on all of it, and label the sets."""
    train, *others = sets
    found: dict[tuple[str, str], list[str]] = {}
    fitted: dict[str, Label] = {}
    splits = folds([row for row in rows if row.split == "train"])
    for task in LABELS:
        out = [""] * len(train.passages)
        for inside, held in splits:
            label = _fit(method, task, train, inside.tolist())
            for k, name in zip(held, label(method.read([train.passages[i] for i in held])), strict=True):
                out[k] = str(name)
        found[train.name, task] = out
        fitted[task] = _fit(method, task, train, range(len(train.passages)))
        for each in others:
            found[each.name, task] = [str(name) for name in fitted[task](method.read(each.passages))]
    clocked = (others or sets)[0].passages[:_CLOCKED]
    return Result(method.name, found, _speed(method, fitted["stance"], clocked), method.megabytes(fitted["stance"]))


def tables(results: Sequence[Result], sets: Sequence[Labelled]) -> str:
    """Markdown: stance and sentiment (macro-F1 with 95 % intervals over articles), then what each method costs."""
    ours = next(result for result in results if result.name == OURS)
    parts = []
    for task in LABELS:
        shown = [each for each in sets if any(each.labels[task])]
        names = [f"{each.name} ({len(each.passages):,}){_unit(each.labels[task])}" for each in shown]
        lines = [_line([task, names[0], "less ours", *names[1:]]), "|---" * (len(names) + 2) + "|"]
        for result in results:
            cells = [_cell(task, each, result) for each in shown]
            lines.append(_line([result.name, cells[0], _difference(task, shown[0], ours, result), *cells[1:]]))
        parts.append("\n".join(lines))
    lines = [_line(["cost", "paragraphs a second, one thread", "times ours", "megabytes"]), "|---" * 4 + "|"]
    for r in results:
        ratio = r.speed / ours.speed
        lines.append(_line([r.name, f"{r.speed:,.0f}", f"{ratio:,.0f}" if ratio > 10 else f"{ratio:.3g}", f"{r.megabytes:.1f}"]))
    return "\n\n".join([*parts, "\n".join(lines)])


def main(arguments: list[str] | None = None) -> int:
    """Print the tables; exit code 2 when labels, real texts or the file of embeddings cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m training.compare", description=__doc__)
    parser.add_argument("--labels", type=Path, default=LABELS_CSV, metavar="FILE")
    parser.add_argument("--real", type=Path, default=REAL, metavar="DIR", help="real texts; default: ../shared/real")
    parser.add_argument("--github", type=Path, metavar="FILE", help="texts of github_dev.csv as JSON lines")
    parser.add_argument("--embeddings", action="store_true", help="with sentence embeddings (half an hour, once)")
    parser.add_argument("--cache", type=Path, metavar="FILE", help="keep the embeddings in this .npz file")
    options = parser.parse_args(arguments)
    try:
        rows, _ = read_labels(options.labels)
        sets = labelled(rows, real_sets(options.real, options.github))
        embeddings = _embeddings(options.cache) if options.embeddings else None
    except (OSError, ValueError) as error:
        print(f"training.compare: {error}", file=sys.stderr)
        return 2
    print(tables([measure(method, rows, sets) for method in progress_bar("methods")(methods(embeddings))], sets))
    return 0


def _embeddings(cache: Path | None) -> Embeddings | None:
    try:
        return Embeddings(encoder(), cache)
    except ImportError as error:
        print(f"training.compare: sentence embeddings are left out: {error}", file=sys.stderr)
        return None


def _fit(method: Method, task: str, given: Labelled, chosen: Sequence[int]) -> Label:
    return method.fit(task, method.read([given.passages[i] for i in chosen]), [given.labels[task][i] for i in chosen])


def _fitted(pipeline: Pipeline, task: str, given: Any, labels: list[str]) -> Label:
    label: Label = clone(pipeline).fit(given, labels).predict
    return label


def _ours(task: str, passages: list[Passage], labels: list[str]) -> Label:
    """The model as `stance.model` fits it; its calibration moves no winning label."""
    vectorizer = PassageVectorizer(MIN_DF)
    coef, intercept = regression(task, vectorizer.fit_transform(passages), labels)
    return lambda given: [LABELS[task][k] for k in (vectorizer.transform(given) @ coef.T + intercept).argmax(axis=1)]


def _always(label: list[str], texts: Sequence[str]) -> list[str]:
    return label * len(texts)


def _speed(method: Method, label: Label, passages: Sequence[Passage]) -> float:
    """On one thread processor time is what an idle machine takes; neighbours do not blur it."""
    taken = []
    with threadpool_limits(1):
        for _ in range(_PASSES):
            start = time.process_time()
            label(method.read_anew(passages))
            taken.append(time.process_time() - start)
    return len(passages) / max(min(taken), 1e-9)  # the clock may not move for the fastest


def _unit(truth: Sequence[str]) -> str:
    return "" if len(set(truth)) > 1 else ", labelled otherwise"


def _cell(task: str, given: Labelled, result: Result) -> str:
    truth, found = given.labels[task], result.found[given.name, task]
    if _unit(truth):
        return f"{sum(t != f for t, f in zip(truth, found, strict=True)) / len(truth):.1%}"
    counts = per_article(truth, found, given.articles, LABELS[task])
    low, high = interval(counts)
    return f"{float(macro_f1(counts.sum(0))):.3f} ({low:.3f} to {high:.3f})"


def _difference(task: str, given: Labelled, ours: Result, result: Result) -> str:
    if result is ours:
        return ""
    key = given.name, task
    told = compare(given.labels[task], ours.found[key], result.found[key], given.articles, LABELS[task])
    doubt = f", {told.verdict}" if told.verdict == "no detectable difference" else ""
    return f"{told.difference:+.3f} ({told.low:+.3f} to {told.high:+.3f}){doubt}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    raise SystemExit(main())
