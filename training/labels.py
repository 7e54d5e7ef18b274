"""The labels: read, checked, and shown. `python -m training.labels` checks labels.csv and names every bad row."""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from stance.article import CONTEXT
from stance.head import SEED, SENTIMENTS, STANCES
from stance.lexicon import Ints
from stance.model import FOLDS
from stance.text import WORD, fold

__all__ = ["COLUMNS", "LABELS_CSV", "ROOT", "Row", "check", "folds", "main", "previous_of", "progress_bar", "read_labels"]

ROOT = Path(__file__).resolve().parent.parent
LABELS_CSV = ROOT / "labels.csv"
COLUMNS = ("id", "article", "n", "date", "topic", "register", "text", "stance", "sentiment", "split")
NEEDED = ("text", "stance", "sentiment")  # what a user's own labels must have; the rest is filled in
REGISTERS = ("wire", "explainer", "tabloid", "local", "translated", "interview", "opinion", "business", "live", "list")
_ALLOWED = {
    "stance": STANCES,
    "sentiment": SENTIMENTS,
    "split": ("train", "test"),
    "topic": ("on", "off"),
    "register": REGISTERS,
}


@dataclass(frozen=True)
class Row:
    """One labelled paragraph and the number of its row in the file (the header is row 1)."""

    row: int
    id: str
    article: str
    n: int
    date: str
    topic: str
    register: str
    text: str
    stance: str
    sentiment: str
    split: str


def read_labels(path: Path = LABELS_CSV) -> tuple[list[Row], list[str]]:
    """The rows of a labels file, and the problems that keep rows from being read, each naming its row.

    Needs the columns `text`, `stance` and `sentiment`; `article`, `n` and the others are filled in where missing (each
    paragraph its own article, in the train split). Raises FileNotFoundError, or ValueError for a missing column or
    bytes that are not UTF-8.
    """
    if not path.exists():
        raise FileNotFoundError(f"there is no labels file {path}")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            header = [name or "" for name in reader.fieldnames or []]
            records = list(reader)
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8 (byte offset {error.start}); save it as UTF-8") from None
    missing = [name for name in NEEDED if name not in header]
    if missing:
        there = ", ".join(header) or "none"
        raise ValueError(f"{path} has no column {', '.join(missing)}; its columns, read as separated by commas, are {there}")
    rows, problems = [], []
    for number, record in enumerate(records, 2):
        values = {name: (record.get(name) or "").strip() for name in COLUMNS}
        if None in record:
            problems.append(f"row {number}: more cells than the header has columns")
            continue
        if values["n"] and not values["n"].isdigit():
            problems.append(f"row {number}: n is {values['n']!r}, not a whole number")
            continue
        rows.append(
            Row(
                number,
                values["id"] or f"row-{number}",
                values["article"] or f"row-{number}",
                int(values["n"] or 1),
                values["date"],
                values["topic"] or "on",
                values["register"] or "wire",
                values["text"],
                values["stance"],
                values["sentiment"],
                values["split"] or "train",
            )
        )
    return rows, problems


def check(rows: Sequence[Row]) -> list[str]:
    """What is wrong with the rows, one sentence each, naming row numbers; an empty list when nothing is."""
    problems = []
    for row in rows:
        if not row.text:
            problems.append(f"row {row.row}: empty text")
        for column, allowed in _ALLOWED.items():
            value = getattr(row, column)
            if value not in allowed:
                problems.append(f"row {row.row}: {column} is {value!r}; it must be one of {', '.join(allowed)}")
    for name, group in _grouped(rows, "id").items():
        if len(group) > 1:
            problems.append(f"rows {_numbers(group)}: the id {name} stands {len(group)} times")
    for name, group in _grouped(rows, "article").items():
        if len({row.split for row in group}) > 1:
            problems.append(f"rows {_numbers(group)}: the article {name} is in two splits")
        if len({row.n for row in group}) < len(group):
            problems.append(f"rows {_numbers(group)}: the article {name} has two paragraphs with one number")
    twins: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        twins[" ".join(fold(word) for word in WORD.findall(row.text))].append(row)
    for words, group in twins.items():
        if len(group) > 1 and words:
            contradicting = len({(row.stance, row.sentiment) for row in group}) > 1
            problems.append(f"rows {_numbers(group)}: the same text{' with different labels' if contradicting else ''}")
    return problems


