"""The published sentiment benchmarks, NusaX (Indonesian) and SmSA, with our vectorizer and head; settings chosen on valid."""

from __future__ import annotations

import argparse
import csv
import itertools
import sys
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from tqdm import tqdm

from stance.features import PassageVectorizer
from training.real import REAL

__all__ = ["main", "read_benchmark"]

FOLDER = REAL.parent / "benchmarks"
# What is tried on valid: kinds of feature, in how many texts one must occur, C, class weights.
_BLOCKS = (("stem", "stem pair"), ("word",), ("stem", "stem pair", "word"), ("stem", "word"))
_MIN_DF, _C, _WEIGHTS = (1, 2), (1.0, 3.0, 10.0, 30.0), (None, "balanced")


def read_benchmark(name: str, part: str, folder: Path = FOLDER) -> tuple[list[str], list[str]]:
    """Texts and labels of `part` (train, valid, test) of `nusax` or `smsa`."""
    if name == "nusax":
        with (folder / "nusax_indonesian" / f"{part}.csv").open(encoding="utf-8", newline="") as file:
            records = [(row["text"], row["label"]) for row in csv.DictReader(file)]
    else:
        lines = (folder / "smsa" / f"{part}.tsv").read_text(encoding="utf-8").splitlines()
        records = [(text, label) for text, _, label in (line.rpartition("\t") for line in lines) if label]
    return [text for text, _ in records], [label for _, label in records]


def main(arguments: list[str] | None = None) -> int:
    """Print macro-F1 on test beside plain TF-IDF with logistic regression; exit code 2 when the data are not there."""
    parser = argparse.ArgumentParser(prog="python -m training.benchmark", description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, metavar="DIR")
    options = parser.parse_args(arguments)
    if not options.folder.is_dir():
        print(f"training.benchmark: {options.folder} is not there", file=sys.stderr)
        return 2
    for name in ("nusax", "smsa"):
        parts = {part: read_benchmark(name, part, options.folder) for part in ("train", "valid", "test")}
        plain = _score(TfidfVectorizer(), LogisticRegression(max_iter=2000), parts, "test")
        best, chosen = max(_grid(parts), key=lambda item: item[0])
        blocks, min_df, c, weight = chosen
        head = LogisticRegression(C=c, class_weight=weight, max_iter=2000)
        ours = _score(PassageVectorizer(min_df, blocks), head, parts, "test")
        print(
            f"{name}: ours {ours:.3f} on test (valid {best:.3f}; {', '.join(blocks)}; min_df {min_df}; C {c:g}; weights {weight})"
        )
        print(f"{name}: plain scikit-learn TF-IDF with logistic regression {plain:.3f} on test")
    return 0


Parts = dict[str, tuple[list[str], list[str]]]
Choice = tuple[tuple[str, ...], int, float, str | None]


def _grid(parts: Parts) -> list[tuple[float, Choice]]:
    """Macro-F1 on valid of every choice, fitted on train; each matrix is made once."""
    found: list[tuple[float, Choice]] = []
    pairs = list(itertools.product(_BLOCKS, _MIN_DF))
    for blocks, min_df in tqdm(pairs, disable=not sys.stderr.isatty()):
        vectorizer = PassageVectorizer(min_df, blocks)
        train, valid = vectorizer.fit_transform(parts["train"][0]), vectorizer.transform(parts["valid"][0])
        for c, weight in itertools.product(_C, _WEIGHTS):
            head = LogisticRegression(C=c, class_weight=weight, max_iter=2000).fit(train, parts["train"][1])
            value = float(f1_score(parts["valid"][1], head.predict(valid), average="macro"))
            found.append((value, (blocks, min_df, c, weight)))
    return found


def _score(vectorizer: PassageVectorizer | TfidfVectorizer, head: LogisticRegression, parts: Parts, on: str) -> float:
    head.fit(vectorizer.fit_transform(parts["train"][0]), parts["train"][1])
    return float(f1_score(parts[on][1], head.predict(vectorizer.transform(parts[on][0])), average="macro"))


if __name__ == "__main__":
    raise SystemExit(main())
