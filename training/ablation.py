"""What each choice gives, alone: macro-F1 in cross-validation grouped by article, or with a register or a round left out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import LeaveOneGroupOut
from tqdm import tqdm

from stance.features import ACTOR_WEIGHT, BLOCKS, PassageVectorizer
from stance.head import CLASS_WEIGHT, LABELS, SEED, TOLERANCE, C
from stance.model import MIN_DF
from stance.reading import Passage
from training.labels import Row, folds, previous_of, read_labels
from training.scores import interval, macro_f1, per_article

__all__ = ["Setting", "main", "settings"]


@dataclass(frozen=True)
class Setting:
    """One way of making the model; what is not named is as shipped."""

    name: str
    task: str = "stance"
    blocks: tuple[str, ...] = BLOCKS
    min_df: int = MIN_DF
    c: float | None = None
    weight: dict[str, float] | str | None = "shipped"
    context: bool = True
    actor_weight: float = ACTOR_WEIGHT


def settings() -> list[Setting]:
    """The table: as shipped, without each kind of feature, stems alone, and other numbers."""
    actors = tuple(block for block in BLOCKS if block not in ("stem", "stem pair", "word"))
    without = [Setting(f"without {block}", blocks=tuple(b for b in BLOCKS if b != block)) for block in BLOCKS]
    return [
        Setting("as shipped"),
        *without,
        Setting("stems and pairs only", blocks=("stem", "stem pair")),
        Setting("without all that knows actors", blocks=("stem", "stem pair", "word")),
        Setting("only what knows actors", blocks=actors),
        Setting("no paragraph before", context=False),
        *[Setting(f"actors weighted {w:g}", actor_weight=w) for w in (0.3, 0.7, 1.0)],
        *[Setting(f"C = {c:g}", c=c) for c in (2, 5, 10, 40)],
        *[Setting(f"min_df = {n}", min_df=n) for n in (1, 3, 5)],
        Setting("balanced class weights", weight="balanced"),
        Setting("positions weighted 1.3", weight={"neutral": 1.0, "pro-moscow": 1.3, "critical-of-beijing": 1.3}),
        Setting("sentiment as shipped", "sentiment"),
        Setting("sentiment, no class weights", "sentiment", weight=None),
        Setting("sentiment, balanced", "sentiment", weight="balanced"),
        *[Setting(f"sentiment, C = {c:g}", "sentiment", c=c) for c in (2, 4, 16)],
        Setting("sentiment, stems, pairs and words only", "sentiment", blocks=("stem", "stem pair", "word")),
    ]


def main(arguments: list[str] | None = None) -> int:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m training.ablation", description=__doc__)
    parser.add_argument("--only", metavar="TEXT", help="only settings whose name holds TEXT, beside the shipped one")
    parser.add_argument("--by", choices=("article", "register", "round"), default="article", help="what folds keep together")
    options = parser.parse_args(arguments)
    rows, _ = read_labels()
    kept = [(row, before) for row, before in zip(rows, previous_of(rows), strict=True) if row.split == "train"]
    chosen = [s for s in settings() if not options.only or options.only in s.name or s.name == "as shipped"]
    print("| setting | macro-F1 | 95 % interval | against shipped | false alarms |")
    print("|---|---|---|---|---|")
    shipped: dict[str, float] = {}
    for setting in tqdm(chosen, disable=not sys.stderr.isatty()):
        value, low, high, alarms = _measure(setting, options.by, [row for row, _ in kept], [before for _, before in kept])
        shipped.setdefault(setting.task, value)
        share = f"{alarms:.1%}" if setting.task == "stance" else ""
        change = value - shipped[setting.task]
        print(f"| {setting.name} | {value:.3f} | {low:.3f} to {high:.3f} | {change:+.3f} | {share} |", flush=True)
    return 0


def _folds(by: str, rows: Sequence[Row]) -> Iterable[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Five folds of articles; or each register, each round of writing (the first letter of the id), held out once: what a
    choice is worth on a manner of writing that the model has not seen."""
    if by == "article":
        return folds(rows)
    groups = [row.register if by == "register" else row.id[0] for row in rows]
    return LeaveOneGroupOut().split(np.zeros(len(rows)), groups=groups)  # type: ignore[no-any-return]


def _measure(setting: Setting, by: str, rows: Sequence[Row], previous: Sequence[str | None]) -> tuple[float, float, float, float]:
    passages: list[Passage] = [(r.text, p if setting.context else None) for r, p in zip(rows, previous, strict=True)]
    truth, articles = [getattr(row, setting.task) for row in rows], [row.article for row in rows]
    found = np.empty(len(rows), dtype=object)
    weight = CLASS_WEIGHT[setting.task] if setting.weight == "shipped" else setting.weight
    for train, held in _folds(by, rows):
        vectorizer = PassageVectorizer(setting.min_df, setting.blocks, setting.actor_weight)
        matrix = vectorizer.fit_transform([passages[i] for i in train])
        head = LogisticRegression(
            C=setting.c or C[setting.task], class_weight=weight, tol=TOLERANCE, max_iter=2000, random_state=SEED
        )
        head.fit(matrix, [truth[i] for i in train])
        found[held] = head.predict(vectorizer.transform([passages[i] for i in held]))
    tables = per_article(truth, found.tolist(), articles, LABELS[setting.task])
    neutral = LABELS[setting.task].index("neutral")
    total = tables.sum(0)
    alarms = 1 - total[neutral, neutral] / total[neutral].sum()
    return (float(macro_f1(total)), *interval(tables), float(alarms))


if __name__ == "__main__":
    raise SystemExit(main())