def previous_of(rows: Sequence[Row]) -> list[str | None]:
    """For each row the paragraphs before it in its article (up to CONTEXT of them, one to a line), or None."""
    by_article = _grouped(rows, "article")
    before: dict[int, str | None] = {}
    for group in by_article.values():
        ordered = sorted(group, key=lambda row: row.n)
        for k, row in enumerate(ordered):
            before[row.row] = "\n".join(other.text for other in ordered[max(0, k - CONTEXT) : k]) or None
    return [before[row.row] for row in rows]


def folds(rows: Sequence[Row]) -> list[tuple[Ints, Ints]]:
    """The folds of `stance.model.validation_logits`: for each the numbers of the rows to fit on and of those held out."""
    from sklearn.model_selection import StratifiedGroupKFold

    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    return list(splitter.split(np.zeros(len(rows)), [row.stance for row in rows], [row.article for row in rows]))


def progress_bar(name: str) -> Callable[[list[Any]], Iterable[Any]]:
    """A wrapper of lists that shows a progress bar on a terminal."""
    return lambda items: tqdm(items, desc=name, disable=not sys.stderr.isatty())


def _grouped(rows: Sequence[Row], column: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, column)].append(row)
    return groups


def _numbers(rows: Sequence[Row]) -> str:
    return ", ".join(str(row.row) for row in rows[:6]) + (" …" if len(rows) > 6 else "")


def main(arguments: list[str] | None = None) -> int:
    """Check a labels file and print what is wrong; exit code 1 when something is."""
    parser = argparse.ArgumentParser(prog="python -m training.labels", description="Check labels, show their agreement.")
    parser.add_argument("--labels", type=Path, default=LABELS_CSV, metavar="FILE")
    parser.add_argument("--agreement", action="store_true", help="agreement of the readings in annotations.csv")
    parser.add_argument(
        "--corpus",
        action="store_true",
        help="show the counts of the card; for labels of your own also check them for repetition, strata and shortcuts",
    )
    parser.add_argument("--suspects", action="store_true", help="the labels most likely wrong")
    options = parser.parse_args(arguments)
    try:
        rows, problems = read_labels(options.labels)
    except (OSError, ValueError) as error:
        print(f"training.labels: {error}", file=sys.stderr)
        return 2
    problems += check(rows)
    if options.corpus or options.labels == LABELS_CSV:
        from training.corpus import check_corpus
        from training.real import REAL

        problems += check_corpus(rows, REAL)
    for problem in problems:
        print(problem)
    articles = len({row.article for row in rows})
    print(f"{len(rows)} paragraphs in {articles} articles, {len(problems)} problems")
    for column in ("split", "stance", "sentiment", "register"):
        counts = Counter(getattr(row, column) for row in rows)
        print(f"{column}: " + ", ".join(f"{name} {count}" for name, count in counts.most_common()))
    if options.agreement:
        from training.agreement import agreement_table

        print(agreement_table(rows))
    if options.corpus:
        from training.corpus import shortcuts, strata, war_without_china

        for name, found in strata(rows).items():
            print(f"{name}: " + ", ".join(f"{value} {count}" for value, count in sorted(found.items())))
        print(f"articles about the war without China: {war_without_china(rows)}")
        for token, count, stance, share in shortcuts(rows):
            print(f"{token}: {share:.0%} of {count} {stance}")
    if options.suspects:
        from training.suspects import suspects_table

        print(suspects_table(rows))
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
